"""Write the feed as a Linked Data Event Stream: the root, and the pages with their members.

The form is that of the LDES and TREE specifications: TriG, with the statements about a thing in
a named graph called as the member is. Addresses of pages are relative, so that a client finds
them wherever it reached the root; all other IRIs are those of the base.
"""

from collections.abc import Iterable, Iterator

from metropole.release.feed import Feed, Member, Page, written
from metropole.release.void import GRAPH

#: Address of the root; pages are below it.
ROOT = "ldes"
#: Seconds after which it is worth looking again.
POLLING_SECONDS = 3600
_PREFIXES = """\
@prefix as: <https://www.w3.org/ns/activitystreams#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ldes: <https://w3id.org/ldes#> .
@prefix tree: <https://w3id.org/tree#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_KINDS = {"created": "as:Create", "changed": "as:Update", "deleted": "as:Delete"}


def stream(base: str) -> str:
    """Give the IRI of the event stream."""
    return f"{base}{ROOT}#stream"


def member_iri(base: str, name: str) -> str:
    """Give the IRI of a member."""
    return f"{base}{ROOT}#{name}"


def root(feed: Feed, void: Iterable[bytes]) -> Iterator[bytes]:
    """Write the root: what the stream is, where its pages are, and what the graph says of itself.

    `void` has the lines of the description, which change with each release and so are no
    members; they stand in the named graph they have in the dumps.
    """
    text = f"""{_PREFIXES}
<{stream(feed.base)}> a ldes:EventStream ;
  ldes:timestampPath dct:created ;
  ldes:versionOfPath dct:isVersionOf ;
  ldes:versionCreateObject as:Create ;
  ldes:versionUpdateObject as:Update ;
  ldes:versionDeleteObject as:Delete ;
  ldes:pollingInterval {POLLING_SECONDS} ;
  tree:view <> .

<> a tree:Node, ldes:EventSource ;
  ldes:retentionPolicy <#retention> .

<#retention> a ldes:RetentionPolicy ;
  ldes:versionAmount 1 .
"""
    yield text.encode()
    for page in feed.pages:
        yield _relations(page).encode()
    yield f"\nGRAPH <{feed.base}{GRAPH}> {{\n".encode()
    yield from void
    yield b"}\n"


def _relations(page: Page) -> str:
    """Say from when to when the members of a page are."""
    bounds = (("GreaterThanOrEqualTo", page.first), ("LessThanOrEqualTo", page.last))
    return "".join(
        f"""
<> tree:relation [ a tree:{name}Relation ; tree:node <{ROOT}/{page.name}> ;
  tree:path dct:created ; tree:value "{written(time)}"^^xsd:dateTime ] .
"""
        for name, time in bounds
        # An open page grows, so nothing bounds it from above.
        if page.is_closed or name.startswith("Greater")
    )


def page(feed: Feed, told: Page, members: Iterable[Member]) -> Iterator[bytes]:
    """Write a page: first that it is one, then each member behind its name (TREE profile)."""
    state = " ; ldes:immutable true" if told.is_closed else ""
    yield f"{_PREFIXES}\n<> a tree:Node{state} .\n".encode()
    for member in members:
        name = member_iri(feed.base, member.name())
        yield f"""
<{stream(feed.base)}> tree:member <{name}> .
<{name}> a {_KINDS[member.change]} ; dct:isVersionOf <{member.entity}> ;
  dct:created "{written(member.time)}"^^xsd:dateTime ;
  dct:isPartOf <{feed.base}releases/{member.release}> .
""".encode()
        if member.triples:
            yield f"GRAPH <{name}> {{\n".encode()
            yield from (triple + b" .\n" for triple in member.triples)
            yield b"}\n"
