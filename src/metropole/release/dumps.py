"""Write the dumps of a release: the whole graph in files that people download."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from metropole.release.dataset import Dataset
from metropole.release.manifest import PublishedFile

FOLDER = "dumps"
SUMS = "SHA256SUMS"
NQUADS = "dataset.nq"
_BATCH = 20_000
#: The dumps: file name and what a reader should know.
DUMPS = {
    NQUADS: "N-Quads: every statement with its graph, sorted, one a line",
    "dataset.trig": "TriG: the named graphs, one for each source file",
    "dataset.ttl": "Turtle: the whole graph without the names of the sources",
}


def write_dumps(dataset: Dataset, folder: Path, prefixes: dict[str, str]) -> None:
    """Write the dumps of DUMPS into a folder, but for the N-Quads, which are there already."""
    _serialize(dataset.by_graph(), folder / "dataset.trig", ox.RdfFormat.TRIG, prefixes)
    _serialize(dataset.triples(), folder / "dataset.ttl", ox.RdfFormat.TURTLE, prefixes)


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
    return ox.parse(_Lines(lines), format=ox.RdfFormat.N_QUADS, lenient=True)  # type: ignore[arg-type]


class _Lines:
    """A file-like object over lines, so that a second copy of the graph is never in memory."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = b"".join(line + b"\n" for line in self._batch())
        if size < 0:
            size = len(self._rest)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def _batch(self) -> Iterator[bytes]:
        for _ in range(_BATCH):
            line = next(self._lines, None)
            if line is None:
                return
            yield line
