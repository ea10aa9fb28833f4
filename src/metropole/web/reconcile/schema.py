"""The classes and properties of a release as the service offers them: types and properties.

What they are called in every language is collected once for a release; what a client is told is
said in the language of its reader.
"""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from metropole.errors import ReleaseError
from metropole.graph.names import Names
from metropole.graph.names import words as words_in
from metropole.release.lists import Kind, Lists
from metropole.release.search_words import words
from metropole.vocab import GEO, RDF, VOID
from metropole.web import languages
from metropole.web.entity.layouts import Field, layouts_of
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.languages import gettext as _
from metropole.web.reconcile.paths import Path, Step, path_of
from metropole.web.reconcile.things import description
from metropole.web.serving import Edition

#: Classes whose shapes are read for what their properties are called, the largest first.
_CLASSES_READ = 200
#: Where a point is that a place does not state itself.
_POINT = Path((Step(ox.NamedNode(GEO + "hasGeometry")), Step(ox.NamedNode(GEO + "asWKT"))))
_ITSELF = Path(())
_CLASS, _PARTITION, _PROPERTY = (
    ox.NamedNode(VOID + name) for name in ("class", "propertyPartition", "property")
)
_TRIPLES = ox.NamedNode(VOID + "triples")
#: How well a term is called what was typed.
_SAME, _BEGINS, _HAS, _OTHER = range(4)


@dataclass(frozen=True)
class Term:
    """A type or a property as clients are told of it."""

    id: str
    name: Name
    description: Name = NAMELESS


class Schema:
    """The types and properties of one release."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._store = edition.store
        content = edition.store.release.manifest.content
        self._prefixes: Mapping[str, str] = content.prefixes
        self._short = Names(content.prefixes)
        self._within: dict[str, tuple[str, ...]] = {}

    # Types.

    @cached_property
    def kinds(self) -> list[Kind]:
        """List the classes of things, the largest first, those whose members have names before."""
        with contextlib.suppress(ReleaseError), Lists(self._store.release) as lists:
            return sorted(lists.kinds(), key=lambda kind: (not kind.is_named, -kind.members))
        return []

    @cached_property
    def _kinds_called(self) -> dict[str, set[str]]:
        """Collect what each class is called, in folded words."""
        return {
            kind.iri: {kind.name.casefold(), *self._called(ox.NamedNode(kind.iri))}
            for kind in self.kinds
        }

    def classes_of(self, name: str) -> tuple[str, ...]:
        """Give the classes that a type stands for, those below it included.

        A type is an IRI, a prefixed name, or what the class is called; there may be none.
        """
        found = self._within.get(name)
        if found is None:
            found = self._classes_of(self._expanded(name))
            if len(self._within) < _CLASSES_READ:
                self._within[name] = found
        return found

    def _classes_of(self, iri: str) -> tuple[str, ...]:
        layouts = layouts_of(self._edition)
        found = tuple(
            kind.iri
            for kind in self.kinds
            if any(above.value == iri for above in layouts.lineage([ox.NamedNode(kind.iri)]))
        )
        called = {iri.casefold(), " ".join(words(iri))} - {""}
        return found or tuple(
            kind.iri for kind in self.kinds if called & self._kinds_called[kind.iri]
        )

    def types(self, kinds: Iterable[str]) -> list[Term]:
        """Describe types; two that are called alike are told apart by their prefixed names."""
        nodes = [ox.NamedNode(iri) for iri in kinds]
        labels = Labels(self._store, nodes, languages=languages.liked())
        return self._told_apart(
            Term(node.value, labels.term(node), description(self._store, labels, node))
            for node in nodes
        )

    def default_types(self, most: int) -> list[Term]:
        """Describe the types that are sensible to choose from: their members have names."""
        return self.types([kind.iri for kind in self.kinds if kind.is_named][:most])

    def types_named(self, begun: str) -> list[Term]:
        """List the types whose name, in any language, or IRI begins so; all of them for nothing."""
        return self.types(_ranked(self._kinds_called, begun))

    # Properties.

    def path(self, name: str) -> Path:
        """Read a property as a client names it; raises ValueError."""
        return path_of(name if name.startswith(("<", "^<")) else self._expanded(name))

    @cached_property
    def _fields(self) -> dict[str, list[Field]]:
        """Sort what shapes say of properties by property, that of larger classes first."""
        found: dict[str, list[Field]] = {}
        for kind in self.kinds[:_CLASSES_READ]:
            for field in layouts_of(self._edition).of([ox.NamedNode(kind.iri)]).fields:
                told = found.setdefault(_path(field).id, [])
                if field not in told:
                    told.append(field)
        return found

    @cached_property
    def _properties_called(self) -> dict[str, set[str]]:
        """Collect what properties of things are called, in folded words, the most used first."""
        used = self._used_by(ox.NamedNode(kind.iri) for kind in self.kinds if kind.is_named)
        found = {iri: self._called(ox.NamedNode(iri)) for iri in used}
        for name, fields in self._fields.items():
            called = found.setdefault(name, self._called(path_of(name).steps[0].predicate))
            called |= {" ".join(words(each.value)) for field in fields for each in field.names}
        return found

    def properties_named(self, begun: str, type_name: str = "") -> list[Term]:
        """List the properties whose name or IRI begins so, those of a type first."""
        called = self._properties_called
        ranked = _ranked(called, begun)
        with contextlib.suppress(ValueError):
            path = self.path(begun)
            if path.steps and path.id not in ranked:
                ranked.insert(0, path.id)
        own = {path.id for path in self._paths_of(type_name)} if type_name else set()
        ranked.sort(key=lambda name: name not in own)
        return self.properties([path_of(name) for name in ranked], type_name)

    def properties_of(self, type_name: str) -> list[Term]:
        """Propose properties of the members of a type: as shapes order them, then by their use."""
        paths = [path for path in self._paths_of(type_name) if path.id != RDF + "type"]
        return self.properties([_ITSELF, *paths], type_name)

    def _paths_of(self, type_name: str) -> list[Path]:
        kinds = [ox.NamedNode(iri) for iri in self.classes_of(type_name)]
        if not kinds:
            return [path_of(name) for name in self._properties_called]
        used = self._used_by(kinds)
        fields = [field for kind in kinds for field in layouts_of(self._edition).of([kind]).fields]
        shaped = [_path(field) for field in fields if field.is_inverse or field.path.value in used]
        if GEO + "hasGeometry" in used:
            shaped.append(_POINT)
        return list(dict.fromkeys([*shaped, *(path_of(iri) for iri in used)]))

    def _used_by(self, kinds: Iterable[ox.NamedNode]) -> dict[str, int]:
        """Count the statements of the members of classes by property, the most used first."""
        counts: dict[str, int] = {}
        for kind in kinds:
            for quad in self._store.pointing(kind, _CLASS):
                if isinstance(quad.subject, ox.NamedNode):
                    for part in self._store.values(quad.subject, _PARTITION):
                        if isinstance(part, ox.NamedNode):
                            self._count(part, counts)
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def _count(self, part: ox.NamedNode, counts: dict[str, int]) -> None:
        terms = self._store.values(part, _PROPERTY)
        numbers = [each.value for each in self._store.values(part, _TRIPLES)]
        for term in terms:
            if isinstance(term, ox.NamedNode):
                counts[term.value] = counts.get(term.value, 0) + int(numbers[0] if numbers else 0)

    def properties(self, paths: Iterable[Path], type_name: str = "") -> list[Term]:
        """Describe properties, by the names they have for a type where it has names for them."""
        wanted = list(paths)
        nodes = [step.predicate for path in wanted for step in path.steps]
        labels = Labels(self._store, nodes, languages=languages.liked())
        kinds = [ox.NamedNode(iri) for iri in self.classes_of(type_name)] if type_name else []
        own = {
            _path(field).id: field
            for kind in kinds
            for field in layouts_of(self._edition).of([kind]).fields
        }
        return self._told_apart(self._property(path, own.get(path.id), labels) for path in wanted)

    def _property(self, path: Path, field: Field | None, labels: Labels) -> Term:
        if not path.steps:
            return Term(path.id, Name(_("address (IRI)"), languages.language()))
        # The label of a property says nothing of the way back along it.
        if field is None and (path.steps[0].is_inverse or not labels.has(path.steps[0].predicate)):
            field = next(iter(self._fields.get(path.id, ())), None)
        if field is not None and field.names:
            return Term(path.id, labels.best(field.names), labels.best(field.descriptions))
        if len(path.steps) > 1:
            parts = [self._property(Path((step,)), None, labels).name for step in path.steps]
            return Term(path.id, Name(" / ".join(part.text for part in parts), parts[0].language))
        (step,) = path.steps
        called = labels.term(step.predicate)
        if step.is_inverse:
            return Term(path.id, Name(f"← {called.text}", called.language))
        return Term(path.id, called, description(self._store, labels, step.predicate))

    # Both.

    def _called(self, node: ox.NamedNode) -> set[str]:
        """Collect what a term is called in folded words: labels in all languages, and its own."""
        proper, others = self._store.all_names(node)
        texts = [*(each.value for each in (*proper, *others)), words_in(node.value)]
        found = {" ".join(words(text)) for text in texts}
        return {*found, node.value.casefold(), self._short.short(node.value).casefold()} - {""}

    def _expanded(self, name: str) -> str:
        """Write a prefixed name as an IRI; `^` before it stays there."""
        plain = name.removeprefix("^")
        prefix, colon, local = plain.partition(":")
        if colon and prefix in self._prefixes and not local.startswith("//"):
            return name.removesuffix(plain) + self._prefixes[prefix] + local
        return name

    def _told_apart(self, terms: Iterable[Term]) -> list[Term]:
        """Add the prefixed name where two are called the same."""
        found = list(terms)
        times: dict[str, int] = {}
        for each in found:
            times[each.name.text] = times.get(each.name.text, 0) + 1
        return [
            each
            if times[each.name.text] == 1
            else Term(each.id, self._with_id(each), each.description)
            for each in found
        ]

    def _with_id(self, term: Term) -> Name:
        iri = term.id.removeprefix("^")
        short = self._short.short(iri) or iri
        return Name(f"{term.name.text} ({term.id.removesuffix(iri)}{short})", term.name.language)


def _path(field: Field) -> Path:
    return Path((Step(field.path, field.is_inverse),))


def _ranked(called: Mapping[str, set[str]], begun: str) -> list[str]:
    """List the terms that are called so, then those called something that begins so, or has it."""
    asked = {begun.strip().casefold(), " ".join(words(begun))} - {""}
    if not asked:
        return list(called)
    ranks = {
        name: min((_rank(text, asked) for text in texts), default=_OTHER)
        for name, texts in called.items()
    }
    return sorted((name for name in called if ranks[name] < _OTHER), key=lambda name: ranks[name])


def _rank(text: str, asked: set[str]) -> int:
    if text in asked:
        return _SAME
    if any(text.startswith(each) for each in asked):
        return _BEGINS
    return _HAS if any(f" {each}" in text for each in asked) else _OTHER
