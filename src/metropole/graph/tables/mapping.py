"""Make statements of the rows of a table (Generating RDF from Tabular Data on the Web).

This is the minimal mode of that recommendation: what the cells say, nothing about the table
itself. It differs in three points, each for the sake of a graph without rubbish: addresses are
relative to the base of the site; a row whose own address lacks a value is told and left out; and
a virtual column whose address lacks one says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from metropole.graph.lexical import WORDS
from metropole.graph.spelling import Spelling
from metropole.graph.tables.date_forms import date_forms
from metropole.graph.tables.description import Column, Description
from metropole.graph.tables.rows import Row
from metropole.graph.tables.templates import LeavesBase, Template
from metropole.graph.white_space import TRIMMED, where_loose
from metropole.report import Severity
from metropole.vocab import RDF

_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_Node = ox.NamedNode | ox.BlankNode


class Cell(NamedTuple):
    """What a text in a column means; cells with equal texts are read once."""

    literals: tuple[ox.Literal, ...] = ()
    #: The value for templates; None when there is none.
    text: str | list[str] | None = None
    problem: str = ""
    #: The literals as they are written, when they are published in another spelling.
    respelled: tuple[ox.Literal, ...] = ()
    #: Whether an address is made of a text with white space at an end.
    is_loose: bool = False


class Trouble(NamedTuple):
    """Something wrong with a row, or with one cell of it."""

    message: str
    remedy: str
    column: "BoundColumn | None" = None
    severity: Severity = Severity.VIOLATION
    #: Whether the whole column has the same cause, so that a few examples are enough.
    is_of_column: bool = False


class TellRow(Protocol):
    """Takes what is wrong with a row."""

    def __call__(self, row: Row, trouble: Trouble, rule: str) -> None:
        """Remember the trouble as a finding of the rule."""


@dataclass(eq=False)
class BoundColumn:
    """A column of the description with its place in the file and its templates."""

    column: Column
    #: Place of the cell in a row; None for a virtual column, which has none.
    index: int | None
    #: The number of the column in the description, from 1.
    number: int
    about: Template | None
    property: Template
    value: Template | None

    def __post_init__(self) -> None:
        """Begin without having read anything."""
        self.cells: dict[str, Cell] = {}
        # Nearly always the same for all rows.
        self.predicate = (
            None if self.property.variables else ox.NamedNode(self.property.address({}))
        )
        self.says_something = not self.column.is_suppressed

    def variables(self) -> Iterator[str]:
        """Go through the variables of all templates."""
        for template in (self.about, self.property, self.value):
            if template is not None:
                yield from template.variables


class Mapping:
    """Reads the rows of one table into statements."""

    def __init__(
        self,
        description: Description,
        columns: list[BoundColumn],
        spelling: Spelling,
        tell_row: TellRow,
    ) -> None:
        """Take what is needed for all rows; `tell_row` is called with everything that is wrong."""
        self._columns = columns
        self._spelling = spelling
        # Cells are read once and told as often as they stand in the file.
        self._quiet = Spelling("")
        self._tell_row = tell_row
        self._key = [c for c in columns if c.column.name in description.primary_key]
        self._key_places = [columns.index(bound) for bound in self._key]
        self._keys: dict[tuple[str, ...], int] = {}
        self._datatypes = {c.column.name: ox.NamedNode(c.column.datatype.iri) for c in columns}
        self._says_nothing = description.is_suppressed
        used = {name for bound in columns for name in bound.variables()}
        self._in_addresses = used | set(description.primary_key)
        self._named_columns = [
            (place, bound.column.name)
            for place, bound in enumerate(columns)
            if bound.column.name in used
        ]

    def read(self, number: int, row: Row) -> list[ox.Quad]:
        """Give the statements of a row; `number` counts the rows below the header."""
        cells = self._cells(row)
        if cells is None or not self._is_first_of_key(row, cells) or self._says_nothing:
            return []
        values: dict[str, str | list[str]] = {
            name: text
            for place, name in self._named_columns
            if (text := cells[place].text) is not None
        }
        values["_row"], values["_sourceRow"] = str(number), str(row.line)
        subjects: dict[int, _Node | None] = {}
        quads = list[ox.Quad]()
        for bound, cell in zip(self._columns, cells, strict=True):
            if bound.says_something:
                quads += self._statements(bound, cell, row, values, subjects)
        return quads

    def _cells(self, row: Row) -> list[Cell] | None:
        """Read the cells of a row; None when the row is not to be used."""
        found, is_sound = [], True
        for bound in self._columns:
            text = "" if bound.index is None else row.cells[bound.index]
            cell = bound.cells.get(text)
            if cell is None:
                cell = bound.cells[text] = self._cell(bound, text)
            if cell.problem:
                is_sound = False
                self._tell_cell(row, bound, cell)
            if cell.is_loose:
                self._tell_loose(row, bound, text)
            for literal in cell.respelled:
                self._spelling.settle(literal, row.line, bound.column.name)
            found.append(cell)
        return found if is_sound else None

    def _tell_cell(self, row: Row, bound: BoundColumn, cell: Cell) -> None:
        wanted = bound.column.datatype.words
        remedy = f"Write {wanted}, leave the cell empty, or correct the datatype of the column."
        text = "" if bound.index is None else row.cells[bound.index].strip()
        forms = date_forms(text) if wanted == WORDS["date"] else []
        is_of_column = cell.problem != _MISSING and bool(forms)
        if cell.problem == _MISSING:
            remedy = "Fill the cell in."
        elif forms:
            other = " or ".join(f'"{form}"' for form in forms if len(form) == len(forms[0]))
            remedy = (
                f'Describe the column with "datatype": {{"base": "date", "format": {other}}}, or '
                f"write {wanted}."
            )
        elif _DECIMAL_COMMA.fullmatch(text):
            is_of_column = True
            remedy = f"Write {wanted} with a point, or describe the column with {_WITH_COMMA}."
        trouble = Trouble(cell.problem, remedy, bound, is_of_column=is_of_column)
        self._tell_row(row, trouble, rule="table-cell")

    def _tell_loose(self, row: Row, bound: BoundColumn, text: str) -> None:
        trouble = Trouble(
            f"'{text.strip()}' has white space {where_loose(text)} it, which becomes a part of the "
            "address that is made of it.",
            f"Remove it, or {TRIMMED}.",
            bound,
            Severity.WARNING,
        )
        self._tell_row(row, trouble, rule="white-space")

    def _cell(self, bound: BoundColumn, text: str) -> Cell:
        """Read a text (Model for Tabular Data and Metadata on the Web, section 6.4)."""
        column = bound.column
        text = column.datatype.normalized(text) or column.default
        if column.separator:
            return self._list_cell(column, text)
        if text in column.null:
            is_missing = column.is_required and bound.index is not None
            return Cell(problem=_MISSING if is_missing else "")
        try:
            literal = self._literal(column, text)
        except ValueError as error:
            return Cell(problem=_not_of(column, text, error))
        settled = self._quiet.settle(literal, 0)
        respelled = () if settled == literal else (literal,)
        is_loose = column.name in self._in_addresses and text.strip() != text
        return Cell((settled,), settled.value, "", respelled, is_loose)

    def _list_cell(self, column: Column, text: str) -> Cell:
        if not text or text in column.null:
            return Cell(problem=_MISSING if column.is_required else "")
        parts = text.split(column.separator)
        if not column.datatype.keeps_spaces:
            parts = [part.strip() for part in parts]
        literals = []
        for part in (part or column.default for part in parts):
            if part in column.null:
                continue
            try:
                literals.append(self._literal(column, part))
            except ValueError as error:
                return Cell(problem=_not_of(column, part, error))
        settled = [self._quiet.settle(literal, 0) for literal in literals]
        respelled = () if settled == literals else tuple(literals)
        return Cell(tuple(settled), [literal.value for literal in settled], "", respelled)

    def _literal(self, column: Column, text: str) -> ox.Literal:
        read = column.datatype.read(text)
        if not column.datatype.is_text:
            return ox.Literal(read, datatype=self._datatypes[column.name])
        return ox.Literal(read) if column.lang == "und" else ox.Literal(read, language=column.lang)

    def _is_first_of_key(self, row: Row, cells: list[Cell]) -> bool:
        if not self._key:
            return True
        key = tuple(str(cells[place].text) for place in self._key_places)
        first = self._keys.setdefault(key, row.line)
        if first == row.line:
            return True
        told = ", ".join(f"'{text}'" for text in key)
        message = f"{told} is the key of row {first} already."
        trouble = Trouble(message, "Give each row a key of its own.", self._key[0])
        self._tell_row(row, trouble, rule="table-key")
        return False

    def _statements(
        self,
        bound: BoundColumn,
        cell: Cell,
        row: Row,
        values: dict[str, str | list[str]],
        subjects: dict[int, _Node | None],
    ) -> list[ox.Quad]:
        """Make the statements of one cell (Generating RDF from Tabular Data, section 4.4)."""
        if cell.text is None and bound.index is not None:
            return []
        values["_name"], values["_column"] = bound.column.name, str(bound.number)
        objects = self._objects(bound, cell, row, values)
        if not objects:
            return []
        subject = self._subject(bound, row, values, subjects)
        predicate = bound.predicate or self._address(bound, bound.property, row, values)
        if subject is None or predicate is None:
            return []
        if bound.column.is_ordered and bound.column.separator and not bound.value:
            return list(_list(subject, predicate, objects))
        return [ox.Quad(subject, predicate, value) for value in objects]

    def _objects(
        self, bound: BoundColumn, cell: Cell, row: Row, values: dict[str, str | list[str]]
    ) -> list[ox.NamedNode | ox.Literal]:
        if bound.value is None:
            return [*cell.literals]
        if bound.index is None and any(name not in values for name in bound.value.variables):
            return []
        address = self._address(bound, bound.value, row, values)
        return [] if address is None else [address]

    def _subject(
        self,
        bound: BoundColumn,
        row: Row,
        values: dict[str, str | list[str]],
        subjects: dict[int, _Node | None],
    ) -> _Node | None:
        """Give the node that a cell speaks of; cells of a row that share a template share it."""
        key = id(bound.about)
        if key not in subjects:
            subjects[key] = (
                ox.BlankNode() if bound.about is None else self._named(bound, row, values)
            )
        return subjects[key]

    def _named(
        self, bound: BoundColumn, row: Row, values: dict[str, str | list[str]]
    ) -> ox.NamedNode | None:
        assert bound.about is not None
        missing = [name for name in bound.about.variables if name not in values]
        if not missing:
            return self._address(bound, bound.about, row, values)
        at = next((c for c in self._columns if c.column.name == missing[0]), None)
        message = f"The address of this row is made of '{missing[0]}', which is empty."
        trouble = Trouble(message, "Fill the cell in, or remove the row.", at)
        self._tell_row(row, trouble, rule="table-key")
        return None

    def _address(
        self,
        bound: BoundColumn,
        template: Template,
        row: Row,
        values: dict[str, str | list[str]],
    ) -> ox.NamedNode | None:
        try:
            return ox.NamedNode(template.address(values))
        except LeavesBase as error:
            trouble = Trouble(
                f"A relative address leads to '{error}', outside of the site's base.",
                "Write the address in full, or without the leading '/' or the '..'.",
                bound,
            )
            self._tell_row(row, trouble, rule="leaves-base")
        except ValueError:
            trouble = Trouble(
                f"'{template.address(values)}' is no address.",
                "Correct the cell: an address has no space and no bracket in it.",
                bound,
            )
            self._tell_row(row, trouble, rule="table-address")
        return None


_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_WITH_COMMA = '"datatype": {"base": "decimal", "format": {"decimalChar": ","}}'
_MISSING = "The cell is empty, and a value is required."


def _not_of(column: Column, text: str, error: ValueError) -> str:
    reason = f": {error}" if str(error) and not str(error).startswith("invalid") else ""
    return f"'{text}' is not {column.datatype.words}{reason}."


def _list(
    subject: _Node, predicate: ox.NamedNode, objects: list[ox.NamedNode | ox.Literal]
) -> Iterator[ox.Quad]:
    """Make an RDF list of the values of an ordered column."""
    nodes: list[_Node] = [ox.BlankNode() for _ in objects]
    yield ox.Quad(subject, predicate, nodes[0])
    for node, value, rest in zip(nodes, objects, [*nodes[1:], _NIL], strict=True):
        yield ox.Quad(node, _FIRST, value)
        yield ox.Quad(node, _REST, rest)
