"""What a list shows: its members on a page, what parts them, and the addresses that lead on."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import ceil

import pyoxigraph as ox
from flask import url_for
from werkzeug.datastructures import MultiDict

from metropole.graph.terms import term
from metropole.messages import Message
from metropole.release.lists import NEWEST, OLDEST, RESERVED, YEARS, Facet, FacetValue, Kind, Lists
from metropole.store.reading import Node
from metropole.vocab import RDF, SH
from metropole.web import addresses, languages
from metropole.web.entity_rows import Value
from metropole.web.labels import Labels, Name
from metropole.web.problems import Problem
from metropole.web.serving import Edition

#: Members on a page, values of a facet that are shown at first, and letters of a name.
PAGE_SIZE = 50
VALUES_SHOWN = 8
_LETTERS_SHOWN = 140
#: Facets whose values stand beside the name of a member.
_DETAILS = 3
BY_NAME = "name"
_PATH, _CLASS, _NAME, _PROPERTY = (
    ox.NamedNode(SH + name) for name in ("path", "targetClass", "name", "property")
)
Chosen = dict[Facet, list[FacetValue]]


@dataclass(frozen=True)
class ShownValue:
    """A value of a facet: how many members have it, and where a click leads."""

    name: Name
    spelled: str
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True)
class ShownFacet:
    """A facet with its values, those first that most members have."""

    facet: Facet
    name: Name
    values: tuple[ShownValue, ...]
    #: Leads to the list with all values shown; empty when they are.
    all_values: str

    @property
    def is_years(self) -> bool:
        """Tell whether its values are groups of years."""
        return self.facet.shape == YEARS

    @property
    def chosen(self) -> list[ShownValue]:
        """Give the values that the list is held to."""
        return [value for value in self.values if value.is_chosen]

    def as_json(self) -> dict[str, object]:
        """Tell it to programs."""
        return {
            "property": self.facet.iri,
            "name": self.facet.name,
            "label": self.name.text,
            "values": [
                {
                    "value": value.spelled,
                    "label": value.name.text,
                    "count": value.count,
                    "chosen": value.is_chosen,
                }
                for value in self.values
            ],
        }


@dataclass(frozen=True)
class Sorting:
    """An order of the list, and the address that gives it."""

    name: str
    address: str
    is_current: bool


@dataclass(frozen=True)
class Member:
    """A member with what is said beside its name."""

    iri: str
    name: Name
    address: str
    #: The day or year, as it is written; empty where it has none.
    when: str
    details: tuple[Value, ...] = ()

    @property
    def year(self) -> str:
        """Give the year; empty where there is none."""
        sign, year = ("-", self.when[1:]) if self.when.startswith("-") else ("", self.when)
        return sign + year.partition("-")[0] if year else ""


@dataclass(frozen=True)
class Group:
    """Members that follow each other in one year, or all of a page; and the number of the first."""

    year: str
    members: tuple[Member, ...]
    start: int


@dataclass(frozen=True)
class Browsed:
    """A page of a list."""

    kind: Kind
    name: Name
    facets: tuple[ShownFacet, ...]
    members: tuple[Member, ...]
    #: Members of the list, and its page and pages.
    total: int
    page: int
    pages: int
    sorts: tuple[Sorting, ...]
    #: What was asked for in vain, as `colour=red`.
    unknown: tuple[str, ...]
    asked: "Asked"
    #: The members as a set of bits; None for all.
    bits: int | None

    @property
    def sort(self) -> Sorting:
        """Give the order that it has."""
        return next(each for each in self.sorts if each.is_current)

    @property
    def is_by_day(self) -> bool:
        """Tell whether it goes by days, so that years stand between its members."""
        return self.sort.name in (NEWEST, OLDEST)

    @property
    def is_filtered(self) -> bool:
        """Tell whether it is held to some values."""
        return bool(self.asked.chosen)

    @property
    def without_filters(self) -> str:
        """Give the address of the list of all members."""
        return self.asked.address(chosen={}, page=1)

    @property
    def groups(self) -> Iterator[Group]:
        """Part the members by year, where the list goes by days."""
        start = (self.page - 1) * PAGE_SIZE + 1
        for year, members in groupby(self.members, lambda each: each.year * self.is_by_day):
            held = tuple(members)
            yield Group(year, held, start)
            start += len(held)

    @property
    def pages_near(self) -> list[int]:
        """Give the numbers of pages to link to, with a 0 where some are left out."""
        near = {1, self.pages, *range(self.page - 2, self.page + 3)}
        found: list[int] = []
        for number in sorted(each for each in near if 1 <= each <= self.pages):
            if found and number - found[-1] > 1:
                found.append(0)
            found.append(number)
        return found

    def page_address(self, page: int) -> str:
        """Give the address of a page."""
        return self.asked.address(page=page)

    def ways(self, extension: str = "") -> Iterator[tuple[str, str]]:
        """Go through relations (RFC 8288) and addresses of other pages, in one form."""
        places = {
            "first": 1,
            "prev": self.page - 1,
            "next": self.page + 1,
            "last": self.pages,
        }
        for relation, page in places.items():
            if 1 <= page <= self.pages:
                yield relation, self.asked.address(page=page, extension=extension)

    @cached_property
    def json_address(self) -> str:
        """Give the address of the same list as JSON."""
        return self.asked.address(extension=".json")


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list."""

    kind: Kind
    chosen: Chosen
    sort: str
    page: int
    #: Name of the facet whose values are all shown.
    all_values: str
    #: Other parameters that go on from page to page.
    kept: tuple[tuple[str, str], ...]
    default_sort: str

    def address(
        self,
        *,
        chosen: Chosen | None = None,
        sort: str = "",
        page: int = 0,
        all_values: str | None = None,
        extension: str = "",
    ) -> str:
        """Give the address of the list with something changed; the rest stays."""
        facets = self.chosen if chosen is None else chosen
        wanted = [
            (facet.name, value.name)
            for facet in sorted(facets, key=lambda facet: facet.number)
            for value in sorted(facets[facet], key=lambda value: value.number)
        ]
        for name, value, default in (
            ("sort", sort or self.sort, self.default_sort),
            ("page", str(page or self.page), "1"),
            ("all", self.all_values if all_values is None else all_values, ""),
        ):
            if value != default:
                wanted.append((name, value))
        parameters: dict[str, list[str]] = {}
        for name, value in (*wanted, *self.kept):
            parameters.setdefault(name, []).append(value)
        return url_for("browse.kind", name=self.kind.name + extension, **parameters)  # type: ignore[arg-type]

    def toggled(self, facet: Facet, value: FacetValue) -> str:
        """Give the address with a value chosen, or not any more; from its first page."""
        chosen = {each: list(values) for each, values in self.chosen.items()}
        values = chosen.setdefault(facet, [])
        if value in values:
            values.remove(value)
        else:
            values.append(value)
        return self.address(chosen={each: held for each, held in chosen.items() if held}, page=1)


def browsed(
    edition: Edition, lists: Lists, kind: Kind, arguments: "MultiDict[str, str]"
) -> Browsed:
    """Read a page of a list as an address asks for it; raises Problem for a page behind the last.

    A facet or value that is not there is left out of account, and told.
    """
    facets = {facet.name: facet for facet in lists.facets(kind)}
    values = {facet: lists.values(kind, facet) for facet in facets.values()}
    asked, unknown = _asked(kind, facets, values, arguments)
    bits = lists.set_of(kind, asked.chosen)
    total = kind.members if bits is None else bits.bit_count()
    pages = max(1, ceil(total / PAGE_SIZE))
    if asked.page > pages:
        raise Problem(
            404,
            Message("There is no such page"),
            Message("The list has %(number)s pages.", number=pages),
        )
    counts = {
        facet: _counts(lists, kind, facet, held, asked.chosen) for facet, held in values.items()
    }
    order = languages.liked()[0] if asked.sort == BY_NAME else asked.sort
    start = (asked.page - 1) * PAGE_SIZE
    iris = lists.page(kind, order, bits, start=start, wanted=PAGE_SIZE)
    shown_values = {
        facet: _shown_values(facet, held, counts[facet], asked) for facet, held in values.items()
    }
    shared = {
        each.term for held in values.values() for each in held if each.members == kind.members
    }
    writer = _Writer(edition, kind, list(facets.values()), iris, shown_values, shared=shared)
    return Browsed(
        kind,
        writer.labels.term(ox.NamedNode(kind.iri)),
        tuple(writer.facet(facet, shown_values[facet], counts[facet], asked) for facet in values),
        tuple(writer.member(iri) for iri in iris),
        total,
        asked.page,
        pages,
        tuple(_sorts(asked)),
        unknown,
        asked,
        bits,
    )


def _asked(
    kind: Kind,
    facets: Mapping[str, Facet],
    values: Mapping[Facet, list[FacetValue]],
    arguments: "MultiDict[str, str]",
) -> tuple[Asked, tuple[str, ...]]:
    chosen: Chosen = {}
    unknown = []
    for name, text in arguments.items(multi=True):
        if name in RESERVED:
            continue
        facet = facets.get(name)
        found = [each for each in values[facet] if each.name == text] if facet else []
        if facet and found:
            held = chosen.setdefault(facet, [])
            held += [each for each in found if each not in held]
        else:
            unknown.append(f"{name}={text}")
    default = NEWEST if kind.begins else BY_NAME
    sorts = (BY_NAME, NEWEST, OLDEST) if kind.date else (BY_NAME,)
    sort = arguments.get("sort", default)
    if sort not in sorts:
        unknown.append(f"sort={sort}")
        sort = default
    page = arguments.get("page", "1")
    if not (page.isascii() and page.isdecimal() and int(page[:_DIGITS]) > 0):
        unknown.append(f"page={page}")
        page = "1"
    kept = tuple((name, arguments[name]) for name in _KEPT if arguments.get(name))
    all_values = arguments.get("all", "")
    if all_values and all_values not in facets:
        unknown.append(f"all={all_values}")
        all_values = ""
    asked = Asked(kind, chosen, sort, int(page[:_DIGITS]), all_values, kept, default)
    return asked, tuple(unknown)


#: Parameters that go on from page to page as they are.
_KEPT = ("release", languages.PARAMETER)
#: No list has a page whose number is longer.
_DIGITS = 9


def _counts(
    lists: Lists, kind: Kind, facet: Facet, values: list[FacetValue], chosen: Chosen
) -> list[int]:
    """Count the members for each value, as the other facets part them."""
    bits = lists.set_of(kind, chosen, but=facet)
    if bits is None:
        return [value.members for value in values]
    return lists.counted(kind, facet, bits)


def _shown_values(
    facet: Facet, values: list[FacetValue], counts: list[int], asked: Asked
) -> list[FacetValue]:
    """Choose the values to show: those chosen, and of the others those most members have.

    What all members of the class have parts nothing.
    """
    chosen = asked.chosen.get(facet, [])
    there = [value for value, count in zip(values, counts, strict=True) if count or value in chosen]
    if facet.shape == YEARS:
        return there
    everybody = asked.kind.members
    there = [value for value in there if value.members < everybody or value in chosen]
    count = dict(zip((value.number for value in values), counts, strict=True))
    ranked = sorted(there, key=lambda value: (value not in chosen, -count[value.number]))
    return ranked if asked.all_values == facet.name else ranked[:VALUES_SHOWN]


def _sorts(asked: Asked) -> Iterator[Sorting]:
    for name in (NEWEST, OLDEST, BY_NAME) if asked.kind.date else (BY_NAME,):
        yield Sorting(name, asked.address(sort=name, page=1), name == asked.sort)


class _Writer:
    """Names everything on a page, with one reading of all labels."""

    def __init__(
        self,
        edition: Edition,
        kind: Kind,
        facets: list[Facet],
        iris: Iterable[str],
        shown: Mapping[Facet, list[FacetValue]],
        *,
        shared: Container[str],
    ) -> None:
        self._store = edition.store
        self._base = edition.store.release.manifest.content.base
        self._kind = kind
        self._shared = shared
        self._members = {iri: self._details(iri, facets) for iri in iris}
        held = [term(value.term) for values in shown.values() for value in _terms(values)]
        nodes = [
            *(ox.NamedNode(iri) for iri in (kind.iri, *self._members)),
            *(ox.NamedNode(facet.iri) for facet in facets),
            *(each for each in held if isinstance(each, ox.NamedNode)),
            *(each for each in self._values() if isinstance(each, ox.NamedNode)),
        ]
        self.labels = Labels(self._store, nodes, languages=languages.liked())

    def _details(self, iri: str, facets: list[Facet]) -> list[object]:
        """Read what the first facets say of a member."""
        node = ox.NamedNode(iri)
        shown = [facet for facet in facets if facet.shape != YEARS and _is_told(facet)]
        return [
            value
            for facet in shown[:_DETAILS]
            for value in self._store.values(node, ox.NamedNode(facet.iri))[:_DETAILS]
            if str(value) not in self._shared
        ]

    def _values(self) -> Iterator[object]:
        for details in self._members.values():
            yield from details

    def member(self, iri: str) -> Member:
        node = ox.NamedNode(iri)
        when = ""
        if self._kind.date:
            days = self._store.values(node, ox.NamedNode(self._kind.date))
            when = min((day.value for day in days if isinstance(day, ox.Literal)), default="")
        details = [self._value(value) for value in self._members[iri]]
        return Member(
            iri,
            _short(self.labels.of(node)),
            addresses.document_of(iri, base=self._base) or iri,
            when,
            tuple(dict.fromkeys(each for each in details if each)),
        )

    def _value(self, value: object) -> Value | None:
        if isinstance(value, ox.NamedNode):
            local = addresses.document_of(value.value, base=self._base)
            return Value(_short(self.labels.of(value)), local or "", local is not None)
        if isinstance(value, ox.Literal):
            return Value(_short(Name(value.value, value.language or "")))
        return None

    def facet(
        self, facet: Facet, values: list[FacetValue], counts: list[int], asked: Asked
    ) -> ShownFacet:
        chosen = asked.chosen.get(facet, [])
        shown = tuple(
            ShownValue(
                self._named(facet, value),
                value.name,
                counts[value.number],
                value in chosen,
                asked.toggled(facet, value),
            )
            for value in values
        )
        there = sum(1 for count in counts if count)
        more = asked.address(all_values=facet.name) if there > len(values) else ""
        return ShownFacet(facet, self._property(facet), shown, more)

    def _named(self, facet: Facet, value: FacetValue) -> Name:
        if facet.shape == YEARS:
            return Name(value.term)
        found = term(value.term)
        if isinstance(found, ox.NamedNode):
            is_class = facet.iri == RDF + "type"
            return _short(self.labels.term(found) if is_class else self.labels.of(found))
        return _short(Name(found.value))

    def _property(self, facet: Facet) -> Name:
        """Name a property: as the shapes for the class do, as itself, or by its own words."""
        node = ox.NamedNode(facet.iri)
        if self.labels.has(node):
            return self.labels.of(node)
        names = self._names_in_shapes(node)
        return self.labels.best(names) if names else self.labels.term(node)

    def _names_in_shapes(self, node: ox.NamedNode) -> list[ox.Literal]:
        """Read what property shapes call a property (SHACL, section 2.3.2.1)."""
        found: list[ox.Literal] = []
        for shape in _subjects(self._store.pointing(node, _PATH)):
            names = [
                name for name in self._store.values(shape, _NAME) if isinstance(name, ox.Literal)
            ]
            if names and self._is_of_class(shape):
                return names
            found = found or names
        return found

    def _is_of_class(self, shape: ox.NamedNode | ox.BlankNode) -> bool:
        kind = ox.NamedNode(self._kind.iri)
        holders = _subjects(self._store.pointing(shape, _PROPERTY))
        return any(kind in self._store.values(holder, _CLASS) for holder in holders)


def _subjects(quads: Iterable[ox.Quad]) -> list[Node]:
    """List what is said to point somewhere, each once."""
    found = dict.fromkeys(quad.subject for quad in quads)
    return [subject for subject in found if isinstance(subject, Node)]


def _is_told(facet: Facet) -> bool:
    """Tell whether the values of a facet say something of a member in a line."""
    return facet.iri.startswith("http") and facet.size > 1


def _terms(values: Iterable[FacetValue]) -> Iterator[FacetValue]:
    return (value for value in values if value.term[:1] in '<"')


def _short(name: Name) -> Name:
    """Cut a name that is too long for a line."""
    if len(name.text) <= _LETTERS_SHOWN:
        return name
    cut = name.text[:_LETTERS_SHOWN].rstrip()
    return name._replace(text=f"{cut}…")
