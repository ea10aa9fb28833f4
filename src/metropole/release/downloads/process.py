"""A process that helps to make downloads: `files` writes a share of them, `rdfc` labels nodes.

What is to be done comes on standard input, and what was made goes to standard output.
"""

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from metropole.release.dataset import Dataset
from metropole.release.downloads.canonical import RDFC, relabelled
from metropole.release.downloads.plan import Plan
from metropole.release.downloads.work import DATASET, FILES, listing_of, run, shared_out
from metropole.release.manifest import Content


def _write_files() -> None:
    """Write one share of the files of a plan, from the N-Quads that are there already."""
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    folder = Path(order["folder"])
    lines = (folder / DATASET).read_bytes().split(b"\n")[:-1]
    content = Content(**{**order["content"], "languages": tuple(order["content"]["languages"])})
    plan = Plan(Dataset(lines), content)
    tasks = shared_out(plan.tasks(), order["shares"])[order["share"]]
    made = listing_of(run(tasks, plan, folder, there=DATASET))
    told = {
        "files": [file.as_json() for file in made.files],
        "missing": [asdict(each) for each in made.missing],
    }
    sys.stdout.buffer.write(json.dumps(told).encode())


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, which closes the input."""
    while os.read(sys.stdin.fileno(), 1):  # not by way of a buffer, which is locked at the end
        pass
    os._exit(1)


def _label() -> None:
    """Read N-Quads and write them with canonical labels."""
    lines = sys.stdin.buffer.read().split(b"\n")[:-1]
    sys.stdout.buffer.writelines(line + b"\n" for line in relabelled(lines))


if __name__ == "__main__":
    {FILES: _write_files, RDFC: _label}[sys.argv[1]]()
