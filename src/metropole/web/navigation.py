"""The ways through the site that the head of every page offers."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from metropole.messages import Message
from metropole.web import languages
from metropole.web.serving import current_edition

_SEARCH = "search.search"
#: Each way: where it begins, what it is called, and the endpoints that lie on it.
_WAYS = (
    ("browse.index", Message("Explore"), ("browse", "documents.thing", "documents.document")),
    ("queries.index", Message("Questions"), ("queries",)),
    ("stories.index", Message("Stories"), ("stories",)),
    ("sparql.sparql", Message("Query"), ("sparql",)),
    ("documents.ontology", Message("Ontology"), ("documents.ontology", "documents.shapes")),
    ("dumps.index", Message("Downloads"), ("dumps", "catalogue")),
    ("releases.index", Message("Releases"), ("releases", "quality")),
)


@dataclass(frozen=True)
class Way:
    """A link in the head of pages."""

    text: str
    address: str
    #: `page` where it leads to the page that is shown, `true` where that lies below it, or empty.
    current: str


def register(app: Flask) -> None:
    """Give templates the ways, and the address of the search where the site has one."""
    app.context_processor(lambda: {"ways": _ways, "search_address": _search_address})


def _ways() -> list[Way]:
    there = current_app.view_functions
    return [
        Way(languages.translated(text), url_for(endpoint), _current(endpoint, below))
        for endpoint, text, below in _WAYS
        if endpoint in there and (endpoint != "stories.index" or _has_stories())
    ]


def _current(endpoint: str, below: tuple[str, ...]) -> str:
    here = request.endpoint or ""
    if here == endpoint:
        return "page"
    return "true" if here in below or here.partition(".")[0] in below else ""


def _has_stories() -> bool:
    content: Any = current_edition().store.release.manifest.content
    return bool(content.stories_sha256)


def _search_address() -> str:
    return url_for(_SEARCH) if _SEARCH in current_app.view_functions else ""
