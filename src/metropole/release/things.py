"""Read from the sorted N-Quads of a release what is said of many things: terms as N-Triples."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.graph.terms import term
from metropole.release.sorted_lines import SortedLines
from metropole.vocab import LABEL_PROPERTIES, RDFS, XSD

_LABELS = tuple(f"<{iri}>" for iri in LABEL_PROPERTIES)


@dataclass(frozen=True)
class Words:
    """A literal: its text, its datatype and its language; empty when it has none."""

    text: str
    datatype: str
    language: str = ""


def literal(written: str) -> Words | None:
    """Read a literal; None for anything else."""
    if not written.startswith('"'):
        return None
    end = written.rindex('"')
    ending = written[end + 1 :]
    if "\\" in written:
        found = term(written)
        assert isinstance(found, ox.Literal)
        return Words(found.value, found.datatype.value, found.language or "")
    if ending.startswith("@"):
        return Words(written[1:end], "", ending[1:])
    return Words(written[1:end], ending[3:-1] or XSD + "string")


class Things:
    """What is said of things; properties that the graph does not use are not looked for."""

    def __init__(self, lines: SortedLines, properties: Container[str]) -> None:
        self._lines = lines
        self._properties = properties

    def stated(self, *properties: str) -> Iterator[tuple[str, str]]:
        """Go through the values of some properties, each with its thing; a pair may come twice."""
        for iri in properties:
            if iri in self._properties:
                yield from self._having(f"<{iri}>".encode())

    def _having(self, predicate: bytes) -> Iterator[tuple[str, str]]:
        text, wanted = self._lines.text, b" " + predicate + b" "
        place = text.find(wanted)
        while place >= 0:
            line = text.rfind(b"\n", 0, place) + 1
            place = text.find(b"\n", place)
            subject, found, rest = text[line:place].split(b" ", 2)
            if found == predicate:  # and not a literal in which this stands
                yield subject.decode(), rest[: rest.rindex(b" <")].decode()
            place = text.find(wanted, place)

    def values(self, thing: str, *properties: str) -> list[str]:
        """Give the values a thing has for some properties, each once, sorted."""
        found = {
            _value(line)
            for iri in properties
            if iri in self._properties
            for line in self._lines.beginning_with(f"{thing} <{iri}> ".encode())
        }
        return sorted(found)

    def words(self, thing: str, *properties: str) -> list[Words]:
        """Give those values that are literals."""
        found = (literal(value) for value in self.values(thing, *properties))
        return [words for words in found if words is not None]

    def name(self, thing: str, languages: Sequence[str]) -> Words | None:
        """Find the best name of a thing: by property, then by language."""
        found: dict[str, list[str]] = {}
        for line in self._lines.beginning_with(f"{thing} ".encode()):
            predicate = line.split(b" ", 2)[1].decode()
            if predicate in _LABELS:
                found.setdefault(predicate, []).append(_value(line))
        for label in _LABELS:
            texts = filter(None, map(literal, found.get(label, ())))
            name = best(texts, languages)
            if name is not None:
                return name
        return None

    def classes_below(self, *classes: str) -> list[str]:
        """Give classes with all that are said to be below them."""
        lower: dict[str, list[str]] = {}
        for below, above in self.stated(RDFS + "subClassOf"):
            lower.setdefault(above, []).append(below)
        waiting = [f"<{iri}>" for iri in classes]
        found = dict.fromkeys(waiting)
        while waiting:
            new = [each for each in lower.get(waiting.pop(), ()) if each not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return list(found)


def best(texts: Iterable[Words], languages: Sequence[str]) -> Words | None:
    """Choose the text whose language comes first; an untagged one goes before other languages."""
    order = {language: place for place, language in enumerate((*languages, ""))}
    return min(
        texts,
        key=lambda words: (order.get(words.language, len(order)), words.language, words.text),
        default=None,
    )


def _value(line: bytes) -> str:
    rest = line.split(b" ", 2)[2]
    return rest[: rest.rindex(b" <")].decode()
