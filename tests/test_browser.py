"""Tests in a real browser: the editor by keyboard, YASGUI on another site, and accessibility."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsers import ROOT, TOOLS, Browser, find_browser
from web_site import query_path, server_of

EDITOR = ROOT / "src/metropole/web/static/editor/editor.js"
_COUNTS = (
    "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) LIMIT 5"
)


@pytest.fixture(scope="module")
def browser() -> Browser:
    """A browser."""
    return find_browser()


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the site of this repository."""
    assert browser
    root = tmp_path_factory.mktemp("browser")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "metropole.toml", root)
    command = [sys.executable, "-m", "metropole", "build", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    with server_of(root) as server:
        yield f"http://127.0.0.1:{server.port}"


def test_editor_by_keyboard(browser: Browser, address: str) -> None:
    """With keys alone: choose an example, ask, complete, see an error, leave; no other host."""
    if not EDITOR.is_file():
        pytest.skip("needs the built editor: 'make assets'")
    seen = browser.run("editor.mjs", address)

    assert seen["errors"] == []
    assert seen["hosts"] == [address.removeprefix("http://")]
    assert seen["rows"] > 0
    assert seen["permalink"] == seen["example"]
    assert seen["picture"] == "bar"
    assert seen["bars"] == seen["rows"]
    assert seen["tabStays"]
    assert seen["tabLeaves"]
    assert seen["shiftTabLeaves"]
    assert "PREFIX schema:" in seen["completed"]
    assert (seen["errorLine"], seen["isMarked"]) == (2, True)
    assert seen["overflow"] == 0


def test_yasgui_of_another_site_gets_rows(browser: Browser, address: str) -> None:
    """YASGUI as it is shipped, on a page of another origin, shows the rows of our endpoint."""
    if not (TOOLS / "node_modules/@zazuko/yasgui").is_dir():
        pytest.skip("needs @zazuko/yasgui, which 'scripts/install-test-tools' installs")
    seen = browser.run("yasgui.mjs", address, _COUNTS)

    assert len(set(seen["origins"])) == 2
    assert seen["refused"] == []
    assert (seen["status"], seen["type"]) == (200, "application/sparql-results+json")
    assert seen["rows"] == 5
    assert {"class", "n"} <= set(seen["head"])
    assert "Concept" in seen["text"]


def test_pages_have_no_accessibility_violation(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    """Form, answers, pictures and saved queries pass axe-core and fit a phone."""
    if not (TOOLS / "node_modules/axe-core").is_dir():
        pytest.skip("needs axe-core, which 'scripts/install-test-tools' installs")
    lines = (
        "SELECT ?year ?n ?s { VALUES (?year ?n ?s) { (2000 1 'a') (2001 3 'a') (2001 2 'b')"
        " (2000 2 'b') } }"
    )
    paths = [
        query_path(_COUNTS, chart="bar"),
        query_path(lines, chart="line"),
        query_path("SELECT * {\n?s ?p }"),
        "/queries/activity-by-city.html",
        "/queries/figures-of-place.html",
    ]
    seen = browser.run("accessibility.mjs", address, str(tmp_path), *paths)

    assert seen["checked"] > 100, "axe-core has not looked at anything"
    assert seen["violations"] == []
    assert seen["overflow"] == []
