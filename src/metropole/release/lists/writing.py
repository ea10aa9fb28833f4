"""Write `lists.sqlite`: the classes of a release with their members, orders and facets."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from metropole.graph.names import Names
from metropole.graph.terms import term
from metropole.release.lists import members
from metropole.release.lists.collating import Collation
from metropole.release.lists.collecting import (
    Collected,
    Things,
    address_names,
    collected,
    narrow,
)
from metropole.vocab import DCAT, DCT, PROV, RDF, SCHEMA

FILE = "lists.sqlite"
#: Parameters of the address of a list, which no facet is called.
RESERVED = ("page", "sort", "all", "lang", "release", "format")
NEWEST, OLDEST = "newest", "oldest"
YEARS, VALUES = "years", "values"
_MOST_FACETS = 8
#: Years are put together by tens or hundreds where there are more groups than that.
_MOST_GROUPS = 60
_STEPS = (1, 10, 100, 1000)
#: Classes and provenance are facets behind the others.
_LAST = (f"<{RDF}type>".encode(), f"<{PROV}".encode())
_BEHIND = "\uffff"
#: What may follow a year of four digits.
_AFTER_YEAR = ("-", "")
_SCHEMA = """
CREATE TABLE kind (number INTEGER PRIMARY KEY, iri TEXT, name TEXT, members INTEGER,
    named INTEGER, located INTEGER, dated INTEGER, date TEXT, places BLOB);
CREATE TABLE member (kind INTEGER, number INTEGER, iri TEXT, PRIMARY KEY (kind, number))
    WITHOUT ROWID;
CREATE TABLE ordering (kind INTEGER, name TEXT, numbers BLOB, PRIMARY KEY (kind, name))
    WITHOUT ROWID;
CREATE TABLE facet (kind INTEGER, number INTEGER, iri TEXT, name TEXT, shape TEXT,
    members INTEGER, size INTEGER, PRIMARY KEY (kind, number)) WITHOUT ROWID;
CREATE TABLE value (kind INTEGER, facet INTEGER, number INTEGER, term TEXT, name TEXT,
    members INTEGER, held BLOB, PRIMARY KEY (kind, facet, number)) WITHOUT ROWID;
"""
#: Properties of the day something begins or comes out: lists of such things begin with the newest.
BEGINS = (
    *(SCHEMA + name for name in ("startDate", "datePublished", "dateCreated")),
    *(DCT + name for name in ("issued", "date", "created")),
    DCAT + "startDate",
)


def write_lists(
    path: Path,
    lines: Iterable[bytes],
    *,
    base: str,
    languages: tuple[str, ...],
    prefixes: dict[str, str],
) -> None:
    """Write the lists of the things below `id/`, from sorted lines of N-Quads."""
    things = collected(lines, base, languages)
    names = Names(prefixes)
    keys = _Keys(things, languages)
    addresses = address_names(sorted(things.kinds), names)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript("BEGIN;" + _SCHEMA)
        for number, iri in enumerate(sorted(things.kinds)):
            kind = _Kind(number, iri, things.kinds[iri], keys)
            _write_kind(database, kind, addresses[iri], _Writer(base, names))
        database.execute("COMMIT")


class _Keys:
    """What things are ordered by, in each language."""

    def __init__(self, things: Things, languages: tuple[str, ...]) -> None:
        self._things = things
        self._collations = [Collation(language) for language in languages]
        self.languages = languages

    def of(self, thing: int, language: int) -> str:
        """Give the key of a thing; those without a name come last, by their IRI."""
        names = self._things.names[thing]
        if not names:
            return _BEHIND + self._things.iris[thing]
        return self._collations[language].key(names[language])

    def iri(self, thing: int) -> str:
        return self._things.iris[thing]

    def has_name(self, thing: int) -> bool:
        return bool(self._things.names[thing])

    def same(self, things: list[int], language: int) -> bool:
        """Tell whether the names of some things are those of the first language."""
        names = (self._things.names[thing] for thing in things)
        return all(not each or each[language] == each[0] for each in names)


class _Kind:
    """A class whose members are numbered in the order of their names in the first language."""

    def __init__(self, number: int, iri: str, held: Collected, keys: _Keys) -> None:
        self.number, self.iri, self.held, self._keys = number, iri, held, keys
        places = self._ordered(0)
        self.things = [held.things[place] for place in places]
        self._numbers = [0] * len(places)
        for number_, place in enumerate(places):
            self._numbers[place] = number_

    def _ordered(self, language: int) -> list[int]:
        keys = [self._keys.of(thing, language) for thing in self.held.things]
        return sorted(range(len(keys)), key=keys.__getitem__)

    def numbers(self, places: Iterable[int]) -> list[int]:
        """Give the numbers of members by their places."""
        return sorted(self._numbers[place] for place in places)

    def orders(self) -> Iterator[tuple[str, list[int]]]:
        """Give the orders of other languages, where they differ."""
        plain = list(range(len(self.things)))
        for language, tag in enumerate(self._keys.languages):
            if language and not self._keys.same(self.things, language):
                order = [self._numbers[place] for place in self._ordered(language)]
                if order != plain:
                    yield tag, order

    def iris(self) -> Iterator[str]:
        return map(self._keys.iri, self.things)

    def named(self) -> int:
        return sum(map(self._keys.has_name, self.things))

    @cached_property
    def days(self) -> tuple[str, dict[int, str]]:
        """Give the property that says when its members are, and for each the earliest day."""
        found = self.held.dates
        if not found:
            return "", {}

        def rank(predicate: bytes) -> tuple[int, int, bytes]:
            iri = predicate[1:-1].decode()
            place = BEGINS.index(iri) if iri in BEGINS else len(BEGINS)
            return -len(found[predicate]), place, predicate

        best = min(found, key=rank)
        return best[1:-1].decode(), {
            self._numbers[place]: text for place, text in found[best].items()
        }


@dataclass(frozen=True)
class _Facet:
    predicate: bytes
    shape: str
    #: For each value its term or group, and the numbers of the members that have it.
    values: list[tuple[str, list[int]]]

    @property
    def members(self) -> int:
        return len({number for _, numbers in self.values for number in numbers})


@dataclass(frozen=True)
class _Writer:
    """Spells values for addresses."""

    base: str
    names: Names

    def spelled(self, values: Iterable[str]) -> list[str]:
        """Spell terms: a thing without the base, another IRI whole, a literal as its text."""
        found: list[str] = []
        for text in values:
            plain = getattr(term(text), "value", text) if text[:1] in '<"' else text
            short = plain.removeprefix(self.base + "id/") if text.startswith("<") else plain
            found.append(text if short in found else short)
        return found


def _write_kind(database: sqlite3.Connection, kind: _Kind, name: str, writer: _Writer) -> None:
    of = len(kind.things)
    date, days = kind.days
    located = kind.numbers(kind.held.located)
    database.execute(
        "INSERT INTO kind VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(kind.number, kind.iri, name, of, kind.named(), len(located), len(days), date),
            members.written(located, of),
        ),
    )
    rows = ((kind.number, number, iri) for number, iri in enumerate(kind.iris()))
    database.executemany("INSERT INTO member VALUES (?, ?, ?)", rows)
    orders = ((kind.number, name, members.numbers_written(order)) for name, order in _orders(kind))
    database.executemany("INSERT INTO ordering VALUES (?, ?, ?)", orders)
    facets = _facets(kind)
    iris = [facet.predicate[1:-1].decode() for facet in facets]
    names = address_names(iris, writer.names, RESERVED)
    for number, (iri, facet) in enumerate(zip(iris, facets, strict=True)):
        database.execute(
            "INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(kind.number, number, iri, names[iri], facet.shape),
                *(facet.members, len(facet.values)),
            ),
        )
        spelled = writer.spelled(text for text, _ in facet.values)
        values = (
            (kind.number, number, place, text, spelled[place], len(held), members.written(held, of))
            for place, (text, held) in enumerate(facet.values)
        )
        database.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def _orders(kind: _Kind) -> Iterator[tuple[str, list[int]]]:
    """Give the orders of languages and of days; what has no day comes behind."""
    yield from kind.orders()
    _, days = kind.days
    if days:
        without = [number for number in range(len(kind.things)) if number not in days]
        when = {number: _when(days[number]) for number in sorted(days)}
        oldest = sorted(when, key=when.__getitem__)
        newest = sorted(when, key=when.__getitem__, reverse=True)
        yield NEWEST, [*newest, *without]
        yield OLDEST, [*oldest, *without]


def _when(text: str) -> tuple[int, str]:
    """Give what days and years are compared by; a year may be before the common era."""
    if text[4:5] in _AFTER_YEAR and text[:4].isdecimal():
        return int(text[:4]), text[4:]
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    year, dash, day = rest.partition("-")
    return sign * int(year[: _digits(year)] or 0), dash + day


def _digits(text: str) -> int:
    return next((place for place, sign in enumerate(text) if not sign.isdecimal()), len(text))


def _facets(kind: _Kind) -> list[_Facet]:
    """Give the facets of a class: days first, then what most members have."""
    date, days = kind.days
    found = [
        _Facet(predicate, VALUES, _by_count(kind, values))
        for predicate, values in narrow(kind.held, kind.iri)
    ]
    found.sort(key=_facet_rank)
    years = _years(days)
    if len(years) > 1:
        found.insert(0, _Facet(f"<{date}>".encode(), YEARS, years))
    return found[:_MOST_FACETS]


def _facet_rank(facet: _Facet) -> tuple[bool, int, int, bytes]:
    is_last = facet.predicate.startswith(_LAST)
    return is_last, -facet.members, len(facet.values), facet.predicate


def _by_count(kind: _Kind, values: dict[bytes, list[int]]) -> list[tuple[str, list[int]]]:
    numbered = [(value.decode(), kind.numbers(places)) for value, places in values.items()]
    return sorted(numbered, key=lambda value: (-len(value[1]), value[0]))


def _years(days: dict[int, str]) -> list[tuple[str, list[int]]]:
    """Group members by year, or by ten, a hundred or a thousand years."""
    years = {number: _when(text)[0] for number, text in days.items()}
    step = next(
        (each for each in _STEPS if len({y // each for y in years.values()}) <= _MOST_GROUPS),
        _STEPS[-1],
    )
    groups: dict[int, list[int]] = {}
    for number, year in sorted(years.items()):
        groups.setdefault(year // step * step, []).append(number)
    return [
        (str(start) if step == 1 else f"{start}-{start + step - 1}", groups[start])
        for start in sorted(groups)
    ]
