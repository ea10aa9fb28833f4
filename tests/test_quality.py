"""Tests of quality: what was measured of a release, as a page, JSON and W3C's vocabulary."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient

from metropole import publish
from metropole.release import Releases
from metropole.settings import load
from sites import BASE, write_site
from web_site import client_of

DQV = rdflib.Namespace("http://www.w3.org/ns/dqv#")
ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
<ns#size> a owl:DatatypeProperty ; <http://www.w3.org/2000/01/rdf-schema#label> "size"@en ;
  <http://www.w3.org/2000/01/rdf-schema#comment> "How big."@en .
"""
HEADER = "#+ summary: {}\n#+ tags:\n#+   - quality\n"
ERRORS = HEADER.format("Is anything negative?") + "#+ may-be-empty: yes\n"
CHART = "#+ chart: bar\n#+ x: thing\n#+ y: size\n"
FILES = {
    "data/a.ttl": "<id/a> <ns#size> 1 . <id/b> <ns#size> 2 . <id/c> <ns#size> 3 .",
    "ontology/o.ttl": ONTOLOGY,
    "queries/negative.rq": ERRORS + "SELECT ?t { ?t <ns#size> ?s FILTER (?s < 0) }",
    "queries/sizes.rq": HEADER.format("How large is what?")
    + CHART
    + "SELECT ?thing ?size { ?thing <ns#size> ?size } ORDER BY ?size",
    "queries/all.rq": HEADER.format("Is anything there?") + "ASK { ?s <ns#size> ?o }",
    "queries/other.rq": "SELECT ?s { ?s <ns#size> 1 }",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with three metrics of its own."""
    root = tmp_path_factory.mktemp("quality")
    write_site(root, FILES)
    with client_of(root) as found:
        yield found


def test_tagged_queries_are_the_metrics(client: FlaskClient) -> None:
    """Each query with the tag is measured by its rows, searches for errors first."""
    table = client.get("/quality", headers={"Accept": "application/json"}, follow_redirects=True)

    said = table.get_json()
    assert [(each["name"], each["rows"], each["finds_errors"]) for each in said["metrics"]] == [
        ("negative", 0, True),
        ("all", 1, False),
        ("sizes", 3, False),
    ]
    assert said["is_clean"] is True
    assert said["findings"] == {"violation": 0, "warning": 0, "info": 0}
    answer = said["metrics"][2]["answer"].removeprefix(BASE)
    assert len(client.get(f"/{answer}").get_json()["results"]["bindings"]) == 3


def test_measurements_are_dqv(client: FlaskClient) -> None:
    """The Turtle has a measurement with metric, value and what it was computed on for each."""
    release = client.get("/-/ready").get_json()["release"]
    graph = rdflib.Graph()
    graph.parse(data=client.get(f"/releases/{release}/quality.ttl").text, format="turtle")

    measured = set(graph.subjects(rdflib.RDF.type, DQV.QualityMeasurement))
    assert len(measured) == 3 + 3
    for node in measured:
        metric = graph.value(node, DQV.isMeasurementOf)
        assert (metric, rdflib.RDF.type, DQV.Metric) in graph
        assert graph.value(node, DQV.computedOn)
    (sizes,) = graph.subjects(DQV.isMeasurementOf, rdflib.URIRef(f"{BASE}id/query/sizes"))
    assert graph.value(sizes, DQV.value) == rdflib.Literal(3)


def test_page_shows_what_was_measured(client: FlaskClient) -> None:
    """The page says what there is none of, draws what has a chart, and leads to the answers."""
    page = client.get("/quality", follow_redirects=True).text

    assert "no search for errors found one" in page
    assert '<li class="fulfilled">' in page
    assert page.count('<figure class="picture bars">') == 1
    assert "/queries/negative@" in page


def test_other_formats_and_releases_are_refused(client: FlaskClient) -> None:
    """An unknown release or extension is 404, an unacceptable type 406."""
    release = client.get("/-/ready").get_json()["release"]
    address = f"/releases/{release}/quality"

    assert client.get("/releases/none/quality").status_code == 404
    assert client.get(f"{address}.pdf").status_code == 404
    assert client.get(address, headers={"Accept": "image/png"}).status_code == 406
    assert client.get(f"{address}.json").status_code == 200


def test_error_that_is_found_is_not_clean(tmp_path: Path) -> None:
    """A row of a search for errors is said, and is part of the release for good."""
    files = {**FILES, "data/b.ttl": "<id/d> <ns#size> -1 ."}
    write_site(tmp_path, files)

    with client_of(tmp_path) as client:
        assert "Something is to be mended." in client.get("/quality", follow_redirects=True).text
    release = Releases(load(tmp_path)).current()
    assert release is not None
    assert {"quality.json", "quality.ttl", "answers/negative.tsv"} <= {
        file.path for file in release.manifest.files
    }
    assert not list(release.problems())


def test_two_builds_measure_the_same(tmp_path: Path) -> None:
    """The report on quality is the same, byte by byte, for equal sites."""
    made = [publish.build(write_site(tmp_path / name, FILES)).release for name in ("a", "b")]

    for name in ("quality.json", "quality.ttl", "answers/sizes.tsv"):
        assert len({(release.folder / name).read_bytes() for release in made}) == 1, name


def test_site_without_metrics_has_a_page(tmp_path: Path) -> None:
    """Where no query is tagged, there are the findings of the check alone."""
    write_site(tmp_path, {"data/a.ttl": "<id/a> <ns#size> 1 .", "ontology/o.ttl": ONTOLOGY})

    with client_of(tmp_path) as client:
        page = client.get("/quality", follow_redirects=True).text
        assert "measures nothing of its own" in page
        assert "no stories yet" in client.get("/stories/").text
        assert "/stories/" not in client.get("/").text
