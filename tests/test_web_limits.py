"""Tests of a real server on a real socket: limits, long answers, and clients that go away."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from urllib.parse import quote

import pytest

from greedy import BRIEF, beside, greedy
from metropole import publish
from metropole.settings import load
from metropole.web import create_app
from processes import free_port, is_alive, wait_until
from web_site import (
    Reply,
    Server,
    built,
    digits,
    fetch,
    query_path,
    read_reply,
    request_bytes,
    server_of,
    write_site,
)

SMALL = "SELECT (1 + 1 AS ?two) {}"
ENDLESS = f"""SELECT (COUNT(*) AS ?n) {{ {digits(9)}
    FILTER(?d0 + ?d1 + ?d2 + ?d3 + ?d4 + ?d5 + ?d6 + ?d7 + ?d8 = 100) }}"""
LONG = f"SELECT * {{ {digits(5)} }} ORDER BY ?d0 ?d1 ?d2 ?d3 ?d4"
#: Some 35 MB: more than the buffers of a connection hold.
LONGEST = f'SELECT ?d0 ("{"x" * 300}" AS ?x) {{ {digits(5)} }}'
LIMITS = """\
query_timeout_seconds = 12
query_memory_mebibytes = 300
concurrent_queries = 2
queued_queries = 2
request_body_bytes = 100_000
client_seconds_per_minute = 0
"""
CSV = {"Accept": "text/csv"}
#: Workers for queries, as the limits say, and with those for lookups.
RUNNING, WORKERS = 2, 6


def files(number: int = 300) -> dict[str, str]:
    """Give the data of the site."""
    return {"data/a.ttl": "".join(f"<id/{n}> <ns#says> {n} .\n" for n in range(number))}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a release."""
    found = write_site(tmp_path_factory.mktemp("limits"), files(), limits=LIMITS)
    publish.build(load(found))
    return found


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    """A server of the site, used by all tests that leave it as it was."""
    with server_of(root) as found:
        yield found


@pytest.fixture(autouse=True)
def _still_serves(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, the server answers afterwards, with all its workers and no file."""
    yield
    if "server" in request.fixturenames:
        found: Server = request.getfixturevalue("server")
        wait_until(lambda: ask(found, SMALL).status == 200)
        wait_until(lambda: len(found.query_workers()) == WORKERS)
        wait_until(lambda: bodies_on_disk(found) == 0)


def ask(server: Server, query: str, **parameters: str) -> Reply:
    """Ask a query over a connection of its own."""
    return fetch(server.port, query_path(query, **parameters), headers=CSV)


def bodies_on_disk(server: Server) -> int:
    """Count the nameless files the server holds open: the long bodies that are not sent yet."""
    count = 0
    for pid in server.descendants():
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = os.readlink(descriptor)
            except OSError:
                continue
            count += target.endswith("(deleted)") and "/dev/" not in target
    return count


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_long_answer_is_whole(server: Server, method: str) -> None:
    """100,000 rows come complete and in order."""
    reply = fetch(server.port, query_path(LONG), method=method, headers=CSV)
    rows = [",".join(f"{number:05}") for number in range(100_000)]
    text = "\r\n".join(["d0,d1,d2,d3,d4", *rows, ""])

    assert (reply.status, reply.is_whole) == (200, True)
    # While it is being made nobody knows how long it becomes.
    is_streamed = reply.headers.get("transfer-encoding") == "chunked"
    assert is_streamed or int(reply.headers["content-length"]) == len(text)
    assert reply.body.decode() == (text if method == "GET" else "")


def test_two_long_answers_at_once(server: Server) -> None:
    """Two clients get their long answers side by side, each its own."""
    with ThreadPoolExecutor(2) as threads:
        queries = [LONGEST.replace("x" * 300, sign * 300) for sign in "ab"]
        replies = list(threads.map(lambda query: ask(server, query), queries))

    for reply, sign in zip(replies, b"ab", strict=True):
        assert (reply.status, reply.is_whole) == (200, True)
        assert reply.body.count(sign) == 30_000_000


def test_small_queries_in_parallel(server: Server) -> None:
    """Twenty clients at once get their own answer or are asked to come again; none hangs."""
    with ThreadPoolExecutor(20) as threads:
        queries = [f"SELECT ({number} AS ?n) {{}}" for number in range(20)]
        replies = list(threads.map(lambda query: ask(server, query), queries))

    answered = {n for n, reply in enumerate(replies) if reply.status == 200}
    assert answered
    for number, reply in enumerate(replies):
        if number in answered:
            assert reply.body == f"n\r\n{number}\r\n".encode()
        else:
            assert (reply.status, reply.headers["retry-after"]) == (503, "5")


def test_timeout_is_503(server: Server) -> None:
    """A stopped query is an error that says so, at the time the client asked for."""
    begun = time.monotonic()
    reply = ask(server, ENDLESS, timeout="0.5")

    assert (reply.status, reply.is_whole) == (503, True)
    assert b"0.5 seconds" in reply.body
    assert time.monotonic() - begun < 3


def test_rows_cut_by_the_deadline_are_never_whole(server: Server) -> None:
    """A query that has sent megabytes of rows when its time is over ends its connection."""
    rows = f'SELECT ?d0 ("{"x" * 300}" AS ?x) {{ {digits(9)} }}'
    reply = ask(server, rows, timeout="2")

    assert (reply.status, reply.is_whole) == (200, False)


def test_http_1_0_gets_no_half_answer(server: Server) -> None:
    """Who would take the end of the connection for the end of the answer gets 503 instead."""
    request = request_bytes(query_path(f"SELECT * {{ {digits(9)} }}", timeout="2"), headers=CSV)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request.replace(b"HTTP/1.1", b"HTTP/1.0"))
        with connection.makefile("rb") as file:
            reply = read_reply(file)

    assert reply.status == 503
    assert b"2 seconds" in reply.body


def test_requests_in_one_piece_are_answered_in_order(server: Server) -> None:
    """A client that sends requests without waiting gets each answer, whole and in its order."""
    queries = [f"SELECT ({number} AS ?n) {{}}" for number in range(5)]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"".join(request_bytes(query_path(q), headers=CSV) for q in queries))
        with connection.makefile("rb") as file:
            bodies = [read_reply(file).body for _ in queries]

    assert bodies == [f"n\r\n{number}\r\n".encode() for number in range(5)]


def test_memory_is_503(server: Server) -> None:
    """A query that needs too much memory is an error that names the limit."""
    reply = ask(server, f'SELECT (GROUP_CONCAT("{"x" * 200}") AS ?all) {{ {digits(7)} }}')

    assert reply.status == 503
    assert b"300 MiB" in reply.body


def test_full_queue_is_503_with_retry_after(server: Server) -> None:
    """With all workers busy and the queue full the answer is 'come again', at once.

    Those that come later are tried first, one after the other, so it takes some half seconds.
    """
    with ThreadPoolExecutor(5) as threads:
        # Equal ones would share one turn.
        endless = [f"{ENDLESS} # {number}" for number in range(RUNNING)]
        running = [threads.submit(ask, server, query, timeout="8") for query in endless]
        wait_until(lambda: sum(map(is_at_work, server.query_workers())) == RUNNING)
        later = [
            threads.submit(ask, server, f"{ENDLESS} # later {number}", timeout="9")
            for number in range(3)
        ]
        first, *_ = wait(later, return_when=FIRST_COMPLETED).done
        assert is_busy(first.result())
        assert not any(each.done() for each in running)
        replies = [each.result() for each in later]
        refused = [reply for reply in replies if is_busy(reply)]

        assert [b"8 seconds" in each.result().body for each in running] == [True, True]
    assert len(refused) == 1
    assert refused[0].headers["retry-after"] == "5"
    told = [b"9 seconds" in reply.body for reply in replies if reply not in refused]
    assert told == [True, True]


def test_greedy_client_keeps_nobody_waiting(server: Server) -> None:
    """Beside a client with more endless queries than there is room for, others are answered."""
    with greedy(server.port, times=8, endless=(ENDLESS,)) as found:
        wait_until(lambda: found[503])
        waits = beside(server.port, BRIEF, ("127.0.0.3", "127.0.0.4"), seconds=2)

    assert not waits.refused
    assert len(waits.seconds) >= 4
    assert found.keys() == {503}


def is_busy(reply: Reply) -> bool:
    """Tell whether a query was turned away because of others."""
    return reply.status == 503 and b"Too many queries" in reply.body


def test_health_and_documents_do_not_wait_for_queries(server: Server) -> None:
    """With every worker busy, health, readiness and documents answer at once."""
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(ask, server, ENDLESS, timeout="3") for _ in range(2)]
        begun = time.monotonic()
        statuses = [
            fetch(server.port, path).status
            for path in ("/-/health", "/-/ready", "/-/limits", "/doc/1.ttl", "/doc/1.html")
        ]
        assert time.monotonic() - begun < 2
        assert not any(each.done() for each in running)

    assert statuses == [200] * 5


def test_client_that_leaves_in_the_middle(server: Server) -> None:
    """A client that goes away in the middle of a long answer leaves nothing behind."""
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            connection.sendall(request_bytes(query_path(LONGEST), headers=CSV))
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")

    wait_until(lambda: bodies_on_disk(server) == 0)


def test_answer_given_up_makes_room(root: Path) -> None:
    """The room of a long answer is free again when its response is closed, read or not."""
    serving = built(root)
    client = create_app(serving).test_client()
    response = client.get(query_path(LONG), headers=CSV)
    room = serving.pool._room
    assert response.status_code == 200
    size = serving.settings.limits.answers_mebibytes << 20
    assert not room.take(size)
    response.close()
    serving.pool.close()

    wait_until(lambda: room.take(size))


def test_client_that_does_not_read_holds_no_worker(server: Server) -> None:
    """More clients than workers stop reading; queries are answered all the same."""
    stalled = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(3)]
    for connection in stalled:
        connection.sendall(request_bytes(query_path(LONGEST), headers=CSV))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
    assert bodies_on_disk(server) == 3

    assert ask(server, SMALL).body == b"two\r\n2\r\n"

    reply = read_rest(stalled.pop())  # slow is not lost
    assert reply.count(b"\r\n") > 99_000
    for connection in stalled:
        connection.close()


def read_rest(connection: socket.socket) -> bytes:
    """Read on until nothing has come for a while."""
    connection.settimeout(2)
    pieces = []
    with connection:
        try:
            while piece := connection.recv(1 << 20):
                pieces.append(piece)
        except TimeoutError:
            pass
    return b"".join(pieces)


def test_client_that_leaves_before_the_answer(server: Server) -> None:
    """The queries of clients that give up waiting are stopped, long before their deadline."""
    for number in range(2):
        path = query_path(f"{ENDLESS} # {number}", timeout="12")
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            connection.sendall(request_bytes(path, headers=CSV))
            # A worker that is new because of the client before may still be starting.
            wait_until(lambda: any(map(is_at_work, server.query_workers())))

    begun = time.monotonic()
    wait_until(lambda: ask(server, SMALL).status == 200, seconds=8)
    assert time.monotonic() - begun < 6


def test_body_over_the_limit_is_413(server: Server) -> None:
    """A request body over the limit is refused, told by its length or found out on the way."""
    headers = {"Content-Type": "application/sparql-query"}
    query = b"ASK {} #" + b"x" * 200_000
    in_form = {"Content-Type": "application/x-www-form-urlencoded"}

    by_length = fetch(server.port, "/sparql", method="POST", headers=headers, body=query)
    form = b"query=" + quote(query).encode()
    by_form = fetch(server.port, "/sparql", method="POST", headers=in_form, body=form)
    without_length = [chunked(server, headers, query), chunked(server, in_form, form)]

    assert [reply.status for reply in (by_length, by_form, *without_length)] == [413] * 4


def chunked(server: Server, headers: dict[str, str], body: bytes) -> Reply:
    """Post a body in one chunk, its length not told before."""
    head = request_bytes("/sparql", method="POST", headers=headers)
    head = head.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head + b"%X\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        with connection.makefile("rb") as file:
            return read_reply(file)


def test_body_without_a_length_is_answered(server: Server) -> None:
    """A query sent in chunks is answered whole when it is short enough."""
    reply = chunked(server, {"Content-Type": "application/sparql-query", **CSV}, SMALL.encode())

    assert (reply.status, reply.body) == (200, b"two\r\n2\r\n")


def test_body_below_the_limit_is_answered(server: Server) -> None:
    """A query as long as the limit allows is answered."""
    headers = {"Content-Type": "application/sparql-query", **CSV}
    query = f"{SMALL} #{'x' * 99_000}".encode()

    reply = fetch(server.port, "/sparql", method="POST", headers=headers, body=query)

    assert reply.body == b"two\r\n2\r\n"


@pytest.mark.parametrize(
    "path",
    ["/sparql?query=" + "x" * 1_000_000, "/id/" + "%41" * 30_000, "/doc/\\..\\x", "/%", "/id/%zz"],
)
def test_odd_request_lines_are_the_clients_fault(server: Server, path: str) -> None:
    """A request line too long or badly written gets 4xx or an ended connection, never 5xx."""
    try:
        status = fetch(server.port, path).status
    except (OSError, IndexError):
        return
    assert 400 <= status < 500


def test_deep_nesting_over_http(server: Server) -> None:
    """A query of a hundred thousand brackets is an error of the client."""
    headers = {"Content-Type": "application/sparql-query"}
    query = b"SELECT (" + b"(" * 49_000 + b"1" + b")" * 49_000 + b" AS ?x) {}"

    reply = fetch(server.port, "/sparql", method="POST", headers=headers, body=query)

    assert reply.status == 400


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <{}> { ?s ?p ?o } }",
        "SELECT * { # \r SERVICE <{}> { ?s ?p ?o }\n}",
        'SELECT * { FILTER("\\u0022" != "x") SERVICE SILENT <{}> { ?s ?p ?o } FILTER(1) }',
        "SELECT * FROM <{}> { ?s ?p ?o }",
        "LOAD <{}>",
    ],
)
def test_nothing_reaches_the_network(server: Server, query: str) -> None:
    """A listener on this machine hears nothing of any query."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        reply = ask(server, query.replace("{}", address))
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert reply.status == (200 if "FROM" in query else 400)


def test_release_switch_under_way(tmp_path: Path) -> None:
    """A new release is served at once; a query that had begun is answered from the old one."""
    root = write_site(tmp_path, files(), limits=LIMITS)
    old = publish.build(load(root)).release.id
    slow = (
        f"SELECT (COUNT(*) AS ?n) {{ ?s <ns#says> ?v . {digits(4)} FILTER(?v + ?d0 + ?d1 >= 0) }}"
    )
    with server_of(root) as server, ThreadPoolExecutor(1) as threads:
        running = threads.submit(ask, server, slow)
        wait_until(lambda: any(is_at_work(pid) for pid in server.query_workers()))
        write_site(root, files(7), limits=LIMITS)
        new = publish.build(load(root)).release.id
        counted = ask(server, "SELECT (COUNT(*) AS ?n) { ?s <ns#says> ?o }")
        finished = running.result()

        assert (counted.headers["metropole-release"], counted.body) == (new, b"n\r\n7\r\n")
        assert (finished.headers["metropole-release"], finished.body) == (old, b"n\r\n3000000\r\n")
        assert fetch(server.port, "/doc/200.ttl").status == 410


def is_at_work(pid: int) -> bool:
    """Tell whether a process is on the processor or waits for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"
    except OSError:
        return False


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_server_ends_with_all_its_processes(root: Path, sent: signal.Signals) -> None:
    """Told to end, the server ends within seconds though a query runs, and nothing is left."""
    with server_of(root) as server, ThreadPoolExecutor(1) as threads:
        threads.submit(fetch_or_nothing, server)
        wait_until(lambda: any(is_at_work(pid) for pid in server.query_workers()))
        processes = [server.process.pid, *server.descendants()]
        server.process.send_signal(sent)

        wait_until(lambda: not any(is_alive(pid) for pid in processes), seconds=15)


def fetch_or_nothing(server: Server) -> None:
    """Ask what the server may end before it answers."""
    with contextlib.suppress(OSError, IndexError):
        ask(server, ENDLESS, timeout="3")


def test_killed_server_leaves_no_process(root: Path) -> None:
    """When the process that serves is killed, its queries end with it."""
    with server_of(root) as server, ThreadPoolExecutor(1) as threads:
        threads.submit(fetch_or_nothing, server)
        wait_until(lambda: any(is_at_work(pid) for pid in server.query_workers()))
        workers = server.query_workers()
        serving = [pid for pid in server.descendants() if pid not in workers]
        for pid in serving:
            os.kill(pid, signal.SIGKILL)

        wait_until(lambda: not any(is_alive(pid) for pid in workers), seconds=6)


def test_body_shorter_than_its_length_ends_the_connection(tmp_path: Path) -> None:
    """What long answers rest on: granian aborts a body that ends before its Content-Length."""
    port = free_port()
    script = tmp_path / "app.py"
    script.write_text(
        textwrap.dedent(f"""
        from granian.constants import Interfaces
        from granian.server import Server

        def app(environ, start_response):
            start_response("200 OK", [("Content-Length", "3000000")])
            return pieces()

        def pieces():
            yield b"x" * 1_500_000
            raise OSError("the file ends here")

        if __name__ == "__main__":
            Server("app", port={port}, interface=Interfaces.WSGI, log_enabled=False).serve(
                target_loader=lambda *_: app, wrap_loader=False)
        """)
    )
    process = subprocess.Popen([sys.executable, str(script)])
    try:
        wait_until(lambda: is_listening(port))
        told = fetch(port, "/")
        assert (told.status, len(told.body), told.is_whole) == (200, 1_500_000, False)
    finally:
        process.terminate()
        process.wait(10)


def is_listening(port: int) -> bool:
    """Tell whether a port takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
