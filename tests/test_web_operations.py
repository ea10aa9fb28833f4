"""Tests of what keeps the service fair and visible: QUERY, graphs, budgets, logs, codings."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pyoxigraph as ox
import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient

from metropole.errors import SettingsError
from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.settings import load
from metropole.sparql.functions import GEO_FUNCTIONS
from metropole.web import create_app
from metropole.web.requests.clients import client_of as client_behind
from metropole.web.serving.budget import WINDOW_SECONDS, Budget, Tab
from web_site import (
    BASE,
    built,
    client_of,
    graph_by_oxigraph,
    hard_files,
    is_same_graph,
    query_path,
    write_site,
)

OWN = f"{BASE}id/graph/own"
ASK = "ASK {}"
LONG = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
QUERY = "application/sparql-query"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site that keeps a query log."""
    folder = tmp_path_factory.mktemp("watched")
    return write_site(folder, hard_files(), more='query_log = "queries.log"')


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of that site."""
    with client_of(root) as found:
        yield found


# The method QUERY (RFC 10008).


def test_query_method_answers_like_direct_post(client: FlaskClient) -> None:
    """QUERY takes what POST takes and gives the same answer, with a validator."""
    posted = client.post("/sparql", data=LONG, content_type=QUERY)
    queried = client.open("/sparql", method="QUERY", data=LONG, content_type=QUERY)

    assert (queried.status_code, queried.data) == (200, posted.data)
    assert queried.headers["Accept-Query"].startswith(QUERY)
    assert "ETag" not in posted.headers
    again = client.open(
        "/sparql",
        method="QUERY",
        data=LONG,
        content_type=QUERY,
        headers={"If-None-Match": queried.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(("content_type", "status"), [("", 415), ("text/plain", 415)])
def test_query_method_needs_a_content_type(
    client: FlaskClient, content_type: str, status: int
) -> None:
    """A body of no or another type is 415."""
    answer = client.open("/sparql", method="QUERY", data=ASK, content_type=content_type)

    assert answer.status_code == status


def test_answer_is_known_until_the_release_changes(client: FlaskClient) -> None:
    """The same GET is 304; another query, format or a volatile query is not."""
    first = client.get(query_path(LONG))
    known = {"If-None-Match": first.headers["ETag"]}

    assert client.get(query_path(LONG), headers=known).status_code == 304
    assert client.get(query_path(ASK), headers=known).status_code == 200
    assert client.get(query_path(LONG), headers={**known, "Accept": "text/csv"}).status_code == 200
    for volatile in ("NOW()", "RAND()", "STRUUID()", "N\\u004FW()"):
        text = f"SELECT ({volatile} AS ?x) {{}}"
        assert "ETag" not in client.get(query_path(text)).headers


def test_every_address_names_its_methods(client: FlaskClient) -> None:
    """A method that an address has not is 405 with Allow, and OPTIONS says the same."""
    app: Flask = client.application
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = path.replace("<path:", "<").replace("<", "").replace(">", "")
        refused = client.open(path, method="PATCH")
        told = client.open(path, method="OPTIONS")
        assert refused.status_code == 405, path
        assert set(refused.headers["Allow"].split(", ")) == set(told.headers["Allow"].split(", "))


@pytest.mark.parametrize("iri", GEO_FUNCTIONS)
def test_described_functions_exist(iri: str) -> None:
    """Each function of the description is one that Oxigraph runs."""
    assert list(ox.Store().query(f"SELECT (<{iri}>(1) AS ?x) {{}}"))  # type: ignore[arg-type]


def test_description_counts_what_queries_count(client: FlaskClient) -> None:
    """VoID counts of properties and classes are those that a query gives."""
    described = graph_by_oxigraph(
        client.get("/sparql", headers={"Accept": "text/turtle"}).data, ox.RdfFormat.TURTLE
    )
    for kind, counted, query in (
        ("property", "triples", "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x"),
        ("class", "entities", "SELECT ?x (COUNT(*) AS ?n) { ?s a ?x } GROUP BY ?x"),
    ):
        void = (
            f"PREFIX v: <http://rdfs.org/ns/void#> SELECT * {{ ?p v:{kind} ?x ; v:{counted} ?n }}"
        )
        told = {str(row.x): int(row.n) for row in described.query(void)}  # type: ignore[union-attr]
        rows = client.get(query_path(query)).get_json()["results"]["bindings"]
        assert told == {row["x"]["value"]: int(row["n"]["value"]) for row in rows}


# The Graph Store Protocol, reading.


@pytest.mark.parametrize("syntax", GRAPH_FORMATS[:3], ids=lambda syntax: syntax.extension)
def test_named_graph_in_every_format(client: FlaskClient, syntax: GraphFormat) -> None:
    """A graph is what a query finds in it; HEAD says the same; a known one is 304."""
    accept = {"Accept": syntax.media_type}
    found = client.get("/data", query_string={"graph": OWN}, headers=accept)
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{OWN}> {{ ?s ?p ?o }} }}"

    assert found.headers["Content-Type"] == syntax.content_type
    asked = client.get(query_path(text), headers=accept)
    assert is_same_graph(
        graph_by_oxigraph(found.data, syntax.syntax), graph_by_oxigraph(asked.data, syntax.syntax)
    )
    head = client.head("/data", query_string={"graph": OWN}, headers=accept)
    assert head.headers["ETag"] == found.headers["ETag"]
    known = {**accept, "If-None-Match": found.headers["ETag"]}
    assert client.get("/data", query_string={"graph": OWN}, headers=known).status_code == 304


def test_default_graph_is_whole(client: FlaskClient) -> None:
    """?default is the union, each triple once."""
    lines = client.get("/data?default", headers={"Accept": "application/n-triples"}).data

    assert len(set(lines.splitlines())) == client.get("/-/ready").get_json()["triples"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data", 400),
        (f"/data?default&graph={OWN}", 400),
        (f"/data?graph={OWN}&graph={OWN}", 400),
        ("/data?graph=urn:none", 404),
        ("/data?graph=not%20an%20iri", 400),
        ("/data?graph=places", 400),
    ],
)
def test_unclear_and_unknown_graphs(client: FlaskClient, path: str, status: int) -> None:
    """None, two or an unknown graph is an error, also for HEAD."""
    assert client.get(path).status_code == client.head(path).status_code == status


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graphs_are_not_written(client: FlaskClient, method: str) -> None:
    """Writing methods are 405, with those there are."""
    answer = client.open("/data?default", method=method)

    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


# The budget of a client.


def test_budget_is_of_the_last_minute() -> None:
    """What was used is forgotten a minute later, and the wait tells when, neither more nor less."""
    now = [100.0]
    budget = Budget(10, clock=lambda: now[0])
    budget.spend("a", 6)
    assert budget.wait("a") == 0
    now[0] += 20
    budget.spend("a", 5)
    assert budget.wait("a") == WINDOW_SECONDS + 1 - 20
    assert budget.wait("b") == 0
    now[0] = 100 + WINDOW_SECONDS + 0.5
    assert budget.wait("a") == 1
    now[0] += 0.5
    assert budget.wait("a") == 0


def test_budget_is_used_up_exactly() -> None:
    """Who has used all that is allowed waits, and until enough of it is old enough."""
    now = [100.9]
    budget = Budget(10, clock=lambda: now[0])
    budget.spend("a", 9.5)
    assert budget.wait("a") == 0
    now[0] = 110.0
    budget.spend("a", 0.5)
    assert budget.wait("a") == 51  # the second 100 is over a minute ago at 161
    now[0] = 120.0
    budget.spend("a", 9.5)
    assert budget.wait("a") == 51
    # What is left once the first part is forgotten is still all that is allowed.
    now[0] = 161.0
    assert budget.wait("a") == 10
    now[0] = 171.0
    assert budget.wait("a") == 0


def test_budget_has_bounded_memory() -> None:
    """The clients that were quiet longest are forgotten first; 0 seconds is no limit."""
    now = [0.0]
    budget = Budget(1, clients=2, clock=lambda: now[0])
    for client in ("a", "b", "a", "c"):
        budget.spend(client, 5)

    assert [budget.wait(client) > 0 for client in ("a", "b", "c")] == [True, False, True]
    for second in range(3):
        now[0] = 200 + second
        for _ in range(100):
            budget.spend("a", 0.003)
    assert [count for _, count in budget._used["a"]] == [pytest.approx(0.3)] * 3
    assert budget.wait("a") == 0
    budget.spend("a", 0.1)
    assert budget.wait("a") == WINDOW_SECONDS + 1 - 2
    free = Budget(0)
    free.spend("a", 1000)
    assert (free.wait("a"), len(free._used)) == (0, 0)


def test_tab_is_told_once_and_waits_as_it_was_told() -> None:
    """A process beside the desk sums up what was used, and knows who has to wait how long."""
    now = [100.0]
    tab = Tab(clients=2, clock=lambda: now[0])
    told: list[dict[str, float]] = []
    tab.on_use = lambda: told.append(dict(tab._used))
    for client, seconds in (("a", 0.5), ("b", 1.0), ("a", 0.25)):
        tab.spend(client, seconds)
    assert told == [{"a": 0.5}]
    assert tab.settle() == {"a": 0.75, "b": 1.0}
    assert tab.settle() == {}
    tab.spend("a", 2)
    assert told == [{"a": 0.5}, {"a": 2.0}]

    tab.let_wait({"a": 10, "b": 20})
    now[0] = 109.5
    assert [tab.wait(client) for client in "abc"] == [1, 11, 0]
    now[0] = 115.0
    assert [tab.wait(client) for client in "abc"] == [0, 5, 0]
    tab.let_wait({"a": 30})
    tab.let_wait({"c": 40})
    assert [tab.wait(client) for client in "abc"] == [30, 0, 40]


def test_client_over_its_budget_is_429(tmp_path: Path) -> None:
    """After a second of query time a client gets 429 with Retry-After; another one does not."""
    site = write_site(
        tmp_path,
        hard_files(),
        limits="client_seconds_per_minute = 1",
        more='trusted_proxies = ["127.0.0.1"]',
    )
    heavy = query_path("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout="1.5")
    with client_of(site) as client:
        one, two = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        assert client.get(heavy, headers=one).status_code == 503
        refused = client.get(query_path(ASK), headers=one)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= WINDOW_SECONDS + 1
        assert client.get(query_path(ASK), headers=two).status_code == 200


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2::5", "", "2001:db8:1:2::/64"),
    ],
)
def test_only_trusted_proxies_are_believed(remote: str, forwarded: str, client: str) -> None:
    """X-Forwarded-For counts from the right and only as far as trusted proxies wrote it."""
    assert client_behind(remote, forwarded, ["10.0.0.0/8"]) == client


def test_wrong_proxy_is_told(tmp_path: Path) -> None:
    """A proxy that is no address stops the program."""
    write_site(tmp_path, {}, more='trusted_proxies = ["my-proxy"]')

    with pytest.raises(SettingsError, match="my-proxy"):
        load(tmp_path)


# Said to the operator.


def test_request_id_is_ours(client: FlaskClient) -> None:
    """Each response has its own id, a problem says it, and none comes from outside."""
    first = client.get("/-/health", headers={"Request-Id": "evil"}).headers["Request-Id"]
    failed = client.get("/sparql?query=SELEC")

    assert first not in ("evil", client.get("/-/health").headers["Request-Id"])
    assert failed.get_json()["request_id"] == failed.headers["Request-Id"]
    in_text = client.get("/sparql?query=SELEC", headers={"Accept": "text/plain"})
    assert in_text.headers["Request-Id"] in in_text.text


def test_query_is_logged_without_text_and_address(client: FlaskClient, root: Path) -> None:
    """A query, good or bad, is one line of JSON that betrays nobody."""
    good = client.get(query_path("SELECT ('secret' AS ?x) {}"))
    bad = client.get("/sparql?query=SELEC+secret")
    lines = [json.loads(line) for line in (root / "queries.log").read_text().splitlines()]
    by_id = {line["request"]: line for line in lines}

    told = by_id[good.headers["Request-Id"]]
    assert (told["outcome"], told["form"], told["bytes"]) == ("ok", "rows", len(good.data))
    assert by_id[bad.headers["Request-Id"]]["outcome"] == "syntax"
    text = (root / "queries.log").read_text()
    assert "secret" not in text
    assert "127.0.0.1" not in text
    assert "run;dur=" in good.headers["Server-Timing"]


def test_metrics_count(tmp_path: Path) -> None:
    """The figures follow what happens, each application has its own."""
    serving = built(write_site(tmp_path, hard_files()))
    try:
        client = create_app(serving).test_client()
        client.get(query_path(ASK))
        client.get("/no-such-page")
        text = client.get("/-/metrics").text
    finally:
        serving.pool.close()

    assert 'metropole_queries_total{outcome="ok"} 1.0' in text
    assert 'metropole_responses_total{address="none",status="404"} 1.0' in text
    assert "metropole_query_run_seconds_count 1.0" in text


# Content codings.

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    # The streaming form: a body made piece by piece does not tell its size at the beginning.
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}


@pytest.mark.parametrize("name", ["lists.sqlite", "search.sqlite", "dumps/dataset.nq", "store"])
def test_lost_file_is_told(client: FlaskClient, root: Path, name: str) -> None:
    """While something is lost that answers are read from, the server is not ready."""
    path, aside = root / "current" / name, root / "aside"
    path.rename(aside)
    told = client.get("/-/ready")
    aside.rename(path)

    assert (told.status_code, told.json["status"]) == (503, "damaged")  # type: ignore[index]
    assert name in told.json["problem"]  # type: ignore[index]
    assert client.get("/-/ready").json["status"] == "ready"  # type: ignore[index]


@pytest.mark.parametrize("coding", UNPACK)
def test_long_text_is_compressed(client: FlaskClient, coding: str) -> None:
    """The same bytes arrive, under another ETag; a short answer stays as it is."""
    accepting = {"Accept-Encoding": coding}
    for path in (query_path(LONG), "/doc/popular.ttl", "/data?default"):
        plain, packed = client.get(path), client.get(path, headers=accepting)
        assert packed.headers["Content-Encoding"] == coding
        assert UNPACK[coding](packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]
        known = {**accepting, "If-None-Match": packed.headers["ETag"]}
        assert client.get(path, headers=known).status_code == 304
        assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in client.get(query_path(ASK), headers=accepting).headers


@pytest.mark.parametrize("coding", UNPACK)
def test_very_long_text_is_compressed_as_it_is_sent(client: FlaskClient, coding: str) -> None:
    """An answer of some megabytes has no length and arrives whole."""
    query = "SELECT * { ?a <ns#near> ?b . VALUES ?x { 1 2 3 4 5 6 7 8 9 } ?c <ns#says> ?d }"
    plain = client.get(query_path(query))
    packed = client.get(query_path(query), headers={"Accept-Encoding": coding})

    assert len(plain.data) > 1 << 20
    assert "Content-Length" not in packed.headers
    assert UNPACK[coding](packed.data) == plain.data
    for answer in (plain, packed):
        answer.close()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("x-gzip", "gzip"),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
    ],
)
def test_best_of_the_accepted_codings(client: FlaskClient, accepted: str, coding: str) -> None:
    """What the client likes best is sent, and among equals what packs best."""
    answer = client.get(query_path(LONG), headers={"Accept-Encoding": accepted})

    assert answer.headers["Content-Encoding"] == coding


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity, gzip;q=0.5", "deflate", "*;q=0", ""])
def test_client_that_wants_no_coding(client: FlaskClient, accepted: str) -> None:
    """A coding is used only where it is accepted, and no less gladly than plain text."""
    answer = client.get(query_path(LONG), headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.get_json()["results"]["bindings"]
