"""Tell characters that XML cannot hold: what has one cannot be published as RDF/XML."""

from collections.abc import Iterator
from itertools import islice

import pyoxigraph as ox

from metropole.graph import SiteGraph, SourceGraph
from metropole.graph.statement_lines import lines_of, texts
from metropole.report import Finding, Severity
from metropole.xml_bodies import ESCAPED, unwritable

#: Told one by one for a file.
_TOLD = 20


def characters_not_for_xml(graph: SiteGraph) -> list[Finding]:
    """Find the texts that hold such a character (XML 1.0, section 2.2), with file and line."""
    return [finding for parsed in graph.sources for finding in _of_file(parsed)]


def _of_file(parsed: SourceGraph) -> list[Finding]:
    named = (
        (place, quad, name)
        for place, quad in _suspects(parsed)
        if isinstance(quad.object, ox.Literal) and (name := unwritable(quad.object.value))
    )
    return [_finding(parsed, *each) for each in islice(named, _TOLD)]


def _suspects(parsed: SourceGraph) -> Iterator[tuple[int, ox.Quad]]:
    """Find the statements in which such a character may stand, and their places."""
    start = 0
    for text in texts(parsed.statements):
        lines = lines_of(text) if ESCAPED.search(text) else ()
        places = [start + number for number, line in enumerate(lines) if ESCAPED.search(line)]
        yield from zip(places, parsed.of(places), strict=True)
        start += text.count(b"\n")


def _finding(parsed: SourceGraph, place: int, quad: ox.Quad, character: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "not-for-xml",
        f"The text holds the character {character}, which XML cannot: there will be no RDF/XML of "
        f"the whole, of this graph and of {quad.subject}.",
        file=parsed.source.name,
        line=parsed.lines[place],
        focus=str(quad.subject),
        path=str(quad.predicate),
        remedy="Remove the character; it is seldom meant.",
    )
