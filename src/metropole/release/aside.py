"""Write a file aside and rename it into its place: readers see it whole or not at all."""

from collections.abc import Iterable
from pathlib import Path


def write_aside(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces, one behind the other, as the content of a file; raises OSError."""
    aside = path.with_name(f"{path.name}.new")
    with aside.open("wb") as file:
        file.writelines(pieces)
    aside.replace(path)
