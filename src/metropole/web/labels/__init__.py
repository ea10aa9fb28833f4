"""Choose what things are called: the languages liked, those of the site, untagged, then any."""

from collections.abc import Iterable
from typing import NamedTuple

import pyoxigraph as ox

from metropole.graph.names import Names, words
from metropole.store.reading import ReadingStore
from metropole.web.labels.common_names import common_names


class Name(NamedTuple):
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
        content = store.release.manifest.content
        self._prefixes = content.prefixes
        self._languages = tuple(dict.fromkeys((*languages, *content.languages)))
        self._ranks = {each: rank for rank, each in enumerate(self._languages)}
        self._called = store.called(nodes)
        self._chosen: dict[ox.NamedNode, Name] = {}

    def of(self, node: ox.NamedNode) -> Name:
        """Give the best name of a thing: a label, else words quoted, else the IRI shortened."""
        found = self._chosen.get(node)
        if found is None:
            found = self._chosen[node] = self._choose(node)
        return found

    def _choose(self, node: ox.NamedNode) -> Name:
        called = self._called.get(node)
        if called is not None and called.names:
            return self.best(called.names)
        if called is not None and called.quoted:
            words_quoted = called.quoted[0]
            return Name(f"“{words_quoted.value}”", words_quoted.language or "")
        return Name(Names(self._prefixes).short(node.value) or node.value)

    def term(self, node: ox.NamedNode) -> Name:
        """Give the best name of a class or property: a label, a common name, else its own words.

        Vocabularies are seldom loaded with the data; `containedInPlace` says what it means.
        """
        if self.has(node):
            return self.of(node)
        common = common_names().get(node.value, {})
        language = next((each for each in self._languages if each in common), "")
        if language:
            return Name(common[language], language)
        own = words(node.value)
        return Name(own, "en") if own else self.of(node)

    def also(self, nodes: Iterable[ox.NamedNode]) -> "Labels":
        """Give the names of other things, in the same languages."""
        return Labels(self._store, nodes, languages=self._languages)

    def name(self, node: ox.NamedNode, name: Name) -> None:
        """Call a thing something that no statement says by itself."""
        if not self.has(node):
            self._chosen[node] = name

    def has(self, node: ox.NamedNode) -> bool:
        """Tell whether a thing has a name of its own."""
        called = self._called.get(node)
        return called is not None and bool(called.names)

    def liked_first(self, literals: Iterable[ox.Literal]) -> list[ox.Literal]:
        """Put texts in the languages that the reader likes first; the others stay as they are."""
        ranks = self._ranks
        return sorted(
            literals, key=lambda each: ranks.get((each.language or "").lower(), len(ranks))
        )

    def best(self, literals: Iterable[ox.Literal]) -> Name:
        """Give the text among some that the reader likes best; an empty one when there is none."""
        ranks, best = self._ranks, None
        last = len(ranks)
        for each in literals:
            text, language = each.value, each.language or ""
            rank = ranks.get(language.lower(), last if not language else last + 1)
            if best is None or (rank, text) < best[:2]:
                best = rank, text, language
        return Name(best[1], best[2]) if best else NAMELESS
