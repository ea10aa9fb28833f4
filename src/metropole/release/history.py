"""The releases of a site in their order: which there are, how large, active since when."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from metropole.errors import ReleaseError
from metropole.release.folder import Release, Releases
from metropole.release.journal import in_order


@dataclass(frozen=True)
class Entry:
    """One release of the list."""

    id: str
    #: None when it is damaged, or its folder was removed.
    release: Release | None
    #: Why it cannot be used; empty when all is well.
    problem: str
    is_current: bool
    #: When it was first made current, in seconds since 1970; None when nobody wrote it down.
    activated: int | None
    #: Bytes that its files take on the disk.
    size: int = 0

    @property
    def state(self) -> str:
        """Say in one word how it is: current, kept, damaged or removed."""
        if self.release is not None:
            return "current" if self.is_current else "kept"
        return "damaged" if self.problem else "removed"

    def as_json(self) -> dict[str, object]:
        """Give the entry as a JSON object, without what is not known."""
        known: dict[str, object] = {"id": self.id, "state": self.state}
        if self.activated is not None:
            known["activated"] = self.activated
        if self.release is not None:
            content = self.release.manifest.content
            known |= {
                "created": content.created,
                "triples": self.release.manifest.triples,
                "bytes": self.size,
                "conforms": True,  # a release with violations is never made
                "warnings": self.release.warnings(),
            }
        return known | ({"problem": self.problem} if self.problem else {})


def history(releases: Releases) -> list[Entry]:
    """List all releases, those that were removed included, the oldest first.

    The order is that of first activation. Releases from before there was a journal come first,
    by the time they were created.
    """
    activated = in_order(releases.journal.activations())
    there, current = releases.ids(), releases.current_id()
    entries = {
        release_id: _entry(releases, release_id, current, activated.get(release_id))
        for release_id in {*there, *activated}
    }
    unknown = [entry for entry in entries.values() if entry.activated is None]
    # A build that was killed between moving the pointer and writing it down.
    unknown.sort(key=lambda entry: (entry.is_current and bool(activated), _created(entry)))
    late = [entry for entry in unknown if entry.is_current and activated]
    early = [entry for entry in unknown if entry not in late]
    return [*early, *(entries[release_id] for release_id in activated), *late]


def _created(entry: Entry) -> tuple[int, str]:
    content = entry.release.manifest.content if entry.release else None
    return (content.created or 0 if content else 0), entry.id


def _entry(
    releases: Releases, release_id: str, current: str | None, activated: int | None
) -> Entry:
    is_current = release_id == current
    if not (releases.folder / release_id).is_dir():
        return Entry(release_id, None, "", is_current, activated)
    try:
        release = releases.get(release_id)
        release.warnings()
    except (ReleaseError, OSError, ValueError, KeyError) as error:
        return Entry(release_id, None, str(error), is_current, activated)
    return Entry(release_id, release, "", is_current, activated, _size(release.folder))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def before(entries: list[Entry], release_id: str) -> Entry | None:
    """Give the entry before a release, or None when it is the first."""
    for earlier, later in pairwise(entries):
        if later.id == release_id:
            return earlier
    return None
