"""Write what pages look up: the lists of things, and the index of the search."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from metropole.release.dataset import Dataset
from metropole.release.ended import as_long_as, go_on
from metropole.release.lists import FILE as LISTS
from metropole.release.lists import write_lists
from metropole.release.manifest import Content
from metropole.release.processes import ALONE_STATEMENTS, helper
from metropole.release.search_index import FILE as SEARCH
from metropole.release.search_index import write_search

#: The job of a process that writes them, and the files.
INDEXES = "indexes"
INDEX_FILES = (LISTS, SEARCH)


def write_indexes(
    folder: Path, lines: list[bytes], content: Content, ended: threading.Event | None = None
) -> None:
    """Write the indexes of sorted N-Quads into the folder of a release.

    Raises Ended once `ended` is set.
    """
    ended = ended or threading.Event()
    write_lists(
        folder / LISTS,
        lines,
        base=content.base,
        languages=content.languages,
        prefixes=content.prefixes,
    )
    go_on(ended)
    write_search(as_long_as(lines, ended), content.base, folder / SEARCH)


@contextmanager
def indexes_beside(
    folder: Path, dataset: Dataset, content: Content, ended: threading.Event
) -> Iterator[None]:
    """Have the indexes written by a process while the block runs; of a small graph, after it.

    The N-Quads are in the folder already. Raises Ended once `ended` is set, and ReleaseError when
    the process ended before its time.
    """
    if len(dataset.lines) <= ALONE_STATEMENTS:
        yield
        write_indexes(folder, dataset.lines, content, ended)
        return
    with helper(INDEXES, {"folder": str(folder), "content": asdict(content)}) as process:
        yield
        process.answer(ended)
