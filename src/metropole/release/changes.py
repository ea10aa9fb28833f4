"""What changed with each release, kept beside the releases: `releases/.changes/<id>.jsonl`.

The first line has the two ids and the counts. Each other line is an entity, sorted by IRI, so
that one entity is found by bisection without reading the rest.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from metropole.errors import ReleaseError
from metropole.release.aside import write_aside
from metropole.release.difference import Change, Difference, EntityChange, StatementChange
from metropole.release.folder import explained
from metropole.release.positions import Position

FOLDER = ".changes"
_BEGINNING = b'{"entity": "'


@dataclass(frozen=True)
class ChangesRecord:
    """The record of one release: what it was compared with, and what changed."""

    path: Path
    before: str
    after: str
    counts: dict[str, int]

    def entities(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Go through the entities as JSON objects, at most so many."""
        with self.path.open(encoding="utf-8") as file:
            for line in islice(file, 1, None if limit is None else limit + 1):
                yield json.loads(line)

    def changes(self) -> Iterator[tuple[str, Change]]:
        """Go through what became of the entities, without their statements."""
        with self.path.open(encoding="utf-8") as file:
            for line in islice(file, 1, None):
                # {"entity": "…", "change": "…", …}; no IRI has a quotation mark.
                _, _, _, iri, _, _, _, change, _ = line.split('"', 8)
                yield iri, Change(change)

    def difference(self) -> Difference:
        """Read the whole record."""
        return Difference(self.before, self.after, tuple(map(_entity, self.entities())))

    def of(self, iri: str) -> Change | None:
        """Tell what became of one entity; None when nothing did."""
        wanted = iri.encode()
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            low, high = text.find(b"\n") + 1, len(text)
            while low < high:
                start = text.rfind(b"\n", 0, (low + high) // 2) + 1
                start = max(start, low)
                end = text.find(b"\n", start)
                key = text[start + len(_BEGINNING) : text.find(b'"', start + len(_BEGINNING))]
                if key == wanted:
                    return Change(json.loads(text[start:end])["change"])
                if key < wanted:
                    low = end + 1
                else:
                    high = start
        return None


def _entity(told: dict[str, Any]) -> EntityChange:
    statements = tuple(
        StatementChange(
            said["statement"].encode(),
            said["change"] == "added",
            Position(said["file"], said["line"]) if "file" in said else None,
        )
        for said in told["statements"]
    )
    return EntityChange(told["entity"], Change(told["change"]), statements)


def entity_json(entity: EntityChange) -> dict[str, Any]:
    """Give what became of an entity as a JSON object."""
    return {
        "entity": entity.entity,
        "change": entity.change.value,
        "statements": [_statement_json(statement) for statement in entity.statements],
    }


def _statement_json(statement: StatementChange) -> dict[str, Any]:
    told: dict[str, Any] = {
        "change": "added" if statement.is_added else "removed",
        "statement": statement.line.decode(),
    }
    if statement.position:
        told |= {"file": statement.position.file, "line": statement.position.line}
    return told


def write_changes(folder: Path, found: Difference) -> None:
    """Write the record of a release into the folder of releases."""
    path = _path(folder, found.after)
    header = {"before": found.before, "after": found.after, "counts": found.counts()}
    with explained(folder):
        path.parent.mkdir(exist_ok=True)
        lines = (
            json.dumps(told, ensure_ascii=False).encode() + b"\n"
            for told in (header, *map(entity_json, found.entities))
        )
        write_aside(path, lines)


def read_changes(folder: Path, release_id: str) -> ChangesRecord | None:
    """Read the record of a release; None when there is none."""
    path = _path(folder, release_id)
    try:
        with path.open(encoding="utf-8") as file:
            return ChangesRecord(path, **json.loads(file.readline()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ReleaseError(f"{path} cannot be read ({error}). Remove it.") from error


def _path(folder: Path, release_id: str) -> Path:
    return folder / FOLDER / f"{release_id}.jsonl"
