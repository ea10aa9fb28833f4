"""A process that helps to write a release: `python -m metropole.release.process JOB`.

`files` writes a share of the downloads and `index` the lists and what is searched, both from the
N-Quads that are there already; `rdfc` labels blank nodes, for the parent whose id follows. What
is to be done comes on standard input, and what was made goes to standard output (`processes.py`).
"""

import gc
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from metropole.orphans import killed_with
from metropole.release.dataset import Dataset
from metropole.release.downloads.canonical import LONGEST_SECONDS, RDFC, relabelled
from metropole.release.downloads.plan import Plan
from metropole.release.downloads.work import FILES, listing_of, run, shared_out
from metropole.release.dumps import NQUADS, SORTED
from metropole.release.indexes import INDEX, INDEX_FILES, write_index
from metropole.release.manifest import Content

#: The parent, which counts from an earlier moment, is to be the one that gives up.
_GRACE_SECONDS = 10


def _write_files(order: dict[str, Any]) -> object:
    """Write one share of the files of a plan."""
    folder = Path(order["folder"])
    plan = Plan(Dataset(_lines(folder / NQUADS)), _content(order))
    tasks = shared_out(plan.tasks(), order["shares"])[order["share"]]
    made = listing_of(run(tasks, plan, folder))
    return {
        "files": [file.as_json() for file in made.files],
        "missing": [asdict(each) for each in made.missing],
    }


def _write_indexes(order: dict[str, Any]) -> object:
    """Write the indexes, each from a file that is gone through and so is never in memory."""
    folder = Path(order["folder"])
    for name in INDEX_FILES:
        with (folder / SORTED).open("rb") as file:
            write_index(name, folder, (line[:-1] for line in file), _content(order))
    return None


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1]


def _content(order: dict[str, Any]) -> Content:
    content = order["content"]
    return Content(**{**content, "languages": tuple(content["languages"])})


def _helping(work: Callable[[dict[str, Any]], object]) -> None:
    """Do what one line of standard input orders."""
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout.buffer.write(json.dumps(work(order)).encode())


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, which closes the input."""
    while os.read(sys.stdin.fileno(), 1):  # not by way of a buffer, which is locked at the end
        pass
    os._exit(1)


def _label(parent: int) -> None:
    """Read N-Quads and write them with canonical labels, as long as the parent waits for them."""
    killed_with(parent, seconds=LONGEST_SECONDS + _GRACE_SECONDS)
    lines = sys.stdin.buffer.read().split(b"\n")[:-1]
    sys.stdout.buffer.writelines(line + b"\n" for line in relabelled(lines))


def main() -> None:
    """Do the job that the command line names."""
    gc.disable()  # it goes through all objects again and again, and this process ends soon
    job = sys.argv[1]
    if job == RDFC:
        _label(int(sys.argv[2]))
    else:
        _helping({FILES: _write_files, INDEX: _write_indexes}[job])


if __name__ == "__main__":
    main()
