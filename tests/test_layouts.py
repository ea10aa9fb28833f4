"""Pages laid out by shapes, and templates of a site: any graph gets decent pages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sites import check_site, of_rule
from web_site import client_of, links_of, write_site

BASE = "https://t.example/"
ONTOLOGY = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<ns> a owl:Ontology ; rdfs:label "Bridges"@en .
<ns#Structure> a owl:Class ; rdfs:label "structure"@en .
<ns#Bridge> a owl:Class ; rdfs:subClassOf <ns#Structure> ; rdfs:label "bridge"@en .
<ns#Span> a owl:Class ; rdfs:label "span"@en .
<ns#length> a owl:DatatypeProperty ; rdfs:label "length"@en .
<ns#built> a owl:DatatypeProperty ; rdfs:label "built"@en .
<ns#crosses> a owl:ObjectProperty ; rdfs:label "crosses"@en .
<ns#of> a owl:ObjectProperty ; rdfs:label "of"@en .
<ns#odd> a owl:DatatypeProperty ; rdfs:label "odd"@en .
"""
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dash: <http://datashapes.org/dash#> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix schema: <https://schema.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<shapes#size> a sh:PropertyGroup ; rdfs:label "Size"@en, "Dydis"@lt ; sh:order 1 .
<shapes#past> a sh:PropertyGroup ; rdfs:label "Past"@en ; sh:order 2 .
<shapes#structure> a sh:NodeShape ; sh:targetClass <ns#Structure> ;
  sh:property [ sh:path <ns#built> ; sh:name "opened"@en ; sh:group <shapes#past> ; sh:order 1 ;
    csvw:format "0" ] .
<shapes#bridge> a sh:NodeShape ; sh:targetClass <ns#Bridge> ; sh:node <shapes#long> ;
  sh:property [ sh:path [ sh:inversePath <ns#of> ] ; sh:name "spans"@en ; sh:group <shapes#size> ;
    sh:order 2 ; dash:viewer dash:ValueTableViewer ] .
<shapes#long> a sh:NodeShape ;
  sh:property [ sh:path <ns#length> ; sh:name "how long"@en, "ilgis"@lt ; sh:group <shapes#size> ;
    sh:description "From bank to bank."@en ; sh:order 1 ; schema:unitText "m" ] .
<shapes#span> a sh:NodeShape ; sh:targetClass <ns#Span> ;
  sh:property [ sh:path <ns#length> ; sh:name "span length"@en ; sh:order 1 ;
    schema:unitCode <http://qudt.org/vocab/unit/M> ] .
"""
DATA = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/bridge/Žvėrynas> a <ns#Bridge> ; rdfs:label "Žvėryno tiltas"@lt, "Žvėrynas Bridge"@en ;
  <ns#length> 12345 ; <ns#built> 1907 ; <ns#odd> "</script><b>odd</b>" .
<id/span/1> a <ns#Span> ; rdfs:label "West span"@en ; <ns#length> 48 ;
  <ns#of> <id/bridge/Žvėrynas> .
<id/span/2> a <ns#Span> ; rdfs:label "East span"@en ; <ns#length> 49 ;
  <ns#of> <id/bridge/Žvėrynas> .
<id/place> a <https://schema.org/Place> ; rdfs:label "</script><b>place</b>" .
"""
FILES = {
    "ontology/terms.ttl": ONTOLOGY,
    "shapes/pages.ttl": SHAPES,
    "data/bridges.ttl": DATA,
    "templates/Span.html": '{% extends "entity.html" %}{% block lead %}'
    "<p>Span of {{ page.words('ns#length').text }} named {{ page.name.text }}</p>{% endblock %}",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve a small site with shapes and a template of its own."""
    with client_of(write_site(tmp_path_factory.mktemp("bridges"), FILES)) as served:
        yield served


def text_of(client: FlaskClient, path: str, language: str = "en") -> str:
    """Give what is between the tags of a page, white space put together."""
    response = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text.partition("<h1>")[2]))


def test_sections_come_from_shapes(client: FlaskClient) -> None:
    """Groups are sections in their order, also of classes above; what is left comes last."""
    text = text_of(client, "/doc/bridge/Žvėrynas")

    places = [
        text.index(words) for words in ("Size", "how long", "spans", "Past", "opened", "More")
    ]
    assert places == sorted(places)
    assert text.index("odd") > places[-1]


def test_names_and_help_are_those_of_the_reader(client: FlaskClient) -> None:
    """Titles and names are in the language asked for where the shape has it."""
    assert "From bank to bank." in text_of(client, "/doc/bridge/Žvėrynas")
    lithuanian = text_of(client, "/doc/bridge/Žvėrynas", "lt")
    assert "Dydis" in lithuanian
    assert "ilgis" in lithuanian


def test_numbers_have_unit_and_format(client: FlaskClient) -> None:
    """A number is written as the language has it, with its unit; a pattern of the shape decides."""
    text = text_of(client, "/doc/bridge/Žvėrynas")

    assert "12,345 m" in text
    assert "opened 1 1907" in text
    assert "1,907" not in text
    german = text_of(client, "/doc/bridge/Žvėrynas", "de")
    assert "12.345 m" in german


def test_values_stand_in_a_table(client: FlaskClient) -> None:
    """Things that point here are a table, their properties its columns, and in the document."""
    html = client.get("/doc/bridge/Žvėrynas", headers={"Accept": "text/html"}).text
    table = html.partition('<table class="things records">')[2].partition("</table>")[0]

    assert "span length" in table
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table)).count(" m ") == 2
    assert "West span" not in html.partition("What points here")[2]
    assert client.get("/doc/bridge/Žvėrynas.nt").text.count("ns#length>") == 3


def test_template_of_the_site_goes_first(client: FlaskClient) -> None:
    """A template named after a class makes the pages of that class, and is in the release."""
    assert "Span of 48 named West span" in text_of(client, "/doc/span/1")
    release = client.application.extensions["metropole"].edition().store.release
    assert (release.folder / "templates" / "Span.html").is_file()
    assert "templates/Span.html" in [file.path for file in release.manifest.files]


def test_another_template_is_another_release(tmp_path: Path) -> None:
    """A changed template is a new release, so that no page that was kept is an old one."""
    ids = []
    for number in (1, 2):
        files = {**FILES, "templates/Span.html": f"template {number}"}
        with client_of(write_site(tmp_path / str(number), files)) as served:
            ids.append(served.application.extensions["metropole"].edition().id)
    assert ids[0] != ids[1]


def test_broken_template_is_a_finding(tmp_path: Path) -> None:
    """What Jinja cannot read is told by file and line before anything is released."""
    report = check_site(
        tmp_path, {"data/a.ttl": "<id/a> a <id/b> .", "templates/B.html": "\n{% if %}"}
    )

    (finding,) = of_rule(report.findings, "template-syntax")
    assert (finding.file, finding.line) == ("templates/B.html", 2)


def test_structured_data_cannot_leave_its_script(client: FlaskClient) -> None:
    """A literal with markup stays a value of the JSON-LD in the page."""
    html = client.get("/doc/place", headers={"Accept": "text/html"}).text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)

    assert json.loads(script)["@graph"][0]["name"] == "</script><b>place</b>"


def test_known_by_time_is_304(client: FlaskClient) -> None:
    """A document says when its release came out; who has it since then gets 304."""
    for extension in ("ttl", "html"):
        path = f"/doc/span/1.{extension}"
        first = client.get(path)
        then = first.headers["Last-Modified"]
        again = client.get(path, headers={"If-Modified-Since": then})
        assert (again.status_code, again.data) == (304, b"")
        before = {"If-Modified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"}
        assert client.get(path, headers=before).status_code == 200
        # A validator that does not fit decides against the time (RFC 9110, section 13.1.3).
        other = {"If-Modified-Since": then, "If-None-Match": '"other"'}
        assert client.get(path, headers=other).status_code == 200


def test_document_links_what_is_asked_of_it(client: FlaskClient) -> None:
    """One address is canonical for all variants, and the description of the graph is linked."""
    for extension in ("ttl", "jsonld", "html"):
        links = links_of(client.get(f"/doc/span/1.{extension}"))
        assert f'<{BASE}doc/span/1>; rel="canonical"' in links
        assert '</.well-known/void>; rel="describedby"; type="text/turtle"' in links


def test_variants_of_406_are_links(client: FlaskClient) -> None:
    """Who can read none of the formats is shown all of them, in the head as well."""
    response = client.get("/doc/span/1", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert '</doc/span/1.ttl>; rel="alternate"; type="text/turtle"' in response.headers["Link"]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["*/*", "text/turtle"])
def test_names_outside_ascii(client: FlaskClient, accept: str) -> None:
    """A thing that is named with letters of Lithuania is found by every route."""
    redirect = client.get("/id/bridge/%C5%BDv%C4%97rynas", headers={"Accept": accept})
    assert redirect.headers["Location"] == "/doc/bridge/%C5%BDv%C4%97rynas"
    response = client.get(redirect.headers["Location"], headers={"Accept": accept})
    assert response.mimetype == "text/turtle"
    assert response.headers["Content-Location"] == "/doc/bridge/%C5%BDv%C4%97rynas.ttl"
    query = "SELECT ?p { <id/bridge/Žvėrynas> ?p ?o }"
    for asked in (
        client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}),
        client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"}),
    ):
        assert "built" in asked.text
    shown = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"})
    assert "Žvėrynas" in shown.text
