"""The page of the ontology: the site's own terms with their definitions."""

from dataclasses import dataclass

import pyoxigraph as ox
from flask import render_template

from metropole.messages import Message
from metropole.store.reading import ReadingStore
from metropole.vocab import OWL, RDF, RDFS, SKOS
from metropole.web import languages
from metropole.web.labels import Labels, Name

_DEFINITIONS = (SKOS + "definition", RDFS + "comment")
_CLASSES = (OWL + "Class", RDFS + "Class")


@dataclass(frozen=True)
class OwnTerm:
    """A term of the site's own namespace."""

    fragment: str
    iri: str
    name: Name
    definition: Name
    is_class: bool
    #: Members in this release, for a class.
    members: int


def ontology_page(store: ReadingStore, quads: list[ox.Quad]) -> str:
    """Render the list of terms, classes first."""
    content = store.release.manifest.content
    namespace = content.base + "ns#"
    nodes = list(
        dict.fromkeys(
            quad.subject
            for quad in quads
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(namespace)
        )
    )
    labels = Labels(store, nodes, languages=languages.liked())
    terms = [
        OwnTerm(
            fragment=node.value.removeprefix(namespace),
            iri=node.value,
            name=labels.of(node),
            definition=labels.best(_definitions(quads, node)),
            is_class=any(_is_class(quad) for quad in quads if quad.subject == node),
            members=store.release.manifest.classes.get(node.value, 0),
        )
        for node in nodes
    ]
    terms.sort(key=lambda term: term.fragment.lower())
    return render_template(
        "ontology.html",
        namespace=namespace,
        groups=[
            (Message("Classes"), [term for term in terms if term.is_class]),
            (Message("Properties and others"), [term for term in terms if not term.is_class]),
        ],
    )


def _is_class(quad: ox.Quad) -> bool:
    return quad.predicate.value == RDF + "type" and any(
        quad.object == ox.NamedNode(kind) for kind in _CLASSES
    )


def _definitions(quads: list[ox.Quad], node: ox.NamedNode) -> list[ox.Literal]:
    return [
        quad.object
        for quad in quads
        if quad.subject == node
        and quad.predicate.value in _DEFINITIONS
        and isinstance(quad.object, ox.Literal)
    ]
