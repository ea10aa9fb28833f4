"""Check that the saved queries of a site can be run at all."""

import pyoxigraph as ox

from metropole import sparql
from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import Query


def unusable_queries(graph: SiteGraph) -> list[Finding]:
    """Find saved queries that are refused or have a syntax error."""
    checked = ((query, _problem(query, graph.settings.base)) for query in graph.queries)
    return [_unusable(query, problem) for query, problem in checked if problem is not None]


def _problem(query: Query, base: str) -> sparql.QueryProblem | None:
    refused = sparql.refusal(query.text)
    if refused is not None:
        return refused
    try:
        ox.Store().query(sparql.padded(query.text), base_iri=base)
    except SyntaxError as error:
        return sparql.explain(error, query.text)
    return None


def _unusable(query: Query, problem: sparql.QueryProblem) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "query-unusable",
        f"The query cannot be run: {problem.message}",
        file=query.name,
        line=problem.line,
        column=problem.column,
        remedy="Mend the query, or move it out of queries/.",
    )
