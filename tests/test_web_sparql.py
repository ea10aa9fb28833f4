"""Tests of the SPARQL endpoint: the Protocol, the formats, the errors, and real clients."""

import csv
import html
import io
import json
import re
import threading
import warnings
from collections.abc import Iterator
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.dom.minidom import Document
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML
from SPARQLWrapper import SPARQLWrapper as Wrapper
from werkzeug.test import TestResponse

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat
from web_site import (
    BASE,
    LABEL,
    NAMES,
    client_of,
    digits,
    graph_by_oxigraph,
    graph_by_rdflib,
    hard_files,
    is_same_graph,
    query_path,
    write_site,
)

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
OWN, OTHER = f"{BASE}id/graph/own", f"{BASE}id/graph/other"
ONE = "SELECT ?label { <id/twice> <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
TERMS = """SELECT * { VALUES (?iri ?plain ?tagged ?typed ?empty) {
  (<id/x> "a,b\\"c\\nd" "\u0117"@lt 12.5 UNDEF) } }"""
SPARQL_XML = "{http://www.w3.org/2005/sparql-results#}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the hard site."""
    with client_of(write_site(tmp_path_factory.mktemp("hard"), hard_files())) as found:
        yield found


def ask(client: FlaskClient, query: str, accept: str = "*/*", **parameters: str) -> TestResponse:
    """Ask a query by GET."""
    return client.get(query_path(query, **parameters), headers={"Accept": accept})


def count(client: FlaskClient, path: str) -> int:
    """Give the number that a COUNT query answers."""
    response = client.get(path, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    return int(response.text.split()[1])


def problem(response: TestResponse, status: int) -> dict[str, object]:
    """Read a problem and check its shape."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, object] = response.get_json()
    assert told["status"] == status
    assert told["title"]
    return told


# Ways to send a query (SPARQL 1.1 Protocol, section 2.1).


@pytest.mark.parametrize("way", ["get", "form", "direct", "direct-charset", "query-string"])
def test_three_ways_to_send_a_query(client: FlaskClient, way: str) -> None:
    """GET, POST of a form and POST of the query itself give the same answer."""
    ways = {
        "get": lambda: client.get(query_path(ONE)),
        "form": lambda: client.post("/sparql", data=urlencode({"query": ONE}), content_type=FORM),
        "direct": lambda: client.post("/sparql", data=ONE, content_type=QUERY),
        "direct-charset": lambda: client.post(
            "/sparql?", data=ONE, content_type=f"{QUERY}; charset=UTF-8"
        ),
        "query-string": lambda: client.post(query_path(ONE), data="", content_type=FORM),
    }
    response = ways[way]()

    assert response.status_code == 200, response.text
    assert [row["label"]["value"] for row in response.get_json()["results"]["bindings"]] == [
        "twice"
    ]
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_query_in_other_letters(client: FlaskClient) -> None:
    """A query with letters outside ASCII means the same in all three ways."""
    query = f'SELECT ?s {{ ?s <{LABEL}> "Вильнюс"@ru }}'
    answers = [
        client.get(query_path(query)),
        client.post("/sparql", data=urlencode({"query": query}), content_type=FORM),
        client.post("/sparql", data=query.encode(), content_type=QUERY),
    ]

    assert {answer.text for answer in answers} == {answers[0].text}
    assert "id/langs" in answers[0].text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (f"{QUERY}; charset=UTF-16", ONE.encode("utf-16")),
        ("text/plain", ONE.encode()),
        ("application/json", b"{}"),
        ("", ONE.encode()),
        ("multipart/form-data; boundary=x", b"--x--"),
    ],
)
def test_other_bodies_are_415(client: FlaskClient, content_type: str, body: bytes) -> None:
    """A body of another type or charset is refused, and it is said which types are taken."""
    response = client.post("/sparql", data=body, content_type=content_type)

    assert QUERY in str(problem(response, 415)["detail"]) or "UTF-8" in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_405(client: FlaskClient, method: str) -> None:
    """The endpoint has no other methods, and says which it has."""
    response = client.open("/sparql", method=method)

    problem(response, 405)
    assert {"GET", "POST", "HEAD", "QUERY"} <= set(response.headers["Allow"].split(", "))


def test_body_that_is_not_utf_8_is_400(client: FlaskClient) -> None:
    """Bytes that are no text are a problem of the client, however they are sent."""
    problem(client.post("/sparql", data=b"ASK {} # \xff", content_type=QUERY), 400)
    problem(client.post("/sparql", data=b"query=ASK+%7B%7D+%23+%FF", content_type=FORM), 400)
    problem(client.post("/sparql", data=b"query=ASK {} # \xff", content_type=FORM), 400)
    problem(client.get("/sparql?query=ASK+%7B%7D+%23+%FF"), 400)


def test_two_queries_are_400(client: FlaskClient) -> None:
    """There must be exactly one query, in every way of sending."""
    two = urlencode([("query", ONE), ("query", ONE)])

    problem(client.get(f"/sparql?{two}"), 400)
    problem(client.post("/sparql", data=two, content_type=FORM), 400)
    problem(client.post(query_path(ONE), data=ONE, content_type=QUERY), 400)


def test_no_query(client: FlaskClient) -> None:
    """Without a query a browser gets the form, a program the description, a POST 400."""
    assert "<textarea" in client.get("/sparql", headers={"Accept": BROWSER}).text
    for accept in (None, "*/*", "text/turtle, */*;q=0.1"):
        headers = {"Accept": accept} if accept else {}
        assert client.get("/sparql", headers=headers).mimetype == "text/turtle"
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406
    problem(client.post("/sparql", data="", content_type=FORM), 400)
    problem(client.get("/sparql?query="), 400)


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
def test_service_description(client: FlaskClient, syntax: GraphFormat) -> None:
    """The description names endpoint, default graph and named graphs, and promises no more."""
    response = client.get("/sparql", headers={"Accept": syntax.media_type})
    assert response.mimetype == syntax.media_type
    graph = graph_by_oxigraph(response.data, syntax.syntax)
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")

    (endpoint,) = graph.objects(None, sd.endpoint)
    assert endpoint == rdflib.URIRef(BASE + "sparql")
    assert set(graph.objects(None, sd.feature)) == {sd.UnionDefaultGraph}
    names = {str(name) for name in graph.objects(None, sd.name)}
    rows = ask(client, "SELECT DISTINCT ?g { GRAPH ?g {} }").get_json()["results"]["bindings"]
    assert names == {row["g"]["value"] for row in rows}
    for dataset in graph.subjects(rdflib.RDF.type, sd.Dataset):
        assert graph.value(dataset, sd.defaultGraph) is not None


@pytest.mark.parametrize(
    "text",
    [
        "DROP ALL",
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        "CLEAR DEFAULT",
        "PREFIX a: <a:> WITH a:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "# comment\nBASE <http://a/> CREATE GRAPH <g>",
    ],
)
def test_update_is_refused(client: FlaskClient, text: str) -> None:
    """An update is 4xx however it comes, says so, and changes nothing."""
    before = count(client, query_path(COUNT))
    form = urlencode({"update": text})

    assert 400 <= client.get(f"/sparql?{form}").status_code < 500
    assert 400 <= client.post("/sparql", data=form, content_type=FORM).status_code < 500
    direct = client.post("/sparql", data=text, content_type="application/sparql-update")
    assert problem(direct, 403)["title"] == "This endpoint only reads"
    told = problem(ask(client, text), 400)
    assert "Update" in str(told["detail"])
    assert count(client, query_path(COUNT)) == before


# Formats.


def rows_of(response: TestResponse) -> list[list[str]]:
    """Read the values of a SELECT with the parser its media type asks for."""
    media_type = response.mimetype or ""
    if media_type.endswith("+json"):
        table = json.loads(response.data)
        names = table["head"]["vars"]
        rows = table["results"]["bindings"]
        return [[row.get(name, {"value": ""})["value"] for name in names] for row in rows]
    if media_type.endswith("+xml"):
        root = ET.fromstring(response.data)
        names = [str(each.get("name")) for each in root.iter(f"{SPARQL_XML}variable")]
        found = []
        for result in root.iter(f"{SPARQL_XML}result"):
            bound = {each.get("name"): "".join(each.itertext()) for each in result}
            found.append([bound.get(name, "") for name in names])
        return found
    if media_type == "text/csv":
        return list(csv.reader(io.StringIO(response.text, newline="")))[1:]
    lines = [line.split("\t") for line in response.text.strip("\n").split("\n")[1:]]
    return [[str(rdflib.util.from_n3(text) if text else "") for text in line] for line in lines]


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?s ?p ?o } LIMIT 1", "s,p,o"),
        (f"SELECT * {{ <{BASE}id/nested> ?p ?o }} LIMIT 1", "p,o"),
        ("# SELECT *\nselect distinct * { ?z a ?y BIND (1 AS ?a) } LIMIT 1", "z,y,a"),
        ('SELECT * { ?s ?p "?o ?a" MINUS { ?b ?p ?c } }', "s,p"),
        ("SELECT * { { SELECT ?o ?s { ?s ?p ?o } LIMIT 1 } }", "o,s"),
        ("SELECT ?o ?s { { SELECT * { ?s ?p ?o } LIMIT 1 } }", "o,s"),
        ("SELECT * { ?a <x> ?b }", "a,b"),
    ],
)
def test_columns_come_as_in_the_query(client: FlaskClient, query: str, columns: str) -> None:
    """`SELECT *` gives the variables in the order of the text, in every format."""
    assert ask(client, query, format="csv").text.splitlines()[0] == columns
    assert ask(client, query, format="json").get_json()["head"]["vars"] == columns.split(",")


@pytest.mark.parametrize("entry", RESULT_FORMATS, ids=lambda entry: entry.extension)
@pytest.mark.parametrize("by", ["accept", "format"])
def test_select_in_every_format(client: FlaskClient, entry: GraphFormat, by: str) -> None:
    """The rows are the same in JSON, XML, CSV and TSV, and by Accept and `format=`."""
    query = re.sub(r"SELECT \*", "SELECT ?iri ?plain ?tagged ?typed ?empty", TERMS)
    if by == "accept":
        response = ask(client, query, entry.media_type)
    else:
        response = ask(client, query, "text/html", format=entry.extension)

    assert response.headers["Content-Type"] == entry.content_type
    assert rows_of(response) == [[f"{BASE}id/x", 'a,b"c\nd', "ė", "12.5", ""]]


def test_csv_lines_end_as_the_standard_says(client: FlaskClient) -> None:
    """CSV has CR LF after every line (RFC 4180), TSV has LF."""
    assert ask(client, ONE, "text/csv").data == b"label\r\ntwice\r\n"
    assert ask(client, ONE, "text/tab-separated-values").data == b'?label\n"twice"\n'


@pytest.mark.parametrize("answer", [True, False])
def test_ask_in_json_and_xml(client: FlaskClient, *, answer: bool) -> None:
    """ASK answers in JSON and XML."""
    query = "ASK {}" if answer else "ASK { <a:b> <a:b> <a:b> }"

    in_json = ask(client, query, "application/sparql-results+json")
    in_xml = ask(client, query, "application/sparql-results+xml")

    assert in_json.get_json()["boolean"] is answer
    (found,) = ET.fromstring(in_xml.data).iter(f"{SPARQL_XML}boolean")
    assert found.text == str(answer).lower()


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("ASK {}", "text/csv"),
        ("ASK {}", "text/tab-separated-values"),
        (ONE, "text/turtle"),
        ("CONSTRUCT WHERE { <id/markup> ?p ?o }", "text/csv"),
        ("ASK {}", "application/rdf+xml"),
        (ONE, "image/png"),
    ],
)
def test_no_applicable_format_is_406(client: FlaskClient, query: str, accept: str) -> None:
    """A form of result that no accepted format can hold is 406, with those that can."""
    told = str(problem(ask(client, query, accept), 406)["detail"])

    assert accept not in told
    for name in re.findall(r"[a-z-]+/[a-z+-]+", told.partition("Available are:")[2]):
        is_had = ask(client, query, name).status_code == 200
        assert is_had or accept == "image/png", name
    assert ("text/csv" in told) is not query.startswith(("ASK", "CONSTRUCT"))
    assert ("text/turtle" in told) is (query.startswith("CONSTRUCT") or accept == "image/png")


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s ?p ?o } { VALUES ?s { <id/nested> <id/langs> <id/markup> } ?s ?p ?o }",
        "DESCRIBE <id/list>",
        "CONSTRUCT WHERE { <id/none> ?p ?o }",
    ],
)
def test_graphs_in_every_format(client: FlaskClient, query: str, syntax: GraphFormat) -> None:
    """CONSTRUCT and DESCRIBE give the same graph in every format, to two parsers."""
    names = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nq": "nquads"}
    turtle = graph_by_rdflib(ask(client, query, "text/turtle").data, "turtle")

    response = ask(client, query, syntax.media_type)

    assert response.headers["Content-Type"] == syntax.content_type
    by_rdflib = graph_by_rdflib(response.data, names.get(syntax.extension, syntax.extension))
    assert is_same_graph(by_rdflib, turtle)
    assert is_same_graph(graph_by_oxigraph(response.data, syntax.syntax), turtle)


def test_a_small_graph_is_written_for_people(client: FlaskClient) -> None:
    """Turtle declares only the prefixes that it uses; JSON-LD is compact, with a context."""
    query = "CONSTRUCT { <id/nested> <ns#says> ?label } { <id/nested> rdfs:label ?label }"
    query = f"PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> {query}"

    turtle = ask(client, query, "text/turtle").text
    compact = json.loads(ask(client, query, "application/ld+json").text)

    assert turtle.count("@prefix") == 0
    assert turtle.strip() == f'<{BASE}id/nested> <{BASE}ns#says> "nested" .'
    assert compact["says"] == "nested"
    assert compact["@context"]["says"] == f"{BASE}ns#says"


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
def test_a_large_graph_is_written_whole(client: FlaskClient, syntax: GraphFormat) -> None:
    """A graph that is too large to be looked at comes as it is made, and every triple of it."""
    digits = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(4))
    number = "?d0 + 10 * ?d1 + 100 * ?d2 + 1000 * ?d3"
    query = f"CONSTRUCT {{ <id/a> <ns#says> ?n }} {{ {digits} BIND({number} AS ?n) }}"

    with ask(client, query, syntax.media_type) as response:
        found = graph_by_oxigraph(response.data, syntax.syntax)

    assert len(found) == 10_000


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
def test_a_graph_with_a_triple_term_is_an_answer_or_an_error(
    client: FlaskClient, syntax: GraphFormat
) -> None:
    """What only RDF 1.2 has is written where the syntax has a form for it, and never left out."""
    query = "CONSTRUCT { <id/a> <ns#near> ?t } { BIND(<<( <id/b> <ns#says> 1 )>> AS ?t) }"

    response = ask(client, query, syntax.media_type)

    if response.status_code == 200:
        assert b"<<(" in response.data or b"parseType" in response.data
    else:
        assert "a triple as a value" in str(problem(response, 406)["detail"])


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        (ONE, "application/sparql-results+xml"),
        ("ASK {}", "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/rdf+xml"),
        ("DESCRIBE <id/nested>", "application/rdf+xml"),
    ],
)
def test_format_is_negotiated_for_the_form(
    client: FlaskClient, query: str, media_type: str
) -> None:
    """One header with types for rows and graphs: the first that can hold the result."""
    accept = "application/sparql-results+xml, application/rdf+xml"

    if "WHERE" in query:
        query = "CONSTRUCT WHERE { <id/nested> ?p ?o }"
    assert ask(client, query, accept).mimetype == media_type


def test_format_that_cannot_hold_the_result_falls_back(client: FlaskClient) -> None:
    """`format=xml` with CONSTRUCT is what the client accepts besides, as SPARQLWrapper expects."""
    query = "CONSTRUCT WHERE { <id/nested> ?p ?o }"

    assert ask(client, query, "application/rdf+xml", format="xml").mimetype == "application/rdf+xml"
    assert ask(client, "ASK {}", "text/html", format="csv").mimetype == RESULT_FORMATS[0].media_type


def test_unknown_parameters_are_ignored(client: FlaskClient) -> None:
    """SPARQLWrapper and others send parameters of other servers, and repeat them."""
    more = {"output": "json", "results": "json", "debug": "on", "format": "no-such"}

    assert ask(client, ONE, **more).status_code == 200
    assert client.get(query_path(ONE) + "&output=csv").mimetype == "text/csv"
    assert "xml" in str(client.get(query_path(ONE) + "&output=csv&format=xml").mimetype)
    assert client.get(query_path(ONE) + "&output=a&output=b&format=json&format=x").is_json


# Errors.


@pytest.mark.parametrize(
    ("query", "line", "column", "token"),
    [
        ("SELECT ?s\nWHERE { ?s ?p }\n", 2, 9, "'?s'"),
        ("SELEC ?s { ?s ?p ?o }", 1, 1, "'SELEC': cannot be understood here. Did you mean SELECT"),
        ("SELECT * {\n  ?s ?p ?o .\n  FILTER(?o >)\n}", 3, 14, "')'"),
        ("SELECT * { ?s undeclared:x ?o }", 1, 15, "Write PREFIX undeclared: <…> at the top"),
        (
            "SELECT * { VALUES ?d { '2020-01-01'^^xsd:date } ?s ?p ?d }",
            1,
            38,
            "'xsd:date': the prefix is not declared. Write PREFIX xsd: <http://www.w3.org/2001/",
        ),
        ("PREFIX a: <urn:a> ASK { ?s a:b 'x:y'^^xsd:date , x:y }", 1, 39, "'xsd:date': the prefix"),
        ("SELECT * { ?s ?p ?o", 1, 20, "ends too early"),
        ("SELECT * {\n\n ?a ?b ?c d }", 3, 11, "'d'"),
        ("SELECT ?x ?y,?z { ?x ?y ?z }", 1, 13, "','"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", 1, 29, "'?s'"),
        ("SELECT * { ?s ?p ?o . FILTR(?o > 1) }", 1, 23, "Did you mean FILTER"),
        ("SELECT * {?s ?p ?o} LIMIT x", 1, 27, "'x'"),
        ("SELECT (COUNT(?x) AS ?n) ?y { ?x ?p ?y }", 0, 0, "unbound"),
    ],
)
def test_syntax_error_tells_the_place(
    client: FlaskClient, query: str, line: int, column: int, token: str
) -> None:
    """A mistake is 400 with line, column and what stands there, in JSON, text and HTML."""
    told = problem(ask(client, query), 400)
    if line:
        assert (told["line"], told["column"]) == (line, column), told
        assert f"Line {line}, column {column}" in str(told["detail"])
    assert token in str(told["detail"])
    for accept in ("text/plain", "text/html"):
        response = ask(client, query, accept)
        assert (response.status_code, response.mimetype) == (400, accept)
        assert str(told["detail"]) in html.unescape(response.text)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<http://a.example/f>(1) AS ?x) {}",
        "SELECT * { ?s ?p ?o FILTER(<http://a.example/f>(?o)) }",
    ],
)
def test_unknown_function_is_told(client: FlaskClient, query: str) -> None:
    """A function nobody has written is the query's fault, and it is named."""
    told = problem(ask(client, query), 400)

    assert "http://a.example/f" in str(told["detail"])


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", ""])
def test_timeout_must_be_a_number(client: FlaskClient, text: str) -> None:
    """A timeout that is no time is 400, not a query without a limit."""
    problem(ask(client, ONE, timeout=text), 400)


# The dataset (SPARQL 1.1, section 13; Protocol, section 2.1.4).


def in_graph(client: FlaskClient, name: str) -> int:
    """Count the statements of a named graph."""
    return count(client, query_path(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site in which no statement is made twice, so that no union is stored."""
    files = {
        "data/a.ttl": f'<id/a> a <ns#Thing> ; <{LABEL}> "a" .',
        "data/b.ttl": f'<id/b> a <ns#Thing> ; <{LABEL}> "b" ; <ns#near> <id/a> .',
    }
    with client_of(write_site(tmp_path_factory.mktemp("apart"), files)) as found:
        yield found


@pytest.fixture(params=["client", "apart"])
def either(request: pytest.FixtureRequest) -> tuple[FlaskClient, str, str]:
    """A client of a site with and one without a stored union, and two graphs in it."""
    found: FlaskClient = request.getfixturevalue(request.param)
    if request.param == "client":
        return found, OWN, f"{BASE}id/graph/data/names"
    return found, f"{BASE}id/graph/data/a", f"{BASE}id/graph/data/b"


Either = tuple[FlaskClient, str, str]


def test_default_graph_is_the_union_counted_once(either: Either) -> None:
    """The default graph holds the triples of all graphs, one that is said twice once."""
    client, *_ = either
    distinct = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"

    everything = count(client, query_path(COUNT))

    assert everything == count(client, query_path(distinct))
    assert everything == client.get("/-/ready").get_json()["triples"]


def test_twice_said_is_one_row(client: FlaskClient) -> None:
    """A triple in two graphs is one solution of the default graph."""
    assert len(ask(client, ONE).get_json()["results"]["bindings"]) == 1


def test_from_is_the_default_graph(either: Either) -> None:
    """FROM replaces the default graph; several are merged; none is fetched."""
    client, one, two = either
    body = "SELECT (COUNT(*) AS ?n) FROM <{}> {{ ?s ?p ?o }}"
    both = f"SELECT (COUNT(*) AS ?n) FROM <{one}> FROM <{two}> {{ ?s ?p ?o }}"

    assert count(client, query_path(body.format(one))) == in_graph(client, one)
    assert count(client, query_path(both)) == in_graph(client, one) + in_graph(client, two)
    assert count(client, query_path(body.format("http://127.0.0.1:9/none"))) == 0


@pytest.mark.parametrize("clause", ["FROM", "from", "#x\n FROM", "#x\r FROM"])
def test_from_is_seen_however_it_is_written(either: Either, clause: str) -> None:
    """The keyword in any letters and after a comment."""
    client, one, _ = either
    query = f"SELECT (COUNT(*) AS ?n) {clause}<{one}>{{ ?s ?p ?o }}"

    assert count(client, query_path(query)) == in_graph(client, one)


@pytest.mark.parametrize(
    "where",
    [
        "{ ?from ?p ?o }",
        "{ ?s ?p ?o FILTER(!SAMETERM(?o, 'FROM')) } # FROM <http://a.example/>",
        "{ ?s ?p ?o FILTER(?o != <http://a.example/from>) }",
        "{ ?s ?p ?o FILTER(?o != from:x) }",
        '{ ?s ?p ?o FILTER(!SAMETERM(?o, """a " FROM <a:b> """)) }',
    ],
)
def test_words_like_from_change_nothing(either: Either, where: str) -> None:
    """Variables, strings, IRIs and comments that hold the word are not the keyword."""
    client, *_ = either
    query = f"PREFIX from: <http://a.example/> SELECT (COUNT(*) AS ?n) {where}"

    assert count(client, query_path(query)) == count(client, query_path(COUNT))


def test_from_named_alone_leaves_the_default_graph_empty(either: Either) -> None:
    """With FROM NAMED only, there is nothing in the default graph."""
    client, one, _ = either
    named = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{one}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    default = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{one}> {{ ?s ?p ?o }}"

    assert count(client, query_path(named)) == in_graph(client, one)
    assert count(client, query_path(default)) == 0


def test_dataset_of_the_protocol(either: Either) -> None:
    """default-graph-uri and named-graph-uri choose the dataset and win over FROM."""
    client, one, two = either
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    chosen = f"SELECT (COUNT(*) AS ?n) FROM <{two}> {{ ?s ?p ?o }}"

    assert count(client, query_path(COUNT, **{"default-graph-uri": one})) == in_graph(client, one)
    assert count(client, query_path(inside, **{"named-graph-uri": one})) == in_graph(client, one)
    assert count(client, query_path(COUNT, **{"named-graph-uri": one})) == 0
    assert count(client, query_path(inside, **{"default-graph-uri": one})) == 0
    assert count(client, query_path(chosen, **{"default-graph-uri": one})) == in_graph(client, one)


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("graph", ["x y", "places"])
def test_graph_that_is_no_iri_is_told(client: FlaskClient, name: str, graph: str) -> None:
    """Who names a graph by what is no absolute IRI learns which parameter that was."""
    told = problem(client.get(query_path(COUNT, **{name: graph})), 400)
    assert told["detail"] == f"{name}={graph} is none."


def test_dataset_of_the_protocol_by_post(either: Either) -> None:
    """The same by both ways of POST, several times the same parameter."""
    client, one, two = either
    pairs = [("default-graph-uri", one), ("default-graph-uri", two)]
    expected = in_graph(client, one) + in_graph(client, two)
    in_form = client.post("/sparql", data=urlencode([*pairs, ("query", COUNT)]), content_type=FORM)
    beside = client.post(f"/sparql?{urlencode(pairs)}", data=COUNT, content_type=QUERY)

    for response in (in_form, beside):
        assert int(response.get_json()["results"]["bindings"][0]["n"]["value"]) == expected


def test_graph_that_is_no_iri_is_400(client: FlaskClient) -> None:
    """A wrong graph is the client's mistake."""
    problem(client.get(query_path(COUNT, **{"default-graph-uri": "not an iri"})), 400)


def test_relative_iris_belong_to_the_base(client: FlaskClient) -> None:
    """A query may name things as the data files do; its own BASE wins."""
    query = f"BASE <https://other.example/> SELECT ?l {{ <id/twice> <{LABEL}> ?l }}"

    assert ask(client, ONE).get_json()["results"]["bindings"] != []
    assert ask(client, query).get_json()["results"]["bindings"] == []


# XML that is XML (XML 1.0, section 2.2).

BAD_CHARACTERS = ["\\u0001", "\\u0007", "\\u000B", "\\u001F", "\\uFFFE", "\\uFFFF", "\\u0000"]


@pytest.mark.parametrize("escape", BAD_CHARACTERS)
def test_characters_that_xml_cannot_hold(client: FlaskClient, escape: str) -> None:
    """Such a character makes XML 406 with the reason; JSON holds it."""
    # The escape is of the string, not of the query text, so that the parser sees no raw sign.
    query = f'SELECT (REPLACE("x", "x", "{escape}") AS ?v) {{}}'
    graph = f'CONSTRUCT {{ <a:b> <a:b> ?v }} {{ BIND("a{escape}" AS ?v) }}'
    number = escape[2:].upper()

    for refused in (
        ask(client, query, "application/sparql-results+xml"),
        ask(client, graph, "application/rdf+xml"),
    ):
        told = str(problem(refused, 406)["detail"])
        assert f"U+{number}" in told
        assert "+xml" not in told
        assert "json" in told
    held = ask(client, query, "application/json").get_json()["results"]["bindings"]
    assert held[0]["v"]["value"] == chr(int(number, 16))


@pytest.mark.parametrize("escape", BAD_CHARACTERS[:3])
def test_such_a_character_late_in_a_long_answer(client: FlaskClient, escape: str) -> None:
    """After 30,000 good rows it is still 406, and nothing was sent of them."""
    query = f"""SELECT ?v {{ {{ SELECT ?v {{ {digits(4)} BIND("{"x" * 100}" AS ?v) }} }}
        UNION {{ BIND("a{escape}" AS ?v) }} }}"""

    problem(ask(client, query, "application/sparql-results+xml"), 406)
    assert len(ask(client, query, "text/csv").data) > 1_000_000


def test_carriage_return_survives_xml(client: FlaskClient) -> None:
    """A parser gives back CR, CR LF and LF as they are in the data."""
    query = 'SELECT ("a\\rb\\r\\nc\\nd\\te" AS ?v) {}'
    graph = "CONSTRUCT WHERE { <id/return> <ns#says> ?v }"

    rows = rows_of(ask(client, query, "application/sparql-results+xml"))
    triples = graph_by_rdflib(ask(client, graph, "application/rdf+xml").data, "xml")

    assert rows == [["a\rb\r\nc\nd\te"]]
    assert [str(value) for value in triples.objects()] == ["a\rb\r\nc\n"]


@pytest.mark.parametrize(
    "name", ["http://a.example/123", "http://a.example/a(", "http://a.example/%20", "urn:x:1-2"]
)
def test_property_without_a_local_name(client: FlaskClient, name: str) -> None:
    """RDF/XML has no way to write such a property: 406, the property named."""
    query = f"CONSTRUCT {{ <a:b> <{name}> 1 }} {{}}"

    assert name in str(problem(ask(client, query, "application/rdf+xml"), 406)["detail"])
    assert ask(client, query, "text/turtle").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["http://a.example/1a", "http://a.example/a.b-c", "http://a.example/#ė", "urn:x:Y", "a:·x"],
)
def test_property_with_an_odd_local_name(client: FlaskClient, name: str) -> None:
    """What can be written in RDF/XML is, and comes back the same."""
    query = f"CONSTRUCT {{ <a:b> <{name}> '<&>]]>' }} {{}}"
    graph = graph_by_rdflib(ask(client, query, "application/rdf+xml").data, "xml")

    assert [(str(p), str(o)) for _, p, o in graph] == [(name, "<&>]]>")]


# Real clients.


class Quiet(WSGIRequestHandler):
    """Does not print every request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing."""


@pytest.fixture(scope="module")
def endpoint(client: FlaskClient) -> Iterator[str]:
    """The address of the application on a real socket."""
    server = make_server("127.0.0.1", 0, client.application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("way", ["url-encoded", POSTDIRECTLY])
def test_sparqlwrapper_rows(endpoint: str, method: str, way: str) -> None:
    """SPARQLWrapper reads rows in all its formats, by GET and both ways of POST."""
    wrapper = Wrapper(endpoint)
    wrapper.setMethod(method)
    wrapper.setRequestMethod("urlencoded" if way != POSTDIRECTLY else POSTDIRECTLY)
    wrapper.setQuery(ONE)

    wrapper.setReturnFormat(JSON)
    table = wrapper.queryAndConvert()
    assert isinstance(table, dict)
    assert table["results"]["bindings"][0]["label"]["value"] == "twice"
    wrapper.setReturnFormat(XML)
    document = wrapper.queryAndConvert()
    assert isinstance(document, Document)
    assert "twice" in document.toxml()
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert() == b"label\r\ntwice\r\n"
    wrapper.setReturnFormat(TSV)
    assert wrapper.queryAndConvert() == b'?label\n"twice"\n'


@pytest.mark.parametrize("name", [XML, RDFXML, TURTLE, N3, "json-ld"])
def test_sparqlwrapper_graphs(endpoint: str, name: str) -> None:
    """SPARQLWrapper reads a CONSTRUCT in the formats it knows."""
    wrapper = Wrapper(endpoint)
    wrapper.setQuery("CONSTRUCT WHERE { <id/twice> ?p ?o }")
    wrapper.setReturnFormat(name)

    with warnings.catch_warnings():
        # SPARQLWrapper uses what rdflib 7 has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        answer = wrapper.queryAndConvert()
        graph = rdflib.Graph()
        if isinstance(answer, bytes):
            graph.parse(data=answer, format="turtle")
        else:
            assert isinstance(answer, rdflib.Graph)
            graph += answer
    assert (rdflib.URIRef(BASE + "id/twice"), rdflib.RDFS.label, rdflib.Literal("twice")) in graph


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["xml", "json", "csv"])
def test_rdflib_store(endpoint: str, method: str, returned: str) -> None:
    """rdflib's SPARQLStore selects, asks and constructs by its three methods."""
    store = SPARQLStore(endpoint, method=method, returnFormat=returned)
    graph = rdflib.Graph(store)
    thing = rdflib.URIRef(BASE + "id/twice")

    rows = list(graph.query(f"SELECT ?l {{ <{thing}> <{LABEL}> ?l }}"))
    assert [str(row[0]) for row in rows] == ["twice"]  # type: ignore[index]
    assert len(list(graph.triples((thing, None, None)))) == 2
    if returned == "xml":  # rdflib reads neither ASK nor graphs when it is told another format
        assert graph.query("ASK {}").askAnswer
        made = graph.query(f"CONSTRUCT WHERE {{ <{thing}> ?p ?o }}").graph
        assert made is not None
        assert len(made) == 2


def test_rows_are_those_of_the_data(client: FlaskClient) -> None:
    """What the endpoint says of the named things is what the file says of them."""
    response = ask(client, f"SELECT ?s ?l {{ ?s <ns#near> <id/hub> ; <{LABEL}> ?l }}", "text/csv")

    assert {tuple(row) for row in rows_of(response)} == {
        (f"{BASE}id/{name}", label) for name, label in NAMES.items()
    }
    assert ox.parse_query_results(
        ask(client, "ASK {}").data, format=ox.QueryResultsFormat.JSON
    ) == ox.parse_query_results(
        ask(client, "ASK {}", "application/xml").data, format=ox.QueryResultsFormat.XML
    )


def test_long_body_without_the_front(client: FlaskClient) -> None:
    """A body over the limit is told as such also where nothing has looked at it before."""
    answer = client.post("/sparql", data=b"#" * (1 << 21), content_type=QUERY)

    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
