"""Answers as stories and reports use them: rows that were kept when a release was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256

import pyoxigraph as ox

from metropole.stories.markdown import Insert
from metropole.vocab import NUMBERS

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
_DIGITS = 12


class Unanswered(ValueError):
    """An insert has no value in the rows of the answer, or several."""


@dataclass(frozen=True)
class Answer:
    """The rows of a SELECT."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term, ...], ...]

    @classmethod
    def read(cls, tsv: bytes) -> "Answer":
        """Read an answer from SPARQL's tab-separated values."""
        found = ox.parse_query_results(tsv, format=ox.QueryResultsFormat.TSV)
        assert isinstance(found, ox.QuerySolutions)
        columns = tuple(variable.value for variable in found.variables)
        return cls(columns, tuple(tuple(solution) for solution in found))

    def chosen(self, conditions: Iterable[tuple[str, str]]) -> list[int]:
        """Give the numbers of the rows that have certain texts in certain columns."""
        wanted = [(self.columns.index(column), text) for column, text in conditions]
        return [
            number
            for number, row in enumerate(self.rows)
            if all(_is(row[place], text) for place, text in wanted)
        ]

    def value(self, insert: Insert) -> Term:
        """Give the one value an insert asks for; raises Unanswered when there is not one."""
        place = self.columns.index(insert.columns[0])
        rows = self.chosen(insert.conditions)
        found = {self.rows[number][place] for number in rows}
        if len(found) == 1 and None not in found:
            return found.pop()
        asked = " and ".join(f"{column} '{text}'" for column, text in insert.conditions)
        where = f" with {asked}" if asked else ""
        raise Unanswered(
            f"{len(found - {None})} values of {insert.columns[0]} are in the {len(rows)} rows of "
            f"{insert.query}{where}, and one is wanted."
        )


def _is(term: Term, text: str) -> bool:
    """Tell whether a term has a text; of an IRI the end is enough, as `id/city/riga`."""
    found = _text(term)
    return found == text or (isinstance(term, ox.NamedNode) and found.endswith(f"/{text}"))


def _text(term: Term) -> str:
    return "" if term is None else getattr(term, "value", str(term))


def is_number(term: Term) -> bool:
    """Tell whether a term is a number."""
    return isinstance(term, ox.Literal) and term.datatype.value in NUMBERS


def said(term: Term) -> str:
    """Write a term for people: a number with its thousands apart, as `-1,234.5`."""
    text = _text(term)
    if not is_number(term):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    plain = f"{number:,f}" if number.is_finite() else text
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def answer_name(query: str, parameters: Sequence[tuple[str, str]] | Mapping[str, str] = ()) -> str:
    """Name the file of an answer after the query and the values of its parameters."""
    pairs = sorted(parameters.items() if isinstance(parameters, Mapping) else parameters)
    name = query.replace("/", ".")
    return (
        f"{name}~{sha256(repr(pairs).encode()).hexdigest()[:_DIGITS]}.tsv"
        if pairs
        else (f"{name}.tsv")
    )
