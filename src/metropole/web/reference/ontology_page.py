"""The page of the ontology: each term with its definition, its place among others, and its use."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox
from flask import render_template

from metropole.release.search_words import folded
from metropole.sources import ONTOLOGY, SHAPES
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT, OWL, RDF, RDFS, SH, SKOS
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.reference.class_diagram import Diagram, DrawnClass, diagram
from metropole.web.reference.statements import Node, Statements

_DEFINITIONS = (SKOS + "definition", RDFS + "comment")
_CLASSES = (OWL + "Class", RDFS + "Class")
_PROPERTIES = (
    RDF + "Property",
    *(OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
)
_EXAMPLES = 3
#: Values longer than this are no good examples.
_EXAMPLE_LETTERS = 80


@dataclass(frozen=True)
class Link:
    """A name that leads somewhere; without an address it is only said."""

    name: Name
    address: str
    iri: str = ""
    is_local: bool = True


@dataclass(frozen=True)
class Example:
    """A thing that is a member of a class, or that has a property, with its value."""

    thing: Link
    value: Link | None = None


@dataclass(frozen=True)
class OwnTerm:
    """A term of the site's own namespace."""

    fragment: str
    iri: str
    name: Name
    definition: Name
    note: Name
    #: Members of a class, or statements with a property, in this release.
    count: int
    #: What is said of it in relation to others: key of a text in the template, and the others.
    relations: tuple[tuple[str, tuple[Link, ...]], ...]
    shapes: tuple[Link, ...]
    examples: tuple[Example, ...]


def ontology_page(store: ReadingStore, quads: dict[str, list[ox.Quad]]) -> str:
    """Render the terms; `quads` are the statements of the ontology and of the shapes."""
    writer = _Writer(store, Statements(quads[ONTOLOGY]), Statements(quads[SHAPES]))
    ontology = ox.NamedNode(writer.base + "ns")
    classes = writer.terms(_CLASSES)
    properties = writer.terms(_PROPERTIES)
    others = [node for node in writer.own if node not in (*classes, *properties)]
    return render_template(
        "ontology.html",
        namespace=writer.namespace,
        title=writer.text(ontology, DCT + "title", RDFS + "label"),
        description=writer.text(ontology, DCT + "description", RDFS + "comment"),
        has_shapes=bool(quads[SHAPES]),
        diagram=writer.diagram(classes),
        groups=[
            ("classes", [writer.term(node, is_class=True) for node in classes]),
            ("properties", [writer.term(node) for node in properties]),
            ("others", [writer.term(node) for node in others]),
        ],
    )


class _Writer:
    def __init__(self, store: ReadingStore, said: Statements, shapes: Statements) -> None:
        manifest = store.release.manifest
        self._store, self._said, self._shapes = store, said, shapes
        self._counts = {**manifest.properties, **manifest.classes}
        self.base = manifest.content.base
        self.namespace = self.base + "ns#"
        self._liked = languages.liked()
        self._labels = Labels(store, said.named(), languages=self._liked)
        own = [
            node
            for node in said.subjects()
            if isinstance(node, ox.NamedNode) and node.value.startswith(self.namespace)
        ]
        self.own = sorted(own, key=lambda node: folded(self._labels.of(node).text))

    def terms(self, kinds: tuple[str, ...]) -> list[ox.NamedNode]:
        """List the site's own terms of some kinds, by name."""
        return [node for node in self.own if self._said.has_kind(node, *kinds)]

    def text(self, node: Node, *properties: str) -> Name:
        """Give a text about something in the reader's language."""
        return self._labels.best(self._said.literals(node, *properties))

    def term(self, node: ox.NamedNode, *, is_class: bool = False) -> OwnTerm:
        return OwnTerm(
            fragment=node.value.removeprefix(self.namespace),
            iri=node.value,
            name=self._labels.of(node),
            definition=self.text(node, *_DEFINITIONS),
            note=self.text(node, SKOS + "example"),
            count=self._counts.get(node.value, 0),
            relations=self._class_relations(node) if is_class else self._relations(node),
            shapes=self._shapes_of(node),
            examples=tuple(self._members(node) if is_class else self._uses(node)),
        )

    def diagram(self, classes: list[ox.NamedNode]) -> Diagram | None:
        """Draw the classes, and those of others that they are kinds of."""
        above = {node: self._said.nodes(node, RDFS + "subClassOf") for node in classes}
        drawn = dict.fromkeys([each for nodes in above.values() for each in nodes])
        drawn.update(dict.fromkeys(classes))
        nodes = sorted(drawn, key=lambda node: folded(self._labels.term(node).text))
        return diagram(
            [
                DrawnClass(
                    iri=node.value,
                    name=self._labels.term(node),
                    address=self._address(node),
                    is_own=node in above,
                    members=self._counts.get(node.value, 0),
                )
                for node in nodes
            ],
            {
                node.value: [each.value for each in parents if each != node]
                for node, parents in above.items()
            },
        )

    def _class_relations(self, node: ox.NamedNode) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        said = self._said
        return self._told(
            ("kind of", said.nodes(node, RDFS + "subClassOf")),
            ("kinds", self._named(said.pointing(node, RDFS + "subClassOf"))),
            ("same as", said.nodes(node, OWL + "equivalentClass")),
            ("not at once", said.nodes(node, OWL + "disjointWith")),
            ("has", self._named(said.pointing(node, RDFS + "domain"))),
            ("is value of", self._named(said.pointing(node, RDFS + "range"))),
            ("source", said.nodes(node, DCT + "source")),
            ("see also", said.nodes(node, RDFS + "seeAlso")),
        )

    def _relations(self, node: ox.NamedNode) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        said = self._said
        return self._told(
            ("of", self._union(node, RDFS + "domain")),
            ("values", self._union(node, RDFS + "range")),
            ("kind of", said.nodes(node, RDFS + "subPropertyOf")),
            ("kinds", self._named(said.pointing(node, RDFS + "subPropertyOf"))),
            ("inverse of", said.nodes(node, OWL + "inverseOf")),
            ("same as", said.nodes(node, OWL + "equivalentProperty")),
            ("source", said.nodes(node, DCT + "source")),
            ("see also", said.nodes(node, RDFS + "seeAlso")),
        )

    def _union(self, node: ox.NamedNode, name: str) -> list[ox.NamedNode]:
        """List classes, those of a union (owl:unionOf) one by one."""
        found = []
        for value in self._said.values(node, name):
            if isinstance(value, ox.NamedNode):
                found.append(value)
            elif isinstance(value, ox.BlankNode):
                members = self._said.members(self._said.value(value, OWL + "unionOf"))
                found += [each for each in members if isinstance(each, ox.NamedNode)]
        return found

    def _told(
        self, *relations: tuple[str, list[ox.NamedNode]]
    ) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        return tuple((key, self._links(nodes)) for key, nodes in relations if nodes)

    def _named(self, nodes: Iterable[Node]) -> list[ox.NamedNode]:
        return [node for node in nodes if isinstance(node, ox.NamedNode)]

    def _links(
        self, nodes: Iterable[ox.NamedNode], labels: Labels | None = None
    ) -> tuple[Link, ...]:
        names = labels or self._labels
        links = []
        for node in nodes:
            name = names.of(node) if labels or names.has(node) else names.term(node)
            address = self._address(node)
            links.append(Link(name, address, node.value, address.startswith("/")))
        return tuple(links)

    def _address(self, node: ox.NamedNode) -> str:
        local = addresses.document_of(node.value, base=self.base)
        if local is not None:
            return local
        return node.value if node.value.startswith(("http://", "https://")) else ""

    def _shapes_of(self, node: ox.NamedNode) -> tuple[Link, ...]:
        """List the shapes that target a class, or that say something of a property."""
        shapes = self._shapes
        found: dict[ox.NamedNode, None] = {}
        targets = (SH + "targetClass", SH + "targetSubjectsOf", SH + "targetObjectsOf")
        for pointing in shapes.pointing(node, *targets, SH + "path"):
            seen = {pointing}
            waiting = [pointing]
            while waiting:
                each = waiting.pop()
                if isinstance(each, ox.NamedNode):
                    found[each] = None
                    continue
                owners = [own for own in shapes.pointing(each, *_OWNING) if own not in seen]
                seen.update(owners)
                waiting += owners
        labels = Labels(self._store, found, languages=self._liked)
        return tuple(
            Link(
                labels.of(each)
                if labels.has(each)
                else Name(_last_part(each.value).replace("-", " ")),
                self._address(each),
                each.value,
            )
            for each in sorted(found, key=str)
        )

    def _members(self, node: ox.NamedNode) -> list[Example]:
        members = list(islice(self._store.members(node), _EXAMPLES))
        labels = Labels(self._store, members, languages=self._liked)
        return [Example(link) for link in self._links(members, labels)]

    def _uses(self, node: ox.NamedNode) -> list[Example]:
        """Show some statements with a property."""
        found: dict[ox.NamedNode, ox.NamedNode | ox.Literal] = {}
        for quad in islice(self._store.uses(node), 10 * _EXAMPLES):
            thing, value = quad.subject, quad.object
            if isinstance(thing, ox.NamedNode) and _is_example(value):
                assert isinstance(value, ox.NamedNode | ox.Literal)
                found.setdefault(thing, value)
            if len(found) == _EXAMPLES:
                break
        terms = [term for pair in found.items() for term in pair]
        nodes = [term for term in terms if isinstance(term, ox.NamedNode)]
        labels = Labels(self._store, nodes, languages=self._liked)
        return [
            Example(self._links([thing], labels)[0], self._shown(value, labels))
            for thing, value in found.items()
        ]

    def _shown(self, value: ox.NamedNode | ox.Literal, labels: Labels) -> Link:
        if isinstance(value, ox.NamedNode):
            return self._links([value], labels)[0]
        return Link(Name(value.value, value.language or ""), "")


#: Properties that lead from a shape to a part of it.
_OWNING = (
    *(SH + name for name in ("property", "node", "qualifiedValueShape", "not")),
    *(SH + name for name in ("or", "and", "xone")),
    RDF + "first",
    RDF + "rest",
)


def _is_example(value: object) -> bool:
    is_short = isinstance(value, ox.Literal) and len(value.value) <= _EXAMPLE_LETTERS
    return is_short or isinstance(value, ox.NamedNode)


def _last_part(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
