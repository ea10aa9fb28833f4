"""Releases to rely on: whole ones have all their files, sound ones are as they were made.

Whether a release is whole is seen at once. Whether it is sound takes reading it: about a second
for each million statements. Comparable ones are whole, and what they are compared by is sound.
"""

from collections.abc import Callable

from metropole import store
from metropole.errors import ReleaseError
from metropole.release import Release, Releases
from metropole.release.dumps import SORTED


def whole(releases: Releases, release_id: str | None) -> Release | None:
    """Open a release; None when it is absent or something of it is missing."""
    found = opened(releases, release_id)
    if found is None or not found.has_all_files() or not store.is_readable(found.folder):
        return None
    return found


class Comparable:
    """Releases that others are compared with: those whose statements are as they were made.

    Their sums are compared once; `tell` is called with what is wrong with one.
    """

    def __init__(self, releases: Releases, tell: Callable[[str], None]) -> None:
        self._releases = releases
        self._tell = tell
        self._found: dict[str, Release | None] = {}

    def get(self, release_id: str) -> Release | None:
        """Open a release; None when it is absent, something is missing, or it is damaged."""
        if release_id not in self._found:
            self._found[release_id] = self._sound(release_id)
        return self._found[release_id]

    def _sound(self, release_id: str) -> Release | None:
        found = whole(self._releases, release_id)
        problem = found.problem_of(SORTED) if found else ""
        if problem:
            self._tell(
                f"Release {release_id} is damaged ({problem}), so nothing is compared with it; a "
                "feed that would go on from it begins anew. Build from the files that it was made "
                "of to have it made anew, or let 'metropole prune' remove it."
            )
        return None if problem else found


def opened(releases: Releases, release_id: str | None) -> Release | None:
    """Open a release, damaged or not; None when it is absent or its manifest cannot be read."""
    try:
        return releases.get(release_id) if release_id else None
    except ReleaseError:
        return None


def damage(found: Release) -> str:
    """Say in what a release differs from what was made; empty when it is sound."""
    return next(found.problems(), "") or _store_damage(found)


def _store_damage(found: Release) -> str:
    manifest = found.manifest
    wanted = sum(manifest.graphs.values()) + manifest.union_stored * manifest.triples
    try:
        held, union = store.statement_count(found.folder), store.union_count(found.folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: the files contradict each other
        return f"its store cannot be opened ({error})"
    if held != wanted:
        return f"its store holds {held:,} statements instead of {wanted:,}"
    if union not in (None, manifest.triples):
        return f"the store of its union holds {union:,} triples instead of {manifest.triples:,}"
    return ""
