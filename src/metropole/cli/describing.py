"""Write the first description of a table, for `metropole describe`."""

import json
import os
from dataclasses import replace
from pathlib import Path

from metropole import graph, sources
from metropole.errors import TableError
from metropole.formats import TABLE_FORMATS, table_format
from metropole.graph.tables.draft import draft
from metropole.graph.tables.known_terms import KnownTerms
from metropole.settings import Settings


def write_description(settings: Settings, table: str) -> str:
    """Write a description beside a table and give its name.

    `table` is relative to the site. Raises TableError when there is none, or a description
    already, or when that cannot be written.
    """
    path = Path(os.path.relpath(settings.root / table, settings.root))
    if path.parts[:1] == ("..",):
        raise TableError(f"{table} is no file of the site: name one in its folder, as data/a.csv.")
    path = settings.root / path
    kind = table_format(path.suffix.removeprefix("."))
    if kind is None:
        known = ", ".join(f".{known.extension}" for known in TABLE_FORMATS)
        raise TableError(f"{table} is no table of the site: name a file that ends in {known}.")
    if not path.is_file():
        raise TableError(f"There is no file {table} in {settings.root}: name one relative to it.")
    beside = path.with_name(path.name + "-metadata.json")
    if beside.exists():
        raise TableError(f"{table} is described in {beside.name}: mend that, or remove it.")
    described = draft(path, kind, languages=settings.languages, terms=_terms(settings))
    try:
        beside.write_text(_text(described), encoding="utf-8")
    except OSError as error:
        raise TableError(
            f"{beside} cannot be written: {error.strerror}. Make its folder writable."
        ) from error
    return beside.relative_to(settings.root).as_posix()


def _terms(settings: Settings) -> KnownTerms:
    """Read what the ontology declares, as far as it can be read."""
    found = sources.discover(settings)
    files = tuple(each for each in found.files if each.folder == sources.ONTOLOGY)
    ontology = graph.load(replace(found, files=files))
    return KnownTerms.of(ontology.quads(), settings.namespace)


def _text(described: dict[str, object]) -> str:
    """Write JSON with one column on a line, so that a change of one is a change of one line."""
    columns = described["tableSchema"]["columns"]  # type: ignore[index]
    marks = [f"@column {number}@" for number in range(len(columns))]
    described["tableSchema"]["columns"] = marks  # type: ignore[index]
    text = json.dumps(described, indent=2, ensure_ascii=False)
    for mark, column in zip(marks, columns, strict=True):
        text = text.replace(json.dumps(mark), json.dumps(column, ensure_ascii=False))
    return text + "\n"
