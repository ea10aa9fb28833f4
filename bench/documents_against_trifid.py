"""Serve a graph of 1,000,000 statements beside Trifid, and compare what documents take.

    python bench/documents_against_trifid.py [--triples N] [--rounds N] [--seconds N] [--folder F]

Trifid stands before `oxigraph serve-read-only` with the same statements, and asks it for each
document. Both are asked in turn, round by round; what counts is the median of the ratios of the
rounds. Each request of a round is about another thing. How fast documents that are asked for again
and again are given is told too, and is not bound. It ends with 1 when a bound is missed. Needs
`npm` and `wrk`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
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
_CLIENTS = 8
#: Documents that are asked for again and again: few enough for any cache.
_FEW = 200
#: What the numbers of those begin with: hardly any of them has others within it.
_SMALL = "77"
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
class Kind:
    """A kind of documents, and how many times faster ours are promised to be."""

    name: str
    media_type: str
    least: float
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Give the median of the rounds."""
        return statistics.median(self.ratios)


def main() -> None:
    """Make the site, serve it twice, measure, and end with 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="for each rate and round")
    parser.add_argument("--folder", type=Path, help="keeps site and store for the next time")
    options = parser.parse_args()
    kinds = [Kind("Turtle", "text/turtle", 50), Kind("HTML", "text/html", 20)]
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prepare(folder, options.triples)
        ports = stack.enter_context(_both(folder))
        places = options.triples // TRIPLES_PER_PLACE
        print(f"load average {os.getloadavg()[0]:.1f}")
        for number in range(1, options.rounds + 1):
            for kind in kinds:
                _round(number, kind, *ports, places=places, seconds=options.seconds)
        for kind in kinds:
            turns = [(name, port, prefix + _SMALL) for name, port, prefix in _turns(*ports)]
            for _ in range(2):  # the first time they are kept
                rates = _rates(kind, turns, places=_FEW, seconds=options.seconds)
            print(f"asked again, {kind.name}: {_told(rates)}", flush=True)
    for kind in kinds:
        told = "kept" if kind.ratio >= kind.least else "MISSED"
        print(f"{kind.name}: {kind.ratio:.1f} times Trifid, at least {kind.least}: {told}")
    sys.exit(any(kind.ratio < kind.least for kind in kinds))


def _round(number: int, kind: Kind, ours: int, theirs: int, *, places: int, seconds: int) -> None:
    """Ask both, in another order each time; ours without the redirect that leads to a document."""
    turns = _turns(ours, theirs)
    rates = _rates(kind, turns if number % 2 else turns[::-1], places=places, seconds=seconds)
    kind.ratios.append(rates["metropole"] / rates["trifid"])
    print(f"round {number}, {kind.name}: {_told(rates)}; ratio {kind.ratios[-1]:.1f}", flush=True)


def _turns(ours: int, theirs: int) -> list[tuple[str, int, str]]:
    """Name both with their ports and with what the paths of their documents begin with."""
    return [("metropole", ours, "/doc/place/"), ("trifid", theirs, "/id/place/")]


def _rates(
    kind: Kind, turns: list[tuple[str, int, str]], *, places: int, seconds: int
) -> dict[str, float]:
    """Measure how many documents about so many places each gives in a second."""
    rates = {}
    for name, port, prefix in turns:
        _check(port, f"{prefix}1", kind.media_type)
        address, asked = f"http://127.0.0.1:{port}", (prefix, str(places), kind.media_type)
        rates[name] = asked_by_wrk(
            name, address, _HERE / "documents.lua", asked, clients=_CLIENTS, seconds=seconds
        )
    return rates


def _told(rates: dict[str, float]) -> str:
    return ", ".join(f"{name} {rate:.1f}/s" for name, rate in rates.items())


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
