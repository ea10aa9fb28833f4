"""The templates of entity pages: those of the site first, then ours, then that for everything.

A template is chosen by the last part of the IRI of a class: `City.html` for `schema:City`. The
templates of a site are in its release, so a page is always that of its release. They are Jinja's
and not sandboxed: whoever writes into the folder of a site may do what the server may.
"""

from functools import cached_property
from typing import Any

from flask import current_app
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, Template
from jinja2.environment import TemplateModule

from metropole.release import Release
from metropole.sources import TEMPLATES
from metropole.web.serving import Edition

_GENERIC, _OURS, _PARTS = "entity.html", "entities", "entities/parts.html"


def templates_of(edition: Edition) -> "EntityTemplates":
    """Give the templates of the entity pages of an edition, those of the site among them."""
    return edition.once(_templates)


def _templates(edition: Edition) -> "EntityTemplates":
    return EntityTemplates(edition.store.release)


class EntityTemplates:
    """The templates that the pages of one release are made with."""

    def __init__(self, release: Release) -> None:
        self._folder = release.folder / TEMPLATES
        self._chosen: dict[tuple[str, ...], Template] = {}

    @cached_property
    def _environment(self) -> Environment:
        """Compile each template once."""
        ours = current_app.jinja_env
        if not self._is_there or ours.loader is None:
            return ours
        site = FileSystemLoader(self._folder)
        # `metropole/entities/City.html` is ours also where the site has a City.html of its own.
        whole = ChoiceLoader([site, ours.loader, PrefixLoader({"metropole": ours.loader})])
        return ours.overlay(loader=whole, cache_size=400)

    def rendered(self, classes: list[str], **context: Any) -> str:
        """Render the template of the first class that has one."""
        key = tuple(classes)
        if key not in self._chosen:
            self._chosen[key] = self._choose(classes)
        template = self._chosen[key]
        # What the templates of classes write with, those of a site too.
        html: Any = self._environment.globals["html"]
        context.update(link=html.link, value=html.value, parts=self._parts)
        current_app.update_template_context(context)
        return template.render(context)

    @cached_property
    def _parts(self) -> TemplateModule:
        """Give the macros for parts of pages; they know nothing of a page, so one set does."""
        return self._environment.get_template(_PARTS).module

    def _choose(self, classes: list[str]) -> Template:
        own = {path.name for path in self._folder.glob("*.html")} if self._is_there else set()
        wanted = []
        for name in (f"{each}.html" for each in classes):
            wanted += [name] if name in own else []
            wanted.append(f"{_OURS}/{name}")
        return self._environment.select_template([*wanted, _GENERIC])

    @cached_property
    def _is_there(self) -> bool:
        return self._folder.is_dir()
