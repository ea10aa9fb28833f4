"""How the rows of an answer may be drawn: a kind of picture, and which column is what in it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum


class ChartKind(Enum):
    """A kind of picture."""

    BAR = "bar"
    LINE = "line"
    MAP = "map"


@dataclass(frozen=True)
class Chart:
    """A picture of rows; a column that is not named is chosen from what the columns hold."""

    kind: ChartKind
    #: Names: of the bars, along the line (years, days or numbers), or of the points.
    x: str = ""
    #: Numbers: length, height, or size of the points.
    y: str = ""
    #: What tells bars, lines or points apart by colour.
    series: str = ""
    #: Bounds of the number where it is not exact.
    low: str = ""
    high: str = ""

    def columns(self) -> Iterator[tuple[str, str]]:
        """Go through the parts of the picture that are named, each with its column."""
        for part in PARTS:
            column = getattr(self, part)
            if column:
                yield part, column


#: The parts of a picture that a column can be, as headers and addresses spell them.
PARTS = tuple(field.name for field in fields(Chart) if field.name != "kind")


def chart_kind(name: str) -> ChartKind | None:
    """Find a kind of picture by its name."""
    return next((kind for kind in ChartKind if kind.value == name), None)
