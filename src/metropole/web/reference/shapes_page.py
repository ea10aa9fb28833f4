"""The page of the shapes: what each demands, of which things, and of how many."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox
from flask import render_template
from markupsafe import Markup

from metropole.graph.names import Names
from metropole.release.search_words import folded, words
from metropole.sources import ONTOLOGY, SHAPES
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT, OWL, RDFS, SH
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.reference.shape_words import Demands, PropertyDemands, ShapeWords
from metropole.web.reference.statements import Node, Statements

#: With no more shapes all are seen at once, else those of each class are opened by the reader.
_FEW_SHAPES = 12
#: Statements that are gone through to count what a shape targets; beyond, a number is "at most".
_COUNTED = 10_000
#: Ways of a shape to name its targets (SHACL, section 2.1.3), as the template knows them.
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
_CLASSES = (OWL + "Class", RDFS + "Class")


@dataclass(frozen=True)
class Target:
    """What a shape holds for."""

    kind: str
    of: Markup
    count: int
    #: Whether the count is not of things but of statements, of which a thing may have several.
    is_most: bool


@dataclass(frozen=True)
class ShownShape:
    """A shape as the page tells it."""

    anchor: str
    iri: str
    name: Name
    description: Name
    targets: tuple[Target, ...]
    #: Shapes that demand this one.
    used_by: tuple[Markup, ...]
    severity: str
    is_off: bool
    demands: Demands
    properties: tuple[PropertyDemands, ...]
    messages: tuple[Name, ...]


@dataclass(frozen=True)
class Group:
    """Shapes for the same things."""

    anchor: str
    name: Name
    #: The class, shortened with a prefix; empty for shapes that hold for no class.
    short: str
    shapes: tuple[ShownShape, ...]

    @property
    def demands(self) -> int:
        """Count the properties that the shapes speak of, and what they demand besides."""
        return sum(len(shape.properties) + len(shape.demands) for shape in self.shapes)


@dataclass(frozen=True)
class OtherName:
    """A name of the shapes that is no shape: a parameter, a rule of the site's own, a section."""

    anchor: str
    name: Name
    description: Name


def shapes_page(store: ReadingStore, quads: dict[str, list[ox.Quad]]) -> str:
    """Render the shapes; `quads` are the statements of the ontology and of the shapes."""
    writer = _Writer(store, Statements(quads[SHAPES]), Statements(quads[ONTOLOGY]))
    about = ox.NamedNode(writer.base + "shapes")
    groups = writer.groups()
    return render_template(
        "shapes.html",
        namespace=writer.base + "shapes#",
        title=writer.text(about, DCT + "title", RDFS + "label"),
        description=writer.text(about, DCT + "description", RDFS + "comment"),
        groups=groups,
        is_short=sum(len(group.shapes) for group in groups) <= _FEW_SHAPES,
        others=writer.others(),
    )


class _Writer:
    def __init__(self, store: ReadingStore, said: Statements, ontology: Statements) -> None:
        content = store.release.manifest.content
        self._store, self._said, self._ontology = store, said, ontology
        self.base = content.base
        self._labels = Labels(
            store, [*said.named(), *ontology.named()], languages=languages.liked()
        )
        self._names = Names(content.prefixes)
        self._words = ShapeWords(said, self._labels, self._names, self._link)
        self._anchors: set[str] = set()

    def text(self, node: Node, *properties: str) -> Name:
        """Give a text about something in the reader's language."""
        return self._labels.best(self._said.literals(node, *properties))

    def groups(self) -> list[Group]:
        """Put shapes together that hold for the same things; by name, those for no class last."""
        found: dict[str, list[Node]] = {}
        for shape in self._shapes():
            classes = self._classes(shape)
            has_target = any(self._said.values(shape, SH + each) for each in _TARGETS)
            key = classes[0].value if classes else ("*" if has_target else "")
            found.setdefault(key, []).append(shape)
        groups = [self._group(key, shapes) for key, shapes in found.items()]
        return sorted(groups, key=lambda group: (not group.name.text, folded(group.name.text)))

    def others(self) -> list[OtherName]:
        """List the names below `shapes#` that no group has, so that each leads somewhere."""
        own = self.base + "shapes#"
        nodes = sorted(set(self._said.named()), key=str)
        return [
            OtherName(
                self._anchor(node.value),
                self._name(node),
                self.text(node, SH + "description", RDFS + "comment"),
            )
            for node in nodes
            if node.value.startswith(own) and node.value.removeprefix(own) not in self._anchors
        ]

    def _group(self, key: str, shapes: list[Node]) -> Group:
        is_class = len(key) > 1
        name = self._labels.term(ox.NamedNode(key)) if is_class else Name("")
        short = (self._names.short(key) or key) if is_class else ""
        shown = sorted(map(self._shown, shapes), key=lambda shape: folded(shape.name.text))
        anchor = "for-" + "-".join(words(short)) if is_class else {"*": "any", "": "parts"}[key]
        return Group(anchor, name, short, tuple(shown))

    def _shapes(self) -> list[Node]:
        """List the shapes that have an IRI or a target of their own."""
        said = self._said
        return [
            node
            for node in said.subjects()
            if any(said.values(node, SH + each) for each in _TARGETS)
            or (
                isinstance(node, ox.NamedNode)
                and said.has_kind(node, SH + "NodeShape", SH + "PropertyShape")
            )
        ]

    def _classes(self, shape: Node) -> list[ox.NamedNode]:
        """List the classes that a shape targets; a class that is a shape targets itself."""
        found = self._said.nodes(shape, SH + "targetClass")
        is_class = isinstance(shape, ox.NamedNode) and (
            self._said.has_kind(shape, *_CLASSES) or self._ontology.has_kind(shape, *_CLASSES)
        )
        if is_class and isinstance(shape, ox.NamedNode):
            found.append(shape)
        return found

    def _shown(self, shape: Node) -> ShownShape:
        iri = shape.value if isinstance(shape, ox.NamedNode) else ""
        anchor = self._anchor(iri)
        description = self.text(shape, SH + "description", RDFS + "comment")
        is_property = self._said.value(shape, SH + "path") is not None
        return ShownShape(
            anchor=anchor,
            iri=iri,
            name=self._name(shape),
            description=description,
            targets=tuple(self._targets(shape)),
            used_by=tuple(self._users(shape)),
            severity=self._words.severity(shape),
            is_off=self._said.is_true(shape, SH + "deactivated"),
            demands=() if is_property else self._words.demands(shape),
            properties=(self._words.property(shape),)
            if is_property
            else self._words.properties(shape),
            messages=() if is_property else self._words.messages(shape),
        )

    def _anchor(self, iri: str) -> str:
        """Give the fragment of the IRI, so that it leads here; else one made of its words."""
        own = self.base + "shapes#"
        made = iri.removeprefix(own) if iri.startswith(own) else "-".join(words(iri)) or "shape"
        anchor, number = made, 1
        while anchor in self._anchors:
            number += 1
            anchor = f"{made}-{number}"
        self._anchors.add(anchor)
        return anchor

    def _name(self, shape: Node) -> Name:
        own = self._labels.best(self._said.literals(shape, RDFS + "label", SH + "name"))
        if own.text or not isinstance(shape, ox.NamedNode):
            return own
        local = shape.value.rstrip("/#").replace("#", "/").rpartition("/")[2]
        return Name(local.replace("-", " "))

    def _targets(self, shape: Node) -> Iterable[Target]:
        for kind in self._classes(shape):
            count, is_most = self._members(kind)
            yield Target("targetClass", self._link(kind), count, is_most)
        for name in ("targetSubjectsOf", "targetObjectsOf"):
            for node in self._said.nodes(shape, SH + name):
                count, is_most = self._uses(node, subjects=name == "targetSubjectsOf")
                yield Target(name, self._link(node), count, is_most)
        for node in self._said.nodes(shape, SH + "targetNode"):
            yield Target("targetNode", self._link(node), 1, is_most=False)

    def _members(self, kind: ox.NamedNode) -> tuple[int, bool]:
        """Count the members of a class and of those below it."""
        counts = self._store.release.manifest.classes
        below = {kind: counts.get(kind.value, 0)}
        waiting: list[Node] = [kind]
        while waiting:
            for node in self._ontology.pointing(waiting.pop(), RDFS + "subClassOf"):
                if isinstance(node, ox.NamedNode) and node not in below:
                    below[node] = counts.get(node.value, 0)
                    waiting.append(node)
        total = sum(below.values())
        filled = [node for node, number in below.items() if number]
        if len(filled) <= 1:
            return total, False
        if total > _COUNTED:
            return total, True
        return len({member for node in filled for member in self._store.members(node)}), False

    def _uses(self, node: ox.NamedNode, *, subjects: bool) -> tuple[int, bool]:
        """Count what has a property, or is a value of it."""
        total = self._store.release.manifest.properties.get(node.value, 0)
        if total > _COUNTED:
            return total, True
        quads = self._store.uses(node)
        return len({quad.subject if subjects else quad.object for quad in quads}), False

    def _users(self, shape: Node) -> Iterable[Markup]:
        """Link the shapes that use a shape as a part."""
        if not isinstance(shape, ox.NamedNode):
            return
        found: dict[ox.NamedNode, None] = {}
        seen: set[Node] = {shape}
        waiting: list[Node] = [shape]
        while waiting:
            for node in self._said.pointing(waiting.pop(), *_PARTS):
                if isinstance(node, ox.NamedNode):
                    found[node] = None
                elif node not in seen:
                    seen.add(node)
                    waiting.append(node)
        for node in sorted(found, key=str):
            yield self._link(node)

    def _link(self, node: ox.NamedNode) -> Markup:
        """Link a term, a shape or a thing by its name."""
        is_shape = node.value.startswith(self.base + "shapes#")
        if is_shape:
            name = self._name(node)
        elif self._labels.has(node):
            name = self._labels.of(node)
        else:
            name = self._labels.term(node)
        address = addresses.document_of(node.value, base=self.base) or node.value
        language = Markup(' lang="{}"').format(name.language) if name.language else Markup()
        if not address.startswith(("/", "http://", "https://")):
            return Markup("<span{}>{}</span>").format(language, name.text)
        outside = Markup() if address.startswith("/") else Markup(' class="outside"')
        return Markup('<a href="{}"{}{} title="{}">{}</a>').format(
            address, outside, language, node.value, name.text
        )


#: Properties that lead from a shape to its parts.
_PARTS = (
    *(
        SH + name
        for name in ("property", "node", "qualifiedValueShape", "not", "or", "and", "xone")
    ),
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest",
)
