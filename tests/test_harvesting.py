"""Programs of others harvest a catalogue over HTTP: CKAN, Comunica, and a Signposting client."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metropole import publish
from metropole.settings import load
from processes import free_port
from web_site import LABEL, Server, fetch, server_of, write_site

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools"
#: A Python of its own with ckan, ckanext-dcat and signposting (scripts/install-test-tools).
HARVESTERS = Path(os.environ.get("METROPOLE_HARVESTERS", TOOLS / "harvesters/bin"))
SETTINGS = """
licence = "https://creativecommons.org/licenses/by/4.0/"
publisher = "The publisher"
[catalogue]
page_size = 3
"""
#: The whole, the ontology, the source graphs, and one release.
DATASETS = 1 + 1 + 8 + 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose base is its own address, since pages name each other by their IRIs."""
    root, port = tmp_path_factory.mktemp("harvested"), free_port()
    thing = '<id/{0}> a <ns#Thing> ; <{1}> "{0}" .\n'
    files = {f"data/d{number}.ttl": thing.format(number, LABEL) for number in range(8)}
    write_site(root, files, base=f"http://127.0.0.1:{port}/", more=SETTINGS)
    text = (root / "metropole.toml").read_text().replace("[limits]\n", "")
    (root / "metropole.toml").write_text(text)
    publish.build(load(root))
    with server_of(root, port) as running:
        yield running


def harvester(name: str) -> Path:
    """Give a program of the harvesters' Python, or skip and say what is missing."""
    found = HARVESTERS / name
    if not found.exists():
        pytest.skip(f"{name} for harvesting is missing: run scripts/install-harvesters")
    return found


def output(*command: object) -> str:
    """Run a program and give what it writes."""
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", ["catalog", "catalog.jsonld"])
def test_ckan_reads_every_dataset_once(server: Server, path: str) -> None:
    """The parser of ckanext-dcat goes through all pages, ends, and finds what a portal shows."""
    harvester("ckan")
    script = ROOT / "tests/clients/harvest_with_ckan.py"
    address = f"http://127.0.0.1:{server.port}/{path}"
    told: dict[str, Any] = json.loads(output(harvester("python"), script, address))

    assert told["pages"] == (1 if path == "catalog.jsonld" else -(-DATASETS // 3))
    names = [dataset["uri"] for dataset in told["datasets"]]
    assert len(names) == len(set(names)) == DATASETS
    for dataset in told["datasets"]:
        assert dataset["title"]
        assert dataset["notes"]
        assert dataset["publisher"] == "The publisher"
        for resource in dataset["resources"]:
            assert resource["license"] == "https://creativecommons.org/licenses/by/4.0/"
            assert resource["format"]
            path = "/" + resource["url"].split("/", 3)[3]
            head = fetch(server.port, path, method="HEAD")
            assert head.status == 200, path
            if resource["download_url"] and resource["size"]:  # a feed has no size
                assert int(head.headers["content-length"]) == int(resource["size"])


@pytest.mark.parametrize("path", ["catalog", "catalog.ttl?page=1"])
def test_comunica_follows_the_pages(server: Server, path: str) -> None:
    """A query over the first page finds the datasets of all pages, from either address."""
    program = TOOLS / "node_modules/@comunica/query-sparql/bin/query.js"
    if shutil.which("node") is None or not program.exists():
        pytest.skip("@comunica/query-sparql is missing: run scripts/install-test-tools")
    query = "SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
    rows = json.loads(output("node", program, f"http://127.0.0.1:{server.port}/{path}", query))

    found = [row["d"] for row in rows]
    assert len(found) == len(set(found)) == DATASETS


def test_signposting_client_finds_its_way(server: Server) -> None:
    """The `signposting` client reads the header of a dataset's page, and its linkset."""
    program, base = harvester("signposting"), f"http://127.0.0.1:{server.port}/"
    header = output(program, "--http", base + "dumps/")
    linkset = output(program, "--linkset", base + "linkset/dumps/")

    for told in (header, linkset):
        assert f"CiteAs: <{base}.well-known/void#dataset>" in told
        for part in ("schema.org/Dataset", "License:", "Author:", "DescribedBy:", "Item:"):
            assert part in told
        assert "dataset.nq> application/n-quads" in told
    assert f"<{base}linkset/dumps/> application/linkset+json" in header


def test_robots_understand_wildcards(server: Server) -> None:
    """Protego, the parser of Scrapy (RFC 9309), keeps from what has no end, and from no more."""
    endless = (
        *("sparql?query=x", "data?graph=x", "search?q=x", "browse/things?kind=x", "queries/a@0"),
        *("doc/a?release=0", "doc/a?x=1&release=0", "doc/a?lang=lt", "timegate/doc/a", "-/metrics"),
    )
    wanted = ("", "doc/a", "catalog", "catalog?page=2", "sparql", "queries/a", "dumps/", "ns")
    harvester("signposting")
    script = (
        "import sys, protego\n"
        "rules = protego.Protego.parse(sys.argv[1])\n"
        "print(*(int(rules.can_fetch(each, 'any')) for each in sys.argv[2:]))"
    )
    base = f"http://127.0.0.1:{server.port}/"
    text = fetch(server.port, "/robots.txt").body.decode()
    addresses = [base + path for path in (*endless, *wanted)]
    told = output(harvester("python"), "-c", script, text, *addresses).split()

    assert told == ["0"] * len(endless) + ["1"] * len(wanted)
