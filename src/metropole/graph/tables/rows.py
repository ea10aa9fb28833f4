"""The rows of a text file: each with the line on which it begins."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

from metropole.graph.tables.description import Dialect


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `line` is what people see of it: a line of the file, a row of a sheet."""

    line: int
    cells: list[str]
    #: The text of the row, in which the place of a cell can be found; empty for a sheet.
    lines: tuple[str, ...] = field(default=(), repr=False)


class BrokenTable(Exception):
    """A table cannot be read on from a line; the text says why."""

    def __init__(self, line: int, reason: str, remedy: str) -> None:
        """Keep line, reason and remedy."""
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.remedy = remedy


class _Lines:
    """Hands lines to the reader of cells and keeps those of the row that is being read."""

    def __init__(self, file: TextIO, comment: str) -> None:
        self._file = file
        self._comment = comment
        self.number = 0
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.number += 1
            # A comment stands between rows, not within a quoted cell.
            if self._comment and not self.row and line.startswith(self._comment):
                continue
            self.row.append(line)
            yield line


def text_rows(file: TextIO, dialect: Dialect) -> Iterator[Row]:
    """Go through the rows of a text file that is open with `newline=""`.

    Lines without any sign are passed over. Raises BrokenTable.
    """
    lines = _Lines(file, dialect.comment)
    try:
        reader = _reader(iter(lines), dialect)
    except TypeError as error:
        raise BrokenTable(
            1, f"The dialect of the description cannot be used: {error}", _ONE_CHARACTER
        ) from error
    try:
        for cells in reader:
            if cells:
                start = lines.number - len(lines.row) + 1
                yield Row(start, _trimmed(cells, dialect), tuple(lines.row))
            lines.row.clear()
    except csv.Error as error:
        raise BrokenTable(lines.number - len(lines.row) + 1, _reason(error), _QUOTES) from error
    except UnicodeDecodeError as error:
        # Text is decoded in blocks; the bytes before the bad one tell its line.
        raise BrokenTable(
            _line_of(error, file),
            f"the file is not written in {dialect.encoding}",
            _ENCODING,
        ) from error


_ENCODING = (
    'Save the file as UTF-8, or write "dialect": {"encoding": "windows-1257"} into its '
    "description, for Baltic languages; windows-1250 is for Central and windows-1252 for Western "
    "Europe."
)
_ONE_CHARACTER = "Write one character for each of delimiter and quoteChar."
_QUOTES = (
    'Put a cell that holds a quotation mark into quotation marks, and write the mark twice: "".'
)


def _reader(lines: Iterator[str], dialect: Dialect) -> "Iterator[list[str]]":
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.doubles_quotes,
        escapechar=None if dialect.doubles_quotes else "\\",
        skipinitialspace=dialect.skips_initial_space,
        strict=True,
    )


def _line_of(error: UnicodeDecodeError, file: TextIO) -> int:
    file.buffer.seek(0)
    content = file.buffer.read()
    try:
        content.decode(error.encoding)
    except UnicodeDecodeError as first:
        return content.count(b"\n", 0, first.start) + 1
    return 0


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quotation mark is opened in this row and never closed"
    if "field limit" in text:
        return "a cell is longer than 131,072 signs; a quotation mark may be missing"
    return "a cell is quoted in a way that cannot be read" if "expected after" in text else text


def _trimmed(cells: list[str], dialect: Dialect) -> list[str]:
    kept = cells[dialect.skipped_columns :]
    if dialect.trim == "true":
        return [cell.strip() for cell in kept]
    if dialect.trim == "start":
        return [cell.lstrip() for cell in kept]
    return [cell.rstrip() for cell in kept] if dialect.trim == "end" else kept


def place_of(row: Row, index: int, dialect: Dialect) -> tuple[int, int]:
    """Give line and column on which a cell of a text file begins, both counted from 1."""
    line, column, cell, quoted = row.line, 0, 0, False
    wanted = index + dialect.skipped_columns
    for text in row.lines:
        for column, sign in enumerate(text, 1):
            if cell == wanted:
                return line, column
            if sign == dialect.quote:
                quoted = not quoted
            elif sign == dialect.delimiter and not quoted:
                cell += 1
        line += 1
    # The cell is empty and the last of its row, or the row is shorter than that.
    return line - 1, column
