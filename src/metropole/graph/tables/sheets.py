"""The rows of a sheet of a workbook, each cell as its text; the only module that knows openpyxl."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from metropole.graph.tables.description import Dialect
from metropole.graph.tables.rows import BrokenTable, Row

_SAVE_AGAIN = "Open it in the program that wrote it and save it as .xlsx again."


class Workbook:
    """A workbook that is read from beginning to end; values of formulas are those last saved."""

    def __init__(self, book: Any) -> None:
        self._book = book
        #: The names of the sheets that hold cells, in their order.
        self.sheets: tuple[str, ...] = tuple(sheet.title for sheet in book.worksheets)

    def rows(self, sheet: str, dialect: Dialect) -> Iterator[Row]:
        """Go through the rows of a sheet; those without any text are passed over."""
        found = self._book[sheet]
        # The size that a file states is often wrong, and would cut rows off.
        found.reset_dimensions()
        for number, cells in enumerate(found.iter_rows(), 1):
            texts = [_text(cell) for cell in cells[dialect.skipped_columns :]]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield Row(number, texts)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """Open a workbook; raises BrokenTable when it is none."""
    with warnings.catch_warnings():
        # openpyxl warns of what it does not read: rules of validation, styles, pictures.
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError, InvalidFileException) as error:
            raise BrokenTable(0, f"it is no workbook: {error}", _SAVE_AGAIN) from error
        try:
            yield Workbook(book)
        finally:
            book.close()


def cell_name(index: int, row: int) -> str:
    """Name a cell the way spreadsheets do, as `C17`."""
    return f"{get_column_letter(index + 1)}{row}"


def _text(cell: Any) -> str:
    """Write the value of a cell as XML Schema does."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # A spreadsheet has no whole numbers of its own: 550000 may be kept as 550000.0.
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        shows_time = any(sign in cell.number_format.lower() for sign in ("h", "ss"))
        return value.isoformat() if shows_time else value.date().isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
