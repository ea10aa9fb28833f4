"""Write JSON-LD 1.1 that people can read: compact, with its context inside.

Properties and classes are terms, prefixed names where two share a word. What all values of a term
have in common, that they are IRIs, of one datatype or words in languages, the context says once
(JSON-LD 1.1, sections 4.2.3 and 4.2.5). Blank nodes that are mentioned once stand where they are
mentioned, and lists are lists; what lies very deep has a label, and stands by itself. Equal input
gives equal bytes.
"""

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from metropole.vocab import RDF, XSD

_TYPE = ox.NamedNode(RDF + "type")
_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_STRING, _WORDS = XSD + "string", RDF + "langString"
_INTEGER, _BOOLEAN = XSD + "integer", XSD + "boolean"
#: Integers that every reader of JSON gives back as they are (RFC 8259, section 6).
_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*\Z")
#: What may follow a prefix; a name that holds more is written as a whole IRI.
_LOCAL = re.compile(r"[^\s/#?:\[\]@%]+\Z")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?!//)")
#: Nodes and lists within each other, in two brackets each; readers have a limit for these, too.
_DEEPEST = 50
_Node = ox.NamedNode | ox.BlankNode
_Said = dict[ox.NamedNode, list[Any]]


def jsonld(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Write triples, their subjects in the order in which they come first."""
    return _Writer(list(triples), prefixes).written()


class _Writer:
    def __init__(self, triples: Sequence[ox.Triple], prefixes: Mapping[str, str]) -> None:
        self._said: dict[object, _Said] = {}
        mentions: Counter[ox.BlankNode] = Counter()
        for triple in triples:
            said = self._said.setdefault(triple.subject, {})
            said.setdefault(triple.predicate, []).append(triple.object)
            if isinstance(triple.object, ox.BlankNode):
                mentions[triple.object] += 1
        self._once = {node for node, count in mentions.items() if count == 1}
        self._left = dict.fromkeys(self._said)
        self._put_off: deque[ox.BlankNode] = deque()
        self._no_lists: set[ox.BlankNode] = set()
        self._names = _Names(triples, prefixes)
        properties = {triple.predicate for triple in triples} - {_TYPE, _FIRST, _REST}
        classes = {
            triple.object
            for triple in triples
            if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode)
        }
        self._names.choose(properties | classes)
        self._coerced = {each: self._common(each) for each in properties}

    def written(self) -> bytes:
        nodes = [self._node(node) for node in self._roots()]
        context = self._names.context(self._coerced)
        document = (
            {"@context": context, **nodes[0]}
            if len(nodes) == 1
            else {"@context": context, "@graph": nodes}
        )
        return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()

    def _roots(self) -> Iterator[_Node]:
        """Go through the nodes that no other node holds; at last the rings of blank nodes."""
        for node in [node for node in self._said if node not in self._once]:
            yield node  # type: ignore[misc]  # subjects are nodes
        while self._left:
            node = self._put_off.popleft() if self._put_off else min(self._left, key=str)
            self._once.discard(node)
            yield node  # type: ignore[misc]

    def _node(self, node: _Node, depth: int = 0) -> dict[str, Any]:
        self._left.pop(node, None)
        is_held = isinstance(node, ox.BlankNode) and node in self._once
        written: dict[str, Any] = {} if is_held else {"@id": self._names.iri(node)}
        said = self._said[node]
        for predicate in sorted(said, key=lambda each: (each != _TYPE, each.value)):
            values = said[predicate]
            if predicate == _TYPE:
                written["@type"] = _one_or_all([self._names.word(each) for each in values])
            elif self._coerced.get(predicate) == {"@container": "@language"}:
                written[self._names.word(predicate)] = _by_language(values)
            else:
                coerced = self._coerced.get(predicate, {}).get("@type", "")
                written[self._names.word(predicate)] = _one_or_all(
                    [self._value(each, coerced, depth) for each in values]
                )
        return written

    def _value(self, value: Any, coerced: str, depth: int) -> Any:
        if isinstance(value, ox.Literal):
            return self._literal(value, coerced)
        if isinstance(value, ox.BlankNode) and depth == _DEEPEST:
            if value in self._once and value in self._left:
                self._once.discard(value)
                self._put_off.append(value)
        elif isinstance(value, ox.BlankNode):
            cells = self._cells(value)
            if cells:
                for cell in cells:
                    self._left.pop(cell, None)
                members = [self._said[cell][_FIRST][0] for cell in cells]
                return {"@list": [self._value(each, coerced, depth + 1) for each in members]}
            if value in self._once and value in self._left:
                return self._node(value, depth + 1)
        elif value == _NIL:
            return {"@list": []}
        name = self._names.iri(value)
        return name if coerced == "@id" else {"@id": name}

    def _literal(self, value: ox.Literal, coerced: str) -> Any:
        kind = value.datatype.value
        if value.language:
            return {"@value": value.value, "@language": value.language}
        if coerced and coerced == self._names.iri(value.datatype):
            return value.value
        if not coerced and kind == _STRING:
            return value.value
        if not coerced and _is_native(value):
            return json.loads(value.value)
        typed = {} if kind == _STRING else {"@type": self._names.iri(value.datatype)}
        return {**typed, "@value": value.value}

    def _cells(self, node: ox.BlankNode) -> list[ox.BlankNode]:
        """Give the cells of a well-formed list that only one statement mentions, else nothing."""
        cells: dict[ox.BlankNode, None] = {}
        rest: Any = node
        while rest != _NIL:
            if rest in cells or rest in self._no_lists or not self._is_cell(rest):
                self._no_lists.update(cells)
                return []
            cells[rest] = None
            rest = self._said[rest][_REST][0]
        return list(cells)

    def _is_cell(self, node: Any) -> bool:
        said = self._said.get(node, {})
        is_shaped = set(said) == {_FIRST, _REST} and all(len(said[each]) == 1 for each in said)
        return is_shaped and node in self._once and node in self._left

    def _common(self, predicate: ox.NamedNode) -> dict[str, str]:
        """Say what all values of a property have in common."""
        if not self._names.is_term(predicate):
            return {}
        direct = [value for said in self._said.values() for value in said.get(predicate, ())]
        values = [each for value in direct for each in self._flat(value)]
        kinds = {
            each.datatype.value if isinstance(each, ox.Literal) else "@id"
            for each in values
            if not isinstance(each, ox.BlankNode)
        }
        if len(kinds) != 1 or kinds == {_STRING}:
            return {}
        if kinds == {_WORDS}:
            are_words = all(isinstance(each, ox.Literal) for each in direct)
            return {"@container": "@language"} if are_words else {}
        if kinds & {_INTEGER, _BOOLEAN} and all(_is_native(each) for each in values):
            return {}
        (kind,) = kinds
        return {"@type": kind if kind == "@id" else self._names.iri(ox.NamedNode(kind))}

    def _flat(self, value: Any) -> list[Any]:
        if not isinstance(value, ox.BlankNode):
            return [value]
        cells = self._cells(value)
        return [self._said[cell][_FIRST][0] for cell in cells] if cells else [value]


class _Names:
    """Shortens IRIs with prefixes and terms, and writes the context that says what they mean."""

    def __init__(self, triples: Sequence[ox.Triple], prefixes: Mapping[str, str]) -> None:
        # `geo:25,54` is an IRI of its own; nothing may be called as its scheme is.
        self._schemes = {
            found[1]
            for triple in triples
            for term in (triple.subject, triple.predicate, triple.object)
            if isinstance(term, ox.NamedNode) and (found := _SCHEME.match(term.value))
        }
        self._prefix_of = {
            iri: prefix
            for prefix, iri in reversed(list(prefixes.items()))
            if prefix not in self._schemes and _TERM.match(prefix) and iri.endswith(("/", "#"))
        }
        self._used: dict[str, str] = {}
        self._terms: dict[ox.NamedNode, str] = {}

    def choose(self, words: Iterable[ox.NamedNode]) -> None:
        """Make terms of properties and classes whose last part names no other of them."""
        taken = Counter(_local(word.value) for word in words)
        reserved = {*self._prefix_of.values(), *self._schemes}
        for word in sorted(words, key=str):
            local = _local(word.value)
            if _TERM.match(local) and taken[local] == 1 and local not in reserved:
                self._terms[word] = local

    def is_term(self, word: ox.NamedNode) -> bool:
        return word in self._terms

    def word(self, word: Any) -> str:
        """Write a property or class."""
        return self._terms.get(word) or self.iri(word)

    def iri(self, node: Any) -> str:
        """Write a node: a prefixed name, else its IRI or label."""
        if isinstance(node, ox.BlankNode):
            return str(node)
        iri = str(node.value)
        local = _local(iri)
        namespace = iri.removesuffix(local)
        prefix = self._prefix_of.get(namespace)
        if prefix is None or not _LOCAL.match(local):
            return iri
        self._used[prefix] = namespace
        return f"{prefix}:{local}"

    def context(self, coerced: Mapping[ox.NamedNode, Mapping[str, str]]) -> dict[str, Any]:
        """Say what the prefixes and terms mean that were used."""
        terms: dict[str, Any] = {}
        for word, term in sorted(self._terms.items(), key=lambda entry: entry[1].lower()):
            common = coerced.get(word)
            terms[term] = {"@id": self.iri(word), **common} if common else self.iri(word)
        return {**dict(sorted(self._used.items())), **terms}


def _local(iri: str) -> str:
    return iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :]


def _is_native(value: Any) -> bool:
    """Tell whether JSON has the value, spelling included."""
    if not isinstance(value, ox.Literal):
        return False
    if value.datatype.value == _BOOLEAN:
        return value.value in ("true", "false")
    return value.datatype.value == _INTEGER and bool(_WHOLE.match(value.value))


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _by_language(values: Iterable[ox.Literal]) -> dict[str, Any]:
    words: dict[str, list[str]] = {}
    for value in values:
        words.setdefault(value.language or "", []).append(value.value)
    return {language: _one_or_all(words[language]) for language in sorted(words)}
