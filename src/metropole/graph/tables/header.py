"""Bind the columns of a description to those of the file, by the header."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from metropole.graph.tables.csvw_library import PREFIXES
from metropole.graph.tables.description import Column, Description
from metropole.graph.tables.mapping import BoundColumn
from metropole.graph.tables.rows import Row
from metropole.graph.tables.templates import LeavesBase, Template, UnknownPrefix, prefix_of
from metropole.report import Finding, Severity
from metropole.sources import Source, iri_path
from metropole.vocab import RDF, WELL_KNOWN_PREFIXES, WGS84, WGS84_NAMES

#: What else than the delimiter may stand between cells, in words.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "strokes", ",": "commas"}
#: Variables that every row has (Model for Tabular Data, section 4.3 and 4.4).
_ROW_VARIABLES = frozenset({"_row", "_sourceRow", "_name", "_column"})
#: How the property is written whose values are classes.
_TYPE = ("rdf:type", RDF + "type")


@dataclass(frozen=True)
class Bound:
    """The columns of a table, and how many cells its rows have."""

    columns: list[BoundColumn]
    width: int


def bind(
    source: Source,
    description: Description,
    headers: list[Row],
    first: Row | None,
    base: str,
) -> tuple[Bound | None, list[Finding]]:
    """Find each described column in the file.

    Columns are found by the header, in any order; without one (`first` is the first row then)
    they are those of the file in their order. None is given when the table cannot be read.
    """
    binder = _Binder(source, description, base)
    if headers:
        places, width = binder.places_by_title(headers)
    else:
        places, width = binder.places_in_order(first)
    columns = binder.columns(places)
    is_sound = not any(finding.severity is Severity.VIOLATION for finding in binder.findings)
    return (Bound(columns, width) if is_sound else None), binder.findings


class _Binder:
    def __init__(self, source: Source, description: Description, base: str) -> None:
        self._source = source
        self._description = description
        self._base = base
        self._line = 1
        self.findings: list[Finding] = []

    @property
    def _file(self) -> str:
        """Give the name of the file as a part of an address; a colon would make it absolute."""
        return iri_path(self._source.path.name).replace(":", "%3A")

    @property
    def _real(self) -> list[Column]:
        return [column for column in self._description.columns if not column.is_virtual]

    def places_by_title(self, headers: list[Row]) -> tuple[dict[str, int], int]:
        self._line = headers[0].line
        titles = [cell.strip() for cell in headers[0].cells]
        while titles and not titles[-1]:
            titles.pop()
        for title, count in Counter(titles).items():
            if not title:
                self._tell_unnamed([place for place, each in enumerate(titles, 1) if not each])
            elif count > 1:
                told = f"{count} columns are called '{title}'."
                self._tell_header(told, "Give each column a name of its own in the first row.")
        places: dict[str, int] = {}
        if self._is_separated_otherwise(titles):
            return places, len(titles)
        for column in self._real:
            found = [titles.index(name) for name in (*column.titles, column.name) if name in titles]
            if found:
                places[column.name] = found[0]
            else:
                self._tell_header(
                    f"There is no column '{(*column.titles, column.name)[0]}', which "
                    f"'{self._description.file}' describes; the header has {_listed(titles)}.",
                    "Correct the header or the description; a missing header row is put on top, "
                    'or told by "dialect": {"header": false}.',
                )
        self._ignored(titles, set(places.values()))
        return places, len(titles)

    def _tell_unnamed(self, places: list[int]) -> None:
        """Tell the columns without a name by their numbers, counted from 1."""
        last, before = places[-1], ", ".join(map(str, places[:-1]))
        what = f"Columns {before} and {last} have" if before else f"Column {last} has"
        self._tell_header(
            f"{what} no name in the header.",
            "Write one into the first row, or remove the column.",
        )

    def _is_separated_otherwise(self, titles: list[str]) -> bool:
        """Tell, as one finding, that all titles are in one cell."""
        wanted = len(self._real) - 1
        if len(titles) != 1 or not wanted:
            return False
        sign = next((each for each in _SEPARATORS if titles[0].count(each) >= wanted), "")
        if sign:
            written = json.dumps({"delimiter": sign})
            self._tell_header(
                f"The header is one cell, {_listed(titles)}, and {wanted + 1} columns are "
                f"described: they seem to be separated by {_SEPARATORS[sign]}.",
                f"Write \"dialect\": {written} into '{self._description.file}'.",
            )
        return bool(sign)

    def _ignored(self, titles: list[str], used: set[int]) -> None:
        ignored = [title for index, title in enumerate(titles) if index not in used]
        if ignored and not self.findings:
            self.findings.append(
                Finding(
                    Severity.WARNING,
                    "column-ignored",
                    f"Nothing says what {_listed(ignored)} means, so it was left out.",
                    file=self._source.name,
                    line=self._line,
                    remedy=f"Describe the column in '{self._description.file}'; "
                    'with "suppressOutput": true it is left out on purpose.',
                )
            )

    def places_in_order(self, first: Row | None) -> tuple[dict[str, int], int]:
        real = self._real
        width = len(first.cells) if first else len(real)
        if width < len(real):
            self._tell_header(
                f"{len(real)} columns are described, and the first row has {width} cells.",
                "Correct the description, or the delimiter in its dialect.",
            )
        return {column.name: index for index, column in enumerate(real)}, width

    def columns(self, places: dict[str, int]) -> list[BoundColumn]:
        terms: dict[str, Template | None] = {"": None}
        templates = dict(terms)
        columns = []
        for number, column in enumerate(self._description.columns, 1):
            values = terms if column.property in _TYPE else templates
            for text, known in (
                (column.about, templates),
                (column.property, terms),
                (column.value, values),
            ):
                if text not in known:
                    known[text] = self._template(text, column, is_term=known is terms)
            own = f"{self._file}#{quote(column.name, safe='%')}"
            columns.append(
                BoundColumn(
                    column,
                    places.get(column.name),
                    number,
                    about=templates[column.about],
                    property=terms[column.property] or Template(own, base=self._base),
                    value=values[column.value],
                )
            )
        self._defaults()
        return columns

    def _template(self, text: str, column: Column, *, is_term: bool) -> Template | None:
        try:
            template = Template(text, base=self._base, is_term=is_term)
            if not template.variables and not _is_address(template):
                raise ValueError(f"'{text}' is no address")  # noqa: TRY301  # told like the others
        except LeavesBase:
            self._tell_template(column, f"'{text}' leaves the base of the site.", "Correct it.")
            return None
        except UnknownPrefix as error:
            self._tell_template(column, f"{error}.", _in_full(error.prefix, error.name))
            return None
        except ValueError as error:
            self._tell_template(column, f"{error}.", "Correct the address.")
            return None
        known = {other.name for other in self._description.columns} | _ROW_VARIABLES
        for name in template.variables:
            if name not in known:
                self._tell_template(
                    column,
                    f"'{text}' names the column '{name}', which is not described.",
                    f"The names are {_listed(other.name for other in self._real)}.",
                )
        prefix = prefix_of(text)
        if WELL_KNOWN_PREFIXES.get(prefix, PREFIXES.get(prefix)) != PREFIXES.get(prefix):
            self._tell_template(
                column,
                f"In CSV on the Web '{prefix}:' stands for <{PREFIXES[prefix]}>, "
                f"elsewhere in a site for <{WELL_KNOWN_PREFIXES[prefix]}>.",
                "Write the address in full.",
                severity=Severity.WARNING,
            )
        return template

    def _defaults(self) -> None:
        """Tell where the standard would make names that nobody can look up."""
        said = [column for column in self._description.columns if not column.is_suppressed]
        unnamed = [column.name for column in said if not column.property]
        if unnamed:
            self._warn(
                f"No property is named for {_listed(unnamed)}.",
                'Name it, as "propertyUrl": "ns#name"; with "suppressOutput": true the column '
                "is left out.",
            )
        if any(not column.about for column in said):
            self._warn(
                "The rows have no addresses, so nobody can point to them.",
                'Write "aboutUrl": "id/town/{key}" into the tableSchema, where key is a column.',
            )

    def _warn(self, message: str, remedy: str) -> None:
        self.findings.append(
            Finding(
                Severity.WARNING,
                "table-defaults",
                message,
                file=self._description.file,
                remedy=remedy,
            )
        )

    def _tell_header(self, message: str, remedy: str) -> None:
        self.findings.append(
            Finding(
                Severity.VIOLATION,
                "table-header",
                message,
                file=self._source.name,
                line=self._line,
                remedy=remedy,
            )
        )

    def _tell_template(
        self,
        column: Column,
        message: str,
        remedy: str,
        *,
        severity: Severity = Severity.VIOLATION,
    ) -> None:
        self.findings.append(
            Finding(
                severity,
                "table-description",
                f"Column '{column.name}': {message}",
                file=self._description.file,
                remedy=remedy,
            )
        )


def _in_full(prefix: str, name: str) -> str:
    """Say how a prefixed name is written in a description, with its namespace where it is known."""
    if prefix == "geo" and name in WGS84_NAMES:  # two vocabularies are known by this prefix
        return f"Write the IRI in full: {WGS84}{name}."
    if prefix in WELL_KNOWN_PREFIXES:
        return f"Write the IRI in full: {WELL_KNOWN_PREFIXES[prefix]}{name}."
    return "Write the IRI in full, as https://schema.org/name."


def _is_address(template: Template) -> bool:
    try:
        ox.NamedNode(template.address({}))
    except LeavesBase:
        raise
    except ValueError:
        return False
    return True


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "nothing"
