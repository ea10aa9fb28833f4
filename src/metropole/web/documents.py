"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

from collections.abc import Iterable

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, request

from metropole.formats import GRAPH_FORMATS, GraphFormat, graph_format
from metropole.store.reading import MENTIONS_SHOWN, ReadingStore
from metropole.web import addresses
from metropole.web.entity_page import entity_page
from metropole.web.negotiation import HTML, Page, acceptable
from metropole.web.ontology_page import ontology_page
from metropole.web.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition, serving

blueprint = Blueprint("documents", __name__)
Variant = GraphFormat | Page
#: RDF comes first: a client that accepts anything is a program.
VARIANTS: tuple[Variant, ...] = (*GRAPH_FORMATS, HTML)


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """Lead from a thing to its document (303 See Other)."""
    edition = serving().edition()
    iri = _find(edition, path)
    location = addresses.document_of(iri, base=_base(edition))
    assert location is not None
    response = make_response(redirect(addresses.ascii_only(location), 303))
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/doc/<path:path>")
def document(path: str) -> Response:
    """Give the document about a thing, in the format of the extension or the one negotiated."""
    edition = serving().edition()
    stem, variant = _split(path)
    if variant is None:
        iri = _find(edition, path)
        variant = _negotiated(addresses.document_of(iri, base=_base(edition)) or "")
    else:
        iri = _find(edition, stem)
    node = ox.NamedNode(iri)
    store = edition.store
    if isinstance(variant, Page):
        body: str | bytes = entity_page(store, node)
    else:
        body = _serialized(_described(store, node), variant, store)
    return _document_response(edition, iri, variant, body)


@blueprint.get("/ns", defaults={"extension": None})
@blueprint.get("/ns.<extension>")
def ontology(extension: str | None) -> Response:
    """Give the ontology of the site."""
    edition = serving().edition()
    iri = _base(edition) + "ns"
    variant = _variant(extension) if extension else _negotiated(request.path)
    if variant is None:
        raise Problem(404, "There is no such format", f"Formats: {_extensions()}.")
    quads = _ontology(edition)
    if isinstance(variant, Page):
        body: str | bytes = ontology_page(edition.store, quads)
    else:
        body = _serialized(quads, variant, edition.store)
    return _document_response(edition, iri, variant, body)


def _ontology(edition: Edition) -> list[ox.Quad]:
    """Give the statements of the files in ontology/."""
    prefix = _base(edition) + "id/graph/ontology/"
    names = [name for name in edition.store.release.manifest.graphs if name.startswith(prefix)]
    return [quad for name in names for quad in edition.store.in_graph(ox.NamedNode(name))]


def _base(edition: Edition) -> str:
    return edition.store.release.manifest.content.base


def _find(edition: Edition, path: str) -> str:
    """Find the IRI that a path stands for; nothing said of it and by it means 404."""
    for iri in addresses.candidate_iris(path, base=_base(edition)):
        node = ox.NamedNode(iri)
        if edition.store.about(node) or edition.store.mentions(node):
            return iri
    raise Problem(
        404,
        "There is no such thing in this graph",
        f"Nothing is said of <{next(addresses.candidate_iris(path, base=_base(edition)))}> in "
        f"release {edition.id}.",
    )


def _split(path: str) -> tuple[str, Variant | None]:
    stem, dot, extension = path.rpartition(".")
    variant = _variant(extension) if dot else None
    return (stem, variant) if variant else (path, None)


def _variant(extension: str) -> Variant | None:
    return HTML if extension == HTML.extension else graph_format(extension)


def _negotiated(address: str) -> Variant:
    offers = acceptable(request.headers.get("Accept"), VARIANTS)
    if offers:
        return offers[0]
    variants = [
        {"type": variant.media_type, "address": f"{address}.{variant.extension}"}
        for variant in VARIANTS
    ]
    raise Problem(
        406,
        "None of the accepted formats is available",
        f"Available are: {', '.join(variant.media_type for variant in VARIANTS)}.",
        members={"variants": variants},
    )


def _extensions() -> str:
    return ", ".join(variant.extension for variant in VARIANTS)


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


def _serialized(quads: Iterable[ox.Quad], syntax: GraphFormat, store: ReadingStore) -> bytes:
    prefixes = store.release.manifest.content.prefixes
    if syntax.holds_named_graphs and syntax.extension != "jsonld":
        ordered = sorted(quads, key=lambda quad: (str(quad.graph_name), *_order(quad)))
        return syntax.serialized(ordered, prefixes)
    unique = dict.fromkeys(quad.triple for quad in sorted(quads, key=_order))
    return syntax.serialized(list(unique), prefixes)


def _order(quad: ox.Quad) -> tuple[str, bool, str, str]:
    predicate = quad.predicate.value
    return str(quad.subject), not predicate.endswith("#type"), predicate, str(quad.object)


def _document_response(edition: Edition, iri: str, variant: Variant, body: str | bytes) -> Response:
    base = _base(edition)
    response = make_response(body)
    response.headers["Content-Type"] = variant.content_type
    response.headers["Vary"] = "Accept"
    for other in VARIANTS:
        address = addresses.document_of(iri, base=base, extension=other.extension)
        assert address is not None
        if other is variant:
            response.headers["Content-Location"] = addresses.ascii_only(address)
        else:
            link(response, address, "alternate", other.media_type)
    link(response, iri, "describes")
    licence = edition.store.release.manifest.content.licence
    if licence:
        link(response, licence, "license")
    return cacheable(response, edition.id, variant.extension)
