"""Render the page about a thing, by the template of its class."""

from collections.abc import Iterable

from metropole.web.entity.descriptions import Description
from metropole.web.entity.page import EntityPage, Version
from metropole.web.entity.structured_data import structured_data
from metropole.web.entity.templates import templates_of
from metropole.web.serving import Edition


def entity_page(
    edition: Edition, description: Description, versions: Iterable[Version] = ()
) -> str:
    """Render the page about a thing, as a release has it."""
    page = EntityPage(edition, description, versions)
    names = [each.value.rstrip("/#").replace("#", "/").rpartition("/")[2] for each in page.lineage]
    return templates_of(edition).rendered(names, page=page, structured_data=structured_data(page))
