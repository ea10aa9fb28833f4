"""Tables as sources: CSV and XLSX become statements by CSV on the Web.

`description.py` reads what is said of a table, `rows.py` and `sheets.py` give its rows,
`mapping.py` makes statements of them. Each statement knows the line, or the row, of its table.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pyoxigraph as ox

from metropole.formats import XLSX
from metropole.graph.parsing import Parsed, empty
from metropole.graph.spelling import Spelling
from metropole.graph.tables.description import Description, describe
from metropole.graph.tables.header import bind
from metropole.graph.tables.mapping import Mapping, Trouble
from metropole.graph.tables.rows import BrokenTable, Row, place_of, text_rows
from metropole.graph.written import Pieces, Taker, nquads
from metropole.report import Finding, Severity
from metropole.sources import Source, unreadable

__all__ = ["read_table"]
#: Findings of one rule told one by one for a column; the rest is told as a number. Of what has one
#: cause for the whole column a few are enough.
_TOLD, _EXAMPLES = 20, 5
#: A template that makes addresses below a folder of the site.
_FOLDER = re.compile(r"((?:[\w.-]+/)*([a-z][\w-]*)/)\{\w+\}")


def read_table(source: Source, *, base: str, taker: Taker | None) -> list[tuple[Source, Parsed]]:
    """Read a table by its description; each described sheet of a workbook is a source.

    What is wrong becomes findings; rows that are sound are kept.
    """
    described = describe(source)
    if described.findings:
        return [(source, Parsed(findings=described.findings))]
    try:
        if source.format is XLSX:
            return _read_workbook(source, described.tables, base, taker)
        return [(source, _read_text(source, described.tables[0], base, taker))]
    except OSError as error:
        return [(source, Parsed(findings=[unreadable(source.name, error, source.path)]))]


def _read_text(source: Source, description: Description, base: str, taker: Taker | None) -> Parsed:
    encoding = description.dialect.encoding
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    with source.path.open(encoding="utf-8-sig" if is_utf8 else encoding, newline="") as file:
        return _Table(source, description, base, taker).read(text_rows(file, description.dialect))


def _read_workbook(
    source: Source, descriptions: list[Description], base: str, taker: Taker | None
) -> list[tuple[Source, Parsed]]:
    from metropole.graph.tables.sheets import opened  # few sites have workbooks

    outcomes = []
    try:
        with opened(source.path) as book:
            for description in descriptions:
                part = (
                    replace(source, name=f"{source.name}#{description.sheet}")
                    if description.sheet
                    else source
                )
                trouble = _no_sheet(part, description, book.sheets)
                if trouble is not None:
                    outcomes.append((part, Parsed(findings=[trouble])))
                    continue
                rows = book.rows(description.sheet or book.sheets[0], description.dialect)
                outcomes.append((part, _Table(part, description, base, taker).read(rows)))
    except BrokenTable as error:
        outcomes.append((source, Parsed(findings=[_broken(source, error)])))
    return outcomes


def _no_sheet(source: Source, description: Description, sheets: tuple[str, ...]) -> Finding | None:
    """Tell when it is not plain which sheet is meant."""
    if description.sheet in sheets or (not description.sheet and len(sheets) == 1):
        return None
    named = ", ".join(f"'{sheet}'" for sheet in sheets)
    what = f"There is no sheet '{description.sheet}'" if description.sheet else "No sheet is named"
    return Finding(
        Severity.VIOLATION,
        "table-description",
        f"{what}; the sheets are {named}.",
        file=description.file,
        remedy=f'Name one behind the file, as "url": "{source.path.name}#{sheets[0]}".',
    )


class _Table:
    """Reads one table: its header, then row by row."""

    def __init__(
        self, source: Source, description: Description, base: str, taker: Taker | None
    ) -> None:
        self._source = source
        self._description = description
        self._base = base
        self._pieces = Pieces(source, taker)
        self._parsed = Parsed(prefixes=_prefixes(description, base))
        self._quads: list[ox.Quad] = []
        self._told: Counter[tuple[str, str]] = Counter()
        #: The first finding that is not told, by rule and column, and how many are not.
        self._untold: dict[tuple[str, str], tuple[Finding, int]] = {}

    def read(self, rows: Iterator[Row]) -> Parsed:
        """Give the statements of the table and what was found wrong."""
        spelling = Spelling(self._source.name)
        try:
            self._read_rows(rows, spelling)
        except BrokenTable as error:
            self._parsed.findings.append(_broken(self._source, error))
        self._parsed.findings += spelling.findings()
        self._tell_rest()
        self._pieces.add(self._quads, nquads(self._source, self._quads))
        self._parsed.statements = self._pieces.whole()
        if not self._quads and not self._parsed.findings and not self._description.is_suppressed:
            self._parsed.findings.append(empty(self._source))
        return self._parsed

    def _read_rows(self, rows: Iterator[Row], spelling: Spelling) -> None:
        dialect = self._description.dialect
        rows = islice(rows, dialect.skipped_rows, None)
        headers = list(islice(rows, dialect.header_rows))
        first = None if dialect.header_rows else next(rows, None)
        bound, findings = bind(self._source, self._description, headers, first, self._base)
        self._parsed.findings += findings
        if bound is None:
            return
        mapping = Mapping(self._description, bound.columns, spelling, self._tell_row)
        below = rows if first is None else iter([first, *rows])
        for number, row in enumerate(below, 1):
            if dialect.skips_blank_rows and not any(row.cells):
                continue
            if self._has_width(row, bound.width):
                quads = mapping.read(number, row)
                self._quads += quads
                self._parsed.lines.extend([row.line] * len(quads))

    def _has_width(self, row: Row, width: int) -> bool:
        """Tell a row that has more or fewer cells than the header; a sheet has no fixed width."""
        cells = row.cells
        missing = width - len(cells)
        if self._source.format is XLSX and missing > 0:
            cells += [""] * missing
            return True
        if missing < 0 and not any(cells[width:]):
            del cells[width:]
            return True
        if missing == 0:
            return True
        trouble = Trouble(
            f"This row has {_counted(len(cells))}, and the header has {width}.",
            "Add or remove separators; put a cell that holds one into quotation marks.",
        )
        self._tell_row(row, trouble, rule="table-row")
        return False

    def _tell_row(self, row: Row, trouble: Trouble, rule: str) -> None:
        name = trouble.column.column.name if trouble.column else ""
        self._told[rule, name] += 1
        if (rule, name) in self._untold:
            first, number = self._untold[rule, name]
            self._untold[rule, name] = first, number + 1
            return
        line, column, where = self._place(row, trouble)
        finding = _table_finding(
            rule,
            f"{where}{trouble.message}",
            file=self._source.name,
            line=line,
            column=column,
            remedy=trouble.remedy,
            severity=trouble.severity,
        )
        if self._told[rule, name] > (_EXAMPLES if trouble.is_of_column else _TOLD):
            self._untold[rule, name] = finding, 1
        else:
            self._parsed.findings.append(finding)

    def _place(self, row: Row, trouble: Trouble) -> tuple[int, int, str]:
        """Give line, column and, in words, the column of what is wrong."""
        bound = trouble.column
        if bound is None:
            return row.line, 0, ""
        where = f"Column '{bound.column.name}': "
        if bound.index is None:
            return row.line, 0, where
        if self._source.format is XLSX:
            from metropole.graph.tables.sheets import cell_name

            place = bound.index + self._description.dialect.skipped_columns
            return (
                row.line,
                place + 1,
                f"Cell {cell_name(place, row.line)}, {where[0].lower()}{where[1:]}",
            )
        line, column = place_of(row, bound.index, self._description.dialect)
        return line, column, where

    def _tell_rest(self) -> None:
        """Tell how many findings were not told, at the place of the first of them."""
        for (_, name), (first, number) in self._untold.items():
            where = f" in column '{name}'" if name else ""
            rows = "row has" if number == 1 else "rows have"
            self._parsed.findings.append(
                replace(
                    first,
                    message=f"{number:,} more {rows} the same mistake{where}.",
                    remedy="Mend those that are told first: the cause may be the same.",
                )
            )


def _prefixes(description: Description, base: str) -> dict[str, str]:
    """Name the folders of addresses as Turtle files do: `bridge:` for `id/bridge/{key}`."""
    templates = (
        template for column in description.columns for template in (column.about, column.value)
    )
    found = (_FOLDER.match(template) for template in templates)
    return {match[2]: base + match[1] for match in found if match}


def _table_finding(
    rule: str,
    message: str,
    *,
    file: str,
    line: int,
    column: int,
    remedy: str,
    severity: Severity,
) -> Finding:
    return Finding(severity, rule, message, file=file, line=line, column=column, remedy=remedy)


def _broken(source: Source, error: BrokenTable) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "syntax",
        f"This is not a valid {source.format.name} file: {error.reason}.",
        file=source.name,
        line=error.line,
        remedy=error.remedy,
    )


def _counted(number: int) -> str:
    return "one cell" if number == 1 else f"{number} cells"
