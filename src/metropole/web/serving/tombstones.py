"""Things that are gone: what was last known of them, when they went and what replaced them.

A thing is gone when the graph says so (PROV-O, `prov:invalidatedAtTime`), or when it was in an
earlier release and nothing is said of it in the one that is served.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pyoxigraph as ox

from metropole.errors import MetropoleError
from metropole.release import Releases
from metropole.release.changes import ChangesRecord, read_changes
from metropole.release.difference import Change
from metropole.release.history import ordered_ids
from metropole.release.journal import in_order
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT, PROV, XSD

_WHEN = ox.NamedNode(PROV + "invalidatedAtTime")
_GONE = (_WHEN, ox.NamedNode(PROV + "wasInvalidatedBy"))
_REPLACED_BY = ox.NamedNode(DCT + "isReplacedBy")


@dataclass(frozen=True)
class Tombstone:
    """What is left of a thing."""

    iri: str
    #: What the served release says of it: that it is gone, and perhaps why.
    stated: list[ox.Quad]
    #: When it went, as a literal of a date or a time; None when nobody knows.
    when: ox.Literal | None
    replaced_by: tuple[ox.NamedNode, ...]
    #: The last release that described it, while that is kept.
    last: ReadingStore | None
    #: Whether a release that described it is not kept any more, or damaged.
    is_lost: bool = False

    def quads(self) -> list[ox.Quad]:
        """Give all that is known: the end of the thing, and its last data."""
        node = ox.NamedNode(self.iri)
        about = self.last.about(node) if self.last else []
        ended = []
        if self.when and not any(quad.predicate == _WHEN for quad in self.stated):
            ended.append(ox.Quad(node, _WHEN, self.when, ox.NamedNode(self.iri)))
        return [*self.stated, *ended, *about]


def is_gone(store: ReadingStore, iri: str) -> bool:
    """Tell whether a release says of a thing that it is gone."""
    return store.states(ox.NamedNode(iri), _GONE)


def tells_of_end(lines: Iterable[bytes], node: bytes) -> bool:
    """Tell the same of a thing by the lines about it."""
    starts = tuple(node + f" {each} ".encode() for each in _GONE)
    return any(line.startswith(starts) for line in lines)


def tombstone(store: ReadingStore, releases: Releases, iri: str) -> Tombstone | None:
    """Find what is left of a thing; None when it is there, or never was."""
    node = ox.NamedNode(iri)
    is_stated = is_gone(store, iri)
    if not is_stated and store.knows(node):
        return None
    changes = _changes(releases, store.release.id, iri)
    if not is_stated and (not changes or changes[0].of(iri) is not Change.DELETED):
        return None
    stated = store.about(node)
    values = [quad for quad in stated if quad.subject == node]
    last, is_lost = _last(releases, changes, iri)
    return Tombstone(
        iri,
        stated,
        _time(values, releases, changes),
        tuple(
            quad.object
            for quad in values
            if quad.predicate == _REPLACED_BY and isinstance(quad.object, ox.NamedNode)
        ),
        last,
        is_lost,
    )


def records(releases: Releases, release_id: str) -> list[ChangesRecord]:
    """List what changed with each release up to one, the newest first."""
    ids = ordered_ids(releases)
    if release_id in ids:
        ids = ids[: ids.index(release_id) + 1]
    found = (read_changes(releases.folder, each) for each in reversed(ids))
    return [record for record in found if record is not None]


def _changes(releases: Releases, release_id: str, iri: str) -> list[ChangesRecord]:
    """List the releases that changed what is said of a thing, the newest first."""
    wanted = (Change.CREATED, Change.CHANGED, Change.DELETED)
    return [record for record in records(releases, release_id) if record.of(iri) in wanted]


def _time(
    values: list[ox.Quad], releases: Releases, changes: list[ChangesRecord]
) -> ox.Literal | None:
    """Give the time that is stated, else that of the release which described it no more."""
    for quad in values:
        if quad.predicate == _WHEN and isinstance(quad.object, ox.Literal):
            return quad.object
    first = in_order(releases.journal.activations())
    activated = first.get(changes[0].after) if changes else None
    if activated is None:
        return None
    text = datetime.fromtimestamp(activated, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ox.Literal(text, datatype=ox.NamedNode(XSD + "dateTime"))


def _last(
    releases: Releases, changes: list[ChangesRecord], iri: str
) -> tuple[ReadingStore | None, bool]:
    """Open the last release in which a thing was alive, and tell whether that is lost.

    There may never have been one: a thing can be gone in the first release that names it.
    """
    for record in changes:
        if record.of(iri) is Change.CREATED:
            continue  # the release before knew nothing of it
        if record.before not in releases.ids():
            return None, True
        try:
            store = ReadingStore(releases.get(record.before))
        except MetropoleError:
            return None, True  # damaged; the thing is as gone as before
        if not is_gone(store, iri):
            return (store if store.knows(ox.NamedNode(iri)) else None), False
    return None, False
