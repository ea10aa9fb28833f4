"""Check the ontology of a site: its terms say what they mean, and its classes make no ring."""

from collections import defaultdict

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.graph.statement_lines import subject_of
from metropole.report import Finding, Severity
from metropole.sources import ONTOLOGY
from metropole.validation.positions import Positions
from metropole.validation.recursion import is_ring
from metropole.vocab import DCT, LABEL_PROPERTIES, OWL, RDF, RDFS, SCHEMA, SKOS

_TYPE, _SUBCLASS = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subClassOf")
#: What classes and properties are declared as.
_KINDS = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *(RDFS + "Class", RDFS + "Datatype", RDF + "Property", OWL + "Class"),
        *(OWL + f"{kind}Property" for kind in ("Object", "Datatype", "Annotation")),
    )
)
_WORDS = [
    f"<{iri}>".encode()
    for iri in (
        *LABEL_PROPERTIES,
        *(RDFS + "comment", SKOS + "definition", DCT + "description", SCHEMA + "description"),
    )
]
_Node = ox.NamedNode | ox.BlankNode


def wordless_terms(graph: SiteGraph) -> list[Finding]:
    """Find classes and properties of the site that have neither a label nor a definition."""
    wordless = {
        str(quad.subject)
        for quad in graph.quads(ONTOLOGY)
        if quad.predicate == _TYPE
        and quad.object in _KINDS
        and isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(graph.settings.namespace)
    }
    for parsed in graph.sources:
        for place in parsed.places_of(_WORDS) if wordless else ():
            wordless.discard(subject_of(parsed.statements[place]).decode())
    positions = Positions(graph, wordless, folder=ONTOLOGY) if wordless else None
    return [
        _term_finding(
            positions,
            "wordless-term",
            f"{graph.shorten(term)} has neither a label nor a definition.",
            term,
            "Say what it is called (rdfs:label) and what it means (skos:definition).",
        )
        for term in sorted(wordless)
        if positions
    ]


def subclass_rings(graph: SiteGraph) -> list[Finding]:
    """Find classes that are subclasses of each other, so that all have the same members."""
    ways: dict[_Node, list[_Node]] = defaultdict(list)
    for quad in graph.quads(ONTOLOGY):
        if quad.predicate == _SUBCLASS and quad.subject != quad.object:
            ways[quad.subject].append(quad.object)  # type: ignore[index,arg-type]
    ring = [node for node in list(ways) if isinstance(node, ox.NamedNode) and is_ring(node, ways)]
    positions = Positions(graph, map(str, ring), folder=ONTOLOGY) if ring else None
    return [
        _term_finding(
            positions,
            "subclass-ring",
            f"{graph.shorten(str(node))} is a subclass of a subclass of its own: all classes of "
            "the ring have the same members.",
            str(node),
            "Remove one of the rdfs:subClassOf, or write owl:equivalentClass if that is meant.",
        )
        for node in ring
        if positions
    ]


def _term_finding(positions: Positions, rule: str, message: str, term: str, remedy: str) -> Finding:
    where = positions.find(term, str(_SUBCLASS))
    return Finding(
        Severity.WARNING,
        rule=rule,
        message=message,
        file=where.file,
        line=where.line,
        focus=term,
        remedy=remedy,
    )
