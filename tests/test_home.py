"""The home page: sections a site chooses, what it shows by itself, and the way to RDF."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.errors import DataNotValid, SettingsError
from metropole.formats import GRAPH_FORMATS
from metropole.settings import load
from processes import run
from web_site import BASE, ONTOLOGY, client_of, write_site

PREFIXES = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = (
    PREFIXES
    + "".join(
        f'<id/e/{day}> a schema:Event ; rdfs:label "On {day}"@en , "Diena {day}"@lt ; '
        f'schema:startDate "{day}"^^xsd:date ; schema:location <id/town/a> .\n'
        for day in ("2001-05-01", "2007-10-09", "2020-09-13", "2031-01-02", "2030-01-01")
    )
    + '<id/e/never> a schema:Event ; rdfs:label "Never" .\n'
    + "".join(
        f'<id/town/{name[0].lower()}> a <ns#Town> ; rdfs:label "{name}"@en ; '
        f'geo:asWKT "POINT({point})"^^geo:wktLiteral .\n'
        for name, point in (("Alpha", "25 54"), ("Beta", "24 56"))
    )
)
TERMS = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<ns#Town> a <http://www.w3.org/2002/07/owl#Class> ; rdfs:label "town"@en, "miestas"@lt ;
  rdfs:comment "A town."@en .
"""
QUERIES = {
    "queries/events.rq": """\
#+ summary: What happened when?
PREFIX schema: <https://schema.org/>
SELECT ?event ?begin ?place WHERE {
  ?event a schema:Event . OPTIONAL { ?event schema:startDate ?begin ; schema:location ?place } }
ORDER BY ?event
""",
    "queries/towns.rq": """\
#+ summary: Where are the towns?
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?town ?point WHERE { ?town a <ns#Town> ; geo:asWKT ?point } ORDER BY ?town
""",
    "queries/counts.rq": """\
#+ summary: How many?
#+ chart: bar
SELECT ?class (COUNT(?thing) AS ?number) WHERE {
  VALUES ?class { <ns#Town> <https://schema.org/Event> } ?thing a ?class }
GROUP BY ?class ORDER BY ?class
""",
    "queries/totals.rq": """\
#+ summary: All in all?
SELECT (COUNT(DISTINCT ?thing) AS ?thingsNamed) WHERE {
  ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?label }
""",
    "queries/yes.rq": "#+ summary: Is it?\nASK { ?a ?b ?c }\n",
}
SECTIONS = """
[[home.sections]]
query = "counts"
kind = "numbers"
[[home.sections]]
query = "totals"
kind = "numbers"
[[home.sections]]
query = "events"
kind = "events"
rows = 2
[home.sections.title]
en = "What goes on"
lt = "Kas vyksta"
[[home.sections]]
query = "events"
rows = 3
[[home.sections]]
query = "towns"
kind = "map"
[[home.sections]]
query = "counts"
kind = "chart"
"""
RELEASED = 1_600_000_000  # 2020-09-13


@contextmanager
def portal(root: Path, more: str = SECTIONS, **files: str) -> Iterator[FlaskClient]:
    """Serve a site with days, places and saved queries."""
    written = {"data/a.ttl": DATA, "ontology/more.ttl": TERMS, **QUERIES, **files}
    folder = write_site(root, written)
    with (folder / "metropole.toml").open("a", encoding="utf-8") as settings:
        settings.write(more)
    with client_of(folder) as client:
        yield client


def page_of(client: FlaskClient, path: str = "/") -> str:
    """Get the home page as a browser does."""
    response = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200, response.text
    return response.text


def parts(page: str) -> list[str]:
    """Cut a home page into its sections."""
    return re.findall(r'<section class="part .*?</section>', page, re.DOTALL)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve a site that chose sections."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(RELEASED))
        with portal(tmp_path_factory.mktemp("home")) as client:
            yield client


def test_sections_come_in_their_order(client: FlaskClient) -> None:
    """Each section has its title in the reader's language, else the question it answers."""
    english, lithuanian = page_of(client), page_of(client, "/?lang=lt")

    assert re.findall(r'<h2 id="part-\d"><span.*?>(.*?)</span>', english) == [
        "How many?",
        "All in all?",
        "What goes on",
        "What happened when?",
        "Where are the towns?",
        "How many?",
    ]
    assert '<span lang="lt">Kas vyksta</span>' in lithuanian
    assert "Diena 2007-10-09" in lithuanian


def test_the_citation_ends_with_one_full_stop(client: FlaskClient) -> None:
    """A Lithuanian date ends with a full stop itself; an English one does not."""
    for language, end in (("en", "2020."), ("lt", " d.")):
        found = re.search(r'class="cite">(.*?)<a', page_of(client, f"/?lang={language}"), re.DOTALL)
        assert found is not None
        assert found[1].rstrip().endswith(end)
        assert not found[1].rstrip().endswith("..")


def test_events_are_parted_at_the_day_of_the_release(client: FlaskClient) -> None:
    """What is on or after that day is to come, next first; the rest is past, latest first."""
    section = parts(page_of(client))[2]
    coming, past = section.split("<h3>Past</h3>")

    assert re.findall(r">On ([\d-]+)<", coming) == ["2020-09-13", "2030-01-01"]
    assert re.findall(r">On ([\d-]+)<", past) == ["2007-10-09", "2001-05-01"]
    assert "2 more" in past
    assert 'href="/browse/Event"' in past


def test_release_without_a_day_has_no_coming_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody knows when a release was made, nothing is said to come."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with portal(tmp_path) as client:
        page = page_of(client)

    assert "<h3>Coming</h3>" not in page
    assert re.findall(r">On ([\d-]+)<", parts(page)[2]) == ["2031-01-02", "2030-01-01"]


def test_statements_are_those_of_the_files(client: FlaskClient) -> None:
    """The number that stands beside the source files leaves out what no file says."""
    files = (DATA, TERMS, ONTOLOGY)
    said = sum(
        len(list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE))) for text in files
    )

    assert f"{said} statements from 3 source files" in page_of(client)


def test_list_shows_as_many_rows_as_it_says(client: FlaskClient) -> None:
    """A list has so many rows of its answer, each with its day and what else is said."""
    section = parts(page_of(client))[3]

    assert section.count("<li>") == 3
    assert '<time datetime="2001-05-01">1 May 2001</time>' in section
    assert '<a href="/doc/town/a"><span lang="en">Alpha</span></a>' in section
    assert "3 more" in section


def test_numbers_lead_to_their_lists(client: FlaskClient) -> None:
    """A number of a class leads to the list of its members; one of a row alone has its name."""
    counts, totals = parts(page_of(client))[:2]

    listed = r'<a href="([^"]+)"><span[^>]*>(\w+)</span> <strong>(\d+)</strong>'
    assert re.findall(listed, counts) == [
        ("/browse/Event", "Event", "6"),
        ("/browse/Town", "town", "2"),
    ]
    assert re.search(r"<span[^>]*>things named</span> <strong>\d+</strong>", totals)


def test_maps_and_charts_are_drawn(client: FlaskClient) -> None:
    """A map needs no header of its own; a chart is that of the header of its query."""
    town_map, bars = parts(page_of(client))[4:]

    assert town_map.count('<circle class="place') == 2
    assert bars.count('<rect class="bar"') == 2


def test_release_says_what_its_home_shows(tmp_path: Path) -> None:
    """Other sections are another release, with the answers they need."""
    with portal(tmp_path) as client:
        first = client.get("/-/ready").get_json()["release"]
    toml = tmp_path / "metropole.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("rows = 3", "rows = 4"), "utf-8")

    outcome = publish.build(load(tmp_path))

    assert outcome.is_new
    assert outcome.release.id != first
    assert outcome.release.manifest.content.home[3].rows == 4
    assert (outcome.release.folder / "answers/towns.tsv").is_file()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('query = "event"', "There is no saved query 'event'"),
        ('query = "yes"', "gives none"),
        ('query = "towns"\nkind = "chart"', "towns has no chart"),
    ],
)
def test_section_that_cannot_be_shown_blocks(tmp_path: Path, section: str, message: str) -> None:
    """A section is held against the saved queries before anything is released."""
    written: list[str] = []
    folder = write_site(tmp_path, {"data/a.ttl": DATA, "ontology/more.ttl": TERMS, **QUERIES})
    with (folder / "metropole.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"[[home.sections]]\n{section}\n")

    with pytest.raises(DataNotValid):
        publish.build(
            load(folder),
            on_report=lambda report, _: written.extend(
                f"{each.position}: {each.message} [{each.rule}]" for each in report.findings
            ),
        )

    assert len(written) == 1
    assert written[0].startswith("metropole.toml: ")
    assert message in written[0]
    assert written[0].endswith("[home-query]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[home]\nsections = ["events"]', "must be tables, each begun with [[home.sections]]"),
        ("[[home.sections]]\nkind = 'list'", "home.sections 1: missing setting 'query'"),
        (
            "[[home.sections]]\nquery = 'a'\nkind = 'cloud'",
            "home.sections 1: 'kind' is 'cloud', which is none of list, events, map, chart",
        ),
        ("[[home.sections]]\nquery = 'a'\nrows = 0", "'rows' must be a whole number from 1 to 100"),
        ("[[home.sections]]\nquery = 'a'\nrow = 1", "Did you mean 'rows'?"),
        ("[home]\nsection = 1", "unknown setting 'home.section'"),
    ],
)
def test_wrong_sections_are_told(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong in a section is told with its place in the list."""
    folder = write_site(tmp_path, {})
    with (folder / "metropole.toml").open("a", encoding="utf-8") as settings:
        settings.write(text)

    with pytest.raises(SettingsError) as caught:
        load(folder)

    assert message in str(caught.value)


def test_site_without_sections_shows_its_newest_and_a_map(tmp_path: Path) -> None:
    """Classes with days and places are enough for a home: newest things, a map, all classes."""
    with portal(tmp_path, more="") as client:
        page = page_of(client)
    newest, town_map = parts(page)

    assert re.findall(r">On ([\d-]+)<", newest)[:2] == ["2031-01-02", "2030-01-01"]
    assert town_map.count('<circle class="place') == 2
    assert 'href="/browse/Town"' in page
    assert re.search(r"Alpha</span></a>,\s+<a[^>]*><span[^>]*>Beta", page)


def test_site_with_names_only_has_a_home(tmp_path: Path) -> None:
    """Without days, places and queries the classes are there, and how to use the graph."""
    files = {"data/a.ttl": PREFIXES + '<id/a> a <ns#Thing> ; rdfs:label "A" .\n'}
    with client_of(write_site(tmp_path, files)) as client:
        page = page_of(client)

    assert parts(page) == []
    assert 'href="/browse/Thing"' in page
    assert "dumps/latest/dataset.ttl" in page


def test_home_says_what_is_new(tmp_path: Path) -> None:
    """What came with a release is named, with the way to all changes."""
    with portal(tmp_path) as client:
        assert "New in this release" not in page_of(client)
    more = PREFIXES + '<id/town/c> a <ns#Town> ; rdfs:label "Gamma"@en .\n'
    (tmp_path / "data/more.ttl").write_text(more, encoding="utf-8")
    with client_of(tmp_path) as client:
        page = page_of(client)
        tag = client.get("/", headers={"Accept": "text/html"}).headers["ETag"]
        release = client.get("/-/ready").get_json()["release"]

    new = page[page.index('<section class="new"') :]
    assert "1 thing came" in new
    assert '<a href="/doc/town/c"><span lang="en">Gamma</span></a>' in new
    assert tag.startswith(f'"{release}-home-')


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
def test_rdf_is_found_from_the_home(client: FlaskClient, syntax: "object") -> None:
    """Who asks for RDF is led to the description of the graph (303), which has that format."""
    accept = {"Accept": syntax.media_type}  # type: ignore[attr-defined]
    led = client.get("/", headers=accept)

    assert led.status_code == 303
    assert {"Accept", "Accept-Language"} <= {
        each.strip() for each in led.headers["Vary"].split(",")
    }
    found = client.get(led.headers["Location"], headers=accept)
    assert found.status_code == 200
    assert found.mimetype == syntax.media_type  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("text/html", 200), ("application/xhtml+xml", 200), ("image/png", 406)],
)
def test_home_is_a_page_for_the_rest(client: FlaskClient, accept: str, status: int) -> None:
    """Anything that accepts HTML gets the page, with links to VoID and the catalogue."""
    response = client.get("/", headers={"Accept": accept})

    assert response.status_code == status
    if status == 200:
        links = " ".join(response.headers.getlist("Link"))
        assert '</.well-known/void>; rel="describedby"' in links
        assert '</catalog>; rel="describedby"' in links
    else:
        assert "text/turtle" in response.get_json()["detail"]


MAPS = {
    "map of a query that draws none": ('query = "counts"\nkind = "map"', "counts"),
    "chart that is a map": ('query = "drawn"\nkind = "chart"', "drawn"),
    "points among other things": ('query = "mixed"\nkind = "map"', "mixed"),
}
DRAWN = {
    "queries/drawn.rq": "#+ summary: Where?\n#+ chart: map\n#+ may-be-empty: yes\n"
    "SELECT ?town ?where WHERE { ?town <id/nothing> ?where }\n",
    "queries/mixed.rq": "#+ summary: All that is said?\nSELECT ?s ?o WHERE { ?s ?p ?o }\n",
}


@pytest.mark.parametrize("case", MAPS)
def test_map_without_a_place_is_told(tmp_path: Path, case: str) -> None:
    """Who asks for a map of a query without points is told so by `check`, and by `build`."""
    section, query = MAPS[case]
    written = {"data/a.ttl": DATA, "ontology/more.ttl": TERMS, **QUERIES, **DRAWN}
    folder = write_site(tmp_path, written)
    with (folder / "metropole.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"{SECTIONS}[[home.sections]]\n{section}\n")

    graph, report = publish.check(load(folder))
    (told,) = publish.empty_maps(graph)

    assert not report.blocks(strict=False)
    assert (told.rule, told.position) == ("home-map-empty", "metropole.toml")
    assert f"over '{query}' shows no place" in told.message
    assert "POINT(" in told.remedy
    if case == "chart that is a map":
        outcome = publish.build(load(folder))
        assert told in outcome.findings
        with pytest.raises(DataNotValid, match="home-map-empty"):
            publish.build(load(folder), strict=True)


def test_check_tells_a_map_without_a_place(tmp_path: Path) -> None:
    """`metropole check` has the finding in its report, and `--strict` blocks by it."""
    folder = write_site(tmp_path, {"data/a.ttl": DATA, "ontology/more.ttl": TERMS, **QUERIES})
    with (folder / "metropole.toml").open("a", encoding="utf-8") as settings:
        settings.write('[[home.sections]]\nquery = "counts"\nkind = "map"\n')

    told = run("check", folder, "--strict")

    assert told.exit_code == 1
    assert "[home-map-empty]" in told.output
