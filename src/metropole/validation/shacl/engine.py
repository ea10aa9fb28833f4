"""Make pySHACL fit for use: prepared, quiet, quick, strict about datatypes, and put back after.

What it lacks is patched for as long as it runs, with the reason beside each patch.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rdflib
from pyshacl import Shape
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
from pyshacl.errors import ShapeRecursionWarning
from pyshacl.monkey import apply_patches
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import assign_baked_in
from rdflib import BNode, Literal
from rdflib.plugins import sparql
from rdflib.term import Node

from metropole.graph.lexical import is_written_right
from metropole.validation.shacl.faults import ShapesNotUsable, blamed, reason
from metropole.validation.shacl.patience import impatient_patterns
from metropole.validation.shacl.unchanging_store import term

#: Constraints that ask other shapes whether a value conforms, and pass no result of these on.
_ASIDE = (
    AndConstraintComponent,
    NodeConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    QualifiedValueShapeConstraintComponent,
    XoneConstraintComponent,
)


@contextmanager
def engine() -> Iterator[None]:
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
        with (
            _quiet(),
            _without_waste(),
            _no_results_aside(),
            _every_datatype(),
            impatient_patterns(),
        ):
            yield
    except Exception as error:
        raise ShapesNotUsable(reason(error), blamed(error)) from error
    finally:
        rdflib.NORMALIZE_LITERALS, sparql.SPARQL_LOAD_GRAPHS = normalize, load_graphs


@contextmanager
def told_before(on_shape: Callable[[str], None]) -> Iterator[None]:
    """Tell each shape that is run for its own targets, and not for another shape."""
    validate = Shape.validate

    def told(shape: Shape, *context: Any, focus: Any = None, **more: Any) -> Any:  # it has no types
        if focus is None:
            on_shape(term(shape.node))
        return validate(shape, *context, focus=focus, **more)  # type: ignore[misc]

    Shape.validate = told  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Shape.validate = validate  # type: ignore[method-assign]


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
