"""Read from a new store what is said of many things at once."""

from collections.abc import Container, Iterator, Sequence

import pyoxigraph as ox

from metropole.vocab import LABEL_PROPERTIES

_SUBCLASS = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
Thing = ox.NamedNode | ox.BlankNode


def stated(
    store: ox.Store, *properties: str
) -> Iterator[tuple[Thing, ox.NamedNode | ox.Literal | ox.BlankNode]]:
    """Go through the values of some properties, each with its thing; a pair may come twice."""
    for iri in properties:
        for quad in store.quads_for_pattern(None, ox.NamedNode(iri), None):
            if isinstance(quad.subject, Thing) and not isinstance(quad.object, ox.Triple):
                yield quad.subject, quad.object


def values(
    store: ox.Store, thing: Thing, *properties: str
) -> list[ox.NamedNode | ox.Literal | ox.BlankNode]:
    """Give the values a thing has for some properties, each once, in the order of their texts."""
    found = {
        quad.object
        for iri in properties
        for quad in store.quads_for_pattern(thing, ox.NamedNode(iri), None)
        if not isinstance(quad.object, ox.Triple)
    }
    return sorted(found, key=str)


def classes_below(store: ox.Store, *classes: str) -> list[ox.NamedNode]:
    """Give classes with all that are said to be below them."""
    waiting = [ox.NamedNode(iri) for iri in classes]
    found = dict.fromkeys(waiting)
    while waiting:
        upper = waiting.pop()
        for quad in store.quads_for_pattern(None, _SUBCLASS, upper):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in found:
                found[quad.subject] = None
                waiting.append(quad.subject)
    return list(found)


def names(
    store: ox.Store, things: Container[Thing], languages: Sequence[str]
) -> dict[Thing, ox.Literal]:
    """Find the names of things: by property, then by language, an untagged one before others."""
    order = {language: place for place, language in enumerate((*languages, None))}
    found: dict[Thing, ox.Literal] = {}
    for label in LABEL_PROPERTIES:
        better: dict[Thing, ox.Literal] = {}
        for thing, value in stated(store, label):
            if thing in things and thing not in found and isinstance(value, ox.Literal):
                known = better.get(thing)
                if known is None or _rank(value, order) < _rank(known, order):
                    better[thing] = value
        found |= better
    return found


def best(literals: Sequence[object], languages: Sequence[str]) -> ox.Literal | None:
    """Choose the text whose language comes first."""
    order = {language: place for place, language in enumerate((*languages, None))}
    texts = [literal for literal in literals if isinstance(literal, ox.Literal)]
    return min(texts, key=lambda literal: _rank(literal, order), default=None)


def _rank(literal: ox.Literal, order: dict[str | None, int]) -> tuple[int, str]:
    return order.get(literal.language, len(order)), literal.value
