"""The description of the graph in the graph: each number is what a query counts."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.release import Dataset, Release
from metropole.release.statistics import Statistics
from metropole.release.void import DATASET, described
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from web_site import BASE, hard_files, links_of, write_site

#: Two classes of one thing, links to two other sites, and a word of the site about itself.
MORE = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<id/markup> a <ns#Thing>, skos:Concept ;
  owl:sameAs <https://sws.geonames.org/1/>, <https://sws.geonames.org/2/> ;
  skos:exactMatch <http://www.wikidata.org/entity/Q1>, <id/langs> .
<.well-known/void#dataset> <http://purl.org/dc/terms/description> "Said by the site itself."@en .
"""
PREFIXES = """\
PREFIX void: <http://rdfs.org/ns/void#> PREFIX ext: <http://ldf.fi/void-ext#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
"""
#: What VoID says, and what a query counts of the same; both give the same rows.
COUNTS = {
    "triples": ("?ds void:triples ?n", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
    "entities": (
        "?ds void:entities ?n",
        (
            "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o "
            "FILTER(ISIRI(?s) && STRSTARTS(STR(?s), 'https://t.example/id/')) }"
        ),
    ),
    "subjects": (
        "?ds void:distinctSubjects ?n",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    ),
    "objects": ("?ds void:distinctObjects ?n", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
    "properties": ("?ds void:properties ?n", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
    "classes": ("?ds void:classes ?n", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
    "of each class": (
        "?ds void:classPartition [ void:class ?c ; void:entities ?n ]",
        "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c",
    ),
    "of each property": (
        "?ds void:propertyPartition [ void:property ?p ; void:triples ?n ]",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    ),
    "of each datatype": (
        "?ds ext:datatypePartition [ ext:datatype ?d ; void:triples ?n ]",
        (
            "SELECT ?d (COUNT(*) AS ?n) { ?s ?p ?o FILTER(ISLITERAL(?o)) BIND(DATATYPE(?o) AS ?d) }"
            " GROUP BY ?d"
        ),
    ),
    "of each property of a class": (
        (
            "?ds void:classPartition [ void:class ?c ; "
            "void:propertyPartition [ void:property ?p ; void:triples ?n ] ]"
        ),
        "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p",
    ),
    "of each datatype of a property of a class": (
        (
            "?ds void:classPartition [ void:class ?c ; void:propertyPartition [ void:property ?p ; "
            "ext:datatypePartition [ ext:datatype ?d ; void:triples ?n ] ] ]"
        ),
        (
            "SELECT ?c ?p ?d (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER(ISLITERAL(?o)) "
            "BIND(DATATYPE(?o) AS ?d) } GROUP BY ?c ?p ?d"
        ),
    ),
    "of each linkset": (
        (
            "[] a void:Linkset ; void:subjectsTarget ?ds ; void:linkPredicate ?p ; "
            "void:triples ?n ; "
            "void:objectsTarget [ void:uriSpace ?space ]"
        ),
        (
            "SELECT ?p ?space (COUNT(*) AS ?n) { VALUES ?p { owl:sameAs skos:exactMatch } ?s ?p ?o "
            "BIND(REPLACE(STR(?o), '^(https?://[^/]+/).*', '$1') AS ?space) "
            "FILTER(?space != 'https://t.example/') } GROUP BY ?p ?space"
        ),
    ),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hard site, built."""
    folder = tmp_path_factory.mktemp("void")
    write_site(folder, {**hard_files(), "data/more.ttl": MORE})
    publish.build(load(folder))
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of its application."""
    serving = Serving(load(root))
    yield create_app(serving).test_client()
    serving.pool.close()


def rows(client: FlaskClient, query: str) -> list[str]:
    """Ask a query over the default graph and give its rows, sorted."""
    owl = "PREFIX owl: <http://www.w3.org/2002/07/owl#> "
    skos = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    answer = client.post(
        "/sparql", data={"query": PREFIXES + owl + skos + query}, headers={"Accept": "text/csv"}
    )
    assert answer.status_code == 200, answer.text
    return sorted(answer.text.split("\r\n")[1:-1])


@pytest.mark.parametrize("name", COUNTS)
def test_number_is_what_a_query_counts(client: FlaskClient, name: str) -> None:
    """Every number of the description equals the COUNT over the default graph, itself included."""
    pattern, count = COUNTS[name]
    asked = count.partition("GROUP BY ")[2] + " ?n"
    said = rows(client, f"SELECT {asked} {{ BIND(<{DATASET}> AS ?ds) {pattern} }}")

    assert said
    assert said == rows(client, count)


def test_manifest_and_dump_have_the_same_numbers(root: Path) -> None:
    """The manifest counts what the description counts, and the dump holds it."""
    release = Release(root / "current", publish.build(load(root)).release.manifest)
    lines = (release.folder / "dumps/dataset.nq").read_bytes().split(b"\n")[:-1]
    triples = {line[: line.rindex(b" <")] for line in lines}

    assert release.manifest.triples == len(triples)
    number = f'void#triples> "{len(triples)}"'.encode()
    assert sum(number in triple and DATASET.encode() in triple for triple in triples) == 1


def test_document_has_the_description(client: FlaskClient) -> None:
    """`/.well-known/void` gives in every format what a query of the graph finds."""
    found = rows(client, "SELECT * { GRAPH <id/graph/void> { ?s ?p ?o } }")

    for accept, syntax in (
        ("*/*", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/trig", ox.RdfFormat.TRIG),
    ):
        answer = client.get("/.well-known/void", headers={"Accept": accept})
        assert answer.content_type.partition(";")[0] == syntax.media_type
        quads = set(ox.parse(answer.data, format=syntax))
        assert len(quads) == len(found)
        assert {quad.graph_name for quad in quads} == {ox.DefaultGraph()}
    assert client.get("/.well-known/void", headers={"Accept": "image/png"}).status_code == 406


def test_description_is_found_in_every_way(client: FlaskClient) -> None:
    """By the well-known address, a link of every page and document, the service and the graph."""
    home = client.get("/", headers={"Accept": "text/html"})
    document = client.get("/doc/markup.ttl")
    service = client.get("/sparql", headers={"Accept": "application/n-triples"})

    assert "/.well-known/void" in home.headers["Link"]
    assert 'rel="describedby" href="/.well-known/void"' in home.text
    in_dataset = (
        '<https://t.example/.well-known/void#dataset>; rel="http://rdfs.org/ns/void#inDataset"'
    )
    assert in_dataset in links_of(document)
    assert "<https://t.example/.well-known/void#dataset>" in service.text
    assert rows(client, "SELECT ?d { ?d a void:DatasetDescription }")


def test_editors_find_what_they_ask_for(client: FlaskClient) -> None:
    """The questions of SPARQL editors for classes with properties, and for prefixes, have rows."""
    classes = rows(
        client,
        """SELECT DISTINCT ?class ?property ?datatype {
          ?cp void:class ?class ; void:propertyPartition ?pp . ?pp void:property ?property .
          OPTIONAL { ?pp ext:datatypePartition [ ext:datatype ?datatype ] } }""",
    )
    prefixes = rows(client, "SELECT ?p ?n { [] sh:prefix ?p ; sh:namespace ?n }")

    assert any(row.startswith("https://t.example/ns#Thing,") for row in classes)
    assert "rdfs,http://www.w3.org/2000/01/rdf-schema#" in prefixes


@pytest.mark.parametrize("more", range(12))
def test_numbers_settle_whatever_the_size(tmp_path: Path, more: int) -> None:
    """The number of distinct objects, which depends on itself, is right or absent."""
    write_site(tmp_path, {})
    lines = [
        f'<https://t.example/id/{n}> <https://t.example/p> "{n}"^^'
        f"<http://www.w3.org/2001/XMLSchema#integer> <https://t.example/g> .".encode()
        for n in range(80 + more)
    ]
    found = described(Dataset(sorted(lines)), load(tmp_path), {})
    counted = Statistics.of(found.union(), "https://t.example/")
    said = [
        line
        for line in found.lines
        if b"#dataset> <http://rdfs.org/ns/void#distinctObjects> " in line
    ]

    assert found.statistics == replace(counted, objects=set())
    assert all(f'"{len(counted.objects)}"'.encode() in line for line in said)


PERL = """\
use RDF::Trine; use RDF::Generator::Void;
my $model = RDF::Trine::Model->temporary_model;
RDF::Trine::Parser->new('ntriples')->parse_file_into_model('http://x/', $ARGV[0], $model);
my $made = RDF::Generator::Void->new(
    inmodel => $model, dataset_uri => 'http://x/ds', level => 2)->generate;
print RDF::Trine::Serializer->new('ntriples')->serialize_model_to_string($made);
"""


def has_generator() -> bool:
    """Tell whether the other counter is installed."""
    command = ["perl", "-MRDF::Generator::Void", "-e", "1"]
    return (
        shutil.which("perl") is not None
        and not subprocess.run(command, check=False, capture_output=True).returncode
    )


@pytest.mark.skipif(not has_generator(), reason="librdf-generator-void-perl is not installed")
def test_another_program_counts_the_same(tmp_path: Path) -> None:
    """RDF::Generator::Void, which is not ours, finds over the dump what the description says."""
    root = write_site(tmp_path / "site", {"data/more.ttl": MORE})  # it cannot read the hard one
    publish.build(load(root))
    lines = (root / "current/dumps/dataset.nq").read_bytes().split(b"\n")[:-1]
    triples = sorted({line[: line.rindex(b" <")] + b" .\n" for line in lines})
    (tmp_path / "all.nt").write_bytes(b"".join(triples))
    made = subprocess.run(
        ["perl", "-e", PERL, tmp_path / "all.nt"], check=True, capture_output=True, timeout=60
    )
    own, other = ox.Store(), ox.Store()
    own.load(b"".join(triples), format=ox.RdfFormat.N_TRIPLES)
    other.load(made.stdout, format=ox.RdfFormat.N_TRIPLES)

    def told(store: ox.Store, dataset: str) -> tuple[set[str], set[str]]:
        names = "void:triples, void:properties, void:distinctSubjects, void:distinctObjects"
        counts = f"SELECT ?p ?n {{ {dataset} ?p ?n FILTER(?p IN ({names})) }}"
        parts = (
            f"SELECT ?p ?n {{ {dataset} void:propertyPartition "
            "[ void:property ?p ; void:triples ?n ] }"
        )
        first, second = (
            {str(row) for row in store.query(PREFIXES + query)}  # type: ignore[union-attr]
            for query in (counts, parts)
        )
        return first, second

    assert told(own, f"<{BASE}{DATASET}>") == told(other, "<http://x/ds>")
