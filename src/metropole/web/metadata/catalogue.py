"""The catalogue: `/catalog`, for harvesters in RDF, page by page or whole, and for people."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from metropole.formats import GRAPH_FORMATS, GraphFormat, graph_format
from metropole.messages import Message
from metropole.release.catalogue import datasets
from metropole.release.dcat import PREFIXES, Catalogue, Described
from metropole.release.dumps import FOLDER
from metropole.release.file_kinds import FileKind, file_kind
from metropole.release.history import history
from metropole.release.manifest import PublishedFile
from metropole.release.ways import ways_of
from metropole.web import addresses, languages
from metropole.web.labels import Name
from metropole.web.metadata.citations import Cited, cited
from metropole.web.requests.negotiation import HTML, Page
from metropole.web.requests.problems import Problem, negotiated
from metropole.web.responses import cacheable, link
from metropole.web.responses.graph_bodies import default_graph_body
from metropole.web.serving import current_edition, serving
from metropole.xml_bodies import NotXml

blueprint = Blueprint("catalogue", __name__)
#: RDF comes first: a client that accepts anything is a program.
_VARIANTS: tuple[GraphFormat | Page, ...] = (*GRAPH_FORMATS, HTML)
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/([0-9.]+)"
)
_PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"


@blueprint.get("/catalog", defaults={"extension": ""})
@blueprint.get("/catalog.<extension>")
def catalogue(extension: str) -> Response:
    """Give the catalogue: `page=` a page of it, else the whole; without extension negotiated.

    In RDF `/catalog` alone leads to the first page (307), since Hydra says what follows of the
    address that was asked; `full=1` asks for the whole there.
    """
    variant = _variant(extension)
    page = _page_asked()
    if isinstance(variant, Page):
        return _page(page or 1)
    if page is None and not extension and "full" not in request.args:
        response = make_response(redirect("?page=1", 307))
        response.headers["Location"] = f"{request.script_root}/catalog?page=1"
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Accept"
        return response
    listed = described()
    made = Catalogue(serving().settings)
    shown: Sequence[Described] = listed
    if page is not None:
        part = _Part.of(listed, page)
        address = f"{made.settings.base}catalog{'.' * bool(extension)}{extension}?page="
        others = {name: f"{address}{n}" for name, n in part.others.items()}
        made.paging(f"{address}{page}", len(listed), others)
        shown = part.datasets
    return _sent(made.page(shown, *_times()), variant, made.node.value)


def described() -> list[Described]:
    """List the datasets of the site as the current release has them."""
    served = serving()
    store = current_edition().store
    return datasets(served.settings, store.release, history(served.releases), store.about)


@dataclass(frozen=True)
class _Part:
    """The datasets of one page, and the numbers of the pages beside it."""

    datasets: Sequence[Described]
    others: dict[str, int]

    @classmethod
    def of(cls, listed: Sequence[Described], page: int) -> "_Part":
        size = serving().settings.catalogue.page_size
        last = max(1, -(-len(listed) // size))
        if page > last:
            raise Problem(
                404,
                Message("There is no such page"),
                Message("The last page is %(number)s.", number=last),
            )
        numbers = {"first": 1, "previous": page - 1, "next": page + 1, "last": last}
        others = {name: n for name, n in numbers.items() if 1 <= n <= last}
        return cls(listed[(page - 1) * size : page * size], others)


def _page_asked() -> int | None:
    asked = request.args.get("page")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdecimal()) or not int(asked):
        raise Problem(
            400, Message("The page is no number"), Message("Pages are counted from 1: page=1.")
        )
    return int(asked)


def _variant(extension: str) -> GraphFormat | Page:
    if extension:
        found = HTML if extension == HTML.extension else graph_format(extension)
        if found is None:
            known = ", ".join(variant.extension for variant in _VARIANTS)
            raise Problem(
                404,
                Message("There is no such format"),
                Message("Formats: %(names)s.", names=known),
            )
        return found
    return negotiated(_VARIANTS)


def _sent(triples: Iterable[ox.Triple], syntax: GraphFormat, first: str) -> Response:
    graph = ox.NamedNode(first)
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    try:
        body = default_graph_body(quads, syntax, PREFIXES, first=first)
    except NotXml as error:
        raise Problem(406, Message("RDF/XML cannot hold the catalogue"), str(error)) from error
    response = make_response(body)
    response.headers["Content-Type"] = syntax.content_type
    response.headers["Vary"] = "Accept"
    link(response, _PROFILE, "profile")
    return cacheable(response, sha256(body).hexdigest()[:16], syntax.extension)


def _times() -> tuple[int | None, int | None]:
    """Give when the first release came out, and the current one."""
    entries = history(serving().releases)
    current = next((each.activated for each in entries if each.is_current), None)
    return entries[0].activated if entries else None, current


# The page for people.


@dataclass(frozen=True)
class _Download:
    """A file as the page shows it."""

    name: str
    address: str
    kind: FileKind
    file: PublishedFile


@dataclass(frozen=True)
class _Shown:
    """A dataset as the page shows it."""

    dataset: Described
    name: Name
    description: Name
    address: str
    downloads: list[_Download]
    cited: Cited
    #: Short name of the licence.
    licence: str


def _page(page: int) -> Response:
    listed = described()
    part = _Part.of(listed, page)
    shown = [_shown(each) for each in part.datasets]
    body = render_template(
        "catalogue.html",
        whole=[each for each in shown if each.dataset.is_whole],
        graphs=[each for each in shown if not each.dataset.is_whole and not each.dataset.version],
        versions=[each for each in shown if each.dataset.version][::-1],
        accesses=ways_of(current_edition().store.release),
        page=page,
        others=part.others,
        number=len(listed),
        formats=GRAPH_FORMATS,
    )
    response = make_response(body)
    response.headers["Content-Type"] = HTML.content_type
    response.headers["Vary"] = "Accept"
    for syntax in GRAPH_FORMATS:
        address = url_for("catalogue.catalogue", extension=syntax.extension)
        link(response, address, "alternate", syntax.media_type)
    return cacheable(response, sha256(body.encode()).hexdigest()[:16], HTML.extension)


def _shown(dataset: Described) -> _Shown:
    release_id = dataset.release.id
    return _Shown(
        dataset=dataset,
        name=_best(dataset.titles),
        description=_best(dataset.descriptions),
        address=_address(dataset),
        downloads=[_download(release_id, file) for file in dataset.files],
        cited=cited(dataset),
        licence=_licence_name(dataset.licence),
    )


def _licence_name(iri: str) -> str:
    """Shorten the address of a licence: `CC BY 4.0`, or the address without its scheme."""
    kind = _CREATIVE_COMMONS.match(iri)
    if kind:
        name = "CC0" if kind[1] == "zero" else f"CC {kind[1].upper()}"
        return f"{name} {kind[2]}"
    return iri.partition("://")[2].rstrip("/") or iri


def _download(release_id: str, file: PublishedFile) -> _Download:
    name = file.path.removeprefix(f"{FOLDER}/")
    address = url_for("dumps.dump", release_id=release_id, name=name)
    return _Download(name, address, file_kind(name), file)


def _address(dataset: Described) -> str:
    if dataset.version:
        return url_for("releases.release", name=dataset.version)
    if dataset.is_whole:
        return url_for("dumps.index")
    base = dataset.release.manifest.content.base
    return (addresses.document_of(dataset.iri, base=base) or "") if dataset.page else ""


def _best(texts: Sequence[ox.Literal]) -> Name:
    """Choose the text in the language that the reader likes best, else the first."""
    liked = languages.liked()
    known = {text.language or "": text for text in reversed(texts)}
    found = next((known[each] for each in liked if each in known), texts[0])
    return Name(found.value, found.language or "")
