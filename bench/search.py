"""Ask a served site of 100,000 things for suggestions and searches over HTTP, each question new.

python bench/search.py [--triples N] [--questions N] [--site FOLDER]

It writes the site with generate.py, builds it, which takes most of the time, and prints how long
the index took, how large it is, and the times of the answers. `--site` names one that is built.
"""

import argparse
import http.client
import json
import random
import statistics
import subprocess
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from generate import write_site
from metropole.release.search_index import FILE, write_search
from metropole.settings import load
from running import free_port, metropole, running


def main() -> None:
    """Read the command line, build and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--site", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = options.site or Path(folder)
        if options.site is None:
            write_site(site, triples=options.triples)
            subprocess.run(metropole("build", site), check=True)
        _measure_index(site, Path(folder) / FILE)
        port = free_port()
        log = Path(folder) / "server.log"
        with running(metropole("serve", site, "--port", port), port, log, "/-/health"):
            places = options.triples // 10
            for name, questions in _questions(places, options.questions).items():
                path = "/search?q=" if name == "pages of results" else "/suggest.json?q="
                _measure(port, name, [path + quote(each) for each in questions])


def _measure_index(site: Path, path: Path) -> None:
    with (site / "current/dumps/dataset.nq").open("rb") as file:
        lines = [line.rstrip(b"\n") for line in file]
    begun = time.process_time()
    write_search(lines, load(site).base, path)
    seconds = time.process_time() - begun
    print(f"index: {seconds:.1f} s of processor, {path.stat().st_size / 1e6:.1f} MB", flush=True)


def _questions(places: int, number: int) -> dict[str, list[str]]:
    """Make questions that nobody asked before, so that no answer is kept already."""
    chance = random.Random(1)
    names = [
        f"{chance.choice(('Place', 'Vietovė', 'Ort'))} {each}"
        for each in chance.sample(range(places), number)
    ]
    return {
        "beginnings of names": sorted(
            {name[: chance.randrange(1, len(name) + 1)] for name in names}
        ),
        "words inside names": [name.split()[1] for name in names],
        "two words, begun": [f"{name.split()[1]} {name[:2]}" for name in names],
        "misspelt": [f"{name[:2]}{name[3:]}" for name in names],
        "pages of results": names,
    }


def _measure(port: int, name: str, paths: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for path in paths:
        begun = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        times.append(1000 * (time.perf_counter() - begun))
        assert response.status == HTTPStatus.OK, (path, response.status)
        if path.startswith("/suggest"):
            json.loads(body)
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{name}: {len(times)} questions, half within {cuts[49]:.1f} ms, 95 % within "
        f"{cuts[94]:.1f} ms, the slowest {max(times):.1f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
