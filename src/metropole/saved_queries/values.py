"""Turn what a client gives for a parameter into an RDF term; nothing is spliced into a query."""

import re
from collections.abc import Callable
from datetime import date

import pyoxigraph as ox

from metropole.messages import Message
from metropole.vocab import XSD

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"-?[0-9]{4}")

#: The types of parameters, and in words what a value must be.
TYPES = {
    "iri": Message(
        "an IRI: a full one, or one relative to the base of the site as id/city/vilnius"
    ),
    "string": Message("a text"),
    "integer": Message("a whole number, as 42"),
    "decimal": Message("a number, as 12.5"),
    "date": Message("a day, as 2007-11-13"),
    "gYear": Message("a year, as 2007"),
}


class WrongValue(ValueError):
    """A value is not one of the type of its parameter; the message says what is."""


def term(kind: str, value: str, *, base: str, language: str = "") -> str:
    """Write a value of a type of TYPES as a term of N-Triples; raises WrongValue."""
    try:
        return str(_iri(value, base) if kind == "iri" else _literal(kind, value, language))
    except ValueError as error:
        raise WrongValue(f"takes {TYPES[kind]}") from error


def _iri(value: str, base: str) -> ox.NamedNode:
    if _SCHEME.match(value):
        return ox.NamedNode(value)
    local = value.removeprefix("/")
    if not local or local.startswith("/") or ".." in local.split("/"):
        raise ValueError(value)
    return ox.NamedNode(base + local)


def _literal(kind: str, value: str, language: str) -> ox.Literal:
    if kind == "string":
        return ox.Literal(value, language=language or None)
    if not _LEXICAL[kind](value):
        raise ValueError(value)
    return ox.Literal(value, datatype=ox.NamedNode(XSD + kind))


def _is_day(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))


_LEXICAL: dict[str, Callable[[str], object]] = {
    "integer": _INTEGER.fullmatch,
    "decimal": _DECIMAL.fullmatch,
    "date": _is_day,
    "gYear": _YEAR.fullmatch,
}
