"""What a document says of a thing: itself, what it is made of, who points to it, and their names.

A thing is made of the values, or of the things that point to it, whose details a shape of its
class wants shown (`layouts.py`): a city of its figures, a figure of the quotations that it rests
on. So the page and all RDF formats say the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from metropole.graph.statement_lines import named, neighbours_in, value_of
from metropole.store.reading import MENTIONS_SHOWN, ReadingStore, quads_of
from metropole.vocab import RDF
from metropole.web.entity.layouts import Layout, Layouts
from metropole.web.serving.tombstones import tells_of_end

#: Things in things whose statements a document holds, and how many of them.
_DEPTH, PARTS_SHOWN = 3, 400
_TYPE = ox.NamedNode(RDF + "type")
_KIND = f" {_TYPE} ".encode()


@dataclass(frozen=True)
class Description:
    """The statements of a document: lines of N-Quads, and what was read of them."""

    node: ox.NamedNode
    lines_about: list[bytes]
    #: Statements about the things it is made of.
    lines_of_parts: dict[bytes, list[bytes]]
    #: Statements that point to it, at most MENTIONS_SHOWN.
    lines_pointing: list[bytes]
    has_more_mentions: bool
    layout: Layout
    #: Whether there are more parts than a document holds.
    has_more_parts: bool = False

    @cached_property
    def classes(self) -> list[ox.NamedNode]:
        """List the classes of the thing."""
        return _classes(self.lines_about, str(self.node).encode())

    @property
    def tells_of_end(self) -> bool:
        """Tell whether the graph says of the thing that it is gone."""
        return tells_of_end(self.lines_about, str(self.node).encode())

    def lines(self) -> list[bytes]:
        """List all statements, each once, those about the thing first."""
        parts = (line for lines in self.lines_of_parts.values() for line in lines)
        return list(dict.fromkeys([*self.lines_about, *parts, *self.lines_pointing]))

    @cached_property
    def about(self) -> list[ox.Quad]:
        """Read the statements about it."""
        return quads_of(self.lines_about)

    @cached_property
    def parts(self) -> dict[ox.NamedNode, list[ox.Quad]]:
        """Read the statements about what it is made of."""
        return {_node(each): quads_of(lines) for each, lines in self.lines_of_parts.items()}

    @cached_property
    def mentions(self) -> list[ox.Quad]:
        """Read the statements that point to it."""
        return quads_of(self.lines_pointing)

    @cached_property
    def quads(self) -> list[ox.Quad]:
        """Read all statements, those about the thing first."""
        parts = (quad for quads in self.parts.values() for quad in quads)
        return list(dict.fromkeys([*self.about, *parts, *self.mentions]))


class TooMany(Exception):
    """There are more statements than are wanted."""


def described(
    store: ReadingStore, layouts: Layouts, node: ox.NamedNode, *, most: int | None = None
) -> Description:
    """Collect what is to be said of a thing; raises TooMany when that is `most` or more."""
    term = str(node).encode()
    about = store.lines_about(term, most=most)
    pointing = MENTIONS_SHOWN if most is None else _left(most, about)
    mentions = store.mentions(term, most=pointing)
    left = None if most is None else _left(most, about, mentions)
    layout = layouts.of(_classes(about, term))
    parts, has_more = _parts(store, layouts, term, about, layout, most=left)
    shown = mentions[:MENTIONS_SHOWN]
    return Description(node, about, parts, shown, len(mentions) > MENTIONS_SHOWN, layout, has_more)


def _left(most: int, *found: list[bytes]) -> int:
    """Give how many statements may still be found; raises TooMany when none may."""
    left = most - sum(map(len, found))
    if left <= 0:
        raise TooMany
    return left


def document_lines(store: ReadingStore, found: Description) -> list[bytes]:
    """List all statements of a document, which has names for all that it mentions."""
    lines = found.lines()
    neighbours = neighbours_in(lines, str(found.node).encode())
    names = (line for each in neighbours for line in store.naming(each))
    return list(dict.fromkeys([*lines, *names]))


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


def _classes(lines: Iterable[bytes], node: bytes) -> list[ox.NamedNode]:
    """List the classes that some lines give a thing."""
    start = node + _KIND
    found = (value_of(line) for line in lines if line.startswith(start))
    return [_node(each) for each in dict.fromkeys(found) if named(each)]


def _node(term: bytes) -> ox.NamedNode:
    return ox.NamedNode(term[1:-1].decode())


def _parts(
    store: ReadingStore,
    layouts: Layouts,
    node: bytes,
    about: list[bytes],
    layout: Layout,
    *,
    most: int | None,
) -> tuple[dict[bytes, list[bytes]], bool]:
    """Collect the things it is made of level by level; who points to those is left out."""
    found: dict[bytes, list[bytes]] = {}
    shown = PARTS_SHOWN if most is None else most
    level = [*_pointing(store, node, layout, most=shown), *_held(node, about, layout)]
    for _ in range(_DEPTH if level else 0):
        following: list[bytes] = []
        for part in dict.fromkeys(level):
            if part in found or part == node:
                continue
            if len(found) == PARTS_SHOWN:
                return found, True
            lines = found[part] = store.lines_about(part, most=most)
            if most is not None:
                most = _left(most, lines)
            following += _held(part, lines, layouts.of(_classes(lines, part)))
        level = following
    return found, False


def _pointing(store: ReadingStore, node: bytes, layout: Layout, *, most: int) -> Iterator[bytes]:
    for field in layout.shown_whole:
        if field.is_inverse:
            for quad in store.pointing(_node(node), field.path, most=most):
                if isinstance(quad.subject, ox.NamedNode):
                    yield str(quad.subject).encode()


def _held(node: bytes, lines: list[bytes], layout: Layout) -> Iterator[bytes]:
    starts = tuple(
        node + f" {field.path} ".encode() for field in layout.shown_whole if not field.is_inverse
    )
    for line in lines if starts else ():
        if line.startswith(starts):
            value = value_of(line)
            if named(value):
                yield value
