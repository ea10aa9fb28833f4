"""What a preview shows of a thing: name, class, description, address, and a few facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from metropole.vocab import LABEL_PROPERTIES, RDF
from metropole.web import addresses, languages
from metropole.web.entity.layouts import Field, layouts_of
from metropole.web.entity.rows import Rows
from metropole.web.labels import Labels, Name
from metropole.web.reconcile.things import DESCRIPTIONS, Things, Told
from metropole.web.serving import Edition
from metropole.web.values.shown_values import Value

#: Facts of a preview, and values of each.
_FACTS, _VALUES = 4, 3
_HIDDEN = frozenset({RDF + "type", *LABEL_PROPERTIES, *(each.value for each in DESCRIPTIONS)})


@dataclass(frozen=True)
class Fact:
    """A property with a few of its values, and whether there are more."""

    name: Name
    values: tuple[Value, ...]
    has_more: bool


class Preview:
    """A thing as a preview shows it."""

    def __init__(self, edition: Edition, things: Things, node: ox.NamedNode) -> None:
        self._edition = edition
        self._things = things
        self._node = node
        self.told: Told = things.told([node])[0]

    @property
    def iri(self) -> str:
        """Give the address that stands for the thing."""
        return self._node.value

    @property
    def address(self) -> str:
        """Give the address of its page on this server."""
        base = self._edition.store.release.manifest.content.base
        return addresses.document_of(self.iri, base=base) or self.iri

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Write the first of what the shapes of its classes want shown."""
        return tuple(fact for _, fact in zip(range(_FACTS), self._facts(), strict=False))

    def _facts(self) -> Iterator[Fact]:
        store = self._edition.store
        layout = layouts_of(self._edition).of(self._things.classes(self._node))
        fields = [
            each for each in layout.fields if not each.is_inverse and each.path.value not in _HIDDEN
        ]
        said = store.about(self._node)
        paths = {field.path for field in fields}
        mentioned = [
            quad.object
            for quad in said
            if quad.predicate in paths and isinstance(quad.object, ox.NamedNode)
        ]
        labels = Labels(store, [*paths, *mentioned], languages=languages.liked())
        rows = Rows(store, labels, said, layouts_of(self._edition))
        for field in fields:
            values = list(dict.fromkeys(self._values(rows, labels, field)))
            if values:
                name = labels.best(field.names) if field.names else labels.term(field.path)
                yield Fact(name, tuple(values[:_VALUES]), len(values) > _VALUES)

    def _values(self, rows: Rows, labels: Labels, field: Field) -> Iterator[Value]:
        """Write what people can read: numbers, days, texts in one language, and named things."""
        terms = rows.values_of(self._node, field.path)
        texts = [each for each in terms if isinstance(each, ox.Literal) and each.language]
        language = labels.best(texts).language if texts else ""
        for term in terms:
            if isinstance(term, ox.Literal) and (term.language or "") in ("", language):
                yield rows.value(term, field)
            elif isinstance(term, ox.NamedNode) and labels.has(term):
                yield Value(labels.of(term), rows.address(term), rows.is_local(term))
