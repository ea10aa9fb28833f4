"""Check the site's own names: each defined once, and none used that is not defined."""

import re
from collections.abc import Container, Iterator
from itertools import chain

import pyoxigraph as ox
from rdflib import URIRef
from rdflib.namespace import SH

from metropole import vocab
from metropole.graph import SiteGraph, SourceGraph
from metropole.graph.statement_lines import texts
from metropole.near import begun, nearest
from metropole.report import Finding, Severity
from metropole.sources import ONTOLOGY, Text
from metropole.sparql.algebra import iris
from metropole.vocab import RDF, RDFS, SKOS

_DEFINING = [
    f"<{iri}>".encode()
    for iri in (RDF + "type", RDFS + "comment", SKOS + "definition", RDFS + "isDefinedBy")
]
#: How the names end of what classes and properties are declared as.
_CLASS, _PROPERTY = "Class", "Property"
_WANT_CLASSES = frozenset(
    {
        *(RDF + "type", RDFS + "subClassOf", RDFS + "domain"),
        *(vocab.SH + "class", vocab.SH + "targetClass"),
    }
)
_SHACL_TERMS = tuple(str(term).removeprefix(vocab.SH) for term in dir(SH))


def duplicates(graph: SiteGraph) -> list[Finding]:
    """Find things that are defined in two places: the same type, or the same kind of definition.

    Two people who choose the same IRI for two things do just that.
    """
    own = f"<{graph.settings.base}".encode()
    first: dict[bytes, tuple[SourceGraph, int]] = {}
    findings = []
    for parsed in graph.sources:
        for place in parsed.places_of(_DEFINING):
            statement = parsed.statements[place]
            if statement.startswith(own):
                here = parsed, parsed.lines[place]
                earlier = first.setdefault(_distinguishing(statement), here)
                if earlier != here:
                    findings.append(_defined_twice(graph, parsed, place, earlier))
    return findings


def _distinguishing(statement: bytes) -> bytes:
    """Leave the graph out of a statement, and a text but for its language.

    Two types, or definitions in two languages, do not contradict each other.
    """
    triple = statement[: statement.rindex(b" <")]
    about, quote, text = triple.partition(b' "')
    if not quote:
        return triple
    ending = text[text.rindex(b'"') + 1 :]
    return about + ending if ending.startswith(b"@") else about


def _defined_twice(
    graph: SiteGraph, parsed: SourceGraph, place: int, earlier: tuple[SourceGraph, int]
) -> Finding:
    (quad,) = parsed.of([place])
    name = graph.shorten(str(quad.subject))
    other = f"{earlier[0].source.name}:{earlier[1]}"
    return Finding(
        Severity.WARNING,
        "defined-twice",
        f"{name} is defined here and in {other}.",
        file=parsed.source.name,
        line=parsed.lines[place],
        focus=str(quad.subject),
        path=str(quad.predicate),
        value=str(quad.object),
        remedy="Merge the two, or give one of them another name if they are different things.",
    )


def undeclared_terms(graph: SiteGraph) -> list[Finding]:
    """Find terms of the site's own namespace that the ontology does not declare.

    When some of the ontology could not be read, nobody knows what it declares.
    """
    namespace = graph.settings.namespace
    unread = graph.half_read_in(ONTOLOGY)
    if unread:
        return [_terms_unchecked(unread)]
    declared = {
        quad.subject.value
        for quad in graph.quads(ONTOLOGY)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(namespace)
    }
    found: dict[tuple[str, str], Finding] = {}
    kinds = _kinds(graph)
    for term, quad, parsed, line in _used_terms(graph, namespace, known=declared):
        wanted = _wanted_kind(term, quad)
        fitting = {each for each in declared if kinds.get(each, wanted) == wanted or not wanted}
        found.setdefault(
            (term, parsed.source.name),
            _undeclared(graph, term, fitting, parsed.source.name, line),
        )
    for query in graph.queries:
        for term, line in _terms_of_query(query, graph.settings.base, namespace):
            if term not in declared:
                found[term, query.name] = _undeclared(graph, term, declared, query.name, line)
    return list(found.values())


def _kinds(graph: SiteGraph) -> dict[str, str]:
    """Map the terms of the ontology that are a class or a property to which of them they are."""
    kinds = dict[str, str]()
    for quad in graph.quads(ONTOLOGY):
        if quad.predicate.value == RDF + "type" and isinstance(quad.object, ox.NamedNode):
            name = quad.object.value
            kind = next((each for each in (_CLASS, _PROPERTY) if name.endswith(each)), "")
            if kind:
                kinds[quad.subject.value] = kind  # type: ignore[union-attr]
    return kinds


def _wanted_kind(term: str, quad: ox.Quad) -> str:
    """Say whether a statement uses a term as class or as property; empty when it may be both."""
    if quad.predicate.value == term:
        return _PROPERTY
    return _CLASS if quad.predicate.value in _WANT_CLASSES else ""


def _terms_unchecked(unread: list[str]) -> Finding:
    named = ", ".join(unread)
    return Finding(
        Severity.INFO,
        "terms-unchecked",
        f"Undeclared terms were not looked for: not all of {named} could be read.",
        file=unread[0],
        remedy="Mend what is told of it as a violation.",
    )


def unknown_shacl_terms(graph: SiteGraph) -> list[Finding]:
    """Find names in the namespace of SHACL that SHACL does not define: an engine ignores them."""
    found: dict[tuple[str, str], Finding] = {}
    for term, _, parsed, line in _used_terms(graph, vocab.SH):
        key = (term, parsed.source.name)
        if URIRef(term) not in SH and key not in found:
            found[key] = _unknown_shacl_term(term, parsed.source.name, line)
    return list(found.values())


def meant_shacl_term(term: str) -> str:
    """Give the term of SHACL that one it does not have was meant to be, or the empty string."""
    if not term.startswith(vocab.SH) or URIRef(term) in SH:
        return ""
    near = nearest(term.removeprefix(vocab.SH), _SHACL_TERMS)
    return f"sh:{near}" if near else ""


def _unknown_shacl_term(term: str, file: str, line: int) -> Finding:
    meant = meant_shacl_term(term)
    hint = f"Did you mean {meant}? " if meant else ""
    return Finding(
        Severity.VIOLATION if meant else Severity.WARNING,
        "unknown-shacl-term",
        f"SHACL has no term sh:{term.removeprefix(vocab.SH)}, so this has no effect.",
        file=file,
        line=line,
        focus=f"<{term}>",
        remedy=f"{hint}The terms are those of the SHACL specification, appendix B.",
    )


def _used_terms(
    graph: SiteGraph, namespace: str, *, known: Container[str] = ()
) -> Iterator[tuple[str, ox.Quad, SourceGraph, int]]:
    """Go through the uses of names of a namespace, but for those that are known.

    The names are looked for in the text of each source, which is ten times faster than in its
    statements; these are only gone through when there is something to tell.
    """
    name = re.compile(b"<" + re.escape(namespace.encode()) + rb"[^<>\s]*>")
    for parsed in graph.sources:
        found = {
            text[1:-1].decode()
            for text in set(chain.from_iterable(map(name.findall, texts(parsed.statements))))
        }
        wanted = {term for term in found if term not in known}
        if not wanted:
            continue
        for quad, line in parsed:
            for term in _names(quad) & wanted:
                yield term, quad, parsed, line


def _names(quad: ox.Quad) -> set[str]:
    value = quad.object
    typed = {value.datatype.value} if isinstance(value, ox.Literal) else set()
    terms = (quad.subject, quad.predicate, value)
    return typed | {term.value for term in terms if isinstance(term, ox.NamedNode)}


def _terms_of_query(query: Text, base: str, namespace: str) -> Iterator[tuple[str, int]]:
    """Go through the terms a query names, each with the first line its local name stands on."""
    for iri in iris(query.text, base=base):
        if iri.startswith(namespace):
            local = iri.removeprefix(namespace)
            name = re.compile(rf"(?<![\w-]){re.escape(local)}(?![\w-])")
            lines = enumerate(query.text.split("\n"), 1)
            yield iri, next((number for number, line in lines if name.search(line)), 0)


def _undeclared(graph: SiteGraph, term: str, declared: set[str], file: str, line: int) -> Finding:
    namespace = graph.settings.namespace
    # Without the namespace, which all have in common: it would make any two names alike.
    name = term.removeprefix(namespace)
    names = sorted(iri.removeprefix(namespace) for iri in declared)
    near = nearest(name, names) or begun(name, names)
    meant = graph.shorten(f"<{namespace}{near}>")
    hint = f"Did you mean {meant}? Or declare" if near else "Declare"
    return Finding(
        Severity.VIOLATION,
        "undeclared-term",
        f"{graph.shorten(f'<{term}>')} is not declared in the ontology of this site.",
        file=file,
        line=line,
        focus=f"<{term}>",
        remedy=f"{hint} the term in {ONTOLOGY}/, with a label and a definition.",
    )
