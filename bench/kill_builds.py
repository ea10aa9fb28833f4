"""Kill builds at random moments and see that the site is whole after each: nothing half, no lock.

Each build has other data. After each kill the current release is opened, its files are summed
again and its store is asked; and the lock of builds is free.
"""

import argparse
import fcntl
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyoxigraph as ox

from metropole.release import Release, Releases
from metropole.release.manifest import PublishedFile
from metropole.settings import load

_SETTINGS = 'title = "T"\nbase = "https://t.example/"\n'
_ONTOLOGY = (
    "@prefix : <ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    ":Thing a owl:Class . :number a owl:DatatypeProperty .\n"
)
_COUNT = "SELECT (COUNT(?n) AS ?c) { ?s <https://t.example/ns#number> ?n }"
#: Numbers of things a site has by turns; half of the numbers stand in two files.
_SIZES = (200, 300)


class NotWhole(Exception):
    """A killed build left something behind that it must not."""


def main() -> None:
    """Kill as many builds as the command line says, and tell what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--builds", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_builds(Path(folder), builds=given.builds, seed=given.seed)
    told = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    print(f"{given.builds} builds (seed {given.seed}): {told}; after each the site was whole")


def kill_builds(site: Path, *, builds: int, seed: int) -> Counter[str]:
    """Kill builds of a new site in a folder; raises NotWhole. Tells how far the builds came."""
    _write(site / "metropole.toml", _SETTINGS)
    _write(site / "ontology/ns.ttl", _ONTOLOGY)
    moments = random.Random(seed)
    longest = _first_build(site)
    tally: Counter[str] = Counter()
    for number in range(1, builds + 1):
        before = Releases(load(site)).current_id()
        _write_data(site, number)
        tally[_build_and_kill(site, moments.uniform(0, longest), before)] += 1
        _check(site, number)
    _check_last_build(site, builds + 1)
    return tally


def _first_build(site: Path) -> float:
    _write_data(site, 0)
    begun = time.monotonic()
    _build(site).wait()
    _check(site, 0)
    return time.monotonic() - begun


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_data(site: Path, number: int) -> None:
    size = _SIZES[number % 2]
    lines = [f"<id/{number}/{n}> <ns#number> {n} .\n" for n in range(size)]
    _write(site / "data/one.ttl", "".join(lines) + f"<id/{number}/0> a <ns#Thing> .\n")
    _write(site / "data/two.ttl", "".join(lines[: size // 2]))


def _build(site: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "metropole", "build", str(site)], stdout=subprocess.DEVNULL
    )


def _build_and_kill(site: Path, seconds: float, before: str | None) -> str:
    """Start a build, kill it after some seconds, and tell how far it came."""
    process = _build(site)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if Releases(load(site)).current_id() != before:
            return "killed after the pointer moved"
        is_written = any((site / "releases").glob(".building-*"))
        return f"killed while {'writing' if is_written else 'reading or between'}"
    if process.returncode != 0:
        raise NotWhole(f"A build after a killed one ended with {process.returncode}.") from None
    return "were done before"


def _check(site: Path, number: int) -> None:
    """Check that the current release is whole and one of those whose data were complete."""
    releases = Releases(load(site))
    release = releases.current()
    if release is None:
        raise NotWhole("There is no current release any more.")
    for folder in releases.folder.glob("[!.]*"):
        if not releases.get(folder.name).has_all_files():
            raise NotWhole(f"{folder.name} looks like a release and is half of one.")
    if (site / "current").resolve(strict=True) != release.folder.resolve():
        raise NotWhole("The pointer leads elsewhere.")
    for file in release.manifest.files:
        if PublishedFile.of(release.folder / file.path, release.folder) != file:
            raise NotWhole(f"{file.path} is not what the manifest of {release.id} says.")
    counted, last = _counted(release)
    if counted not in _SIZES or not 0 <= last <= number or counted != _SIZES[last % 2]:
        raise NotWhole(f"Release {release.id} answers {counted} for the data of build {last}.")
    with (site / "releases/.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _counted(release: Release) -> tuple[int, int]:
    """Ask the store how many things there are, and find the number of the build they are from."""
    store = ox.Store.read_only(os.fspath(release.folder / "store"))
    union = not release.manifest.union_stored
    answer = store.query(_COUNT, use_default_graph_as_union=union)
    assert isinstance(answer, ox.QuerySolutions)
    number = next(answer)["c"]
    assert isinstance(number, ox.Literal)
    numbers = {str(quad.subject).split("/")[-2] for quad in store if "/id/" in str(quad.subject)}
    if len(numbers) != 1:
        raise NotWhole(f"Release {release.id} mixes the data of builds {sorted(numbers)}.")
    return int(number.value), int(numbers.pop())


def _check_last_build(site: Path, number: int) -> None:
    """Check that a build that is left alone is released, and clears what the killed ones left."""
    _write_data(site, number)
    if _build(site).wait() != 0:
        raise NotWhole("A build that was left alone failed.")
    _check(site, number)
    left = [*(site / "releases").glob(".building-*"), *site.glob(".current-*")]
    if left or _counted_now(site) != _SIZES[number % 2]:
        raise NotWhole(f"After the last build there is still {left or 'an older release'}.")


def _counted_now(site: Path) -> int:
    release = Releases(load(site)).current()
    assert release is not None
    return _counted(release)[0]


if __name__ == "__main__":
    main()
