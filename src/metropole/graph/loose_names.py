"""Tell names with white space at an end: they look alike, and a search or a query misses them."""

from collections.abc import Collection, Iterable

import pyoxigraph as ox

from metropole.formats import TableFormat
from metropole.report import Finding, Severity
from metropole.sources import Source
from metropole.vocab import FOAF, LABEL_PROPERTIES, SCHEMA, SKOS

_NAMES = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *LABEL_PROPERTIES,
        *(SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "notation"),
        *(SCHEMA + "alternateName", FOAF + "name"),
    )
)
#: Told one by one for a file.
_TOLD = 20
#: What a description of a table says to have white space left out.
TRIMMED = 'write "dialect": {"trim": true} into the description of the table'


def loose_names(
    source: Source, statements: Iterable[tuple[ox.Quad, int]], loose: Collection[ox.Literal]
) -> list[Finding]:
    """Tell the names among the texts of a file that have white space at an end.

    `loose` are its texts that have any; other texts than names may mean it.
    """
    if not loose:
        return []
    found = [
        (quad, line)
        for quad, line in statements
        if quad.predicate in _NAMES and quad.object in loose
    ]
    remedy = f"Remove it, or {TRIMMED}." if isinstance(source.format, TableFormat) else "Remove it."
    told = [_finding(source, quad, line, remedy) for quad, line in found[:_TOLD]]
    return [*told, _rest(source, len(found) - _TOLD)] if len(found) > _TOLD else told


def where_loose(text: str) -> str:
    """Say where a text has white space that belongs to no word: before, after or around it."""
    is_before, is_after = text.lstrip() != text, text.rstrip() != text
    return "before and after" if is_before and is_after else "before" if is_before else "after"


def _finding(source: Source, quad: ox.Quad, line: int, remedy: str) -> Finding:
    assert isinstance(quad.object, ox.Literal)
    text = quad.object.value
    return Finding(
        Severity.WARNING,
        "white-space",
        f"The name '{text.strip()}' has white space {where_loose(text)} it.",
        file=source.name,
        line=line,
        focus=str(quad.subject),
        path=str(quad.predicate),
        value=str(quad.object),
        remedy=remedy,
    )


def _rest(source: Source, number: int) -> Finding:
    return Finding(
        Severity.WARNING,
        "white-space",
        f"{number} more names of '{source.name}' have white space at an end.",
        file=source.name,
        remedy="Mend those that are told first: the cause may be the same.",
    )
