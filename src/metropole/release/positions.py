"""Where each statement of a release stood in the files it was made from.

Releases that differ only in blank lines are the same release, so this cannot be part of one. It
is kept beside them, in `releases/.lines/<id>`: a line of JSON with the names of the files, then
for each line of `dataset.nq` two numbers, the file's place in that list and the line in it.
"""

import json
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat

from metropole.graph import SourceGraph
from metropole.release.dataset import Dataset
from metropole.release.folder import LINES, Release

#: Place of a file in the list for a statement that no file holds.
_NOWHERE = 0xFFFFFFFF


@dataclass(frozen=True)
class Position:
    """A line of a file of the site."""

    file: str
    line: int

    def __str__(self) -> str:
        """Write `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Positions:
    """The positions of the lines of one dataset."""

    files: tuple[str, ...] = ()
    numbers: "array[int]" = field(default_factory=lambda: array("I"))

    @classmethod
    def of(cls, dataset: Dataset, sources: Iterable[SourceGraph]) -> "Positions":
        """Find every statement of the sources in a dataset; the first of two positions counts."""
        # One step for all lines at a time, for there may be a million.
        files, lines = array("I", [_NOWHERE]), array("I", [0])
        places: dict[bytes, int] = {}
        known = [*sources]
        for number, parsed in reversed([*enumerate(known)]):
            start = len(files)
            files.extend([number] * len(parsed.lines))
            lines.extend(reversed(parsed.lines))
            backwards = zip(reversed(parsed.statements), range(start, len(files)), strict=True)
            places.update(backwards)  # so that the first of two positions stays
        found = list(map(places.get, dataset.lines, repeat(0)))
        numbers = array("I", [0, 0]) * len(found)
        numbers[::2] = array("I", map(files.__getitem__, found))
        numbers[1::2] = array("I", map(lines.__getitem__, found))
        return cls(tuple(parsed.source.name for parsed in known), numbers)

    @classmethod
    def read(cls, release: Release) -> "Positions":
        """Read the positions of a release; none when it was not built here."""
        try:
            header, _, body = (
                (release.folder.parent / LINES / release.id).read_bytes().partition(b"\n")
            )
            files, numbers = tuple(json.loads(header)), array("I")
            numbers.frombytes(body)
        except (OSError, ValueError):
            return cls()
        if sys.byteorder == "big":
            numbers.byteswap()
        return cls(files, numbers)

    def written(self) -> bytes:
        """Write the positions in the form that is kept."""
        numbers = self.numbers
        if sys.byteorder == "big":
            numbers = numbers[:]
            numbers.byteswap()
        return json.dumps(self.files, ensure_ascii=False).encode() + b"\n" + numbers.tobytes()

    def of_line(self, place: int) -> Position | None:
        """Give the position of a line of the dataset, counted from 0; None when unknown."""
        if 2 * place + 1 >= len(self.numbers) or self.numbers[2 * place] >= len(self.files):
            return None
        return Position(self.files[self.numbers[2 * place]], self.numbers[2 * place + 1])
