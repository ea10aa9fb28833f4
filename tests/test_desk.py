"""Tests of several serving processes: the desk, and those that hand queries over to it.

Both sides run in one process here, so that a test knows which of them it asks; the socket between
them is real. `test_process.py` starts them as processes.
"""

import asyncio
import json
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from metropole import publish
from metropole.settings import load
from metropole.web import create_app
from metropole.web.front.asgi import Front
from metropole.web.front.desk import Desk
from metropole.web.front.member import Member
from metropole.web.serving import Serving
from metropole.web.serving.budget import Tab
from metropole.web.sparql import asking
from web_site import children, digits, query_path, write_site

THINGS = 300
FILES = {"data/a.ttl": "".join(f"<id/{n}> <ns#says> {n} .\n" for n in range(THINGS))}
LIMITS = """\
concurrent_queries = 2
query_timeout_seconds = 20
client_seconds_per_minute = 5
"""
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {digits(6)} FILTER(?d0 + ?d1 + ?d2 >= 0) }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
JSON, CSV = "application/sparql-results+json", "text/csv"
#: What each response has of its own, or one that took part in the run of another.
OWN = (b"request-id", b"server-timing", b"retry-after", b"date")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a release and a saved query."""
    query = "#+ summary: All\nSELECT ?s { ?s <ns#says> 1 }\n"
    files = {**FILES, "queries/all.rq": query}
    found = write_site(tmp_path_factory.mktemp("desk"), files, limits=LIMITS)
    publish.build(load(found))
    return found


@dataclass
class Got:
    """A response as a server gets it from a front."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    is_whole: bool = False

    @property
    def body(self) -> bytes:
        """Give the body as far as it came."""
        return b"".join(self.pieces)

    @property
    def common(self) -> list[tuple[bytes, bytes]]:
        """Give the headers that are the same for each client, in some order."""
        return sorted(header for header in self.headers if header[0] not in OWN)

    async def take(self, message: dict[str, Any]) -> None:
        """Take a message of ASGI."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.pieces.append(message["body"])
            self.is_whole = not message.get("more_body")


class KillingWorkers(Got):
    """A response whose query ends, as for want of memory, as soon as it has begun."""

    async def take(self, message: dict[str, Any]) -> None:
        """Take a message of ASGI, and end the processes that run queries."""
        if message["type"] == "http.response.start":
            for pid, command in children(os.getpid()):
                if b"query_worker" in command:
                    os.kill(pid, signal.SIGKILL)
        await super().take(message)


@dataclass(frozen=True)
class Side:
    """A front with what it serves."""

    front: Front
    serving: Serving

    async def ask(
        self,
        path: str,
        accept: str = JSON,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        leaving: asyncio.Event | None = None,
        client: str = "192.0.2.1",
        got: Got | None = None,
    ) -> Got:
        """Ask for a path; the client leaves when `leaving` is set. What comes is put in `got`."""
        target, _, query = path.partition("?")
        told = {"host": "t.example", "accept": accept, **(headers or {})}
        if body:
            told["content-length"] = str(len(body))
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
            "client": (client, 1),
            "server": ("127.0.0.1", 80),
        }
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await (leaving or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        got = got or Got()
        await self.front(scope, receive, got.take)
        return got

    def runs(self) -> int:
        """Count the queries that were run."""
        return sum(self.serving.metrics.figures().counts.run.counts)


@dataclass(frozen=True)
class Both:
    """The desk and a process beside it."""

    desk: Side
    member: Side
    #: What keeps the member in touch with the desk.
    touch: Member


@asynccontextmanager
async def both(root: Path, *, has_desk: bool = True) -> AsyncIterator[Both]:
    """Run the two sides, or the one that is not the desk, in the running loop."""
    tab = Tab()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        place = Path(folder) / "desk"
        servings = Serving(load(root)), Serving(load(root), budget=tab)
        fronts = (
            Front(create_app(servings[0]), servings[0], threads=20, processes=2),
            Front(
                create_app(servings[1]),
                servings[1],
                threads=20,
                processes=2,
                member=(member := Member(servings[1], place, tab)),
            ),
        )
        if has_desk:
            listener.bind(str(place))
            listener.listen()
            desk = Desk(fronts[0], servings[0], listener)
            await desk.begin()
        await member.begin()
        try:
            yield Both(Side(fronts[0], servings[0]), Side(fronts[1], servings[1]), member)
        finally:
            await member.end()
            if has_desk:
                await desk.end()
            await asyncio.sleep(0.05)  # connections come to their end
            for serving in servings:
                serving.pool.close()


def run(root: Path, test: Callable[[Both], Awaitable[None]], *, has_desk: bool = True) -> None:
    """Run a test with both sides, within a minute."""

    async def whole() -> None:
        async with both(root, has_desk=has_desk) as found, asyncio.timeout(60):
            await test(found)

    asyncio.run(whole())


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails after some seconds."""
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError


def value(text: bytes, name: str, **labels: str) -> float:
    """Give a figure of Prometheus; 0 when it is not told."""
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0


ROWS = query_path("SELECT ?s ?o { ?s <ns#says> ?o } ORDER BY ?o LIMIT 3")
FORM = {"content-type": "application/x-www-form-urlencoded"}
PLAIN = {"content-type": "application/sparql-query"}
ASKED: dict[str, dict[str, Any]] = {
    "rows": {"path": ROWS},
    "rows as CSV": {"path": ROWS, "accept": CSV},
    "compressed": {"path": ROWS, "headers": {"accept-encoding": "gzip"}},
    "head": {"path": ROWS, "method": "HEAD"},
    "boolean": {"path": query_path("ASK { ?s ?p 7 FILTER(?p != ?s) }")},
    "graph": {"path": query_path("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1"), "accept": "*/*"},
    "form": {
        "path": "/sparql",
        "method": "POST",
        "headers": FORM,
        "body": b"query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D",
    },
    "direct": {"path": "/sparql", "method": "POST", "headers": PLAIN, "body": b"ASK {?s ?p ?o}"},
    "QUERY": {"path": "/sparql", "method": "QUERY", "headers": PLAIN, "body": b"ASK {?s ?p ?o}"},
    "syntax error": {"path": query_path("SELECT { ?s }")},
    "service": {"path": query_path("SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }")},
    "no format": {"path": ROWS, "accept": "image/png"},
    "editor": {"path": "/sparql", "accept": "text/html"},
    "service description": {"path": "/sparql", "accept": "text/turtle"},
    "saved query": {"path": "/queries/all.csv", "accept": "*/*"},
    "page of a saved query": {"path": "/queries/all", "accept": "text/html"},
    "path with an escape": {"path": "/%71ueries/all.csv", "accept": "*/*"},
    "graph store": {"path": "/data?default", "accept": "text/turtle"},
    "letters": {"path": query_path('SELECT ("Šiauliai ė \U0001f310" AS ?x) {}'), "accept": CSV},
    "thing": {"path": "/doc/7", "accept": "text/turtle"},
    "nothing": {"path": "/nothing", "accept": "text/html"},
}


@pytest.fixture(scope="module")
def answers(root: Path) -> dict[str, tuple[Got, Got]]:
    """What the desk and the other process answer to each of those."""
    found: dict[str, tuple[Got, Got]] = {}

    async def ask(sides: Both) -> None:
        for name, asked in ASKED.items():
            found[name] = await sides.desk.ask(**asked), await sides.member.ask(**asked)
        assert sides.member.runs() == 0

    run(root, ask)
    return found


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_is_answered_alike_by_both(
    answers: dict[str, tuple[Got, Got]], name: str
) -> None:
    """Status, headers and body are the same, whichever process a connection came to."""
    own, handed = answers[name]
    assert (handed.status, handed.common) == (own.status, own.common)
    if own.status < 400:
        assert handed.body == own.body
    assert handed.is_whole


def test_equal_queries_run_once_wherever_they_are_asked(root: Path) -> None:
    """Ten clients ask both processes a slow query at once: one run, ten whole answers."""

    async def test(found: Both) -> None:
        sides = [found.desk, found.member] * 5
        answers = await asyncio.gather(*(side.ask(query_path(SLOW)) for side in sides))
        assert [answer.status for answer in answers] == [200] * 10
        assert len({answer.body for answer in answers}) == 1
        assert found.desk.runs() == 1
        again = await found.member.ask(query_path(SLOW))
        assert (b"server-timing", b"cache;desc=hit") in again.headers

    run(root, test)


def test_failure_that_is_shared_is_counted_as_what_it_was(root: Path) -> None:
    """Each client of a query that took too long is one more query that did."""

    async def test(found: Both) -> None:
        path = query_path(ENDLESS, timeout="0.5")
        answers = await asyncio.gather(*(found.desk.ask(path) for _ in range(3)))
        assert [answer.status for answer in answers] == [503] * 3
        assert found.desk.runs() == 1
        figures = (await found.desk.ask("/-/metrics", accept="text/plain")).body
        assert value(figures, "metropole_queries_total", outcome="timeout") == 3

    run(root, test)


def test_long_answer_is_handed_on_as_it_comes(root: Path) -> None:
    """A body of several MiB comes in pieces, and is the same as at the desk."""

    async def test(found: Both) -> None:
        own, handed = [
            await side.ask(query_path(f"SELECT * {{ {digits(4)} }} # {number}"))
            for number, side in enumerate((found.desk, found.member))
        ]
        assert len(handed.pieces) > 3
        assert handed.is_whole
        assert handed.body == own.body

    run(root, test)


def test_answer_that_fails_in_the_middle_is_cut_here_too(root: Path) -> None:
    """What ends at the desk without being whole is an error here: the server cuts it, too."""

    async def test(found: Both) -> None:
        got = KillingWorkers()
        product = query_path("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
        with pytest.raises(Exception):  # noqa: B017, PT011  # granian ends the connection on any
            await found.member.ask(product, got=got)
        assert (got.status, got.is_whole) == (200, False)

    run(root, test)


def test_client_that_leaves_stops_its_query(root: Path) -> None:
    """When the client of one process has left, the desk runs its query no longer."""

    async def test(found: Both) -> None:
        leaving = asyncio.Event()
        asked = asyncio.create_task(found.member.ask(query_path(ENDLESS), leaving=leaving))
        await asyncio.sleep(0.5)
        leaving.set()
        await asyncio.gather(asked, return_exceptions=True)
        await until(lambda: found.desk.serving.metrics.figures().counts.queries["gone"] == 1)

    run(root, test)


def test_budget_is_one(root: Path) -> None:
    """Who has used up its time at the desk is refused in the other process, and the reverse."""
    lookup = "SELECT ?o { <https://t.example/id/%d> ?p ?o }"

    async def test(found: Both) -> None:
        found.desk.serving.budget.spend("192.0.2.1", 10)
        refused = await found.member.ask(query_path(SLOW))
        assert refused.status == 429
        # A lookup is answered here without asking; then here is told that it should not be.
        assert (await found.member.ask(query_path(lookup % 1))).status == 200
        async with asyncio.timeout(5):
            number = 2
            while (await found.member.ask(query_path(lookup % number))).status != 429:
                number += 1
                await asyncio.sleep(0.02)
        other = await found.member.ask(query_path(lookup % 1), client="192.0.2.2")
        assert other.status == 200

        found.member.serving.budget.spend("192.0.2.3", 10)
        await until(lambda: found.desk.serving.budget.wait("192.0.2.3") > 0)

    run(root, test)


def test_turns_are_those_of_clients_wherever_they_ask(root: Path) -> None:
    """A client that has taken all workers by another process has it in common with the desk."""

    async def test(found: Both) -> None:
        pool = found.desk.serving.pool
        leaving = asyncio.Event()
        asked = [
            asyncio.create_task(
                side.ask(
                    query_path(f"{ENDLESS} # {number}"),
                    leaving=leaving,
                    client=f"2001:db8::{number}",
                )
            )
            for number, side in enumerate((found.member, found.desk, found.member))
        ]
        await until(lambda: pool.figures()["long"].queries_at_work == 2)
        await until(lambda: pool._trials.has("2001:db8::/64"))
        assert pool._long.has("2001:db8::/64")
        told = (await found.member.ask("/-/metrics", "*/*", client="192.0.2.9")).body
        leaving.set()
        await asyncio.gather(*asked, return_exceptions=True)

        assert b'metropole_queries_at_work{lane="long"} 2.0' in told
        assert b'metropole_queries_called_back_total{lane="long"} 0.0' in told

    run(root, test)


def test_figures_are_those_of_all(root: Path) -> None:
    """Metrics count each response and each query once, and what one has counted that has ended."""

    async def test(found: Both) -> None:
        for side in (found.desk, found.member):
            for _ in range(2):
                assert (await side.ask("/doc/7", "text/turtle")).status == 200
                assert (await side.ask(ROWS)).status == 200
        for side in (found.member, found.desk):
            told = (await side.ask("/-/metrics", "*/*")).body
            address = {"address": "documents.document", "status": "200"}
            assert value(told, "metropole_responses_total", **address) == 4
            address = {"address": "sparql.sparql", "status": "200"}
            assert value(told, "metropole_responses_total", **address) == 4
            assert value(told, "metropole_query_run_seconds_count") == 1
            assert value(told, "metropole_queries_total", outcome="ok") == 1
            assert value(told, "metropole_queries_total", outcome="cached") == 3
        assert found.desk.serving.metrics.figures().cache_bytes < all_bytes(told)
        await found.touch.end()
        await asyncio.sleep(0.1)
        told = (await found.desk.ask("/-/metrics", "*/*")).body
        address = {"address": "documents.document", "status": "200"}
        assert value(told, "metropole_responses_total", **address) == 4
        assert found.desk.serving.metrics.figures().cache_bytes == all_bytes(told)

    def all_bytes(told: bytes) -> float:
        return value(told, "metropole_cache_bytes")

    run(root, test)


def test_counts_begin_anew_with_the_next_desk(root: Path) -> None:
    """When the desk is gone the others count from zero, for what they were part of is lost."""

    async def lose(place: Path) -> None:
        tab = Tab()
        found = Serving(load(root), budget=tab)
        found.metrics.count_status("home.home", 200)
        member = Member(found, place, tab)
        async with asyncio.timeout(20):
            server = await asyncio.start_unix_server(lambda _, writer: writer.close(), place)
            await member.begin()
            await until(lambda: not found.metrics.figures().counts.responses)
            await member.end()
        server.close()
        found.pool.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(lose(Path(folder) / "desk"))


def test_without_a_desk_queries_are_503_and_documents_go_on(root: Path) -> None:
    """While no process runs queries, who asks one is told to come again; the rest is served."""

    async def test(found: Both) -> None:
        refused = await found.member.ask(query_path(SLOW))
        assert refused.status == 503
        assert (b"retry-after", b"5") in refused.headers
        assert "started again" in json.loads(refused.body)["detail"]
        assert (await found.member.ask("/doc/7", "text/turtle")).status == 200
        assert (await found.member.ask("/-/health", "*/*")).status == 200

    run(root, test, has_desk=False)


def test_every_route_that_runs_queries_is_for_the_desk(root: Path) -> None:
    """No route of a module that asks the pool is answered beside the desk."""
    serving = Serving(load(root))
    member = Member(serving, Path("desk"), Tab())
    app = create_app(serving)
    asks = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if _asks(app.view_functions[rule.endpoint].__module__)
    }
    serving.pool.close()
    assert {"/sparql", "/data", "/queries/<path:name>"} <= asks
    for path in asks:
        assert member.is_for_desk(path.encode()), path
    assert not member.is_for_desk(b"/doc/7")


def _asks(module: str) -> bool:
    """Tell whether a module of routes can ask the pool."""
    found = __import__(module, fromlist=["asking"])
    return getattr(found, "asking", None) is asking


def test_use_is_told_and_waits_end() -> None:
    """Each use is told once; who has to wait may ask again when the time is over."""
    now, told = [0.0], []
    tab = Tab(clients=2, clock=lambda: now[0])
    tab.on_use = lambda: told.append(now[0])
    for client in ("a", "b", "a"):
        tab.spend(client, 1.5)
    assert told == [0.0]
    assert tab.settle() == {"a": 3.0, "b": 1.5}
    assert tab.settle() == {}

    tab.let_wait({"a": 10, "b": 2})
    now[0] = 4.0
    assert (tab.wait("a"), tab.wait("b"), tab.wait("c")) == (6, 0, 0)
    tab.let_wait({"c": 9, "d": 9})
    assert [tab.wait(client) > 0 for client in "abcd"] == [False, False, True, True]
