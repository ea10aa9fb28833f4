"""Choose how rows are drawn: what a client asks for, and the rest from what the columns hold."""

from dataclasses import dataclass, replace

from metropole.messages import Message
from metropole.saved_queries import Chart, ChartKind
from metropole.web.pictures.columns import Holds, cells, holds
from metropole.web.values.query_rows import Rows

_COLUMN = {
    ChartKind.BAR: {"x": (Holds.NAMES, Holds.TIMES, Holds.NUMBERS), "y": (Holds.NUMBERS,)},
    ChartKind.LINE: {"x": (Holds.TIMES, Holds.NUMBERS), "y": (Holds.NUMBERS,)},
    ChartKind.MAP: {"x": (), "y": (Holds.NUMBERS,)},
}
_NEEDS = {
    ChartKind.BAR: Message("Bars need a column of names or years and another of numbers."),
    ChartKind.LINE: Message(
        "Lines need a column of years, days or numbers and another of numbers."
    ),
    ChartKind.MAP: Message(
        "A map needs a column of points, as POINT(25.28 54.69) of type geo:wktLiteral."
    ),
}
#: A line goes from one place to another.
_LEAST_PLACES = 2


@dataclass(frozen=True)
class Choices:
    """The picture that is asked for, where the rows allow it, and the kinds that there may be."""

    kinds: tuple[ChartKind, ...]
    chart: Chart | None = None
    #: Why a picture that is asked for cannot be drawn; empty when it can.
    problem: str = ""


def choices(rows: Rows, asked: Chart | None) -> Choices:
    """Find the kinds of pictures that suit some rows, and fill in the one that is asked for."""
    found = {name: holds(rows, name) for name in rows.columns}
    kinds = tuple(kind for kind in ChartKind if _completed(rows, found, Chart(kind)))
    if asked is None:
        return Choices(kinds)
    problem = _problem(found, asked)
    chart = None if problem else _completed(rows, found, asked)
    if chart is None and not problem:
        problem = _NEEDS[asked.kind]
    return Choices(kinds, chart, problem)


def _problem(found: dict[str, Holds], asked: Chart) -> str:
    """Tell which column that is named is not there, or is of no use where it is named."""
    for part, column in asked.columns():
        if column not in found:
            return Message("The answer has no column ?%(column)s.", column=column)
        if not _suits(part, column, found, asked):
            return Message(
                "The column ?%(column)s cannot be %(part)s here. %(need)s",
                column=column,
                part=part,
                need=_NEEDS[asked.kind],
            )
    return ""


def _suits(part: str, column: str, found: dict[str, Holds], asked: Chart) -> bool:
    held, numbers = found[column], (Holds.NUMBERS, Holds.NOTHING)
    if part in ("low", "high"):
        return held in numbers
    if part == "y" and held is Holds.NOTHING:
        # Where there are only bounds they are drawn.
        return Holds.NUMBERS in (found.get(asked.low), found.get(asked.high))
    wanted = _COLUMN[asked.kind].get(part, ())
    return held in wanted or not wanted


def _completed(rows: Rows, found: dict[str, Holds], chart: Chart) -> Chart | None:
    """Name the columns that are not named; None when there is none that suits."""
    if chart.kind is ChartKind.MAP:
        return _map(rows, found, chart)
    x = chart.x or _along(rows, found, chart)
    y = chart.y or _first(found, (Holds.NUMBERS,), x)
    if not x or not y or x == y:
        return None
    if chart.kind is ChartKind.BAR:
        return replace(chart, x=x, y=y)
    if _different(rows, x) < _LEAST_PLACES:
        return None
    return replace(chart, x=x, y=y, series=chart.series or _series(rows, found, x))


def _along(rows: Rows, found: dict[str, Holds], chart: Chart) -> str:
    """Choose what names the bars, or what the line goes along."""
    if chart.kind is ChartKind.LINE:
        return _first(found, (Holds.TIMES,), chart.y)
    return _names(rows, found) or _first(found, (Holds.TIMES, Holds.NUMBERS), chart.y)


def _map(rows: Rows, found: dict[str, Holds], chart: Chart) -> Chart | None:
    if Holds.POINTS not in found.values():
        return None
    return replace(chart, x=chart.x or _names(rows, found))


def _first(found: dict[str, Holds], wanted: tuple[Holds, ...], taken: str) -> str:
    """Give the first column of the first kind that there is."""
    for kind in wanted:
        for name, held in found.items():
            if held is kind and name != taken:
                return name
    return ""


def _names(rows: Rows, found: dict[str, Holds]) -> str:
    """Give the column of names that tells most rows apart."""
    names = [name for name, held in found.items() if held is Holds.NAMES]
    return max(names, key=lambda name: _different(rows, name), default="")


def _series(rows: Rows, found: dict[str, Holds], x: str) -> str:
    """Give the first column of names that parts the rows, where one place has several rows."""
    if _different(rows, x) == len(rows.rows):
        return ""
    names = [name for name, held in found.items() if held is Holds.NAMES]
    return next((name for name in names if 1 < _different(rows, name) < len(rows.rows)), "")


def _different(rows: Rows, column: str) -> int:
    return len({cell.value for cell in cells(rows, column)})
