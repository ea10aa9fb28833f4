"""The ways to the data beside files, one row for each endpoint or feed.

The catalogue (DCAT), the markup of pages and the linksets read this table, so that whoever adds a
way adds a row here and nothing else.
"""

from dataclasses import dataclass

from metropole.messages import Message


@dataclass(frozen=True)
class Way:
    """An endpoint or a feed through which the whole graph can be had."""

    #: Last part of its IRIs in the catalogue.
    name: str
    #: Its address below the base.
    path: str
    title: str
    description: str
    #: Extension that decides format and media type, as in `release.file_kinds`.
    extension: str
    #: IRI of the protocol or specification.
    conforms_to: str = ""
    #: Whether it answers questions (`dcat:DataService`); a feed is fetched like a file.
    is_service: bool = True
    #: Address below the base of a machine-readable description; empty for its own.
    described_at: str = ""
    #: IRI of what it is (`dct:type`), as that of an event stream.
    kind: str = ""


WAYS = (
    Way(
        "sparql",
        "sparql",
        Message("SPARQL endpoint"),
        "SPARQL 1.1 over the whole.",
        "ttl",
        "http://www.w3.org/TR/sparql11-protocol/",
    ),
    Way(
        "data",
        "data?default",
        Message("Graph Store"),
        "The whole graph, or one of its named graphs, read over HTTP.",
        "ttl",
        "http://www.w3.org/TR/sparql11-http-rdf-update/",
        described_at="sparql",
    ),
)
