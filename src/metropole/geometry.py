"""Read geometries: WKT and GeoJSON literals of GeoSPARQL as GeoJSON (RFC 7946)."""

import json
import math
import re
from typing import Any

from metropole.vocab import GEO

WKT, GEO_JSON = GEO + "wktLiteral", GEO + "geoJSONLiteral"
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
#: Kinds of geometry that are right, and are not read.
_UNREAD = {
    *("GEOMETRY", "GEOMETRYCOLLECTION", "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "TIN"),
    *("MULTICURVE", "MULTISURFACE", "CURVE", "SURFACE", "POLYHEDRALSURFACE", "TRIANGLE", "CIRCLE"),
}
_EMPTY = re.compile(r"\s*(?:<[^>]*>)?\s*[A-Za-z]+\s*(?:ZM?|M)?\s+EMPTY\s*", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\Z")
_PIECES = re.compile(r"[(),]|[^\s(),]+")
_LONGITUDE, _LATITUDE = 180, 90
_POSITION = (
    "a position is its longitude and its latitude with a space between them, without a comma"
)
#: Fewer positions are no ring (RFC 7946, section 3.1.6).
_RING = 4
Geometry = dict[str, Any]
_WRONG = (ValueError, TypeError, KeyError, IndexError, RecursionError)


class _Fault(ValueError):
    """A geometry is wrong; the message says in which way."""


class _NotRead(ValueError):
    """A geometry may be right, but is of a kind or in a system that is not known here."""


def geometry(text: str, datatype: str) -> Geometry | None:
    """Read a literal; None when it is no geometry, empty, or in a system that is not known."""
    try:
        return _read(text, datatype)
    except _WRONG:
        return None


def fault(text: str, datatype: str) -> str:
    """Say what is wrong with a literal of GeoSPARQL; empty where nothing is, or nobody knows."""
    if _EMPTY.fullmatch(text):
        return ""
    try:
        told = _read(text, datatype)
    except _NotRead:
        return ""
    except _Fault as error:
        return str(error)
    except _WRONG:
        return "its brackets or its numbers are not those of such a geometry"
    rings = _rings_of(told) if told else []
    is_open = any(ring[0][:2] != ring[-1][:2] for ring in rings)
    return "a ring ends at the position where it begins" if is_open else ""


def _read(text: str, datatype: str) -> Geometry | None:
    if datatype == WKT:
        return _right_handed(_of_wkt(text))
    if datatype == GEO_JSON:
        return _right_handed(_checked(json.loads(text)))
    return None


def _of_wkt(text: str) -> Geometry:
    """Read well-known text; raises ValueError or KeyError for what cannot be told."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise _Fault("a geometry begins with its kind, and has its numbers in brackets")
    system = found["system"] or ""
    # GeoSPARQL 1.1, section 8.5.1: EPSG's 4326 has the latitude first.
    is_turned = system.endswith("/EPSG/0/4326")
    if system and not is_turned and "CRS84" not in system:
        raise _NotRead(system)
    name = found["kind"].upper()
    if name not in _KINDS:
        raise _NotRead(name) if name in _UNREAD else _Fault(f"there is no geometry {name}")
    kind, depth = _KINDS[name]
    nested = _nested(found["numbers"])
    if kind == "Point":
        if len(nested) != 1:
            raise _Fault(_POSITION)
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
            raise _Fault(f"{piece[:20]!r} is no number")
    if len(open_lists) != 1 or len(whole) != 1:
        raise _Fault("a bracket is not closed, or one too many is")
    found: list[Any] = whole[0]
    return found


def _placed(nested: list[Any], depth: int, *, is_turned: bool) -> list[Any]:
    """Give positions longitude first and without a height; raises ValueError beyond the earth."""
    if depth:
        return [_placed(each, depth - 1, is_turned=is_turned) for each in nested]
    if len(nested) < 2 or not all(isinstance(each, float) for each in nested):  # noqa: PLR2004
        raise _Fault(_POSITION)
    first, second = nested[:2]
    return [second, first] if is_turned else [first, second]


def _checked(told: Any) -> Geometry:
    """Take over what GeoJSON knows and has right; raises ValueError for anything else."""
    if str(told["type"]).upper() in _UNREAD:
        raise _NotRead(told["type"])
    depth = dict(_KINDS.values())[told["type"]]
    positions = [told["coordinates"]]
    for _ in range(depth):
        positions = [each for some in positions for each in some]
    if not positions:
        raise ValueError(told)
    for longitude, latitude, *_ in positions:
        number = math.isfinite(longitude) and math.isfinite(latitude)
        if not number or abs(longitude) > _LONGITUDE or abs(latitude) > _LATITUDE:
            raise _Fault(
                "a longitude, which comes first, is from -180 to 180, and a latitude from -90 to 90"
            )
    return {"type": told["type"], "coordinates": told["coordinates"]}


def _right_handed(told: Geometry) -> Geometry:
    """Turn rings so that the outer ones run counterclockwise (RFC 7946, section 3.1.6)."""
    polygons = _polygons_of(told)
    for rings in polygons:
        for place, ring in enumerate(rings):
            if len(ring) < _RING:
                raise _Fault("a ring has at least four positions, the last one as the first")
            if (_area(ring) > 0) != (place == 0):
                ring.reverse()
    return told


def _polygons_of(told: Geometry) -> list[Any]:
    if told["type"] == "Polygon":
        return [told["coordinates"]]
    return list(told["coordinates"]) if told["type"] == "MultiPolygon" else []


def _rings_of(told: Geometry) -> list[Any]:
    return [ring for rings in _polygons_of(told) for ring in rings]


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
