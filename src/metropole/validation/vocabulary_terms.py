"""Find names that published vocabularies do not have, where one that they have was meant."""

import pyoxigraph as ox

from metropole import vocabularies
from metropole.graph import SiteGraph
from metropole.graph.spelling import is_datatype, unknown_datatype
from metropole.report import Finding, Severity
from metropole.vocab import OWL, RDFS, SH

#: Properties whose values are datatypes, or classes.
_WANT_DATATYPES = tuple(
    ox.NamedNode(iri) for iri in (SH + "datatype", RDFS + "range", OWL + "onDatatype")
)


def mistyped_terms(graph: SiteGraph) -> list[Finding]:
    """Find names that differ by a letter or two from one that their vocabulary has.

    The lists of names are never quite complete, so what is near to none is believed. Each name is
    told once for each file.
    """
    found: dict[tuple[str, str], Finding] = {}
    for parsed in graph.sources:
        meant = {term: near for term in parsed.terms if (near := _meant(term))}
        for quad, line in parsed if meant else ():
            for iri in _iris(quad):
                if iri in meant:
                    found.setdefault(
                        (iri, parsed.source.name),
                        _mistyped(graph, iri, meant[iri], parsed.source.name, line),
                    )
    return list(found.values())


def unknown_datatypes(graph: SiteGraph) -> list[Finding]:
    """Find datatypes that ontology and shapes ask for, and XML Schema lacks; each file's once."""
    found: dict[tuple[str, str], Finding] = {}
    for quad, parsed, line in graph.statements(_WANT_DATATYPES):
        value = quad.object
        if isinstance(value, ox.NamedNode) and not is_datatype(value.value):
            key = (value.value, parsed.source.name)
            found.setdefault(key, unknown_datatype(value.value, parsed.source.name, line))
    return list(found.values())


def _iris(quad: ox.Quad) -> list[str]:
    return [term.value for term in quad.triple if isinstance(term, ox.NamedNode)]


def _meant(iri: str) -> str:
    namespace, name = vocabularies.split(iri)
    near = vocabularies.nearest(namespace, name) if namespace else ""
    return namespace + near if near else ""


def _mistyped(graph: SiteGraph, iri: str, meant: str, file: str, line: int) -> Finding:
    return Finding(
        Severity.WARNING,
        "unknown-term",
        f"{graph.shorten(f'<{iri}>')} is not known in its vocabulary.",
        file=file,
        line=line,
        focus=f"<{iri}>",
        remedy=f"Did you mean {graph.shorten(f'<{meant}>')}?",
    )
