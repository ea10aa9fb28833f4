"""A page of a list: its members, what parts them, and the ways to other pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import ceil

import pyoxigraph as ox
from werkzeug.datastructures import MultiDict

from metropole.messages import Message
from metropole.release.lists import NEWEST, OLDEST, Facet, FacetValue, Kind, Lists
from metropole.web import languages
from metropole.web.browse.address import BY_NAME, Asked, asked_of, sorts
from metropole.web.browse.facets import ShownFacet, members_with, values_to_show
from metropole.web.browse.names import Member, Namer
from metropole.web.labels import Name
from metropole.web.requests.problems import Problem
from metropole.web.serving import Edition

#: Members on a page.
PAGE_SIZE = 50


@dataclass(frozen=True)
class Sorting:
    """An order of the list, and the address that gives it."""

    name: str
    address: str
    is_current: bool


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
    asked: Asked
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


def browsed(
    edition: Edition, lists: Lists, kind: Kind, arguments: "MultiDict[str, str]"
) -> Browsed:
    """Read a page of a list as an address asks for it; raises Problem for a page behind the last.

    A facet or value that is not there is left out of account, and told.
    """
    values = {facet: lists.values(kind, facet) for facet in lists.facets(kind)}
    asked, unknown = asked_of(kind, values, arguments)
    bits = lists.set_of(kind, asked.chosen)
    total = kind.members if bits is None else bits.bit_count()
    pages = _pages(total, asked)
    iris = _members_on_page(lists, asked, bits)
    counts = {each: members_with(lists, kind, each, values[each], asked.chosen) for each in values}
    shown = {each: values_to_show(each, values[each], counts[each], asked) for each in values}
    namer = Namer(edition, kind, shown, iris, shared=_shared(kind, values))
    return Browsed(
        kind,
        namer.labels.term(ox.NamedNode(kind.iri)),
        tuple(namer.facet(facet, shown[facet], counts[facet], asked) for facet in values),
        tuple(namer.member(iri) for iri in iris),
        total,
        asked.page,
        pages,
        tuple(_sorts(asked)),
        unknown,
        asked,
        bits,
    )


def _pages(total: int, asked: Asked) -> int:
    """Count the pages; raises Problem where the one asked for is behind the last."""
    pages = max(1, ceil(total / PAGE_SIZE))
    if asked.page > pages:
        raise Problem(
            404,
            Message("There is no such page"),
            Message("The last page is %(number)s.", number=pages),
        )
    return pages


def _members_on_page(lists: Lists, asked: Asked, bits: int | None) -> list[str]:
    order = languages.liked()[0] if asked.sort == BY_NAME else asked.sort
    start = (asked.page - 1) * PAGE_SIZE
    return lists.page(asked.kind, order, bits, start=start, wanted=PAGE_SIZE)


def _shared(kind: Kind, values: Mapping[Facet, list[FacetValue]]) -> set[str]:
    """Find the values that all members have: they tell none from another."""
    return {each.term for held in values.values() for each in held if each.members == kind.members}


def _sorts(asked: Asked) -> Iterator[Sorting]:
    for name in sorts(asked.kind):
        yield Sorting(name, asked.address(sort=name, page=1), name == asked.sort)
