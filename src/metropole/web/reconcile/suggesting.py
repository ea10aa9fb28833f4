"""Complete what somebody types: names of things, begun or misspelt, and their ids."""

from itertools import islice

import pyoxigraph as ox

from metropole.release.search_words import words
from metropole.store.searching import HITS_RANKED, Hit, SearchIndex
from metropole.web.reconcile.likeness import MOST_LETTERS, MOST_WORDS
from metropole.web.reconcile.schema import Schema
from metropole.web.reconcile.things import Things, Told


def things_named(
    things: Things,
    index: SearchIndex,
    schema: Schema,
    begun: str,
    *,
    type_name: str = "",
    skipped: int = 0,
    wanted: int,
) -> list[Told]:
    """List the things whose name begins so, the best first, before them one with such an id."""
    found: dict[ox.NamedNode, None] = {}
    named = things.named(begun.strip()) if begun.strip() else None
    if named is not None and things.is_one(named):
        found[named] = None
    asked = words(begun[:MOST_LETTERS])[:MOST_WORDS]
    kinds = schema.classes_of(type_name) if type_name else ("",)
    hits = _hits(index, asked, kinds)
    if asked and not hits:
        mended = index.mended(asked, begun=True)
        hits = _hits(index, mended, kinds) if mended else []
    nodes = (ox.NamedNode(hit.iri) for hit in hits)
    found.update(dict.fromkeys(filter(things.is_one, nodes)))
    return things.told(list(islice(found, skipped, skipped + wanted)))


def _hits(index: SearchIndex, asked: list[str], kinds: tuple[str, ...]) -> list[Hit]:
    each = (index.best(asked, most=HITS_RANKED, kind=kind, only_names=True) for kind in kinds)
    return list(dict.fromkeys(hit for hits in each for hit in hits))
