"""FAIR Signposting: what a program should know of a landing page, as links (signposting.org).

The links that matter most are in the header `Link` (RFC 8288); a header has little room, so the
full set is a document of its own, `/linkset/…` (RFC 9264).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, request, url_for

from metropole.formats import JSON_LD, RDF_XML, TURTLE
from metropole.messages import Message
from metropole.release import Release
from metropole.release.catalogue import graph_files, whole_files
from metropole.release.dcat import PARTS
from metropole.release.dumps import FOLDER
from metropole.release.file_kinds import file_kind
from metropole.release.manifest import PublishedFile
from metropole.release.void import DATASET
from metropole.store.reading import ReadingStore
from metropole.vocab import SCHEMA
from metropole.web import addresses
from metropole.web.metadata.citations import MEDIA_TYPES
from metropole.web.pinned import asked_edition, pinned_release, refuse_another
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable, link, link_to
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("signposting", __name__)
LINKSET = "application/linkset+json"
#: Items and classes that a header has room for; a linkset has all.
_IN_HEADER = 12
_PAGE = SCHEMA + "AboutPage"


@dataclass(frozen=True)
class Signpost:
    """A link of a landing page: relation, address (local or whole) and media type."""

    relation: str
    address: str
    media_type: str = ""


@dataclass(frozen=True)
class Signposts:
    """The links of one landing page, and the address of the page."""

    page: str
    links: Sequence[Signpost]


def signposts(response: Response, found: Signposts) -> None:
    """Write the links of a page into the header of its response, and where all of them are."""
    for each in in_header(found.links):
        response.headers.add("Link", each)
    if found.page:
        path = found.page.partition("?")[0].removeprefix(request.script_root).lstrip("/")
        link(response, url_for("signposting.linkset", path=path), "linkset", LINKSET)


def in_header(found: Iterable[Signpost]) -> list[str]:
    """Write the links for which a header has room as values of `Link`."""
    left: dict[str, int] = {}
    written = []
    for each in found:
        left[each.relation] = left.get(each.relation, _IN_HEADER) - 1
        if left[each.relation] >= 0:
            written.append(link_to(each.address, each.relation, each.media_type))
    return written


@blueprint.get("/linkset/", defaults={"path": ""})
@blueprint.get("/linkset/<path:path>")
def linkset(path: str) -> Response:
    """Give all links of a landing page: of `doc/…`, `releases/<id>`, `dumps/` or the home page."""
    found, release_id = _of(path)
    anchor = _absolute(found.page.partition("?")[0])
    relations: dict[str, list[dict[str, str]]] = {}
    for each in found.links:
        relations.setdefault(each.relation, []).append(_target(each))
    contexts: list[dict[str, object]] = [{"anchor": anchor, **relations}]
    page = {"href": anchor, "type": "text/html"}
    for each in found.links:
        back = {"item": "collection", "describedby": "describes"}.get(each.relation)
        if back:
            contexts.append({"anchor": _absolute(each.address), back: [page]})
    response = make_response(json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1) + "\n")
    response.headers["Content-Type"] = LINKSET
    return cacheable(response, release_id, "linkset")


def _of(path: str) -> tuple[Signposts, str]:
    """Find the landing page of a path; raises Problem."""
    if path in ("", "dumps/"):
        refuse_another()
        release = current_edition().store.release
        page = url_for("dumps.index") if path else url_for("system.home")
        return of_whole(release, page), release.id
    if path.startswith("releases/"):
        release = pinned_release(serving(), path.removeprefix("releases/"))
        return of_release(release), release.id
    if path.startswith("doc/"):
        edition = asked_edition()
        base = edition.store.release.manifest.content.base
        for iri in addresses.candidate_iris(path.removeprefix("doc/"), base=base):
            try:
                is_there = edition.store.knows(ox.NamedNode(iri))
            except ValueError:
                continue
            if is_there:
                kinds = edition.store.types(ox.NamedNode(iri))
                return of_entity(edition.store, iri, kinds), edition.id
    raise Problem(
        404,
        Message("There is no such landing page"),
        Message(
            "Linksets are of '/linkset/', '/linkset/dumps/', '/linkset/releases/<id>' and "
            "'/linkset/doc/…'."
        ),
    )


def of_entity(store: ReadingStore, iri: str, classes: Iterable[ox.NamedNode]) -> Signposts:
    """Give the links of the document about a thing; a source graph has its files as items."""
    release, here = store.release, addresses.here()
    base = release.manifest.content.base
    page = here.document_of(iri, base=base) or ""
    described = [
        Signpost("describedby", address, syntax.media_type)
        for syntax in (TURTLE, JSON_LD, RDF_XML)
        if (address := here.document_of(iri, base=base, extension=syntax.extension))
    ]
    kinds = [kind.value for kind in classes if kind.value.startswith("http")]
    is_graph = iri in release.manifest.graphs
    files = graph_files(release, iri) if is_graph else ()
    return Signposts(
        page,
        [
            Signpost("cite-as", iri),
            *(Signpost("type", kind) for kind in (_PAGE, *sorted(kinds))),
            *described,
            *_items(release, files),
            *_credits(release),
            Signpost("collection", base + DATASET),
        ],
    )


def of_metadata(release: Release) -> list[Signpost]:
    """Give the links of a document in RDF, which is asked for far more often than the page."""
    content = release.manifest.content
    licence = [Signpost("license", content.licence)] if content.licence else []
    return [*licence, Signpost("collection", content.base + DATASET)]


def of_whole(release: Release, page: str = "") -> Signposts:
    """Give the links of the pages about the whole graph: `/` and `/dumps/`."""
    base = release.manifest.content.base
    return Signposts(
        page or request.path,
        [
            Signpost("cite-as", base + DATASET),
            *_dataset(release),
            Signpost("describedby", url_for("void.description"), TURTLE.media_type),
        ],
    )


def of_release(release: Release) -> Signposts:
    """Give the links of the page of a release, which keeps its files for good."""
    base = release.manifest.content.base
    return Signposts(
        url_for("releases.release", name=release.id),
        [
            Signpost("cite-as", f"{base}releases/{release.id}"),
            *_dataset(release),
            *(
                Signpost(
                    "describedby",
                    url_for("citations.citation", release_id=release.id, extension=extension),
                    MEDIA_TYPES[extension].partition(";")[0],
                )
                for extension in ("bib", "json")
            ),
            Signpost("collection", base + DATASET),
        ],
    )


def of_file(release: Release) -> Signposts:
    """Give the links of a download: what it belongs to, and on what terms."""
    base = release.manifest.content.base
    belongs = Signpost("collection", f"{base}releases/{release.id}", "text/html")
    return Signposts("", [belongs, *_credits(release)])


def _dataset(release: Release) -> list[Signpost]:
    """Give the links that every page about a dataset has."""
    catalogues = [
        Signpost(
            "describedby",
            url_for("catalogue.catalogue", extension=syntax.extension),
            syntax.media_type,
        )
        for syntax in (TURTLE, JSON_LD, RDF_XML)
    ]
    return [
        Signpost("type", _PAGE),
        Signpost("type", SCHEMA + "Dataset"),
        *catalogues,
        *_items(release, whole_files(release)),
        *_credits(release),
    ]


def _items(release: Release, files: Iterable[PublishedFile]) -> list[Signpost]:
    return [
        Signpost(
            "item",
            url_for("dumps.dump", release_id=release.id, name=name),
            kind.compression or kind.media_type,
        )
        for file in files
        for name in [file.path.removeprefix(f"{FOLDER}/")]
        for kind in [file_kind(name)]
    ]


def _credits(release: Release) -> list[Signpost]:
    """Say licence and author."""
    content = release.manifest.content
    author = serving().settings.catalogue.publisher or f"{content.base}{PARTS}publisher"
    licence = [Signpost("license", content.licence)] if content.licence else []
    return [*licence, Signpost("author", author)]


def _target(each: Signpost) -> dict[str, str]:
    kind = {"type": each.media_type} if each.media_type else {}
    return {"href": _absolute(each.address), **kind}


def _absolute(address: str) -> str:
    """Write an address of this server below the base; others are whole already."""
    if not address.startswith("/"):
        return addresses.ascii_only(address)
    base = serving().settings.base.rstrip("/")
    return base + addresses.ascii_only(address.removeprefix(request.script_root))
