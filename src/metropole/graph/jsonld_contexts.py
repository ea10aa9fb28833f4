"""What the contexts of a JSON-LD file make of its keys (JSON-LD 1.1, section 4.1).

Where Oxigraph, which reads the file, differs from the specification, this goes with Oxigraph.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyoxigraph as ox

#: Keywords that mean something in an object of data.
OF_DATA = frozenset(
    (
        *("@context", "@direction", "@graph", "@id", "@included", "@index", "@language", "@list"),
        *("@nest", "@reverse", "@set", "@type", "@value"),
    )
)
#: Keywords that mean something inside a context only.
OF_CONTEXTS = frozenset(
    (
        *("@base", "@container", "@import", "@json", "@none", "@prefix", "@propagate"),
        *("@protected", "@version", "@vocab"),
    )
)
KEYWORDS = OF_DATA | OF_CONTEXTS
#: Keywords that only a frame has (JSON-LD 1.1 Framing, section 1.4); elsewhere they do no harm.
_FRAMING = frozenset(
    ("@default", "@embed", "@explicit", "@omitDefault", "@requireAll", "@preserve", "@null")
)
#: What has the form of a keyword is one, or it is ignored (JSON-LD 1.1, section 1.7).
_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+\Z")
#: Ends of an IRI that a name can be added to (JSON-LD 1.1 API, section 4.2.2, step 14.2.5).
_PREFIX_ENDS = (":", "/", "?", "#", "[", "]", "@")
#: Stands for the base that a relative @vocab is resolved with: whether a key becomes an IRI, it
#: does not decide.
_SOME_BASE = "base:///"


def is_like_keyword(key: str) -> bool:
    """Tell whether a key has the form of a keyword."""
    return _LIKE_KEYWORD.match(key) is not None


@dataclass(frozen=True)
class Meaning:
    """What a key becomes: a keyword, an IRI, or a text that is none, so that the key is lost."""

    text: str
    is_keyword: bool = False
    is_iri: bool = False
    #: The key is left out on purpose.
    is_ignored: bool = False


@dataclass(frozen=True)
class Term:
    """A term definition: what its key becomes, and what that says of the value (section 4.1)."""

    #: A keyword, an IRI, a text that was to be one, or None for a key that is left out on purpose.
    becomes: str | None
    containers: frozenset[str] = frozenset()
    is_prefix: bool = False
    is_json: bool = False
    context: Any = None
    has_context: bool = False


@dataclass(frozen=True)
class Context:
    """An active context, as far as keys are concerned."""

    terms: Mapping[str, Term] = field(default_factory=dict)
    vocabulary: str | None = None
    #: The context that nodes further in return to (JSON-LD 1.1, section 4.1.9).
    previous: "Context | None" = None
    _known: dict[str, Meaning] = field(default_factory=dict, compare=False)

    def meaning(self, key: str) -> Meaning:
        """Say what a key of an object becomes (JSON-LD 1.1 API, section 5.2)."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _meaning(self._expanded(key))
        return found

    def becomes(self, key: str, keyword: str) -> bool:
        """Tell whether a key stands for a keyword."""
        return self.meaning(key).text == keyword

    def with_local(self, local: Any, *, propagates: bool = True) -> "Context":
        """Process a local context (JSON-LD 1.1 API, section 4.1.2)."""
        if isinstance(local, dict) and isinstance(local.get("@propagate"), bool):
            propagates = local["@propagate"]
        made = self
        for each in local if isinstance(local, list) else [local]:
            if each is None:
                made = Context()
            elif isinstance(each, dict):
                made = _Definitions(made, each).made()
        return made if propagates else replace(made, previous=self.previous or self, _known={})

    def _expanded(self, key: str) -> str | None:
        if key in KEYWORDS:
            return key
        if is_like_keyword(key):
            return None if key in _FRAMING else key
        term = self.terms.get(key)
        return term.becomes if term is not None else self.expanded_name(key)

    def expanded_name(self, name: str) -> str:
        """Expand a name that is no term: a compact or a whole IRI, or a word of the vocabulary."""
        prefix, colon, rest = name.partition(":")
        if colon and prefix:
            if prefix == "_" or rest.startswith("//"):
                return name
            term = self.terms.get(prefix)
            if term is not None and term.is_prefix and term.becomes is not None:
                return term.becomes + rest
            if _is_iri(name):
                return name
        return name if self.vocabulary is None else self.vocabulary + name


class _Definitions:
    """Makes the context that definitions add to another (JSON-LD 1.1 API, section 4.2.2)."""

    def __init__(self, active: Context, local: Mapping[str, Any]) -> None:
        self._local = local
        self._made = replace(active, terms=dict(active.terms), _known={})
        self._begun: set[str] = set()
        if "@vocab" in local:
            named = local["@vocab"]
            vocabulary = self._expanded(named) if isinstance(named, str) else None
            if vocabulary is not None and not _is_iri(vocabulary):
                vocabulary = _SOME_BASE + vocabulary
            self._made = replace(self._made, vocabulary=vocabulary)

    def made(self) -> Context:
        """Define all the terms."""
        for key in self._local:
            if key not in KEYWORDS:
                self._define(key)
        return self._made

    def _define(self, key: str) -> None:
        """Define one term, after those that it is made of."""
        if key in self._begun or key not in self._local or is_like_keyword(key):
            return
        self._begun.add(key)
        terms = self._made.terms
        assert isinstance(terms, dict)
        terms.pop(key, None)
        value = self._local[key]
        definition = value if isinstance(value, dict) else {"@id": value}
        named = definition.get("@reverse", definition.get("@id", key))
        if isinstance(named, str) and named not in KEYWORDS and is_like_keyword(named):
            return  # it is as if nothing were said of the term
        becomes = self._expanded(named, key) if isinstance(named, str) else None
        container = definition.get("@container")
        containers = container if isinstance(container, list) else [container]
        datatype = definition.get("@type")
        terms[key] = Term(
            becomes,
            frozenset(each for each in containers if isinstance(each, str)),
            is_prefix=_is_prefix(definition, becomes or ""),
            is_json=isinstance(datatype, str) and self._expanded(datatype) == "@json",
            context=definition.get("@context"),
            has_context="@context" in definition,
        )

    def _expanded(self, name: str, defined: str = "") -> str | None:
        """Expand what a term is `defined` as, with the help of the other terms."""
        if name in KEYWORDS:
            return name
        if name != defined:
            self._define(name)
            term = self._made.terms.get(name)
            if term is not None:
                return term.becomes
        prefix = name.partition(":")[0]
        if prefix != defined:
            self._define(prefix)
        return self._made.expanded_name(name)


def _is_prefix(definition: Mapping[str, Any], becomes: str) -> bool:
    """Tell whether names can be added to a term; Oxigraph asks no more where nothing is said."""
    said = definition.get("@prefix")
    return said if isinstance(said, bool) else becomes.endswith(_PREFIX_ENDS)


def _meaning(text: str | None) -> Meaning:
    if text is None:
        return Meaning("", is_ignored=True)
    if text in KEYWORDS:
        return Meaning(text, is_keyword=True)
    return Meaning(text.removeprefix(_SOME_BASE), is_iri=_is_iri(text))


def _is_iri(text: str) -> bool:
    """Tell whether Oxigraph takes a text for an IRI; it drops statements with others unheard."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
