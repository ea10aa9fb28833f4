"""Say the texts of a site, as titles and questions, in the language that the reader likes best."""

from typing import Protocol

from flask import Flask
from markupsafe import Markup

from metropole.web import languages
from metropole.web.labels import Name
from metropole.web.serving import current_edition, serving
from metropole.wordings import Wordings, chosen


def register(app: Flask) -> None:
    """Let templates say texts, and mark those in another language than that of the page."""
    app.jinja_env.globals.update(worded=worded, site_title=site_title, lang_of=lang_of)


def worded(wordings: Wordings) -> Name:
    """Say a text that is there in one language or in several."""
    return Name(*chosen(wordings, languages.liked(), serving().settings.languages))


def site_title() -> Name:
    """Say what the site is called, as the current release has it."""
    return worded(current_edition().store.release.manifest.content.titles)


class _InLanguage(Protocol):
    @property
    def language(self) -> str: ...


def lang_of(name: _InLanguage) -> Markup:
    """Give the attribute that marks what is in another language than that of the page."""
    if name.language in ("", languages.language()):
        return Markup("")
    return Markup(' lang="{}"').format(name.language)
