"""The releases of a site in their order: which there are, how large, active since when."""

from dataclasses import dataclass
from itertools import pairwise

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

    @property
    def size(self) -> int:
        """Add up the bytes that its files take on the disk."""
        paths = self.release.folder.rglob("*") if self.release else ()
        return sum(path.stat().st_size for path in paths if path.is_file())

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


def ordered_ids(releases: Releases) -> list[str]:
    """List the ids of all releases, those that were removed included, the oldest first.

    The order is that of first activation. Releases from before there was a journal come first,
    by the time they were created.
    """
    activated = in_order(releases.journal.activations())
    unknown = sorted(
        (release_id for release_id in releases.ids() if release_id not in activated),
        key=lambda release_id: (_created(releases, release_id), release_id),
    )
    current = releases.current_id()
    # A build that was killed after it moved the pointer and before it wrote that down.
    late = [release_id for release_id in unknown if release_id == current and activated]
    return [*(each for each in unknown if each not in late), *activated, *late]


def _created(releases: Releases, release_id: str) -> int:
    try:
        return releases.get(release_id).manifest.content.created or 0
    except ReleaseError:
        return 0


def history(releases: Releases) -> list[Entry]:
    """Describe all releases, the oldest first."""
    activated = in_order(releases.journal.activations())
    current = releases.current_id()
    return [
        _entry(releases, release_id, current, activated.get(release_id))
        for release_id in ordered_ids(releases)
    ]


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
    return Entry(release_id, release, "", is_current, activated)


def before(entries: list[Entry], release_id: str) -> Entry | None:
    """Give the entry before a release, or None when it is the first."""
    for earlier, later in pairwise(entries):
        if later.id == release_id:
            return earlier
    return None
