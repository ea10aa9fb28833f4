"""Measure what the feeds cost: a first release, one in which much changed, and requests of pages.

    python bench/feeds.py [--triples N] [--changed N] [--points N]

The site has no shapes. Comparing with the release before and writing the feed must take less
than the rest of a build, which makes calendar and places too.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient

from generate import write_site
from metropole import publish
from metropole.release.feed import read_feed
from metropole.settings import Settings, load
from metropole.web import create_app
from metropole.web.serving import Serving

MEASURED = ("comparing with the release before", "writing the feed")
POINTS = "@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix p: <id/place/> .\n"


class Steps:
    """How long each step of a build takes: seconds that pass, and seconds of a processor."""

    def __init__(self) -> None:
        self.passed: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self._last = ("", time.perf_counter(), time.process_time())

    def __call__(self, step: str) -> None:
        """Begin a step."""
        name, passed, processor = self._last
        now = time.perf_counter(), time.process_time()
        self.passed[name] = self.passed.get(name, 0) + now[0] - passed
        self.processor[name] = self.processor.get(name, 0) + now[1] - processor
        self._last = (step, *now)


def main() -> None:
    """Make the site, build it twice, ask for pages, and end with 1 when the bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--changed", type=int, default=10_000, help="places that change")
    parser.add_argument("--points", type=int, default=0, help="places that have a point")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        write_site(site, triples=options.triples)
        shutil.rmtree(site / "shapes")
        _write_points(site / "data" / "points.ttl", options.points)
        settings = load(site)
        shares = [_build(settings, "first release")]
        _change(site / "data" / "places.ttl", options.changed)
        shares.append(_build(settings, f"{options.changed:,} places changed"))
        _ask(settings)
    sys.exit(max(shares) > 1)


def _write_points(path: Path, points: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(POINTS)
        for number in range(points):
            text = f"POINT({number % 360 - 180} {number % 180 - 90})"
            file.write(f"p:{number} geo:hasGeometry <id/point/{number}> .\n")
            file.write(f'<id/point/{number}> geo:asWKT "{text}"^^geo:wktLiteral .\n')


def _change(path: Path, changed: int) -> None:
    """Give so many places, spread evenly, another population."""
    places = path.read_text(encoding="utf-8").split(":population ")
    every = max(1, (len(places) - 1) // changed)
    pieces = [
        ("1" if number % every == 0 and number else "") + piece
        for number, piece in enumerate(places)
    ]
    path.write_text(":population ".join(pieces), encoding="utf-8")


def _build(settings: Settings, name: str) -> float:
    steps = Steps()
    publish.build(settings, progress=steps)
    steps("")
    rest = [step for step in steps.passed if step not in MEASURED]
    print(f"{name}: {_told(steps, *rest)} for the rest of the build")
    for step in MEASURED:
        print(f"  {step}: {_told(steps, step)}")
    own = sum(steps.passed.get(step, 0) for step in MEASURED)
    return own / (sum(steps.passed.values()) - own)


def _told(steps: Steps, *names: str) -> str:
    passed = sum(steps.passed.get(name, 0) for name in names)
    processor = sum(steps.processor.get(name, 0) for name in names)
    return f"{passed:.1f} s ({processor:.1f} s of a processor)"


def _ask(settings: Settings) -> None:
    feed = read_feed(settings.releases_folder)
    assert feed is not None
    with _client(settings) as client:
        addresses = ["/ldes", *(f"/ldes/{page.name}" for page in (feed.pages[0], feed.pages[-1]))]
        for address in (*addresses, "/feed.atom", "/geo/Town.geojson"):
            since = time.perf_counter()
            with client.get(address) as answer:
                size = len(answer.data)
            passed = (time.perf_counter() - since) * 1000
            print(f"{address}: {answer.status_code}, {size:,} bytes, {passed:.0f} ms")


@contextmanager
def _client(settings: Settings) -> Iterator[FlaskClient]:
    serving = Serving(settings)
    try:
        yield create_app(serving).test_client()
    finally:
        serving.pool.close()


if __name__ == "__main__":
    main()
