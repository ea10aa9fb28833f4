"""Check a site: definitions, quotations, queries and SHACL; everything found becomes a report."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from metropole.graph import SiteGraph
from metropole.report import Finding, Report
from metropole.sources import DATA, ONTOLOGY, QUERIES, SHAPES, STORIES, no_data
from metropole.validation.catalogue import catalogue_findings
from metropole.validation.characters import characters_not_for_xml
from metropole.validation.conformance import conformance, shapes_digest
from metropole.validation.definitions import duplicates, undeclared_terms, unknown_shacl_terms
from metropole.validation.geometries import wrong_geometries
from metropole.validation.idle_shapes import advanced_features, idle_shapes
from metropole.validation.loose_names import loose_names
from metropole.validation.near_namespaces import near_namespaces
from metropole.validation.ontology import subclass_rings, wordless_terms
from metropole.validation.queries import unusable_queries
from metropole.validation.quotations import check_quotations
from metropole.validation.ranges import judged_by_range
from metropole.validation.recursion import recursive_shapes
from metropole.validation.stories import unanswered_sections, untellable_stories
from metropole.validation.templates import broken_templates
from metropole.validation.vocabulary_terms import mistyped_terms, unknown_datatypes

__all__ = ["catalogue_findings", "shapes_digest", "validate"]


def validate(
    graph: SiteGraph,
    *,
    text_folders: tuple[Path, ...] = (),
    sound_shapes: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Report everything that is to be said about a site.

    `text_folders` are searched for source texts beside those of the settings; `sound_shapes`
    is what `shapes_digest` gave for shapes that were well-formed. `progress` is called with the
    name of each step before it begins.
    """
    progress("quotations")
    quotations, coverage = check_quotations(graph, (*graph.settings.text_folders, *text_folders))
    findings: list[Finding] = [*judged_by_range(graph), *quotations]
    for name, check in _checks(graph, sound_shapes, progress):
        progress(name)
        findings += check(graph)
    return Report.of(findings, coverage, _counts(graph))


def _checks(
    graph: SiteGraph, sound_shapes: str, progress: Callable[[str], None]
) -> Iterator[tuple[str, Callable[[SiteGraph], list[Finding]]]]:
    yield "data", _no_statement
    yield "duplicate definitions", duplicates
    yield "undeclared terms", undeclared_terms
    yield "terms of vocabularies", mistyped_terms
    yield "namespaces", near_namespaces
    yield "white space", loose_names
    yield "datatypes", unknown_datatypes
    yield "geometries", wrong_geometries
    yield "words of terms", wordless_terms
    yield "subclasses", subclass_rings
    yield "characters", characters_not_for_xml
    yield "queries", unusable_queries
    yield "stories", untellable_stories
    yield "templates", broken_templates
    yield "home page", unanswered_sections
    if graph.statement_count(SHAPES):
        yield "terms of SHACL", unknown_shacl_terms
        yield "recursive shapes", recursive_shapes
        yield "idle shapes", idle_shapes
        yield "advanced features of SHACL", advanced_features
        yield "SHACL", partial(conformance, sound_shapes=sound_shapes, progress=progress)


def _no_statement(graph: SiteGraph) -> list[Finding]:
    """Keep a table or file that was emptied by mistake from taking the whole site away."""
    if graph.half_read or graph.statement_count(DATA):
        return []
    return [no_data("holds no statement")]


def _counts(graph: SiteGraph) -> dict[str, int]:
    statements = {
        f"statements in {folder}/": graph.statement_count(folder)
        for folder in (ONTOLOGY, SHAPES, DATA)
    }
    texts = {QUERIES: len(graph.queries), STORIES: len(graph.stories)}
    return {"files": len(graph.sources), **texts, **statements}
