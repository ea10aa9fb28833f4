"""Tests of pictures: which are offered, what they measure, and how they are written into pages."""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.points import point
from metropole.saved_queries import PARTS, Chart, ChartKind, read
from metropole.settings import load
from metropole.web.pictures.columns import time
from metropole.web.pictures.line_ends import spread
from metropole.web.pictures.map_names import BANDS, SHAPE, Point, labels
from metropole.web.pictures.scale import (
    month_steps,
    multiplied_steps,
    round_steps,
    said,
    said_month,
    whole_steps,
)
from metropole.web.values.query_rows import Term
from sites import check_site, of_rule, write_site
from web_site import client_of, query_path

ROOT = Path(__file__).parents[1]
BROWSER = {"Accept": "text/html"}
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
PREFIX = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX geo: <{WKT[:-10]}> "
COUNTS = 'SELECT ?name ?count { VALUES (?name ?count) { ("a" 4) ("b" 1) ("c" -2) } }'
YEARS = PREFIX + (
    "SELECT ?city ?year ?people { VALUES (?city ?year ?people) {"
    ' ("A" "2000"^^xsd:gYear 10) ("A" "2004"^^xsd:gYear 30) ("B" "2002"^^xsd:gYear 20)'
    ' ("B" "2004"^^xsd:gYear 40) } }'
)
POINTS = PREFIX + (
    "SELECT ?name ?size ?where { VALUES (?name ?size ?where) {"
    ' ("Vilnius" 4 "POINT(25.28 54.69)"^^geo:wktLiteral)'
    ' ("Rīga & co" 1 "POINT(24.1 56.95)"^^geo:wktLiteral) } }'
)
NAMED = "SELECT ?thing ?size { ?thing <ns#size> ?size } ORDER BY ?thing"
FILES = {
    "metropole.toml": 'title = "T"\nbase = "https://a.example/"\nlanguages = ["en"]\n',
    "ontology/o.ttl": "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    "<ns#size> a owl:DatatypeProperty .\n",
    "data/a.ttl": "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    '@prefix thing: <id/> . thing:a <ns#size> 3 ; rdfs:label "oak"@en, "ąžuolas"@lt .\n'
    "thing:b <ns#size> 1 .",
    "queries/sizes.rq": "#+ summary: How <large>?\n#+ chart: bar\n#+ x: thing\n#+ y: size\n"
    + NAMED,
    "queries/ask.rq": "ASK { ?s <ns#size> ?o }",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a small site with a saved query that has a chart."""
    root = tmp_path_factory.mktemp("pictures")
    write_site(root, FILES)
    with client_of(root) as found:
        yield found


def page_of(client: FlaskClient, query: str, **parameters: str) -> str:
    """Ask a query as a browser does."""
    response = client.get(query_path(query, **parameters), headers=BROWSER)
    assert response.status_code == 200, response.text
    return response.text


def figure(page: str) -> ET.Element:
    """Give the picture of a page, read as XML."""
    (text,) = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    return ET.fromstring(text)


def attributes(picture: ET.Element, path: str, name: str) -> list[str]:
    """List the values of an attribute of the elements that a path finds."""
    return [element.get(name, "") for element in picture.findall(path)]


def ways(page: str) -> list[str]:
    """List the ways to show an answer that a page offers."""
    links: list[str] = re.findall(r'<nav class="views".*?</nav>', page, re.DOTALL)
    return re.findall(r">(\w+)</a>", links[0]) if links else []


# What is offered


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        (COUNTS, ["Table", "Bars"]),
        (YEARS, ["Table", "Bars", "Lines"]),
        (POINTS, ["Table", "Bars", "Map"]),
        ('SELECT ?a ?b { VALUES (?a ?b) { ("x" "y") } }', []),
        ("SELECT ?a { VALUES ?a { } }", []),
    ],
)
def test_only_what_applies_is_offered(client: FlaskClient, query: str, offered: list[str]) -> None:
    """The links above an answer are those to pictures that its columns allow."""
    assert ways(page_of(client, query)) == offered


def test_picture_that_does_not_apply_is_a_table_with_the_reason(client: FlaskClient) -> None:
    """A column that is not there, or of no use, leaves the table, and the page says why."""
    missing = page_of(client, COUNTS, chart="bar", y="size")
    useless = page_of(client, COUNTS, chart="bar", y="name")

    assert "The answer has no column ?size." in missing
    assert "The column ?name cannot be y here." in useless
    assert "<figure" not in missing + useless
    assert missing.count("<tr>") == 4
    assert client.get(query_path(COUNTS, chart="pie"), headers=BROWSER).status_code == 400


def test_link_keeps_picture_and_release(client: FlaskClient) -> None:
    """The address to keep names the picture with its columns and the release; it answers alike."""
    page = page_of(client, YEARS, chart="line")
    (address,) = re.findall(r'<a href="([^"]*)">keep this answer</a>', page)
    kept = parse_qs(urlsplit(html.unescape(address)).query)
    again = client.get(html.unescape(address), headers=BROWSER).text

    assert {name: kept[name] for name in ("chart", "x", "y", "series")} == {
        "chart": ["line"],
        "x": ["year"],
        "y": ["people"],
        "series": ["city"],
    }
    assert ET.tostring(figure(page)) == ET.tostring(figure(again))
    assert "This is the answer of release" in again


def test_release_that_is_gone_is_not_found(client: FlaskClient) -> None:
    """A release that is not there is 404 in every format, with a list of those that are."""
    for headers in (BROWSER, {"Accept": "text/csv"}):
        response = client.get(query_path(COUNTS, release="0123456789abcdef"), headers=headers)
        assert response.status_code == 404
        assert client.get(query_path(COUNTS)).headers["Metropole-Release"] in response.text


def test_answer_of_an_older_release_stays(tmp_path: Path) -> None:
    """With the release in the address the answer is the same after the next release."""
    write_site(tmp_path, FILES)
    with client_of(tmp_path) as client:
        release = client.get(query_path(NAMED)).headers["Metropole-Release"]
        before = client.get(query_path(NAMED, format="csv")).text
        write_site(tmp_path, {**FILES, "data/a.ttl": "<id/a> <ns#size> 5 ."})
        publish.build(load(tmp_path))

        assert client.get(query_path(NAMED, format="csv")).text != before
        kept = client.get(query_path(NAMED, format="csv", release=release))
        page = page_of(client, NAMED, release=release, lang="lt")

    assert (kept.text, kept.headers["Metropole-Release"]) == (before, release)
    assert f"laidos <code>{release}</code> atsakymas" in page
    assert "ąžuolas" in page


# What is drawn


def test_bars_have_the_lengths_of_the_numbers(client: FlaskClient) -> None:
    """Bars begin at zero: from -2 to 4 zero is at a third of the width."""
    picture = figure(page_of(client, COUNTS, chart="bar"))

    assert attributes(picture, ".//rect[@class='bar']", "x") == ["33.33%", "33.33%", "0.0%"]
    assert attributes(picture, ".//rect[@class='bar']", "width") == ["66.67%", "16.67%", "33.33%"]
    assert [each.text for each in picture.findall(".//span[@class='said']")] == ["4", "1", "-2"]


def test_lower_bound_is_an_open_bar(client: FlaskClient) -> None:
    """A number that is only known to be at least so large is drawn and written as that."""
    query = (
        'SELECT ?n ?v ?l { VALUES (?n ?v ?l) { ("a" 4 UNDEF) ("b" UNDEF 2) ("c" UNDEF UNDEF) } }'
    )
    picture = figure(page_of(client, query, chart="bar", x="n", y="v", low="l"))

    assert attributes(picture, ".//svg", "class") == ["s0", "s0 open"]
    assert [each.text for each in picture.findall(".//span[@class='said']")] == ["4", "≥ 2"]
    assert "1 row is not drawn" in "".join(picture.itertext())


def test_every_series_is_a_line(client: FlaskClient) -> None:
    """Cities over years are a line each; years lie apart as they do in time."""
    picture = figure(page_of(client, YEARS, chart="line"))
    first, second = (
        [float(pair.split(",")[0]) for pair in line.split()]
        for line in attributes(picture, ".//polyline", "points")
    )

    assert [item.text for item in picture.findall(".//circle/title")][:2] == [
        "A: 2000, 10",
        "A: 2004, 30",
    ]
    assert second[0] == pytest.approx((first[0] + first[1]) / 2, abs=0.01)
    assert second[1] == first[1]
    assert "A: 2000, 10 to 2004, 30" in (picture.findtext(".//desc") or "")


def test_bounds_of_a_line_are_a_band(client: FlaskClient) -> None:
    """Numbers with bounds at every place of a line have an area between the bounds."""
    query = "SELECT ?year ?v ?l ?h { VALUES (?year ?v ?l ?h) { (2000 5 4 6) (2001 6 4 8) } }"
    picture = figure(page_of(client, query, chart="line", y="v", low="l", high="h"))

    (band,) = attributes(picture, ".//polygon", "points")
    assert len(band.split()) == 4


def test_lines_are_named_at_their_ends(client: FlaskClient) -> None:
    """Names stand at the ends of lines, apart and in the order of these; there is no legend."""
    sizes = {"A": 30, "B": 31, "C": 31, "D": 5, "E": 100}
    values = " ".join(
        f'("{name}" {year} {size})' for name, size in sizes.items() for year in (2000, 2004)
    )
    query = f"SELECT ?who ?year ?n {{ VALUES (?who ?year ?n) {{ {values} }} }}"
    picture = figure(page_of(client, query, chart="line", y="n"))
    long = figure(page_of(client, query.replace('"A"', f'"{"A" * 40}"'), chart="line", y="n"))

    ends = {
        end.text: float(end.get("y", "")[:-1]) for end in picture.findall(".//text[@class='end']")
    }
    assert sorted(ends, key=lambda name: ends[name]) == ["E", "B", "C", "A", "D"]
    heights = sorted(ends.values())
    assert min(after - before for before, after in pairwise(heights)) >= 6
    assert picture.find(".//ul[@class='legend']") is None
    assert long.find(".//ul[@class='legend']") is not None
    assert long.find(".//text[@class='end']") is None


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([50], [50]),
        ([10, 90], [10, 90]),
        ([50, 50], [45, 55]),
        ([51, 50, 20], [55.5, 45.5, 20]),
        ([1, 1], [3, 13]),
        ([99, 98, 97], [97, 87, 77]),
        ([], []),
    ],
)
def test_places_are_moved_apart_as_little_as_can_be(
    wanted: list[float], placed: list[float]
) -> None:
    """Places keep their order and stay inside; those that are apart already do not move."""
    assert spread(wanted, 10, 3, 97) == placed


def test_numbers_of_an_axis_are_on_it(client: FlaskClient) -> None:
    """No number stands outside the picture: those beside the lines are inside their range."""
    query = "SELECT ?year ?n { VALUES (?year ?n) { (2011 3292365) (2012 3501872) (2013 3375222) } }"
    picture = figure(page_of(client, query, chart="line", y="n"))

    heights = [
        float(tick.get("y", "")[:-1]) for tick in picture.findall(".//svg/text[@text-anchor='end']")
    ]
    assert len(heights) > 2
    assert all(6 <= height <= 88 for height in heights)


def test_line_without_numbers_is_an_empty_picture(client: FlaskClient) -> None:
    """Where every number is missing and only bounds are there, lines have nothing to show."""
    query = "SELECT ?year ?v ?l { VALUES (?year ?v ?l) { (2000 UNDEF 4) (2001 UNDEF 4) } }"
    drawn = page_of(client, query, chart="line", x="year", y="v", low="l")
    refused = page_of(client, query, chart="line", x="year", y="v")

    assert "2 rows are not drawn" in "".join(figure(drawn).itertext())
    assert "The column ?v cannot be y here." in refused


def test_more_series_than_colours_are_told(client: FlaskClient) -> None:
    """A picture that leaves something out says how much."""
    values = " ".join(f'("s{n}" {year} {n})' for n in range(15) for year in (2000, 2001))
    query = f"SELECT ?s ?year ?n {{ VALUES (?s ?year ?n) {{ {values} }} }}"
    picture = figure(page_of(client, query, chart="line", y="n"))

    assert len(picture.findall(".//polyline")) == 12
    assert "3 more lines are in the table only." in "".join(picture.itertext())


def test_map_places_points_by_latitude_and_longitude(client: FlaskClient) -> None:
    """Riga lies north and west of Vilnius; a larger number has a larger area; both are named."""
    picture = figure(page_of(client, POINTS, chart="map", y="size"))
    circles = picture.findall(".//circle")
    where = {
        circle.findtext("title"): (
            float(circle.get("cx", "")[:-1]),
            float(circle.get("cy", "")[:-1]),
        )
        for circle in circles
    }
    vilnius, riga = where["Vilnius, size 4"], where["Rīga & co, size 1"]

    assert riga[0] < vilnius[0]
    assert riga[1] < vilnius[1]
    assert [float(circle.get("r", "")) for circle in circles] == [20.0, 10.0]
    assert {name.text for name in picture.findall(".//text")} == {"Vilnius", "Rīga & co"}


CITIES = {
    "Tallinn": (24.75, 59.44),
    "Saint Petersburg": (30.32, 59.94),
    "Helsinki": (24.94, 60.17),
    "Stockholm": (18.07, 59.33),
    "Copenhagen": (12.57, 55.68),
    "Malmö": (13.0, 55.61),
    "Vilnius": (25.28, 54.69),
    "Kaunas": (23.9, 54.9),
    "Riga": (24.1, 56.95),
    "Warsaw": (21.01, 52.23),
    "Hamburg": (9.99, 53.55),
    "Санкт-Петербург, пригород": (30.4, 59.9),
}


def _away(box: tuple[float, float, float, float], place: tuple[float, float]) -> float:
    """Measure how far a place is from a box."""
    x, y = place
    return max(box[0] - x, x - box[2], 0) + max(box[1] - y, y - box[3], 0)


@pytest.mark.parametrize("width", [300, 360, 470, 640])
def test_place_at_the_edge_has_its_name(width: int) -> None:
    """Where a long name has no room in one line, it stands in two; none is written over another."""
    places = {
        "Saint Petersburg": (87.9, 30.0),
        "Helsinki": (72.0, 29.0),
        "Tallinn": (71.5, 32.0),
        "Riga": (70.0, 48.0),
    }
    found = labels([Point(x, y, 5.0, name) for name, (x, y) in places.items()])
    band = sum(begin <= width for begin in BANDS) - 1

    shown = [label for label in found[0] if band in label.bands]
    assert [" ".join(label.lines) for label in shown] == ["Saint Petersburg"]


@pytest.mark.parametrize("width", [240, 283, 299, 300, 318, 374, 420, 466, 520, 589, 590, 734])
def test_names_on_a_map_stand_beside_their_own_points(client: FlaskClient, width: int) -> None:
    """At every width a name is whole, free of others, and nearer to no point than to its own."""
    rows = " ".join(
        f'("{name}" "POINT({x} {y})"^^geo:wktLiteral)' for name, (x, y) in CITIES.items()
    )
    query = PREFIX + "SELECT ?name ?where { VALUES (?name ?where) { " + rows + " } }"
    picture = figure(page_of(client, query, chart="map"))
    points = {
        circle.findtext("title"): (
            float(circle.get("cx", "")[:-1]) * width / 100,
            float(circle.get("cy", "")[:-1]) * width * SHAPE / 100,
        )
        for circle in picture.findall(".//circle")
    }
    band = sum(begin <= width for begin in BANDS) - 1
    shown = [each for each in picture.findall(".//text") if f"w{band}" in each.get("class", "")]
    boxes = {}
    for text in shown:
        lines = [line.strip() for line in text.itertext()]
        name = " ".join(lines)
        long = max(map(len, lines)) * 7.2
        x, y = points[name]
        x += (
            float(text.get("dx", ""))
            - {"start": 0, "middle": long / 2, "end": long}[text.get("text-anchor", "")]
        )
        y += float(text.get("dy", ""))
        boxes[name] = (x, y - 10, x + long, y + 3 + 14 * (len(lines) - 1))
    assert len(boxes) == len(shown) > 4

    for name, box in boxes.items():
        assert box[0] > 0
        assert box[1] > 0
        assert box[2] < width
        assert box[3] < width * SHAPE
        own = _away(box, points[name])
        for other, place in points.items():
            assert other == name or _away(box, place) > own, f"{name} stands at {other}"
        for other, taken in boxes.items():
            is_apart = box[2] <= taken[0] or taken[2] <= box[0] or box[3] <= taken[1]
            assert other == name or is_apart or taken[3] <= box[1], f"{name} is on {other}"


def test_map_without_coasts_has_a_grid(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the land was not built a map has its points and a grid, and no coasts."""
    monkeypatch.setattr(client.application, "static_folder", str(tmp_path))
    bare = figure(page_of(client, POINTS, chart="map"))
    (tmp_path / "land").mkdir()
    square = "[[2000,5000,3000,5000,3000,5600,2000,5600]]"
    (tmp_path / "land" / "20_50.json").write_text(square, encoding="utf-8")
    full = figure(page_of(client, POINTS, chart="map"))

    assert attributes(bare, ".//path[@class='land']", "d") == [""]
    assert attributes(bare, ".//path[@class='grid']", "d") != [""]
    assert "Natural Earth" not in "".join(bare.itertext())
    assert attributes(full, ".//path[@class='land']", "d") != [""]
    # The other edges lie on borders of tiles.
    assert attributes(full, ".//path[@class='coast']", "d")[0].count("L") == 1
    assert "Natural Earth" in "".join(full.itertext())


@pytest.mark.parametrize("parameters", [("bar", COUNTS), ("line", YEARS), ("map", POINTS)])
def test_pictures_need_no_inline_style_or_script(
    client: FlaskClient, parameters: tuple[str, str]
) -> None:
    """A picture stands with any Content-Security-Policy, and has a table beside it and words."""
    kind, query = parameters
    page = page_of(client, query, chart=kind)
    picture = figure(page)

    assert not any({"style", "onclick"} & set(element.attrib) for element in picture.iter())
    assert not list(picture.iter("script"))
    assert '<table class="records answer">' in page
    assert picture.find(".//svg[@role='img']/title") is not None or picture.find("ul") is not None


# Names in tables


def test_things_are_named_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """A table has the reader's name of a thing beside the prefixed name, linked to its page."""
    reader = {**BROWSER, "Accept-Language": "lt, en;q=0.5"}
    lithuanian = client.get(query_path(NAMED), headers=reader).text
    english = client.get(query_path(NAMED), headers={**BROWSER, "Accept-Language": "en-GB"})

    assert '<span lang="lt">ąžuolas</span></a> <code class="short">thing:a</code>' in re.sub(
        r">\s+<", "> <", lithuanian.replace("</a>\n", "</a>")
    )
    assert 'href="/doc/a"' in lithuanian
    assert '<span lang="en">oak</span>' in english.text
    assert "Accept-Language" in english.headers["Vary"]


# Saved queries


def test_saved_query_shows_its_chart(client: FlaskClient) -> None:
    """The page of a saved query has the picture of its header above the table."""
    page = client.get("/queries/sizes.html", headers=BROWSER).text
    widths = attributes(figure(page), ".//rect[@class='bar']", "width")

    assert widths == ["100.0%", "33.33%"]
    assert page.index("<figure") < page.index("<table")
    form = client.get("/sparql?example=sizes", headers=BROWSER).text
    assert '<input type="hidden" name="chart" value="bar">' in form


def test_header_of_a_chart_is_read() -> None:
    """Kind and columns are read; wrong ones are told with their lines."""
    query, problems = read("queries/a.rq", "#+ chart: map\n#+ x: city\nSELECT * {}")
    assert (query.chart, problems) == (Chart(ChartKind.MAP, x="city"), ())

    for header, line in (
        ("#+ chart: pie", 1),
        ("#+ summary: a\n#+ x: city", 2),
        ("#+ chart: bar\n#+ y: two words", 2),
    ):
        query, problems = read("queries/a.rq", f"{header}\nSELECT * {{}}")
        assert [problem.line for problem in problems] == [line], header


def test_chart_of_a_column_that_is_not_there_is_found(tmp_path: Path) -> None:
    """A chart names a column of the query, and the query gives rows; else the line is told."""
    report = check_site(
        tmp_path,
        {
            "data/a.ttl": "<id/a> <ns#size> 3 .",
            "queries/a.rq": "#+ chart: bar\n#+ x: name\n#+ y: size\nSELECT ?size { ?s ?p ?size }",
            "queries/b.rq": "#+ chart: bar\nASK { ?s ?p ?o }",
        },
    )
    found = [(each.file, each.line) for each in of_rule(report.findings, "query-chart")]

    assert found == [("queries/a.rq", 2), ("queries/b.rq", 1)]


def test_docs_name_every_kind_and_part() -> None:
    """docs/queries.md has every kind of chart and every part of one."""
    text = (ROOT / "docs/queries.md").read_text(encoding="utf-8")

    for name in (*PARTS, *(kind.value for kind in ChartKind)):
        assert f"`{name}`" in text, name


# Scales and values


def ticks_of(page: str) -> list[str | None]:
    """Read the numbers of the axis of values."""
    return [text.text for text in figure(page).findall(".//svg/text[@text-anchor='end']")]


def test_line_that_hides_the_others_makes_the_scale_logarithmic(client: FlaskClient) -> None:
    """With one line far above, equal steps multiply, and the picture says so; else they add."""
    values = "".join(
        f'("{name}" "{year}"^^xsd:gYear {size})'
        for name, size in (("A", 5_000_000), ("B", 500_000), ("C", 200_000))
        for year in (2000, 2004)
    )
    query = PREFIX + "SELECT ?who ?year ?size { VALUES (?who ?year ?size) { %s } }"
    far = page_of(client, query % values, chart="line")
    near = page_of(client, query % values.replace("5000000", "700000"), chart="line")

    picture = figure(far)
    assert ticks_of(far) == ["200K", "500K", "1M", "2M", "5M"]
    german = page_of(client, query % values, chart="line", lang="de")
    assert ticks_of(german) == ["200.000", "500.000", "1\xa0Mio.", "2\xa0Mio.", "5\xa0Mio."]
    assert attributes(picture, ".//circle", "cy")[-1] == "88.0%"
    assert "logarithmic scale" in far
    assert "logarithmic scale" not in near
    assert multiplied_steps(3, 40) == [2, 5, 10, 20, 50]


def test_steps_are_round_and_cover_the_range() -> None:
    """Steps are 1, 2 or 5 of a power of ten; whole and monthly ones stay inside."""
    assert round_steps(0, 83) == [0, 20, 40, 60, 80, 100]
    assert round_steps(-3, 4) == [-4, -2, 0, 2, 4]
    assert whole_steps(2000, 2003) == [2000, 2001, 2002, 2003]
    assert [said_month(each) for each in month_steps(2007.4, 2007.9)] == [
        "Jun 2007",
        "Jul 2007",
        "Aug 2007",
        "Sept 2007",
        "Oct 2007",
        "Nov 2007",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (0.25, "0.25"), (2.5, "2.5"), (1396.126, "1,396.13"), (0, "0")],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    """Numbers have separators and no more digits than they need."""
    assert said(value) == text


def literal(text: str, datatype: str) -> Term:
    """Make a literal."""
    return ox.Literal(text, datatype=ox.NamedNode(datatype))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("POINT(25.28 54.69)", (25.28, 54.69)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (25.28 54.69)", (25.28, 54.69)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(54.69 25.28)", (25.28, 54.69)),
        ("POINT Z(25.28 54.69 112)", (25.28, 54.69)),
        ("<http://www.opengis.net/def/crs/EPSG/0/3857> POINT(2814000 7300000)", None),
        ("POINT(200 54)", None),
        ("POINT EMPTY", None),
        ("LINESTRING(1 2, 3 4)", None),
    ],
)
def test_points_are_read_in_the_order_of_their_system(
    text: str, found: tuple[float, float] | None
) -> None:
    """A point is longitude and latitude; EPSG's 4326 has them the other way (GeoSPARQL 8.5.1)."""
    assert point(literal(text, WKT)) == found


def test_days_are_parts_of_years() -> None:
    """Years, months and days lie in their order; what is no day is no time."""
    xsd = "http://www.w3.org/2001/XMLSchema#"

    assert time(literal("2007", xsd + "gYear")) == 2007
    assert time(literal("2007-07-02", xsd + "date")) == pytest.approx(2007.5, abs=0.01)
    assert time(literal("2007-07", xsd + "string")) == pytest.approx(2007.5, abs=0.01)
    assert time(literal("2007-13-01", xsd + "date")) is None
    assert time(literal("20", xsd + "integer")) is None
