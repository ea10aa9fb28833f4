"""The sections of the home page: kept answers as lists, events, numbers, charts and maps."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from flask import url_for

from metropole.errors import ReleaseError
from metropole.release.journal import date
from metropole.release.lists import Kind, Lists
from metropole.saved_queries import Chart, ChartKind
from metropole.settings import Section
from metropole.stories import Insert
from metropole.stories import Kind as InsertKind
from metropole.web import languages
from metropole.web.kept_answers import KeptAnswers
from metropole.web.labels import Labels, Name
from metropole.web.labels.worded import column_name, worded
from metropole.web.pictures import Picture, choices, picture
from metropole.web.pictures.columns import number, time
from metropole.web.responses import static_folder
from metropole.web.serving import Edition
from metropole.web.values.query_rows import Cell, Rows
from metropole.web.values.shown_values import Value

_NUMBERS, _EVENTS, _LIST = "numbers", "events", "list"


@dataclass(frozen=True)
class Item:
    """A row as a list shows it: what it is about, when that is, and what else is said."""

    about: Value
    #: A day, month or year as it is written; empty where there is none.
    when: str
    details: tuple[Value, ...]
    #: Of an event: its last day, where that is another.
    until: str = ""


@dataclass(frozen=True)
class Number:
    """A number with what it counts."""

    of: Value
    value: float


@dataclass(frozen=True)
class ShownSection:
    """A section with what stands in it; only what belongs to its kind is there."""

    section: Section
    #: Title, with its language.
    title: Name
    items: tuple[Item, ...] = ()
    #: Of events: those after the day of the release, the next one first.
    coming: tuple[Item, ...] = ()
    numbers: tuple[Number, ...] = ()
    picture: Picture | None = None
    #: Rows that are not shown.
    more: int = 0
    #: Where everything is.
    all_address: str = ""


def shown_sections(edition: Edition) -> list[ShownSection]:
    """Fill in the sections that the release was made with; raises Problem for a lost answer."""
    sections = edition.store.release.manifest.content.home
    if not sections:
        return []
    kept = KeptAnswers(edition, languages.liked())
    with_classes = _Classes(edition)
    return [_shown(edition, section, kept, with_classes) for section in sections]


class _Classes:
    """Which classes have lists; none in a release that has no lists."""

    def __init__(self, edition: Edition) -> None:
        self._store = edition.store
        try:
            with Lists(edition.store.release) as lists:
                self._kinds = {kind.iri: kind for kind in lists.kinds()}
        except ReleaseError:
            self._kinds = {}

    def address(self, iri: str) -> str:
        """Give the address of the list of a class; empty where there is none."""
        kind = self._kinds.get(iri)
        return url_for("browse.kind", name=kind.name) if kind else ""

    def list_of(self, node: ox.NamedNode) -> str:
        """Give the address of the list that a thing is in, of its largest class."""
        kinds: list[Kind] = [
            self._kinds[each.value] for each in self._store.types(node) if each.value in self._kinds
        ]
        largest = max(kinds, key=lambda kind: (kind.members, kind.iri), default=None)
        return self.address(largest.iri) if largest else ""


def _shown(
    edition: Edition, section: Section, kept: KeptAnswers, classes: _Classes
) -> ShownSection:
    rows = kept.rows(Insert(InsertKind.TABLE, section.query, 0))
    title = _title(section, kept)
    query = url_for("queries.query", name=f"{section.query}.html")
    if section.kind == _NUMBERS:
        numbers = tuple(_numbers(edition, rows, classes))
        return ShownSection(section, title, numbers=numbers, all_address=query)
    if section.kind in (_LIST, _EVENTS):
        return _list(edition, section, title, rows, classes)
    drawn = _picture(section, kept, rows, title)
    first = _things(rows)
    address = classes.list_of(first[0]) if first else ""
    return ShownSection(section, title, picture=drawn, all_address=address or query)


def _title(section: Section, kept: KeptAnswers) -> Name:
    """Give the title in a language that the reader likes, else the summary of the query."""
    return worded(section.title or kept.query(section.query).titles)


def _list(
    edition: Edition, section: Section, title: Name, rows: Rows, classes: _Classes
) -> ShownSection:
    items = list(_items(rows, has_ends=section.kind == _EVENTS))
    things = _things(rows)
    address = classes.list_of(things[0]) if things else ""
    coming: list[Item] = []
    if section.kind == _EVENTS:
        coming, items = _parted(items, date(edition.store.release.manifest.content.created))
    shown, later = tuple(items[: section.rows]), tuple(coming[: section.rows])
    return ShownSection(
        section,
        title,
        items=shown,
        coming=later,
        more=len(items) + len(coming) - len(shown) - len(later),
        all_address=address or url_for("queries.query", name=f"{section.query}.html"),
    )


def _parted(items: list[Item], day: str) -> tuple[list[Item], list[Item]]:
    """Part events at the day of the release: those to come, and the past, the latest first.

    The day is that of the release and not of the request, so that a page that was kept is right
    as long as its release is. Without one everything is past; what has no day comes last.
    """
    dated = sorted((item for item in items if item.when), key=lambda item: item.when)
    coming = [item for item in dated if day and _is_coming(item.until or item.when, day)]
    past = [item for item in reversed(dated) if item not in coming]
    return coming, [*past, *(item for item in items if not item.when)]


def _is_coming(when: str, day: str) -> bool:
    return when[: len(day)] >= day[: len(when)]


def _items(rows: Rows, *, has_ends: bool) -> Iterator[Item]:
    """Give an item for each value of the first column; rows that repeat it add to the item."""
    found: dict[Value, list[list[Cell]]] = {}
    for row in rows.rows:
        found.setdefault(row[0].value, []).append(row[1:])
    for about, others in found.items():
        cells = [cell for row in others for cell in row if cell.term is not None]
        days = [cell.value.name.text for cell in cells if _is_time(cell)]
        details = dict.fromkeys(cell.value for cell in cells if not _is_time(cell))
        first, last = min(days, default=""), max(days, default="")
        yield Item(about, first, tuple(details), last if has_ends and last != first else "")


def _is_time(cell: Cell) -> bool:
    return time(cell.term) is not None and number(cell.term) is None


def _things(rows: Rows) -> list[ox.NamedNode]:
    return [row[0].term for row in rows.rows if isinstance(row[0].term, ox.NamedNode)]


def _numbers(edition: Edition, rows: Rows, classes: _Classes) -> Iterator[Number]:
    """Give the numbers of rows that name something, or of the columns of a single row."""
    if all(rows.numeric) and len(rows.rows) == 1:
        for column, cell in zip(rows.columns, rows.rows[0], strict=True):
            yield Number(Value(column_name(column)), number(cell.term) or 0)
        return
    labels = Labels(edition.store, _things(rows), languages=languages.liked())
    for row in rows.rows:
        counted = next((found for cell in row if (found := number(cell.term)) is not None), None)
        if counted is None:
            continue
        about = row[0].value
        term = row[0].term
        if isinstance(term, ox.NamedNode) and (address := classes.address(term.value)):
            about = Value(labels.term(term), address, is_local=True)
        yield Number(about, counted)


def _picture(section: Section, kept: KeptAnswers, rows: Rows, title: Name) -> Picture | None:
    asked = kept.query(section.query).chart
    if section.kind == ChartKind.MAP.value and (asked is None or asked.kind is not ChartKind.MAP):
        asked = Chart(ChartKind.MAP)
    chart = choices(rows, asked).chart
    return picture(rows, chart, static_folder(), title) if chart else None
