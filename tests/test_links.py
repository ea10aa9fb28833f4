"""A walk over all pages, as a crawler makes it: it ends, and no link is dead.

Where a kind has hundreds of members, a hundred pages of it are opened, and a few of its files in
each format: their links come from one template and one table of formats.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from metropole.release.query_runs import read_runs
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from own_site import own_site

#: More than there are pages; who comes here walks in an endless maze.
_MOST_PAGES = 5_000
#: So many files of each folder and extension are opened, and so many pages of each folder.
_FILES_OF_A_KIND = 15
_PAGES_OF_A_KIND = 40
_FILE = re.compile(r"\.[a-z0-9.]{2,}$")
_SERVER = "http://localhost"
_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "form": "action"}


@dataclass
class Page(HTMLParser):
    """The links of a page, and what may be linked to within it."""

    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and ids."""
        given = dict(attrs)
        address = given.get(_LINKS.get(tag, ""))
        if address:
            self.links.append(address)
        if given.get("id"):
            self.anchors.add(str(given["id"]))


@dataclass
class Walk:
    """What was seen on the way."""

    statuses: dict[str, int] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    #: Where an address was first linked from.
    found_on: dict[str, str] = field(default_factory=dict)
    #: Addresses that crawlers are asked not to visit.
    forbidden: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the site of this repository."""
    serving = Serving(load(own_site(tmp_path_factory)))
    yield create_app(serving).test_client()
    serving.pool.close()


@pytest.fixture(scope="module")
def walk(client: FlaskClient) -> Walk:
    """All pages that a well-behaved crawler comes to from the home page."""
    closed = _closed(client.get("/robots.txt").get_data(as_text=True))
    base = client.application.extensions["metropole"].settings.base
    seen, waiting = Walk(), deque(["/"])
    opened: Counter[str] = Counter()
    while waiting:
        address = waiting.popleft()
        with client.get(address, headers={"Accept": "text/html, */*;q=0.1"}) as answer:
            seen.statuses[address] = answer.status_code
            if answer.mimetype != "text/html":
                continue
            page = seen.pages[address] = Page()
            page.feed(answer.get_data(as_text=True))
        for link in page.links:
            target = _local(urljoin(_SERVER + address, link), base)
            if target is None or target in seen.found_on:
                continue
            seen.found_on[target] = address
            if closed.match(target):
                seen.forbidden.add(target)
            elif _is_wanted(target, opened):
                waiting.append(target)
        assert len(seen.statuses) < _MOST_PAGES, "the walk does not end"
    return seen


def _closed(robots: str) -> re.Pattern[str]:
    """Give what matches an address that robots.txt closes (RFC 9309, 2.2.3: `*` and `$`)."""
    paths = re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE)
    assert paths
    each = (re.escape(path).replace(r"\*", ".*").replace(r"\$", "$") for path in paths)
    return re.compile("|".join(each))


def _is_wanted(address: str, opened: Counter[str]) -> bool:
    """Tell whether to open an address, when so many of its kind have been."""
    path = re.sub(r"[0-9a-f]{16}", "", address.partition("?")[0])
    file = _FILE.search(path)
    folder = path.rpartition("/")[0]
    kind = path.split("/")[1] + file[0] if file else folder
    opened[kind] += 1
    return opened[kind] <= (_FILES_OF_A_KIND if file else _PAGES_OF_A_KIND)


def _local(address: str, base: str) -> str | None:
    """Give the path and query of an address on this server, or None for one elsewhere."""
    address = urldefrag(address)[0]
    for start in (base, _SERVER + "/"):
        if address.startswith(start):
            return "/" + address.removeprefix(start)
    return None


def test_no_link_is_dead(walk: Walk) -> None:
    """Each address that a page links to is answered with a page, a file or a redirect."""
    dead = [
        f"{status} {address} from {walk.found_on.get(address)}"
        for address, status in walk.statuses.items()
        if status >= 400
    ]
    assert len(walk.pages) > 300
    assert dead == []


def test_anchors_are_there(walk: Walk) -> None:
    """A link into a page leads to a place that is there."""
    missing = set()
    for address, page in walk.pages.items():
        for link in page.links:
            target, fragment = urldefrag(urljoin(_SERVER + address, link))
            parts = urlsplit(target)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            other = walk.pages.get(path)
            if fragment and other and unquote(fragment) not in other.anchors:
                missing.add(f"{link} from {address}")
    assert not missing, sorted(missing)[:20]


def test_what_crawlers_are_asked_to_leave_is_there(walk: Walk, client: FlaskClient) -> None:
    """Addresses that robots.txt closes are no dead links either: some of each kind are tried."""
    kinds: dict[str, list[str]] = {}
    for address in sorted(walk.forbidden):
        kinds.setdefault(address.partition("?")[0].rsplit("/", 1)[0], []).append(address)
    assert kinds
    for addresses in kinds.values():
        for address in addresses[:3]:
            with client.get(address, headers={"Accept": "text/html"}) as answer:
                assert answer.status_code < 400, address


def test_each_question_has_a_page(client: FlaskClient) -> None:
    """The answer of every saved query is a page, also one with a column that has no value."""
    edition = client.application.extensions["metropole"].edition()
    names = read_runs(edition.store.release)
    paths = [*(f"/queries/{name}" for name in names), f"/releases/{edition.id}/quality"]
    statuses = {
        path: client.get(path, headers={"Accept": "text/html"}, follow_redirects=True).status_code
        for path in paths
    }

    assert len(names) > 40
    assert {path: status for path, status in statuses.items() if status != 200} == {}
