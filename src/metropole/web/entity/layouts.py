"""How the pages of a class are laid out: read from the shapes of the site, nothing else is needed.

A property shape says what a property is called, in which section it stands and where in it, and
how its values are shown (SHACL, section 2.3.2: `sh:name`, `sh:description`, `sh:group` and
`sh:order`). The shapes of a class and of the classes above it count, the nearest first. Shapes
are in the release like all other statements, so they are read from its store, once for each set
of classes.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import Enum

import pyoxigraph as ox

from metropole.store.reading import Node, ReadingStore
from metropole.vocab import CSVW, DASH, RDF, RDFS, SCHEMA, SH
from metropole.web.serving import Edition

_FIRST, _REST = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest")
_ABOVE = ox.NamedNode(RDFS + "subClassOf")
_TARGET = ox.NamedNode(SH + "targetClass")
_ORDER = ox.NamedNode(SH + "order")
_TYPE, _NODE_SHAPE = ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "NodeShape")
#: The place of what has none.
LAST = 1e9
#: Shapes of one class that are read; more would be a mistake or an attack.
_MOST_SHAPES = 200
_Terms = list[Node | ox.Literal]


class Viewer(Enum):
    """How the values of a property are shown (DASH, Form Generation, section 4)."""

    VALUE = ""
    #: With what is said of them.
    DETAILS = DASH + "DetailsViewer"
    #: As a table, a row for each value.
    TABLE = DASH + "ValueTableViewer"


@dataclass(frozen=True)
class Group:
    """A section of a page (`sh:PropertyGroup`)."""

    iri: str
    names: tuple[ox.Literal, ...] = ()
    order: float = LAST


@dataclass(frozen=True)
class Field:
    """A property as the shapes of a class speak of it."""

    path: ox.NamedNode
    #: Whether the things are meant that point here with the property (`sh:inversePath`).
    is_inverse: bool = False
    names: tuple[ox.Literal, ...] = ()
    descriptions: tuple[ox.Literal, ...] = ()
    group: str = ""
    order: float = LAST
    viewer: Viewer = Viewer.VALUE
    #: A number pattern of Unicode's UAX 35, as `#,##0.0` (CSVW, `csvw:format`).
    pattern: str = ""
    #: What stands behind a number: words, or the IRI of a unit.
    units: tuple[ox.Literal | ox.NamedNode, ...] = ()

    def filled(self, other: "Field") -> "Field":
        """Take from another shape of the same property what this one does not say."""
        return replace(
            self,
            names=self.names or other.names,
            descriptions=self.descriptions or other.descriptions,
            group=self.group or other.group,
            order=self.order if self.order != LAST else other.order,
            viewer=self.viewer if self.viewer is not Viewer.VALUE else other.viewer,
            pattern=self.pattern or other.pattern,
            units=self.units or other.units,
        )

    @property
    def says_something(self) -> bool:
        """Tell whether a page would be another without it."""
        return bool(
            self.names
            or self.group
            or self.viewer is not Viewer.VALUE
            or self.units
            or self.pattern
        )


@dataclass(frozen=True)
class Layout:
    """The sections of a page, each with its properties; the group without a name comes last."""

    sections: tuple[tuple[Group, tuple[Field, ...]], ...] = ()
    fields: tuple[Field, ...] = field(init=False)
    #: Properties whose values are shown with what is said of them.
    shown_whole: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = tuple(each for _, fields in self.sections for each in fields)
        object.__setattr__(self, "fields", found)
        whole = tuple(each for each in found if each.viewer is not Viewer.VALUE)
        object.__setattr__(self, "shown_whole", whole)

    def field_of(self, predicate: ox.NamedNode) -> Field | None:
        """Find what the shapes say of a property."""
        for each in self.fields:
            if each.path == predicate and not each.is_inverse:
                return each
        return None


def layouts_of(edition: Edition) -> "Layouts":
    """Give the layouts of the pages of an edition, which the shapes of its release say."""
    return edition.once(_layouts)


def _layouts(edition: Edition) -> "Layouts":
    return Layouts(edition.store)


class Layouts:
    """The layouts of one release, each read when it is first asked for."""

    def __init__(self, store: ReadingStore) -> None:
        self._store = store
        self._known: dict[frozenset[ox.NamedNode], Layout] = {}
        self._lineages: dict[tuple[ox.NamedNode, ...], list[ox.NamedNode]] = {}

    def of(self, classes: Iterable[ox.NamedNode]) -> Layout:
        """Give the layout for a thing of some classes."""
        key = frozenset(classes)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(tuple(sorted(key, key=str)))
        return found

    def order(self, node: ox.NamedNode) -> float:
        """Give the place that a thing has among others (`sh:order`); the last where nobody says."""
        return _number(self._store.values(node, _ORDER))

    def lineage(self, classes: Iterable[ox.NamedNode]) -> list[ox.NamedNode]:
        """List some classes and those above them (`rdfs:subClassOf`), the nearest first."""
        key = tuple(classes)
        known = self._lineages.get(key)
        if known is None:
            known = self._lineages[key] = self._lineage(key)
        return known

    def _lineage(self, classes: tuple[ox.NamedNode, ...]) -> list[ox.NamedNode]:
        found = dict.fromkeys(classes)
        waiting = list(found)
        for kind in waiting:
            for above in self._store.values(kind, _ABOVE):
                if isinstance(above, ox.NamedNode) and above not in found:
                    found[above] = None
                    waiting.append(above)
        return list(found)

    def _read(self, classes: tuple[ox.NamedNode, ...]) -> Layout:
        fields: dict[tuple[ox.NamedNode, bool], Field] = {}
        for shape in self._shapes(self.lineage(classes)):
            for each in _Shape(self._store, shape).fields():
                key = (each.path, each.is_inverse)
                fields[key] = fields[key].filled(each) if key in fields else each
        told = [each for each in fields.values() if each.says_something]
        groups = {iri: self._group(iri) for iri in {each.group for each in told}}
        return Layout(
            tuple(
                (
                    groups[iri],
                    tuple(
                        sorted(
                            (each for each in told if each.group == iri),
                            key=lambda each: (each.order, each.path.value),
                        )
                    ),
                )
                for iri in sorted(groups, key=lambda iri: (not iri, groups[iri].order, iri))
            )
        )

    def _shapes(self, classes: list[ox.NamedNode]) -> list[Node]:
        """List the shapes that have a class as their target, and those they build on."""
        found: dict[Node, None] = {}
        for kind in classes:
            for quad in self._store.pointing(kind, _TARGET, most=_MOST_SHAPES):
                if isinstance(quad.subject, Node):
                    found[quad.subject] = None
            # A class that is a shape is its own target (section 2.1.3.3).
            if _NODE_SHAPE in self._store.values(kind, _TYPE):
                found[kind] = None
        waiting = list(found)
        for shape in waiting[:_MOST_SHAPES]:
            for other in _Shape(self._store, shape).built_on():
                if other not in found and len(waiting) < _MOST_SHAPES:
                    found[other] = None
                    waiting.append(other)
        return waiting

    def _group(self, iri: str) -> Group:
        if not iri:
            return Group("")
        said = _indexed(self._store.about(ox.NamedNode(iri))).get(ox.NamedNode(iri), {})
        return Group(iri, _literals(said, RDFS + "label"), _order(said))


class _Shape:
    """A node shape with the property shapes in it."""

    def __init__(self, store: ReadingStore, node: Node) -> None:
        self._store = store
        self._node = node
        self._said = _indexed(store.about(node))

    def _values(self, node: object, name: str) -> _Terms:
        return self._said.get(node, {}).get(SH + name, [])

    def built_on(self) -> Iterator[Node]:
        """Go through the shapes that a thing of this shape conforms to as well."""
        for value in self._values(self._node, "node"):
            if isinstance(value, Node):
                yield value
        for head in self._values(self._node, "and"):
            yield from self._members(head)

    def _members(self, cell: object) -> Iterator[Node]:
        passed = set()
        while cell in self._said and cell not in passed:
            passed.add(cell)
            said = self._said[cell]
            for value in said.get(_FIRST.value, []):
                if isinstance(value, Node):
                    yield value
            cell = next(iter(said.get(_REST.value, [])), None)

    def fields(self) -> Iterator[Field]:
        """Go through what is said of single properties."""
        for node in self._values(self._node, "property"):
            if isinstance(node, ox.NamedNode) and node not in self._said:
                self._said.update(_indexed(self._store.about(node)))
            found = self._field(self._said.get(node, {}))
            if found is not None:
                yield found

    def _field(self, said: dict[str, _Terms]) -> Field | None:
        path, is_inverse = next(iter(said.get(SH + "path", [])), None), False
        if isinstance(path, ox.BlankNode):
            path, is_inverse = next(iter(self._values(path, "inversePath")), None), True
        if not isinstance(path, ox.NamedNode):
            return None  # longer paths lead to no statement of the thing itself
        groups = [
            each.value for each in said.get(SH + "group", []) if isinstance(each, ox.NamedNode)
        ]
        return Field(
            path,
            is_inverse,
            _literals(said, SH + "name"),
            _literals(said, SH + "description"),
            next(iter(groups), ""),
            _order(said),
            _viewer(said),
            next((each.value for each in _literals(said, CSVW + "format")), ""),
            _units(said),
        )


def _indexed(quads: Iterable[ox.Quad]) -> dict[object, dict[str, _Terms]]:
    """Sort statements by subject and property; what two files say counts once."""
    found: dict[object, dict[str, _Terms]] = {}
    for quad in sorted(set(quads), key=str):
        values = found.setdefault(quad.subject, {}).setdefault(quad.predicate.value, [])
        if quad.object not in values and isinstance(quad.object, Node | ox.Literal):
            values.append(quad.object)
    return found


def _literals(said: dict[str, _Terms], iri: str) -> tuple[ox.Literal, ...]:
    return tuple(each for each in said.get(iri, ()) if isinstance(each, ox.Literal))


def _order(said: dict[str, _Terms]) -> float:
    return _number(said.get(SH + "order", ()))


def _number(terms: Iterable[Node | ox.Literal]) -> float:
    for term in terms:
        with suppress(InvalidOperation):
            if isinstance(term, ox.Literal):
                return float(Decimal(term.value))
    return LAST


def _viewer(said: dict[str, _Terms]) -> Viewer:
    for value in said.get(DASH + "viewer", ()):
        if isinstance(value, ox.NamedNode) and value.value in (each.value for each in Viewer):
            return Viewer(value.value)
    return Viewer.VALUE


def _units(said: dict[str, _Terms]) -> tuple[ox.Literal | ox.NamedNode, ...]:
    """Give the unit of the values: words for each language, or the IRI of one (QUDT)."""
    found = [*said.get(SCHEMA + "unitText", ()), *said.get(SCHEMA + "unitCode", ())]
    return tuple(each for each in found if isinstance(each, ox.Literal | ox.NamedNode))
