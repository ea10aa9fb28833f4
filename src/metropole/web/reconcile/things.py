"""The things that names are matched with: their ids, names, classes and descriptions."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

import pyoxigraph as ox

from metropole.release.documents import DOCUMENT, THING
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT, RDFS, SCHEMA, SKOS
from metropole.web import addresses, languages
from metropole.web.labels import NAMELESS, Labels, Name

#: Properties that say what a thing is, the best first.
DESCRIPTIONS = tuple(
    ox.NamedNode(iri)
    for iri in (
        SCHEMA + "description",
        DCT + "description",
        SKOS + "definition",
        RDFS + "comment",
        SCHEMA + "abstract",
    )
)
#: Letters of a description that are told.
_SHOWN = 240


@dataclass(frozen=True)
class Class:
    """A class as clients are told of it: a type, in the words of the API."""

    id: str
    name: Name


@dataclass(frozen=True)
class Told:
    """A thing as clients are told of it."""

    node: ox.NamedNode
    id: str
    name: Name
    description: Name
    classes: tuple[Class, ...]


class Things:
    """Reads things for one request, each once."""

    def __init__(self, store: ReadingStore) -> None:
        self.store = store
        self._space = store.release.manifest.content.base + THING
        self._names: dict[ox.NamedNode, tuple[list[str], list[str]]] = {}
        self._classes: dict[ox.NamedNode, list[ox.NamedNode]] = {}

    def id_of(self, node: ox.NamedNode) -> str:
        """Name a thing as clients do: by what stands behind `/id/` in its IRI."""
        return node.value.removeprefix(self._space)

    def is_one(self, node: object) -> TypeGuard[ox.NamedNode]:
        """Tell whether a term is a thing of this site, whose id clients can be told."""
        return isinstance(node, ox.NamedNode) and node.value.startswith(self._space)

    def named(self, name: str) -> ox.NamedNode | None:
        """Find a thing by its id, its IRI, or the address of its document; None without one."""
        base = self.store.release.manifest.content.base
        path = name.removeprefix(base)
        for folder in (THING, DOCUMENT):
            path = path.removeprefix(folder)
        decoded = addresses.document_name(base + THING + path, base=base)
        for iri in (base + THING + path, *addresses.candidate_iris(decoded, base=base)):
            with contextlib.suppress(ValueError):
                node = ox.NamedNode(iri)
                if path and self.store.knows(node):
                    return node
        return None

    def names(self, node: ox.NamedNode) -> tuple[list[str], list[str]]:
        """Give the names of a thing in all languages, and its other names."""
        found = self._names.get(node)
        if found is None:
            proper, others = self.store.all_names(node)
            found = [each.value for each in proper], [each.value for each in others]
            if not found[0]:
                found[0].extend(literal.value for literal in self.store.quoted(node))
            self._names[node] = found
        return found

    def classes(self, node: ox.NamedNode) -> list[ox.NamedNode]:
        """List the classes of a thing."""
        found = self._classes.get(node)
        if found is None:
            found = self._classes[node] = self.store.types(node)
        return found

    def told(self, nodes: Iterable[ox.NamedNode]) -> list[Told]:
        """Describe things in the languages that the reader likes."""
        wanted = list(nodes)
        kinds = {kind for node in wanted for kind in self.classes(node)}
        labels = Labels(self.store, [*wanted, *sorted(kinds, key=str)], languages=languages.liked())
        return [
            Told(
                node,
                self.id_of(node),
                labels.of(node),
                description(self.store, labels, node),
                tuple(Class(kind.value, labels.term(kind)) for kind in self.classes(node)),
            )
            for node in wanted
        ]


def description(store: ReadingStore, labels: Labels, node: ox.NamedNode) -> Name:
    """Give what is said of a thing or a term in brief, in the reader's language; or nothing."""
    for predicate in DESCRIPTIONS:
        said = [each for each in store.values(node, predicate) if isinstance(each, ox.Literal)]
        if said:
            best = labels.best(said)
            return Name(_cut(best.text), best.language)
    return NAMELESS


def _cut(text: str) -> str:
    if len(text) <= _SHOWN:
        return text
    return (text[:_SHOWN].rpartition(" ")[0] or text[:_SHOWN]) + " …"
