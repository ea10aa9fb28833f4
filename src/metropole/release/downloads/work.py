"""Have the downloads of a release written: here, or in processes beside when they are large."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from metropole.errors import ReleaseError
from metropole.release.dataset import Dataset
from metropole.release.downloads.canonical import rdfc_sha256
from metropole.release.downloads.listing import (
    CLASS,
    DICTIONARY,
    GRAPH,
    TABLE,
    WHOLE,
    Download,
    Listing,
    Missing,
)
from metropole.release.downloads.plan import Plan, Task
from metropole.release.manifest import Content

DATASET = "dataset.nq"
#: The process that writes a share of the files.
PROCESS, FILES = "metropole.release.downloads.process", "files"
#: A graph with more statements is worth processes of its own, which take a second to begin.
ALONE_STATEMENTS = 50_000
_KINDS = (WHOLE, GRAPH, CLASS, TABLE, DICTIONARY)
_Made = Download | Missing
_T = TypeVar("_T")


class Ended(Exception):
    """Nobody waits any more for what is written."""


def write_downloads(
    dataset: Dataset,
    content: Content,
    folder: Path,
    *,
    ended: threading.Event,
    alone: int = ALONE_STATEMENTS,
) -> Listing:
    """Write all downloads of a dataset into a folder that is new, and the list of them.

    Raises ReleaseError when a process that helped ended before its time, and Ended between two
    files once `ended` is set.
    """
    folder.mkdir()
    plan = Plan(dataset, content)
    if len(dataset.lines) > alone and plan.is_full:
        made: Iterable[_Made] = _in_processes(dataset, content, folder)
    else:
        made = run(as_long_as(plan.tasks(), ended), plan, folder)
    listing = listing_of(made, rdfc_sha256(dataset, content.dataset_sha256))
    listing.write(folder, content)
    return listing


def go_on(ended: threading.Event) -> None:
    """Do nothing as long as somebody waits for what is written; then raise Ended."""
    if ended.is_set():
        raise Ended


def as_long_as(wanted: Iterable[_T], ended: threading.Event) -> Iterator[_T]:
    """Go through something as long as somebody waits; then raise Ended."""
    for each in wanted:
        go_on(ended)
        yield each


def run(tasks: Iterable[Task], plan: Plan, folder: Path, *, there: str = "") -> Iterator[_Made]:
    """Write files one after the other, but for one that is there, and tell of each."""
    for task in tasks:
        yield from task.run(folder, plan.compressions(task), is_there=task.path == there)


def listing_of(made: Iterable[_Made], rdfc: str = "") -> Listing:
    """Put in order what is told of files."""
    files, missing = list[Download](), list[Missing]()
    for each in made:
        if isinstance(each, Download):
            files.append(each)
        else:
            missing.append(each)
    files.sort(key=lambda file: (_KINDS.index(file.kind), file.path))
    return Listing(tuple(files), tuple(sorted(missing, key=lambda each: each.path)), rdfc)


def _in_processes(dataset: Dataset, content: Content, folder: Path) -> list[_Made]:
    """Share the files out among processes, one for each processor, which read N-Quads."""
    dataset.write(folder / DATASET)
    shares = os.cpu_count() or 1
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_worker(asdict(content), folder, share, shares))
            for share in range(shares)
        ]
        answers = [_answer(worker) for worker in workers]
    return [each for answer in answers for each in answer]


def _worker(
    content: dict[str, Any], folder: Path, share: int, shares: int
) -> "subprocess.Popen[bytes]":
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", PROCESS, FILES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert worker.stdin is not None
    order = {"content": content, "folder": str(folder), "share": share, "shares": shares}
    worker.stdin.write(json.dumps(order).encode() + b"\n")
    worker.stdin.flush()  # it stays open: its end tells the worker that nobody waits any more
    return worker


def _answer(worker: "subprocess.Popen[bytes]") -> Iterator[_Made]:
    assert worker.stdout is not None
    text = worker.stdout.read()
    if worker.wait() != 0:
        raise ReleaseError(
            f"A process that writes downloads ended with {worker.returncode}. "
            "Nothing was released; what was served before is untouched."
        )
    told = json.loads(text)
    return iter(
        [
            *(Download.from_json(members) for members in told["files"]),
            *(Missing(**members) for members in told["missing"]),
        ]
    )


def shared_out(tasks: list[Task], shares: int) -> list[list[Task]]:
    """Share out files so that all are ready at about the same time.

    Those of one table stay together, for it is made once.
    """
    bundles: dict[str, list[Task]] = {}
    for task in tasks:
        is_of_table = task.kind in (TABLE, DICTIONARY)
        bundles.setdefault(f"table {task.about}" if is_of_table else task.path, []).append(task)
    found: list[list[Task]] = [[] for _ in range(shares)]
    costs = [0] * shares
    for bundle in sorted(bundles.values(), key=lambda each: -sum(task.cost for task in each)):
        share = costs.index(min(costs))
        found[share] += bundle
        costs[share] += sum(task.cost for task in bundle)
    return found
