"""The journal of a site: which release was made current, and when.

An id comes from content and knows no time, so the order of releases is kept here, beside them
(`releases/.journal.jsonl`): one line of JSON for each activation, only ever appended to.
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from metropole.errors import ReleaseError

FILE_NAME = ".journal.jsonl"


@dataclass(frozen=True)
class Activation:
    """A release was made current, at a time in seconds since 1970."""

    release: str
    time: int


class Journal:
    """The activations of one site, the oldest first."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def activations(self) -> list[Activation]:
        """Read the journal; none when nothing was activated since there are journals.

        Raises ReleaseError when a line cannot be read. A last line without its end was cut off
        by a power cut, and what it said did not happen.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise ReleaseError(f"{self.path} cannot be read: {error}.") from error
        return [self._read(line, place) for place, line in enumerate(lines, 1) if line]

    def _read(self, line: str, place: int) -> Activation:
        try:
            return Activation(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise ReleaseError(
                f"{self.path}:{place}: this line is no record of an activation ({error}). "
                "Remove the line."
            ) from error

    def record(self, release_id: str) -> None:
        """Append that a release is current from now on, unless the last line says so."""
        known = self.activations()
        if known and known[-1].release == release_id:
            return
        line = json.dumps(asdict(Activation(release_id, int(time.time())))) + "\n"
        with self.path.open("ab+") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
            is_cut = file.read(1) not in (b"", b"\n")
            if is_cut:
                self._cut_off_last_line()
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def _cut_off_last_line(self) -> None:
        whole = self.path.read_bytes().rpartition(b"\n")
        os.truncate(self.path, len(whole[0] + whole[1]))


def in_order(activations: Iterable[Activation]) -> dict[str, int]:
    """Give the releases in the order in which they first were current, with that time."""
    first: dict[str, int] = {}
    for activation in activations:
        first.setdefault(activation.release, activation.time)
    return first


def date(seconds: int | None) -> str:
    """Write the date of a time in UTC; nothing when it is not known."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
