"""Find what in the shapes is never run: advanced features, and shapes that nothing asks for.

SHACL Advanced Features (a Working Group Note) are targets, rules and expressions beyond SHACL. An
engine that has none of them passes over them, and the site looks as if it was checked.
"""

from collections.abc import Collection

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import ONTOLOGY, SHAPES
from metropole.validation.positions import Positions
from metropole.vocab import OWL, RDF, RDFS, SH


def _named(namespace: str, *names: str) -> tuple[ox.NamedNode, ...]:
    return tuple(ox.NamedNode(namespace + name) for name in names)


_TYPE, _SUBCLASS = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subClassOf")
(_TARGET,) = _named(SH, "target")
#: What is passed over, and what is missing in the end.
_PASSED_OVER = {
    **dict.fromkeys(_named(SH, "rule", "values"), "nothing is inferred by it"),
    **dict.fromkeys(_named(SH, "expression", "js", "jsFunctionName"), "it checks nothing"),
}
_FUNCTIONS = _named(SH, "SPARQLFunction", "JSFunction")
_TARGETS = frozenset(
    {_TARGET, *_named(SH, "targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")}
)
_SHAPES = frozenset(_named(SH, "NodeShape", "PropertyShape"))
_CLASSES = frozenset({*_named(RDFS, "Class"), *_named(OWL, "Class")})
(_DEACTIVATED,) = _named(SH, "deactivated")
_FOLDERS = (SHAPES, ONTOLOGY)


def advanced_features(graph: SiteGraph) -> list[Finding]:
    """Tell what belongs to SHACL Advanced Features, and so has no effect."""
    findings = []
    for quad, parsed, line in graph.statements((_TARGET, *_PASSED_OVER, _TYPE)):
        if parsed.source.folder not in _FOLDERS:
            continue
        if quad.predicate != _TYPE:
            term = quad.predicate
        elif quad.object in _FUNCTIONS:
            assert isinstance(quad.object, ox.NamedNode)
            term = quad.object
        else:
            continue
        shape = str(quad.subject) if isinstance(quad.subject, ox.NamedNode) else ""
        findings.append(_advanced(term, shape, parsed.source.name, line))
    return findings


def _advanced(term: ox.NamedNode, shape: str, file: str, line: int) -> Finding:
    is_target = term == _TARGET
    lost = "the shape is run for none of the nodes that it means"
    if not is_target:
        lost = _PASSED_OVER.get(term, "no query can call it")
    return Finding(
        Severity.VIOLATION if is_target else Severity.WARNING,
        "shacl-advanced",
        f"sh:{term.value.removeprefix(SH)} is of the SHACL Advanced Features, which are not run: "
        f"{lost}.",
        file=file,
        line=line,
        shape=shape,
        remedy="Name the nodes with sh:targetClass, sh:targetNode, sh:targetSubjectsOf or "
        "sh:targetObjectsOf, and ask for the rest in the SELECT of a sh:sparql."
        if is_target
        else "Write a constraint of SHACL, as a SELECT with sh:sparql; or remove it.",
    )


def idle_shapes(graph: SiteGraph) -> list[Finding]:
    """Find shapes without a target that no other one mentions.

    Nothing is told while something in the shapes or the ontology could not be read.
    """
    if any(graph.half_read_in(folder) for folder in _FOLDERS):
        return []
    shapes, asked = dict[object, None](), set[object]()
    classes = set(_CLASSES)
    quads = list(graph.quads(*_FOLDERS))
    classes |= {quad.subject for quad in quads if _is_subclass(quad, classes)}  # type: ignore[misc]
    for quad in quads:
        if quad.predicate == _TYPE and quad.object in _SHAPES:
            shapes[quad.subject] = None
        elif quad.predicate in _TARGETS or _is_other_way(quad, classes):
            asked.add(quad.subject)
        if quad.object != quad.subject:
            asked.add(quad.object)
    idle = [node for node in shapes if node not in asked]
    positions = Positions(graph, map(str, idle), folder=SHAPES) if idle else None
    return [_idle(graph, str(node), positions) for node in idle if positions]


def _is_subclass(quad: ox.Quad, classes: Collection[object]) -> bool:
    return quad.predicate == _SUBCLASS and quad.object in classes


def _is_other_way(quad: ox.Quad, classes: Collection[object]) -> bool:
    """Tell whether a shape is a class, whose members it is for, or is switched off."""
    if quad.predicate == _TYPE:
        return quad.object in classes
    return quad.predicate == _DEACTIVATED


def _idle(graph: SiteGraph, node: str, positions: Positions) -> Finding:
    where = positions.find(node)
    name = graph.shorten(node) if node.startswith("<") else "that has no name here"
    return Finding(
        Severity.WARNING,
        "shape-idle",
        f"The shape {name} is run for nothing: it has no target, and no other shape refers to it.",
        file=where.file,
        line=where.line,
        shape=node if node.startswith("<") else "",
        remedy="Say which nodes it is for, as sh:targetClass does; or remove the shape.",
    )
