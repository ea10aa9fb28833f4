"""Classes as pages name them."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from metropole.release.lists import Kind
from metropole.web import languages
from metropole.web.labels import Labels, Name
from metropole.web.serving import Edition


@dataclass(frozen=True)
class NamedKind:
    """A class of the lists with what it is called."""

    kind: Kind
    name: Name


def named_kinds(edition: Edition, kinds: Iterable[Kind]) -> list[NamedKind]:
    """Name classes in the language of the page, the largest first."""
    found = list(kinds)
    nodes = [ox.NamedNode(each.iri) for each in found]
    labels = Labels(edition.store, nodes, languages=languages.liked())
    named = [NamedKind(kind, labels.term(node)) for kind, node in zip(found, nodes, strict=True)]
    return sorted(named, key=lambda each: (-each.kind.members, each.name.text, each.kind.iri))
