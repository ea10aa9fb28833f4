"""Tests of the query page: the plain form and the answer as a page."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web_site import client_of, hard_files, query_path, write_site

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
