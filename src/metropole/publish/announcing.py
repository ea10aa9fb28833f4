"""Tell what is active now: what changed with it, in the sitemap and in the feed."""

from metropole.publish.checking import Progress
from metropole.publish.feed import follow
from metropole.publish.whole_releases import Comparable
from metropole.release import Release, Releases
from metropole.release.changes import read_changes, write_changes
from metropole.release.difference import Difference, difference
from metropole.release.history import before as before_of
from metropole.release.history import history
from metropole.release.sitemap import write_sitemap


def announce(
    releases: Releases,
    active: Release,
    comparable: Comparable,
    found: Difference | None = None,
    *,
    progress: Progress = lambda _: None,
) -> None:
    """Name the active release in the sitemap and tell in the feed what is new with it.

    `found` is its difference from the release before, where that is known already.
    """
    write_sitemap(releases, active)
    follow(releases, comparable, found, progress=progress)


def note_changes(releases: Releases, made: Release, comparable: Comparable) -> Difference | None:
    """Keep what changed from the release before, once: a release that comes back is not new.

    Nothing is kept when that release is gone, damaged or had another base.
    """
    if read_changes(releases.folder, made.id) is not None:
        return None
    earlier = before_of(history(releases), made.id)
    older = comparable.get(earlier.id) if earlier else None
    if older is None or older.manifest.content.base != made.manifest.content.base:
        return None
    found = difference(older, made)
    write_changes(releases.folder, found)
    return found
