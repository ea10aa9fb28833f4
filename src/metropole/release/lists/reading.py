"""Read the lists of a release: a page of members, the values of facets and their counts."""

import sqlite3
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from types import TracebackType
from typing import Any, Self

from metropole.errors import ReleaseError
from metropole.release.folder import Release
from metropole.release.lists import members
from metropole.release.lists.writing import BEGINS, FILE


@dataclass(frozen=True)
class Kind:
    """A class with members."""

    number: int
    iri: str
    #: How addresses name it.
    name: str
    members: int
    #: Members that have a name, a place, and a day or year.
    named: int
    located: int
    dated: int
    #: The property of that day or year; empty when none has one.
    date: str

    @property
    def is_named(self) -> bool:
        """Tell whether its members are for people; what holds a graph together has no names."""
        return self.named * 2 >= self.members

    @property
    def begins(self) -> bool:
        """Tell whether most members begin or come out on a day, as events and news do."""
        return self.date in BEGINS and self.dated * 2 >= self.members


@dataclass(frozen=True)
class Facet:
    """A property that parts the members of a class into a few groups."""

    number: int
    iri: str
    name: str
    #: `values`, or `years` for groups of years.
    shape: str
    #: Members that have a value, and how many values there are.
    members: int
    size: int


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet with the number of members that have it."""

    number: int
    #: The term as in N-Triples, or the group of years.
    term: str
    name: str
    members: int


class Lists:
    """The open file of one release; close it, or use it in a `with`."""

    def __init__(self, release: Release) -> None:
        """Open the file; raises ReleaseError when there is none."""
        self._path = release.folder / FILE
        self._base = release.manifest.content.base
        try:
            # It never changes, so nothing needs to be locked.
            self._database = sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def kinds(self) -> list[Kind]:
        """List the classes, by the order of their IRIs."""
        columns = "number, iri, name, members, named, located, dated, date"
        rows = self._rows(f"SELECT {columns} FROM kind ORDER BY number")  # noqa: S608
        return [Kind(*row) for row in rows]

    def facets(self, kind: Kind) -> list[Facet]:
        """List the facets of a class."""
        columns = "number, iri, name, shape, members, size"
        rows = self._rows(
            f"SELECT {columns} FROM facet WHERE kind = ? ORDER BY number",  # noqa: S608
            kind.number,
        )
        return [Facet(*row) for row in rows]

    def values(self, kind: Kind, facet: Facet) -> list[FacetValue]:
        """List the values of a facet, with how many members of the class have each."""
        rows = self._rows(
            "SELECT number, term, name, members FROM value WHERE kind = ? AND facet = ?"
            " ORDER BY number",
            *(kind.number, facet.number),
        )
        return [FacetValue(*row) for row in rows]

    def counted(self, kind: Kind, facet: Facet, bits: int) -> list[int]:
        """Count for each value of a facet the members of a set that have it."""
        rows = self._rows(
            "SELECT held FROM value WHERE kind = ? AND facet = ? ORDER BY number",
            *(kind.number, facet.number),
        )
        return [(members.read(held) & bits).bit_count() for (held,) in rows]

    def set_of(
        self, kind: Kind, chosen: Mapping[Facet, Iterable[FacetValue]], *, but: Facet | None = None
    ) -> int | None:
        """Give the members that have one of the values of each facet; None for all of them.

        `but` leaves one facet out of account.
        """
        sets = [
            reduce(or_, (self._held(kind, facet, value) for value in values))
            for facet, values in chosen.items()
            if facet != but
        ]
        return reduce(and_, sets) if sets else None

    def _held(self, kind: Kind, facet: Facet, value: FacetValue) -> int:
        ((held,),) = self._rows(
            "SELECT held FROM value WHERE kind = ? AND facet = ? AND number = ?",
            *(kind.number, facet.number, value.number),
        )
        return members.read(held)

    def located(self, kind: Kind) -> int:
        """Give the members that have a place, as a set."""
        ((places,),) = self._rows("SELECT places FROM kind WHERE number = ?", kind.number)
        return members.read(places)

    def page(
        self, kind: Kind, order: str, bits: int | None, *, start: int, wanted: int
    ) -> list[str]:
        """Give IRIs of members of a set, in the order of a language or of days.

        A language that has no order of its own has that of the first one of the site.
        """
        rows = self._rows(
            "SELECT numbers FROM ordering WHERE kind = ? AND name = ?", kind.number, order
        )
        ordered: array[int] | range = range(kind.members)
        for (numbers,) in rows:
            ordered = members.numbers_read(numbers)
        return self._iris(kind, members.chosen(ordered, bits, start=start, wanted=wanted))

    def _iris(self, kind: Kind, numbers: list[int]) -> list[str]:
        marks = ", ".join("?" * len(numbers))
        rows = self._rows(
            f"SELECT number, iri FROM member WHERE kind = ? AND number IN ({marks})",  # noqa: S608
            *(kind.number, *numbers),
        )
        found = dict(rows)
        return [self._base + found[number] for number in numbers]

    def _rows(self, query: str, *values: int | str) -> list[Any]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> ReleaseError:
        return ReleaseError(
            f"{self._path} cannot be read ({error}). Run 'metropole build' to make a new release."
        )
