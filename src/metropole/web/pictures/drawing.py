"""A picture with the words that stand for it: what it shows, its ends, and what it leaves out."""

from dataclasses import dataclass
from pathlib import Path

from metropole.saved_queries import Chart, ChartKind
from metropole.web.pictures.bars import Bars, bars
from metropole.web.pictures.columns import words
from metropole.web.pictures.lines import Lines, lines
from metropole.web.pictures.maps import Map, map_of
from metropole.web.query_rows import Rows

_NAMED = 3


@dataclass(frozen=True)
class Picture:
    """What the templates draw, with its text alternative."""

    chart: Chart
    drawn: Bars | Lines | Map
    #: What is shown, as "Population by city".
    caption: str
    #: What can be seen, for those who do not see it.
    description: str
    #: What the picture leaves out; the table has it.
    notes: tuple[str, ...]


def picture(rows: Rows, chart: Chart, static: Path) -> Picture:
    """Draw rows; the chart names its columns."""
    drawn: Bars | Lines | Map
    if chart.kind is ChartKind.BAR:
        drawn = bars(rows, chart)
        seen = _seen_bars(drawn)
    elif chart.kind is ChartKind.LINE:
        drawn = lines(rows, chart)
        seen = _seen_lines(drawn)
    else:
        drawn = map_of(rows, chart, static)
        seen = _seen_map(drawn)
    return Picture(chart, drawn, _caption(chart), seen, tuple(_notes(rows, drawn)))


def _caption(chart: Chart) -> str:
    by = f" by {words(chart.series)}" if chart.series else ""
    if chart.kind is ChartKind.MAP:
        size = f"; size of the points: {words(chart.y)}" if chart.y else ""
        return f"{words(chart.x).capitalize() or 'Points'} on a map{by}{size}"
    over = " over " if chart.kind is ChartKind.LINE else " by "
    each = f", for each {words(chart.series)}" if chart.series else ""
    text = words(chart.y) + over + words(chart.x) + each
    return text[:1].upper() + text[1:]


def _seen_bars(drawn: Bars) -> str:
    return f"{sum(len(group.bars) for group in drawn.groups)} bars."


def _seen_lines(drawn: Lines) -> str:
    told = [
        f"{line.name or 'The line'}: {_last(line.marks[0].said)} to {_last(line.marks[-1].said)}"
        for line in drawn.lines
        if line.marks
    ]
    return "; ".join(told) + "."


def _last(said: str) -> str:
    return said.rpartition(": ")[2]


def _seen_map(drawn: Map) -> str:
    names = [place.said for place in drawn.places]
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} points: {'; '.join(names[:_NAMED])}{more}."


def _notes(rows: Rows, drawn: Bars | Lines | Map) -> list[str]:
    notes = []
    if drawn.left_out:
        kind = "lines" if isinstance(drawn, Lines) else "bars"
        notes.append(f"{drawn.left_out:,} more {kind} are in the table only.")
    if drawn.without:
        told = "row is" if drawn.without == 1 else "rows are"
        notes.append(f"{drawn.without:,} {told} not drawn, for want of a value.")
    if rows.total > len(rows.rows):
        notes.append(f"Drawn from the first {len(rows.rows):,} rows.")
    return notes
