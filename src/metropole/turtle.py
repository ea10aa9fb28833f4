"""Write Turtle and TriG that people can read and that two releases can be compared in.

The input is sorted lines of N-Triples or N-Quads, so equal graphs give equal bytes. Blank
nodes that are mentioned once stand where they are mentioned, lists are written as lists
(Turtle, sections 2.7 and 2.8), and only the prefixes that are used are declared.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from metropole.vocab import RDF, XSD

_TYPE = f"<{RDF}type>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"
_IRI = re.compile(r"<([^<>\s]*)>")
#: What may follow a prefix without an escape, a safe part of PN_LOCAL (Turtle, section 6.5).
#: `\w` would be too much: it matches `²`, which is no letter there.
_LETTER = (
    r"0-9A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF"
)
_LOCAL = re.compile(rf"(?:[{_LETTER}](?:[{_LETTER}.\-]*[{_LETTER}\-])?)?\Z")
#: Values that are written without quotes (Turtle, section 2.5).
_BARE = {
    f"<{XSD}integer>": re.compile(r"[+-]?[0-9]+\Z"),
    f"<{XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    f"<{XSD}double>": re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+\Z"),
    f"<{XSD}boolean>": re.compile(r"(?:true|false)\Z"),
}
#: IRIs for which Turtle has a shorter form than a prefixed name.
_IMPLIED = {term[1:-1] for term in (_TYPE, _FIRST, _REST, _NIL, *_BARE)}
_INDENT = "    "
_Pairs = list[tuple[str, str]]
#: Subject, predicate and value of a statement, as N-Triples writes them.
_Row = tuple[str, str, str]


def turtle(lines: Sequence[bytes], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Write sorted N-Triples lines as Turtle; the pieces are to be joined."""
    writer = _Writer(prefixes)
    pieces = list(writer.graph(_rows(lines, len(" .")), indent=""))
    yield from writer.header()
    yield from pieces


def trig(
    graphs: Iterable[tuple[str, Sequence[bytes]]], prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Write named graphs as TriG: IRI and sorted N-Quads lines of each."""
    writer = _Writer(prefixes)
    pieces = []
    for name, lines in graphs:
        pieces.append(f"\n{writer.term(f'<{name}>')} {{\n")
        pieces += writer.graph(_rows(lines, len(f" <{name}> .".encode())), indent=_INDENT)
        pieces.append("}\n")
    yield from writer.header()
    yield from pieces


def used_prefixes(lines: Iterable[bytes], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Keep the prefixes that fit some IRI of some lines of N-Triples or N-Quads."""
    found = {
        iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        for line in lines
        for iri in _IRI.findall(line.decode())
        if iri not in _IMPLIED
    }
    return {prefix: iri for prefix, iri in prefixes.items() if iri in found}


def _rows(lines: Sequence[bytes], end: int) -> Iterator[_Row]:
    """Split lines of which so many bytes at the end are no triple."""
    for line in lines:
        subject, predicate, value = line[:-end].decode().split(" ", 2)
        yield subject, predicate, value


class _Writer:
    """Shortens terms and lays out subjects."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self._prefix_of = {iri: prefix for prefix, iri in reversed(list(prefixes.items()))}
        self._used: set[str] = set()
        self._shortened: dict[str, str] = {_NIL: "()"}

    def header(self) -> Iterator[str]:
        """Declare the prefixes that were used so far."""
        for prefix in sorted(self._used):
            yield f"@prefix {prefix}: <{self._prefixes[prefix]}> .\n"

    def graph(self, rows: Iterable[_Row], *, indent: str) -> Iterator[str]:
        """Write sorted statements subject by subject."""
        subjects: dict[str, _Pairs] = {}
        for subject, predicate, value in rows:
            subjects.setdefault(subject, []).append((predicate, value))
        nested = _Nested(subjects)
        for subject, pairs in subjects.items():
            if not subject.startswith("_:"):
                yield self._subject(self.term(subject), pairs, nested, indent)
        for label, pairs in nested.left():
            yield self._subject(label, pairs, nested, indent)

    def _subject(self, subject: str, pairs: _Pairs, nested: "_Nested", indent: str) -> str:
        return f"\n{indent}{subject} {self._pairs(pairs, nested, indent + _INDENT)} .\n"

    def _pairs(self, pairs: _Pairs, nested: "_Nested", indent: str) -> str:
        """Write predicates and values, `a` first."""
        grouped: dict[str, list[str]] = {}
        for predicate, value in pairs:
            grouped.setdefault(predicate, []).append(value)
        written = [
            f"{self.term(predicate)} {self._values(values, nested, indent)}"
            for predicate, values in grouped.items()
            if predicate != _TYPE
        ]
        if _TYPE in grouped:
            written.insert(0, f"a {self._values(grouped[_TYPE], nested, indent)}")
        return f" ;\n{indent}".join(written)

    def _values(self, values: list[str], nested: "_Nested", indent: str) -> str:
        return " , ".join([self._value(value, nested, indent) for value in values])

    def _value(self, value: str, nested: "_Nested", indent: str) -> str:
        if not value.startswith("_:"):
            return self.term(value)
        members = nested.take_list(value)
        if members is not None:
            listed = " ".join(self._value(member, nested, indent) for member in members)
            return f"( {listed} )"
        pairs = nested.take(value)
        if pairs is None:
            return value
        inside = indent + _INDENT
        return f"[\n{inside}{self._pairs(pairs, nested, inside)}\n{indent}]"

    def term(self, term: str) -> str:
        """Write an IRI or a literal as short as Turtle allows."""
        if term[0] == "<":
            short = self._shortened.get(term)
            if short is None:
                short = self._shortened[term] = self._iri(term)
            return short
        if term[-1] == ">":
            text, _, datatype = term.rpartition("^^")
            bare = _BARE.get(datatype)
            if bare is not None and bare.match(text[1:-1]):
                return text[1:-1]
            return f"{text}^^{self.term(datatype)}"
        return term

    def _iri(self, term: str) -> str:
        iri = term[1:-1]
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._prefix_of.get(iri[:cut])
        if prefix is None or not _LOCAL.match(iri, cut):
            return term
        self._used.add(prefix)
        return f"{prefix}:{iri[cut:]}"


class _Nested:
    """The blank nodes of a graph; those mentioned once are taken where they are mentioned."""

    def __init__(self, subjects: Mapping[str, _Pairs]) -> None:
        self._pairs = {
            subject: pairs for subject, pairs in subjects.items() if subject.startswith("_:")
        }
        mentions = Counter(
            [value for pairs in subjects.values() for _, value in pairs if value.startswith("_:")]
        )
        self._once = {node for node, count in mentions.items() if count == 1}

    def take(self, node: str) -> _Pairs | None:
        """Take the statements about a node, once, or give None when it keeps its label."""
        return self._pairs.pop(node, None) if node in self._once else None

    def take_list(self, node: str) -> list[str] | None:
        """Take the members of a well-formed list, or give None."""
        members, cells = [], []
        while node != _NIL:
            cell = self._pairs.get(node, [])
            if node not in self._once or node in cells or _shape(cell) != (_FIRST, _REST):
                return None
            cells.append(node)
            members.append(cell[0][1])
            node = cell[1][1]
        for cell_node in cells:
            del self._pairs[cell_node]
        return members

    def left(self) -> Iterator[tuple[str, _Pairs]]:
        """Go through the nodes that have to be written by themselves."""
        for node in sorted(set(self._pairs) - self._once):
            yield node, self._pairs.pop(node)
        while self._pairs:  # rings of blank nodes, each mentioned once
            node = min(self._pairs)
            self._once.discard(node)
            yield node, self._pairs.pop(node)


def _shape(cell: _Pairs) -> tuple[str, ...]:
    return tuple(predicate for predicate, _ in cell)
