"""Tell names with white space at an end: they look alike, and a search or a query misses them."""

import pyoxigraph as ox

from metropole.formats import TableFormat
from metropole.graph import SiteGraph, SourceGraph
from metropole.graph.statement_lines import texts
from metropole.graph.white_space import TRIMMED, where_loose
from metropole.report import Finding, Severity
from metropole.sources import Source
from metropole.vocab import FOAF, LABEL_PROPERTIES, SCHEMA, SKOS

_NAMES = [
    f"<{iri}>".encode()
    for iri in (
        *LABEL_PROPERTIES,
        *(SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "notation"),
        *(SCHEMA + "alternateName", FOAF + "name"),
    )
]
#: One of these is in lines of N-Quads where a text has white space at an end; a tab is seldom the
#: only one, and each sign costs time.
_SIGNS = (b'> " ', b' " <', b' "@', b'\\n"', b"\xc2\xa0")
#: Told one by one for a file.
_TOLD = 20


def loose_names(graph: SiteGraph) -> list[Finding]:
    """Find the names with white space at an end; other texts than names may mean it.

    Their lines are looked through many at a time, in a fifth of the time that reading takes.
    """
    return [finding for parsed in graph.sources for finding in _of_source(parsed)]


def _of_source(parsed: SourceGraph) -> list[Finding]:
    places = parsed.places_of(_NAMES)
    lines = texts(parsed.statements[place] for place in places)
    if not any(sign in text for text in lines for sign in _SIGNS):
        return []
    found = [
        (quad, parsed.lines[place])
        for place, quad in zip(places, parsed.of(places), strict=True)
        if isinstance(quad.object, ox.Literal) and quad.object.value.strip() != quad.object.value
    ]
    source = parsed.source
    remedy = f"Remove it, or {TRIMMED}." if isinstance(source.format, TableFormat) else "Remove it."
    told = [_finding(source, quad, line, remedy) for quad, line in found[:_TOLD]]
    return (
        [*told, _rest(source, len(found) - _TOLD, found[_TOLD][1])] if len(found) > _TOLD else told
    )


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


def _rest(source: Source, number: int, line: int) -> Finding:
    return Finding(
        Severity.WARNING,
        "white-space",
        f"{number} more names of '{source.name}' have white space at an end.",
        file=source.name,
        line=line,
        remedy="Mend those that are told first: the cause may be the same.",
    )
