"""Count a graph in one pass over its sorted triples: what VoID and the manifest tell of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

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
#: Stands for a value that is no literal.
_IRI = b"<"


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
        #: What is said of a subject, but for its values; most have that in common with others.
        shapes: Counter[bytes] = Counter()
        last, said = b"", list[bytes]()
        is_thing = is_apart = False
        for triple in triples:
            subject, predicate, value = triple.split(b" ", 2)
            if subject != last:
                shapes[b" ".join(said)] += 1
                last, said = subject, []
                is_thing, is_apart = subject.startswith(space), subject.startswith(apart)
                counted.entities += is_thing
            if is_apart and kept is not None:
                kept.append(triple)
                continue
            counted.objects.add(value)
            if is_thing:
                counted._note(subject, predicate, value, own)
            said += (predicate, _kind(predicate, value))
        shapes[b" ".join(said)] += 1
        del shapes[b""]
        for told, number in shapes.items():
            counted._take(told, number)
        return counted

    def _note(self, subject: bytes, predicate: bytes, value: bytes, own: bytes) -> None:
        """Note a member of a class, or a link to a thing of another site."""
        if predicate == _TYPE:
            if value[0] != _QUOTE:
                self.members.setdefault(value, subject)
        elif predicate in LINKS and value.startswith(b"<http") and not value.startswith(own):
            parts = urlsplit(value[1:-1].decode())
            self.links[predicate, f"{parts.scheme}://{parts.netloc}/"] += 1

    def _take(self, shape: bytes, number: int) -> None:
        """Take so many subjects of which the same is said."""
        parts = shape.split(b" ")
        said = list(zip(parts[::2], parts[1::2], strict=True))
        kinds = [kind for predicate, kind in said if predicate == _TYPE]
        self.subjects += number
        self.triples += number * len(said)
        for kind in kinds:
            self.classes[kind] += number
        for predicate, kind in said:
            datatype = _datatype(kind)
            self.properties[predicate] += number
            if datatype:
                self.datatypes[datatype] += number
            for each in kinds:
                self.uses[each, predicate] += number
                if datatype:
                    self.typed_uses[each, predicate, datatype] += number

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


def _kind(predicate: bytes, value: bytes) -> bytes:
    """Give the class that a value is, what stands behind the text of a literal, or _IRI."""
    if value[0] == _QUOTE:
        return value[value.rindex(b'"') + 1 :]
    return value if predicate == _TYPE else _IRI


def _datatype(behind: bytes) -> bytes:
    """Give the datatype of a literal by what stands behind its text; nothing for another term."""
    if behind.startswith(b"^^"):
        return behind[2:]
    if behind.startswith((_IRI, b"_")):
        return b""
    return _LANG_STRING if behind else _STRING
