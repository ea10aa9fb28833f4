"""The dataset of a release: canonical N-Quads, each statement once, sorted.

The triples that a file puts into its default graph belong to the graph named after the file;
the default graph of the release is the union of all named graphs (an RDF merge: a triple that
two files state is in it once).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from itertools import chain, groupby, islice
from operator import eq
from pathlib import Path

from metropole.graph import SiteGraph
from metropole.graph.statement_lines import lines_of, texts
from metropole.release.statistics import Statistics, by_iri


@dataclass(frozen=True)
class Dataset:
    """The statements of a site as sorted lines of N-Quads, without line ends."""

    lines: list[bytes]
    #: The numbers of the union, where they are known already.
    counted: Statistics | None = field(default=None, compare=False, repr=False)
    #: Whether all lines are of one graph, so that each is a triple of its own.
    has_one_graph: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, graph: SiteGraph, added: Iterable[bytes] = ()) -> "Dataset":
        """Collect the statements of all sources, and lines of N-Quads that come beside them."""
        lines = list(chain(*(parsed.statements for parsed in graph.sources), added))
        lines.sort()
        return cls(_each_once(lines))

    def sha256(self) -> str:
        """Digest the lines, each with its line end."""
        digest = sha256()
        for chunk in texts(self.lines):
            digest.update(chunk)
        return digest.hexdigest()

    def write(self, path: Path) -> None:
        """Write the lines into a file."""
        with path.open("wb") as file:
            file.writelines(texts(self.lines))

    def write_triples(self, path: Path) -> None:
        """Write the union of the graphs into a file, as lines of N-Triples."""
        with path.open("wb") as file:
            if self.has_one_graph and self.lines:
                # A raw line end cannot stand inside a term, so each of these is the end of a line.
                graph = self.lines[0][self.lines[0].rindex(b" <") :] + b"\n"
                file.writelines(chunk.replace(graph, b" .\n") for chunk in texts(self.lines))
            else:
                file.writelines(texts(self.triples()))

    def holding(self, part: bytes) -> list[bytes]:
        """List the lines that hold some bytes; where few do, that is faster than to try each."""
        held = (lines_of(text) for text in texts(self.lines) if part in text)
        return [line for lines in held for line in lines if part in line]

    @cached_property
    def by_graph(self) -> dict[str, list[bytes]]:
        """The lines of each named graph, sorted, the graphs in the order of their IRIs."""
        found: dict[bytes, list[bytes]] = {}
        for line in self.lines:
            name = line[line.rindex(b" <") + 2 : -3]
            if name not in found:
                found[name] = []
            found[name].append(line)
        return {name.decode(): found[name] for name in sorted(found)}

    def graphs(self) -> dict[str, int]:
        """Count the statements of each named graph."""
        return {name: len(lines) for name, lines in self.by_graph.items()}

    def triples(self) -> Iterator[bytes]:
        """Go through the union of the graphs as lines of N-Triples, each triple once."""
        return (triple + b" ." for triple in self.union())

    def union(self) -> Iterator[bytes]:
        """Go through the union of the graphs, each triple once, without the end of its line."""
        last = b""
        for line in self.lines:
            triple = line[: line.rindex(b" <")]
            if triple != last:
                yield triple
                last = triple

    @cached_property
    def statistics(self) -> Statistics:
        """Count the triples of the union."""
        return self.counted or Statistics.of(self.union(), "")

    def with_graph(self, triples: Iterable[bytes], name: str, counted: Statistics) -> "Dataset":
        """Give a dataset that has one graph more; `counted` is what then is in the union."""
        ending = f" <{name}> .".encode()
        added = [triple + ending for triple in triples]
        return Dataset(_each_once(sorted([*self.lines, *added])), counted)

    def classes(self) -> dict[str, int]:
        """Count the members of each class, in the order of the classes' IRIs."""
        return by_iri(self.statistics.classes)

    def properties(self) -> dict[str, int]:
        """Count the triples of each property, in the order of the properties' IRIs."""
        return by_iri(self.statistics.properties)

    @property
    def triple_count(self) -> int:
        """Count the triples of the union."""
        return self.statistics.triples

    def number(self, *, in_graphs: bool) -> int:
        """Count the statements: each in its graphs, or each triple once."""
        if in_graphs or self.has_one_graph:
            return len(self.lines)
        return self.counted.triples if self.counted else self._union_length

    @cached_property
    def _union_length(self) -> int:
        return sum(1 for _ in self.union())

    def overlaps(self) -> bool:
        """Tell whether a triple is in more than one graph."""
        return len(self.lines) > self.triple_count


def _each_once(lines: list[bytes]) -> list[bytes]:
    """Leave out of sorted lines what is there already; mostly nothing is, which is seen soon."""
    if any(map(eq, lines, islice(lines, 1, None))):
        return [line for line, _ in groupby(lines)]
    return lines


class LineFile:
    """A file over lines, so that there is never a second copy of a graph in memory."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._texts = texts(lines)
        self._text = BytesIO()

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes; none at the end, as a file does."""
        piece = self._text.read(size)
        if not piece:
            self._text = BytesIO(next(self._texts, b""))
            piece = self._text.read(size)
        return piece
