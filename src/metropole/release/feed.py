"""The feed of a site: a member for each thing that came, changed or went, in the order of time.

It follows what was active, so going back to a release is a change too. It is kept beside the
releases, in `releases/.feed/`, and belongs to the site (decision 0029):

- `index.json`: the pages, each a list of ranges of bytes. It is replaced as the last step of
  each change, so that readers see the feed as it was or as it is.
- `<number>.jsonl`: the members of a batch, one a line; a batch is one activation.
- `<number>.json`: what a batch was, for people and for Atom.
- `snapshot-<number>.json`: what is different in the release that the first pages are read from.

The first pages are ranges of the dump of the oldest release that is kept, its snapshot, so that
a first release of any size costs no time and no space. `compact` takes a younger one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from metropole.errors import ReleaseError
from metropole.release.folder import Release, Releases, explained
from metropole.release.members import Members

FOLDER = ".feed"
_INDEX = "index.json"
#: A page is closed when it has so many bytes of statements, or so many members of later batches.
PAGE_BYTES, PAGE_MEMBERS = 1 << 20, 1000
#: Written into each index; another one is not read, and the feed starts anew.
_FORMAT = 1


@dataclass(frozen=True)
class Batch:
    """What was told with one activation."""

    number: int
    release: str
    #: Milliseconds since 1970; later than that of the batch before.
    time: int


@dataclass(frozen=True)
class Slice:
    """A range of bytes of the snapshot's dump, or of a file of the feed."""

    batch: int
    #: Name of the file; empty for the dump.
    file: str
    start: int
    end: int
    #: How many members it has; 0 when nobody counted.
    members: int = 0


@dataclass(frozen=True)
class Page:
    """A page of the feed; once closed it never changes."""

    name: int
    #: Times of the first and of the last member, in milliseconds.
    first: int
    last: int
    slices: tuple[Slice, ...]
    is_closed: bool

    @property
    def bytes(self) -> int:
        """Add up the bytes it is made of."""
        return sum(each.end - each.start for each in self.slices)

    @property
    def members(self) -> int:
        """Add up the members of batches that were counted."""
        return sum(each.members for each in self.slices)

    def digest(self) -> str:
        """Tell this page from any other, and from itself before it grew."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Feed:
    """The index of the feed."""

    base: str
    #: The release that was active when the feed was last written.
    release: str
    #: The batch whose release the first pages are read from.
    snapshot: int
    batches: tuple[Batch, ...]
    pages: tuple[Page, ...]
    #: Name of the next page; all smaller ones are or were there.
    next_page: int

    def page(self, name: int) -> Page | None:
        """Find a page by its name."""
        return next((page for page in self.pages if page.name == name), None)

    def batch(self, number: int) -> Batch:
        """Give a batch by its number."""
        return self.batches[number - self.batches[0].number]

    def digest(self) -> str:
        """Tell this state of the feed from any other."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Member:
    """A version of a thing, or the word that it is gone."""

    entity: str
    #: `created`, `changed` or `deleted`.
    change: str
    release: str
    time: int
    #: Statements about it without their full stops; empty when it is gone.
    triples: tuple[bytes, ...] = ()

    def name(self) -> str:
        """Give what no other member is called by."""
        return sha256(f"{self.time} {self.release} {self.entity}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Snapshot:
    """What has to be known to read members from the dump of a release."""

    #: Labels of blank nodes that belong to no single thing.
    shared: tuple[str, ...] = ()
    #: Things whose last version is younger than the first batch: time, release, change.
    origins: dict[str, tuple[int, str, str]] = field(default_factory=dict)


def written(time: int) -> str:
    """Write a time as `xsd:dateTime`, always in the same length so that texts sort as times."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03d}Z"


def read_feed(folder: Path) -> Feed | None:
    """Read the index below the folder of releases; None when there is none to be read."""
    try:
        told = json.loads((folder / FOLDER / _INDEX).read_bytes())
        if told.pop("format") != _FORMAT:
            return None
        pages = tuple(
            Page(**page | {"slices": tuple(Slice(*each) for each in page["slices"])})
            for page in told.pop("pages")
        )
        batches = tuple(Batch(*each) for each in told.pop("batches"))
        return Feed(**told, batches=batches, pages=pages)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it is written anew by the next build


def read_members(releases: Releases, feed: Feed, page: Page) -> list[Member]:
    """Read the members of a page, the oldest first.

    Raises ReleaseError when the release or the file they are in cannot be read.
    """
    found = [
        member
        for each in page.slices
        for member in (
            _of_file(releases, feed, each) if each.file else _of_dump(releases, feed, each)
        )
    ]
    found.sort(key=lambda member: member.time)
    return found


def _of_dump(releases: Releases, feed: Feed, part: Slice) -> Iterator[Member]:
    batch, snapshot = feed.batch(part.batch), read_snapshot(releases.folder, part.batch)
    shared = [label.encode() for label in snapshot.shared]
    first = (feed.batches[0].time, feed.batches[0].release, "created")
    members = Members(releases.get(batch.release), shared)
    for entity, triples in members.between(part.start, part.end):
        time, release, change = snapshot.origins.get(entity, first)
        yield Member(entity, change, release, time, tuple(triples))


def _of_file(releases: Releases, feed: Feed, part: Slice) -> Iterator[Member]:
    path = releases.folder / FOLDER / part.file
    batch = feed.batch(part.batch)
    try:
        with path.open("rb") as file:
            file.seek(part.start)
            lines = file.read(part.end - part.start).split(b"\n")[:-1]
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}.") from error
    for line in lines:
        told = json.loads(line)
        yield Member(
            told["entity"],
            told["change"],
            told.get("release", batch.release),
            told.get("time", batch.time),
            tuple(told["triples"].encode().split(b"\n")) if told["triples"] else (),
        )


def read_snapshot(folder: Path, number: int) -> Snapshot:
    """Read what a snapshot needs; raises ReleaseError when it cannot be read."""
    path = folder / FOLDER / f"snapshot-{number}.json"
    try:
        told = json.loads(path.read_bytes())
        origins = {entity: tuple(origin) for entity, origin in told["origins"].items()}
        return Snapshot(tuple(told["shared"]), origins)
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}.") from error


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
                path = self._folder / f"{batch.number}.jsonl"
                size = path.stat().st_size
                for member in _of_file(
                    self._releases, feed, Slice(batch.number, path.name, 0, size)
                ):
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
        _write(self._folder / f"snapshot-{number}.json", [json.dumps(told).encode()])
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
        _write(self._folder / file, lines)
        return replace(feed, pages=tuple(pages), next_page=name)

    def commit(self, feed: Feed, story: dict[str, Any] | None = None) -> None:
        """Make a state of the feed the one that is read, and remove the files it has no use for.

        `story` is what is kept of its last batch for people.
        """
        told = asdict(feed) | {"format": _FORMAT}
        told["pages"] = [
            asdict(page) | {"slices": [tuple(asdict(each).values()) for each in page.slices]}
            for page in feed.pages
        ]
        told["batches"] = [tuple(asdict(batch).values()) for batch in feed.batches]
        with explained(self._folder):
            if story is not None:
                text = json.dumps(story, ensure_ascii=False, indent=1) + "\n"
                _write(self._folder / f"{feed.batches[-1].number}.json", [text.encode()])
            _write(self._folder / _INDEX, [json.dumps(told).encode()])
            self._sweep(feed)

    def _sweep(self, feed: Feed) -> None:
        used = {each.file for page in feed.pages for each in page.slices}
        used |= {f"{batch.number}.jsonl" for batch in feed.batches if batch.number > feed.snapshot}
        used |= {f"snapshot-{feed.snapshot}.json", _INDEX}
        for path in self._folder.iterdir():
            is_story = path.stem.isdecimal() and path.suffix == ".json"
            if path.name not in used and not is_story:
                path.unlink()


def read_story(folder: Path, number: int) -> dict[str, Any] | None:
    """Read what is kept of a batch for people; None when it is not there."""
    try:
        found: dict[str, Any] = json.loads((folder / FOLDER / f"{number}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found


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


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.writelines(pieces)
    aside.replace(path)
