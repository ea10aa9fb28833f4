"""Tell characters that XML cannot hold: what has one cannot be published as RDF/XML."""

import pyoxigraph as ox

from metropole.graph import SiteGraph, SourceGraph
from metropole.report import Finding, Severity
from metropole.xml_bodies import ESCAPED, unwritable

#: Told one by one for a file.
_TOLD = 20


def characters_not_for_xml(graph: SiteGraph) -> list[Finding]:
    """Find the texts that hold such a character (XML 1.0, section 2.2), with file and line."""
    return [finding for parsed in graph.sources for finding in _of_file(parsed)]


def _of_file(parsed: SourceGraph) -> list[Finding]:
    findings, text = list[Finding](), parsed.nquads
    place = end = 0
    while len(findings) < _TOLD and (found := ESCAPED.search(text, end)):
        place += text.count(b"\n", end, found.start())
        end = text.index(b"\n", found.end())
        value = parsed.quads[place].object
        name = unwritable(value.value) if isinstance(value, ox.Literal) else ""
        if name:
            findings.append(_finding(parsed, place, name))
    return findings


def _finding(parsed: SourceGraph, place: int, character: str) -> Finding:
    quad = parsed.quads[place]
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
