"""What was found, as people and programs are told: name, kind, and the words that matched."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from metropole.release.search_words import spans, words
from metropole.store.reading import ReadingStore
from metropole.store.searching import Hit
from metropole.vocab import LABEL_PROPERTIES, RDF, XSD
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name

_TEXTS = (XSD + "string", RDF + "langString")
#: Letters of a long text that are shown before its first match, and in all.
_BEFORE, _SHOWN = 60, 200


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and whether it is a word that was asked for."""

    text: str
    matches: bool = False


@dataclass(frozen=True)
class Told:
    """A text in pieces, with its language (empty when untagged)."""

    pieces: tuple[Piece, ...]
    language: str = ""

    @property
    def text(self) -> str:
        """Give the text without its pieces."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def matches(self) -> bool:
        """Tell whether a word that was asked for is in it."""
        return any(piece.matches for piece in self.pieces)


@dataclass(frozen=True)
class Found:
    """A thing that was found."""

    iri: str
    address: str
    name: Told
    kind: Name
    kind_iri: str
    #: Another text of the thing that has words asked for which the name lacks.
    snippet: Told | None

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        matched = self.snippet or self.name
        return {
            "iri": self.iri,
            "document": self.address,
            "name": self.name.text,
            "language": self.name.language or None,
            "kind": {"iri": self.kind_iri, "name": self.kind.text} if self.kind_iri else None,
            "matched": {"text": matched.text, "language": matched.language or None},
        }


class Hits:
    """Describes hits, with what is asked of the store once for all of them."""

    def __init__(self, store: ReadingStore, hits: Iterable[Hit], asked: list[str]) -> None:
        self._store = store
        self._asked = asked
        self._base = store.release.manifest.content.base
        self._liked = languages.liked()
        nodes = [ox.NamedNode(iri) for hit in hits for iri in (hit.iri, hit.kind) if iri]
        self._labels = Labels(store, nodes, languages=self._liked)

    def found(self, hit: Hit, *, with_snippet: bool = True) -> Found:
        """Describe a hit."""
        node = ox.NamedNode(hit.iri)
        called = self._labels.of(node)
        name = Told(marked(called.text, self._asked), called.language)
        return Found(
            iri=hit.iri,
            address=addresses.document_of(hit.iri, base=self._base) or hit.iri,
            name=name,
            kind=self.kind(hit.kind),
            kind_iri=hit.kind,
            snippet=self._snippet(node, name) if with_snippet else None,
        )

    def kind(self, iri: str) -> Name:
        """Name a class."""
        return self._labels.term(ox.NamedNode(iri)) if iri else Name("")

    def _snippet(self, node: ox.NamedNode, name: Told) -> Told | None:
        """Find the text that has most of the words asked for, if it has more than the name."""
        most = self._matching(name.text)
        if most == len(self._asked):
            return None
        best, rank = None, (most, 0, 0)
        for literal, is_name in self._texts(node):
            own = (
                self._matching(literal.value),
                int(is_name),
                int((literal.language or "") in self._liked),
            )
            if own[0] > rank[0] or (best is not None and own > rank):
                best, rank = literal, own
        if best is None:
            return None
        return Told(marked(_cut(best.value, self._asked), self._asked), best.language or "")

    def _texts(self, node: ox.NamedNode) -> list[tuple[ox.Literal, bool]]:
        """List the texts of a thing, and whether each is a name."""
        said = self._store.about(node)
        texts = [
            (quad.object, quad.predicate.value in LABEL_PROPERTIES)
            for quad in said
            if isinstance(quad.object, ox.Literal) and quad.object.datatype.value in _TEXTS
        ]
        return texts + [(words_of, False) for words_of in self._store.quoted_by(said)]

    def _matching(self, text: str) -> int:
        there = words(text)
        return sum(any(each.startswith(word) for each in there) for word in self._asked)


def marked(text: str, asked: list[str]) -> tuple[Piece, ...]:
    """Cut a text into pieces, those apart that begin with a word asked for."""
    pieces: list[Piece] = []
    end = 0
    for start, stop in spans(text):
        plain = "".join(words(text[start:stop]))
        if any(plain.startswith(word) for word in asked):
            if start > end:
                pieces.append(Piece(text[end:start]))
            pieces.append(Piece(text[start:stop], matches=True))
            end = stop
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return tuple(pieces)


def _cut(text: str, asked: list[str]) -> str:
    """Shorten a long text to what is around its first match."""
    if len(text) <= _SHOWN:
        return text
    before = 0
    for piece in marked(text, asked):
        if piece.matches:
            break
        before += len(piece.text)
    start = max(0, min(before - _BEFORE, len(text) - _SHOWN))
    start = text.find(" ", start) + 1 if start and " " in text[start:before] else start
    end = start + _SHOWN
    shown = text[start:end].rpartition(" ")[0] if end < len(text) else text[start:]
    return ("… " if start else "") + (shown or text[start:end]) + (" …" if end < len(text) else "")
