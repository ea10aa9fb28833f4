"""Turn SHACL's results into findings that name file, line and remedy."""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.metadata import version

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import DATA, ONTOLOGY, SHAPES
from metropole.validation.meant_things import MeantThings
from metropole.validation.positions import Position, Positions
from metropole.validation.remedies import own_words, remedy
from metropole.validation.shacl import Result, ShapesNotUsable, ill_formed, results
from metropole.validation.shape_mistakes import not_usable, unsound_shapes
from metropole.validation.unread import without_unread
from metropole.vocab import SH

_SEVERITIES = {
    SH + "Violation": Severity.VIOLATION,
    SH + "Warning": Severity.WARNING,
    SH + "Info": Severity.INFO,
}
_NODE = re.compile(r"<[^<>\s]+>|_:\w+")


def conformance(
    graph: SiteGraph,
    *,
    sound_shapes: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Validate data and ontology together against the shapes of the site (SHACL, section 3.4).

    The ontology counts as shapes too: a class that is also a shape targets its members.
    `sound_shapes` is the digest of shapes that were well-formed before: whether shapes are is
    the slowest question of all, and the answer does not change. `progress` is called with each
    shape before it is run.
    """
    try:
        if shapes_digest(graph) != sound_shapes:
            unsound = ill_formed(_triples(graph, SHAPES))
            if unsound:
                return unsound_shapes(graph, _placed(graph, unsound, folder=SHAPES))
        found = results(
            _triples(graph, ONTOLOGY, DATA),
            _triples(graph, SHAPES, ONTOLOGY),
            on_shape=lambda node: progress(
                f"SHACL, shape {graph.shorten(node)}" if node.startswith("<") else "SHACL"
            ),
        )
    except ShapesNotUsable as error:
        return [not_usable(graph, error)]
    found, unchecked = without_unread(graph, found)
    meant = MeantThings(graph)
    return [
        *unchecked,
        *(_finding(graph, result, where, meant) for result, where in _placed(graph, found)),
    ]


def shapes_digest(graph: SiteGraph) -> str:
    """Digest the shapes, and the version of the engine that judges them."""
    lines = sorted(str(quad) for quad in graph.quads(SHAPES))
    return sha256("\n".join([version("pyshacl"), *lines]).encode()).hexdigest()


def _triples(graph: SiteGraph, *folders: str) -> list[ox.Triple]:
    """Merge the graphs of some folders: shapes see no graph names (SHACL, section 1.4)."""
    return [quad.triple for quad in graph.quads(*folders)]


def _placed(
    graph: SiteGraph, found: list[Result], *, folder: str = ""
) -> Iterable[tuple[Result, Position]]:
    if not found:
        return
    nodes = {result.focus for result in found}
    nodes |= {result.value for result in found if "^" in result.path and result.value}
    positions = Positions(graph, nodes, folder=folder)
    for result in found:
        yield result, _place(positions, result)


def _place(positions: Positions, result: Result) -> Position:
    """Find the statement that leads to the value, in whichever direction the path takes it."""
    steps = _NODE.findall(result.path)
    for step in steps:
        place = positions.exact(result.focus, step, result.value) or positions.exact(
            result.value, step, result.focus
        )
        if place is not None:
            return place
    forward = steps and not result.path.startswith("^")
    return positions.find(result.focus, steps[0] if forward else "", result.value)


def _finding(graph: SiteGraph, result: Result, where: Position, meant: MeantThings) -> Finding:
    return Finding(
        _SEVERITIES.get(result.severity, Severity.VIOLATION),
        "sh:" + result.component.removeprefix(SH),
        result.message if result.own_message else own_words(result, graph.shorten),
        file=where.file,
        line=where.line,
        focus=result.focus,
        path=result.path,
        value=result.value,
        shape=result.shape,
        remedy=_of_column(graph, result, where)
        or f"{meant.hint(result)}{remedy(result, graph.shorten)}",
    )


def _of_column(graph: SiteGraph, result: Result, where: Position) -> str:
    """Say what to do where the description of a table gives values the wrong datatype."""
    wanted = result.parameters.get(SH + "datatype", ())
    if not (wanted and result.component == SH + "DatatypeConstraintComponent"):
        return ""
    described = next(
        (part.source.description for part in graph.sources if part.source.name == where.file), None
    )
    if described is None:
        return ""
    name = graph.shorten(wanted[0]).removeprefix("xsd:")
    return f"Give the column the datatype {name} in {described.name}, and write its cells so."
