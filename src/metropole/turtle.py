"""Write Turtle and TriG that people can read and that two releases can be compared in.

The input is sorted lines of N-Triples or N-Quads, so equal graphs give equal bytes. Blank
nodes that are mentioned once stand where they are mentioned, lists are written as lists
(Turtle, sections 2.7 and 2.8), and only the prefixes that are used are declared. What lies very
deep has a label, and stands by itself.
"""

import re
from collections import Counter, deque
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
#: Blank nodes and lists within each other; readers and Python have a limit for these, too.
_DEEPEST = 100
#: Terms that are remembered.
_MOST_KNOWN = 100_000
#: Predicates and values of a subject, as N-Triples writes them.
_Pairs = list[tuple[str, str]]


class Terms:
    """Writes IRIs and literals as short as Turtle and some prefixes allow.

    What it has written it remembers: documents of one graph hold the same IRIs again and again.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes
        self._prefix_of = {iri: prefix for prefix, iri in reversed(list(prefixes.items()))}
        #: IRIs in their brackets with what is written for them, and its prefix or None.
        self._known: dict[str, tuple[str, str | None]] = {}

    def iri(self, term: str) -> tuple[str, str | None]:
        """Give what is written for an IRI in its brackets, and the prefix that it begins with."""
        found = self._known.get(term)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[term] = self._shortened(term)
        return found

    def _shortened(self, term: str) -> tuple[str, str | None]:
        if term == _NIL:
            return "()", None
        iri = term[1:-1]
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._prefix_of.get(iri[:cut])
        if prefix is None or not _LOCAL.match(iri, cut):
            return term, None
        return f"{prefix}:{iri[cut:]}", prefix


def turtle(lines: Sequence[bytes], terms: Terms) -> Iterator[str]:
    """Write sorted N-Triples lines as Turtle; the pieces are to be joined."""
    writer = _Writer(terms)
    pieces = list(writer.graph(lines, len(" ."), indent=""))
    yield from writer.header()
    yield from pieces


def trig(graphs: Iterable[tuple[str, Sequence[bytes]]], terms: Terms) -> Iterator[str]:
    """Write named graphs as TriG: IRI and sorted N-Quads lines of each."""
    writer = _Writer(terms)
    pieces = []
    for name, lines in graphs:
        pieces.append(f"\n{writer.term(f'<{name}>')} {{\n")
        pieces += writer.graph(lines, len(f" <{name}> .".encode()), indent=_INDENT)
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


class _Writer:
    """Lays out subjects, and notes the prefixes that were used."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._used: set[str | None] = {None}

    def header(self) -> Iterator[str]:
        """Declare the prefixes that were used so far."""
        for prefix in sorted(each for each in self._used if each is not None):
            yield f"@prefix {prefix}: <{self._terms.prefixes[prefix]}> .\n"

    def graph(self, lines: Iterable[bytes], end: int, *, indent: str) -> Iterator[str]:
        """Write sorted statements subject by subject; so many bytes of a line are no triple."""
        subjects: dict[str, _Pairs] = {}
        last, pairs = "", []
        for line in lines:
            subject, predicate, value = line[:-end].decode().split(" ", 2)
            if subject != last:
                last, pairs = subject, subjects.setdefault(subject, [])
            pairs.append((predicate, value))
        nested = _Nested(subjects)
        for subject, pairs in subjects.items():
            if not subject.startswith("_:"):
                yield self._subject(self.term(subject), pairs, nested, indent)
        for label, pairs in nested.left():
            yield self._subject(label, pairs, nested, indent)

    def _subject(self, subject: str, pairs: _Pairs, nested: "_Nested", indent: str) -> str:
        return f"\n{indent}{subject} {self._pairs(pairs, nested, indent + _INDENT, 0)} .\n"

    def _pairs(self, pairs: _Pairs, nested: "_Nested", indent: str, depth: int) -> str:
        """Write predicates and values, `a` first."""
        grouped: dict[str, list[str]] = {}
        last, values = "", []
        for predicate, value in pairs:
            if predicate != last:  # those of one predicate follow each other
                last, values = predicate, grouped.setdefault(predicate, [])
            # Words as they are; most other values are IRIs, few are blank nodes.
            plain = value[0] == '"' and value[-1] != ">"
            values.append(value if plain else self._value(value, nested, indent, depth))
        kinds = grouped.pop(_TYPE, None)
        rows = [f"a {' , '.join(kinds)}"] if kinds else []
        rows += [f"{self.term(each)} {' , '.join(said)}" for each, said in grouped.items()]
        return f" ;\n{indent}".join(rows)

    def _value(self, value: str, nested: "_Nested", indent: str, depth: int) -> str:
        if value[0] != "_":
            return self.term(value)
        if depth == _DEEPEST:
            nested.put_off(value)
            return value
        members = nested.take_list(value)
        if members is not None:
            listed = " ".join(self._value(each, nested, indent, depth + 1) for each in members)
            return f"( {listed} )"
        pairs = nested.take(value)
        if pairs is None:
            return value
        inside = indent + _INDENT
        return f"[\n{inside}{self._pairs(pairs, nested, inside, depth + 1)}\n{indent}]"

    def term(self, term: str) -> str:
        """Write an IRI or a literal as short as Turtle allows."""
        if term[0] == "<":
            text, prefix = self._terms.iri(term)
            self._used.add(prefix)
            return text
        if term[-1] == ">":
            text, _, datatype = term.rpartition("^^")
            bare = _BARE.get(datatype)
            if bare is not None and bare.match(text[1:-1]):
                return text[1:-1]
            return f"{text}^^{self.term(datatype)}"
        return term


class _Nested:
    """The blank nodes of a graph; those mentioned once are taken where they are mentioned."""

    def __init__(self, subjects: Mapping[str, _Pairs]) -> None:
        self._pairs = {subject: pairs for subject, pairs in subjects.items() if subject[0] == "_"}
        mentions = [value for pairs in subjects.values() for _, value in pairs if value[0] == "_"]
        counts = Counter(mentions) if mentions else {}
        self._once = {node for node, count in counts.items() if count == 1}
        self._no_lists: set[str] = set()
        self._put_off: deque[str] = deque()

    def take(self, node: str) -> _Pairs | None:
        """Take the statements about a node, once, or give None when it keeps its label."""
        return self._pairs.pop(node, None) if node in self._once else None

    def take_list(self, node: str) -> list[str] | None:
        """Take the members of a well-formed list, or give None."""
        cells: dict[str, str] = {}  # with their members
        while node != _NIL:
            cell = self._pairs.get(node, [])
            is_cell = node in self._once and _shape(cell) == (_FIRST, _REST)
            if not is_cell or node in cells or node in self._no_lists:
                self._no_lists.update(cells)
                return None
            cells[node] = cell[0][1]
            node = cell[1][1]
        for cell_node in cells:
            del self._pairs[cell_node]
        return list(cells.values())

    def put_off(self, node: str) -> None:
        """Have a node written by itself that could stand where it is mentioned."""
        if node in self._once and node in self._pairs:
            self._once.discard(node)
            self._put_off.append(node)

    def left(self) -> Iterator[tuple[str, _Pairs]]:
        """Go through the nodes that have to be written by themselves."""
        for node in sorted(set(self._pairs) - self._once - set(self._put_off)):
            yield node, self._pairs.pop(node)
        while self._pairs:
            # After what was put off come rings of blank nodes, each mentioned once.
            node = self._put_off.popleft() if self._put_off else min(self._pairs)
            self._once.discard(node)
            yield node, self._pairs.pop(node)


def _shape(cell: _Pairs) -> tuple[str, ...]:
    return tuple(predicate for predicate, _ in cell)
