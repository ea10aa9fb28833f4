"""Refuse the JSON-LD at which the parser would end the process: a set or list that is a graph.

Oxigraph 0.5.13 aborts at an object with @set or @list as the value of a term whose @container has
@graph, and a server that watches its files would end with it.
"""

import re

from metropole.graph.jsonld_keys import sets_in_graphs
from metropole.report import Finding, Severity
from metropole.sources import Source

#: Without such a container there is nothing to look for.
_GRAPH_CONTAINER = re.compile(rb'@container"\s*:\s*(?:"@graph"|\[[^\]]*"@graph")')


def graph_of_a_set(source: Source) -> Finding | None:
    """Find the first set or list that is to be a graph; raises OSError."""
    content = source.path.read_bytes()
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
