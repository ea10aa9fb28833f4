"""Geometries that are none are told, with the reason; those that are right or unknown are not."""

from pathlib import Path

import pytest

from metropole.geometry import GEO_JSON, WKT
from metropole.report import Finding, Severity
from sites import PREFIXES, check_site, of_rule


def told(root: Path, *literals: tuple[str, str]) -> tuple[Finding, ...]:
    """Check a thing with literals, from line 3 on."""
    values = " ,\n".join(f"'{text}'^^<{datatype}>" for text, datatype in literals)
    data = f"{PREFIXES}<x> a owl:Thing ; rdfs:seeAlso\n{values} ."
    return tuple(of_rule(check_site(root, {"data/a.ttl": data}).findings, "ill-typed"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("POINT(1,2)", "space between them"),
        ("POINT(1)", "space between them"),
        ("POINT(1 x)", "'x' is no number"),
        ("((((", "begins with its kind"),
        ("", "begins with its kind"),
        ("POIN(1 2)", "no geometry POIN"),
        ("POINT(200 100)", "from -180 to 180"),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(100 50)", "from -180 to 180"),
        ("LINESTRING((1 2)", "bracket is not closed"),
        ("POLYGON((0 0, 1 0, 1 1, 0 1))", "where it begins"),
        ("POLYGON((0 0, 1 0, 0 0))", "at least four"),
        ("POLYGON(0 0, 1 0, 1 1, 0 0)", "brackets or its numbers"),
    ],
)
def test_geometry_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    """The warning has line, value and reason."""
    (finding,) = told(tmp_path, (text, WKT))

    assert (finding.severity, finding.file, finding.line) == (Severity.WARNING, "data/a.ttl", 3)
    assert said in finding.message
    assert "POINT(25.28 54.69)" in finding.remedy


def test_geometry_in_json_that_is_none_is_told(tmp_path: Path) -> None:
    """GeoJSON is looked at as WKT is."""
    texts = (
        "{}",
        "{",
        '{"type": "Point", "coordinates": [1]}',
        '{"type": "Point", "coordinates": [181, 0]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}',
    )
    assert len(told(tmp_path, *((text, GEO_JSON) for text in texts))) == len(texts)


def test_geometry_that_may_be_right_is_not_told(tmp_path: Path) -> None:
    """Neither are kinds and reference systems that are not drawn."""
    crs = "<http://www.opengis.net/def/crs"
    texts = (
        "POINT(25.28 54.69)",
        "Point Z (25.28 54.69 100)",
        "POINT EMPTY",
        "POLYGON EMPTY",
        f"{crs}/EPSG/0/4326> POINT(54.69 25.28)",
        f"{crs}/EPSG/0/3346> POINT(582000 6061000)",
        f"{crs}/OGC/1.3/CRS84> POINT(25.28 54.69)",
        "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4))",
        "MULTIPOINT((1 2), (3 4))",
        "MULTIPOINT(1 2, 3 4)",
        "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "POLYGON((0 0, 9 0, 9 9, 0 0), (2 1, 4 1, 4 2, 2 1))",
        "LINESTRING Z (1 2 3, 4 5 6)",
    )
    json = (
        '{"type": "Point", "coordinates": [25.28, 54.69, 100]}',
        '{"type": "GeometryCollection", "geometries": []}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}',
    )
    right = [(text, WKT) for text in texts] + [(text, GEO_JSON) for text in json]
    assert told(tmp_path, *right) == ()


def test_many_wrong_geometries_are_told_as_a_number(tmp_path: Path) -> None:
    """After twenty of one file the rest is counted, on the line where it begins."""
    found = told(tmp_path, *((f"POINT({n},1)", WKT) for n in range(30)))

    (counted,) = [each for each in found if "10 more" in each.message]
    assert (len(found), counted.line) == (21, 23)
