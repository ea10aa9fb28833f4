"""The site of this repository, built once for all tests of a run."""

import fcntl
import shutil
from pathlib import Path

import pytest

from metropole import publish
from metropole.settings import load

ROOT = Path(__file__).parents[1]
_PARTS = ("data", "ontology", "shapes", "queries", "stories", "metropole.toml")


def own_site(factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the site and its release; tests only read it.

    The processes that share the tests of a run have a folder for temporary files each, below one
    that they share: the first that comes builds there, the others wait.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    site = shared / "own-site"
    with (shared / "own-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site / "current").exists():
            copy_site(site)
            publish.build(load(site))
    return site


def copy_site(folder: Path) -> None:
    """Copy the files of the site into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
