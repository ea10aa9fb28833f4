"""Tests of the pages about the ontology and the shapes: every term, every demand, in words."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from metropole.formats import GRAPH_FORMATS
from metropole.web.labels import Name
from metropole.web.reference.class_diagram import DrawnClass, diagram
from web_site import BASE, client_of, graph_by_oxigraph, is_same_graph, links_of, write_site

PREFIXES = """\
@prefix : <ns#> . @prefix shape: <shapes#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
ONTOLOGY = (
    PREFIXES
    + """\
:Place a owl:Class ; rdfs:label "place"@en, "vieta"@lt ;
  rdfs:subClassOf <https://schema.org/Place> ;
  skos:definition "Somewhere."@en, "Kažkur."@lt ; skos:example "A market."@en .
:Town a owl:Class ; rdfs:label "town"@en ; rdfs:subClassOf :Place .
:Village a owl:Class ; rdfs:label "village"@en ; rdfs:subClassOf :Place .
:Round a owl:Class ; rdfs:label "round"@en ; rdfs:subClassOf :Again .
:Again a owl:Class ; rdfs:label "again"@en ; rdfs:subClassOf :Round .
:size a owl:DatatypeProperty ; rdfs:label "size"@en ; rdfs:comment "How large."@en ;
  rdfs:domain :Place ; rdfs:range xsd:integer .
:beside a owl:ObjectProperty ; rdfs:label "beside"@en ;
  rdfs:domain [ a owl:Class ; owl:unionOf ( :Town :Village ) ] ; rdfs:range :Place ;
  owl:inverseOf :besides .
:besides a owl:ObjectProperty ; rdfs:label "besides"@en .
"""
)
#: A shape of one constraint, and the words that tell it.
WORDS = {
    "sh:minCount 1 ; sh:maxCount 1": "exactly one value",
    "sh:minCount 2 ; sh:maxCount 2": "exactly 2 values",
    "sh:minCount 1": "at least one value",
    "sh:minCount 2 ; sh:maxCount 5": "from 2 to 5 values",
    "sh:maxCount 1": "at most one value",
    "sh:maxCount 0": "no value",
    "sh:datatype xsd:integer": "a whole number",
    "sh:datatype xsd:hexBinary": "xsd:hexBinary",
    "sh:datatype rdf:langString": "text with a language",
    "sh:class :Town": "a member of the class town",
    "sh:nodeKind sh:IRI": "an IRI",
    "sh:minInclusive 3": "3 or more",
    "sh:minExclusive 3": "more than 3",
    "sh:maxInclusive 3": "3 or less",
    "sh:maxExclusive 3": "less than 3",
    "sh:minLength 2 ; sh:maxLength 9": "at least 2 characters",
    'sh:pattern "^<b>a+$"': "of the form ^<b>a+$",
    'sh:pattern "^a" ; sh:flags "i"': "in small or capital letters",
    'sh:languageIn ( "en" "lt" )': "in one of English (en), Lithuanian (lt)",
    "sh:uniqueLang true": "only one in each language",
    "sh:equals :beside": "the same as of beside",
    "sh:disjoint :beside": "none of those of beside",
    "sh:lessThan :beside": "less than every value of beside",
    "sh:lessThanOrEquals :beside": "not more than any value of beside",
    "sh:in ( :Town 5 )": "one of town, 5",
    "sh:hasValue 7": "7 among the values",
    "sh:or ( [ sh:class :Town ] [ sh:datatype xsd:date ] )": (
        "at least one of these: a member of the class town a day"
    ),
    "sh:xone ( [ sh:class :Town ] [ sh:nodeKind sh:Literal ] )": "exactly one of these:",
    "sh:and ( [ sh:minLength 2 ] [ sh:maxLength 3 ] )": "all of these:",
    "sh:not [ sh:class :Town ]": "not this: a member of the class town",
    "sh:node shape:Named": "what Named demands",
    "sh:qualifiedValueShape [ sh:class :Town ] ; sh:qualifiedMinCount 1": (
        "at least one value with this: a member of the class town"
    ),
    "sh:property [ sh:path :size ; sh:minCount 1 ]": "of each value: size",
}


def shapes() -> str:
    """Write a shape for each constraint, and shapes for what is no property."""
    made = "".join(
        f"shape:s{number} a sh:NodeShape ; sh:targetClass :Place ; sh:property [ sh:path :size ; "
        f"{constraint} ] .\n"
        for number, constraint in enumerate(WORDS)
    )
    return (
        PREFIXES
        + made
        + """\
<shapes> a owl:Ontology ;
  sh:declare [ sh:prefix "x" ; sh:namespace "https://x.example/"^^xsd:anyURI ] .
shape:Named a sh:NodeShape ; rdfs:label "Named"@en ;
  sh:property [ sh:path rdfs:label ; sh:minCount 1 ] .
shape:Closed a sh:NodeShape ; sh:targetSubjectsOf :size ; sh:closed true ;
  sh:ignoredProperties ( rdf:type ) ; sh:severity sh:Warning ;
  sh:description "Says no more."@en, "Daugiau nesako."@lt .
shape:Rule a sh:NodeShape ; sh:targetObjectsOf :beside ; sh:sparql [ sh:message "Too far."@en ;
  sh:prefixes <shapes> ; sh:select \"\"\"
    SELECT $this WHERE { $this <https://x.example/y> ?far }\"\"\" ] .
shape:Path a sh:NodeShape ; sh:targetNode <id/t> ; sh:property [
  sh:path ( [ sh:inversePath :beside ]
    [ sh:zeroOrMorePath [ sh:alternativePath ( :size rdfs:label ) ] ] ) ;
  sh:maxCount 9 ;
  sh:name "odd way"@en ; sh:message "Not <that> way."@en ] .
shape:Off a sh:NodeShape ; sh:deactivated true ; sh:targetClass :Town .
"""
    )


DATA = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/t> a <ns#Town> ; rdfs:label "Tee" ; <ns#beside> <id/v> .
<id/v> a <ns#Village> ; rdfs:label "Vee" .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with an ontology, and with shapes that its data do not break."""
    texts = {"ontology/places.ttl": ONTOLOGY, "data/places.ttl": DATA, "shapes/all.ttl": harmless()}
    with client_of(write_site(tmp_path_factory.mktemp("reference"), texts)) as found:
        yield found


def harmless() -> str:
    """Keep the data from breaking the shapes, so that a release is made: all are warnings."""
    return re.sub(r"(?<!Closed )(a sh:NodeShape ;)", r"\1 sh:severity sh:Info ;", shapes()).replace(
        "sh:property [ sh:path :size ;", "sh:property [ sh:severity sh:Info ; sh:path :size ;"
    )


class Text(HTMLParser):
    """The text of a piece of a page, without markup and with single spaces."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._text: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self._text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Separate the items of lists."""
        del attrs
        if tag in ("li", "dt", "dd", "p", "br"):
            self._text.append(" ")

    def __str__(self) -> str:
        return " ".join("".join(self._text).split())


def section(page: str, anchor: str) -> str:
    """Cut the section of a term out of a page."""
    found = re.search(
        rf'<section class="[^"]*" id="{re.escape(anchor)}".*?</section>', page, re.DOTALL
    )
    assert found, f"there is no section {anchor}"
    return found[0]


def told(client: FlaskClient, path: str, anchor: str) -> str:
    """Read the section of a term, in English."""
    page = client.get(path, headers={"Accept": "text/html", "Accept-Language": "en"}).text
    return str(Text(section(page, anchor)))


# The ontology


def test_a_class_is_told(client: FlaskClient) -> None:
    """A class has its definition, its place among classes, its properties, shapes and number."""
    text = told(client, "/ns", "Place")
    for part in (
        "place Place", "Somewhere.", "For example: A market.", "Is a kind of Place",
        "Kinds of it town, village", "Has the properties size", "Is a value of beside",
    ):  # fmt: skip
        assert part in text
    assert "1 thing, as Tee" in told(client, "/ns", "Town")


def test_a_property_is_told(client: FlaskClient) -> None:
    """A property has domain and range, also of a union, its use with an example, and its shapes."""
    text = told(client, "/ns", "beside")
    for part in ("Said of town, village", "Its values place", "The other way round besides"):
        assert part in text
    assert "1 statement, as Tee → Vee" in text
    assert "not used" in told(client, "/ns", "besides")
    page = client.get("/ns.html").text
    assert 'href="/shapes#s0"' in section(page, "size")
    assert 'href="/shapes#Off"' in section(page, "Town")


def test_texts_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """Labels and definitions follow the reader; each says its language."""
    page = client.get("/ns?lang=lt", headers={"Accept": "text/html"}).text
    assert '<span lang="lt">Kažkur.</span>' in page
    page = client.get("/shapes?lang=lt", headers={"Accept": "text/html"}).text
    assert '<span lang="lt">Daugiau nesako.</span>' in page


def test_the_diagram_is_the_list(client: FlaskClient) -> None:
    """The diagram has a title and a description, links all classes, and stands there as a list."""
    page = client.get("/ns.html").text
    picture = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert picture
    labelled = re.search(r'aria-labelledby="([^"]*)"', picture[0])
    assert labelled
    assert all(f'id="{each}"' in picture[0] for each in labelled[1].split())
    links = set(re.findall(r'<a href="([^"]*)"><g', picture[0]))
    assert links == {
        "https://schema.org/Place",
        *(f"/ns#{name}" for name in ("Place", "Town", "Village", "Round", "Again", "Thing")),
    }
    listed = re.search(r"<details><summary>.*?</details>", page, re.DOTALL)
    assert listed
    assert set(re.findall(r'href="([^"]*)"', listed[0])) == links


def test_boxes_do_not_overlap() -> None:
    """Every class has a place of its own, also in a circle and below two others."""
    names = "abcdefg"
    parents = {"b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["f"], "f": ["e"], "g": []}
    classes = [DrawnClass(each, Name(each), f"#{each}", is_own=True, members=0) for each in names]
    drawn = diagram(classes, parents)
    assert drawn
    places = [(box.x, box.y) for box in drawn.boxes]
    assert len(set(places)) == len(names)
    for x, y in places:
        assert 0 <= x <= drawn.width - 190
        assert 0 <= y <= drawn.height - 46
    same = [
        (one, other) for one in places for other in places if one < other and one[0] == other[0]
    ]
    assert all(abs(one[1] - other[1]) >= 46 for one, other in same)
    assert len(drawn.lines) == 6
    assert diagram([], {}) is None


# The shapes


@pytest.mark.parametrize(("number", "constraint"), [*enumerate(WORDS)])
def test_a_constraint_is_told_in_words(client: FlaskClient, number: int, constraint: str) -> None:
    """Each constraint of SHACL Core has its words."""
    assert WORDS[constraint] in told(client, "/shapes", f"s{number}")


def test_what_a_shape_holds_for(client: FlaskClient) -> None:
    """Targets are told with the number of things, subclasses counted in."""
    assert "Holds for every member of the class place (2 things)." in told(client, "/shapes", "s0")
    text = told(client, "/shapes", "Closed")
    assert "everything that has size (0 things)" in text
    assert "no other properties than those named here and" in text
    assert "every value of beside (1 thing)" in told(client, "/shapes", "Rule")
    assert "Holds for Tee." in told(client, "/shapes", "Path")
    assert "switched off" in told(client, "/shapes", "Off")
    assert "Used by" in told(client, "/shapes", "Named")


def test_rules_and_paths(client: FlaskClient) -> None:
    """A rule in SPARQL has its message and its text, a path is written as SPARQL does."""
    text = told(client, "/shapes", "Rule")
    assert "a rule: Too far." in text
    assert "SELECT $this WHERE { $this <https://x.example/y> ?far }" in text
    text = told(client, "/shapes", "Path")
    assert "odd way ^ns:beside/(ns:size|rdfs:label)*" in text
    assert "Not <that> way." in text


def test_severity_is_told(client: FlaskClient) -> None:
    """What does not block a release is marked."""
    assert "Note" in told(client, "/shapes", "s0")
    assert "Closed Warning" in told(client, "/shapes", "Closed")


def test_anchors_are_the_shapes_iris(client: FlaskClient) -> None:
    """The IRI of a shape leads to its place on the page, and no anchor is there twice."""
    page = client.get("/shapes.html").text
    found = re.findall(r' id="([^"]*)"', page)
    assert len(found) == len(set(found))
    for name in ("s0", "Named", "Rule", "Off"):
        assert name in found
    link = re.search(r'<a href="(/shapes#Named)"', page)
    assert link
    page = client.get("/ns.html").text
    found = re.findall(r' id="([^"]*)"', page)
    assert len(found) == len(set(found))


def test_long_pages_open_whole(client: FlaskClient) -> None:
    """Each class is a part with its numbers, closed where there are many; a link opens all."""
    page = client.get("/shapes.html").text
    whole = client.get("/shapes.html?open=all").text
    parts = re.findall(r'<details class="fold"( open)?>', page)

    assert len(parts) > 3
    assert not any(parts)
    assert 'href="/shapes.html?open=all"' in page
    assert re.findall(r'<details class="fold"( open)?>', whole) == [" open"] * len(parts)
    assert set(re.findall(r' id="([^"]*)"', page)) == set(re.findall(r' id="([^"]*)"', whole))
    assert re.search(r'<a href="#for-ns-town">', whole)


@pytest.mark.parametrize("path", ["/ns", "/shapes"])
def test_every_format_is_the_same_graph(client: FlaskClient, path: str) -> None:
    """Ontology and shapes come in every RDF format, negotiated and by extension."""
    first = graph_by_oxigraph(client.get(f"{path}.ttl").data, GRAPH_FORMATS[0].syntax)
    assert len(first) > 10
    for syntax in GRAPH_FORMATS:
        response = client.get(path, headers={"Accept": syntax.media_type})
        assert response.headers["Content-Location"] == f"{path}.{syntax.extension}"
        assert is_same_graph(first, graph_by_oxigraph(response.data, syntax.syntax))
    assert client.get(f"{path}.exe").status_code == 404
    described = [each for each in links_of(response) if 'rel="describes"' in each]
    assert described == [f'<{BASE}{path[1:]}>; rel="describes"']


def test_a_site_without_terms_and_shapes_says_so(tmp_path: Path) -> None:
    """A site with data alone has both pages, which say that there is nothing."""
    root = write_site(tmp_path, {"data/one.ttl": '<id/a> <http://purl.org/dc/terms/title> "A" .'})
    (root / "ontology/terms.ttl").unlink()
    with client_of(root) as client:
        assert "declares no terms of its own" in client.get("/ns.html").text
        assert "has no shapes" in client.get("/shapes.html").text
        assert client.get("/shapes.ttl").status_code == 200
