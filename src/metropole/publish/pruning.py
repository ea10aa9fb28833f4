"""Remove old releases."""

from collections.abc import Callable
from dataclasses import dataclass

from metropole.publish.feed import let_go
from metropole.publish.whole_releases import Comparable
from metropole.release import Releases
from metropole.release.history import history
from metropole.settings import Settings


@dataclass(frozen=True)
class Pruned:
    """What `prune` did with the releases that it was not told to keep."""

    removed: tuple[str, ...]
    #: Kept although it was their turn, because a process has them open.
    in_use: tuple[str, ...]


def prune(
    settings: Settings,
    *,
    keep: int,
    dry_run: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> Pruned:
    """Remove all releases but the newest ones, the current one and those that are open.

    Damaged ones are removed as well; the journal and what changed with each release stay, and so
    does the last version of each thing in the feed. `tell` is called with what is wrong with one
    that others should be compared with.
    """
    releases = Releases(settings)
    comparable = Comparable(releases, tell)
    with releases.locked():
        there = [entry for entry in history(releases) if entry.state != "removed"]
        kept = {entry.id for entry in there[len(there) - keep :]}
        removed, in_use = list[str](), list[str]()
        for entry in there:
            if entry.id in kept or entry.is_current:
                continue
            with releases.in_use_by_nobody(entry.id) as is_free:
                if is_free and not dry_run:
                    let_go(releases, comparable, entry.id, kept)
                    releases.remove(entry.id)
            (removed if is_free else in_use).append(entry.id)
    return Pruned(tuple(removed), tuple(in_use))
