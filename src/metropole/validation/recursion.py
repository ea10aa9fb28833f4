"""Find shapes that refer to themselves: what they mean is not defined (SHACL, section 3.4.3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import SHAPES
from metropole.validation.positions import Positions
from metropole.vocab import RDF, SH

#: From a shape to the shapes its constraints refer to; lists are walked like shapes.
_REFERENCES = {
    ox.NamedNode(iri)
    for iri in (
        *(SH + name for name in ("node", "property", "not", "and", "or", "xone")),
        SH + "qualifiedValueShape",
        RDF + "first",
        RDF + "rest",
    )
}
_Node = ox.NamedNode | ox.BlankNode


def recursive_shapes(graph: SiteGraph) -> list[Finding]:
    """Find the named shapes from which a way of references leads back to them."""
    ways: dict[_Node, list[_Node]] = defaultdict(list)
    for quad in graph.quads(SHAPES):
        if quad.predicate in _REFERENCES and isinstance(quad.object, _Node):
            assert isinstance(quad.subject, _Node)
            ways[quad.subject].append(quad.object)
    found = [node for node in list(ways) if isinstance(node, ox.NamedNode) and is_ring(node, ways)]
    positions = Positions(graph, map(str, found), folder=SHAPES) if found else None
    return [_recursive(graph, node, positions) for node in found if positions]


def is_ring(start: _Node, ways: Mapping[_Node, Iterable[_Node]]) -> bool:
    """Tell whether a way leads from a node back to it."""
    seen: set[_Node] = set()
    waiting = list(ways.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node == start:
            return True
        if node not in seen:
            seen.add(node)
            waiting += ways.get(node, ())
    return False


def _recursive(graph: SiteGraph, node: ox.NamedNode, positions: Positions) -> Finding:
    where = positions.find(str(node))
    return Finding(
        Severity.WARNING,
        "shapes-recursive",
        f"The shape {graph.shorten(str(node))} refers to itself; SHACL does not say what that "
        "means, and the check stops after some rounds.",
        file=where.file,
        line=where.line,
        focus=str(node),
        remedy="Check the class of the value (sh:class) in place of its shape (sh:node).",
    )
