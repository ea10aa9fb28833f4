"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

import contextlib
from collections.abc import Callable, Iterator
from functools import lru_cache

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, request, url_for
from werkzeug import Response as AnyResponse
from werkzeug.utils import redirect

from metropole.formats import RDF_XML, GraphFormat
from metropole.messages import Message
from metropole.release.documents import names_a_format
from metropole.release.journal import date
from metropole.sources import ONTOLOGY, SHAPES
from metropole.store.reading import ReadingStore
from metropole.web import addresses
from metropole.web.documents.calendars import is_event
from metropole.web.documents.headers import (
    VARIANTS,
    DocumentHeaders,
    Variant,
    headers_of,
    name_and_variant,
    variant_of,
)
from metropole.web.documents.memento import timed
from metropole.web.entity.descriptions import Description, described, document_lines
from metropole.web.entity.gone_page import gone_page
from metropole.web.entity.layouts import layouts_of
from metropole.web.entity.page import Version
from metropole.web.entity.rendering import entity_page
from metropole.web.metadata.signposting import of_entity
from metropole.web.pinned import asked_edition, in_asked_release
from metropole.web.reference.ontology_page import ontology_page
from metropole.web.reference.shapes_page import shapes_page
from metropole.web.requests.negotiation import Page, acceptable
from metropole.web.requests.problems import Problem, accepts_problems
from metropole.web.responses import Plain, cacheable, dated, link
from metropole.web.responses.graph_bodies import document_body, graph_body
from metropole.web.search import near
from metropole.web.serving import Edition, current_edition, serving
from metropole.web.serving.tombstones import is_gone, tombstone
from metropole.xml_bodies import NotXml

blueprint = Blueprint("documents", __name__)
#: Values of `Accept` whose meaning is remembered.
_ACCEPTED_KEPT = 500
THING_ENDPOINT, DOCUMENT_ENDPOINT = "documents.thing", "documents.document"
blueprint.add_app_template_filter(addresses.in_release, "in_release")


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """Lead from a thing to its document (303 See Other); what is gone is told here (410)."""
    edition = asked_edition()
    iri = _find(edition, path)
    if iri is None or is_gone(edition.store, iri):
        return _gone(edition, [path], iri, None)
    # Where a name ends like a file there is no general document: choose the format here.
    named = names_a_format(path)
    extension = _negotiated(request.path).extension if named else ""
    location = addresses.document_of(iri, base=_base(edition), extension=extension)
    assert location is not None
    return make_response(leading_to(in_asked_release(addresses.ascii_only(location))))


def leading_to(document: str) -> AnyResponse:
    """Write the response that leads from a thing to its document."""
    response = redirect(document, 303)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Give the document about a thing, in the format of the extension or the one negotiated.

    `release=` asks for what a kept release says. A thing that is gone is told with 410.
    """
    edition = asked_edition()
    stem, variant = name_and_variant(path)
    found = _described(edition, stem) if variant else None
    if found is None:
        found = _described(edition, path)
        if found is None or found.tells_of_end:
            iri = found.node.value if found else None
            return _gone(edition, [stem, path] if variant else [path], iri, variant)
        variant = None
    elif found.tells_of_end:
        return _gone(edition, [stem], found.node.value, variant)
    address = addresses.document_of(found.node.value, base=_base(edition)) or ""
    for chosen in (variant,) if variant else _offers(address):
        try:
            body = _body(edition, found, chosen)
            return timed(_described_response(edition, found, chosen, body), edition.id)
        except NotXml as error:
            reason = str(error)
    raise _unacceptable(address, reason)


def _described(edition: Edition, path: str) -> Description | None:
    """Describe the thing that a path stands for; None when nothing is said of it or by it."""
    for iri in _candidates(edition, path):
        found = described(edition.store, layouts_of(edition), ox.NamedNode(iri))
        if found.lines_about or found.lines_pointing:
            return found
    return None


def _gone(edition: Edition, paths: list[str], iri: str | None, variant: Variant | None) -> Response:
    """Say what is left of a thing (410 Gone), or that there never was one (404)."""
    candidates = [iri] if iri else [each for path in paths for each in _candidates(edition, path)]
    for candidate in candidates:
        found = tombstone(edition.store, serving().releases, candidate)
        if found:
            break
    else:
        raise _absent(edition, paths[-1], variant)
    address = addresses.document_of(found.iri, base=_base(edition)) or ""
    chosen = variant or _offers(address)[0]
    if isinstance(chosen, Page):
        body: str | bytes = gone_page(edition.store, found)
    else:
        prefixes = edition.store.release.manifest.content.prefixes
        labels = edition.store.labels(found.replaced_by)
        try:
            body = graph_body([*found.quads(), *labels], chosen, prefixes, first=found.iri)
        except NotXml as error:
            raise _unacceptable(address, str(error)) from error
    response = make_response(body, 410)
    response.headers["Content-Type"] = chosen.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    link(response, found.iri, "describes")
    for successor in found.replaced_by:
        link(response, successor.value, "successor-version")
    if found.last:
        before = addresses.in_release(address, found.last.release.id)
        link(response, before, "predecessor-version")
    return response


def _body(edition: Edition, found: Description, variant: Variant) -> str | bytes:
    """Write the document about a thing; raises NotXml when RDF/XML cannot hold it."""
    if isinstance(variant, Page):
        return entity_page(edition, found, _versions(edition.store, found.node.value))
    lines = document_lines(edition.store, found)
    return document_body(lines, variant, edition.terms, first=found.node.value)


def _versions(store: ReadingStore, iri: str) -> list[Version]:
    """List the releases that changed a thing, up to the one that is read; the newest first."""
    past = serving().past
    changes = past.changes(store.release.id, iri)
    times = past.times() if changes else {}
    return [Version(release, change, date(times.get(release))) for release, change in changes]


@blueprint.get("/ns", defaults={"extension": None})
@blueprint.get("/ns.<extension>")
def ontology(extension: str | None) -> Response:
    """Give the ontology of the site."""
    return _terms("ns", ONTOLOGY, extension, ontology_page)


@blueprint.get("/shapes", defaults={"extension": None})
@blueprint.get("/shapes.<extension>")
def shapes(extension: str | None) -> Response:
    """Give the shapes of the site."""
    return _terms("shapes", SHAPES, extension, shapes_page)


def _terms(
    name: str,
    folder: str,
    extension: str | None,
    page: Callable[[ReadingStore, dict[str, list[ox.Quad]]], str],
) -> Response:
    """Give the statements of the files in a folder of terms, or the page about them."""
    edition = asked_edition()
    iri = _base(edition) + name
    variant = variant_of(extension) if extension else _negotiated(f"/{name}")
    if variant is None:
        raise Problem(404, Message("There is no such format"), _extensions())
    if isinstance(variant, Page):
        folders = (ONTOLOGY, SHAPES)
        body: str | bytes = page(edition.store, {each: _of(edition, each) for each in folders})
    else:
        try:
            prefixes = edition.store.release.manifest.content.prefixes
            body = graph_body(_of(edition, folder), variant, prefixes, first=iri)
        except NotXml as error:
            raise _unacceptable(f"/{name}", str(error)) from error
    store, node = edition.store, ox.NamedNode(iri)
    return _document_response(
        edition,
        iri,
        variant,
        body,
        store.types(node),
        has_more=store.has_more_mentions(node),
    )


def _of(edition: Edition, folder: str) -> list[ox.Quad]:
    """Give the statements of the files in a folder of the site."""
    prefix = f"{_base(edition)}id/graph/{folder}/"
    names = [name for name in edition.store.release.manifest.graphs if name.startswith(prefix)]
    return [quad for name in names for quad in edition.store.in_graph(ox.NamedNode(name))]


def _base(edition: Edition) -> str:
    return edition.store.release.manifest.content.base


def _candidates(edition: Edition, path: str) -> Iterator[str]:
    """Give the IRIs that a path may stand for."""
    for iri in addresses.candidate_iris(path, base=_base(edition)):
        with contextlib.suppress(ValueError):
            yield ox.NamedNode(iri).value


def _find(edition: Edition, path: str) -> str | None:
    """Find the IRI that a path stands for; None when nothing is said of it or by it."""
    for iri in _candidates(edition, path):
        if edition.store.knows(ox.NamedNode(iri)):
            return iri
    return None


def _absent(edition: Edition, path: str, variant: Variant | None) -> Problem:
    """Say that there is no such thing; who does not ask for RDF is told what is near."""
    wants_rdf = isinstance(variant, GraphFormat) or not accepts_problems()
    found = [] if wants_rdf else near(edition, path)
    told = [
        {"iri": each.iri, "name": each.name.text, "language": each.name.language or None}
        | {"document": each.address}
        for each in found
    ]
    return Problem(
        404,
        Message("There is no such thing in this graph"),
        Message(
            "Nothing is said of <%(iri)s> in release %(release)s.",
            iri=next(addresses.candidate_iris(path, base=_base(edition))),
            release=edition.id,
        ),
        members={"near": told} if told else {},
    )


def _negotiated(address: str) -> Variant:
    return _offers(address)[0]


def _offers(address: str) -> list[Variant]:
    """List the variants the client accepts, its favourite first; none is a problem (406)."""
    offers = _accepted(request.headers.get("Accept"))
    if not offers:
        raise _unacceptable(address)
    return offers


@lru_cache(_ACCEPTED_KEPT)
def _accepted(header: str | None) -> list[Variant]:
    return acceptable(header, VARIANTS)


def _unacceptable(address: str, reason: str = "") -> Problem:
    """List what there is (406); with a reason why RDF/XML cannot hold it, all but that."""
    path = address.partition("?")[0]
    variants = [
        {"type": variant.media_type, "address": f"{path}.{variant.extension}"}
        for variant in VARIANTS
        if not (reason and variant is RDF_XML)
    ]
    links = ", ".join(
        f'<{addresses.ascii_only(each["address"])}>; rel="alternate"; type="{each["type"]}"'
        for each in variants
    )
    types = ", ".join(each["type"] for each in variants)
    available = Message("Available are: %(types)s.", types=types)
    return Problem(
        406,
        Message("None of the accepted formats is available"),
        f"{reason} {available}" if reason else available,
        members={"variants": variants},
        headers={"Link": links},
    )


def _extensions() -> Message:
    names = ", ".join(variant.extension for variant in VARIANTS)
    return Message("Formats: %(names)s.", names=names)


def _described_response(
    edition: Edition, found: Description, variant: Variant, body: str | bytes
) -> Response:
    return _document_response(
        edition, found.node.value, variant, body, found.classes, has_more=found.has_more_mentions
    )


def _document_response(  # all that a document is
    edition: Edition,
    iri: str,
    variant: Variant,
    body: str | bytes,
    kinds: list[ox.NamedNode],
    *,
    has_more: bool,
) -> Response:
    store, is_page = edition.store, isinstance(variant, Page)
    asked, here = request.args.get("release"), addresses.here()
    made = DocumentHeaders(store.release, here, asked) if asked else headers_of(edition, here)
    headers = made.of(
        iri,
        variant,
        is_event=is_event(edition, iri),
        more=_all_mentions(iri) if has_more else "",
        signposts=of_entity(store, iri, kinds).links if is_page else (),
    )
    response = Plain(body, headers=headers)
    # The frame of a page is always that of the current release.
    current = current_edition().id
    dated(response, current if is_page else edition.id)
    frame = f"-in-{current}" if is_page and current != edition.id else ""
    return cacheable(response, edition.id, variant.extension + frame)


def _all_mentions(iri: str) -> str:
    """Give the address of all statements that point to a thing."""
    query = f"CONSTRUCT {{ ?thing ?property <{iri}> }} WHERE {{ ?thing ?property <{iri}> }}"
    return url_for("sparql.sparql", query=query)
