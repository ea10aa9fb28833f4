"""Have the downloads of a release written: here, or in processes beside when they are large."""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
from metropole.release.ended import as_long_as
from metropole.release.manifest import Content
from metropole.release.processes import ALONE_STATEMENTS, helper

#: The job of a process that writes a share of the files.
FILES = "files"
_KINDS = (WHOLE, GRAPH, CLASS, TABLE, DICTIONARY)
_Made = Download | Missing


def write_downloads(
    dataset: Dataset,
    content: Content,
    folder: Path,
    *,
    ended: threading.Event,
    alone: int = ALONE_STATEMENTS,
) -> Listing:
    """Write all downloads of a dataset into a folder that has its N-Quads, and the list of them.

    Raises ReleaseError when a process that helped ended before its time, and Ended between two
    files once `ended` is set.
    """
    plan = Plan(dataset, content)
    if len(dataset.lines) > alone and plan.is_full:
        made: Iterable[_Made] = _in_processes(content, folder, ended)
    else:
        made = run(as_long_as(plan.tasks(), ended), plan, folder)
    listing = listing_of(made, rdfc_sha256(dataset, content.dataset_sha256))
    listing.write(folder, content)
    return listing


def run(tasks: Iterable[Task], plan: Plan, folder: Path) -> Iterator[_Made]:
    """Write files one after the other, and tell of each."""
    for task in tasks:
        yield from task.run(folder, plan.compressions(task))


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


def _in_processes(content: Content, folder: Path, ended: threading.Event) -> list[_Made]:
    """Share the files out among processes, one for each processor."""
    shares = os.cpu_count() or 1
    order = {"content": asdict(content), "folder": str(folder), "shares": shares}
    with ExitStack() as stack:
        helpers = [
            stack.enter_context(helper(FILES, {**order, "share": share})) for share in range(shares)
        ]
        answers = [each.answer(ended) for each in helpers]
    return [made for answer in answers for made in _made_of(answer)]


def _made_of(told: dict[str, Any]) -> Iterator[_Made]:
    yield from (Download.from_json(members) for members in told["files"])
    yield from (Missing(**members) for members in told["missing"])


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
