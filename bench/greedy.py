"""Beside a client that asks twenty endless queries at a time, without pause, others ask brief ones.

    python bench/greedy.py [--seconds 40]

It prints how long the brief queries took, and those of a second or two, without that client and
beside it. Each client has an address of its own on this machine, which Linux allows.
"""

import argparse
import http.client
import itertools
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from generate import SETTINGS, write_site
from hostile_queries import EXHAUSTING, digits
from running import free_port, metropole, running

GREEDY = "127.0.0.2"
#: Who asks brief queries, and who asks those that take a second or two.
OTHERS, PATIENT = ("127.0.0.3", "127.0.0.4", "127.0.0.5"), ("127.0.0.6",)
TIMES = 20
BRIEF = "SELECT ?t (COUNT(*) AS ?n) { ?s a ?t } GROUP BY ?t ORDER BY DESC(?n)"
LONG = f"SELECT (COUNT(*) AS ?n) {{ {digits(7)} FILTER(?d0 + ?d1 + ?d2 + ?d3 >= 0) }}"
#: Each runs until it is stopped, whatever is in the store.
_ENDLESS = (EXHAUSTING["sum over a product"], EXHAUSTING["taken for a lookup"])
_PAUSE_SECONDS = 0.1
_MS = 1000
_TRIPLES = 50_000
_TIMEOUT_SECONDS = 10
_LONGEST_SECONDS = 120.0
_LIMITS = (
    f"[limits]\nquery_timeout_seconds = {_TIMEOUT_SECONDS}\nquery_memory_mebibytes = 256\n"
    "client_seconds_per_minute = 0\nconcurrent_queries = 2\n"
)


class Client:
    """Asks from an address, and can be told to leave in the middle of an answer."""

    def __init__(self, port: int, address: str) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=_LONGEST_SECONDS, source_address=(address, 0)
        )
        self._connection.connect()

    def ask(self, query: str) -> int:
        """Give the status of the answer; raises OSError or HTTPException when there is none."""
        headers = {
            "Accept": "application/sparql-results+json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._connection.request("POST", "/sparql", urlencode({"query": query}), headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def leave(self) -> None:
        """End the connection."""
        with suppress(OSError):
            if self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@contextmanager
def greedy(
    port: int, *, times: int = TIMES, endless: tuple[str, ...] = _ENDLESS
) -> Iterator[Counter[int]]:
    """Ask so many endless queries at a time until the end of the block; gives what came back."""
    found: Counter[int] = Counter()
    clients = [Client(port, GREEDY) for _ in range(times)]
    is_over, numbers = threading.Event(), itertools.count()

    def ask_on(client: Client) -> None:
        with suppress(OSError, http.client.HTTPException):
            while not is_over.is_set():
                number = next(numbers)
                found[client.ask(f"{endless[number % len(endless)]} # {number}")] += 1

    with ThreadPoolExecutor(times) as threads:
        for client in clients:
            threads.submit(ask_on, client)
        try:
            yield found
        finally:
            is_over.set()
            for client in clients:
                client.leave()


@dataclass
class Waits:
    """How long the queries of some clients took, and which were not answered."""

    seconds: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)

    def note(self, status: int, seconds: float) -> None:
        """Note a query."""
        self.seconds.append(seconds)
        if status != http.client.OK:
            self.refused[status] += 1

    def percentile(self, percent: int) -> float:
        """Give the seconds within which so many percent were answered."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]

    def __str__(self) -> str:
        """Tell some percentiles."""
        if len(self.seconds) <= 1:
            return f"{len(self.seconds)} asked"
        told = [f"p{percent} {self.percentile(percent) * _MS:.0f} ms" for percent in (50, 90, 99)]
        told.append(f"longest {max(self.seconds) * _MS:.0f} ms")
        return f"{', '.join(told)}, {len(self.seconds)} asked, not 200: {dict(self.refused)}"


def beside(port: int, query: str, addresses: tuple[str, ...], *, seconds: float) -> Waits:
    """Ask a query from each address again and again, with a pause, all with other texts."""
    waits, until = Waits(), time.monotonic() + seconds

    def ask_on(address: str) -> None:
        client = Client(port, address)
        for number in itertools.count():
            begun = time.monotonic()
            if begun > until:
                break
            waits.note(
                client.ask(f"{query} # {address} {number} {begun}"), time.monotonic() - begun
            )
            time.sleep(_PAUSE_SECONDS)
        client.leave()

    with ThreadPoolExecutor(len(addresses)) as threads:
        list(threads.map(ask_on, addresses))
    return waits


def waits_beside(port: int, seconds: float) -> tuple[Waits, Waits]:
    """Ask brief queries and long ones side by side; give the waits of both."""
    with ThreadPoolExecutor(1) as threads:
        long = threads.submit(beside, port, LONG, PATIENT, seconds=seconds)
        return beside(port, BRIEF, OTHERS, seconds=seconds), long.result()


def main() -> None:
    """Make a site, serve it, and print how long queries take without and beside such a client."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        site, port = Path(folder), free_port()
        write_site(site, triples=_TRIPLES)
        shutil.rmtree(site / "shapes")
        (site / "metropole.toml").write_text(SETTINGS + _LIMITS, encoding="utf-8")
        subprocess.run(metropole("build", site), check=True, stdout=subprocess.DEVNULL)
        command = metropole("serve", site, "--port", port)
        with running(command, port, site / "server.log", "/-/health"):
            time.sleep(2)
            told = waits_beside(port, seconds / 4)
            print(f"calm:   brief {told[0]}\n        long  {told[1]}", flush=True)
            with greedy(port) as found:
                time.sleep(2)
                told = waits_beside(port, seconds)
                print(f"beside: brief {told[0]}\n        long  {told[1]}")
                print(f"what the greedy client got: {dict(found)}")


if __name__ == "__main__":
    main()
