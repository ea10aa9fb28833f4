"""Lookups answered in the event loop: the same answers as from a worker, within bounds."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from metropole import publish
from metropole.settings import load
from metropole.sparql.single_pattern import is_single_pattern
from metropole.store.brief_answers import BriefAnswer
from metropole.store.query_frames import QueryRequest
from metropole.web.serving import Serving
from metropole.web.sparql.asking import Asking
from processes import wait_until
from web_site import BASE, Reply, Server, fetch, query_path, server_of, write_site

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
#: Values of the thing that is too long for the lane, and of one that is worth compressing.
MANY, SOME = 2000, 40
DATA = (
    f"<id/many> <ns#says> {', '.join(map(str, range(MANY)))} .\n"
    f"<id/some> <ns#says> {', '.join(map(str, range(SOME)))} .\n"
    '<id/text> <ns#says> "two\\r\\nlines", "Vilnių"@lt, "<&>" .\n'
    '<id/bell> <ns#says> "\\u0007" .\n'
)
#: Says a triple a second time, so that the union has to be stored.
AGAIN = "GRAPH <id/graph/other> { <id/some> <ns#says> 1 . <id/more> <ns#says> 1 . }\n"
ABOUT = "SELECT ?p ?o {{ <id/{}> ?p ?o }}"
BRIEF = (
    ABOUT.format("some"),
    ABOUT.format("text"),
    ABOUT.format("nothing"),
    'SELECT * WHERE { ?s ?p "1"^^<http://www.w3.org/2001/XMLSchema#integer> }',
    f"PREFIX n: <{BASE}ns#>\nSELECT ?o # what it has\nWHERE {{ <id/many> n:says ?o . }} LIMIT 7",
    f"ASK {{ <id/some> <{BASE}ns#says> ?o }}",
    "ASK { <id/some> a <id/many> }",
    "SELECT ?s { ?s a <http://www.w3.org/2002/07/owl#Ontology> } # NOW or never",
)
#: What differs between two answers to the same question.
OF_ONE = ("date", "request-id", "server-timing")


@pytest.fixture(scope="module", params=["read", "stored"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of a site whose union is read from the named graphs, or stored."""
    files = {"data/a.ttl": DATA} | ({"data/b.trig": AGAIN} if request.param == "stored" else {})
    root = write_site(
        tmp_path_factory.mktemp("brief"),
        files,
        limits="concurrent_queries = 1\nserving_processes = 1",
        more='query_log = "log"',
    )
    made = publish.build(load(root)).release
    assert made.manifest.union_stored == (request.param == "stored")
    with server_of(root) as found:
        wait_until(lambda: fetch(found.port, query_path("ASK {}")).status == 200)
        yield found


@contextmanager
def no_workers(server: Server) -> Iterator[None]:
    """Let all query workers stand still."""
    stopped = server.query_workers()
    assert stopped
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def common(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Give what two answers to the same question share."""
    return reply.status, {n: v for n, v in reply.headers.items() if n not in OF_ONE}, reply.body


def asked_both_ways(server: Server, path: str, **sent: object) -> tuple[Reply, Reply]:
    """Ask in the brief lane, where no worker can help, and by the ordinary way."""
    headers = dict(sent.pop("headers", {}))  # type: ignore[call-overload]
    with no_workers(server):
        brief = fetch(server.port, path, headers=headers, seconds=5, **sent)  # type: ignore[arg-type]
    assert "queue;dur=" in brief.headers["server-timing"]
    # Who wants nothing from a cache is not answered in the lane.
    headers = {**headers, "Cache-Control": "no-store"}
    return brief, fetch(server.port, path, headers=headers, **sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("coding", ["", "zstd, br;q=0.5"])
@pytest.mark.parametrize("accept", [JSON, XML, "", "text/turtle, */*;q=0.1"])
@pytest.mark.parametrize("query", BRIEF)
def test_same_answer_as_by_the_ordinary_way(
    server: Server, query: str, accept: str, coding: str
) -> None:
    """Status, headers and bytes are the same, down to the order of the rows."""
    headers = {"Accept": accept, "Accept-Encoding": coding}
    path = query_path(f"{query} # {accept} {coding}")
    brief, ordinary = asked_both_ways(server, path, headers=headers)
    assert brief.status == 200
    assert common(brief) == common(ordinary)


@pytest.mark.parametrize(
    ("method", "content_type", "body"),
    [
        ("HEAD", "", ""),
        ("POST", "application/x-www-form-urlencoded", "query={}&format=xml"),
        ("POST", "application/sparql-query", "{}"),
        ("QUERY", "application/sparql-query", "{}"),
    ],
)
def test_same_answer_to_all_methods(
    server: Server, method: str, content_type: str, body: str
) -> None:
    """A lookup may be sent in every way that there is."""
    query = f"{ABOUT.format('some')} # {method} ąž"
    sent = quote(query, safe="") if "query=" in body else query
    path = "/sparql" if body else query_path(query)
    headers = {"Accept": JSON, **({"Content-Type": content_type} if content_type else {})}
    body = body.replace("{}", sent)
    brief, ordinary = asked_both_ways(
        server, path, method=method, headers=headers, body=body.encode()
    )
    assert brief.status == 200
    assert common(brief) == common(ordinary)


@pytest.mark.parametrize(
    ("parameters", "accept", "status"),
    [
        ({"release": "zzz"}, JSON, 404),
        ({"timeout": "soon"}, JSON, 400),
        ({"timeout": "5"}, JSON, 200),
        ({"default-graph-uri": f"{BASE}id/graph/none"}, JSON, 200),
        ({"named-graph-uri": f"{BASE}id/graph/none"}, JSON, 200),
        ({"default-graph-uri": "no iri"}, JSON, 400),
        ({"update": "CLEAR ALL"}, JSON, 403),
        ({"format": "csv"}, JSON, 200),
        ({"unknown": "x"}, JSON, 200),
        ({}, "image/png", 406),
        ({}, "text/html", 200),
    ],
)
def test_what_is_more_than_a_lookup_is_answered_as_ever(
    server: Server, parameters: dict[str, str], accept: str, status: int
) -> None:
    """No parameter is passed over because its query looks like a lookup."""
    path = query_path(f"{ABOUT.format('some')} # {accept}", **parameters)
    found = [
        fetch(server.port, path, headers={"Accept": accept, **more})
        for more in ({"Cache-Control": "no-store"}, {})
    ]
    assert [reply.status for reply in found] == [status] * 2
    assert found[0].headers["content-type"] == found[1].headers["content-type"]
    assert status >= 400 or found[0].body == found[1].body


def test_lookup_is_counted(server: Server) -> None:
    """A lookup counts as a query and as a response, as one that a worker answers."""

    def counted() -> list[float]:
        text = fetch(server.port, "/-/metrics").body.decode()
        names = (
            'metropole_queries_total{outcome="ok"}',
            'metropole_responses_total{address="sparql.sparql",status="200"}',
            'metropole_cache_requests_total{result="miss"}',
        )
        found = (re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE) for name in names)
        return [float(each[1]) if each else 0.0 for each in found]

    before = counted()
    with no_workers(server):
        assert fetch(server.port, query_path(f"{ABOUT.format('more')} # counted")).status == 200
    after = counted()
    # To ask for the figures is no hit either.
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 2]


def test_lookup_is_logged_and_kept(server: Server) -> None:
    """The log says the same as by the ordinary way, and who asks again gets the same bytes."""
    path = query_path(f"{ABOUT.format('some')} # logged")
    brief, _ = asked_both_ways(server, path)
    lines = [
        json.loads(line)
        for line in (server.log.parent / "log").read_text(encoding="utf-8").splitlines()
    ]
    own = [line for line in lines if line["request"] == brief.headers["request-id"]]
    same = [line for line in lines if line["query"] == own[0]["query"]]
    differing = ("time", "request", "queue_ms", "run_ms")
    told = [{name: line[name] for name in line if name not in differing} for line in same]
    assert len(own) == 1
    assert len(told) == 2
    assert told[0] == told[1]
    assert told[0]["outcome"] == "ok"
    again = fetch(server.port, path)
    assert again.headers["server-timing"] == "cache;desc=hit"
    assert again.body == brief.body
    text = (server.log.parent / "log").read_text(encoding="utf-8")
    repeated = [json.loads(line) for line in text.splitlines()]
    (last,) = [line for line in repeated if line["request"] == again.headers["request-id"]]
    assert {name: last[name] for name in told[0]} == told[0] | {"outcome": "cached"}
    assert (last["queue_ms"], last["run_ms"]) == (0, 0)
    known = fetch(server.port, path, headers={"If-None-Match": brief.headers["etag"]})
    assert known.status == 304


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The site in this process."""
    root = write_site(
        tmp_path_factory.mktemp("bounds"),
        {"data/a.ttl": DATA},
        limits="client_seconds_per_minute = 1",
    )
    publish.build(load(root))
    found = Serving(load(root))
    yield found
    found.pool.close()


def answered(serving: Serving, query: str, media_type: str = JSON) -> BriefAnswer | None:
    """Ask for an answer within the bounds."""
    return serving.edition().store.brief_answer(request_of(serving, query, media_type))


def request_of(serving: Serving, query: str, media_type: str = JSON) -> QueryRequest:
    """Write a request to the store that is served."""
    path = serving.edition().store.path
    return QueryRequest(query, path, BASE, True, (media_type,), 100)


def test_what_is_out_of_bounds_is_left_to_a_worker(serving: Serving) -> None:
    """A long answer is given up after some rows; so is one that a worker would refuse."""
    many = "SELECT ?o { <id/many> ?p ?o }"
    assert answered(serving, f"{many} LIMIT 100") is not None
    answered(serving, many)
    begun = time.thread_time()
    assert answered(serving, many) is None
    assert time.thread_time() - begun < 0.02
    assert answered(serving, ABOUT.format("bell")) is not None
    assert answered(serving, ABOUT.format("bell"), XML) is None
    assert answered(serving, ABOUT.format("some"), "text/csv") is None
    assert answered(serving, "ASK { <id/some> n:x ?o }") is None


def test_budget_holds_for_lookups_too(serving: Serving) -> None:
    """A client without budget gets no answer here, and what it asks counts."""
    asked = request_of(serving, ABOUT.format("some"))
    store = serving.edition().store
    assert Asking(serving, "", {}, client="192.0.2.1").answer_at_once(store, asked) is not None
    serving.budget.spend("192.0.2.1", 2)
    assert Asking(serving, "", {}, client="192.0.2.1").answer_at_once(store, asked) is None
    assert Asking(serving, "", {}, client="192.0.2.2").answer_at_once(store, asked) is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s <p> ?o } LIMIT 1",
        "SELECT * { <s> ?p ?o . ?o ?q ?r }",
        "SELECT * { <s> ?p ?o ; <q> ?r }",
        "SELECT * { <s> <p>* ?o }",
        "SELECT * { <s> <p>/<q> ?o }",
        "SELECT * { <s> ^<p> ?o }",
        "SELECT * { <s> !<p> ?o }",
        "SELECT * { <s> ?p ?p }",
        "SELECT * { ?x ?x <o> }",
        "SELECT ?other { <s> ?p ?o }",
        "SELECT (1 AS ?x) { <s> ?p ?o }",
        "SELECT DISTINCT ?p { <s> ?p ?o }",
        "SELECT * { <s> ?p ?o } LIMIT 1 OFFSET 9",
        "SELECT * { <s> ?p ?o } OFFSET 9 LIMIT 1",
        "SELECT * { <s> ?p ?o } ORDER BY ?p",
        "SELECT * { <s> ?p ?o } VALUES ?p { <p> }",
        "SELECT * { <s> ?p ?o FILTER(?o > 1) }",
        "SELECT * FROM <g> { <s> ?p ?o }",
        "SELECT * { GRAPH ?g { <s> ?p ?o } }",
        "SELECT * { { <s> ?p ?o } }",
        "SELECT * { [] ?p <o> }",
        "SELECT * { _:s ?p <o> }",
        "SELECT * { << <s> <p> ?o >> ?p <o> }",
        "SELECT * { SERVICE <s> { <s> ?p ?o } }",
        "SELECT * { <service> ?p ?o }",
        "SELECT * { <s> ?p ?o # } \n . ?s ?q ?r }",
        "SELECT * { <s> ?p ?o } # \r LIMIT 1",
        "SELECT * { <\\u0073> ?p ?o }",
        'SELECT * { <s> ?p "a\\"b" }',
        "CONSTRUCT { <s> ?p ?o } { <s> ?p ?o }",
        "DESCRIBE <s>",
        "INSERT DATA { <s> <p> <o> }",
        "ASK { <s> ?p ?o } ; CLEAR ALL",
        "",
        f"ASK {{ <s> ?p ?o }} # {'x' * 2000}",
    ],
)
def test_everything_else_is_no_single_pattern(query: str) -> None:
    """What could go through more than it gives is not recognised."""
    assert not is_single_pattern(query)


@pytest.mark.parametrize(
    "text", ["SELECT" + " " * 1990, "SELECT " + "?a " * 600, "SELECT ?a" + "#\n" * 900 + "{"]
)
def test_recognition_takes_no_time(text: str) -> None:
    """No text makes the recognition itself long."""
    begun = time.thread_time()
    assert not is_single_pattern(text)
    assert time.thread_time() - begun < 0.05
