"""Tests of the reconciliation service: what names are matched with, in both versions of the API."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from metropole.vocab import DCAT, DCT, SCHEMA
from metropole.web.reconcile import service as service_module
from metropole.web.reconcile.likeness import EXACT, FOLDED, Asked
from metropole.web.reconcile.paths import path_of
from web_site import BASE, MARKUP, client_of, write_site

Json = dict[str, Any]
BATCH, SECONDS = 12, 5
NEAR, SAYS = BASE + "ns#near", BASE + "ns#says"
CITY, PLACE = BASE + "ns#City", BASE + "ns#Place"
FIGURES = 1_100
TERMS = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<ns#Place> a owl:Class ; rdfs:label "place"@en, "vieta"@lt .
<ns#City> a owl:Class ; rdfs:subClassOf <ns#Place> ; rdfs:label "city"@en, "miestas"@lt .
<ns#School> a owl:Class ; rdfs:label "school"@en .
<ns#Figure> a owl:Class ; rdfs:label "figure"@en .
<ns#of> a owl:ObjectProperty ; rdfs:label "figure of"@en .
<ns#built> a owl:DatatypeProperty ; rdfs:label "built"@en .
<ns#size> a owl:DatatypeProperty ; rdfs:label "size"@en .
"""
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<shapes#city> a sh:NodeShape ; sh:targetClass <ns#City> ;
  sh:property [ sh:path <ns#near> ; sh:name "lies near"@en, "yra prie"@lt ; sh:order 1 ] ,
    [ sh:path <ns#says> ; sh:name "motto"@en ; sh:order 2 ] ,
    [ sh:path [ sh:inversePath <ns#of> ] ; sh:name "figures"@en ; sh:order 3 ] .
"""
DATA = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix schema: <https://schema.org/> .
<id/city/vilnius> a <ns#City> ;
  skos:prefLabel "Vilnius"@en, "Vilnius"@lt, "Wilno"@pl, "Вильнюс"@ru ; skos:altLabel "Vilna"@en ;
  schema:description "A city on the Neris."@en, "Miestas prie Neries."@lt ;
  <ns#near> <id/region/county>, <https://elsewhere.example/x> ; <ns#says> "Unity"@en, "Vienybė"@lt ;
  <ns#built> "1323-01-25"^^xsd:date ; <ns#size> 401, 40.5, 99999999999 ;
  schema:sameAs <http://www.wikidata.org/entity/Q216> .
<id/region/county> a <ns#Place> ; skos:prefLabel "Vilnius County"@en ;
  schema:containedInPlace <id/region/land> .
<id/region/land> a <ns#Place> ; skos:prefLabel "Aukštaitija" ;
  schema:containedInPlace <id/region/county> .
<id/city/trakai> a <ns#City> ; skos:prefLabel "Trakai" ;
  schema:containedInPlace <id/region/county> .
<id/city/łódź> a <ns#City> ; skos:prefLabel "Łódź" .
<id/city/frankfurt-1> a <ns#City> ; skos:prefLabel "Frankfurt" ; <ns#near> <id/region/hesse> ;
  <ns#built> "0794"^^xsd:gYear ; <ns#says> "A-1" .
<id/city/frankfurt-2> a <ns#City> ; skos:prefLabel "Frankfurt" ; <ns#near> <id/region/county> ;
  <ns#says> "A-2" .
<id/school/frankfurt> a <ns#School> ; skos:prefLabel "Frankfurt" .
<id/region/hesse> a <ns#Place> ; skos:prefLabel "Hesse"@en, "Hessen"@de .
<id/school/arts> a <ns#School> ; skos:prefLabel "Academy of Fine Arts"@en .
<id/school/law> a <ns#School> ; skos:prefLabel "Academy of Law"@en .
<id/school/a%2Fb> a <ns#School> ; skos:prefLabel "Key with a slash" .
<id/markup> a <ns#School> ; skos:prefLabel "MARKUP" ; schema:description "MARKUP" .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A small site with namesakes, a class below another, and a city with many figures."""
    figures = "".join(
        f"<id/f/{n}> a <ns#Figure> ; <ns#of> <id/city/vilnius> .\n" for n in range(FIGURES)
    )
    data = DATA.replace("MARKUP", MARKUP.replace('"', '\\"'))
    files = {
        "data/things.ttl": data + figures,
        "ontology/more.ttl": TERMS,
        "shapes/shapes.ttl": SHAPES,
    }
    limits = f"reconcile_batch = {BATCH}\nclient_seconds_per_minute = {SECONDS}"
    site = write_site(tmp_path_factory.mktemp("reconcile"), files, limits=limits)
    with client_of(site) as found:
        yield found


def _asked(client: FlaskClient, **query: Any) -> list[Json]:
    """Ask one query in version 0.2, as OpenRefine does."""
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.get_json()["q0"]["result"]
    return found


def _matched(client: FlaskClient, **query: Any) -> list[str]:
    return [each["id"] for each in _asked(client, **query) if each["match"]]


def _get(client: FlaskClient, path: str, **parameters: str) -> Json:
    answer = client.get(path, query_string=parameters)
    assert answer.status_code == 200, answer.text
    found: Json = answer.get_json()
    return found


def _extended(client: FlaskClient, ids: list[str], *properties: str | Json) -> Json:
    listed = [each if isinstance(each, dict) else {"id": each} for each in properties]
    body = json.dumps({"ids": ids, "properties": listed})
    answer = client.post("/reconcile", data={"extend": body})
    assert answer.status_code == 200, answer.text
    found: Json = answer.get_json()
    return found


# What is matched, and with which score.


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("Vilnius", 100),
        ("  VILNIUS ", 100),
        ("Wilno", 100),
        ("Вильнюс", 100),
        ("Vil\u0301nius", 98),
        ("Vilna", 98),
        ("Vilnius!", 98),
        ("vilnius\u0307", 98),
    ],
)
def test_a_name_in_any_language_and_spelling_is_a_match(
    client: FlaskClient, name: str, score: float
) -> None:
    """A name is the thing's with 100 points; with 98 but for marks, or as another name of it."""
    best = _asked(client, query=name)[0]

    assert (best["id"], best["score"], best["match"]) == ("city/vilnius", score, True)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Vilnus", "city/vilnius"),
        ("city of Vilnius, Lithuania", "city/vilnius"),
        ("Academy of Arts", "school/arts"),
        ("Arts, Fine, Academy of", "school/arts"),
        ("Acad. of Law", "school/law"),
    ],
)
def test_a_name_that_differs_is_a_candidate_and_no_match(
    client: FlaskClient, name: str, id_: str
) -> None:
    """What is misspelt, abbreviated, too long or too short finds the thing, for people to judge."""
    found = _asked(client, query=name)

    assert found[0]["id"] == id_
    assert 40 < found[0]["score"] < 95
    assert not any(each["match"] for each in found)


def test_namesakes_are_told_apart_by_type_and_properties(client: FlaskClient) -> None:
    """Of several things with a name none is a match until a type or property leaves one."""
    assert len(_asked(client, query="Frankfurt")) == 3
    assert _matched(client, query="Frankfurt") == []
    assert _matched(client, query="Frankfurt", type=CITY) == []
    assert _matched(client, query="Frankfurt", type=BASE + "ns#School") == ["school/frankfurt"]
    for value in (
        "Hessen",
        "region/hesse",
        {"id": "region/hesse", "name": "Hesse"},
        ["x", "Hesse"],
    ):
        near = [{"pid": NEAR, "v": value}]

        assert _matched(client, query="Frankfurt", type=CITY, properties=near) == [
            "city/frankfurt-1"
        ]


def test_what_lies_in_a_county_lies_in_its_country(client: FlaskClient) -> None:
    """A place is found by any place above it, a ring of them too; other properties do not climb."""
    within = [
        _asked(client, query="Trakai", properties=[{"pid": SCHEMA + "containedInPlace", "v": v}])[0]
        for v in ("Vilnius County", "Aukštaitija", "Hesse")
    ]
    near = [{"pid": NEAR, "v": "Aukštaitija"}]

    assert [(each["score"], each["match"]) for each in within] == [
        (100, True),
        (100, True),
        (71.4, False),
    ]
    assert _asked(client, query="Vilnius", properties=near)[0]["score"] == 71.4


def test_conditions_lower_and_raise_the_score(client: FlaskClient) -> None:
    """A condition weighs 0.4: met it keeps or raises, unsaid or not met it lowers the score."""
    met, not_met = ([{"pid": NEAR, "v": v}] for v in ("Vilnius County", "Hesse"))
    unsaid = [{"pid": BASE + "ns#of", "v": "x"}]

    assert _asked(client, query="Vilnius", properties=met)[0]["score"] == 100
    assert _asked(client, query="Vilnius", properties=not_met)[0]["score"] == 71.4
    assert _matched(client, query="Vilnius", properties=not_met) == []
    assert _asked(client, query="Vilnius", properties=unsaid)[0]["score"] == 92.9
    assert _matched(client, query="Vilnius", properties=unsaid) == ["city/vilnius"]
    worse, better = (_asked(client, query="Vilnus", properties=p)[0] for p in ([], met))
    assert better["score"] > worse["score"]


@pytest.mark.parametrize(
    ("property_", "value", "agrees"),
    [
        ("ns#size", 401, True),
        ("ns#size", "401.0", True),
        ("ns#size", "402", False),
        ("ns#built", "1323", True),
        ("ns#built", "1323-01-25T00:00:00Z", True),
        ("ns#built", "1324", False),
        ("ns#says", "vienybe", True),
        ("ns#says", "something else", False),
        ("ns#near", "https://elsewhere.example/x", True),
    ],
)
def test_values_are_compared_as_what_they_are(
    client: FlaskClient, property_: str, value: object, agrees: bool
) -> None:
    """Numbers are equal in value, times as far as both say, texts as names are."""
    properties = [{"pid": BASE + property_, "v": value}]
    found = _asked(client, query="Vilnius", properties=properties)[0]

    assert (found["score"] > 95) is agrees


def test_a_query_without_a_name_looks_for_values(client: FlaskClient) -> None:
    """An identifier finds its thing, by its whole address or its end; a shared value finds both."""
    same = "https://schema.org/sameAs"
    whole = [{"pid": same, "v": "http://www.wikidata.org/entity/Q216"}]

    assert _matched(client, properties=whole) == ["city/vilnius"]
    assert _matched(client, properties=[{"pid": SAYS, "v": "A-1"}]) == ["city/frankfurt-1"]
    found = _asked(client, properties=[{"pid": NEAR, "v": "region/county"}])
    assert {each["id"] for each in found} == {"city/vilnius", "city/frankfurt-2"}
    assert not any(each["match"] for each in found)
    named = _asked(client, query="Nobody knows", properties=whole)
    assert [each["id"] for each in named] == ["city/vilnius"]
    ends = [{"pid": same, "v": "Q216"}]
    assert _asked(client, query="Vilnius", properties=ends)[0]["score"] == 100


def test_types_lower_the_score_or_exclude(client: FlaskClient) -> None:
    """A thing of another type loses four tenths and is no match; a strict type leaves it out."""
    school = BASE + "ns#School"
    found = _asked(client, query="Vilnius", type=school)

    assert (found[0]["score"], found[0]["match"]) == (60, False)
    for strictness in ("any", "all"):
        assert _asked(client, query="Vilnius", type=school, type_strict=strictness) == []
    both = {"type": [PLACE, school], "type_strict": "any"}
    assert _matched(client, query="Vilnius", **both) == ["city/vilnius"]
    assert _asked(client, query="Vilnius", **(both | {"type_strict": "all"})) == []


@pytest.mark.parametrize("kind", [CITY, PLACE, "City", "miestas", {"id": CITY, "name": "x"}])
def test_a_type_is_an_iri_or_what_it_is_called_and_holds_for_classes_below(
    client: FlaskClient, kind: object
) -> None:
    """A city is a place; people who type the name of a type in any language are understood."""
    assert _matched(client, query="Vilnius", type=kind, type_strict="any") == ["city/vilnius"]


@pytest.mark.parametrize(
    "name", ["city/vilnius", f"{BASE}id/city/vilnius", f"{BASE}doc/city/vilnius"]
)
def test_an_id_is_a_name_of_the_thing(client: FlaskClient, name: str) -> None:
    """An id or an address in the column of names is matched with its thing."""
    best = _asked(client, query=name)[0]

    assert (best["id"], best["score"], best["match"]) == ("city/vilnius", 100, True)


def test_what_is_told_of_a_candidate(client: FlaskClient) -> None:
    """Name and description come in the reader's language, with types and what the score is of."""
    query = {"query": "Wilno", "type": CITY, "properties": [{"pid": NEAR, "v": "region/county"}]}
    answer = client.get(
        "/reconcile",
        query_string={"queries": json.dumps({"a": query})},
        headers={"Accept-Language": "lt"},
    )
    (found,) = answer.get_json()["a"]["result"]
    features = {each["id"]: each["value"] for each in found.pop("features")}

    assert found == {
        "id": "city/vilnius",
        "name": "Vilnius",
        "description": "Miestas prie Neries.",
        "type": [{"id": CITY, "name": "miestas"}],
        "score": 100.0,
        "match": True,
    }
    assert features == {"name": 100.0, "type": True, "property_1": 100.0}
    assert answer.headers["Content-Language"] == "lt"
    assert "Accept-Language" in answer.headers["Vary"]


def test_batches(client: FlaskClient) -> None:
    """Queries are answered by their keys, alike by GET and POST, each with as many as it wants."""
    queries = {
        "a": {"query": "Frankfurt", "limit": 2},
        "b": {"query": "???"},
        "": {"query": "Vilna"},
    }
    posted = client.post("/reconcile", data={"queries": json.dumps(queries)}).get_json()

    assert list(posted) == ["a", "b", ""]
    assert [len(each["result"]) for each in posted.values()] == [2, 0, 1]
    assert _get(client, "/reconcile", queries=json.dumps(queries)) == posted


def test_scores_go_down(client: FlaskClient) -> None:
    """Candidates come in the order of their scores, which are from 0 to 100."""
    scores = [each["score"] for each in _asked(client, query="Academy of Vilnius", limit=100)]

    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert len(scores) > 2


def test_likeness_knows_no_order_and_no_limit() -> None:
    """The nearest name counts, no other name comes near a same one, and long ones are cut."""
    assert Asked("Straße").likeness(["nothing", "STRASSE"]) == EXACT
    assert Asked("Łódź").likeness(["Lodz"]) == FOLDED
    assert Asked("A b").likeness(["b a"]) < FOLDED
    assert Asked("x" * 10_000).likeness(["x" * 10_000]) == EXACT
    assert Asked("?!").likeness(["!?", ""]) == 0


# What is refused.


@pytest.mark.parametrize(
    "queries",
    [
        "no json",
        "[" * 100_000,
        "[]",
        '{"q0": "Vilnius"}',
        '{"q0": {}}',
        '{"q0": {"query": ""}}',
        '{"q0": {"query": 5}}',
        '{"q0": {"query": "x", "limit": 0}}',
        '{"q0": {"query": "x", "limit": "many"}}',
        '{"q0": {"query": "x", "limit": true}}',
        '{"q0": {"query": "x", "type": 5}}',
        '{"q0": {"query": "x", "type_strict": "maybe"}}',
        '{"q0": {"query": "x", "properties": {}}}',
        '{"q0": {"query": "x", "properties": [{"v": "x"}]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "no iri", "v": "x"}]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "schema:name"}]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "schema:name", "v": []}]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "schema:name", "v": {"name": "x"}}]}}',
    ],
)
def test_what_is_wrong_is_said(client: FlaskClient, queries: str) -> None:
    """A query that makes no sense is 400 with the reason, whole batch and all."""
    answer = client.post("/reconcile", data={"queries": queries})

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert len(answer.get_json()["detail"]) > 10


LONE = "\\ud800"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("queries", f'{{"q{LONE}": {{"query": "x"}}}}'),
        ("queries", f'{{"q0{LONE}": null}}'),
        ("queries", f'{{"q0": {{"query": "city/{LONE}"}}}}'),
        (
            "queries",
            f'{{"q0": {{"query": "x", "properties": [{{"pid": "{SAYS}", "v": "{LONE}"}}]}}}}',
        ),
        (
            "queries",
            f'{{"q0": {{"query": "x", "properties": [{{"pid": "http://a/{LONE}", "v": "a"}}]}}}}',
        ),
        ("queries", '{"q0": {"query": "Wilno"}, "q0": {"query": "Vilna"}}'),
        ("queries", '{"q0": {"query": "Wilno", "limit": NaN}}'),
        ("extend", f'{{"ids": ["{LONE}"], "properties": [{{"id": "@id"}}]}}'),
        ("extend", f'{{"ids": ["city/vilnius"], "properties": [{{"id": "{LONE}"}}]}}'),
    ],
)
def test_what_is_no_text_or_is_there_twice_is_refused(
    client: FlaskClient, name: str, text: str
) -> None:
    """JSON that other programs could read otherwise (RFC 8259, 4, 6 and 8.2) is 400."""
    answers = [
        client.get("/reconcile", query_string={name: text}),
        client.post("/reconcile", data={name: text}),
        *(
            client.post(f"/reconcile{path}", data=text, content_type="application/json")
            for path in ("/match", "/extend", "/1.0-draft/match", "/1.0-draft/extend")
        ),
    ]
    for answer in answers:
        assert answer.status_code == 400, answer.text
        assert re.search(
            "half of a character|is there twice|is no number", answer.get_json()["detail"]
        )


def test_name_that_is_there_twice_is_named(client: FlaskClient) -> None:
    """Of many names the one is told that has to be mended."""
    text = '{"q0": {"query": "a"}, "q1": {"query": "b"}, "q1": {"query": "c"}}'
    answer = client.post("/reconcile", data={"queries": text})
    assert 'the name "q1" is there twice' in answer.get_json()["detail"]


def test_bytes_that_are_no_characters_are_refused(client: FlaskClient) -> None:
    """Python reads such bytes of a body as halves of characters; a whole pair is a character."""
    body = b'{"queries": [{"conditions": [{"matchType": "name", "v": "\xed\xa0\x80"}]}]}'
    pair = body.replace(b"\xed\xa0\x80", rb"\ud83d\ude00")
    asked = partial(client.post, "/reconcile/match", content_type="application/json")
    assert asked(data=body).status_code == 400
    assert asked(data=pair).status_code == 200


def test_a_batch_has_an_end(client: FlaskClient) -> None:
    """More queries or ids than the manifest says are 413."""
    batch = json.dumps({str(n): {"query": "x"} for n in range(BATCH + 1)})
    ids = json.dumps({"ids": ["x"] * (BATCH + 1), "properties": [{"id": NEAR}]})
    draft = {
        "queries": [{"conditions": [{"matchType": "name", "propertyValue": "x"}]}] * (BATCH + 1)
    }

    assert client.post("/reconcile", data={"queries": batch}).status_code == 413
    assert client.post("/reconcile", data={"extend": ids}).status_code == 413
    assert client.post("/reconcile/match", json=draft).status_code == 413


def test_long_and_odd_names_are_no_trouble(client: FlaskClient) -> None:
    """A cell can hold anything: a page of text, signs, syntax of the index, zero bytes."""
    for name in (
        "word " * 5_000,
        '"Vilnius" NEAR *',
        "\0\ufffd\u202e",
        "'; DROP TABLE name",
        "a/b",
        "../../x",
    ):
        assert isinstance(_asked(client, query=name), list)


def test_forms_and_bodies_of_other_types_are_refused(client: FlaskClient) -> None:
    """JSON goes to the routes of the draft and forms to the endpoint; each says so."""
    assert client.post("/reconcile", json={"queries": []}).status_code == 415
    assert client.post("/reconcile", data={"other": "x"}).status_code == 400
    assert client.post("/reconcile/match", data={"queries": "{}"}).status_code == 415
    assert client.get("/reconcile/match").status_code == 405
    assert client.get("/reconcile/nothing").status_code == 404


def test_work_is_taken_from_the_budget(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has used up its time in this minute gets 429, and a batch that takes too long is 503."""
    monkeypatch.setattr(service_module, "_SECONDS", -1.0)
    form = {"queries": json.dumps({"a": {"query": "Vilnius"}})}
    assert client.post("/reconcile", data=form).status_code == 503
    monkeypatch.undo()
    spent = {"REMOTE_ADDR": "192.0.2.1"}
    serving = client.application.extensions["metropole"]
    serving.budget.spend("192.0.2.1", SECONDS + 1)

    answer = client.post("/reconcile", data=form, environ_base=spent)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# How the service describes itself.


def test_manifest_of_02(client: FlaskClient) -> None:
    """The manifest has all that version 0.2 asks for, with addresses below the base."""
    found = _get(client, "/reconcile")

    assert found["versions"] == ["0.1", "0.2"]
    assert found["name"] == "Test"
    assert found["identifierSpace"] == f"{BASE}id/"
    assert found["schemaSpace"].startswith("http")
    assert {CITY, PLACE} < {each["id"] for each in found["defaultTypes"]}
    assert found["batchSize"] == BATCH
    assert "{{id}}" in found["view"]["url"]
    assert "{{id}}" in found["preview"]["url"]
    for kind, service in found["suggest"].items():
        address = (service["service_url"] + service["service_path"]).removeprefix(BASE)
        hover = service["flyout_service_url"] + service["flyout_service_path"]
        example = {"entity": "city/vilnius", "property": NEAR, "type": CITY}[kind]
        assert client.get(f"/{address}?prefix=x").status_code == 200
        hover = hover.removeprefix(BASE).replace("${id}", quote(example, safe=""))
        assert client.get(f"/{hover}").get_json()["id"] == example
    proposing = found["extend"]["propose_properties"]
    address = (proposing["service_url"] + proposing["service_path"]).removeprefix(BASE)
    assert client.get(f"/{address}?type={quote(CITY)}").status_code == 200
    for setting in found["extend"]["property_settings"]:
        assert {"name", "label", "type", "default", "help_text"} <= set(setting)
        assert ("choices" in setting) == (setting["type"] == "select")


def test_manifest_of_the_draft(client: FlaskClient) -> None:
    """The draft of 1.0 has an endpoint of its own, for its manifest has other types of members."""
    found = _get(client, "/reconcile/1.0-draft")

    assert found["versions"] == ["1.0-draft"]
    assert found["suggest"] == {"entity": True, "property": True, "type": True}
    assert found["view"]["url"] == f"{BASE}id/{{+id}}"
    assert set(found["preview"]) == {"width", "height"}
    assert found["extend"]["proposeProperties"] is True
    assert found["standardizedScore"] is True
    for setting in found["extend"]["propertySettings"]:
        assert {"id", "name", "type", "default", "helpText"} <= set(setting)


def test_every_route_is_open_to_scripts(client: FlaskClient) -> None:
    """Scripts of other sites may ask every route, errors included, also when they ask before."""
    rules = [rule for rule in client.application.url_map.iter_rules() if "/reconcile" in rule.rule]
    assert len(rules) > 15
    for rule in rules:
        path = re.sub("<[^>]*>", "entity", rule.rule)
        asking = {"Origin": "https://x.example", "Access-Control-Request-Method": "POST"}
        before = client.options(path, headers=asking)
        assert before.status_code == 204
        assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]
        for answer in (before, client.options(path), client.get(path), client.post(path)):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_jsonp(client: FlaskClient) -> None:
    """Old pages get a script that calls the function they name; the draft has none."""
    answer = client.get("/reconcile?callback=jQuery1.cb_2")

    assert answer.mimetype == "application/javascript"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    called = re.fullmatch(r"/\*\*/jQuery1\.cb_2\((.*)\);\n", answer.text)
    assert called is not None
    assert json.loads(called[1]) == _get(client, "/reconcile")
    for name in ("alert(1)", "a;b", "", "x" * 200, "ä", "a..b", "<script>"):
        assert client.get("/reconcile", query_string={"callback": name}).status_code == 400
    assert client.get("/reconcile/1.0-draft?callback=f").mimetype == "application/json"


def test_answers_are_kept_as_long_as_the_release(client: FlaskClient) -> None:
    """What is asked by GET has a validator, one for each language."""
    tags = {
        language: client.get("/reconcile", headers={"Accept-Language": language}).headers["ETag"]
        for language in ("en", "lt")
    }

    assert tags["en"] != tags["lt"]
    again = client.get("/reconcile", headers={"Accept-Language": "lt", "If-None-Match": tags["lt"]})
    assert again.status_code == 304


# Suggestions, previews and the way to a thing.


def test_suggesting_things(client: FlaskClient) -> None:
    """The beginning of a name, a misspelt one or an id is completed, with classes to tell apart."""
    (vilnius, county) = _get(client, "/reconcile/suggest/entity", prefix="vil")["result"]

    assert (vilnius["id"], county["id"]) == ("city/vilnius", "region/county")
    assert vilnius["notable"] == [{"id": CITY, "name": "city"}]
    assert vilnius["description"] == "A city on the Neris."
    ids = [
        [each["id"] for each in _get(client, "/reconcile/suggest/entity", **asked)["result"]]
        for asked in (
            {"prefix": "vil", "cursor": "1"},
            {"prefix": "vil", "limit": "1"},
            {"prefix": "vilnu"},
            {"prefix": "vil", "type": CITY},
            {"prefix": "region/county"},
            {"prefix": ""},
        )
    ]
    assert ids[:3] == [["region/county"], ["city/vilnius"], ["city/vilnius"]]
    assert ids[3:] == [["city/vilnius"], ["region/county"], []]
    for wrong in ({"limit": "x"}, {"offset": "-1"}):
        answer = client.get("/reconcile/suggest/entity", query_string={"prefix": "vil"} | wrong)
        assert answer.status_code == 400


def test_suggesting_types_and_properties(client: FlaskClient) -> None:
    """Types and properties are found by what they are called in any language, or by their IRI."""

    def ids(kind: str, **asked: str) -> list[str]:
        found = _get(client, f"/reconcile/suggest/{kind}", **asked)["result"]
        return [each["id"] for each in found]

    assert ids("type", prefix="miest") == [CITY]
    assert ids("type", prefix=CITY) == [CITY]
    assert {CITY, PLACE} < set(ids("type", prefix=""))
    assert ids("property", prefix="lies n") == [NEAR]
    assert ids("property", prefix="yra prie") == [NEAR]
    assert ids("property", prefix=NEAR) == [NEAR]
    assert ids("property", prefix=f"^{BASE}ns#of") == [f"^{BASE}ns#of"]
    of_city = ids("property", prefix="", type=CITY, limit="100")
    of_school = ids("property", prefix="", type=BASE + "ns#School", limit="100")
    assert set(of_city) == set(of_school)
    assert of_city.index(NEAR) < 5 < of_school.index(NEAR) + 5


def test_flyouts_and_previews_hold_no_markup_of_the_data(client: FlaskClient) -> None:
    """Whatever a thing is called, nothing of it becomes HTML."""
    shown = _get(client, "/reconcile/flyout/entity", id="markup")["html"]
    page = client.get("/reconcile/preview?id=markup").text

    for text in (shown, page):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
    assert client.get("/reconcile/flyout/type?id=nothing").status_code == 404
    assert client.get("/reconcile/flyout/colour?id=nothing").status_code == 404
    assert client.get("/reconcile/flyout/property?id=nothing").status_code == 400


def test_a_preview_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """Name, class, description, a few facts and the address, on a page without a script."""
    answer = client.get("/reconcile/preview?id=city/vilnius", headers={"Accept-Language": "lt"})

    assert answer.mimetype == "text/html"
    assert '<html lang="lt">' in answer.text
    for text in ("miestas", "Vilnius", "Miestas prie Neries.", "yra prie", "Vienybė"):
        assert text in answer.text
    assert f"{BASE}id/city/vilnius" in answer.text
    assert "Unity" not in answer.text
    assert "<script" not in answer.text
    missing = client.get("/reconcile/preview?id=city/atlantis", headers={"Accept": "*/*"})
    assert missing.status_code == 404
    assert client.get("/reconcile/preview?id=").status_code == 404


@pytest.mark.parametrize("id_", ["city/vilnius", "city/łódź", "school/a%2Fb", "markup"])
def test_a_view_leads_to_the_document(client: FlaskClient, id_: str) -> None:
    """The id in the address, encoded as browsers do it, leads to the page of the thing."""
    (named,) = {
        each["id"] for each in _asked(client, query=f"{BASE}id/{id_}") if each["score"] == 100
    }
    answer = client.get(f"/reconcile/view?id={quote(id_, safe='')}", follow_redirects=True)

    assert named == id_
    assert answer.status_code == 200
    assert answer.history[0].status_code == 303


def test_a_page_tells_people_how(client: FlaskClient) -> None:
    """The page has the address to enter and the types; downloads and questions lead to it."""
    page = client.get("/reconcile/about").text

    assert f"{BASE}reconcile" in page
    assert CITY in page
    for path in (f"/dumps/{_release(client)}/", "/queries/", "/catalog?page=1"):
        assert "/reconcile/about" in client.get(path, headers={"Accept": "text/html"}).text
    assert "/reconcile/about" in client.get("/sitemap/pages.xml").text


def _release(client: FlaskClient) -> str:
    release: str = client.get("/-/ready").get_json()["release"]
    return release


# Data extension.


def test_properties_are_proposed_as_shapes_order_them(client: FlaskClient) -> None:
    """For a class there are its address, what its shapes name, the way back too, then the rest."""
    found = _get(client, "/reconcile/extend/propose", type=CITY)
    proposed = {each["id"]: each["name"] for each in found["properties"]}

    assert found["type"] == CITY
    assert list(proposed)[:4] == ["@id", NEAR, SAYS, f"^{BASE}ns#of"]
    assert list(proposed.values())[1:4] == ["lies near", "motto", "figures"]
    assert BASE + "ns#size" in proposed
    few = _get(client, "/reconcile/extend/propose", type=CITY, limit="2")
    assert (len(few["properties"]), few["limit"]) == (2, 2)
    assert _get(client, "/reconcile/extend/propose")["properties"]


def test_values_are_given_as_what_they_are(client: FlaskClient) -> None:
    """Things have ids, numbers are numbers, days are times, addresses elsewhere are texts."""
    built, size = BASE + "ns#built", BASE + "ns#size"
    ids = ["city/vilnius", f"{BASE}id/city/frankfurt-1", "city/atlantis"]
    found = _extended(client, ids, "@id", NEAR, SAYS, built, size)
    vilnius, frankfurt, atlantis = (found["rows"][id_] for id_ in ids)

    assert vilnius["@id"] == [{"str": f"{BASE}id/city/vilnius"}]
    assert {"id": "region/county", "name": "Vilnius County"} in vilnius[NEAR]
    assert {"str": "https://elsewhere.example/x"} in vilnius[NEAR]
    assert vilnius[SAYS] == [{"str": "Unity"}]
    assert vilnius[built] == [{"date": "1323-01-25T00:00:00Z"}]
    assert frankfurt[built] == [{"str": "0794"}]
    assert sorted(map(str, vilnius[size])) == [
        "{'float': 40.5}",
        "{'float': 99999999999.0}",
        "{'int': 401}",
    ]
    assert set(map(str, atlantis.values())) == {"[]"}
    assert [each["name"] for each in found["meta"][1:3]] == ["lies near", "motto"]
    assert found["meta"][1]["type"] == {"id": PLACE, "name": "place"}


def test_settings_of_properties(client: FlaskClient) -> None:
    """Settings say how many values, in which language, and how things are given."""

    def cells(name: str, **settings: object) -> list[Json]:
        found = _extended(client, ["city/vilnius"], {"id": name, "settings": settings})
        listed: list[Json] = found["rows"]["city/vilnius"][name]
        return listed

    assert cells(SAYS, language="lt") == [{"str": "Vienybė"}]
    assert len(cells(SAYS, language="*")) == 2
    assert cells(SAYS, language="de") == []
    assert {"str": "Vilnius County"} in cells(NEAR, content="name")
    assert {"str": f"{BASE}id/region/county"} in cells(NEAR, content="iri")
    assert cells(NEAR, content="count") == [{"int": 2}]
    assert len(cells(NEAR, limit="1")) == 1
    label = f"<{NEAR}>/<http://www.w3.org/2004/02/skos/core#prefLabel>"
    assert cells(label) == [{"str": "Vilnius County"}]
    back = f"^{BASE}ns#of"
    assert len(cells(back, limit=3)) == 3
    body = json.dumps({"ids": ["city/vilnius"], "properties": [{"id": back}]})
    refused = client.post("/reconcile", data={"extend": body})
    assert refused.status_code == 400
    assert "1,000" in refused.get_json()["detail"]


@pytest.mark.parametrize(
    "extend",
    [
        "no json",
        '{"ids": "city/vilnius", "properties": []}',
        '{"ids": [5], "properties": [{"id": "schema:name"}]}',
        '{"ids": [], "properties": ["schema:name"]}',
        '{"ids": [], "properties": [{"id": "no iri"}]}',
        '{"ids": [], "properties": [{"id": "<a:b>/<c:d>/<e:f>/<g:h>"}]}',
        '{"ids": [], "properties": [{"id": "<a:b><c:d>"}]}',
        '{"ids": [], "properties": [{"id": "a:b", "settings": {"limit": -1}}]}',
        '{"ids": [], "properties": [{"id": "a:b", "settings": {"content": "all"}}]}',
    ],
)
def test_wrong_extensions_are_refused(client: FlaskClient, extend: str) -> None:
    """What cannot be fetched is 400 with the reason."""
    answer = client.get("/reconcile", query_string={"extend": extend})

    assert answer.status_code == 400
    assert len(answer.get_json()["detail"]) > 10


@pytest.mark.parametrize("name", ["@id", "a:b", "^a:b", "<a:b>/^<c:d>", "^<a:b>/<c:d>/<e:f>"])
def test_paths_are_written_as_they_are_read(name: str) -> None:
    """A property keeps the id under which it was read."""
    assert path_of(name).id == name


# The draft of 1.0.


def _draft(client: FlaskClient, *conditions: Json, **query: Any) -> list[Json]:
    body = {"queries": [{"conditions": list(conditions)} | query]}
    answer = client.post("/reconcile/1.0-draft/match", json=body)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.get_json()["results"][0]["candidates"]
    return found


def test_matching_in_the_draft(client: FlaskClient) -> None:
    """Conditions are met as in 0.2; those required leave other things out."""
    name = {"matchType": "name", "propertyValue": "Frankfurt"}
    near = {"matchType": "property", "propertyId": NEAR, "propertyValue": "Hesse"}

    best = _draft(client, {"matchType": "name", "propertyValue": "Wilno"}, type=CITY)[0]
    assert (best["id"], best["score"], best["match"], best["lang"]) == (
        "city/vilnius",
        100,
        True,
        "en",
    )
    assert all({"id", "name", "value"} == set(each) for each in best["features"])
    assert len(_draft(client, name, near)) == 3
    assert [each["id"] for each in _draft(client, name, near | {"required": True})] == [
        "city/frankfurt-1"
    ]
    neither = near | {"required": True, "matchQuantifier": "none"}
    assert [each["id"] for each in _draft(client, name, neither)] == ["city/frankfurt-2"]
    every = near | {"propertyValue": ["Hesse", "Vilnius County"], "matchQuantifier": "all"}
    assert _draft(client, name, every | {"required": True}) == []
    (by_id,) = _draft(client, {"matchType": "id", "propertyValue": "city/vilnius"})
    assert (by_id["id"], by_id["score"], by_id["match"]) == ("city/vilnius", 100, True)
    older = {"matchType": "property", "pid": SAYS, "v": "A-2"}
    assert [each["id"] for each in _draft(client, older)] == ["city/frankfurt-2"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"conditions": []},
        {"conditions": [{"propertyValue": "x"}]},
        {"conditions": [{"matchType": "colour", "propertyValue": "x"}]},
        {"conditions": [{"matchType": "name"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x", "required": 1}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x", "matchQualifier": "EDTF"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x", "matchQuantifier": "none"}]},
        {"conditions": [{"matchType": "property", "propertyValue": "x"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x"}], "type": ["a"]},
    ],
)
def test_wrong_queries_of_the_draft(client: FlaskClient, query: Json) -> None:
    """What the draft has not is 400, and so is a body that is no JSON."""
    assert client.post("/reconcile/match", json={"queries": [query]}).status_code == 400
    broken = client.post("/reconcile/match", data="{", content_type="application/json")
    assert broken.status_code == 400


def test_extending_in_the_draft(client: FlaskClient) -> None:
    """Rows and properties are arrays, and texts say their language."""
    body = {
        "ids": ["city/vilnius"],
        "properties": [{"id": SAYS}, {"id": NEAR, "settings": {"limit": 1}}],
    }
    answer = client.post("/reconcile/extend", json=body, headers={"Accept-Language": "lt"})
    (row,) = answer.get_json()["rows"]

    assert row["id"] == "city/vilnius"
    assert row["properties"][0] == {"id": SAYS, "values": [{"str": "Vienybė", "lang": "lt"}]}
    assert len(row["properties"][1]["values"]) == 1


# Where it is announced.


def test_the_catalogue_has_the_service(client: FlaskClient) -> None:
    """It is a data service of the catalogue that serves the whole, and no distribution of it."""
    body = client.get("/catalog.ttl").get_data()
    quads = list(ox.parse(body, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    service = ox.NamedNode(f"{BASE}catalog#reconcile")
    said = {quad.predicate.value: quad.object for quad in quads if quad.subject == service}

    assert said[DCAT + "endpointURL"] == ox.NamedNode(f"{BASE}reconcile")
    assert DCAT + "servesDataset" in said
    assert DCT + "conformsTo" in said
    assert any(
        quad.predicate.value == DCAT + "service" and quad.object == service for quad in quads
    )
    assert not any(
        quad.predicate.value == DCAT + "accessService" and quad.object == service for quad in quads
    )


def test_below_a_path(tmp_path: Path) -> None:
    """A site below a path has its addresses there; JSONP and the draft know where they are."""
    base = "https://t.example/graph/"
    data = '<id/a> a <ns#Thing> ; <http://www.w3.org/2000/01/rdf-schema#label> "Alpha" .'
    with client_of(write_site(tmp_path, {"data/a.ttl": data}, base=base)) as found:
        manifest = found.get("/graph/reconcile").get_json()
        assert manifest["view"]["url"].startswith(base + "reconcile/view")
        assert found.get("/graph/reconcile/1.0-draft?callback=f").mimetype == "application/json"
        assert found.get("/graph/reconcile/view?id=a").headers["Location"] == "/graph/doc/a"
