import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from metropole import publish
from metropole.cli.serving import fetch
from metropole.errors import ReleaseError
from metropole.release import Manifest, Release
from metropole.release.manifest import FORMAT
from metropole.settings import load
from processes import SETTINGS, THING, run, write, write_site

#: Letters of several scripts, a joined emoji, a line separator, and every control character
#: that RDF 1.1 can hold.
ODD = "žalias ćwierć 北 👩‍🚀 \u2028" + "".join(chr(code) for code in (*range(1, 32), 127, 0x85))
TWO_FILES = {
    "one": f'{THING} a :Thing ; rdfs:label "a" ; '
    'rdfs:seeAlso [ rdfs:label "x" ; rdfs:seeAlso [] ] .\n',
    "two": '<id/thing/b> a :Thing ; rdfs:label "b" ; rdfs:seeAlso [ rdfs:label "x" ] .\n',
}
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
#: The same triple in both files: the union is stored then.
OVERLAPPING = {**TWO_FILES, "two": TWO_FILES["two"] + f'{THING} rdfs:label "a" .\n'}


def build(site: Path) -> Release:
    """Build the site and give its release."""
    return publish.build(load(site)).release


def released(folder: Path, **data: str) -> Release:
    """Build a tiny site."""
    return build(write_site(folder, **data))


def digests(release: Release) -> dict[str, str]:
    """Digest every file of a release but those of the stores."""
    return {
        path.relative_to(release.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in release.folder.rglob("*")
        if path.is_file() and path.parent.name not in ("store", "union")
    }


def escaped(text: str) -> str:
    """Write a text as a string of Turtle, all but plain letters escaped."""
    return "".join(f"\\U{ord(character):08X}" for character in text)


def in_graphs(quads: ox.Store | ox.QuadParser) -> ox.Dataset:
    """Collect the named graphs, blank nodes with canonical labels."""
    dataset = ox.Dataset(q for q in quads if not isinstance(q.graph_name, ox.DefaultGraph))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def stored(release: Release) -> ox.Store:
    """Open the store of a release."""
    return ox.Store.read_only(str(release.folder / "store"))


def ask(site: Path, query: str) -> list[str]:
    """Ask the site as a client would: the rows of CSV, without the header."""
    limited = SETTINGS + "[limits]\nconcurrent_queries = 1\n"
    write(site / "metropole.toml", limited)
    status, body = fetch(load(site), "/sparql", accept="text/csv", form={"query": query})
    assert status == 200, body
    return body.decode().split("\r\n")[1:-1]


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two folders with the same files give the same id and the same bytes, the store aside."""
    first, second = (released(tmp_path / name, **OVERLAPPING) for name in ("here", "there"))

    assert first.id == second.id
    assert "dumps/SHA256SUMS" in digests(first)
    assert digests(first) == digests(second)


def test_layout_of_the_files_does_not_matter(tmp_path: Path) -> None:
    """Order of statements, blank lines and comments change neither dataset nor release."""
    other = {
        "two": "# a comment\n\n" + TWO_FILES["two"].replace(" ; ", " ;\n\n    "),
        "one": f'{THING} rdfs:label "a" .\n\n{THING} a :Thing .\n# the end\n'
        f'{THING} rdfs:seeAlso [ rdfs:seeAlso [] ; rdfs:label "x" ] .',
    }

    first, second = released(tmp_path / "1", **TWO_FILES), released(tmp_path / "2", **other)

    assert first.manifest.content.dataset_sha256 == second.manifest.content.dataset_sha256
    assert digests(first) == digests(second)


def edit(name: str, before: str, after: str) -> Callable[[Path], object]:
    """Give a function that replaces a text in a file of the site, which must be there."""

    def change(site: Path) -> None:
        text = (site / name).read_text(encoding="utf-8")
        assert before in text
        write(site / name, text.replace(before, after))

    return change


def moved(site: Path) -> None:
    """Give a site another base, which is refused as long as a release is current."""
    edit("metropole.toml", "t.example", "u.example")(site)
    (site / "current").unlink()


CHANGES: dict[str, Callable[[Path], object]] = {
    "data": edit("data/things.ttl", '"a"', '"A"'),
    "language": edit("data/things.ttl", '"a"', '"a"@en'),
    "file name": lambda site: (site / "data/things.ttl").rename(site / "data/objects.ttl"),
    "title": edit("metropole.toml", '"T"', '"U"'),
    "base": moved,
    "licence": edit("metropole.toml", "title", 'licence = "https://l.example/"\ntitle'),
    "publisher": edit("metropole.toml", "title", 'publisher = "P"\ntitle'),
    "contact": edit("metropole.toml", "title", 'contact = "mailto:p@t.example"\ntitle'),
    "languages": edit("metropole.toml", "title", 'languages = ["lt", "en"]\ntitle'),
    "query": lambda site: write(site / "queries/one.rq", "SELECT * { ?s ?p ?o }\n"),
    "report": lambda site: write(site / "data/notes.odt", "a finding: passed over"),
    "prefix": edit("data/things.ttl", "@prefix :", "@prefix q: <q#> .\n@prefix :"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_gives_another_id(tmp_path: Path, name: str) -> None:
    """What is published makes the id: data, settings, queries, report, prefixes."""
    site = write_site(tmp_path)
    before = build(site)
    CHANGES[name](site)

    after = build(site)

    assert after.id != before.id
    assert before.folder.is_dir(), "the release before stays"


def test_source_date_epoch_is_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH is the time of a release and part of its id; else there is none."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    site = write_site(tmp_path)
    without = build(site)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    dated = build(site)

    assert (without.manifest.content.created, dated.manifest.content.created) == (None, 1700000000)
    assert dated.id != without.id


@pytest.mark.parametrize(
    "value", ["abc", "-5", "1.5", "1e9", " 5 ", "٣", "253402300800", "9" * 5000]
)
def test_source_date_epoch_that_is_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """What is no time that a date can be made of is told with the variable; nothing is written."""
    site = write_site(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)

    told = run("build", site)

    assert told.exit_code == 2
    assert "SOURCE_DATE_EPOCH is " in told.stderr
    assert "seconds since 1970" in told.stderr
    assert not (site / "releases").exists()


def test_latest_source_date_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last second that has a date is a time like any other, in the catalogue too."""
    site = write_site(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "253402300799")

    assert run("build", site).exit_code == 0

    assert '"9999-12-31T23:59:59Z"' in run("get", site, "/catalog.ttl").stdout


def commit(site: Path, seconds: int) -> None:
    """Commit everything in a folder at some time."""
    when = {"GIT_COMMITTER_DATE": f"{seconds} +0000", "GIT_AUTHOR_DATE": f"{seconds} +0000"}
    who = ("-c", "user.name=T", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "c")):
        subprocess.run(("git", *arguments), cwd=site, check=True, env={"HOME": str(site), **when})


def test_last_commit_is_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SOURCE_DATE_EPOCH the last commit that touched the site's files is the time."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    site = write_site(tmp_path)
    commit(site, 1_600_000_000)
    write(site / "README.md", "no file of the graph")
    commit(site, 1_650_000_000)

    assert build(site).manifest.content.created == 1_600_000_000


@pytest.mark.parametrize(("data", "is_stored"), [(OVERLAPPING, True), (TWO_FILES, False)])
def test_default_graph_is_the_union(
    tmp_path: Path, data: dict[str, str], *, is_stored: bool
) -> None:
    """A triple is once in the default graph, and in each named graph that states it."""
    release = released(tmp_path, **data)
    pattern = f"<https://t.example/id/thing/a> {LABEL} ?o"

    everything = ask(tmp_path, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    counted = ask(tmp_path, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    graphs = ask(tmp_path, f"SELECT ?g {{ GRAPH ?g {{ {pattern} }} }} ORDER BY ?g")

    files = ["one", "two"] if is_stored else ["one"]
    assert release.manifest.union_stored is is_stored
    assert everything == [str(release.manifest.triples)]
    assert counted == ["1"]
    assert graphs == [f"https://t.example/id/graph/data/{name}" for name in files]


@pytest.mark.parametrize("data", [OVERLAPPING, TWO_FILES])
def test_union_and_graphs_share_blank_nodes(tmp_path: Path, data: dict[str, str]) -> None:
    """A blank node found in a named graph is the same one in the default graph."""
    released(tmp_path, **data)

    rows = ask(tmp_path, f'SELECT ?b {{ GRAPH ?g {{ ?b {LABEL} "x" }} ?b {LABEL} "x" }}')

    assert len(rows) == 2


@pytest.mark.parametrize("data", [OVERLAPPING, TWO_FILES])
def test_dumps_are_what_the_store_holds(tmp_path: Path, data: dict[str, str]) -> None:
    """N-Quads and TriG read back, blank nodes and all, are the named graphs of the store."""
    chain = "".join(f"<id/thing/{n}> rdfs:seeAlso [ rdfs:seeAlso [] ] .\n" for n in range(40))
    release = released(tmp_path, **data, chain=chain)
    dumps = release.folder / "dumps"

    served = in_graphs(stored(release))

    assert len(served) == sum(release.manifest.graphs.values())
    assert in_graphs(ox.parse(path=str(dumps / "dataset.nq"))) == served
    assert in_graphs(ox.parse(path=str(dumps / "dataset.trig"))) == served


def test_turtle_dump_is_the_union(tmp_path: Path) -> None:
    """The Turtle dump holds each triple once, whatever file it is from."""
    release = released(tmp_path, **OVERLAPPING)

    triples = list(ox.parse(path=str(release.folder / "dumps/dataset.ttl")))

    assert len(triples) == release.manifest.triples
    assert len(triples) == sum(release.manifest.graphs.values()) - 1


TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
ODD_TERMS = {
    "type as a value": f"{THING} rdfs:seeAlso {TYPE} .",
    "type as a subject": f'{TYPE} rdfs:label "type" .',
    "no letter of Turtle": '@prefix x: <http://x.example/> . x:a rdfs:label "a" .\n'
    '<http://x.example/m²> rdfs:label "b" . <http://x.example/①> rdfs:label "c" .',
    "dots and dashes": '@prefix x: <http://x.example/> . x:a rdfs:label "a" .\n'
    '<http://x.example/.a.> rdfs:label "b" . <http://x.example/-> rdfs:label "c" .',
    "lists": f"{THING} rdfs:seeAlso (), (1 2 [] (3)) . (4) rdfs:seeAlso _:r . () a :Thing .\n"
    "_:r rdfs:seeAlso _:s . _:s rdfs:seeAlso _:r . _:t rdfs:seeAlso _:t .",
    "numbers": f'{THING} rdfs:seeAlso 1, -2.5, .5, 1e6, true, "1", "x"^^<{"http://x.example/t"}> .',
    "quotes": f'{THING} rdfs:label "a > _:b <c> . ^^ \\" \\\\", "\\\\"@en, """x\n"y""" .',
    "shared blank node": f"{THING} rdfs:seeAlso _:a . <id/thing/b> rdfs:seeAlso _:a .",
}


@pytest.mark.parametrize("name", ODD_TERMS)
def test_odd_terms_are_written_right(tmp_path: Path, name: str) -> None:
    """Terms that Turtle has short forms for, or nearly so, are read back as what they were."""
    release = released(tmp_path, žemė=ODD_TERMS[name])
    dumps = release.folder / "dumps"
    served = stored(release)

    union = ox.Dataset(
        ox.Quad(*q.triple) for q in served if not isinstance(q.graph_name, ox.DefaultGraph)
    )
    read = ox.Dataset(ox.parse(path=str(dumps / "dataset.ttl")))
    for dataset in (union, read):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    assert len(union) == release.manifest.triples
    assert read == union
    assert in_graphs(ox.parse(path=str(dumps / "dataset.trig"))) == in_graphs(served)
    assert in_graphs(ox.parse(path=str(dumps / "dataset.nq"))) == in_graphs(served)


#: Its own reader calls what it warns of.
_rdflib_dataset = pytest.mark.filterwarnings(
    "ignore:.* is deprecated, use Dataset:DeprecationWarning"
)


@_rdflib_dataset
@pytest.mark.parametrize(("name", "syntax"), [("dataset.nq", "nquads"), ("dataset.trig", "trig")])
def test_rdflib_reads_the_same_dumps(tmp_path: Path, name: str, syntax: str) -> None:
    """Another parser finds in the dumps what the store holds, graph by graph."""
    release = released(tmp_path, **OVERLAPPING)
    read = rdflib.Dataset()
    # Of a path, rdflib leaves the file open.
    read.parse(data=(release.folder / "dumps" / name).read_bytes(), format=syntax)

    for iri, count in release.manifest.graphs.items():
        graph = ox.NamedNode(iri)
        triples = [q.triple for q in stored(release).quads_for_pattern(None, None, None, graph)]
        text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        expected = rdflib.Graph().parse(data=text, format="nt")
        assert isomorphic(read.graph(rdflib.URIRef(iri)), expected)
        assert len(expected) == count


def test_rapper_reads_the_dump(tmp_path: Path) -> None:
    """The Raptor parser, written in C by other people, counts the same statements."""
    rapper = shutil.which("rapper")
    if rapper is None:
        pytest.skip("rapper is not installed (Debian: raptor2-utils)")
    release = released(tmp_path, things=f'{THING} rdfs:label "{escaped(ODD)}" .\n')

    told = subprocess.run(
        (rapper, "-q", "-i", "nquads", "-o", "ntriples", release.folder / "dumps/dataset.nq"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.count(" .\n") == sum(release.manifest.graphs.values())


def test_sums_verify(tmp_path: Path) -> None:
    """`sha256sum --check` proves each dump, and finds the one that was altered."""
    dumps = released(tmp_path).folder / "dumps"
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]

    fine = subprocess.run(check, cwd=dumps, capture_output=True, text=True, check=False)
    with (dumps / "dataset.trig").open("a") as file:
        file.write("#")
    altered = subprocess.run(check, cwd=dumps, capture_output=True, text=True, check=False)

    assert fine.returncode == 0
    found = {path.relative_to(dumps).as_posix() for path in dumps.rglob("*") if path.is_file()}
    names = sorted(found - {"SHA256SUMS"})
    assert {"dataset.nq", "graphs/data/things.nt"} <= set(names)
    assert sorted(fine.stdout.splitlines()) == sorted(f"{name}: OK" for name in names)
    assert altered.returncode == 1
    assert "dataset.trig: FAILED" in altered.stdout


def test_manifest_measures_its_files(tmp_path: Path) -> None:
    """The manifest names every file but itself, the sums and the store, with size and digest."""
    release = released(tmp_path, **TWO_FILES)
    expected = digests(release)
    del expected["manifest.json"], expected["dumps/SHA256SUMS"]

    assert {file.path: file.sha256 for file in release.manifest.files} == expected
    assert all((release.folder / f.path).stat().st_size == f.bytes for f in release.manifest.files)
    assert Manifest.read(release.folder) == release.manifest


def test_id_is_that_of_the_content(tmp_path: Path) -> None:
    """The id can be computed again from what the manifest says of the content."""
    release = released(tmp_path)

    assert release.folder.name == release.id == release.manifest.content.release_id()


MANIFESTS: dict[str, Callable[[str], str]] = {
    "truncated": lambda text: text[: len(text) // 2],
    "empty": lambda _text: "",
    "a list": lambda _text: "[]",
    "another format": lambda text: text.replace(f'"format": {FORMAT}', '"format": 99'),
    "unknown member": lambda text: text.replace('"triples"', '"quadruples"'),
}


@pytest.mark.parametrize("name", [*MANIFESTS, "missing"])
def test_unreadable_manifest_tells_what_to_do(tmp_path: Path, name: str) -> None:
    """A manifest that is missing, damaged or of another version names the folder and a remedy."""
    release = released(tmp_path)
    path = release.folder / "manifest.json"
    if name == "missing":
        path.unlink()
    else:
        damaged = MANIFESTS[name](path.read_text())
        assert damaged != path.read_text()
        path.write_text(damaged)

    with pytest.raises(ReleaseError, match="Run 'metropole build'") as caught:
        Manifest.read(release.folder)

    assert release.id in str(caught.value)


def test_odd_characters_survive(tmp_path: Path) -> None:
    """Letters of any script, in IRIs and texts, and control characters come out as they went in."""
    iri = "https://t.example/id/žalias/北-👩‍🚀"
    data = f'<{iri}> a :Thing ; rdfs:label "{escaped(ODD)}" .\n'
    release = released(tmp_path / "ąžuolas", žemė=data)

    label = ox.NamedNode(LABEL[1:-1])
    graph = ox.NamedNode("https://t.example/id/graph/data/žemė")
    expected = ox.Quad(ox.NamedNode(iri), label, ox.Literal(ODD), graph)

    assert expected in stored(release)
    for name in ("dataset.nq", "dataset.trig"):
        path = release.folder / "dumps" / name
        assert expected in set(ox.parse(path=str(path))), name
        assert not set(path.read_text(encoding="utf-8")) & set(map(chr, range(1, 9))), name


@_rdflib_dataset
def test_odd_characters_are_read_by_rdflib(tmp_path: Path) -> None:
    """What control characters are written as, another parser reads."""
    release = released(tmp_path, things=f'{THING} rdfs:label "{escaped(ODD)}" .\n')
    read = rdflib.Dataset()
    read.parse(data=(release.folder / "dumps/dataset.nq").read_bytes(), format="nquads")

    assert {str(o) for _, p, o, _ in read.quads() if p == rdflib.RDFS.label} == {ODD, "thing"}


def test_report_of_a_release_is_the_report_of_check(tmp_path: Path) -> None:
    """What `check --format json` says is what report.json of the release says."""
    site = write_site(tmp_path)
    write(site / "data/notes.odt", "passed over")

    release = build(site)

    told = json.loads(run("check", site, "--format", "json").stdout)
    assert told["summary"]["info"] == 1
    assert json.loads((release.folder / "report.json").read_text()) == told


def test_saved_queries_are_in_the_release(tmp_path: Path) -> None:
    """A release holds the text of each saved query, with the line ends of Unix."""
    text = "# žinoti\nSELECT * { ?s ?p ?o }\n"
    site = write_site(tmp_path)
    (site / "queries/deep").mkdir(parents=True)
    (site / "queries/deep/all.rq").write_bytes(text.replace("\n", "\r\n").encode())

    release = build(site)

    assert (release.folder / "queries/deep/all.rq").read_bytes() == text.encode()


def test_tiny_site_is_without_findings(tmp_path: Path) -> None:
    """The site of these tests has nothing wrong, so that what a test adds is what is told."""
    told = run("check", write_site(tmp_path, **TWO_FILES))

    assert told.exit_code == 0
    assert told.stdout.startswith("0 violations, 0 warnings ("), told.stdout
