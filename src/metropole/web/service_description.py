"""Describe the endpoint (SPARQL 1.1 Service Description, section 3)."""

from collections.abc import Iterator

import pyoxigraph as ox

from metropole.formats import GraphFormat
from metropole.vocab import RDF, SD, VOID, XSD
from metropole.web.serving import Edition

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
)


def service_description(edition: Edition, syntax: GraphFormat) -> bytes:
    """Write the description of the service that serves an edition."""
    prefixes = {**edition.store.release.manifest.content.prefixes, "sd": SD}
    return syntax.serialized(list(_triples(edition)), prefixes)


def _triples(edition: Edition) -> Iterator[ox.Triple]:
    manifest = edition.store.release.manifest
    endpoint = ox.NamedNode(manifest.content.base + "sparql")
    dataset, default = ox.BlankNode("dataset"), ox.BlankNode("default")
    yield from _node(
        endpoint,
        SD + "Service",
        {
            SD + "endpoint": [endpoint],
            SD + "supportedLanguage": [ox.NamedNode(SD + "SPARQL11Query")],
            SD + "feature": [ox.NamedNode(SD + "UnionDefaultGraph")],
            SD + "resultFormat": [ox.NamedNode(_FORMATS + name) for name in _RESULT_FORMATS],
            SD + "defaultDataset": [dataset],
        },
    )
    names = {name: ox.BlankNode(f"g{place}") for place, name in enumerate(manifest.graphs)}
    yield from _node(
        dataset,
        SD + "Dataset",
        {SD + "defaultGraph": [default], SD + "namedGraph": list(names.values())},
    )
    yield from _node(default, SD + "Graph", {VOID + "triples": [_count(manifest.triples)]})
    for name, node in names.items():
        graph = ox.BlankNode(f"{node.value}c")
        yield from _node(
            node, SD + "NamedGraph", {SD + "name": [ox.NamedNode(name)], SD + "graph": [graph]}
        )
        yield from _node(graph, SD + "Graph", {VOID + "triples": [_count(manifest.graphs[name])]})


def _count(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))


def _node(
    subject: ox.NamedNode | ox.BlankNode,
    kind: str,
    said: "dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]",
) -> Iterator[ox.Triple]:
    yield ox.Triple(subject, ox.NamedNode(RDF + "type"), ox.NamedNode(kind))
    for predicate, values in said.items():
        for value in values:
            yield ox.Triple(subject, ox.NamedNode(predicate), value)
