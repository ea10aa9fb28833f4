"""Prove that a store holds what the dumps of its release hold, statement for statement.

Both are counted, and the hashes of their lines are added up, which does not depend on the order.
Python hashes bytes with a key that each process draws anew (PEP 456), so no data can be made for
which two sums of 64 bits agree by design.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.errors import StoreError
from metropole.release import Dataset

_MASK = (1 << 64) - 1
_PIECE = 1 << 20
#: Statements of a large store that are looked up.
_LOOKED_UP = 5_000


class _Lines:
    """Counts and adds up the lines that are written into it."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        """Take a piece, which may end within a line."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= _PIECE:
            self._pieces = [self._added(b"".join(self._pieces))]
            self._size = 0
        return len(data)

    def flush(self) -> None:
        """Take what is left."""
        self._pieces = [self._added(b"".join(self._pieces))]

    def _added(self, text: bytes) -> bytes:
        *lines, rest = text.split(b"\n")
        self.add(lines)
        return rest

    def add(self, lines: Iterable[bytes]) -> None:
        """Count lines, and add up their hashes."""
        hashes = [hash(line) for line in lines]
        self.count += len(hashes)
        self.total = (self.total + sum(hashes)) & _MASK


def prove_equal(store: ox.Store, dataset: Dataset, *, union_stored: bool, whole: bool) -> None:
    """Raise StoreError when a store does not hold the statements of a dataset, and no others.

    Without `whole` the number of statements is compared, and some are looked up: to read all of
    a large store takes half as long as to load it.
    """
    if whole:
        lines = chain(dataset.lines, dataset.triples() if union_stored else ())
        is_equal = _holds_just(store, lines)
    else:
        number = len(dataset.lines) + union_stored * dataset.triple_count
        is_equal = len(store) == number and all(quad in store for quad in _spread(dataset.lines))
    _demand(is_equal)


def prove_union(store: ox.Store, dataset: Dataset, *, whole: bool) -> None:
    """Raise StoreError when the default graph of a store is not the union of a dataset's graphs.

    It is looked at as `prove_equal` looks at the graphs.
    """
    if whole:
        is_equal = _holds_just(store, dataset.triples())
    else:
        triples = (ox.Quad(*quad.triple) for quad in _spread(dataset.lines))
        is_equal = len(store) == dataset.triple_count and all(each in store for each in triples)
    _demand(is_equal)


def _holds_just(store: ox.Store, lines: Iterable[bytes]) -> bool:
    """Tell whether a store holds what some lines say, and nothing else."""
    held, wanted = _Lines(), _Lines()
    store.dump(cast(BinaryIO, held), format=ox.RdfFormat.N_QUADS)
    held.flush()
    wanted.add(lines)
    return (held.count, held.total) == (wanted.count, wanted.total)


def _demand(is_equal: bool) -> None:  # noqa: FBT001  # it is what is demanded
    if not is_equal:
        raise StoreError(
            "The store does not hold what the dumps hold, so nothing was released. This is a "
            "mistake of Metropole or of the disk: build again, and report it if it stays."
        )


def _spread(lines: list[bytes]) -> Iterator[ox.Quad]:
    """Read some of the lines, as far from each other as can be."""
    some = b"\n".join(lines[:: max(1, len(lines) // _LOOKED_UP)])
    return ox.parse(some, format=ox.RdfFormat.N_QUADS, lenient=True)
