"""The Oxigraph store of a release: made once, then only read."""

from pathlib import Path

import pyoxigraph as ox

from metropole.release import Dataset

FOLDER = "store"
_UNION = "union.nt"


def build(dataset: Dataset, nquads: Path, folder: Path) -> bool:
    """Load the canonical N-Quads into a new store and tell whether the union was stored too.

    Oxigraph can read a store's named graphs as one, but does not merge: a triple that is in
    two graphs would be counted twice. Where there is such a triple, the union is stored as the
    default graph; elsewhere that would only cost time and space.
    """
    store = ox.Store(folder / FOLDER)
    store.bulk_load(path=nquads, format=ox.RdfFormat.N_QUADS, lenient=True)
    overlapping = dataset.overlaps()
    if overlapping:
        union = folder / _UNION
        with union.open("wb") as file:
            file.writelines(line + b"\n" for line in dataset.triples())
        store.bulk_load(path=union, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        union.unlink()
    store.flush()
    return overlapping


def is_readable(folder: Path) -> bool:
    """Tell whether the store in the folder of a release can be opened."""
    try:
        ox.Store.read_only(str(folder / FOLDER))
    except OSError:
        return False
    return True
