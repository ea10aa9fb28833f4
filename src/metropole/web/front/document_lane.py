"""Documents about small things, answered in the event loop: no thread, no werkzeug, no Flask.

What is said is what the routes of `documents.py` say: statements, bodies and headers are made by
the same functions, and a test compares the two. Whatever is unusual about a request or a thing is
left to them.
"""

from functools import lru_cache
from urllib.parse import urlsplit

import pyoxigraph as ox

from metropole.errors import ReleaseError, StoreError
from metropole.formats import RDF_XML, GraphFormat
from metropole.release.documents import DOCUMENT, THING, names_a_format
from metropole.web.addresses import Here, ascii_only, candidate_iris
from metropole.web.documents import DOCUMENT_ENDPOINT, THING_ENDPOINT, leading_to
from metropole.web.documents.calendars import is_event
from metropole.web.documents.headers import (
    CALENDAR,
    DOCUMENT_HEADERS,
    VARIANTS,
    Variant,
    headers_of,
    name_and_variant,
)
from metropole.web.entity.descriptions import Description, TooMany, described, document_lines
from metropole.web.entity.layouts import layouts_of
from metropole.web.front.answers import Answer
from metropole.web.front.asked import Asked
from metropole.web.front.bridge import Headers
from metropole.web.front.environ import decoded_path
from metropole.web.requests.exchange import Exchange
from metropole.web.requests.negotiation import acceptable
from metropole.web.requests.request_id import new_ids
from metropole.web.responses import OPEN_TO_SCRIPTS, last_modified, tag_of
from metropole.web.responses.compression import coding_of, is_worth_it
from metropole.web.responses.conditions import is_among
from metropole.web.responses.graph_bodies import document_body
from metropole.web.serving import Edition, Serving
from metropole.web.serving.tombstones import tells_of_end
from metropole.xml_bodies import NotXml

#: Statements that a document of this lane has at most, apart from names: the loop is everybody's,
#: and so many take it some two milliseconds.
MOST_STATEMENTS = 60
#: Bytes of the lines of N-Quads that a document is made of, at most.
MOST_BYTES = 64 << 10
_OK, _SEE_OTHER, _NOT_MODIFIED = 200, 303, 304
#: Values of request headers whose meaning is remembered.
_REMEMBERED = 500
_OPEN = [(name.lower().encode(), value.encode()) for name, value in OPEN_TO_SCRIPTS.items()]
#: Names of headers as ASGI has them.
_NAMES = {name: name.lower().encode() for name in DOCUMENT_HEADERS}
_VARY = (b"vary", b"Accept, Accept-Encoding")


class DocumentLane:
    """Answers requests for small documents in RDF, and for the things they are about."""

    def __init__(self, serving: Serving) -> None:
        """Answer from what is served."""
        self._serving = serving
        root = urlsplit(serving.settings.base).path.rstrip("/")
        self._here = Here(root)
        self._starts = tuple(
            f"{below}/{kind}".encode() for kind in (DOCUMENT, THING) for below in {root, ""}
        )
        self._offer = lru_cache(_REMEMBERED)(_offer)
        self._coding = lru_cache(_REMEMBERED)(coding_of)
        self._date = lru_cache(_REMEMBERED)(last_modified)
        self._ids = new_ids()

    def may_answer(self, asked: Asked) -> bool:
        """Tell whether a request may be one for this lane, at a glance."""
        method, path, query, _ = asked.target
        return (
            not query
            and method in ("GET", "HEAD")
            and path.startswith(self._starts)
            and b"if-modified-since" not in asked.headers
        )

    def answer(self, asked: Asked, _: bytes, edition: Edition) -> tuple[Answer, Headers] | None:
        """Answer a request; give the answer and the headers of this client, None for others."""
        kind, name = self._path(asked.target[1])
        if not name or not name.isprintable() or name[0] == "/":
            return None
        try:
            if kind == THING:
                found = self._thing(name, edition)
            else:
                found = self._document(name, asked, edition)
        except ReleaseError:
            return None  # the routes tell what is wrong with it
        if found is None:
            return None
        self._serving.metrics.count_status(found.exchange.address, found.status)
        return found, [(b"request-id", next(self._ids).encode())]

    def _path(self, raw: bytes) -> tuple[str, str]:
        """Give what a path begins with, and the decoded rest; both empty for one that is odd."""
        try:
            path = decoded_path(raw).decode() if raw.isascii() else ""
        except UnicodeDecodeError:
            return "", ""
        inner = path.removeprefix(self._here.root)
        for kind in (DOCUMENT, THING):
            if inner.startswith(kind, 1):
                return kind, inner[len(kind) + 1 :]
        return "", ""

    def _thing(self, name: str, edition: Edition) -> Answer | None:
        """Lead from a thing to its document."""
        base = edition.store.release.manifest.content.base
        iri = next(candidate_iris(name, base=base))
        term = f"<{iri}>".encode()
        lines = edition.store.lines_about(term, most=MOST_STATEMENTS)
        is_known = lines and len(lines) < MOST_STATEMENTS and not tells_of_end(lines, term)
        location = self._here.document_of(iri, base=base) if is_known else None
        if location is None or names_a_format(name):
            return None
        response = leading_to(ascii_only(location))
        body = response.get_data()
        if is_worth_it(len(body)):
            return None
        told = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
        headers = [header for header in told if header[0] not in (b"vary", b"content-length")]
        headers += [_VARY, *_OPEN, (b"content-length", str(len(body)).encode())]
        return Answer(_SEE_OTHER, headers, body, Exchange(address=THING_ENDPOINT))

    def _document(self, path: str, asked: Asked, edition: Edition) -> Answer | None:
        """Write the document about a thing."""
        name, variant = name_and_variant(path)
        variant = variant or self._offer(asked.headers.get(b"accept", b""))
        if not isinstance(variant, GraphFormat) or path.endswith(f".{CALENDAR}"):
            return None
        time = self._serving.known_time(edition.id)
        iri = next(candidate_iris(name, base=edition.store.release.manifest.content.base))
        found = _described(edition, iri)
        if found is None or time is None:
            return None
        coding, suffix = self._coding(asked.headers.get(b"accept-encoding", b""))
        tag = tag_of(edition.id, variant.extension, suffix)
        told = headers_of(edition, self._here).of(iri, variant, is_event=is_event(edition, iri))
        headers = [(_NAMES[name], value.encode()) for name, value in told if name != "Vary"]
        headers += [_VARY, *_OPEN, (b"etag", f'"{tag}"'.encode())]
        if asked.if_none_match is not None and is_among(tag.encode(), asked.if_none_match):
            headers = [header for header in headers if header[0] != b"content-type"]
            known = Answer(_NOT_MODIFIED, headers, b"", Exchange(address=DOCUMENT_ENDPOINT))
            # RDF/XML may be unable to hold the document, which only writing it shows.
            return known if variant is not RDF_XML else None
        body = _body(edition, found, variant)
        if body is None:
            return None
        headers.append((b"last-modified", self._date(time).encode()))
        if coding is not None and is_worth_it(len(body)):
            body = coding.packed(body)
            headers.append((b"content-encoding", coding.name.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        return Answer(_OK, headers, body, Exchange(keep=True, address=DOCUMENT_ENDPOINT))


def _described(edition: Edition, iri: str) -> Description | None:
    """Collect what is to be said of a thing; None when that is much, or when it is gone."""
    try:
        node = ox.NamedNode(iri)
        found = described(edition.store, layouts_of(edition), node, most=MOST_STATEMENTS)
    except (TooMany, StoreError, ValueError):
        return None  # Flask gives the document, or tells what is wrong
    is_there = found.lines_about and not tells_of_end(found.lines_about, str(node).encode())
    return found if is_there else None


def _body(edition: Edition, found: Description, variant: GraphFormat) -> bytes | None:
    """Write a document; None when it is long, or when RDF/XML cannot hold it."""
    lines = document_lines(edition.store, found)
    if sum(map(len, lines)) > MOST_BYTES:
        return None
    try:
        return document_body(lines, variant, edition.terms, first=found.node.value)
    except NotXml:
        return None


def _offer(accept: bytes) -> Variant | None:
    """Give the format that a client likes best; None when it likes none."""
    return next(iter(acceptable(accept.decode("latin-1"), VARIANTS)), None)
