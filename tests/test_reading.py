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
