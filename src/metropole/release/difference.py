"""The difference of two releases: their sorted N-Quads, merged line by line.

Both files are read once and side by side, so memory is needed for what differs only. The lines
about one subject stand together, because they begin alike; and a blank node has a label made
from what hangs from it (decision 0009), so when that changes, so does every statement that
points to it, up to the thing that owns it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import groupby
from pathlib import Path

from metropole.errors import ReleaseError
from metropole.graph.statement_lines import subject_of
from metropole.release.dumps import FOLDER
from metropole.release.folder import Release
from metropole.release.positions import Position, Positions
from metropole.release.void import DOCUMENT
from metropole.vocab import LABEL_PROPERTIES

_DATASET = f"{FOLDER}/dataset.nq"
_LABELS = tuple(f"<{iri}>".encode() for iri in LABEL_PROPERTIES)


class Change(Enum):
    """What became of an entity."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    #: Its own statements are as they were; something its document shows is not.
    TOUCHED = "touched"
    #: It is a part of the description that a release has of itself, as a count.
    METADATA = "metadata"


@dataclass(frozen=True)
class StatementChange:
    """A statement that is in one of the releases only."""

    #: The line of N-Quads, without its end.
    line: bytes
    is_added: bool
    #: Where the statement stands in the release that has it; None when nobody wrote it down.
    position: Position | None = None


@dataclass(frozen=True)
class EntityChange:
    """An entity with the statements of it that are not the same in both releases."""

    #: The IRI, or the label (`_:…`) of a blank node that no changed statement points to.
    entity: str
    change: Change
    statements: tuple[StatementChange, ...] = ()

    def number(self, *, added: bool) -> int:
        """Count the statements that were added, or those that were removed."""
        return sum(statement.is_added is added for statement in self.statements)


@dataclass(frozen=True)
class Difference:
    """What changed from one release to another, entities sorted by their IRIs."""

    before: str
    after: str
    entities: tuple[EntityChange, ...]

    def of(self, change: Change) -> list[EntityChange]:
        """List the entities of which one thing became."""
        return [entity for entity in self.entities if entity.change is change]

    def counts(self) -> dict[str, int]:
        """Count entities by what became of them, and the statements of all but metadata."""
        counted = {change.value: len(self.of(change)) for change in Change}
        for name, added in (("statements_added", True), ("statements_removed", False)):
            counted[name] = sum(
                entity.number(added=added)
                for entity in self.entities
                if entity.change is not Change.METADATA
            )
        return counted


def difference(before: Release, after: Release) -> Difference:
    """Compare two releases.

    Raises ReleaseError when they have another base, for then every IRI is another, and when
    their N-Quads cannot be read.
    """
    bases = [release.manifest.content.base for release in (before, after)]
    if bases[0] != bases[1]:
        raise ReleaseError(
            f"The releases cannot be compared: the base of {before.id} is {bases[0]} and that of "
            f"{after.id} is {bases[1]}, so no IRI of one is an IRI of the other. "
            "Build once more with the old base to see what changed beside it."
        )
    paths = (before.folder / _DATASET, after.folder / _DATASET)
    try:
        merged = _Merged.of(paths)
        touched = merged.touched(paths)
    except OSError as error:
        raise ReleaseError(f"A dump cannot be read: {error}.") from error
    described = bases[0] + DOCUMENT
    found = [
        replace(entity, change=Change.METADATA) if entity.entity.startswith(described) else entity
        for entity in merged.entities(Positions.read(before), Positions.read(after))
    ]
    found += [EntityChange(iri, Change.TOUCHED) for iri in touched if not iri.startswith(described)]
    found.sort(key=lambda entity: entity.entity.encode())
    return Difference(before.id, after.id, tuple(found))


@dataclass
class _Subject:
    """The changed lines of one subject, each with its place in its file."""

    removed: list[tuple[bytes, int]] = field(default_factory=list)
    added: list[tuple[bytes, int]] = field(default_factory=list)
    is_before: bool = False
    is_after: bool = False

    def change(self) -> Change:
        if not self.is_before:
            return Change.CREATED
        return Change.CHANGED if self.is_after else Change.DELETED


@dataclass
class _Merged:
    """The subjects of which something changed, and those that are called otherwise now."""

    subjects: dict[bytes, _Subject] = field(default_factory=dict)
    renamed: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, paths: tuple[Path, Path]) -> "_Merged":
        merged = cls()
        for subject, group in groupby(merge(*paths), key=_subject_of):
            merged._take(subject, list(group))
        return merged

    def _take(self, subject: bytes, group: "list[_Line]") -> None:
        changed = [merged for merged in group if merged[1] < 0 or merged[2] < 0]
        if not changed:
            return
        self.subjects[subject] = _Subject(
            removed=[(line, old) for line, old, new in changed if new < 0],
            added=[(line, new) for line, old, new in changed if old < 0],
            is_before=any(old >= 0 for _, old, _ in group),
            is_after=any(new >= 0 for _, _, new in group),
        )
        if subject.startswith(b"<"):
            before = _shown(line for line, old, _ in group if old >= 0)
            if before != _shown(line for line, _, new in group if new >= 0):
                self.renamed.add(subject)

    def entities(self, before: "Positions", after: "Positions") -> Iterator[EntityChange]:
        """Give each changed entity with its statements, those of its blank nodes included."""
        owned: dict[bytes, list[StatementChange]] = {}
        changes: dict[bytes, Change] = {}
        owners = self._owners()
        for subject, found in self.subjects.items():
            removed = [
                StatementChange(line, is_added=False, position=before.of_line(place))
                for line, place in found.removed
            ]
            added = [
                StatementChange(line, is_added=True, position=after.of_line(place))
                for line, place in found.added
            ]
            for owner in owners(subject):
                owned.setdefault(owner, []).extend([*removed, *added])
                changes.setdefault(owner, Change.CHANGED)
                if owner == subject:
                    changes[owner] = found.change()
        for owner, statements in owned.items():
            statements.sort(key=lambda statement: (statement.is_added, statement.line))
            yield EntityChange(_plain(owner), changes[owner], tuple(statements))

    def _owners(self) -> "_Owners":
        parents: dict[bytes, set[bytes]] = {}
        for subject, found in self.subjects.items():
            for line, _ in (*found.removed, *found.added):
                value = _parts(line)[2]
                if value.startswith(b"_:"):
                    parents.setdefault(value, set()).add(subject)
        return _Owners(parents)

    def touched(self, paths: tuple[Path, Path]) -> list[str]:
        """List the things that did not change, but something that their documents show did.

        That is a statement that points to the thing, or the name of something it is linked
        with, in either direction.
        """
        values = {
            _parts(line)[2]
            for found in self.subjects.values()
            for line, _ in (*found.removed, *found.added)
        }
        found = {value for value in values if value.startswith(b"<")}
        if self.renamed:
            found |= _linked_with(self.renamed, paths)
        owners = self._owners()
        changed = {owner for subject in self.subjects for owner in owners(subject)}
        return [_plain(iri) for iri in found - changed]


class _Owners:
    """Finds the things that a blank node belongs to."""

    def __init__(self, parents: dict[bytes, set[bytes]]) -> None:
        self._parents = parents

    def __call__(self, subject: bytes) -> list[bytes]:
        """Give the IRIs that a subject hangs from; itself when it hangs from none."""
        owners, waiting, seen = set[bytes](), [subject], {subject}
        while waiting:
            node = waiting.pop()
            if node.startswith(b"<"):
                owners.add(node)
                continue
            for parent in self._parents.get(node, set()) - seen:
                seen.add(parent)
                waiting.append(parent)
        return sorted(owners) or [subject]


def _linked_with(renamed: set[bytes], paths: tuple[Path, Path]) -> set[bytes]:
    """Find the IRIs that point to one of some things, or that one of these points to."""
    found = set[bytes]()
    for path in paths:
        wanted, first = renamed, True
        while wanted:  # one round for each level of blank nodes between
            blank = set[bytes]()
            for line in _lines(path):
                subject = subject_of(line)
                value = _parts(line)[2]
                if value in wanted and subject not in renamed:
                    (found if subject.startswith(b"<") else blank).add(subject)
                if first and subject in renamed and value.startswith(b"<"):
                    found.add(value)
            wanted, first = blank - wanted, False
    return found


#: A line with its place in the file before and in the file after; -1 where it is not.
_Line = tuple[bytes, int, int]


def merge(before: Path, after: Path) -> Iterator[_Line]:
    """Go through two sorted files at once; every line that is in either comes once."""
    with before.open("rb") as old_file, after.open("rb") as new_file:
        old, new = old_file.readline(), new_file.readline()
        old_place = new_place = 0
        while old or new:
            if old == new:
                yield old[:-1], old_place, new_place
                old, new = old_file.readline(), new_file.readline()
                old_place += 1
                new_place += 1
            elif not new or (old and old[:-1] < new[:-1]):
                yield old[:-1], old_place, -1
                old = old_file.readline()
                old_place += 1
            else:
                yield new[:-1], -1, new_place
                new = new_file.readline()
                new_place += 1


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line[:-1]


def _subject_of(merged: _Line) -> bytes:
    return subject_of(merged[0])


def _parts(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Give predicate, graph and value of a line of N-Quads."""
    _, predicate, rest = line.split(b" ", 2)
    cut = rest.rindex(b" <")
    return predicate, rest[cut + 1 : -2], rest[:cut]


def _shown(lines: Iterable[bytes]) -> set[tuple[bytes, bytes]]:
    """Give the names that are shown, each with its property: those of the first there is."""
    parts = [_parts(line) for line in lines]
    for label in _LABELS:
        names = {(predicate, value) for predicate, _, value in parts if predicate == label}
        if names:
            return names
    return set()


def _plain(term: bytes) -> str:
    return term.decode().removeprefix("<").removesuffix(">")
