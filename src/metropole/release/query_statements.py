"""Say in the graph which saved queries there are (SHACL, section 5.2, as sparql-examples does)."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from metropole.formats import N_QUADS
from metropole.graph.statement_lines import lines_of
from metropole.saved_queries import Form, SavedQuery, form_of
from metropole.vocab import RDF, RDFS, SCHEMA, SH

#: The named graph of these statements and the beginning of a query's IRI, below the base.
GRAPH, QUERY = "id/graph/queries", "id/query/"
_CLASSES = {
    Form.SELECT: ("SPARQLSelectExecutable", "select"),
    Form.ASK: ("SPARQLAskExecutable", "ask"),
    Form.CONSTRUCT: ("SPARQLConstructExecutable", "construct"),
}
#: SHACL has no executable of this form; this is the term of sparql-examples.
_DESCRIBE = "https://purl.expasy.org/sparql-examples/ontology#describe"


def query_lines(queries: Iterable[SavedQuery], *, base: str, language: str) -> list[bytes]:
    """Write what is said of the saved queries as lines of N-Quads; texts are in a language."""
    graph = ox.NamedNode(base + GRAPH)
    quads = [
        ox.Quad(ox.NamedNode(f"{base}{QUERY}{query.name}"), ox.NamedNode(predicate), value, graph)
        for query in queries
        for predicate, value in _statements(query, base, language)
    ]
    return lines_of(N_QUADS.serialized(quads))


def _statements(
    query: SavedQuery, base: str, language: str
) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    form = form_of(query.text, base=base)
    kind, text = _CLASSES.get(form, ("", ""))
    yield RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")
    if kind:
        yield RDF + "type", ox.NamedNode(SH + kind)
    # The base goes with the text, so that it can be asked from anywhere.
    yield SH + text if text else _DESCRIBE, ox.Literal(f"BASE <{base}>\n{query.body}")
    yield RDFS + "label", ox.Literal(query.title, language=language)
    if query.description:
        yield RDFS + "comment", ox.Literal(query.description, language=language)
    for tag in query.tags:
        yield SCHEMA + "keywords", ox.Literal(tag)
    yield SCHEMA + "target", ox.NamedNode(base + "sparql")
    yield RDFS + "seeAlso", ox.NamedNode(f"{base}queries/{query.name}")
