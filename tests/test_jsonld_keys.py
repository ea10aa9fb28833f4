"""Tests of the keys that JSON-LD drops: what is told is what Oxigraph, which reads, leaves out."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole.graph.jsonld_keys import lost_keys
from metropole.report import Severity
from sites import load_site

S = '"s": "https://schema.org/"'
#: Context, members of the node beside it, and the keys that are lost. Each text `gone` stands below
#: one of those; each text `kept` becomes a statement.
CASES = {
    "array of contexts": (
        '[{"a": "urn:a"}, {"b": "a"}]',
        '"a": "kept", "b": "kept", "c": "gone"',
        ["c"],
    ),
    "null in an array forgets": (
        '[{"a": "urn:a"}, null, {"b": "urn:b"}]',
        '"a": "gone", "b": "kept"',
        ["a"],
    ),
    "@vocab null keeps terms": (
        '[{"@vocab": "urn:v:", "a": "x"}, {"@vocab": null}]',
        '"a": "kept", "b": "gone"',
        ["b"],
    ),
    "@vocab null in a scoped context": (
        '{"@vocab": "urn:v:", "k": {"@context": {"@vocab": null}}}',
        '"k": {"x": "gone", "urn:y": "kept"}, "x": "kept"',
        ["x"],
    ),
    "@vocab that is a compact IRI": (f'{{{S}, "@vocab": "s:"}}', '"x": "kept"', []),
    "@vocab on another": ('[{"@vocab": "http://a/"}, {"@vocab": "b/"}]', '"x": "kept"', []),
    "@vocab makes no IRI of blanks": (
        '{"@vocab": "http://a/"}',
        '"a b": "gone", "a%b": "gone", "ä": "kept", "1:x": "kept"',
        ["a b", "a%b"],
    ),
    "relative @vocab makes no IRI of blanks": (
        '{"@vocab": "v/"}',
        '"a b": "gone", "c": "kept"',
        ["a b"],
    ),
    "term without a scheme": ('{"a": "b", "c": "a"}', '"a": "gone", "c": "gone"', ["a", "c"]),
    "term with a blank": ('{"a": "http://a.b/c d"}', '"a": "gone"', ["a"]),
    "term like a keyword": (
        '[{"a": "urn:a", "b": "urn:b"}, {"a": "@tpe"}]',
        '"a": "gone", "b": "kept"',
        ["a"],
    ),
    "term like a keyword beside @vocab": ('{"@vocab": "urn:v:", "a": "@tpe"}', '"a": "kept"', []),
    "keyword that is none beside @vocab": ('{"@vocab": "urn:v:"}', '"@tpe": "gone"', ["@tpe"]),
    "keywords of contexts": (
        '{"imp": "@import"}',
        '"@vocab": "gone", "@container": {"urn:p": "gone"}, "imp": "gone"',
        ["@vocab", "@container", "imp"],
    ),
    "blank node as a property": ("{}", '"_:p": "gone", "urn:p": "kept"', ["_:p"]),
    "no scheme": ("{}", '"ä:x": "gone", "x y:z": "gone", ":x": "gone", "": "gone"', None),
    "prefix without a sign at its end": ('{"p": "urn:p"}', '"p:x": "kept"', []),
    "prefix by @prefix": (
        (
            '{"p": {"@id": "urn:p p", "@prefix": true}, "q": {"@id": "urn:q q:", "@prefix": false},'
            ' "r": "urn:r r:"}'
        ),
        '"p:x": "gone", "q:x": "kept", "r:x": "gone"',
        ["p:x", "r:x"],
    ),
    "compact IRI as a term": (
        '{"p": "urn:p:", "p:x": {"@id": "urn:p:x", "@type": "@json"}}',
        '"p:x": {"a": 1}, "p:y": "kept"',
        [],
    ),
    "alias of an alias": ('{"a": "b", "b": "c", "c": "urn:c"}', '"a": "kept", "b": "kept"', []),
    "null on purpose, also for an alias": (
        '{"a": null, "b": "a", "c": {"@id": null}}',
        '"a": {"z": "gone"}, "b": "gone", "c": "gone"',
        [],
    ),
    "type-scoped, only on its node": (
        f'{{{S}, "T": {{"@id": "s:T", "@context": {{"x": "s:x"}}}}}}',
        '"@type": "T", "x": {"x": "gone", "s:y": "kept"}',
        ["x"],
    ),
    "type-scoped with @propagate": (
        f'{{{S}, "T": {{"@id": "s:T", "@context": {{"@propagate": true, "x": "s:x"}}}}}}',
        '"@type": "T", "x": {"x": "kept"}',
        [],
    ),
    "@propagate in an array does not count": (
        '{"T": {"@id": "urn:T", "@context": [{"x": "urn:x"}, {"@propagate": true}]}}',
        '"@type": "T", "x": {"x": "gone"}',
        ["x"],
    ),
    "type-scoped by an alias of @type, and of the IRI": (
        f'{{{S}, "kind": "@type", "T": {{"@id": "s:T", "@context": {{"x": "s:x"}}}}}}',
        '"kind": "T", "x": "kept", "s:n": {"kind": "s:T", "x": "gone"}',
        ["x"],
    ),
    "type-scoped null": (
        '{"x": "urn:x", "T": {"@id": "urn:T", "@context": null}}',
        '"@type": "T", "x": "gone", "urn:n": {"x": "kept"}',
        ["x"],
    ),
    "types in their order": (
        '{"A": {"@id": "urn:A", "@context": null}, "B": {"@id": "a:B", "@context": {"x": "a:x"}}}',
        '"@type": ["B", "A"], "x": "kept", "urn:n": {"x": "gone"}',
        ["x"],
    ),
    "type-scoped in a type map": (
        (
            f'{{{S}, "n": {{"@id": "s:n", "@container": "@type"}},'
            ' "T": {"@id": "s:T", "@context": {"x": "s:x"}}}'
        ),
        '"n": {"T": {"x": {"x": "gone", "s:y": "kept"}}, "U": {"x": "gone"}}',
        ["x"],
    ),
    "map of ids below a type": (
        (
            f'{{{S}, "T": {{"@id": "s:T", "@context":'
            ' {"n": {"@id": "s:n", "@container": "@id"}, "x": "s:x"}}}'
        ),
        '"@type": "T", "n": {"urn:u": {"x": "gone", "s:y": "kept"}}',
        ["x"],
    ),
    "value and reference keep the type's context": (
        f'{{{S}, "T": {{"@id": "s:T", "@context": {{"i": "@id", "v": "@value", "x": "s:x"}}}}}}',
        '"@type": "T", "s:a": {"i": "urn:q"}, "x": {"v": "kept"}',
        [],
    ),
    "@propagate false": (
        '{"x": "urn:x"}',
        '"urn:n": {"@context": {"@propagate": false, "y": "a:y"}, "y": {"y": "gone", "x": "kept"}}',
        ["y"],
    ),
    "property-scoped, further in too": (
        '{"k": {"@id": "urn:k", "@context": [{"x": "urn:x"}, {"y": "x"}]}}',
        '"k": {"x": {"y": "kept"}, "z": "gone"}, "x": "gone"',
        ["z", "x"],
    ),
    "property-scoped null": (
        '{"x": "urn:x", "k": {"@id": "urn:k", "@context": null}}',
        '"k": {"x": "gone", "urn:y": {"k": "gone"}}',
        ["x", "k"],
    ),
    "property-scoped in @set, which is defined anew": (
        (
            '{"k": {"@id": "urn:k", "@context":'
            ' {"b": "urn:b", "k": {"@id": "urn:k", "@context": {"c": "urn:c"}}}}}'
        ),
        '"k": {"@set": [{"b": "kept", "c": "kept"}]}',
        [],
    ),
    "property-scoped and then defined without": (
        '[{"k": {"@id": "urn:k", "@context": {"x": "urn:x"}}}, {"k": "urn:k"}]',
        '"k": {"x": "gone"}',
        ["x"],
    ),
    "property-scoped below a type": (
        (
            '{"T": {"@id": "urn:T", "@context":'
            ' {"@vocab": "urn:v:", "k": {"@id": "urn:k", "@context": {"z": "urn:z"}}}}}'
        ),
        '"@type": "T", "k": {"a": "kept", "z": {"a": "gone"}}',
        ["a"],
    ),
    "@nest and its alias": (
        f'{{{S}, "n": "@nest"}}',
        '"n": {"s:a": "kept", "@nest": {"b": "gone"}}, "b": "gone"',
        ["b"],
    ),
    "@nest with a context": (
        f'{{{S}, "n": {{"@id": "@nest", "@context": {{"b": "s:b"}}}}}}',
        '"n": [{"b": {"b": "kept"}, "c": "gone"}], "b": "gone"',
        ["c", "b"],
    ),
    "@nest below a type": (
        f'{{{S}, "T": {{"@id": "s:T", "@context": {{"x": "s:x"}}}}}}',
        '"@type": "T", "x": "kept", "@nest": {"x": "gone", "s:y": "kept"}',
        ["x"],
    ),
    "@included and its alias": (
        f'{{{S}, "inc": "@included", "T": {{"@id": "s:T", "@context": {{"b": "s:b"}}}}}}',
        '"@type": "T", "b": "kept", "inc": [{"s:a": "kept", "b": "gone"}]',
        ["b"],
    ),
    "@reverse and its alias": (
        f'{{{S}, "rev": "@reverse"}}',
        '"rev": {"s:a": {"@id": "urn:j", "b": "gone"}, "c": {"@id": "urn:k", "s:d": "gone"}}',
        ["b", "c"],
    ),
    "reverse term": (
        f'{{{S}, "r": {{"@reverse": "s:r", "@context": {{"x": "s:x"}}}}}}',
        '"r": {"@id": "urn:j", "x": "kept", "b": "gone"}',
        ["b"],
    ),
    "alias of @graph": ('{"g": "@graph"}', '"g": [{"urn:a": "kept", "b": "gone"}]', ["b"]),
    "lists": (
        '{"k": {"@id": "urn:k", "@context": {"b": "urn:b"}}}',
        '"k": {"@list": [{"b": {"b": "kept"}, "c": "gone"}]}',
        ["c"],
    ),
    "JSON values are nobody's keys": (
        f'{{{S}, "t": "@type", "v": "@value", "j": {{"@id": "s:j", "@type": "@json"}}}}',
        '"s:n": {"t": "@json", "v": {"b": 1}}, "j": [{"c": 1, "@d": 2}], "s:m": "kept"',
        [],
    ),
    "keys of maps are no properties": (
        (
            f'{{{S}, "i": {{"@id": "s:i", "@container": "@index"}},'
            ' "l": {"@id": "s:l", "@container": ["@language", "@set"]},'
            ' "g": {"@id": "s:g", "@container": ["@graph", "@index"]}}'
        ),
        (
            '"i": {"k": {"s:a": "kept", "b": "gone"}, "@none": "kept"}, "l": {"en": ["kept"]},'
            ' "g": {"k": {"@id": "urn:z", "s:a": "kept", "c": "gone"}}'
        ),
        ["b", "c"],
    ),
    "@protected changes no meaning": (
        '{"@protected": true, "x": "urn:x"}',
        '"x": "kept", "urn:n": {"@context": {"y": "urn:y"}, "x": "kept", "y": "kept"}, "y": "gone"',
        ["y"],
    ),
    "@version": (f'{{"@version": 1.1, {S}}}', '"s:x": "kept", "y": "gone"', ["y"]),
}


@pytest.mark.parametrize("case", CASES)
def test_lost_keys_are_those_that_oxigraph_drops(case: str) -> None:
    """Every key that the reader of the file leaves out is told, and no other one."""
    context, members, lost = CASES[case]
    text = f'{{"@context": {context}, "@id": "urn:a", {members}}}'

    read = list(ox.parse(text.encode(), format=ox.RdfFormat.JSON_LD, base_iri="http://b.example/"))

    values = [quad.object.value for quad in read if isinstance(quad.object, ox.Literal)]
    assert values.count("kept") == text.count('"kept"')
    assert "gone" not in values
    told = [each.key for each in lost_keys(text.encode()).keys]
    assert told == (list(json.loads(f"{{{members}}}")) if lost is None else lost)


@pytest.mark.parametrize(
    "context",
    ['"http://nowhere.example/c"', '{"@import": "http://nowhere.example/c", "a": "urn:a"}'],
)
def test_context_that_stands_elsewhere_is_refused(tmp_path: Path, context: str) -> None:
    """No context is fetched: the file is told as one that cannot be read, and nothing more."""
    graph = load_site(tmp_path, {"data/a.jsonld": f'{{"@context": {context}, "a": "x", "b": "y"}}'})

    assert [each.rule for each in graph.findings] == ["syntax"]


@pytest.mark.parametrize(
    ("context", "member", "words", "remedy"),
    [
        (
            '{"@vocab": "http://a.example/"}',
            '"full name": "x"',
            "The key 'full name', which becomes 'http://a.example/full name', is no IRI",
            'as "full name": "https://schema.org/name"',
        ),
        (
            '{"name": "label"}',
            '"name": "x"',
            "The key 'name', which becomes 'label', is no IRI",
            "with a whole IRI",
        ),
        ("{}", '"a b:c": "x"', "The key 'a b:c' is no IRI", "with a whole IRI"),
        (
            "{}",
            '"@vocab": "http://a.example/"',
            "The keyword '@vocab' says something in an @context only",
            "Move it into the @context",
        ),
        ('{"v": "@vocab"}', '"v": "x"', "The keyword 'v', which is @vocab, says", "Move it"),
    ],
)
def test_why_a_key_is_lost(
    tmp_path: Path, context: str, member: str, words: str, remedy: str
) -> None:
    """Who defined a key, or put a keyword in the wrong place, is not told to define it."""
    text = f'{{"@context": {context}, "urn:p": "x",\n{member}}}'

    (finding,) = load_site(tmp_path, {"data/a.jsonld": text}).findings

    assert (finding.rule, finding.position) == ("key-lost", "data/a.jsonld:2")
    assert words in finding.message
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("container", "value", "key"),
    [
        ('"@graph"', '{\n"@set": [{"urn:p": 1}]}', "@set"),
        ('"@graph"', '[{"urn:p": 1}, {\n"@list": ["x"]}]', "@list"),
        ('["@graph", "@index"]', '{"a": {\n"members": []}}', "members"),
        ('"@graph"', '{}, "lost": {"g": {\n"@set": []}}', "@set"),
    ],
)
def test_set_that_is_to_be_a_graph_is_refused(
    tmp_path: Path, container: str, value: str, key: str
) -> None:
    """What would end the process in the midst of the parser is a finding with its line."""
    context = f'{{"members": "@set", "g": {{"@id": "urn:g", "@container": {container}}}}}'
    text = f'{{"@context": {context}, "@id": "urn:a", "g": {value}}}'

    (finding,) = load_site(tmp_path, {"data/a.jsonld": text}).findings

    assert (finding.rule, finding.position) == ("syntax", "data/a.jsonld:2")
    assert f"'{key}' cannot be read" in finding.message


def test_graphs_and_sets_elsewhere_are_read(tmp_path: Path) -> None:
    """A set below a property of a graph, or beside it, is no graph."""
    text = """{"@context": {"g": {"@id": "urn:g", "@container": ["@graph", "@id"]}},
        "@id": "urn:a", "g": {"urn:h": {"@id": "urn:b", "urn:p": {"@set": ["x", "y"]}}},
        "urn:q": {"@set": ["z"]}}"""

    graph = load_site(tmp_path, {"data/a.jsonld": text})

    assert graph.findings == ()
    assert graph.statement_count() == 4


def test_key_that_is_there_twice_is_told(tmp_path: Path) -> None:
    """A second key of one object blocks, with its line; what only looks like one does not."""
    text = """{"@context": {"n": "urn:n", "o": "urn:o"}, "@id": "id/z",
"n": 1, "o": {"n": "{\\"n\\": 1, \\"n\\": 2}"},
"\\u006e": 2, "o": [{"n": "}"}, {"n": 3,
"n": 4}]}"""
    findings = load_site(tmp_path, {"data/a.jsonld": text}).findings

    assert [(f.rule, f.severity, f.line, f.value) for f in findings] == [
        ("key-repeated", Severity.VIOLATION, 3, "n"),
        ("key-repeated", Severity.VIOLATION, 3, "o"),
        ("key-repeated", Severity.VIOLATION, 4, "n"),
    ]
    assert '"n": […]' in findings[0].remedy


def test_many_keys_that_are_there_twice_end_in_a_number(tmp_path: Path) -> None:
    """After twenty repeated keys of a file the rest is counted."""
    nodes = ",".join(f'{{"@id": "id/{n}", "urn:n": 1, "urn:n": 2}}' for n in range(30))
    findings = load_site(tmp_path, {"data/a.jsonld": f"[{nodes}]"}).findings

    assert len(findings) == 21
    assert findings[-1].message.startswith("10 more keys")
