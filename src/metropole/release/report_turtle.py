"""Write the SHACL part of a report as RDF (SHACL, section 3.6)."""

from collections.abc import Iterator
from hashlib import sha256

import pyoxigraph as ox

from metropole.formats import TURTLE
from metropole.graph.terms import Term, term
from metropole.report import Finding, Report, Severity
from metropole.vocab import PROV, RDF, SH, WELL_KNOWN_PREFIXES, XSD

_RULE = "sh:"


def as_turtle(report: Report, prefixes: dict[str, str]) -> bytes:
    """Give the `sh:ValidationReport`; `prov:atLocation` names file and line of each result."""
    return TURTLE.serialized(_triples(report), {**WELL_KNOWN_PREFIXES, **prefixes})


def _triples(report: Report) -> Iterator[ox.Triple]:
    node = ox.BlankNode("report")
    results = [finding for finding in report.findings if finding.rule.startswith(_RULE)]
    conforms = ox.Literal("false" if results else "true", datatype=ox.NamedNode(XSD + "boolean"))
    yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "ValidationReport"))
    yield ox.Triple(node, ox.NamedNode(SH + "conforms"), conforms)
    for finding in results:
        result = ox.BlankNode("r" + sha256(repr(finding).encode()).hexdigest()[:16])
        yield ox.Triple(node, ox.NamedNode(SH + "result"), result)
        for predicate, value in _members(finding):
            yield ox.Triple(result, ox.NamedNode(predicate), value)


def _members(finding: Finding) -> Iterator[tuple[str, Term]]:
    yield RDF + "type", ox.NamedNode(SH + "ValidationResult")
    yield SH + "resultSeverity", ox.NamedNode(SH + _SEVERITIES[finding.severity])
    yield SH + "sourceConstraintComponent", ox.NamedNode(SH + finding.rule.removeprefix(_RULE))
    yield SH + "resultMessage", ox.Literal(finding.message, language="en")
    for name, text in (
        ("focusNode", finding.focus),
        ("value", finding.value),
        ("sourceShape", finding.shape),
    ):
        if text:
            yield SH + name, term(text)
    if finding.path.startswith("<") and finding.path.count("<") == 1:
        yield SH + "resultPath", term(finding.path)
    if finding.position:
        yield PROV + "atLocation", ox.Literal(finding.position)


_SEVERITIES = {
    Severity.VIOLATION: "Violation",
    Severity.WARNING: "Warning",
    Severity.INFO: "Info",
}
