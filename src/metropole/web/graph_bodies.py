"""Write the statements of a document in the RDF syntaxes."""

from collections.abc import Iterable

import pyoxigraph as ox

from metropole.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE, GraphFormat
from metropole.jsonld import jsonld
from metropole.turtle import trig, turtle, used_prefixes
from metropole.xml_bodies import XmlText, with_named_properties


def graph_body(
    quads: Iterable[ox.Quad], syntax: GraphFormat, prefixes: dict[str, str], *, first: str
) -> bytes:
    """Write statements, those about the IRI `first` before all others, the rest by alphabet.

    Syntaxes without named graphs, and JSON-LD, give each triple once; TriG and N-Quads keep
    the graphs. Raises NotXml when RDF/XML cannot hold a value.
    """
    quads = list(dict.fromkeys(quads))
    if syntax in (TRIG, N_QUADS):
        return _in_graphs(quads, syntax, prefixes, f"<{first}> ".encode())
    triples = list(dict.fromkeys(quad.triple for quad in quads))
    lines = _ordered(N_TRIPLES.serialized(triples), f"<{first}> ".encode())
    if syntax is TURTLE:
        return "".join(turtle(lines, prefixes)).encode()
    if syntax is N_TRIPLES:
        return b"".join(line + b"\n" for line in lines)
    return _by_library(lines, syntax, prefixes)


def default_graph_body(
    quads: Iterable[ox.Quad], syntax: GraphFormat, prefixes: dict[str, str], *, first: str
) -> bytes:
    """Write statements into the default graph, also in syntaxes that have named graphs.

    Query engines that ask for N-Quads first look for a description nowhere else.
    """
    plain = {TRIG: TURTLE, N_QUADS: N_TRIPLES}  # each is valid as the other
    return graph_body(quads, plain.get(syntax, syntax), prefixes, first=first)


def _in_graphs(
    quads: list[ox.Quad], syntax: GraphFormat, prefixes: dict[str, str], first: bytes
) -> bytes:
    graphs = {
        name.value: _ordered(N_QUADS.serialized(q for q in quads if q.graph_name == name), first)
        for name in sorted({quad.graph_name for quad in quads}, key=str)
        if isinstance(name, ox.NamedNode)
    }
    lines = [line for said in graphs.values() for line in said]
    if syntax is N_QUADS:
        return b"".join(line + b"\n" for line in lines)
    return "".join(trig(graphs.items(), prefixes)).encode()


def _ordered(text: bytes, first: bytes) -> list[bytes]:
    lines = (line for line in text.split(b"\n") if line)
    return sorted(lines, key=lambda line: (not line.startswith(first), line))


def _by_library(lines: list[bytes], syntax: GraphFormat, prefixes: dict[str, str]) -> bytes:
    quads = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)
    triples = [quad.triple for quad in quads]
    if syntax is JSON_LD:
        return jsonld(triples, prefixes)
    used = used_prefixes(lines, prefixes)
    return XmlText().checked(syntax.serialized(with_named_properties(triples), used))
