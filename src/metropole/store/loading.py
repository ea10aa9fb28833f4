"""Load the Oxigraph store of a release, while what else the release needs is made."""

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.release import Dataset
from metropole.release.dataset import LineFile
from metropole.release.downloads.canonical import may_hold_blank
from metropole.store import FOLDER
from metropole.store.equality import prove_equal

#: Bytes of N-Quads loaded at once, some 250,000 statements; larger parts take more memory.
_PART_BYTES = 40 << 20
_N_QUADS, _N_TRIPLES = ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES


class Loading:
    """A store whose statements are being loaded."""

    def __init__(self, store: ox.Store, texts: Iterable[bytes]) -> None:
        self._store: ox.Store | None = store
        self._parts = _parts(texts)
        self._part_count = 0
        self._lock = threading.Lock()
        self._is_over = False
        # What else is made of a release keeps one processor.
        self._loaders = max(1, (os.cpu_count() or 1) - 1)
        self._beside = ThreadPoolExecutor(self._loaders)
        self._loads = [self._beside.submit(self._load_all, store) for _ in range(self._loaders)]

    def finish(self, dataset: Dataset, added: list[bytes], *, proven: bool) -> bool:
        """Wait for the end, add lines to it, and tell whether the union was stored too.

        Oxigraph can read a store's named graphs as one, but does not merge: a triple that is in
        two graphs would be counted twice. Where there is such a triple, the union is stored as the
        default graph; elsewhere that would only cost time and space.

        Raises StoreError when the store then does not hold what the dataset holds; not `proven`,
        that is looked at in some places only. Raises OSError when it cannot be written.
        """
        store = self._store
        assert store is not None
        labelled = [line for load in self._loads for line in load.result()]
        overlapping = dataset.overlaps()
        labelled += _load_part(store, _joined(added), _N_QUADS)
        _add(store, labelled, _N_QUADS)
        if overlapping:
            triples = _parts([_joined(list(dataset.triples()))])
            loads = self._beside.map(lambda part: _load_part(store, part, _N_TRIPLES), triples)
            _add(store, [line for load in loads for line in load], _N_TRIPLES)
        if self._part_count > 1:
            # Each part has left files of its own, and every read would look into all of them: a
            # query over 1,000,000 statements takes four times as long then.
            store.optimize()
        store.flush()
        prove_equal(store, dataset, union_stored=overlapping, whole=proven)
        self._store = None  # which closes it
        return overlapping

    def end(self) -> None:
        """Load nothing more; the parts that are being loaded are loaded to their end."""
        self._is_over = True
        self._beside.shutdown(cancel_futures=True)
        self._store = None

    def _load_all(self, store: ox.Store) -> list[bytes]:
        """Load one part after the other, as long as there are some that nobody loads."""
        labelled: list[bytes] = []
        while not self._is_over and (part := self._next_part()):
            labelled += _load_part(store, part, _N_QUADS)
        return labelled

    def _next_part(self) -> bytes:
        with self._lock:
            part = next(self._parts, b"")
            self._part_count += bool(part)
            return part


@contextmanager
def load(folder: Path, texts: Iterable[bytes]) -> Iterator[Loading]:
    """Load N-Quads into a new store in the folder of a release, and go on meanwhile.

    `texts` are lines with their ends; equal ones are one statement.
    """
    begun = Loading(ox.Store(folder / FOLDER), texts)
    try:
        yield begun
    finally:
        begun.end()


def _parts(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Put texts together, and cut them at line ends, so that each is as long as a load may be."""
    held, wanted = list[bytes](), _PART_BYTES
    for text in texts:
        start = 0
        while len(text) - start >= wanted:
            end = text.find(b"\n", start + wanted - 1) + 1 or len(text)
            yield b"".join([*held, text[start:end]])
            held, wanted, start = [], _PART_BYTES, end
        held.append(text[start:])
        wanted -= len(held[-1])
    if any(held):
        yield b"".join(held)


def _joined(lines: list[bytes]) -> bytes:
    return b"".join([line + b"\n" for line in lines])


def _load_part(store: ox.Store, text: bytes, syntax: ox.RdfFormat) -> list[bytes]:
    """Load lines, but give those back in which a blank node may stand.

    A load gives blank nodes new labels, so what is said of one in two parts, or in a named
    graph and in the union, would fall apart.
    """
    labelled: list[bytes] = []
    if b"_:" in text:  # one look at the whole is faster than one at each line
        lines = text.splitlines()
        labelled = [line for line in lines if may_hold_blank(line)]
        text = _joined([line for line in lines if not may_hold_blank(line)])
    store.bulk_load(input=text, format=syntax, lenient=True)
    return labelled


def _add(store: ox.Store, lines: list[bytes], syntax: ox.RdfFormat) -> None:
    """Add lines with the labels of their blank nodes."""
    if lines:
        file = cast(BinaryIO, LineFile(lines))
        store.bulk_extend(ox.parse(file, format=syntax, lenient=True))
