"""What pages show of statements: values, rows, sections, tables, quotations."""

from typing import NamedTuple

from metropole.web.labels import NAMELESS, Name


class Quotation(NamedTuple):
    """A place in a document (Web Annotation Vocabulary, section 3.2.5): its words, where it is."""

    words: Name
    document: "Value"
    #: Where the words stand, in code points from 0; both empty when nobody says.
    start: str
    end: str
    address: str
    #: What stands before and after the words, where that is stated.
    before: str = ""
    after: str = ""
    #: Where the document is on the web.
    addresses: tuple["Value", ...] = ()


class Value(NamedTuple):
    """One value as a page shows it."""

    name: Name
    #: Where a click leads; empty for a literal.
    address: str = ""
    #: Whether the address is on this server.
    is_local: bool = False
    #: Short name of a datatype that is worth showing.
    datatype: str = ""
    #: Rows of a thing that is shown where it is mentioned.
    rows: tuple["Row", ...] = ()
    #: The value for machines, where people read it otherwise, and whether it is a time.
    machine: str = ""
    is_time: bool = False
    unit: Name = NAMELESS
    quotation: Quotation | None = None


class Table(NamedTuple):
    """Values with what is said of them, a row each; the first column is the value itself."""

    columns: tuple[Name, ...]
    rows: tuple["TableRow", ...]


class TableRow(NamedTuple):
    """A value, its cells, and what is said of it in columns that most rows leave empty."""

    value: Value
    cells: tuple[tuple[Value, ...], ...]
    more: tuple[tuple[Name, tuple[Value, ...]], ...]


class Row(NamedTuple):
    """A property with its values."""

    name: Name
    iri: str
    address: str
    values: tuple[Value, ...]
    #: What the property means, from the shape.
    help: Name = NAMELESS
    table: Table | None = None
    #: Places in the list of graphs that state it.
    graphs: tuple[int, ...] = ()


class Section(NamedTuple):
    """A part of a page; without a title when the shapes know no groups."""

    title: Name
    rows: tuple[Row, ...]
    #: Whether no shape speaks of what is in it.
    is_rest: bool = False


class Pointing(NamedTuple):
    """The things of one class that point to the thing of the page with one property."""

    kind: Name
    kind_iri: str
    predicate: Name
    predicate_iri: str
    values: tuple[Value, ...]
