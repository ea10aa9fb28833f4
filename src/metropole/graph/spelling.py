"""Settle the spelling of literals before anything else sees them.

The store keeps values, not spellings: `12.50` would come back as `12.5`, and `7` typed
as `xsd:byte` as `xsd:integer`. Settling it here makes dumps, documents and the endpoint the
same graph. The store itself is asked how it spells a value, so the two cannot disagree.
"""

import re

import pyoxigraph as ox

from metropole.report import Finding, Severity
from metropole.vocab import RDF, XSD

#: Datatypes whose literals the store keeps as they are.
_KEPT = frozenset({XSD + "string", RDF + "langString", RDF + "dirLangString"})
#: Spellings known to be settled: a fast path that saves asking the store.
_SETTLED = {
    XSD + "integer": re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z").match,
    XSD + "decimal": re.compile(
        r"-?(?:0|[1-9][0-9]{0,12})\.[0-9]{0,4}[1-9]\Z|(?:0|-?[1-9][0-9]{0,12})\Z"
    ).match,
    XSD + "date": re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]\Z").match,
}
#: Changed spellings told one by one for a file; the rest is told as a number.
_TOLD = 20


class Spelling:
    """Settle the literals of one file and remember what was changed."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._known: dict[ox.Literal, ox.Literal] = {}
        self._told: list[Finding] = []
        self._changed = 0

    def settle(self, literal: ox.Literal, line: int) -> ox.Literal:
        """Give the literal as the store will give it back."""
        datatype = literal.datatype.value
        if datatype in _KEPT:
            return literal
        is_settled = _SETTLED.get(datatype)
        if is_settled is not None and is_settled(literal.value):
            return literal
        settled = self._known.get(literal)
        if settled is None:
            settled = self._known[literal] = _stored(literal)
        if settled == literal:
            return literal
        self._note(literal, settled, line)
        return settled

    def findings(self) -> list[Finding]:
        """Tell which spellings were changed."""
        untold = self._changed - len(self._told)
        if not untold:
            return self._told
        rest = Finding(
            Severity.INFO,
            "spelling",
            f"{untold} more values of '{self._file}' are published in another spelling.",
            file=self._file,
        )
        return [*self._told, rest]

    def _note(self, literal: ox.Literal, settled: ox.Literal, line: int) -> None:
        self._changed += 1
        if len(self._told) >= _TOLD:
            return
        self._told.append(
            Finding(
                Severity.INFO,
                "spelling",
                f"{_shown(literal)} is published as {_shown(settled)}.",
                file=self._file,
                line=line,
                value=str(literal),
                remedy=f"Write {_shown(settled)} to have file and publication agree.",
            )
        )


def _stored(literal: ox.Literal) -> ox.Literal:
    """Ask a store of one statement how it spells the literal.

    A new store each time: one that has forgotten thousands of statements is 50 times slower.
    """
    node = ox.NamedNode("urn:x-metropole:spelling")
    store = ox.Store()
    store.add(ox.Quad(node, node, literal))
    (stored,) = store
    assert isinstance(stored.object, ox.Literal)
    return stored.object


def _shown(literal: ox.Literal) -> str:
    return f"'{literal.value}' (xsd:{literal.datatype.value.removeprefix(XSD)})"
