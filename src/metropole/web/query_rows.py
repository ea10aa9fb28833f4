"""The answer to a saved query as rows of a page: the first ones, and how many there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from metropole.saved_queries import Form
from metropole.store.answer_body import Body
from metropole.store.reading import ReadingStore
from metropole.vocab import RDF, XSD
from metropole.web import addresses
from metropole.web.entity_page import Value
from metropole.web.labels import Labels, Name

#: Rows that a page shows; the formats have them all.
ROWS_SHOWN = 200
_TRIPLE = ("subject", "property", "value")
_NUMBERS = tuple(XSD + name for name in ("integer", "decimal", "double", "float", "int", "long"))
_QUIET = (XSD + "string", RDF + "langString", XSD + "boolean", *_NUMBERS)
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None


@dataclass(frozen=True)
class Cell:
    """A value of a row."""

    value: Value
    is_number: bool = False


@dataclass(frozen=True)
class Rows:
    """The first rows of an answer, the names of their columns, and how many rows there are."""

    columns: tuple[str, ...]
    rows: list[list[Cell]]
    total: int


def rows_of(body: Body, form: Form, store: ReadingStore) -> Rows:
    """Read the rows of SELECT from TSV, the triples of a graph from N-Triples."""
    has_head = form is Form.SELECT
    lines, total = _first_lines(body.pieces(), ROWS_SHOWN + has_head)
    if has_head:
        found = ox.parse_query_results(b"".join(lines), format=ox.QueryResultsFormat.TSV)
        assert isinstance(found, ox.QuerySolutions)
        columns = tuple(variable.value for variable in found.variables)
        terms: list[list[Term]] = [list(solution) for solution in found]
    else:
        columns = _TRIPLE
        quads = ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES)
        terms = [[quad.subject, quad.predicate, quad.object] for quad in quads]
    return Rows(columns, _cells(terms, store), total - has_head)


def _first_lines(pieces: Iterable[bytes], wanted: int) -> tuple[list[bytes], int]:
    """Keep the first lines, and count all: an answer can be larger than the memory."""
    kept, total = b"", 0
    for piece in pieces:
        if total < wanted:
            kept += piece
        total += piece.count(b"\n")
    return kept.splitlines(keepends=True)[:wanted], total


def _cells(rows: list[list[Term]], store: ReadingStore) -> list[list[Cell]]:
    nodes = (term for term in chain.from_iterable(rows) if isinstance(term, ox.NamedNode))
    labels = Labels(store, nodes)
    base = store.release.manifest.content.base
    return [[_cell(term, labels, base) for term in row] for row in rows]


def _cell(term: Term, labels: Labels, base: str) -> Cell:
    if term is None:
        return Cell(Value(Name("")))
    if isinstance(term, ox.NamedNode):
        local = addresses.document_of(term.value, base=base)
        outside = term.value if term.value.startswith(("http://", "https://")) else ""
        return Cell(Value(labels.of(term), local or outside, local is not None))
    if not isinstance(term, ox.Literal):
        return Cell(Value(Name(str(term))))
    kind = term.datatype.value
    shown = "" if kind in _QUIET else kind.removeprefix(XSD)
    return Cell(Value(Name(term.value, term.language or ""), datatype=shown), kind in _NUMBERS)
