"""Tests of the checks of the site's own names and of its saved queries."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from metropole.report import Finding, Severity
from sites import NS, PREFIXES, check_site, of_rule

ONTOLOGY = PREFIXES + ":City a owl:Class .\n:population a owl:DatatypeProperty .\n"


def told(root: Path, rule: str, files: Mapping[str, str]) -> list[Finding]:
    """Check a site with a small ontology and keep the findings of one rule."""
    return of_rule(check_site(root, {"ontology/o.ttl": ONTOLOGY, **files}).findings, rule)


def test_thing_defined_in_two_files_is_told(tmp_path: Path) -> None:
    """Two curators who choose one IRI for two things hear of each other."""
    files = {
        "data/a.ttl": PREFIXES + "<riga> a :City .\n",
        "data/b.ttl": PREFIXES + "\n<riga> a :City .\n",
    }

    (finding,) = told(tmp_path, "defined-twice", files)
    assert (finding.position, finding.severity) == ("data/b.ttl:3", Severity.WARNING)
    assert "data/a.ttl:2" in finding.message
    assert finding.remedy.startswith("Merge the two, or give one of them another name")


def test_two_definitions_in_one_language_are_told(tmp_path: Path) -> None:
    """A second comment in the same language contradicts the first, or repeats it."""
    text = PREFIXES + "<riga> rdfs:comment 'A'@en ,\n'B'@en ,\n'C'@lv .\n"

    assert [f.line for f in told(tmp_path, "defined-twice", {"data/a.ttl": text})] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "<riga> a :City , <urn:Other> .",
        "<riga> rdfs:comment 'A'@en , 'B'@lv .",
        "<https://other.example/x> a :City .\n<https://other.example/x> a :City .",
        "_:b a :City .\n_:b a :City .",
    ],
)
def test_what_is_no_second_definition(tmp_path: Path, text: str) -> None:
    """Two types, two languages, other people's things and blank nodes are no contradiction."""
    assert told(tmp_path, "defined-twice", {"data/a.ttl": PREFIXES + text}) == []


def test_data_without_a_statement_block(tmp_path: Path) -> None:
    """A table or file that was emptied by mistake does not take the whole site away."""
    for content, wanted in (("# nothing\n", ["no-data"]), ("broken", []), ("<a> <b> <c> .", [])):
        found = told(tmp_path, "no-data", {"data/a.ttl": content})
        assert [each.rule for each in found] == wanted, content
    (tmp_path / "data/a.ttl").unlink()

    assert len(told(tmp_path, "no-data", {})) == 1


def test_characters_that_xml_cannot_hold_are_told(tmp_path: Path) -> None:
    """Who wonders why there is no RDF/XML is told the file, the line and the character."""
    text = (
        "<riga> rdfs:comment 'fine \\n \\t \\\\u0001 ą' .\n"
        "<riga> rdfs:comment 'A\\u0001' .\n<riga> rdfs:comment 'B\\u000B', 'C\\uFFFE' .\n"
    )

    found = told(tmp_path, "not-for-xml", {"data/a.ttl": PREFIXES + text})

    assert [each.position for each in found] == ["data/a.ttl:3", "data/a.ttl:4", "data/a.ttl:4"]
    assert [each.message.split()[5].rstrip(",") for each in found] == ["U+0001", "U+000B", "U+FFFE"]
    assert all(each.severity is Severity.WARNING for each in found)


@pytest.mark.parametrize(
    ("statement", "term"),
    [
        ("<x> a :Citty .", "Citty"),
        ("<x> :popultion 1 .", "popultion"),
        ("<x> :population 'x'^^:Foo .", "Foo"),
        (":Bar :population 1 .", "Bar"),
    ],
)
def test_undeclared_term_is_a_violation(tmp_path: Path, statement: str, term: str) -> None:
    """A name of the site that the ontology lacks is told wherever it stands, with its line."""
    (finding,) = told(tmp_path, "undeclared-term", {"data/a.ttl": f"{PREFIXES}\n{statement}"})

    assert (finding.position, finding.focus) == ("data/a.ttl:3", f"<{NS}{term}>")
    assert finding.severity is Severity.VIOLATION


def test_near_miss_is_named(tmp_path: Path) -> None:
    """Who mistypes a name is told the one that was probably meant; no far-fetched guesses."""
    text = PREFIXES + "<x> a :Citty .\n<x> :unlike 1 .\n"

    near, far = told(tmp_path, "undeclared-term", {"data/a.ttl": text})
    assert near.remedy.startswith("Did you mean ns:City?")
    assert far.remedy.startswith("Declare the term")


def test_undeclared_term_is_told_once_per_file(tmp_path: Path) -> None:
    """A thousand uses of one wrong name are one finding for each file, at the first use."""
    text = PREFIXES + "<x> a :Foo .\n" * 1000

    found = told(tmp_path, "undeclared-term", {"data/a.ttl": text, "data/b.ttl": text})
    assert [f.position for f in found] == ["data/a.ttl:2", "data/b.ttl:2"]


def test_text_that_spells_a_name_is_no_use_of_it(tmp_path: Path) -> None:
    """The address of a term in a text, alone or in brackets, is a text still."""
    text = f"{PREFIXES}<x> :population '{NS}Citty' , 'see <{NS}Citty>' .\n"

    assert told(tmp_path, "undeclared-term", {"data/a.ttl": text}) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "?s a :Citty",
        "?s :Citty/:population ?o",
        "?s ^:Citty ?o",
        "?s !(:population|:Citty) ?o",
        "?s (:population/(:Citty|:population))* ?o",
        "FILTER NOT EXISTS { ?s :Citty 1 }",
        "FILTER(?s = :Citty) ?s ?p ?o",
        "{ SELECT ?s { ?s :Citty ?o } }",
        "GRAPH :Citty { ?s ?p ?o }",
        "VALUES ?v { :Citty }",
        "OPTIONAL { ?s ?p :Citty }",
    ],
)
def test_undeclared_term_in_a_query(tmp_path: Path, pattern: str) -> None:
    """A name in a saved query is checked wherever SPARQL allows one, and its line is told."""
    query = f"PREFIX : <ns#>\n# MyCitty Cittyx\nSELECT * {{\n {pattern}\n}}"

    (finding,) = told(tmp_path, "undeclared-term", {"queries/q.rq": query})
    assert finding.position == "queries/q.rq:4"
    assert finding.remedy.startswith("Did you mean ns:City?")


@pytest.mark.parametrize(
    "form", ["CONSTRUCT { ?s :Citty 1 } WHERE { ?s ?p ?o }", "DESCRIBE :Citty"]
)
def test_undeclared_term_outside_of_where(tmp_path: Path, form: str) -> None:
    """The template of CONSTRUCT and the names after DESCRIBE are checked as well."""
    (finding,) = told(tmp_path, "undeclared-term", {"queries/q.rq": f"PREFIX : <ns#>\n{form}"})

    assert finding.position == "queries/q.rq:2"


def test_undeclared_term_that_stands_on_no_line(tmp_path: Path) -> None:
    """A name that is written with an escape is told without a line, which would be a wrong one."""
    query = "PREFIX : <ns#>\nSELECT * { ?s a <ns#Cit\\u0074y> }"

    (finding,) = told(tmp_path, "undeclared-term", {"queries/q.rq": query})
    assert (finding.position, finding.focus) == ("queries/q.rq", f"<{NS}Citty>")


def test_unknown_shacl_term_is_told(tmp_path: Path) -> None:
    """A mistyped term of SHACL has no effect in any engine: the right one is named."""
    shape = (
        PREFIXES + ":City a sh:NodeShape ;\n sh:property [ sh:path :population ;\n sh:minCont 1 ] ."
    )

    (finding,) = told(tmp_path, "unknown-shacl-term", {"shapes/s.ttl": shape})
    assert (finding.position, finding.severity) == ("shapes/s.ttl:4", Severity.VIOLATION)
    assert finding.remedy.startswith("Did you mean sh:minCount?")


def test_unknown_shacl_term_is_told_once_per_file(tmp_path: Path) -> None:
    """It is told at its first use, and what nothing is like gets no far-fetched guess."""
    text = f"{PREFIXES}<x> sh:qwertz 1 .\n<y> sh:qwertz 2 .\n"

    found = told(tmp_path, "unknown-shacl-term", {"shapes/a.ttl": text, "shapes/b.ttl": text})

    assert [each.position for each in found] == ["shapes/a.ttl:2", "shapes/b.ttl:2"]
    assert found[0].message.startswith("SHACL has no term sh:qwertz, so")
    assert found[0].remedy.startswith("The terms are those")


@pytest.mark.parametrize(
    ("term", "severity"),
    [("maxcount", Severity.VIOLATION), ("nothingOfThatKind", Severity.WARNING)],
)
def test_misspelt_term_of_shacl_blocks(tmp_path: Path, term: str, severity: Severity) -> None:
    """A rule that one letter switches off is no rule: nothing is released so."""
    shape = PREFIXES + f":City a sh:NodeShape ;\n sh:{term} 1 ."

    (finding,) = told(tmp_path, "unknown-shacl-term", {"shapes/s.ttl": shape})
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [("xsd:date", Severity.VIOLATION), ("xsd:gYear", Severity.WARNING), ("", Severity.WARNING)],
)
def test_value_that_is_none_of_the_range_blocks(
    tmp_path: Path, wanted: str, severity: Severity
) -> None:
    """An invalid date is as bad in Turtle as in a table, where the ontology wants a date."""
    ontology = ONTOLOGY + (f":population rdfs:range {wanted} .\n" if wanted else "")
    data = PREFIXES + "<x> :population '1.2.1999'^^xsd:date ."

    found = told(tmp_path, "ill-typed", {"ontology/o.ttl": ontology, "data/a.ttl": data})
    assert [each.severity for each in found] == [severity]


@pytest.mark.parametrize(
    ("query", "position", "words"),
    [
        ("SELECT * {\n ?s ?p\n}", "queries/q.rq:2:", "cannot be understood"),
        ("SELECT * {\n ?s x:p 1 }", "queries/q.rq:2:5", "the prefix is not declared"),
        ("SELECT ?x { ?s ?p ?o", "queries/q.rq:1:21", "ends too early"),
        ("", "queries/q.rq:1:1", "ends too early"),
        (
            "SELECT * { ?service ?p 'SERVICE'\n SERVICE <http://x.example/> { ?s ?p ?o } }",
            "queries/q.rq:2:2",
            "SERVICE",
        ),
        (
            "SELECT * { FILTER EXISTS { \\u0053ERVICE <http://x.example/> { ?s ?p ?o } } }",
            "queries/q.rq",
            "SERVICE",
        ),
        ("# so\nPREFIX : <urn:>\nDELETE WHERE { ?s ?p ?o }", "queries/q.rq:3:1", "Update"),
        ("LOAD <http://x.example/>", "queries/q.rq:1:1", "Update"),
    ],
)
def test_unusable_query_is_a_violation(
    tmp_path: Path, query: str, position: str, words: str
) -> None:
    """A query with an error has line and column; federation and updates are refused."""
    (finding,) = told(tmp_path, "query-unusable", {"queries/q.rq": query})

    assert finding.position.startswith(position)
    assert finding.severity is Severity.VIOLATION
    assert words in finding.message
    assert finding.remedy


@pytest.mark.parametrize(
    "query",
    ["ASK { ?s ?p 'SERVICE' }", "# SERVICE\nASK {}", "SELECT ?service { ?service ?p ?o }"],
)
def test_the_word_service_alone_is_fine(tmp_path: Path, query: str) -> None:
    """A text, comment or variable that reads SERVICE does not make a query federated."""
    assert told(tmp_path, "query-unusable", {"queries/q.rq": query}) == []


# Terms of others, datatypes, and what an ontology says

KNOWN = PREFIXES + (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix s: <https://schema.org/> . "
    "@prefix h: <http://schema.org/> . @prefix dct: <http://purl.org/dc/terms/> . "
    "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix prov: <http://www.w3.org/ns/prov#> .\n"
)


@pytest.mark.parametrize(
    ("file", "statement", "meant"),
    [
        ("data/a.ttl", "<x> skos:prefLabl 'x' .", "skos:prefLabel"),
        ("data/a.ttl", "<x> s:nmae 'x' .", "s:name"),
        ("data/a.ttl", "<x> h:nmae 'x' .", "h:name"),
        ("data/a.ttl", "<x> a skos:Concpt .", "skos:Concept"),
        ("data/a.ttl", "<x> dct:tittle 'x' .", "dct:title"),
        ("data/a.ttl", "<x> prov:startAtTime 'x' .", "prov:startedAtTime"),
        ("shapes/a.ttl", "<s> sh:path rdfs:lable .", "rdfs:label"),
        ("ontology/a.ttl", ":x a owl:ObjectPropery .", "owl:ObjectProperty"),
    ],
)
def test_mistyped_term_of_a_vocabulary(
    tmp_path: Path, file: str, statement: str, meant: str
) -> None:
    """A letter too few in a term of SKOS or schema.org is told once a file, with the right one."""
    found = told(tmp_path, "unknown-term", {file: f"{KNOWN}\n{statement}\n{statement}"})

    shown = [(each.position, each.severity, each.remedy) for each in found]
    assert shown == [(f"{file}:4", Severity.WARNING, f"Did you mean {meant}?")]


@pytest.mark.parametrize(
    "statement",
    [
        "<x> s:observationAbout 'x' , <https://schema.org/nmae> .",
        "<x> a s:StatisticalVariable , dcat:DatasetSeries ; dcat:inSeries <y> .",
        "<x> rdfs:seeAlso <https://schema.org/> , <http://purl.org/dc/terms/> .",
        "<x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#_1> 'x' .",
        "<x> <https://schema.org/docs/nmae> 'x' ; <https://other.example/nmae> 'y' .",
    ],
)
def test_names_that_may_be_right(tmp_path: Path, statement: str) -> None:
    """Names younger than the lists, addresses of pages and other people's names are believed."""
    assert told(tmp_path, "unknown-term", {"data/a.ttl": KNOWN + statement}) == []


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("data/a.ttl", "<x> :population '1'^^xsd:intger , '2'^^xsd:intger ."),
        ("shapes/a.ttl", "<s> sh:datatype xsd:intger ."),
        ("ontology/a.ttl", ":population rdfs:range xsd:intger ."),
    ],
)
def test_datatype_that_xml_schema_lacks(tmp_path: Path, file: str, statement: str) -> None:
    """No program knows such a datatype, so it blocks."""
    text = f"{PREFIXES}\n{statement}\n<y> rdfs:label 'x'^^xsd:token , 'x'^^:T ; :r xsd:length ."

    (finding,) = told(tmp_path, "unknown-datatype", {file: text})

    assert (finding.position, finding.severity) == (f"{file}:3", Severity.VIOLATION)
    assert finding.remedy.startswith("Did you mean xsd:integer?")


def test_terms_without_words_are_told(tmp_path: Path) -> None:
    """A term needs a label, and should have a definition, in whatever file; others' do not."""
    files = {
        "ontology/o.ttl": PREFIXES + ":City a owl:Class .\n:Town a owl:Class .\n"
        ":p a owl:ObjectProperty ; rdfs:comment 'Leads on.'@en .\n:x a :City .\n"
        ":q a owl:ObjectProperty ; rdfs:label 'leads to'@en .\n"
        "<https://other.example/C> a owl:Class .",
        "ontology/words.ttl": PREFIXES + ":City rdfs:label 'city'@en ; rdfs:comment 'Large.'@en .",
    }

    found = told(tmp_path, "wordless-term", files)
    assert [(each.position, each.severity, each.message) for each in found] == [
        ("ontology/o.ttl:3", Severity.WARNING, "ns:Town has neither a label nor a definition."),
        ("ontology/o.ttl:4", Severity.WARNING, "ns:p has no label."),
        ("ontology/o.ttl:6", Severity.INFO, "ns:q has no definition."),
    ]


def test_ring_of_classes_is_told(tmp_path: Path) -> None:
    """Classes that are subclasses of each other are told, those below them and `C < C` are not."""
    text = (
        ":A rdfs:subClassOf :B .\n:B rdfs:subClassOf :C , :D .\n:C rdfs:subClassOf :A .\n"
        ":E rdfs:subClassOf :A , :E .\n"
    )

    found = told(tmp_path, "subclass-ring", {"ontology/o.ttl": PREFIXES + text})
    assert [each.line for each in found] == [2, 3, 4]


def test_the_term_that_is_suggested_is_of_the_kind_wanted(tmp_path: Path) -> None:
    """A property is not suggested for a class; the beginning of a name is near to it."""
    ontology = PREFIXES + ":Lighthouse a owl:Class .\n:height a owl:DatatypeProperty .\n"
    ontology += ":light a owl:DatatypeProperty .\n"
    data = PREFIXES + "<x> a :Light ;\n :heigth 1 ;\n :Height 2 .\n<y> a :Hight ."

    found = told(tmp_path, "undeclared-term", {"ontology/o.ttl": ontology, "data/a.ttl": data})

    assert {each.focus.rpartition("#")[2]: each.remedy.partition("?")[0] for each in found} == {
        "Light>": "Did you mean ns:Lighthouse",
        "heigth>": "Did you mean ns:height",
        "Height>": "Did you mean ns:height",
        "Hight>": "Declare the term in ontology/, with a label and a definition.",
    }
