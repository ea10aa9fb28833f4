"""Figures of statistical tables (RDF Data Cube): their names, and how they go over the years."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby

import pyoxigraph as ox

from metropole.saved_queries import Chart, ChartKind
from metropole.store.reading import Node, ReadingStore
from metropole.vocab import QB, RDF, RDFS, XSD
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.languages import gettext
from metropole.web.pictures import Breaks
from metropole.web.values.literals import number
from metropole.web.values.query_rows import Cell
from metropole.web.values.query_rows import Rows as Answer
from metropole.web.values.shown_values import Value

OBSERVATION = ox.NamedNode(QB + "Observation")
_TYPE, _ABOVE = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subPropertyOf")
_MEASURE = ox.NamedNode(QB + "MeasureProperty")
_DIMENSION = ox.NamedNode(QB + "DimensionProperty")
_AREA, _PERIOD = (
    ox.NamedNode("http://purl.org/linked-data/sdmx/2009/dimension#" + name)
    for name in ("refArea", "refPeriod")
)
_YEARS = (XSD + "gYear", XSD + "integer")
#: Columns of an answer.
BREAKS = Breaks("kind", "passed by")
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
    #: Where lines break, and what they pass by.
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Figure:
    """A figure of a year: which line it belongs to, what kind it is, when it was reported."""

    series: str
    year: str
    kind: str
    reported: str
    value: ox.Literal


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

        Of several figures of a year the last that was reported is in the line, as told by the
        other dimensions that are years; of those, one of the kind that the line has most.
        """
        figures, measure, datasets = [], NAMELESS, dict[ox.NamedNode, None]()
        for node in sorted(nodes, key=str):
            found = self._parts(node)
            if not found.get("period") or not found.get("measure"):
                continue
            year = found["period"][0][1]
            predicate, value = found["measure"][0]
            if not isinstance(year, ox.Literal) or not _is_number(value):
                continue
            assert isinstance(value, ox.Literal)
            measure = labels.also([predicate]).term(predicate)
            figures.append(self._figure(year.value, value, found.get("dimension", ()), labels))
            for table in self._store.values(node, ox.NamedNode(QB + "dataSet")):
                if isinstance(table, ox.NamedNode):
                    datasets[table] = None
        if len({each.year for each in figures}) < _LEAST_YEARS:
            return None
        several = "series" if len({each.series for each in figures}) > 1 else ""
        followed = _followed(figures)
        return Course(
            _answer(figures, followed, measure.text),
            Chart(ChartKind.LINE, x="year", y=measure.text, series=several),
            measure,
            tuple(datasets),
            tuple(_notes(figures, followed)),
        )

    def _figure(
        self,
        year: str,
        value: ox.Literal,
        dimensions: Iterable[tuple[ox.NamedNode, Node | ox.Literal]],
        labels: Labels,
    ) -> _Figure:
        """Read a figure: the first dimension that is a thing parts the lines, the others do not."""
        others = [each for _, each in dimensions]
        kinds = [each for each in others if isinstance(each, ox.NamedNode)]
        years = [each.value for each in others if isinstance(each, ox.Literal)]
        named = labels.also(kinds)
        names = [named.of(each).text for each in kinds]
        return _Figure(
            names[0] if names else "", year, ", ".join(names[1:]), max(years, default=""), value
        )


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, ox.Literal) and Decimal(value.value).is_finite()
    except InvalidOperation:
        return False


def _followed(figures: list[_Figure]) -> set[_Figure]:
    """Choose for each year of a series the figure that the line goes through."""
    times = Counter((each.series, each.kind) for each in figures)
    newest: dict[tuple[str, str], _Figure] = {}
    ranked = sorted(
        figures,
        key=lambda each: (
            each.reported,
            times[each.series, each.kind],
            each.kind,
            each.value.value,
        ),
    )
    for each in ranked:
        newest[each.series, each.year] = each
    return set(newest.values())


def _notes(figures: list[_Figure], followed: set[_Figure]) -> Iterator[str]:
    """Say where a line breaks, and what it passes by."""
    runs = [
        (series, kind, [each.year for each in run])
        for (series, kind), run in groupby(
            sorted(followed, key=lambda each: (each.series, each.year)),
            key=lambda each: (each.series, each.kind),
        )
    ]
    has_several = len({series for series, _, _ in runs}) > 1
    if len(runs) > len({series for series, _, _ in runs}):
        told = "; ".join(
            (f"{series}, " if has_several else "") + f"{_years(years)} {kind}"
            for series, kind, years in runs
        )
        yield gettext(
            "The line is dashed where the way of counting changes, so that numbers before and "
            "after compare only roughly: %(kinds)s.",
            kinds=told,
        )
    passed_by = sorted(
        (each for each in figures if each not in followed),
        key=lambda each: (each.year, each.series),
    )
    if passed_by:
        yield gettext(
            "A ring is another figure of the same year: %(figures)s.",
            figures="; ".join(map(_told, passed_by)),
        )


def _years(years: list[str]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]}\u2013{years[-1]}"


def _told(figure: _Figure) -> str:
    number_told = number(figure.value.value) or figure.value.value
    reported = gettext("reported in %(year)s", year=figure.reported) if figure.reported else ""
    about = ", ".join(part for part in (figure.kind, reported) if part)
    return f"{figure.year}: {number_told}" + (f" ({about})" if about else "")


def _answer(figures: list[_Figure], followed: set[_Figure], measure: str) -> Answer:
    rows = []
    for each in sorted(figures, key=lambda each: (each.series, each.year, each.reported)):
        when = ox.Literal(each.year, datatype=ox.NamedNode(XSD + "gYear"))
        rows.append(
            [
                Cell(Value(Name(each.year)), when),
                Cell(Value(Name(each.value.value)), each.value, is_number=True),
                Cell(Value(Name(each.series))),
                Cell(Value(Name(each.kind))),
                Cell(Value(Name("" if each in followed else each.value.value))),
            ]
        )
    columns = ("year", measure, "series", BREAKS.kind, BREAKS.passed_by)
    return Answer(columns, rows, len(rows))
