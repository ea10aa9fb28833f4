"""See whether each client gets the format it asks for, and can keep what it got."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.doctor.checks import Check, Observation, Verdict, listed
from metropole.doctor.graphs import NeedsNetwork, NotReadable, canonical, format_of, quads_of
from metropole.doctor.site import Site
from metropole.doctor.visits import Reply, Visitor
from metropole.formats import GRAPH_FORMATS

OBEYED = Check(
    "accept-obeyed",
    "Each client gets a format that it asked for",
    "Choose by all of `Accept`: the most specific range counts, `q=0` excludes, the highest "
    "quality wins; what cannot be had is 406.",
    "RFC 9110, section 12.5.1",
)
DATA_FIRST = Check(
    "any-is-rdf",
    "Who accepts anything gets RDF",
    "Programs that send `*/*`, as python-requests and with it CKAN do, want data; browsers name "
    "text/html.",
    "python-requests, CKAN",
    Verdict.NOTE,
)
READABLE = Check(
    "well-formed",
    "Each format can be read, and holds the thing",
    "Write the document with a library, and read it again before it is published.",
    "RDF 1.1 Turtle, N-Triples, TriG, N-Quads, RDF/XML; JSON-LD 1.1",
)
SAME = Check(
    "same-graph",
    "All formats say the same",
    "Write all of them from one graph.",
    "RDF Dataset Canonicalization (RDFC-1.0)",
    Verdict.WARNING,
)
VARY = Check(
    "vary-accept",
    "`Vary` names what an answer was chosen by",
    "Say `Vary: Accept` wherever the answer depends on it, redirects and 406 included, and "
    "`Accept-Encoding` where answers are compressed; else a cache gives one client's format to "
    "the next.",
    "RFC 9110, section 12.5.5",
)
TAG = Check(
    "etag",
    "An answer can be validated: who has it gets 304",
    "Give each answer an `ETag`, and answer `If-None-Match` with 304 when it is still the same.",
    "RFC 9110, sections 8.8.3 and 13.1.2",
    Verdict.WARNING,
)
TAGS_DIFFER = Check(
    "etag-per-format",
    "Each format has an `ETag` of its own",
    "Make the format part of the tag; else a client gets 304 for a body that it does not have.",
    "RFC 9110, section 8.8.3",
)
HEAD = Check(
    "head",
    "HEAD says what GET says",
    "Answer HEAD with the status and the headers of GET.",
    "RFC 9110, section 9.3.2",
)
CORS = Check(
    "cors",
    "Scripts of other sites may read",
    "Say `Access-Control-Allow-Origin: *` on documents, redirects and answers to queries.",
    "Fetch, section 3.3",
    Verdict.WARNING,
)
COMPRESSED = Check(
    "compressed",
    "What is compressed can be unpacked, and says so",
    "Say `Content-Encoding` and `Vary: Accept-Encoding`, and compress once.",
    "RFC 9110, section 8.4",
)
ALTERNATES = Check(
    "alternates",
    "The page of a thing leads programs to its data",
    'Add a link with rel="alternate" and the type of each RDF format, in the page or as a header.',
    "RFC 8288; FAIR Signposting",
    Verdict.WARNING,
)
CHECKS = (
    *(OBEYED, DATA_FIRST, READABLE, SAME, VARY, TAG, TAGS_DIFFER),
    *(HEAD, CORS, COMPRESSED, ALTERNATES),
)
_OK, _NOT_MODIFIED, _NOT_ACCEPTABLE, _SERVER_ERROR = 200, 304, 406, 500
_HTML, _TURTLE = "text/html", "text/turtle"
_RDF = tuple(each.media_type for each in GRAPH_FORMATS)
_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_UNKNOWN = "application/x-nobody-has-this"
#: What every body that gzip compressed begins with (RFC 1952, section 2.3.1).
_PACKED = b"\x1f\x8b"
#: Blank nodes that refer to each other can take for ever to be told apart.
_MOST_BLANK = 500


@dataclass(frozen=True)
class Wish:
    """What a client says that it accepts, and the media types that are right then."""

    client: str
    accept: str | None
    right: tuple[str, ...]


#: What is really sent; all but the first two were seen on the wire.
WISHES = (
    Wish("who prefers Turtle to HTML", "text/html;q=0.3, text/turtle;q=0.9", (_TURTLE,)),
    Wish(
        "who excludes Turtle",
        "text/turtle;q=0, application/rdf+xml, application/n-triples;q=0.5",
        ("application/rdf+xml", "application/n-triples"),
    ),
    Wish("a browser", _BROWSER, (_HTML, "application/xhtml+xml")),
    Wish("rapper", "application/rdf+xml, text/rdf;q=0.6", ("application/rdf+xml",)),
    Wish(
        "rdflib",
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json",
        _RDF,
    ),
    Wish(
        "Comunica",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
        "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2",
        _RDF,
    ),
)


def look_at_documents(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Ask for the document about each thing in every way."""
    for thing in site.things:
        yield from _Documents(site, visitor, thing).seen()


class _Documents:
    """The documents about one thing."""

    def __init__(self, site: Site, visitor: Visitor, thing: str) -> None:
        self._site, self._visitor, self._thing = site, visitor, thing
        #: What was given, by media type.
        self._given: dict[str, Reply] = {}

    def seen(self) -> Iterator[Observation]:
        for media_type in (*_RDF, _HTML):
            yield self._offered(media_type)
        for wish in WISHES:
            yield self._obeyed(wish)
        yield from self._unusual()
        yield from self._graphs()
        if self._given:
            yield self._varies()
            yield self._tags_differ()
            yield from self._answer(next(iter(self._given.values())))
        if _HTML in self._given:
            yield self._alternates(self._given[_HTML])

    def _last(self, accept: str | None) -> Reply:
        return self._visitor.follow(self._thing, accept, self._site.here)[-1]

    def _offered(self, media_type: str) -> Observation:
        reply = self._last(media_type)
        if reply.status == _OK and reply.media_type == media_type:
            self._given[media_type] = reply
            return OBEYED.fine(reply.address, f"{media_type} is there.")
        if reply.status == _NOT_ACCEPTABLE:
            return OBEYED.noted(f"{media_type} is not offered, which is told (406).", reply.address)
        told = f"Asked for {media_type} only, it is answered with {reply.told}."
        return OBEYED.broken(told, reply.address)

    def _obeyed(self, wish: Wish) -> Observation:
        reply = self._last(wish.accept)
        wanted = [each for each in wish.right if each in self._given]
        if not wanted:
            return OBEYED.noted(f"Nothing that {wish.client} reads is offered.", reply.address)
        is_right = reply.status == _OK and reply.media_type in wish.right
        fault = f"To {wish.client} ({wish.accept}) it gives {reply.told}."
        return OBEYED.judged(reply.address, "" if is_right else fault)

    def _unusual(self) -> Iterator[Observation]:
        nothing, anything, unknown = map(self._last, (None, "*/*", _UNKNOWN))
        fault = f"Without `Accept` it is answered with {nothing.told}."
        yield OBEYED.judged(nothing.address, "" if nothing.status == _OK else fault)
        is_data = format_of(anything.media_type) is not None
        yield DATA_FIRST.judged(anything.address, "" if is_data else f"It gives {anything.told}.")
        # A default for those who want something else is allowed, if not wise.
        fault = f"A type that nobody has is answered with {unknown.told}."
        is_told = unknown.status < _SERVER_ERROR
        yield OBEYED.judged(unknown.address, "" if is_told else fault)

    def _graphs(self) -> Iterator[Observation]:
        graphs: dict[str, list[ox.Quad]] = {}
        for media_type, reply in self._given.items():
            if media_type == _HTML:
                continue
            try:
                graphs[media_type] = quads_of(reply)
            except NeedsNetwork as error:
                told = f"{media_type}: {error}."
                yield Observation(READABLE, Verdict.WARNING, told, reply.address)
            except NotReadable as error:
                yield READABLE.broken(f"{media_type}: {error}.", reply.address)
            else:
                fault = "" if self._is_about(graphs[media_type]) else "It does not hold the thing."
                yield READABLE.judged(reply.address, fault)
        if len(graphs) > 1:
            yield self._same(graphs)

    def _is_about(self, quads: list[ox.Quad]) -> bool:
        node = ox.NamedNode(self._thing)
        address = ox.NamedNode(self._site.here(self._thing))
        return any({node, address} & {quad.subject, quad.object} for quad in quads)

    def _same(self, graphs: dict[str, list[ox.Quad]]) -> Observation:
        blank = {
            term
            for quads in graphs.values()
            for quad in quads
            for term in (quad.subject, quad.object)
            if isinstance(term, ox.BlankNode)
        }
        if len(blank) > _MOST_BLANK:
            return SAME.noted("It has too many blank nodes to be compared.", self._thing)
        first, *others = ((name, canonical(quads)) for name, quads in graphs.items())
        odd = [name for name, graph in others if graph != first[1]]
        fault = f"{first[0]} says something else than {listed(odd)}." if odd else ""
        return SAME.judged(self._thing, fault)

    def _varies(self) -> Observation:
        trail = self._visitor.follow(self._thing, _TURTLE, self._site.here)
        address = trail[-1].address
        chosen = [reply for reply in self._given.values() if reply.address == address]
        kinds = {reply.media_type for reply in chosen}
        silent = [
            reply.media_type for reply in chosen if not {"accept", "*"} & reply.names_in("Vary")
        ]
        fault = f"It gives {len(kinds)} formats, but {listed(silent)} without `Vary: Accept`."
        return VARY.judged(address, fault if len(kinds) > 1 and silent else "")

    def _tags_differ(self) -> Observation:
        tags: dict[str, str] = {}
        for media_type, reply in self._given.items():
            tag = reply.header("ETag")
            if tag and tag in tags:
                fault = f"{media_type} and {tags[tag]} have the same: {tag}."
                return TAGS_DIFFER.broken(fault, reply.address)
            tags[tag] = media_type
        if tags.keys() == {""}:
            return TAGS_DIFFER.noted("None has an `ETag`.", self._thing)
        return TAGS_DIFFER.fine(self._thing)

    def _answer(self, reply: Reply) -> Iterator[Observation]:
        """Look at what is true of any answer by one of them."""
        accept = {"Accept": reply.media_type}
        yield self._validated(reply, accept)
        head = self._visitor.ask(reply.address, method="HEAD", headers=accept)
        is_same = (head.status, head.media_type) == (reply.status, reply.media_type)
        yield HEAD.judged(reply.address, "" if is_same else f"HEAD is answered with {head.told}.")
        is_open = reply.header("Access-Control-Allow-Origin") == "*"
        yield CORS.judged(reply.address, "" if is_open else "The header is missing.")
        yield self._unpacked(reply, accept)

    def _validated(self, reply: Reply, accept: dict[str, str]) -> Observation:
        tag = reply.header("ETag")
        if not tag:
            return TAG.broken("It has no `ETag`.", reply.address)
        again = self._visitor.ask(reply.address, headers={**accept, "If-None-Match": tag})
        fault = f"Asked with `If-None-Match: {tag}` it is answered with {again.told}."
        return TAG.judged(reply.address, "" if again.status == _NOT_MODIFIED else fault)

    def _unpacked(self, reply: Reply, accept: dict[str, str]) -> Observation:
        packed = self._visitor.ask(reply.address, headers={**accept, "Accept-Encoding": "gzip"})
        if packed.header("Content-Encoding").lower() != "gzip":
            return COMPRESSED.noted("It is not compressed for who would unpack it.", reply.address)
        return COMPRESSED.judged(
            reply.address,
            _wrongly_packed(packed.body),
            ""
            if {"accept-encoding", "*"} & packed.names_in("Vary")
            else "It is compressed without `Vary: Accept-Encoding`.",
        )

    def _alternates(self, page: Reply) -> Observation:
        links = page.header("Link")
        text = page.body.decode(errors="replace")
        is_told = any(each in links or f'"{each}"' in text for each in _RDF)
        return ALTERNATES.judged(page.address, "" if is_told else "There is none.")


def _wrongly_packed(body: bytes) -> str:
    """Say what is wrong with a body that was compressed; empty when nothing is."""
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        return f"It cannot be unpacked: {error}."
    return "It is compressed twice." if plain.startswith(_PACKED) else ""
