"""Tests of tables as sources: the mapping of CSV on the Web, places, and every kind of mistake."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from metropole import graph as graphs
from metropole import publish, settings, sources
from metropole.cli import main
from metropole.graph import SiteGraph
from metropole.report import Finding, Report, Severity
from metropole.web import create_app
from metropole.web.serving import Serving
from sites import BASE, NS, PREFIXES, check_site, load_site, of_rule, write_site

XSD = "http://www.w3.org/2001/XMLSchema#"
CONTEXT = "http://www.w3.org/ns/csvw"
ONTOLOGY = PREFIXES + ":p a owl:DatatypeProperty ; rdfs:label 'p' ; rdfs:comment 'P.' ."
#: A column that is the key of the rows and says nothing itself.
KEY = {"name": "key", "suppressOutput": True}
Json = dict[str, Any]


def description(*columns: Json, **more: object) -> Json:
    """Describe `a.csv`: the key, some columns, and properties of the table or its schema."""
    schema: Json = {"aboutUrl": "id/a/{key}", "columns": [KEY, *columns]}
    for name in ("aboutUrl", "primaryKey", "columns", "foreignKeys"):
        if name in more:
            schema[name] = more.pop(name)
    return {"@context": CONTEXT, "url": "a.csv", "tableSchema": schema, **more}


def column(name: str, datatype: object = "string", **more: object) -> Json:
    """Describe a column with a property of its own."""
    return {"name": name, "propertyUrl": f"ns#{name}", "datatype": datatype, **more}


def load(root: Path, table: str | bytes, described: object, *, name: str = "a.csv") -> SiteGraph:
    """Read one table with its description."""
    text = described if isinstance(described, str) else json.dumps(described, indent=1)
    return load_site(root, {f"data/{name}": table, f"data/{name}-metadata.json": text})


def said(graph: SiteGraph) -> list[str]:
    """Write the statements with their lines: `2 a/x ns#p "v"`."""
    written = []
    for parsed in graph.sources:
        for quad, line in parsed:
            text = f"{line} {quad.subject} {quad.predicate} {quad.object}"
            written.append(text.replace(BASE, ""))
    return written


def values(graph: SiteGraph) -> list[str]:
    """List the values of a table with one column that says something."""
    assert not graph.findings
    return [str(quad.object) for quad in graph.quads()]


def only(graph: SiteGraph, rule: str) -> Finding:
    """Give the one finding there is, which is of the rule."""
    assert [finding.rule for finding in graph.findings] == [rule], graph.findings
    return graph.findings[0]


# Statements and their places


@pytest.mark.parametrize(
    ("name", "property_"),
    [
        ("my trees.csv", "my%20trees.csv#p"),
        ("trees {2} <new>.csv", "trees%20%7B2%7D%20%3Cnew%3E.csv#p"),
        ("a:b.csv", "a%3Ab.csv#p"),
        ("Bäume.csv", "Bäume.csv#p"),
    ],
)
def test_file_may_have_any_name(tmp_path: Path, name: str, property_: str) -> None:
    """The property that a column has by default is an address, whatever the file is called."""
    described = description({"name": "p"}, url=name.replace(":", "%3A"))
    (read,) = said(load(tmp_path, "key,p\nx,1\n", described, name=name))

    assert read == f'2 <id/a/x> <{property_}> "1"'


def test_rows_become_statements_with_their_lines(tmp_path: Path) -> None:
    """Each cell is a statement about the thing of its row, placed on the line the row begins."""
    table = 'key,name,height\nold,"Old\nBridge",12.5\n\ngreen,Green Bridge,\n'
    described = description(
        column("name", lang="en"),
        column("height", "decimal"),
        {"name": "t", "virtual": True, "propertyUrl": "rdf:type", "valueUrl": "ns#Bridge"},
    )

    graph = load(tmp_path, table, described)
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert said(graph) == [
        '2 <id/a/old> <ns#name> "Old\\nBridge"@en',
        f'2 <id/a/old> <ns#height> "12.5"^^<{XSD}decimal>',
        f"2 <id/a/old> {rdf_type} <ns#Bridge>",
        '5 <id/a/green> <ns#name> "Green Bridge"@en',
        f"5 <id/a/green> {rdf_type} <ns#Bridge>",
    ]
    assert not graph.findings


def test_table_is_the_graph_named_after_its_file(tmp_path: Path) -> None:
    """A table becomes a named graph by the rule of all files."""
    graph = load(tmp_path, "key,p\nx,1\n", description(column("p")))

    (statement,) = graph.sources[0].statements
    assert statement.endswith(b" <https://a.example/id/graph/data/a> .")


def test_folders_of_addresses_have_prefixes(tmp_path: Path) -> None:
    """Readers get short names for what a table describes and leads to."""
    described = description(
        column("p", valueUrl="id/town/{p}"), column("q", valueUrl="https://b.example/{q}")
    )
    graph = load(tmp_path, "key,p,q\nx,y,z\n", described)

    assert graph.shorten(f"<{BASE}id/a/x>") == "a:x"
    assert graph.prefixes() == {"a": f"{BASE}id/a/", "town": f"{BASE}id/town/"}


def test_shape_names_the_line_of_the_row(tmp_path: Path) -> None:
    """What SHACL finds in a table has the file and line of the row."""
    shape = (
        PREFIXES + "<shapes#A> a sh:NodeShape ; sh:targetSubjectsOf :p ; "
        "sh:property [ sh:path :p ; sh:maxInclusive 5 ] ."
    )
    files = {
        "data/a.csv": "key,p\nx,1\ny,9\n",
        "data/a.csv-metadata.json": json.dumps(description(column("p", "integer"))),
        "shapes/s.ttl": shape,
        "ontology/o.ttl": PREFIXES
        + ":p a owl:DatatypeProperty ; rdfs:label 'p' ; rdfs:comment 'P.' .",
    }

    (finding,) = check_site(tmp_path, files).findings
    assert (finding.rule, finding.position) == (
        "sh:MaxInclusiveConstraintComponent",
        "data/a.csv:3",
    )


def test_wrong_datatype_is_mended_in_the_description(tmp_path: Path) -> None:
    """Where a shape wants another datatype than the column has, the remedy names the column."""
    shape = "<shapes#A> sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:datatype xsd:gYear ]"
    files = {
        "data/a.csv": "key,p\nx,1901\n",
        "data/a.csv-metadata.json": json.dumps(description(column("p", "integer"))),
        "shapes/s.ttl": f"{PREFIXES}{shape} .",
        "ontology/o.ttl": PREFIXES
        + ":p a owl:DatatypeProperty ; rdfs:label 'p' ; rdfs:comment 'P.' .",
    }

    (finding,) = check_site(tmp_path, files).findings

    assert finding.position == "data/a.csv:2"
    assert finding.remedy.startswith("Give the column the datatype gYear in a.csv-metadata.json")


def test_release_depends_on_table_and_description(tmp_path: Path) -> None:
    """Another cell is another release, another layout of the file is not."""
    described = json.dumps(description(column("p")))
    files = {
        "data/a.csv": "key,p\nx,1\n",
        "data/a.csv-metadata.json": described,
        "ontology/o.ttl": PREFIXES
        + ":p a owl:DatatypeProperty ; rdfs:label 'p' ; rdfs:comment 'P.' .",
    }
    read = write_site(tmp_path, files)
    first = publish.build(read).release.id

    (tmp_path / "data/a.csv").write_text('key,p\n"x","1"\n')
    assert publish.build(read).release.id == first
    (tmp_path / "data/a.csv").write_text("key,p\nx,2\n")
    assert publish.build(read).release.id != first


def test_letters_in_a_key_are_those_of_other_files(tmp_path: Path) -> None:
    """A key with letters beyond ASCII makes the address that Turtle would write."""
    table = "key,p\nžalias tiltas,1\na/b?,2\n"

    assert said(load(tmp_path, table, description(column("p")))) == [
        '2 <id/a/žalias%20tiltas> <ns#p> "1"',
        '3 <id/a/a%2Fb%3F> <ns#p> "2"',
    ]


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("id/b/{p}", f"<{BASE}id/b/u%3Av>"),
        ("{+p}", "<u:v>"),
        ("https://b.example/{key}/{p}", "<https://b.example/x/u%3Av>"),
        ("skos:{key}", "<http://www.w3.org/2004/02/skos/core#x>"),
        ("id/b{?key,p}", f"<{BASE}id/b?key=x&p=u%3Av>"),
        ("id/row/{_row}/{_sourceRow}/{_column}/{_name}", f"<{BASE}id/row/1/2/2/p>"),
    ],
)
def test_addresses_are_made_of_cells(tmp_path: Path, template: str, address: str) -> None:
    """valueUrl is a URI template (RFC 6570) whose address is relative to the base."""
    graph = load(tmp_path, "key,p\nx,u:v\n", description(column("p", valueUrl=template)))

    assert values(graph) == [address]


def test_virtual_column_without_its_value_says_nothing(tmp_path: Path) -> None:
    """An address that lacks a part is not made."""
    described = description(
        {"name": "city", "suppressOutput": True},
        {"name": "v", "virtual": True, "propertyUrl": "ns#in", "valueUrl": "id/city/{city}"},
    )

    assert said(load(tmp_path, "key,city\nx,riga\ny,\n", described)) == [
        "2 <id/a/x> <ns#in> <id/city/riga>"
    ]


def test_row_may_speak_of_several_things(tmp_path: Path) -> None:
    """Columns with addresses of their own describe other things than the row does."""
    described = description(
        column(
            "when", {"base": "dateTime", "format": "yyyy-MM-ddTHH:mm"}, aboutUrl="#event-{_row}"
        ),
        column("hall", aboutUrl="#place-{_row}"),
        {
            "name": "where",
            "virtual": True,
            "aboutUrl": "#event-{_row}",
            "propertyUrl": "https://schema.org/location",
            "valueUrl": "#place-{_row}",
        },
    )

    assert said(load(tmp_path, "key,when,hall\nx,2007-11-13T19:30,Blue\n", described)) == [
        f'2 <#event-1> <ns#when> "2007-11-13T19:30:00"^^<{XSD}dateTime>',
        '2 <#place-1> <ns#hall> "Blue"',
        "2 <#event-1> <https://schema.org/location> <#place-1>",
    ]


def test_every_address_a_key_makes_is_found(tmp_path: Path) -> None:
    """A thing whose key has letters and signs is served where its page links to."""
    files = {
        "data/a.csv": 'key,p\n"Ąžuolas, (senas): 1",v\n',
        "data/a.csv-metadata.json": json.dumps(description(column("p"))),
        "ontology/o.ttl": PREFIXES + ":p a owl:DatatypeProperty .",
    }
    read = write_site(tmp_path, files)
    publish.build(read)
    serving = Serving(read)
    try:
        client = create_app(serving).test_client()
        answer = client.get("/id/a/Ąžuolas,%20(senas):%201", headers={"Accept": "text/turtle"})
        assert answer.status_code == 303
        assert 'ns:p "v"' in client.get(answer.location).get_data(as_text=True)
    finally:
        serving.pool.close()


def test_rows_without_address_are_blank_nodes_and_told(tmp_path: Path) -> None:
    """The defaults of the standard are followed, and a warning says what to write instead."""
    described = description({"name": "p"}, aboutUrl="")
    graph = load(tmp_path, "key,p\nx,1\n", described)

    (quad,) = graph.quads()
    assert isinstance(quad.subject, ox.BlankNode)
    assert quad.predicate.value == BASE + "a.csv#p"
    assert [(f.rule, f.severity) for f in graph.findings] == [
        ("table-defaults", Severity.WARNING)
    ] * 2


# Cells


@pytest.mark.parametrize(
    ("datatype", "text", "value"),
    [
        ("string", "  a\tb ", '"  a\\tb "'),
        ("integer", " 12 ", f'"12"^^<{XSD}integer>'),
        ("decimal", "278522.5", f'"278522.5"^^<{XSD}decimal>'),
        (
            {"base": "decimal", "format": {"decimalChar": ",", "groupChar": " "}},
            "1 234,5",
            f'"1234.5"^^<{XSD}decimal>',
        ),
        ({"base": "decimal", "format": "#,##0.##"}, "1,234.5", f'"1234.5"^^<{XSD}decimal>'),
        ({"base": "date", "format": "d.M.yyyy"}, "3.12.2007", f'"2007-12-03"^^<{XSD}date>'),
        (
            {"base": "dateTime", "format": "dd.MM.yyyy HH:mm"},
            "03.12.2007 09:30",
            f'"2007-12-03T09:30:00"^^<{XSD}dateTime>',
        ),
        ({"base": "time", "format": "HH:mm"}, "09:30", f'"09:30:00"^^<{XSD}time>'),
        ({"base": "boolean", "format": "yes|no"}, "no", f'"false"^^<{XSD}boolean>'),
        ({"base": "integer", "minimum": "1"}, "3", f'"3"^^<{XSD}integer>'),
        ("gYear", "2007", f'"2007"^^<{XSD}gYear>'),
        ("anyURI", "http://vu.lt", f'"http://vu.lt"^^<{XSD}anyURI>'),
        (
            {"base": "string", "@id": "http://www.opengis.net/ont/geosparql#wktLiteral"},
            "POINT(1 2)",
            '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
        ),
    ],
)
def test_cell_is_read_by_its_datatype(
    tmp_path: Path, datatype: object, text: str, value: str
) -> None:
    """A cell becomes the literal of its datatype, in the spelling of XML Schema."""
    table = f'key,p\nx,"{text}"\n'

    assert values(load(tmp_path, table, description(column("p", datatype)))) == [value]


@pytest.mark.parametrize(
    ("datatype", "text", "words"),
    [
        ("integer", "1.0", "a whole number"),
        ("integer", "12a", "a whole number"),
        ("byte", "300", "from -128 to 127"),
        ("decimal", "1,5", "a number such as"),
        ("decimal", "1e3", "a number such as"),
        ("double", "ten", "a number such as"),
        ("gYear", "about 1910", "a year with four digits"),
        ("date", "2007-02-30", "a date such as"),
        ("date", "13.11.2007", "a date such as"),
        ("dateTime", "2007-11-13", "a date with a time"),
        ("boolean", "yes", "true or false"),
        ("anyURI", "not an address", "an address"),
        ("json", "{", "JSON"),
        ({"base": "date", "format": "d.M.yyyy"}, "2007-11-13", "in the form d.M.yyyy"),
        ({"base": "date", "format": "d.M.yyyy"}, "31.2.2007", "in the form d.M.yyyy"),
        ({"base": "integer", "maximum": "5"}, "6", "<= 5"),
        ({"base": "string", "maxLength": 2}, "abc", "at most length 2"),
        ({"base": "string", "format": "[a-z]+"}, "A1", "in the form [a-z]+"),
        ({"base": "decimal", "format": "#,##0.##"}, "INF", "a number such as"),
    ],
)
def test_bad_cell_is_told_with_line_column_and_remedy(
    tmp_path: Path, datatype: object, text: str, words: str
) -> None:
    """A value that is none of its datatype is a violation at its place; its row is left out."""
    table = f'key,note,p\nw,,\nx,"a, b",{json.dumps(text) if "{" not in text else text}\n'
    described = description(column("note"), column("p", datatype))
    graph = load(tmp_path, table, described)

    finding = only(graph, "table-cell")
    assert finding.position == "data/a.csv:3:10"
    assert finding.severity is Severity.VIOLATION
    assert f"Column 'p': '{text}' is not " in finding.message
    assert words in finding.message
    assert finding.remedy
    assert said(graph) == []


def test_null_default_separator_and_order(tmp_path: Path) -> None:
    """Empty marks, defaults and lists of values are read as the standard has it."""
    described = description(
        column("p", null=["", "-"]),
        column("q", default="none"),
        column("r", "integer", separator=";"),
        column("s", separator=" ", ordered=True),
    )
    graph = load(tmp_path, "key,p,q,r,s\nx,-,,1; 2,a b\n", described)

    written = said(graph)
    assert written[:4] == [
        '2 <id/a/x> <ns#q> "none"',
        f'2 <id/a/x> <ns#r> "1"^^<{XSD}integer>',
        f'2 <id/a/x> <ns#r> "2"^^<{XSD}integer>',
        written[3],
    ]
    members = [line.split(" ")[-1] for line in written if "#first" in line]
    assert members == ['"a"', '"b"']


def test_spelling_is_settled_and_told(tmp_path: Path) -> None:
    """A value that the store keeps in another spelling is published so and told, with its line."""
    graph = load(tmp_path, "key,p\nx,007\ny,007\n", description(column("p", "integer")))

    assert {str(quad.object) for quad in graph.quads()} == {f'"7"^^<{XSD}integer>'}
    assert [(f.rule, f.line) for f in graph.findings] == [("spelling", 2), ("spelling", 3)]


def test_many_bad_cells_are_counted(tmp_path: Path) -> None:
    """A column that is wrong from end to end gives twenty findings and a number."""
    table = "key,p\n" + "".join(f"k{number},x\n" for number in range(50))
    graph = load(tmp_path, table, description(column("p", "integer")))

    told = of_rule(graph.findings, "table-cell")
    assert len(told) == 21
    assert "30 more rows" in told[-1].message
    assert Report.of(told).findings == tuple(told)
    assert told[-1].line == 22


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("31.01.2020", '"format": "dd.MM.yyyy"}'),
        ("1.2.2020", '"format": "d.M.yyyy"}'),
        ("31/01/2020", '"format": "dd/MM/yyyy"}'),
        ("01/31/2020", '"format": "MM/dd/yyyy"}'),
        ("01/02/2020", '"format": "dd/MM/yyyy" or "MM/dd/yyyy"}'),
        ("20200131", '"format": "yyyyMMdd"}'),
    ],
)
def test_dates_in_another_form_are_told_by_their_format(
    tmp_path: Path, cell: str, form: str
) -> None:
    """A column of dates as people write them gets five examples, with the format to write."""
    table = "key,p\n" + "".join(f"k{number},{cell}\n" for number in range(25))
    told = load(tmp_path, table, description(column("p", "date"))).findings

    assert len(told) == 6
    assert f'"datatype": {{"base": "date", {form}' in told[0].remedy
    assert (told[-1].line, told[-1].message[:12]) == (7, "20 more rows")


# Files as people have them


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        ("key,p\nx,é\n", {}),
        ("\ufeffkey,p\nx,é\n", {}),
        ("key,p\r\nx,é\r\n", {}),
        ("key;p\nx;é\n", {"delimiter": ";"}),
        ("key,p\nx,é\n".encode("cp1257"), {"encoding": "cp1257"}),
        ("p,key\né,x\n", {}),
        ("key,p,\nx,é,\n", {}),
        ("# note\nkey,p\nx,é\n", {"commentPrefix": "#"}),
        ("some title\nkey,p\nx,é\n", {"skipRows": 1}),
        ("x,é\n", {"header": False}),
        (" key , p \n x , é \n", {"trim": True}),
        ("key,p\n,\nx,é\n", {"skipBlankRows": True}),
        ("key,p\n'x','é'\n", {"quoteChar": "'"}),
    ],
)
def test_ways_of_writing_a_table(tmp_path: Path, content: str | bytes, dialect: Json) -> None:
    """Marks, line ends, separators, encodings, orders and headers that are in use are read."""
    graph = load(tmp_path, content, description(column("p"), dialect=dialect))

    assert values(graph) == ['"é"']


def test_tabs_separate_in_a_tsv_file(tmp_path: Path) -> None:
    """A .tsv file needs no dialect."""
    described = description(column("p"), url="a.tsv")

    assert values(load(tmp_path, "key\tp\nx\t1\n", described, name="a.tsv")) == ['"1"']


Mistake = tuple[str | bytes, Json, str, str, str]
MISTAKES: dict[str, Mistake] = {
    "short row": (
        "key,p\nx\n",
        {},
        "table-row",
        "data/a.csv:2",
        "has one cell, and the header has 2",
    ),
    "long row": ("key,p\nx,1,2\n", {}, "table-row", "data/a.csv:2", "has 3 cells"),
    "wrong delimiter": (
        "key;p\nx;1\n",
        {},
        "table-header",
        "data/a.csv:1",
        "separated by semicolons",
    ),
    "column gone": ("key,q\nx,1\n", {}, "table-header", "data/a.csv:1", "no column 'p'"),
    "no header": ("x,1\n", {}, "table-header", "data/a.csv:1", "the header has 'x', '1'"),
    "twice": ("key,p,p\nx,1,2\n", {}, "table-header", "data/a.csv:1", "2 columns are called 'p'"),
    "nameless": ("key,,p\nx,1,2\n", {}, "table-header", "data/a.csv:1", "Column 2 has no name"),
    "nameless twice": (
        "key,,p,,q\nx\n",
        {},
        "table-header",
        "data/a.csv:1",
        "Columns 2 and 4 have",
    ),
    "empty file": ("", {}, "empty-file", "data/a.csv", "holds no statement"),
    "header only": ("key,p\n", {}, "empty-file", "data/a.csv", "holds no statement"),
    "empty key": ("key,p\n,1\n", {}, "table-key", "data/a.csv:2:1", "which is empty"),
    "same key": (
        "key,p\nx,1\nx,2\n",
        {"primaryKey": "key"},
        "table-key",
        "data/a.csv:3:1",
        "row 2",
    ),
    "open quote": ('key,p\nx,1\ny,"2\nz,3\n', {}, "syntax", "data/a.csv:3", "never closed"),
    "long cell": ("key,p\nx," + 200_000 * "y", {}, "syntax", "data/a.csv:2", "longer than 131,072"),
    "odd quote": ('key,p\nx,"1"2\n', {}, "syntax", "data/a.csv:2", "quoted"),
    "encoding": (b"key,p\nx,1\ny,\xe9\n", {}, "syntax", "data/a.csv:3", "not written in utf-8"),
    "undescribed": ("key,p,q\nx,1,2\n", {}, "column-ignored", "data/a.csv:1", "'q'"),
    "required": (
        "key,p\nx,\n",
        {"columns": [KEY, column("p", required=True)]},
        "table-cell",
        "data/a.csv:2:3",
        "a value is required",
    ),
    "no address": (
        "key,p\nx,http://[b\n",
        {"columns": [KEY, column("p", valueUrl="{+p}")]},
        "table-address",
        "data/a.csv:2:3",
        "is no address",
    ),
    "leaves": (
        "key,p\nx,//b.example/c\n",
        {"columns": [KEY, column("p", valueUrl="{+p}")]},
        "leaves-base",
        "data/a.csv:2:3",
        "'//b.example/c'",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_a_table_is_told(tmp_path: Path, name: str) -> None:
    """Each mistake has its rule, its place, plain words and a remedy."""
    content, more, rule, position, words = MISTAKES[name]
    graph = load(tmp_path, content, description(column("p"), **more))

    finding = graph.findings[0]
    assert {found.rule for found in graph.findings} == {rule}
    assert finding.position == position
    assert words in finding.message
    assert finding.remedy


# Descriptions


DESCRIPTIONS: dict[str, tuple[object, str]] = {
    "no context": ({"url": "a.csv"}, "does not say that it is a description"),
    "no object": ([1], "is an object, in braces"),
    "another file": (description(column("p"), url="b.csv"), "There is no file 'b.csv'"),
    "no url": ({"@context": CONTEXT, "tableSchema": {"columns": [KEY]}}, "about 'a.csv'"),
    "misspelt": (
        description(column("p", propertyURL="x")),
        "no property 'propertyURL' of a column",
    ),
    "misspelt above": (description(column("p"), tableschema={}), "no property 'tableschema'"),
    "datatype": (description(column("p", "whole")), "'whole' is no datatype"),
    "format": (description(column("p", {"base": "date", "format": "dmy"})), "Invalid date format"),
    "prefix": (description(column("p", propertyUrl="bsr:p")), "'bsr' is not a prefix"),
    "prefix that is a scheme": (
        description(column("p", propertyUrl="geo:long")),
        "'geo' is not a prefix",
    ),
    "class with a prefix": (
        description(
            column("p"), column("t", virtual=True, propertyUrl="rdf:type", valueUrl="data:P")
        ),
        "'data' is not a prefix",
    ),
    "schema.org": (description(column("p", propertyUrl="schema:name")), "<http://schema.org/>"),
    "unknown variable": (description(column("p", valueUrl="id/{q}")), "names the column 'q'"),
    "bracket": (description(column("p", valueUrl="id/{p")), "bracket without its partner"),
    "key": (description(column("p"), primaryKey="q"), "'q' is no column"),
    "no columns": (description(columns=[]), "describes no column"),
    "language": (description(column("p", lang="Lithuanian!")), "language"),
    "same names": (description(column("p"), column("p")), "Duplicate column name"),
    "schema elsewhere": (
        description(column("p"), tableSchema="http://192.0.2.1/s.json"),
        "nothing is fetched",
    ),
    "dialect elsewhere": (
        description(column("p"), dialect="http://192.0.2.1/d.json"),
        "nothing is fetched",
    ),
    "table elsewhere": (
        description(column("p"), url="http://192.0.2.1/a.csv"),
        "nothing is fetched",
    ),
    "context elsewhere": (
        description(column("p")) | {"@context": [CONTEXT, "http://192.0.2.1/c"]},
        "nothing is fetched",
    ),
    "base": (
        description(column("p")) | {"@context": [CONTEXT, {"@base": "x"}]},
        "base of the site",
    ),
    "truth": (description(column("p", required="yes")), "'required' is not true or false"),
    "list": (description(columns={}), "'columns' is not a list"),
    "number": (description(column("p"), dialect={"skipRows": "2"}), "not a whole number"),
    "tables": ({"@context": CONTEXT, "tables": "a.csv"}, "'tables' is not a list"),
    "address": (description(column("p", propertyUrl="http://[p")), "'http://[p' is no address"),
    "leaves": (description(column("p", propertyUrl="//b.example/p")), "leaves the base"),
    "foreign key": (description(column("p"), foreignKeys=[{}]), "not checked here"),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_mistake_in_a_description_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What is wrong with a description is told at its file, and nothing reaches the network."""
    described, words = DESCRIPTIONS[name]
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    graph = load(tmp_path, "key,p\nx,1\n", described)

    told = [finding for finding in graph.findings if words in finding.message]
    assert told, graph.findings
    assert {(f.rule, f.file) for f in told} == {("table-description", "data/a.csv-metadata.json")}
    assert all(finding.remedy for finding in told)


def test_prefix_that_is_a_scheme_is_written_in_full(tmp_path: Path) -> None:
    """`geo:long` as a property is told with its IRI; as a value it is an address, as a URN is."""
    named = description(column("p", propertyUrl="geo:long"))
    told = only(load(tmp_path / "a", "key,p\nx,1\n", named), "table-description")
    assert "http://www.w3.org/2003/01/geo/wgs84_pos#long" in told.remedy

    meant = description(
        column("p", propertyUrl="tag:a.example,2020:p", valueUrl="geo:{p}"),
        column("q", propertyUrl="urn:example:q"),
    )
    graph = load(tmp_path / "b", "key,p,q\nx,54,y\n", meant)
    assert not graph.findings
    assert said(graph) == [
        "2 <id/a/x> <tag:a.example,2020:p> <geo:54>",
        '2 <id/a/x> <urn:example:q> "y"',
    ]


def _no_network(*_: object) -> None:
    pytest.fail("the network was asked")


def test_mistake_in_a_description_has_its_line(tmp_path: Path) -> None:
    """A misspelt property is told on its line, with the one that is meant; broken JSON on its."""
    text = json.dumps(description(column("p", propertyURL="ns#p")), indent=1)
    finding = load(tmp_path, "key,p\nx,1\n", text).findings[0]
    assert '"propertyURL"' in text.split("\n")[finding.line - 1]
    assert "'propertyUrl'" in finding.remedy

    broken = only(load(tmp_path, "key,p\nx,1\n", '{\n"url": }\n'), "syntax")
    assert broken.position == "data/a.csv-metadata.json:2:8"


def test_table_without_description_blocks(tmp_path: Path) -> None:
    """A table that nobody described is a violation that says how to describe it."""
    graph = load_site(tmp_path, {"data/a.csv": "key,p\nx,1\n", "data/b.nt": ""})

    finding = graph.findings[0]
    assert (finding.rule, finding.severity) == ("table-undescribed", Severity.VIOLATION)
    assert "metropole describe data/a.csv" in finding.remedy


def test_description_without_table_is_told(tmp_path: Path) -> None:
    """A description whose table is gone is a warning, not silence."""
    files = {"data/a.nt": "<a:a> <a:b> <a:c> .", "data/a.csv-metadata.json": "{}"}

    finding = only(load_site(tmp_path, files), "description-without-table")
    assert finding.file == "data/a.csv-metadata.json"


def test_one_description_for_a_folder(tmp_path: Path) -> None:
    """csv-metadata.json describes the tables of its folder; properties above are inherited."""
    tables = [
        {"url": name, "tableSchema": {"columns": [KEY, column("p")]}} for name in ("a.csv", "b.csv")
    ]
    group = {"@context": CONTEXT, "aboutUrl": "id/{_name}/{key}", "lang": "lt", "tables": tables}
    files = {
        "data/a.csv": "key,p\nx,1\n",
        "data/b.csv": "key,p\ny,2\n",
        "data/csv-metadata.json": json.dumps(group),
    }

    assert said(load_site(tmp_path, files)) == [
        '2 <id/p/x> <ns#p> "1"@lt',
        '2 <id/p/y> <ns#p> "2"@lt',
    ]


def test_terms_of_a_table_are_looked_up(tmp_path: Path) -> None:
    """A property of the site that nobody declared is told with the line of the row."""
    files = {
        "data/a.csv": "key,p\nx,1\n",
        "data/a.csv-metadata.json": json.dumps(description(column("p"))),
        "ontology/o.ttl": PREFIXES + ":q a owl:DatatypeProperty .",
    }

    (finding,) = of_rule(check_site(tmp_path, files).findings, "undeclared-term")
    assert finding.position == "data/a.csv:2"
    assert NS + "p" in finding.focus


# Workbooks


def workbook(root: Path, fill: Callable[[Any], None]) -> bytes:
    """Write a workbook and give its bytes."""
    book = openpyxl.Workbook()
    fill(book)
    book.save(root / "book.xlsx")
    return (root / "book.xlsx").read_bytes()


#: A spreadsheet knows no time zones.
SEEN = datetime(2007, 11, 13, 9, 30)  # noqa: DTZ001


def towns(book: Any) -> None:
    """Fill the first sheet with values of many kinds and an empty row."""
    sheet = book.active
    sheet.title = "Towns"
    sheet.append(["key", "people", "share", "founded", "seen", "open", "note"])
    sheet.append(["riga", 719928.0, 0.1, date(1201, 1, 1), SEEN, True, None])
    sheet.append([])
    sheet.append(["tallinn", 397235, 2.5])
    sheet["D2"] = date(1901, 1, 2)
    sheet["D2"].number_format = "yyyy-mm-dd"


SHEET = description(
    column("people", "integer"),
    column("share", "decimal"),
    column("founded", "date"),
    column("seen", "dateTime"),
    column("open", "boolean"),
    column("note"),
    url="a.xlsx",
)


def test_sheet_is_read_like_a_table(tmp_path: Path) -> None:
    """Numbers, dates and truth values of a sheet have their usual spelling and their row."""
    graph = load(tmp_path, workbook(tmp_path, towns), SHEET, name="a.xlsx")

    assert not graph.findings
    assert said(graph) == [
        f'2 <id/a/riga> <ns#people> "719928"^^<{XSD}integer>',
        f'2 <id/a/riga> <ns#share> "0.1"^^<{XSD}decimal>',
        f'2 <id/a/riga> <ns#founded> "1901-01-02"^^<{XSD}date>',
        f'2 <id/a/riga> <ns#seen> "2007-11-13T09:30:00"^^<{XSD}dateTime>',
        f'2 <id/a/riga> <ns#open> "true"^^<{XSD}boolean>',
        f'4 <id/a/tallinn> <ns#people> "397235"^^<{XSD}integer>',
        f'4 <id/a/tallinn> <ns#share> "2.5"^^<{XSD}decimal>',
    ]


def test_bad_cell_of_a_sheet_has_the_name_of_the_cell(tmp_path: Path) -> None:
    """A mistake in a sheet is told with sheet and row, and with the name a spreadsheet shows."""

    def fill(book: Any) -> None:
        towns(book)
        book.active["B4"] = "many"

    described = {**SHEET, "url": "a.xlsx#Towns"}
    finding = only(load(tmp_path, workbook(tmp_path, fill), described, name="a.xlsx"), "table-cell")

    assert finding.position == "data/a.xlsx#Towns:4:2"
    assert finding.message.startswith("Cell B4, column 'people': 'many'")


def test_sheets_are_named_in_the_description(tmp_path: Path) -> None:
    """Of several sheets each has its description; none or a wrong name is told with the names."""

    def fill(book: Any) -> None:
        book.active.title = "One"
        book.active.append(["key", "p"])
        book.active.append(["x", "1"])
        other = book.create_sheet("The other")
        other.append(["key", "p"])
        other.append(["y", "2"])

    content = workbook(tmp_path, fill)
    schema = {"aboutUrl": "id/a/{key}", "columns": [KEY, column("p")]}
    urls = ("a.xlsx#One", "a.xlsx#The%20other")
    group = {"@context": CONTEXT, "tables": [{"url": url, "tableSchema": schema} for url in urls]}
    graph = load(tmp_path, content, group, name="a.xlsx")
    assert [source.source.name for source in graph.sources] == [
        "data/a.xlsx#One",
        "data/a.xlsx#The other",
    ]
    assert [quad.object.value for quad in graph.quads()] == ["1", "2"]  # type: ignore[union-attr]

    for url in ("a.xlsx", "a.xlsx#Third"):
        described = {"@context": CONTEXT, "url": url, "tableSchema": schema}
        finding = only(load(tmp_path, content, described, name="a.xlsx"), "table-description")
        assert "'One', 'The other'" in finding.message


def test_file_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    """A renamed or broken file is a finding with a remedy."""
    finding = only(load(tmp_path, b"key,p\n", SHEET, name="a.xlsx"), "syntax")

    assert finding.file == "data/a.xlsx"
    assert ".xlsx" in finding.remedy


# First descriptions


def test_first_description_is_a_sound_guess(tmp_path: Path) -> None:
    """What `metropole describe` writes is read without a finding, and its guesses are right."""
    table = (
        "key,Name,Built in,Size,Share,Site,Code,Seen on,Note\n"
        "a,Ąžuolas,1901,12,0.5,http://a.example/,007,2007-11-13,x\n"
        "b,Beržas,2001,-3,12,,010,,\n"
    )
    write_site(tmp_path, {"data/oak-trees.csv": table})
    told = CliRunner().invoke(main, ["describe", str(tmp_path), "data/oak-trees.csv"])
    assert told.exit_code == 0, told.output

    described = json.loads((tmp_path / "data/oak-trees.csv-metadata.json").read_text("utf-8"))
    schema = described["tableSchema"]
    assert (schema["aboutUrl"], schema["primaryKey"]) == ("id/oak-tree/{key}", "key")
    columns = {entry["name"]: entry for entry in schema["columns"]}
    assert columns["Built_in"] == {
        "name": "Built_in",
        "titles": "Built in",
        "propertyUrl": "ns#builtIn",
        "datatype": "gYear",
    }
    assert [
        columns[name].get("datatype") for name in ("Size", "Share", "Code", "Seen_on", "Note")
    ] == [
        "integer",
        "decimal",
        "string",
        "date",
        "string",
    ]
    assert columns["Site"]["valueUrl"] == "{+Site}"
    assert columns["type"]["valueUrl"] == "ns#OakTree"
    site = graphs.load(sources.discover(settings.load(tmp_path)))
    assert not site.findings
    assert site.statement_count() == 15


@pytest.mark.parametrize(
    ("table", "has"),
    [
        ("a;b\n1,5;x\n", '"delimiter": ";"'),
        ("a;b\n1,5;x\n2;y\n", '"decimalChar": ","'),
        ("a\nx\nx\n", "{_row}"),
        ("a,b\nx y,p\nz,q\n", "{b}"),
        ("a,on\nx,31.01.2020\ny,1.2.2020\n", '"format": "d.M.yyyy"'),
        ("a,Lat,longitude\nx,54.5,25\n", "wgs84_pos#long"),
    ],
)
def test_first_description_of_tables_as_they_are(tmp_path: Path, table: str, has: str) -> None:
    """Semicolons, decimal commas, tables without a key, dates and degrees are seen."""
    write_site(tmp_path, {"data/x.csv": table})
    CliRunner().invoke(main, ["describe", str(tmp_path), "data/x.csv"])

    assert has in (tmp_path / "data/x.csv-metadata.json").read_text("utf-8")


def test_first_description_of_a_spreadsheet(tmp_path: Path) -> None:
    """A spreadsheet is described like a table, and read by that."""
    write_site(tmp_path, {"data/towns.xlsx": workbook(tmp_path, towns)})
    told = CliRunner().invoke(main, ["describe", str(tmp_path), "data/towns.xlsx"])
    assert told.exit_code == 0, told.output

    site = graphs.load(sources.discover(settings.load(tmp_path)))
    assert not site.findings
    assert site.statement_count() == 9


@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        ("x.ttl", "", "is no table"),
        ("gone.csv", None, "There is no file data/gone.csv"),
        ("x.csv", "a,b\n", "no row below a header"),
        ("x.csv", "a,a\n1,2\n", "a name of its own"),
        ("x.csv", 'a,"b\n1,2\n', "never closed"),
        ("x.csv", b"a,b\n1,2\n\xe9,2\n", "line 3 is not UTF-8, it has the byte 0xE9"),
    ],
)
def test_table_that_cannot_be_described_is_told(
    tmp_path: Path, name: str, table: str | bytes | None, words: str
) -> None:
    """A mistake is one sentence and exit code 2, and nothing is written."""
    write_site(tmp_path, {} if table is None else {f"data/{name}": table})
    told = CliRunner().invoke(main, ["describe", str(tmp_path), f"data/{name}"])

    assert told.exit_code == 2
    assert words in told.output
    assert not list(tmp_path.rglob("*-metadata.json"))


def test_description_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where nothing can be written beside the table, that is one line and exit code 2."""
    write_site(tmp_path, {"data/x.csv": "a\n1\n"})
    (tmp_path / "data/x.csv-metadata.json").symlink_to("nowhere/x.json")

    told = CliRunner().invoke(main, ["describe", str(tmp_path), "data/x.csv"])

    assert told.exit_code == 2
    assert "x.csv-metadata.json cannot be written: No such file or directory." in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("is_absolute", [False, True])
def test_table_of_no_site_is_not_described(tmp_path: Path, *, is_absolute: bool) -> None:
    """What is not in the folder of the site is refused, and nothing is written beside it."""
    site, table = tmp_path / "site", tmp_path / "out.csv"
    write_site(site, {"data/x.csv": "a\n1\n"})
    table.write_text("a\n1\n", encoding="utf-8")

    named = str(table) if is_absolute else "../out.csv"
    told = CliRunner().invoke(main, ["describe", str(site), named])

    assert told.exit_code == 2
    assert f"{named} is no file of the site" in told.stderr
    assert not list(tmp_path.rglob("*-metadata.json"))


def test_table_by_its_whole_path_is_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of the site may be named by its whole path, as shells complete it."""
    write_site(tmp_path, {"data/x.csv": "a\n1\n"})
    monkeypatch.chdir(tmp_path)

    told = CliRunner().invoke(main, ["describe", str(tmp_path / "data/x.csv")])

    assert told.stdout.startswith("data/x.csv-metadata.json is a first description.")


def test_description_is_never_overwritten(tmp_path: Path) -> None:
    """What somebody wrote stays."""
    write_site(tmp_path, {"data/x.csv": "a\n1\n", "data/x.csv-metadata.json": "{}"})
    told = CliRunner().invoke(main, ["describe", str(tmp_path), "data/x.csv"])

    assert told.exit_code == 2
    assert (tmp_path / "data/x.csv-metadata.json").read_text("utf-8") == "{}"


def test_site_without_tables_loads_no_library_for_them(tmp_path: Path) -> None:
    """Who has no table does not wait for what reads them."""
    write_site(tmp_path, {"data/a.nt": "<a:a> <a:b> <a:c> ."})
    script = (
        "import sys; from pathlib import Path; from metropole import publish, settings; "
        "publish.check(settings.load(Path(sys.argv[1]))); "
        "print([name for name in ('csvw', 'openpyxl', 'uritemplate') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, tmp_path], check=True, capture_output=True, text=True
    )

    assert told.stdout == "[]\n"


def test_describe_knows_the_ontology_and_languages(tmp_path: Path) -> None:
    """Columns get the property, the datatype and the class that the site has for them."""
    ontology = (
        PREFIXES + ":Lighthouse a owl:Class . :CoastPart a owl:Class .\n"
        ":coast a owl:ObjectProperty ; rdfs:range :CoastPart .\n"
        ":firstLit a owl:DatatypeProperty ; rdfs:range xsd:gYear .\n"
    )
    table = (
        "key,name,name_lt,note_en,note_lt,coast,first_lit,area_km\n"
        "nida,Nida,Nidos,Red,Raudonas,curonian,1874,2.5\n"
        "kopu,Kopu,Kiopu,White,Baltas,estonian,1531,3\n"
    )
    settings = 'title = "T"\nbase = "https://a.example/"\nlanguages = ["lt", "en"]\n'
    files = {"ontology/o.ttl": ontology, "data/lights.csv": table, "metropole.toml": settings}
    write_site(tmp_path, files)

    told = CliRunner().invoke(main, ["describe", str(tmp_path), "data/lights.csv"])

    assert told.exit_code == 0, told.output
    described = json.loads((tmp_path / "data/lights.csv-metadata.json").read_text("utf-8"))
    assert described["tableSchema"]["columns"] == [
        {"name": "key", "suppressOutput": True},
        {"name": "name", "propertyUrl": "skos:prefLabel", "lang": "en"},
        {"name": "name_lt", "propertyUrl": "skos:prefLabel", "lang": "lt"},
        {"name": "note_en", "propertyUrl": "ns#note", "lang": "en"},
        {"name": "note_lt", "propertyUrl": "ns#note", "lang": "lt"},
        {"name": "coast", "propertyUrl": "ns#coast", "valueUrl": "id/coast-part/{coast}"},
        {"name": "first_lit", "propertyUrl": "ns#firstLit", "datatype": "gYear"},
        {"name": "area_km", "propertyUrl": "ns#areaKm", "datatype": "decimal"},
        {
            "name": "type",
            "virtual": True,
            "propertyUrl": "rdf:type",
            "valueUrl": "ns#Lighthouse",
        },
    ]


@pytest.mark.parametrize(
    ("table", "datatype", "rule", "said"),
    [
        ("key,p\nx,ą\n".encode("cp1257"), "string", "syntax", ("", '"encoding": "windows-1257"')),
        ('key,p\nx,"1,5"\n', "decimal", "table-cell", ("'1,5' is not", '"decimalChar": ","')),
        ("key,p\nx,1\nx,2\n", "integer", "table-key", ("'x' is the key of row 2", "")),
    ],
)
def test_remedies_for_tables_can_be_copied(
    tmp_path: Path, table: str | bytes, datatype: str, rule: str, said: tuple[str, str]
) -> None:
    """What has to be written into a description is shown as it is written there."""
    described = description(column("p", datatype), primaryKey="key")

    finding = only(load(tmp_path, table, described), rule)

    message, remedy = said
    assert message in finding.message
    assert remedy in finding.remedy
