"""Figures of statistical tables (RDF Data Cube): their names, and how they go over the years."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from metropole.saved_queries import Chart, ChartKind
from metropole.store.reading import Node, ReadingStore
from metropole.vocab import QB, RDF, RDFS, XSD
from metropole.web.entity_rows import Value
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.query_rows import Cell
from metropole.web.query_rows import Rows as Answer

OBSERVATION = ox.NamedNode(QB + "Observation")
_TYPE, _ABOVE = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subPropertyOf")
_MEASURE = ox.NamedNode(QB + "MeasureProperty")
_DIMENSION = ox.NamedNode(QB + "DimensionProperty")
_AREA, _PERIOD = (
    ox.NamedNode("http://purl.org/linked-data/sdmx/2009/dimension#" + name)
    for name in ("refArea", "refPeriod")
)
_YEARS = (XSD + "gYear", XSD + "integer")
#: Years that make a line worth drawing.
_LEAST_YEARS = 3


@dataclass(frozen=True)
class Course:
    """How the figures about a thing go over the years, as a picture needs it."""

    answer: Answer
    chart: Chart
    measure: Name
    #: The tables that the figures are from.
    datasets: tuple[ox.NamedNode, ...]


class Cubes:
    """Reads figures of tables; what the properties of a table are for is looked up once."""

    def __init__(self, store: ReadingStore) -> None:
        self._store = store
        self._known: dict[ox.NamedNode, str] = {}

    def _part(self, predicate: ox.NamedNode) -> str:
        """Tell what a property is in a table: area, period, dimension, measure or nothing."""
        if predicate not in self._known:
            kinds = self._store.values(predicate, _TYPE)
            above = [predicate, *self._store.values(predicate, _ABOVE)]
            part = ""
            if _MEASURE in kinds:
                part = "measure"
            elif _AREA in above:
                part = "area"
            elif _PERIOD in above:
                part = "period"
            elif _DIMENSION in kinds:
                part = "dimension"
            self._known[predicate] = part
        return self._known[predicate]

    def _parts(self, node: Node) -> dict[str, list[tuple[ox.NamedNode, Node | ox.Literal]]]:
        found: dict[str, list[tuple[ox.NamedNode, Node | ox.Literal]]] = {}
        quads = {quad.triple: quad for quad in self._store.about(node)}.values()
        for quad in sorted(quads, key=str):
            part = self._part(quad.predicate)
            if part and quad.subject == node and isinstance(quad.object, Node | ox.Literal):
                found.setdefault(part, []).append((quad.predicate, quad.object))
        return found

    def name(self, node: ox.NamedNode, labels: Labels) -> Name:
        """Make a name of the parts: what is counted, where, when, and the other dimensions."""
        found = self._parts(node)
        measures = [predicate for predicate, _ in found.get("measure", ())]
        values = [
            value for part in ("area", "period", "dimension") for _, value in found.get(part, ())
        ]
        nodes = [value for value in values if isinstance(value, ox.NamedNode)]
        named = labels.also([*measures, *nodes])
        counted = ", ".join(named.term(each).text for each in measures)
        told = [
            named.of(value).text if isinstance(value, ox.NamedNode) else value.value
            for value in values
        ]
        text = ": ".join(part for part in (counted, ", ".join(told)) if part)
        return Name(text[:1].upper() + text[1:])

    def course(self, nodes: Iterable[ox.NamedNode], labels: Labels) -> Course | None:
        """Put figures about one thing in the order of their years; None for too few.

        A year that is reported again has its last figure, as told by the other dimensions that
        are years.
        """
        newest: dict[tuple[str, str], tuple[str, Node | ox.Literal, ox.NamedNode]] = {}
        measure, datasets = NAMELESS, dict[ox.NamedNode, None]()
        for node in nodes:
            found = self._parts(node)
            if not found.get("period") or not found.get("measure"):
                continue
            year = found["period"][0][1]
            predicate, value = found["measure"][0]
            if not isinstance(year, ox.Literal) or not _is_number(value):
                continue
            measure = labels.also([predicate]).term(predicate)
            others = [each for _, each in found.get("dimension", ())]
            kinds = [each for each in others if isinstance(each, ox.NamedNode)]
            reported = max(
                (each.value for each in others if isinstance(each, ox.Literal)), default=""
            )
            series = labels.also(kinds).of(kinds[0]).text if kinds else ""
            known = newest.get((series, year.value))
            if known is None or reported >= known[0]:
                newest[series, year.value] = (reported, value, node)
            for table in self._store.values(node, ox.NamedNode(QB + "dataSet")):
                if isinstance(table, ox.NamedNode):
                    datasets[table] = None
        if len({year for _, year in newest}) < _LEAST_YEARS:
            return None
        several = "series" if len({series for series, _ in newest}) > 1 else ""
        answer = _answer(newest, measure.text)
        chart = Chart(ChartKind.LINE, x="year", y=measure.text, series=several)
        return Course(answer, chart, measure, tuple(datasets))


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, ox.Literal) and Decimal(value.value).is_finite()
    except InvalidOperation:
        return False


def _answer(
    newest: dict[tuple[str, str], tuple[str, Node | ox.Literal, ox.NamedNode]], measure: str
) -> Answer:
    rows = []
    for (series, year), (_, value, _) in sorted(newest.items()):
        assert isinstance(value, ox.Literal)
        when = ox.Literal(year, datatype=ox.NamedNode(XSD + "gYear"))
        rows.append(
            [
                Cell(Value(Name(year)), when),
                Cell(Value(Name(value.value)), value, is_number=True),
                Cell(Value(Name(series))),
            ]
        )
    return Answer(("year", measure, "series"), rows, len(rows))
