"""What became of each saved query when its release was made: `queries.json` and `answers/`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from metropole.errors import ReleaseError
from metropole.release.folder import Release
from metropole.saved_queries import Form, SavedQuery, read

FILE = "queries.json"
#: Folder of the answers that are kept, because stories or the report on quality show them.
FOLDER = "answers"


@dataclass(frozen=True)
class QueryRun:
    """How a query went: the file it stands in, its form, and how many rows it gave."""

    file: str
    form: Form
    #: Rows, or triples of a graph; the yes or no of ASK is one row.
    rows: int
    #: Whether there was no row although the query should give some.
    is_unduly_empty: bool


@dataclass(frozen=True)
class Runs:
    """The runs by name of the query, and the answers that are kept by name of their file."""

    runs: Mapping[str, QueryRun] = field(default_factory=dict)
    #: Tab-separated values, as SPARQL 1.1 has them.
    answers: Mapping[str, bytes] = field(default_factory=dict)


def write_runs(folder: Path, made: Runs) -> None:
    """Write the runs and the answers into the folder of a release."""
    runs = sorted(made.runs.items())
    table = {name: asdict(run) | {"form": run.form.value} for name, run in runs}
    text = json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    (folder / FOLDER).mkdir()
    for name, answer in made.answers.items():
        (folder / FOLDER / name).write_bytes(answer)


def read_answer(release: Release, name: str) -> bytes:
    """Read an answer that was kept; raises ReleaseError when it was not."""
    path = release.folder / FOLDER / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(
            f"{path} cannot be read ({error}). Run 'metropole build' to make a new release."
        ) from error


def read_runs(release: Release) -> dict[str, QueryRun]:
    """Read the runs of a release; none for one made before there were any."""
    path = release.folder / FILE
    try:
        table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return {
            name: QueryRun(**{**entry, "form": Form(entry["form"])})
            for name, entry in table.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{path} cannot be read ({error}). Run 'metropole build' to make a new release."
        ) from error


def saved_query(release: Release, run: QueryRun) -> SavedQuery:
    """Read a query from a release."""
    try:
        text = (release.folder / run.file).read_text(encoding="utf-8")
    except OSError as error:
        raise ReleaseError(f"{run.file} of release {release.id} cannot be read: {error}") from error
    return read(run.file, text)[0]
