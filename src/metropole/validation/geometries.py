"""Find geometries that are none: no map can show them, and nothing else would tell."""

import pyoxigraph as ox

from metropole.geometry import GEO_JSON, WKT, fault
from metropole.graph import SiteGraph, SourceGraph
from metropole.report import Finding, Severity

_ENDINGS = tuple(f'"^^<{datatype}>'.encode() for datatype in (WKT, GEO_JSON))
#: Findings told one by one for a file; the rest is told as a number.
_TOLD = 20
_LONGEST_SHOWN = 100


def wrong_geometries(graph: SiteGraph) -> list[Finding]:
    """Tell the literals of GeoSPARQL that cannot be read, but not those in unknown systems."""
    return [finding for parsed in graph.sources for finding in _in_source(parsed)]


def _in_source(parsed: SourceGraph) -> list[Finding]:
    places = [
        place
        for place, statement in enumerate(parsed.statements)
        if any(ending in statement for ending in _ENDINGS)
    ]
    wrong = [
        (quad.object, parsed.lines[place], said)
        for place, quad in zip(places, parsed.of(places), strict=True)
        if isinstance(quad.object, ox.Literal)
        and (said := fault(quad.object.value, quad.object.datatype.value))
    ]
    findings = [_no_geometry(parsed, *each) for each in wrong[:_TOLD]]
    if len(wrong) > _TOLD:
        findings.append(
            Finding(
                Severity.WARNING,
                "ill-typed",
                f"{len(wrong) - _TOLD} more geometries of '{parsed.source.name}' are none.",
                file=parsed.source.name,
                line=wrong[_TOLD][1],
                remedy="Mend those that are told first: the cause may be the same.",
            )
        )
    return findings


def _no_geometry(parsed: SourceGraph, literal: ox.Literal, line: int, said: str) -> Finding:
    text = literal.value
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"
    is_wkt = literal.datatype.value == WKT
    name = "geo:wktLiteral" if is_wkt else "geo:geoJSONLiteral"
    example = "POINT(25.28 54.69)" if is_wkt else '{"type": "Point", "coordinates": [25.28, 54.69]}'
    return Finding(
        Severity.WARNING,
        "ill-typed",
        f"'{shown}' is not a valid {name}: {said}.",
        file=parsed.source.name,
        line=line,
        value=str(literal),
        remedy=f"Write a geometry such as {example}, longitude first; no map shows this one.",
    )
