"""See whether harvesters find what there is, and find it as it is described."""

import hashlib
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pyoxigraph as ox

from metropole.doctor.checks import Check, Observation, Verdict
from metropole.doctor.graphs import NotReadable, quads_of, subjects, values
from metropole.doctor.site import RDF, Site, locations
from metropole.doctor.visits import NoReply, Reply, Visitor
from metropole.vocab import DCAT, DCT, HYDRA, SPDX, VOID
from metropole.vocab import RDF as RDF_TERMS

DESCRIBED = Check(
    "void",
    "The dataset describes itself in VoID at /.well-known/void",
    "Describe it there: clients look for endpoint, dumps and examples at this address.",
    "VoID, section 7.2; RFC 8615",
    Verdict.WARNING,
)
REACHED = Check(
    "links-answer",
    "What the metadata lead to is there",
    "Mend the address, or take it out of the metadata.",
    "DCAT 3, section 6.8; VoID, section 3",
)
ROBOTS = Check(
    "robots",
    "robots.txt can be read, and lets crawlers read documents",
    "Allow documents; keep crawlers from addresses without an end, as those of queries.",
    "RFC 9309",
    Verdict.WARNING,
)
SITEMAP = Check(
    "sitemap",
    "The sitemap can be read, and its addresses are of this site and answer",
    "Write the addresses that readers use, and only such that answer with 200.",
    "sitemaps.org, protocol",
    Verdict.WARNING,
)
CATALOGUED = Check(
    "catalogue",
    "The catalogue names, licenses and publishes each dataset",
    "Give each `dcat:Dataset` a `dct:title`, a `dct:publisher`, a `dct:license` (its own or that "
    "of a distribution) and a `dcat:distribution`.",
    "DCAT-AP 3.0.1; DCAT 3, section 6.6",
    Verdict.WARNING,
)
ENDS = Check(
    "catalogue-ends",
    "The pages of the catalogue come to an end",
    "Let the last page have no `hydra:next`, and no page lead to one before it.",
    "Hydra Core, section 4.4; ckanext-dcat",
)
SUM = Check(
    "download-as-described",
    "A download has the sum and the size that the metadata say",
    "Write both when the file is written, and never write the file again.",
    "DCAT 3, sections 6.8.15 and 6.8.16",
)
CHECKS = (DESCRIBED, REACHED, ROBOTS, SITEMAP, CATALOGUED, ENDS, SUM)
_CATALOGUES = ("catalog", "catalog.ttl", "dcat.ttl")
_OK, _BAD_REQUEST = 200, 400
#: So many addresses of a kind are tried, and so many pages read.
_MOST_LINKS, _MOST_PAGES = 20, 200
#: A longer download is not fetched for its sum.
_MOST_SUMMED = 16 << 20
_SUMS = ("sha256", "sha512", "sha384", "sha1", "md5")


def look_at_metadata(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Read what harvesters read, and follow where it leads."""
    found = _Metadata(site, visitor)
    yield from found.void()
    yield from found.crawling()
    yield from found.catalogue()


class _Metadata:
    def __init__(self, site: Site, visitor: Visitor) -> None:
        self._site, self._visitor = site, visitor

    def void(self) -> Iterator[Observation]:
        """Follow what VoID says."""
        if not self._site.void:
            yield DESCRIBED.broken("There is none.", self._site.root)
            return
        yield DESCRIBED.fine(self._site.root)
        for name in ("dataDump", "sparqlEndpoint", "exampleResource"):
            yield from map(self._reached, [*values(self._site.void, VOID + name)][:_MOST_LINKS])

    def _reached(self, iri: str) -> Observation:
        address = self._site.here(iri)
        try:
            reply = self._last(address)
        except NoReply as error:
            return REACHED.broken(f"{error}.", address)
        fault = "" if reply.status < _BAD_REQUEST else f"It is answered with {reply.told}."
        return REACHED.judged(address, fault)

    def _last(self, address: str) -> Reply:
        """Follow by HEAD, and by GET where HEAD is not known."""
        reply = self._visitor.follow(address, "*/*", self._site.here, method="HEAD")[-1]
        if reply.status < _BAD_REQUEST:
            return reply
        return self._visitor.ask(reply.address, headers={"Accept": "*/*"}, most=1)

    def crawling(self) -> Iterator[Observation]:
        """Read robots.txt and sitemap as crawlers do."""
        address = urljoin(self._site.root, "/robots.txt")
        reply = self._visitor.ask(address)
        sitemaps = [self._site.root + "sitemap.xml"]
        if reply.status == _OK:
            rules = RobotFileParser(address)
            rules.parse(reply.body.decode(errors="replace").splitlines())
            own = [self._site.here(iri) for iri in self._site.things]
            closed = [iri for iri in own if not rules.can_fetch("*", iri)]
            fault = f"It keeps crawlers from {closed[0]}." if closed else ""
            yield ROBOTS.judged(address, fault)
            sitemaps = [self._site.here(each) for each in rules.site_maps() or sitemaps]
        else:
            yield ROBOTS.noted("There is none.", address)
        yield from self._sitemap(sitemaps[0])

    def _sitemap(self, address: str) -> Iterator[Observation]:
        reply = self._visitor.ask(address)
        if reply.status != _OK:
            yield SITEMAP.noted(f"There is none: {reply.told}.", address)
            return
        try:
            found = locations(reply)
            if found and found[0].endswith(".xml"):  # an index of sitemaps
                found = locations(self._visitor.ask(self._site.here(found[0])))
        except NotReadable as error:
            yield SITEMAP.broken(f"It cannot be read: {error}.", address)
            return
        for iri in found[: _MOST_LINKS // 4]:
            if not self._site.is_own(iri):
                yield SITEMAP.broken(f"{iri} is not of this site.", address)
                continue
            told = self._last(self._site.here(iri))
            fault = "" if told.status == _OK else f"{iri} is answered with {told.told}."
            yield SITEMAP.judged(address, fault)

    def catalogue(self) -> Iterator[Observation]:
        """Read the catalogue page by page, and follow what its distributions say."""
        pages = list(self._pages())
        seen = [each for each in pages if isinstance(each, Observation)]
        quads = [quad for each in pages if isinstance(each, list) for quad in each]
        if not quads:
            yield CATALOGUED.noted("No catalogue was found.", self._site.root)
            return
        yield from seen
        for dataset in subjects(quads, RDF_TERMS + "type", DCAT + "Dataset"):
            yield self._complete(dataset, quads)
        links = [
            *values(quads, DCAT + "downloadURL"),
            *values(quads, DCAT + "accessURL"),
        ]
        yield from map(self._reached, [*dict.fromkeys(links)][:_MOST_LINKS])
        yield from self._sums(quads)

    def _pages(self) -> Iterator[list[ox.Quad] | Observation]:
        """Go from page to page, and say at the end whether there was one."""
        address = next(filter(self._is_catalogue, _CATALOGUES), "")
        following, been = [self._site.root + address] if address else [], set[str]()
        while following:
            page = following.pop()
            if page in been or len(been) == _MOST_PAGES:
                yield ENDS.broken(f"After {len(been)} pages it leads to this one.", page)
                return
            been.add(page)
            try:
                reply = self._visitor.follow(page, RDF, self._site.here)[-1]
                quads = quads_of(reply)
            except (NoReply, NotReadable) as error:
                yield ENDS.broken(f"A page cannot be read: {error}.", page)
                return
            been.add(reply.address)
            yield quads
            following = [self._site.here(iri) for iri in values(quads, HYDRA + "next")][:1]
        if been:
            yield ENDS.fine(self._site.root + address)

    def _is_catalogue(self, name: str) -> bool:
        try:
            reply = self._visitor.follow(self._site.root + name, RDF, self._site.here)[-1]
            return any(subjects(quads_of(reply), RDF_TERMS + "type", DCAT + "Catalog"))
        except (NoReply, NotReadable):
            return False

    def _complete(self, dataset: ox.NamedNode, quads: list[ox.Quad]) -> Observation:
        said = {quad.predicate.value for quad in quads if quad.subject == dataset}
        parts = {
            quad.object
            for quad in quads
            if quad.subject == dataset and quad.predicate.value == DCAT + "distribution"
        }
        of_parts = {quad.predicate.value for quad in quads if quad.subject in parts}
        wanted = (DCT + "title", DCT + "publisher", DCAT + "distribution", DCT + "license")
        missing = [iri for iri in wanted if iri not in said]
        if DCT + "license" in missing and DCT + "license" in of_parts:
            missing.remove(DCT + "license")
        named = [f"{'dcat' if iri.startswith(DCAT) else 'dct'}:{_end(iri)}" for iri in missing]
        fault = f"It has no {' and no '.join(named)}." if named else ""
        return CATALOGUED.judged(dataset.value, fault)

    def _sums(self, quads: list[ox.Quad]) -> Iterator[Observation]:
        """Compare the smallest download of which a sum is told with it."""
        sized = []
        for quad in quads:
            if quad.predicate.value == DCAT + "byteSize" and isinstance(quad.object, ox.Literal):
                told = quad.object.value.partition(".")[0]
                urls = list(values(quads, DCAT + "downloadURL", quad.subject))
                if urls and told.isdigit():
                    sized.append((int(told), urls[0], quad.subject))
        if sized:
            size, url, distribution = min(sized, key=lambda each: each[:2])
            if size <= _MOST_SUMMED:
                yield self._summed(self._site.here(url), size, _sum_of(quads, distribution))

    def _summed(self, address: str, size: int, told: tuple[str, str] | None) -> Observation:
        reply = self._visitor.follow(address, None, self._site.here, most=_MOST_SUMMED)[-1]
        found = hashlib.new(told[0], reply.body, usedforsecurity=False).hexdigest() if told else ""
        return SUM.judged(
            address,
            "" if len(reply.body) == size else f"It has {len(reply.body)} bytes, not {size}.",
            "" if told is None or found == told[1] else f"Its {told[0]} is {found}, not {told[1]}.",
        )


def _sum_of(quads: list[ox.Quad], distribution: object) -> tuple[str, str] | None:
    """Find the sum of a distribution: how it is made, by a name that Python knows, and itself."""
    for quad in quads:
        if quad.subject == distribution and quad.predicate.value == SPDX + "checksum":
            value = next(values(quads, SPDX + "checksumValue", quad.object), "").lower()
            kind = _end(next(values(quads, SPDX + "algorithm", quad.object), ""))
            name = next((each for each in _SUMS if kind.lower().endswith(each)), "")
            return (name, value) if name and value else None
    return None


def _end(iri: str) -> str:
    return urlsplit(iri).fragment or iri.rpartition("/")[2]
