"""Check a site of 100,000 statements beside the bare pySHACL call on the same data.

    python bench/check_against_pyshacl.py [--triples N] [--rounds N] [--wrong N]

The bare call loads data, ontology and shapes into an oxrdflib graph and validates. A check
reads strictly, knows every line, and looks at definitions, quotations and queries as well; it
must take at most 1.3 times as long.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from generate import write_site
from measuring import Run, compare, run

MOST_TIMES = 1.3
BARE = """
import sys, pyoxigraph, pyshacl, rdflib, oxrdflib
site, base = sys.argv[1], "https://places.example/"
store = pyoxigraph.Store()
for folder in ("ontology", "data"):
    store.bulk_load(path=f"{site}/{folder}/places.ttl", base_iri=base)
default = rdflib.graph.DATASET_DEFAULT_GRAPH_ID
data = rdflib.Graph(store=oxrdflib.OxigraphStore(store=store), identifier=default)
shapes = rdflib.Graph().parse(f"{site}/shapes/places.ttl", publicID=base)
pyshacl.validate(data, shacl_graph=shapes, inplace=True)
"""


def main() -> None:
    """Make the site, measure, and end with 1 when the bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wrong", type=int, default=0, help="places that break a shape")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        write_site(site, triples=options.triples, wrong=options.wrong)
        ratio = compare(
            lambda: _check(site),
            lambda: run([sys.executable, "-c", BARE, str(site)]),
            rounds=options.rounds,
            names=("metropole check", "bare pySHACL"),
        )
    sys.exit(ratio > MOST_TIMES)


def _check(site: Path) -> Run:
    command = [sys.executable, "-m", "metropole", "check", str(site), "--format", "json"]
    return run(command)


if __name__ == "__main__":
    main()
