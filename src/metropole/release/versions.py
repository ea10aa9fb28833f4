"""What the feed has to tell when another release is active: the things that it says otherwise."""

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from metropole.graph.terms import term
from metropole.release.difference import Change, Difference
from metropole.release.feed import Member
from metropole.release.folder import Release
from metropole.release.members import PARTS, Blanks, Members
from metropole.vocab import LABEL_PROPERTIES

#: Members that are named where people read of a release; the feed has all.
SHOWN = 50
_THINGS = "id/"


def changed_members(before: Release, after: Release, found: Difference, time: int) -> list[Member]:
    """List the members that tell how one release became another, sorted by what they are about.

    `found` is the difference of the two; `time` is when it happened, in milliseconds. Only the
    statements count, not the graphs they are in.
    """
    old, new = Members(before), Members(after)
    blanks = old.blanks(), new.blanks()
    old.shared, new.shared = blanks[0].shared, blanks[1].shared
    told = []
    for iri in sorted(_candidates(found, blanks)):
        change, triples = _change(old.about(iri), new.about(iri))
        if change is not None:
            told.append(Member(iri, change.value, after.id, time, tuple(triples)))
    told += [
        Member(iri, Change.DELETED.value, after.id, time)
        for iri in blanks[0].parts.keys() - blanks[1].parts.keys()
    ]
    told += [
        Member(iri, Change.CREATED.value, after.id, time, tuple(blanks[1].parts[iri]))
        for iri in blanks[1].parts.keys() - blanks[0].parts.keys()
    ]
    return sorted(told, key=lambda member: member.entity)


def _candidates(found: Difference, blanks: tuple[Blanks, Blanks]) -> set[str]:
    """Give the things that may have changed: all whose lines did, or whose blank nodes may have."""
    changed = {
        entity.entity
        for entity in found.entities
        if entity.change is not Change.TOUCHED and not entity.entity.startswith("_:")
    }
    return changed | blanks[0].owners | blanks[1].owners


def _change(old: list[bytes], new: list[bytes]) -> tuple[Change | None, list[bytes]]:
    if old == new:
        return None, new
    if not old:
        return Change.CREATED, new
    return (Change.CHANGED, new) if new else (Change.DELETED, [])


def story(
    release: Release, before: Release | None, members: Iterable[Member], time: int
) -> dict[str, Any]:
    """Say for people what a batch was: counts, and the first of the things by their names."""
    told = list(members)
    counts = {
        change.value: sum(member.change == change.value for member in told)
        for change in (Change.CREATED, Change.CHANGED, Change.DELETED)
    }
    content = release.manifest.content
    named = [each for each in told if not each.entity.startswith(content.base + PARTS)]
    named.sort(key=lambda member: not member.entity.startswith(content.base + _THINGS))
    shown = []
    old = Members(before) if before is not None else None
    for member in named[:SHOWN]:
        triples: Iterable[bytes] = member.triples
        if not triples and old is not None:
            triples = old.about(member.entity)
        name = _name(triples, member.entity, content.languages)
        entry = {"entity": member.entity, "change": member.change, "member": member.name()}
        if name:
            entry |= {"name": name.value, "language": name.language or ""}
        shown.append(entry)
    return {
        "release": release.id,
        "before": before.id if before else None,
        "time": time,
        "statements": release.manifest.triples,
        "counts": counts,
        "shown": shown,
    }


def _name(triples: Iterable[bytes], iri: str, languages: tuple[str, ...]) -> ox.Literal | None:
    """Find the best name among statements: by property, then by the languages of the site."""
    found: dict[str, list[ox.Literal]] = {}
    for triple in triples:
        subject, predicate, value = triple.decode().split(" ", 2)
        if subject == f"<{iri}>" and predicate[1:-1] in LABEL_PROPERTIES:
            literal = term(value)
            if isinstance(literal, ox.Literal):
                found.setdefault(predicate[1:-1], []).append(literal)
    order = {language: place for place, language in enumerate((*languages, None))}
    for label in LABEL_PROPERTIES:
        if label in found:
            return min(found[label], key=lambda name: order.get(name.language, len(order)))
    return None
