"""Tests of the query pool: no query outlives its deadline, its memory or its client's server."""

import contextlib
import errno
import os
import re
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from metropole import publish
from metropole.release import Release, Releases
from metropole.settings import load
from metropole.sparql.lookups import looks_like_lookup
from metropole.store import FOLDER, query_pool
from metropole.store.answer_body import WHOLE_BYTES, AnswerCut, Body, QueryFailed, Room
from metropole.store.departure import Departure
from metropole.store.query_frames import QueryRequest
from metropole.store.query_lane import QueryLane
from metropole.store.query_pool import Answer, Asker, QueryPool
from processes import is_alive, wait_until
from web_site import BASE, can_leave_network, children, digits, limits, write_site

#: Runs longer than any test: a thousand million rows are looked at.
ENDLESS = f"""SELECT (COUNT(*) AS ?n) {{ {digits(9)}
    FILTER(?d0 + ?d1 + ?d2 + ?d3 + ?d4 + ?d5 + ?d6 + ?d7 + ?d8 = 100) }}"""
#: Long rows: some megabytes of them are there in no time, on a busy machine too.
ENDLESS_ROWS = f'SELECT ?d0 ("{"x" * 300}" AS ?x) {{ {digits(9)} }}'
SMALL = "SELECT (1 + 1 AS ?two) {}"
#: Nothing in it is named, and all is looked at; it is over in a moment all the same.
COUNTING = "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o FILTER(isNumeric(?o)) }"
BOMBS = {
    "group_concat": f"""SELECT (GROUP_CONCAT(?t) AS ?all)
        {{ {digits(7)} BIND(CONCAT("{"x" * 200}", STR(?d0)) AS ?t) }}""",
    "replace": f"""SELECT ?e {{ BIND("{"x" * 16}" AS ?x0) {
        " ".join(f'BIND(REPLACE(?x{n}, "x", "{"x" * 32}") AS ?x{n + 1})' for n in range(8))
    } BIND(STRLEN(?x8) AS ?e) }}""",
    "order by": f"SELECT * {{ {digits(8)} }} ORDER BY DESC(?d3) ?d5 ?d0",
    "distinct": f"SELECT DISTINCT * {{ {digits(8)} }}",
    "group by": f"SELECT ?d0 ?d1 ?d2 ?d3 ?d4 ?d5 ?d6 ?d7 (COUNT(*) AS ?n) {{ {digits(8)} }} "
    "GROUP BY ?d0 ?d1 ?d2 ?d3 ?d4 ?d5 ?d6 ?d7",
    "cross product": """SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }
        ORDER BY ?a ?d ?g ?o""",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one release."""
    files = {"data/a.ttl": "".join(f"<id/{n}> <ns#says> {n} .\n" for n in range(300))}
    found = write_site(tmp_path_factory.mktemp("pool"), files)
    publish.build(load(found))
    return found


def release_of(root: Path) -> Release:
    """Give the active release of a site."""
    found = Releases(load(root)).current()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def asked(root: Path) -> QueryRequest:
    """A request to the store of the site; tests put their query into it."""
    return QueryRequest(
        query=SMALL,
        store=str(release_of(root).folder / FOLDER),
        base=BASE,
        union=True,
        media_types=("text/csv", "text/turtle", "application/sparql-results+json"),
        memory_mebibytes=300,
    )


MakePool = Callable[..., QueryPool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    """Make pools with the limits given; they are closed at the end."""
    made: list[QueryPool] = []

    def make(**changed: int) -> QueryPool:
        made.append(QueryPool(limits(**changed)))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture
def pool(make_pool: MakePool) -> QueryPool:
    """A pool of one worker, so that a lost worker is noticed at once."""
    return make_pool(concurrent_queries=1)


def answer(pool: QueryPool, asked: QueryRequest, query: str, seconds: float | None = None) -> bytes:
    """Run a query and give the bytes of its answer."""
    found = pool.run(replace(asked, query=query), timeout_seconds=seconds)
    try:
        return b"".join(found.body.pieces())
    finally:
        found.body.close()


def failure(run: Callable[[], object]) -> QueryFailed:
    """Run what must fail and give why it did."""
    with pytest.raises(QueryFailed) as caught:
        run()
    return caught.value


#: Workers of pools that other tests of the same run have open.
OTHERS: set[int] = set()


@pytest.fixture(scope="module", autouse=True)
def _know_other_workers() -> None:
    """Leave the workers of other tests out of what is counted here."""
    OTHERS.update(workers())


def workers() -> list[int]:
    """List the query workers that the tests of this module started."""
    found = [pid for pid, command in children(os.getpid()) if b"query_worker" in command]
    return [pid for pid in found if pid not in OTHERS]


def test_query_is_stopped_at_its_deadline(pool: QueryPool, asked: QueryRequest) -> None:
    """A query that runs too long ends in time, its process with it, and the slot works again."""
    answer(pool, asked, SMALL)
    (before,) = workers()
    begun = time.monotonic()

    failed = failure(lambda: answer(pool, asked, ENDLESS, 0.5))

    assert (failed.kind, "0.5 seconds" in failed.message) == ("timeout", True)
    assert time.monotonic() - begun < 2
    assert not is_alive(before)
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"
    assert len(workers()) == 1


def test_rows_without_end_are_stopped_too(pool: QueryPool, asked: QueryRequest) -> None:
    """A deadline holds while rows keep coming: what was read is thrown away."""
    assert failure(lambda: answer(pool, asked, ENDLESS_ROWS, 1)).kind == "timeout"
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_client_cannot_ask_for_more_time(make_pool: MakePool, asked: QueryRequest) -> None:
    """`timeout` shortens the limit, never lengthens it."""
    pool = make_pool(query_timeout_seconds=1, concurrent_queries=1)
    begun = time.monotonic()

    failed = failure(lambda: answer(pool, asked, ENDLESS, 60))

    assert (failed.kind, "after 1 second." in failed.message) == ("timeout", True)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("name", BOMBS)
def test_memory_bomb_ends_its_own_process_only(
    pool: QueryPool, asked: QueryRequest, name: str
) -> None:
    """A query that wants all the memory ends as 'memory' or 'timeout'; the next one works."""
    failed = failure(lambda: answer(pool, asked, BOMBS[name], 6))

    assert failed.kind in ("memory", "timeout")
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_memory_limit_is_what_ends_a_bomb(pool: QueryPool, asked: QueryRequest) -> None:
    """With time enough it is the memory that ends a growing text, and it is said."""
    failed = failure(lambda: answer(pool, asked, BOMBS["group_concat"]))

    assert (failed.kind, "300 MiB" in failed.message) == ("memory", True)


def test_memory_of_the_last_query_is_free_again(pool: QueryPool, asked: QueryRequest) -> None:
    """Ten queries of a fair size in a row fit in the limit of one."""
    query = f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT * {{ {digits(5)} }} }}"

    assert {answer(pool, asked, query) for _ in range(10)} == {b"n\r\n100000\r\n"}
    assert len(workers()) == 1


def test_full_queue_is_busy_at_once(make_pool: MakePool, asked: QueryRequest) -> None:
    """One query runs, as many wait as may; one more is told so at once, the others are answered."""
    pool = make_pool(concurrent_queries=1, queued_queries=2, query_timeout_seconds=20)
    with ThreadPoolExecutor(3) as threads:
        running = threads.submit(answer, pool, asked, ENDLESS, 3)
        wait_until(lambda: pool._long.is_full)
        pool._remember((asked.store, SMALL))  # or it would be tried, and there at once
        waiting = [threads.submit(answer, pool, asked, SMALL) for _ in range(2)]
        wait_until(lambda: pool._long.waiting == 2)

        begun = time.monotonic()
        failed = failure(lambda: answer(pool, asked, SMALL))

        assert failed.kind == "busy"
        assert time.monotonic() - begun < 0.5
        assert failure(running.result).kind == "timeout"
        assert [each.result() for each in waiting] == [b"two\r\n2\r\n"] * 2


def test_worker_that_died_idle_is_replaced(pool: QueryPool, asked: QueryRequest) -> None:
    """A worker the system has killed costs no query its answer."""
    answer(pool, asked, SMALL)
    (idle,) = workers()
    os.kill(idle, signal.SIGKILL)
    # A killed process is there until its last thread has ended.
    os.waitid(os.P_PID, idle, os.WEXITED | os.WNOWAIT)

    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_worker_of_a_query_that_is_refused_goes_on(pool: QueryPool, asked: QueryRequest) -> None:
    """What is wrong with a query costs no process: the same one answers the next."""
    answer(pool, asked, SMALL)
    before = workers()
    ended: list[str] = []
    asker = Asker(on_end=lambda _, failed: ended.append(failed.kind if failed else "ok"))

    def ask(query: str, media_type: str = "text/csv") -> QueryFailed:
        request = replace(asked, query=query, media_types=(media_type,))
        return failure(lambda: pool.run(request, asker=asker))

    assert ask("SELECT * {\n ?s ?p }").line == 2
    assert "SERVICE" in ask("SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }").message
    assert "form 'rows'" in ask(SMALL, "text/turtle").message
    xml = "application/sparql-results+xml"
    # The character is found when the answer has begun.
    told = ask('SELECT ("\\u0001" AS ?x) {}', xml).message
    assert "text/csv" in told
    assert xml not in told.partition("Available are")[2]
    assert "unknown" in ask("SELECT (<urn:unknown>(1) AS ?x) {}").message.lower()
    assert ended == ["syntax", "refused", "format", "format", "syntax"]
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"
    assert workers() == before


def test_query_that_may_not_start_leaves_its_worker(pool: QueryPool, asked: QueryRequest) -> None:
    """Who is refused when the turn has come, as without a budget, takes no worker away."""
    answer(pool, asked, SMALL)
    before = workers()

    def refuse() -> None:
        raise ValueError("not now")

    for _ in range(2):
        with pytest.raises(ValueError, match="not now"):
            pool.run(replace(asked, query=SMALL), asker=Asker(on_start=refuse))
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"
    assert workers() == before


def test_worker_that_cannot_be_started_is_told(
    pool: QueryPool, asked: QueryRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system gives no process queries are busy, and answered when it does again."""
    answer(pool, asked, SMALL)
    (first,) = workers()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", no_process)
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        for _ in range(2):
            failed = failure(lambda: answer(pool, asked, SMALL))
            assert (failed.kind, "No query can be started" in failed.message) == ("busy", True)
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"

    # The same when one is killed at its deadline, and no other can take its place.
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", no_process)
        assert failure(lambda: answer(pool, asked, ENDLESS, 0.2)).kind == "timeout"
        assert failure(lambda: answer(pool, asked, SMALL)).kind == "busy"
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"
    assert len(workers()) == 1


def no_process(*_: object, **__: object) -> None:
    """Start no process, as a system that has too many."""
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def test_queries_that_were_no_lookups_are_forgotten_at_last(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of texts that only look like lookups the latest are remembered, by the store they were of."""
    monkeypatch.setattr(query_pool, "_REMEMBERED", 2)
    pool = make_pool()
    keys = [("store", f"{LOOKUP} # {number}") for number in range(3)]
    assert [pool._lane_for(key) for key in keys] == [pool._lookups] * 3
    for key in keys:
        pool._remember(key)

    lanes = [pool._lookups, pool._long, pool._long]
    assert [pool._lane_for(key) for key in keys] == lanes
    assert pool._lane_for(("another store", keys[2][1])) is pool._lookups


def test_worker_killed_at_work_is_told(pool: QueryPool, asked: QueryRequest) -> None:
    """A worker that somebody kills ends its query with that reason, and no other query."""
    answer(pool, asked, SMALL)
    (at_work,) = workers()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(answer, pool, asked, ENDLESS)
        wait_until(lambda: pool._long.is_full)
        os.kill(at_work, signal.SIGKILL)
        assert failure(running.result).kind == "ended"

    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_long_answer_is_whole(pool: QueryPool, asked: QueryRequest) -> None:
    """100,000 rows come complete and equal, and their worker is free before they are read."""
    found = pool.run(
        replace(asked, query=f"SELECT * {{ {digits(5)} }} ORDER BY ?d0 ?d1 ?d2 ?d3 ?d4")
    )
    assert found.body.length > WHOLE_BYTES
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"

    rows = b"".join(found.body.pieces()).decode().split("\r\n")
    found.body.close()

    assert rows[0] == "d0,d1,d2,d3,d4"
    assert rows[1:-1] == [",".join(f"{number:05}") for number in range(100_000)]


def test_value_longer_than_a_frame_is_whole(pool: QueryPool, asked: QueryRequest) -> None:
    """A text of 800 KB, which is written in one go, comes whole, and so does what follows it."""
    doubled = "".join(
        f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1}) " for n in range(14)
    )  # 50 characters, doubled 14 times
    query = f"SELECT ?t14 {{ BIND('{'x' * 50}' AS ?t0) {doubled} }}"

    assert answer(pool, asked, query) == b"t14\r\n" + b"x" * (50 << 14) + b"\r\n"
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_room_for_long_answers_is_bounded() -> None:
    """Long answers share a room; one that does not fit is an error, and closing makes room."""
    room = Room(3 * WHOLE_BYTES)
    first, second = Body(room), Body(room)
    for _ in range(2):
        first.add(b"x" * WHOLE_BYTES)
    second.add(b"y" * WHOLE_BYTES)
    assert failure(lambda: second.add(b"y")).kind == "room"

    second.close()
    first.add(b"x" * WHOLE_BYTES)
    first.finish()
    assert sum(map(len, first.pieces())) == first.length == 3 * WHOLE_BYTES
    first.close()
    third = Body(room)
    third.add(b"z" * (3 * WHOLE_BYTES))
    third.finish()
    third.close()
    assert room.take(3 * WHOLE_BYTES)


def test_two_long_answers_at_once(make_pool: MakePool, asked: QueryRequest) -> None:
    """Two long answers do not get into each other."""
    pool = make_pool()
    with ThreadPoolExecutor(2) as threads:
        asks = [
            threads.submit(
                answer, pool, asked, f'SELECT ?d0 ("{sign * 20}" AS ?s) {{ {digits(5)} }}'
            )
            for sign in "ab"
        ]
        texts = [each.result() for each in asks]

    for sign, other, text in zip(b"ab", b"ba", texts, strict=True):
        assert text.count(b"\r\n") == 100_001
        assert (text.count(sign), text.count(other)) == (2_000_000, 0)


def test_many_small_queries_in_parallel(make_pool: MakePool, asked: QueryRequest) -> None:
    """Twenty clients at once each get their own answer."""
    pool = make_pool(queued_queries=32)
    with ThreadPoolExecutor(20) as threads:
        queries = [f"SELECT ({number} AS ?n) {{}}" for number in range(60)]
        texts = list(threads.map(lambda query: answer(pool, asked, query), queries))

    assert texts == [f"n\r\n{number}\r\n".encode() for number in range(60)]


def test_queries_across_a_release_switch(
    make_pool: MakePool, tmp_path: Path, asked: QueryRequest
) -> None:
    """A worker answers from the release each request names, old and new in turn."""
    other = write_site(tmp_path, {"data/a.ttl": "<id/new> <ns#says> 1 ."})
    publish.build(load(other))
    stores = [asked.store, str(release_of(other).folder / FOLDER)]
    pool = make_pool(concurrent_queries=1)
    query = "SELECT (COUNT(*) AS ?n) { ?s <ns#says> ?o }"

    counts = [answer(pool, replace(asked, store=store), query) for store in stores * 5]

    assert counts == [b"n\r\n300\r\n", b"n\r\n1\r\n"] * 5


def test_store_that_is_gone_is_told(pool: QueryPool, asked: QueryRequest) -> None:
    """A release whose files are missing is a problem of the store, and the worker goes on."""
    failed = failure(lambda: answer(pool, replace(asked, store="no-such-folder"), SMALL))

    assert failed.kind == "store"
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


LOOKUP = f"SELECT ?o {{ <{BASE}id/7> ?p ?o }}"
#: Looks like a lookup, and each step on from the name takes 300 times as long.
STEPS = " ".join(f"[] ?p ?o{n} ." for n in range(9))
DISGUISED = f"SELECT ?o {{ <{BASE}id/7> ?p ?o . {STEPS} FILTER(?o0 + ?o8 = 1000) }}"


@pytest.mark.parametrize(
    ("query", "is_lookup"),
    [
        (LOOKUP, True),
        ("ASK { city:vilnius a schema:City }", True),
        ("DESCRIBE <https://example.org/a>", True),
        ('SELECT ?s { ?s rdfs:label "Vilnius"@lt . }', True),
        ("SELECT * { ?s ?p ?o } LIMIT 10", False),
        ("SELECT ?s { ?s a schema:City }", False),
        ("SELECT (COUNT(*) AS ?n) { city:vilnius ?p ?o }", False),
        ("SELECT ?o { city:vilnius schema:containedInPlace+ ?o }", False),
        ("SELECT ?l { city:vilnius a:in ?c . ?c rdfs:label ?l . OPTIONAL { ?c a:in ?d } }", True),
        ("SELECT ?o { city:vilnius a:in ?c . ?d a:in ?c }", False),
        ("SELECT ?o { city:vilnius ?p ?o . ?a ?b ?c . ?d ?e ?f }", False),
        ("SELECT ?a { { city:vilnius ?p ?a } UNION { ?a ?b ?c } }", False),
        ("SELECT ?o { city:vilnius ?p ?o VALUES ?a { 1 2 } VALUES ?b { 1 2 } }", False),
        (SMALL, False),
    ],
)
def test_lookup_is_known_by_its_words(query: str, is_lookup: bool) -> None:
    """A query that names what it asks about, and counts and sorts nothing, looks like a lookup."""
    assert looks_like_lookup(query) is is_lookup


def test_lookup_does_not_wait_for_long_queries(make_pool: MakePool, asked: QueryRequest) -> None:
    """With all slots taken and queries waiting, lookups are answered at once."""
    pool = make_pool(concurrent_queries=1, queued_queries=4)
    pool.start()
    answer(pool, asked, LOOKUP)
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(answer, pool, asked, ENDLESS, 2) for _ in range(3)]
        wait_until(lambda: pool._long.is_full)
        begun = time.monotonic()
        answers = {answer(pool, asked, LOOKUP) for _ in range(20)}
        assert time.monotonic() - begun < 1
        assert not any(each.done() for each in running)
        for each in running:
            assert failure(each.result).kind in ("timeout", "busy")

    assert answers == {b"o\r\n7\r\n"}


def test_brief_query_does_not_wait_for_long_ones(make_pool: MakePool, asked: QueryRequest) -> None:
    """With all slots taken and queries waiting, one that counts and sorts is answered at once."""
    pool = make_pool(concurrent_queries=1, queued_queries=4)
    pool.start()
    counted = answer(pool, asked, COUNTING)
    departure = Departure()
    asker = Asker(departure=departure)
    endless = [replace(asked, query=f"{ENDLESS} # {number}") for number in range(3)]
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(pool.run, each, asker=asker) for each in endless]
        wait_until(lambda: pool._long.is_full and pool._trials.waiting)
        answers = [answer(pool, asked, COUNTING) for _ in range(20)]
        assert not any(each.done() for each in running)
        departure.signal()
        for each in running:
            assert failure(each.result).kind == "gone"

    assert answers == [counted] * 20


#: Some tenths of a second's work: over in no trial of a hundredth.
MILLION = f"SELECT (COUNT(*) AS ?n) {{ {digits(6)} FILTER(?d0 + ?d1 >= 0) }}"
MILLION_TOLD = b"n\r\n1000000\r\n"


def test_one_client_does_not_keep_the_others_waiting(
    make_pool: MakePool, asked: QueryRequest
) -> None:
    """Beside a client with as many endless queries as have room, others are answered at once."""
    pool = make_pool(concurrent_queries=2, queued_queries=10, query_timeout_seconds=30)
    pool.start()
    counted = answer(pool, asked, COUNTING)
    departure = Departure()
    greedy = Asker(departure=departure, client="greedy")
    texts = [f"{ENDLESS} # {number}" for number in range(9)]
    texts += [f"{DISGUISED} # {number}" for number in range(6)]
    endless = [replace(asked, query=text) for text in texts]
    with ThreadPoolExecutor(15) as threads:
        running = [threads.submit(pool.run, each, asker=greedy) for each in endless[:2]]
        wait_until(lambda: pool._long.is_full)
        running += [threads.submit(pool.run, each, asker=greedy) for each in endless[2:]]
        wait_until(lambda: pool._trials.waiting and pool._lookups.waiting)
        # Of both kinds of workers for brief queries one is left to the others.
        assert not pool._trials.is_full
        assert not pool._lookups.is_full
        begun = time.monotonic()
        found = [pool.run(replace(asked, query=COUNTING), asker=Asker(client="b")).body]
        found += [
            pool.run(replace(asked, query=f"{COUNTING} # {number}"), asker=Asker(client="c")).body
            for number in range(20)
        ]
        took = time.monotonic() - begun
        assert pool._long.is_full
        departure.signal()
        kinds = {failure(each.result).kind for each in running}

    assert [b"".join(body.pieces()) for body in found] == [counted] * 21
    assert took < 5
    assert kinds <= {"gone", "busy"}


def test_query_that_is_called_back_is_answered_all_the_same(
    make_pool: MakePool, asked: QueryRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a client with nothing at work one of two queries of another begins again, later."""
    monkeypatch.setattr(query_pool, "_TRIAL_SECONDS", 0.01)
    pool = make_pool(concurrent_queries=2, query_timeout_seconds=60)
    pool.start()
    starts: list[str] = []

    def run(client: str, number: int) -> bytes:
        asker = Asker(client=client, on_start=lambda: starts.append(client))
        request = replace(asked, query=f"{MILLION} # {number}")
        return b"".join(pool.run(request, asker=asker).body.pieces())

    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(run, "a", number) for number in range(2)]
        wait_until(lambda: starts == ["a", "a"])
        running.append(threads.submit(run, "b", 2))
        found = [each.result() for each in running]

    assert found == [MILLION_TOLD] * 3
    # The query of the other was tried first, and then ran before the one that was called back.
    assert starts == ["a", "a", "b", "b", "a"]
    assert pool.figures()["long"].queries_called_back == 1


def test_worker_that_is_called_back_at_the_end_is_lent_to_nobody(asked: QueryRequest) -> None:
    """A query that has just ended as its worker was called back has its answer; another starts."""
    lane = QueryLane(2, 10)
    loans = [lane.take("a", 10, Departure()) for _ in range(2)]
    run = query_pool._Run(lane, loans[1], Body(Room(1)), Departure(), limits())
    loans[1].call_back = run.kill
    run.begin(asked, 10, 10)
    run.read()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lane.take, "b", 10, Departure())
        wait_until(lambda: loans[1].is_called_back)
        run.end()
        lent = waiting.result()
    lane.close()

    assert b"".join(run.body.pieces()) == b"two\r\n2\r\n"
    assert lent.worker is not loans[1].worker
    for loan in (loans[0], lent):
        lane.give_back(loan)


def test_answer_that_is_being_sent_is_not_called_back(
    make_pool: MakePool, asked: QueryRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where both answers of a client are on their way, another waits for the end of one."""
    monkeypatch.setattr(query_pool, "_TRIAL_SECONDS", 0.01)
    pool = make_pool(concurrent_queries=2, query_timeout_seconds=60)
    pool.start()
    asker = Asker(client="a", streams=True)
    sent = [
        pool.run(replace(asked, query=f"{ENDLESS_ROWS} # {number}"), asker=asker)
        for number in range(2)
    ]
    with ThreadPoolExecutor(1) as threads:
        other = replace(asked, query=MILLION)
        waiting = threads.submit(pool.run, other, asker=Asker(client="b"))
        wait_until(lambda: pool._long.waiting == 1)
        assert pool.figures()["long"].queries_called_back == 0
        sent[0].body.close()
        assert b"".join(waiting.result().body.pieces()) == MILLION_TOLD
    sent[1].body.close()


def test_long_query_that_is_tried_loses_no_time(make_pool: MakePool, asked: QueryRequest) -> None:
    """A query that was tried in vain has all of its time afterwards, and waits as others do."""
    pool = make_pool(concurrent_queries=1, query_timeout_seconds=20)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(answer, pool, asked, ENDLESS, 2)
        wait_until(lambda: pool._long.is_full)
        begun = time.monotonic()
        failed = failure(lambda: answer(pool, asked, ENDLESS_ROWS, 2.5))
        took = time.monotonic() - begun
        assert failure(running.result).kind == "timeout"

    assert (failed.kind, "2.5 seconds" in failed.message) == ("timeout", True)
    assert took > 2.5 + 0.5


def test_long_query_that_looks_like_a_lookup(make_pool: MakePool, asked: QueryRequest) -> None:
    """What was no lookup gets its time elsewhere, and the text is remembered."""
    pool = make_pool(concurrent_queries=1)
    for _ in range(2):
        failed = failure(lambda: answer(pool, asked, DISGUISED, 0.6))
        assert (failed.kind, "0.6 seconds" in failed.message) == ("timeout", True)
    assert answer(pool, asked, LOOKUP) == b"o\r\n7\r\n"
    assert pool._lane_for((asked.store, DISGUISED)) is pool._long


def test_long_answer_is_given_while_it_is_made(pool: QueryPool, asked: QueryRequest) -> None:
    """A caller that streams has the beginning long before the end, and then the whole."""
    ended: list[tuple[Answer | None, QueryFailed | None]] = []
    asker = Asker(streams=True, on_end=lambda *how: ended.append(how))
    query = f'SELECT ?d0 ("{"x" * 300}" AS ?x) {{ {digits(5)} }}'
    found = pool.run(replace(asked, query=query), asker=asker)
    assert not found.body.is_complete
    assert not ended

    rows = b"".join(found.body.pieces()).count(b"\r\n")
    found.body.close()

    assert rows == 100_001
    wait_until(lambda: bool(ended))
    assert ended[0][1] is None
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_answer_that_fails_while_it_is_read_is_cut(pool: QueryPool, asked: QueryRequest) -> None:
    """When the time is over in the middle of a long answer, its reader is told by an exception."""
    ended: list[tuple[Answer | None, QueryFailed | None]] = []
    asker = Asker(streams=True, on_end=lambda *how: ended.append(how))
    answer(pool, asked, SMALL)  # the worker has started
    found = pool.run(replace(asked, query=ENDLESS_ROWS), timeout_seconds=2, asker=asker)

    with pytest.raises(AnswerCut, match="2 seconds"):
        sum(map(len, found.body.pieces()))

    found.body.close()
    assert [failed.kind for _, failed in ended if failed] == ["timeout"]
    assert pool._room.take(pool.limits.answers_mebibytes << 20)


def test_answer_nobody_reads_is_stopped(pool: QueryPool, asked: QueryRequest) -> None:
    """Closing an answer that is still being made ends its query and gives the room back."""
    asker = Asker(streams=True)
    found = pool.run(replace(asked, query=ENDLESS_ROWS), asker=asker)
    found.body.close()

    wait_until(lambda: pool._room.take(pool.limits.answers_mebibytes << 20))
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


@pytest.mark.parametrize("query", [ENDLESS, ENDLESS_ROWS], ids=["count", "rows"])
def test_query_of_a_client_that_left_is_stopped(
    pool: QueryPool, asked: QueryRequest, query: str
) -> None:
    """When its client leaves, a query at work ends at once, and so does one that waits."""
    departures = [Departure(), Departure()]
    with ThreadPoolExecutor(2) as threads:
        asks = [
            threads.submit(pool.run, replace(asked, query=query), asker=Asker(departure=each))
            for each in departures
        ]
        wait_until(lambda: pool._long.is_full and pool._long.waiting == 1)
        begun = time.monotonic()
        for each in departures:
            each.signal()
        assert [failure(each.result).kind for each in asks] == ["gone", "gone"]
        assert time.monotonic() - begun < 2

    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_late_departure_harms_nobody(pool: QueryPool, asked: QueryRequest) -> None:
    """A client that leaves after its answer does not stop the query that has its worker now."""
    left = Departure()
    pool.run(replace(asked, query=SMALL), asker=Asker(departure=left)).body.close()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(answer, pool, asked, ENDLESS, 1)
        wait_until(lambda: pool._long.is_full)
        left.signal()
        assert failure(running.result).kind == "timeout"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 1_000_000,
        "SELECT * " + "{" * 1_000_000 + "}" * 1_000_000,
        "SELECT (" + "(" * 500_000 + "1" + ")" * 500_000 + " AS ?x) {}",
        "SELECT * { ?s " + "(" * 500_000 + "<a:b>" + ")" * 500_000 + " ?o }",
        "SELECT * { ?s ?p " + "[ ?p " * 200_000 + "?o" + "]" * 200_000 + " }",
        "SELECT (" + "!" * 900_000 + "1 AS ?x) {}",
        "SELECT * { FILTER(1 " + "+ 1" * 300_000 + ") }",
    ],
    ids=["open", "groups", "brackets", "path", "blank nodes", "signs", "sum"],
)
def test_deep_nesting_harms_nobody(pool: QueryPool, asked: QueryRequest, query: str) -> None:
    """A million brackets end in an error or an answer, and the next query works."""
    with contextlib.suppress(QueryFailed):
        answer(pool, asked, query, 8)
    assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"


def test_overflow_of_the_stack_is_the_querys_fault(pool: QueryPool, asked: QueryRequest) -> None:
    """A query that is nested too deeply is told so, and not that the memory was short."""
    query = "SELECT (" + "(" * 500_000 + "1" + ")" * 500_000 + " AS ?x) {}"

    failed = failure(lambda: answer(pool, asked, query))

    assert (failed.kind, failed.message) == ("refused", "The query is nested too deeply.")


def test_query_of_a_mebibyte(pool: QueryPool, asked: QueryRequest) -> None:
    """A long query is as good as a short one."""
    values = " ".join(str(number) for number in range(170_000))
    query = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?v {{ {values} }} }}"
    assert len(query) > 1 << 20

    assert answer(pool, asked, query) == b"n\r\n170000\r\n"


def test_query_workers_have_no_network(pool: QueryPool, asked: QueryRequest) -> None:
    """Where the system allows it, a worker is in a network of its own without an interface."""
    if not can_leave_network():
        pytest.skip("this system does not let a process have a network of its own")
    answer(pool, asked, SMALL)
    (worker,) = workers()

    assert os.readlink(f"/proc/{worker}/ns/net") != os.readlink("/proc/self/ns/net")
    routes = Path(f"/proc/{worker}/net/route").read_text().splitlines()
    assert len(routes) <= 1


def test_workers_write_no_core_files(make_pool: MakePool, asked: QueryRequest) -> None:
    """A worker that is ended for its memory does not write that memory to the disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("this system allows no core files anyway")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        pool = make_pool(concurrent_queries=1)
        pool.start()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    answer(pool, asked, SMALL)
    told = Path(f"/proc/{workers()[0]}/limits").read_text()

    assert re.search(r"^Max core file size +0 ", told, re.MULTILINE)


def test_no_worker_outlives_its_parent(asked: QueryRequest, tmp_path: Path) -> None:
    """When the server is killed, a query under way ends within seconds, an idle worker too."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        from metropole.settings import Limits
        from metropole.store.query_frames import QueryRequest
        from metropole.store.query_pool import QueryPool
        pool = QueryPool(Limits(concurrent_queries=2, query_timeout_seconds=60))
        pool.start()
        print("started", flush=True)
        pool.run(QueryRequest.from_json({replace(asked, query=ENDLESS).as_json()!r}))
        """)
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    wait_until(lambda: any(busy(pid) for pid, _ in children(parent.pid)))
    found = [pid for pid, _ in children(parent.pid)]
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert len(found) == 6  # two for lookups, two that try
    wait_until(lambda: not any(is_alive(pid) for pid in found), seconds=6)


def busy(pid: int) -> bool:
    """Tell whether a process has used the processor for half a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) > os.sysconf("SC_CLK_TCK") / 2


def test_closed_pool_ends_its_workers(make_pool: MakePool, asked: QueryRequest) -> None:
    """After closing, no process is left, and a query is told that the server stops."""
    pool = make_pool()
    pool.start()
    answer(pool, asked, SMALL)
    found = workers()
    pool.close()

    assert len(found) == 6  # two for lookups, two that try
    assert not any(is_alive(pid) for pid in found)
    assert failure(lambda: answer(pool, asked, SMALL)).kind == "busy"


def test_close_while_a_query_runs(make_pool: MakePool, asked: QueryRequest) -> None:
    """A query that is at work when the pool is closed ends, and its process with it."""
    pool = make_pool(concurrent_queries=1)
    failures: list[QueryFailed] = []
    thread = threading.Thread(
        target=lambda: failures.append(failure(lambda: answer(pool, asked, ENDLESS, 1)))
    )
    thread.start()
    wait_until(lambda: pool._long.is_full)
    pool.close()
    thread.join()

    assert [failed.kind for failed in failures] == ["timeout"]
    assert workers() == []


def test_many_open_files_do_not_stop_queries(pool: QueryPool, asked: QueryRequest) -> None:
    """A server with more than a thousand connections still reads its workers' answers."""
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert failure(lambda: answer(pool, asked, ENDLESS, 0.3)).kind == "timeout"
        assert answer(pool, asked, SMALL) == b"two\r\n2\r\n"  # by a worker with high numbers
    finally:
        for file in files:
            os.close(file)
