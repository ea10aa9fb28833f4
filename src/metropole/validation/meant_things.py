"""Name the thing that was meant by a text, or by an address that leads to none."""

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.graph.names import words
from metropole.graph.terms import term
from metropole.near import nearest
from metropole.validation.shacl import Result
from metropole.vocab import RDF, SH

_TYPE = ox.NamedNode(RDF + "type")
_ENDS_IN_SPACE = "%20>"
#: Members of a class up to which near names are looked for; among more, the same one.
_FEW = 2000


class MeantThings:
    """The things that values of sh:class may have been meant to be."""

    def __init__(self, graph: SiteGraph) -> None:
        """Look at nothing before something is asked."""
        self._graph = graph
        self._members: dict[str, dict[str, str]] = {}

    def hint(self, result: Result) -> str:
        """Say which member of the class was probably meant, before a remedy; empty for none."""
        if result.component != SH + "ClassConstraintComponent":
            return ""
        if result.value.endswith(_ENDS_IN_SPACE):
            return "The address ends in a space, %20: remove it where the value is written. "
        value = term(result.value) if result.value else None
        if not isinstance(value, ox.NamedNode | ox.Literal):
            return ""
        name = _name(value.value) if isinstance(value, ox.NamedNode) else value.value
        members = self._of(result.parameters.get(SH + "class", ("",))[0])
        name = name.strip().lower()
        near = name if name in members or len(members) > _FEW else nearest(name, members)
        found = members.get(near, "")
        return f"Did you mean {self._graph.shorten(found)}? " if found else ""

    def _of(self, kind: str) -> dict[str, str]:
        """Map the names of the members of a class to their addresses."""
        if kind not in self._members:
            self._members[kind] = {
                _name(quad.subject.value).lower(): str(quad.subject)
                for quad, _, _ in self._graph.statements((_TYPE,))
                if str(quad.object) == kind and isinstance(quad.subject, ox.NamedNode)
            }
        return self._members[kind]


def _name(iri: str) -> str:
    return words(iri) or iri
