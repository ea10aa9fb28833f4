"""Tests of saved queries: headers, parameters, pages, addresses, the graph and the build."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from metropole import publish
from metropole.errors import DataNotValid
from metropole.release import Releases
from metropole.settings import load
from sites import SETTINGS, check_site, of_rule, write_site
from web_site import client_of

DATA = """<id/a> <ns#size> 1 ; <ns#name> "Ąžuolas"@lt . <id/b> <ns#size> 2 ; <ns#name> "x" .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/a> a <ns#Tree> ; rdfs:label "Oak"@en, "Ąžuolas"@lt . <id/b> a <ns#Tree> ; rdfs:label "Elm" .
"""
HTML = {"Accept": "text/html"}
LABELS_IN_SWEDISH = """#+ parameters:
#+   o:
#+     label: x
#+   s:
#+     label@sv: y
ASK { ?s ?p ?o }"""
LANGUAGES = ("en", "lt", "de")
ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
<ns#size> a owl:DatatypeProperty . <ns#name> a owl:DatatypeProperty . <ns#Tree> a owl:Class .
"""
LARGER = """#+ summary: What is larger?
#+ description: Things
#+   by size.
#+ tags:
#+   - sizes
#+ parameters:
#+   least:
#+     type: integer
#+     example: 0
#+   thing:
#+     type: iri
#+     optional: yes
SELECT ?thing ?size ?least { ?thing <ns#size> ?size FILTER (?size > ?least) } ORDER BY ?size
"""
FILES = {
    "data/a.ttl": DATA,
    "ontology/o.ttl": ONTOLOGY,
    "queries/larger.rq": LARGER,
    "queries/tree.rq": """#+ parameters:
#+   tree:
#+     type: iri
#+     class: Tree
#+     default: id/b
SELECT ?tree ?size { ?tree <ns#size> ?size }""",
    "queries/any.rq": "ASK { ?s <ns#size> ?o }",
    "queries/graph.rq": "CONSTRUCT { ?s <ns#size> ?o } { ?s <ns#size> ?o }",
    "queries/many.rq": "SELECT ?a { VALUES ?a { " + "1 " * 250 + "} }",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with four saved queries."""
    root = tmp_path_factory.mktemp("saved")
    write_site(root, FILES)
    with client_of(root) as found:
        yield found


def test_the_release_that_is_asked_anyway_is_not_refused(client: FlaskClient) -> None:
    """`release=` may name the release of the answer; another one has an address of its own."""
    current = client.get("/-/ready").get_json()["release"]
    for path in ("/queries/many.csv", f"/queries/many@{current}.csv", "/queries/many.html"):
        answer = client.get(f"{path}?release={current}")
        assert answer.status_code == 200
        assert "release=" not in answer.headers["Content-Location"]
    for wrong in ("0123456789abcdef", f"{current}&release={current}", ""):
        assert client.get(f"/queries/many.csv?release={wrong}").status_code == 400


def test_parameter_is_bound_in_pattern_and_filter(client: FlaskClient) -> None:
    """A value stands for its variable everywhere, and the rows repeat it."""
    assert client.get("/queries/larger.csv?least=1").text.split()[1:] == [
        "https://a.example/id/b,2,1"
    ]
    assert client.get("/queries/larger.csv?least=0&thing=id/a").text.split()[1:] == [
        "https://a.example/id/a,1,0"
    ]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("least=many", "least"),
        ("least=1&thing=a b", "thing"),
        ("least=1&thing=id/a> }", "thing"),
        ("other=1", "other"),
        ("least=1&least=2", "least"),
        ("", "least"),
    ],
)
def test_wrong_parameter_is_named(client: FlaskClient, given: str, name: str) -> None:
    """A value that is wrong, missing, unknown or there twice is 400 with the parameter's name."""
    response = client.get(f"/queries/larger.csv?{given}")

    assert response.status_code == 400
    assert response.get_json()["parameter"] == name


def test_things_are_offered_by_name(client: FlaskClient) -> None:
    """A parameter with a class is chosen by name; what was given is kept, whatever it is."""
    plain = client.get("/queries/tree.html?lang=lt").text
    given = client.get("/queries/tree.html?tree=id/a").text
    other = client.get("/queries/tree.html?tree=https://elsewhere.example/x").text

    assert re.findall(r"<option value=.*?</option>", plain) == [
        '<option value="id/b" selected>Elm</option>',
        '<option value="id/a" lang="lt">Ąžuolas</option>',
    ]
    assert '<option value="id/a" lang="en" selected>Oak</option>' in given
    assert '<option value="https://elsewhere.example/x" selected>' in other
    assert "No row." in other
    assert client.get("/queries/tree.csv?tree=id/a").text.split()[1:] == [
        "https://a.example/id/a,1"
    ]


def test_a_class_without_members_is_told(tmp_path: Path) -> None:
    """What a form could not offer is told with the name that was meant."""
    query = FILES["queries/tree.rq"].replace("class: Tree", "class: Tree, Treee")
    report = check_site(tmp_path, FILES | {"queries/tree.rq": query})

    (found,) = of_rule(report.findings, "query-header")

    assert (found.file, found.line) == ("queries/tree.rq", 2)
    assert "'Treee' of the parameter 'tree' has no member" in found.message
    assert "Tree" in found.remedy


def test_every_form_has_its_formats(client: FlaskClient) -> None:
    """Rows, yes or no, and graphs come in their formats, and as a page."""
    assert client.get("/queries/any.json").get_json()["boolean"] is True
    assert client.get("/queries/any.csv").status_code == 404
    assert client.get("/queries/graph.nt").text.count("\n") == 2
    assert client.get("/queries/graph", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"
    assert "Yes." in client.get("/queries/any.html").text
    assert "Fill in the form" in client.get("/queries/larger.html").text


def test_long_answer_is_capped_and_says_so(client: FlaskClient) -> None:
    """A page shows the first 200 rows and tells the number of all."""
    assert "The first 200 of 250 rows" in client.get("/queries/many.html").text
    assert client.get("/queries/many.csv").text.count("\n") == 251


def test_answer_can_be_pinned_and_revalidated(client: FlaskClient) -> None:
    """A pinned answer is immutable; a known one is 304; an absent release is 404 with a list."""
    response = client.get("/queries/many.csv")
    release, tag = response.headers["Metropole-Release"], response.headers["ETag"]

    assert client.get("/queries/many.csv", headers={"If-None-Match": tag}).status_code == 304
    pinned = client.get(f"/queries/many@{release}.csv")
    assert "immutable" in pinned.headers["Cache-Control"]
    assert client.get("/queries/many@none.csv").get_json()["releases"] == [release]
    assert "larger" in client.get("/queries/none").get_json()["queries"]


def test_description_is_openapi(client: FlaskClient) -> None:
    """The description is valid OpenAPI and has an operation for each query."""
    table = client.get("/queries/openapi.json").get_json()

    validate(table)
    assert len(table["paths"]) == 5
    assert client.get("/queries/").text.count('<th scope="row">') == 5


def test_query_is_a_thing(client: FlaskClient) -> None:
    """A saved query is in the graph, at an address of its own."""
    assert client.get("/id/query/larger").status_code == 303
    assert "sh:SPARQLSelectExecutable" in client.get("/doc/query/larger.ttl").text


@pytest.mark.parametrize(
    ("rule", "text", "line"),
    [
        ("query-header", "#+ sumary: x\nASK {}", 1),
        ("query-header", "#+ tags: a\nASK {}", 1),
        ("query-header", "#+ parameters:\n#+   s:\n#+     type: int\nASK { ?s ?p ?o }", 3),
        ("query-header", "#+ summary: x\n#+ summary@e_n: x\nASK {}", 2),
        ("query-header", "#+ summary@lt: x\n#+ summary@LT: y\nASK {}", 2),
        ("query-header", "#+ description@lt:\nASK {}", 1),
        ("query-header", "#+ tags@lt:\n#+   - x\nASK {}", 1),
        ("query-header", "#+ parameters:\n#+   s:\n#+     type@lt: iri\nASK { ?s ?p ?o }", 3),
        ("query-header", "#+ summary: x\n#+ summary@en: y\nASK {}", 2),
        ("text-language", "#+ summary: x\n#+ summary@sv: y\nASK {}", 2),
        ("text-language", LABELS_IN_SWEDISH, 5),
        ("query-unusable", "SELECT ?s { ?s ?p ?o FILTER (<x:f>(?o)) }", 0),
        ("query-parameter", "#+ parameters:\n#+   s:\nSELECT ?o { ?s ?p ?o }", 2),
        ("query-parameter", "#+ parameters:\n#+   s:\nASK { ?s ?p ?o FILTER (BOUND(?s)) }", 2),
    ],
)
def test_wrong_header_is_found(tmp_path: Path, rule: str, text: str, line: int) -> None:
    """A header that cannot be followed is a finding with its line."""
    report = check_site(tmp_path, {**FILES, "queries/q.rq": text})

    assert [finding.line for finding in of_rule(report.findings, rule)] == [line]


def test_build_tells_changes_and_stops_at_failures(tmp_path: Path) -> None:
    """Numbers of rows are compared, empty answers told, and a failing query blocks."""
    files = {**FILES, "queries/none.rq": "SELECT ?s { ?s <ns#size> 7 }"}
    first = publish.build(write_site(tmp_path, files))
    assert [finding.rule for finding in first.findings] == ["query-empty"]

    second = publish.build(write_site(tmp_path, {**files, "data/b.ttl": "<id/c> <ns#size> 7 ."}))
    changes = [(change.name, change.rows, change.before) for change in second.row_changes]
    assert changes == [("graph", 3, 2), ("larger", 3, 2), ("none", 1, 0)]

    product = " . ".join(f"?s{i} ?p{i} ?o{i}" for i in range(6))
    endless = f"SELECT (COUNT(*) AS ?n) {{ {product} }}"
    limits = f"{SETTINGS}[limits]\nquery_timeout_seconds = 1\n"
    write_site(tmp_path, {"queries/none.rq": endless, "metropole.toml": limits})
    with pytest.raises(DataNotValid, match=r"queries/none\.rq:1: "):
        publish.build(load(tmp_path))
    assert Releases(load(tmp_path)).current_id() == second.release.id


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    """The rows of the queries and the graph are the same in two copies of a site."""
    made = [publish.build(write_site(tmp_path / name, FILES)).release for name in ("a", "b")]
    names = ("queries.json", "manifest.json", "dumps/dataset.nq")

    assert len({release.id for release in made}) == 1
    for name in names:
        assert len({(release.folder / name).read_bytes() for release in made}) == 1, name


def test_a_header_speaks_the_language_of_its_reader(tmp_path: Path) -> None:
    """Question, description and labels come in the language liked best, marked where another."""
    header = """#+ summary: How many?
#+ summary@lt: Kiek?
#+ description@lt: Tiek,
#+   kiek yra.
#+ tags:
#+   - quality
#+ parameters:
#+   thing:
#+     label: Thing
#+     label@lt: Daiktas
#+     optional: yes
#+ chart: bar
#+ x: thing
#+ y: size
SELECT ?thing ?size { ?thing <ns#size> ?size }"""
    site = {**FILES, "queries/how.rq": header}
    names = '[topics]\nquality = {lt = "kokybė"}\n[columns]\nsize = {en = "extent", lt = "dydis"}'
    site["metropole.toml"] = f'{SETTINGS}languages = ["en", "lt"]\n{names}\n'
    write_site(tmp_path, site)
    with client_of(tmp_path) as client:
        release = client.get("/-/ready").get_json()["release"]
        quality = f"/releases/{release}/quality"
        read = {
            path: {lang: client.get(f"{path}?lang={lang}", headers=HTML).text for lang in LANGUAGES}
            for path in ("/queries/how.html", "/queries/", "/sparql", quality)
        }
        described = client.get("/queries/openapi.json").text
        thing = client.get("/doc/query/how.nt").text
        measured = client.get(f"{quality}.ttl").text

    page = read["/queries/how.html"]
    assert "<h1>Kiek?</h1>" in page["lt"]
    assert '<p class="lead">Tiek, kiek yra.</p>' in page["lt"]
    assert '<label for="p-thing">Daiktas</label>' in page["lt"]
    assert "<figcaption>Kiek?" in page["lt"]
    assert '<th scope="col" lang="lt" class="number">dydis</th>' in page["lt"]
    assert '<th scope="col" lang="en">thing</th>' in page["lt"]
    assert '<th scope="col" lang="en" class="number">extent</th>' in page["en"]
    assert '<h2 id="quality">kokybė</h2>' in read["/queries/"]["lt"]
    assert '<h2 id="quality" lang="en">quality</h2>' in read["/queries/"]["de"]
    assert "<h1>How many?</h1>" in page["en"]
    assert '<p class="lead" lang="lt">Tiek, kiek yra.</p>' in page["en"]
    assert '<h1 lang="en">How many?</h1>' in page["de"]
    for path in ("/queries/", "/sparql", quality):
        assert "Kiek?" in read[path]["lt"], path
        assert "How many?" not in read[path]["lt"], path
        assert 'lang="en">How many?' in read[path]["de"], path
    assert '"summary": "How many?"' in described
    assert '"Thing: ' in described
    assert '"Kiek?"@lt' in thing
    assert '"How many?"@en' in thing
    assert '"Tiek, kiek yra."@lt' in thing
    assert '"Kiek?"@lt' in measured
