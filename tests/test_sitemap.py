"""What crawlers read: the sitemap with true times, and robots.txt."""

import json
import shutil
import urllib.robotparser
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.release import Releases, sitemap
from metropole.release.folder import SITEMAPS
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from web_site import BASE, LABEL, NAMES, client_of, hard_files, write_site

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
THING = '<id/{0}> a <ns#Thing> ; <{1}> "{2}" .\n'
#: When the releases of the site below came out, in seconds and as it is written.
TIMES = (1_000_000_000, 1_100_000_000, 1_200_000_000)
FIRST, SECOND, THIRD = "2001-09-09T01:46:40Z", "2004-11-09T11:33:20Z", "2008-01-10T21:20:00Z"


def entries(text: str) -> dict[str, str | None]:
    """Read a sitemap or an index of sitemaps: address to the time of the last change."""
    found = {}
    for each in ET.fromstring(text):
        when = each.find(f"{SPACE}lastmod")
        address = each.find(f"{SPACE}loc")
        assert address is not None
        assert address.text is not None
        found[address.text] = None if when is None else when.text
    return found


def all_entries(client: FlaskClient) -> dict[str, str | None]:
    """Follow the index to all parts."""
    found: dict[str, str | None] = {}
    for address in entries(client.get("/sitemap.xml").text):
        part = client.get("/" + address.removeprefix(BASE))
        assert part.mimetype == "application/xml"
        found |= entries(part.text)
        part.close()
    return found


def released(root: Path, texts: dict[str, str], place: int) -> None:
    """Write the things of a site by name and text, build it, and say when that was."""
    data = "".join(THING.format(name, LABEL, text) for name, text in texts.items())
    (root / "data/things.ttl").write_text(data, encoding="utf-8")
    publish.build(load(root))
    journal = Releases(load(root)).journal.path
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[place]["time"] = TIMES[place]
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site of three releases: `b` changed with the second, `c` came with the third."""
    write_site(tmp_path, {"data/things.ttl": ""})
    released(tmp_path, {"a": "a", "b": "b", "gone": "gone"}, 0)
    released(tmp_path, {"a": "a", "b": "other", "gone": "gone"}, 1)
    released(tmp_path, {"a": "a", "b": "other", "c": "c"}, 2)
    return tmp_path


@pytest.fixture
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of this site, whose last sitemap is made anew now that all times are known."""
    releases = Releases(load(root))
    current = releases.current()
    assert current is not None
    shutil.rmtree(releases.folder / SITEMAPS)
    sitemap.write_sitemap(releases, current)
    serving = Serving(load(root))
    yield create_app(serving).test_client()
    serving.pool.close()


def test_things_have_the_time_of_their_last_change(client: FlaskClient) -> None:
    """What never changed has the time of the first release; what is gone is not listed."""
    found = all_entries(client)

    things = {name: found.get(f"{BASE}doc/{name}") for name in ("a", "b", "c", "gone")}
    assert things == {"a": FIRST, "b": SECOND, "c": THIRD, "gone": None}
    assert f"{BASE}doc/gone" not in found
    assert found[BASE] == found[f"{BASE}catalog"] == THIRD


def test_times_do_not_depend_on_what_was_kept(root: Path) -> None:
    """Without the table of the release before, the records of changes give the same times."""
    releases = Releases(load(root))
    current = releases.current_id()
    assert current is not None
    shutil.rmtree(releases.folder / SITEMAPS)
    anew = sitemap.last_changes(releases, current)

    assert anew.of(f"{BASE}id/a") == TIMES[0]
    assert anew.of(f"{BASE}id/b") == TIMES[1]
    assert anew.of(f"{BASE}id/c") == TIMES[2]


def test_pruned_release_takes_its_sitemap_along(root: Path) -> None:
    """`prune` leaves no sitemap of what it removes."""
    folder = root / "releases/.sitemap"
    assert len(list(folder.iterdir())) == 3
    publish.prune(load(root), keep=1, dry_run=False)

    assert [path.name for path in folder.iterdir()] == [Releases(load(root)).current_id()]


def test_every_address_answers(tmp_path: Path) -> None:
    """Hard names, pages, queries: what the sitemap lists is there, and every thing is listed."""
    tombstone = (
        '<id/dead> a <ns#Thing> ; <http://www.w3.org/ns/prov#invalidatedAtTime> "2001-01-01" .\n'
    )
    query = "#+ summary: S\nSELECT ?s { ?s a <ns#Thing> }\n"
    files = {**hard_files(), "data/dead.ttl": tombstone, "queries/all.rq": query}
    with client_of(write_site(tmp_path, files)) as client:
        found = all_entries(client)
        few = [address for address in found if "/doc/m/" not in address]
        for address in few:
            answer = client.get("/" + address.removeprefix(BASE), headers={"Accept": "text/html"})
            assert answer.status_code == 200, address
            answer.close()
        assert f"{BASE}doc/dead" not in found
        assert f"{BASE}queries/all" in found
        assert len([each for each in few if "/doc/x/" in each]) == len(NAMES) + 2
        assert client.get("/sitemap/99.xml").status_code == 404


def test_parts_are_small_enough() -> None:
    """A part has at most so many addresses and bytes, and none is lost between parts."""
    told = [sitemap.entry(f"{BASE}doc/{number}", number) for number in range(25)]
    by_number = list(sitemap._parts(told, most=10))
    by_size = list(sitemap._parts(told, most_bytes=500))

    assert [len(entries(part)) for part in by_number] == [10, 10, 5]
    assert all(len(part.encode()) <= 500 for part in by_size)
    for parts in (by_number, by_size):
        assert sum(len(entries(part)) for part in parts) == 25
    assert len(list(sitemap._parts([]))) == 1


ENDLESS = ("/sparql?query=x", "/data?graph=x", "/search?q=x", "/timegate/doc/a", "/-/metrics")
OPEN = ("/", "/doc/a", "/catalog", "/catalog?page=2", "/sparql", "/queries/a", "/dumps/", "/ns")


def test_robots_are_kept_from_endless_addresses(client: FlaskClient) -> None:
    """Python's own parser reads it; it knows no wildcards and takes `/sparql?` for `/sparql`."""
    text = client.get("/robots.txt").text
    parser = urllib.robotparser.RobotFileParser()
    parser.parse(text.splitlines())

    assert parser.site_maps() == [f"{BASE}sitemap.xml"]
    allowed = [path for path in OPEN if parser.can_fetch("any", BASE + path[1:])]
    assert allowed == [path for path in OPEN if path != "/sparql"]
    assert not any(parser.can_fetch("any", BASE + path[1:]) for path in ENDLESS)
