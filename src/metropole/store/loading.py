"""Load the Oxigraph stores of a release, while what else the release needs is made."""

import os
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.release import Dataset
from metropole.release.dataset import LineFile
from metropole.release.downloads.canonical import may_hold_blank
from metropole.store import FOLDER, UNION
from metropole.store.equality import prove_equal, prove_union

#: Bytes of N-Quads loaded at once, some 250,000 statements; larger parts take more memory.
_PART_BYTES = 40 << 20
#: Pieces that wait to be loaded while a file is parsed, 8 MiB each where it is large.
_MOST_WAITING = 5
#: Lines between two places of a text.
_Lines = tuple[bytes, int, int]
_N_QUADS, _N_TRIPLES = ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES
#: The name of the graph at the end of a line; a raw line end cannot stand inside a term.
_GRAPH = re.compile(rb" <[^<>\n]*> \.\n")


class Loading:
    """Stores whose statements are being loaded: one of the named graphs, one of their union."""

    def __init__(self, store: ox.Store, union: ox.Store) -> None:
        self._stores: tuple[ox.Store, ox.Store] | None = (store, union)
        #: Lines of N-Quads that came, and None after the last.
        self._taken: SimpleQueue[_Lines | None] = SimpleQueue()
        self._parts = _parts(iter(self._taken.get, None))
        self._part_count = 0
        self._lock = threading.Lock()
        self._is_over = False
        # What else is made of a release keeps one processor.
        self._loaders = max(1, (os.cpu_count() or 1) - 1)
        self._beside = ThreadPoolExecutor(self._loaders)
        self._loads = [
            self._beside.submit(self._load_all, store, union) for _ in range(self._loaders)
        ]

    def has_room(self) -> bool:
        """Tell whether what is taken now is loaded soon; until then it needs memory."""
        return self._taken.qsize() < _MOST_WAITING

    def take(self, text: bytes, start: int, end: int) -> None:
        """Take the lines between two places of N-Quads; equal ones are one statement."""
        self._taken.put((text, start, end))

    def all_taken(self) -> None:
        """Say that no more lines come."""
        self._taken.put(None)

    def finish(self, dataset: Dataset, added: list[bytes], *, proven: bool) -> bool:
        """Wait for the end, add lines to it, and tell whether the union is with the graphs too.

        Oxigraph can read a store's named graphs as one, but does not merge: a triple that is in
        two graphs would be counted twice. A query that looks into graphs and into their union
        needs both in one store. So where there is such a triple, the union is also stored as the
        default graph beside the graphs; elsewhere that would only cost time and space.

        Raises StoreError when a store then does not hold what the dataset holds; not `proven`,
        that is looked at in some places only. Raises OSError when one cannot be written.
        """
        assert self._stores is not None
        store, union = self._stores
        labelled = [line for load in self._loads for line in load.result()]
        overlapping = dataset.overlaps()
        labelled += self._load_part(store, union, _joined(added))
        _add(store, labelled, _N_QUADS)
        _add(union, [_GRAPH.sub(b" .\n", line + b"\n")[:-1] for line in labelled], _N_TRIPLES)
        in_order = self._beside.submit(self._put_in_order, union)
        if overlapping:
            text = _joined(list(dataset.triples()))
            triples = _parts([(text, 0, len(text))])
            loads = self._beside.map(lambda part: _load(store, part, _N_TRIPLES), triples)
            _add(store, [line for load in loads for line in load], _N_TRIPLES)
        self._put_in_order(store)
        in_order.result()
        prove_equal(store, dataset, union_stored=overlapping, whole=proven)
        prove_union(union, dataset, whole=proven)
        self._stores = None  # which closes them
        return overlapping

    def _put_in_order(self, store: ox.Store) -> None:
        """Bring what was loaded to the disk, in one piece.

        Each part has left files of its own, and every read would look into all of them: a query
        over 1,000,000 statements takes four times as long then.
        """
        if self._part_count > 1:
            store.optimize()
        store.flush()

    def end(self) -> None:
        """Load nothing more; the parts that are being loaded are loaded to their end."""
        self._is_over = True
        self.all_taken()  # one may be waiting for more
        self._beside.shutdown(cancel_futures=True)
        self._stores = None

    def _load_all(self, store: ox.Store, union: ox.Store) -> list[bytes]:
        """Load one part after the other, as long as there are some that nobody loads."""
        labelled: list[bytes] = []
        while (part := self._next_part()) and not self._is_over:
            labelled += self._load_part(store, union, part)
        return labelled

    def _load_part(self, store: ox.Store, union: ox.Store, part: bytes) -> list[bytes]:
        """Load lines into both stores, but for those in which a blank node may stand."""
        labelled = _load(store, part, _N_QUADS)
        _load(union, _without_graphs(part), _N_TRIPLES)
        return labelled

    def _next_part(self) -> bytes:
        with self._lock:
            part = next(self._parts, b"")
            self._part_count += bool(part)
            return part


@contextmanager
def load(folder: Path) -> Iterator[Loading]:
    """Load new stores in the folder of a release with what is taken, and go on meanwhile."""
    begun = Loading(ox.Store(folder / FOLDER), ox.Store(folder / UNION))
    try:
        yield begun
    finally:
        begun.end()


def _parts(pieces: Iterable[_Lines]) -> Iterator[bytes]:
    """Put lines together, and cut them, so that each part is as long as a load may be."""
    held, wanted = list[bytes](), _PART_BYTES
    for text, begin, end in pieces:
        start = begin
        while end - start >= wanted:
            cut = text.find(b"\n", start + wanted - 1, end) + 1 or end
            yield b"".join([*held, text[start:cut]])
            held, wanted, start = [], _PART_BYTES, cut
        held.append(text[start:end])
        wanted -= len(held[-1])
    if any(held):
        yield b"".join(held)


def _without_graphs(text: bytes) -> bytes:
    """Make lines of N-Quads, each with its graph, lines of N-Triples."""
    graph = text[text.rindex(b" <") :] if text else b""
    # Most often all are of one graph, and then this takes a fifth of the time.
    triples = text.replace(graph, b" .\n") if graph else text
    removed = len(text) - len(triples)
    if removed == text.count(b"\n") * (len(graph) - len(b" .\n")):
        return triples
    return _GRAPH.sub(b" .\n", text)


def _joined(lines: list[bytes]) -> bytes:
    return b"".join([line + b"\n" for line in lines])


def _load(store: ox.Store, text: bytes, syntax: ox.RdfFormat) -> list[bytes]:
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
