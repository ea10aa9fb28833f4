"""Lists of the members of classes: their order, pages, facets, and what is drawn of them.

The expected members, orders and counts are worked out from the files by rdflib, or written down.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import rdflib
from flask.testing import FlaskClient

from metropole.release.lists import FILE
from metropole.release.lists.collating import Collation
from metropole.release.lists.members import bits_of, chosen, read, written
from web_site import BASE, client_of, write_site

LANDS = ("north", "south", "east", "west")
#: More than two pages, and a set that is written as bits beside one written as numbers.
TOWNS = 130
PREFIXES = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <https://schema.org/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix void: <http://rdfs.org/ns/void#> .
"""
EVENTS = """\
<id/e/old> a schema:Event ; rdfs:label "Old" ; schema:startDate "1999-05-01"^^xsd:date .
<id/e/mid> a schema:Event ; rdfs:label "Mid" ; schema:startDate "2007-10-09"^^xsd:date ;
  schema:location <id/town/1> .
<id/e/mid2> a schema:Event ; rdfs:label "Mid two" ; schema:startDate "2007"^^xsd:gYear ;
  schema:location <id/town/1> .
<id/e/new> a schema:Event ; rdfs:label "New" ; schema:startDate "2011-01-02"^^xsd:date ;
  schema:location <id/town/2> .
<id/e/never> a schema:Event ; rdfs:label "Never" .
"""
FIGURES = "".join(
    f'<id/f/{name}> a <ns#Figure> ; rdfs:label "{label}" ; '
    f"schema:observationAbout <id/town/{town}> ; "
    f"schema:variableMeasured <id/v/{variable}> ; schema:unitCode "
    f"<http://qudt.org/vocab/unit/{unit}> ;"
    f" {value} .\n"
    for name, label, town, variable, unit, value in (
        ("a", "a", 1, "people", "KiloM2", "schema:value 500"),
        ("b", "b", 1, "people", "KiloM2", "schema:value 540"),
        ("c", "c", 2, "people", "KiloM2", "schema:minValue 400"),
        ("d", "d", 2, "people", "PERCENT", "schema:value 3"),
        ("e", "e", 2, "area", "KiloM2", "schema:value 7"),
    )
)
MORE = """\
<id/d/1> a schema:Dataset ; rdfs:label "one" .
<id/d/2> a void:Dataset ; rdfs:label "two" .
<id/x> a <ns#Odd> ; rdfs:label "<b>bold</b> & \\"so\\"" ; rdfs:seeAlso <javascript:alert(1)> .
<id/n/1> a <ns#Nameless> . <id/n/2> a <ns#Nameless> .
"""


def town(number: int) -> str:
    """Write a town: its land goes round, one in ten has a wall, all have a place."""
    wall = " ; <ns#wall> true" if number % 10 == 0 else " ; <ns#wall> false"
    return (
        f'<id/town/{number}> a <ns#Town> ; rdfs:label "Town {number}"@en, '
        f'"Miestas {TOWNS - number:03}"@lt ; <ns#land> <id/land/{LANDS[number % 4]}> ; '
        f"<ns#people> {number * 7}{wall} ; dct:isPartOf <id/realm> ; "
        f'geo:asWKT "POINT({number % 50} {number % 40})"^^geo:wktLiteral .\n'
    )


DATA = (
    PREFIXES
    + "".join(town(number) for number in range(TOWNS))
    + "".join(f'<id/land/{land}> rdfs:label "The {land}"@en .\n' for land in LANDS)
    + EVENTS
    + FIGURES
    + MORE
    + '<id/realm> rdfs:label "The realm of all"@en . <id/town/0> dct:isPartOf <id/land/east> .\n'
)
#: What one file says of a town another says again: a list must not count it twice.
AGAIN = "<id/town/0> <ns#land> <id/land/north> .\n"
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<shapes#Town> a sh:NodeShape ; sh:targetClass <ns#Town> ;
  sh:property [ sh:path <https://schema.org/location> ; sh:name "wrong"@en ] ,
    [ sh:path <ns#wall> ; sh:name "walled"@en, "su siena"@lt ] .
<shapes#Event> a sh:NodeShape ; sh:targetClass <https://schema.org/Event> ;
  sh:property [ sh:path <https://schema.org/location> ; sh:name "place"@en, "vieta"@lt ] .
"""
TERMS = "".join(
    f"<ns#{name}> a <http://www.w3.org/2002/07/owl#{kind}> ; "
    f'<http://www.w3.org/2000/01/rdf-schema#comment> "c"@en .\n'
    for name, kind in (
        *((name, "Class") for name in ("Town", "Figure", "Odd", "Nameless")),
        *(("land", "ObjectProperty"), ("people", "DatatypeProperty"), ("wall", "DatatypeProperty")),
    )
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a site with a list of more than one page."""
    files = {"data/all.ttl": DATA, "data/again.ttl": AGAIN, "shapes/s.ttl": SHAPES}
    return write_site(tmp_path_factory.mktemp("lists"), files | {"ontology/more.ttl": TERMS})


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[FlaskClient]:
    """Serve it."""
    with client_of(site) as client:
        yield client


class Page(HTMLParser):
    """The links of a page, each with its relation, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes of a link."""
        if tag in ("a", "link"):
            self.links.append({name: value or "" for name, value in attrs})

    def related(self, relation: str) -> list[str]:
        """Give the addresses with a relation."""
        return [link["href"] for link in self.links if relation in link.get("rel", "").split()]


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    """Get a list as JSON."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def iris(found: dict[str, Any]) -> list[str]:
    """Give the members of a page without the base."""
    return [item["iri"].removeprefix(BASE + "id/") for item in found["items"]]


def facet(found: dict[str, Any], name: str) -> dict[str, int]:
    """Give the counts of a facet by value."""
    (named,) = [each for each in found["facets"] if each["name"] == name]
    return {value["value"]: value["count"] for value in named["values"]}


def test_all_classes_are_listed(client: FlaskClient) -> None:
    """/browse/ has each class of things with its number of members, as rdflib counts them."""
    graph = rdflib.Graph().parse(data=DATA, format="turtle", publicID=BASE)
    counted = Counter(
        str(kind)
        for thing, kind in set(graph.subject_objects(rdflib.RDF.type))
        if str(thing).startswith(BASE + "id/")
    )
    listed = {
        each["class"]: each["members"] for each in told(client, "/browse/index.json")["classes"]
    }

    assert {iri: listed.get(iri) for iri in counted} == counted
    page = client.get("/browse/", headers={"Accept": "text/html"})
    assert 'href="/browse/Town"' in page.text


def test_nameless_classes_stand_apart(client: FlaskClient) -> None:
    """A class whose members have no names is listed behind those for people."""
    page = client.get("/browse/", headers={"Accept": "text/html"}).text

    assert page.index("/browse/Town") < page.index("What holds it together")
    assert page.index("What holds it together") < page.index("/browse/Nameless")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Town", 200),
        ("schema:Event", 200),
        ("Event", 200),
        ("schema:Dataset", 200),
        ("Dataset", 300),
        (quote(BASE + "ns#Town", safe=""), 200),
        ("town", 404),
        ("nothing:Town", 404),
        ("../Town", 404),
        ("", 200),
    ],
)
def test_classes_are_named_by_their_last_part(client: FlaskClient, name: str, status: int) -> None:
    """A class is found by local name, prefixed name or IRI; two of one name are offered (300)."""
    response = client.get(f"/browse/{name}", headers={"Accept": "text/html"})

    assert response.status_code == status
    if status == 300:
        assert {link["href"] for link in Page(response.text).links} >= {
            "/browse/schema:Dataset",
            "/browse/void:Dataset",
        }


def test_pages_have_every_member_once(client: FlaskClient) -> None:
    """Following next from the first page leads through all members, in the order of names."""
    path, seen = "/browse/Town.json", []
    while path:
        found = told(client, path)
        seen += iris(found)
        path = str(found.get("next", ""))

    assert seen == [f"town/{number}" for number in range(TOWNS)]
    assert told(client, "/browse/Town.json?page=3").get("prev") == "/browse/Town.json?page=2"


def test_pages_lead_on_and_back(client: FlaskClient) -> None:
    """A page in the middle has links to the next and the one before, in head, body and header."""
    response = client.get("/browse/Town?page=2", headers={"Accept": "text/html"})
    page = Page(response.text)

    assert set(page.related("next")) == {"/browse/Town?page=3"}
    assert set(page.related("prev")) == {"/browse/Town"}
    assert '</browse/Town?page=3>; rel="next"' in response.headers.getlist("Link")


@pytest.mark.parametrize("page", ["4", "999999999", "99999999999999999999"])
def test_page_behind_the_last_is_absent(client: FlaskClient, page: str) -> None:
    """A page behind the last one is 404 and says how many there are."""
    response = client.get(f"/browse/Town?page={page}")

    assert response.status_code == 404
    assert "last page is 3" in response.get_json()["detail"]


def test_order_is_that_of_the_readers_language(client: FlaskClient) -> None:
    """Members are called and ordered as in the language of the page."""
    english = told(client, "/browse/Town.json?lang=en")
    lithuanian = told(client, "/browse/Town.json?lang=lt")

    assert iris(english)[:2] == ["town/0", "town/1"]
    assert iris(lithuanian)[:2] == [f"town/{TOWNS - 1}", f"town/{TOWNS - 2}"]
    assert lithuanian["items"][0]["label"] == {"text": "Miestas 001", "language": "lt"}


def test_counts_of_facets_are_those_of_the_data(client: FlaskClient) -> None:
    """Without a filter each value has the number of members that the data give it."""
    found = told(client, "/browse/Town.json")
    # Town 0 is said to be in the north by two files.
    lands = Counter(f"land/{LANDS[number % 4]}" for number in range(TOWNS))

    assert facet(found, "land") == lands
    assert facet(found, "wall") == {"false": 117, "true": 13}
    assert "people" not in [each["name"] for each in found["facets"]]


def test_what_all_members_share_is_not_repeated(client: FlaskClient) -> None:
    """A value that every member has parts nothing: it is no filter, and stands beside no name."""
    page = client.get("/browse/Town", headers={"Accept": "text/html"}).text
    assert "Town 1" in page
    assert "The realm of all" not in page
    assert facet(told(client, "/browse/Town.json"), "isPartOf") == {"land/east": 1}


def test_classes_of_one_name_are_told_apart(client: FlaskClient) -> None:
    """Where two vocabularies have a class of the same name, each says whose it is."""
    page = client.get("/browse/", headers={"Accept": "text/html"}).text
    assert "Dataset (void:Dataset)" in page
    assert "Dataset (schema:Dataset)" in page


def test_filters_hold_together(client: FlaskClient) -> None:
    """Values of one facet widen, those of another narrow; counts are of what would be found."""
    both = told(client, "/browse/Town.json?land=land/north&land=land/east&wall=true")
    wanted = [n for n in range(TOWNS) if n % 4 in (0, 2) and n % 10 == 0]

    assert iris(both) == [f"town/{number}" for number in wanted]
    assert both["found"] == len(wanted)
    assert facet(both, "wall") == {
        "true": len(wanted),
        "false": sum(1 for n in range(TOWNS) if n % 4 in (0, 2) and n % 10),
    }
    by_land = Counter(f"land/{LANDS[n % 4]}" for n in range(0, TOWNS, 10))
    assert facet(both, "land") == by_land


def test_every_filter_leads_to_as_many_as_it_says(client: FlaskClient) -> None:
    """A value's link adds it to the list, whose number of members is the count beside it."""
    page = client.get("/browse/Town?wall=true", headers={"Accept": "text/html"}).text
    rows = re.findall(
        r'<a href="(/browse/Town\?wall=true&amp;land=[^"]+)".*?<span class="count-of">(\d+)</span>',
        page,
        re.DOTALL,
    )

    assert len(rows) == 2
    for address, count in rows:
        path = address.replace("&amp;", "&").replace("Town?", "Town.json?")
        assert told(client, path)["found"] == int(count)


def test_filters_can_be_taken_away(client: FlaskClient) -> None:
    """Each filter has a link without it, and one link leads to all members."""
    page = client.get(
        "/browse/Town?land=land/north&wall=true&page=1", headers={"Accept": "text/html"}
    ).text
    filters = Page(page[page.index('class="filters"') : page.index('class="browse')]).links

    assert [link["href"] for link in filters] == [
        "/browse/Town?land=land/north",
        "/browse/Town?wall=true",
        "/browse/Town",
    ]
    assert '<meta name="robots" content="noindex, follow">' in page


@pytest.mark.parametrize(
    "asked",
    ["colour=red", "land=land/up", "land=<script>", "sort=size", "page=0", "page=x", "all=z"],
)
def test_unknown_filter_is_left_out_and_told(client: FlaskClient, asked: str) -> None:
    """What is no facet or value of the list changes nothing, and the page says so, escaped."""
    name, _, value = asked.partition("=")
    path = f"/browse/Town.json?{name}={quote(value)}"
    page = client.get(path.replace(".json", ""), headers={"Accept": "text/html"}).text

    assert told(client, path)["found"] == TOWNS
    assert told(client, path)["unknown"] == [asked]
    assert asked.replace("<", "&lt;").replace(">", "&gt;") in page
    assert "<script>" not in page


def test_days_give_an_order_a_timeline_and_years(client: FlaskClient) -> None:
    """Things with days come newest first, by year; what has no day is last."""
    found = told(client, "/browse/Event.json")
    page = client.get("/browse/Event", headers={"Accept": "text/html"}).text

    assert iris(found) == ["e/new", "e/mid", "e/mid2", "e/old", "e/never"]
    assert iris(told(client, "/browse/Event.json?sort=oldest"))[0] == "e/old"
    assert iris(told(client, "/browse/Event.json?sort=name"))[0] == "e/mid"
    assert facet(found, "startDate") == {"1999": 1, "2007": 2, "2011": 1}
    assert re.findall(r'<h2 class="year-of">(.*?)</h2>', page) == [
        "2011",
        "2007",
        "1999",
        "without a day",
    ]
    assert page.count('<rect class="year"') == 3
    assert iris(told(client, "/browse/Event.json?startDate=2007&sort=name")) == ["e/mid", "e/mid2"]


def test_property_is_named_by_the_shape_of_the_class(client: FlaskClient) -> None:
    """A facet is called what the shape for this very class calls it, in the page's language."""
    page = client.get("/browse/Event?lang=lt", headers={"Accept": "text/html"}).text

    assert '<span lang="lt">vieta</span>' in page
    assert "wrong" not in page


def test_places_are_on_a_map(client: FlaskClient) -> None:
    """Things with places are drawn on a map, those that are filtered and no others."""
    page = client.get("/browse/Town?wall=true", headers={"Accept": "text/html"}).text

    assert 'class="picture maps"' in page
    # Some towns lie on one point, which is one place with the first of the names.
    points = {(n % 50, n % 40) for n in range(0, TOWNS, 10)}
    assert page.count('<circle class="place') >= len(points)
    assert "maps" not in client.get("/browse/Event", headers={"Accept": "text/html"}).text


def test_figures_stand_side_by_side(client: FlaskClient) -> None:
    """Figures of one variable are bars; a bound is open, and another unit is left out and told."""
    all_figures = client.get("/browse/Figure", headers={"Accept": "text/html"}).text
    people = client.get(
        "/browse/Figure?variableMeasured=v/people", headers={"Accept": "text/html"}
    ).text

    assert "Choose one variable" in all_figures
    assert "km²" in all_figures
    assert "KiloM2</" not in all_figures
    assert 'class="picture bars"' not in all_figures
    assert re.findall(
        r'<span class="said">(?:<span.*?</span>)?([^<]+)</span>\n? *</span>', people
    ) == [
        "500",
        "540",
        "≥ 400",
    ]
    assert "1 figure in another unit is left out." in people


def test_hostile_names_are_text(client: FlaskClient) -> None:
    """Markup in a name is shown as it is written, and no link leads to a script."""
    page = client.get("/browse/Odd", headers={"Accept": "text/html"}).text

    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &#34;so&#34;" in page
    assert "javascript:" not in page


def test_forms_are_negotiated(client: FlaskClient) -> None:
    """A browser gets a page, a program JSON; nothing else is there (406)."""
    page = client.get("/browse/Town", headers={"Accept": "text/html,*/*;q=0.5"})
    data = client.get("/browse/Town", headers={"Accept": "application/json"})
    none = client.get("/browse/Town", headers={"Accept": "image/png"})

    assert page.mimetype == "text/html"
    assert data.mimetype == "application/json"
    assert none.status_code == 406
    assert {"Accept", "Accept-Language"} <= {
        name.strip() for name in page.headers["Vary"].split(",")
    }
    again = client.get(
        "/browse/Town",
        headers={"If-None-Match": page.headers["ETag"], "Accept": "text/html,*/*;q=0.5"},
    )
    assert again.status_code == 304


def test_release_is_kept_in_links(client: FlaskClient, site: Path) -> None:
    """A list of a release that is asked for leads on within that release."""
    release = (site / "current").resolve().name
    found = told(client, f"/browse/Town.json?release={release}")

    assert str(found["next"]) == f"/browse/Town.json?page=2&release={release}"
    assert client.get("/browse/Town?release=0123456789abcdef").status_code == 404


def test_lost_lists_are_told(tmp_path: Path) -> None:
    """Without the file a list is 503 with what to do, not with where it lies on the machine."""
    files = {"data/all.ttl": PREFIXES + EVENTS}
    with client_of(write_site(tmp_path, files)) as client:
        (tmp_path / "current" / FILE).unlink()

        assert client.get("/browse/Event").status_code == 503
        detail = client.get("/browse/").get_json()["detail"]
        assert "metropole build" in detail
        assert detail.startswith("releases/")
        assert str(tmp_path) not in detail
        assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
        assert not (tmp_path / "current" / FILE).exists()


def test_file_is_the_same_from_the_same_input(tmp_path: Path) -> None:
    """Two builds of one site give the same bytes, whose sum is in the manifest."""
    bodies = []
    for name in ("one", "two"):
        folder = write_site(tmp_path / name, {"data/all.ttl": DATA, "ontology/more.ttl": TERMS})
        with client_of(folder):
            bodies.append((folder / "current" / FILE).read_bytes())
            manifest = (folder / "current" / "manifest.json").read_text(encoding="utf-8")
            assert f'"path": "{FILE}"' in manifest

    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("lt", "Cyk Čia Ignalina Yla Jonava Sz Šiauliai Zarasai Žagarė"),
        ("sv", "Arboga Lund Malmö Uppsala Zorn Åre Älv Östersund"),
        ("pl", "Lublin Lz Łódź Mława Zz Źródło Żory"),
        ("de", "Arzt Ärzte Azur Zug Zürich"),
        ("et", "Sx Šaa Zoo Žanr Tartu Valga Wien Õru Äksi Öö Ülo"),
        ("ru", "Ива Йод Кот"),
        ("xx", "Ärzte Azur Zürich"),
    ],
)
def test_names_stand_in_the_order_of_their_language(language: str, names: str) -> None:
    """Letters of a language's own have their place, accents are looked at last (CLDR)."""
    wanted = names.split()

    assert sorted(set(wanted), key=Collation(language).key) == wanted


def test_numbers_in_names_count() -> None:
    """Place 2 comes before Place 10, and a quotation mark has no part in the order."""
    wanted = ["“Alpha”", "Place 2", "Place 10"]

    assert sorted(set(wanted), key=Collation("en").key) == wanted


@pytest.mark.parametrize("count", [0, 1, 3, 40, 1000])
def test_sets_are_read_as_they_were_written(count: int) -> None:
    """A set comes back whether it is written as bits or as numbers, and is chosen from in order."""
    numbers = list(range(0, count * 3, 3))
    bits = read(written(numbers, 3001))

    assert bits == bits_of(numbers, 3001)
    assert chosen(range(3001), bits, start=2, wanted=5) == numbers[2:7]
    backwards = read(written(numbers, 3001))
    order = range(3000, -1, -1)
    assert chosen(order, backwards, start=0, wanted=3001) == numbers[::-1]
