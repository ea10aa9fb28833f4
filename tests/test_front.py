"""Tests of the front of the serving process, with real servers on real sockets."""

import asyncio
import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from werkzeug.http import http_date

from metropole import publish
from metropole.settings import Limits, load
from metropole.store.departure import Departure
from metropole.web.front.request_body import RequestBodies
from metropole.web.requests.problems import Problem
from processes import free_port, wait_until
from web_site import (
    Reply,
    Server,
    digits,
    fetch,
    query_path,
    read_reply,
    request_bytes,
    server_of,
    write_site,
)

LIMITS = """\
concurrent_queries = 2
request_body_seconds = 1
request_body_bytes = 100_000
cache_mebibytes = 1
serving_processes = 1
"""
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {digits(6)} FILTER(?d0 + ?d1 + ?d2 >= 0) }}"
CSV = {"Accept": "text/csv"}
LONG_AGO, FAR_OFF = "Thu, 01 Jan 2004 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"
QUERY_TYPE = {"Content-Type": "application/sparql-query"}


def files(number: int) -> dict[str, str]:
    """Give the data of the site: so many things."""
    return {"data/a.ttl": "".join(f"<id/{n}> <ns#says> {n} .\n" for n in range(number))}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a release."""
    found = write_site(tmp_path_factory.mktemp("front"), files(3), limits=LIMITS)
    publish.build(load(found))
    return found


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    """A server of the site."""
    with server_of(root) as found:
        yield found


@pytest.fixture(scope="module")
def port(root: Path) -> Iterator[int]:
    """The port of the small application of `front_app.py`, behind the front."""
    found = free_port()
    command = [sys.executable, str(Path(__file__).with_name("front_app.py")), str(root), str(found)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: listens(found))
        yield found
    finally:
        process.terminate()
        process.communicate(timeout=10)


def listens(port: int) -> bool:
    """Tell whether something answers on a port."""
    with contextlib.suppress(OSError):
        return fetch(port, "/count").status == 200
    return False


def figure(server: Server, name: str) -> float:
    """Read a figure from the metrics."""
    text = fetch(server.port, "/-/metrics").body.decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def results(server: Server, result: str) -> float:
    """Count the requests that the cache could serve, by what came of it."""
    return figure(server, f'metropole_cache_requests_total{{result="{result}"}}')


def counts(port: int) -> dict[str, int]:
    """Ask the small application what has happened."""
    found = json.loads(fetch(port, "/count").body)
    assert isinstance(found, dict)
    return found


def was_kept(reply: Reply) -> bool:
    """Tell whether an answer came from the cache."""
    return reply.headers.get("server-timing") == "cache;desc=hit"


# Answers that are kept


def test_repeated_query_is_not_run_again(server: Server) -> None:
    """The second answer is the first, from the cache, and counted as such; its id is its own."""
    path = query_path("SELECT (1 AS ?repeated) {}")
    first = fetch(server.port, path, headers=CSV)
    before = results(server, "hit"), figure(server, "metropole_query_run_seconds_count")
    responses = 'metropole_responses_total{address="sparql.sparql",status="200"}'
    answered = figure(server, responses)

    second = fetch(server.port, path, headers=CSV)

    assert (first.status, second.status) == (200, 200)
    assert not was_kept(first)
    assert was_kept(second)
    assert second.body == first.body == b"repeated\r\n1\r\n"
    own = ("request-id", "server-timing", "date")
    assert {n: v for n, v in first.headers.items() if n not in own} == {
        n: v for n, v in second.headers.items() if n not in own
    }
    assert first.headers["request-id"] != second.headers["request-id"]
    assert results(server, "hit") == before[0] + 1
    assert figure(server, "metropole_query_run_seconds_count") == before[1]
    assert figure(server, responses) == answered + 1
    assert figure(server, "metropole_cache_bytes") > len(first.body)


@pytest.mark.parametrize("path", ["/doc/1.ttl", "/doc/1.html", "/ns"])
def test_dates_count_for_what_is_kept(server: Server, path: str) -> None:
    """Whether an answer was kept by the front or not, `If-Modified-Since` gets 304."""
    modified = fetch(server.port, path).headers["last-modified"]
    for _ in range(2):
        fetch(server.port, path)
        for date, status in (
            (modified, 304),
            (FAR_OFF, 304),
            (LONG_AGO, 200),
            ("yesterday", 200),
        ):
            answer = fetch(server.port, path, headers={"If-Modified-Since": date})
            assert answer.status == status, (date, answer.headers)
            assert bool(answer.body) == (status == 200)
    since = {"If-Modified-Since": modified}
    assert fetch(server.port, path, method="HEAD", headers=since).status == 304
    other = fetch(server.port, path, headers=since | {"If-None-Match": '"x"'})
    assert other.status == 200
    assert other.headers["server-timing"] == "cache;desc=hit"


def test_dates_say_nothing_of_queries(server: Server) -> None:
    """What is kept without a date, or was sent by `POST`, is given."""
    path = query_path("SELECT (1 AS ?n) {}")
    since = {"If-Modified-Since": http_date(time.time())}
    assert {fetch(server.port, path, headers=since).status for _ in range(3)} == {200}


@pytest.mark.parametrize("path", ["/doc/1.ttl", "/doc/1.html", "/", "/ns"])
def test_pages_and_documents_are_kept(server: Server, path: str) -> None:
    """What the release alone determines is made once."""
    first = fetch(server.port, path)
    second = fetch(server.port, path)

    assert was_kept(second)
    assert (second.status, second.body) == (first.status, first.body)


@pytest.mark.parametrize("path", ["/-/ready", "/-/metrics", "/doc/none.ttl", "/id/1"])
def test_other_responses_are_not_kept(server: Server, path: str) -> None:
    """What may be different the next time, errors and redirections are made anew."""
    assert not any(was_kept(fetch(server.port, path)) for _ in range(3))


@pytest.mark.parametrize(
    ("tags", "status"),
    [("{}", 304), ('W/"other", {}', 304), ("*", 304), ('"other"', 200), ("{strong}", 304)],
)
def test_known_answer_is_304(server: Server, tags: str, status: int) -> None:
    """A client that has the answer is told so (RFC 9110, sections 13.1.2 and 15.4.5)."""
    path = query_path("SELECT (1 AS ?known) {}")
    tag = fetch(server.port, path, headers=CSV).headers["etag"]
    tags = tags.replace("{}", tag).replace("{strong}", tag.removeprefix("W/"))

    reply = fetch(server.port, path, headers={**CSV, "If-None-Match": tags})

    assert was_kept(reply)
    assert (reply.status, bool(reply.body)) == (status, status == 200)
    for name in ("etag", "vary", "cache-control", "date", "access-control-allow-origin"):
        assert name in reply.headers


@pytest.mark.parametrize(
    "path", ["/doc/2.ttl", "/doc/2", "/doc/2.html", "/ns", "/", query_path("SELECT (2 AS ?n) {}")]
)
def test_304_says_the_same_kept_or_not(server: Server, path: str) -> None:
    """A cache in between learns the same from both (RFC 9110, section 15.4.5)."""
    tag = fetch(server.port, path).headers["etag"]
    known = {"If-None-Match": tag}
    made = fetch(server.port, path, headers={**known, "Cache-Control": "no-store"})
    kept = fetch(server.port, path, headers=known)

    assert was_kept(kept)
    assert not was_kept(made)
    assert (made.status, kept.status) == (304, 304)
    for name in ("cache-control", "content-location", "etag", "vary"):
        assert kept.headers.get(name) == made.headers.get(name), name
    own = {"request-id", "server-timing", "date"}
    assert {n: made.headers.get(n) for n in kept.headers.keys() - own} == {
        n: kept.headers[n] for n in kept.headers.keys() - own
    }


def test_head_of_a_kept_answer(server: Server) -> None:
    """HEAD gets the headers that GET got, and no body."""
    path = query_path("SELECT (1 AS ?head) {}")
    got = fetch(server.port, path, headers=CSV)
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(request_bytes(path, method="HEAD", headers=CSV))
        connection.sendall(request_bytes("/-/health", headers={"Connection": "close"}))
        with connection.makefile("rb") as file:
            head = read_reply(file, has_body=False)
            assert read_reply(file).body == b'{"status":"alive"}\n'

    assert was_kept(head)
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("Accept", "text/csv", "application/sparql-results+xml"),
        ("Accept-Encoding", "gzip", "identity"),
    ],
)
def test_variants_are_told_apart(server: Server, name: str, one: str, other: str) -> None:
    """Each client gets the variant it asks for, kept or not."""
    path = query_path(f'SELECT ("{"x" * 3000}" AS ?x) {{}}')
    headers = [{**CSV, name: value} for value in (one, other)]
    first = [fetch(server.port, path, headers=each) for each in headers]
    second = [fetch(server.port, path, headers=each) for each in headers]

    assert first[0].body != first[1].body
    assert [reply.body for reply in second] == [reply.body for reply in first]
    assert all(map(was_kept, second))


@pytest.mark.parametrize("header", [("Cache-Control", "no-store"), ("Range", "bytes=0-1")])
def test_requests_that_want_no_kept_answer(server: Server, header: tuple[str, str]) -> None:
    """`no-store` and parts of answers go past the cache."""
    path = query_path(f"SELECT (1 AS ?{header[0][:5]}) {{}}")
    for _ in range(2):
        assert not was_kept(fetch(server.port, path, headers={**CSV, header[0]: header[1]}))


def test_bodies_that_are_not_queries_are_told_apart(server: Server) -> None:
    """Two queries by POST are two questions, kept or not."""
    replies = [
        fetch(
            server.port,
            "/sparql",
            method="POST",
            headers={**CSV, **QUERY_TYPE},
            body=f"SELECT ({n} AS ?n) {{}}".encode(),
        )
        for n in (1, 2, 1)
    ]

    assert [reply.body for reply in replies] == [b"n\r\n1\r\n", b"n\r\n2\r\n", b"n\r\n1\r\n"]


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_answers_to_post_are_kept_where_the_application_says_so(port: int, method: str) -> None:
    """Answers to bodies are kept by the body, and only on demand."""

    def ask(path: str, body: bytes) -> Reply:
        return fetch(port, path, method=method, headers=QUERY_TYPE, body=body)

    assert not any(was_kept(ask("/sparql", b"a")) for _ in range(2))
    first = ask("/sparql?keep", b"a")
    assert not was_kept(first)
    assert not was_kept(ask("/sparql?keep", b"b"))
    again = ask("/sparql?keep", b"a")
    assert was_kept(again)
    assert json.loads(again.body)["body"] == "a"
    assert again.body == first.body


def test_new_release_is_answered_at_once(tmp_path: Path) -> None:
    """The first request after a release is answered from it, and what was kept is forgotten."""
    root = write_site(tmp_path, files(3), limits=LIMITS)
    publish.build(load(root))
    path = query_path("SELECT (COUNT(*) AS ?n) { ?s <ns#says> ?o }")
    with server_of(root) as server:
        for _ in range(2):
            reply = fetch(server.port, path, headers=CSV)
        assert was_kept(reply)
        write_site(root, files(7), limits=LIMITS)
        new = publish.build(load(root)).release.id

        after = fetch(server.port, path, headers=CSV)
        assert (after.body, after.headers["metropole-release"]) == (b"n\r\n7\r\n", new)
        assert was_kept(fetch(server.port, path, headers=CSV))
        assert fetch(server.port, path, headers=CSV).body == b"n\r\n7\r\n"


def test_memory_of_kept_answers_is_bounded(server: Server) -> None:
    """Many long answers take no more than the setting says; the last is kept, the first is not."""
    paths = [
        query_path(f'SELECT ("{n}" AS ?n) (REPEAT AS ?x) {{}}'.replace("REPEAT", repeated(9_000)))
        for n in range(150)
    ]
    for path in paths:
        assert fetch(server.port, path, headers=CSV).status == 200
        assert 0 < figure(server, "metropole_cache_bytes") <= 1 << 20

    assert figure(server, "metropole_cache_bytes") > 900_000
    assert was_kept(fetch(server.port, paths[-1], headers=CSV))
    assert not was_kept(fetch(server.port, paths[0], headers=CSV))


def repeated(length: int) -> str:
    """Write an expression whose value is long."""
    return f'"{"x" * length}"'


# Requests that share a run


def test_equal_queries_at_once_run_once(server: Server) -> None:
    """Of ten equal heavy queries one runs, and all get its answer."""
    before = figure(server, "metropole_query_run_seconds_count"), repeats(server)
    with ThreadPoolExecutor(10) as threads:
        asks = [
            threads.submit(fetch, server.port, query_path(SLOW), headers=CSV) for _ in range(10)
        ]
        replies = [each.result() for each in asks]

    assert {(reply.status, reply.body) for reply in replies} == {(200, b"n\r\n1000000\r\n")}
    assert len({reply.headers["request-id"] for reply in replies}) == 10
    assert figure(server, "metropole_query_run_seconds_count") == before[0] + 1
    assert repeats(server) == before[1] + 9


def repeats(server: Server) -> float:
    """Count the requests that had no run of their own."""
    return results(server, "shared") + results(server, "hit")


def asks(port: int, path: str, headers: dict[str, str] | None = None) -> socket.socket:
    """Send a request and leave its answer to come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(request_bytes(path, headers=headers))
    return connection


def test_first_client_leaves_while_others_wait(port: int) -> None:
    """The run goes on for the client that waits, although the one it was begun for has left."""
    before = counts(port)
    first = asks(port, "/slow?waits")
    wait_until(lambda: grown(port, before, "slow began") == 1)
    second = asks(port, "/slow?waits")
    time.sleep(0.1)  # nothing tells that a request waits
    first.close()
    time.sleep(0.1)
    fetch(port, "/end")

    with second, second.makefile("rb") as file:
        assert read_reply(file).body == b"done"
    assert grown(port, before, "slow began") == grown(port, before, "slow done") == 1
    assert grown(port, before, "slow left") == 0


def test_all_clients_leave(port: int) -> None:
    """When the last client has left, the application is told; the next has a run of its own."""
    before = counts(port)
    clients = [asks(port, "/slow?left") for _ in range(3)]
    wait_until(lambda: grown(port, before, "slow began") == 1)
    time.sleep(0.1)
    for client in clients:
        client.close()
    wait_until(lambda: grown(port, before, "slow left") == 1)

    with asks(port, "/slow?left") as again, again.makefile("rb") as file:
        wait_until(lambda: grown(port, before, "slow began") == 2)
        fetch(port, "/end")
        assert read_reply(file).body == b"done"


def grown(port: int, before: dict[str, int], name: str) -> int:
    """Tell how often something has happened since."""
    return counts(port).get(name, 0) - before.get(name, 0)


def test_failure_that_is_shareable_is_shared(port: int) -> None:
    """An error that the application calls shareable is the answer of all who wait; none later."""
    before = counts(port)
    clients = [asks(port, "/shared") for _ in range(5)]
    wait_until(lambda: grown(port, before, "shared began") == 1)
    time.sleep(0.1)
    fetch(port, "/end")
    for client in clients:
        with client, client.makefile("rb") as file:
            assert read_reply(file).status == 503
    assert grown(port, before, "shared began") == 1

    with asks(port, "/shared"):
        wait_until(lambda: grown(port, before, "shared began") == 2)
        fetch(port, "/end")


# Requests and responses as HTTP has them


def test_unfinished_bodies_hold_up_nobody(server: Server) -> None:
    """200 clients that send half a body delay no other and are answered 408 in time."""
    head = request_bytes("/sparql", method="POST", headers={**QUERY_TYPE, "Content-Length": "100"})
    clients = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(200)]
    for client in clients:
        client.sendall(head + b"SELECT")
    begun = time.monotonic()
    assert fetch(server.port, "/-/health").status == 200
    assert fetch(server.port, query_path("ASK {}")).status == 200
    assert time.monotonic() - begun < 1

    for client in clients:
        with client, client.makefile("rb") as file:
            reply = read_reply(file)
            assert (reply.status, reply.headers["content-type"]) == (
                408,
                "application/problem+json",
            )
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("framing", "sent"),
    [
        (b"Content-Length: 100001", b""),
        (b"Transfer-Encoding: chunked", b"186A1\r\n" + b"x" * 100_001),
    ],
)
def test_too_long_body_is_413_before_it_is_whole(
    server: Server, framing: bytes, sent: bytes
) -> None:
    """A body is refused as soon as it is known to be too long."""
    head = request_bytes("/sparql", method="POST", headers=QUERY_TYPE)
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head.replace(b"Content-Length: 0", framing) + sent)
        with connection.makefile("rb") as file:
            assert read_reply(file).status == 413


def test_answer_that_fails_in_the_middle(port: int) -> None:
    """A client cannot take a cut answer for a whole one; what the answer held is closed."""
    before = counts(port)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/fails")
    with pytest.raises(http.client.IncompleteRead), connection.getresponse() as response:
        response.read()
    connection.close()

    assert grown(port, before, "fails closed") == 1


def test_slow_reader_is_not_read_ahead_for(port: int) -> None:
    """Pieces are made as the client takes them; when it leaves, no more are, and all is closed."""
    before = counts(port)
    with asks(port, "/pieces") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
        time.sleep(0.5)
        assert grown(port, before, "pieces given") <= 1500
        assert grown(port, before, "pieces closed") == 0
    wait_until(lambda: grown(port, before, "pieces closed") == 1)


def test_reader_that_takes_nothing_is_given_up(port: int) -> None:
    """A client that stays but takes nothing is cut off after a while: here two seconds."""
    before = counts(port)
    with asks(port, "/pieces") as connection:
        wait_until(lambda: grown(port, before, "pieces closed") == 1)
        with contextlib.suppress(ConnectionResetError), connection.makefile("rb") as file:
            assert not read_reply(file).is_whole


def test_client_that_leaves_is_noticed(port: int) -> None:
    """The application is told that a client has left while it works for it."""
    before = counts(port)
    with asks(port, "/slow?alone", {"Cache-Control": "no-store"}):
        wait_until(lambda: grown(port, before, "slow began") == 1)
    wait_until(lambda: grown(port, before, "slow left") == 1)


def seen(port: int, request: bytes) -> dict[str, str]:
    """Send a request and give the environment that the application saw."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as file:
            told = json.loads(read_reply(file).body)
    return {**told["environ"], "body": told["body"]}


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a/%E5%8C%97?q=%20b&c", "/a/北", "q=%20b&c"),
        (b"/a/%ff", "/a/\udcff", ""),
        (b"/a/%zz%", "/a/%zz%", ""),
        (b"/a/b%2Fc%25", "/a/b%2Fc%", ""),
        (b"//a//b", "//a//b", ""),
        (b"/a?", "/a", ""),
        (b"http://h.example/a?q", "/a", "q"),
    ],
)
def test_addresses_arrive_as_wsgi_has_them(port: int, target: bytes, path: str, query: str) -> None:
    """Paths are decoded once, byte by byte (PEP 3333); queries are left as they are."""
    environ = seen(port, b"GET " + target + b" HTTP/1.1\r\nHost: h.example\r\n\r\n")

    assert environ["PATH_INFO"].encode("latin-1") == path.encode("utf-8", "surrogateescape")
    assert (environ["QUERY_STRING"], environ["SCRIPT_NAME"]) == (query, "")


def test_headers_arrive_as_wsgi_has_them(port: int) -> None:
    """Repeated headers are joined; none can pass for another; the environment is HTTP's alone."""
    body = b"4\r\nbody\r\n0\r\n\r\n"
    lines = (
        b"POST /a HTTP/1.1",
        b"Host: h.example",
        b"X-A: 1",
        b"x-a: 2",
        b"X_Forwarded_For: 1.2.3.4",
        b"Content-Type: text/plain",
        b"Transfer-Encoding: chunked",
        b"Accept: \xe4",
    )
    environ = seen(port, b"\r\n".join(lines) + b"\r\n\r\n" + body)

    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_ACCEPT"] == "\xe4"
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "4")
    assert (environ["body"], environ["SERVER_PROTOCOL"]) == ("body", "HTTP/1.1")
    assert (environ["REMOTE_ADDR"], environ["HTTP_HOST"]) == ("127.0.0.1", "h.example")
    assert int(environ["REMOTE_PORT"]) > 0
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_CONTENT_TYPE", "PATH", "HOME"} & environ.keys()


def test_old_http(port: int) -> None:
    """HTTP/1.0 without any header is answered, and the connection ends."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.0 200 OK")
    assert b'"SERVER_PROTOCOL": "HTTP/1.0"' in answer


def test_requests_behind_each_other(server: Server) -> None:
    """Requests sent at once over one connection are answered in order, kept or not."""
    queries = [f"SELECT ({n % 3} AS ?pipelined) {{}}" for n in range(9)]
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(b"".join(request_bytes(query_path(q), headers=CSV) for q in queries))
        with connection.makefile("rb") as file:
            bodies = [read_reply(file).body for _ in queries]

    assert bodies == [b"pipelined\r\n%d\r\n" % (n % 3) for n in range(9)]


def test_idle_connections_do_no_harm(server: Server) -> None:
    """With 1,000 open connections that ask nothing, the server answers as before."""
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
        begun = time.monotonic()
        assert fetch(server.port, "/-/ready").status == 200
        assert fetch(server.port, query_path("ASK { }")).status == 200
        assert time.monotonic() - begun < 2


def test_unfinished_bodies_have_a_room() -> None:
    """Bodies that are not whole yet take a bounded memory together; it is free again afterwards."""

    async def read_two() -> list[bytes]:
        bodies = RequestBodies(Limits(request_body_bytes=60 << 20))
        more = asyncio.Event()

        def receive(pieces: list[bytes]) -> Callable[[], Awaitable[dict[str, object]]]:
            async def next_piece() -> dict[str, object]:
                if len(pieces) == 1:
                    await more.wait()
                return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)}

            return next_piece

        scope = {"headers": [(b"transfer-encoding", b"chunked")], "http_version": "1.1"}
        one = asyncio.ensure_future(bodies.read(scope, receive([b"", bytes(40 << 20)])))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await bodies.read(scope, receive([b"", bytes(40 << 20)]))
        assert (refused.value.status, "Retry-After" in refused.value.headers) == (503, True)
        more.set()
        return [await one, await bodies.read(scope, receive([bytes(40 << 20)]))]

    whole = asyncio.run(read_two())

    assert list(map(len, whole)) == [40 << 20, 40 << 20]


# A departure by itself


def test_departure_is_told_once() -> None:
    """Callbacks are called once, also when the client has left before; not after unsubscribing."""
    gone = Departure()
    told: list[str] = []
    gone.subscribe(lambda: told.append("one"))
    gone.subscribe(lambda: told.append("two"))()
    assert not gone.is_set()

    gone.signal()
    gone.signal()
    gone.subscribe(lambda: told.append("late"))()

    assert gone.is_set()
    assert told == ["one", "late"]


def test_departure_from_many_threads() -> None:
    """However subscribing and leaving meet, each callback is called exactly once."""
    for _ in range(50):
        gone = Departure()
        told: list[int] = []
        callbacks = [partial(told.append, n) for n in range(8)]
        threads = [threading.Thread(target=gone.subscribe, args=(each,)) for each in callbacks]
        for thread in (*threads, leaving := threading.Thread(target=gone.signal)):
            thread.start()
        for thread in (*threads, leaving):
            thread.join()
        assert sorted(told) == list(range(8))


# Headers without measure


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "Accept-Encoding"])
@pytest.mark.parametrize("path", ["/doc/1.ttl?long", "/doc/2", query_path("SELECT (3 AS ?n) {}")])
def test_long_wishes_are_refused(server: Server, path: str, name: str) -> None:
    """A header that would take long to read is 431, at once; one of usual length is read."""
    began = time.monotonic()
    for length in (4_097, 400_000):
        wishes = ",".join(f"a/{n}" for n in range(length))[:length]
        answer = fetch(server.port, path, headers={name: wishes})
        assert answer.status == 431
        assert json.loads(answer.body)["detail"] == f"{name} may have 4096 bytes."
        assert answer.headers["request-id"]
    assert time.monotonic() - began < 1
    anything = ",*/*;q=0.1"
    wishes = ",".join(f"a/{n}" for n in range(4_096))[: 4_096 - len(anything)] + anything
    assert fetch(server.port, path, headers={name: wishes}).status in (200, 303)


def test_long_wishes_with_a_body_are_refused(server: Server) -> None:
    """The body is not read, so the connection ends."""
    headers = {"Accept": "a/b," * 2_000, **QUERY_TYPE}
    answer = fetch(server.port, "/sparql", method="POST", headers=headers, body=b"ASK {}")
    assert answer.status == 431


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 100\r\n\r\nASK {",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nAS",
        b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nASK {}\r\n0\r\n\r\n",
    ],
)
def test_a_broken_body_is_told(server: Server, rest: bytes) -> None:
    """Who closes the writing side too early, or frames a body wrong, is told so with an id."""
    head = b"POST /sparql HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/sparql-query\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head + rest)
        connection.shutdown(socket.SHUT_WR)
        answer = read_reply(connection.makefile("rb"))
    assert answer.status == 400
    assert json.loads(answer.body)["request_id"] == answer.headers["request-id"]


def raw(server: Server, request: bytes) -> Reply:
    """Send bytes as they are, and read the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as file:
            return read_reply(file)


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"Host:\r\n",
        b"Host: a.example\r\nHost: a.example\r\n",
        b"Host: a.example\r\nAccept: */*\r\nHost: b.example\r\n",
        b"Host: a.example/b\r\n",
        b"Host: a b\r\n",
        b"Host: a.example:http\r\n",
        b"Host: %zz\r\n",
    ],
)
@pytest.mark.parametrize("path", [b"/doc/1.ttl", b"/sparql?query=ASK%7B%7D", b"/nothing"])
def test_request_without_a_clear_host_is_refused(
    server: Server, path: bytes, fields: bytes
) -> None:
    """RFC 9112, section 3.2, demands 400, also where an answer is kept, and a body is not read."""
    kept = b"GET " + path + b" HTTP/1.1\r\nHost: a.example\r\n\r\n"
    assert {raw(server, kept).status for _ in range(2)} != {400}

    for start in (b"GET " + path, b"HEAD " + path, b"POST /sparql"):
        answer = raw(server, start + b" HTTP/1.1\r\n" + fields + b"\r\n")
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert start.startswith(b"HEAD") or b"Host" in answer.body


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (b"1.0", b""),
        (b"1.0", b"Host:\r\n"),
        (b"1.1", b"Host: [2001:db8::1]:80\r\n"),
        (b"1.1", b"Host: xn--a_b.example:\r\n"),
    ],
)
def test_request_with_any_host_that_can_be_is_answered(
    server: Server, version: bytes, fields: bytes
) -> None:
    """HTTP/1.0 has no Host, and which host it is makes no difference: canonical IRIs are told."""
    answer = raw(server, b"GET /doc/1.ttl HTTP/" + version + b"\r\n" + fields + b"\r\n")

    assert answer.status == 200
