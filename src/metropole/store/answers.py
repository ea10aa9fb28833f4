"""Evaluate a query on an open store and write its answer, wherever that is done.

The query workers do it for every query, and `brief_answers` for those that are over at once.
"""

import codecs
import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol, cast

import pyoxigraph as ox

from metropole import sparql
from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.saved_queries.forms import bound
from metropole.store import UNION
from metropole.store.graph_answers import write_graph
from metropole.store.query_frames import QueryRequest
from metropole.xml_bodies import XmlText

Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
AnyFormat = GraphFormat | ResultFormat
#: The formats that can hold a result, by media type.
_OF_GRAPHS = MappingProxyType({entry.media_type: entry for entry in GRAPH_FORMATS})
_OF_ROWS = MappingProxyType({entry.media_type: entry for entry in RESULT_FORMATS})
_OF_BOOLEANS = MappingProxyType(
    {entry.media_type: entry for entry in RESULT_FORMATS if entry.holds_boolean}
)


class Writable(Protocol):
    """What an answer is written into."""

    def write(self, data: bytes, /) -> int:
        """Take a piece."""
        ...

    def flush(self) -> None:
        """Pass on what was taken so far."""
        ...


@dataclass(frozen=True)
class Stores:
    """The open stores of a release."""

    #: The named graphs.
    graphs: ox.Store
    #: Their union as its default graph; None in a release of an older version.
    union: ox.Store | None

    @classmethod
    def read_only(cls, path: str) -> "Stores":
        """Open the store of the named graphs and that of the union beside it; raises OSError."""
        union = Path(path).with_name(UNION)
        try:
            return cls(
                ox.Store.read_only(path),
                ox.Store.read_only(str(union)) if union.is_dir() else None,
            )
        except RuntimeError as error:  # the files contradict each other, or one is missing
            raise OSError(str(error)) from error


def run(stores: Stores, request: QueryRequest) -> Result:
    """Begin to evaluate a query; raises SyntaxError, ValueError or RuntimeError."""
    query = request.query
    has_dataset = request.default_graphs or request.named_graphs
    if stores.union is not None and not has_dataset and not sparql.may_name_graphs(query):
        store, request = stores.union, replace(request, union=False)
    else:
        store = stores.graphs
    if sparql.takes_all_columns(query):
        # Nothing is in that store, so this is over at once: what is sorted or grouped is so as
        # soon as an evaluation begins, and would be twice.
        empty = _begun(ox.Store(), request, query)
        assert isinstance(empty, ox.QuerySolutions)
        query = sparql.with_columns(query, [variable.value for variable in empty.variables])
    return _begun(store, request, query)


def _begun(store: ox.Store, request: QueryRequest, query: str) -> Result:
    text = sparql.padded(query)
    substitutions = bound(request.substitutions)
    if not request.default_graphs and not request.named_graphs:
        # Oxigraph would read all graphs as one although the query names others with FROM.
        union = request.union and not sparql.names_dataset(query)
        return store.query(
            text,
            base_iri=request.base,
            use_default_graph_as_union=union,
            substitutions=substitutions,
        )
    # With named graphs only, the default graph is empty (SPARQL 1.1 Protocol, section 2.1.4).
    return store.query(
        text,
        base_iri=request.base,
        default_graph=[ox.NamedNode(iri) for iri in request.default_graphs],
        named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs],
        substitutions=substitutions,
    )


def form_of(result: Result) -> str:
    """Name the form of a result: `rows`, `boolean` or `graph`."""
    if isinstance(result, ox.QueryTriples):
        return "graph"
    return "boolean" if isinstance(result, ox.QueryBoolean) else "rows"


def format_for(result: Result, media_types: tuple[str, ...]) -> AnyFormat | None:
    """Choose the first format asked for that can hold the result; None when none can."""
    table = _formats_of(result)
    return next((table[name] for name in media_types if name in table), None)


def formats_told(result: Result, failed: AnyFormat | None = None) -> str:
    """List the formats that can hold a result in a sentence, but for one that has failed."""
    types = ", ".join(name for name, each in _formats_of(result).items() if each != failed)
    return f"Available are: {types}."


def _formats_of(result: Result) -> Mapping[str, AnyFormat]:
    if isinstance(result, ox.QueryTriples):
        return _OF_GRAPHS
    return _OF_BOOLEANS if isinstance(result, ox.QueryBoolean) else _OF_ROWS


def xml_text(chosen: AnyFormat) -> XmlText | None:
    """Give what checks the body of an answer in a format of XML; None for other formats."""
    return XmlText() if chosen.media_type.endswith("+xml") else None


def write(
    result: Result, chosen: AnyFormat, body: Writable, *, prefixes: dict[str, str] | None
) -> None:
    """Evaluate a query to its end and write the answer; raises NotXml, ValueError, RuntimeError."""
    file = cast(IO[bytes], body)
    if isinstance(result, ox.QueryTriples):
        assert isinstance(chosen, GraphFormat)
        write_graph(result, chosen, file, prefixes or {})
    else:
        assert isinstance(chosen, ResultFormat)
        if isinstance(result, ox.QuerySolutions) and chosen.syntax == ox.QueryResultsFormat.CSV:
            _write_csv(result, file)
        else:
            result.serialize(file, format=chosen.syntax)


def _write_csv(solutions: ox.QuerySolutions, body: IO[bytes]) -> None:
    """Write CSV (SPARQL 1.1 CSV and TSV, section 3); Oxigraph does not quote commas in IRIs."""
    lines = codecs.getwriter("utf-8")(body)
    rows = csv.writer(lines, lineterminator="\r\n")
    rows.writerow([variable.value for variable in solutions.variables])
    rows.writerows([_csv_value(term) for term in solution] for solution in solutions)


def _csv_value(term: object) -> str:
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return "" if term is None else str(term)
