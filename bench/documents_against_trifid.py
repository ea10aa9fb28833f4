"""Serve a graph of 1,000,000 statements beside Trifid, and compare what documents take.

    python bench/documents_against_trifid.py [--triples N] [--rounds N] [--seconds N] [--folder F]

Trifid stands before `oxigraph serve-read-only` with the same statements, and asks it for each
document. Both are asked in turn, round by round; what counts is the median of the ratios of the
rounds. Documents that are asked for again and again are bound: it ends with 1 when a bound is
missed. How fast documents that nobody asked for before are given, each request being about another
thing, is measured and told beside it. Needs `npm` and `wrk`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generate import TRIPLES_PER_PLACE
from http_load import Failed, asked_by_wrk
from running import free_port, metropole, oxigraph, running
from serve_against_oxigraph import prepare

_HERE = Path(__file__).parent
_PEERS = _HERE.parent / ".tools/peers"
#: So many that no server waits for them, and one thread of wrk, so that servers have a core.
_CLIENTS, _THREADS = 32, 1
#: Documents that are asked for again and again: few enough for any cache.
_FEW = 200
#: What the numbers of those begin with: hardly any of them has others within it.
_SMALL = "77"
#: After so long each of those has been given.
_WARM_SECONDS = 2
#: After so long a server is done with what was asked when the time of the clients was over.
_CALM_SECONDS = 1
#: Trifid's settings; what is in front of a graph and the page of a thing, nothing else.
_SETTINGS = """\
server:
  listener: {{port: {port}, host: 127.0.0.1}}
  logLevel: error
globals:
  datasetBaseUrl: https://places.example/
  endpoints: {{default: {{url: "http://127.0.0.1:{store}/query"}}}}
plugins:
  entity-renderer:
    module: "@zazuko/trifid-entity-renderer"
    config: {{followRedirects: false}}
"""


@dataclass
class Load:
    """Documents of a kind as they are asked for, and how many times faster ours are given."""

    name: str
    media_type: str
    #: What the paths have behind those of a server, and how many things they are about.
    start: str
    places: int
    #: What is promised; None where nothing is.
    least: float | None
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Give the median of the rounds."""
        return statistics.median(self.ratios)

    @property
    def is_missed(self) -> bool:
        """Tell whether it is less than was promised."""
        return self.least is not None and self.ratio < self.least

    def told(self) -> str:
        """Say what came out."""
        found = f"{self.name}: {self.ratio:.1f} times Trifid"
        if self.least is None:
            return found
        return f"{found}, at least {self.least:g}: {'MISSED' if self.is_missed else 'kept'}"


def main() -> None:
    """Make the site, serve it twice, measure, and end with 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="for each rate and round")
    parser.add_argument("--folder", type=Path, help="keeps site and store for the next time")
    parser.add_argument("--only", default="", help="loads that have this in their name")
    options = parser.parse_args()
    places = options.triples // TRIPLES_PER_PLACE
    loads = [
        Load("Turtle, asked again", "text/turtle", _SMALL, _FEW, 50),
        Load("HTML, asked again", "text/html", _SMALL, _FEW, 20),
        Load("Turtle, asked first", "text/turtle", "", places, None),
        Load("HTML, asked first", "text/html", "", places, None),
    ]
    loads = [load for load in loads if options.only in load.name]
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prepare(folder, options.triples)
        ports = stack.enter_context(_both(folder))
        print(f"load average {os.getloadavg()[0]:.1f}")
        for number in range(1, options.rounds + 1):
            for load in loads:
                _round(number, load, *ports, seconds=options.seconds)
    for load in loads:
        print(load.told())
    sys.exit(any(load.is_missed for load in loads))


def _round(number: int, load: Load, ours: int, theirs: int, *, seconds: int) -> None:
    """Ask both, in another order each time; ours without the redirect that leads to a document."""
    turns = [("metropole", ours, "/doc/place/"), ("trifid", theirs, "/id/place/")]
    rates = {}
    for name, port, prefix in turns if number % 2 else turns[::-1]:
        _check(port, f"{prefix}1", load.media_type)
        if load.places == _FEW:
            _rate(name, port, prefix, load, _WARM_SECONDS)
        rates[name] = _rate(name, port, prefix, load, seconds)
    load.ratios.append(rates["metropole"] / rates["trifid"])
    told = ", ".join(f"{name} {rate:.1f}/s" for name, rate in rates.items())
    print(f"round {number}, {load.name}: {told}; ratio {load.ratios[-1]:.1f}", flush=True)


def _rate(name: str, port: int, prefix: str, load: Load, seconds: int) -> float:
    """Measure how many documents a server gives in a second."""
    time.sleep(_CALM_SECONDS)
    return asked_by_wrk(
        name,
        f"http://127.0.0.1:{port}",
        _HERE / "documents.lua",
        (prefix + load.start, str(load.places), load.media_type),
        clients=_CLIENTS,
        seconds=seconds,
        threads=_THREADS,
    )


def _check(port: int, path: str, media_type: str) -> None:
    """See that a document is what was asked for and says something; raises Failed."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": media_type})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        kind, body = answer.headers.get_content_type(), answer.read().decode()
    if kind != media_type or "Vietovė " not in body:
        raise Failed(f"{path} of port {port} is {kind} and has not the name of the place")


@contextmanager
def _both(folder: Path) -> Iterator[tuple[int, int]]:
    """Serve the site, and Trifid before the store; gives their ports."""
    ours, theirs, store = free_port(), free_port(), free_port()
    settings = folder / "trifid.yaml"
    settings.write_text(_SETTINGS.format(port=theirs, store=store), encoding="utf-8")
    behind = oxigraph(
        "serve-read-only", "--location", folder / "store", "--bind", f"127.0.0.1:{store}"
    )
    with (
        running(
            metropole("serve", folder / "site", "--port", ours),
            ours,
            folder / "metropole.log",
            "/-/health",
        ),
        running(behind, store, folder / "oxigraph.log"),
        running([*_trifid(), "-c", str(settings)], theirs, folder / "trifid.log", "/id/place/1"),
    ):
        yield ours, theirs


def _trifid() -> list[str]:
    """Give the command line of Trifid, which is installed when it is missing."""
    program = _PEERS / "node_modules/trifid/server.js"
    if not program.exists():
        _PEERS.mkdir(parents=True, exist_ok=True)
        shutil.copy(_HERE / "peers/package.json", _PEERS)
        install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*install, "--prefix", str(_PEERS)], check=True)
    return ["node", str(program)]


if __name__ == "__main__":
    main()
