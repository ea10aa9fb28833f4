"""Harvest the catalogue of a site with programs of others, and tell what they have found.

The site is copied and built with the address of a local server as its base, since catalogues name
their pages and files by whole addresses. CKAN's parser runs in a Python of its own
(`scripts/install-harvesters` makes one), Comunica in Node; what is missing is left out.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from running import copied_site, free_port, metropole, running

_ROOT = Path(__file__).parent.parent
_HARVESTERS = Path(os.environ.get("METROPOLE_HARVESTERS", _ROOT / ".tools/harvesters/bin"))
_COMUNICA = _ROOT / ".tools/node_modules/@comunica/query-sparql/bin/query.js"
_QUERY = "SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }"


def main() -> None:
    """Copy, build and serve a site, and let each program read its catalogue."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("site", type=Path, nargs="?", default=_ROOT)
    options.add_argument("--page-size", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site, port = Path(folder), free_port()
        _copy(given.site, site, port, given.page_size)
        subprocess.run(metropole("build", site), check=True, capture_output=True)
        command = metropole("serve", site, "--port", port)
        with running(command, port, site / "server.log", "/-/health"):
            _harvest(f"http://127.0.0.1:{port}/")


def _copy(source: Path, site: Path, port: int, page_size: int) -> None:
    settings = copied_site(source, site, port)
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r"^page_size\s*=.*\n", "", text, flags=re.MULTILINE)
    if "[catalogue]" not in text:
        text += "\n[catalogue]\n"
    text = text.replace("[catalogue]", f"[catalogue]\npage_size = {page_size}", 1)
    settings.write_text(text, encoding="utf-8")


def _harvest(base: str) -> None:
    files: dict[str, str] = {}
    for path in ("catalog", "catalog.rdf", "catalog.jsonld"):
        told = _by_ckan(base + path)
        if told is None:
            print("CKAN is left out: run scripts/install-harvesters")
            break
        datasets = told["datasets"]
        listed = [file for dataset in datasets for file in dataset["resources"]]
        files |= {file["url"]: str(file["size"]) for file in listed}
        pages = f"{told['pages']} page{'s' * (told['pages'] > 1)}, longest {told['most_bytes']:,}"
        print(
            f"{path:<24} CKAN       {pages} bytes: {_counts([each['uri'] for each in datasets])}, "
            f"{len(listed)} files; {told['seconds']:.1f} s"
        )
    for path in ("catalog", "catalog.ttl?page=1"):
        started = time.monotonic()
        found = _by_comunica(base + path)
        if found is None:
            print("Comunica is left out: run scripts/install-test-tools")
            break
        print(f"{path:<24} Comunica   {_counts(found)}; {time.monotonic() - started:.1f} s")
    if files:
        answered = sum(_answers(address, size) for address, size in files.items())
        print(
            f"{'every address':<24} HEAD       {answered} of {len(files)} answer, with the length "
            "that the catalogue states"
        )


def _counts(iris: list[str]) -> str:
    return f"{len(iris)} datasets, {len(set(iris))} different"


def _by_ckan(address: str) -> dict[str, Any] | None:
    """Harvest as CKAN does; None where it is not installed."""
    if not (_HARVESTERS / "ckan").exists():
        return None
    script = _ROOT / "tests/clients/harvest_with_ckan.py"
    command = [str(_HARVESTERS / "python"), str(script), address]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _by_comunica(address: str) -> list[str] | None:
    """Query the first page; None where there is no Comunica."""
    if not _COMUNICA.exists() or shutil.which("node") is None:
        return None
    command = ["node", str(_COMUNICA), address, _QUERY]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [row["d"] for row in json.loads(done.stdout)]


def _answers(address: str, size: str) -> bool:
    """Tell whether an address answers to HEAD, and as long as it should be."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD")) as head:
            return not size or head.headers["Content-Length"] == size
    except urllib.error.HTTPError:
        return False


if __name__ == "__main__":
    main()
