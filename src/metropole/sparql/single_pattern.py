r"""Recognise queries that match one triple pattern: their cost is bounded by their rows.

What is recognised here may be run where it cannot be stopped, so the text must have the form

    PREFIX p: <iri> ...
    SELECT ?a ?b | SELECT * | ASK  WHERE { subject predicate object . }  LIMIT n

in which the subject or the object is named. For each such pattern the store has an index in which
the matches follow each other, so each step of the evaluation gives a row, and whoever stops
taking rows has stopped the evaluation. Nothing else is let through: no FILTER, path, join,
OFFSET, DISTINCT, dataset or escape. Oxigraph parses the text all the same; a text that is
recognised wrongly is at most refused by it.
"""

import re

_LONGEST = 2000
#: What can stand between two tokens, at least once and not at all.
_GAP = r"(?:[ \t\r\n]|\#[^\r\n]*+(?:\r?\n|\Z))++"
_SPACE = r"(?:[ \t\r\n]|\#[^\r\n]*+(?:\r?\n|\Z))*+"
_IRI = r"<[^<>\"{}|^`\\\x00-\x20]*+>"
_PREFIX = r"[A-Za-z][A-Za-z0-9_-]*+"
_NAME = rf"(?:{_PREFIX})?:[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+"
_VARIABLE = r"[?$][A-Za-z_][A-Za-z0-9_]*+"
_STRING = (
    r"(?:\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')"
    rf"(?:@[A-Za-z]++(?:-[A-Za-z0-9]++)*+|\^\^(?:{_IRI}|{_NAME}))?"
)
_QUERY = re.compile(
    rf"""{_SPACE}(?:PREFIX{_GAP}(?:{_PREFIX})?:{_SPACE}{_IRI}{_SPACE})*+
    (?:ASK|SELECT{_GAP}(?P<columns>\*|{_VARIABLE}(?:{_GAP}{_VARIABLE})*?))
    {_SPACE}(?:WHERE\b{_SPACE})?\{{{_SPACE}
    (?P<subject>{_IRI}|{_NAME}|{_VARIABLE}){_GAP}
    (?P<predicate>{_IRI}|{_NAME}|a|{_VARIABLE}){_GAP}
    (?P<object>{_IRI}|{_NAME}|{_VARIABLE}|{_STRING})
    {_SPACE}(?:\.{_SPACE})?\}}{_SPACE}
    (?:LIMIT{_GAP}[0-9]{{1,9}}{_SPACE})?\Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_COLUMN = re.compile(_VARIABLE)


def is_single_pattern(text: str) -> bool:
    """Tell whether a query matches one triple pattern whose subject or object is named."""
    if len(text) > _LONGEST or "SERVICE" in text.upper():
        return False
    found = _QUERY.match(text)
    if found is None:
        return False
    terms = found["subject"], found["predicate"], found["object"]
    variables = [term[1:] for term in terms if term[0] in "?$"]
    # A variable that comes twice would be compared row by row, and rows without a value of the
    # pattern would hardly take room.
    columns = [each[1:] for each in _COLUMN.findall(found["columns"] or "")]
    return (
        not (terms[0][0] in "?$" and terms[2][0] in "?$")
        and len(set(variables)) == len(variables)
        and set(columns) <= set(variables)
    )
