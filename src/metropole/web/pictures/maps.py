"""Maps: points over the land, in Mercator's projection, with as many names as there is room for."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from metropole.points import point
from metropole.saved_queries import Chart
from metropole.web.labels.worded import column_name
from metropole.web.pictures.columns import Holds, cells, holds, number
from metropole.web.pictures.land import Ring, built_at, coasts, land
from metropole.web.pictures.map_names import Label, Point, labels
from metropole.web.pictures.scale import said
from metropole.web.pictures.series import SeriesNames
from metropole.web.values.query_rows import Rows

#: Units of the drawing of the land; the style sheet gives the map the same shape.
WIDTH, HEIGHT = 1000, 750
#: Beyond it the projection stretches without end.
_LATITUDE_LIMIT = 84.0
#: Part of the width left free around the points, and the least that a map shows.
_MARGIN, _LEAST_DEGREES = 0.16, 4.0
_RADIUS, _FOREMOST_RADIUS, _LARGEST = 5.0, 7.0, 20.0
#: Degrees between lines of the grid, and how many lines there may be.
_GRID, _LINES = (1, 2, 5, 10, 20, 30), 8

#: Grounds of maps that are remembered; one takes some 20 KB.
_GROUNDS_KEPT = 100


@dataclass(frozen=True)
class Place:
    """A point in percent of width and height."""

    x: float
    y: float
    radius: float
    name: str
    said: str
    colour: int
    #: Whether it is drawn over all others and named before them: the map is about it.
    is_foremost: bool = False
    #: Where the name stands, by how wide the map is; nowhere when there is no room.
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Map:
    """The points, and below them land, its coasts and a grid of degrees as paths of SVG."""

    places: tuple[Place, ...]
    land: str
    coast: str
    grid: str
    legend: tuple[str, ...]
    #: Rows that have no point.
    without: int
    left_out: int = 0


@dataclass(frozen=True)
class _View:
    """The part of the projected world that a map shows."""

    west: float
    top: float
    scale: float

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Give the place of a point in units of the drawing."""
        x, y = _projected(longitude, latitude)
        return (x - self.west) * self.scale, (self.top - y) * self.scale

    def degrees(self) -> tuple[float, float, float, float]:
        """Give west, south, east and north."""
        east, bottom = self.west + WIDTH / self.scale, self.top - HEIGHT / self.scale
        return (
            math.degrees(self.west),
            _latitude(bottom),
            math.degrees(east),
            _latitude(self.top),
        )


def _projected(longitude: float, latitude: float) -> tuple[float, float]:
    inside = max(-_LATITUDE_LIMIT, min(_LATITUDE_LIMIT, latitude))
    return math.radians(longitude), math.asinh(math.tan(math.radians(inside)))


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y)))


def map_of(rows: Rows, chart: Chart, static: Path, *, foremost: int = 0) -> Map:
    """Place the points of some rows, and what lies below them.

    The map is about the first rows, as many as `foremost` says.
    """
    column = next(name for name in rows.columns if holds(rows, name) is Holds.POINTS)
    points = [point(cell.term) for cell in cells(rows, column)]
    view = _view([found for found in points if found])
    return Map(
        tuple(_labelled(_places(rows, chart, points, view, foremost))),
        *_ground(static, built_at(static), view),
        SeriesNames(_texts(rows, chart.series)).legend if chart.series else (),
        points.count(None),
    )


@lru_cache(_GROUNDS_KEPT)
def _ground(static: Path, _: int, view: _View) -> tuple[str, str, str]:
    """Draw land, coasts and grid; all things of a class are on the same ground."""
    rings = list(land(static, *view.degrees()))
    coast = _path((part for ring in rings for part in coasts(ring)), view, is_closed=False)
    return _path(rings, view), coast, _grid(view)


def _view(points: list[tuple[float, float]]) -> _View:
    """Show all points with a margin, and never less than some degrees."""
    projected = [_projected(*each) for each in points]
    xs, ys = [x for x, _ in projected], [y for _, y in projected]
    least = math.radians(_LEAST_DEGREES)
    wide = max(max(xs) - min(xs), (max(ys) - min(ys)) * WIDTH / HEIGHT, least)
    width = min(wide * (1 + 2 * _MARGIN), 2 * math.pi)
    scale = WIDTH / width
    return _View(
        (min(xs) + max(xs)) / 2 - width / 2,
        (min(ys) + max(ys)) / 2 + HEIGHT / scale / 2,
        scale,
    )


def _texts(rows: Rows, column: str) -> list[str]:
    return [cell.value.name.text for cell in cells(rows, column)]


def _places(
    rows: Rows,
    chart: Chart,
    points: list[tuple[float, float] | None],
    view: _View,
    foremost: int,
) -> Iterator[Place]:
    """Put the points of rows in their places; a place that several rows name is one point."""
    names = _texts(rows, chart.x) if chart.x else [""] * len(points)
    sizes = [number(cell.term) for cell in cells(rows, chart.y)] if chart.y else None
    largest = max((abs(size) for size in sizes or () if size is not None), default=0) or 1
    kinds = _texts(rows, chart.series) if chart.series else [""] * len(points)
    colours = SeriesNames(kinds)
    seen = set()
    for row, (where, name, kind) in enumerate(zip(points, names, kinds, strict=True)):
        if where is None or (where, name, kind) in seen:
            continue
        seen.add((where, name, kind))
        x, y = view.at(*where)
        size = sizes[row] if sizes else None
        told = [name, kind, f"{column_name(chart.y).text} {said(size)}" if size is not None else ""]
        yield Place(
            round(x / WIDTH * 100, 2),
            round(y / HEIGHT * 100, 2),
            _radius(size, largest) if sizes else _RADIUS if row >= foremost else _FOREMOST_RADIUS,
            name,
            ", ".join(dict.fromkeys(part for part in told if part)),
            colours.colour(kind),
            row < foremost,
        )


def _radius(size: float | None, largest: float) -> float:
    """Give areas in the proportion of the numbers; what has none is a small dot."""
    return max(3.0, round(_LARGEST * math.sqrt(abs(size or 0) / largest), 1))


def _labelled(places: Iterable[Place]) -> list[Place]:
    """Add the names, for which there is room, the foremost and the larger points first."""
    ordered = sorted(places, key=lambda place: (not place.is_foremost, -place.radius, place.y))
    points = [Point(place.x, place.y, place.radius, place.name) for place in ordered]
    named = [
        replace(place, labels=found) for place, found in zip(ordered, labels(points), strict=True)
    ]
    # Small points are drawn over large ones, and what the map is about over all.
    return sorted(named, key=lambda place: place.is_foremost)


def _path(lines: Iterable[Ring], view: _View, *, is_closed: bool = True) -> str:
    """Write lines as one path in whole units; what falls together or lies outside is left out."""
    parts = []
    for line in lines:
        points = [tuple(round(part) for part in view.at(*each)) for each in line]
        kept = [
            each for each, before in zip(points, [None, *points], strict=False) if each != before
        ]
        if len(kept) > 1 and _is_seen(kept):
            parts.append("M" + "L".join(f"{x} {y}" for x, y in kept) + "Z" * is_closed)
    return "".join(parts)


def _is_seen(points: list[tuple[int, ...]]) -> bool:
    """Tell whether the box around some points meets the map."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) <= WIDTH and max(xs) >= 0 and min(ys) <= HEIGHT and max(ys) >= 0


def _grid(view: _View) -> str:
    west, south, east, north = view.degrees()
    step = next((each for each in _GRID if (east - west) / each <= _LINES), _GRID[-1])
    across = range(math.ceil(west / step) * step, math.floor(east) + 1, step)
    up = range(math.ceil(south / step) * step, math.floor(north) + 1, step)
    lines = [f"M{view.at(degree, 0)[0]:.0f} 0V{HEIGHT}" for degree in across]
    lines += [f"M0 {view.at(0, degree)[1]:.0f}H{WIDTH}" for degree in up]
    return "".join(lines)
