"""Read RDF terms that are written as N-Triples, and write numbers as terms."""

import pyoxigraph as ox

from metropole.vocab import XSD

Term = ox.NamedNode | ox.BlankNode | ox.Literal


def term(text: str) -> Term:
    """Read `<iri>`, `_:label` or a literal; raises SyntaxError for anything else."""
    if text.startswith("<"):
        return ox.NamedNode(text[1:-1])
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    (quad,) = ox.parse(f"<urn:x> <urn:x> {text} .", format=ox.RdfFormat.N_TRIPLES, lenient=True)
    assert isinstance(quad.object, Term)
    return quad.object


def whole_number(number: int) -> ox.Literal:
    """Write a number as `xsd:integer`."""
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))
