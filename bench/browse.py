"""Measure pages of a list: the first, a deep one, one with a facet, one of a small class.

python bench/browse.py FOLDER (a site that `bench/generate.py` wrote and `metropole build` built)
"""

import argparse
import statistics
import time
from pathlib import Path

from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving

ROUNDS = 200
PAGES = {
    "first page of 75,000": "/browse/Town",
    "page 1400 of 75,000": "/browse/Town?page=1400",
    "in another language": "/browse/Town?lang=lt&page=700",
    "newest first": "/browse/Town?sort=newest&page=700",
    "one facet": "/browse/Town?founded=1200-1299",
    "two values of a facet, deep": "/browse/Town?founded=1200-1299&founded=1400-1499&page=200",
    "as JSON": "/browse/Town.json?page=1400",
    "a class of 2": "/browse/Ontology",
    "all classes": "/browse/",
    "home": "/",
}


def main() -> None:
    """Ask each page again and again, without a server between, and tell the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    served = Serving(load(parser.parse_args().folder))
    try:
        client = create_app(served).test_client()
        for name, path in PAGES.items():
            times = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                response = client.get(path, headers={"Accept": "text/html"})
                times.append(time.perf_counter() - begun)
            told = f"{statistics.median(times) * 1000:6.1f} ms"
            print(f"{name:<32} {told}  {response.status_code}  {len(response.data):,} bytes")
    finally:
        served.pool.close()


if __name__ == "__main__":
    main()
