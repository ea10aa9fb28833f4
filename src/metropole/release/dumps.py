"""Write the dumps of a release: the whole graph in files that people download."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.release.dataset import Dataset, LineFile
from metropole.release.manifest import PublishedFile
from metropole.turtle import trig, turtle, used_prefixes

FOLDER = "dumps"
SUMS = "SHA256SUMS"
#: Dumps up to this number of statements are laid out for people, which takes four times as long.
PRETTY_STATEMENTS = 250_000
#: The dumps: file name and what a reader should know.
DUMPS = {
    "dataset.nq": "N-Quads: every statement with its graph, sorted, one a line",
    "dataset.trig": "TriG: the named graphs, one for each source file",
    "dataset.ttl": "Turtle: the whole graph without the names of the sources",
}


def write_dumps(dataset: Dataset, folder: Path, prefixes: dict[str, str]) -> None:
    """Write the dumps of DUMPS into a folder.

    Up to PRETTY_STATEMENTS they are laid out for people; beyond, for speed.
    """
    dataset.write(folder / "dataset.nq")
    by_graph, union = folder / "dataset.trig", folder / "dataset.ttl"
    if len(dataset.lines) <= PRETTY_STATEMENTS:
        used = used_prefixes(dataset.lines, prefixes)
        _write_text(trig(dataset.by_graph.items(), used), by_graph)
        _write_text(turtle(list(dataset.triples()), used), union)
    else:
        in_graphs = (line for lines in dataset.by_graph.values() for line in lines)
        _serialize(in_graphs, by_graph, ox.RdfFormat.TRIG, prefixes)
        _serialize(dataset.triples(), union, ox.RdfFormat.TURTLE, prefixes)


def _write_text(pieces: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def write_sums(files: Iterable[PublishedFile], folder: Path) -> None:
    """Write the sums of the dumps in the form that `sha256sum --check` reads."""
    lines = [f"{file.sha256}  {Path(file.path).name}\n" for file in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _serialize(
    lines: Iterable[bytes], path: Path, syntax: ox.RdfFormat, prefixes: dict[str, str]
) -> None:
    with path.open("wb") as file:
        ox.serialize(_quads(lines), file, format=syntax, prefixes=prefixes)


def _quads(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    file = cast(BinaryIO, LineFile(lines))
    return ox.parse(file, format=ox.RdfFormat.N_QUADS, lenient=True)
