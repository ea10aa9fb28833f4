"""Tests of finding the files of a site."""

import os
from pathlib import Path

import pytest

from metropole.errors import SettingsError
from metropole.report import Severity
from metropole.sources import Sources, discover
from sites import BASE, SETTINGS, of_rule, write_site

TRIPLE = "<a> <b> <c> ."


def found(root: Path, files: dict[str, str | bytes]) -> Sources:
    """Write a site and list its files."""
    return discover(write_site(root, files))


def names(site: Sources) -> list[str]:
    """Give the names of the RDF files, in order."""
    return [source.name for source in site.files]


def test_order_is_by_folder_then_name(tmp_path: Path) -> None:
    """Files come as ontology, shapes, data, and by the code points of their names in each."""
    site = found(
        tmp_path,
        {
            "data/b.ttl": TRIPLE,
            "data/B.ttl": TRIPLE,
            "data/a/z.ttl": TRIPLE,
            "data/é.ttl": TRIPLE,
            "shapes/s.ttl": TRIPLE,
            "ontology/o.ttl": TRIPLE,
        },
    )

    assert names(site) == [
        "ontology/o.ttl",
        "shapes/s.ttl",
        "data/B.ttl",
        "data/a/z.ttl",
        "data/b.ttl",
        "data/é.ttl",
    ]
    assert [source.folder for source in site.files][:3] == ["ontology", "shapes", "data"]
    assert site.findings == ()


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("a.ttl", "Turtle"),
        ("a.TTL", "Turtle"),
        ("a.trig", "TriG"),
        ("a.nt", "N-Triples"),
        ("a.nq", "N-Quads"),
        ("a.jsonld", "JSON-LD"),
        ("a.rdf", "RDF/XML"),
        ("a.owl", "RDF/XML"),
        ("a.b.xml", "RDF/XML"),
    ],
)
def test_extension_names_the_format(tmp_path: Path, name: str, syntax: str) -> None:
    """Each RDF syntax is known by its extension, in any case."""
    (source,) = found(tmp_path, {f"data/{name}": TRIPLE}).files

    assert source.format.name == syntax
    assert source.graph == BASE + "id/graph/data/" + name.rpartition(".")[0]


@pytest.mark.parametrize("name", [".a.ttl", ".git/a.ttl", "x/.y/a.ttl", ".#a.ttl"])
def test_hidden_files_are_passed_over(tmp_path: Path, name: str) -> None:
    """What an editor or a version control hides is neither read nor told."""
    site = found(tmp_path, {f"data/{name}": TRIPLE, "data/b.ttl": TRIPLE})

    assert names(site) == ["data/b.ttl"]
    assert site.findings == ()


def test_unknown_extension_is_passed_over_and_told(tmp_path: Path) -> None:
    """A file of another kind is not read, and nobody is left to wonder why."""
    site = found(tmp_path, {"data/a.ttl": TRIPLE, "data/b.docx": "x", "data/README.md": "x"})

    (finding,) = site.findings
    assert (finding.rule, finding.file) == ("file-ignored", "data/b.docx")
    assert finding.severity is Severity.INFO
    assert ".docx" in finding.message
    assert ".ttl" in finding.remedy


def test_rdf_among_the_queries_is_told(tmp_path: Path) -> None:
    """An RDF file in the wrong folder is not lost in silence."""
    site = found(tmp_path, {"data/a.ttl": TRIPLE, "queries/b.ttl": TRIPLE})

    assert [finding.file for finding in of_rule(site.findings, "file-ignored")] == ["queries/b.ttl"]


def test_folder_named_like_a_file_is_told_and_read(tmp_path: Path) -> None:
    """A folder `x.ttl` is a warning; the files in it count."""
    site = found(tmp_path, {"data/x.ttl/a.nt": TRIPLE})

    assert names(site) == ["data/x.ttl/a.nt"]
    assert [finding.rule for finding in site.findings] == ["folder-named-like-file"]


def test_dangling_link_blocks(tmp_path: Path) -> None:
    """A link to nothing is data that are missing: a violation, not a traceback."""
    settings = write_site(tmp_path, {"data/a.ttl": TRIPLE})
    (tmp_path / "data/gone.ttl").symlink_to("nowhere.ttl")

    (finding,) = discover(settings).findings
    assert (finding.rule, finding.file) == ("unreadable", "data/gone.ttl")
    assert finding.severity is Severity.VIOLATION
    assert finding.remedy


def test_link_to_a_file_is_read(tmp_path: Path) -> None:
    """A link to a file stands for the file."""
    settings = write_site(tmp_path, {"elsewhere.ttl": TRIPLE, "data/a.ttl": TRIPLE})
    (tmp_path / "data/b.ttl").symlink_to("../elsewhere.ttl")

    assert names(discover(settings)) == ["data/a.ttl", "data/b.ttl"]


def test_link_to_a_folder_is_told(tmp_path: Path) -> None:
    """A linked folder is not followed (it might be a ring), and that is told."""
    settings = write_site(tmp_path, {"data/a.ttl": TRIPLE})
    (tmp_path / "data/ring").symlink_to(".")

    site = discover(settings)
    assert names(site) == ["data/a.ttl"]
    assert [(f.rule, f.file) for f in site.findings] == [("linked-folder", "data/ring")]


def test_two_files_with_one_graph_block(tmp_path: Path) -> None:
    """Files that differ in the extension only would be one graph: the second is told."""
    site = found(tmp_path, {"data/a.ttl": TRIPLE, "data/a.nt": TRIPLE})

    (finding,) = site.findings
    assert (finding.rule, finding.file) == ("same-graph", "data/a.ttl")
    assert "data/a.nt" in finding.message
    assert f"<{BASE}id/graph/data/a>" in finding.message


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Žižmariai miestas", "Žižmariai%20miestas"),
        ("a%b#c?d", "a%25b%23c%3Fd"),
        ("e\u0301", "e%CC%81"),
        ("数据", "数据"),
        ("<x>", "%3Cx%3E"),
    ],
)
def test_name_becomes_an_iri_that_is_one(tmp_path: Path, name: str, path: str) -> None:
    """Letters of any script stay in the IRI of the graph; what an IRI cannot hold is escaped."""
    (source,) = found(tmp_path, {f"data/{name}.ttl": TRIPLE}).files

    assert source.graph == f"{BASE}id/graph/data/{path}"


def test_name_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    """A file name of arbitrary bytes is a finding that can itself be printed."""
    settings = write_site(tmp_path, {"data/a.ttl": TRIPLE})
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/data/\xff.ttl")).write_text(TRIPLE)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    (finding,) = discover(settings).findings
    assert finding.rule == "unreadable"
    assert "udcff" in finding.file.encode().decode()


@pytest.mark.parametrize("name", ["data", "data/rel", "./ontology/x", "stories/../texts/rel"])
def test_releases_are_not_written_among_the_sources(tmp_path: Path, name: str) -> None:
    """A folder of releases that would be read at the next build is refused."""
    text = f'{SETTINGS}releases = "{name}"\n'

    with pytest.raises(SettingsError, match="'releases' is"):
        found(tmp_path, {"metropole.toml": text, "data/a.ttl": TRIPLE})


def test_no_data_is_a_warning(tmp_path: Path) -> None:
    """A site without data can be checked, but is hardly meant."""
    (finding,) = found(tmp_path, {"ontology/o.ttl": TRIPLE}).findings

    assert (finding.rule, finding.severity) == ("no-data", Severity.VIOLATION)


def test_query_is_read_as_it_stands(tmp_path: Path) -> None:
    """A query is its text without the mark that some editors put in front."""
    text = "# Žuvys\nASK {}\n"
    site = found(tmp_path, {"data/a.ttl": TRIPLE, "queries/q.rq": b"\xef\xbb\xbf" + text.encode()})

    assert [(query.name, query.text) for query in site.queries] == [("queries/q.rq", text)]


def test_query_that_is_not_utf8_blocks(tmp_path: Path) -> None:
    """A query in another encoding is a finding that names it and the remedy."""
    site = found(
        tmp_path, {"data/a.ttl": TRIPLE, "queries/q.rq": "ASK { ?s ?p 'é' }".encode("cp1252")}
    )

    (finding,) = site.findings
    assert site.queries == ()
    assert (finding.rule, finding.file) == ("unreadable", "queries/q.rq")
    assert "UTF-8" in finding.remedy
