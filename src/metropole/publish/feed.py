"""Keep the feed in step: it follows what is active, and begins with a release that is kept."""

from metropole.publish.checking import Progress
from metropole.publish.whole_releases import Comparable
from metropole.release import Release, Releases
from metropole.release.difference import Difference, difference
from metropole.release.feed import Feed, FeedWriter, read_feed
from metropole.release.versions import changed_members, story


def follow(
    releases: Releases,
    comparable: Comparable,
    found: Difference | None = None,
    *,
    progress: Progress = lambda _: None,
) -> None:
    """Tell in the feed how the active release differs from what it told last.

    `found` is a difference that is known already. Where the release that the feed ended with is
    lost, damaged or had another base, it begins anew.
    """
    current, feed = releases.current(), read_feed(releases.folder)
    if current is None or (feed and feed.release == current.id):
        return
    progress("writing the feed")
    writer = FeedWriter(releases)
    activated = releases.journal.activations()
    time = activated[-1].time * 1000 if activated else 0
    if feed:
        time = max(time, feed.batches[-1].time + 1)
    before = _feeding(comparable, feed, current)
    if feed is None or before is None:
        feed = writer.start(current, time, feed)
        writer.commit(feed, story(current, None, (), time))
        return
    if found is None or (found.before, found.after) != (before.id, current.id):
        found = difference(before, current)
    members = changed_members(before, current, found, time)
    feed = writer.append(feed, current, time, members)
    writer.commit(feed, story(current, before, members, time))


def _feeding(comparable: Comparable, feed: Feed | None, current: Release) -> Release | None:
    """Give the release that the feed ended with, if it can be compared with the active one."""
    if feed is None or feed.base != current.manifest.content.base:
        return None
    ended = comparable.get(feed.release)
    snapshot = comparable.get(feed.batch(feed.snapshot).release)
    return ended if snapshot is not None else None


def let_go(releases: Releases, comparable: Comparable, going: str, kept: set[str]) -> None:
    """Have the feed begin with a release that is kept, when the one that goes is its first."""
    follow(releases, comparable)
    feed = read_feed(releases.folder)
    if feed is None or feed.batch(feed.snapshot).release != going:
        return
    later = (batch for batch in feed.batches if batch.number > feed.snapshot)
    for batch in later:
        stays = batch.release in (*kept, feed.release) and batch.release != going
        if stays and comparable.get(batch.release):
            writer = FeedWriter(releases)
            writer.commit(writer.compact(feed, batch.number))
            return
