"""Tell which of the four forms a query has (SPARQL 1.1, section 16)."""

from collections.abc import Mapping
from enum import Enum

import pyoxigraph as ox

from metropole import sparql


class Form(Enum):
    """What a query gives: rows, yes or no, or a graph."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def is_graph(self) -> bool:
        """Tell whether the result is a graph."""
        return self in (Form.CONSTRUCT, Form.DESCRIBE)


def form_of(text: str, *, base: str, substitutions: Mapping[str, str] | None = None) -> Form:
    """Have Oxigraph read a query, with terms in the place of variables, and give its form.

    Raises SyntaxError, and RuntimeError for a variable that Oxigraph cannot substitute: one that
    is not projected or, where nothing can be, stands in no pattern.
    """
    bound = {ox.Variable(name): parsed(text) for name, text in (substitutions or {}).items()}
    result = ox.Store().query(text, base_iri=base, substitutions=bound)
    if isinstance(result, ox.QuerySolutions):
        return Form.SELECT
    if isinstance(result, ox.QueryBoolean):
        return Form.ASK
    return Form.DESCRIBE if sparql.first_word(text) == "DESCRIBE" else Form.CONSTRUCT


def parsed(term: str) -> ox.NamedNode | ox.Literal:
    """Read a term written as N-Triples."""
    line = f"<x:s> <x:p> {term} ."
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.NamedNode | ox.Literal)
    return quad.object
