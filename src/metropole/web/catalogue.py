"""The catalogue that harvesters read: `/catalog`, page by page or whole."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, request

from metropole.formats import GRAPH_FORMATS, GraphFormat, graph_format
from metropole.release import Release
from metropole.release.dumps import DUMPS, FOLDER, graph_file
from metropole.release.history import Entry, history
from metropole.release.manifest import PublishedFile
from metropole.release.query_statements import GRAPH as QUERIES
from metropole.release.void import DATASET
from metropole.release.void import GRAPH as VOID_GRAPH
from metropole.settings import Settings
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT
from metropole.web.dcat import PREFIXES, Catalogue, Described
from metropole.web.graph_bodies import default_graph_body
from metropole.web.negotiation import acceptable
from metropole.web.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.serving import serving
from metropole.xml_bodies import NotXml

blueprint = Blueprint("catalogue", __name__)
_LICENCE = ox.NamedNode(DCT + "license")


@blueprint.get("/catalog", defaults={"extension": ""})
@blueprint.get("/catalog.<extension>")
def catalogue(extension: str) -> Response:
    """Give the catalogue: `page=` a page of it, else the whole; without extension negotiated.

    `/catalog` alone leads to the first page (307), since Hydra says what follows of the address
    that was asked; `full=1` asks for the whole there.
    """
    page = _page_asked()
    if page is None and not extension and "full" not in request.args:
        response = make_response(redirect("?page=1", 307))
        response.headers["Location"] = f"{request.script_root}/catalog?page=1"
        response.headers["Cache-Control"] = "no-cache"
        return response
    syntax = _syntax(extension)
    settings = serving().settings
    datasets = list(_datasets())
    made = Catalogue(settings)
    shown = datasets
    if page is not None:
        size = settings.catalogue.page_size
        last = max(1, -(-len(datasets) // size))
        if page > last:
            raise Problem(404, "There is no such page", f"The catalogue has {last} pages.")
        shown = datasets[(page - 1) * size : page * size]
        address = f"{settings.base}catalog{'.' * bool(extension)}{extension}?page="
        numbers = {"first": 1, "previous": page - 1, "next": page + 1, "last": last}
        others = {name: f"{address}{n}" for name, n in numbers.items() if 1 <= n <= last}
        made.paging(f"{address}{page}", len(datasets), others)
    triples = made.page(shown, *_times())
    return _sent(triples, syntax, made.node.value)


def _page_asked() -> int | None:
    asked = request.args.get("page")
    if asked is None:
        return None
    if not asked.isdecimal() or not int(asked):
        raise Problem(400, "The page is no number", "Pages are counted from 1: page=1.")
    return int(asked)


def _syntax(extension: str) -> GraphFormat:
    if extension:
        found = graph_format(extension)
        if found is None:
            known = ", ".join(syntax.extension for syntax in GRAPH_FORMATS)
            raise Problem(404, "There is no such format", f"Formats: {known}.")
        return found
    offers = acceptable(request.headers.get("Accept"), GRAPH_FORMATS)
    if not offers:
        told = ", ".join(syntax.media_type for syntax in GRAPH_FORMATS)
        raise Problem(406, "None of the accepted formats is available", f"Available are: {told}.")
    return offers[0]


def _sent(triples: Iterable[ox.Triple], syntax: GraphFormat, first: str) -> Response:
    graph = ox.NamedNode(first)
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    try:
        body = default_graph_body(quads, syntax, PREFIXES, first=first)
    except NotXml as error:
        raise Problem(406, "RDF/XML cannot hold the catalogue", str(error)) from error
    response = make_response(body)
    response.headers["Content-Type"] = syntax.content_type
    response.headers["Vary"] = "Accept"
    link(response, "https://semiceu.github.io/DCAT-AP/releases/3.0.1/", "profile")
    return cacheable(response, sha256(body).hexdigest()[:16], syntax.extension)


def _times() -> tuple[int | None, int | None]:
    """Give when the first release came out, and the current one."""
    entries = history(serving().releases)
    current = next((each.activated for each in entries if each.is_current), None)
    return entries[0].activated if entries else None, current


def _datasets() -> Iterator[Described]:
    """List the datasets: the whole, its source graphs, then each release that is kept."""
    edition, settings = serving().edition(), serving().settings
    store, release = edition.store, edition.store.release
    writer = Catalogue(settings)
    entries = [entry for entry in history(serving().releases) if entry.release]
    modified = next((entry.activated for entry in entries if entry.id == release.id), None)
    created = release.manifest.content.created or modified
    yield Described(
        iri=settings.base + DATASET,
        titles=[writer.text(settings.title)],
        descriptions=writer.texts(),
        release=release,
        files=_files(release, DUMPS),
        licence=settings.licence,
        issued=entries[0].activated if entries else None,
        modified=created,
        page=settings.base,
        is_whole=True,
    )
    made = {settings.base + name for name in (QUERIES, VOID_GRAPH)}
    for graph in release.manifest.graphs:
        if graph not in made:
            yield _source_graph(store, graph, writer, created)
    yield from _versions(entries, writer, settings)


def _versions(
    entries: Iterable[Entry], writer: Catalogue, settings: Settings
) -> Iterator[Described]:
    """List the releases that are kept, each with the one before it."""
    previous = ""
    for entry in entries:
        assert entry.release is not None
        iri = f"{settings.base}releases/{entry.id}"
        yield Described(
            iri=iri,
            titles=[writer.text(f"{settings.title}: {entry.id}")],
            descriptions=writer.texts(),
            release=entry.release,
            files=_files(entry.release, DUMPS),
            licence=entry.release.manifest.content.licence,
            issued=entry.activated,
            modified=entry.release.manifest.content.created or entry.activated,
            version=entry.id,
            previous=previous,
            page=iri,
        )
        previous = iri


def _source_graph(
    store: ReadingStore, graph: str, writer: Catalogue, modified: int | None
) -> Described:
    """Describe a source graph with what the graph says of it, as title and description."""
    settings, node = writer.settings, ox.NamedNode(graph)
    said = {DCT + "title": list[ox.Literal](), DCT + "description": list[ox.Literal]()}
    licence = settings.licence
    for quad in store.about(node):
        if quad.subject == node and isinstance(quad.object, ox.Literal):
            said.get(quad.predicate.value, []).append(quad.object)
        if quad.predicate == _LICENCE and isinstance(quad.object, ox.NamedNode):
            licence = quad.object.value
    name = graph.removeprefix(settings.base + "id/graph/")
    number = store.release.manifest.graphs[graph]
    return Described(
        iri=graph,
        titles=said[DCT + "title"] or [writer.text(name)],
        descriptions=said[DCT + "description"]
        or [writer.text(f"The {number:,} statements of {name}.", "en")],
        release=store.release,
        files=_files(store.release, [graph_file(graph, settings.base)]),
        licence=licence,
        modified=modified,
    )


def _files(release: Release, names: Iterable[str]) -> list[PublishedFile]:
    wanted = [f"{FOLDER}/{name}" for name in names]
    return [file for file in release.manifest.files if file.path in wanted]
