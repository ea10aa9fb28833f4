"""Tell which of the four forms a query has (SPARQL 1.1, section 16)."""

from collections.abc import Mapping
from enum import Enum

import pyoxigraph as ox

from metropole import sparql

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


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
    result = ox.Store().query(text, base_iri=base, substitutions=bound(substitutions))
    if isinstance(result, ox.QuerySolutions):
        return Form.SELECT
    if isinstance(result, ox.QueryBoolean):
        return Form.ASK
    return Form.DESCRIBE if sparql.first_word(text) == "DESCRIBE" else Form.CONSTRUCT


def columns_of(text: str, *, base: str) -> tuple[str, ...]:
    """List the columns that a query gives; a query that gives no rows has none."""
    result = ox.Store().query(text, base_iri=base)
    if not isinstance(result, ox.QuerySolutions):
        return ()
    return tuple(variable.value for variable in result.variables)


def bound(substitutions: Mapping[str, str] | None) -> dict[ox.Variable, Term]:
    """Read variables and the terms that stand for them, written as N-Triples."""
    return {ox.Variable(name): _parsed(term) for name, term in (substitutions or {}).items()}


def _parsed(term: str) -> Term:
    (quad,) = ox.parse(f"<x:s> <x:p> {term} .", format=ox.RdfFormat.N_TRIPLES)
    value: Term = quad.object
    return value
