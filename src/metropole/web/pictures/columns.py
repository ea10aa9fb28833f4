"""What the columns of an answer hold, as far as a picture needs to know."""

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum

import pyoxigraph as ox

from metropole.points import point
from metropole.vocab import NUMBERS, XSD
from metropole.web.values.query_rows import Cell, Rows, Term

_YEAR = re.compile(r"-?\d{4}")
_DAY = re.compile(r"(-?\d{4})-(\d\d)(?:-(\d\d))?(?:T.*)?")
_TIMES = tuple(XSD + name for name in ("gYear", "gYearMonth", "date", "dateTime"))
_DAYS = 366


class Holds(Enum):
    """What all values of a column are."""

    NUMBERS = "numbers"
    #: Years, months or days.
    TIMES = "times"
    POINTS = "points"
    NAMES = "names"
    NOTHING = "nothing"


def holds(rows: Rows, column: str) -> Holds:
    """Tell what a column holds."""
    terms = [cell.term for cell in cells(rows, column) if cell.term is not None]
    if not terms:
        return Holds.NOTHING
    if all(point(term) is not None for term in terms):
        return Holds.POINTS
    # A count may be written like a year, so whole numbers are years only where the name says so.
    if all(time(term) is not None for term in terms) and (
        not all(number(term) is not None for term in terms) or "year" in column.lower()
    ):
        return Holds.TIMES
    return Holds.NUMBERS if all(number(term) is not None for term in terms) else Holds.NAMES


def cells(rows: Rows, column: str) -> Iterator[Cell]:
    """Go through the cells of a column; of one that is not there, through empty ones."""
    place = rows.columns.index(column)
    return (row[place] for row in rows.rows)


def number(term: Term) -> float | None:
    """Read a number; None for what is none, or has no end."""
    if not isinstance(term, ox.Literal) or term.datatype.value not in NUMBERS:
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def time(term: Term) -> float | None:
    """Read a year, a month or a day as a number of years: the middle of 2007 is 2007.5."""
    if not isinstance(term, ox.Literal):
        return None
    kind = term.datatype.value
    if _YEAR.fullmatch(term.value) and kind not in _TIMES[1:]:
        return float(term.value)
    day = _DAY.fullmatch(term.value)
    if day is None or kind not in (*_TIMES, XSD + "string"):
        return None
    return _years(int(day[1]), int(day[2]), int(day[3] or 1))


def _years(year: int, month: int, day: int) -> float | None:
    try:
        past = date(2000, month, day) - date(2000, 1, 1)
    except ValueError:
        return None
    return year + past.days / _DAYS
