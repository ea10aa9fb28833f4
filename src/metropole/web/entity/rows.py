"""Write the statements about a thing as the rows of a page: values, nested rows, tables."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import pyoxigraph as ox

from metropole.store.reading import Node, ReadingStore
from metropole.vocab import DCT, LABEL_PROPERTIES, OA, RDF, SCHEMA, XSD
from metropole.web import addresses
from metropole.web.entity.layouts import Field, Layout, Layouts, Viewer
from metropole.web.entity.said import FIRST, Said, Term
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.values import units
from metropole.web.values.literals import written
from metropole.web.values.shown_values import Quotation, Row, Section, Table, TableRow, Value

_TYPE = ox.NamedNode(RDF + "type")
_LANGUAGES = (ox.NamedNode(SCHEMA + "inLanguage"), ox.NamedNode(DCT + "language"))
#: A tag of a language (BCP 47), as far as that can be told from its form.
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
SOURCE, _SELECTOR, _EXACT, _START, _END, _BEFORE, _AFTER = (
    ox.NamedNode(OA + name)
    for name in ("hasSource", "hasSelector", "exact", "start", "end", "prefix", "suffix")
)
#: Where a document is on the web.
_WEB = tuple(ox.NamedNode(iri) for iri in (DCT + "source", SCHEMA + "url"))
#: Things inside things that a page shows, and columns of a table.
_DEPTH_SHOWN, _COLUMNS_SHOWN = 5, 6
#: Texts that have an order.
_SEVERAL = 2


class Rows:
    """Writes statements as rows; `said` holds those about a thing and all it is made of."""

    def __init__(
        self,
        store: ReadingStore,
        labels: Labels,
        said: Iterable[ox.Quad],
        layouts: Layouts | None = None,
    ) -> None:
        self._store = store
        self._base = store.release.manifest.content.base
        self._labels = labels
        self._layouts = layouts
        self._here = addresses.here()
        self._addresses: dict[ox.NamedNode, tuple[str, bool]] = {}
        self._said = Said(said)
        #: The graphs that state something, each with its place in their list.
        self.graphs = self._said.graphs

    def values_of(self, node: Node, predicate: ox.NamedNode) -> list[Term]:
        """List the values of a property of a thing."""
        return self._said.values_of(node, predicate)

    def _shown(self, node: Node, predicate: ox.NamedNode) -> list[Term]:
        """List the values of a property as a page shows them: texts by the reader's languages."""
        found = self.values_of(node, predicate)
        texts = [each for each in found if isinstance(each, ox.Literal) and each.language]
        if len(texts) < _SEVERAL or len(texts) < len(found):
            return found
        return list(self._labels.liked_first(texts))

    def sections(
        self,
        node: ox.NamedNode,
        layout: Layout,
        pointing: Mapping[ox.NamedNode, list[Node]],
        told: Collection[ox.NamedNode] = (),
    ) -> tuple[Section, ...]:
        """Write all that is said of a thing, in the sections of its layout; the rest comes last.

        Properties that were told elsewhere on the page are left out.
        """
        found = []
        for group, fields in layout.sections:
            rows = (
                self._row(node, field, pointing)
                for field in fields
                if field.is_inverse or field.path not in told
            )
            shown = tuple(row for row in rows if row is not None)
            if shown:
                found.append(Section(self._labels.best(group.names), shown))
        known = {field.path for field in layout.fields if not field.is_inverse} | {_TYPE, *told}
        rest = tuple(
            self._plain(node, predicate, 0)
            for predicate in self._said.properties_of(node)
            if predicate not in known
        )
        return (*found, Section(NAMELESS, rest, is_rest=bool(found))) if rest else tuple(found)

    def _row(
        self, node: ox.NamedNode, field: Field, pointing: Mapping[ox.NamedNode, list[Node]]
    ) -> Row | None:
        terms: list[Term] = (
            list(pointing.get(field.path, ()))
            if field.is_inverse
            else self._shown(node, field.path)
        )
        if not terms:
            return None
        things = [term for term in terms if isinstance(term, ox.NamedNode) and term in self._said]
        table = None
        if field.viewer is Viewer.TABLE and things:
            table, terms = self._table(things, field.path), [t for t in terms if t not in things]
        values = [self.value(term, field, back=node) for term in terms]
        return Row(
            self._labels.best(field.names) if field.names else self._labels.term(field.path),
            field.path.value,
            self.address(field.path),
            tuple(dict.fromkeys(values) if len(values) > 1 else values),
            self._labels.best(field.descriptions),
            table,
            self.stated(node, field.path),
        )

    def stated(self, node: Node, predicate: ox.NamedNode) -> tuple[int, ...]:
        """Give the places of the graphs that state a property of a thing."""
        return self._said.stated(node, predicate)

    def _plain(self, node: Node, predicate: ox.NamedNode, depth: int) -> Row:
        """Write a property that no shape speaks of."""
        field = Field(predicate)
        terms = self._shown(node, predicate)
        values = [self.value(term, field, depth=depth) for term in terms]
        return Row(
            self._labels.term(predicate),
            predicate.value,
            self.address(predicate),
            tuple(dict.fromkeys(values) if len(values) > 1 else values),
            graphs=self.stated(node, predicate) if not depth else (),
        )

    def rows(self, node: Node, depth: int = 0, back: Node | None = None) -> tuple[Row, ...]:
        """Write what is said of a thing as rows without sections."""
        said = self._said.properties_of(node)
        layout = self._layout(node)
        ordered = [field for field in layout.fields if not field.is_inverse and field.path in said]
        known = {field.path for field in ordered}
        rows = []
        for field in (*ordered, *(Field(each) for each in said if each not in known)):
            if field.path == _TYPE and depth:
                continue
            terms = [term for term in self._shown(node, field.path) if term != back]
            values = tuple(self.value(term, field, depth=depth, back=back) for term in terms)
            if values:
                name = self._labels.best(field.names)
                rows.append(
                    Row(
                        name if name.text else self._labels.term(field.path),
                        field.path.value,
                        self.address(field.path),
                        tuple(dict.fromkeys(values)),
                    )
                )
        return tuple(rows)

    def _layout(self, node: Node) -> Layout:
        kinds = self.values_of(node, _TYPE)
        if self._layouts is None or not kinds:
            return Layout()
        return self._layouts.of(kind for kind in kinds if isinstance(kind, ox.NamedNode))

    def _table(self, things: list[ox.NamedNode], path: ox.NamedNode) -> Table:
        """Write things as the rows of a table, the properties that any of them has as columns."""
        fields: dict[ox.NamedNode, Field] = {}
        for thing in things:
            for field in self._layout(thing).fields:
                is_told = not field.is_inverse and self.values_of(thing, field.path)
                if is_told and field.path != path and field.path.value not in LABEL_PROPERTIES:
                    fields.setdefault(field.path, field)
        shown = list(fields.values())[:_COLUMNS_SHOWN]
        filled = {
            field.path: sum(1 for thing in things if self.values_of(thing, field.path))
            for field in shown
        }
        columns = [field for field in shown if filled[field.path] * 2 >= len(things)]
        others = [field for field in shown if field not in columns]
        rows = [self._table_row(thing, columns, others) for thing in things]
        return Table(
            tuple(self._field_name(field) for field in columns),
            tuple(sorted(rows, key=lambda row: row.value.name.text)),
        )

    def _field_name(self, field: Field) -> Name:
        return self._labels.best(field.names) if field.names else self._labels.term(field.path)

    def _table_row(
        self, thing: ox.NamedNode, columns: list[Field], others: list[Field]
    ) -> TableRow:
        said = {
            field.path: tuple(
                self.value(term, replace(field, viewer=Viewer.VALUE))
                for term in self.values_of(thing, field.path)
            )
            for field in (*columns, *others)
        }
        return TableRow(
            self.value(thing),
            tuple(said[field.path] for field in columns),
            tuple(
                (self._field_name(field), said[field.path]) for field in others if said[field.path]
            ),
        )

    def value(
        self,
        term: Term,
        field: Field | None = None,
        *,
        depth: int = 0,
        back: Node | None = None,
    ) -> Value:
        """Write one value; things are shown with what they say down to some depth."""
        if isinstance(term, ox.Literal):
            return self._literal(term, field)
        if isinstance(term, ox.BlankNode):
            return Value(NAMELESS, rows=self._inside(term, depth + 1))
        if term not in self._said:
            sign = "" if self._labels.has(term) else units.sign(term.value)
            name = Name(sign) if sign else self._labels.of(term)
            return Value(name, *self._located(term))
        quotation = self.quotation(term)
        wanted = field is not None and field.viewer is Viewer.DETAILS and depth < _DEPTH_SHOWN
        rows = self.rows(term, depth + 1, back or term) if wanted and not quotation else ()
        return Value(
            self._labels.of(term),
            self.address(term),
            self.is_local(term),
            rows=tuple(row for row in rows if row.iri not in LABEL_PROPERTIES),
            quotation=quotation,
        )

    def _literal(self, term: ox.Literal, field: Field | None) -> Value:
        shown = written(term, field.pattern if field else "")
        address = ""
        if term.datatype.value == XSD + "anyURI" and term.value.startswith(("http://", "https://")):
            address = term.value
        return Value(
            Name(shown.text, term.language or ""),
            address,
            datatype=shown.datatype,
            machine=shown.machine,
            is_time=shown.is_time,
            unit=self.unit(field.units) if field and shown.machine else NAMELESS,
        )

    def unit(self, found: Iterable[Term]) -> Name:
        """Write a unit: words where there are some, else a sign, else the name of the unit."""
        terms = list(found)
        words = [each for each in terms if isinstance(each, ox.Literal)]
        if words:
            return self._labels.best(words)
        for each in terms:
            if isinstance(each, ox.NamedNode):
                sign = units.sign(each.value)
                return self._labels.of(each) if sign is None else Name(sign)
        return NAMELESS

    def quotation(self, node: ox.NamedNode) -> Quotation | None:
        """Read a place in a document; None for what is none, or is not described here."""
        documents = [
            each for each in self.values_of(node, SOURCE) if isinstance(each, ox.NamedNode)
        ]
        if not documents:
            return None
        selectors = [each for each in self.values_of(node, _SELECTOR) if isinstance(each, Node)]
        found = {
            name: [
                each
                for selector in selectors
                for each in self.values_of(selector, name)
                if isinstance(each, ox.Literal)
            ]
            for name in (_EXACT, _START, _END, _BEFORE, _AFTER)
        }
        words = self._labels.best(found[_EXACT])
        return Quotation(
            words if words.language else words._replace(language=self._language(documents[0])),
            self.value(documents[0]),
            next((each.value for each in found[_START]), ""),
            next((each.value for each in found[_END]), ""),
            self.address(node),
            next((each.value for each in found[_BEFORE]), ""),
            next((each.value for each in found[_AFTER]), ""),
        )

    def on_the_web(self, document: ox.NamedNode) -> tuple[Value, ...]:
        """Link to where a document of the graph is to be read; nothing when nobody says."""
        found = [
            each.value
            for predicate in _WEB
            for each in self._store.values(document, predicate)
            if isinstance(each, ox.NamedNode | ox.Literal)
        ]
        links = [each for each in found if each.startswith(("http://", "https://"))]
        return tuple(Value(Name(each), each) for each in dict.fromkeys(links))

    def _language(self, document: ox.NamedNode) -> str:
        """Give the one language that a document is said to be in; empty when nobody knows."""
        for predicate in _LANGUAGES:
            found = [
                each.value
                for each in self._store.values(document, predicate)
                if isinstance(each, ox.Literal)
            ]
            if found:
                return found[0] if len(found) == 1 and _TAG.fullmatch(found[0]) else ""
        return ""

    def _inside(self, node: ox.BlankNode, depth: int) -> tuple[Row, ...]:
        """Give the rows of a blank node; a list is one row with its members in their order."""
        if depth > _DEPTH_SHOWN:
            return ()
        members = tuple(self.value(member, depth=depth) for member in self._said.members_of(node))
        if members:
            return (Row(self._labels.of(FIRST), FIRST.value, FIRST.value, members),)
        return self.rows(node, depth)

    def classes(self, node: ox.NamedNode) -> list[Value]:
        """Name the classes of a thing."""
        return [
            Value(self._labels.term(kind), self.address(kind), self.is_local(kind))
            for kind in self.values_of(node, _TYPE)
            if isinstance(kind, ox.NamedNode)
        ]

    def is_local(self, node: ox.NamedNode) -> bool:
        """Tell whether a thing has its document here."""
        return self._located(node)[1]

    def address(self, node: ox.NamedNode) -> str:
        """Link to our document where there is one, elsewhere only by a web address."""
        return self._located(node)[0]

    def _located(self, node: ox.NamedNode) -> tuple[str, bool]:
        if node not in self._addresses:
            iri = node.value
            local = self._here.document_of(iri, base=self._base)
            outside = iri if iri.startswith(("http://", "https://")) else ""
            self._addresses[node] = (outside, False) if local is None else (local, True)
        return self._addresses[node]
