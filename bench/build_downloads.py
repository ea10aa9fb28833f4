"""Measure what all downloads cost: a release in which 10,000 of the entities have changed.

    python bench/build_downloads.py [--triples N] [--rounds N]

The same site is built with every file that can be made, and with none but those that are there
always; what is compared is the second release of each, which differs from the first in 10,000
entities. What the files add must take less than twice the time of the rest.
"""

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from generate import SETTINGS, write_site
from measuring import Run, run

_CHANGED = 10_000
MOST_TIMES = 2.0
_ALL = "[dumps]\nmost_statements = 1000000000\n"
_LEAST = "[dumps]\nformats = []\nparts = []\ntables = []\ncompressions = []\n"


def main() -> None:
    """Make the site, measure, and end with 1 when the bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.rounds + 1):
            least = _second_build(Path(folder) / "least", _LEAST, options.triples)
            every = _second_build(Path(folder) / "all", _ALL, options.triples)
            ratios.append((every.seconds - least.seconds) / least.seconds)
            print(
                f"round {number}: {least.seconds:.1f} s and {least.mebibytes:.0f} MiB with the "
                f"files that are there always, {every.seconds:.1f} s and {every.mebibytes:.0f} "
                f"MiB with all; the others add {ratios[-1]:.2f} times the rest",
                flush=True,
            )
    ratio = statistics.median(ratios)
    print(f"median: {ratio:.2f} times the rest")
    sys.exit(ratio > MOST_TIMES)


def _second_build(site: Path, dumps: str, triples: int) -> Run:
    """Build a site, change some of its entities, and measure the build that follows."""
    shutil.rmtree(site, ignore_errors=True)
    write_site(site, triples=triples)
    shutil.rmtree(site / "shapes")
    (site / "metropole.toml").write_text(SETTINGS + dumps, encoding="utf-8")
    command = [sys.executable, "-m", "metropole", "build", str(site)]
    run(command)
    data = site / "data" / "places.ttl"
    text = data.read_text(encoding="utf-8")
    changed = re.sub(r":population (\d+)", r":population 1\1", text, count=_CHANGED)
    data.write_text(changed, encoding="utf-8")
    return run(command)


if __name__ == "__main__":
    main()
