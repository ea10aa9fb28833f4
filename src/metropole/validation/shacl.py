"""Run SHACL: the only module that knows pySHACL.

pySHACL is called on an Oxigraph store, which it reads two to three times faster than rdflib's
own memory store. It patches rdflib for the whole process while it runs, so nothing that
serves readers may import this module.
"""

import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from traceback import walk_tb
from typing import Any

import pyoxigraph as ox
import rdflib
from oxrdflib import OxigraphStore
from oxrdflib._converter import to_ox
from pyshacl import Shape, Validator
from pyshacl import shape as shape_module
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.logical_constraints import (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import (
    NodeConstraintComponent,
    QualifiedValueShapeConstraintComponent,
)
from pyshacl.constraints.core.value_constraints import DatatypeConstraintComponent
from pyshacl.entrypoints import meta_validate
from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning
from pyshacl.graph_abstraction import DataGraph
from pyshacl.monkey import apply_patches
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import assign_baked_in
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.namespace import RDF, SH
from rdflib.plugins import sparql
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor, SPARQLResult
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as SparqlResult
from rdflib.term import Identifier, Node

from metropole.graph.lexical import is_written_right

#: Constraints that ask other shapes whether a value conforms, and pass no result of these on.
_ASIDE = (
    AndConstraintComponent,
    NodeConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    QualifiedValueShapeConstraintComponent,
    XoneConstraintComponent,
)
_PATH_OPERATORS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class ShapesNotUsable(Exception):
    """The shapes cannot be run; the message is the engine's reason."""

    def __init__(self, reason: str, nodes: tuple[str, ...] = ()) -> None:
        """Keep the reason and the nodes of the shapes graph that may be to blame, likeliest first.

        The nodes are N-Triples terms.
        """
        super().__init__(reason)
        self.nodes = nodes


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
    """A store that counts its statements once, and binds the variables of SHACL as it must be.

    pySHACL asks a graph for its length at each violation, and counting is a query over the
    whole store: 1,000 violations in 100,000 statements took seven minutes, now seconds.
    """

    _counted: int | None = None

    def __len__(self, context: Graph | None = None) -> int:
        if self._counted is None:
            self._counted = len(self._inner)
        return self._counted

    def query(
        self,
        query: Query | str,
        initNs: Mapping[str, Any],  # noqa: N803  # rdflib's name
        initBindings: Mapping[str, Identifier],  # noqa: N803  # rdflib's name
        queryGraph: str,  # noqa: N803  # rdflib's name
        **kwargs: object,
    ) -> SparqlResult:
        """Answer with Oxigraph where it pre-binds as SHACL says (section 5.3.1), else with rdflib.

        Oxigraph joins the bound values to the pattern. `bound($this)` and `BIND($this AS …)` are
        evaluated before that join, and a variable must be among those selected.
        """
        if isinstance(query, Query) or _joins_like_binding(query, initBindings):
            used = {name: term for name, term in initBindings.items() if _names(query, name)}
            return super().query(query, initNs, used, queryGraph, **kwargs)
        selected = _selected(query)
        if selected and "*" not in selected and not _names(selected, "this"):
            raise ValueError("the SELECT of a constraint must select $this")
        prepared = self._known.get(query)
        if prepared is None:
            prepared = self._known[query] = prepareQuery(query, dict(initNs))
        graph = Graph(store=self, identifier=DATASET_DEFAULT_GRAPH_ID)
        processor = SPARQLProcessor(graph)  # type: ignore[no-untyped-call]
        return SPARQLResult(processor.query(prepared, dict(initBindings)))

    @cached_property
    def _known(self) -> dict[str, Query]:
        """Queries that were parsed: rdflib takes 14 ms for each, and asks anew for each node."""
        return {}


def _joins_like_binding(query: str, bindings: Mapping[str, Identifier]) -> bool:
    """Tell whether joining the bound values is the same as putting them in."""
    if re.search(r"\b(bound|bind)\b", query, re.IGNORECASE):
        return False
    selected = _selected(query)
    return all(_names(selected, name) for name in bindings if _names(query, name))


def _selected(query: str) -> str:
    """Give what stands between SELECT and the first group; empty for other forms."""
    head = query.partition("{")[0]
    found = re.search(r"\bSELECT\b(.*)", head, re.IGNORECASE | re.DOTALL)
    return found[1] if found else ""


def _names(text: Query | str, variable: str) -> bool:
    """Tell whether a text names a variable; a query that is parsed is left to the store."""
    return not isinstance(text, str) or bool(re.search(rf"[?$]{re.escape(variable)}\b", text))


def results(
    data: Iterable[ox.Triple],
    shapes: Iterable[ox.Triple],
    *,
    on_shape: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Validate data against shapes, in no particular order.

    `on_shape` is called with the node of each shape that has targets before it is run.
    Raises ShapesNotUsable when the shapes graph is ill-formed in a way that the shapes of
    SHACL's own shapes (see `ill_formed`) do not catch.
    """
    with _engine(), _told_before(on_shape):
        shapes_graph = _graph(shapes)
        options = {"inplace": True, "logger": logging.getLogger("pyshacl")}
        validator = Validator(
            DataGraph.from_rdflib(_wrapped(_store(data))),
            shacl_graph=shapes_graph,
            options=options,
        )
        _, report, _ = validator.run()  # type: ignore[no-untyped-call]
        return list(_read(report, shapes_graph))


def ill_formed(shapes: Iterable[ox.Triple]) -> list[Result]:
    """Validate a shapes graph against the shapes for shapes (SHACL, appendix C).

    Raises ShapesNotUsable when they cannot even be read, as a list that never ends.
    """
    with _engine():
        _, report, text = meta_validate(_graph(shapes), inference="none")
        assert isinstance(report, Graph), text
        return list(_read(report, Graph()))


@contextmanager
def _engine() -> Iterator[None]:
    """Prepare rdflib and pySHACL, and make whatever they raise a ShapesNotUsable.

    The engine notices many mistakes of shapes only by running into them: a broken pattern is
    an error of Python's `re`, a wrong SELECT a RuntimeError of the store.
    """
    apply_patches()  # type: ignore[no-untyped-call]
    assign_baked_in()  # type: ignore[no-untyped-call]
    normalize, load_graphs = rdflib.NORMALIZE_LITERALS, sparql.SPARQL_LOAD_GRAPHS
    # The spelling of a literal is settled: rdflib's own (1.0 for 1) is not in the graph.
    rdflib.NORMALIZE_LITERALS = False
    sparql.SPARQL_LOAD_GRAPHS = False  # else FROM <http://…> in a constraint is fetched
    try:
        with _quiet(), _without_waste(), _no_results_aside(), _every_datatype():
            yield
    except Exception as error:
        raise ShapesNotUsable(_reason(error), _blamed(error)) from error
    finally:
        rdflib.NORMALIZE_LITERALS, sparql.SPARQL_LOAD_GRAPHS = normalize, load_graphs


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries from writing to standard error: what is wrong becomes a finding."""
    logging.getLogger("pyshacl").setLevel(logging.CRITICAL)
    logger = logging.getLogger("rdflib.term")  # a traceback for each literal like "x"^^xsd:integer
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Told for every shape, whatever the data, by `metropole.validation.recursion`.
            warnings.simplefilter("ignore", ShapeRecursionWarning)
            yield
    finally:
        logger.setLevel(level)


class _MadeOnce:
    """Stands for a kind of constraint: gives the one of a shape that it has made before."""

    def __init__(self, kind: type[ConstraintComponent]) -> None:
        self._kind = kind
        self._made: dict[Shape, ConstraintComponent] = {}

    def __call__(self, shape: Shape) -> ConstraintComponent:
        if shape not in self._made:
            self._made[shape] = self._kind(shape)
        return self._made[shape]


@contextmanager
def _without_waste() -> Iterator[None]:
    """Keep pySHACL from what costs half of its time and is used by nobody here.

    It writes a text about each constraint that fails, also about those within `sh:or` that are
    no violation; it reads a shape and its constraints again at each node, looks there for the
    parameters of custom constraints, and for each property through the list of all parameters.
    """
    kinds = {kind: _MadeOnce(kind) for kind in CONSTRAINT_PARAMETERS_MAP.values()}
    made = {name: kinds[kind] for name, kind in CONSTRAINT_PARAMETERS_MAP.items()}
    shape_module.CONSTRAINT_PARAMS = (made, made)  # type: ignore[attr-defined]
    describe, find = ConstraintComponent.make_v_result_description, Shape.find_custom_constraints
    read = ShapesGraph.predicate_objects
    found: dict[Node, Any] = {}
    said: dict[tuple[ShapesGraph, Node], list[tuple[Node, Node]]] = {}

    def read_once(graph: ShapesGraph, node: Node) -> list[tuple[Node, Node]]:
        if (graph, node) not in said:
            said[graph, node] = list(read(graph, node))  # type: ignore[no-untyped-call]
        return said[graph, node]

    def find_once(shape: Shape) -> Any:  # pySHACL has no types
        if shape.node not in found:
            found[shape.node] = find(shape)  # type: ignore[no-untyped-call]
        return found[shape.node]

    ConstraintComponent.make_v_result_description = lambda *_, **__: ""  # type: ignore[method-assign]
    Shape.find_custom_constraints = find_once  # type: ignore[method-assign]
    ShapesGraph.predicate_objects = read_once  # type: ignore[method-assign]
    try:
        yield
    finally:
        ConstraintComponent.make_v_result_description = describe  # type: ignore[method-assign]
        Shape.find_custom_constraints = find  # type: ignore[method-assign]
        ShapesGraph.predicate_objects = read  # type: ignore[method-assign]
        del shape_module.CONSTRAINT_PARAMS  # type: ignore[attr-defined]


@contextmanager
def _no_results_aside() -> Iterator[None]:
    """Keep pySHACL from writing results that nobody reads.

    Of the shapes within `sh:or`, `sh:not` and their like it only wants to know whether a value
    conforms; below `sh:node` results become details of another one, which are not read here.
    """
    validate, write = Shape.validate, ConstraintComponent.make_v_result
    depth = 0

    def aside(shape: Shape, *given: Any, **more: Any) -> Any:
        nonlocal depth
        path = more.get("_evaluation_path", ())
        is_aside = isinstance(next(reversed(path), None), _ASIDE)
        depth += is_aside
        try:
            return validate(shape, *given, **more)
        finally:
            depth -= is_aside

    def write_wanted(constraint: ConstraintComponent, *given: Any, **more: Any) -> Any:
        if depth:
            return "", BNode(), []
        return write(constraint, *given, **more)

    Shape.validate = aside  # type: ignore[method-assign,assignment]
    ConstraintComponent.make_v_result = write_wanted  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Shape.validate = validate  # type: ignore[method-assign]
        ConstraintComponent.make_v_result = write  # type: ignore[method-assign]


@contextmanager
def _every_datatype() -> Iterator[None]:
    """Let sh:datatype refuse what is no value of any datatype of XML Schema.

    rdflib knows of some of them what a value looks like, and pySHACL believes the rest.
    """
    known = DatatypeConstraintComponent._assert_actual_datatype  # noqa: SLF001  # nowhere else

    def is_value(self: DatatypeConstraintComponent, value: Literal, datatype: Node) -> bool:
        fine = known(self, value, datatype)  # type: ignore[no-untyped-call]
        return bool(fine) and is_written_right(str(value), str(datatype))

    DatatypeConstraintComponent._assert_actual_datatype = is_value  # type: ignore[method-assign]  # noqa: SLF001
    try:
        yield
    finally:
        DatatypeConstraintComponent._assert_actual_datatype = known  # type: ignore[method-assign]  # noqa: SLF001


@contextmanager
def _told_before(on_shape: Callable[[str], None]) -> Iterator[None]:
    """Tell each shape that is run for its own targets, and not for another shape."""
    validate = Shape.validate

    def told(shape: Shape, *context: Any, focus: Any = None, **more: Any) -> Any:  # it has no types
        if focus is None:
            on_shape(_term(shape.node))
        return validate(shape, *context, focus=focus, **more)  # type: ignore[misc]

    Shape.validate = told  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Shape.validate = validate  # type: ignore[method-assign]


def _reason(error: Exception) -> str:
    if isinstance(error, ReportableRuntimeError):
        return str(error.args[0]) if error.args else str(error)
    if isinstance(error, SyntaxError):
        return textwrap.shorten(f"the SPARQL of a constraint is broken: {error}", 200)
    return textwrap.shorten(str(error) or type(error).__name__, 200)


def _blamed(error: Exception) -> tuple[str, ...]:
    """Find the shape that was being worked on, innermost first, then blank nodes of any kind."""
    places = [frame.f_locals.values() for frame, _ in walk_tb(error.__traceback__)][::-1]
    values = [value for place in places for value in place]
    shapes = [value.node for value in values if isinstance(value, Shape)]
    blanks = [value for value in values if isinstance(value, BNode)]
    return tuple(dict.fromkeys(_term(node) for node in shapes + blanks))


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
    return str(to_ox(node))


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
        return _term(path)
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
