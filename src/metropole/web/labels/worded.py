"""Say the texts of a site, as titles and questions, in the language that the reader likes best."""

import re
from collections.abc import Iterable
from typing import Protocol

from flask import Flask
from markupsafe import Markup

from metropole.web import languages
from metropole.web.labels import Name
from metropole.web.languages import ORIGINAL
from metropole.web.serving import current_edition, serving
from metropole.wordings import Wordings, chosen

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


def register(app: Flask) -> None:
    """Let templates say texts, and mark those in another language than that of the page."""
    app.jinja_env.globals.update(
        worded=worded,
        site_title=site_title,
        lang_of=lang_of,
        topic_name=topic_name,
        column_names=column_names,
    )


def worded(wordings: Wordings) -> Name:
    """Say a text that is there in one language or in several."""
    return Name(*chosen(wordings, languages.liked(), serving().settings.languages))


def site_title() -> Name:
    """Say what the site is called, as the current release has it."""
    return worded(current_edition().store.release.manifest.content.titles)


def topic_name(tag: str) -> Name:
    """Say what a tag of saved queries is called."""
    topics = current_edition().store.release.manifest.content.topics
    return worded({"": tag, **topics.get(tag, {})})


def column_name(column: str) -> Name:
    """Say what a column of an answer is called; without a name of the site, its English words."""
    columns = current_edition().store.release.manifest.content.columns
    return worded({ORIGINAL: words(column), **columns.get(column, {})})


def words(column: str) -> str:
    """Write the name of a column as words: `cityName` is city name."""
    return _HUMP.sub(" ", column).lower()


def column_names(columns: Iterable[str], *, own: bool = False) -> list[Name]:
    """Say what the columns of a table are called; `own` for the variables as they are."""
    return [Name(each, ORIGINAL) if own else column_name(each) for each in columns]


class _InLanguage(Protocol):
    @property
    def language(self) -> str: ...


def lang_of(name: _InLanguage) -> Markup:
    """Give the attribute that marks what is in another language than that of the page."""
    if name.language in ("", languages.language()):
        return Markup("")
    return Markup(' lang="{}"').format(name.language)
