"""Read the description of tables (Metadata Vocabulary for Tabular Data).

What the description says of a table, its columns and how its file is written. Nothing is
fetched: a description that names an address of something to be read is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag

from metropole.encoding import NotUtf8, decoded
from metropole.formats import TableFormat
from metropole.graph.tables.csvw_library import complaints
from metropole.graph.tables.datatypes import Datatype, datatype
from metropole.graph.tables.properties import INHERITED, KINDS, PROPERTIES, is_of_kind
from metropole.near import nearest
from metropole.report import Finding, Severity
from metropole.sources import Source, unreadable

_CONTEXT = "http://www.w3.org/ns/csvw"
_Json = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column: its names, how its cells are read, and what statements they make."""

    name: str
    titles: tuple[str, ...]
    datatype: Datatype
    is_virtual: bool = False
    is_suppressed: bool = False
    is_required: bool = False
    is_ordered: bool = False
    null: tuple[str, ...] = ("",)
    default: str = ""
    separator: str = ""
    #: A language tag, or `und` when the language is not known.
    lang: str = "und"
    about: str = ""
    property: str = ""
    value: str = ""


@dataclass(frozen=True)
class Dialect:
    """How the file of a table is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    doubles_quotes: bool = True
    header_rows: int = 1
    skipped_rows: int = 0
    skipped_columns: int = 0
    skips_blank_rows: bool = False
    skips_initial_space: bool = False
    comment: str = ""
    trim: str = "false"


@dataclass(frozen=True)
class Description:
    """What is said of one table; `file` is the name of the description, for findings."""

    file: str
    url: str
    #: The sheet of a workbook; empty when it is not named.
    sheet: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    dialect: Dialect
    is_suppressed: bool = False


@dataclass
class Descriptions:
    """The tables that a description is about, and what is wrong with it."""

    tables: list[Description] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def describe(source: Source) -> Descriptions:
    """Read what is said of a table; when anything is wrong, no table is given."""
    assert source.description is not None
    reader = _Reader(source, source.description)
    read = reader.read()
    return Descriptions([] if reader.findings else read, reader.findings)


class _Reader:
    """Reads one description for one file, and keeps what is wrong with it."""

    def __init__(self, source: Source, path: Path) -> None:
        self._source = source
        self._path = path
        self._name = path.name
        self._file = source.name.removesuffix(source.path.name) + path.name
        self._text = ""
        self.findings: list[Finding] = []

    def read(self) -> list[Description]:
        parsed = self._parse()
        if parsed is None or not self._is_sound(parsed):
            return []
        found = [
            self._table(table, parsed)
            for table in _tables(parsed)
            if _file_of(table) == self._source.path.name
        ]
        if not found:
            self._tell(
                f"Nothing here is about '{self._source.path.name}'.",
                f'Write "url": "{self._source.path.name}" into the description of the table.',
            )
        return found

    def _parse(self) -> _Json | None:
        try:
            self._text = decoded(self._path.read_bytes())
            parsed = json.loads(self._text)
        except json.JSONDecodeError as error:
            self.findings.append(
                Finding(
                    Severity.VIOLATION,
                    "syntax",
                    f"This is not valid JSON: {error.msg}.",
                    file=self._file,
                    line=error.lineno,
                    column=error.colno,
                    remedy="Mend the line; the error may begin a little before the place named.",
                )
            )
            return None
        except RecursionError:
            self._tell("Its objects and arrays lie too deep within each other.", "Write it flat.")
            return None
        except (OSError, NotUtf8) as error:
            self.findings.append(unreadable(self._file, error, self._path))
            return None
        if isinstance(parsed, dict):
            return parsed
        self._tell("A description is an object, in braces.", "Begin the file with '{'.")
        return None

    def _is_sound(self, parsed: _Json) -> bool:
        """Look at everything that csvw would be lenient about, or fetch; then ask csvw."""
        self._context(parsed.get("@context"))
        self._names(parsed, "the description")
        for table in parsed.get("tables", []) if not self.findings else []:
            self._names(table, "a table")
        if self.findings:
            return False
        for table in (parsed, *_tables(parsed)):
            self._links(table)
        if self.findings:
            return False
        for table in _tables(parsed):
            for complaint in complaints({"url": "x", **table}):
                self._tell(
                    f"{complaint.rstrip('.')}.",
                    "See the Metadata Vocabulary for Tabular Data of the W3C.",
                )
        return not self.findings

    def _context(self, context: object) -> None:
        listed = context if isinstance(context, list) else [context]
        local = [entry for entry in listed[1:] if isinstance(entry, dict)]
        if listed[:1] != [_CONTEXT]:
            self._tell(
                "It does not say that it is a description of tables.",
                f'Begin it with "@context": "{_CONTEXT}".',
            )
        elif len(local) != len(listed) - 1:
            self._tell("A second @context is an address, and nothing is fetched.", "Leave it out.")
        elif any("@base" in entry for entry in local):
            self._tell(
                "Addresses are relative to the base of the site, not to another one.",
                'Leave "@base" out.',
                at="@base",
            )

    def _names(self, described: object, kind: str) -> None:
        """Tell every property that the standard does not know, down to the datatypes."""
        if not isinstance(described, Mapping):
            self._tell(f"What stands for {kind} is no object.", "Write it in braces.")
            return
        known = PROPERTIES[kind]
        for name, value in described.items():
            if not is_of_kind(name, value):
                self._tell(f"'{name}' is not {KINDS[name]}.", "Correct the value.", at=name)
                continue
            if name.startswith("@") or ":" in name:
                continue
            if name not in known:
                near = nearest(name, known)
                hint = f"Did you mean '{near}'? " if near else ""
                self._tell(
                    f"There is no property '{name}' of {kind}.",
                    f"{hint}It may be one of {', '.join(sorted(known))}.",
                    at=name,
                )
            elif name == "datatype":
                self._datatype(value)
            elif name == "columns" and isinstance(value, list):
                for column in value:
                    self._names(column, "a column")
            elif name in ("tableSchema", "dialect") and isinstance(value, Mapping):
                self._names(value, name)

    def _datatype(self, described: object) -> None:
        if isinstance(described, Mapping):
            self._names(described, "datatype")
        elif not isinstance(described, str):
            self._tell("A datatype is a name or an object.", "Correct it.", at="datatype")
            return
        try:
            datatype(described)
        except ValueError as error:
            at = (
                described
                if isinstance(described, str)
                else str(described.get("format", "datatype"))
            )
            self._tell(f"{error}.", "Correct the datatype.", at=at)

    def _links(self, table: _Json) -> None:
        for name in ("tableSchema", "dialect"):
            if isinstance(table.get(name), str):
                self._tell(
                    f"'{name}' is an address, and nothing is fetched.",
                    f"Write the {name} itself here, in braces.",
                    at=name,
                )
        url = table.get("url")
        if url is None:
            return
        if not isinstance(url, str) or not _file_of(table) or ":" in url or "/" in url:
            self._tell(
                f"'{url}' is not a file beside this description, and nothing is fetched.",
                'Name a file of the same folder, as "url": "towns.csv".',
                at=str(url),
            )
        elif not self._path.with_name(_file_of(table)).is_file():
            self._tell(f"There is no file '{url}' here.", "Correct the name.", at=url)
        schema = table.get("tableSchema")
        if isinstance(schema, Mapping) and schema.get("foreignKeys"):
            self._tell(
                "Foreign keys are not checked here.",
                "Leave them out, and check the class of what a column leads to with a shape.",
                at="foreignKeys",
            )

    def _table(self, table: _Json, group: _Json) -> Description:
        schema = table.get("tableSchema") or {}
        inherited = {**_inherited(group), **_inherited(table), **_inherited(schema)}
        columns = [
            self._column({**inherited, **column}, number)
            for number, column in enumerate(schema.get("columns", []), 1)
        ]
        keys = schema.get("primaryKey", [])
        dialect = {**group.get("dialect", {}), **table.get("dialect", {})}
        description = Description(
            file=self._file,
            url=table["url"],
            sheet=unquote(urldefrag(table["url"]).fragment),
            columns=tuple(columns),
            primary_key=(keys,) if isinstance(keys, str) else tuple(keys),
            dialect=self._dialect(dialect),
            is_suppressed=table.get("suppressOutput", False),
        )
        names = {column.name for column in columns}
        for key in description.primary_key:
            if key not in names:
                self._tell(f"The key '{key}' is no column.", "Name a column.", at="primaryKey")
        if not columns:
            self._tell("It describes no column.", 'Write "tableSchema": {"columns": […]}.')
        return description

    def _column(self, described: _Json, number: int) -> Column:
        titles = _titles(described.get("titles", []))
        name = described.get("name") or (quote(titles[0]) if titles else f"_col.{number}")
        null = described.get("null", "")
        return Column(
            name=name,
            titles=titles,
            datatype=datatype(described.get("datatype", "string")),
            is_virtual=described.get("virtual", False),
            is_suppressed=described.get("suppressOutput", False),
            is_required=described.get("required", False),
            is_ordered=described.get("ordered", False),
            null=(null,) if isinstance(null, str) else tuple(null),
            default=described.get("default", ""),
            separator=described.get("separator") or "",
            lang=described.get("lang", "und"),
            about=described.get("aboutUrl", ""),
            property=described.get("propertyUrl", ""),
            value=described.get("valueUrl", ""),
        )

    def _dialect(self, described: _Json) -> Dialect:
        assert isinstance(self._source.format, TableFormat)
        header_rows = described.get("headerRowCount", 1)
        return Dialect(
            encoding=described.get("encoding", "utf-8"),
            delimiter=described.get("delimiter", self._source.format.delimiter or ","),
            quote=described.get("quoteChar", '"'),
            doubles_quotes=described.get("doubleQuote", True),
            header_rows=header_rows if described.get("header", True) else 0,
            skipped_rows=described.get("skipRows", 0),
            skipped_columns=described.get("skipColumns", 0),
            skips_blank_rows=described.get("skipBlankRows", False),
            skips_initial_space=described.get("skipInitialSpace", False),
            comment=described.get("commentPrefix") or "",
            trim=str(described.get("trim", "false")).lower(),
        )

    def _tell(self, message: str, remedy: str, *, at: str = "") -> None:
        self.findings.append(
            Finding(
                Severity.VIOLATION,
                "table-description",
                message,
                file=self._file,
                line=line_of(self._text, at),
                remedy=remedy,
            )
        )


def line_of(text: str, name: str) -> int:
    """Find the first line of a description in which a name or value stands; 0 for none."""
    wanted = json.dumps(name, ensure_ascii=False)
    lines = enumerate(text.split("\n"), 1)
    return next((number for number, line in lines if name and wanted in line), 0)


def _tables(parsed: _Json) -> list[_Json]:
    tables: list[_Json] = parsed.get("tables", [parsed])
    return tables


def _file_of(table: _Json) -> str:
    return unquote(urldefrag(str(table.get("url", ""))).url)


def _inherited(described: _Json) -> dict[str, Any]:
    return {name: described[name] for name in INHERITED if name in described}


def _titles(described: object) -> tuple[str, ...]:
    """List the titles of a column in all languages (Metadata Vocabulary, section 5.1.6)."""
    if isinstance(described, str):
        return (described,)
    if isinstance(described, Mapping):
        return tuple(title for value in described.values() for title in _titles(value))
    return tuple(title for title in described) if isinstance(described, list) else ()
