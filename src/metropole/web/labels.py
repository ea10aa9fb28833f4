"""Choose what a thing is called: the site's languages in their order, untagged, then any."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.graph.names import Names
from metropole.store.reading import ReadingStore


@dataclass(frozen=True)
class Name:
    """What a thing is called, with the language it is said in (empty when untagged)."""

    text: str
    language: str = ""


class Labels:
    """The names of some things, read from the store in one go."""

    def __init__(self, store: ReadingStore, nodes: Iterable[ox.NamedNode]) -> None:
        content = store.release.manifest.content
        self._languages = content.languages
        self._names = Names(content.prefixes)
        self._found: dict[str, list[ox.Literal]] = {}
        for quad in store.labels(nodes):
            if isinstance(quad.object, ox.Literal):
                self._found.setdefault(str(quad.subject), []).append(quad.object)

    def of(self, node: ox.NamedNode) -> Name:
        """Give the best name of a thing: a label, else the IRI shortened, else the IRI."""
        literals = self._found.get(str(node))
        if not literals:
            return Name(self._names.short(node.value) or node.value)
        best = min(literals, key=self._rank)
        return Name(best.value, best.language or "")

    def _rank(self, literal: ox.Literal) -> tuple[int, str]:
        language = (literal.language or "").lower()
        if language in self._languages:
            return self._languages.index(language), literal.value
        return len(self._languages) + (language != ""), literal.value
