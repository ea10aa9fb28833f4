"""Load the Oxigraph stores of a release, while what else the release needs is made."""

import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.graph.statement_lines import lines_of, texts
from metropole.release import Dataset
from metropole.release.dataset import LineFile
from metropole.release.downloads.canonical import may_hold_blank
from metropole.store import FOLDER, UNION
from metropole.store.equality import prove_equal, prove_union

#: Bytes loaded at once, some 1,200,000 statements; larger parts take more memory.
_PART_BYTES = 200 << 20
_N_QUADS, _N_TRIPLES = ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES
#: The name of the graph at the end of a line; a raw line end cannot stand inside a term.
_GRAPH = re.compile(rb" <[^<>\n]*> \.\n")


class Loading:
    """Stores that are being loaded: first that of the union, then that of the named graphs.

    One after the other, for a load takes more memory than all else in a build.
    """

    def __init__(self, folder: Path) -> None:
        self._store, self._union = _Growing(folder / FOLDER), _Growing(folder / UNION)
        #: Lines of N-Quads that came, and None after the last.
        self._taken: SimpleQueue[list[bytes] | None] = SimpleQueue()
        taken = iter(self._taken.get, None)
        triples = (_without_graphs(text) for lines in taken for text in texts(lines))
        self._beside = ThreadPoolExecutor(max_workers=1)
        self._begun = self._beside.submit(self._union.load, triples, _N_TRIPLES)

    def take(self, lines: list[bytes]) -> None:
        """Load lines of N-Quads into the union; equal ones are one triple."""
        self._taken.put(lines)

    def all_taken(self) -> None:
        """Say that no more lines come."""
        self._taken.put(None)

    def finish(self, dataset: Dataset, added: list[bytes], *, proven: bool) -> bool:
        """Add lines to the union, load the graphs, and tell whether the union is with them too.

        Oxigraph can read a store's named graphs as one, but does not merge: a triple that is in
        two graphs would be counted twice. A query that looks into graphs and into their union
        needs both in one store. So where there is such a triple, the union is also stored as the
        default graph beside the graphs; elsewhere that would only cost time and space.

        Raises StoreError when a store then does not hold what the dataset holds; not `proven`,
        that is looked at in some places only. Raises OSError when one cannot be written.
        """
        overlapping = dataset.overlaps()
        self._begun.result()
        union = self._beside.submit(self._load_added, added)
        graphs = self._beside.submit(self._load_graphs, dataset, overlapping=overlapping)
        union.result()
        prove_union(self._union.store, dataset, whole=proven)
        graphs.result()
        prove_equal(self._store.store, dataset, union_stored=overlapping, whole=proven)
        self._store.close()
        self._union.close()
        return overlapping

    def _load_added(self, added: list[bytes]) -> None:
        self._union.load(map(_without_graphs, texts(added)), _N_TRIPLES)
        self._union.put_in_order()

    def _load_graphs(self, dataset: Dataset, *, overlapping: bool) -> None:
        self._store.load(texts(dataset.lines), _N_QUADS)
        if overlapping:
            self._store.load(texts(dataset.triples()), _N_TRIPLES)
        self._store.put_in_order()

    def end(self) -> None:
        """Load nothing more; the part that is being loaded is loaded to its end."""
        self._store.is_over = self._union.is_over = True
        self.all_taken()  # it may be waiting for more
        self._beside.shutdown(cancel_futures=True)
        self._store.close()
        self._union.close()


class _Growing:
    """A store that is being loaded."""

    def __init__(self, folder: Path) -> None:
        self._store: ox.Store | None = ox.Store(folder)
        self.is_over = False
        self._is_scattered = False

    @property
    def store(self) -> ox.Store:
        """Give the store, which is open."""
        assert self._store is not None
        return self._store

    def load(self, texts_: Iterable[bytes], syntax: ox.RdfFormat) -> None:
        """Load some texts.

        A load gives blank nodes new labels, so what is said of one in two parts, or in a named
        graph and in the union, would fall apart. What may have one is added with its label.
        """
        labelled: list[bytes] = []
        waiting = takewhile(lambda _: not self.is_over, texts_)
        for number, part in enumerate(_parts(_without_blanks(waiting, labelled))):
            self._load_part(part, syntax)
            self._is_scattered |= number > 0
        if labelled:
            file = cast(BinaryIO, LineFile(labelled))
            self.store.bulk_extend(ox.parse(file, format=syntax, lenient=True))

    def _load_part(self, part: Iterator[bytes], syntax: ox.RdfFormat) -> None:
        """Load texts from a pipe: as one text in memory, they would be there twice."""
        source, target = os.pipe()
        with ThreadPoolExecutor(max_workers=1) as feeder:
            fed = feeder.submit(_feed, target, part)
            try:
                self.store.bulk_load(path=f"/dev/fd/{source}", format=syntax, lenient=True)
            finally:
                os.close(source)
            fed.result()

    def put_in_order(self) -> None:
        """Bring what was loaded to the disk, in one piece.

        Each part has left files of its own, and every read would look into all of them: a query
        over 1,000,000 statements takes four times as long then.
        """
        if self._is_scattered and not self.is_over:
            self.store.optimize()
        self.store.flush()

    def close(self) -> None:
        """Close the store, as Oxigraph does when nobody holds it."""
        self._store = None


@contextmanager
def load(folder: Path) -> Iterator[Loading]:
    """Load new stores in the folder of a release with what is read, and go on meanwhile."""
    begun = Loading(folder)
    try:
        yield begun
    finally:
        begun.end()


def _feed(target: int, part: Iterator[bytes]) -> None:
    """Write texts into a pipe as long as somebody reads them."""
    with suppress(BrokenPipeError), open(target, "wb") as file:
        file.writelines(part)


def _parts(texts_: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """Put texts together so that each part is about as long as a load may be."""
    for first in texts_:
        yield _part(first, texts_)


def _part(text: bytes, following: Iterator[bytes]) -> Iterator[bytes]:
    yield text
    size = len(text)
    while size < _PART_BYTES and (text := next(following, b"")):
        yield text
        size += len(text)


def _without_blanks(texts_: Iterable[bytes], labelled: list[bytes]) -> Iterator[bytes]:
    """Put the lines in which a blank node may stand into a list of their own."""
    for text in texts_:
        if b"_:" not in text:  # one look at the whole is faster than one at each line
            yield text
            continue
        lines = lines_of(text)
        labelled += [line for line in lines if may_hold_blank(line)]
        yield from texts(line for line in lines if not may_hold_blank(line))


def _without_graphs(text: bytes) -> bytes:
    """Make lines of N-Quads, each with its graph, lines of N-Triples."""
    graph = text[text.rindex(b" <") :] if text else b""
    # Most often all are of one graph, and then this takes a fifth of the time.
    triples = text.replace(graph, b" .\n") if graph else text
    removed = len(text) - len(triples)
    if removed == text.count(b"\n") * (len(graph) - len(b" .\n")):
        return triples
    return _GRAPH.sub(b" .\n", text)
