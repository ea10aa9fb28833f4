"""The map on the page about a thing: where it is, among other places."""

from collections.abc import Iterator

import pyoxigraph as ox

from metropole.saved_queries import Chart, ChartKind
from metropole.store.reading import ReadingStore
from metropole.vocab import GEO, SCHEMA
from metropole.web import languages
from metropole.web.entity.rows import Rows
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.pictures import Picture, picture
from metropole.web.responses import static_folder
from metropole.web.values.query_rows import Cell
from metropole.web.values.query_rows import Rows as Answer
from metropole.web.values.shown_values import Value

_GEOMETRY, _WKT = ox.NamedNode(GEO + "hasGeometry"), ox.NamedNode(GEO + "asWKT")
#: Where a thing is that has no point of its own.
_PLACES = tuple(
    ox.NamedNode(SCHEMA + name) for name in ("location", "containedInPlace", "spatialCoverage")
)
#: A map shows the others of a class where they are no more than this.
_MOST_ON_A_MAP = 60


def map_of(store: ReadingStore, node: ox.NamedNode, labels: Labels, rows: Rows) -> Picture | None:
    """Draw where a thing is, beside others of the same class; None when nobody says.

    `labels` has its name, and `rows` knows where its statements are shown.
    """
    place = next(_places(store, node), None)
    if place is None:
        return None
    shown, where = place
    points = [_row(shown, where, labels.also([shown]).of(shown), rows)]
    for other, point in _others(store, shown):
        name = labels.also([other]).of(other)
        points.append(_row(other, point, name, rows, kind=languages.gettext("others")))
    answer = Answer(("place", "where", "kind"), points, len(points))
    has_others = len(points) > 1
    chart = Chart(ChartKind.MAP, x="place", series="kind" if has_others else "")
    if not has_others:
        caption = languages.gettext("Where it is")
    elif shown == node:
        caption = languages.gettext("Where it is, among others of its class")
    else:
        caption = languages.gettext("Where it is, among other places")
    return picture(answer, chart, static_folder(), Name(caption), foremost=1)


def _row(
    node: ox.NamedNode, point: ox.Literal, name: Name, rows: Rows, *, kind: str = ""
) -> list[Cell]:
    value = Value(name, rows.address(node), is_local=True)
    return [Cell(value, node), Cell(Value(NAMELESS), point), Cell(Value(Name(kind or name.text)))]


def _others(store: ReadingStore, node: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, ox.Literal]]:
    """Go through the other places of a small class."""
    counts = store.release.manifest.classes
    for kind in store.types(node)[:1]:
        if counts.get(kind.value, 0) <= _MOST_ON_A_MAP:
            for each in store.members(kind):
                point = _point_of(store, each) if each != node else None
                if point is not None:
                    yield each, point


def _places(store: ReadingStore, node: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, ox.Literal]]:
    """Go through what has a point: the thing, or the places that it is in."""
    nodes = [node]
    for predicate in _PLACES:
        nodes += [each for each in store.values(node, predicate) if isinstance(each, ox.NamedNode)]
    for each in nodes:
        point = _point_of(store, each)
        if point is not None:
            yield each, point


def _point_of(store: ReadingStore, node: ox.NamedNode) -> ox.Literal | None:
    for geometry in store.values(node, _GEOMETRY):
        if isinstance(geometry, ox.Literal):
            continue
        for literal in store.values(geometry, _WKT):
            if isinstance(literal, ox.Literal) and literal.value.lstrip().startswith("POINT"):
                return literal
    return None
