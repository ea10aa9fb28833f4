"""The page about a thing: laid out by the shapes of its classes, with a template for some of them.

`EntityPage` is all that a template is given beside what every page has. What costs something, as a
map, is made when a template asks for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox
from flask import url_for

from metropole.release.difference import Change
from metropole.store.reading import Node, ReadingStore
from metropole.web import addresses, languages
from metropole.web.entity.claims import ABOUT, Claim, ClaimReader, Claims, claims_about
from metropole.web.entity.descriptions import Description
from metropole.web.entity.layouts import layouts_of
from metropole.web.entity.map import map_of
from metropole.web.entity.observations import BREAKS, OBSERVATION, Cubes
from metropole.web.entity.rows import SOURCE, Rows
from metropole.web.entity.said import named_nodes
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.pictures import Picture, picture
from metropole.web.responses import static_folder
from metropole.web.responses.document_formats import Format, variants
from metropole.web.serving import Edition
from metropole.web.values.shown_values import Pointing, Quotation, Section, Value


@dataclass(frozen=True)
class Version:
    """A release that changed a thing."""

    release: str
    change: Change
    #: When it was first made current; empty when nobody knows.
    date: str


@dataclass(frozen=True)
class Origin:
    """A named graph that states something of the page."""

    place: int
    iri: str
    name: str


class EntityPage:
    """A thing as its page shows it."""

    def __init__(
        self, edition: Edition, description: Description, versions: Iterable[Version]
    ) -> None:
        """Read what is to be shown."""
        self._edition = edition
        self._store: ReadingStore = edition.store
        self.node = description.node
        self.here = addresses.here()
        self.base = self._store.release.manifest.content.base
        self.iri = self.node.value
        self.release = self._store.release
        self.versions = tuple(versions)
        self.description = description
        self._kinds = {
            quad.subject: self._store.types(quad.subject)
            for quad in self.description.mentions
            if isinstance(quad.subject, ox.NamedNode)
        }
        self.labels = self._named()
        self.rows = Rows(
            self._store,
            self.labels,
            [*self.description.about, *_inside(self.description)],
            layouts_of(edition),
        )
        self.name = self.labels.of(self.node)
        #: What the lead of the page has said, so that its sections need not say it again.
        self._told: set[ox.NamedNode] = set()

    def _named(self) -> Labels:
        """Read the names of all that a page mentions; figures of tables get one made of parts."""
        description = self.description
        quads = [*description.about, *_inside(description), *description.mentions]
        kinds = (kind for found in self._kinds.values() for kind in found)
        fields = (field.path for field in self.description.layout.fields)
        labels = Labels(
            self._store,
            [self.node, *named_nodes(quads), *kinds, *fields],
            languages=languages.liked(),
        )
        tables = [each for each, found in self._kinds.items() if OBSERVATION in found]
        if OBSERVATION in description.classes:
            tables.append(self.node)
        for each in tables:
            if not labels.has(each):
                labels.name(each, self._cubes.name(each, labels))
        return labels

    @cached_property
    def _cubes(self) -> Cubes:
        return Cubes(self._store)

    @property
    def variants(self) -> list[Format]:
        """List the formats of the document."""
        return variants(self.iri, self.base, self.here)

    @property
    def canonical(self) -> str:
        """Give the address that the base gives the document."""
        address = self.here.document_of(self.iri, base=self.base)
        return self.here.absolute(address, base=self.base) if address else self.iri

    @cached_property
    def lineage(self) -> list[ox.NamedNode]:
        """List the classes and those above them, the nearest first."""
        return layouts_of(self._edition).lineage(self.description.classes)

    def classes_of(self, node: ox.NamedNode) -> list[str]:
        """List the classes of another thing, those above them included."""
        return [each.value for each in layouts_of(self._edition).lineage(self._store.types(node))]

    @cached_property
    def classes(self) -> list[Value]:
        """Name the classes of the thing."""
        return self.rows.classes(self.node)

    @cached_property
    def in_list(self) -> Value | None:
        """Give the list that the thing is in, of its first class that has one for people."""
        for kind in self.description.classes:
            found = self._edition.lists_by_class.get(kind.value)
            if found:
                address = url_for("browse.kind", name=found)
                return Value(self.labels.term(kind), address, is_local=True)
        return None

    @cached_property
    def _pointing(self) -> dict[ox.NamedNode, list[Node]]:
        """Sort what points to the thing by property."""
        found: dict[ox.NamedNode, dict[Node, None]] = {}
        parts = (quad for quads in self.description.parts.values() for quad in quads)
        for quad in (*parts, *self.description.mentions):
            if quad.object == self.node and isinstance(quad.subject, ox.NamedNode):
                found.setdefault(quad.predicate, {})[quad.subject] = None
        return {predicate: sorted(nodes, key=str) for predicate, nodes in found.items()}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Write what is said of the thing and not in the lead; figures about it are `claims`."""
        pointing = {each: nodes for each, nodes in self._pointing.items() if each != ABOUT}
        return self.rows.sections(self.node, self.description.layout, pointing, self._told)

    @property
    def says_something(self) -> bool:
        """Tell whether anything is said of the thing itself."""
        return bool(self.description.lines_about or self.claims)

    @cached_property
    def claims(self) -> tuple[Claims, ...]:
        """Read the figures about the thing, those of one variable side by side."""
        figures = [each for each in self._pointing.get(ABOUT, ()) if each in self.description.parts]
        return claims_about(figures, self._reader)

    @cached_property
    def claim(self) -> Claim | None:
        """Read the thing as a figure, when it is one."""
        is_figure = bool(self.rows.values_of(self.node, ABOUT))
        return self._reader.claim(self.node) if is_figure else None

    @cached_property
    def quotation(self) -> Quotation | None:
        """Read the thing as a place in a document, when it is one, with its address on the web."""
        found = self.rows.quotation(self.node)
        if found is None:
            return None
        documents = self.rows.values_of(self.node, SOURCE)
        read = [each for each in documents if isinstance(each, ox.NamedNode)]
        return found._replace(addresses=self.rows.on_the_web(read[0]))

    @cached_property
    def _reader(self) -> ClaimReader:
        return ClaimReader(self.rows, self.labels, layouts_of(self._edition), self.base)

    def values(self, *iris: str) -> tuple[Value, ...]:
        """Give the values of the first of some properties that has any, by their IRIs."""
        for iri in iris:
            found = self.rows.values_of(self.node, ox.NamedNode(self._own(iri)))
            if found:
                return tuple(self.rows.value(each) for each in found)
        return ()

    def words(self, *iris: str) -> Name:
        """Give the words of the first of some properties in the reader's language."""
        for iri in iris:
            found = self.rows.values_of(self.node, ox.NamedNode(self._own(iri)))
            literals = [each for each in found if isinstance(each, ox.Literal)]
            if literals:
                return self.labels.best(literals)
        return NAMELESS

    def told(self, *iris: str) -> tuple[int, ...]:
        """Leave out of the sections what the lead says of the first of some properties that it has.

        Where it has words in several languages they stay, for the lead has one of them. Gives the
        places of the graphs that state it in the list of those (`origins`).
        """
        for iri in iris:
            predicate = ox.NamedNode(self._own(iri))
            found = self.rows.values_of(self.node, predicate)
            if found:
                if len(found) == 1 or not any(isinstance(each, ox.Literal) for each in found):
                    self._told.add(predicate)
                return self.rows.stated(self.node, predicate)
        return ()

    def _own(self, iri: str) -> str:
        """Read `ns#term` as a term of the site's own."""
        return self.base + iri if iri.startswith("ns#") else iri

    @cached_property
    def mentions(self) -> tuple[Pointing, ...]:
        """Group what points to the thing, and is not in a section, by class and property."""
        shown = {field.path for field in self.description.layout.fields if field.is_inverse}
        shown |= {ABOUT} if self.claims else set()
        found: dict[tuple[ox.NamedNode | None, ox.NamedNode], list[ox.NamedNode]] = {}
        for predicate, nodes in self._pointing.items():
            for node in nodes if predicate not in shown else ():
                assert isinstance(node, ox.NamedNode)
                kinds = self._kinds.get(node) or self._store.types(node)
                found.setdefault((kinds[0] if kinds else None, predicate), []).append(node)
        groups = (self._group(kind, each, nodes) for (kind, each), nodes in found.items())
        return tuple(sorted(groups, key=lambda group: (group.kind.text, group.predicate.text)))

    def _group(
        self, kind: ox.NamedNode | None, predicate: ox.NamedNode, nodes: Sequence[ox.NamedNode]
    ) -> Pointing:
        values = (self.rows.value(node) for node in nodes)
        return Pointing(
            self.labels.term(kind) if kind else NAMELESS,
            kind.value if kind else "",
            self.labels.term(predicate),
            predicate.value,
            tuple(sorted(values, key=lambda value: value.name.text)),
        )

    @property
    def has_more_mentions(self) -> bool:
        """Tell whether more points to the thing than is shown."""
        return self.description.has_more_mentions or self.description.has_more_parts

    @cached_property
    def origins(self) -> list[Origin]:
        """List the named graphs that state what the page says."""
        start = f"{self.base}id/graph/"
        return [
            Origin(place, iri, iri.removeprefix(start)) for iri, place in self.rows.graphs.items()
        ]

    @cached_property
    def map(self) -> Picture | None:
        """Draw where the thing is, beside others of the same class; None when nobody says."""
        return map_of(self._store, self.node, self.labels, self.rows)

    @cached_property
    def course(self) -> "tuple[Picture, Name, list[Value]] | None":
        """Draw how the figures of tables about the thing go over the years."""
        tables = [each for each, kinds in self._kinds.items() if OBSERVATION in kinds]
        found = self._cubes.course(tables, self.labels) if tables else None
        if found is None:
            return None
        caption = languages.gettext("%(numbers)s over the years", numbers=found.measure.text)
        drawn = picture(found.answer, found.chart, static_folder(), Name(caption), breaks=BREAKS)
        drawn = replace(drawn, notes=(*found.notes, *drawn.notes))
        named = self.labels.also(found.datasets)
        sources = [
            Value(named.of(each), self.rows.address(each), is_local=True) for each in found.datasets
        ]
        return drawn, found.measure, sources


def _inside(description: Description) -> Iterator[ox.Quad]:
    for quads in description.parts.values():
        yield from quads
