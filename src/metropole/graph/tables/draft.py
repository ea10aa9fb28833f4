"""Write a first description of a table, from its header and from what its cells look like."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from metropole.encoding import NotUtf8, decoded
from metropole.errors import TableError
from metropole.formats import XLSX, TableFormat
from metropole.graph.tables.datatypes import datatype
from metropole.graph.tables.description import Dialect
from metropole.graph.tables.rows import BrokenTable, text_rows

#: Datatypes that are looked for, the strictest first; what is none of them is text.
_TRIED = ("gYear", "integer", "decimal", "date", "dateTime")
_ADDRESS = re.compile(r"https?://\S+")
_PLAIN = re.compile(r"[\w.-]+")
_LEADING_ZERO = re.compile(r"-?0\d")
_COMMA = re.compile(r"-?\d+(?:,\d+)?")
#: Headers of columns that hold the name of a thing.
_NAMES = frozenset({"name", "label", "title"})
_Rows = list[list[str]]


def draft(path: Path, kind: TableFormat, *, language: str) -> dict[str, Any]:
    """Describe a table as well as can be guessed; `language` is that of its names.

    Raises TableError when the table cannot be read or has no header with rows below it.
    """
    dialect, sheet, rows = _read(path, kind)
    if len(rows) < 2:  # noqa: PLR2004  # a header, and something below it
        raise TableError(f"{path} has no row below a header. Put the names of the columns on top.")
    titles = [title.strip() for title in rows[0]]
    if not all(titles) or len(set(titles)) < len(titles):
        raise TableError(f"{path}: give each column a name of its own in the first row.")
    cells = [list(column) for column in zip(*_padded(rows[1:], len(titles)), strict=True)]
    names = [_name(title, number) for number, title in enumerate(titles, 1)]
    thing = _thing(path.stem)
    key = _key(cells)
    described: dict[str, Any] = {"@context": "http://www.w3.org/ns/csvw", "url": path.name + sheet}
    if dialect.delimiter != (kind.delimiter or dialect.delimiter):
        described["dialect"] = {"delimiter": dialect.delimiter}
    schema: dict[str, Any] = {
        "aboutUrl": f"id/{thing}/{{{'_row' if key is None else names[key]}}}",
        "columns": [
            _column(name, title, column, language=language, is_key=index == key)
            for index, (name, title, column) in enumerate(zip(names, titles, cells, strict=True))
        ],
    }
    if key is not None:
        schema["primaryKey"] = names[key]
    type_of_all = {"virtual": True, "propertyUrl": "rdf:type", "valueUrl": f"ns#{_class(thing)}"}
    schema["columns"].append({"name": "type", **type_of_all})
    return {**described, "tableSchema": schema}


def _read(path: Path, kind: TableFormat) -> tuple[Dialect, str, _Rows]:
    """Give dialect, sheet (as `#name`) and rows."""
    try:
        if kind is XLSX:
            from metropole.graph.tables.sheets import opened  # few sites have workbooks

            with opened(path) as book:
                rows = [row.cells for row in book.rows(book.sheets[0], Dialect())]
                return Dialect(), f"#{book.sheets[0]}" if len(book.sheets) > 1 else "", rows
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            given = kind.delimiter
            found = max((given, ";", "\t"), key=lambda sign: (first.count(sign), sign == given))
            dialect = replace(Dialect(), delimiter=found)
            return dialect, "", [row.cells for row in text_rows(file, dialect)]
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: {_why(path)}. Save it as UTF-8.") from error
    except BrokenTable as error:
        raise TableError(f"{path}:{error.line}: {error.reason}. {error.remedy}") from error


def _why(path: Path) -> str:
    """Say in which line a file is not UTF-8: it was read in blocks, which have no lines."""
    try:
        decoded(path.read_bytes())
    except NotUtf8 as error:
        return str(error)
    return "it was changed while it was read"


def _padded(rows: _Rows, width: int) -> Iterator[list[str]]:
    for row in rows:
        yield (row + [""] * width)[:width]


def _name(title: str, number: int) -> str:
    """Make a name that a template can hold."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", letters).strip("_") or f"column_{number}"


def _thing(stem: str) -> str:
    """Guess what one row is, from the name of the file: `bridges` is about a `bridge`."""
    word = _name(stem, 1).lower().replace("_", "-")
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _class(thing: str) -> str:
    return "".join(part.capitalize() for part in thing.split("-"))


def _key(columns: Sequence[list[str]]) -> int | None:
    """Find the column that tells the rows apart, best one that looks well in an address."""
    unique = [
        index for index, cells in enumerate(columns) if all(cells) and len(set(cells)) == len(cells)
    ]
    plain = [index for index in unique if all(_PLAIN.fullmatch(cell) for cell in columns[index])]
    return next(iter(plain + unique), None)


def _column(
    name: str, title: str, cells: list[str], *, language: str, is_key: bool
) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name} if name == title else {"name": name, "titles": title}
    if name.lower() in _NAMES:
        return {**described, "propertyUrl": "skos:prefLabel", "lang": language}
    if is_key:
        return {**described, "suppressOutput": True}
    described["propertyUrl"] = f"ns#{_property(name)}"
    filled = [cell for cell in cells if cell]
    if filled and all(_ADDRESS.fullmatch(cell) for cell in filled):
        return {**described, "valueUrl": f"{{+{name}}}"}
    has_comma = any("," in cell for cell in filled)
    if has_comma and all(_COMMA.fullmatch(cell.strip()) for cell in filled):
        return {**described, "datatype": {"base": "decimal", "format": {"decimalChar": ","}}}
    kind = next((tried for tried in _TRIED if filled and _all_are(tried, filled)), "string")
    return {**described, "datatype": kind}


def _property(name: str) -> str:
    first, *rest = name.split("_")
    return first[0].lower() + first[1:] + "".join(part.capitalize() for part in rest)


def _all_are(kind: str, cells: list[str]) -> bool:
    """Tell whether all cells can be read as values of a datatype."""
    read = datatype(kind).read
    try:
        values = [read(cell.strip()) for cell in cells]
    except ValueError:
        return False
    if kind == "gYear":
        return all(1000 <= int(value) <= 2100 for value in values if value.isdigit())  # noqa: PLR2004
    # A number that begins with 0 is a code, as 01234 for a place.
    return kind == "date" or not any(_LEADING_ZERO.match(value) for value in values)
