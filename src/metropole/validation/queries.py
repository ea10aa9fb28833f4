"""Check that the saved queries of a site can be run at all, and that their headers are right."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from metropole import saved_queries, sparql
from metropole.graph import SiteGraph
from metropole.graph.statement_lines import iri_of, named, value_of
from metropole.near import nearest
from metropole.report import Finding, Severity
from metropole.saved_queries import Chart, Parameter, SavedQuery, WrongValue
from metropole.settings import FILE_NAME as SETTINGS_FILE
from metropole.sources import Text
from metropole.vocab import RDF
from metropole.wordings import Wordings

_TYPE = f"<{RDF}type>".encode()


def unusable_queries(graph: SiteGraph) -> list[Finding]:
    """Find saved queries that are refused, have a syntax error, or whose header is wrong."""
    base = graph.settings.base
    found = [finding for query in graph.queries for finding in query_findings(query, base)]
    return [*found, *_unknown_classes(graph), *_odd_languages(graph)]


def _odd_languages(graph: SiteGraph) -> Iterator[Finding]:
    """Find texts of headers in languages that are not the site's, or in its first twice."""
    known = graph.settings.languages
    for query in graph.queries:
        saved, _ = saved_queries.read(query.name, query.text)
        for key, line, wordings in _worded(saved):
            for tag in filter(None, wordings):
                if tag == known[0].lower() and "" in wordings:
                    told = f"'{key}' without a language is in '{tag}' too, the site's first one."
                    remedy = "Keep one of the two."
                    yield _query_finding("query-header", query, told, line(tag), remedy)
                elif tag not in map(str.lower, known):
                    yield odd_language(query.name, line(tag), f"'{key}@{tag}'", tag)


def odd_language(file: str, line: int, told: str, tag: str) -> Finding:
    """Tell of a text in a language that is not the site's."""
    return Finding(
        Severity.WARNING,
        "text-language",
        f"{told} is in none of the languages of the site.",
        file=file,
        line=line,
        remedy=f"Add '{tag}' to 'languages' in {SETTINGS_FILE}, or correct the tag.",
    )


def _worded(saved: SavedQuery) -> Iterator[tuple[str, Callable[[str], int], Wordings]]:
    """Go through what a header says in languages, with what finds the line of one of them."""
    for key, wordings in (("summary", saved.summaries), ("description", saved.descriptions)):
        yield key, partial(_line_in_language, saved, key, 0), wordings
    for parameter in saved.parameters:
        begin = _line_of(saved, parameter)
        yield "label", partial(_line_in_language, saved, "label", begin), parameter.labels


def _line_in_language(saved: SavedQuery, key: str, after: int, tag: str) -> int:
    """Find the line of the header behind another that has a key in a language."""
    lines = saved.text.splitlines()[after : saved.header_lines]
    wanted = re.compile(rf"#\+\s*{key}@{re.escape(tag)}:.*", re.IGNORECASE)
    return next(
        (number for number, line in enumerate(lines, after + 1) if wanted.fullmatch(line)), 0
    )


def _unknown_classes(graph: SiteGraph) -> Iterator[Finding]:
    """Find classes that a form is to offer the members of, and that have none."""
    queries = [(query, saved_queries.read(query.name, query.text)[0]) for query in graph.queries]
    asked = [
        (query, saved, parameter)
        for query, saved in queries
        for parameter in saved.parameters
        if parameter.classes
    ]
    known = _class_names(graph) if asked else set()
    for query, saved, parameter in asked:
        for name in parameter.classes:
            # Two classes with one name have addresses with a prefix, which is known later.
            if name not in known and ":" not in name:
                near = nearest(name, sorted(known))
                told = f"The class '{name}' of the parameter '{parameter.name}' has no member."
                remedy = f"Did you mean '{near}'?" if near else "Correct it, or remove the line."
                line = _line_of(saved, parameter)
                yield _query_finding("query-header", query, told, line, remedy)


def _class_names(graph: SiteGraph) -> set[str]:
    """Collect the last parts of the IRIs of all classes with members."""
    terms = {
        value_of(parsed.statements[place])
        for parsed in graph.sources
        for place in parsed.places_of([_TYPE])
    }
    iris = (iri_of(term).replace("#", "/") for term in terms if named(term))
    return {iri.rpartition("/")[2] for iri in iris}


def query_findings(query: Text, base: str) -> Iterator[Finding]:
    """Go through what is wrong with one saved query."""
    saved, problems = saved_queries.read(query.name, query.text)
    for problem in problems:
        yield _query_finding("query-header", query, problem.message, problem.line, problem.remedy)
    unusable = _problem(query, base)
    if unusable is not None:
        yield _unusable(query, unusable)
        return
    for parameter in saved.parameters:
        yield from _check_parameter(query, saved, parameter, base)
    if saved.chart is not None:
        yield from _check_chart(query, saved, saved.chart, base)


def _problem(query: Text, base: str) -> sparql.QueryProblem | None:
    refused = sparql.refusal(query.text)
    if refused is not None:
        line, column = sparql.place_of_refusal(query.text)
        return replace(refused, line=line, column=column)
    try:
        saved_queries.form_of(sparql.padded(query.text), base=base)
    except SyntaxError as error:
        return sparql.explain(error, query.text)
    except (ValueError, RuntimeError) as error:
        return sparql.QueryProblem(f"{error}.")
    return None


def _unusable(query: Text, problem: sparql.QueryProblem) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "query-unusable",
        f"The query cannot be run: {problem.message}",
        file=query.name,
        line=problem.line,
        column=problem.column,
        remedy="Mend the query, or move it out of queries/.",
    )


def _check_parameter(
    query: Text, saved: SavedQuery, parameter: Parameter, base: str
) -> Iterator[Finding]:
    line = _line_of(saved, parameter)
    for what, value in (("default", parameter.default), ("example", parameter.example)):
        try:
            if value is not None:
                saved_queries.term(parameter.kind, value, base=base)
        except WrongValue as error:
            told = f"The {what} '{value}' is wrong: '{parameter.name}' {error}."
            yield _query_finding(
                "query-header", query, told, line, "Correct the value or the type."
            )
    told, remedy = _unbindable(saved, parameter, base)
    if told:
        yield _query_finding("query-parameter", query, told, line, remedy)


def _unbindable(saved: SavedQuery, parameter: Parameter, base: str) -> tuple[str, str]:
    """Tell why a parameter cannot be bound; Oxigraph itself is asked."""
    name = parameter.name
    try:
        saved_queries.form_of(saved.text, base=base, substitutions={name: "<x:any>"})
    except RuntimeError:
        return (
            f"The parameter ?{name} cannot be bound: it is not among the variables of the result.",
            f"Write ?{name} behind SELECT; elsewhere VALUES ?{name} {{ UNDEF }} into the pattern.",
        )
    if re.search(rf"\bBOUND\s*\(\s*[?$]{name}\b", saved.body, re.IGNORECASE):
        return (
            f"BOUND(?{name}) does not tell whether the parameter was given.",
            f"Write the condition as COALESCE(… ?{name} …, true).",
        )
    return "", ""


def _check_chart(query: Text, saved: SavedQuery, chart: Chart, base: str) -> Iterator[Finding]:
    columns = saved_queries.columns_of(query.text, base=base)
    if not columns:
        told = "A chart shows rows, and only SELECT gives them."
        remedy = "Remove the lines of the chart, or make the query a SELECT."
        yield _query_finding("query-chart", query, told, _line_of_key(saved, "chart"), remedy)
        return
    for part, column in chart.columns():
        if column not in columns:
            told = f"The chart takes ?{column} as {part}, which the query does not give."
            remedy = f"The query gives {', '.join(f'?{name}' for name in columns)}."
            yield _query_finding("query-chart", query, told, _line_of_key(saved, part), remedy)


def _line_of_key(saved: SavedQuery, key: str) -> int:
    """Find the line of the header that has a key."""
    lines = saved.text.splitlines()[: saved.header_lines]
    wanted = re.compile(rf"#\+ ?{key}:.*")
    return next((number for number, line in enumerate(lines, 1) if wanted.fullmatch(line)), 0)


def _line_of(saved: SavedQuery, parameter: Parameter) -> int:
    """Find the line of the header on which a parameter begins."""
    lines = saved.text.splitlines()[: saved.header_lines]
    wanted = re.compile(rf"#\+\s+{parameter.name}:\s*")
    return next((number for number, line in enumerate(lines, 1) if wanted.fullmatch(line)), 0)


def _query_finding(rule: str, query: Text, message: str, line: int, remedy: str) -> Finding:
    return Finding(Severity.VIOLATION, rule, message, file=query.name, line=line, remedy=remedy)
