"""Render the page about a thing, by the template of its class."""

from collections.abc import Iterable

from metropole.web.descriptions import Description
from metropole.web.entity_page import EntityPage, Version
from metropole.web.entity_templates import templates_of
from metropole.web.serving import Edition
from metropole.web.structured_data import structured_data


def entity_page(
    edition: Edition, description: Description, versions: Iterable[Version] = ()
) -> str:
    """Render the page about a thing, as a release has it."""
    page = EntityPage(edition, description, versions)
    names = [each.value.rstrip("/#").replace("#", "/").rpartition("/")[2] for each in page.lineage]
    return templates_of(edition).rendered(names, page=page, structured_data=structured_data(page))
