"""Fetch the values of properties for things that were matched (data extension)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyoxigraph as ox

from metropole.vocab import NUMBERS, XSD
from metropole.web import languages
from metropole.web.labels import Labels
from metropole.web.reconcile.paths import Path, Term
from metropole.web.reconcile.questions import ALL_LANGUAGES, CONTENTS, Extension, Setting, Wrong
from metropole.web.reconcile.schema import Schema
from metropole.web.reconcile.schema import Term as Told
from metropole.web.reconcile.things import Things

#: Values of one property of one thing; of more it must be said how many are wanted.
MOST_VALUES = 1_000
#: Whole numbers that every client can hold (32 bits); a larger one is told as a float.
_MOST_INT = 2**31 - 1
_INTEGERS = frozenset(NUMBERS) - {XSD + name for name in ("decimal", "double", "float")}


@dataclass(frozen=True)
class Cell:
    """One value: a thing with its id, a text, a number or a time."""

    #: `id`, `str`, `int`, `float` or `date`, as the API calls them.
    kind: str
    value: str | int | float
    #: What a thing is called.
    name: str = ""
    language: str = ""


@dataclass(frozen=True)
class Column:
    """A property that was asked for, as clients name it, and what it is called."""

    id: str
    told: Told
    #: The class of all values that are things, where there is one.
    kind: Told | None = None


@dataclass(frozen=True)
class Extended:
    """What was fetched: for each id, for each column, the values."""

    columns: list[Column]
    rows: dict[str, list[list[Cell]]]


def extended(things: Things, schema: Schema, asked: Extension) -> Extended:
    """Fetch what is wanted; an id that nobody has gives no values. Raises Wrong."""
    nodes = {each: things.named(each) for each in asked.ids}
    found: dict[tuple[str, int], list[Term]] = {
        (id_, place): _values(things, node, path, setting, id_)
        for id_, node in nodes.items()
        if node is not None
        for place, (_, path, setting) in enumerate(asked.properties)
    }
    mentioned = [term for terms in found.values() for term in terms]
    labels = Labels(
        things.store,
        [term for term in mentioned if isinstance(term, ox.NamedNode)],
        languages=languages.liked(),
    )
    writer = _Writer(things, labels)
    rows = {
        id_: [
            writer.cells(found.get((id_, place), []), path, setting)
            for place, (_, path, setting) in enumerate(asked.properties)
        ]
        for id_ in asked.ids
    }
    kind_of_rows = _kind_of_all(things, (node for node in nodes.values() if node is not None))
    told = schema.properties([path for _, path, _ in asked.properties], kind_of_rows)
    kinds = [
        _kind_of_all(things, (term for id_ in asked.ids for term in found.get((id_, place), [])))
        if path.steps and setting.content == CONTENTS[0]
        else ""
        for place, (_, path, setting) in enumerate(asked.properties)
    ]
    columns = [
        Column(name, each, schema.types([kind])[0] if kind else None)
        for (name, _, _), each, kind in zip(asked.properties, told, kinds, strict=True)
    ]
    return Extended(columns, rows)


def _values(
    things: Things, node: ox.NamedNode, path: Path, setting: Setting, id_: str
) -> list[Term]:
    most = MOST_VALUES
    found = path.values(things.store, node, most=most)
    if len(found) > most and not (setting.limit and setting.limit <= most):
        raise Wrong(
            f"'{path.id}' of '{id_}' has more than {most:,} values. Say with the setting 'limit' "
            f"how many you want, at most {most:,}, or ask /sparql",
            "properties",
        )
    return found[:most]


class _Writer:
    """Writes values as cells."""

    def __init__(self, things: Things, labels: Labels) -> None:
        self._things = things
        self._labels = labels

    def cells(self, terms: list[Term], path: Path, setting: Setting) -> list[Cell]:
        """Write the values of a property, as many as are wanted."""
        terms = self._in_language(terms, setting.language)
        if setting.content == "count":
            return [Cell("int", len(terms))]
        if not path.steps:
            terms, setting = terms[:1], Setting(content="iri")
        wanted = terms[: setting.limit] if setting.limit else terms
        cells = (self._cell(term, setting.content) for term in wanted)
        return list(dict.fromkeys(cell for cell in cells if cell is not None))

    def _in_language(self, terms: list[Term], language: str) -> list[Term]:
        """Keep of texts those in a language, or the one that the reader likes best."""
        texts = [each for each in terms if isinstance(each, ox.Literal) and each.language]
        if language == ALL_LANGUAGES or not texts:
            return terms
        if not language:
            language = self._labels.best(texts).language
        kept = [each for each in texts if each.language == language]
        return [each for each in terms if each not in texts or each in kept]

    def _cell(self, term: Term, content: str) -> Cell | None:
        if isinstance(term, ox.Literal):
            return _literal(term)
        if not isinstance(term, ox.NamedNode):
            return None  # a blank node has no name that anyone could use
        name = self._labels.of(term) if self._things.is_one(term) else self._labels.term(term)
        if content == "name":
            return Cell("str", name.text, language=name.language)
        if content == "iri" or not self._things.is_one(term):
            return Cell("str", term.value)
        return Cell("id", self._things.id_of(term), name.text, name.language)


def _literal(term: ox.Literal) -> Cell:
    """Write a literal as what programs can reckon with, where the API has that."""
    kind, text = term.datatype.value, term.value
    if kind in _INTEGERS:
        number = int(text)
        return Cell("int", number) if abs(number) <= _MOST_INT else _float(text)
    if kind in NUMBERS:
        return _float(text)
    if kind == XSD + "date" and _is_time(text + "T00:00:00Z"):
        return Cell("date", text + "T00:00:00Z")
    if kind == XSD + "dateTime" and _is_time(text):
        return Cell("date", text)
    return Cell("str", text, language=term.language or "")


def _float(text: str) -> Cell:
    number = float(text)
    # JSON has no infinity.
    return Cell("float", number) if math.isfinite(number) else Cell("str", text)


def _is_time(text: str) -> bool:
    """Tell whether a time is one that clients can read."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _kind_of_all(things: Things, terms: Iterable[Term]) -> str:
    """Give the class that all things among some values have; empty without one."""
    common: list[str] | None = None
    for term in terms:
        if things.is_one(term):
            own = [kind.value for kind in things.classes(term)]
            common = own if common is None else [each for each in common if each in own]
    return common[0] if common else ""
