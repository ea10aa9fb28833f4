"""What a site says of itself: where its IRIs begin, where its endpoint is, and what it is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pyoxigraph as ox

from metropole.doctor.graphs import NotReadable, quads_of, values
from metropole.doctor.visits import NoReply, Reply, Visitor
from metropole.vocab import VOID

WELL_KNOWN = ".well-known/void"
#: What RDF clients send; HTML is no help to find one's way.
RDF = "text/turtle, application/n-triples, application/rdf+xml;q=0.9, application/ld+json;q=0.8"
JSON_ROWS = "application/sparql-results+json"
#: So many things are looked at.
MOST_THINGS = 3
_ENDPOINTS = ("sparql", "query")
_LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@dataclass
class Site:
    """A site as it was found: what is asked of the examination, and what it says of itself."""

    #: The address that was asked, with a slash at its end.
    root: str
    #: What its IRIs begin with; another address where the site is asked on its way to readers.
    base: str
    void: list[ox.Quad] = field(default_factory=list)
    #: Where queries are asked, when that is known.
    endpoint: str = ""
    #: IRIs of some things.
    things: list[str] = field(default_factory=list)

    def here(self, iri: str) -> str:
        """Give the address at which an IRI is asked: below the root what is below the base."""
        return self.root + iri.removeprefix(self.base) if iri.startswith(self.base) else iri

    def iri(self, address: str) -> str:
        """Give the IRI that is asked at an address: what `here` does, the other way round."""
        below = address.startswith(self.root)
        return self.base + address.removeprefix(self.root) if below else address

    def is_own(self, iri: str) -> bool:
        """Tell whether an address is of this site."""
        return iri.startswith((self.base, self.root))


def found_site(
    visitor: Visitor,
    root: str,
    *,
    base: str = "",
    things: Iterable[str] = (),
    endpoint: str = "",
) -> Site:
    """Ask a site for what it says of itself; raises NoReply when nothing answers at all.

    Where things are named, nothing has to answer at the root.
    """
    site = Site(root, base or root, things=[urljoin(root, thing) for thing in things])
    visitor.ask(site.here(next(iter(site.things), root)))
    site.void = _void(visitor, site)
    site.base = base or next(_bases(site.void), root)
    site.endpoint = endpoint or _endpoint(visitor, site)
    site.things = [*map(site.iri, site.things)] or _things(visitor, site)[:MOST_THINGS]
    return site


def _void(visitor: Visitor, site: Site) -> list[ox.Quad]:
    """Read the description in VoID, which is looked for where that vocabulary says (section 7)."""
    host = urljoin(site.root, f"/{WELL_KNOWN}")
    for address in dict.fromkeys((site.root + WELL_KNOWN, host)):
        try:
            found = quads_of(visitor.follow(address, RDF, site.here)[-1])
        except (NoReply, NotReadable):
            continue
        if any(str(quad.predicate.value).startswith(VOID) for quad in found):
            return found
    return []


def _bases(void: list[ox.Quad]) -> Iterator[str]:
    """Go through what IRIs may begin with: what the endpoint and the documents of VoID have."""
    for predicate in ("sparqlEndpoint", "dataDump", "uriSpace"):
        for iri in values(void, VOID + predicate):
            for name in (*_ENDPOINTS, "dumps/", "id/", "data/"):
                start, found, _ = iri.partition(f"/{name}")
                if found:
                    yield start + "/"


def _endpoint(visitor: Visitor, site: Site) -> str:
    told = [site.here(iri) for iri in values(site.void, VOID + "sparqlEndpoint")]
    for address in dict.fromkeys((*told, *(site.root + name for name in _ENDPOINTS))):
        try:
            reply = visitor.ask(asked(address, "ASK {}"), headers={"Accept": JSON_ROWS})
        except NoReply:
            continue
        if reply.media_type == JSON_ROWS:
            return address
    return ""


def _things(visitor: Visitor, site: Site) -> list[str]:
    """Find things: those that VoID shows, else some that the endpoint knows, else documents."""
    shown = [iri for iri in values(site.void, VOID + "exampleResource") if site.is_own(iri)]
    return [*dict.fromkeys(shown)] or _asked(visitor, site) or _in_sitemap(visitor, site)


def _asked(visitor: Visitor, site: Site) -> list[str]:
    """Ask the endpoint for things; those whose IRIs have letters beyond ASCII come first."""
    if not site.endpoint:
        return []
    query = (
        f'SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{site.base}") '
        f'&& !CONTAINS(STR(?s), "#")) }} LIMIT {MOST_THINGS}'
    )
    try:
        reply = visitor.ask(asked(site.endpoint, query), headers={"Accept": JSON_ROWS})
        return [str(row[0].value) for row in rows_of(reply)]
    except (NoReply, NotReadable):
        return []


def _in_sitemap(visitor: Visitor, site: Site) -> list[str]:
    try:
        return [
            iri for iri in locations(visitor.ask(site.root + "sitemap.xml")) if iri != site.root
        ]
    except (NoReply, NotReadable):
        return []


def asked(endpoint: str, query: str) -> str:
    """Give the address that asks a query (SPARQL 1.1 Protocol, section 2.1.1)."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}query={quote(query, safe='')}"


def rows_of(reply: Reply) -> list[ox.QuerySolution]:
    """Read rows in JSON; raises NotReadable."""
    try:
        found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
        if not isinstance(found, ox.QuerySolutions):
            raise NotReadable("it holds no rows")
        return list(found)
    except (SyntaxError, ValueError) as error:
        raise NotReadable(str(error)) from error


def locations(reply: Reply) -> list[str]:
    """Read the addresses in a sitemap or an index of some; raises NotReadable."""
    try:
        if b"<!DOCTYPE" in reply.body:
            raise NotReadable("it has a document type, which a sitemap has not")
        found = ET.fromstring(reply.body)  # noqa: S314  # without a document type nothing grows
        return [(each.text or "").strip() for each in found.iter(_LOC)]
    except ET.ParseError as error:
        raise NotReadable(str(error)) from error
