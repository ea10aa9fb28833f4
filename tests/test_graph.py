"""Tests of parsing: exact lines, errors with their place, one spelling for each value."""

import calendar
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import graph as graphs
from metropole import sources
from metropole.graph import SiteGraph
from metropole.report import Finding, Report, Severity
from sites import BASE, load_site, of_rule, write_site

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def load(root: Path, text: str | bytes, extension: str = "ttl") -> SiteGraph:
    """Parse one data file `data/a.<extension>`."""
    return load_site(root, {f"data/a.{extension}": text})


def lines(graph: SiteGraph) -> dict[str, int]:
    """Map the text of each literal of the only file to its line."""
    (parsed,) = graph.sources
    return {quad.object.value: line for quad, line in parsed if isinstance(quad.object, ox.Literal)}


def only(graph: SiteGraph, rule: str) -> Finding:
    """Give the one finding there is, which is of the rule."""
    assert [finding.rule for finding in graph.findings] == [rule]
    return graph.findings[0]


# Lines


def test_turtle_lines_are_exact(tmp_path: Path) -> None:
    """Each statement knows its line: in lists, blank nodes, after texts of several lines."""
    text = (
        "<a> <p> '1' ;\n"
        "  <p> '2' ,\n"
        "    '3' ;\n"
        "  <p> [ <q> '4' ;\n"
        "    <q> '5' ] ,\n"
        "  ( '6'@en\n"
        "    '7' ) .\n"
        "# nothing\n"
        '<b> <p> """8\n'
        '8""" ;\n'
        "  <p> '11' .\n"
    )

    assert lines(load(tmp_path, text)) == {
        "1": 1,
        "2": 2,
        "3": 3,
        "4": 4,
        "5": 5,
        "6": 6,
        "7": 7,
        "8\n8": 10,
        "11": 11,
    }


def test_plain_text_alone_on_its_line_is_placed_at_the_next_sign(tmp_path: Path) -> None:
    """The one case in which a line is late: after a text a datatype could still follow."""
    assert lines(load(tmp_path, "<a> <p>\n  'x'\n  .\n<b> <p>\n  'y'@en\n  .\n")) == {
        "x": 3,
        "y": 5,
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_windows_count_once(tmp_path: Path, end: str) -> None:
    """A file with CRLF has the lines an editor shows."""
    text = end.join(["<a>", "  <p>", "  'x' .", "<b> <p> 'y' ."])

    assert lines(load(tmp_path, text)) == {"x": 3, "y": 4}


def test_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    """A file that begins with a UTF-8 byte order mark is read, its first line being 1."""
    graph = load(tmp_path, b"\xef\xbb\xbf" + "<a> <p> 'é' .\n".encode())

    assert lines(graph) == {"é": 1}
    assert graph.findings == ()


def test_ntriples_and_nquads_lines_are_exact(tmp_path: Path) -> None:
    """The line-based syntaxes have one statement a line; comments and empty lines count."""
    text = "# one\n<urn:a> <urn:p> 'x' .\n\n<urn:a> <urn:p> 'y' .".replace("'", '"')

    assert lines(load(tmp_path / "nt", text, "nt")) == {"x": 2, "y": 4}
    assert lines(load(tmp_path / "nq", text, "nq")) == {"x": 2, "y": 4}


def test_trig_lines_are_exact(tmp_path: Path) -> None:
    """Statements of named graphs know their lines and their graphs."""
    graph = load(tmp_path, "<a> <p> 'x' .\n<g> {\n  <a> <p> 'y' ;\n    <p> 'z'@en\n}\n", "trig")

    assert lines(graph) == {"x": 1, "y": 3, "z": 4}
    named = [str(quad.graph_name) for quad in graph.quads()]
    assert named == ["DEFAULT", f"<{BASE}g>", f"<{BASE}g>"]


def test_rdfxml_lines_are_exact(tmp_path: Path) -> None:
    """A property of RDF/XML stands on the line of its closing tag."""
    text = (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="urn:e#">\n'
        '<rdf:Description rdf:about="a">\n'
        "<e:p>x</e:p>\n"
        "<e:p\n>y</e:p>\n"
        "</rdf:Description>\n</rdf:RDF>\n"
    )

    assert lines(load(tmp_path, text, "rdf")) == {"x": 3, "y": 5}


def test_jsonld_lines_are_those_of_the_closing_brace(tmp_path: Path) -> None:
    """The statements of a JSON-LD node are known, and placed, when the node is complete."""
    text = '[\n {"@id": "a",\n  "urn:p": "x"\n },\n {"@id": "b",\n  "urn:p": "y"}\n]\n'

    assert lines(load(tmp_path, text, "jsonld")) == {"x": 4, "y": 6}


# Files that cannot be read


@pytest.mark.parametrize(
    ("text", "extension", "line", "column"),
    [
        ("<a> <p> 1 .\n<a> <p> ;\n", "ttl", 2, 9),
        ("<a> <p> 1 .\n\n<a> x:p 1 .\n", "ttl", 3, 5),
        ("<a> <p> 'open .\n", "ttl", 1, 9),
        ("<urn:a> <urn:p> .\n", "nt", 1, 17),
        ("<urn:a> <urn:p> <rel> .\n", "nt", 1, 17),
        ("<g> {\n <a> <p> }\n", "trig", 2, 10),
    ],
)
def test_syntax_error_has_file_line_and_column(
    tmp_path: Path, text: str, extension: str, line: int, column: int
) -> None:
    """A syntax error is a violation at the exact place, with a remedy."""
    finding = only(load(tmp_path, text, extension), "syntax")

    assert finding.severity is Severity.VIOLATION
    assert finding.position == f"data/a.{extension}:{line}:{column}"
    assert finding.remedy


@pytest.mark.parametrize(
    ("text", "extension", "line"),
    [
        ("<rdf:RDF\n", "rdf", 1),
        (f'<rdf:RDF xmlns:rdf="{RDF}">\n<a></b>\n</rdf:RDF>', "rdf", 2),
        ('{\n"@id": "a",\n}\n', "jsonld", 3),
        ('{\n"@id": "a"\n', "jsonld", 2),
    ],
)
def test_syntax_error_of_xml_and_json_has_a_line(
    tmp_path: Path, text: str, extension: str, line: int
) -> None:
    """Errors of XML and JSON are findings near their line as well."""
    finding = only(load(tmp_path, text, extension), "syntax")

    assert finding.file == f"data/a.{extension}"
    assert abs(finding.line - line) <= 1


def test_statements_before_an_error_are_kept(tmp_path: Path) -> None:
    """Later checks still have something to say about a file that breaks off."""
    graph = load(tmp_path, "<a> <p> 'x' .\n<a> <p> 'y' , ; .\n")

    assert lines(graph) == {"x": 1, "y": 2}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32"])
@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("<a> <p> 'é' .\n", "ttl"),
        ('{"@id": "a", "urn:p": "é"}', "jsonld"),
        (f'<r:RDF xmlns:r="{RDF}"><r:Bag r:about="a" r:value="é"/></r:RDF>', "rdf"),
    ],
)
def test_other_encodings_get_told_to_save_as_utf8(
    tmp_path: Path, text: str, extension: str, encoding: str
) -> None:
    """A file in another encoding is told so, in words that a terminal can show."""
    finding = only(load(tmp_path, text.encode(encoding), extension), "syntax")

    assert finding.remedy == "Save the file as UTF-8."
    assert finding.message.isprintable()
    assert finding.line == 1


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("\0<a> <p> 1 .\n", "U+0000"),
        ("<a> <p> 1 .\n\0", "U+0000"),
        ("<a> <p> <100%> .\n", "write % itself as %25, '%' as '%25'"),
        ("<a> <p> <%zz> .\n", "'%zz' as '%25zz'"),
    ],
)
def test_sign_that_is_no_sign_of_turtle_is_told(tmp_path: Path, text: str, remedy: str) -> None:
    """A file that is UTF-8 is not told to be saved so, and a percent sign is told its code."""
    assert remedy in only(load(tmp_path, text), "syntax").remedy


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "\ufeff", "@prefix a: <b> .\n"])
def test_empty_file_is_a_warning(tmp_path: Path, text: str) -> None:
    """A file without a statement is told, and stops nobody."""
    assert only(load(tmp_path, text), "empty-file").severity is Severity.WARNING


def test_file_that_vanishes_is_told(tmp_path: Path) -> None:
    """A file that vanishes between listing and reading is a finding."""
    listed = sources.discover(write_site(tmp_path, {"data/a.ttl": "<a> <p> 1 ."}))
    (tmp_path / "data/a.ttl").unlink()

    assert only(graphs.load(listed), "unreadable").file == "data/a.ttl"


_READ_LONG_LINE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from metropole import graph, sources
from metropole.settings import load
found = graph.load(sources.discover(load(Path(sys.argv[1]))))
print(found.statement_count(), [finding.rule for finding in found.findings])
"""


def test_line_of_200_megabytes_fits_into_memory(tmp_path: Path) -> None:
    """One enormous line (a geometry, a minified dump) is read in 1.5 GiB of address space."""
    load_site(tmp_path, {"data/a.ttl": ""})
    with (tmp_path / "data/a.ttl").open("wb") as file:
        file.write(b"<a> ")
        for number in range(200):
            file.write(b"<p> '%d%s' ; " % (number, b"x" * 1_000_000))
        file.write(b"<q> 1 .")

    done = subprocess.run(
        [sys.executable, "-c", _READ_LONG_LINE, str(tmp_path), str(1536 * 2**20)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == ("201 []", "")


def test_value_beyond_the_parsers_buffer_is_told(tmp_path: Path) -> None:
    """A value of more than 16 MiB is a finding with its line, not a MemoryError."""
    graph = load(tmp_path, b"<a> <p> 1 .\n<a> <p> '" + b"x" * 17 * 2**20 + b"' .\n")

    assert only(graph, "value-too-long").position == "data/a.ttl:2"
    assert graph.statement_count() == 1


def test_reason_of_an_error_is_short(tmp_path: Path) -> None:
    """A parser that quotes a line of a megabyte does not fill the screen with it."""
    finding = only(load(tmp_path, "<a> <b> 1 ; <c> <d> '" + "x" * 1_000_000 + "' ."), "syntax")

    assert len(finding.message) < 400


# What is refused


@pytest.mark.parametrize(
    ("reference", "shown"),
    [("</x>", "/x"), ("<../x>", "/x"), ("<a/../../x>", "/x"), ("<//h/x>", "//h/x")],
)
def test_references_that_leave_the_base_are_violations(
    tmp_path: Path, reference: str, shown: str
) -> None:
    """A relative reference must stay below the base: else moving the base would break it."""
    settings = 'title = "T"\nbase = "https://a.example/kg/"\n'
    graph = load_site(
        tmp_path,
        {"metropole.toml": settings, "data/a.ttl": f"<a> <p> <b> .\n<c> <p> {reference} ."},
    )

    finding = only(graph, "leaves-base")
    assert (finding.position, finding.value) == ("data/a.ttl:2", shown)
    assert finding.severity is Severity.VIOLATION


@pytest.mark.parametrize(
    "reference",
    ["<x>", "<a/../x>", "<#f>", "<?q>", "<>", "<urn:x>", "<https://other.example/../x>"],
)
def test_references_that_stay_are_fine(tmp_path: Path, reference: str) -> None:
    """What stays below the base, or is absolute, is not told."""
    settings = 'title = "T"\nbase = "https://a.example/kg/"\n'
    files = {"metropole.toml": settings, "data/a.ttl": f"<a> <p> {reference} ."}

    assert load_site(tmp_path, files).findings == ()


_XML_BASE = (
    f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:p="urn:p#"\n xml:base="{{}}">'
    '<rdf:Description rdf:about="{}"><p:x>1</p:x></rdf:Description></rdf:RDF>'
)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("<a> <p> <b> .\n@base <https://b.example/> .\n<c> <p> <d> .\n", "ttl"),
        ("# base <x>\nBASE <https://b.example/>\nPREFIX : <ns#>\n:c <urn:p> :d .\n", "trig"),
        (_XML_BASE.format("https://b.example/", "c"), "rdf"),
        ('{"@context": {\n"@base": "https:\\/\\/b.example/"}, "@id": "c", "urn:p": "d"}', "jsonld"),
    ],
)
def test_base_of_another_site_is_told(tmp_path: Path, text: str, extension: str) -> None:
    """A file that moves its relative addresses elsewhere is told with the line that does so."""
    finding = only(load(tmp_path, text, extension), "foreign-base")

    assert (finding.severity, finding.line) == (Severity.WARNING, 2)
    assert (finding.value, "<ns#" in finding.remedy) == ("<https://b.example/>", True)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        (f"@base <{BASE}> .\n<a> <p> <b> .", "ttl"),
        ("@base <id/bridge/> .\n<a> <p> <b> .", "ttl"),
        ("# @base <https://b.example/> .\n<a> <p> <b> .", "ttl"),
        ("<a> <p> <b> .\n@base <https://b.example/> .\n<urn:a> <urn:p> 1 .", "ttl"),
        (_XML_BASE.format("https://b.example/", "https://b.example/c"), "rdf"),
    ],
)
def test_base_that_takes_nothing_away_is_fine(tmp_path: Path, text: str, extension: str) -> None:
    """A base within the site, in a comment, or on which no address depends is not told."""
    assert load(tmp_path, text, extension).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "<a> <p> <<( <s> <p> <o> )>> .",
        "<< <s> <p> <o> >> <p> <x> .",
        "<s> <p> <o> {| <p> <x> |} .",
        "<a> <p> 'x'@ar--rtl .",
    ],
)
def test_rdf_12_is_refused(tmp_path: Path, text: str) -> None:
    """Syntax of RDF 1.2 is a violation on its line: most readers know RDF 1.1 only."""
    graph = load(tmp_path, f"<a> <b> <c> .\n{text}\n")

    finding = only(graph, "rdf-1.2")
    assert (finding.line, finding.severity) == (2, Severity.VIOLATION)
    assert not any(isinstance(quad.object, ox.Triple) for quad in graph.quads())


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("\n_:g { <a> <p> <b> }", "trig"),
        ("\n[] { <a> <p> <b> }", "trig"),
        ("\n<urn:a> <urn:p> <urn:b> _:g .", "nq"),
    ],
)
def test_graph_named_by_a_blank_node_is_refused(tmp_path: Path, text: str, extension: str) -> None:
    """A graph that nobody could ask for is a violation, and its statements are left out."""
    graph = load(tmp_path, text, extension)

    assert only(graph, "unnamed-graph").line == 2
    assert graph.statement_count() == 0


@pytest.mark.parametrize(
    "context", ['"https://schema.org/"', '{"@import": "https://schema.org/"}', '["x.jsonld"]']
)
def test_remote_context_is_refused(tmp_path: Path, context: str) -> None:
    """No context is fetched; the remedy is to write it into the file."""
    text = f'{{"@context": {context}, "@id": "a", "urn:p": "x"}}'

    finding = only(load(tmp_path, text, "jsonld"), "syntax")
    assert "Write the @context into the file" in finding.remedy


def deep_json(depth: int, inside: str = '"1"') -> str:
    """Write JSON-LD with so many objects within each other; brackets in texts do not count."""
    context = '{"@vocab": "urn:v:", "g": {"@id": "urn:g", "@container": "@graph"}}'
    begin, end = '{"p": ' * (depth - 1), "}" * (depth - 1)
    return (
        f'{{"@context": {context},\n"@id": "a", "p": "{"[{" * 99}\\\\", "q": {begin}{inside}{end}}}'
    )


def test_json_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    """The parser would end the process; down to 200 brackets all is read, and looked at."""
    finding = only(load(tmp_path / "deep", deep_json(5_000), "jsonld"), "syntax")
    assert (finding.line, "200 deep" in finding.message) == (2, True)

    assert only(load(tmp_path / "one", deep_json(201), "jsonld"), "syntax").line == 2
    assert load(tmp_path / "fine", deep_json(200), "jsonld").statement_count() == 201
    within = load(tmp_path / "set", deep_json(197, '{"g": {"@set": []}}'), "jsonld")
    assert "@graph" in only(within, "syntax").message


LAUGHS = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">\n'
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
LONG = f'<!ENTITY a "{"x" * 100_000}">\n'


def with_entities(declared: str, text: str) -> str:
    """Write RDF/XML with entities and a text that may name them."""
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="https://e.example/"'
    return (
        f"<!DOCTYPE rdf:RDF [\n{declared}]>\n<rdf:RDF {rdf}>"
        f'<rdf:Description rdf:about="a"><e:p>{text}</e:p></rdf:Description></rdf:RDF>'
    )


@pytest.mark.parametrize(
    ("declared", "text", "line"),
    [
        (f'<!ENTITY a "lol">\n{LAUGHS}', "&j;", 11),
        (f'<!ENTITY a "lol">\n{LAUGHS}', "nothing", 10),
        (LONG, "&a;" * 1_000, 2),
    ],
)
def test_entities_that_would_fill_the_memory_are_refused(
    tmp_path: Path, declared: str, text: str, line: int
) -> None:
    """What entities stand for is counted before it is written out."""
    finding = only(load(tmp_path, with_entities(declared, text), "rdf"), "xml-entities")

    assert (finding.severity, finding.line) == (Severity.VIOLATION, line)


def test_entities_for_namespaces_are_read(tmp_path: Path) -> None:
    """An entity that names another one is read, and so is one that is named very often."""
    declared = '<!ENTITY base "https://e.example/">\n<!ENTITY ns "&base;a/long/name/ns">'
    graph = load(tmp_path, with_entities(declared, "&ns; " * 10_000), "rdf")

    assert (graph.statement_count(), graph.findings) == (1, ())


CONTEXT = (
    '{"skos": "http://www.w3.org/2004/02/skos/core#", "written": "https://schema.org/dateCreated"}'
)


@pytest.mark.parametrize(
    ("member", "key", "meant"),
    [
        ('"prefLabel": "a"', "prefLabel", "skos:prefLabel"),
        ('"altLabel": "a"', "altLabel", "skos:altLabel"),
        ('"hiddenLabl": "a"', "hiddenLabl", "skos:hiddenLabel"),
        ('"writtn": "a"', "writtn", "written"),
        ('"@tpe": "skos:Concept"', "@tpe", "@type"),
        ('"skos:related": {"@id": "b", "writtn": "a"}', "writtn", "written"),
        ('"skos:related": [{"@list": [{"writtn": "a"}]}]', "writtn", "written"),
        ('"@reverse": {"skos:member": {"@id": "b", "writtn": "a"}}', "writtn", "written"),
        ('"@included": [{"@id": "b", "writtn": "a", "written": "b"}]', "writtn", "written"),
        (
            '"@context": {"@vocab": null, "skos": null}, "writtn": {"written": "a"}',
            "writtn",
            "written",
        ),
        ('"colour": "a"', "colour", ""),
    ],
)
def test_key_that_json_ld_drops_is_told(tmp_path: Path, member: str, key: str, meant: str) -> None:
    """A key without a meaning is told with its line and the one that was meant."""
    text = (
        f'{{"@context": {CONTEXT},\n"@graph": [{{"@id": "a", "skos:prefLabel": "\\"x\\":"}},\n'
        f'{{"@id": "b",\n{member}}}]}}'
    )

    finding = only(load(tmp_path, text, "jsonld"), "key-lost")

    assert (finding.severity, finding.position) == (Severity.WARNING, "data/a.jsonld:4")
    assert f"'{key}'" in finding.message
    assert (f"Did you mean '{meant}'?" in finding.remedy) if meant else "Did" not in finding.remedy


def test_key_lost_many_times_is_told_once(tmp_path: Path) -> None:
    """A column that nobody defined is one finding, however many nodes have it."""
    nodes = ",\n".join(f'{{"@id": "{n}", "written": "x", "note": "y"}}' for n in range(30))

    finding = only(
        load(tmp_path, f'{{"@context": {CONTEXT}, "@graph": [\n{nodes}]}}', "jsonld"), "key-lost"
    )
    assert "(30 times in this file)" in finding.message
    assert finding.line == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"@id": "id/x", "name": "y"}', "Write an @context into the file"),
        ("17", "Write an object with an @context"),
        ("[[], null]", "Write an object with an @context"),
        (f'{{"@context": {CONTEXT}}}', "Remove the file"),
    ],
)
def test_json_that_says_nothing(tmp_path: Path, text: str, words: str) -> None:
    """Who has forgotten the context, or the object, is told just that."""
    assert words in only(load(tmp_path, text, "jsonld"), "empty-file").remedy


S = '"s": "https://schema.org/"'
SCOPED = '"@context": {"x": "s:x"}'
UNDERSTOOD = [
    ("{}", '"urn:p": 1, "https://a.example/p": 2'),
    ('{"@vocab": "https://schema.org/"}', '"anything": 1'),
    ('{"@vocab": ""}', '"anything": 1'),
    (f'{{{S}, "id": "@id", "kind": "@type", "n": "s:n"}}', '"kind": "s:T", "n": {"id": "urn:x"}'),
    (f'{{{S}, "ident": "@id", "my": "ident"}}', '"s:p": {"my": "urn:x", "s:q": 1}'),
    (f'{{{S}, "v": "@value", "l": "@language"}}', '"s:n": {"v": "x", "l": "en"}'),
    (f'{{{S}, "note": null}}', '"note": {"x": 1}, "s:n": 1'),
    (f'{{{S}, "note": {{"@id": null}}}}', '"note": 1, "s:n": 1'),
    (f'{{{S}, "n": {{"@id": "s:n", "@type": "@json"}}}}', '"n": {"x": {"y": 1}}'),
    (f"{{{S}}}", '"s:n": {"@type": "@json", "@value": {"x": {"y": 1}}}'),
    (f'{{{S}, "n": {{"@id": "s:n", "@container": "@language"}}}}', '"n": {"en": "x"}'),
    (f'{{{S}, "n": {{"@id": "s:n", "@container": ["@language", "@set"]}}}}', '"n": {"en": ["x"]}'),
    (f'{{{S}, "n": {{"@id": "s:n", "@container": "@index"}}}}', '"n": {"a": {"s:m": 1}, "b": "x"}'),
    (f'{{{S}, "n": {{"@id": "s:n", "@container": "@id"}}}}', '"n": {"urn:b": {"s:m": 1}}'),
    (f'{{{S}, "n": {{"@id": "s:n", "@container": ["@graph", "@id"]}}}}', '"n": {"b": {"s:m": 1}}'),
    (
        f'{{{S}, "n": {{"@id": "s:n", "@container": "@type"}}, "T": {{"@id": "s:T", {SCOPED}}}}}',
        '"n": {"T": {"x": 1}}',
    ),
    (f'{{{S}, "T": {{"@id": "s:T", "@context": {{"x": "s:x"}}}}}}', '"@type": ["T"], "x": 1'),
    (
        f'{{{S}, "y": "s:y", "T": {{"@id": "s:T", "@context": {{"x": "s:x", "y": null}}}}}}',
        '"@type": "T", "s:q": {"@id": "urn:b", "y": 2}, "x": {"y": 1}',
    ),
    (
        f'{{{S}, "T": {{"@id": "s:T", "@context": {{"@propagate": true, "x": "s:x"}}}}}}',
        '"@type": "T", "s:q": {"x": 1}',
    ),
    (f'{{{S}, "k": {{"@id": "s:k", "@context": {{"x": "s:x"}}}}}}', '"k": {"x": {"x": [1]}}'),
    (f'{{{S}, "k": {{"@reverse": "s:k", "@context": {{"x": "s:x"}}}}}}', '"k": [{"x": 1}]'),
    (
        f'{{{S}, "k": {{"@id": "s:k", "@container": "@list", "@context": {{"x": "s:x"}}}}}}',
        '"k": [{"x": 1}]',
    ),
    (f'{{{S}, "n": "@nest", "a": {{"@id": "s:a", "@nest": "n"}}}}', '"n": [{"a": 1, "s:b": 2}]'),
    (f'[{{{S}}}, null, {{"x": "urn:x"}}, {{"y": "x"}}]', '"x": 1, "y": 2'),
]


@pytest.mark.parametrize(("context", "members"), UNDERSTOOD)
def test_what_json_ld_understands_is_not_told(tmp_path: Path, context: str, members: str) -> None:
    """Aliases, maps, JSON values, nesting and scoped contexts are no mistakes."""
    text = f'{{"@context": {context}, "@id": "urn:a", {members}}}'

    graph = load(tmp_path, text, "jsonld")

    assert [each.message for each in graph.findings] == []
    assert graph.statement_count() >= 1


# Spelling

LITERALS = [
    *(f'"{v}"^^<{XSD}decimal>' for v in ("12.50", "012.5", "-0.0", "+1", "1.", ".5", "1e3", "x")),
    *(f'"{v}"^^<{XSD}decimal>' for v in ("0." + "1" * 30, "9" * 25, "1.0000000000000000001")),
    *(f'"{v}"^^<{XSD}integer>' for v in ("007", "-0", "+5", "9" * 18, "9" * 19, "1" * 40, "1.0")),
    *(f'"{v}"^^<{XSD}byte>' for v in ("7", "300", "-128")),
    *(
        f'"7"^^<{XSD}{name}>'
        for name in ["int", "long", "short", "unsignedInt", "nonNegativeInteger", "positiveInteger"]
    ),
    *(f'"{v}"^^<{XSD}boolean>' for v in ("1", "0", "true", "TRUE", " true ")),
    *(
        f'"{v}"^^<{XSD}{t}>'
        for t in ("double", "float")
        for v in ("1.0E0", "1e400", "NaN", "INF", "-INF", "+INF", "0.1", "-0", "1E-7", "123456789")
    ),
    *(
        f'"2020-02-29T{v}"^^<{XSD}dateTime>'
        for v in ("00:00:00.0+03:00", "24:00:00", "00:00:00Z", "00:00:00+00:00", "25:00:00", "1")
    ),
    *(
        f'"{v}"^^<{XSD}date>'
        for v in ("2020-02-30", "2020-02-29+03:00", "1999-13-01", "0001-01-01")
    ),
    *(f'"{v}"^^<{XSD}date>' for v in ("2020-02-29", "2021-02-29", "1900-02-29", "2020-04-31")),
    *(
        f'"{v}"^^<{XSD}date>'
        for v in ("2020-02-29+00:00", "2020-00-10", "2020-10-00", "-0044-03-15", "12020-01-01")
    ),
    *(f'"{v}"^^<{XSD}time>' for v in ("00:00:00.0+03:00", "24:00:00", "1:00:00")),
    *(f'"{v}"^^<{XSD}gYear>' for v in ("2020", "02020", "2020Z", "2020+00:00", "20")),
    *(f'"{v}"^^<{XSD}gYearMonth>' for v in ("2020-05", "2020-13", "2020-05-00:00")),
    f'"--02-29"^^<{XSD}gMonthDay>',
    f'"---31"^^<{XSD}gDay>',
    f'"--12Z"^^<{XSD}gMonth>',
    *(f'"{v}"^^<{XSD}duration>' for v in ("P1Y12M", "PT60S", "P0D", "-P1D", "PT1.50S", "P")),
    f'"P1Y12M"^^<{XSD}yearMonthDuration>',
    f'"PT36H"^^<{XSD}dayTimeDuration>',
    f'"ab"^^<{XSD}hexBinary>',
    f'"YQ =="^^<{XSD}base64Binary>',
    f'"a b"^^<{XSD}anyURI>',
    f'" a  b "^^<{XSD}token>',
    f'"plain"^^<{XSD}string>',
    '"POINT(1.0 02)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
    '"007"^^<urn:own>',
    '"x"@sr-Latn',
    '"x"@EN-gb',
    '"line\\nfeed \\u0007 \\U0001F600"',
]


@pytest.mark.parametrize("literal", LITERALS)
def test_graph_has_the_spelling_the_store_gives_back(tmp_path: Path, literal: str) -> None:
    """Dumps, documents and endpoint agree: what the graph has is what a store gives back."""
    graph = load(tmp_path, f"<urn:a> <urn:p> {literal} .\n", "nt")

    (quad,) = graph.quads()
    store = ox.Store()
    store.add(quad)
    assert list(store) == [quad]
    assert str(next(iter(store)).object) == str(quad.object)


@pytest.mark.parametrize("literal", LITERALS)
def test_change_of_spelling_is_told(tmp_path: Path, literal: str) -> None:
    """Whoever wrote `12.50` is told what is published instead, and only when it differs."""
    (written,) = ox.parse(f"<urn:a> <urn:p> {literal} .", format=ox.RdfFormat.N_TRIPLES)
    graph = load(tmp_path, f"\n<urn:a> <urn:p> {literal} .\n", "nt")

    (quad,) = graph.quads()
    told = of_rule(graph.findings, "spelling")
    assert bool(told) == (quad.object != written.object)
    assert all(finding.position == "data/a.nt:2" for finding in told)
    assert all(finding.severity is Severity.INFO for finding in told)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("12.50", "12.5"),
        ("007", "7"),
        (f"'00:00:00.0+03:00'^^<{XSD}time>", "00:00:00+03:00"),
        (f"'1'^^<{XSD}boolean>", "true"),
    ],
)
def test_value_is_published_in_its_shortest_form(tmp_path: Path, literal: str, value: str) -> None:
    """The spelling that is published is the one a reader of Oxigraph sees."""
    (quad,) = load(tmp_path, f"<a> <p> {literal} .").quads()

    assert isinstance(quad.object, ox.Literal)
    assert quad.object.value == value


RIGHT = {
    "integer": ("0", "-007", "+5", "9" * 5000),
    "byte": ("-128", "127", "-0"),
    "unsignedLong": ("18446744073709551615",),
    "decimal": (".5", "5.", "-1.50"),
    "double": ("1e6", "-INF", "NaN", "1."),
    "boolean": ("true", "0"),
    "float": ("1e6", "+INF", "NaN", ".1"),
    "date": ("2024-02-29", "2000-02-29Z", "-0044-03-15", "12024-02-29+14:00"),
    "dateTime": ("2024-01-31T24:00:00", "2024-01-31T09:30:00.25-05:00"),
    "dateTimeStamp": ("2024-01-31T23:59:59Z", "2024-01-31T00:00:00+13:59"),
    "time": ("09:30:00", "24:00:00", "24:00:00.0", "23:59:59.9-14:00"),
    "gYear": ("1901", "-0044", "12024", "0000", "1901Z"),
    "gYearMonth": ("1901-12", "-0044-01+02:00"),
    "gMonthDay": ("--02-29",),
    "gMonth": ("--12",),
    "gDay": ("---31",),
    "duration": ("P1Y", "-P1DT2H3.5S", "PT0S"),
    "dayTimeDuration": ("P1D",),
    "yearMonthDuration": ("P1Y2M",),
    "hexBinary": ("", "0aFF"),
    "base64Binary": ("", "YQ==", "YWJj YWI=", "YWJj"),
    "language": ("lt", "sr-Latn"),
    "string": ("anything",),
    "anyURI": ("a b",),
}
WRONG = {
    "integer": ("", "1.0", "a", " 5", "٣"),
    "byte": ("128",),
    "nonNegativeInteger": ("-1",),
    "positiveInteger": ("0",),
    "unsignedLong": ("18446744073709551616", "9" * 5000),
    "decimal": (".", "1e6", "1,5"),
    "double": ("inf", "1,0", "", "1e", "+NaN"),
    "float": ("inf", "1e1.5"),
    "boolean": ("yes", "TRUE"),
    "date": ("2023-02-29", "1900-02-29", "2024-04-31", "24-01-01", "2024-13-01", "2024-1-1"),
    "dateTime": ("2024-01-31", "2024-01-31T25:00:00", "2024-02-30T00:00:00"),
    "dateTimeStamp": ("2024-01-31T09:30:00", "2024-02-30T00:00:00Z", "2024-01-31"),
    "time": ("9:30", "24:00:01", "24:00:00.1", "09:60:00", "09:30:60", "09:30:00+14:01"),
    "gYear": ("abc", "901", "01901", "2024-01"),
    "gYearMonth": ("1901-13", "1901-00", "1901"),
    "gMonthDay": ("--02-30", "02-29"),
    "gMonth": ("--13", "--00", "12"),
    "gDay": ("---32", "---00", "31"),
    "yearMonthDuration": ("P", "P1D", "P1Y2M3D"),
    "duration": ("P", "PT", "1Y", "P1DT"),
    "dayTimeDuration": ("P1Y",),
    "hexBinary": ("0",),
    "base64Binary": ("Y", "YQ=", "====", "Y!=="),
    "language": ("much too long a tag",),
}


@pytest.mark.parametrize("datatype", RIGHT)
def test_values_of_a_datatype_are_believed(tmp_path: Path, datatype: str) -> None:
    """Nothing is told of a value that XML Schema allows."""
    text = "".join(f"<a> <p> '{value}'^^<{XSD}{datatype}> .\n" for value in RIGHT[datatype])

    assert of_rule(load(tmp_path, text).findings, "ill-typed") == []


@pytest.mark.parametrize("datatype", WRONG)
def test_value_that_is_none_of_its_datatype_is_told(tmp_path: Path, datatype: str) -> None:
    """A value that its datatype does not have is a warning with its line, each time it stands."""
    lines = [f"<a> <p> '{value}'^^<{XSD}{datatype}> .\n" for value in WRONG[datatype]] * 2

    told = of_rule(load(tmp_path, "".join(lines)).findings, "ill-typed")

    assert [finding.line for finding in told] == [number + 1 for number in range(len(lines))]
    assert all(finding.severity is Severity.WARNING for finding in told)
    assert f"is not a valid xsd:{datatype}." in told[0].message
    assert max(len(finding.message) for finding in told) < 300


#: Least and greatest value of the datatypes for whole numbers (XSD 1.1 Part 2, section 3.4).
BOUNDS = {
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-9223372036854775808, 9223372036854775807),
    "int": (-2147483648, 2147483647),
    "short": (-32768, 32767),
    "byte": (-128, 127),
    "unsignedLong": (0, 18446744073709551615),
    "unsignedInt": (0, 4294967295),
    "unsignedShort": (0, 65535),
    "unsignedByte": (0, 255),
}


def ill_typed(root: Path, values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give those values, with their datatypes, that are told to be none of their datatype."""
    text = "".join(f"<a> <p> '{value}'^^<{XSD}{datatype}> .\n" for datatype, value in values)
    graph = load(root, text)
    assert of_rule(graph.findings, "unknown-datatype") == []
    # A file has twenty of them told one by one.
    return [values[finding.line - 1] for finding in of_rule(graph.findings, "ill-typed")]


def test_whole_numbers_end_where_their_datatype_does(tmp_path: Path) -> None:
    """The least and the greatest value of a datatype are right, the next ones are not."""
    lasts = [(name, end) for name, two in BOUNDS.items() for end in two if end is not None]
    beyond = [
        (name, str(end + step))
        for name, two in BOUNDS.items()
        for end, step in zip(two, (-1, 1), strict=True)
        if end is not None
    ]

    assert ill_typed(tmp_path, [(name, str(end)) for name, end in lasts]) == []
    assert len(beyond) == 20
    assert ill_typed(tmp_path, beyond) == beyond


def test_months_have_the_days_that_they_have(tmp_path: Path) -> None:
    """The last day of each month is right and the next is not, in common years and leap years."""
    lasts = [
        (year, month, calendar.monthrange(year, month)[1])
        for year in (1600, 1900, 2023, 2024)
        for month in range(1, 13)
    ]
    right = [f"{year}-{month:02}-{day}" for year, month, day in lasts]
    wrong = [f"{year}-{month:02}-{day + 1}" for year, month, day in lasts]
    every_29th = [f"2023-{month:02}-29" for month in range(1, 13) if month != 2]
    stamps = [("dateTimeStamp", f"{date}T00:00:00Z") for date in (*right, *wrong)]

    assert ill_typed(tmp_path, [("date", date) for date in (*right, *every_29th)]) == []
    assert ill_typed(tmp_path, stamps[: len(right)]) == []
    for some in (wrong[:12], wrong[12:24], wrong[24:36], wrong[36:]):
        assert ill_typed(tmp_path, told := [("date", date) for date in some]) == told
    assert ill_typed(tmp_path, stamps[-12:]) == stamps[-12:]


def test_datatypes_of_xml_schema_are_known(tmp_path: Path) -> None:
    """Each datatype that the specification names is one, whatever this program reads of it."""
    told = (
        "string boolean decimal float double duration dateTime time date gYearMonth gYear "
        "gMonthDay gDay gMonth hexBinary base64Binary anyURI QName NOTATION normalizedString "
        "token language NMTOKEN NMTOKENS Name NCName ID IDREF IDREFS ENTITY ENTITIES integer "
        "nonPositiveInteger negativeInteger long int short byte nonNegativeInteger unsignedLong "
        "unsignedInt unsignedShort unsignedByte positiveInteger yearMonthDuration "
        "dayTimeDuration dateTimeStamp anyType anySimpleType anyAtomicType"
    )
    names = told.split()
    used = (*names, "intger", "facet", "intger")
    text = "".join(f"<a> <p> '{n}'^^<{XSD}{name}> .\n" for n, name in enumerate(used))
    text += "<a> <p> 'x'^^<urn:own> , 'x'^^<https://a.example/string> .\n"

    found = of_rule(load(tmp_path, text).findings, "unknown-datatype")

    assert [finding.line for finding in found] == [len(names) + 1, len(names) + 2]
    near, far = (finding.remedy for finding in found)
    assert near.startswith("Did you mean xsd:integer? The datatypes are")
    assert far.startswith("The datatypes are")


IN_WORDS = (
    "decimal double float boolean date dateTime time gYear gYearMonth gMonthDay duration "
    "integer byte"
)


@pytest.mark.parametrize("datatype", IN_WORDS.split())
def test_advice_on_a_value_is_in_words_and_right(tmp_path: Path, datatype: str) -> None:
    """Who has never seen a datatype is told how a value of it is written; that is one."""
    (told,) = of_rule(load(tmp_path, f"<a> <p> 'x'^^<{XSD}{datatype}> .").findings, "ill-typed")

    assert told.remedy.endswith(", or give it another datatype.")
    assert "xsd:" not in told.remedy
    examples = re.findall(r"(?:such as|or) ([\w.:-]*\d[\w.:-]*)", told.remedy)
    assert examples or datatype in ("boolean", "gYear", "integer", "byte")
    assert ill_typed(tmp_path, [(datatype, example) for example in examples]) == []


def test_right_values_beside_a_wrong_one_are_believed(tmp_path: Path) -> None:
    """Only the value is told that is none of its datatype, and each of them as it stands."""
    values = [("decimal", "x"), ("decimal", "12.50"), ("integer", "007"), ("decimal", "x")]

    assert ill_typed(tmp_path, values) == [values[0], values[3]]


def test_words_about_values(tmp_path: Path) -> None:
    """A short value is told whole, a long one in part, and a respelled one in both spellings."""
    text = f"<a> <p> 12.50, 'x'^^<{XSD}decimal>, '{'y' * 201}'^^<{XSD}decimal> .\n"
    text += f"<a> <p> '{'z' * 200}'^^<{XSD}decimal> .\n"
    findings = load(tmp_path, text).findings

    (respelled,) = of_rule(findings, "spelling")
    assert respelled.message == "'12.50' (xsd:decimal) is published as '12.5' (xsd:decimal)."
    assert respelled.remedy.startswith("Write '12.5' (xsd:decimal) to have file and publication")
    assert [each.message for each in of_rule(findings, "ill-typed")] == [
        f"'{value}' is not a valid xsd:decimal." for value in ("x", f"{'y' * 200} …", "z" * 200)
    ]


def test_many_wrong_values_are_counted(tmp_path: Path) -> None:
    """A file with a thousand of them gets twenty warnings and a number with what to do."""
    graph = load(tmp_path, "".join(f"<a> <p> '{n}x'^^<{XSD}decimal> .\n" for n in range(1000)))

    told = of_rule(graph.findings, "ill-typed")
    assert len(told) == 21
    assert told[-1].line == 21
    assert told[-1].message == "980 more values of 'data/a.ttl' are none of their datatype."
    assert told[-1].severity is Severity.WARNING
    assert told[-1].remedy.startswith("Mend those that are told first")
    assert of_rule(graph.findings, "spelling") == []


def test_many_changes_of_spelling_are_counted(tmp_path: Path) -> None:
    """Each property of a file gets five examples and then a number, which stands behind them."""
    values = "".join(f"<a> <p> {n}.50 .\n" for n in range(1000)) + "<a> <q> 1.0, 2.0 .\n"
    graph = load(tmp_path, values)

    told = Report.of(of_rule(graph.findings, "spelling")).findings
    assert [each.line for each in told] == [1, 2, 3, 4, 5, 6, 1001, 1001]
    assert told[5].message.startswith(f"995 more values of <{BASE}p> ")


# Blank nodes


def labels(root: Path, text: str, extension: str = "ttl") -> dict[str, str]:
    """Map the text of each literal to the label of the blank node it is said of."""
    return {
        quad.object.value: str(quad.subject)
        for quad in load(root, text, extension).quads()
        if isinstance(quad.subject, ox.BlankNode) and isinstance(quad.object, ox.Literal)
    }


ADDRESSES = "<a> <p> [ <q> 'one' ; <r> [ <q> 'two' ] ] .\n<b> <p> _:x . _:x <q> 'three' .\n"


def test_labels_are_the_same_at_each_run(tmp_path: Path) -> None:
    """The same file gives the same labels, so the same bytes are released."""
    first = labels(tmp_path / "1", ADDRESSES)

    assert len(set(first.values())) == 3
    assert labels(tmp_path / "2", ADDRESSES) == first


def test_labels_do_not_depend_on_edits_elsewhere(tmp_path: Path) -> None:
    """A new node, another order and other labels in the file leave the labels alone."""
    edited = (
        "<z> <p> [ <q> 'new' ] .\n<b> <p> _:y . _:y <q> 'three' .\n"
        "<a> <p> [ <r> [ <q> 'two' ] ; <q> 'one' ] .\n"
    )
    before, after = labels(tmp_path / "1", ADDRESSES), labels(tmp_path / "2", edited)

    assert {text: after[text] for text in before} == before


def test_label_changes_with_what_is_said(tmp_path: Path) -> None:
    """A label stands for its content: a change below changes it, and only what is above."""
    before = labels(tmp_path / "1", ADDRESSES)
    after = labels(tmp_path / "2", ADDRESSES.replace("<q> 'two'", "<q> 'two', 'new'"))

    assert {text for text in before if before[text] != after[text]} == {"one", "two"}


def test_two_files_do_not_share_blank_nodes(tmp_path: Path) -> None:
    """The same words in two files are two nodes, whatever their labels were."""
    text = "<a> <p> _:x . _:x <q> 'one' ."
    graph = load_site(tmp_path, {"data/a.ttl": text, "data/b.ttl": text})

    assert (
        len({quad.object for quad in graph.quads() if isinstance(quad.object, ox.BlankNode)}) == 2
    )


def test_equal_twins_stay_apart(tmp_path: Path) -> None:
    """Two blank nodes that say the same are two."""
    graph = load(tmp_path, "<a> <p> [ <q> 'x' ] , [ <q> 'x' ] .")

    assert len({quad.subject for quad in graph.quads()} - {ox.NamedNode(BASE + "a")}) == 2


def test_ring_of_blank_nodes_keeps_its_form(tmp_path: Path) -> None:
    """Blank nodes in a ring end, keep their number and hang together as before."""
    text = "_:a <p> _:b . _:b <p> _:c . _:c <p> _:a . _:d <p> _:d ."
    first, second = (list(load(tmp_path / name, text).quads()) for name in "12")

    def canonical(quads: list[ox.Quad]) -> set[ox.Quad]:
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return set(dataset)

    parsed = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    assert first == second
    assert canonical(first) == canonical(parsed)


def test_list_of_50000_members_is_no_recursion(tmp_path: Path) -> None:
    """A list is as deep as it is long; its labels are all different and made in little time."""
    graph = load(tmp_path, f"<a> <p> ({' 1' * 50_000} ) .")

    assert len({quad.subject for quad in graph.quads()}) == 50_001
