"""The statements of a few files, to be looked up by subject and property: ontology and shapes."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from metropole.vocab import RDF

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal
_TYPE, _FIRST, _REST = RDF + "type", RDF + "first", RDF + "rest"


class Statements:
    """Statements by subject and property; values come in a fixed order."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._said: dict[Node, dict[str, list[Term]]] = {}
        self._pointing: dict[Term, list[tuple[Node, str]]] = {}
        for quad in sorted(set(quads), key=str):
            subject, value = quad.subject, quad.object
            if isinstance(subject, Node) and isinstance(value, Term):
                values = self._said.setdefault(subject, {}).setdefault(quad.predicate.value, [])
                if value not in values:
                    values.append(value)
                    self._pointing.setdefault(value, []).append((subject, quad.predicate.value))

    def subjects(self) -> list[Node]:
        """List everything that something is said of."""
        return list(self._said)

    def properties(self, subject: Node) -> list[str]:
        """List the properties that something has."""
        return list(self._said.get(subject, ()))

    def values(self, subject: Node, *properties: str) -> list[Term]:
        """List the values of some properties."""
        said = self._said.get(subject, {})
        return [value for each in properties for value in said.get(each, ())]

    def value(self, subject: Node, name: str) -> Term | None:
        """Give the first value of a property."""
        return next(iter(self.values(subject, name)), None)

    def nodes(self, subject: Node, *properties: str) -> list[ox.NamedNode]:
        """List the values of some properties that are IRIs."""
        return [
            value for value in self.values(subject, *properties) if isinstance(value, ox.NamedNode)
        ]

    def literals(self, subject: Node, *properties: str) -> list[ox.Literal]:
        """List the literals of the first of some properties that has any."""
        for name in properties:
            found = [each for each in self.values(subject, name) if isinstance(each, ox.Literal)]
            if found:
                return found
        return []

    def number(self, subject: Node, name: str) -> int | None:
        """Give a whole number; None when there is none."""
        text = next((each.value for each in self.literals(subject, name)), "")
        return int(text) if text.isdecimal() else None

    def is_true(self, subject: Node, name: str) -> bool:
        """Tell whether a property has the value true."""
        return any(each.value in ("true", "1") for each in self.literals(subject, name))

    def has_kind(self, subject: Node, *kinds: str) -> bool:
        """Tell whether something is of one of some classes."""
        return any(node.value in kinds for node in self.nodes(subject, _TYPE))

    def pointing(self, value: Term, *properties: str) -> list[Node]:
        """List what points to something with one of some properties."""
        return [node for node, name in self._pointing.get(value, ()) if name in properties]

    def members(self, start: Term | None) -> Iterator[Term]:
        """Go through the members of a list, in their order; a damaged list ends early."""
        passed = set[Node]()
        while isinstance(start, Node) and start not in passed:
            passed.add(start)
            first = self.value(start, _FIRST)
            if first is None:
                return
            yield first
            start = self.value(start, _REST)

    def named(self) -> list[ox.NamedNode]:
        """List every IRI that is a subject, a property or a value."""
        found: dict[ox.NamedNode, None] = {}
        for subject, said in self._said.items():
            terms = [subject, *map(ox.NamedNode, said), *(v for vs in said.values() for v in vs)]
            found.update({term: None for term in terms if isinstance(term, ox.NamedNode)})
        return list(found)
