"""Properties as clients name them: an IRI, `^` before one that leads back, or a few in a row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.store.reading import Node, ReadingStore
from metropole.vocab import DCT, ORG, SCHEMA, SKOS

Term = Node | ox.Literal
#: The name of what is no property: the IRI of the thing itself.
IRI = "@id"
#: Properties in a row, and values on the way that are followed.
MOST_STEPS, _FOLLOWED = 3, 100
#: Properties by which a thing lies in another, and so in what that one lies in.
_UPWARDS = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *(SCHEMA + name for name in ("containedInPlace", "isPartOf", "parentOrganization")),
        *(SKOS + "broader", DCT + "isPartOf", ORG + "subOrganizationOf"),
    )
)
#: Things above each other that are looked at.
_MOST_LEVELS = 6
_STEP = re.compile(r"(\^?)<([^<>]*)>")


@dataclass(frozen=True)
class Step:
    """A property, or the way back along it."""

    predicate: ox.NamedNode
    is_inverse: bool = False

    @property
    def name(self) -> str:
        """Write it as it stands alone: `^` and the IRI."""
        return f"{'^' * self.is_inverse}{self.predicate.value}"


@dataclass(frozen=True)
class Path:
    """Properties that are followed one after the other; none lead to the thing itself."""

    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        """Write it as clients name it."""
        if not self.steps:
            return IRI
        if len(self.steps) == 1:
            return self.steps[0].name
        return "/".join(f"{'^' * each.is_inverse}<{each.predicate.value}>" for each in self.steps)

    def values(self, store: ReadingStore, node: ox.NamedNode, *, most: int) -> list[Term]:
        """List where it leads from a thing, each once: at most so many, and one more."""
        found: list[Term] = [node]
        for place, step in enumerate(self.steps, 1):
            wanted = most if place == len(self.steps) else _FOLLOWED
            starts = [each for each in found if not isinstance(each, ox.Literal)]
            ends = (each for start in starts for each in _along(store, start, step, most=wanted))
            found = list(dict.fromkeys(ends))[: wanted + 1]
        return found

    def values_above(self, store: ReadingStore, values: list[Term], *, most: int) -> list[Term]:
        """List what the values lie in, and that again, where the property says so of all."""
        if len(self.steps) != 1 or self.steps[0].is_inverse:
            return []
        step, found = self.steps[0], dict.fromkeys(values)
        level = values if step.predicate in _UPWARDS else []
        for _ in range(_MOST_LEVELS):
            nodes = [each for each in level if isinstance(each, ox.NamedNode)][:_FOLLOWED]
            above = (each for node in nodes for each in _along(store, node, step, most=most))
            level = [each for each in dict.fromkeys(above) if each not in found]
            found |= dict.fromkeys(level)
        return list(found)[len(values) :]


def path_of(name: str) -> Path:
    """Read a property as clients name it; raises ValueError."""
    if name == IRI:
        return Path(())
    if not name.startswith(("<", "^<")):
        iri = name.removeprefix("^")
        return Path((Step(_property(iri), is_inverse=iri != name),))
    steps = tuple(_steps(name))
    if not 1 <= len(steps) <= MOST_STEPS:
        raise ValueError(f"a path has 1 to {MOST_STEPS} properties")
    return Path(steps)


def _steps(name: str) -> Iterator[Step]:
    place = 0
    while True:
        found = _STEP.match(name, place)
        if found is None:
            raise ValueError("a path is written as <IRI>/<IRI>, with ^ before what leads back")
        yield Step(_property(found[2]), is_inverse=bool(found[1]))
        place = found.end()
        if place == len(name):
            return
        if name[place] != "/":
            raise ValueError("between the properties of a path stands a slash")
        place += 1


def _property(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise ValueError(f"'{iri}' is no IRI of a property") from None


def _along(store: ReadingStore, node: Node, step: Step, *, most: int) -> list[Term]:
    if not step.is_inverse:
        return store.values(node, step.predicate)
    # A statement may be in several graphs, which give it once each.
    quads = store.pointing(node, step.predicate, most=2 * (most + 1))
    return [quad.subject for quad in quads if isinstance(quad.subject, Node)]
