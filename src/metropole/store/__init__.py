"""The Oxigraph store of a release: made once, then only read."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.release import Dataset
from metropole.release.dataset import LineFile
from metropole.release.downloads.canonical import may_hold_blank
from metropole.store.equality import prove_equal

FOLDER = "store"
#: Statements loaded at once; twice as many take twice the memory.
_PART = 250_000


def build(dataset: Dataset, folder: Path, *, proven: bool = True) -> bool:
    """Load the dataset into a new store and tell whether the union was stored too.

    Oxigraph can read a store's named graphs as one, but does not merge: a triple that is in
    two graphs would be counted twice. Where there is such a triple, the union is stored as the
    default graph; elsewhere that would only cost time and space.

    Raises StoreError when the store then does not hold what the dataset holds; not `proven`,
    that is looked at in some places only.
    """
    store = ox.Store(folder / FOLDER)
    _load(store, dataset.lines, ox.RdfFormat.N_QUADS)
    overlapping = dataset.overlaps()
    if overlapping:
        _load(store, list(dataset.triples()), ox.RdfFormat.N_TRIPLES)
    if len(dataset.lines) > _PART:
        # Each part has left files of its own, and every read would look into all of them: a
        # query over 1,000,000 statements takes four times as long then.
        store.optimize()
    store.flush()
    prove_equal(store, dataset, union_stored=overlapping, whole=proven)
    return overlapping


def statement_count(folder: Path) -> int:
    """Count the statements in the store of a release, those of a stored union included.

    Raises OSError or RuntimeError when it cannot be opened.
    """
    return len(ox.Store.read_only(str(folder / FOLDER)))


def is_readable(folder: Path) -> bool:
    """Tell whether the store in the folder of a release can be opened."""
    try:
        ox.Store.read_only(str(folder / FOLDER))
    except (OSError, RuntimeError):  # RuntimeError: the files contradict each other
        return False
    return True


def _load(store: ox.Store, lines: list[bytes], syntax: ox.RdfFormat) -> None:
    """Load sorted lines in parts, one for each processor at a time: a load uses only one.

    A load gives blank nodes new labels, so what is said of one in two parts, or in a named
    graph and in the union, would fall apart: these lines are added with their labels.
    """
    with ThreadPoolExecutor(os.cpu_count()) as beside:
        loads = [
            beside.submit(_load_part, store, lines[start : start + _PART], syntax)
            for start in range(0, len(lines), _PART)
        ]
        labelled = [line for load in loads for line in load.result()]
    if labelled:
        store.bulk_extend(_quads(LineFile(labelled), syntax))


def _load_part(store: ox.Store, lines: list[bytes], syntax: ox.RdfFormat) -> list[bytes]:
    """Load lines, but give those back in which a blank node may stand."""
    text = b"\n".join(lines)
    labelled = []
    if b"_:" in text:  # one look at the whole is faster than one at each line
        labelled = [line for line in lines if may_hold_blank(line)]
        text = b"\n".join([line for line in lines if not may_hold_blank(line)])
    store.bulk_load(input=BytesIO(text + b"\n"), format=syntax, lenient=True)
    return labelled


def _quads(lines: LineFile, syntax: ox.RdfFormat) -> Iterator[ox.Quad]:
    return ox.parse(cast(BinaryIO, lines), format=syntax, lenient=True)
