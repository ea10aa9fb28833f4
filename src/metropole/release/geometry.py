"""Read geometries: WKT and GeoJSON literals of GeoSPARQL as GeoJSON (RFC 7946)."""

import json
import math
import re
from typing import Any

from metropole.release.things import Words

_GEO = "http://www.opengis.net/ont/geosparql#"
WKT, GEO_JSON = _GEO + "wktLiteral", _GEO + "geoJSONLiteral"
_TEXT = re.compile(
    r"\s*(?:<(?P<system>[^>]*)>)?\s*(?P<kind>[A-Za-z]+)\s*(?:ZM?|M)?\s*(?P<numbers>\(.*\))\s*",
    re.DOTALL,
)
#: WKT name to GeoJSON name, and how many brackets are around a position.
_KINDS = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\Z")
_PIECES = re.compile(r"[(),]|[^\s(),]+")
_LONGITUDE, _LATITUDE = 180, 90
_RINGS = {"Polygon": 0, "MultiPolygon": 1}
#: Fewer positions are no ring (RFC 7946, section 3.1.6).
_RING = 4
Geometry = dict[str, Any]


def geometry(words: Words) -> Geometry | None:
    """Read a literal; None when it is no geometry, empty, or in a system that is not known."""
    try:
        if words.datatype == WKT:
            return _right_handed(_of_wkt(words.text))
        if words.datatype == GEO_JSON:
            return _right_handed(_checked(json.loads(words.text)))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return None


def _of_wkt(text: str) -> Geometry:
    """Read well-known text; raises ValueError or KeyError for what cannot be told."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    system = found["system"] or ""
    # GeoSPARQL 1.1, section 8.5.1: EPSG's 4326 has the latitude first.
    is_turned = system.endswith("/EPSG/0/4326")
    if system and not is_turned and "CRS84" not in system:
        raise ValueError(system)
    kind, depth = _KINDS[found["kind"].upper()]
    nested = _nested(found["numbers"])
    if kind == "Point":
        (nested,) = nested
    if kind == "MultiPoint":  # `((1 2), (3 4))` and `(1 2, 3 4)` are the same
        nested = [each[0] if isinstance(each[0], list) else each for each in nested]
    return _checked({"type": kind, "coordinates": _placed(nested, depth, is_turned=is_turned)})


def _nested(text: str) -> list[Any]:
    """Read brackets as lists, and what stands between commas as a position."""
    whole: list[Any] = []
    open_lists, position = [whole], list[float]()
    for piece in _PIECES.findall(text):
        if piece == "(":
            inner: list[Any] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif piece in ",)":
            if position:
                open_lists[-1].append(position)
                position = []
            if piece == ")":
                open_lists.pop()
        elif _NUMBER.match(piece):
            position.append(float(piece))
        else:
            raise ValueError(piece)
    if len(open_lists) != 1 or len(whole) != 1:
        raise ValueError(text)
    found: list[Any] = whole[0]
    return found


def _placed(nested: list[Any], depth: int, *, is_turned: bool) -> list[Any]:
    """Give positions longitude first and without a height; raises ValueError beyond the earth."""
    if depth:
        return [_placed(each, depth - 1, is_turned=is_turned) for each in nested]
    first, second = nested[:2]
    return [second, first] if is_turned else [first, second]


def _checked(told: Any) -> Geometry:
    """Take over what GeoJSON knows and has right; raises ValueError for anything else."""
    depth = dict(_KINDS.values())[told["type"]]
    positions = [told["coordinates"]]
    for _ in range(depth):
        positions = [each for some in positions for each in some]
    if not positions:
        raise ValueError(told)
    for longitude, latitude, *_ in positions:
        number = math.isfinite(longitude) and math.isfinite(latitude)
        if not number or abs(longitude) > _LONGITUDE or abs(latitude) > _LATITUDE:
            raise ValueError(told)
    return {"type": told["type"], "coordinates": told["coordinates"]}


def _right_handed(told: Geometry) -> Geometry:
    """Turn rings so that the outer ones run counterclockwise (RFC 7946, section 3.1.6)."""
    if told["type"] in _RINGS:
        polygons = [told["coordinates"]] if told["type"] == "Polygon" else told["coordinates"]
        for rings in polygons:
            for place, ring in enumerate(rings):
                if len(ring) < _RING:
                    raise ValueError(ring)
                if (_area(ring) > 0) != (place == 0):
                    ring.reverse()
    return told


def _area(ring: list[list[float]]) -> float:
    """Give twice the area of a ring, positive when it runs counterclockwise."""
    return sum(
        one[0] * other[1] - other[0] * one[1]
        for one, other in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def centre(told: Geometry) -> tuple[float, float] | None:
    """Give longitude and latitude of a point; None for anything that is larger."""
    if told["type"] != "Point":
        return None
    longitude, latitude, *_ = told["coordinates"]
    return longitude, latitude
