"""The ways to the data beside files, one row for each endpoint or feed.

The catalogue (DCAT), the markup of pages and the linksets read this table, so that whoever adds a
way adds a row here and nothing else.
"""

from dataclasses import dataclass

from metropole.messages import Message
from metropole.release.calendar import FILE as CALENDAR
from metropole.release.folder import Release

_RFC = "https://www.rfc-editor.org/rfc/rfc"


@dataclass(frozen=True)
class Way:
    """An endpoint or a feed through which the whole graph can be had or asked."""

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
    #: Whether the whole can be had through it, so that it is a distribution too.
    is_distribution: bool = True
    #: Address below the base of a page for people; empty where its own address has one.
    page: str = ""
    #: File that a release has where there is this way; empty when it is there always.
    file: str = ""


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
    Way(
        "reconcile",
        "reconcile",
        Message("Matching of names"),
        "Finds which things of the whole a name means (Reconciliation Service API, as OpenRefine "
        "speaks it).",
        "json",
        "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
        is_distribution=False,
        page="reconcile/about",
    ),
    Way(
        "changes",
        "ldes",
        Message("Changes as an event stream"),
        "Every change of the whole, to copy it and to follow it (Linked Data Event Streams).",
        "trig",
        "https://w3id.org/ldes",
        is_service=False,
        kind="https://w3id.org/ldes#EventStream",
    ),
    Way(
        "feed",
        "feed.atom",
        Message("Changes as Atom"),
        "What changed with each release, for feed readers.",
        "atom",
        _RFC + "4287",
        is_service=False,
    ),
    Way(
        "events",
        CALENDAR,
        Message("Events as a calendar"),
        "The events whose day is known.",
        "ics",
        _RFC + "5545",
        is_service=False,
        file=CALENDAR,
    ),
)


def ways_of(release: Release) -> list[Way]:
    """List the ways to what a release holds."""
    files = {file.path for file in release.manifest.files}
    return [way for way in WAYS if not way.file or way.file in files]
