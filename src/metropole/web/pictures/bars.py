"""Bars: a name, a length and a number for each row, in the order of the rows."""

from dataclasses import dataclass
from itertools import islice

from metropole.saved_queries import Chart
from metropole.web.languages import gettext
from metropole.web.pictures.columns import number
from metropole.web.pictures.scale import Scale, said
from metropole.web.pictures.series import SeriesNames
from metropole.web.values.query_rows import Cell, Rows
from metropole.web.values.shown_values import Value

#: More bars than that are no picture any more.
BARS_SHOWN = 60


@dataclass(frozen=True)
class Bar:
    """One bar; places and lengths in percent of the width."""

    start: float
    length: float
    said: str
    #: Which colour it has.
    series: int = 0
    series_name: str = ""
    #: Where the bounds of the number are; None where it has none.
    bounds: tuple[float, float] | None = None
    #: Whether the number is only known to be at least that.
    is_open: bool = False

    @property
    def end(self) -> float:
        """Give where the bar ends."""
        return round(self.start + self.length, 2)


@dataclass(frozen=True)
class BarGroup:
    """The bars of one name, in rows that follow each other."""

    name: Value
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Bars:
    """All bars, and where zero is."""

    groups: tuple[BarGroup, ...]
    zero: float
    legend: tuple[str, ...]
    #: Rows that have no number, and rows behind the last bar shown.
    without: int
    left_out: int


@dataclass(frozen=True)
class _Measure:
    """A row as numbers."""

    name: Cell
    value: float
    low: float | None
    high: float | None
    series: str
    is_open: bool


def bars(rows: Rows, chart: Chart) -> Bars:
    """Measure the bars of some rows."""
    found = [_measure(rows, row, chart) for row in rows.rows]
    measures = [each for each in found if each is not None]
    shown = list(islice(measures, BARS_SHOWN))
    ends = [
        end for each in shown for end in (each.value, each.low, each.high, 0.0) if end is not None
    ]
    scale = Scale(min(ends, default=0.0), max(ends, default=0.0))
    names = SeriesNames(each.series for each in shown)
    groups: list[BarGroup] = []
    for each in shown:
        bar = _bar(each, scale, names)
        if groups and groups[-1].name == each.name.value:
            groups[-1] = BarGroup(each.name.value, (*groups[-1].bars, bar))
        else:
            groups.append(BarGroup(each.name.value, (bar,)))
    legend = names.legend if chart.series else ()
    without, left_out = len(found) - len(measures), len(measures) - len(shown)
    return Bars(tuple(groups), scale.at(0), legend, without, left_out)


def _measure(rows: Rows, row: list[Cell], chart: Chart) -> _Measure | None:
    """Read a row; where only a bound is known the bar reaches to the bound."""
    cells = dict(zip(rows.columns, row, strict=True))

    def read(column: str) -> float | None:
        return number(cells[column].term) if column else None

    value, low, high = read(chart.y), read(chart.low), read(chart.high)
    is_open = value is None and low is not None and high is None
    reached = value if value is not None else low if low is not None else high
    if reached is None:
        return None
    series = cells[chart.series].value.name.text if chart.series else ""
    return _Measure(cells[chart.x], reached, low, high, series, is_open)


def _range(low: float, high: float) -> str:
    return gettext("%(low)s to %(high)s", low=said(low), high=said(high))


def _bar(each: _Measure, scale: Scale, names: SeriesNames) -> Bar:
    told = said(each.value)
    bounds = None
    if each.low is not None and each.high is not None:
        told = _range(each.low, each.high) if each.value == each.low else told
        bounds = (scale.at(each.low), scale.at(each.high))
    return Bar(
        start=round(min(scale.at(0), scale.at(each.value)), 2),
        length=scale.length(each.value),
        said=f"≥ {told}" if each.is_open else told,
        series=names.colour(each.series),
        series_name=each.series,
        bounds=bounds,
        is_open=each.is_open,
    )
