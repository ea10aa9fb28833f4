"""Find the keys of a JSON-LD file that say nothing, so that what stands under them is lost.

Expansion drops every key that no context makes an IRI or a keyword of (JSON-LD 1.1 API, section
5.1.2, step 13.3), and a processor need not say so. Here the file is walked as expansion does, with
the contexts that stand in it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from metropole.graph.jsonld_contexts import KEYWORDS, OF_DATA, Context, Term, is_like_keyword
from metropole.near import nearest

#: Strings of a JSON text; the colon tells those that are keys.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?', re.DOTALL)


@dataclass
class LostKey:
    """A key that says nothing: its first line, 0 when unknown, and the key that was meant."""

    key: str
    line: int
    times: int
    #: A key that the contexts know or that is used elsewhere, or the empty string.
    meant: str
    #: What the contexts make of the key: itself when they do not know it.
    becomes: str


@dataclass(frozen=True)
class LostKeys:
    """What a file says in vain."""

    keys: tuple[LostKey, ...] = ()
    has_context: bool = False
    #: There is a JSON object at all.
    has_object: bool = False


@dataclass(frozen=True)
class PlacedKey:
    """A key and its line, 0 when unknown."""

    key: str
    line: int


def sets_in_graphs(content: bytes) -> list[PlacedKey]:
    """Find the keys that stand for @set or @list in what a term with @graph as container holds."""
    walked = _walked(content)
    if walked is None:
        return []
    text, document, walk = walked
    lines = _lines_of_keys(text, document) if walk.in_graphs else {}
    return [PlacedKey(key, lines.get((place, key), 0)) for place, key in walk.in_graphs]


def _walked(content: bytes) -> "tuple[str, Any, _Walk] | None":
    """Go through a document: its text, what it holds, and what was seen; None where neither can."""
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(text, parse_int=str)
        walk = _Walk()
        walk.element(Context(), "", document)
    except (ValueError, RecursionError):
        return None
    return text, document, walk


def lost_keys(content: bytes) -> LostKeys:
    """Find the keys of a valid JSON-LD document that no context defines.

    Each is told once, in the order in which they come first. Of a document that is nested deeper
    than Python can follow nothing is told.
    """
    walked = _walked(content)
    if walked is None:
        return LostKeys(has_context=True, has_object=True)
    text, document, walk = walked
    return LostKeys(tuple(walk.told(text, document)), walk.has_context, walk.has_object)


class _Walk:
    """Goes through a document and keeps the keys that are lost."""

    def __init__(self) -> None:
        self.has_context = False
        self.has_object = False
        #: Objects with a key for @set or @list that are to be graphs, each with that key.
        self.in_graphs: list[tuple[int, str]] = []
        #: Key to what it becomes and the objects in which it is lost, in the order of the document.
        self._lost: dict[tuple[str, str], list[int]] = {}
        self._known: dict[str, None] = {}
        self._terms: Mapping[str, Term] = {}
        self._prefixes: dict[str, str] = {}

    def element(self, active: Context, held_by: str, value: Any, *, from_map: bool = False) -> None:
        """Go through the value of a property as expansion does (JSON-LD 1.1 API, section 5.1.2).

        `held_by` is the key of the property, empty where there is none.
        """
        if isinstance(value, list):
            for each in value:
                self.element(active, held_by, each, from_map=from_map)
        elif isinstance(value, dict):
            self._object(active, held_by, value, from_map=from_map)

    def _object(
        self, active: Context, held_by: str, value: dict[str, Any], *, from_map: bool
    ) -> None:
        self.has_object = True
        becomes = [active.meaning(key).text for key in value] if active.previous else []
        stays = from_map or "@value" in becomes or becomes == ["@id"]
        active = _entered(active, active.terms.get(held_by), stays=stays)
        if "@context" in value:
            self.has_context = True
            active = active.with_local(value["@context"])
            self._note_prefixes(value["@context"])
        active = self._typed(active, value)
        if active.terms is not self._terms:
            self._terms = active.terms
            self._known |= dict.fromkeys(active.terms)
        self._members(active, held_by, value)

    def _typed(self, active: Context, value: Mapping[str, Any]) -> Context:
        """Apply the contexts that come with the types of a node (JSON-LD 1.1, section 4.1.8)."""
        made = active
        for key in sorted(value):
            if not active.becomes(key, "@type"):
                continue
            types = value[key] if isinstance(value[key], list) else [value[key]]
            for name in sorted(each for each in types if isinstance(each, str)):
                definition = active.terms.get(name)
                if definition is not None and definition.has_context:
                    made = made.with_local(definition.context, propagates=False)
        return made

    def _members(self, active: Context, held_by: str, value: Mapping[str, Any]) -> None:
        """Go through the members of an object, the value of the property `held_by`."""
        for key, member in value.items():
            means = active.meaning(key)
            self._note_graphs(active, active.terms.get(key), member)
            if means.is_iri:
                self._known[key] = None
                self._property(active, key, member)
            elif means.text == "@nest":
                self._nested(active, active.terms.get(key), member)
            elif means.text in ("@list", "@set"):
                self.element(active, held_by, member)
            elif means.text in ("@graph", "@included", "@reverse"):
                self.element(active, "", member)
            elif means.text not in OF_DATA:
                if not means.is_ignored:
                    self._lost.setdefault((key, means.text), []).append(id(value))
                below = _Walk()  # the parser looks for graphs there as well
                below.element(active, key, member)
                self.in_graphs += below.in_graphs

    def _note_graphs(self, active: Context, term: Term | None, value: Any) -> None:
        """Note the keys for sets and lists in what is to be graphs, below lost keys as well."""
        if term is None or "@graph" not in term.containers:
            return
        # The parser reads such a key with the context outside of a map, too, and arrays as maps.
        contexts = (active, _entered(active, term))
        found = _objects(value)
        if term.containers & {"@index", "@id"}:
            inside = [each for map_ in found for each in _objects(list(map_.values()))]
            found = inside if isinstance(value, dict) else found + inside
        self.in_graphs += [
            (id(each), key)
            for each in found
            for key in each
            if any(known.meaning(key).text in ("@list", "@set") for known in contexts)
        ]

    def _nested(self, active: Context, term: Term | None, value: Any) -> None:
        # Oxigraph takes it for a node here, and the API does not.
        active = _entered(active, term)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                self._members(self._typed(active, each), "", each)

    def _property(self, active: Context, key: str, value: Any) -> None:
        term = active.terms.get(key)
        containers = term.containers if term else frozenset()
        if term is not None and term.is_json:
            return
        if not isinstance(value, dict) or not containers & {
            *("@language", "@index", "@id", "@type"),
        }:
            self.element(active, key, value)
        elif "@language" not in containers:
            for name, member in value.items():
                self._entry(active, containers, key, name, member)

    def _entry(
        self,
        active: Context,
        containers: frozenset[str],
        held_by: str,
        name: str,
        value: Any,
    ) -> None:
        """Go through one entry of a map, whose `name` is no property (step 13.8)."""
        if containers & {"@id", "@type"} and active.previous is not None:
            active = active.previous
        definition = active.terms.get(name)
        if "@type" in containers and definition is not None and definition.has_context:
            active = active.with_local(definition.context, propagates=False)
        self.element(active, held_by, value, from_map=True)

    def told(self, text: str, document: Any) -> Iterator[LostKey]:
        """Give the keys that are lost, with the lines and the keys that were meant."""
        lines = _lines_of_keys(text, document) if self._lost else {}
        for (key, becomes), places in self._lost.items():
            line = lines.get((places[0], key), 0)
            yield LostKey(key, line, len(places), self._meant(key), becomes)

    def _note_prefixes(self, local: Any) -> None:
        for each in local if isinstance(local, list) else [local]:
            if isinstance(each, dict):
                self._prefixes |= {
                    key: iri
                    for key, iri in each.items()
                    if isinstance(iri, str) and iri.endswith(("/", "#"))
                }

    def _meant(self, key: str) -> str:
        """Find the key that was meant: people mistype a key, or leave its prefix out."""
        from metropole import vocabularies  # rdflib is slow to import, and seldom needed

        if is_like_keyword(key):
            return nearest(key, OF_DATA) if key not in KEYWORDS else ""
        known = {name.rpartition(":")[2]: name for name in reversed(self._known)}
        if key in known:
            return known[key]
        for prefix, namespace in self._prefixes.items():
            if key in vocabularies.names(namespace):
                return f"{prefix}:{key}"
        near = nearest(key, known.keys() - self._prefixes)
        if near:
            return known[near]
        guesses = (
            (prefix, vocabularies.nearest(namespace, key))
            for prefix, namespace in self._prefixes.items()
        )
        return next((f"{prefix}:{name}" for prefix, name in guesses if name), "")


def _objects(value: Any) -> list[dict[str, Any]]:
    """List the objects that a value is, in arrays of arrays too."""
    if isinstance(value, list):
        return [each for member in value for each in _objects(member)]
    return [value] if isinstance(value, dict) else []


def _entered(active: Context, term: Term | None, *, stays: bool = False) -> Context:
    """Give the context of an object that is the value of a property.

    Oxigraph stays with the types of the node around it where the property has a context of its
    own; the API returns from them first (section 5.1.2, steps 7 and 8).
    """
    if term is not None and term.has_context:
        return active.with_local(term.context)
    return active if stays or active.previous is None else active.previous


def _lines_of_keys(text: str, document: Any) -> dict[tuple[int, str], int]:
    """Find the line of each key: the keys of the text and of the document have one order.

    Where a key stands twice in one object they have not, and no line is known.
    """
    line, end, lines = 1, 0, []
    for found in _STRING.finditer(text):
        if found[1]:
            line += text.count("\n", end, found.start())
            end = found.start()
            lines.append(line)
    keys = list(_keys(document))
    return dict(zip(keys, lines, strict=True)) if len(keys) == len(lines) else {}


def _keys(value: Any) -> Iterator[tuple[int, str]]:
    if isinstance(value, list):
        yield from chain.from_iterable(map(_keys, value))
    elif isinstance(value, dict):
        for key, member in value.items():
            yield id(value), key
            yield from _keys(member)
