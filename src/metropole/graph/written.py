"""Write the statements of a source as N-Quads, a piece at a time while the rest is parsed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol

import pyoxigraph as ox

from metropole.formats import N_QUADS
from metropole.sources import Source

#: Statements that are written at once.
_PIECE = 50_000


class Taker(Protocol):
    """Works on lines of N-Quads beside the parser."""

    def has_room(self) -> bool:
        """Tell whether lines that are taken now are worked on soon."""
        ...

    def take(self, text: bytes, start: int, end: int) -> None:
        """Take the lines between two places of a text."""
        ...


def nquads(source: Source, quads: Iterable[ox.Quad]) -> bytes:
    """Write statements as N-Quads, those of the default graph in the graph of the source."""
    if not source.format.holds_named_graphs:
        # A raw line end cannot stand inside a term, so this is the end of each statement.
        graph = f" <{source.graph}> .\n".encode()
        return N_QUADS.serialized(quads).replace(b" .\n", graph)
    own = ox.NamedNode(source.graph)
    return N_QUADS.serialized(
        ox.Quad(quad.subject, quad.predicate, quad.object, own)
        if isinstance(quad.graph_name, ox.DefaultGraph)
        else quad
        for quad in quads
    )


@dataclass
class _Piece:
    #: Places of its statements.
    start: int
    end: int
    text: bytes
    is_taken: bool = False

    @property
    def is_final(self) -> bool:
        """Tell whether no blank node is in it, which may get another label."""
        return b"_:" not in self.text


class Pieces:
    """The statements of a source that is being parsed, as N-Quads."""

    def __init__(self, source: Source, quads: list[ox.Quad], taker: Taker | None) -> None:
        """Take a list that grows."""
        self._source = source
        self._quads = quads
        self._taker = taker
        self._pieces: list[_Piece] = []

    def following(self, statements: Iterator[ox.Quad]) -> Iterator[ox.Quad]:
        """Go through what is parsed; what was kept of it is written from time to time."""
        for first in statements:
            yield first
            yield from islice(statements, _PIECE - 1)
            self._write()

    def whole(self, quads: list[ox.Quad]) -> bytes:
        """Write the rest, and give all lines; `quads` have the labels of their blank nodes."""
        self._write()
        for piece in self._pieces:
            if not piece.is_final:
                piece.text = nquads(self._source, quads[piece.start : piece.end])
        whole = b"".join([piece.text for piece in self._pieces])
        if self._taker is not None:
            self._hand_over_rest(self._taker, whole)
        return whole

    def _hand_over_rest(self, taker: Taker, whole: bytes) -> None:
        """Have the taker share the one text, so that there is no second copy of what waits."""
        start = 0
        for is_taken, pieces in groupby(self._pieces, key=lambda piece: piece.is_taken):
            end = start + sum(len(piece.text) for piece in pieces)
            if not is_taken:
                taker.take(whole, start, end)
            start = end

    def _write(self) -> None:
        start, end = self._pieces[-1].end if self._pieces else 0, len(self._quads)
        if start == end:
            return
        piece = _Piece(start, end, nquads(self._source, self._quads[start:end]))
        self._pieces.append(piece)
        if self._taker is not None and self._taker.has_room() and piece.is_final:
            self._taker.take(piece.text, 0, len(piece.text))
            piece.is_taken = True
