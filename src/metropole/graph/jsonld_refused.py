"""Refuse the JSON-LD at which the parser would end the process, and a watching server with it.

Oxigraph 0.5.13 aborts at an object with @set or @list as the value of a term whose @container has
@graph, and at objects that lie within each other some thousands deep.
"""

import re

from metropole.graph.jsonld_keys import sets_in_graphs
from metropole.report import Finding, Severity
from metropole.sources import Source

#: Without such a container there is nothing to look for.
_GRAPH_CONTAINER = re.compile(rb'@container"\s*:\s*(?:"@graph"|\[[^\]]*"@graph")')
#: Objects and arrays within each other that are read; Python follows them no further than this.
DEEPEST = 200
#: Strings, which may hold brackets, beside the brackets that count.
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]]', re.DOTALL)
_STEPS = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


def refused_jsonld(source: Source) -> Finding | None:
    """Tell what in a file would end the process; raises OSError."""
    content = source.path.read_bytes()
    return _too_deep(source, content) or _graph_of_a_set(source, content)


def _too_deep(source: Source, content: bytes) -> Finding | None:
    depth = 0
    for found in _BRACKETS.finditer(content):
        depth += _STEPS.get(content[found.start()], 0)
        if depth > DEEPEST:
            return Finding(
                Severity.VIOLATION,
                "syntax",
                f"Objects and arrays lie within each other more than {DEEPEST} deep, which is not "
                "read.",
                file=source.name,
                line=content[: found.start()].count(b"\n") + 1,
                remedy="Give inner objects an @id, and describe them side by side in a @graph.",
            )
    return None


def _graph_of_a_set(source: Source, content: bytes) -> Finding | None:
    """Find the first set or list that is to be a graph."""
    if not _GRAPH_CONTAINER.search(content):
        return None
    found = next(iter(sets_in_graphs(content)), None)
    if found is None:
        return None
    return Finding(
        Severity.VIOLATION,
        "syntax",
        f"'{found.key}' cannot be read where the @container is @graph: the parser does not take "
        "a set or list for a graph.",
        file=source.name,
        line=found.line,
        remedy="Write the array itself as the value, or take @graph out of the @container.",
    )
