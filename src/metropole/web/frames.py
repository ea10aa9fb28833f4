"""What is the same on all pages of a release: links of the head, masthead and foot.

It differs by the language and by the way through the site that a page lies on, so it is written
once for each of them. Only what is searched for is nobody else's.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, g, render_template, request, url_for
from markupsafe import Markup

from metropole.web import languages
from metropole.web.labels.worded import site_title
from metropole.web.serving import Edition, current_edition

_FOLDER, _NOTHING = "frame", ""
#: Addresses that each frame remembers.
_ADDRESSES_KEPT = 1000


@dataclass(frozen=True)
class Frame:
    """The parts of a page around what it is about, as HTML."""

    head: Markup
    masthead: Markup
    foot: Markup
    #: What addresses of styles and scripts begin with.
    static: str
    _addresses: dict[tuple[str, ...], str] = field(default_factory=dict)

    def statements_of(self, graph: str) -> str:
        """Give the address of the statements of a named graph; pages tell the same few."""
        return self._address("graph_store.graph", graph=graph)

    def release(self, name: str) -> str:
        """Give the address of the page of a release."""
        return self._address("releases.release", name=name)

    def _address(self, endpoint: str, **values: Any) -> str:
        key = (endpoint, *values.values())
        found = self._addresses.get(key)
        if found is None:
            if len(self._addresses) >= _ADDRESSES_KEPT:
                self._addresses.clear()
            found = self._addresses[key] = url_for(endpoint, **values)
        return found


def register(app: Flask) -> None:
    """Give templates the frame of their page."""
    app.context_processor(lambda: {"frame": _frame()})


def _frame() -> Frame | None:
    """Give the frame of the page that is made; None while it is made itself."""
    if g.get("makes_frame"):
        return None
    kept = current_edition().once(_frames)
    searched = request.args.get("q", _NOTHING)
    key = (
        request.script_root,
        languages.language(),
        languages.asked(),
        site_title().language,
        request.endpoint,
    )
    found = kept.get(key) if searched == _NOTHING else None
    if found is None:
        found = _made()
        if searched == _NOTHING:
            kept[key] = found
    return found


def _frames(_: Edition) -> dict[tuple[str | None, ...], Frame]:
    """Keep frames by language and way: filled as they are asked for."""
    return {}


def _made() -> Frame:
    g.makes_frame = True
    try:
        parts = (render_template(f"{_FOLDER}/{name}.html") for name in ("head", "masthead", "foot"))
        head, masthead, foot = map(Markup, parts)
    finally:
        g.makes_frame = False
    return Frame(head, masthead, foot, url_for("static", filename=""))
