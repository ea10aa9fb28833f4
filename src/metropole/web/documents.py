"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

import contextlib
from collections.abc import Iterator

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, request, url_for

from metropole.formats import GRAPH_FORMATS, GraphFormat, graph_format
from metropole.messages import Message
from metropole.release.journal import date, in_order
from metropole.release.void import DATASET
from metropole.store.reading import MENTIONS_SHOWN, ReadingStore
from metropole.vocab import RDFS, VOID
from metropole.web import addresses
from metropole.web.entity_page import Version, entity_page, gone_page
from metropole.web.graph_bodies import graph_body
from metropole.web.memento import linked
from metropole.web.negotiation import HTML, Page, acceptable
from metropole.web.ontology_page import ontology_page
from metropole.web.pinned import asked_edition, in_asked_release
from metropole.web.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition, serving
from metropole.web.tombstones import is_gone, records, tombstone
from metropole.xml_bodies import NotXml

blueprint = Blueprint("documents", __name__)
blueprint.add_app_template_filter(addresses.in_release, "in_release")
Variant = GraphFormat | Page
#: RDF comes first: a client that accepts anything is a program.
VARIANTS: tuple[Variant, ...] = (*GRAPH_FORMATS, HTML)


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """Lead from a thing to its document (303 See Other); what is gone is told here (410)."""
    edition = asked_edition()
    iri = _find(edition, path)
    if iri is None or is_gone(edition.store, iri):
        return _gone(edition, [path], iri, None)
    # Where a name ends like a file there is no general document: choose the format here.
    named = addresses.names_a_format(path)
    extension = _negotiated(request.path).extension if named else ""
    location = addresses.document_of(iri, base=_base(edition), extension=extension)
    assert location is not None
    response = make_response(redirect(in_asked_release(addresses.ascii_only(location)), 303))
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Give the document about a thing, in the format of the extension or the one negotiated.

    `release=` asks for what a kept release says. A thing that is gone is told with 410.
    """
    edition = asked_edition()
    stem, variant = _split(path)
    iri = _find(edition, stem) if variant else None
    if iri is None:
        iri = _find(edition, path)
        if iri is None or is_gone(edition.store, iri):
            return _gone(edition, [stem, path] if variant else [path], iri, variant)
        variant = None
    elif is_gone(edition.store, iri):
        return _gone(edition, [stem], iri, variant)
    address = addresses.document_of(iri, base=_base(edition)) or ""
    for chosen in (variant,) if variant else _offers(address):
        try:
            body = _body(edition.store, iri, chosen)
            named = addresses.document_path(iri, base=_base(edition))
            return linked(_document_response(edition, iri, chosen, body), named, edition.id)
        except NotXml as error:
            reason = str(error)
    raise _unacceptable(address, reason)


def _gone(edition: Edition, paths: list[str], iri: str | None, variant: Variant | None) -> Response:
    """Say what is left of a thing (410 Gone), or that there never was one (404)."""
    candidates = [iri] if iri else [each for path in paths for each in _candidates(edition, path)]
    for candidate in candidates:
        found = tombstone(edition.store, serving().releases, candidate)
        if found:
            break
    else:
        raise _absent(edition, paths[-1])
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


def _body(store: ReadingStore, iri: str, variant: Variant) -> str | bytes:
    """Write the document about a thing; raises NotXml when RDF/XML cannot hold it."""
    node = ox.NamedNode(iri)
    if isinstance(variant, Page):
        return entity_page(store, node, _versions(store, iri))
    prefixes = store.release.manifest.content.prefixes
    return graph_body(_described(store, node), variant, prefixes, first=iri)


def _versions(store: ReadingStore, iri: str) -> list[Version]:
    """List the releases that changed a thing, up to the one that is read; the newest first."""
    releases = serving().releases
    times = in_order(releases.journal.activations())
    return [
        Version(record.after, change, date(times.get(record.after)))
        for record in records(releases, store.release.id)
        if (change := record.of(iri)) is not None
    ]


@blueprint.get("/ns", defaults={"extension": None})
@blueprint.get("/ns.<extension>")
def ontology(extension: str | None) -> Response:
    """Give the ontology of the site."""
    edition = serving().edition()
    iri = _base(edition) + "ns"
    variant = _variant(extension) if extension else _negotiated("/ns")
    if variant is None:
        raise Problem(404, Message("There is no such format"), _extensions())
    quads = _ontology(edition)
    if isinstance(variant, Page):
        return _document_response(edition, iri, variant, ontology_page(edition.store, quads))
    try:
        prefixes = edition.store.release.manifest.content.prefixes
        body = graph_body(quads, variant, prefixes, first=iri)
    except NotXml as error:
        raise _unacceptable("/ns", str(error)) from error
    return _document_response(edition, iri, variant, body)


def _ontology(edition: Edition) -> list[ox.Quad]:
    """Give the statements of the files in ontology/."""
    prefix = _base(edition) + "id/graph/ontology/"
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


def _absent(edition: Edition, path: str) -> Problem:
    return Problem(
        404,
        Message("There is no such thing in this graph"),
        Message(
            "Nothing is said of <%(iri)s> in release %(release)s.",
            iri=next(addresses.candidate_iris(path, base=_base(edition))),
            release=edition.id,
        ),
    )


def _split(path: str) -> tuple[str, Variant | None]:
    stem, dot, extension = path.rpartition(".")
    variant = _variant(extension) if dot else None
    return (stem, variant) if variant else (path, None)


def _variant(extension: str) -> Variant | None:
    return HTML if extension == HTML.extension else graph_format(extension)


def _negotiated(address: str) -> Variant:
    return _offers(address)[0]


def _offers(address: str) -> list[Variant]:
    """List the variants the client accepts, its favourite first; none is a problem (406)."""
    offers = acceptable(request.headers.get("Accept"), VARIANTS)
    if not offers:
        raise _unacceptable(address)
    return offers


def _unacceptable(address: str, reason: str = "") -> Problem:
    path = address.partition("?")[0]
    variants = [
        {"type": variant.media_type, "address": f"{path}.{variant.extension}"}
        for variant in VARIANTS
    ]
    types = ", ".join(variant.media_type for variant in VARIANTS)
    available = Message("Available are: %(types)s.", types=types)
    return Problem(
        406,
        Message("None of the accepted formats is available"),
        f"{reason} {available}" if reason else available,
        members={"variants": variants},
    )


def _extensions() -> Message:
    names = ", ".join(variant.extension for variant in VARIANTS)
    return Message("Formats: %(names)s.", names=names)


def _described(store: ReadingStore, node: ox.NamedNode) -> list[ox.Quad]:
    """Collect what a document says: the thing, who points to it, the names of its neighbours."""
    about = store.about(node)
    mentions = store.mentions(node)[:MENTIONS_SHOWN]
    neighbours = [
        term
        for quad in (*about, *mentions)
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.NamedNode) and term != node
    ]
    return list(dict.fromkeys([*about, *mentions, *store.labels(neighbours)]))


def _has_more_mentions(store: ReadingStore, iri: str) -> bool:
    """Tell whether a document leaves out some of the statements that point to its thing."""
    return len(store.mentions(ox.NamedNode(iri))) > MENTIONS_SHOWN


def _document_response(edition: Edition, iri: str, variant: Variant, body: str | bytes) -> Response:
    base = _base(edition)
    response = make_response(body)
    response.headers["Content-Type"] = variant.content_type
    response.headers["Vary"] = "Accept"
    for other in VARIANTS:
        address = addresses.document_of(iri, base=base, extension=other.extension)
        assert address is not None
        if other is variant:
            response.headers["Content-Location"] = in_asked_release(addresses.ascii_only(address))
        else:
            link(response, in_asked_release(address), "alternate", other.media_type)
    link(response, iri, "describes")
    link(response, base + DATASET, VOID + "inDataset")
    if _has_more_mentions(edition.store, iri):
        query = f"CONSTRUCT {{ ?thing ?property <{iri}> }} WHERE {{ ?thing ?property <{iri}> }}"
        link(response, url_for("sparql.sparql", query=query), RDFS + "seeAlso")
    licence = edition.store.release.manifest.content.licence
    if licence:
        link(response, licence, "license")
    # The frame of a page is always that of the current release.
    current = serving().edition().id
    frame = f"-in-{current}" if isinstance(variant, Page) and current != edition.id else ""
    return cacheable(response, edition.id, variant.extension + frame)
