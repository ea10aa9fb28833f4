"""Find the file and line on which a statement about a node stands."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.graph.terms import term


@dataclass(frozen=True)
class Position:
    """A file of the site and a line in it; empty and 0 when unknown."""

    file: str = ""
    line: int = 0


class Positions:
    """The positions of all statements about some nodes; terms are written as N-Triples."""

    def __init__(self, graph: SiteGraph, nodes: Iterable[str], *, folder: str = "") -> None:
        """Go through the graph, or one folder of it, and keep what is said of the nodes."""
        wanted = {term(text) for text in nodes}
        self._exact: dict[tuple[str, str, str], Position] = {}
        self._by_property: dict[tuple[str, str], Position] = {}
        self._by_node: dict[str, Position] = {}
        self._by_value: dict[str, Position] = {}
        sources = (item for item in graph.sources if folder in ("", item.source.folder))
        for parsed in sources:
            for quad, line in parsed:
                if quad.subject in wanted:
                    self._keep(quad, Position(parsed.source.name, line))
                elif quad.object in wanted:
                    self._by_value.setdefault(str(quad.object), Position(parsed.source.name, line))

    def _keep(self, quad: ox.Quad, position: Position) -> None:
        subject, predicate = str(quad.subject), str(quad.predicate)
        self._exact.setdefault((subject, predicate, str(quad.object)), position)
        self._by_property.setdefault((subject, predicate), position)
        self._by_node.setdefault(subject, position)

    def exact(self, subject: str, predicate: str, value: str) -> Position | None:
        """Find one statement, or None when it is not among those about the nodes."""
        return self._exact.get((subject, predicate, value))

    def find(self, node: str, path: str = "", value: str = "") -> Position:
        """Find the statement, else one with the same property, else any about the node."""
        return (
            self._exact.get((node, path, value))
            or self._by_property.get((node, path))
            or self._by_node.get(node)
            or self._by_value.get(node)
            or Position()
        )
