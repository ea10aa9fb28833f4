"""Go back to a release, or forward again, if it is what it was when it was made."""

from metropole import store
from metropole.errors import ReleaseError
from metropole.publish.announcing import announce
from metropole.release import Release, Releases
from metropole.settings import Settings


def activate(settings: Settings, release_id: str) -> Release:
    """Make a release the current one, if it is what it was when it was made.

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
        problem = next(found.problems(), "") or _store_problem(found)
        if problem:
            raise ReleaseError(
                f"Release {release_id} is damaged and was not activated: {problem}. "
                "Activate another one, or run 'metropole build'."
            )
        releases.activate(found)
        announce(releases, found)
    return found


def _store_problem(found: Release) -> str:
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
