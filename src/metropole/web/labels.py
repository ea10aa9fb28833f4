"""Choose what things are called: the languages liked, those of the site, untagged, then any."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.graph.names import Names, words
from metropole.store.reading import ReadingStore


@dataclass(frozen=True)
class Name:
    """What a thing is called, with the language it is said in (empty when untagged)."""

    text: str
    language: str = ""


#: What has no name.
NAMELESS = Name("")


class Labels:
    """The names of some things, read from the store in one go."""

    def __init__(
        self,
        store: ReadingStore,
        nodes: Iterable[ox.NamedNode],
        *,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Read the names; languages that a reader likes better go before those of the site."""
        self._store = store
        self._composed: dict[str, Name] = {}
        content = store.release.manifest.content
        self._languages = tuple(dict.fromkeys((*languages, *content.languages)))
        self._names = Names(content.prefixes)
        self._found: dict[str, list[ox.Literal]] = {}
        wanted = list(dict.fromkeys(nodes))
        for quad in store.labels(wanted):
            if isinstance(quad.object, ox.Literal):
                self._found.setdefault(str(quad.subject), []).append(quad.object)
        self._quoted = {
            str(node): words
            for node in wanted
            if str(node) not in self._found and (words := store.quoted(node))
        }

    def of(self, node: ox.NamedNode) -> Name:
        """Give the best name of a thing: a label, else words quoted, else the IRI shortened."""
        quoted = self._quoted.get(str(node))
        if quoted:
            return Name(f"“{quoted[0].value}”", quoted[0].language or "")
        literals = self._found.get(str(node))
        if not literals and str(node) in self._composed:
            return self._composed[str(node)]
        if not literals:
            return Name(self._names.short(node.value) or node.value)
        return self.best(literals)

    def term(self, node: ox.NamedNode) -> Name:
        """Give the best name of a class or property: a label, else its own words.

        Vocabularies are seldom loaded with the data; `containedInPlace` says what it means.
        """
        if str(node) in self._found:
            return self.of(node)
        own = words(node.value)
        return Name(own, "en") if own else self.of(node)

    def also(self, nodes: Iterable[ox.NamedNode]) -> "Labels":
        """Give the names of other things, in the same languages."""
        return Labels(self._store, nodes, languages=self._languages)

    def name(self, node: ox.NamedNode, name: Name) -> None:
        """Call a thing something that no statement says by itself."""
        self._composed[str(node)] = name

    def has(self, node: ox.NamedNode) -> bool:
        """Tell whether a thing has a name of its own."""
        return str(node) in self._found

    def best(self, literals: Iterable[ox.Literal]) -> Name:
        """Give the text among some that the reader likes best; an empty one when there is none."""
        best = min(literals, key=self._rank, default=ox.Literal(""))
        return Name(best.value, best.language or "")

    def _rank(self, literal: ox.Literal) -> tuple[int, str]:
        language = (literal.language or "").lower()
        if language in self._languages:
            return self._languages.index(language), literal.value
        return len(self._languages) + (language != ""), literal.value
