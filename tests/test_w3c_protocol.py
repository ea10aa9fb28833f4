"""The W3C suites of the SPARQL Protocol and Service Description, and Comunica, over HTTP."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from metropole import publish
from metropole.settings import load
from processes import free_port
from web_site import fetch, hard_files, query_path, server_of, write_site

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools" / "node_modules"
SHARED = Path(os.environ.get("METROPOLE_SHARED", ROOT.parent / "shared"))
SUITES = SHARED / "suites" / "sparql11"
MANIFESTS = "https://w3c.github.io/rdf-tests/"
WRITES = "the suite loads its data or checks its effect by an update, and this endpoint only reads"
#: What the runner writes before a test that passed.
PASSED = "\u2714"
#: Tests that cannot pass here, by name: each has to write.
EXPECTED_FAILURES = {
    "query_dataset_default_graphs_get": WRITES,
    "query_dataset_default_graphs_post": WRITES,
    "query_dataset_named_graphs_post": WRITES,
    "query_dataset_named_graphs_get": WRITES,
    "query_dataset_full": WRITES,
    "query_multiple_dataset": WRITES,
    "update_dataset_default_graph": WRITES,
    "update_dataset_default_graphs": WRITES,
    "update_dataset_named_graphs": WRITES,
    "update_dataset_full": WRITES,
    "update_post_form": WRITES,
    "update_post_direct": WRITES,
    "update_base_uri": WRITES,
}
COUNT = query_path("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server whose base is its own address."""
    found = free_port()
    root = tmp_path_factory.mktemp("w3c")
    write_site(root, hard_files(), base=f"http://127.0.0.1:{found}/")
    publish.build(load(root))
    with server_of(root, found):
        yield found


def needs(package: str) -> None:
    """Skip where Node or a package is not there."""
    if shutil.which("node") is None or not (TOOLS / package).exists():
        pytest.skip(f"{package} is missing: run scripts/install-test-tools")


def run_suite(name: str, option: str, port: int, folder: Path) -> dict[str, bool]:
    """Run a suite against the server: test to whether it passed."""
    needs("rdf-test-suite")
    if not SUITES.exists():
        pytest.skip(f"the W3C suites are not in {SHARED.name}/suites: set METROPOLE_SHARED")
    engine = folder / "engine.js"
    engine.write_text("module.exports={parse(){throw 0},query(){throw 0},update(){throw 0}}")
    command = [
        "node",
        str(TOOLS / "rdf-test-suite" / "bin" / "Runner.js"),
        engine.name,  # relative to the folder it runs in
        f"{MANIFESTS}sparql/sparql11/{name}/manifest.ttl",
        *("-m", f"{MANIFESTS}~{SUITES}/"),
        *("-i", json.dumps({option: f"http://127.0.0.1:{port}/sparql"})),
        *("-o", "summary"),
    ]
    told = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    plain = re.sub(r"\x1b\[[0-9;]*m", "", told.stdout)
    lines = re.findall(r"^(\S+) .* \(\S+[#/](\S+)\)", plain, re.MULTILINE)
    assert lines, told.stdout + told.stderr
    return {name: mark == PASSED for mark, name in lines}


def test_service_description_suite(port: int, tmp_path: Path) -> None:
    """All three tests of the service description pass."""
    results = run_suite("service-description", "serviceDescriptionEndpoint", port, tmp_path)

    assert len(results) == 3
    assert all(results.values()), results


def test_protocol_suite(port: int, tmp_path: Path) -> None:
    """Every test that does not have to write passes, and the suite changes nothing."""
    before = fetch(port, COUNT).body

    results = run_suite("protocol", "protocolEndpoint", port, tmp_path)

    assert len(results) == 34
    assert {name for name, passed in results.items() if not passed} == set(EXPECTED_FAILURES)
    assert fetch(port, COUNT).body == before


def test_comunica(port: int) -> None:
    """Comunica finds the endpoint by its description and gets the rows."""
    needs("@comunica/query-sparql")
    query = f"SELECT ?o {{ <http://127.0.0.1:{port}/id/twice> ?p ?o }}"
    program = TOOLS / "@comunica" / "query-sparql" / "bin" / "query.js"
    told = subprocess.run(
        ["node", str(program), f"http://127.0.0.1:{port}/sparql", query],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert sorted(row["o"] for row in json.loads(told.stdout)) == [
        '"twice"',
        f"http://127.0.0.1:{port}/ns#Thing",
    ]
