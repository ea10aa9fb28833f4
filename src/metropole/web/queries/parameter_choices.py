"""The things that a parameter of a saved query may be, so that a form offers them by name."""

from collections.abc import Iterable
from typing import NamedTuple

import pyoxigraph as ox

from metropole.errors import ReleaseError
from metropole.release.lists import Lists
from metropole.saved_queries import Parameter
from metropole.store.reading import ReadingStore
from metropole.web.labels import Labels, Name

#: Nobody looks through a longer list; an address is written then.
MOST_CHOICES = 300


class Choice(NamedTuple):
    """A value of a parameter, as it is given in an address, and what it is called."""

    value: str
    name: Name
    is_chosen: bool = False


def choices_of(
    parameters: Iterable[Parameter],
    store: ReadingStore,
    given: dict[str, str],
    languages: tuple[str, ...],
) -> dict[str, list[Choice]]:
    """List for each parameter that has classes their members, class by class in their order.

    What was given is among them, whatever it is, nothing included. A parameter with too many has
    none, and so have all in a release that has no lists.
    """
    base = store.release.manifest.content.base
    found = {}
    for parameter in parameters:
        iris = _members(store, parameter.classes, languages)
        if iris:
            chosen = given.get(parameter.name) or parameter.default or ""
            chosen = chosen.removeprefix(base)
            values = dict.fromkeys(iri.removeprefix(base) for iri in iris)
            labels = Labels(store, map(ox.NamedNode, iris), languages=languages)
            names = [labels.of(ox.NamedNode(base + value)) for value in values]
            offered = [
                Choice(value, name, value == chosen)
                for value, name in zip(values, names, strict=True)
            ]
            other = [] if chosen in values else [Choice(chosen, Name(chosen), is_chosen=True)]
            found[parameter.name] = [*other, *offered]
    return found


def _members(
    store: ReadingStore, classes: tuple[str, ...], languages: tuple[str, ...]
) -> list[str]:
    if not classes:
        return []
    try:
        with Lists(store.release) as lists:
            kinds = {kind.name: kind for kind in lists.kinds()}
            wanted = [kinds[name] for name in classes if name in kinds]
            if sum(kind.members for kind in wanted) > MOST_CHOICES:
                return []
            return [
                iri
                for kind in wanted
                for iri in lists.page(kind, languages[0], None, start=0, wanted=MOST_CHOICES)
            ]
    except ReleaseError:
        return []
