"""Harvest a catalogue with the parser of CKAN (ckanext-dcat), as its harvester goes about it.

Runs in a Python of its own that has ckan and ckanext-dcat; it needs nothing of Metropole. Asks with
HEAD and GET as `requests` does (any type will do), takes the format from `Content-Type`, follows
`next_page()`, and stops at a page that came before. Prints what it has read as JSON.
"""

import hashlib
import importlib
import json
import sys
import time
import urllib.request
from typing import Any

#: The harvester refuses longer files.
_MOST_BYTES = 50 * 1024 * 1024


def harvest(address: str) -> dict[str, Any]:
    """Read a catalogue from its address to its last page."""
    parser_of = importlib.import_module("ckanext.dcat.processors").RDFParser
    started, pages, datasets, seen = time.monotonic(), 0, [], set()
    most_bytes = 0
    while address:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD")) as head:
            kind = head.headers["Content-Type"].split(";")[0]
        asked = urllib.request.Request(address, headers={"Accept": "*/*"})
        with urllib.request.urlopen(asked) as answer:
            content = answer.read()
        most_bytes = max(most_bytes, len(content))
        assert len(content) < _MOST_BYTES, address
        digest = hashlib.sha256(content).hexdigest()
        assert digest not in seen, f"the page came before: {address}"
        seen.add(digest)
        parser = parser_of(profiles=["euro_dcat_ap_3"])
        parser.parse(content.decode("utf-8"), _format=kind)
        datasets += list(parser.datasets())
        pages += 1
        address = parser.next_page()
    return {
        "pages": pages,
        "seconds": round(time.monotonic() - started, 2),
        "most_bytes": most_bytes,
        "datasets": [_told(each) for each in datasets],
    }


def _told(dataset: dict[str, Any]) -> dict[str, Any]:
    extras = {each["key"]: each["value"] for each in dataset.get("extras", ())}
    return {
        "uri": extras.get("uri", ""),
        "title": dataset.get("title", ""),
        "notes": dataset.get("notes", ""),
        "version": dataset.get("version", ""),
        "licence": dataset.get("license_id") or extras.get("license_url", ""),
        "publisher": extras.get("publisher_name", ""),
        "resources": [
            {name: each.get(name, "") for name in _RESOURCE} for each in dataset["resources"]
        ],
    }


_RESOURCE = ("name", "url", "format", "mimetype", "size", "hash", "license", "download_url")

if __name__ == "__main__":
    json.dump(harvest(sys.argv[1]), sys.stdout)
