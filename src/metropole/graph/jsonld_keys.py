"""Find the keys of a JSON-LD file that say nothing, so that what stands under them is lost.

Expansion drops every key that no context makes an IRI or a keyword of (JSON-LD 1.1 API, section
5.1.2, step 13.3), and a processor need not say so. Here the file is walked as expansion does, with
the contexts that stand in it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from metropole.near import nearest

_KEYWORDS = frozenset(
    (
        *("@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included"),
        *("@index", "@json", "@language", "@list", "@nest", "@none", "@prefix", "@propagate"),
        *("@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab"),
    )
)
#: Keywords that only a frame has (JSON-LD 1.1 Framing, section 1.4); elsewhere they do no harm.
_FRAMING = frozenset(
    ("@default", "@embed", "@explicit", "@omitDefault", "@requireAll", "@preserve", "@null")
)
#: What has the form of a keyword is one, or it is ignored (JSON-LD 1.1, section 1.7).
_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+\Z")
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


@dataclass(frozen=True)
class LostKeys:
    """What a file says in vain."""

    keys: tuple[LostKey, ...] = ()
    has_context: bool = False
    #: There is a JSON object at all.
    has_object: bool = False


def lost_keys(content: bytes) -> LostKeys:
    """Find the keys of a valid JSON-LD document that no context defines.

    Each is told once, in the order in which they come first. Of a document that is nested deeper
    than Python can follow nothing is told.
    """
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(text, parse_int=str)
        walk = _Walk()
        walk.element(_Context(), None, document)
    except (ValueError, RecursionError):
        return LostKeys(has_context=True, has_object=True)
    return LostKeys(tuple(walk.told(text, document)), walk.has_context, walk.has_object)


@dataclass(frozen=True)
class _Term:
    """A term definition: what its key becomes, and what that says of the value (section 4.1)."""

    #: A keyword, `:` for an IRI, or nothing: the term is to be ignored, or it is not understood.
    becomes: str
    containers: frozenset[str] = frozenset()
    is_json: bool = False
    context: Any = None
    has_context: bool = False


@dataclass(frozen=True)
class _Context:
    """An active context, as far as keys are concerned."""

    terms: Mapping[str, _Term] = field(default_factory=dict)
    has_vocabulary: bool = False
    #: The context that nodes further in return to (JSON-LD 1.1, section 4.1.9).
    previous: "_Context | None" = None

    def expanded(self, key: str) -> str | None:
        """Give a keyword, `:` for an IRI, nothing for a key ignored on purpose, None if lost."""
        if key in _KEYWORDS:
            return key
        if _LIKE_KEYWORD.match(key):
            return "" if key in _FRAMING else None
        term = self.terms.get(key)
        if term is not None:
            return term.becomes
        return ":" if ":" in key[1:] or self.has_vocabulary else None

    def with_local(self, local: Any, *, propagates: bool = True) -> "_Context":
        """Process a local context (JSON-LD 1.1 API, section 4.1.2)."""
        made = self
        contexts = local if isinstance(local, list) else [local]
        for each in contexts:
            if isinstance(each, dict) and isinstance(each.get("@propagate"), bool):
                propagates = each["@propagate"]
        for each in contexts:
            if each is None:
                made = _Context()
            elif isinstance(each, dict):
                made = made._with_definitions(each)
        previous = None if propagates else (self.previous or self)
        return replace(made, previous=previous if not propagates else made.previous)

    def _with_definitions(self, local: Mapping[str, Any]) -> "_Context":
        has_vocabulary = self.has_vocabulary
        if "@vocab" in local:
            has_vocabulary = local["@vocab"] is not None
        terms = {
            **self.terms,
            **{
                key: self._term(value, local)
                for key, value in local.items()
                if key not in _KEYWORDS
            },
        }
        return _Context(terms, has_vocabulary, self.previous)

    def _term(self, value: Any, local: Mapping[str, Any]) -> _Term:
        if not isinstance(value, dict):
            return _Term(self._becomes(value, local))
        named = value.get("@id", value.get("@reverse", ":"))
        container = value.get("@container")
        containers = container if isinstance(container, list) else [container]
        return _Term(
            self._becomes(named, local),
            frozenset(each for each in containers if isinstance(each, str)),
            is_json=value.get("@type") == "@json",
            context=value.get("@context"),
            has_context="@context" in value,
        )

    def _becomes(self, name: Any, local: Mapping[str, Any]) -> str:
        """Follow a definition to a keyword; anything else that is a text becomes an IRI."""
        for _ in range(len(local) + 1):
            if not isinstance(name, str) or (name not in _KEYWORDS and _LIKE_KEYWORD.match(name)):
                return ""
            if name in _KEYWORDS:
                return name
            if name not in local:
                known = self.terms.get(name)
                return known.becomes if known else ":"
            further = local[name]
            further = further.get("@id", ":") if isinstance(further, dict) else further
            if further == name:
                return ":"
            name = further
        return ":"


class _Walk:
    """Goes through a document and keeps the keys that are lost."""

    def __init__(self) -> None:
        self.has_context = False
        self.has_object = False
        #: Key to the objects in which it is lost, in the order of the document.
        self._lost: dict[str, list[int]] = {}
        self._known: dict[str, None] = {}
        self._terms: Mapping[str, _Term] = {}
        self._prefixes: dict[str, str] = {}

    def element(
        self, active: _Context, term: _Term | None, value: Any, *, from_map: bool = False
    ) -> None:
        """Go through a value as expansion does (JSON-LD 1.1 API, section 5.1.2)."""
        if isinstance(value, list):
            for each in value:
                self.element(active, term, each, from_map=from_map)
        elif isinstance(value, dict):
            self._object(active, term, value, from_map=from_map)

    def _object(
        self, active: _Context, term: _Term | None, value: dict[str, Any], *, from_map: bool
    ) -> None:
        self.has_object = True
        if active.previous is not None and not from_map:
            becomes = [active.expanded(key) for key in value]
            if "@value" not in becomes and becomes != ["@id"]:
                active = active.previous
        if term is not None and term.has_context:
            active = active.with_local(term.context)
        if "@context" in value:
            self.has_context = True
            active = active.with_local(value["@context"])
            self._note_prefixes(value["@context"])
        active = self._typed(active, value)
        if active.terms is not self._terms:
            self._terms = active.terms
            self._known |= dict.fromkeys(active.terms)
        self._members(active, term, value)

    def _typed(self, active: _Context, value: Mapping[str, Any]) -> _Context:
        """Apply the contexts that come with the types of a node (JSON-LD 1.1, section 4.1.8)."""
        made = active
        for key in sorted(value):
            if active.expanded(key) != "@type":
                continue
            types = value[key] if isinstance(value[key], list) else [value[key]]
            for name in sorted(each for each in types if isinstance(each, str)):
                definition = active.terms.get(name)
                if definition is not None and definition.has_context:
                    made = made.with_local(definition.context, propagates=False)
        return made

    def _members(self, active: _Context, held: _Term | None, value: Mapping[str, Any]) -> None:
        """Go through the members of an object, the value of a property where one is `held`."""
        for key, member in value.items():
            becomes = active.expanded(key)
            if becomes is None:
                self._lost.setdefault(key, []).append(id(value))
            elif becomes == ":":
                self._known[key] = None
                self._property(active, active.terms.get(key), member)
            elif becomes == "@nest":
                self._nested(active, active.terms.get(key), member)
            elif becomes in ("@list", "@set"):
                self.element(active, held, member)
            elif becomes in ("@graph", "@included", "@reverse"):
                self.element(active, None, member)

    def _nested(self, active: _Context, term: _Term | None, value: Any) -> None:
        if term is not None and term.has_context:
            active = active.with_local(term.context)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                self._members(active, None, each)

    def _property(self, active: _Context, term: _Term | None, value: Any) -> None:
        containers = term.containers if term else frozenset()
        if term is not None and term.is_json:
            return
        if not isinstance(value, dict) or not containers & {
            *("@language", "@index", "@id", "@type"),
        }:
            self.element(active, term, value)
        elif "@language" not in containers:
            for key, member in value.items():
                self._entry(active, term, containers, key, member)

    def _entry(
        self,
        active: _Context,
        term: _Term | None,
        containers: frozenset[str],
        key: str,
        value: Any,
    ) -> None:
        """Go through one entry of a map, whose key is no property (step 13.8)."""
        if containers & {"@id", "@type"} and active.previous is not None:
            active = active.previous
        definition = active.terms.get(key)
        if "@type" in containers and definition is not None and definition.has_context:
            active = active.with_local(definition.context, propagates=False)
        self.element(active, term, value, from_map=True)

    def told(self, text: str, document: Any) -> Iterator[LostKey]:
        """Give the keys that are lost, with the lines and the keys that were meant."""
        lines = _lines_of_keys(text, document) if self._lost else {}
        for key, places in self._lost.items():
            line = lines.get((places[0], key), 0)
            yield LostKey(key, line, len(places), self._meant(key))

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

        if _LIKE_KEYWORD.match(key):
            return nearest(key, _KEYWORDS)
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
