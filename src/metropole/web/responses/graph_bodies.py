"""Write the statements of a document in the RDF syntaxes."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from metropole.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE, GraphFormat
from metropole.graph.statement_lines import graph_of, named, triple_of
from metropole.jsonld import jsonld
from metropole.turtle import Terms, trig, turtle, used_prefixes
from metropole.xml_bodies import XmlText, with_named_properties


def graph_body(
    quads: Iterable[ox.Quad], syntax: GraphFormat, prefixes: dict[str, str], *, first: str
) -> bytes:
    """Write statements, those about the IRI `first` before all others, the rest by alphabet.

    Syntaxes without named graphs, and JSON-LD, give each triple once; TriG and N-Quads keep
    the graphs. Raises NotXml when RDF/XML cannot hold a value.
    """
    if syntax in (TRIG, N_QUADS):
        named = (quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode))
        lines = N_QUADS.serialized(named).splitlines()
        return document_body(lines, syntax, Terms(prefixes), first=first)
    triples = N_TRIPLES.serialized(quad.triple for quad in quads)
    return _of_triples(triples.splitlines(), syntax, Terms(prefixes), f"<{first}> ".encode())


def document_body(
    lines: Iterable[bytes], syntax: GraphFormat, terms: Terms, *, first: str
) -> bytes:
    """Write statements that are lines of N-Quads, as `graph_body` does."""
    start = f"<{first}> ".encode()
    if syntax in (TRIG, N_QUADS):
        return _in_graphs(lines, syntax, terms, start)
    return _of_triples(map(triple_of, lines), syntax, terms, start)


def _of_triples(lines: Iterable[bytes], syntax: GraphFormat, terms: Terms, first: bytes) -> bytes:
    ordered = _ordered(lines, first)
    if syntax is TURTLE:
        return "".join(turtle(ordered, terms)).encode()
    if syntax is N_TRIPLES:
        return b"".join(line + b"\n" for line in ordered)
    return _by_library(ordered, syntax, terms.prefixes)


def default_graph_body(
    quads: Iterable[ox.Quad], syntax: GraphFormat, prefixes: dict[str, str], *, first: str
) -> bytes:
    """Write statements into the default graph, also in syntaxes that have named graphs.

    Query engines that ask for N-Quads first look for a description nowhere else.
    """
    plain = {TRIG: TURTLE, N_QUADS: N_TRIPLES}  # each is valid as the other
    return graph_body(quads, plain.get(syntax, syntax), prefixes, first=first)


def _in_graphs(lines: Iterable[bytes], syntax: GraphFormat, terms: Terms, first: bytes) -> bytes:
    graphs: dict[bytes, list[bytes]] = {}
    for line in lines:
        graphs.setdefault(graph_of(line), []).append(line)
    ordered = {
        name[1:-1].decode(): _ordered(graphs[name], first) for name in sorted(graphs) if named(name)
    }
    if syntax is N_QUADS:
        return b"".join(line + b"\n" for said in ordered.values() for line in said)
    return "".join(trig(ordered.items(), terms)).encode()


def _ordered(lines: Iterable[bytes], first: bytes) -> list[bytes]:
    """Sort lines, each once, those that begin with some bytes before all others."""
    found = sorted(set(lines))
    start = end = bisect_left(found, first)
    while end < len(found) and found[end].startswith(first):
        end += 1
    return found[start:end] + found[:start] + found[end:]


def _by_library(lines: list[bytes], syntax: GraphFormat, prefixes: Mapping[str, str]) -> bytes:
    quads = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)
    triples = [quad.triple for quad in quads]
    if syntax is JSON_LD:
        return jsonld(triples, prefixes)
    used = used_prefixes(lines, prefixes)
    return XmlText().checked(syntax.serialized(with_named_properties(triples), used))
