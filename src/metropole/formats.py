"""The one table of formats: RDF, tables, SPARQL results; name, media type, extensions, labels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyoxigraph as ox


@dataclass(frozen=True)
class GraphFormat:
    """An RDF syntax: what it is called, on the wire and on disk."""

    name: str
    media_type: str
    extension: str
    syntax: ox.RdfFormat
    #: Other media types that clients send for the same syntax.
    aliases: tuple[str, ...] = ()
    #: Other file extensions read from disk.
    other_extensions: tuple[str, ...] = ()

    @property
    def holds_named_graphs(self) -> bool:
        """Tell whether the syntax keeps the names of graphs."""
        return self.syntax.supports_datasets

    @property
    def content_type(self) -> str:
        """Give the value of the `Content-Type` header."""
        return with_charset(self.media_type)

    def serialized(
        self,
        statements: Iterable[ox.Triple] | Iterable[ox.Quad],
        prefixes: Mapping[str, str] | None = None,
    ) -> bytes:
        """Write statements in this syntax, in the order given; prefixes where it knows them."""
        text = ox.serialize(statements, format=self.syntax, prefixes=dict(prefixes or {}))
        assert text is not None
        return text


@dataclass(frozen=True)
class ResultFormat:
    """A syntax for the rows of SELECT and the answer of ASK."""

    name: str
    media_type: str
    extension: str
    syntax: ox.QueryResultsFormat
    #: CSV and TSV have no form for the boolean of ASK (SPARQL 1.1 CSV and TSV, section 1).
    holds_boolean: bool = True
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """Give the value of the `Content-Type` header."""
        return with_charset(self.media_type)


@dataclass(frozen=True)
class TableFormat:
    """A kind of table that is read from disk beside its description."""

    name: str
    extension: str
    #: What stands between two cells, unless the description says otherwise; empty for a workbook.
    delimiter: str = ""
    #: The statements of a table belong to the graph that is named after its file.
    holds_named_graphs: ClassVar[bool] = False


def with_charset(media_type: str) -> str:
    """Add `charset=utf-8` where the registration of the media type knows the parameter."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


TURTLE = GraphFormat("Turtle", "text/turtle", "ttl", ox.RdfFormat.TURTLE, ("application/x-turtle",))
N_TRIPLES = GraphFormat(
    "N-Triples", "application/n-triples", "nt", ox.RdfFormat.N_TRIPLES, ("text/plain",)
)
JSON_LD = GraphFormat(
    "JSON-LD",
    "application/ld+json",
    "jsonld",
    ox.RdfFormat.JSON_LD,
    ("application/json",),
    ("json-ld",),
)
RDF_XML = GraphFormat(
    "RDF/XML",
    "application/rdf+xml",
    "rdf",
    ox.RdfFormat.RDF_XML,
    ("application/xml", "text/xml"),
    ("xml", "owl"),
)
TRIG = GraphFormat("TriG", "application/trig", "trig", ox.RdfFormat.TRIG, ("application/x-trig",))
N_QUADS = GraphFormat(
    "N-Quads", "application/n-quads", "nq", ox.RdfFormat.N_QUADS, ("text/x-nquads",)
)
#: RDF formats, the server's favourite first.
GRAPH_FORMATS = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML, TRIG, N_QUADS)

CSV = TableFormat("CSV", "csv", ",")
TSV = TableFormat("TSV", "tsv", "\t")
XLSX = TableFormat("XLSX", "xlsx")
#: Tables that become part of the graph by a description (CSV on the Web).
TABLE_FORMATS = (CSV, TSV, XLSX)

#: SPARQL result formats, the server's favourite first.
RESULT_FORMATS = (
    ResultFormat(
        "JSON",
        "application/sparql-results+json",
        "json",
        ox.QueryResultsFormat.JSON,
        aliases=("application/json", "text/json", "text/javascript", "application/javascript"),
    ),
    ResultFormat(
        "XML",
        "application/sparql-results+xml",
        "xml",
        ox.QueryResultsFormat.XML,
        aliases=("application/xml", "text/xml"),
    ),
    ResultFormat("CSV", "text/csv", "csv", ox.QueryResultsFormat.CSV, holds_boolean=False),
    ResultFormat(
        "TSV", "text/tab-separated-values", "tsv", ox.QueryResultsFormat.TSV, holds_boolean=False
    ),
)


def graph_format(extension: str) -> GraphFormat | None:
    """Find the RDF format of a file extension (without the dot, any case), or None."""
    wanted = extension.lower()
    for candidate in GRAPH_FORMATS:
        if wanted == candidate.extension or wanted in candidate.other_extensions:
            return candidate
    return None


def table_format(extension: str) -> TableFormat | None:
    """Find the kind of table of a file extension (without the dot, any case), or None."""
    wanted = extension.lower()
    return next((known for known in TABLE_FORMATS if known.extension == wanted), None)
