"""Read the feed: its index, the members of a page or a batch, and what is told of a batch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metropole.errors import ReleaseError
from metropole.release.feed.pages import Batch, Feed, Member, Page, Slice, Snapshot
from metropole.release.folder import Releases
from metropole.release.members import Members

FOLDER = ".feed"
INDEX = "index.json"
#: Written into each index; another one is not read, and the feed starts anew.
FORMAT = 1


def read_feed(folder: Path) -> Feed | None:
    """Read the index below the folder of releases; None when there is none to be read."""
    try:
        told = json.loads((folder / FOLDER / INDEX).read_bytes())
        if told.pop("format") != FORMAT:
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


def read_batch(releases: Releases, feed: Feed, batch: Batch) -> Iterator[Member]:
    """Read the members that a batch told; raises OSError or ReleaseError where its file is not."""
    path = releases.folder / FOLDER / f"{batch.number}.jsonl"
    size = path.stat().st_size
    yield from _of_file(releases, feed, Slice(batch.number, path.name, 0, size))


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


def read_story(folder: Path, number: int) -> dict[str, Any] | None:
    """Read what is kept of a batch for people; None when it is not there."""
    try:
        found: dict[str, Any] = json.loads((folder / FOLDER / f"{number}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found
