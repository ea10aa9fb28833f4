"""Write a difference as RDF: a change set for each entity, an activity of Activity Streams 2.0.

The vocabularies: Changeset (additions and removals as reified statements), Activity Streams
(section 3 of its vocabulary: Create, Update, Delete) and PROV-O.
"""

from collections.abc import Iterator
from hashlib import sha256

import pyoxigraph as ox

from metropole.graph.terms import term
from metropole.release.difference import Change, Difference, EntityChange, StatementChange
from metropole.vocab import PROV, RDF

AS = "https://www.w3.org/ns/activitystreams#"
CS = "http://purl.org/vocab/changeset/schema#"
PREFIXES = {"as": AS, "cs": CS, "prov": PROV, "rdf": RDF}
_ACTIVITIES = {
    Change.CREATED: "Create",
    Change.CHANGED: "Update",
    Change.DELETED: "Delete",
    Change.METADATA: "Update",
}
_Node = ox.NamedNode | ox.BlankNode


def difference_triples(found: Difference, base: str) -> Iterator[ox.Triple]:
    """Say what changed; `prov:influenced` names what was touched by a neighbour only."""
    whole = ox.NamedNode(f"{base}releases/{found.after}#changes")
    yield _is(whole, PROV + "Derivation")
    yield _triple(whole, PROV + "entity", ox.NamedNode(f"{base}releases/{found.before}"))
    yield _triple(
        ox.NamedNode(f"{base}releases/{found.after}"), PROV + "qualifiedDerivation", whole
    )
    for entity in found.entities:
        thing = _entity(entity.entity)
        if entity.change is Change.TOUCHED:
            yield _triple(whole, PROV + "influenced", thing)
        else:
            yield from _change_set(whole, thing, entity)


def _change_set(whole: _Node, thing: _Node, entity: EntityChange) -> Iterator[ox.Triple]:
    node = ox.BlankNode("c" + _digest(entity.entity))
    yield _triple(whole, AS + "items", node)
    yield _is(node, CS + "ChangeSet")
    yield _is(node, AS + _ACTIVITIES[entity.change])
    yield _triple(node, AS + "object", thing)
    yield _triple(node, CS + "subjectOfChange", thing)
    for statement in entity.statements:
        named = CS + ("addition" if statement.is_added else "removal")
        said = ox.BlankNode("s" + _digest(f"{entity.entity} {statement}"))
        yield _triple(node, named, said)
        yield from _reified(said, statement)


def _reified(node: ox.BlankNode, statement: StatementChange) -> Iterator[ox.Triple]:
    subject, predicate, rest = statement.line.decode().split(" ", 2)
    value = rest[: rest.rindex(" <")]
    graph = rest[rest.rindex(" <") + 1 : -2]
    yield _is(node, RDF + "Statement")
    for name, text in (("subject", subject), ("predicate", predicate), ("object", value)):
        yield _triple(node, RDF + name, term(text))
    yield _triple(node, PROV + "hadPrimarySource", term(graph))
    if statement.position:
        yield _triple(node, PROV + "atLocation", ox.Literal(str(statement.position)))


def _entity(name: str) -> _Node:
    return ox.BlankNode(name.removeprefix("_:")) if name.startswith("_:") else ox.NamedNode(name)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]


def _is(node: _Node, kind: str) -> ox.Triple:
    return _triple(node, RDF + "type", ox.NamedNode(kind))


def _triple(node: _Node, predicate: str, value: _Node | ox.Literal) -> ox.Triple:
    return ox.Triple(node, ox.NamedNode(predicate), value)
