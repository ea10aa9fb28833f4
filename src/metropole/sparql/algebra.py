"""Look into the algebra of a query: the only module that parses SPARQL with rdflib."""

from collections.abc import Iterator

from pyparsing import ParseResults
from rdflib import URIRef
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translateQuery, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue


def has_service(text: str) -> bool | None:
    """Tell whether a query contains SERVICE anywhere; None when rdflib cannot parse it.

    The parse tree is looked at and not the algebra, from which a translation can lose a part.
    """
    try:
        tree = parseQuery(text)
    except Exception:  # noqa: BLE001  # rdflib's parser fails in many ways
        return None
    return any(node.name == "ServiceGraphPattern" for node in _parts(tree))


def _parts(tree: object) -> Iterator[CompValue]:
    """Go through the parts of a parse tree, however deep it is."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, CompValue):
            yield node
            waiting.extend(dict.values(node))
        elif isinstance(node, (ParseResults, list, tuple)):
            waiting.extend(node)


def iris(text: str, *, base: str) -> set[str]:
    """Collect the IRIs a query names; none when rdflib cannot parse it."""
    nodes = _nodes(text, base=base) or ()
    return {str(iri) for node in nodes for iri in _named(node)}


def _named(node: object) -> Iterator[URIRef]:
    """Go through the IRIs a node names; rdflib's walk does not enter property paths."""
    if isinstance(node, URIRef):
        yield node
    elif type(node) is dict:  # a row of VALUES
        yield from (term for term in node.values() if isinstance(term, URIRef))
    elif isinstance(node, Path):
        for part in vars(node).values():
            for step in part if isinstance(part, list) else [part]:
                yield from _named(step)


def _nodes(text: str, *, base: str | None = None) -> list[object] | None:
    nodes: list[object] = []
    try:
        traverse(translateQuery(parseQuery(text), base=base).algebra, visitPre=nodes.append)
    except Exception:  # noqa: BLE001  # rdflib's parser and translation fail in many ways
        return None
    return nodes
