"""Go through the things of a release: what is described below `id/`."""

import re
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

from metropole.errors import ReleaseError
from metropole.release.dumps import FOLDER
from metropole.release.folder import Release
from metropole.vocab import PROV

_GONE = re.compile(rf" <{re.escape(PROV)}(?:invalidatedAtTime|wasInvalidatedBy)> ".encode())


class Thing(NamedTuple):
    """A thing: its IRI, the place of its first line in the dataset, whether it is said to be gone.

    The place is counted from 0.
    """

    iri: bytes
    place: int
    is_gone: bool


def things(release: Release) -> Iterator[Thing]:
    """Go through the things, sorted by IRI.

    Graphs and saved queries are files of the site, which come and go with these, and are no
    things. Raises ReleaseError when the dataset is damaged.
    """
    try:
        yield from _things(release.folder / FOLDER / "dataset.nq", release.manifest.content.base)
    except ValueError as error:  # a line that is no statement, or none at all
        raise ReleaseError(f"The dataset of release {release.id} is damaged: {error}.") from error


def _things(dataset: Path, base: str) -> Iterator[Thing]:
    beginning = b"<" + base.encode() + b"id/"
    left_out = tuple(beginning + kind for kind in (b"graph/", b"query/"))
    with dataset.open("rb") as file:
        gone = _gone(file.fileno())
        last = b"\n"
        for place, line in enumerate(file):
            if line.startswith(last):
                continue
            last = line[: line.index(b" ") + 1]
            if last.startswith(beginning) and not last.startswith(left_out):
                yield Thing(last[1:-2], place, last in gone)


def _gone(descriptor: int) -> set[bytes]:
    """Collect what is said to be gone, as the beginnings of lines."""
    with mmap(descriptor, 0, access=ACCESS_READ) as text:
        found = set()
        for statement in _GONE.finditer(text):
            start = text.rfind(b"\n", 0, statement.start()) + 1
            found.add(text[start : text.find(b" ", start) + 1])
        return found
