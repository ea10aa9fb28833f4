"""The Oxigraph store of a release: made once, then only read."""

from pathlib import Path

import pyoxigraph as ox

#: Where it lies in the folder of a release.
FOLDER = "store"


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
