"""The description of the graph: `/.well-known/void` (VoID, section 7.2), and a page of it."""

from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, render_template, request, url_for

from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.messages import Message
from metropole.release.void import DATASET, DOCUMENT, GRAPH
from metropole.store.reading import ReadingStore
from metropole.vocab import VOID
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.requests.negotiation import HTML, Page, acceptable
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.responses.graph_bodies import default_graph_body
from metropole.web.serving import Edition, current_edition
from metropole.xml_bodies import NotXml

blueprint = Blueprint("void", __name__)
#: RDF comes first: a client that accepts anything is a program.
_VARIANTS: tuple[GraphFormat | Page, ...] = (*GRAPH_FORMATS, HTML)


@blueprint.get(f"/{DOCUMENT}")
def description() -> Response:
    """Give what the graph says of itself: in the RDF format accepted, else Turtle, or as a page."""
    edition = current_edition()
    content = edition.store.release.manifest.content
    quads = list(edition.store.in_graph(ox.NamedNode(content.base + GRAPH)))
    for variant in acceptable(request.headers.get("Accept"), _VARIANTS):
        if isinstance(variant, Page):
            return _sent(_page(edition.store, quads), variant, edition)
        try:
            body = default_graph_body(
                quads, variant, content.prefixes, first=content.base + DOCUMENT
            )
        except NotXml:
            continue  # as for an Accept that names other formats too
        return _sent(body, variant, edition)
    told = ", ".join(variant.media_type for variant in _VARIANTS)
    raise Problem(
        406,
        Message("None of the accepted formats is available"),
        Message("Available are: %(types)s.", types=told),
    )


def _sent(body: str | bytes, variant: GraphFormat | Page, edition: Edition) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = variant.content_type
    response.headers["Vary"] = "Accept"
    base = edition.store.release.manifest.content.base
    link(response, base + DATASET, "describes")
    return cacheable(response, edition.id, f"void-{variant.extension}")


# The page.


@dataclass(frozen=True)
class _Counted:
    """A class or property with its number, and the address of its definition."""

    name: Name
    iri: str
    address: str
    number: int


@dataclass(frozen=True)
class _Links:
    """Links to another site: by which property, to where, how many."""

    name: Name
    space: str
    number: int


def _page(store: ReadingStore, quads: list[ox.Quad]) -> str:
    manifest = store.release.manifest
    said = _said(quads)
    dataset = said.get(ox.NamedNode(manifest.content.base + DATASET), {})
    terms = [ox.NamedNode(iri) for iri in (*manifest.classes, *manifest.properties)]
    labels = Labels(store, terms, languages=languages.liked())
    numbers = {name: _number(dataset, name) for name in _NUMBERS}
    return render_template(
        "void.html",
        numbers={name: number for name, number in numbers.items() if number is not None},
        classes=_counted(manifest.classes, labels, manifest.content.base),
        properties=_counted(manifest.properties, labels, manifest.content.base),
        links=sorted(_linksets(said, labels), key=lambda each: (-each.number, each.space)),
        vocabularies=sorted(term.value for term in dataset.get(VOID + "vocabulary", ())),
        examples=[
            (labels_of(store, term), addresses.document_of(term.value, base=manifest.content.base))
            for term in dataset.get(VOID + "exampleResource", ())
            if isinstance(term, ox.NamedNode)
        ],
        address=url_for("void.description"),
    )


_NUMBERS = ("triples", "entities", "distinctSubjects", "distinctObjects", "properties", "classes")
_Values = dict[str, list[ox.NamedNode | ox.Literal]]


def labels_of(store: ReadingStore, node: ox.NamedNode) -> Name:
    """Name one thing as the reader likes it best."""
    return Labels(store, [node], languages=languages.liked()).of(node)


def _said(quads: list[ox.Quad]) -> dict[object, _Values]:
    """Sort statements by subject and property."""
    found: dict[object, _Values] = {}
    for quad in quads:
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            about = found.setdefault(quad.subject, {})
            about.setdefault(quad.predicate.value, []).append(quad.object)
    return found


def _number(about: _Values, name: str) -> int | None:
    values = about.get(VOID + name)
    return int(values[0].value) if values else None


def _counted(numbers: dict[str, int], labels: Labels, base: str) -> list[_Counted]:
    found = [
        _Counted(
            labels.term(ox.NamedNode(iri)),
            iri,
            addresses.document_of(iri, base=base) or iri,
            number,
        )
        for iri, number in numbers.items()
    ]
    return sorted(found, key=lambda each: (-each.number, each.iri))


def _linksets(said: dict[object, _Values], labels: Labels) -> list[_Links]:
    found = []
    for about in said.values():
        by, target = about.get(VOID + "linkPredicate"), about.get(VOID + "objectsTarget")
        if by and target and isinstance(by[0], ox.NamedNode):
            space = said[target[0]][VOID + "uriSpace"][0].value
            found.append(_Links(labels.term(by[0]), space, _number(about, "triples") or 0))
    return found
