"""The words of a list: what its members, its facets and their values are called."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.graph.terms import term
from metropole.release.lists import YEARS, Facet, FacetValue, Kind
from metropole.release.lists.collating import Collation
from metropole.store.reading import Node
from metropole.vocab import DCAT, RDF, SCHEMA, SH
from metropole.web import addresses, languages
from metropole.web.browse.address import Asked
from metropole.web.browse.facets import ShownFacet, ShownValue
from metropole.web.labels import Labels, Name
from metropole.web.serving import Edition
from metropole.web.values import units
from metropole.web.values.shown_values import Value

#: Letters of a name.
_LETTERS_SHOWN = 140
#: Facets whose values stand beside the name of a member.
_DETAILS = 3
#: What says when something ends, by what says when it begins.
_ENDS = {space + "startDate": space + "endDate" for space in (SCHEMA, DCAT)}
_PATH, _CLASS, _NAME, _PROPERTY = (
    ox.NamedNode(SH + name) for name in ("path", "targetClass", "name", "property")
)


@dataclass(frozen=True)
class Member:
    """A member with what is said beside its name."""

    iri: str
    name: Name
    address: str
    #: The day or year, as it is written; empty where it has none.
    when: str
    details: tuple[Value, ...] = ()
    #: Its last day, where that is another.
    until: str = ""

    @property
    def year(self) -> str:
        """Give the year; empty where there is none."""
        sign, year = ("-", self.when[1:]) if self.when.startswith("-") else ("", self.when)
        return sign + year.partition("-")[0] if year else ""


class Namer:
    """Names what a page shows, with one reading of all labels."""

    def __init__(
        self,
        edition: Edition,
        kind: Kind,
        shown: Mapping[Facet, list[FacetValue]],
        iris: Iterable[str],
        *,
        shared: Container[str],
    ) -> None:
        self._store = edition.store
        self._base = edition.store.release.manifest.content.base
        self._kind = kind
        self._shared = shared
        self._members = {iri: self._details(iri, shown) for iri in iris}
        held = [term(value.term) for values in shown.values() for value in _terms(values)]
        nodes = [
            *(ox.NamedNode(iri) for iri in (kind.iri, *self._members)),
            *(ox.NamedNode(facet.iri) for facet in shown),
            *(each for each in held if isinstance(each, ox.NamedNode)),
            *(each for each in self._values() if isinstance(each, ox.NamedNode)),
        ]
        self.labels = Labels(self._store, nodes, languages=languages.liked())

    def _details(self, iri: str, facets: Iterable[Facet]) -> list[object]:
        """Read what the first facets say of a member."""
        node = ox.NamedNode(iri)
        shown = [facet for facet in facets if facet.shape != YEARS and _is_told(facet)]
        return [
            value
            for facet in shown[:_DETAILS]
            for value in self._store.values(node, ox.NamedNode(facet.iri))[:_DETAILS]
            if str(value) not in self._shared
        ]

    def _values(self) -> Iterator[object]:
        for details in self._members.values():
            yield from details

    def member(self, iri: str) -> Member:
        """Name a member, with what the first facets say of it."""
        node = ox.NamedNode(iri)
        when = min(self._days(node, self._kind.date), default="")
        last = max(self._days(node, _ENDS.get(self._kind.date, "")), default="")
        details = [self._value(value) for value in self._members[iri]]
        return Member(
            iri,
            _short(self.labels.of(node)),
            addresses.document_of(iri, base=self._base) or iri,
            when,
            tuple(dict.fromkeys(each for each in details if each)),
            last if last != when else "",
        )

    def _days(self, node: ox.NamedNode, iri: str) -> list[str]:
        values = self._store.values(node, ox.NamedNode(iri)) if iri else ()
        return [day.value for day in values if isinstance(day, ox.Literal)]

    def _value(self, value: object) -> Value | None:
        if isinstance(value, ox.NamedNode):
            local = addresses.document_of(value.value, base=self._base)
            return Value(_short(self._called(value)), local or "", local is not None)
        if isinstance(value, ox.Literal):
            return Value(_short(Name(value.value, value.language or "")))
        return None

    def facet(
        self, facet: Facet, values: list[FacetValue], counts: list[int], asked: Asked
    ) -> ShownFacet:
        """Name a facet and the values of it that are shown; `counts` are those of all values."""
        chosen = asked.chosen.get(facet, [])
        shown = tuple(
            ShownValue(
                self._named(facet, value),
                value.name,
                counts[value.number],
                value in chosen,
                asked.toggled(facet, value),
            )
            for value in values
        )
        if facet.shape != YEARS:
            order = Collation(languages.language())
            shown = tuple(
                sorted(
                    shown,
                    key=lambda each: (not each.is_chosen, -each.count, order.key(each.name.text)),
                )
            )
        there = sum(1 for count in counts if count)
        more = asked.address(all_values=facet.name) if there > len(values) else ""
        return ShownFacet(facet, self._property(facet), shown, more)

    def _named(self, facet: Facet, value: FacetValue) -> Name:
        if facet.shape == YEARS:
            return Name(value.term)
        found = term(value.term)
        if isinstance(found, ox.NamedNode):
            is_class = facet.iri == RDF + "type"
            return _short(self.labels.term(found) if is_class else self._called(found))
        return _short(Name(found.value))

    def _called(self, node: ox.NamedNode) -> Name:
        """Name a thing; a unit that the site does not name has its sign."""
        sign = None if self.labels.has(node) else units.sign(node.value)
        return Name(sign) if sign else self.labels.of(node)

    def _property(self, facet: Facet) -> Name:
        """Name a property: as the shapes for the class do, as itself, or by its own words."""
        node = ox.NamedNode(facet.iri)
        if self.labels.has(node):
            return self.labels.of(node)
        names = self._names_in_shapes(node)
        return self.labels.best(names) if names else self.labels.term(node)

    def _names_in_shapes(self, node: ox.NamedNode) -> list[ox.Literal]:
        """Read what property shapes call a property (SHACL, section 2.3.2.1)."""
        found: list[ox.Literal] = []
        for shape in _subjects(self._store.pointing(node, _PATH)):
            names = [
                name for name in self._store.values(shape, _NAME) if isinstance(name, ox.Literal)
            ]
            if names and self._is_of_class(shape):
                return names
            found = found or names
        return found

    def _is_of_class(self, shape: ox.NamedNode | ox.BlankNode) -> bool:
        kind = ox.NamedNode(self._kind.iri)
        holders = _subjects(self._store.pointing(shape, _PROPERTY))
        return any(kind in self._store.values(holder, _CLASS) for holder in holders)


def _subjects(quads: Iterable[ox.Quad]) -> list[Node]:
    """List what is said to point somewhere, each once."""
    found = dict.fromkeys(quad.subject for quad in quads)
    return [subject for subject in found if isinstance(subject, Node)]


def _is_told(facet: Facet) -> bool:
    """Tell whether the values of a facet say something of a member in a line."""
    return facet.iri.startswith("http") and facet.size > 1


def _terms(values: Iterable[FacetValue]) -> Iterator[FacetValue]:
    return (value for value in values if value.term[:1] in '<"')


def _short(name: Name) -> Name:
    """Cut a name that is too long for a line."""
    if len(name.text) <= _LETTERS_SHOWN:
        return name
    cut = name.text[:_LETTERS_SHOWN].rstrip()
    return name._replace(text=f"{cut}…")
