"""Read what a release says of a thing; many threads and processes may read at once."""

import os
import weakref
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import pyoxigraph as ox

from metropole.errors import StoreError
from metropole.release import Release
from metropole.store import FOLDER
from metropole.vocab import LABEL_PROPERTIES, OA, RDF

#: Statements that point to a thing and are shown with it; the rest is a query away.
MENTIONS_SHOWN = 200
_TYPE = ox.NamedNode(RDF + "type")
_SELECTOR, _EXACT = ox.NamedNode(OA + "hasSelector"), ox.NamedNode(OA + "exact")
_LABELS = tuple(ox.NamedNode(iri) for iri in LABEL_PROPERTIES)


class ReadingStore:
    """The store of one release, opened read-only; nothing is ever written to it."""

    def __init__(self, release: Release) -> None:
        """Open the store; raises StoreError when that is not possible."""
        self.release = release
        try:
            # A release that is open is not pruned; it may be until this store is forgotten.
            weakref.finalize(self, os.close, release.hold())
            self._store = ox.Store.read_only(str(release.folder / FOLDER))
        except OSError as error:
            raise StoreError(
                f"The store of release {release.id} cannot be opened: {error}. "
                "Run 'metropole build' to make a new release."
            ) from error

    def about(self, node: ox.NamedNode) -> list[ox.Quad]:
        """Give the statements about a thing, those of the blank nodes it consists of included."""
        found: list[ox.Quad] = []
        seen: set[ox.NamedNode | ox.BlankNode] = set()
        waiting: list[ox.NamedNode | ox.BlankNode] = [node]
        while waiting:
            quads = [quad for subject in waiting for quad in self._quads(subject)]
            seen.update(waiting)
            found += quads
            values = dict.fromkeys(quad.object for quad in quads)
            waiting = [
                value for value in values if isinstance(value, ox.BlankNode) and value not in seen
            ]
        return found

    def knows(self, node: ox.NamedNode) -> bool:
        """Tell whether anything is said of a thing or points to it."""
        quads = chain(self._quads(node), self._quads(None, None, node))
        return next(quads, None) is not None

    def states(self, node: ox.NamedNode, predicates: Iterable[ox.NamedNode]) -> bool:
        """Tell whether a thing has a value for one of some properties."""
        return any(next(self._quads(node, each), None) is not None for each in predicates)

    def mentions(self, node: ox.NamedNode) -> list[ox.Quad]:
        """Give statements that point to a thing, at most MENTIONS_SHOWN and one more."""
        return list(islice(self._quads(None, None, node), MENTIONS_SHOWN + 1))

    def in_graph(self, name: ox.NamedNode) -> Iterator[ox.Quad]:
        """Go through the statements of a named graph."""
        return self._store.quads_for_pattern(None, None, None, name)

    def labels(self, nodes: Iterable[ox.NamedNode]) -> list[ox.Quad]:
        """Give the names of things: for each thing those of the first label property it has."""
        found: list[ox.Quad] = []
        for node in dict.fromkeys(nodes):
            for label in _LABELS:
                named = list(self._quads(node, label))
                if named:
                    found += named
                    break
        return found

    def quoted(self, node: ox.NamedNode) -> list[ox.Literal]:
        """Give the words that a quotation selects (Web Annotation Vocabulary, section 4.2)."""
        return [
            quad.object
            for selector in self._quads(node, _SELECTOR)
            if isinstance(selector.object, ox.NamedNode | ox.BlankNode)
            for quad in self._quads(selector.object, _EXACT)
            if isinstance(quad.object, ox.Literal)
        ]

    def types(self, node: ox.NamedNode) -> list[ox.NamedNode]:
        """Give the classes of a thing."""
        return [
            quad.object
            for quad in self._quads(node, _TYPE)
            if isinstance(quad.object, ox.NamedNode)
        ]

    def members(self, kind: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """Go through the members of a class."""
        seen = set()
        for quad in self._quads(None, _TYPE, kind):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                seen.add(quad.subject)
                yield quad.subject

    def uses(self, predicate: ox.NamedNode) -> Iterator[ox.Quad]:
        """Go through the statements with a property."""
        return self._quads(None, predicate)

    def _quads(
        self,
        subject: ox.NamedNode | ox.BlankNode | None,
        predicate: ox.NamedNode | None = None,
        value: ox.NamedNode | None = None,
    ) -> Iterator[ox.Quad]:
        """Match a pattern in the named graphs; the stored union would say it all again."""
        try:
            for quad in self._store.quads_for_pattern(subject, predicate, value):
                if isinstance(quad.graph_name, ox.NamedNode):
                    yield quad
        except OSError as error:
            raise StoreError(
                f"The store of release {self.release.id} cannot be read: {error}"
            ) from error
