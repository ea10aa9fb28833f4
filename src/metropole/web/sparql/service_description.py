"""Describe the endpoint (SPARQL 1.1 Service Description, section 3)."""

from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from metropole.formats import GraphFormat
from metropole.graph.terms import whole_number
from metropole.release import Manifest
from metropole.release.void import DATASET
from metropole.settings import Limits
from metropole.sparql.functions import GEO_FUNCTIONS
from metropole.vocab import RDF, SD, VOID
from metropole.web.serving import Edition
from metropole.web.sparql.limits import named_limits

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
    "TriG",
    "N-Quads",
)
_Term = ox.NamedNode | ox.BlankNode | ox.Literal


def service_description(edition: Edition, limits: Limits, syntax: GraphFormat) -> bytes:
    """Write the description of the service that serves an edition."""
    prefixes = {**edition.store.release.manifest.content.prefixes, "sd": SD}
    return syntax.serialized(list(_triples(edition.store.release.manifest, limits)), prefixes)


def _triples(manifest: Manifest, limits: Limits) -> Iterator[ox.Triple]:
    endpoint = ox.NamedNode(manifest.content.base + "sparql")
    dataset = ox.BlankNode("dataset")
    yield from _node(
        endpoint,
        SD + "Service",
        {
            SD + "endpoint": [endpoint],
            SD + "supportedLanguage": [ox.NamedNode(SD + "SPARQL11Query")],
            SD + "feature": [ox.NamedNode(SD + "UnionDefaultGraph")],
            SD + "resultFormat": [ox.NamedNode(_FORMATS + name) for name in _RESULT_FORMATS],
            SD + "extensionFunction": [ox.NamedNode(iri) for iri in GEO_FUNCTIONS],
            SD + "defaultDataset": [dataset],
        },
    )
    for iri in GEO_FUNCTIONS:
        yield from _node(ox.NamedNode(iri), SD + "Function", {})
    yield from _limits(endpoint, manifest.content.base + "-/limits#", limits)
    yield from _dataset(dataset, manifest)


def _limits(endpoint: ox.NamedNode, namespace: str, limits: Limits) -> Iterator[ox.Triple]:
    """Say each limit by a property of its name: no published vocabulary has them."""
    for name, value in named_limits(limits).items():
        yield ox.Triple(endpoint, ox.NamedNode(namespace + name), whole_number(value))


def _dataset(dataset: ox.BlankNode, manifest: Manifest) -> Iterator[ox.Triple]:
    default = ox.BlankNode("default")
    names = {name: ox.BlankNode(f"g{place}") for place, name in enumerate(manifest.graphs)}
    yield from _node(
        dataset,
        SD + "Dataset",
        {SD + "defaultGraph": [default], SD + "namedGraph": list(names.values())},
    )
    yield from _default_graph(default, manifest)
    for name, node in names.items():
        graph = ox.BlankNode(f"{node.value}c")
        yield from _node(
            node, SD + "NamedGraph", {SD + "name": [ox.NamedNode(name)], SD + "graph": [graph]}
        )
        yield from _node(
            graph, SD + "Graph", {VOID + "triples": [whole_number(manifest.graphs[name])]}
        )


def _default_graph(default: ox.BlankNode, manifest: Manifest) -> Iterator[ox.Triple]:
    """Count the union: its triples, the members of each class, the triples of each property."""
    classes = {iri: ox.BlankNode(f"c{place}") for place, iri in enumerate(manifest.classes)}
    uses = {iri: ox.BlankNode(f"p{place}") for place, iri in enumerate(manifest.properties)}
    yield from _node(
        default,
        SD + "Graph",
        {
            VOID + "inDataset": [ox.NamedNode(manifest.content.base + DATASET)],
            VOID + "triples": [whole_number(manifest.triples)],
            VOID + "classes": [whole_number(len(classes))],
            VOID + "properties": [whole_number(len(uses))],
            VOID + "classPartition": list(classes.values()),
            VOID + "propertyPartition": list(uses.values()),
        },
    )
    for iri, node in classes.items():
        yield from _partition(node, "class", iri, "entities", manifest.classes[iri])
    for iri, node in uses.items():
        yield from _partition(node, "property", iri, "triples", manifest.properties[iri])


def _partition(
    node: ox.BlankNode, kind: str, iri: str, counted: str, number: int
) -> Iterator[ox.Triple]:
    yield ox.Triple(node, ox.NamedNode(VOID + kind), ox.NamedNode(iri))
    yield ox.Triple(node, ox.NamedNode(VOID + counted), whole_number(number))


def _node(
    subject: ox.NamedNode | ox.BlankNode,
    kind: str,
    said: Mapping[str, Sequence[_Term]],
) -> Iterator[ox.Triple]:
    yield ox.Triple(subject, ox.NamedNode(RDF + "type"), ox.NamedNode(kind))
    for predicate, values in said.items():
        for value in values:
            yield ox.Triple(subject, ox.NamedNode(predicate), value)
