"""Tests of the query page: the plain form, the answer as a page, and the editor in a browser."""

import html
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web_site import client_of, hard_files, query_path, server_of, write_site

ROOT = Path(__file__).parents[1]
EDITOR = ROOT / "src/metropole/web/static/editor/editor.js"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SAVED = "#+ summary: Which <things> are there?\n#+ tags:\n#+   - things\nSELECT * { ?s a ?c }\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hard site with a saved query."""
    files = {**hard_files(), "queries/things.rq": SAVED}
    return write_site(tmp_path_factory.mktemp("editor"), files)


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[FlaskClient]:
    """A client of that site."""
    with client_of(site) as found:
        yield found


def test_form_without_assets_is_plain(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the built editor the page has no script, and the form all the same."""
    monkeypatch.setattr(client.application, "static_folder", str(tmp_path))

    page = client.get("/sparql", headers=BROWSER).text

    assert "<script" not in page
    assert '<textarea id="query" name="query"' in page


def test_example_fills_the_form(client: FlaskClient) -> None:
    """A saved query is offered by its summary, and its link fills the plain form."""
    offered = html.unescape(client.get("/sparql", headers=BROWSER).text)
    filled = html.unescape(client.get("/sparql?example=things", headers=BROWSER).text)

    assert "Which <things> are there?</a>" in offered
    assert "SELECT * { ?s a ?c }\n</textarea>" in filled
    assert client.get("/sparql?example=none", headers=BROWSER).status_code == 404


def test_answer_page_is_capped(client: FlaskClient) -> None:
    """A browser gets a table of at most 1,000 rows that says that there are more."""
    page = client.get(query_path("SELECT * { ?s ?p ?o }"), headers=BROWSER)

    assert page.mimetype == "text/html"
    assert page.text.count("<tr>") == 1001
    assert "There is more than this page shows" in page.text


def test_error_page_keeps_the_query(client: FlaskClient) -> None:
    """An error has its status, its place and the query that is to be mended."""
    page = client.get(query_path("SELECT * {\n?s ?p }"), headers=BROWSER)

    assert page.status_code == 400
    assert 'data-line="2"' in page.text
    assert "SELECT * {\n?s ?p }</textarea>" in page.text


def test_editor_by_keyboard(tmp_path: Path) -> None:
    """With keys alone: choose an example, ask, complete, see an error, leave; no other host."""
    chromium = shutil.which("chromium")
    if not (EDITOR.is_file() and chromium and (ROOT / ".tools/node_modules").is_dir()):
        pytest.skip("needs the built editor, Chromium and playwright-core in .tools")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "metropole.toml", tmp_path)
    subprocess.run(
        [sys.executable, "-m", "metropole", "build", tmp_path], check=True, capture_output=True
    )
    with server_of(tmp_path) as server:
        address = f"http://127.0.0.1:{server.port}"
        script = ROOT / "tests/browser/editor.mjs"
        command = ["node", str(script), str(ROOT / ".tools"), chromium, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)

    assert seen["errors"] == []
    assert seen["hosts"] == [address.removeprefix("http://")]
    assert seen["rows"] > 0
    assert seen["permalink"] == seen["example"]
    assert seen["tabStays"]
    assert seen["tabLeaves"]
    assert seen["shiftTabLeaves"]
    assert "PREFIX schema:" in seen["completed"]
    assert (seen["errorLine"], seen["isMarked"]) == (2, True)
    assert seen["overflow"] == 0
