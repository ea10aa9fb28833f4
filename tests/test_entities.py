"""Documents about things of this repository's site: one graph in all formats, and good pages."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from browsers import ROOT, TOOLS
from metropole.formats import GRAPH_FORMATS, N_TRIPLES, RDF_XML, TURTLE, GraphFormat
from web_site import client_of, graph_by_rdflib

BASE = "https://baltic.metropole.example/"
#: How many things are read in every format.
ENTITIES = 50
RDFLIB_NAMES = {
    "ttl": "turtle",
    "nt": "nt",
    "jsonld": "json-ld",
    "rdf": "xml",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve the data of this repository, laid out by its shapes, which were checked elsewhere."""
    root = tmp_path_factory.mktemp("baltic")
    for folder in ("data", "ontology"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "shapes").mkdir()
    for name in (path.name for path in (ROOT / "shapes").glob("*.ttl")):
        # No target is validated twice; pages read the shapes as they are.
        text = (ROOT / "shapes" / name).read_text()
        (root / "ontology" / f"shapes-{name}").write_text(text)
    settings = (ROOT / "metropole.toml").read_text().partition("[catalogue]")[0]
    (root / "metropole.toml").write_text(settings)
    with client_of(root) as served:
        yield served


@pytest.fixture(scope="module")
def things(client: FlaskClient) -> list[str]:
    """List things of as many classes as there are, as paths below the base."""
    serving = client.application.extensions["metropole"]
    store = serving.edition().store
    found: dict[str, None] = {}
    for kind in store.release.manifest.classes:
        members = (member.value for member in store.members(ox.NamedNode(kind)))
        own = [iri.removeprefix(BASE + "id/") for iri in members if iri.startswith(BASE + "id/")]
        found.update(dict.fromkeys(own[:2]))
    assert len(found) >= ENTITIES
    return ["city/vilnius", "city/st-petersburg", *found][:ENTITIES]


def canonical(quads: Iterator[ox.Quad] | ox.QuadParser) -> frozenset[str]:
    """Give the triples in canonical form (RDFC-1.0), without the names of their graphs."""
    found = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in found)


def parsed(body: bytes, syntax: GraphFormat) -> frozenset[str]:
    """Parse a document with pyoxigraph."""
    return canonical(ox.parse(body, format=syntax.syntax, base_iri=BASE))


Documents = dict[tuple[str, GraphFormat], bytes]


@pytest.fixture(scope="module")
def documents(client: FlaskClient, things: list[str]) -> Documents:
    """Get each thing in each format."""
    found = {}
    for thing in things:
        for syntax in GRAPH_FORMATS:
            response = client.get(f"/doc/{thing}.{syntax.extension}")
            assert response.status_code == 200, thing
            found[thing, syntax] = response.data
    return found


@pytest.fixture(scope="module")
def graphs(documents: Documents) -> dict[str, frozenset[str]]:
    """Give the graph of each thing, as its N-Triples say."""
    return {
        thing: parsed(body, syntax)
        for (thing, syntax), body in documents.items()
        if syntax is N_TRIPLES
    }


def test_oxigraph_reads_one_graph(documents: Documents, graphs: dict[str, frozenset[str]]) -> None:
    """All formats of a document are the same graph for pyoxigraph."""
    for (thing, syntax), body in documents.items():
        assert parsed(body, syntax) == graphs[thing], (thing, syntax.name)


def test_rdflib_reads_one_graph(documents: Documents, graphs: dict[str, frozenset[str]]) -> None:
    """Four formats are the same graph for rdflib; those of datasets it reads slowly."""
    for (thing, syntax), body in documents.items():
        if syntax.holds_named_graphs:
            continue
        read = graph_by_rdflib(body, RDFLIB_NAMES[syntax.extension])
        text = read.serialize(format="nt").encode()
        assert parsed(text, N_TRIPLES) == graphs[thing], (thing, syntax.name)


def test_rapper_reads_one_graph(
    documents: Documents, graphs: dict[str, frozenset[str]], tmp_path: Path
) -> None:
    """Turtle, N-Triples and RDF/XML of a document are the same graph for Raptor."""
    if not shutil.which("rapper"):
        pytest.skip("needs rapper (Debian: raptor2-utils)")
    for (thing, syntax), body in documents.items():
        if syntax not in (TURTLE, RDF_XML):
            continue
        path = tmp_path / f"one.{syntax.extension}"
        path.write_bytes(body)
        kind = "turtle" if syntax is TURTLE else "rdfxml"
        command = ["rapper", "-q", "-i", kind, "-o", "ntriples", str(path), BASE]
        told = subprocess.run(command, capture_output=True, check=True)
        assert parsed(told.stdout, N_TRIPLES) == graphs[thing], (thing, syntax.name)


def test_javascript_reads_one_graph(
    documents: Documents, graphs: dict[str, frozenset[str]], tmp_path: Path
) -> None:
    """All formats are the same graph for N3.js and the streaming parsers of JSON-LD and RDF/XML."""
    modules = TOOLS / "node_modules"
    wanted = ("n3", "jsonld-streaming-parser", "rdfxml-streaming-parser")
    if not shutil.which("node") or not all((modules / name).is_dir() for name in wanted):
        pytest.skip("needs Node and .tools, which 'scripts/install-test-tools' fills")
    files = dict[str, tuple[str, GraphFormat]]()
    for number, ((thing, syntax), body) in enumerate(documents.items()):
        path = tmp_path / f"{number}.{syntax.extension}"
        path.write_bytes(body)
        files[path.name] = (thing, syntax)

    script = Path(__file__).parent / "clients" / "parse.mjs"
    command = ["node", str(script), str(modules), BASE, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr

    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(lines) == len(files)
    for file, triples in lines:
        thing, syntax = files[file]
        assert parsed(triples.encode(), N_TRIPLES) == graphs[thing], (thing, syntax.name)


def test_json_ld_is_readable(client: FlaskClient) -> None:
    """Names by language, links as prefixed names and numbers as numbers; the context is inside."""
    document = client.get("/doc/figure/vilnius-population.jsonld").get_json(force=True)
    context, figure = document["@context"], document["@graph"][0]

    assert context["schema"] == "https://schema.org/"
    assert figure["@id"] == "figure:vilnius-population"
    assert figure["@type"] == "Figure"
    assert figure["prefLabel"]["lt"] == "Vilniaus gyventojų skaičius"
    assert figure["value"] == 550000
    assert figure["observationAbout"] == "city:vilnius"


def test_document_holds_what_a_thing_is_made_of(client: FlaskClient) -> None:
    """The Turtle of a city has its figures, their quotations and the words of these."""
    quads = ox.parse(client.get("/doc/city/vilnius.ttl").data, format=ox.RdfFormat.TURTLE)
    said = {(quad.subject, quad.predicate.value): quad.object for quad in quads}

    figure = ox.NamedNode(BASE + "id/figure/vilnius-population")
    assert (figure, "https://schema.org/value") in said
    words = [
        term.value
        for (_, predicate), term in said.items()
        if predicate == "http://www.w3.org/ns/oa#exact" and isinstance(term, ox.Literal)
    ]
    assert "about 550 000 inhabitants" in words


def page(client: FlaskClient, path: str, language: str = "en") -> str:
    """Get a page; what is between tags is set apart by one space."""
    response = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert response.status_code == 200
    return response.text


def seen(html: str) -> str:
    """Give the text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2]))


def test_city_is_a_profile(client: FlaskClient) -> None:
    """A city has its place on a map, its figures with exactness, unit, words and source."""
    html = page(client, "/doc/city/vilnius.html")
    text = seen(html)

    assert "picture maps" in html
    assert "picture lines" in html
    assert "about 550,000" in text
    assert "about 550 000 inhabitants" in text
    assert "394 km²" in text
    assert "more than 40 %" in text
    assert 'href="/doc/figure/vilnius-population.ttl"' in html
    assert 'href="/doc/source/inno-baltmet-243"' in html


def test_claims_that_differ_stand_side_by_side(client: FlaskClient) -> None:
    """Two numbers for the population of Berlin are both there, and it is said that they differ."""
    html = page(client, "/doc/city/berlin.html")
    (population,) = [
        part
        for part in html.split('<div class="same')[1:]
        if "resident population" in part[:400].lower()
    ]

    assert population.startswith(" differ several")
    assert {"3,426,354", "3,500,000"} <= set(re.findall(r"<strong>([\d,]+)", population))


def test_figures_are_in_the_order_of_their_variables(client: FlaskClient) -> None:
    """What people look for first comes first, in every language; shares follow what is counted."""
    for language in ("en", "lt"):
        page = client.get(f"/doc/city/vilnius.html?lang={language}").text
        figures = page.partition('id="figures"')[2]
        found = re.findall(r'<h3>\s*<a href="/doc/variable/([^"?]*)', figures)
        assert found[:3] == ["resident-population", "land-area", "population-density"], language
        assert found.index("university-students") < found.index("enterprises")


def test_note_stands_where_the_figure_is_shown(client: FlaskClient) -> None:
    """A city shows what the editors remark on a figure, and the page of the figure says it once."""
    note = "GeoNames gives no year and does not say whether the city or its urban area is meant"
    city = client.get("/doc/city/copenhagen.html").text
    figure = client.get("/doc/figure/copenhagen-population-geonames.html").text

    assert note in city.partition('class="remark"')[2].partition("</p>")[0]
    assert figure.partition("<script type")[0].count(note) == 1


def test_derived_figure_shows_its_formula(client: FlaskClient) -> None:
    """A computed figure tells how, from which, and for whose reasons."""
    text = seen(page(client, "/doc/figure/vilnius-population-density.html"))
    assert "population / area" in text
    assert "Population of Vilnius" in text

    text = seen(page(client, "/doc/event/wp3-conference.html"))
    assert "The source names day and month only" in text


def test_formula_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """Words of a formula are the reader's; one of numbers alone is the same for all."""
    assert "Einwohner / Fläche" in page(client, "/doc/figure/vilnius-population-density.html", "de")
    polish = page(client, "/doc/figure/vilnius-higher-education-institutions.html", "pl")
    assert "<code>10 + 7 + 1</code>" in polish


def test_texts_of_the_reader_come_first(client: FlaskClient) -> None:
    """Of names in five languages the reader's is the first, and a unit is a sign, not an IRI."""
    html = page(client, "/doc/figure/vilnius-population-density.html", "pl")
    (names,) = re.findall(r">nazwa</span>.*?</div>", html, re.DOTALL)
    assert re.findall(r'lang="(..)"', names)[0] == "pl"
    assert re.search(r"NUM-PER-KiloM2\"[^>]*><span>na km²", html)


def test_course_breaks_where_the_kind_of_figure_changes(client: FlaskClient) -> None:
    """Vilnius lost 32,720 in 2011 by another count, not by people who left: the picture says so."""
    html = page(client, "/doc/city/vilnius.html")
    (course,) = re.findall(r'<div class="course">.*?</div>', html, re.DOTALL)
    assert len(re.findall('<polyline class="line s', course)) == 4
    assert len(re.findall('<polyline class="line break', course)) == 3
    text = re.sub("<[^>]*>", "", course)
    assert "2003\u20132010 estimate, by residence; 2011 not stated; 2013 estimate" in text
    assert "2011: 535,091 (estimate, by residence, reported in 2012)" in text
    assert course.count("passed-by") == 1

    helsinki = page(client, "/doc/city/helsinki.html")
    assert "2010: 588,549 (census, by residence, reported in 2011)" in seen(helsinki)


def test_thing_lies_over_its_neighbours(client: FlaskClient) -> None:
    """Copenhagen is drawn over Malmö, which is near, and has its name wherever one has room."""
    html = page(client, "/doc/city/copenhagen.html")
    places = re.findall(r'<circle class="place[^>]*><title>([^<]*)', html)
    assert places[-1] == "Copenhagen"
    names = re.findall(r'<text class="name ([^"]*)"[^>]*>Copenhagen<', html)
    assert set(" ".join(names).split()) == {"w1", "w2", "w3", "w4"}
    assert "points: Copenhagen; " in html


def test_lead_and_sections_say_a_thing_once(client: FlaskClient) -> None:
    """What the lead of a page says, with the graphs that state it, no section says again."""
    html = page(client, "/doc/park/cat.html")
    shown = html.partition("<script")[0]
    assert shown.count("in which town the source does not say") == 1
    assert re.search(r'say\.<a class="from" href="#from-1"', shown)
    assert len(re.findall('<a href="/doc/region/copenhagen-metropolitan-area[^"]*">', shown)) == 1
    assert "Nothing is said of this thing itself" not in html


def test_figure_of_a_table_has_a_name(client: FlaskClient) -> None:
    """An observation without a label is called by its parts, in the reader's language."""
    store = client.application.extensions["metropole"].edition().store
    kind = ox.NamedNode("http://purl.org/linked-data/cube#Observation")
    path = next(iri for each in store.members(kind) if "vilnius-2007" in (iri := each.value))
    address = "/doc/" + path.removeprefix(BASE + "id/")

    assert "<h1><span>Population: Vilnius, 2007, " in page(client, address)
    assert "Vilnius, 2007" in page(client, address, "de")


def test_sections_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """Section titles and property names come from the shapes, in the language asked for."""
    german = seen(page(client, "/doc/university/code.berlin.html", "de"))
    assert "Name und Art" in german
    lithuanian = seen(page(client, "/doc/city/vilnius.html", "lt"))
    assert "Šaltiniai ir sąlygos" in lithuanian or "Pavadinimas ir rūšis" in lithuanian
    assert "550 000" in lithuanian.replace("\N{NO-BREAK SPACE}", " ")


TYPES = [
    ("city/vilnius", "City"),
    ("university/code.berlin", "CollegeOrUniversity"),
    ("event/open-days-seminar", "Event"),
    ("park/sunrise-valley", "Organization"),
    ("project/baltmet-inno", "Project"),
    ("sector/biotechnology", "DefinedTerm"),
    ("news/wp3-conference", "NewsArticle"),
    ("source/inno-baltmet-243", "WebPage"),
]


@pytest.mark.parametrize(("path", "kind"), TYPES)
def test_structured_data(client: FlaskClient, path: str, kind: str) -> None:
    """Search engines find the kind of a thing under its own IRI, and the way to its page."""
    html = page(client, f"/doc/{path}.html")
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    thing, crumbs = json.loads(script)["@graph"]

    assert (thing["@type"], thing["@id"]) == (kind, BASE + "id/" + path)
    assert thing["name"]
    assert crumbs["@type"] == "BreadcrumbList"
    assert crumbs["itemListElement"][-1]["item"] == f"{BASE}doc/{path}"
    if kind == "Event":
        assert thing["startDate"] == "2007-10-09"
        assert thing["location"]["@type"] == "City"
    if kind == "City":
        assert thing["geo"]["latitude"] == pytest.approx(54.69, abs=0.1)
