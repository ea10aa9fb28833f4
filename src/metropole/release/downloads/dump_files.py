"""Write statements into a file in one of the RDF syntaxes, always in the same order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.formats import N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, GraphFormat
from metropole.release.dataset import Dataset, LineFile
from metropole.turtle import Terms, trig, turtle, used_prefixes
from metropole.xml_bodies import NotXml, XmlText, with_named_properties

#: Files up to this number of statements are laid out for people, which takes four times as long.
PRETTY_STATEMENTS = 250_000


@dataclass(frozen=True)
class Part:
    """A dataset that is written in several syntaxes, with the prefixes of the site."""

    dataset: Dataset
    prefixes: dict[str, str]

    @property
    def is_pretty(self) -> bool:
        """Tell whether its files are laid out for people."""
        return len(self.dataset.lines) <= PRETTY_STATEMENTS

    @cached_property
    def used(self) -> dict[str, str]:
        """Give the prefixes to declare: those in use, or all when looking would take long."""
        return used_prefixes(self.dataset.lines, self.prefixes) if self.is_pretty else self.prefixes


def write_dump(part: Part, path: Path, syntax: GraphFormat) -> str:
    """Write a dataset into a file; give the reason when the syntax cannot hold it, else nothing.

    N-Quads and TriG keep the names of the graphs, the other syntaxes have each triple once.
    """
    dataset = part.dataset
    if syntax is N_QUADS:
        dataset.write(path)
    elif syntax is N_TRIPLES:
        dataset.write_triples(path)
    elif syntax in (TURTLE, TRIG):
        _write_turtle(part, path, syntax)
    else:
        try:
            _serialize_triples(part, path, syntax)
        except NotXml as error:
            path.unlink()
            return str(error)
    return ""


def _write_turtle(part: Part, path: Path, syntax: GraphFormat) -> None:
    dataset = part.dataset
    if part.is_pretty:
        pieces = (
            trig(dataset.by_graph.items(), Terms(part.prefixes))
            if syntax is TRIG
            else turtle(list(dataset.triples()), Terms(part.prefixes))
        )
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
    else:
        lines = (
            (line for lines in dataset.by_graph.values() for line in lines)
            if syntax is TRIG
            else dataset.triples()
        )
        with path.open("wb") as file:
            ox.serialize(_quads(lines), file, format=syntax.syntax, prefixes=part.prefixes)


def _serialize_triples(part: Part, path: Path, syntax: GraphFormat) -> None:
    quads = _quads(part.dataset.triples())
    triples: Iterable[ox.Triple] = (quad.triple for quad in quads)
    with path.open("wb") as file:
        target: BinaryIO = file
        if syntax is RDF_XML:
            triples = with_named_properties(triples)
            target = cast(BinaryIO, _XmlFile(file))
        ox.serialize(triples, target, format=syntax.syntax, prefixes=part.used)


class _XmlFile:
    """A file that takes only what XML can hold; raises NotXml."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._text = XmlText()

    def write(self, data: bytes) -> int:
        """Write a piece."""
        self._file.write(self._text.checked(bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Bring what was written to the file."""
        self._file.flush()


def _quads(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    file = cast(BinaryIO, LineFile(lines))
    return ox.parse(file, format=ox.RdfFormat.N_QUADS, lenient=True)
