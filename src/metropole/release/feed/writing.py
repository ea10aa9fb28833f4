"""Write the feed: begin it, add what an activation tells, and let what is old go."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from metropole.release.aside import write_aside
from metropole.release.feed.pages import Batch, Feed, Member, Page, Slice
from metropole.release.feed.reading import FOLDER, FORMAT, INDEX, read_batch, read_snapshot
from metropole.release.folder import Release, Releases, explained
from metropole.release.members import Members

#: A page is closed when it has so many bytes of statements, or so many members of later batches.
PAGE_BYTES, PAGE_MEMBERS = 1 << 20, 1000


class FeedWriter:
    """Changes the feed of one site; the caller holds the lock of the releases."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases
        self._folder = releases.folder / FOLDER

    def start(self, release: Release, time: int, earlier: Feed | None) -> Feed:
        """Begin with all that a release says; what was told `earlier` is no longer there."""
        first = earlier.batches[-1].number + 1 if earlier else 1
        batch = Batch(first, release.id, time)
        name = earlier.next_page if earlier else 1
        feed = Feed(release.manifest.content.base, release.id, first, (batch,), (), name)
        with explained(self._folder):
            self._folder.mkdir(exist_ok=True)
            return self._with_snapshot(feed, release, {})

    def append(self, feed: Feed, release: Release, time: int, members: Iterable[Member]) -> Feed:
        """Add the members of an activation."""
        batch = Batch(feed.batches[-1].number + 1, release.id, time)
        feed = replace(feed, release=release.id, batches=(*feed.batches, batch))
        with explained(self._folder):
            return self._with_lines(feed, f"{batch.number}.jsonl", batch, members)

    def compact(self, feed: Feed, number: int) -> Feed:
        """Make a later batch the snapshot; of all that is older only the last versions stay."""
        batch = feed.batch(number)
        origins = self._origins(feed, number)
        later = [each for page in feed.pages for each in _later(page, number)]
        begun = replace(feed, snapshot=number, batches=feed.batches, pages=())
        with explained(self._folder):
            release = self._releases.get(batch.release)
            begun = self._with_snapshot(begun, release, origins)
            whole = {page.name: page for page in feed.pages}
            pages, name = [*begun.pages], begun.next_page
            for old, rest in later:
                if rest == whole[old].slices:
                    pages.append(whole[old])
                else:
                    times = [feed.batch(each.batch).time for each in rest]
                    closed = whole[old].is_closed
                    pages.append(Page(name, times[0], times[-1], rest, is_closed=closed))
                    name += 1
            return replace(begun, pages=tuple(pages), next_page=name)

    def _origins(self, feed: Feed, number: int) -> dict[str, tuple[int, str, str]]:
        """Find the last version of each thing that a batch up to this one told."""
        known = dict(read_snapshot(self._releases.folder, feed.snapshot).origins)
        for batch in feed.batches:
            if feed.snapshot < batch.number <= number:
                for member in read_batch(self._releases, feed, batch):
                    known[member.entity] = (batch.time, batch.release, member.change)
        return known

    def _with_snapshot(
        self, feed: Feed, release: Release, origins: dict[str, tuple[int, str, str]]
    ) -> Feed:
        """Add the pages that are read from the dump of a release, and what is not in it."""
        members = Members(release)
        number, blanks = feed.snapshot, members.blanks()
        first = feed.batches[0]
        last = max((time for time, *_ in origins.values()), default=first.time)
        told = {
            "shared": sorted(label.decode() for label in blanks.shared),
            "origins": origins,
        }
        write_aside(self._folder / f"snapshot-{number}.json", [json.dumps(told).encode()])
        pages = [
            Page(name, first.time, last, (Slice(number, "", start, end),), is_closed=True)
            for name, (start, end) in enumerate(members.cuts(PAGE_BYTES), feed.next_page)
        ]
        feed = replace(feed, pages=tuple(pages), next_page=feed.next_page + len(pages))
        rest = []
        for entity, triples in sorted(blanks.parts.items()):
            time, made, change = origins.get(entity, (first.time, first.release, "created"))
            rest.append(Member(entity, change, made, time, tuple(triples)))
        rest += [
            Member(entity, change, made, time)
            for entity, (time, made, change) in sorted(origins.items())
            if change == "deleted"
        ]
        if not rest:
            return feed
        batch = Batch(number, release.id, first.time)
        feed = self._with_lines(feed, f"{number}-rest.jsonl", batch, rest, until=last)
        return _closed(feed)

    def _with_lines(
        self, feed: Feed, file: str, batch: Batch, members: Iterable[Member], until: int = 0
    ) -> Feed:
        """Write members into a file and share them out to pages, the open one first."""
        pages, name, start = [*feed.pages], feed.next_page, 0
        lines = []
        for member in members:
            line = _line(member, batch)
            end = start + len(line)
            if not pages or not _has_room(pages[-1], len(line)):
                if pages:
                    pages[-1] = replace(pages[-1], is_closed=True)
                pages.append(Page(name, batch.time, until or batch.time, (), is_closed=False))
                name += 1
            part = Slice(batch.number, file, start, end, 1)
            pages[-1] = _grown(pages[-1], part, until or batch.time)
            lines.append(line)
            start = end
        write_aside(self._folder / file, lines)
        return replace(feed, pages=tuple(pages), next_page=name)

    def commit(self, feed: Feed, story: dict[str, Any] | None = None) -> None:
        """Make a state of the feed the one that is read, and remove the files it has no use for.

        `story` is what is kept of its last batch for people.
        """
        told = asdict(feed) | {"format": FORMAT}
        told["pages"] = [
            asdict(page) | {"slices": [tuple(asdict(each).values()) for each in page.slices]}
            for page in feed.pages
        ]
        told["batches"] = [tuple(asdict(batch).values()) for batch in feed.batches]
        with explained(self._folder):
            if story is not None:
                text = json.dumps(story, ensure_ascii=False, indent=1) + "\n"
                write_aside(self._folder / f"{feed.batches[-1].number}.json", [text.encode()])
            write_aside(self._folder / INDEX, [json.dumps(told).encode()])
            self._sweep(feed)

    def _sweep(self, feed: Feed) -> None:
        used = {each.file for page in feed.pages for each in page.slices}
        used |= {f"{batch.number}.jsonl" for batch in feed.batches if batch.number > feed.snapshot}
        used |= {f"snapshot-{feed.snapshot}.json", INDEX}
        for path in self._folder.iterdir():
            is_story = path.stem.isdecimal() and path.suffix == ".json"
            if path.name not in used and not is_story:
                path.unlink()


def _later(page: Page, number: int) -> Iterator[tuple[int, tuple[Slice, ...]]]:
    """Give what a page has of batches after one, with its name."""
    rest = tuple(each for each in page.slices if each.batch > number)
    if rest:
        yield page.name, rest


def _closed(feed: Feed) -> Feed:
    return replace(feed, pages=(*feed.pages[:-1], replace(feed.pages[-1], is_closed=True)))


def _has_room(page: Page, size: int) -> bool:
    is_small = page.members < PAGE_MEMBERS and page.bytes + size <= PAGE_BYTES
    return not page.is_closed and (is_small or not page.slices)


def _grown(page: Page, part: Slice, last: int) -> Page:
    """Add a member to a page; one that stands behind the other is in the same slice."""
    slices = page.slices
    if slices and (slices[-1].file, slices[-1].end) == (part.file, part.start):
        part = replace(slices[-1], end=part.end, members=slices[-1].members + 1)
        slices = slices[:-1]
    return replace(page, slices=(*slices, part), last=max(page.last, last))


def _line(member: Member, batch: Batch) -> bytes:
    told: dict[str, object] = {"entity": member.entity, "change": member.change}
    if (member.time, member.release) != (batch.time, batch.release):
        told |= {"time": member.time, "release": member.release}
    told["triples"] = b"\n".join(member.triples).decode()
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
