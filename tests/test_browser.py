"""Tests in a real browser: journeys by keyboard, YASGUI on another site, and accessibility."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsers import ROOT, TOOLS, Browser, find_browser
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from own_site import own_site
from page_kinds import page_kinds
from web_site import server_of

EDITOR = ROOT / "src/metropole/web/static/editor/editor.js"
_COUNTS = (
    "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) LIMIT 5"
)

#: Pages with pictures, tables and marks of their own: these in light and dark at either width.
_IN_ALL_WAYS = {"home", "city", "class", "query-bars", "query-map", "story", "sparql-lines", "gone"}
_VNU = TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository, built."""
    return own_site(tmp_path_factory)


@pytest.fixture(scope="module")
def browser() -> Browser:
    """A browser."""
    return find_browser()


@pytest.fixture(scope="module")
def address(browser: Browser, site: Path) -> Iterator[str]:
    """The address of a server of the site of this repository."""
    assert browser
    with server_of(site) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def kinds(site: Path) -> dict[str, str]:
    """A page of each kind."""
    return page_kinds((site / "current").readlink().name)


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
    assert seen["pictureOfAnother"] is None
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


def test_journeys_by_keyboard(browser: Browser, address: str) -> None:
    """With keys alone: from home to a quotation, from a search to Turtle, from a query to CSV."""
    if not EDITOR.is_file():
        pytest.skip("needs the built editor: 'make assets'")
    seen = browser.run("journeys.mjs", address)

    _came_there(seen, address)
    assert seen["bars"] > 3
    assert seen["csv"].startswith("figure,value")


def test_journeys_by_keyboard_without_script(browser: Browser, address: str) -> None:
    """The ways to a quotation and to Turtle need no JavaScript."""
    _came_there(browser.run("journeys.mjs", address, "no-script"), address)


def _came_there(seen: dict[str, object], address: str) -> None:
    assert seen["errors"] == []
    assert seen["hosts"] == [address.removeprefix("http://")]
    assert seen["source"] == [
        "/doc/city/berlin",
        "/doc/park/adlershof",
        "/doc/source/adlershof-report-2007",
    ]
    assert seen["quote"] == "13.400"
    assert seen["turtleType"] == "text/turtle; charset=utf-8"


def test_pages_are_accessible(browser: Browser, address: str, kinds: dict[str, str]) -> None:
    """Each kind of page passes axe-core, fits a phone, keeps still, is light, and asks no other."""
    if not (TOOLS / "node_modules/axe-core").is_dir():
        pytest.skip("needs axe-core, which 'scripts/install-test-tools' installs")
    paths = [("+" if name in _IN_ALL_WAYS else "") + path for name, path in kinds.items()]
    seen = browser.run("accessibility.mjs", address, *paths, seconds=600)

    assert seen["checked"] > 20 * len(kinds), "axe-core has not looked at anything"
    assert seen["violations"] == []
    assert seen["overflow"] == []
    assert seen["shifted"] == []
    assert seen["heavy"] == []
    assert seen["hosts"] == [address.removeprefix("http://")]


def test_pages_are_html(site: Path, kinds: dict[str, str], tmp_path: Path) -> None:
    """The Nu Html Checker finds no error in any kind of page."""
    java = shutil.which("java")
    if not (java and _VNU.is_file()):
        pytest.skip("needs Java, and vnu-jar, which 'scripts/install-test-tools' installs")
    serving = Serving(load(site))
    client = create_app(serving).test_client()
    for name, path in kinds.items():
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.mimetype == "text/html", path
        (tmp_path / f"{name}.html").write_bytes(answer.data)
    serving.pool.close()
    options = ["--format", "json", "--errors-only", "--exit-zero-always"]
    # A short run is over before code that is compiled with more care pays.
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m")
    command = [java, *quick, "-jar", str(_VNU), *options, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stderr)["messages"] == []
