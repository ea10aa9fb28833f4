"""Tests of finding the files of a site."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from metropole.encoding import NotUtf8
from metropole.errors import SettingsError
from metropole.report import Severity
from metropole.sources import Sources, discover
from metropole.sources.findings import unreadable
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


@pytest.mark.parametrize(
    ("error", "reason", "remedy"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), "No such file", "Make it readable"),
        (PermissionError(errno.EACCES, "x"), "the right to read it is missing", "Give the account"),
        (IsADirectoryError(errno.EISDIR, "x"), "it is a folder, not a file", "Put a file of this"),
        (OSError(errno.ELOOP, "x"), "it is a link that leads back to itself", "Link to the file"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error", "Make it readable"),
        (OSError("odd"), "odd", "Make it readable"),
        (NotUtf8(3, 0xE9), "line 3 is not UTF-8, it has the byte 0xE9", "Save the file as UTF-8."),
    ],
)
def test_reason_why_a_file_cannot_be_read(
    tmp_path: Path, error: OSError | NotUtf8, reason: str, remedy: str
) -> None:
    """What the system says in numbers is told in words, with what to do about it."""
    (tmp_path / "a.ttl").touch()
    for path in (tmp_path / "a.ttl", None):
        told = unreadable("data/a.ttl", error, path)
        assert told.message == f"'data/a.ttl' cannot be read: {reason}."
        assert told.remedy.startswith(remedy)
        assert told.line == (3 if isinstance(error, NotUtf8) else 0)


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    """Letters of any language are text; only what a terminal cannot show is escaped."""
    settings = write_site(tmp_path, {"data/ąžuolas.ttl": TRIPLE})
    (tmp_path / "data/b.ttl").symlink_to("klevas-ė.ttl")
    (tmp_path / "data/c.ttl").symlink_to("tab\tė.ttl")
    (tmp_path / "data/d\te.ttl").touch()

    letters, escaped, odd = discover(settings).findings

    assert "a link to 'klevas-ė.ttl', which is not there" in letters.message
    assert "a link to 'tab\\t\\u0117.ttl', which is not there" in escaped.message
    assert (odd.file, odd.rule) == ("data/d\\te.ttl", "unreadable")
    assert names(discover(settings)) == ["data/ąžuolas.ttl"]


def test_what_is_told_of_files_says_what_to_do(tmp_path: Path) -> None:
    """Whatever is odd among the files, its finding has a remedy that fits."""
    files = {
        "data/x.ttl/a.nt": TRIPLE,
        "data/towns.csv": "name\nRiga\n",
        "data/gone.csv-metadata.json": "{}",
        "data/notes.docx": "x",
    }
    settings = write_site(tmp_path, files)
    (tmp_path / "data/ring").symlink_to(".")

    remedies = {each.rule: each.remedy for each in discover(settings).findings}

    for rule, words in (
        ("folder-named-like-file", "Rename the folder"),
        ("linked-folder", "Put the folder itself here"),
        ("table-undescribed", "Run 'metropole describe data/towns.csv'"),
        ("description-without-table", "Put the table beside it"),
        ("file-ignored", "Rename it if it is RDF"),
    ):
        assert remedies[rule].startswith(words)
    shutil.rmtree(tmp_path / "data")
    (nothing,) = discover(settings).findings
    assert nothing.remedy.startswith("Put a Turtle file")


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
