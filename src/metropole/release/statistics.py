"""Count a graph in one pass over its sorted triples: what VoID and the manifest tell of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit

from metropole.release.statement_lines import subject_of
from metropole.vocab import OWL, RDF, RDFS, SCHEMA, SKOS

_TYPE = f"<{RDF}type>".encode()
_LANG_STRING = f"<{RDF}langString>".encode()
_QUOTE = ord('"')
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
#: Classes of a subject, a property, and the datatype of a value; empty where it has none.
_Alike = tuple[tuple[bytes, ...], bytes, bytes]


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

    #: The first of the site's things in each class.
    members: dict[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        triples: Iterable[bytes],
        base: str,
        apart: bytes = b"",
        kept: list[bytes] | None = None,
    ) -> "Statistics":
        """Count triples that are sorted, each there once: lines of N-Triples without their end.

        Those whose subject begins with `apart` are not counted, but put into the list `kept`.
        """
        counted = cls()
        space, own = f"<{base}id/".encode(), f"<{base}".encode()
        #: Triples that are alike: by the classes of the subject, property and datatype.
        alike: Counter[_Alike] = Counter()
        for subject, group in groupby(triples, key=subject_of):
            if kept is not None and subject.startswith(apart):
                kept += group
                continue
            start = len(subject) + 1
            said = [triple[start:].split(b" ", 1) for triple in group]
            kinds = tuple([value for predicate, value in said if predicate == _TYPE])
            alike.update([(kinds, predicate, _datatype(value)) for predicate, value in said])
            counted.subjects += 1
            counted.classes.update(kinds)
            counted.objects.update([value for _, value in said])
            if subject.startswith(space):
                counted.entities += 1
                for kind in kinds:
                    counted.members.setdefault(kind, subject)
                if not LINKS.isdisjoint([predicate for predicate, _ in said]):
                    counted._take_links(said, own)
        counted._take_all(alike)
        return counted

    def _take_all(self, alike: Counter[_Alike]) -> None:
        for (kinds, predicate, datatype), number in alike.items():
            self.triples += number
            self.properties[predicate] += number
            if datatype:
                self.datatypes[datatype] += number
            for kind in kinds:
                self.uses[kind, predicate] += number
                if datatype:
                    self.typed_uses[kind, predicate, datatype] += number

    def _take_links(self, said: list[list[bytes]], own: bytes) -> None:
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
            {**other.members, **self.members},
        )


def by_iri(counts: Counter[bytes]) -> dict[str, int]:
    """Give the counts of IRIs, in the order of these."""
    return {term[1:-1].decode(): counts[term] for term in sorted(counts) if term.startswith(b"<")}


def _datatype(value: bytes) -> bytes:
    """Give the datatype of a literal; nothing for another term."""
    if value[0] != _QUOTE:
        return b""
    if value.endswith(b">"):
        return value[value.rindex(b"^^<") + 2 :]
    return _STRING if value.endswith(b'"') else _LANG_STRING
