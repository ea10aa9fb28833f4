"""Classes as pages name them."""

from collections import Counter
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
    names = [labels.term(node) for node in nodes]
    times = Counter(name.text.lower() for name in names)
    named = [
        # The lists have names of their own for classes of two vocabularies: `void:Dataset`.
        NamedKind(kind, name._replace(text=f"{name.text} ({kind.name})"))
        if times[name.text.lower()] > 1
        else NamedKind(kind, name)
        for kind, name in zip(found, names, strict=True)
    ]
    return sorted(named, key=lambda each: (-each.kind.members, each.name.text, each.kind.iri))
