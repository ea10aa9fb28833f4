"""Go back to a release, or forward again, if it is what it was when it was made."""

from collections.abc import Callable

from metropole.errors import ReleaseError
from metropole.publish.announcing import announce
from metropole.publish.whole_releases import Comparable, damage
from metropole.release import Release, Releases
from metropole.settings import Settings


def activate(
    settings: Settings, release_id: str, *, tell: Callable[[str], None] = lambda _: None
) -> Release:
    """Make a release the current one, if it is what it was when it was made.

    `tell` is called with what is wrong with one that it should be compared with.
    Raises ReleaseError when there is no such release or its files or its store are damaged.
    """
    releases = Releases(settings)
    if release_id not in releases.ids():
        raise ReleaseError(
            f"There is no release '{release_id}'. "
            f"Run 'metropole releases {settings.root}' to see those there are."
        )
    with releases.locked():
        found = releases.get(release_id)
        problem = damage(found)
        if problem:
            raise ReleaseError(
                f"Release {release_id} is damaged and was not activated: {problem}. "
                "Activate another one, or run 'metropole build': it makes this one anew when "
                "the files of the site still give it."
            )
        releases.activate(found)
        announce(releases, found, Comparable(releases, tell))
    return found
