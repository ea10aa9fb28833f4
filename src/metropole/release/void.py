"""Describe the graph inside the graph (VoID): counts, partitions, linksets, vocabularies.

The description counts itself (decision 0020): what it says is what a query counts. That is
possible because a number is one statement whatever it says; only the number of distinct objects
depends on the numbers, and where it has no solution it is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import pyoxigraph as ox

from metropole.formats import GRAPH_FORMATS, N_TRIPLES
from metropole.graph.statement_lines import iri_of
from metropole.graph.terms import whole_number
from metropole.release.dataset import Dataset
from metropole.release.dumps import DUMPS
from metropole.release.statistics import Statistics, by_iri
from metropole.settings import Settings
from metropole.vocab import DCT, FOAF, RDF, SH, VOID, XSD
from metropole.wordings import in_languages

#: The named graph of the description, its document and the beginning of its IRIs.
GRAPH, DOCUMENT = "id/graph/void", ".well-known/void"
NAMESPACE = DOCUMENT + "#"
DATASET = NAMESPACE + "dataset"
#: Extension of VoID for datatypes, by the Semantic Computing Research Group (Aalto).
VOID_EXT = "http://ldf.fi/void-ext#"
_FORMATS = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES = {"rdf": "RDF_XML", "jsonld": "JSON-LD", "ttl": "Turtle", "nt": "N-Triples"} | {
    "trig": "TriG",
    "nq": "N-Quads",
}
_EXAMPLES = 3
_ROUNDS = 10
_Value = ox.NamedNode | ox.Literal


def described(dataset: Dataset, settings: Settings, prefixes: Mapping[str, str]) -> Dataset:
    """Add its description to a dataset, with numbers that hold for both together."""
    own = f"<{settings.base}{NAMESPACE}".encode()
    held: list[bytes] = []
    most = Statistics.of(dataset.union(), settings.base, apart=own, kept=held)
    writer = _Writer(settings, prefixes, _examples(most))
    for with_objects in (True, False):
        found, lines = most, list[bytes]()
        for _ in range(_ROUNDS):
            written = writer.lines(found, with_objects=with_objects)
            if written == lines:
                told = replace(found, objects=set())  # which take as much memory as the lines
                return dataset.with_graph(lines, settings.base + GRAPH, told)
            lines = written
            found = most.plus(Statistics.of(sorted({*held, *lines}), settings.base))
    raise AssertionError("counts settle, as they do not depend on each other")


def _examples(counted: Statistics) -> list[str]:
    """Give a member of each of the largest classes of things."""
    largest = sorted(counted.members, key=lambda term: (-counted.classes[term], term))
    found = [counted.members[term][1:-1].decode() for term in largest]
    return list(dict.fromkeys(found))[:_EXAMPLES]


@dataclass(frozen=True)
class _Writer:
    settings: Settings
    prefixes: Mapping[str, str]
    examples: list[str]

    def lines(self, counted: Statistics, *, with_objects: bool) -> list[bytes]:
        """Write the description as sorted triples, lines of N-Triples without their end."""
        triples = [
            ox.Triple(self._iri(subject), ox.NamedNode(predicate), value)
            for subject, predicate, value in self._statements(counted, with_objects=with_objects)
        ]
        return sorted(set(N_TRIPLES.serialized(triples).split(b" .\n")) - {b""})

    def _iri(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(self.settings.base + name)

    def _statements(
        self, counted: Statistics, *, with_objects: bool
    ) -> Iterator[tuple[str, str, _Value]]:
        yield from self._about()
        counts = {
            "triples": counted.triples,
            "entities": counted.entities,
            "distinctSubjects": counted.subjects,
            "properties": len(counted.properties),
            "classes": len(by_iri(counted.classes)),
        }
        if with_objects:
            counts["distinctObjects"] = len(counted.objects)
        for name, number in counts.items():
            yield DATASET, VOID + name, whole_number(number)
        for iri in _vocabularies(counted):
            yield DATASET, VOID + "vocabulary", ox.NamedNode(iri)
        yield from self._partitions(counted)
        yield from self._linksets(counted)
        yield from self._prefixes()

    def _about(self) -> Iterator[tuple[str, str, _Value]]:
        settings = self.settings
        language = settings.languages[0]
        yield DOCUMENT, RDF + "type", ox.NamedNode(VOID + "DatasetDescription")
        yield DOCUMENT, FOAF + "primaryTopic", self._iri(DATASET)
        title = ox.Literal(f"{settings.title}: description", language=language)
        yield DOCUMENT, DCT + "title", title
        yield DATASET, RDF + "type", ox.NamedNode(VOID + "Dataset")
        for said in in_languages(settings.titles, settings.languages):
            yield DATASET, DCT + "title", ox.Literal(said.text, language=said.language)
        if settings.licence:
            yield DATASET, DCT + "license", ox.NamedNode(settings.licence)
        yield DATASET, FOAF + "homepage", ox.NamedNode(settings.base)
        yield DATASET, VOID + "uriSpace", ox.Literal(settings.base + "id/")
        yield DATASET, VOID + "sparqlEndpoint", self._iri("sparql")
        for name in DUMPS:
            yield DATASET, VOID + "dataDump", self._iri(f"dumps/latest/{name}")
        for syntax in GRAPH_FORMATS:
            name = _FORMAT_NAMES[syntax.extension]
            yield DATASET, VOID + "feature", ox.NamedNode(_FORMATS + name)
        for iri in self.examples:
            yield DATASET, VOID + "exampleResource", ox.NamedNode(iri)

    def _partitions(self, counted: Statistics) -> Iterator[tuple[str, str, _Value]]:
        for kind, number in by_iri(counted.classes).items():
            node = _node("class", kind)
            yield DATASET, VOID + "classPartition", self._iri(node)
            yield node, VOID + "class", ox.NamedNode(kind)
            yield node, VOID + "entities", whole_number(number)
        for term, number in counted.properties.items():
            yield from self._property(DATASET, term, number)
        for datatype, number in counted.datatypes.items():
            yield from self._datatype(DATASET, datatype, number)
        for (kind_term, term), number in counted.uses.items():
            if kind_term.startswith(b"<"):
                yield from self._property(_node("class", iri_of(kind_term)), term, number)
        for (kind_term, term, datatype), number in counted.typed_uses.items():
            if kind_term.startswith(b"<"):
                whole = _node("class", iri_of(kind_term))
                part = _node("property", whole, iri_of(term))
                yield from self._datatype(part, datatype, number)

    def _property(self, whole: str, term: bytes, number: int) -> Iterator[tuple[str, str, _Value]]:
        node = _node("property", whole, iri_of(term))
        yield whole, VOID + "propertyPartition", self._iri(node)
        yield node, VOID + "property", ox.NamedNode(iri_of(term))
        yield node, VOID + "triples", whole_number(number)

    def _datatype(self, whole: str, term: bytes, number: int) -> Iterator[tuple[str, str, _Value]]:
        node = _node("datatype", whole, iri_of(term))
        yield whole, VOID_EXT + "datatypePartition", self._iri(node)
        yield node, VOID_EXT + "datatype", ox.NamedNode(iri_of(term))
        yield node, VOID + "triples", whole_number(number)

    def _linksets(self, counted: Statistics) -> Iterator[tuple[str, str, _Value]]:
        for (term, space), number in counted.links.items():
            node, other = _node("links", iri_of(term), space), _node("dataset", space)
            yield DATASET, VOID + "subset", self._iri(node)
            yield node, RDF + "type", ox.NamedNode(VOID + "Linkset")
            yield node, VOID + "linkPredicate", ox.NamedNode(iri_of(term))
            yield node, VOID + "subjectsTarget", self._iri(DATASET)
            yield node, VOID + "objectsTarget", self._iri(other)
            yield node, VOID + "triples", whole_number(number)
            yield other, RDF + "type", ox.NamedNode(VOID + "Dataset")
            yield other, VOID + "uriSpace", ox.Literal(space)

    def _prefixes(self) -> Iterator[tuple[str, str, _Value]]:
        """Declare the prefixes of the site (SHACL, section 5.2.1), which editors ask for."""
        for prefix, iri in self.prefixes.items():
            node = _node("prefix", prefix)
            yield DATASET, SH + "declare", self._iri(node)
            yield node, SH + "prefix", ox.Literal(prefix)
            namespace = ox.Literal(iri, datatype=ox.NamedNode(XSD + "anyURI"))
            yield node, SH + "namespace", namespace


def _vocabularies(counted: Statistics) -> list[str]:
    """List the namespaces of the classes and properties in use."""
    terms = [*by_iri(counted.classes), *by_iri(counted.properties)]
    return sorted({iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in terms} - {""})


def _node(*names: str) -> str:
    """Name a part of the description after what it is about, so that it keeps its IRI."""
    return f"{NAMESPACE}{names[0]}-{sha256(' '.join(names[1:]).encode()).hexdigest()[:12]}"
