"""Count a graph in one pass over its sorted triples: what VoID and the manifest tell of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit

from metropole.vocab import OWL, RDF, RDFS, SCHEMA, SKOS

_TYPE = f"<{RDF}type>".encode()
_LANG_STRING = f"<{RDF}langString>".encode()
_STRING = b"<http://www.w3.org/2001/XMLSchema#string>"
#: Properties that lead to what others say of the same or a related thing.
LINKS = frozenset(
    f"<{iri}>".encode()
    for iri in (
        OWL + "sameAs",
        RDFS + "seeAlso",
        SCHEMA + "sameAs",
        *(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch")),
        SKOS + "relatedMatch",
    )
)


@dataclass
class Statistics:
    """The numbers of a graph; terms are written as in N-Triples."""

    triples: int = 0
    subjects: int = 0
    #: Subjects that are IRIs of the site's things.
    entities: int = 0
    classes: Counter[bytes] = field(default_factory=Counter)
    properties: Counter[bytes] = field(default_factory=Counter)
    #: Triples by the datatype of their literals.
    datatypes: Counter[bytes] = field(default_factory=Counter)
    #: Triples of the members of a class by property, and by property and datatype.
    uses: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    typed_uses: Counter[tuple[bytes, bytes, bytes]] = field(default_factory=Counter)
    #: Triples that link a thing of the site with a thing of another: by property and address.
    links: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    objects: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, triples: Iterable[bytes], base: str) -> "Statistics":
        """Count lines of N-Triples that are sorted, each there once."""
        counted = cls()
        space, own = f"<{base}id/".encode(), f"<{base}".encode()
        for subject, group in groupby(triples, key=lambda line: line[: line.index(b" ")]):
            said = [_rest(line, len(subject)) for line in group]
            counted.subjects += 1
            counted.triples += len(said)
            counted.entities += subject.startswith(space)
            counted._take(said)
            if subject.startswith(space):
                counted._take_links(said, own)
        return counted

    def _take(self, said: list[tuple[bytes, bytes]]) -> None:
        kinds = [value for predicate, value in said if predicate == _TYPE]
        self.classes.update(kinds)
        self.properties.update([predicate for predicate, _ in said])
        self.objects.update([value for _, value in said])
        for predicate, value in said:
            kind = _datatype(value)
            if kind:
                self.datatypes[kind] += 1
            for each in kinds:
                self.uses[each, predicate] += 1
                if kind:
                    self.typed_uses[each, predicate, kind] += 1

    def _take_links(self, said: list[tuple[bytes, bytes]], own: bytes) -> None:
        for predicate, value in said:
            if predicate in LINKS and value.startswith(b"<http") and not value.startswith(own):
                parts = urlsplit(value[1:-1].decode())
                self.links[predicate, f"{parts.scheme}://{parts.netloc}/"] += 1

    def plus(self, other: "Statistics") -> "Statistics":
        """Add the numbers of a graph that has no subject in common with this one."""
        return Statistics(
            self.triples + other.triples,
            self.subjects + other.subjects,
            self.entities + other.entities,
            self.classes + other.classes,
            self.properties + other.properties,
            self.datatypes + other.datatypes,
            self.uses + other.uses,
            self.typed_uses + other.typed_uses,
            self.links + other.links,
            self.objects if other.objects <= self.objects else self.objects | other.objects,
        )


def by_iri(counts: Counter[bytes]) -> dict[str, int]:
    """Give the counts of IRIs, in the order of these."""
    return {term[1:-1].decode(): counts[term] for term in sorted(counts) if term.startswith(b"<")}


def _rest(line: bytes, start: int) -> tuple[bytes, bytes]:
    predicate, _, value = line[start + 1 : -2].partition(b" ")
    return predicate, value


def _datatype(value: bytes) -> bytes:
    """Give the datatype of a literal; nothing for another term."""
    if not value.startswith(b'"'):
        return b""
    if value.endswith(b">"):
        return value[value.rindex(b"^^<") + 2 :]
    return _STRING if value.endswith(b'"') else _LANG_STRING


def subjects_apart(
    triples: Iterable[bytes], beginning: bytes, kept: list[bytes]
) -> Iterator[bytes]:
    """Go through lines, but put those whose subjects begin in a certain way into a list."""
    for line in triples:
        if line.startswith(beginning):
            kept.append(line)
        else:
            yield line
