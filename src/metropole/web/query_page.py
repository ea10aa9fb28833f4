"""The page of the query form: examples, the query, and its answer as a table or an error."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox
from flask import Response, current_app, make_response, render_template, url_for

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, TURTLE
from metropole.graph.names import Names
from metropole.store.query_pool import Answer
from metropole.vocab import RDF, XSD
from metropole.web import addresses
from metropole.web.entity_page import Value
from metropole.web.examples import by_topic, examples
from metropole.web.labels import Name
from metropole.web.negotiation import HTML
from metropole.web.problems import Problem
from metropole.web.serving import Edition

#: What a page asks the query pool for.
MEDIA_TYPES = (RESULT_FORMATS[0].media_type, TURTLE.media_type)
ROWS_SHOWN = 1000
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
class Shown:
    """An answer as the page shows it."""

    #: `rows`, `boolean` or `graph`.
    form: str
    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Value | None, ...], ...] = ()
    boolean: bool = False
    #: The beginning of a graph in Turtle.
    text: str = ""
    #: Whether there is more than is shown.
    is_cut: bool = False


def form_page(edition: Edition, example: str = "") -> str:
    """Write the form with an example, or with a query that suits every graph."""
    chosen = [each for each in examples(edition.store.release) if each.name == example]
    if example and not chosen:
        raise Problem(404, "There is no such example", f"No saved query is called '{example}'.")
    return _page(edition, chosen[0].text if chosen else _FIRST_QUERY)


def answer_page(edition: Edition, query: str, answer: Answer) -> Response:
    """Show the answer to a query below the form; closes the body of the answer."""
    try:
        shown = _shown(edition, answer)
    finally:
        answer.body.close()
    return _response(edition, _page(edition, query, shown=shown))


def problem_page(edition: Edition, query: str, problem: Problem) -> Response:
    """Show below the form why a query got no answer."""
    response = _response(edition, _page(edition, query, problem=problem))
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
    edition: Edition, query: str, *, shown: Shown | None = None, problem: Problem | None = None
) -> str:
    return render_template(
        "sparql.html",
        formats=RESULT_FORMATS,
        topics=by_topic(examples(edition.store.release)),
        text=query,
        shown=shown,
        problem=problem,
        downloads=_downloads(query, shown) if shown else [],
        has_editor=_has_editor(),
    )


def _has_editor() -> bool:
    """Tell whether the editor was built; without it the form is a plain one."""
    return (Path(current_app.static_folder or "") / "editor" / "editor.js").is_file()


def _downloads(query: str, shown: Shown) -> list[dict[str, str]]:
    """List the formats of the answer with their addresses."""
    formats = GRAPH_FORMATS if shown.form == "graph" else RESULT_FORMATS
    links = [
        {
            "name": entry.name,
            "extension": entry.extension,
            "address": url_for("sparql.sparql", query=query, format=entry.extension),
        }
        for entry in formats
        if shown.form != "boolean" or getattr(entry, "holds_boolean", True)
    ]
    return [link for link in links if len(link["address"]) <= _ADDRESS_LENGTH]


def _shown(edition: Edition, answer: Answer) -> Shown:
    if answer.form == "graph":
        return _graph(answer.body.pieces())
    found = ox.parse_query_results(
        io.BufferedReader(_Pieces(answer.body.pieces())), format=ox.QueryResultsFormat.JSON
    )
    if isinstance(found, ox.QueryBoolean):
        return Shown("boolean", boolean=bool(found))
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    writer = _Cells(edition)
    rows = [
        tuple(writer.cell(solution[name]) for name in names)
        for solution in islice(found, ROWS_SHOWN + 1)
    ]
    return Shown("rows", tuple(names), tuple(rows[:ROWS_SHOWN]), is_cut=len(rows) > ROWS_SHOWN)


def _graph(pieces: Iterable[bytes]) -> Shown:
    text = b""
    for piece in pieces:
        text += piece
        if len(text) > _CHARACTERS_SHOWN:
            break
    # A cut may fall inside a character.
    shown = text[:_CHARACTERS_SHOWN].decode(errors="ignore")
    return Shown("graph", text=shown, is_cut=len(text) > _CHARACTERS_SHOWN)


class _Pieces(io.RawIOBase):
    """A file made of pieces, so that the parser reads no more than is shown."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._pieces, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


class _Cells:
    """Writes terms as the cells of a table show them."""

    def __init__(self, edition: Edition) -> None:
        content = edition.store.release.manifest.content
        self._base = content.base
        self._names = Names(content.prefixes)

    def cell(self, term: object) -> Value | None:
        if term is None:
            return None
        if isinstance(term, ox.NamedNode):
            return self._link(term.value)
        if isinstance(term, ox.Literal):
            return Value(Name(term.value, term.language or ""), datatype=self._datatype(term))
        return Value(Name(str(term)))

    def _link(self, iri: str) -> Value:
        local = addresses.document_of(iri, base=self._base)
        name = Name(self._names.short(iri) or iri.removeprefix(self._base) or iri)
        if local is not None:
            return Value(name, local, is_local=True)
        return Value(name, iri if iri.startswith(("http://", "https://")) else "")

    def _datatype(self, literal: ox.Literal) -> str:
        """Name a datatype that the value does not show by itself."""
        datatype = literal.datatype.value
        if datatype.startswith(XSD) or datatype == RDF + "langString":
            return ""
        return self._names.short(datatype) or datatype
