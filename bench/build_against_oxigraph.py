"""Build a release of 1,000,000 statements beside `oxigraph load` of the same file.

    python bench/build_against_oxigraph.py [--triples N] [--rounds N]

The site has no shapes: what is compared is reading, writing and loading. A build must take at
most three times as long as the load and less than 1.5 GiB of memory.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from generate import write_site
from measuring import Run, compare, run

MOST_TIMES, MOST_MEBIBYTES = 3.0, 1536


def main() -> None:
    """Make the site, measure, and end with 1 when a bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        write_site(site, triples=options.triples)
        shutil.rmtree(site / "shapes")
        peaks: list[float] = []
        ratio = compare(
            lambda: _build(site, peaks),
            lambda: _load(site, Path(folder) / "peer"),
            rounds=options.rounds,
            names=("metropole build", "oxigraph load"),
        )
    sys.exit(ratio > MOST_TIMES or max(peaks) > MOST_MEBIBYTES)


def _build(site: Path, peaks: list[float]) -> Run:
    shutil.rmtree(site / "releases", ignore_errors=True)
    (site / "current").unlink(missing_ok=True)
    made = run([sys.executable, "-m", "metropole", "build", str(site)])
    peaks.append(made.mebibytes)
    return made


def _load(site: Path, store: Path) -> Run:
    shutil.rmtree(store, ignore_errors=True)
    oxigraph = str(Path(sys.executable).parent / "oxigraph")
    data = str(site / "data" / "places.ttl")
    base = ["--base", "https://places.example/"]
    return run([oxigraph, "load", "--location", str(store), "--file", data, *base])


if __name__ == "__main__":
    main()
