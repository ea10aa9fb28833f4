"""Read the report that the engine writes as a graph (SHACL, section 3.6)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rdflib import Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from metropole.validation.shacl.unchanging_store import term

_PATH_OPERATORS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL, section 3.6.2); nodes are N-Triples terms."""

    focus: str
    #: A SPARQL property path with IRIs in angle brackets; empty for a constraint on the node.
    path: str
    value: str
    #: IRI of the severity.
    severity: str
    #: IRI of the constraint component.
    component: str
    shape: str
    message: str
    #: Whether the shapes say the message: the shape, its constraint, or a component of the site;
    #: if not, it is the engine's.
    own_message: bool
    #: Parameters of the shape: IRI of the property to the values, lists spelled out.
    parameters: dict[str, tuple[str, ...]]


def results_in(report: Graph, shapes: Graph) -> Iterator[Result]:
    """Go through the results of a report about these shapes."""
    for node in report.objects(None, SH.result):
        shape = report.value(node, SH.sourceShape)
        path = report.value(node, SH.resultPath)
        messages = _preferred(report.objects(node, SH.resultMessage))
        source = report.value(node, SH.sourceConstraint)
        component = report.value(node, SH.sourceConstraintComponent)
        yield Result(
            focus=term(report.value(node, SH.focusNode)),
            path="" if path is None else _path(report, path),
            value=term(report.value(node, SH.value)),
            severity=str(report.value(node, SH.resultSeverity)),
            component=str(component),
            shape=term(shape),
            message=messages,
            own_message=any(
                each is not None and (each, SH.message, None) in shapes
                for each in (shape, source, *_validators(shapes, component))
            ),
            parameters={} if shape is None else _parameters(shapes, shape),
        )


def _validators(shapes: Graph, component: Node | None) -> Iterator[Node]:
    """Go through what validates a component that the shapes declare (SHACL, section 6.2.3)."""
    for predicate in (SH.validator, SH.nodeValidator, SH.propertyValidator):
        yield from shapes.objects(component, predicate)


def _preferred(messages: Iterable[Node]) -> str:
    """Choose the English message, else the one that comes first by alphabet."""
    ranked = sorted(
        (message for message in messages if isinstance(message, Literal)),
        key=lambda message: (message.language not in (None, "en"), str(message)),
    )
    return str(ranked[0]) if ranked else ""


def _parameters(shapes: Graph, shape: Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for predicate, value in shapes.predicate_objects(shape):
        if (value, RDF.first, None) in shapes:
            values = tuple(term(member) for member in Collection(shapes, value))
        else:
            values = (term(value),)
        found[str(predicate)] = (*found.get(str(predicate), ()), *values)
    return found


def _path(graph: Graph, path: Node) -> str:
    """Write a SHACL path as a SPARQL property path (SHACL, section 2.3.1)."""
    if isinstance(path, URIRef):
        return term(path)
    if (path, RDF.first, None) in graph:
        return "/".join(_path(graph, step) for step in Collection(graph, path))
    for predicate, value in graph.predicate_objects(path):
        if predicate == SH.inversePath:
            return f"^{_path(graph, value)}"
        if predicate == SH.alternativePath:
            return f"({'|'.join(_path(graph, step) for step in Collection(graph, value))})"
        if isinstance(predicate, URIRef) and predicate in _PATH_OPERATORS:
            return f"({_path(graph, value)}){_PATH_OPERATORS[predicate]}"
    return ""
