"""Write the graph that a query gives: a small one as people read it, a large one as it comes.

A small one is what somebody looks at. It is sorted, declares only the prefixes it uses, and is
written by what writes documents; a large one goes out while it is being made.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import IO

import pyoxigraph as ox

from metropole.formats import JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, GraphFormat
from metropole.jsonld import jsonld
from metropole.turtle import Terms, turtle, used_prefixes
from metropole.xml_bodies import with_named_properties

#: A graph with more triples is written as it comes.
_FEW = 2_000


class NotJsonLd(ValueError):
    """A graph holds what JSON-LD has no form for."""


def write_graph(
    triples: Iterable[ox.Triple],
    syntax: GraphFormat,
    body: IO[bytes],
    prefixes: Mapping[str, str],
) -> None:
    """Write triples to their end; raises NotJsonLd, NotXml, and what the evaluation raises."""
    following = _without_terms(triples) if syntax is JSON_LD else iter(triples)
    first = list(islice(following, _FEW + 1))
    if len(first) > _FEW:
        _by_library(chain(first, following), syntax, body, prefixes)
        return
    lines = sorted(set(N_TRIPLES.serialized(first).splitlines()))
    if syntax in (TURTLE, TRIG):  # a default graph is written alike in both
        body.write("".join(turtle(lines, Terms(prefixes))).encode())
    elif syntax is JSON_LD and not any(map(_has_direction, first)):
        body.write(jsonld(_read(lines), prefixes))
    else:
        _by_library(_read(lines), syntax, body, used_prefixes(lines, prefixes))


def _read(lines: list[bytes]) -> Iterator[ox.Triple]:
    parsed = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)
    return (quad.triple for quad in parsed)


def _has_direction(triple: ox.Triple) -> bool:
    """Tell whether its value says in which direction it is read, which our JSON-LD cannot."""
    return isinstance(triple.object, ox.Literal) and triple.object.direction is not None


def _without_terms(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Pass triples on that have no other triple as their value; raises NotJsonLd."""
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            raise NotJsonLd("The result holds a triple as a value (RDF 1.2), which JSON-LD cannot.")
        yield triple


def _by_library(
    triples: Iterable[ox.Triple],
    syntax: GraphFormat,
    body: IO[bytes],
    prefixes: Mapping[str, str],
) -> None:
    named = with_named_properties(triples) if syntax is RDF_XML else triples
    ox.serialize(named, body, format=syntax.syntax, prefixes=dict(prefixes))
