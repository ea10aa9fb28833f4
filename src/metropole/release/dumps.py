"""Write the dumps of a release: the whole graph in files that people download."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.messages import Message
from metropole.release.dataset import Dataset, LineFile
from metropole.release.manifest import PublishedFile
from metropole.turtle import trig, turtle

FOLDER = "dumps"
_GRAPHS = "id/graph/"
#: Stems that can be a file on any system and are clear of those in `other`.
_FILE_STEM = re.compile(r"(?!other/)[\w\-]{1,100}(?:/[\w\-]{1,100}){0,8}", re.ASCII)
SUMS = "SHA256SUMS"
NQUADS = "dataset.nq"
#: Where the sorted lines are in a release; documents are read from them.
SORTED = f"{FOLDER}/{NQUADS}"
#: Dumps up to this number of statements are laid out for people, which takes four times as long.
PRETTY_STATEMENTS = 250_000
#: The dumps: file name and what a reader should know.
DUMPS = {
    NQUADS: Message("N-Quads: every statement with its graph, sorted, one a line"),
    "dataset.trig": Message("TriG: the named graphs, one for each source file"),
    "dataset.ttl": Message("Turtle: the whole graph without the names of the sources"),
}


def write_dumps(dataset: Dataset, folder: Path, prefixes: dict[str, str]) -> None:
    """Write the dumps of DUMPS into a folder.

    Up to PRETTY_STATEMENTS they are laid out for people; beyond, for speed.
    """
    dataset.write(folder / NQUADS)
    by_graph, union = folder / "dataset.trig", folder / "dataset.ttl"
    if len(dataset.lines) <= PRETTY_STATEMENTS:
        _write_text(trig(dataset.by_graph.items(), prefixes), by_graph)
        _write_text(turtle(list(dataset.triples()), prefixes), union)
    else:
        in_graphs = (line for lines in dataset.by_graph.values() for line in lines)
        _serialize(in_graphs, by_graph, ox.RdfFormat.TRIG, prefixes)
        _serialize(dataset.triples(), union, ox.RdfFormat.TURTLE, prefixes)


def write_graphs(dataset: Dataset, folder: Path, base: str) -> list[str]:
    """Write each named graph as sorted N-Triples; give the names of the files, sorted."""
    names = []
    for graph, lines in dataset.by_graph.items():
        name = graph_file(graph, base)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cut = len(f" <{graph}> .".encode())
        with path.open("wb") as file:
            file.writelines(line[:-cut] + b" .\n" for line in lines)
        names.append(name)
    return sorted(names)


def graph_file(graph: str, base: str) -> str:
    """Name the file of a named graph after the file of the site, any other by a digest."""
    stem = graph.removeprefix(base + _GRAPHS)
    if graph.startswith(base + _GRAPHS) and _FILE_STEM.fullmatch(stem):
        return f"graphs/{stem}.nt"
    return f"graphs/other/{sha256(graph.encode()).hexdigest()[:16]}.nt"


def _write_text(pieces: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def write_sums(files: Iterable[PublishedFile], folder: Path) -> None:
    """Write the sums of the dumps in the form that `sha256sum --check` reads."""
    lines = [f"{file.sha256}  {file.path.removeprefix(f'{FOLDER}/')}\n" for file in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _serialize(
    lines: Iterable[bytes], path: Path, syntax: ox.RdfFormat, prefixes: dict[str, str]
) -> None:
    with path.open("wb") as file:
        ox.serialize(_quads(lines), file, format=syntax, prefixes=prefixes)


def _quads(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    file = cast(BinaryIO, LineFile(lines))
    return ox.parse(file, format=ox.RdfFormat.N_QUADS, lenient=True)
