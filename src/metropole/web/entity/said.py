"""What is said of a thing and of all that it is made of, by property and by graph."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from metropole.store.reading import Node
from metropole.vocab import LABEL_PROPERTIES, RDF

FIRST, _REST = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest")
_RANKS = {iri: rank for rank, iri in enumerate(LABEL_PROPERTIES)}
Term = Node | ox.Literal


class Said:
    """Statements about some nodes: names first, the rest by alphabet."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._said: dict[Node, dict[ox.NamedNode, dict[Term, None]]] = {}
        self._graphs: dict[tuple[Node, ox.NamedNode], set[str]] = {}
        for quad in sorted(quads, key=_order):
            subject, predicate, value = quad.subject, quad.predicate, quad.object
            if not isinstance(subject, Node) or not isinstance(value, Term):
                continue
            self._said.setdefault(subject, {}).setdefault(predicate, {})[value] = None
            if isinstance(quad.graph_name, ox.NamedNode):
                graphs = self._graphs.setdefault((subject, predicate), set())
                graphs.add(quad.graph_name.value)
        names = sorted(set[str]().union(*self._graphs.values()))
        #: The graphs that state something, each with its place in their list.
        self.graphs = {iri: place for place, iri in enumerate(names, 1)}

    def __contains__(self, node: object) -> bool:
        """Tell whether anything is said of a node."""
        return node in self._said

    def properties_of(self, node: Node) -> list[ox.NamedNode]:
        """List the properties that a node has."""
        return list(self._said.get(node, ()))

    def values_of(self, node: Node, predicate: ox.NamedNode) -> list[Term]:
        """List the values of a property of a node."""
        return list(self._said.get(node, {}).get(predicate, ()))

    def stated(self, node: Node, predicate: ox.NamedNode) -> tuple[int, ...]:
        """Give the places of the graphs that state a property of a node."""
        return tuple(sorted(self.graphs[iri] for iri in self._graphs.get((node, predicate), ())))

    def members_of(self, node: Term | None) -> Iterator[Term]:
        """Go through the members of a list; nothing for a node that is no list."""
        passed = set()
        while isinstance(node, Node) and node in self._said and node not in passed:
            passed.add(node)
            said = self._said[node]
            if FIRST not in said:
                return
            yield next(iter(said[FIRST]))
            node = next(iter(said.get(_REST, ())), None)


def _order(quad: ox.Quad) -> tuple[int, str, str]:
    """Put names first, the rest by alphabet."""
    iri = quad.predicate.value
    return _RANKS.get(iri, len(_RANKS)), iri, str(quad.object)


def named_nodes(quads: Iterable[ox.Quad]) -> list[ox.NamedNode]:
    """List the IRIs that statements mention."""
    terms = (term for quad in quads for term in (quad.subject, quad.predicate, quad.object))
    return [term for term in terms if isinstance(term, ox.NamedNode)]
