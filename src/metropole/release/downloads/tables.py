"""Make a flat table of the members of a class: a row for each, a column for each property.

A property may need several columns: one for each language its texts are in, one for the IRIs it
leads to and one for what these are called. What hangs from a node without an IRI is in columns
of its own, named after both properties; deeper than that, and in lists, it is left out and told.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from re import ASCII, sub

from metropole.graph.names import Names, words
from metropole.graph.statement_lines import iri_of, subject_of
from metropole.release.dataset import Dataset
from metropole.release.downloads.terms import value_of
from metropole.vocab import LABEL_PROPERTIES, NUMBERS, QUDT, RDF, SCHEMA, SDMX_ATTRIBUTE, XSD

IRI, LABEL = "iri", "label"
#: Properties that tell the unit of a value, or of all values of a property.
UNITS = (
    *(QUDT + name for name in ("unit", "hasUnit")),
    *(SCHEMA + name for name in ("unitCode", "unitText")),
    SDMX_ATTRIBUTE + "unitMeasure",
)
#: What may stand between several values of a cell: the first that is in none of them.
_SEPARATORS = ("|", ";", "¦", "‖", "␞", "␟", "\x1e", "\x1f")
_LISTS = (f"<{RDF}first>".encode(), f"<{RDF}rest>".encode())
_TYPE = f"<{RDF}type>".encode()
_INTEGERS = frozenset(NUMBERS) - {XSD + name for name in ("decimal", "double", "float")}
_DIGITS = 4
_FLOATS = frozenset({XSD + "double", XSD + "float"})
#: Properties on the way to a value, and its language, `<` for an IRI, or nothing.
_Key = tuple[tuple[bytes, ...], str]
_Cells = dict[_Key, list[str]]


@dataclass(frozen=True)
class Column:
    """A column: where its values come from and how they are written."""

    name: str
    #: What the property is called, and what it means.
    title: str
    description: str
    #: IRIs of the properties that lead to a value; none for `iri` and `label`.
    path: tuple[str, ...] = ()
    language: str = ""
    #: Of the values; empty for IRIs and for names that are looked up.
    datatype: str = XSD + "string"
    #: All datatypes that occur, when they are several.
    datatypes: tuple[str, ...] = ()
    #: What stands between several values; empty when no row has more than one.
    separator: str = ""
    #: Whether the values are IRIs, and whether they are the names of those of another column.
    is_link: bool = False
    names_of: str = ""
    #: Unit of all values, or the column that has the unit of each.
    unit: str = ""
    unit_column: str = ""
    #: Rows that have a value.
    filled: int = 0


@dataclass(frozen=True)
class Vocabulary:
    """What terms and things are called and mean, for titles and names in tables."""

    names: Names
    labels: Mapping[str, str]
    descriptions: Mapping[str, str]
    #: Property to its unit.
    units: Mapping[str, str]
    languages: tuple[str, ...]
    #: Properties that tell units, those of the site among them.
    unit_properties: frozenset[str] = frozenset(UNITS)


@dataclass
class Table:
    """The table of a class."""

    about: str
    title: str
    description: str
    vocabulary: Vocabulary
    rows: list[tuple[str, _Cells]]
    datatypes: Mapping[_Key, set[str]]
    #: Number of nodes without an IRI that are in no column.
    left_out: int = 0
    _most: Counter[_Key] = field(default_factory=Counter)
    _filled: Counter[_Key] = field(default_factory=Counter)

    @classmethod
    def of(
        cls, about: str, dataset: Dataset, members: set[bytes], vocabulary: Vocabulary
    ) -> "Table":
        """Collect what is said of the members of a class."""
        reader = _Reader(dataset)
        rows = [(iri, cells) for iri, cells in reader.rows(members)]
        table = cls(
            about,
            vocabulary.labels.get(about) or words(about),
            vocabulary.descriptions.get(about, ""),
            vocabulary,
            rows,
            reader.datatypes,
            reader.left_out,
        )
        for _, cells in rows:
            for key, values in cells.items():
                table._filled[key] += 1
                table._most[key] = max(table._most[key], len(values))
        return table

    @cached_property
    def columns(self) -> list[Column]:
        """List the columns: the thing, its name, then the properties, names before others."""
        iri = Column(IRI, "IRI", "The address of the thing.", is_link=True, filled=len(self.rows))
        name = Column(
            LABEL,
            "name",
            "What the thing is called, in the first of the languages it has a name in.",
            names_of=IRI,
            filled=len(self.rows),
        )
        made = [iri, name]
        for key, base_name in self._named_keys.items():
            made += self._columns_of(key, base_name)
        return [self._with_unit(column, made) for column in made]

    @cached_property
    def _named_keys(self) -> dict[_Key, str]:
        """Name the column of each kind of value; names are what a program can write."""
        keys = sorted(self._filled, key=self._rank)
        kinds = Counter(path for path, _ in {(path, kind == "<") for path, kind in keys})
        stems = self._stems({path for path, _ in keys})
        taken, named = {IRI, LABEL}, dict[_Key, str]()
        for path, kind in keys:
            name = stems[path]
            if kind == "<":
                name += "_iri" * (kinds[path] > 1)
            elif kind:
                name += "_" + sub(r"\W", "_", kind, flags=ASCII)
            if name in taken or f"{name}_label" in taken:
                name += "_" + sha256(repr((path, kind)).encode()).hexdigest()[:_DIGITS]
            taken |= {name, f"{name}_label"}
            named[path, kind] = name
        return named

    def _stems(self, paths: set[tuple[bytes, ...]]) -> dict[tuple[bytes, ...], str]:
        locals_of = {path: "_".join(_local(iri_of(step)) for step in path) for path in paths}
        used = Counter(locals_of.values())
        return {
            path: name
            if used[name] == 1
            else "_".join(
                sub(r"\W", "_", self.vocabulary.names.short(iri_of(step)), flags=ASCII)
                or _local(iri_of(step))
                for step in path
            )
            for path, name in locals_of.items()
        }

    def _rank(self, key: _Key) -> tuple[bool, int, list[bytes], bool, int, str]:
        path, kind = key
        first = iri_of(path[0])
        languages = self.vocabulary.languages
        is_name = len(path) == 1 and first in LABEL_PROPERTIES
        return (
            not is_name,
            LABEL_PROPERTIES.index(first) if is_name else 0,
            list(path),
            kind == "<",
            languages.index(kind) if kind in languages else len(languages) * bool(kind),
            kind,
        )

    def _columns_of(self, key: _Key, name: str) -> Iterator[Column]:
        path, kind = key
        iris = tuple(map(iri_of, path))
        known = self.vocabulary
        title = ", ".join(known.labels.get(iri) or words(iri) for iri in iris)
        said = known.descriptions.get(iris[-1], "")
        many = self._most[key] > 1
        if kind == "<":
            separator = self._separator([key], lambda text: text) if many else ""
            yield Column(
                *(name, title, said, iris),
                separator=separator,
                is_link=True,
                filled=self._filled[key],
            )
            links = {text for _, cells in self.rows for text in cells.get(key, ())}
            named = sum(link in known.labels for link in links)
            if named:
                separator = self._separator([key], self.label) if many else ""
                yield Column(
                    *(f"{name}_label", f"{title} (name)", said, iris),
                    separator=separator,
                    names_of=name,
                    filled=self._filled[key],
                )
            return
        found = sorted(self.datatypes[key])
        yield Column(
            *(name, title, said, iris),
            language=kind,
            datatype=_widest(found),
            datatypes=tuple(found) if len(found) > 1 else (),
            separator=self._separator([key], lambda text: text) if many else "",
            unit="" if kind else known.units.get(iris[-1], ""),
            filled=self._filled[key],
        )

    def label(self, iri: str) -> str:
        """Give what a thing is called; nothing when it has no name."""
        return self.vocabulary.labels.get(iri, "")

    def _separator(self, keys: Iterable[_Key], written: Callable[[str], str]) -> str:
        used: set[str] = set()
        for _, cells in self.rows:
            for key in keys:
                for text in cells.get(key, ()):
                    used.update(written(text))
        free = (sign for sign in _SEPARATORS if sign not in used)
        return next(free, _SEPARATORS[-1])

    def _with_unit(self, column: Column, columns: list[Column]) -> Column:
        """Point a number without a unit to the column that has it, when there is one."""
        if column.unit or column.datatype not in NUMBERS or not column.path:
            return column
        units = [
            other.name
            for other in columns
            if other.path
            and other.path[-1] in self.vocabulary.unit_properties
            and other.path[:-1] == column.path[:-1]
            and not other.names_of
        ]
        return replace(column, unit_column=units[0]) if units else column

    def cells(self, columns: Iterable[Column]) -> Iterator[list[list[str]]]:
        """Go through the rows: for each column the values of its cell."""
        sources = [self._source(column) for column in columns]
        for iri, cells in self.rows:
            yield [
                [text if not names else self.label(text) for text in cells.get(key, ())]
                if key is not None
                else [self.vocabulary.labels.get(iri) or _local(iri) if names else iri]
                for key, names in sources
            ]

    def _source(self, column: Column) -> tuple[_Key | None, bool]:
        if not column.path:
            return None, column.name == LABEL
        wanted = column.names_of or column.name
        key = next(key for key, name in self._named_keys.items() if name == wanted)
        return key, bool(column.names_of)


class _Reader:
    """Reads what is said of things into cells."""

    def __init__(self, dataset: Dataset) -> None:
        self._triples = list(dataset.triples())
        self._nodes: dict[bytes, list[tuple[bytes, bytes]]] = {}
        for line in reversed(self._triples):
            if not line.startswith(b"_:"):
                break  # blank nodes come last
            subject, predicate, value = line[:-2].split(b" ", 2)
            self._nodes.setdefault(subject, []).insert(0, (predicate, value))
        self.datatypes: dict[_Key, set[str]] = defaultdict(set)
        self.left_out = 0

    def rows(self, members: set[bytes]) -> Iterator[tuple[str, _Cells]]:
        """Go through the members in the order of their IRIs."""
        for subject, group in groupby(self._triples, key=subject_of):
            if subject in members:
                start, cells = len(subject) + 1, dict[_Key, list[str]]()
                for line in group:
                    predicate, _, value = line[start:-2].partition(b" ")
                    self._read((predicate,), value, cells)
                yield subject[1:-1].decode(), cells

    def _read(self, path: tuple[bytes, ...], term: bytes, cells: _Cells) -> None:
        if term.startswith(b"_:"):
            self._read_node(path, term, cells)
            return
        value = value_of(term)
        if not value.is_literal:
            key = (path, "<")
        else:
            key = (path, value.language)
            self.datatypes[key].add(value.datatype)
        values = cells.setdefault(key, [])
        if value.text not in values:  # the same spelling in two datatypes
            values.append(value.text)

    def _read_node(self, path: tuple[bytes, ...], node: bytes, cells: _Cells) -> None:
        said = self._nodes.get(node, [])
        if len(path) > 1 or not said or any(predicate in _LISTS for predicate, _ in said):
            self.left_out += 1
            return
        for predicate, value in said:
            if predicate != _TYPE:
                self._read((*path, predicate), value, cells)


def _widest(datatypes: list[str]) -> str:
    """Give the datatype that holds the values of all: numbers are numbers, the rest is text."""
    if len(datatypes) == 1:
        return datatypes[0]
    kinds = set(datatypes)
    if kinds <= set(NUMBERS):
        if kinds <= _INTEGERS:
            return XSD + "integer"
        return XSD + ("double" if kinds & _FLOATS else "decimal")
    return XSD + "string"


def _local(iri: str) -> str:
    """Give the last part of an IRI as a name that programs can use."""
    local = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
    return sub(r"\W", "_", local, flags=ASCII) or "value"
