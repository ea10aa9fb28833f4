"""Pictures of lists: a timeline of years, a map of places, and figures with their uncertainty."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from metropole.points import point
from metropole.release.lists import Lists
from metropole.saved_queries import Chart, ChartKind
from metropole.store.reading import ReadingStore
from metropole.vocab import DCT, GEO, SCHEMA, WGS84
from metropole.web import languages
from metropole.web.browse.address import BY_NAME
from metropole.web.browse.facets import ShownValue
from metropole.web.browse.page import Browsed
from metropole.web.labels import Name
from metropole.web.pictures import Picture, picture
from metropole.web.pictures.bars import BARS_SHOWN
from metropole.web.responses import static_folder
from metropole.web.serving import Edition
from metropole.web.values.query_rows import Rows, Term, rows_from

#: Members that a map shows; of a longer list those that are on the page.
MOST_PLACES = 300
_WKT = ox.NamedNode(GEO + "wktLiteral")
_GEOMETRY, _AS_WKT = ox.NamedNode(GEO + "hasGeometry"), ox.NamedNode(GEO + "asWKT")
_SCHEMA_GEO = ox.NamedNode(SCHEMA + "geo")
#: Properties of longitude and latitude (WGS84 vocabulary, schema.org).
_DEGREES = tuple(
    (ox.NamedNode(space + longitude), ox.NamedNode(space + latitude))
    for space, longitude, latitude in ((WGS84, "long", "lat"), (SCHEMA, "longitude", "latitude"))
)
_ABOUT, _VARIABLE, _UNIT, _VALUE, _LEAST, _MOST = (
    ox.NamedNode(SCHEMA + name)
    for name in (
        *("observationAbout", "variableMeasured", "unitCode"),
        *("value", "minValue", "maxValue"),
    )
)
_PERIODS = (
    ox.NamedNode(DCT + "temporal"),
    ox.NamedNode(SCHEMA + "observationDate"),
    ox.NamedNode(SCHEMA + "observationPeriod"),
)


@dataclass(frozen=True)
class Column:
    """A group of years in a timeline; places in percent of its width and height."""

    value: ShownValue
    x: float
    width: float
    height: float


@dataclass(frozen=True)
class Timeline:
    """How many members there are in each group of years."""

    facet: str
    columns: tuple[Column, ...]
    most: int


def timeline(shown: Browsed) -> Timeline | None:
    """Draw the years of a list, those without a member too."""
    facet = next((facet for facet in shown.facets if facet.is_years and facet.values), None)
    if facet is None or len(facet.values) <= 1:
        return None
    starts = [_start(value) for value in facet.values]
    step = min(after - before for before, after in pairwise(starts))
    places = (starts[-1] - starts[0]) // step + 1
    most = max(value.count for value in facet.values) or 1
    width = 100 / places
    columns = [
        Column(
            value,
            round((start - starts[0]) // step * width, 3),
            round(width, 3),
            round(value.count / most * 100, 2),
        )
        for value, start in zip(facet.values, starts, strict=True)
    ]
    return Timeline(facet.facet.iri, tuple(columns), most)


def _start(value: ShownValue) -> int:
    sign, text = (-1, value.spelled[1:]) if value.spelled.startswith("-") else (1, value.spelled)
    return sign * int(text.partition("-")[0])


def located_picture(edition: Edition, lists: Lists, shown: Browsed) -> Picture | None:
    """Draw the members that have a place on a map: all of a short list, else those of the page."""
    kind = shown.kind
    if not kind.located:
        return None
    places = lists.located(kind)
    bits = places if shown.bits is None else places & shown.bits
    is_short = bits.bit_count() <= MOST_PLACES
    iris = (
        lists.page(kind, BY_NAME, bits, start=0, wanted=MOST_PLACES)
        if is_short
        else [member.iri for member in shown.members]
    )
    rows: list[list[Term]] = []
    for iri in iris:
        node = ox.NamedNode(iri)
        where = _point(edition.store, node)
        if where is not None:
            rows.append([node, where])
    if not rows:
        return None
    told = rows_from(
        ("name", "point"), rows, edition.store, total=len(rows), languages=languages.liked()
    )
    caption = languages.gettext("%(places)s on a map", places=shown.name.text)
    return picture(told, Chart(ChartKind.MAP, x="name"), static_folder(), Name(caption))


def _point(store: ReadingStore, node: ox.NamedNode) -> ox.Literal | None:
    """Give where a thing is, as a point of GeoSPARQL."""
    holders: list[ox.NamedNode | ox.BlankNode] = [node]
    for way in (_GEOMETRY, _SCHEMA_GEO):
        holders += [
            each
            for each in store.values(node, way)
            if isinstance(each, ox.NamedNode | ox.BlankNode)
        ]
    for holder in holders:
        for text in store.values(holder, _AS_WKT):
            if isinstance(text, ox.Literal) and point(text):
                return text
        for east, north in _DEGREES:
            numbers = [_text(store, holder, each) for each in (east, north)]
            written = ox.Literal(f"POINT({' '.join(numbers)})", datatype=_WKT)
            if all(numbers) and point(written):
                return written
    return None


def _text(store: ReadingStore, node: ox.NamedNode | ox.BlankNode, predicate: ox.NamedNode) -> str:
    found = (each.value for each in store.values(node, predicate) if isinstance(each, ox.Literal))
    return min(found, default="")


@dataclass(frozen=True)
class Figures:
    """Figures of one variable, side by side; or why none are drawn."""

    picture: Picture | None
    #: What the figures measure, and in what unit.
    variable: str = ""
    unit: str = ""
    #: Figures in other units, which cannot stand beside the rest.
    in_other_units: int = 0


def figures_picture(edition: Edition, lists: Lists, shown: Browsed) -> Figures | None:
    """Draw figures of one variable (schema.org's Observation), each as exact as it is stated.

    What is only known as a bound is drawn to the bound. None for a list that holds no figures;
    without a picture where a variable has to be chosen first.
    """
    facets = {facet.facet.iri: facet for facet in shown.facets}
    if _ABOUT.value not in facets or not (_VARIABLE.value in facets or shown.total <= BARS_SHOWN):
        return None
    if shown.total > BARS_SHOWN:
        return Figures(None)
    iris = lists.page(shown.kind, BY_NAME, shown.bits, start=0, wanted=BARS_SHOWN)
    store = edition.store
    nodes = [ox.NamedNode(iri) for iri in iris]
    variables = {value for node in nodes for value in store.values(node, _VARIABLE)}
    if len(variables) != 1:
        return Figures(None)
    told = _figures_told(store, nodes, variables.pop())
    first = told.rows[0]
    variable = first[6].value.name.text
    caption = languages.gettext("%(numbers)s for each thing and period", numbers=variable)
    return Figures(
        picture(told, _figures_chart(told), static_folder(), Name(caption)),
        variable,
        first[5].value.name.text,
        len(nodes) - told.total,
    )


def _figures_told(store: ReadingStore, nodes: list[ox.NamedNode], variable: Term) -> Rows:
    """Write the figures that are in the unit of most of them as rows, by thing and period."""
    units = Counter(_first(store, node, _UNIT) for node in nodes)
    unit = max(units, key=lambda each: (units[each], str(each)))
    rows = [
        [*_figure(store, node), unit, variable]
        for node in nodes
        if _first(store, node, _UNIT) == unit
    ]
    told = rows_from(
        ("about", "number", "least", "most", "period", "unit", "variable"),
        rows,
        store,
        total=len(rows),
        languages=languages.liked(),
    )
    told.rows.sort(key=lambda row: (row[0].value.name.text, row[4].value.name.text))
    return told


def _figures_chart(told: Rows) -> Chart:
    """Choose bars for each period, with their bounds where there are any."""
    has_bounds = any(row[2].term or row[3].term for row in told.rows)
    return Chart(
        ChartKind.BAR,
        x="about",
        y="number",
        series="period",
        **({"low": "least", "high": "most"} if has_bounds else {}),
    )


def _figure(store: ReadingStore, node: ox.NamedNode) -> list[Term]:
    numbers = [_first(store, node, each) for each in (_VALUE, _LEAST, _MOST)]
    periods = (_first(store, node, each) for each in _PERIODS)
    return [_first(store, node, _ABOUT), *numbers, next((each for each in periods if each), None)]


def _first(store: ReadingStore, node: ox.NamedNode, predicate: ox.NamedNode) -> Term:
    return min(store.values(node, predicate), key=str, default=None)
