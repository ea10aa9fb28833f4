"""Releases that can be relied on: nothing of them is missing, and their store can be read."""

from metropole import store
from metropole.errors import ReleaseError
from metropole.release import Release, Releases


def whole(releases: Releases, release_id: str | None) -> Release | None:
    """Open a release; None when it is absent or damaged, so that a build makes it anew."""
    try:
        found = releases.get(release_id) if release_id else None
    except ReleaseError:
        return None
    if found is None or not found.has_all_files() or not store.is_readable(found.folder):
        return None
    return found
