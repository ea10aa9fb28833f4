"""Say in the graph which saved queries there are (SHACL, section 5.2, as sparql-examples does)."""

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from metropole.formats import N_QUADS
from metropole.graph.statement_lines import lines_of
from metropole.saved_queries import Form, SavedQuery, form_of
from metropole.vocab import RDF, RDFS, SCHEMA, SH
from metropole.wordings import in_languages

#: The named graph of these statements and the beginning of a query's IRI, below the base.
GRAPH, QUERY = "id/graph/queries", "id/query/"
_CLASSES = {
    Form.SELECT: ("SPARQLSelectExecutable", "select"),
    Form.ASK: ("SPARQLAskExecutable", "ask"),
    Form.CONSTRUCT: ("SPARQLConstructExecutable", "construct"),
}
#: SHACL has no executable of this form; this is the term of sparql-examples.
_DESCRIBE = "https://purl.expasy.org/sparql-examples/ontology#describe"


def query_lines(
    queries: Iterable[SavedQuery], *, base: str, languages: Sequence[str]
) -> list[bytes]:
    """Write what is said of the saved queries as lines of N-Quads, `languages` being the site's."""
    graph = ox.NamedNode(base + GRAPH)
    quads = [
        ox.Quad(ox.NamedNode(f"{base}{QUERY}{query.name}"), ox.NamedNode(predicate), value, graph)
        for query in queries
        for predicate, value in _statements(query, base, languages)
    ]
    return lines_of(N_QUADS.serialized(quads))


def _statements(
    query: SavedQuery, base: str, languages: Sequence[str]
) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    form = form_of(query.text, base=base)
    kind, text = _CLASSES.get(form, ("", ""))
    yield RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")
    if kind:
        yield RDF + "type", ox.NamedNode(SH + kind)
    # The base goes with the text, so that it can be asked from anywhere.
    yield SH + text if text else _DESCRIBE, ox.Literal(f"BASE <{base}>\n{query.body}")
    for said in in_languages(query.titles, languages):
        yield RDFS + "label", ox.Literal(said.text, language=said.language)
    for said in in_languages(query.descriptions, languages):
        yield RDFS + "comment", ox.Literal(said.text, language=said.language)
    for tag in query.tags:
        yield SCHEMA + "keywords", ox.Literal(tag)
    yield SCHEMA + "target", ox.NamedNode(base + "sparql")
    yield RDFS + "seeAlso", ox.NamedNode(f"{base}queries/{query.name}")
