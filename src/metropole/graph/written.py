"""Write the statements of a source as lines of N-Quads, a piece at a time while it is parsed."""

from collections.abc import Iterable
from itertools import chain
from typing import Protocol

import pyoxigraph as ox

from metropole.formats import N_QUADS
from metropole.graph.blanks import relabelled
from metropole.graph.statement_lines import lines_of
from metropole.sources import Source


class Taker(Protocol):
    """Works on lines of N-Quads beside the parser."""

    def take(self, lines: list[bytes]) -> None:
        """Take lines without their ends."""
        ...


def nquads(source: Source, quads: Iterable[ox.Quad]) -> bytes:
    """Write statements as N-Quads, those of the default graph in the graph of the source."""
    if not source.format.holds_named_graphs:
        # A raw line end cannot stand inside a term, so this is the end of each statement.
        return N_QUADS.serialized(quads).replace(b" .\n", graph_ending(source))
    own = ox.NamedNode(source.graph)
    return N_QUADS.serialized(
        ox.Quad(quad.subject, quad.predicate, quad.object, own)
        if isinstance(quad.graph_name, ox.DefaultGraph)
        else quad
        for quad in quads
    )


def graph_ending(source: Source) -> bytes:
    """Give what a line ends with whose statement is in the graph of the source."""
    return f" <{source.graph}> .\n".encode()


class Pieces:
    """The lines of a source that is being parsed."""

    def __init__(self, source: Source, taker: Taker | None) -> None:
        self._source = source
        self._taker = taker
        self._lines: list[bytes] = []
        #: Pieces with blank nodes: the place of the first line and the statements.
        self._waiting: list[tuple[int, list[ox.Quad]]] = []

    def add(self, quads: list[ox.Quad], text: bytes) -> None:
        """Add the next statements, which are kept only where a blank node needs its label."""
        lines = lines_of(text)
        if b"_:" in text:
            self._waiting.append((len(self._lines), quads))
        else:
            self._hand_over(lines)
        self._lines += lines

    def whole(self) -> list[bytes]:
        """Give all lines, with the labels that blank nodes get when all of them are known."""
        waiting = chain.from_iterable(quads for _, quads in self._waiting)
        labelled = iter(relabelled(list(waiting), scope=self._source.name))
        for start, quads in self._waiting:
            lines = lines_of(nquads(self._source, [next(labelled) for _ in quads]))
            self._lines[start : start + len(lines)] = lines
            self._hand_over(lines)
        return self._lines

    def _hand_over(self, lines: list[bytes]) -> None:
        if self._taker is not None:
            self._taker.take(lines)
