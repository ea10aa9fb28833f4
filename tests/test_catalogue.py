"""The catalogue: it conforms to DCAT-AP, page by page, and says of the dumps what they are."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from flask.testing import FlaskClient

from metropole import publish
from metropole.formats import GRAPH_FORMATS
from metropole.settings import load
from metropole.vocab import DCAT, DCT, HYDRA, RDF, SPDX
from metropole.web import create_app
from metropole.web.serving import Serving
from web_site import BASE, graph_by_rdflib, write_site

SHARED = Path(os.environ.get("METROPOLE_SHARED", Path(__file__).parents[2] / "shared"))
SUITE = SHARED / "suites/dcat-ap-3.0.1"
needs_suite = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the shapes of DCAT-AP are not at hand (METROPOLE_SHARED)"
)
SETTINGS = """
licence = "https://creativecommons.org/licenses/by/4.0/"
publisher = "The publisher"
contact = "https://t.example/contact"
[catalogue]
keywords = ["towns", "things"]
themes = ["TECH", "REGI"]
spatial = ["http://publications.europa.eu/resource/authority/country/LTU"]
temporal = ["2001-01-01", "2020-12-31"]
page_size = 4
[catalogue.description]
en = "Things."
lt = "Daiktai."
"""
DATA = '<id/a> a <ns#Thing> ; <http://www.w3.org/2000/01/rdf-schema#label> "a" .\n'
GRAPHS = """\
@prefix dct: <http://purl.org/dc/terms/> .
<id/graph/data/one> dct:title "The first"@en ; dct:description "What is in the first."@en ;
  dct:license <https://l.example/> .
"""
EXTENSIONS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with several source graphs and three releases."""
    folder = tmp_path_factory.mktemp("catalogue")
    files = {f"data/{name}.ttl": DATA.replace("id/a", f"id/{name}") for name in ("one", "two")}
    write_site(folder, {**files, "data/graphs.ttl": GRAPHS}, more=SETTINGS)
    (folder / "metropole.toml").write_text(
        (folder / "metropole.toml").read_text().replace("[limits]", "")
    )
    for number in range(3):
        path = folder / "data/three.ttl"
        path.write_text(DATA.replace("id/a", f"id/{number}"), encoding="utf-8")
        publish.build(load(folder))
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of its application."""
    serving = Serving(load(root))
    yield create_app(serving).test_client()
    serving.pool.close()


def parsed(client: FlaskClient, path: str) -> list[ox.Triple]:
    """Fetch a page and parse it by its content type."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    syntax = ox.RdfFormat.from_media_type(answer.content_type)
    assert syntax is not None
    return [quad.triple for quad in ox.parse(answer.data, format=syntax, base_iri="urn:x:")]


def pages(client: FlaskClient, extension: str) -> Iterator[list[ox.Triple]]:
    """Follow `hydra:next` from the first page, as harvesters do."""
    path = f"/catalog.{extension}?page=1"
    for _ in range(20):
        triples = parsed(client, path)
        yield triples
        following = [
            triple.object.value
            for triple in triples
            if triple.predicate.value == HYDRA + "next"
            and isinstance(triple.object, ox.NamedNode)
            and triple.subject == ox.NamedNode(f"{BASE}{path.removeprefix('/')}")
        ]
        if not following:
            return
        address = urlsplit(following[0])
        path = f"{address.path}?{address.query}"
    raise AssertionError("the pages do not end")


def subjects(triples: list[ox.Triple], kind: str) -> set[str]:
    """List the members of a class."""
    return {
        str(triple.subject)
        for triple in triples
        if triple.predicate.value == RDF + "type" and triple.object == ox.NamedNode(kind)
    }


def shapes(name: str) -> rdflib.Graph:
    """Read official shapes, without links to property shapes that have no path.

    `dcat-ap-SHACL.ttl` has two of these for dcat:DataService, and no engine can use them.
    """
    graph = rdflib.Graph().parse(SUITE / name)
    for triple in list(graph.triples((None, rdflib.SH.property, None))):
        if graph.value(triple[2], rdflib.SH.path) is None:
            graph.remove(triple)
    return graph


def found_by(official: rdflib.Graph, body: bytes, syntax: str) -> list[tuple[str, str, str]]:
    """Validate a page as harvesters do, with pySHACL on rdflib: severity, path and focus."""
    data = graph_by_rdflib(body, syntax)
    _, report, _ = pyshacl.validate(data, shacl_graph=official, allow_warnings=True)
    assert isinstance(report, rdflib.Graph)
    return [
        (
            str(report.value(result, rdflib.SH.resultSeverity)).rpartition("#")[2],
            str(report.value(result, rdflib.SH.resultPath)),
            str(report.value(result, rdflib.SH.focusNode)),
        )
        for result in report.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)
    ]


@needs_suite
@pytest.mark.parametrize("name", ["shapes.ttl", "range.ttl", "dcat-ap-SHACL.ttl"])
def test_every_page_conforms_to_dcat_ap(client: FlaskClient, name: str) -> None:
    """Each page by itself has no violation of the official shapes, in each syntax."""
    official = shapes(name)

    for extension, syntax in EXTENSIONS.items():
        for page in range(1, len(list(pages(client, extension))) + 1):
            body = client.get(f"/catalog.{extension}?page={page}").data
            found = found_by(official, body, syntax)
            assert [each for each in found if each[0] == "Violation"] == []


@needs_suite
def test_recommendations_are_followed_but_for_a_few(client: FlaskClient) -> None:
    """What DCAT-AP recommends and the catalogue leaves out is known by name."""
    found = found_by(shapes("shapes_recommended.ttl"), client.get("/catalog.ttl").data, "turtle")
    missing = {path.rpartition("/")[2].rpartition("#")[2] for _, path, _ in found}

    assert missing == {"type", "bbox", "centroid"}


@needs_suite
@pytest.mark.parametrize(
    ("line", "name"),
    [("dct:title", "shapes.ttl"), ("a dct:LicenseDocument", "range.ttl")],
)
def test_shapes_bite(client: FlaskClient, line: str, name: str) -> None:
    """Without titles, or without the class of the licence, the official shapes find something."""
    text = client.get("/catalog.ttl").text
    other = line.replace("title", "label").replace("LicenseDocument", "Thing")
    changed = text.replace(line, other)
    assert changed != text

    assert "Violation" in {each[0] for each in found_by(shapes(name), changed.encode(), "turtle")}


def test_pages_together_are_the_whole(client: FlaskClient) -> None:
    """No dataset is lost or twice between pages, and no two pages are the same."""
    whole = subjects(parsed(client, "/catalog.ttl"), DCAT + "Dataset")
    found = [subjects(triples, DCAT + "Dataset") for triples in pages(client, "ttl")]

    assert len(found) > 1
    assert sum(map(len, found)) == len(whole)
    assert set().union(*found) == whole
    # The whole, the ontology, four files, three releases.
    assert len(whole) == 1 + 1 + 4 + 3


def test_address_without_page_leads_to_the_first(client: FlaskClient) -> None:
    """`/catalog` is a redirect, `full=1` and an extension give the whole, `page` must be one."""
    led = client.get("/catalog")

    assert (led.status_code, led.location) == (307, "/catalog?page=1")
    assert client.get("/catalog?full=1").status_code == 200
    first = parsed(client, "/catalog?page=1")
    views = {str(triple.subject) for triple in first if triple.predicate.value == HYDRA + "next"}
    assert views == {f"<{BASE}catalog?page=1>"}
    for path, status in (
        ("/catalog?page=0", 400),
        ("/catalog?page=x", 400),
        ("/catalog?page=99", 404),
        ("/catalog.xyz", 404),
    ):
        assert client.get(path).status_code == status
    assert client.get("/catalog?full=1", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("extension", ["nq", "trig"])
def test_syntaxes_with_graphs_have_it_in_the_default_graph(
    client: FlaskClient, extension: str
) -> None:
    """Clients that prefer N-Quads, as Comunica does, look into the default graph only."""
    answer = client.get(f"/catalog.{extension}")
    syntax = ox.RdfFormat.from_extension(extension)
    assert syntax is not None

    graphs = {quad.graph_name for quad in ox.parse(answer.data, format=syntax)}
    assert graphs == {ox.DefaultGraph()}


def test_distributions_are_what_they_say(client: FlaskClient) -> None:
    """Every download has the size and the SHA-256 that the catalogue states."""
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in parsed(client, "/catalog.ttl"))
    rows = store.query(
        f"SELECT ?url ?size ?sum {{ ?d <{DCAT}downloadURL> ?url ; <{DCAT}byteSize> ?size ; "
        f"<{SPDX}checksum>/<{SPDX}checksumValue> ?sum }}"
    )
    seen = 0
    for row in rows:  # type: ignore[union-attr]
        url, size, stated = (term.value for term in row)
        with client.get("/" + url.removeprefix(BASE)) as answer:
            body = answer.get_data()
        assert (len(body), sha256(body).hexdigest().upper()) == (int(size), stated)
        seen += 1
    formats, copies, releases, graphs = len(GRAPH_FORMATS), 3, 3, 5
    # The whole is described as itself and as each release; parts this short have no copies.
    assert seen == formats * (copies * (1 + releases) + graphs)


def test_source_graph_is_described_by_the_data(client: FlaskClient) -> None:
    """Title, description and licence that the graph states of a source graph are taken."""
    text = client.get("/catalog.nt").text

    about = [line for line in text.splitlines() if line.startswith(f"<{BASE}id/graph/data/one>")]
    assert any('"The first"@en' in line for line in about)
    assert f"{BASE}catalog#current/graphs/data/one.nt> <{DCT}license> <https://l.example/>" in text


def test_dcat_ap_lt_has_what_it_wants(client: FlaskClient) -> None:
    """Identifier, creator and publisher of catalogue and datasets, identifier of the service."""
    triples = parsed(client, "/catalog.ttl")
    said = {(str(triple.subject), triple.predicate.value) for triple in triples}
    wanted: dict[str, tuple[str, ...]]
    wanted = {DCAT + "Dataset": ("identifier", "creator", "publisher")}
    wanted |= {DCAT + "Catalog": wanted[DCAT + "Dataset"], DCAT + "DataService": ("identifier",)}

    for kind, names in wanted.items():
        members = subjects(triples, kind)
        assert members
        assert {(member, DCT + name) for member in members for name in names} <= said


def test_wrong_settings_are_told_together(tmp_path: Path) -> None:
    """Codes of no vocabulary, addresses that are none and days that are none stop every command."""
    from metropole.errors import SettingsError

    (tmp_path / "metropole.toml").write_text(
        'title = "T"\nbase = "https://t.example/"\n[catalogue]\nthemes = ["TECHNO"]\n'
        'frequency = "SELDOM"\nspatial = ["Lithuania"]\ntemporal = ["2001"]\npublisher = "me"\n'
        'page_size = 0\nkeyword = ["x"]\ndescription = "text"\n'
    )

    with pytest.raises(SettingsError) as told:
        load(tmp_path)

    for part in ("TECHNO", "SELDOM", "Lithuania", "temporal", "'me'", "page_size", "keyword'"):
        assert part in str(told.value)
    assert "'catalogue.description' must be a table of texts" in str(told.value)
