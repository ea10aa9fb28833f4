"""Tests that the mistakes which beginners make are told, each with what to do about it."""

from pathlib import Path

import pytest

from metropole.report import Finding, Severity
from sites import PREFIXES, check_site, of_rule

SKOS = "http://www.w3.org/2004/02/skos/core#"
TABLE = """{"@context": "http://www.w3.org/ns/csvw", "url": "l.csv", "tableSchema": {
    "aboutUrl": "id/light/{key}", "columns": [{"name": "key", "suppressOutput": true},
    {"name": "name", "propertyUrl": "rdfs:label", "lang": "en"}]}}"""


def told(root: Path, rule: str, data: str, **files: str) -> list[Finding]:
    """Check a site with one file of data, from line 2 on, and keep the findings of one rule."""
    content = {"data/a.ttl": PREFIXES + data, **files}
    return of_rule(check_site(root, content).findings, rule)


# White space


def test_white_space_at_the_ends_of_names_is_told(tmp_path: Path) -> None:
    """A name that looks like another one, and that no query finds, is told with its line."""
    data = (
        '<a> rdfs:label "Nida "@en ;\n rdfs:label " Nida" , "Ni da" , "Nida\\n"@lt ;\n'
        ' rdfs:comment " as long as it likes " .'
    )

    found = told(tmp_path, "white-space", data)

    assert {(each.position, each.severity) for each in found} == {
        ("data/a.ttl:2", Severity.WARNING),
        ("data/a.ttl:3", Severity.WARNING),
    }
    assert sorted(each.message for each in found) == [
        "The name 'Nida' has white space after it.",
        "The name 'Nida' has white space after it.",
        "The name 'Nida' has white space before it.",
    ]


def test_many_names_with_white_space_are_told_as_a_number(tmp_path: Path) -> None:
    """A thousand names from one careless table are no thousand findings."""
    data = "".join(f'<a{number}> rdfs:label "A " .\n' for number in range(30))

    found = told(tmp_path, "white-space", data)

    assert [each.message for each in found[20:]] == [
        "10 more names of 'data/a.ttl' have white space at an end."
    ]
    assert len(found) == 21


def test_white_space_in_keys_and_names_of_tables_is_told(tmp_path: Path) -> None:
    """`kopu ` would be published as `kopu%20`, where nobody looks for it."""
    rows = "key,name\nkopu ,Kõpu\nnida,Nida \n sorve,Sõrve\n"
    files = {"data/l.csv": rows, "data/l.csv-metadata.json": TABLE}

    found = of_rule(check_site(tmp_path, files).findings, "white-space")

    assert [(each.position, each.severity) for each in found] == [
        ("data/l.csv:2:1", Severity.WARNING),
        ("data/l.csv:3", Severity.WARNING),
        ("data/l.csv:4:1", Severity.WARNING),
    ]
    assert "'kopu' has white space after it" in found[0].message
    trimmed = TABLE.replace('"tableSchema"', '"dialect": {"trim": true}, "tableSchema"')
    files["data/l.csv-metadata.json"] = trimmed
    assert all('"dialect": {"trim": true}' in each.remedy for each in found)
    assert of_rule(check_site(tmp_path, files).findings, "white-space") == []


# Namespaces

NEAR = {
    "a letter is missing": ("@prefix s: <http://www.w3.org/2004/02/skos/cor#> .", SKOS),
    "no sign at the end": ("@prefix s: <http://www.w3.org/2004/02/skos/core> .", SKOS),
    "https": ("@prefix s: <https://www.w3.org/2004/02/skos/core#> .", SKOS),
    "two letters exchanged": (
        "@prefix s: <http://www.w3.org/2002/07/olw#> .",
        "http://www.w3.org/2002/07/owl#",
    ),
    "the other spelling of schema.org": (
        "@prefix s: <http://schema.org/> .",
        "https://schema.org/",
    ),
    "own base with http": ("@prefix s: <http://a.example/id/> .", "https://a.example/"),
    "own base with www": ("@prefix s: <https://www.a.example/ns#> .", "https://a.example/"),
    "own base mistyped": ("@prefix s: <https://a.exmaple/id/> .", "https://a.example/"),
    "own namespace with a slash": ("@prefix s: <https://a.example/ns/> .", "https://a.example/ns#"),
}


@pytest.mark.parametrize("case", NEAR)
def test_namespaces_that_are_nearly_another_are_told(tmp_path: Path, case: str) -> None:
    """All names of a site vanish with one letter of a prefix: the right one is told."""
    prefix, meant = NEAR[case]

    (finding,) = told(tmp_path, "near-namespace", f"{prefix}\n<x> s:Name 'x' .\n<y> s:Name 'y' .")

    assert (finding.position, finding.severity) == ("data/a.ttl:2", Severity.WARNING)
    assert f"Write <{meant}>" in finding.remedy


def test_things_under_another_spelling_of_the_base_are_told(tmp_path: Path) -> None:
    """A thing that is written with `http:` is none of the site's, where that is `https:`."""
    (finding,) = told(tmp_path, "near-namespace", "<x> :p <y> .\n<x> :p <http://a.example/id/y> .")

    assert finding.position == "data/a.ttl:3"
    assert "<http://a.example/>" in finding.message


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.w3.org/ns/duv#",
        "https://b.example/",
        "https://a.example/id/",
        "https://a1.example/",
        "http://purl.org/dc/elements/1.1/",
        "http://www.w3.org/2004/02/skos/core#",
        "http://www.w3.org/2004/02/skos/cor#unused",
    ],
)
def test_namespaces_that_are_believed(tmp_path: Path, namespace: str) -> None:
    """Other vocabularies and sites, and prefixes that nothing uses, bring no warning."""
    used = "" if namespace.endswith("unused") else " s:Name 'x' ;"
    data = f"@prefix s: <{namespace}> .\n<x>{used} rdfs:label 'x' ."

    assert told(tmp_path, "near-namespace", data) == []


# Syntax


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        ("<x> light:a 1 .", "Add `@prefix light: <https://a.example/id/light/> .` at the top"),
        ("<x> skos:notation 1 .", "Add `@prefix skos: <http://www.w3.org/2004/02/skos/core#> .`"),
        ("<x> lihgt:a 1 .", "Did you mean light:? Or add `@prefix lihgt: <…> .`"),
        ("<x> zzz:a 1 .", "Add `@prefix zzz: <…> .` at the top of the file, with its namespace."),
        ("<id/x > :a 1 .", "There is a space before the '>': write <id/x>."),
        (":b :a 1 ; :a < id/x> .", "There is a space after the '<': write <id/x>."),
        ("<id/a b> :a 1 .", "write a space as %20"),
        ("<id/x\n> :a 1 .", "<id/x has no end: write '>' behind it."),
        ("<x> :a 1 ; ; .. .", "Mend the line"),
    ],
)
def test_syntax_errors_are_told_with_what_to_do(tmp_path: Path, data: str, remedy: str) -> None:
    """What can be said of an error beyond its line is said: a prefix comes with its namespace."""
    other = {"data/z.ttl": "@prefix light: <id/light/> .\nlight:a a light:b ."}

    (finding,) = told(tmp_path, "syntax", data, **other)

    assert finding.line == 2
    assert remedy in finding.remedy
