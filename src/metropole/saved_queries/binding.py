"""Bind the parameters of a saved query: values that are given, else the defaults."""

from collections.abc import Mapping

from metropole.saved_queries.header import SavedQuery
from metropole.saved_queries.values import WrongValue, term


def terms_of(query: SavedQuery, given: Mapping[str, str], *, base: str) -> dict[str, str]:
    """Give the terms (N-Triples) that stand for the parameters of a query.

    One without a value stays free. Raises WrongValue for a value of another type.
    """
    bound = {}
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is not None:
            try:
                bound[parameter.name] = term(
                    parameter.kind, value, base=base, language=parameter.language
                )
            except WrongValue as error:
                raise WrongValue(f"'{parameter.name}' {error}, and got '{value}'") from error
    return bound
