"""Ask an endpoint as fast as it answers: by wrk when it is there, else by processes of our own."""

import http.client
import multiprocessing
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_SCRIPT = Path(__file__).parent / "asked.lua"
_CLIENTS = 8
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_FAILED = re.compile(r"^\s*(Non-2xx.*|Socket errors.*)$", re.MULTILINE)
_PIECE = 1 << 18


class Failed(Exception):
    """An endpoint answered with an error: what was measured is worth nothing."""


@dataclass(frozen=True)
class Endpoint:
    """Where queries are asked, on this machine."""

    name: str
    port: int
    path: str

    def ask(self, query: str, *, connection: http.client.HTTPConnection | None = None) -> int:
        """Ask a query for JSON, read the answer to its end, and count its bytes; raises Failed."""
        asked = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        target = f"{self.path}?query={quote(query, safe='')}"
        asked.request("GET", target, headers={"Accept": "application/sparql-results+json"})
        answer = asked.getresponse()
        length = 0
        while piece := answer.read(_PIECE):
            length += len(piece)
        if connection is None:
            asked.close()
        if answer.status != http.client.OK:
            raise Failed(f"{self.name} answered {answer.status} to: {query}")
        return length


def generator() -> str:
    """Name what makes the many small requests."""
    return "wrk" if shutil.which("wrk") else f"{_CLIENTS} processes of Python"


def rate(endpoint: Endpoint, kind: str, seconds: float) -> float:
    """Give the requests a second that are answered; `kind` is `repeated` or `unique`."""
    if shutil.which("wrk") is None:
        return _rate_of_processes(endpoint, kind, seconds)
    address, asked = f"http://127.0.0.1:{endpoint.port}", (kind, endpoint.path)
    return asked_by_wrk(
        endpoint.name, address, _SCRIPT, asked, clients=_CLIENTS, seconds=round(seconds)
    )


def asked_by_wrk(
    name: str,
    address: str,
    script: Path,
    asked: Sequence[str],
    *,
    clients: int,
    seconds: int,
    threads: int = 2,
) -> float:
    """Give the requests a second that a server answers when wrk asks with a script.

    Raises Failed when an answer is an error.
    """
    command = [
        "wrk",
        f"-t{threads}",
        f"-c{clients}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "-s",
        str(script),
        address,
    ]
    told = subprocess.run(
        [*command, "--", *asked], capture_output=True, text=True, check=True
    ).stdout
    failed, found = _FAILED.search(told), _RATE.search(told)
    if failed or not found:
        raise Failed(f"{name}, {' '.join(asked)}: {failed[1] if failed else told}")
    return float(found[1])


def _rate_of_processes(endpoint: Endpoint, kind: str, seconds: float) -> float:
    with multiprocessing.Pool(_CLIENTS) as pool:
        asks = [(endpoint, kind, seconds, client) for client in range(_CLIENTS)]
        return sum(pool.starmap(_ask_on, asks)) / seconds


def _ask_on(endpoint: Endpoint, kind: str, seconds: float, client: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port)
    count, begun = 0, time.time()
    while time.time() < begun + seconds:
        number = count % 20 if kind == "repeated" else (count * 7919 + client * 31) % 100_000
        note = "" if kind == "repeated" else f" # {client}.{begun}.{count}"
        place = f"<https://places.example/id/place/{number}>"
        endpoint.ask(f"SELECT ?p ?o {{ {place} ?p ?o }}{note}", connection=connection)
        count += 1
    return count


def rate_of_list(endpoint: Endpoint, queries: list[str], *, clients: int) -> float:
    """Give the answers a second when so many clients ask all of the queries."""
    begun = time.monotonic()
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(endpoint.ask, queries))
    return len(queries) / (time.monotonic() - begun)
