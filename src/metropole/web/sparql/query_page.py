"""The page of the query form: examples, the query, and its answer: rows, a picture, an error."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Response, make_response, render_template, url_for
from werkzeug.datastructures import MultiDict

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, TURTLE
from metropole.messages import Message
from metropole.saved_queries import Chart, ChartKind, Form
from metropole.store.query_pool import Answer
from metropole.web import languages
from metropole.web.pictures import Choices, Picture, choices, picture
from metropole.web.requests.negotiation import HTML
from metropole.web.requests.problems import Problem
from metropole.web.responses import static_folder
from metropole.web.serving import Edition
from metropole.web.sparql.chart_parameters import asked_chart, chart_parameters
from metropole.web.sparql.examples import by_topic, examples
from metropole.web.values.query_rows import Rows, rows_of

_JSON, _ROWS = RESULT_FORMATS[0], next(each for each in RESULT_FORMATS if each.extension == "tsv")
#: What a page asks the query pool for: rows as lines, else yes or no, else a graph.
MEDIA_TYPES = (_ROWS.media_type, _JSON.media_type, TURTLE.media_type)
ROWS_SHOWN = 1000
#: Rows that a picture is drawn from.
ROWS_DRAWN = 2000
#: The parameter of the form that tells of which query the picture was.
_DRAWN_FOR = "drawn-for"
_CHARACTERS_SHOWN = 200_000
#: Longer addresses are refused by servers and proxies, so no link is made of such a query.
_ADDRESS_LENGTH = 6000
_FIRST_QUERY = """\
SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
"""


@dataclass(frozen=True)
class View:
    """How an answer is to be shown, and of which release: what a link keeps beside the query."""

    chart: Chart | None = None
    #: The release that the address names; empty for the current one.
    release: str = ""

    def parameters(self, **changed: str) -> dict[str, str]:
        """Write the view as parameters of an address; an empty one is left out."""
        release = {"release": self.release} if self.release else {}
        given = {**chart_parameters(self.chart), **release, **changed}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Shown:
    """An answer as the page shows it."""

    #: `rows`, `boolean` or `graph`.
    form: str
    rows: Rows | None = None
    boolean: bool = False
    #: The beginning of a graph in Turtle.
    text: str = ""
    #: Whether there is more than is shown.
    is_cut: bool = False
    choices: Choices = field(default_factory=lambda: Choices(()))
    picture: Picture | None = None


def asked_view(parameters: MultiDict[str, str], query: str) -> View:
    """Read how an answer is to be shown; raises Problem for a picture that there is not.

    The form sends along which query its picture was of, and another one is not drawn like it.
    """
    is_another = parameters.get(_DRAWN_FOR, "") not in ("", _sign(query))
    chart = None if is_another else asked_chart(parameters)
    return View(chart, parameters.get("release", ""))


def _sign(query: str) -> str:
    """Tell queries apart by few letters; forms write ends of lines as they like."""
    return sha256("\n".join(query.split()).encode()).hexdigest()[:8]


def form_page(edition: Edition, example: str = "") -> str:
    """Write the form with an example, or with a query that suits every graph."""
    chosen = [each for each in examples(edition.store.release) if each.name == example]
    if example and not chosen:
        told = Message("No saved query is called '%(name)s'.", name=example)
        raise Problem(404, Message("There is no such example"), told)
    if not chosen:
        return _page(edition, _FIRST_QUERY, View())
    return _page(edition, chosen[0].text, View(chosen[0].chart))


def answer_page(edition: Edition, query: str, answer: Answer, view: View) -> Response:
    """Show the answer to a query below the form; closes the body of the answer."""
    try:
        shown = _shown(edition, answer, view)
    finally:
        answer.body.close()
    return _response(edition, _page(edition, query, view, shown=shown))


def problem_page(edition: Edition, query: str, problem: Problem) -> Response:
    """Show below the form why a query got no answer."""
    response = _response(edition, _page(edition, query, View(), problem=problem))
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(problem.headers)
    return response


def _response(edition: Edition, page: str) -> Response:
    response = make_response(page)
    response.headers["Content-Type"] = HTML.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Metropole-Release"] = edition.id
    return response


def _page(
    edition: Edition,
    query: str,
    view: View,
    *,
    shown: Shown | None = None,
    problem: Problem | None = None,
) -> str:
    is_short = len(_address(query, view)) <= _ADDRESS_LENGTH
    return render_template(
        "sparql.html",
        formats=RESULT_FORMATS,
        topics=by_topic(examples(edition.store.release)),
        text=query,
        view=view,
        kept=view.parameters() | ({_DRAWN_FOR: _sign(query)} if view.chart else {}),
        shown=shown,
        problem=problem,
        downloads=_downloads(query, view, shown) if shown and is_short else [],
        views=_views(query, view, shown.choices) if shown and is_short else [],
        permanent=_address(query, _kept(edition, view, shown)) if is_short else "",
        latest=_address(query, View(view.chart)) if is_short else "",
        kinds=_KINDS,
        parts=_PART_NAMES,
        rows_shown=ROWS_SHOWN,
        has_editor=_has_editor(),
        texts={name: languages.translated(text) for name, text in _EDITOR_TEXTS.items()},
    )


def _has_editor() -> bool:
    """Tell whether the editor was built; without it the form is a plain one."""
    return (static_folder() / "editor" / "editor.js").is_file()


def _address(query: str, view: View, **changed: str) -> str:
    values: dict[str, Any] = {"query": query, **view.parameters(**changed)}
    return url_for("sparql.sparql", **values)


def _kept(edition: Edition, view: View, shown: Shown | None) -> View:
    """Give the view with all that was chosen for it, for an address that keeps its answer."""
    chart = shown.choices.chart if shown else view.chart
    return View(chart, edition.id)


def _downloads(query: str, view: View, shown: Shown) -> list[dict[str, str]]:
    """List the formats of the answer with their addresses."""
    formats = GRAPH_FORMATS if shown.form == "graph" else RESULT_FORMATS
    return [
        {
            "name": entry.name,
            "extension": entry.extension,
            "address": _address(query, View(release=view.release), format=entry.extension),
        }
        for entry in formats
        if shown.form != "boolean" or getattr(entry, "holds_boolean", True)
    ]


#: What the parts of a picture are called.
_PART_NAMES = {
    "x": Message("Names or years"),
    "y": Message("Numbers"),
    "series": Message("Colours"),
    "low": Message("Lower bounds"),
    "high": Message("Upper bounds"),
}
_KINDS = {
    ChartKind.BAR: Message("Bars"),
    ChartKind.LINE: Message("Lines"),
    ChartKind.MAP: Message("Map"),
}
#: What the editor says, by the names it has there.
_EDITOR_TEXTS = {
    "asking": Message("Asking …"),
    "loading": Message("Loading …"),
    "raw": Message("Raw response"),
    "more": Message("… The download is whole."),
    "leaves": Message("Tab now leaves the editor."),
    "silent": Message("No answer came:"),
    "nothing": Message("Nothing to complete:"),
}


def _views(query: str, view: View, found: Choices) -> list[dict[str, object]]:
    """List the ways to show the rows, with their addresses; none where there is only one."""
    if not found.kinds:
        return []
    table = View(release=view.release)
    drawn = found.chart.kind if found.chart else None
    return [
        {"name": Message("Table"), "address": _address(query, table), "is_current": drawn is None},
        *(
            {
                "name": _KINDS[kind],
                "address": _address(query, table, chart=kind.value),
                "is_current": drawn is kind,
            }
            for kind in found.kinds
        ),
    ]


def _shown(edition: Edition, answer: Answer, view: View) -> Shown:
    if answer.form == "graph":
        return _graph(answer.body.pieces())
    if answer.form == "boolean":
        return Shown("boolean", boolean=bool(json.loads(b"".join(answer.body.pieces()))["boolean"]))
    wanted = ROWS_DRAWN if view.chart else ROWS_SHOWN
    rows = rows_of(
        answer.body.pieces(),
        Form.SELECT,
        edition.store,
        wanted=wanted,
        languages=languages.liked(),
        is_counted=False,
    )
    found = choices(rows, view.chart)
    drawn = picture(rows, found.chart, static_folder()) if found.chart else None
    return Shown("rows", rows, is_cut=rows.total > ROWS_SHOWN, choices=found, picture=drawn)


def _graph(pieces: Iterable[bytes]) -> Shown:
    text = b""
    for piece in pieces:
        text += piece
        if len(text) > _CHARACTERS_SHOWN:
            break
    # A cut may fall inside a character.
    shown = text[:_CHARACTERS_SHOWN].decode(errors="ignore")
    return Shown("graph", text=shown, is_cut=len(text) > _CHARACTERS_SHOWN)
