"""The sitemap of a release: the documents about its things, with the time each last changed.

It is kept beside the releases (`releases/.sitemap/<id>/`), for a release knows neither when it
came out nor what was before it: `1.xml`, `2.xml` and so on (sitemaps.org, protocol 0.9), and
`dates.tsv` with the things that have changed since they are on record, from which the next
release goes on.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from metropole.release.changes import read_changes
from metropole.release.described_things import things
from metropole.release.difference import Change
from metropole.release.documents import document_path
from metropole.release.folder import SITEMAPS, Release, Releases, explained
from metropole.release.history import ordered_ids
from metropole.release.journal import in_order

#: What a sitemap may hold (sitemaps.org), and the longest address it may have.
MOST_ADDRESSES, MOST_BYTES, MOST_CHARACTERS = 50_000, 50_000_000, 2048
_DATES = "dates.tsv"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
)
FOOT = "</urlset>\n"


@dataclass
class LastChanges:
    """When things last changed, in seconds since 1970: those on record, and all others."""

    others: int | None = None
    known: dict[str, int] = field(default_factory=dict)

    def of(self, iri: str) -> int | None:
        """Give the time of a thing; None when nobody knows."""
        return self.known.get(iri, self.others)


def write_sitemap(releases: Releases, release: Release) -> None:
    """Write the sitemap of a release that has none yet, and those addresses only that answer 200.

    Raises ReleaseError when that is not possible.
    """
    folder = releases.folder / SITEMAPS / release.id
    if folder.is_dir():
        return
    aside = folder.with_name(f".{release.id}.new")
    with explained(releases.folder):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        changes = last_changes(releases, release.id)
        for number, part in enumerate(_parts(_entries(release, changes)), 1):
            (aside / f"{number}.xml").write_text(part, encoding="utf-8")
        (aside / _DATES).write_text(_as_table(changes), encoding="utf-8")
        aside.rename(folder)


def sitemap_parts(releases: Releases, release_id: str) -> list[Path]:
    """List the parts of the sitemap of a release in their order; none where it was not written."""
    # Absolute, because a web application is at home in another folder than its process.
    found = (releases.folder.absolute() / SITEMAPS / release_id).glob("*.xml")
    return sorted(found, key=lambda path: int(path.stem))


def entry(address: str, changed: int | None = None) -> str:
    """Write an address, and the time it last changed where that is known (W3C Datetime)."""
    return _entry(address, _last_changed(changed))


def _entry(address: str, when: str) -> str:
    return f"<url><loc>{escape(address)}</loc>{when}</url>\n"


def _last_changed(time: int | None) -> str:
    return f"<lastmod>{_time(time)}</lastmod>" if time is not None else ""


def last_changes(releases: Releases, release_id: str) -> LastChanges:
    """Tell when the things of a release last changed, from what changed with each release.

    A document changes with the names of its neighbours too. Where nothing is on record for a
    release, all its things count from then on.
    """
    times = in_order(releases.journal.activations())
    ids = ordered_ids(releases)
    ids = ids[: ids.index(release_id) + 1] if release_id in ids else [release_id]
    found, later = _nearest(releases, ids)
    for each in later:
        record, time = read_changes(releases.folder, each), times.get(each)
        if record is None:
            found = LastChanges(time)
            continue
        for iri, change in record.changes():
            if change is Change.DELETED:
                found.known.pop(iri, None)
            elif change is not Change.METADATA and time is not None:
                found.known[iri] = time
    return found


def _nearest(releases: Releases, ids: list[str]) -> tuple[LastChanges, list[str]]:
    """Read the last table there is, and list the releases after it."""
    for place in range(len(ids) - 1, -1, -1):
        path = releases.folder / SITEMAPS / ids[place] / _DATES
        if path.is_file():
            return _from_table(path.read_text(encoding="utf-8")), ids[place + 1 :]
    return LastChanges(), ids


def _as_table(changes: LastChanges) -> str:
    first = "" if changes.others is None else str(changes.others)
    return "".join([f"{first}\t\n", *(f"{time}\t{iri}\n" for iri, time in changes.known.items())])


def _from_table(text: str) -> LastChanges:
    rows = (line.split("\t") for line in text.split("\n")[:-1])
    first, _ = next(rows)
    return LastChanges(int(first) if first else None, {iri: int(time) for time, iri in rows})


def _entries(release: Release, changes: LastChanges) -> Iterator[str]:
    base = release.manifest.content.base
    written: dict[int | None, str] = {}  # releases are few, things are many
    for thing in things(release):
        iri = thing.iri.decode()
        address = base + document_path(iri, base)
        if len(address) < MOST_CHARACTERS and not thing.is_gone:
            time = changes.of(iri)
            if time not in written:
                written[time] = _last_changed(time)
            yield _entry(address, written[time])


def _parts(
    entries: Iterable[str], most: int = MOST_ADDRESSES, most_bytes: int = MOST_BYTES
) -> Iterator[str]:
    """Cut entries into sitemaps that are small enough."""
    kept: list[str] = []
    room = most_bytes - len(HEAD) - len(FOOT)
    for each in entries:
        size = len(each.encode())
        if kept and (len(kept) == most or size > room):
            yield "".join((HEAD, *kept, FOOT))
            kept, room = [], most_bytes - len(HEAD) - len(FOOT)
        kept.append(each)
        room -= size
    yield "".join((HEAD, *kept, FOOT))


def index(parts: Mapping[str, int | None]) -> str:
    """Write the index of sitemaps: address to the time of the newest change, where known."""
    told = [
        f"<sitemap><loc>{escape(address)}</loc>" + _last_changed(time) + "</sitemap>\n"
        for address, time in parts.items()
    ]
    return "".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n',
            *told,
            "</sitemapindex>\n",
        )
    )


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
