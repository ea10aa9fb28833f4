"""Points on the earth, as literals of GeoSPARQL write them."""

import re

import pyoxigraph as ox

from metropole.vocab import GEO

_WKT = GEO + "wktLiteral"
_NUMBER = r"\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
#: A point as GeoSPARQL 1.1, section 8.5, writes it; the name of its reference system may go before.
_POINT = re.compile(
    rf"\s*(?:<([^>]*)>)?\s*POINT\s*Z?\s*\({_NUMBER}\s{_NUMBER}[^)]*\)\s*", re.IGNORECASE
)
_LONGITUDE, _LATITUDE = 180, 90


def point(term: object) -> tuple[float, float] | None:
    """Read a point as longitude and latitude in degrees; None in a system that is not known."""
    if not isinstance(term, ox.Literal) or term.datatype.value != _WKT:
        return None
    found = _POINT.fullmatch(term.value)
    if found is None:
        return None
    first, second = float(found[2]), float(found[3])
    # GeoSPARQL 1.1, section 8.5.1: EPSG's 4326 has the latitude first.
    if (found[1] or "").endswith("/EPSG/0/4326"):
        first, second = second, first
    elif found[1] and "CRS84" not in found[1]:
        return None
    is_on_earth = abs(first) <= _LONGITUDE and abs(second) <= _LATITUDE
    return (first, second) if is_on_earth else None
