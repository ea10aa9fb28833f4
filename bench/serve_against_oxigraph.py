"""Serve a graph of 1,000,000 statements beside `oxigraph serve-read-only`, and compare.

    python bench/serve_against_oxigraph.py [--triples N] [--rounds N] [--seconds N] [--folder F]

Both serve the same statements on this machine and are asked in turn, round by round; what counts
is the median of the ratios of the rounds. It ends with 1 when a bound is missed.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generate import SETTINGS, write_site
from http_load import Endpoint, Failed, generator, rate, rate_of_list
from running import Server, free_port, metropole, oxigraph, processor_seconds, running

_PREFIX = "PREFIX : <https://places.example/ns#> "
#: Queries that take some tenths of a second; what is put behind makes each a new one.
_SLOW = tuple(
    _PREFIX + text
    for text in (
        "SELECT ?w (COUNT(*) AS ?n) { ?s :within ?w ; :population ?p } GROUP BY ?w",
        "SELECT (COUNT(*) AS ?n) { ?s :population ?p ; :area ?a FILTER(?p > 500000 && ?a > 50) }",
        "SELECT ?s ?p { ?s a :Town ; :population ?p } ORDER BY DESC(?p) ?s LIMIT 20",
        "SELECT ?kind (AVG(?p) AS ?mean) { ?s a ?kind ; :population ?p } GROUP BY ?kind",
    )
)
_LONG = _PREFIX + "SELECT ?s ?p { ?s :population ?p } LIMIT 100000"
_SLOW_CLIENTS, _SLOW_TURNS, _LONG_TURNS = 2, 2, 3
#: A single client asks as much as it likes.
_LIMITS = "[limits]\nclient_seconds_per_minute = 0\n"
_BASE = "https://places.example/"
_FEWEST_SECONDS = 0.1


@dataclass
class Load:
    """A kind of requests, how fast an endpoint answers them, and what is promised."""

    name: str
    #: The least that is promised, as a part of what Oxigraph's own server does.
    least: float
    #: Gives answers a second.
    measure: Callable[[Endpoint], float]
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Give the median of the rounds."""
        return statistics.median(self.ratios)


@dataclass(frozen=True)
class Served:
    """An endpoint with the process behind it."""

    endpoint: Endpoint
    server: Server


def main() -> None:
    """Make the site, serve it twice, measure, and end with 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="for each rate and round")
    parser.add_argument("--folder", type=Path, help="keeps site and store for the next time")
    parser.add_argument("--only", default="", help="loads that have this in their name")
    options = parser.parse_args()
    loads = [each for each in _loads(options.seconds) if options.only in each.name]
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prepare(folder, options.triples)
        served = stack.enter_context(_both(folder))
        _check(*(each.endpoint for each in served))
        print(f"{generator()} makes the small requests; load average {_load_average()}")
        for number in range(1, options.rounds + 1):
            for load in loads:
                _round(number, load, *served)
    print(f"load average {_load_average()}")
    for load in loads:
        told = "kept" if load.ratio >= load.least else "MISSED"
        print(f"{load.name}: {load.ratio:.2f} of oxigraph, at least {load.least}: {told}")
    sys.exit(any(load.ratio < load.least for load in loads))


def _loads(seconds: float) -> list[Load]:
    return [
        Load("repeated queries", 1.2, lambda at: rate(at, "repeated", seconds)),
        Load("unique lookups", 0.35, lambda at: rate(at, "unique", seconds)),
        Load(
            "queries over 100 ms",
            0.95,
            lambda at: rate_of_list(at, _new(_SLOW * _SLOW_TURNS), clients=_SLOW_CLIENTS),
        ),
        Load(
            "100,000 rows as JSON",
            0.9,
            lambda at: rate_of_list(at, _new((_LONG,) * _LONG_TURNS), clients=1),
        ),
    ]


def _new(queries: tuple[str, ...]) -> list[str]:
    """Make each query one that nobody has asked before, so that nothing kept can answer it."""
    now = time.monotonic_ns()
    return [f"{query} # {now} {number}" for number, query in enumerate(queries)]


def prepare(folder: Path, triples: int) -> None:
    """Make the site and the store in a folder, unless they are there."""
    site, store = folder / "site", folder / "store"
    if store.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_site(site, triples=triples)
    shutil.rmtree(site / "shapes")
    (site / "metropole.toml").write_text(SETTINGS + _LIMITS, encoding="utf-8")
    subprocess.run(metropole("build", site), check=True, stdout=subprocess.DEVNULL)
    data = [str(path) for path in sorted(site.glob("*/*.ttl"))]
    command = oxigraph("load", "--location", store, "--base", _BASE, "--file", *data)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    subprocess.run(oxigraph("optimize", "--location", store), check=True)


@contextmanager
def _both(folder: Path) -> Iterator[tuple[Served, Served]]:
    """Serve the site and the store."""
    ports = free_port(), free_port()
    ours = metropole("serve", folder / "site", "--port", ports[0])
    bind = f"127.0.0.1:{ports[1]}"
    theirs = oxigraph("serve-read-only", "--location", folder / "store", "--bind", bind)
    with (
        running(ours, ports[0], folder / "metropole.log", "/-/health") as one,
        running(theirs, ports[1], folder / "oxigraph.log") as other,
    ):
        yield (
            Served(Endpoint("metropole", ports[0], "/sparql"), one),
            Served(Endpoint("oxigraph", ports[1], "/query"), other),
        )


def _check(*endpoints: Endpoint) -> None:
    """See that both have the same data, and that the slow queries are slow; raises Failed."""
    for query in (*_SLOW, _LONG):
        lengths = set()
        for endpoint in endpoints:
            begun = time.monotonic()
            lengths.add(endpoint.ask(query))
            seconds = time.monotonic() - begun
            if seconds < _FEWEST_SECONDS:
                raise Failed(f"{endpoint.name} needs only {seconds:.3f} s for: {query}")
        if len(lengths) > 1:
            raise Failed(f"The answers differ in length, {lengths}: {query}")


def _round(number: int, load: Load, ours: Served, theirs: Served) -> None:
    told, rates = [], []
    for served in (ours, theirs) if number % 2 else (theirs, ours):
        begun, before = time.monotonic(), processor_seconds(served.server.processes())
        found = load.measure(served.endpoint)
        used = processor_seconds(served.server.processes()) - before
        each_ms = used / (found * (time.monotonic() - begun)) * 1000
        rates.append(found)
        told.append(f"{served.endpoint.name} {found:.2f}/s, {each_ms:.3f} ms of processor each")
    own, other = rates if number % 2 else reversed(rates)
    load.ratios.append(own / other)
    print(f"round {number}, {load.name}: {'; '.join(told)}; ratio {own / other:.2f}", flush=True)


def _load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
