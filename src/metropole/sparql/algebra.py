"""Look into the algebra of a query: the only module that parses SPARQL with rdflib."""

from collections.abc import Iterator

from pyparsing import ParseResults
from rdflib import URIRef
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
    return {str(node) for node in _nodes(text, base=base) or () if isinstance(node, URIRef)}


def _nodes(text: str, *, base: str | None = None) -> list[object] | None:
    nodes: list[object] = []
    try:
        traverse(translateQuery(parseQuery(text), base=base).algebra, visitPre=nodes.append)
    except Exception:  # noqa: BLE001  # rdflib's parser and translation fail in many ways
        return None
    return nodes
