"""What readers see of pages, measured in a real browser: on paper and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsers import find_browser
from own_site import own_site
from web_site import server_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository, built."""
    return own_site(tmp_path_factory)


@pytest.fixture(scope="module")
def seen(site: Path) -> Iterator[dict[str, Any]]:
    """What the browser has measured on the site of this repository."""
    browser = find_browser()
    with server_of(site) as server:
        yield browser.run("reading.mjs", f"http://127.0.0.1:{server.port}")


def test_numbers_of_charts_are_whole_on_paper(seen: dict[str, Any]) -> None:
    """No letter of a picture is outside of what A4 shows: 560,000 is not read as 60,000."""
    assert seen["outsideOfPaper"] <= 0


def test_rows_of_tables_are_cards_on_a_phone(seen: dict[str, Any]) -> None:
    """At 360 pixels every value is in sight, what a row is about first, and nothing is empty."""
    for path, found in seen["phone"].items():
        assert found["cells"] > 10, path
        assert found["beyond"] <= 0, path
        assert found["empty"] == found["brokenDays"] == 0, path
    assert seen["phone"]["/queries/timeline.html"]["top"] == "BaltMet Inno"


def test_tables_are_whole_on_paper(seen: dict[str, Any]) -> None:
    """No cell is cut at the edge of the paper, and no day is broken."""
    for path, found in seen["paper"].items():
        assert found["beyond"] <= 0, path
        assert found["brokenDays"] == 0, path
