"""Tests of SHACL: findings with file, line, words and remedy; mistakes in shapes are findings."""

import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole.report import Finding, Severity
from metropole.validation.remedies import _WORDS
from metropole.validation.shacl import patience, results
from metropole.vocab import SH
from sites import NS, PREFIXES, check_site, of_rule

TERMS = ["C", "D", "S", "T", "p", "q", "r", "t", "own"]
ONTOLOGY = PREFIXES + "".join(f":{term} a owl:Thing .\n" for term in TERMS)
TARGET = ":S a sh:NodeShape ; sh:targetClass :C ;\n"


def check(root: Path, shape: str, data: str) -> list[Finding]:
    """Check data (from line 2 on) against the shape :S of the class :C (from line 3 on)."""
    files = {
        "ontology/o.ttl": ONTOLOGY,
        "shapes/other.ttl": PREFIXES + ":T a sh:NodeShape ; sh:targetNode :T .",
        "shapes/s.ttl": PREFIXES + TARGET + shape,
        "data/a.ttl": PREFIXES + data,
    }
    report = check_site(root, files)
    assert of_rule(report.findings, "undeclared-term") == []
    return list(report.findings)


def property_shape(path: str, constraint: str) -> str:
    """Write a property shape, the constraint on a line of its own."""
    return f" sh:property [ sh:path {path} ;\n {constraint} ] ."


# The place of a finding

PLACES = {
    "missing property": (":p", "sh:minCount 1", "<x> a :C ;\n :q 1 .", "data/a.ttl:2", ":p"),
    "value": (":p", "sh:datatype xsd:integer", "<x> a :C ;\n:p 1 ,\n'b' .", "data/a.ttl:4", ":p"),
    "text of two lines": (
        ":p",
        "sh:datatype xsd:integer",
        '<x> a :C ;\n:p 1 ,\n"""a\nb""" ; :q 1 .',
        "data/a.ttl:5",
        ":p",
    ),
    "number the engine spells otherwise": (
        ":p",
        "sh:datatype xsd:integer",
        "<x> a :C ;\n:p 2 ,\n'1'^^xsd:double .",
        "data/a.ttl:4",
        ":p",
    ),
    "inverse path": (
        "[ sh:inversePath :p ]",
        "sh:class :D",
        "<x> a :C ;\n:p 1 .\n<y> :q 1 ;\n :p <x> .",
        "data/a.ttl:5",
        "^:p",
    ),
    "sequence path": (
        "( :p :q )",
        "sh:maxCount 0",
        "<x> a :C ;\n:p <y> .\n<y> :q 1 .",
        "data/a.ttl:3",
        ":p/:q",
    ),
    "alternative path": (
        "[ sh:alternativePath ( :p :q ) ]",
        "sh:datatype xsd:integer",
        "<x> a :C ;\n:p 1 ;\n:q 'b' .",
        "data/a.ttl:4",
        "(:p|:q)",
    ),
    "repeated path": (
        "[ sh:oneOrMorePath :p ]",
        "sh:class :D",
        "<x> a :C ;\n:p <y> .\n",
        "data/a.ttl:3",
        "(:p)+",
    ),
    "blank node": (
        "( :p :q )",
        "sh:datatype xsd:integer",
        "<x> a :C ;\n:p [ :q\n'b' ] .",
        "data/a.ttl:4",
        ":p/:q",
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_place_is_the_line_to_mend(tmp_path: Path, case: str) -> None:
    """A finding points to the statement that is wrong, else to the one that leads to it."""
    path, constraint, data, position, shown = PLACES[case]

    (finding,) = check(tmp_path, property_shape(path, constraint), data)
    assert finding.position == position
    assert finding.path.replace(f"<{NS}", ":").replace(">", "") == shown
    assert finding.focus == "<https://a.example/x>"


def test_value_is_the_one_of_the_graph(tmp_path: Path) -> None:
    """The value of a finding is an N-Triples term in the spelling of the graph."""
    data = "<x> a :C ;\n:p '1'^^xsd:double , '2020-01-01T00:00:00Z'^^xsd:dateTime , 'a\\nb'@en-GB ."

    found = check(tmp_path, property_shape(":p", "sh:datatype xsd:integer"), data)
    assert {f.value.replace("http://www.w3.org/2001/XMLSchema#", "xsd:") for f in found} == {
        '"1"^^<xsd:double>',
        '"2020-01-01T00:00:00Z"^^<xsd:dateTime>',
        '"a\\nb"@en-gb',
    }


def test_sparql_constraint_has_a_place_and_its_words(tmp_path: Path) -> None:
    """A finding of sh:sparql says the shape's message and stands at the focus node."""
    shape = (
        ' sh:sparql [ sh:message "{$this} has {?value}" ;\n'
        f'  sh:select "SELECT $this ?value WHERE {{ $this <{NS}p> ?value }}" ] .'
    )

    (finding,) = check(tmp_path, shape, "\n<x> a :C ;\n:p 2 .")
    assert finding.position == "data/a.ttl:3"
    assert finding.message == "https://a.example/x has 2"
    assert finding.rule == "sh:SPARQLConstraintComponent"


@pytest.mark.parametrize(
    "pattern",
    [
        "$this ?p 2",
        "{ { FILTER($this = <https://a.example/x>) } }",
        "?any ?p 2 FILTER(bound($this))",
        "?any ?p 2 { ?any ?p 2 FILTER($this = ?any) }",
        "{ FILTER($this = <https://a.example/x>) } UNION { ?any ?p 'nothing' }",
        "?any ?p 2 OPTIONAL { ?s ?p ?o FILTER($this = ?s) } FILTER(?o = 2)",
        "{ SELECT $this (COUNT(?o) AS ?n) { $this ?p ?o } GROUP BY $this } FILTER(?n = 2)",
        "FILTER NOT EXISTS { $this ?p 3 }",
        "BIND($this AS ?that) ?that ?p 2",
    ],
)
def test_this_is_bound_everywhere(tmp_path: Path, pattern: str) -> None:
    """The focus node is known in every group of a constraint: none passes in silence."""
    shape = f' sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE {{ {pattern} }}" ] .'

    assert len(check(tmp_path, shape, "<x> a :C ; :p 2 .")) == 1


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("sh:Violation", Severity.VIOLATION),
        ("sh:Warning", Severity.WARNING),
        ("sh:Info", Severity.INFO),
        (":own", Severity.VIOLATION),
    ],
)
def test_severity_is_the_one_of_the_shape(
    tmp_path: Path, severity: str, expected: Severity
) -> None:
    """Severities of SHACL are kept; one that Metropole does not know blocks."""
    shape = property_shape(":p", f"sh:minCount 1 ; sh:severity {severity}")

    (finding,) = check(tmp_path, shape, "<x> a :C .")
    assert finding.severity is expected


def test_message_of_the_shape_is_preferred(tmp_path: Path) -> None:
    """Where the shape has words of its own they are said, the English ones first."""
    shape = property_shape(":p", "sh:minCount 1 ; sh:message 'Nėra'@lt , 'Missing'@en")

    (finding,) = check(tmp_path, shape, "<x> a :C .")
    assert finding.message == "Missing"
    assert finding.remedy.startswith("Add ")


# Own words: component to (constraint, data of <x>, words in the message, words in the remedy)

COMPONENTS = {
    "MinCount": ("sh:minCount 2", ":p 1", "2 or more", "Add ns:p"),
    "MaxCount": ("sh:maxCount 1", ":p 1, 2", "1 at most", "Keep 1 of"),
    "Datatype": ("sh:datatype xsd:integer", ":p 'x'", '"x" is not a valid xsd:integer', "as xsd"),
    "Class": ("sh:class :D", ":p <y>", "is not a ns:D", "Point to a ns:D"),
    "NodeKind": ("sh:nodeKind sh:Literal", ":p :q", "ns:q is not of the kind sh:L", "sh:Literal"),
    "In": ("sh:in ( 1 2 3 )", ":p 4", "4 is not one of", "Use one of: 1, 2, 3."),
    "LanguageIn": ("sh:languageIn ('lt' 'en')", ":p 'x'@de", '"x"@de', '"lt", "en"'),
    "UniqueLang": ("sh:uniqueLang true", ":p 'x'@de, 'y'@de", "more than one", "Keep one value"),
    "Pattern": ("sh:pattern '^a'", ":p 'x'", '"x" does not have the form', 'matches "^a"'),
    "MinLength": ("sh:minLength 3", ":p 'x'", '"x" is too short', "at least 3 characters"),
    "MaxLength": ("sh:maxLength 3", ":p 'long'", '"long" is too long', "at most 3 characters"),
    "MinInclusive": ("sh:minInclusive 3", ":p 2", "2 is too small", "3 or more"),
    "MaxInclusive": ("sh:maxInclusive 3", ":p 4.5", "4.5 is too large", "3 or less"),
    "MinExclusive": ("sh:minExclusive 3", ":p 3", "3 is too small", "above 3"),
    "MaxExclusive": ("sh:maxExclusive 3", ":p 3", "3 is too large", "below 3"),
    "HasValue": (
        "sh:hasValue :own",
        ":p 1",
        "lacks the value ns:own",
        "Add ns:p ns:own",
    ),
    "Equals": ("sh:equals :q", ":p 1", "than for ns:q", "agree"),
    "Disjoint": ("sh:disjoint :q", ":p 1 ; :q 1", "and ns:q", "from one of the two"),
    "LessThan": ("sh:lessThan :q", ":p 2 ; :q 2", "not less than its ns:q", "or ns:q"),
    "Node": ("sh:node [ sh:class :D ]", ":p 1", "1 does not have the form", ""),
    "Or": ("sh:or ( [ sh:class :D ] )", ":p 1", "1 has none of the forms", ""),
    "And": ("sh:and ( [ sh:class :D ] )", ":p 1", "1 lacks one of the forms", ""),
    "Xone": ("sh:xone ( [ sh:class :D ] )", ":p 1", "1 has none, or more", ""),
    "Not": ("sh:not [ sh:minInclusive 1 ]", ":p 1", "1 has a form that it must not", ""),
    "QualifiedMinCount": (
        "sh:qualifiedMinCount 2 ; sh:qualifiedValueShape [ sh:class :D ]",
        ":p 1",
        "too few values of ns:p in one form: 2 or more",
        "",
    ),
    "QualifiedMaxCount": (
        "sh:qualifiedMaxCount 0 ; sh:qualifiedValueShape [ sh:minInclusive 1 ]",
        ":p 1",
        "too many values of ns:p in one form: 0 at most",
        "",
    ),
    "SPARQL": (
        f"sh:sparql [ sh:select 'SELECT $this {{ $this <{NS}p> 1 }}' ]",
        ":p 1",
        "does not fulfil a condition",
        "",
    ),
    "LessThanOrEquals": ("sh:lessThanOrEquals :q", ":p 3 ; :q 2", "than its ns:q", "ns:q"),
}


def test_every_row_of_words_is_tried() -> None:
    """No words for a constraint go untested; Closed has a test of its own."""
    assert set(COMPONENTS) | {"Closed"} == set(_WORDS)


@pytest.mark.parametrize("component", COMPONENTS)
def test_own_words_say_what_and_how(tmp_path: Path, component: str) -> None:
    """A shape without words still gets plain ones, with names and numbers, and a remedy."""
    constraint, data, message, remedy = COMPONENTS[component]

    found = check(tmp_path, property_shape(":p", constraint), f"<x> a :C ; {data} .")
    finding = found[0]
    assert finding.rule == f"sh:{component}ConstraintComponent"
    assert message in finding.message
    assert remedy in finding.remedy
    assert "{" not in finding.message + finding.remedy


@pytest.mark.parametrize(
    ("datatype", "right", "wrong"),
    [
        ("gYear", "1901", "abc"),
        ("duration", "P1Y", "one year"),
        ("dayTimeDuration", "P1D", "P1Y"),
        ("date", "2024-02-29", "2023-02-29"),
        ("hexBinary", "0a", "0"),
    ],
)
def test_value_that_is_none_of_its_datatype_blocks(
    tmp_path: Path, datatype: str, right: str, wrong: str
) -> None:
    """A shape that asks for a datatype is content with a value of it, and with nothing else."""
    shape = property_shape(":p", f"sh:datatype xsd:{datatype}")
    data = f"<x> a :C ; :p '{right}'^^xsd:{datatype} ,\n'{wrong}'^^xsd:{datatype} .\n"

    found = [each for each in check(tmp_path, shape, data) if each.rule.startswith("sh:")]

    assert [(each.rule, each.line) for each in found] == [("sh:DatatypeConstraintComponent", 3)]
    assert found[0].severity is Severity.VIOLATION


def test_closed_shape_names_the_strange_property(tmp_path: Path) -> None:
    """A property that a closed shape does not know is named, on its line."""
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    shape = f" sh:closed true ; sh:ignoredProperties ( {rdf_type} ) ."

    (finding,) = check(tmp_path, shape, "<x> a :C ;\n:p 1 .")
    assert finding.position == "data/a.ttl:3"
    assert "the property ns:p" in finding.message
    assert finding.remedy.startswith("Remove ns:p")


def test_long_list_of_allowed_values_is_cut(tmp_path: Path) -> None:
    """Of a hundred values twelve are named and the rest counted."""
    shape = property_shape(":p", f"sh:in ( {' '.join(map(str, range(100)))} )")

    (finding,) = check(tmp_path, shape, "<x> a :C ; :p 'x' .")
    assert finding.remedy.endswith("10, 11 and 88 more.")


@pytest.mark.parametrize(
    ("constraint", "value", "message", "remedy"),
    [
        ("sh:datatype xsd:gYear", "'53'^^xsd:gYear", "is not a valid xsd:gYear", ", as 0053."),
        ("sh:datatype xsd:date", "'1.2.99'^^xsd:date", "valid xsd:date", "a date such as 2007-11"),
        ("sh:datatype xsd:gYear", "53", "53 is not a valid", "Write the value as xsd:gYear."),
        (
            "sh:class :D",
            "'curonian'",
            '"curonian" is a text, and the address of a ns:D is wanted.',
            "Did you mean <https://a.example/id/curonian>? Write the address (IRI) of a ns:D",
        ),
        ("sh:class :D", "<id/curonain>", "is not a ns:D", "Did you mean <https://a.example/id/cur"),
        ("sh:class :D", "'nothing'", "is a text, and the address", "Write the address (IRI) of"),
        ("sh:nodeKind sh:IRI", "'curonian'", "and the address is wanted", "Write the address"),
        ("sh:class :D", "<id/curonian%20>", "is not a ns:D", "The address ends in a space"),
    ],
)
def test_remedies_can_be_followed(
    tmp_path: Path, constraint: str, value: str, message: str, remedy: str
) -> None:
    """Nobody is told to do what is done already, or to give a text a class."""
    data = f"<x> a :C ; :p {value} .\n<id/curonian> a :D ."

    found = check(tmp_path, property_shape(":p", constraint), data)

    (finding,) = (each for each in found if each.rule.startswith("sh:"))
    assert message in finding.message
    assert remedy in finding.remedy


def test_words_of_one_shape_are_not_taken_for_those_of_another(tmp_path: Path) -> None:
    """That some shape has a message does not make those of the engine readable."""
    shape = property_shape(":p", "sh:maxInclusive 100").removesuffix(".")
    shape += "; sh:property [ sh:path :q ; sh:maxCount 1 ; sh:message 'One only.' ] ."

    found = check(tmp_path, shape, "<x> a :C ; :p 150 ; :q 1, 2 .")

    assert {each.message for each in found} == {"150 is too large.", "One only."}


def test_mistakes_of_shapes_are_told_in_own_words(tmp_path: Path) -> None:
    """What the shapes for shapes want is said as plainly as what shapes want."""
    shape = property_shape(":p", "sh:minCount 1 , 2 ; sh:maxCount 'x' ; sh:nodeKind :own")

    told = " ".join(each.message for each in check(tmp_path, shape, "<x> a :C ."))

    assert "sh:minCount: " in told
    assert not any(raw in told for raw in ("Literal(", "->", "Value is", "More than", "Value does"))


@pytest.mark.parametrize("broken", ["<y> a :D ; :p ; .", "<z> :p 1 ; .\n<y> a :D . ; "])
def test_values_in_files_that_could_not_be_read_are_not_blamed(tmp_path: Path, broken: str) -> None:
    """A syntax error is told once, and not for each thing behind it as if it were missing."""
    files = {
        "ontology/o.ttl": ONTOLOGY,
        "shapes/s.ttl": PREFIXES + TARGET + property_shape(":p", "sh:class :D"),
        "data/a.ttl": PREFIXES + "<x> a :C ; :p <y> , <u> .\n<u> a :C ; :p <v> .",
        "data/b.ttl": PREFIXES + "<n> ; .\n" + broken,
    }

    found = check_site(tmp_path, files).findings

    assert [each.rule for each in found if each.severity is Severity.VIOLATION] == [
        "syntax",
        "sh:ClassConstraintComponent",
    ]
    (held,) = of_rule(found, "values-unchecked")
    assert held.message.startswith("2 values were not held to the shapes: ")
    assert held.file == "data/b.ttl"


# Mistakes in shapes

SELECT = "sh:sparql [ sh:message 'm' ;\n sh:select '''{}''' ] ."
BROKEN = {
    "number that is none": (property_shape(":p", "sh:minCount 'x'"), 4),
    "two paths": (property_shape(":p", "sh:path :q ; sh:minCount 1"), 3),
    "no path": (" sh:property [ sh:minCount 1 ] .", 3),
    "path of text": (property_shape("'x'", "sh:minCount 1"), 3),
    "path that never ends": (
        property_shape("_:l", "sh:minCount 1") + "\n_:l sh:inversePath _:l .",
        3,
    ),
    "list that is none": (property_shape(":p", "sh:in 1"), 4),
    "list that never ends": (
        property_shape(":p", "sh:in _:l")
        + "\n@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . _:l rdf:first 1 ;"
        + " rdf:rest _:l .",
        5,
    ),
    "pattern that is none": (property_shape(":p", "sh:pattern '('"), 3),
    "qualified count without a shape": (property_shape(":p", "sh:qualifiedMinCount 1"), 3),
    "SELECT with an error": (SELECT.format("SELECT $this WHERE { $this ?p }"), 4),
    "SELECT with an unknown prefix": (SELECT.format("SELECT $this WHERE { $this z:p 1 }"), 4),
    "SELECT without $this": (SELECT.format("SELECT ?x WHERE { $this ?p ?x }"), 2),
    "SELECT with MINUS": (SELECT.format("SELECT $this { $this ?p 1 MINUS { ?a ?b 2 } }"), 2),
    "SELECT with SERVICE": (
        SELECT.format("SELECT $this { SERVICE <http://x.invalid/> { $this ?p 1 } }"),
        2,
    ),
    "sh:sparql without SELECT": (" sh:sparql [ sh:message 'm' ] .", 2),
    "sh:closed without truth": (" sh:closed 'x' .", 3),
}


@pytest.mark.parametrize("case", BROKEN)
def test_mistake_in_a_shape_is_a_finding(
    tmp_path: Path, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A shape that cannot be used blocks, names its file and line, and prints no traceback."""
    shape, line = BROKEN[case]

    found = check(tmp_path, shape, "<x> a :C ; :p 2 .")
    assert {finding.severity for finding in found} == {Severity.VIOLATION}
    assert {f.rule for f in found} <= {"shapes-ill-formed", "shapes-not-usable"}
    assert {finding.position for finding in found} == {f"shapes/s.ttl:{line}"}
    assert all(finding.remedy.startswith("Mend the shape") for finding in found)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("shape", "message", "remedy"),
    [
        (property_shape("[ sh:inversePth :p ]", "sh:minCount 1"), "no path", "sh:inversePath?"),
        (property_shape("[ :p :q ]", "sh:minCount 1"), "its sh:path is no path. A path is", "Mend"),
        (property_shape("( :p )", "sh:minCount 1"), "a list of at least two paths", "Mend"),
        (property_shape(":p", "sh:pattern '[a'"), "the pattern '[a' cannot be", "Mend"),
        (SELECT.format("SELECT $this\nWHERE {\n$this z:p 1 }"), "'z:p': ", "sh:prefixes"),
    ],
)
def test_mistake_in_a_shape_is_told_in_words(
    tmp_path: Path, shape: str, message: str, remedy: str
) -> None:
    """One finding says what is wrong, without blank nodes, and names the term that was meant."""
    finding, *others = check(tmp_path, shape, "<x> a :C ; :p 2 .")

    assert message in finding.message
    assert remedy in finding.remedy
    assert {each.rule for each in others} <= {"unknown-shacl-term"}
    assert "_:" not in finding.focus + finding.value + finding.message


def test_pattern_that_takes_forever_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern that goes back again and again is stopped, and named with shape and value."""
    monkeypatch.setattr(patience, "_SECONDS", 0.3)
    data = f"<x> a :C ; :p '{'a' * 40}b' , 'aaa' ."

    (finding,) = check(tmp_path, property_shape(":p", "sh:pattern '^(a+)+$'"), data)
    assert (finding.rule, finding.position) == ("shapes-not-usable", "shapes/s.ttl:3")
    assert finding.shape == f"<{NS}S>"
    assert all(each in finding.message for each in ("'^(a+)+$'", "'aaaaaaaaaa", "end after"))
    assert finding.remedy.startswith("Write the pattern so")


def test_line_of_a_mistake_in_the_sparql_of_a_shape(tmp_path: Path) -> None:
    """The line is that of the file, also below other queries and declared prefixes."""
    declared = (
        ":O a owl:Ontology ; sh:declare [ sh:prefix 'k' ; sh:namespace 'https://k.example/' ] ."
    )
    query = "SELECT $this\nWHERE {\n  $this k:p ?x .\n  $this z:p ?x\n}"
    shape = f' sh:sparql [ sh:prefixes :O ;\n sh:select """\n{query}\n"""\n] .\n'
    files = {
        "ontology/o.ttl": ONTOLOGY + ":O a owl:Thing .",
        "shapes/s.ttl": PREFIXES + TARGET + shape + declared,
        "data/a.ttl": PREFIXES + "<x> a :C .",
    }

    (finding,) = of_rule(check_site(tmp_path, files).findings, "shapes-not-usable")
    assert finding.position == "shapes/s.ttl:8"
    assert "'z:p'" in finding.message


@pytest.mark.parametrize(
    "shape",
    [
        " sh:property [ sh:path :p ; sh:node :S ] .",
        " sh:not :S .",
        " sh:or ( [ sh:class :D ] [ sh:property [ sh:path :q ; sh:node :S ] ] ) .",
    ],
)
def test_recursive_shape_is_a_warning(
    tmp_path: Path, shape: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A shape that refers to itself is told whether or not the data lead around."""
    (finding,) = of_rule(tuple(check(tmp_path, shape, "<x> a :D ; :p <x> .")), "shapes-recursive")

    assert (finding.position, finding.severity) == ("shapes/s.ttl:2", Severity.WARNING)
    again = check(tmp_path, shape, "<x> a :C ; :p <x> .")
    assert "shapes-not-usable" not in {found.rule for found in again}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("shape", "severity"),
    [
        (" sh:target [ a sh:SPARQLTarget ;\n sh:select 'SELECT ?this {}' ] .", Severity.VIOLATION),
        (" sh:rule [ a sh:TripleRule ] .", Severity.WARNING),
        (" sh:expression [ sh:path :p ] .", Severity.WARNING),
        (" sh:js [ a sh:JSConstraint ; sh:message 'm' ] .", Severity.WARNING),
        (" sh:closed false . :own a sh:SPARQLFunction .", Severity.WARNING),
    ],
)
def test_feature_that_is_not_run_is_told(tmp_path: Path, shape: str, severity: Severity) -> None:
    """What belongs to SHACL Advanced Features is not passed over without a word."""
    found = check(tmp_path, shape, "<x> a :C ; :p 2 .")

    (finding,) = of_rule(tuple(found), "shacl-advanced")
    assert (finding.severity, finding.file) == (severity, "shapes/s.ttl")


@pytest.mark.parametrize(
    "more", [":t a sh:NodeShape .", ":t a sh:PropertyShape ; sh:path :p .", "[] a sh:NodeShape ."]
)
def test_shape_that_nothing_asks_for_is_told(tmp_path: Path, more: str) -> None:
    """A shape without a target that no other one refers to is a warning with its line."""
    found = check(tmp_path, f" sh:closed false .\n{more}", "<x> a :C ; :p 2 .")

    (finding,) = of_rule(tuple(found), "shape-idle")
    assert (finding.severity, finding.position) == (Severity.WARNING, "shapes/s.ttl:4")


@pytest.mark.parametrize(
    "more",
    [
        ":t sh:targetSubjectsOf :p .",
        ":t sh:target [ sh:select '' ] .",
        ":t a owl:Class .",
        ":t a :own . :own rdfs:subClassOf rdfs:Class .",
        ":t sh:deactivated true .",
        ":S sh:node :t .",
        ":S sh:property [ sh:path :p ; sh:node :t ] .",
        ":S sh:property [ sh:path :p ; sh:qualifiedValueShape :t ; sh:qualifiedMaxCount 1 ] .",
        ":S sh:or ( [ sh:not :t ] [ sh:class :D ] ) .",
        ":S sh:xone ( [ sh:class :D ] :t ) .",
        ":S sh:node [ a sh:NodeShape ; sh:node :t ] .",
    ],
)
def test_shape_that_something_asks_for_is_not_told(tmp_path: Path, more: str) -> None:
    """Targets of any kind, members of a class and references of any kind are enough."""
    found = check(tmp_path, f" sh:closed false .\n:t a sh:NodeShape . {more}", "<x> a :C ; :p 2 .")

    assert of_rule(tuple(found), "shape-idle") == []


def test_no_shape_is_idle_while_a_file_cannot_be_read(tmp_path: Path) -> None:
    """The target may stand in what could not be read."""
    shape = " sh:closed false .\n:t a sh:NodeShape .\n:t sh:targetClass"
    found = check(tmp_path, shape, "<x> a :C ; :p 2 .")

    assert of_rule(tuple(found), "syntax")
    assert of_rule(tuple(found), "shape-idle") == []


def test_shapes_that_share_a_shape_are_not_recursive(tmp_path: Path) -> None:
    """Two ways to one shape are no ring."""
    shape = " sh:node :T ; sh:property [ sh:path :p ; sh:node :T ] ."

    assert check(tmp_path, shape, "<x> a :C .") == []


def test_class_of_the_ontology_may_be_a_shape(tmp_path: Path) -> None:
    """Validation sees data and ontology together, and subclasses count (SHACL, section 2.1.3)."""
    files = {
        "ontology/o.ttl": ONTOLOGY + ":D rdfs:subClassOf :C .",
        "shapes/s.ttl": PREFIXES + TARGET + property_shape(":p", "sh:minCount 1"),
        "data/a.ttl": PREFIXES + "<x> a :D .",
    }

    assert [f.file for f in check_site(tmp_path, files).findings] == ["data/a.ttl"]


# Speed


def seconds(data: list[ox.Triple], shapes: list[ox.Triple], violations: int) -> float:
    """Measure one validation."""
    start = time.process_time()
    assert len(results(data, shapes)) == violations
    return time.process_time() - start


def test_violations_do_not_make_validation_slow() -> None:
    """300 violations in 30,000 statements cost little: the graph is not counted at each."""
    shape = f"<urn:S> a <{SH}NodeShape> ; <{SH}targetClass> <urn:C> ; <{SH}property> [ "
    shape += f"<{SH}path> <urn:p> ; <{SH}nodeKind> <{SH}IRI> ] ."
    shapes = [quad.triple for quad in ox.parse(shape, format=ox.RdfFormat.TURTLE)]
    right, wrong = (
        [
            ox.Triple(ox.NamedNode(f"urn:{n}"), ox.NamedNode(predicate), value)
            for n in range(10_000)
            for predicate, value in (
                ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", ox.NamedNode("urn:C")),
                ("urn:p", ox.Literal("x") if n < broken else ox.NamedNode("urn:x")),
                ("urn:q", ox.Literal(str(n))),
            )
        ]
        for broken in (0, 300)
    )

    seconds(right[:300], shapes, 0)
    assert seconds(wrong, shapes, 300) < 3 * seconds(right, shapes, 0) + 0.5
