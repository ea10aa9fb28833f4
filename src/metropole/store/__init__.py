"""The Oxigraph stores of a release: made once, then only read.

One holds the named graphs. The other holds their union as its default graph, each triple once:
what a query costs there is what it costs in a store that knows no graphs (decision 0008).
"""

from pathlib import Path

import pyoxigraph as ox

#: Where they lie in the folder of a release; those made by older versions have no union.
FOLDER, UNION = "store", "union"


def statement_count(folder: Path) -> int:
    """Count the statements in the store of a release, those of a stored union included.

    Raises OSError or RuntimeError when it cannot be opened.
    """
    return len(ox.Store.read_only(str(folder / FOLDER)))


def union_count(folder: Path) -> int | None:
    """Count the triples in the store of the union; None when the release has none.

    Raises OSError or RuntimeError when it cannot be opened.
    """
    path = folder / UNION
    return len(ox.Store.read_only(str(path))) if path.is_dir() else None


def is_readable(folder: Path) -> bool:
    """Tell whether the stores in the folder of a release can be opened."""
    paths = [folder / FOLDER, *(path for path in (folder / UNION,) if path.is_dir())]
    try:
        for path in paths:
            ox.Store.read_only(str(path))
    except (OSError, RuntimeError):  # RuntimeError: the files contradict each other
        return False
    return True
