"""The page about a thing: its statements as rows, and who points to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from flask import render_template

from metropole.formats import GRAPH_FORMATS
from metropole.release.difference import Change
from metropole.store.reading import MENTIONS_SHOWN, ReadingStore
from metropole.vocab import LABEL_PROPERTIES, RDF, XSD
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.tombstones import Tombstone

_TYPE = RDF + "type"
_FIRST, _REST = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest")
#: Blank nodes inside blank nodes that a page shows.
_DEPTH_SHOWN = 5


@dataclass(frozen=True)
class Value:
    """One value as a page shows it."""

    name: Name
    #: Where a click leads; empty for a literal.
    address: str = ""
    #: Whether the address is on this server.
    is_local: bool = False
    #: Short name of a datatype that is worth showing.
    datatype: str = ""
    #: Rows of a blank node, which is shown where it is mentioned.
    rows: tuple["Row", ...] = ()


@dataclass(frozen=True)
class Row:
    """A property with its values."""

    name: Name
    iri: str
    address: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Version:
    """A release that changed a thing."""

    release: str
    change: Change
    #: When it was first made current; empty when nobody knows.
    date: str


def entity_page(store: ReadingStore, node: ox.NamedNode, versions: Iterable[Version] = ()) -> str:
    """Render the page about a thing, as the release of the store has it."""
    about, mentions = store.about(node), store.mentions(node)
    labels = Labels(store, _nodes([*about, *mentions]), languages=languages.liked())
    writer = _Writer(store, labels, about)
    rows = writer.rows(node)
    return render_template(
        "entity.html",
        iri=node.value,
        variants=_variants(node.value, store.release.manifest.content.base),
        release=store.release,
        versions=versions,
        name=labels.of(node),
        classes=writer.classes(about, node),
        rows=[row for row in rows if row.iri != _TYPE],
        mentions=writer.mentions(mentions[:MENTIONS_SHOWN]),
        has_more_mentions=len(mentions) > MENTIONS_SHOWN,
        sources=sorted({graph for quad in about if (graph := _graph(quad))}),
    )


def gone_page(store: ReadingStore, found: Tombstone) -> str:
    """Render what is left of a thing: its last data, and what took its place."""
    node = ox.NamedNode(found.iri)
    last = found.last or store
    about = last.about(node)
    labels = Labels(last, [*_nodes(about), node], languages=languages.liked())
    writer = _Writer(last, labels, about)
    successors = Labels(store, found.replaced_by, languages=languages.liked())
    return render_template(
        "gone.html",
        iri=found.iri,
        name=labels.of(node),
        when=found.when.value if found.when else "",
        replaced_by=[
            Value(successors.of(each), writer.address(each), writer.is_local(each))
            for each in found.replaced_by
        ],
        last=found.last.release if found.last else None,
        document=addresses.document_of(found.iri, base=store.release.manifest.content.base),
        rows=writer.rows(node),
        variants=_variants(found.iri, store.release.manifest.content.base),
    )


def _variants(iri: str, base: str) -> list[dict[str, str | None]]:
    return [
        {
            "name": syntax.name,
            "media_type": syntax.media_type,
            "address": addresses.document_of(iri, base=base, extension=syntax.extension),
        }
        for syntax in GRAPH_FORMATS
    ]


def _nodes(quads: Iterable[ox.Quad]) -> list[ox.NamedNode]:
    terms = (term for quad in quads for term in (quad.subject, quad.predicate, quad.object))
    return [term for term in terms if isinstance(term, ox.NamedNode)]


def _graph(quad: ox.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""


class _Writer:
    def __init__(self, store: ReadingStore, labels: Labels, about: list[ox.Quad]) -> None:
        self._base = store.release.manifest.content.base
        self._labels = labels
        self._said: dict[object, list[ox.Quad]] = {}
        for quad in sorted(about, key=lambda quad: (_row_order(quad.predicate), str(quad.object))):
            self._said.setdefault(quad.subject, []).append(quad)

    def rows(self, node: ox.NamedNode | ox.BlankNode, depth: int = 0) -> tuple[Row, ...]:
        values: dict[ox.NamedNode, dict[Value, None]] = {}
        for quad in self._said.get(node, ()):
            shown = self._value(quad.object, depth)
            values.setdefault(quad.predicate, {})[shown] = None
        return tuple(
            Row(self._labels.term(name), name.value, self.address(name), tuple(shown))
            for name, shown in values.items()
        )

    def classes(self, quads: list[ox.Quad], node: ox.NamedNode) -> list[Value]:
        """Name the classes of a thing."""
        kinds = {
            quad.object: None
            for quad in quads
            if quad.subject == node
            and quad.predicate.value == _TYPE
            and isinstance(quad.object, ox.NamedNode)
        }
        return [
            Value(self._labels.term(kind), self.address(kind), self.is_local(kind))
            for kind in kinds
        ]

    def is_local(self, node: ox.NamedNode) -> bool:
        return addresses.document_of(node.value, base=self._base) is not None

    def mentions(self, quads: list[ox.Quad]) -> tuple[Row, ...]:
        """Group the things that point here by the property they do it with."""
        pointing: dict[ox.NamedNode, dict[Value, None]] = {}
        for quad in sorted(quads, key=lambda quad: (str(quad.predicate), str(quad.subject))):
            if isinstance(quad.subject, ox.NamedNode):
                shown = self._value(quad.subject, 0)
                pointing.setdefault(quad.predicate, {})[shown] = None
        return tuple(
            Row(self._labels.term(name), name.value, self.address(name), tuple(shown))
            for name, shown in pointing.items()
        )

    def _value(self, term: object, depth: int) -> Value:
        if isinstance(term, ox.NamedNode):
            return Value(self._labels.of(term), self.address(term), self.is_local(term))
        if isinstance(term, ox.BlankNode):
            return Value(Name(""), rows=self._inside(term, depth + 1))
        assert isinstance(term, ox.Literal)
        datatype = term.datatype.value
        shown = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
        is_plain = datatype in (XSD + "string", RDF + "langString")
        return Value(
            Name(term.value, term.language or ""), datatype="" if is_plain else shown or datatype
        )

    def _inside(self, node: ox.BlankNode, depth: int) -> tuple[Row, ...]:
        """Give the rows of a blank node; a list is one row with its members in their order."""
        if depth > _DEPTH_SHOWN:
            return ()
        members = tuple(self._value(member, depth) for member in self._members(node))
        if members:
            return (Row(self._labels.of(_FIRST), _FIRST.value, _FIRST.value, members),)
        return self.rows(node, depth)

    def _members(self, node: object) -> Iterator[object]:
        """Go through the members of a list; nothing for a node that is no list."""
        passed = set()
        while node in self._said and node not in passed:
            passed.add(node)
            said = {quad.predicate: quad.object for quad in self._said[node]}
            if _FIRST not in said:
                return
            yield said[_FIRST]
            node = said.get(_REST)

    def address(self, node: ox.NamedNode) -> str:
        """Link to our document where there is one, elsewhere only by a web address."""
        local = addresses.document_of(node.value, base=self._base)
        if local is not None:
            return local
        return node.value if node.value.startswith(("http://", "https://")) else ""


def _row_order(predicate: ox.NamedNode) -> tuple[int, str]:
    """Put names first, the rest by alphabet."""
    iri = predicate.value
    rank = LABEL_PROPERTIES.index(iri) if iri in LABEL_PROPERTIES else len(LABEL_PROPERTIES)
    return rank, iri
