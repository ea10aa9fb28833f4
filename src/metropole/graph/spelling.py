"""Settle the spelling of literals before anything else sees them.

The store keeps values, not spellings: `12.50` would come back as `12.5`, and `7` typed
as `xsd:byte` as `xsd:integer`. Settling it here makes dumps, documents and the endpoint the
same graph. The store itself is asked how it spells a value, so the two cannot disagree. On the way
each value is seen once, so here it is told as well when it is none of its datatype.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pyoxigraph as ox

from metropole.graph.lexical import DATATYPES, is_written_right, wanted
from metropole.near import nearest
from metropole.report import Finding, Severity
from metropole.vocab import RDF, XSD

#: Datatypes whose literals the store keeps as they are.
_KEPT = frozenset({XSD + "string", RDF + "langString", RDF + "dirLangString"})
#: Spellings known to be right and settled: a fast path that saves asking the store.
_SETTLED = {
    XSD + "integer": r"0|-?[1-9][0-9]{0,17}",
    XSD + "decimal": r"-?(?:0|[1-9][0-9]{0,12})\.[0-9]{0,4}[1-9]|(?:0|-?[1-9][0-9]{0,12})",
    XSD + "date": r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
}
_IS_SETTLED = {name: re.compile(rf"(?:{text})\Z").match for name, text in _SETTLED.items()}
#: The same in N-Quads, where each literal with a datatype has one `_TYPED`.
_SETTLED_LITERAL = re.compile(
    "|".join(rf'"(?:{text})"\^\^<{re.escape(name)}>()' for name, text in _SETTLED.items()).encode()
)
_TYPED = b'"^^<'
#: Findings of one kind told one by one for a file; the rest is told as a number. What is only
#: spelt otherwise harms nobody, and a few examples of it for each property show it.
_TOLD, _EXAMPLES = 20, 5
_LONGEST_SHOWN = 200


class Spelling:
    """Settle the literals of one file and remember what was changed."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._known: dict[ox.Literal, ox.Literal] = {}
        self._changed: dict[str, _Told] = {}
        self._wrong = _Told(_TOLD)
        self._ill_typed: set[ox.Literal] = set()
        self._unknown: dict[str, Finding] = {}

    def settle(self, literal: ox.Literal, line: int, of: ox.NamedNode | str = "") -> ox.Literal:
        """Give the literal as the store will give it back; `of` is its property or column."""
        datatype = literal.datatype.value
        if datatype in _KEPT:
            return literal
        is_settled = _IS_SETTLED.get(datatype)
        if is_settled is not None and is_settled(literal.value):
            return literal
        settled = self._known.get(literal)
        if settled is None:
            settled = self._known[literal] = _stored(literal)
            if not is_written_right(literal.value, datatype):
                self._ill_typed.add(literal)
            elif datatype not in self._unknown and not is_datatype(datatype):
                self._unknown[datatype] = unknown_datatype(datatype, self._file, line)
        if self._ill_typed and literal in self._ill_typed:
            self._wrong.tell(line, lambda: _ill_typed(self._file, literal, line))
        if settled == literal:
            return literal
        changed = self._changed.setdefault(str(of), _Told(_EXAMPLES))
        changed.tell(line, lambda: _respelled(self._file, literal, settled, line))
        return settled

    def findings(self) -> list[Finding]:
        """Tell which spellings were changed, and which values are none of their datatype."""
        told = [*self._wrong.findings, *self._unknown.values()]
        for of, changed in self._changed.items():
            told += changed.findings
            if changed.untold:
                what = of if of.startswith("<") else f"'{of or self._file}'"
                number = f"{changed.untold:,} more values" if changed.untold > 1 else "1 more value"
                told.append(
                    Finding(
                        Severity.INFO,
                        "spelling",
                        f"{number} of {what} will be published in another spelling.",
                        file=self._file,
                        line=changed.line,
                    )
                )
        if self._wrong.untold:
            told.append(
                Finding(
                    Severity.WARNING,
                    "ill-typed",
                    f"{self._wrong.untold} more values of '{self._file}' are none of their "
                    "datatype.",
                    file=self._file,
                    line=self._wrong.line,
                    remedy="Mend those that are told first: the cause may be the same.",
                )
            )
        return told


def are_settled(text: bytes) -> bool:
    """Tell whether all literals in N-Quads are settled beyond doubt: they need not be looked at."""
    return text.count(_TYPED) == len(_SETTLED_LITERAL.findall(text))


@dataclass
class _Told:
    """The first findings of one kind, and the number of those that are not told one by one."""

    limit: int
    findings: list[Finding] = field(default_factory=list)
    untold: int = 0
    #: Line of the first that is not told: there the number comes behind the others.
    line: int = 0

    def tell(self, line: int, finding: Callable[[], Finding]) -> None:
        """Keep a finding, or count it."""
        if len(self.findings) < self.limit:
            self.findings.append(finding())
            return
        self.untold += 1
        self.line = self.line or line


def _respelled(file: str, literal: ox.Literal, settled: ox.Literal, line: int) -> Finding:
    return Finding(
        Severity.INFO,
        "spelling",
        f"{_shown(literal)} is published as {_shown(settled)}.",
        file=file,
        line=line,
        value=str(literal),
        remedy=f"Write {_shown(settled)} to have file and publication agree.",
    )


def _ill_typed(file: str, literal: ox.Literal, line: int) -> Finding:
    name, text = literal.datatype.value.removeprefix(XSD), literal.value
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"
    return Finding(
        Severity.WARNING,
        "ill-typed",
        f"'{shown}' is not a valid xsd:{name}.",
        file=file,
        line=line,
        value=str(literal),
        remedy=f"Write {wanted(text, literal.datatype.value)}, or give it another datatype.",
    )


def is_datatype(iri: str) -> bool:
    """Tell whether an IRI is a datatype of XML Schema, or of somebody else."""
    return not iri.startswith(XSD) or iri.removeprefix(XSD) in DATATYPES


def unknown_datatype(iri: str, file: str, line: int) -> Finding:
    """Tell that XML Schema has no such datatype."""
    name = iri.removeprefix(XSD)
    near = nearest(name, DATATYPES)
    hint = f"Did you mean xsd:{near}? " if near else ""
    return Finding(
        Severity.VIOLATION,
        "unknown-datatype",
        f"XML Schema has no datatype xsd:{name}.",
        file=file,
        line=line,
        focus=f"<{iri}>",
        remedy=f"{hint}The datatypes are those of XML Schema 1.1, Part 2; xsd:string is any text.",
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
