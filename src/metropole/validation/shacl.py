"""Run SHACL: the only module that knows pySHACL.

pySHACL is called on an Oxigraph store, which it reads two to three times faster than rdflib's
own memory store. It patches rdflib for the whole process while it runs, so nothing that
serves readers may import this module.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox
import pyshacl
from oxrdflib import OxigraphStore
from pyshacl.entrypoints import meta_validate
from pyshacl.errors import ReportableRuntimeError, ValidationFailure
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.namespace import RDF, SH
from rdflib.plugins import sparql
from rdflib.term import Node

_PATH_OPERATORS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class ShapesNotUsable(Exception):
    """The shapes cannot be run; the message is the engine's reason."""


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
    #: Whether the shape itself says the message; if not, it is the engine's.
    own_message: bool
    #: Parameters of the shape: IRI of the property to the values, lists spelled out.
    parameters: dict[str, tuple[str, ...]]


class _UnchangingStore(OxigraphStore):
    """A store that counts its statements once.

    pySHACL asks a graph for its length at each violation, and counting is a query over the
    whole store: 1,000 violations in 100,000 statements took seven minutes, now seconds.
    """

    _counted: int | None = None

    def __len__(self, context: Graph | None = None) -> int:
        if self._counted is None:
            self._counted = len(self._inner)
        return self._counted


def results(data: Iterable[ox.Triple], shapes: Iterable[ox.Triple]) -> list[Result]:
    """Validate data against shapes, in no particular order.

    Raises ShapesNotUsable when the shapes graph is ill-formed in a way that the shapes of
    SHACL's own shapes (see `ill_formed`) do not catch.
    """
    shapes_graph = _graph(shapes)
    sparql.SPARQL_LOAD_GRAPHS = False  # else FROM <http://…> in a constraint is fetched
    try:
        _, report, text = pyshacl.validate(
            _wrapped(_store(data)), shacl_graph=shapes_graph, inplace=True, advanced=False
        )
    except ReportableRuntimeError as error:
        raise ShapesNotUsable(error.args[0] if error.args else str(error)) from error
    except (SyntaxError, ValueError) as error:
        # A constraint's SPARQL that the store cannot parse or evaluate.
        raise ShapesNotUsable(f"the SPARQL of a constraint is not usable: {error}") from error
    if isinstance(report, ValidationFailure):
        raise ShapesNotUsable(report.message)
    assert isinstance(report, Graph), text
    return list(_read(report, shapes_graph))


def ill_formed(shapes: Iterable[ox.Triple]) -> list[Result]:
    """Validate a shapes graph against the shapes for shapes (SHACL, appendix C)."""
    logging.getLogger("pyshacl").setLevel(logging.CRITICAL)
    graph = _graph(shapes)
    _, report, text = meta_validate(graph, inference="none")
    assert isinstance(report, Graph), text
    return list(_read(report, Graph()))


def _store(triples: Iterable[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in triples)
    return store


def _wrapped(store: ox.Store) -> Graph:
    return Graph(store=_UnchangingStore(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)


def _graph(triples: Iterable[ox.Triple]) -> Graph:
    graph = Graph()
    graph += _wrapped(_store(triples))
    return graph


def _read(report: Graph, shapes: Graph) -> Iterator[Result]:
    for node in report.objects(None, SH.result):
        shape = report.value(node, SH.sourceShape)
        path = report.value(node, SH.resultPath)
        messages = _preferred(report.objects(node, SH.resultMessage))
        source = report.value(node, SH.sourceConstraint)
        yield Result(
            focus=_term(report.value(node, SH.focusNode)),
            path="" if path is None else _path(report, path),
            value=_term(report.value(node, SH.value)),
            severity=str(report.value(node, SH.resultSeverity)),
            component=str(report.value(node, SH.sourceConstraintComponent)),
            shape=_term(shape),
            message=messages,
            own_message=(shape, SH.message, None) in shapes or (source, SH.message, None) in shapes,
            parameters={} if shape is None else _parameters(shapes, shape),
        )


def _preferred(messages: Iterable[Node]) -> str:
    """Choose the English message, else the one that comes first by alphabet."""
    ranked = sorted(
        (message for message in messages if isinstance(message, Literal)),
        key=lambda message: (message.language not in (None, "en"), str(message)),
    )
    return str(ranked[0]) if ranked else ""


def _term(node: Node | None) -> str:
    if node is None:
        return ""
    assert isinstance(node, URIRef | BNode | Literal)
    return node.n3()


def _parameters(shapes: Graph, shape: Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for predicate, value in shapes.predicate_objects(shape):
        if (value, RDF.first, None) in shapes:
            values = tuple(_term(member) for member in Collection(shapes, value))
        else:
            values = (_term(value),)
        found[str(predicate)] = (*found.get(str(predicate), ()), *values)
    return found


def _path(graph: Graph, path: Node) -> str:
    """Write a SHACL path as a SPARQL property path (SHACL, section 2.3.1)."""
    if isinstance(path, URIRef):
        return path.n3()
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
