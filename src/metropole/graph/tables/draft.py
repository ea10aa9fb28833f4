"""Write a first description of a table, from its header and from what its cells look like."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from metropole.encoding import NotUtf8, decoded
from metropole.errors import TableError
from metropole.formats import XLSX, TableFormat
from metropole.graph.tables.datatypes import datatype
from metropole.graph.tables.date_forms import common_form
from metropole.graph.tables.description import Dialect
from metropole.graph.tables.known_terms import KnownTerms
from metropole.graph.tables.rows import BrokenTable, text_rows
from metropole.vocab import WGS84

#: Datatypes that are looked for, the strictest first; what is none of them is text.
_TRIED = ("gYear", "integer", "decimal", "date", "dateTime")
_ADDRESS = re.compile(r"https?://\S+")
_PLAIN = re.compile(r"[\w.-]+")
_LEADING_ZERO = re.compile(r"-?0\d")
_COMMA = re.compile(r"-?\d+(?:,\d+)?")
#: Headers of columns that hold the name of a thing.
_NAMES = frozenset({"name", "label", "title"})
#: Headers of columns that hold the place of a thing in degrees, and the properties for them.
_DEGREES = {
    "lat": "lat",
    "latitude": "lat",
    "lon": "long",
    "long": "long",
    "longitude": "long",
}
#: A name with a language tag behind it, as `name_lt` or `note_pt_BR`.
_TAGGED = re.compile(r"(.+)_([a-z]{2,3}(?:_[A-Z]{2})?)")
#: The place before a capital inside a name.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_Rows = list[list[str]]


def draft(
    path: Path, kind: TableFormat, *, languages: Sequence[str], terms: KnownTerms
) -> dict[str, Any]:
    """Describe a table as well as can be guessed, with the languages and terms of the site.

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
    tongues = _languages(names, cells, languages)
    described: dict[str, Any] = {"@context": "http://www.w3.org/ns/csvw", "url": path.name + sheet}
    if dialect.delimiter != (kind.delimiter or dialect.delimiter):
        described["dialect"] = {"delimiter": dialect.delimiter}
    schema: dict[str, Any] = {
        "aboutUrl": f"id/{thing}/{{{'_row' if key is None else names[key]}}}",
        "columns": [
            _column(name, title, column, terms, said_in=tongues[index], is_key=index == key)
            for index, (name, title, column) in enumerate(zip(names, titles, cells, strict=True))
        ],
    }
    if key is not None:
        schema["primaryKey"] = names[key]
    type_of_all = {
        "virtual": True,
        "propertyUrl": "rdf:type",
        "valueUrl": f"ns#{terms.near_class(_class(thing))}",
    }
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
    plain = [
        index for index in unique if all(_PLAIN.fullmatch(cell.strip()) for cell in columns[index])
    ]
    return next(iter(plain + unique), None)


def _languages(
    names: list[str], columns: list[list[str]], languages: Sequence[str]
) -> list[tuple[str, str]]:
    """Give the name of each column without a language tag behind it, and its language.

    `name_lt` is the name in Lithuanian. `area_km` is no area in Khmer: a tag is one of the site,
    or stands behind a name or behind what several columns say.
    """
    found = [_TAGGED.fullmatch(name) for name in names]
    stems = Counter(match[1] for match in found if match)
    split = [
        (match[1], match[2].replace("_", "-"))
        if match and _is_tag(match, stems, languages) and not any(map(_is_number, column))
        else (name, "")
        for name, match, column in zip(names, found, columns, strict=True)
    ]
    taken = {tag for stem, tag in split if stem.lower() in _NAMES}
    free = [each for each in (*languages, "en") if each not in taken]
    return [
        (stem, tag or (free[0] if free else "und") if stem.lower() in _NAMES else tag)
        for stem, tag in split
    ]


def _is_tag(found: re.Match[str], stems: Counter[str], languages: Sequence[str]) -> bool:
    stem, tag = found[1], found[2]
    return tag in languages or stem.lower() in _NAMES or stems[stem] > 1


def _is_number(cell: str) -> bool:
    return bool(_COMMA.fullmatch(cell.strip().replace(".", ",")))


def _column(
    name: str,
    title: str,
    cells: list[str],
    terms: KnownTerms,
    *,
    said_in: tuple[str, str],
    is_key: bool,
) -> dict[str, Any]:
    """Describe a column; `said_in` are its name without a language and the language."""
    described: dict[str, Any] = {"name": name} if name == title else {"name": name, "titles": title}
    stem, language = said_in
    if stem.lower() in _NAMES:
        return {**described, "propertyUrl": "skos:prefLabel", "lang": language}
    if is_key:
        return {**described, "suppressOutput": True}
    known = terms.property(stem)
    degrees = _DEGREES.get(stem.lower())
    if degrees and not known and all(_is_number(cell) for cell in cells if cell):
        described["propertyUrl"] = WGS84 + degrees
    else:
        described["propertyUrl"] = f"ns#{known or _property(stem)}"
    if language:
        return {**described, "lang": language}
    return {**described, **_value(name, stem, cells, terms, known)}


def _value(name: str, stem: str, cells: list[str], terms: KnownTerms, known: str) -> dict[str, Any]:
    """Say what the cells of a column are: addresses, things of the site, or of a datatype."""
    filled = [cell for cell in cells if cell]
    if filled and all(_ADDRESS.fullmatch(cell) for cell in filled):
        return {"valueUrl": f"{{+{name}}}"}
    if known in terms.links:
        folder = _HUMP.sub("-", terms.links[known] or stem).lower().replace("_", "-")
        return {"valueUrl": f"id/{folder}/{{{name}}}"}
    has_comma = any("," in cell for cell in filled)
    if has_comma and all(_COMMA.fullmatch(cell.strip()) for cell in filled):
        return {"datatype": {"base": "decimal", "format": {"decimalChar": ","}}}
    form = common_form([cell.strip() for cell in filled])
    if form and terms.values.get(known, "date") in ("", "date"):
        return {"datatype": {"base": "date", "format": form}}
    guessed = next((tried for tried in _TRIED if filled and _all_are(tried, filled)), "string")
    return {"datatype": terms.values.get(known) or guessed}


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
