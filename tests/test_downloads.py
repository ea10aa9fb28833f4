"""Downloads: every format of every part says the same, tables are the graph, and sums hold."""

import csv
import difflib
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard
from arro3.io import read_parquet

from metropole import publish
from metropole.errors import SettingsError, StoreError
from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.release import Dataset, Release, Releases
from metropole.release.downloads import work
from metropole.release.downloads.canonical import rdfc_sha256
from metropole.release.downloads.listing import read_listing
from metropole.settings import load
from metropole.store.equality import prove_equal
from metropole.web.dumps.file_parts import NotSatisfiable, Parts, Span, pieces, spans
from web_site import (
    BASE,
    client_of,
    fetch,
    graph_by_oxigraph,
    graph_by_rdflib,
    hard_files,
    is_same_graph,
    server_of,
    write_site,
)

TOOLS = Path(__file__).parent.parent / ".tools" / "node_modules"
TERMS = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix qudt: <http://qudt.org/schema/qudt/> .
<https://v.example/Town> a owl:Class ; rdfs:label "town"@en ;
  rdfs:comment "A place with a market."@en .
<https://v.example/area> a owl:DatatypeProperty ; rdfs:label "area"@en ;
  rdfs:comment "Land and water."@en ; qudt:hasUnit <http://qudt.org/vocab/unit/KiloM2> .
<http://qudt.org/vocab/unit/KiloM2> rdfs:label "km²" .
"""
TOWNS = """\
@prefix v: <https://v.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix other: <https://other.example/> .
<id/a> a v:Town ; rdfs:label "Ape, the \\"small\\" one"@en , "Apė"@lt ; v:area 12.50 ; v:people 7 ;
  v:founded "1250-01-02"^^xsd:date ; v:walled true ; v:code "007" , "a|b" ; v:near <id/b> , <id/c> ;
  v:within <id/c> ; other:code "x" ; v:at [ v:east 24.5 ; v:north 56.25 ] ; v:said "two\\nlines" .
<id/b> a v:Town ; rdfs:label "Bene"@en ; v:area 3.0 ; v:people 12345678901234567890 ; v:count 1 .
<id/c> a v:Town ; rdfs:label "Cēsis"@lv ; v:count 2 ; v:at ( 1 2 ) .
"""


#: What is said of the towns, with a node and a list of two that hang from them.
TOWN_STATEMENTS = 30


def built(root: Path, files: dict[str, str] | None = None, more: str = "") -> Release:
    """Build a small site and give its release."""
    texts = files or {"data/towns.ttl": TOWNS, "ontology/towns.ttl": TERMS}
    publish.build(load(write_site(root, texts, more=more)))
    return Releases(load(root)).current() or pytest.fail("nothing was released")


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with three towns."""
    return built(tmp_path_factory.mktemp("towns"))


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of what is hard to write."""
    return built(tmp_path_factory.mktemp("hard"), hard_files())


def dumps_of(release: Release) -> Path:
    """Give the folder of the dumps of a release."""
    return release.folder / "dumps"


def lines_of(path: Path) -> list[bytes]:
    """Read the lines of a file of N-Quads."""
    return path.read_bytes().split(b"\n")[:-1]


# Dumps


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
def test_all_formats_say_the_same(hard: Release, syntax: GraphFormat) -> None:
    """The whole and source graphs are the same graph in each format that there is."""
    checked = 0
    for stem in ("dataset", "graphs/data/statements", "graphs/data/again", "graphs/data/names"):
        path = dumps_of(hard) / f"{stem}.{syntax.extension}"
        if path.exists():
            assert canonical(path) == canonical(path.with_suffix(".nq"))
            checked += 1
    assert checked >= 1


def canonical(path: Path) -> ox.Dataset:
    """Read the triples of a file, whatever graph they are in, with canonical labels."""
    triples = {quad.triple for quad in ox.parse(path=str(path))}
    found = ox.Dataset(ox.Quad(*triple) for triple in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def test_rdflib_reads_the_dumps_of_a_class(towns: Release) -> None:
    """Another library finds in each format of a class what N-Triples hold."""
    stem = dumps_of(towns) / "classes"
    path = next(stem.glob("*Town*.nt"))
    wanted = graph_by_oxigraph(path.read_bytes(), ox.RdfFormat.N_TRIPLES)
    assert len(wanted) == TOWN_STATEMENTS
    for extension, name in (("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld")):
        body = path.with_suffix(f".{extension}").read_bytes()
        assert is_same_graph(graph_by_rdflib(body, name), wanted)


def test_what_xml_cannot_hold_is_told(hard: Release) -> None:
    """A graph that RDF/XML cannot hold has no such file, and the list says why."""
    missing = {each.path: each.reason for each in read_listing(hard).missing}

    assert "dataset.rdf" in missing
    assert "RDF/XML" in missing["dataset.rdf"] or "XML cannot" in missing["dataset.rdf"]
    assert not (dumps_of(hard) / "dataset.rdf").exists()
    assert (dumps_of(hard) / "graphs/data/names.rdf").exists()


def test_one_changed_statement_is_few_lines(tmp_path: Path) -> None:
    """Between two releases that differ in one statement, pretty dumps differ in that line."""
    first = built(tmp_path / "1")
    second = built(
        tmp_path / "2",
        {"data/towns.ttl": TOWNS.replace("12.50", "12.75"), "ontology/towns.ttl": TERMS},
    )
    for name in ("dataset.ttl", "dataset.trig", "graphs/data/towns.ttl"):
        one, other = (
            (dumps_of(release) / name).read_text(encoding="utf-8").splitlines()
            for release in (first, second)
        )
        changed = [line for line in difflib.ndiff(one, other) if line[0] in "+-"]
        assert len(changed) == 2
        assert "12.5" in changed[0]
        assert "12.75" in changed[1]


def test_processes_write_the_same_bytes(towns: Release, tmp_path: Path) -> None:
    """Files that several processes share out are those that one writes by itself."""
    dataset = Dataset(lines_of(dumps_of(towns) / "dataset.nq"))
    (tmp_path / "dumps").mkdir()
    dataset.write(tmp_path / "dumps/dataset.nq")

    work.write_downloads(
        dataset, towns.manifest.content, tmp_path / "dumps", ended=threading.Event(), alone=0
    )

    made, wanted = (
        {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in (tmp_path / "dumps", dumps_of(towns))
    )
    del wanted[Path("SHA256SUMS")]
    assert made == wanted


def test_copies_are_the_files(towns: Release) -> None:
    """Compressed copies unpack to the files, and hold no time and no name."""
    for name in ("dataset.nq", "dataset.ttl"):
        plain = (dumps_of(towns) / name).read_bytes()
        packed = (dumps_of(towns) / f"{name}.gz").read_bytes()
        assert gzip.decompress(packed) == plain
        assert packed[3:8] == bytes(5)  # no flags, so no name, and the time 0 (RFC 1952)
        other = (dumps_of(towns) / f"{name}.zst").read_bytes()
        assert zstandard.ZstdDecompressor().decompress(other) == plain


def test_settings_choose(tmp_path: Path) -> None:
    """What is not asked for is not made; what is always there stays."""
    more = '[dumps]\nformats = ["jsonld"]\nparts = []\ntables = ["csv"]\ncompressions = ["zst"]\n'
    paths = {file.path for file in read_listing(built(tmp_path, more=more)).files}

    assert {"dataset.nq", "dataset.ttl", "dataset.trig", "dataset.jsonld"} <= paths
    assert "dataset.nq.zst" in paths
    assert "dataset.nt" not in paths
    assert not any(path.startswith("classes/") or path.endswith((".gz", ".rdf")) for path in paths)
    assert {path.rpartition(".")[2] for path in paths if path.startswith("tables/")} == {
        "csv",
        "json",
    }


def test_large_graphs_have_what_is_always_there(tmp_path: Path) -> None:
    """Beyond `most_statements` there are the old dumps, and copies of the N-Quads."""
    release = built(tmp_path, more="[dumps]\nmost_statements = 10\n")
    paths = {file.path for file in read_listing(release).files}

    assert {path for path in paths if "/" not in path} == {
        *("dataset.nq", "dataset.nq.gz", "dataset.nq.zst", "dataset.trig", "dataset.ttl"),
    }
    assert {path.rpartition(".")[2] for path in paths if path.startswith("graphs/")} == {"nt"}
    assert not any(path.startswith(("tables/", "classes/")) for path in paths)


@pytest.mark.parametrize(
    "wrong", ['formats = ["docx"]', 'tables = ["xlsx"]', 'compressions = ["rar"]', "parts = 3"]
)
def test_wrong_settings_are_told(tmp_path: Path, wrong: str) -> None:
    """A file that cannot be made is told with those that can."""
    write_site(tmp_path, {}, more=f"[dumps]\n{wrong}\n")

    with pytest.raises(SettingsError, match=rf"dumps\.{wrong.split(maxsplit=1)[0]}"):
        load(tmp_path)


# Tables


def rows_of(release: Release) -> list[dict[str, str]]:
    """Read the table of towns."""
    path = next((dumps_of(release) / "tables").glob("*Town*.csv"))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_for_each_thing(towns: Release) -> None:
    """A row has the names in all languages, values as written, and names of what is linked."""
    first, second, third = rows_of(towns)

    assert first["iri"] == f"{BASE}id/a"
    assert (first["label_en"], first["label_lt"]) == ('Ape, the "small" one', "Apė")
    assert (first["label"], third["label"]) == ('Ape, the "small" one', "Cēsis")
    assert (first["area"], first["people"], first["founded"]) == ("12.5", "7", "1250-01-02")
    assert first["near"] == f"{BASE}id/b|{BASE}id/c"
    assert first["near_label"] == "Bene|Cēsis"
    assert (first["within"], first["within_label"]) == (f"{BASE}id/c", "Cēsis")
    assert (first["at_east"], first["at_north"]) == ("24.5", "56.25")
    assert first["said"] == "two\nlines"
    assert second["people"] == "12345678901234567890"
    assert (second["walled"], third["area"]) == ("", "")


def test_several_values_can_be_told_apart(towns: Release) -> None:
    """The sign between several values is in none of them, and two properties share no column."""
    first = rows_of(towns)[0]
    mine = next(name for name in first if name.endswith("code") and "a|b" in first[name])
    other = next(name for name in first if name.endswith("code") and name != mine)

    assert first[mine] == "007;a|b"
    assert first[other] == "x"


def test_csv_is_that_of_the_standard(towns: Release) -> None:
    """Lines end in CR LF, quotes are doubled, and there is no mark at the beginning (RFC 4180)."""
    body = next((dumps_of(towns) / "tables").glob("*Town*.csv")).read_bytes()

    assert body.startswith(b"iri,label,")
    assert body.count(b"\r\n") == 4
    assert b'"Ape, the ""small"" one"' in body


def test_dictionary_tells_what_columns_are(towns: Release) -> None:
    """Property, datatype, language, unit and the sign between values are in the dictionary."""
    path = next((dumps_of(towns) / "tables").glob("*Town*.csv-metadata.json"))
    told = json.loads(path.read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in told["tableSchema"]["columns"]}

    assert list(columns) == list(rows_of(towns)[0])
    assert told["dc:title"] == "town"
    assert told["dc:description"] == "A place with a market."
    assert columns["area"]["propertyUrl"] == "https://v.example/area"
    assert columns["area"]["datatype"] == "decimal"
    assert columns["area"]["http://qudt.org/schema/qudt/hasUnit"] == "km²"
    assert columns["area"]["dc:description"] == "Land and water."
    assert columns["label_lt"]["lang"] == "lt"
    assert columns["near"]["separator"] == "|"
    assert "1 values are lists" in told["rdfs:comment"]


def test_own_reader_makes_the_graph_of_a_table(towns: Release, tmp_path: Path) -> None:
    """A site made of a table and its dictionary says what the graph said, as far as both go."""
    table = next((dumps_of(towns) / "tables").glob("*Town*.csv"))
    texts = {"ontology/towns.ttl": TERMS}
    write_site(tmp_path, texts)
    (tmp_path / "data").mkdir()
    for path in (table, table.with_suffix(".csv-metadata.json")):
        shutil.copy(path, tmp_path / "data" / path.name)
    publish.build(load(tmp_path))
    again = Releases(load(tmp_path)).current()
    assert again is not None

    graph = f"{BASE}id/graph/data/{table.stem}"
    read = {
        line.rpartition(b" <")[0]
        for line in lines_of(dumps_of(again) / "dataset.nq")
        if f"<{graph}".encode() in line
    }
    said = {
        line.rpartition(b" <")[0]
        for line in lines_of(dumps_of(towns) / "dataset.nq")
        if line.endswith(f"<{BASE}id/graph/data/towns> .".encode())
    }
    assert read <= said
    left = {line.split(b" ")[1] for line in said - read if not line.startswith(b"_:")}
    assert left == {f"<https://v.example/{name}>".encode() for name in ("at", "near")}


def test_parquet_holds_typed_values(towns: Release) -> None:
    """Numbers, days and truth values have their types, several values are a list."""
    path = next((dumps_of(towns) / "tables").glob("*Town*.parquet"))
    table = read_parquet(path).read_all()
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    values = {name: table.column(name).to_pylist() for name in table.column_names}

    assert values["iri"] == [f"{BASE}id/{name}" for name in "abc"]
    assert values["area"] == [12.5, 3.0, None]
    assert values["count"] == [None, 1, 2]
    assert values["near_label"] == [["Bene", "Cēsis"], None, None]
    assert values["walled"] == [True, None, None]
    assert str(values["founded"][0]) == "1250-01-02"
    assert "Int64" in kinds["count"]
    assert "Utf8" in kinds["people"]  # a number that 64 bits cannot hold stays as it is


# The sum of the graph


@pytest.mark.parametrize("name", ["towns", "hard"])
def test_sum_is_that_of_the_canonical_dataset(name: str, request: pytest.FixtureRequest) -> None:
    """Labels given to what has blank nodes only make the canonical form of the whole."""
    release: Release = request.getfixturevalue(name)
    path = dumps_of(release) / "dataset.trig"
    whole = ox.Dataset(ox.parse(path=str(path)))
    whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    text = ox.serialize(whole, format=ox.RdfFormat.N_QUADS) or b""
    lines = sorted(text.split(b"\n")[:-1])

    wanted = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    assert release.manifest.rdfc_sha256 == wanted == read_listing(release).rdfc_sha256


def test_another_program_finds_the_same_sum(towns: Release) -> None:
    """rdf-canonize, in JavaScript by other people, gives the canonical form the same sum."""
    tool = TOOLS / "rdf-canonize"
    if not tool.is_dir() or shutil.which("node") is None:
        pytest.skip("rdf-canonize is not installed in .tools")
    script = """
        import { readFileSync } from "node:fs";
        const { canonize } = await import(process.argv[1]);
        const syntax = "application/n-quads";
        const options = { algorithm: "RDFC-1.0", inputFormat: syntax, format: syntax };
        process.stdout.write(await canonize(readFileSync(process.argv[2], "utf8"), options));
    """
    done = subprocess.run(
        [
            *("node", "--input-type=module", "--eval", script),
            *(f"file://{tool}/lib/index.js", dumps_of(towns) / "dataset.nq"),
        ],
        capture_output=True,
        check=True,
    )
    assert hashlib.sha256(done.stdout).hexdigest() == towns.manifest.rdfc_sha256


ALIKE = (
    b'_:x <https://p.example/p> "1" <https://g.example/> .',
    b'_:y <https://p.example/p> "1" <https://g.example/> .',
)


def test_nodes_that_are_alike_go_to_a_process() -> None:
    """Nodes that say the same have the canonical form too, and their labels do not matter."""
    other = [line.replace(b"_:x", b"_:z") for line in ALIKE]

    assert rdfc_sha256(Dataset(sorted(ALIKE)), "") == rdfc_sha256(Dataset(sorted(other)), "") != ""


def test_a_graph_made_to_stop_it_has_no_sum() -> None:
    """A graph whose canonical form takes years is released all the same, without that sum."""
    nodes = range(10)  # each linked with each other: all are alike from every side
    lines = sorted(
        f"_:n{one} <https://p.example/p> _:n{other} <https://g.example/> .".encode()
        for one in nodes
        for other in nodes
        if one != other
    )
    assert rdfc_sha256(Dataset(lines), "", seconds=1) == ""


# Equality


def test_store_that_differs_is_found(towns: Release) -> None:
    """A statement less, one more or another one in the store, and nothing is released."""
    dataset = Dataset(lines_of(dumps_of(towns) / "dataset.nq"))

    def store(lines: list[bytes]) -> ox.Store:
        held = ox.Store()
        held.extend(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS))
        return held

    prove_equal(store(dataset.lines), dataset, union_stored=False, whole=True)
    prove_equal(store(dataset.lines), dataset, union_stored=False, whole=False)
    other = [dataset.lines[0].replace(b"> .", b"x> ."), *dataset.lines[1:]]
    for lines in (dataset.lines[1:], [*dataset.lines, other[0]], other):
        for whole in (True, False):
            with pytest.raises(StoreError, match="does not hold what the dumps hold"):
                prove_equal(store(lines), dataset, union_stored=False, whole=whole)


def test_documents_are_the_dump(tmp_path: Path) -> None:
    """The document of each town says what its class's dump says of it."""
    with client_of(write_site(tmp_path, {"data/towns.ttl": TOWNS})) as client:
        dump = client.get("/dumps/latest/dataset.nt", follow_redirects=True).data.split(b"\n")
        for name in "abc":
            subject = f"<{BASE}id/{name}> ".encode()
            said = client.get(f"/doc/{name}.nt").data.split(b"\n")
            ground = [line for line in dump if line.startswith(subject) and b" _:" not in line]
            assert set(ground) == {
                line for line in said if line.startswith(subject) and b" _:" not in line
            }


# Over HTTP


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that has two releases; the second is current."""
    root = tmp_path_factory.mktemp("served")
    built(root)
    built(root, {"data/towns.ttl": TOWNS.replace("12.50", "13.50"), "ontology/towns.ttl": TERMS})
    return root


@pytest.fixture(scope="module")
def port(site: Path) -> Iterator[int]:
    """A server of the site, in a process of its own."""
    with server_of(site) as server:
        yield server.port


def current(site: Path) -> Release:
    """Give the current release of a site."""
    return Releases(load(site)).current() or pytest.fail("nothing was released")


def test_curl_goes_on_with_a_download_and_its_sum_is_in_three_places(
    site: Path, port: int, tmp_path: Path
) -> None:
    """`curl -C -` completes what was cut; sums, header, list and manifest agree on the file."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    release = current(site)
    address = f"http://127.0.0.1:{port}/dumps/latest"
    whole = (dumps_of(release) / "dataset.nq").read_bytes()
    (tmp_path / "dataset.nq").write_bytes(whole[:1000])

    command = [curl, "--fail", "--silent", "--show-error", "--location", "--remote-name"]
    subprocess.run(
        [*command, "--continue-at", "-", "--dump-header", "headers", f"{address}/dataset.nq"],
        cwd=tmp_path,
        check=True,
    )
    subprocess.run([*command, f"{address}/SHA256SUMS"], cwd=tmp_path, check=True)

    headers = (tmp_path / "headers").read_text()
    assert "HTTP/1.1 206" in headers
    assert f"content-range: bytes 1000-{len(whole) - 1}/{len(whole)}" in headers
    assert (tmp_path / "dataset.nq").read_bytes() == whole
    check = ["sha256sum", "--check", "--ignore-missing", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=True, capture_output=True).stdout == (
        b"dataset.nq: OK\n"
    )
    digest = hashlib.sha256(whole).digest()
    told = re.search(r"repr-digest: sha-256=:(.*):", headers)
    assert told is not None
    assert told[1] == b64encode(digest).decode()
    in_list = {file.path: file.sha256 for file in read_listing(release).files}
    in_manifest = {file.path: file.sha256 for file in release.manifest.files}
    assert in_list["dataset.nq"] == in_manifest["dumps/dataset.nq"] == digest.hex()


def test_parts_are_those_that_were_asked_for(site: Path, port: int) -> None:
    """One part, several, the end of the file; a part that is not there is refused."""
    release = current(site)
    path = f"/dumps/{release.id}/dataset.ttl"
    whole = (dumps_of(release) / "dataset.ttl").read_bytes()

    def part(asked: str, **more: str) -> tuple[int, dict[str, str], bytes]:
        reply = fetch(port, path, headers={"Range": f"bytes={asked}", **more})
        assert reply.is_whole
        return reply.status, reply.headers, reply.body

    assert part("0-9")[::2] == (206, whole[:10])
    assert part("-5")[::2] == (206, whole[-5:])
    status, headers, body = part(f"{len(whole) - 3}-")
    assert (status, body) == (206, whole[-3:])
    assert headers["content-range"] == f"bytes {len(whole) - 3}-{len(whole) - 1}/{len(whole)}"
    status, headers, body = part("0-4,10-19,-2")
    assert status == 206
    boundary = headers["content-type"].partition("boundary=")[2].encode()
    found = [each.partition(b"\r\n\r\n")[2] for each in body.split(b"\r\n--" + boundary)[1:-1]]
    assert found == [whole[:5], whole[10:20], whole[-2:]]
    status, headers, _ = part(f"{len(whole)}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{len(whole)}")
    assert part("0-9,0-" + ",0-" * 60)[::2] == (200, whole)


SIZE = 1000


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=999-", [(999, 1000)]),
        ("bytes=0-99999", [(0, 1000)]),
        ("bytes=990-99999", [(990, 1000)]),
        ("bytes=-1", [(999, 1000)]),
        ("bytes=-1000", [(0, 1000)]),
        ("bytes=-99999", [(0, 1000)]),
        ("bytes=5-5,7-8,1000-", [(5, 6), (7, 9)]),
        # As long as the file together, and longer.
        ("bytes=0-499,-500", [(0, 500), (500, 1000)]),
        ("bytes=0-499,-501", []),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(32)), [(n, n + 1) for n in range(32)]),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(33)), []),
        # What is no range of bytes is passed over.
        ("lines=0-1", []),
        ("bytes=1-0", []),
        ("bytes", []),
        (None, []),
    ],
)
def test_spans_of_a_file(asked: str | None, found: list[tuple[int, int]]) -> None:
    """Ranges are cut to the file; what would be more work than the whole is none."""
    assert [(span.start, span.stop) for span in spans(asked, SIZE)] == found


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=1000-1000,2000-"])
def test_span_behind_the_end_of_a_file(asked: str) -> None:
    """When no part that is asked for is there, that is told."""
    with pytest.raises(NotSatisfiable):
        spans(asked, SIZE)


def test_several_parts_are_read_by_an_other_program(tmp_path: Path) -> None:
    """A parser of MIME finds each part with its type and its place; the length is that told."""
    whole = bytes(range(256)) * 2000
    path = tmp_path / "file.bin"
    path.write_bytes(whole)
    parts = Parts(path, len(whole), "text/turtle", (Span(0, 300_000), Span(300_001, 300_002)))
    body = b"".join(parts.body())

    message = message_from_bytes(f"Content-Type: {parts.media_type}\r\n".encode() + body)

    assert len(body) == parts.length
    read = list(message.walk())[1:]
    assert [each.get_content_type() for each in read] == ["text/turtle"] * 2
    assert [each["Content-Range"] for each in read] == [
        "bytes 0-299999/512000",
        "bytes 300001-300001/512000",
    ]
    assert [each.get_payload(decode=True) for each in read] == [
        whole[:300_000],
        whole[300_001:300_002],
    ]
    assert whole.count(parts.boundary.encode()) == 0
    other = Parts(path, len(whole), "text/turtle", (Span(0, 3), Span(4, 5)))
    assert (len(other.boundary), other.boundary != parts.boundary) == (32, True)


def test_file_that_has_become_shorter_is_no_whole_part(tmp_path: Path) -> None:
    """What cannot be read to its end is an error, by which the connection is cut."""
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * 10)
    assert b"".join(pieces(path, Span(8, 10))) == b"xx"
    with pytest.raises(OSError, match="shorter than when it was released"):
        list(pieces(path, Span(8, 11)))


def test_a_part_is_only_of_the_file_that_is_meant(site: Path, port: int) -> None:
    """`If-Range` with the tag of another file, or with a date, gets the whole."""
    release = current(site)
    path = f"/dumps/{release.id}/dataset.ttl"
    tag = fetch(port, path, method="HEAD").headers["etag"]
    assert tag == f'"{release.id}-dataset.ttl"'

    for condition, status in (
        (tag, 206),
        (f"W/{tag}", 200),
        ('"other"', 200),
        ("Wed, 21 Oct 2025 07:28:00 GMT", 200),
    ):
        headers = {"Range": "bytes=0-9", "If-Range": condition}
        assert fetch(port, path, headers=headers).status == status
    assert fetch(port, path, headers={"If-None-Match": tag}).status == 304
    assert fetch(port, path, headers={"If-Match": '"other"'}).status == 412


def test_head_tells_what_get_would(site: Path, port: int) -> None:
    """HEAD has the length, the type, the digest and that there are parts."""
    release = current(site)
    for name, kind in (
        ("dataset.ttl", "text/turtle; charset=utf-8"),
        ("dataset.nq.gz", "application/gzip"),
        ("dataset.nq.zst", "application/zstd"),
        ("tables/v-Town.csv", "text/csv; charset=utf-8"),
        ("tables/v-Town.parquet", "application/vnd.apache.parquet"),
        ("tables/v-Town.csv-metadata.json", "application/csvm+json"),
        ("dumps.json", "application/json"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
    ):
        body = (dumps_of(release) / name).read_bytes()
        reply = fetch(port, f"/dumps/{release.id}/{name}", method="HEAD")
        assert reply.status == 200
        assert reply.headers["content-type"] == kind
        assert reply.headers["content-length"] == str(len(body))
        assert reply.headers["accept-ranges"] == "bytes"
        digest = b64encode(hashlib.sha256(body).digest()).decode()
        assert reply.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert "immutable" in reply.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, zstd", "zstd"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("br", ""),
        ("gzip;q=0.1, identity", ""),
        ("", ""),
    ],
)
def test_a_coding_is_a_copy_with_a_tag_and_sum_of_its_own(
    site: Path, port: int, accepted: str, coding: str
) -> None:
    """Who takes a coding gets the copy in it; a part is of the file itself all the same."""
    release = current(site)
    path = f"/dumps/{release.id}/dataset.nq"
    ending = {"gzip": ".gz", "zstd": ".zst", "": ""}[coding]
    body = (dumps_of(release) / f"dataset.nq{ending}").read_bytes()

    reply = fetch(port, path, headers={"Accept-Encoding": accepted})
    part = fetch(port, path, headers={"Accept-Encoding": accepted, "Range": "bytes=0-9"})

    assert reply.body == body
    assert reply.headers.get("content-encoding", "") == coding
    assert reply.headers["content-type"] == "application/n-quads"
    assert reply.headers["vary"] == "Accept-Encoding"
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    assert reply.headers["repr-digest"] == f"sha-256=:{digest}:"
    tag = f"{release.id}-dataset.nq" + (f"-{coding}" if coding else "")
    assert reply.headers["etag"] == f'"{tag}"'
    assert "content-encoding" not in part.headers
    assert part.body == (dumps_of(release) / "dataset.nq").read_bytes()[:10]
    assert part.headers["etag"] == f'"{release.id}-dataset.nq"'


def test_digests_are_those_that_are_wanted(site: Path, port: int) -> None:
    """`Want-Repr-Digest` can refuse, `Want-Content-Digest` can ask (RFC 9530, section 4)."""
    path = f"/dumps/{current(site).id}/dataset.ttl"

    refused = fetch(port, path, headers={"Want-Repr-Digest": "sha-256=0"})
    other = fetch(port, path, headers={"Want-Repr-Digest": "sha-512=3"})
    part = fetch(port, path, headers={"Want-Content-Digest": "sha-256=5", "Range": "bytes=3-8"})

    assert "repr-digest" not in refused.headers
    assert "repr-digest" not in other.headers
    assert "content-digest" not in refused.headers
    digest = b64encode(hashlib.sha256(part.body).digest()).decode()
    assert part.headers["content-digest"] == f"sha-256=:{digest}:"


def test_latest_leads_to_the_current_release(site: Path, port: int) -> None:
    """`latest` is 307 and never kept; what it leads to is kept for good."""
    release = current(site)
    for name in ("", "dataset.ttl", "tables/v-Town.html", "dumps.json"):
        reply = fetch(port, f"/dumps/latest/{name}")
        assert reply.status == 307
        assert reply.headers["location"] == f"/dumps/{release.id}/{name}"
        assert reply.headers["cache-control"] == "no-cache"
        assert fetch(port, reply.headers["location"]).status == 200
    assert fetch(port, "/dumps/latest/absent.ttl").status == 404


def test_older_releases_keep_their_downloads(site: Path, port: int) -> None:
    """Each release that is kept has its page, its list and its files."""
    releases = Releases(load(site))
    ids = releases.ids()
    assert len(ids) == 2
    bodies = set()
    for release_id in ids:
        page = fetch(port, f"/dumps/{release_id}/")
        assert page.status == 200
        assert f"/dumps/{release_id}/dataset.ttl".encode() in page.body
        bodies.add(fetch(port, f"/dumps/{release_id}/tables/v-Town.csv").body)
        told = json.loads(fetch(port, f"/dumps/{release_id}/dumps.json").body)
        assert told["release"] == release_id
    assert len(bodies) == 2
    assert fetch(port, "/dumps/absent/").status == 404


def test_everything_that_is_listed_is_there(site: Path, port: int) -> None:
    """Each link of the page, and each file of the list, is answered with 200 and its length."""
    release = current(site)
    page = fetch(port, "/dumps/").body.decode()
    links = set(re.findall(r'href="(/dumps/[^"]+)"', page))
    listed = {file.path: file for file in read_listing(release).files}

    assert {f"/dumps/{release.id}/{path}" for path in listed} - links == {
        f"/dumps/{release.id}/tables/v-Town.csv-metadata.json"
    }
    for link in sorted(links):
        assert fetch(port, link, method="HEAD").status == 200, link
    for path, file in listed.items():
        reply = fetch(port, f"/dumps/{release.id}/{path}", method="HEAD")
        assert reply.headers["content-length"] == str(file.bytes)


def test_page_tells_purposes_sums_and_a_command(site: Path, port: int) -> None:
    """The page says what to take for what, and has a line to copy with the public address."""
    release = current(site)
    page = fetch(port, "/dumps/").body.decode()

    assert f"curl --fail --location --remote-name --continue-at - {BASE}dumps/{release.id}/" in page
    assert (dumps_of(release) / "dataset.ttl").is_file()
    assert release.manifest.rdfc_sha256 in page
    assert "pandas" in page


def test_page_of_columns_says_what_they_are(site: Path, port: int) -> None:
    """The dictionary is a page too: property, unit, language and sign between values."""
    page = fetch(port, f"/dumps/{current(site).id}/tables/v-Town.html").body.decode()

    for text in ("https://v.example/area", "km²", "Land and water.", "<code>|</code>", "label_lt"):
        assert text in page
    assert fetch(port, f"/dumps/{current(site).id}/tables/absent.html").status == 404


def test_older_kinds_of_releases_have_their_dumps(towns: Release, tmp_path: Path) -> None:
    """A release from before there was a list still tells its dumps."""
    shutil.copytree(towns.folder, tmp_path / towns.id)
    (tmp_path / towns.id / "dumps/dumps.json").unlink()
    kept = ("dumps/dataset.nq", "dumps/graphs/data/towns.nt")
    files = tuple(file for file in towns.manifest.files if file.path in kept)
    old = Release(tmp_path / towns.id, replace(towns.manifest, files=files))

    assert [file.path for file in read_listing(old).files] == [
        "dataset.nq",
        "graphs/data/towns.nt",
    ]
