"""What changed with each release and when it came out, read once until something happens."""

import os
from pathlib import Path

from metropole.release import Releases
from metropole.release.changes import FOLDER, ChangesRecord
from metropole.release.difference import Change
from metropole.release.journal import in_order
from metropole.web.serving.tombstones import records

_Stamp = tuple[object, ...]


class Past:
    """The records of changes of the releases of a site, and the times of the releases."""

    def __init__(self, releases: Releases) -> None:
        """Read nothing yet."""
        self._releases = releases
        self._stamp: _Stamp = ()
        self._records: dict[str, list[ChangesRecord]] = {}
        self._times: dict[str, int] = {}

    def records(self, release_id: str) -> list[ChangesRecord]:
        """List what changed with each release up to one, the newest first."""
        self._look()
        found = self._records.get(release_id)
        if found is None:
            found = self._records[release_id] = records(self._releases, release_id)
        return found

    def changes(self, release_id: str, iri: str) -> list[tuple[str, Change]]:
        """List the releases that changed a thing, up to one, the newest first."""
        return [
            (record.after, change)
            for record in self.records(release_id)
            if (change := record.of(iri)) is not None
        ]

    def times(self) -> dict[str, int]:
        """Give the releases in the order in which they first were current, with that time."""
        self._look()
        return self._times

    def _look(self) -> None:
        """Forget what was read when the releases, their journal or their records have changed."""
        folder = self._releases.folder
        places = (self._releases.journal.path, folder, folder / FOLDER)
        stamp = (self._releases.current_id(), *map(_state, places))
        if stamp != self._stamp:
            times = in_order(self._releases.journal.activations())
            self._records, self._times, self._stamp = {}, times, stamp


def _state(path: Path) -> tuple[int, int]:
    """Tell states of a file or folder apart."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
