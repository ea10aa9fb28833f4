"""The terms of an ontology that a first description of a table can use."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from metropole.near import begun, nearest
from metropole.vocab import OWL, RDF, RDFS, XSD

_TYPE, _RANGE = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "range")
_CLASSES = frozenset({OWL + "Class", RDFS + "Class"})
_OBJECT_PROPERTY = OWL + "ObjectProperty"


@dataclass(frozen=True)
class KnownTerms:
    """Classes and properties of a site by their local names."""

    classes: frozenset[str] = frozenset()
    #: Properties that lead to things, each with the class of these, empty when it is not said.
    links: dict[str, str] = field(default_factory=dict)
    #: Other properties, each with the datatype of XML Schema that it wants, or nothing.
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, quads: Iterable[ox.Quad], namespace: str) -> "KnownTerms":
        """Collect the terms of a namespace that some statements declare."""
        kinds: dict[str, set[str]] = {}
        ranges: dict[str, str] = {}
        for quad in quads:
            subject, value = quad.subject, quad.object
            is_own = isinstance(subject, ox.NamedNode) and subject.value.startswith(namespace)
            if is_own and isinstance(value, ox.NamedNode):
                name = subject.value.removeprefix(namespace)  # type: ignore[union-attr]
                if quad.predicate == _TYPE:
                    kinds.setdefault(name, set()).add(value.value)
                elif quad.predicate == _RANGE:
                    ranges[name] = value.value
        properties = [
            name
            for name, types in kinds.items()
            if any(each.endswith("Property") for each in types)
        ]
        links = {
            name: ranges.get(name, "").removeprefix(namespace)
            for name in properties
            if _OBJECT_PROPERTY in kinds[name] or ranges.get(name, "").startswith(namespace)
        }
        return cls(
            frozenset(name for name, types in kinds.items() if types & _CLASSES),
            {name: "" if ":" in kind else kind for name, kind in links.items()},
            {
                name: ranges[name].removeprefix(XSD) if ranges.get(name, "").startswith(XSD) else ""
                for name in properties
                if name not in links
            },
        )

    def property(self, name: str) -> str:
        """Find the property of a name, whatever its capitals; empty for none."""
        wanted = name.lower().replace("_", "")
        known = {each.lower(): each for each in (*self.links, *self.values)}
        return known.get(wanted, "")

    def near_class(self, name: str) -> str:
        """Find the class that is called so or nearly so, else give the name back."""
        known = sorted(self.classes)
        return name if name in known else nearest(name, known) or begun(name, known) or name
