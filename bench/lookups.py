"""Ask point lookups at a steady pace from a process of its own, and note how long each took."""

import http.client
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import quote

#: Connections that take turns, so that one slow answer does not delay the next lookup.
CONNECTIONS = 8
_SECONDS = 30


@dataclass(frozen=True)
class Lookup:
    """One lookup: when it was due by the monotonic clock, and what became of it."""

    due: float
    seconds: float
    #: Empty when the answer was whole and had rows.
    problem: str


@dataclass
class Lookups:
    """The lookups of a process that goes on asking."""

    _results: Connection
    _ended: list[Lookup] = field(default_factory=list)

    def poll(self) -> int:
        """Count the lookups that `take` would give."""
        while self._results.poll():
            self._ended.append(self._results.recv())
        return len(self._ended)

    def take(self) -> list[Lookup]:
        """Give the lookups that have ended since the last call."""
        self.poll()
        found, self._ended = self._ended, []
        return found


@contextmanager
def lookups(port: int, *, a_second: float, places: int) -> Iterator[Lookups]:
    """Ask lookups, so many a second, until the end of the block; all are different."""
    context = multiprocessing.get_context("spawn")
    results, sender = context.Pipe(duplex=False)
    asking = context.Process(target=_ask_on, args=(sender, port, a_second, places), daemon=True)
    asking.start()
    sender.close()
    try:
        yield Lookups(results)
    finally:
        asking.kill()
        asking.join()


def percentile(found: list[Lookup], percent: int) -> float:
    """Give the milliseconds within which so many percent of the lookups were answered."""
    return statistics.quantiles([each.seconds for each in found], n=100)[percent - 1] * 1000


@dataclass(frozen=True)
class _Told:
    """Where all threads send what they found, one at a time."""

    sender: Connection
    lock: threading.Lock


def _ask_on(sender: Connection, port: int, a_second: float, places: int) -> None:
    told = _Told(sender, threading.Lock())
    begun = time.monotonic()
    threads = [
        threading.Thread(
            target=_take_turns,
            args=(told, port, begun + turn / a_second, CONNECTIONS / a_second, places),
        )
        for turn in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()


def _take_turns(told: _Told, port: int, due: float, pause: float, places: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        problem = _ask(connection, due, places)
        with told.lock:
            told.sender.send(Lookup(due, time.monotonic() - due, problem))
        due += pause


def _ask(connection: http.client.HTTPConnection, due: float, places: int) -> str:
    place = f"<https://places.example/id/place/{int(due * 1000) % places}>"
    query = f"SELECT ?p ?o {{ {place} ?p ?o }} # {due}"
    try:
        accept = {"Accept": "application/sparql-results+json"}
        connection.request("GET", f"/sparql?query={quote(query, safe='')}", headers=accept)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return repr(error)
    if answer.status != http.client.OK:
        return f"{answer.status}: {body[:200]!r}"
    return "" if json.loads(body)["results"]["bindings"] else "no rows"
