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
_LABELS = frozenset(LABEL_PROPERTIES)
_DEFINITIONS = frozenset(
    (RDFS + "comment", SKOS + "definition", DCT + "description", SCHEMA + "description")
)
_WORDS = _LABELS | _DEFINITIONS
#: A term should have a label and a definition.
_BOTH = 2
_Node = ox.NamedNode | ox.BlankNode


def wordless_terms(graph: SiteGraph) -> list[Finding]:
    """Find classes and properties of the site that lack a label, a definition or both."""
    declared = {
        str(quad.subject)
        for quad in graph.quads(ONTOLOGY)
        if quad.predicate == _TYPE
        and quad.object in _KINDS
        and isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(graph.settings.namespace)
    }
    said = _said(graph, declared, ontology_only=True)
    if any(len(each) < _BOTH for each in said.values()):  # few say the rest elsewhere
        said = _said(graph, declared, ontology_only=False)
    wanting = sorted(term for term in declared if len(said[term]) < _BOTH)
    positions = Positions(graph, wanting, folder=ONTOLOGY) if wanting else None
    return [
        _wordless(positions, graph.shorten(term), term, said[term]) for term in wanting if positions
    ]


def _said(graph: SiteGraph, terms: set[str], *, ontology_only: bool) -> dict[str, set[bool]]:
    """Map each term to what is said of it: a label is `True` and a definition `False`."""
    said: dict[str, set[bool]] = {term: set() for term in terms}
    for parsed in graph.sources if terms else ():
        if ontology_only and parsed.source.folder != ONTOLOGY:
            continue
        for iri in _WORDS:
            for place in parsed.places_of([f"<{iri}>".encode()]):
                about = said.get(subject_of(parsed.statements[place]).decode())
                if about is not None:
                    about.add(iri in _LABELS)
    return said


def _wordless(positions: Positions, name: str, term: str, said: set[bool]) -> Finding:
    """Tell what a term lacks."""
    label, definition = "what it is called (rdfs:label)", "what it means (skos:definition)"
    if not said:
        lack, remedy = "neither a label nor a definition", f"Say {label} and {definition}."
    elif True in said:
        lack, remedy = "no definition", f"Say {definition}."
    else:
        lack, remedy = "no label", f"Say {label}."
    severity = Severity.INFO if True in said else Severity.WARNING
    message = f"{name} has {lack}."
    return _term_finding(positions, "wordless-term", message, term, remedy, severity=severity)


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


def _term_finding(
    positions: Positions,
    rule: str,
    message: str,
    term: str,
    remedy: str,
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    where = positions.find(term, str(_SUBCLASS))
    return Finding(
        severity,
        rule=rule,
        message=message,
        file=where.file,
        line=where.line,
        focus=term,
        remedy=remedy,
    )
