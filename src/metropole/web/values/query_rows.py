"""The answer to a query as rows of a page: the first ones, with the names of things in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import pyoxigraph as ox

from metropole.graph.names import Names
from metropole.saved_queries import Form
from metropole.store.reading import ReadingStore
from metropole.vocab import NUMBERS, RDF, XSD
from metropole.web import addresses
from metropole.web.labels import Labels, Name
from metropole.web.values.shown_values import Value

_TRIPLE = ("subject", "property", "value")
#: Datatypes whose values say by themselves what they are.
_QUIET = (
    *(XSD + name for name in ("string", "boolean", "date", "dateTime", "gYear", "gYearMonth")),
    RDF + "langString",
    *NUMBERS,
)
#: Days, months and years with their time, as data write them (XML Schema, part 2).
_DAY = re.compile(r"-?\d{4}(-\d\d(-\d\d)?)?(T\S*|Z)?$")
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None


@dataclass(frozen=True)
class Cell:
    """A value of a row."""

    value: Value
    term: Term = None
    is_number: bool = False
    #: An IRI as queries write it, where the value shows a name instead.
    short: str = ""
    #: Whether it is a day or a month as data write it, as 2007-06-13.
    is_day: bool = False


@dataclass(frozen=True)
class Rows:
    """The first rows of an answer, the names of their columns, and how many rows there are."""

    columns: tuple[str, ...]
    rows: list[list[Cell]]
    #: How many rows the answer has; where they were not counted, more than were read or as many.
    total: int
    #: For each column, whether it holds numbers and nothing else.
    numeric: tuple[bool, ...] = field(init=False)
    #: The column that tells most rows apart by a name; None where no column holds names.
    naming: int | None = field(init=False)

    def __post_init__(self) -> None:
        cells = [[row[place] for row in self.rows] for place in range(len(self.columns))]
        found = [[cell for cell in column if cell.term is not None] for column in cells]
        numeric = tuple(bool(column) and all(cell.is_number for cell in column) for column in found)
        object.__setattr__(self, "numeric", numeric)
        different = [_names(column) for column in found]
        most = max(different, default=(0, 0))
        object.__setattr__(self, "naming", different.index(most) if most[0] else None)

    @property
    def places(self) -> range:
        """Give the places of the columns."""
        return range(len(self.columns))

    def filled(self, shown: int) -> list[int]:
        """Give the places of the columns that have a value in the rows that are shown."""
        rows = self.rows[:shown]
        return [place for place in self.places if any(row[place].term is not None for row in rows)]


def _names(column: list[Cell]) -> tuple[int, int]:
    """Count the different names of a column, and those that lead somewhere."""
    named = {cell.value for cell in column if not (cell.is_number or cell.is_day)}
    return len(named), sum(1 for value in named if value.address)


def rows_of(
    pieces: Iterable[bytes],
    form: Form,
    store: ReadingStore,
    *,
    wanted: int,
    languages: tuple[str, ...] = (),
    is_counted: bool = True,
) -> Rows:
    """Read the first rows of SELECT from TSV, the triples of a graph from N-Triples.

    Rows that are not wanted are counted, or left unread. Things are named in the first of the
    languages, else in those of the site.
    """
    has_head = form is Form.SELECT
    lines, total = _first_lines(pieces, wanted + has_head, is_counted=is_counted)
    if has_head:
        found = ox.parse_query_results(b"".join(lines), format=ox.QueryResultsFormat.TSV)
        assert isinstance(found, ox.QuerySolutions)
        columns = tuple(variable.value for variable in found.variables)
        terms: list[list[Term]] = [list(solution) for solution in found]
    else:
        columns = _TRIPLE
        quads = ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES)
        terms = [[quad.subject, quad.predicate, quad.object] for quad in quads]
    return rows_from(columns, terms, store, total=total - has_head, languages=languages)


def rows_from(
    columns: tuple[str, ...],
    terms: list[list[Term]],
    store: ReadingStore,
    *,
    total: int,
    languages: tuple[str, ...] = (),
) -> Rows:
    """Write terms that stand in rows, of an answer or of something else, as pages show them."""
    return Rows(columns, list(_cells(terms, store, languages)), total)


def _first_lines(
    pieces: Iterable[bytes], wanted: int, *, is_counted: bool
) -> tuple[list[bytes], int]:
    """Keep the first lines, and count all: an answer can be larger than the memory."""
    kept, total = b"", 0
    for piece in pieces:
        if total < wanted:
            kept += piece
        total += piece.count(b"\n")
        if total > wanted and not is_counted:
            break
    return kept.splitlines(keepends=True)[:wanted], total


def _cells(
    rows: list[list[Term]], store: ReadingStore, languages: tuple[str, ...]
) -> Iterator[list[Cell]]:
    nodes = (term for term in chain.from_iterable(rows) if isinstance(term, ox.NamedNode))
    labels = Labels(store, nodes, languages=languages)
    content = store.release.manifest.content
    writer = _Writer(labels, Names(content.prefixes), content.base)
    return ([writer.cell(term) for term in row] for row in rows)


class _Writer:
    """Writes terms as the cells of a table show them."""

    def __init__(self, labels: Labels, names: Names, base: str) -> None:
        self._labels = labels
        self._names = names
        self._base = base

    def cell(self, term: Term) -> Cell:
        if term is None:
            return Cell(Value(Name("")))
        if isinstance(term, ox.NamedNode):
            return self._link(term)
        if not isinstance(term, ox.Literal):
            return Cell(Value(Name(str(term))), term)
        kind = term.datatype.value
        shown = "" if kind in _QUIET else self._names.short(kind) or kind.removeprefix(XSD)
        value = Value(Name(term.value, term.language or ""), datatype=shown)
        return Cell(value, term, kind in NUMBERS, is_day=bool(_DAY.match(term.value)))

    def _link(self, node: ox.NamedNode) -> Cell:
        local = addresses.document_of(node.value, base=self._base)
        outside = node.value if node.value.startswith(("http://", "https://")) else ""
        name = self._labels.of(node)
        short = self._names.short(node.value) or node.value.removeprefix(self._base)
        if not self._labels.has(node) and name.text == node.value:
            name = Name(short)
        value = Value(name, local or outside, local is not None)
        return Cell(value, node, short="" if name.text == short else short)
