"""Write what pages look up: the lists of things, and the index of the search."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from metropole.release.dataset import Dataset
from metropole.release.ended import as_long_as
from metropole.release.lists import FILE as LISTS
from metropole.release.lists import write_lists
from metropole.release.manifest import Content
from metropole.release.processes import ALONE_STATEMENTS, helper
from metropole.release.search_index import FILE as SEARCH
from metropole.release.search_index import write_search

#: The job of a process that writes them, and their files.
INDEX = "index"
INDEX_FILES = (LISTS, SEARCH)


def write_index(name: str, folder: Path, lines: Iterable[bytes], content: Content) -> None:
    """Write one of the files from sorted lines of N-Quads into the folder of a release."""
    path = folder / name
    if name == LISTS:
        languages, prefixes = content.languages, content.prefixes
        write_lists(path, lines, base=content.base, languages=languages, prefixes=prefixes)
    else:
        write_search(lines, content.base, path)


@contextmanager
def indexes_beside(
    folder: Path, dataset: Dataset, content: Content, ended: threading.Event
) -> Iterator[None]:
    """Have a process write the indexes while the block runs; those of a small graph come after it.

    One process, for a store is loaded meanwhile, which takes much memory. The N-Quads are in the
    folder already. Raises Ended once `ended` is set, and ReleaseError when the process ended
    before its time.
    """
    if len(dataset.lines) <= ALONE_STATEMENTS:
        yield
        for name in INDEX_FILES:
            write_index(name, folder, as_long_as(dataset.lines, ended), content)
        return
    with helper(INDEX, {"folder": str(folder), "content": asdict(content)}) as beside:
        yield
        beside.answer(ended)
