"""The land of the world for maps, from the files that `editor/coast.mjs` makes.

Natural Earth, public domain. Without the files, which are built with npm, a map has no coasts.
"""

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

#: What the files are made of: tiles of ten degrees, in hundredths of a degree.
_TILE_DEGREES = 10
_STEPS = 100
#: Maps wider than that are drawn from the file of less detail.
_WORLD_DEGREES = 90
_FOLDER = "land"
Ring = list[tuple[float, float]]


def built_at(static: Path) -> int:
    """Tell when the files were made, in nanoseconds since 1970; 0 when there are none."""
    folder = static / _FOLDER
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def land(static: Path, west: float, south: float, east: float, north: float) -> Iterator[Ring]:
    """Give the rings of land that a map of these degrees may show, and somewhat more."""
    folder = static / _FOLDER
    if not folder.is_dir():
        return
    is_wide = east - west > _WORLD_DEGREES
    names = ["world"] if is_wide else _tiles(west, south, east, north)
    for name in names:
        path = folder / f"{name}.json"
        # Where there is only sea there is no file.
        if path.is_file():
            for flat in json.loads(path.read_text(encoding="utf-8")):
                yield [(x / _STEPS, y / _STEPS) for x, y in zip(flat[::2], flat[1::2], strict=True)]


def _tiles(west: float, south: float, east: float, north: float) -> list[str]:
    return [f"{x}_{y}" for x in _corners(west, east, 180) for y in _corners(south, north, 90)]


def _corners(least: float, most: float, limit: int) -> range:
    first = math.floor(max(least, -limit) / _TILE_DEGREES) * _TILE_DEGREES
    return range(first, math.ceil(min(most, limit)), _TILE_DEGREES)


def coasts(ring: Ring) -> Iterator[Ring]:
    """Give the parts of a ring that are coast, without the edges where it was cut into tiles."""
    part: Ring = []
    for start, end in pairwise(ring):
        if _is_cut(start, end):
            yield part
            part = []
        else:
            part = part or [start]
            part.append(end)
    yield part


def _is_cut(start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Tell whether an edge runs along the border of a tile."""
    return any(
        one == other and one % _TILE_DEGREES == 0 for one, other in zip(start, end, strict=True)
    )
