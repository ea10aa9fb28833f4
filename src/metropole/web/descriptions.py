"""What a document says of a thing: itself, what it is made of, who points to it, and their names.

A thing is made of the values, or of the things that point to it, whose details a shape of its
class wants shown (`layouts.py`): a city of its figures, a figure of the quotations that it rests
on. So the page and all RDF formats say the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.store.reading import MENTIONS_SHOWN, ReadingStore
from metropole.vocab import RDF
from metropole.web.layouts import Layout, Layouts, Viewer

#: Things in things whose statements a document holds, and how many of them.
_DEPTH, PARTS_SHOWN = 3, 400
_TYPE = ox.NamedNode(RDF + "type")


@dataclass(frozen=True)
class Description:
    """The statements of a document."""

    node: ox.NamedNode
    about: list[ox.Quad]
    #: Statements about the things it is made of.
    parts: dict[ox.NamedNode, list[ox.Quad]]
    #: Statements that point to it, at most MENTIONS_SHOWN.
    mentions: list[ox.Quad]
    has_more_mentions: bool
    layout: Layout
    #: Whether there are more parts than a document holds.
    has_more_parts: bool = False

    def quads(self) -> list[ox.Quad]:
        """List all statements, those about the thing first."""
        parts = (quad for quads in self.parts.values() for quad in quads)
        return list(dict.fromkeys([*self.about, *parts, *self.mentions]))


def described(store: ReadingStore, layouts: Layouts, node: ox.NamedNode) -> Description:
    """Collect what is to be said of a thing."""
    about, mentions = store.about(node), store.mentions(node)
    layout = layouts.of(classes(about, node))
    parts, has_more = _parts(store, layouts, node, about, layout)
    shown = mentions[:MENTIONS_SHOWN]
    return Description(node, about, parts, shown, len(mentions) > MENTIONS_SHOWN, layout, has_more)


def document_quads(store: ReadingStore, layouts: Layouts, node: ox.NamedNode) -> list[ox.Quad]:
    """List all statements of the document about a thing."""
    quads = described(store, layouts, node).quads()
    neighbours = (
        term
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.NamedNode) and term != node
    )
    return list(dict.fromkeys([*quads, *store.labels(neighbours)]))


def classes(quads: Iterable[ox.Quad], node: ox.NamedNode) -> list[ox.NamedNode]:
    """List the classes that some statements give a thing."""
    found = (
        quad.object
        for quad in quads
        if quad.predicate == _TYPE
        and quad.subject == node
        and isinstance(quad.object, ox.NamedNode)
    )
    return list(dict.fromkeys(found))


def _parts(
    store: ReadingStore,
    layouts: Layouts,
    node: ox.NamedNode,
    about: list[ox.Quad],
    layout: Layout,
) -> tuple[dict[ox.NamedNode, list[ox.Quad]], bool]:
    """Collect the things it is made of level by level; who points to those is left out."""
    found: dict[ox.NamedNode, list[ox.Quad]] = {}
    level = list(_pointing(store, node, layout)) + list(_held(node, about, layout))
    for _ in range(_DEPTH):
        following: list[ox.NamedNode] = []
        for part in dict.fromkeys(level):
            if part in found or part == node:
                continue
            if len(found) == PARTS_SHOWN:
                return found, True
            quads = found[part] = store.about(part)
            following += _held(part, quads, layouts.of(classes(quads, part)))
        level = following
    return found, False


def _pointing(store: ReadingStore, node: ox.NamedNode, layout: Layout) -> Iterator[ox.NamedNode]:
    for field in layout.fields:
        if field.is_inverse and field.viewer is not Viewer.VALUE:
            for quad in store.pointing(node, field.path, most=PARTS_SHOWN):
                if isinstance(quad.subject, ox.NamedNode):
                    yield quad.subject


def _held(node: ox.NamedNode, quads: list[ox.Quad], layout: Layout) -> Iterator[ox.NamedNode]:
    wanted = {
        field.path
        for field in layout.fields
        if not field.is_inverse and field.viewer is not Viewer.VALUE
    }
    for quad in quads if wanted else ():
        is_wanted = quad.subject == node and quad.predicate in wanted
        if is_wanted and isinstance(quad.object, ox.NamedNode):
            yield quad.object
