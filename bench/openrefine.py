"""Let OpenRefine match a column of names with the things of a site, and fetch more about them.

The site is copied and built with the address of a local server as its base. OpenRefine is the
real program, run without a browser and asked as its own page asks it: import, guess types,
reconcile with a second column, extend, export. `scripts/install-openrefine` installs it from
Debian; without it this says so.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from running import copied_site, free_port, metropole, running

_ROOT = Path(__file__).parent.parent
#: Names as people write them, a second column, and the thing that is meant; none for nobody.
_TABLE = (
    ("Vilnius", "Vilnius County", "city/vilnius"),
    ("Wilno", "", "city/vilnius"),
    ("vilnius ", "Vilnius County", "city/vilnius"),
    ("Vilnus", "Vilnius County", ""),
    ("Вильнюс", "", "city/vilnius"),
    ("Kopenhagen", "Denmark", "city/copenhagen"),
    ("Sankt Petersburg", "Russland", "city/st-petersburg"),
    ("St Petersburg", "", "city/st-petersburg"),
    ("Berlin", "Deutschland", "city/berlin"),
    ("Riga", "", "city/riga"),
    ("Helsingfors", "", "city/helsinki"),
    ("Oslo", "Norwegen", "city/oslo"),
    ("Atlantis", "", ""),
)
_CITY = "https://schema.org/City"
_IN = "https://schema.org/containedInPlace"
_ROWS = {"facets": [], "mode": "row-based"}
_PATIENCE = 60.0
_PROGRAM = Path("/usr/share/openrefine/refine")


class _OpenRefine:
    """OpenRefine as its page speaks with it."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/command/core/"
        self.project = ""

    def ask(self, command: str, **form: str) -> Any:
        """Send a command with a form; the answer is JSON."""
        body = urllib.parse.urlencode(form | {"project": self.project}).encode()
        with urllib.request.urlopen(self._url(command), body, timeout=_PATIENCE) as answer:
            return json.loads(answer.read())

    def reads(self, command: str, **query: str) -> Any:
        """Ask for something that changes nothing."""
        address = f"{self._address}{command}?" + urllib.parse.urlencode(
            query | {"project": self.project}
        )
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
            return json.loads(answer.read())

    def _url(self, command: str) -> str:
        token = self.reads("get-csrf-token")["token"]
        query = urllib.parse.urlencode({"csrf_token": token, "project": self.project})
        return f"{self._address}{command}?{query}"

    def imports(self, text: str) -> None:
        """Make a project of a table."""
        edge = "----metropole"
        options = json.dumps({"separator": ",", "headerLines": 1, "trimStrings": False})
        fields = {"project-name": "names", "format": "text/line-based/*sv", "options": options}
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{edge}\r\nContent-Disposition: form-data; name="project-file"; '
            f'filename="names.csv"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n--{edge}--\r\n'
        )
        request = urllib.request.Request(
            self._url("create-project-from-upload") + "&options=" + urllib.parse.quote(options),
            "".join(parts).encode(),
            {"Content-Type": f"multipart/form-data; boundary={edge}"},
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            (self.project,) = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.url).query)[
                "project"
            ]

    def applies(self, operation: dict[str, Any]) -> float:
        """Apply an operation and wait until it is done; gives the seconds."""
        started = time.monotonic()
        self.ask("apply-operations", operations=json.dumps([operation]))
        while self.reads("get-processes")["processes"]:
            if time.monotonic() > started + _PATIENCE:
                raise RuntimeError(f"{operation['op']} does not end")
            time.sleep(0.05)
        return time.monotonic() - started

    def rows(self) -> list[list[dict[str, Any]]]:
        """Give the cells of all rows, each with what it was matched with."""
        found = self.reads("get-rows", start="0", limit="1000", engine=json.dumps(_ROWS))
        rows: list[list[dict[str, Any]]] = [
            [
                (cell or {}) | {"r": found["pool"]["recons"].get(str((cell or {}).get("r")), {})}
                for cell in row["cells"]
            ]
            for row in found["rows"]
        ]
        return rows

    def exported(self) -> list[list[str]]:
        """Export the table as CSV."""
        form = urllib.parse.urlencode(
            {"project": self.project, "format": "csv", "engine": json.dumps(_ROWS)}
        ).encode()
        with urllib.request.urlopen(self._url("export-rows"), form, timeout=_PATIENCE) as answer:
            return list(csv.reader(io.StringIO(answer.read().decode())))


def main() -> None:
    """Copy, build and serve a site, and let OpenRefine work with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=_ROOT)
    given = parser.parse_args()
    if not _PROGRAM.exists():
        print("OpenRefine is left out: run scripts/install-openrefine")
        return
    with tempfile.TemporaryDirectory() as folder:
        site, port, refine = Path(folder) / "site", free_port(), free_port()
        site.mkdir()
        copied_site(given.site, site, port)
        subprocess.run(metropole("build", site), check=True, capture_output=True)
        work = Path(folder) / "openrefine"
        work.mkdir()
        # The command of Debian stays a shell above the program, which would outlive it.
        start = f'cd {_PROGRAM.parent} && exec ./{_PROGRAM.name} "$@"'
        options = ["-p", str(refine), "-d", str(work), "-m", "600M", "-x", "refine.headless=true"]
        command = ["bash", "-c", start, "openrefine", *options]
        log = Path(folder) / "openrefine.log"
        with (
            running(metropole("serve", site, "--port", port), port, site / "log", "/-/health"),
            running(command, refine, log),
        ):
            _work(_OpenRefine(refine), f"http://127.0.0.1:{port}/reconcile")


def _work(program: _OpenRefine, service: str) -> None:
    with urllib.request.urlopen(service) as answer:
        manifest = json.loads(answer.read())
    spaces = {name: manifest[name] for name in ("identifierSpace", "schemaSpace")}
    table = io.StringIO()
    csv.writer(table).writerows([("name", "in"), *((name, place) for name, place, _ in _TABLE)])
    program.imports(table.getvalue())
    guessed = program.ask("guess-types-of-column", columnName="name", service=service)
    print("types guessed:", ", ".join(each["name"] for each in guessed["types"][:3]))
    seconds = program.applies(_reconciling(service, spaces))
    wrong = _told(program.rows())
    print(f"{len(_TABLE)} names reconciled in {seconds:.1f} s, {wrong} otherwise than meant")
    seconds = program.applies(_extending(service, spaces))
    exported = program.exported()
    print(f"extended in {seconds:.1f} s: {', '.join(exported[0])}")
    for row in exported[1:4]:
        print("   ", " | ".join(row))
    if wrong or not any("wikidata" in cell for row in exported for cell in row):
        sys.exit("OpenRefine did not find what it should")


def _reconciling(service: str, spaces: dict[str, str]) -> dict[str, Any]:
    return {
        "op": "core/recon",
        "engineConfig": _ROWS,
        "columnName": "name",
        "config": {
            "mode": "standard-service",
            "service": service,
            **spaces,
            "type": {"id": _CITY, "name": "city"},
            "autoMatch": True,
            "columnDetails": [{"column": "in", "propertyName": "lies in", "propertyID": _IN}],
            "limit": 0,
        },
    }


def _extending(service: str, spaces: dict[str, str]) -> dict[str, Any]:
    properties = [
        {"id": "@id", "name": "address"},
        {"id": _IN, "name": "lies in"},
        {"id": "https://schema.org/sameAs", "name": "elsewhere", "settings": {"limit": 1}},
        {
            "id": "^https://schema.org/observationAbout",
            "name": "figures",
            "settings": {"content": "count"},
        },
    ]
    return {
        "op": "core/extend-reconciled-data",
        "engineConfig": _ROWS,
        "baseColumnName": "name",
        "endpoint": service,
        **spaces,
        "extension": {"properties": properties},
        "columnInsertIndex": 1,
    }


def _told(rows: list[list[dict[str, Any]]]) -> int:
    """Print what was matched with what, and count what was not meant."""
    wrong = 0
    for row, (name, _, meant) in zip(rows, _TABLE, strict=True):
        recon = row[0]["r"]
        matched = (recon.get("m") or {}).get("id", "")
        best = (recon.get("c") or [{}])[0]
        wrong += matched != meant
        shown = matched or f"? {best.get('id', '')} {best.get('score', '')}"
        print(f"    {name!r:<22} {shown}{'' if matched == meant else f'   meant {meant}'}")
    return wrong


if __name__ == "__main__":
    main()
