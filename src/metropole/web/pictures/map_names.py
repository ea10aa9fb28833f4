"""Which names a map has room for, and where: each beside its own point, none that misleads.

Letters keep their size while points move apart on a wider map, so names are placed for bands of
widths; the style sheet shows those of the band that a map is in.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import hypot
from unicodedata import combining, east_asian_width

#: Where each band of widths in px begins, as in `pictures.css`; on a narrower map there are no
#: names. The last has no end, and is tried at two widths more.
BANDS = (240, 300, 375, 470, 590)
_WIDER = (736, 1480)
#: Height of a map in its widths.
SHAPE = 0.75
#: Measures of the letters in px, as wide as in DejaVu Sans, of which they are widest.
_LETTER, _CAPITAL, _NARROW, _SLIM, _WIDE, _IDEOGRAPH = 8.2, 9.4, 4.6, 5.9, 12.0, 13.0
_NARROW_LETTERS, _SLIM_LETTERS = frozenset("ijlI .,:;'|()-"), frozenset("frt")
_WIDE_LETTERS = frozenset("mwMWжшщюыфЖШЩЮЫФ@—")
_ABOVE, _BELOW = 11.0, 4.0
#: From a line of letters to the next one.
_LINE = 14.0
#: What is left free around a name.
_GAP = 2.0
#: A part of a name must be so much farther from any other point than from its own, unless the
#: other is so far away, in px, that nobody takes the name for its.
_FARTHER, _FAR = 1.3, 26.0
#: How far is enough where there is no room for a name otherwise, but not from a point that is
#: itself so near to the one with the name.
_FAR_ENOUGH, _NEIGHBOUR = 10.0, 40.0
#: The largest points, for which a name is tried.
_TRIED = 200


@dataclass(frozen=True)
class Point:
    """A point in percent of width and height, its radius in px, and its name."""

    x: float
    y: float
    radius: float
    name: str


@dataclass(frozen=True)
class Label:
    """A name beside its point: an anchor of SVG and the distance from the point in px."""

    anchor: str
    dx: float
    #: Of the first line, on which its letters stand.
    dy: float
    #: The name, in two lines where there is no room for one.
    lines: tuple[str, ...]
    #: The places of the bands in which it stands there.
    bands: tuple[int, ...] = ()


_Box = tuple[float, float, float, float]


def labels(points: Sequence[Point]) -> list[tuple[Label, ...]]:
    """Place the names of points, the most important of which come first."""
    ends = [*BANDS[1:], *_WIDER]
    found: list[dict[Label, list[int]]] = [{} for _ in points]
    for band, begin in enumerate(BANDS):
        widths = (begin, *(ends[band:] if band == len(BANDS) - 1 else ends[band : band + 1]))
        for place, label in enumerate(_in_band(points, widths)):
            if label is not None:
                found[place].setdefault(label, []).append(band)
    return [
        tuple(replace(label, bands=tuple(bands)) for label, bands in each.items()) for each in found
    ]


def _in_band(points: Sequence[Point], widths: tuple[int, ...]) -> Iterator[Label | None]:
    """Keep the first place around each point that will do at every one of the widths.

    It will do at those between them too: what is beside a name moves away in a straight line.
    """
    sheets = [_Sheet(points, width) for width in widths]
    for rank, point in enumerate(points):
        tried = list(_around(point)) if point.name and rank < _TRIED else []
        found = next(
            (
                label
                for far in (_FAR, _FAR_ENOUGH)
                for label in tried
                if all(sheet.has_room(rank, label, far) for sheet in sheets)
            ),
            None,
        )
        if found is not None:
            for sheet in sheets:
                sheet.taken += sheet.boxes(rank, found)
        yield found


def _around(point: Point) -> Iterator[Label]:
    """Go through the places for a name, best first: in one line, then in two."""
    yield from _beside(point, (point.name,))
    halves = _halves(point.name)
    if halves:
        yield from _beside(point, halves)


def _beside(point: Point, lines: tuple[str, ...]) -> Iterator[Label]:
    """Go around a point: right, left, over, under, and over and under farther to a side."""
    away, more = point.radius + 5, _LINE * (len(lines) - 1)
    yield Label("start", away, 4.5 - more / 2, lines)
    yield Label("end", -away, 4.5 - more / 2, lines)
    aside = max(map(length, lines)) / 4
    for dy in (-away - 1 - more, away + 11):
        yield Label("middle", 0, dy, lines)
        yield Label("start", -point.radius, dy, lines)
        yield Label("end", point.radius, dy, lines)
        for dx in (part * aside for part in (0.25, -0.25, 0.5, -0.5, 1, -1)):
            yield Label("middle", round(dx, 1), dy, lines)


def _halves(name: str) -> tuple[str, str] | None:
    """Part a name at a space into two lines of which the longer is as short as can be."""
    words = name.split()
    parted = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return min(parted, key=lambda both: max(map(length, both)), default=None)


class _Sheet:
    """A map of one width: where its points are in px, and what is written already."""

    def __init__(self, points: Sequence[Point], width: int) -> None:
        self._width, self._height = width, width * SHAPE
        self._at = [(point.x * width / 100, point.y * width * SHAPE / 100) for point in points]
        self._points = points
        self._order = sorted(range(len(points)), key=lambda place: self._at[place][0])
        self._xs = [self._at[place][0] for place in self._order]
        self._reach = max((point.radius for point in points), default=0.0) + _FAR
        self.taken: list[_Box] = []

    def boxes(self, place: int, label: Label) -> list[_Box]:
        """Give left, top, right and bottom of each line of a name."""
        found = []
        for number, line in enumerate(label.lines):
            long = length(line)
            x = self._at[place][0] + label.dx
            x -= {"start": 0.0, "middle": long / 2, "end": long}[label.anchor]
            y = self._at[place][1] + label.dy + number * _LINE
            found.append((x, y - _ABOVE, x + long, y + _BELOW))
        return found

    def has_room(self, place: int, label: Label, far: float) -> bool:
        """Tell whether a name is whole, free of others and nearer to no other point."""
        boxes = self.boxes(place, label)
        own = min(_away(box, self._at[place]) for box in boxes)
        return all(self._is_free(place, box, own, far) for box in boxes)

    def _is_free(self, place: int, box: _Box, own: float, far: float) -> bool:
        left, top, right, bottom = box
        inside = left >= _GAP and top >= _GAP
        if not inside or right > self._width - _GAP or bottom > self._height - _GAP:
            return False
        if any(_meet(box, other) for other in self.taken):
            return False
        near = self._near(box)
        if any(other != place and _away(box, self._at[other]) <= own for other in near):
            return False
        return not any(self._misleads(place, box, other, far) for other in near)

    def _near(self, box: _Box) -> Iterable[int]:
        begin = bisect_left(self._xs, box[0] - self._reach)
        return self._order[begin : bisect_right(self._xs, box[2] + self._reach)]

    def _misleads(self, place: int, box: _Box, other: int, far: float) -> bool:
        """Tell whether a part of a name is on, or too near to, another point."""
        x, y = self._at[other]
        to_x, to_y = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
        away = _away(box, self._at[other])
        if other == place:
            return away <= self._points[other].radius
        if away <= self._points[other].radius + _GAP:
            return True
        own_x, own_y = self._at[place]
        far = _FAR if hypot(own_x - x, own_y - y) < _NEIGHBOUR else far
        return away < min(far, _FARTHER * hypot(own_x - to_x, own_y - to_y))


def _away(box: _Box, at: tuple[float, float]) -> float:
    """Measure how far a point is from a box."""
    x, y = at
    return hypot(x - min(max(x, box[0]), box[2]), y - min(max(y, box[1]), box[3]))


def length(name: str) -> float:
    """Estimate how long a name is in px."""
    return sum(map(_letter, name))


def _letter(letter: str) -> float:
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return _IDEOGRAPH
    if letter in _WIDE_LETTERS:
        return _WIDE
    if letter in _NARROW_LETTERS:
        return _NARROW
    if letter in _SLIM_LETTERS:
        return _SLIM
    return _CAPITAL if letter.isupper() else _LETTER


def _meet(one: _Box, other: _Box) -> bool:
    return (
        one[0] - _GAP < other[2]
        and other[0] - _GAP < one[2]
        and one[1] - _GAP < other[3]
        and other[1] - _GAP < one[3]
    )
