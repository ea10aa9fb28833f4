"""Find values that are none of the datatype which the ontology wants of their property."""

from collections import defaultdict
from dataclasses import replace

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import ONTOLOGY
from metropole.vocab import RDFS

_RANGE = ox.NamedNode(RDFS + "range")


def judged_by_range(graph: SiteGraph) -> list[Finding]:
    """Give the findings of the graph; an ill-typed value blocks where `rdfs:range` wants its type.

    So it is with a shape, and with the datatype of a column; where nobody has said what is wanted,
    a warning is enough.
    """
    wrong = {(each.file, each.line, each.value) for each in graph.findings if _is_ill_typed(each)}
    if not wrong:
        return list(graph.findings)
    wanted = defaultdict[ox.NamedNode, set[str]](set)
    for quad in graph.quads(ONTOLOGY):
        if quad.predicate == _RANGE:
            wanted[quad.subject].add(str(quad.object))  # type: ignore[index]
    blocking = {
        key
        for parsed in graph.sources
        if any(file == parsed.source.name for file, _, _ in wrong)
        for quad, line in parsed
        if quad.predicate in wanted
        and isinstance(quad.object, ox.Literal)
        and str(quad.object.datatype) in wanted[quad.predicate]
        and (key := (parsed.source.name, line, str(quad.object))) in wrong
    }
    return [
        replace(each, severity=Severity.VIOLATION)
        if _is_ill_typed(each) and (each.file, each.line, each.value) in blocking
        else each
        for each in graph.findings
    ]


def _is_ill_typed(finding: Finding) -> bool:
    return finding.rule == "ill-typed" and bool(finding.value)
