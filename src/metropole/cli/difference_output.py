"""Write a difference of two releases for people, for programs and as RDF."""

import json
import sys
from collections.abc import Callable, Iterator

import click

from metropole.formats import TURTLE
from metropole.graph.names import Names
from metropole.release import Content
from metropole.release.changes import entity_json
from metropole.release.difference import Change, Difference, EntityChange, StatementChange
from metropole.release.difference_rdf import PREFIXES, difference_triples

_SIGNS = {Change.CREATED: "+", Change.CHANGED: "~", Change.DELETED: "-", Change.TOUCHED: "·"}
_SHOWN = tuple(_SIGNS)
_COLOURS = {Change.CREATED: "green", Change.CHANGED: "yellow", Change.DELETED: "red"}


def _text(found: Difference, content: Content) -> None:
    names = Names(content.prefixes)
    for change in _SHOWN:
        for entity in found.of(change):
            click.echo("\n".join(_told(entity, names)))
    click.echo(told_counts(found.counts()))


def _told(entity: EntityChange, names: Names) -> Iterator[str]:
    name = names.short(entity.entity) or entity.entity
    sign = click.style(f"{_SIGNS[entity.change]} {name}", fg=_COLOURS.get(entity.change))
    yield f"{sign}: {entity.change.value}"
    for statement in entity.statements:
        yield f"    {_told_statement(statement, names)}"


def _told_statement(statement: StatementChange, names: Names) -> str:
    line = statement.line.decode()
    shortened = names.shorten(line[: line.rindex(" <")])
    where = f"  ({statement.position})" if statement.position else ""
    return f"{'+' if statement.is_added else '-'} {shortened}{where}"


def told_counts(counts: dict[str, int]) -> str:
    """Say the numbers in a sentence."""
    entities = ", ".join(
        f"{counts[change.value]:,} {change.value}"
        for change in (Change.CREATED, Change.CHANGED, Change.DELETED)
    )
    return (
        f"Entities: {entities}, {counts[Change.TOUCHED.value]:,} touched by a neighbour only. "
        f"Statements: {counts['statements_added']:,} added, "
        f"{counts['statements_removed']:,} removed, "
        f"and what the graph says of itself (VoID) in {counts[Change.METADATA.value]:,} places."
    )


def _json(found: Difference, _content: Content) -> None:
    told = {
        "before": found.before,
        "after": found.after,
        "counts": found.counts(),
        "entities": [entity_json(entity) for entity in found.entities],
    }
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


def _turtle(found: Difference, content: Content) -> None:
    triples = difference_triples(found, content.base)
    sys.stdout.buffer.write(TURTLE.serialized(triples, {**content.prefixes, **PREFIXES}))
    sys.stdout.flush()


#: The formats of `metropole diff --format`.
FORMATS: dict[str, Callable[[Difference, Content], None]] = {
    "text": _text,
    "json": _json,
    "turtle": _turtle,
}
