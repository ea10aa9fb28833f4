"""Lines: numbers over years, days or other numbers, a line for each series."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from metropole.saved_queries import Chart
from metropole.web.pictures.columns import Holds, holds, number, time
from metropole.web.pictures.line_ends import Ends, named_ends
from metropole.web.pictures.scale import (
    LogarithmicScale,
    Scale,
    month_steps,
    multiplied_steps,
    round_steps,
    said,
    said_month,
    said_shortly,
    whole_steps,
)
from metropole.web.pictures.series import COLOURS
from metropole.web.values.query_rows import Cell, Rows

#: With so many lines, the middle one is not to be so many times lower than the highest.
_MANY_LINES, _TIMES_HIGHER = 3, 6
#: Shorter times are told by month.
_YEARS_BY_MONTH = 3
#: Where the drawing begins and ends, in percent, so that letters at its edges have room.
_LEFT, _RIGHT, _TOP, _BOTTOM = 2.0, 97.0, 6.0, 88.0
#: Letters of the longest number at the left, for which the style sheet has room.
_ROOMS = (3, 5, 7, 9, 11, 13, 17)


@dataclass(frozen=True)
class Breaks:
    """The columns that tell where a line does not go on as it was."""

    #: What kind of figure a row has; between points of two kinds the line is dashed.
    kind: str
    #: Says something in the rows that the line passes by; they are rings beside it.
    passed_by: str


@dataclass(frozen=True)
class Tick:
    """A number at the edge of the picture, and where it is in percent."""

    at: float
    said: str


@dataclass(frozen=True)
class Mark:
    """A point of a line in percent, what it says, and where its bounds are."""

    x: float
    y: float
    said: str
    bounds: tuple[float, float] | None = None
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """A series: its points from left to right, and those that it passes by."""

    name: str
    colour: int
    marks: tuple[Mark, ...]
    passed_by: tuple[Mark, ...] = ()

    @property
    def pieces(self) -> list[str]:
        """Write the line as SVG has it, in a box of 100 by 100: a piece for each run of a kind."""
        runs = groupby(self.marks, key=lambda mark: mark.kind)
        return [" ".join(map(_at, run)) for _, run in runs]

    @property
    def breaks(self) -> list[str]:
        """Write what joins the pieces."""
        return [
            f"{_at(one)} {_at(next_one)}"
            for one, next_one in pairwise(self.marks)
            if one.kind != next_one.kind
        ]

    @property
    def band(self) -> str:
        """Write the area between the bounds; empty unless every point has them."""
        bounds = [(mark.x, mark.bounds) for mark in self.marks if mark.bounds]
        if len(bounds) < len(self.marks) or not bounds:
            return ""
        there = [f"{x:g},{low:g}" for x, (low, _) in bounds]
        back = [f"{x:g},{high:g}" for x, (_, high) in reversed(bounds)]
        return " ".join([*there, *back])


def _at(mark: Mark) -> str:
    return f"{mark.x:g},{mark.y:g}"


@dataclass(frozen=True)
class Lines:
    """All lines with the numbers to read them by."""

    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    bottom: float
    #: The number at which the scale begins.
    least: float
    #: The room for the numbers at the left, in letters.
    room: int
    #: Rows without a place or a number, and series behind the last that is shown.
    without: int
    left_out: int
    #: Whether equal steps multiply the numbers.
    is_logarithmic: bool = False
    ends: Ends = field(default_factory=Ends)

    @property
    def legend(self) -> list[str]:
        """List the names that do not stand at their lines."""
        return [] if self.ends.ends else [line.name for line in self.lines]


@dataclass(frozen=True)
class _Measure:
    """A row as numbers."""

    series: str
    x: float
    y: float
    low: float | None
    high: float | None
    kind: str = ""
    is_passed_by: bool = False


def lines(rows: Rows, chart: Chart, breaks: Breaks | None = None) -> Lines:
    """Measure the lines of some rows."""
    is_time = holds(rows, chart.x) is Holds.TIMES
    found = [_measure(rows, row, chart, breaks, is_time=is_time) for row in rows.rows]
    series: dict[str, list[_Measure]] = {}
    for each in found:
        if each is not None:
            series.setdefault(each.series, []).append(each)
    shown = dict(list(series.items())[:COLOURS])
    measures = [each for line in shown.values() for each in line]
    across, up = _across(measures), _up(measures)
    ticks, tell = _ticks(across, is_time=is_time)
    writer = _Writer(across, up, tell)
    drawn = tuple(
        Line(
            name,
            place % COLOURS,
            writer.marks(each for each in line if not each.is_passed_by),
            writer.marks(each for each in line if each.is_passed_by),
        )
        for place, (name, line) in enumerate(shown.items())
    )
    at_left = _ticks_up(up)
    return Lines(
        drawn,
        tuple(Tick(across.at(value), tell(value)) for value in ticks),
        at_left,
        _BOTTOM,
        up.least,
        _room(at_left),
        found.count(None),
        len(series) - len(shown),
        isinstance(up, LogarithmicScale),
        _ends(drawn),
    )


def _ticks_up(scale: Scale) -> tuple[Tick, ...]:
    """Give the round numbers by which heights are read."""
    steps = multiplied_steps if isinstance(scale, LogarithmicScale) else round_steps
    shown = [each for each in steps(scale.least, scale.most) if scale.least <= each <= scale.most]
    said = said_shortly(shown)
    return tuple(Tick(scale.at(value), text) for value, text in zip(shown, said, strict=True))


def _ends(drawn: tuple[Line, ...]) -> Ends:
    """Name the lines at their last points; one without any has no end."""
    if not all(line.marks for line in drawn):
        return Ends()
    lasts = [line.marks[-1] for line in drawn]
    return named_ends([line.name for line in drawn], [(mark.x, mark.y) for mark in lasts])


def _room(ticks: tuple[Tick, ...]) -> int:
    longest = max((len(tick.said) for tick in ticks), default=0)
    return next((room for room in _ROOMS if room >= longest), _ROOMS[-1])


def _measure(
    rows: Rows, row: list[Cell], chart: Chart, breaks: Breaks | None, *, is_time: bool
) -> _Measure | None:
    cells = dict(zip(rows.columns, row, strict=True))
    term = cells[chart.x].term
    x, y = time(term) if is_time else number(term), number(cells[chart.y].term)
    if x is None or y is None:
        return None
    low = number(cells[chart.low].term) if chart.low else None
    high = number(cells[chart.high].term) if chart.high else None
    name = cells[chart.series].value.name.text if chart.series else ""
    if breaks is None:
        return _Measure(name, x, y, low, high)
    kind, passed_by = cells[breaks.kind], cells[breaks.passed_by]
    return _Measure(name, x, y, low, high, kind.value.name.text, bool(passed_by.value.name.text))


def _across(measures: list[_Measure]) -> Scale:
    places = [each.x for each in measures]
    return Scale(min(places, default=0.0), max(places, default=1.0), _LEFT, _RIGHT)


def _up(measures: list[_Measure]) -> Scale:
    """Begin at zero, unless all numbers lie far above it, or one line hides the others."""
    ends = [
        end for each in measures for end in (each.y, each.low, each.high) if end is not None
    ] or [0.0, 1.0]
    least, most = min(ends), max(ends)
    if least > 0 and _is_dominated(measures):
        marks = multiplied_steps(least, most)
        return LogarithmicScale(marks[0], marks[-1], _BOTTOM, _TOP)
    is_far = least > 0 and (most - least) < least / 2
    steps = round_steps(least if is_far else min(0.0, least), max(most, 0.0))
    return Scale(steps[0], steps[-1], _BOTTOM, _TOP)


def _is_dominated(measures: list[_Measure]) -> bool:
    """Tell whether the highest line presses most others, which are each its tenth part or so."""
    tops: dict[str, float] = {}
    for each in measures:
        tops[each.series] = max(tops.get(each.series, each.y), each.y)
    ordered = sorted(tops.values())
    is_many = len(ordered) >= _MANY_LINES
    return is_many and ordered[len(ordered) // 2] * _TIMES_HIGHER < ordered[-1]


def _ticks(scale: Scale, *, is_time: bool) -> tuple[list[float], Callable[[float], str]]:
    if not is_time:
        return [
            step
            for step in round_steps(scale.least, scale.most)
            if scale.least <= step <= scale.most
        ], said
    years = scale.most - scale.least
    if years < _YEARS_BY_MONTH and not (scale.least.is_integer() and scale.most.is_integer()):
        return month_steps(scale.least, scale.most), said_month
    return whole_steps(scale.least, scale.most), _said_time


def _said_time(value: float) -> str:
    return str(int(value)) if value.is_integer() else said_month(value)


@dataclass(frozen=True)
class _Writer:
    """Puts the points of lines in their places."""

    across: Scale
    up: Scale
    tell: Callable[[float], str]

    def marks(self, measures: Iterator[_Measure]) -> tuple[Mark, ...]:
        """Give the points of a line from left to right."""
        return tuple(self._mark(each) for each in sorted(measures, key=lambda each: each.x))

    def _mark(self, each: _Measure) -> Mark:
        bounds = None
        if each.low is not None and each.high is not None:
            bounds = (self.up.at(each.low), self.up.at(each.high))
        told = f"{self.tell(each.x)}, {said(each.y)}"
        told = f"{told}, {each.kind}" if each.kind else told
        name = f"{each.series}: {told}" if each.series else told
        return Mark(self.across.at(each.x), self.up.at(each.y), name, bounds, each.kind)
