"""Write the statements of a source as N-Quads, a piece at a time while the rest is parsed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from metropole.formats import N_QUADS
from metropole.sources import Source

#: Called with lines of N-Quads as soon as they are final.
OnText = Callable[[bytes], None]
#: Statements that are written at once.
_PIECE = 50_000


def nothing(_: bytes) -> None:
    """Do nothing with the lines."""


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


@dataclass(frozen=True)
class _Piece:
    #: Places of its statements.
    start: int
    end: int
    text: bytes

    @property
    def is_final(self) -> bool:
        """Tell whether no blank node is in it, which may get another label."""
        return b"_:" not in self.text


class Pieces:
    """The statements of a source that is being parsed, as N-Quads."""

    def __init__(self, source: Source, quads: list[ox.Quad], on_text: OnText) -> None:
        """Take a list that grows."""
        self._source = source
        self._quads = quads
        self._on_text = on_text
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
        texts = []
        for piece in self._pieces:
            text = piece.text
            if not piece.is_final:
                text = nquads(self._source, quads[piece.start : piece.end])
                self._on_text(text)
            texts.append(text)
        return b"".join(texts)

    def _write(self) -> None:
        start, end = self._pieces[-1].end if self._pieces else 0, len(self._quads)
        if start == end:
            return
        piece = _Piece(start, end, nquads(self._source, self._quads[start:end]))
        self._pieces.append(piece)
        if piece.is_final:
            self._on_text(piece.text)
