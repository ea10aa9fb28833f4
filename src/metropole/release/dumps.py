"""Names of the dumps of a release, and the sums of all that people download."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from metropole.messages import Message
from metropole.release.manifest import PublishedFile

FOLDER = "dumps"
_GRAPHS = "id/graph/"
#: Stems that can be a file on any system and are clear of those in `other`.
_FILE_STEM = re.compile(r"(?!other/)[\w\-]{1,100}(?:/[\w\-]{1,100}){0,8}", re.ASCII)
SUMS = "SHA256SUMS"
NQUADS = "dataset.nq"
#: Where the sorted lines are in a release; documents are read from them.
SORTED = f"{FOLDER}/{NQUADS}"
#: The dumps that every release has: file name and what a reader should know.
DUMPS = {
    NQUADS: Message("N-Quads: every statement with its graph, sorted, one a line"),
    "dataset.trig": Message("TriG: the named graphs, one for each source file"),
    "dataset.ttl": Message("Turtle: the whole graph without the names of the sources"),
}


def graph_stem(graph: str, base: str) -> str:
    """Name the files of a named graph after the file of the site, any other by a digest."""
    stem = graph.removeprefix(base + _GRAPHS)
    if graph.startswith(base + _GRAPHS) and _FILE_STEM.fullmatch(stem):
        return f"graphs/{stem}"
    return f"graphs/other/{sha256(graph.encode()).hexdigest()[:16]}"


def graph_file(graph: str, base: str) -> str:
    """Name the N-Triples of a named graph, which every release has."""
    return f"{graph_stem(graph, base)}.nt"


def sums(files: Iterable[PublishedFile]) -> str:
    """Tell the sums of the dumps among some files in the form that `sha256sum --check` reads."""
    dumps = (file for file in files if file.path.startswith(f"{FOLDER}/"))
    return "".join(f"{file.sha256}  {file.path.removeprefix(f'{FOLDER}/')}\n" for file in dumps)


def write_sums(files: Iterable[PublishedFile], folder: Path) -> None:
    """Write the sums of the dumps beside them."""
    (folder / SUMS).write_text(sums(files), encoding="utf-8")
