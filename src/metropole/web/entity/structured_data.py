"""What a page says in schema.org's words for search engines: JSON-LD inside the HTML.

The one place that maps classes and properties to what search engines know. Only facts of the graph
are said, under the IRI of the thing, and for every thing the way to its page (`BreadcrumbList`).
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pyoxigraph as ox
from markupsafe import Markup

from metropole.points import point
from metropole.store.reading import Node
from metropole.vocab import GEO, ORG, QB, SCHEMA, SKOS
from metropole.web.entity.page import EntityPage
from metropole.web.labels.worded import site_title

#: Kinds of schema.org, and the classes whose members are of that kind; the first that fits counts.
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("City", (SCHEMA + "City",)),
    ("Country", (SCHEMA + "Country",)),
    ("AdministrativeArea", (SCHEMA + "AdministrativeArea",)),
    ("CollegeOrUniversity", (SCHEMA + "CollegeOrUniversity",)),
    ("EventSeries", (SCHEMA + "EventSeries",)),
    ("Event", (SCHEMA + "Event",)),
    ("NewsArticle", (SCHEMA + "NewsArticle",)),
    ("Project", (SCHEMA + "Project",)),
    (
        "GovernmentOrganization",
        (SCHEMA + "GovernmentOrganization", "http://data.europa.eu/m8g/PublicOrganisation"),
    ),
    ("Organization", (SCHEMA + "Organization", ORG + "Organization", ORG + "FormalOrganization")),
    ("Dataset", (SCHEMA + "Dataset", QB + "DataSet")),
    ("WebSite", (SCHEMA + "WebSite",)),
    ("WebPage", (SCHEMA + "WebPage",)),
    ("DefinedTerm", (SKOS + "Concept",)),
    ("Place", (SCHEMA + "Place", ORG + "Site")),
    ("Person", (SCHEMA + "Person", "http://xmlns.com/foaf/0.1/Person")),
)
#: Properties of schema.org that are said as they are in the graph.
_LINKS = ("sameAs", "url")
_WORDS = ("description",)
_DAYS = ("startDate", "endDate", "datePublished", "foundingDate")
_THINGS = (
    "location",
    "containedInPlace",
    "organizer",
    "superEvent",
    "about",
    "founder",
    "isPartOf",
)
_NAMES = tuple(map(ox.NamedNode, (SKOS + "prefLabel", SKOS + "altLabel", SCHEMA + "name")))
_GEOMETRY, _WKT = ox.NamedNode(GEO + "hasGeometry"), ox.NamedNode(GEO + "asWKT")
#: Where a property of another vocabulary says the same.
_ALSO = {
    "description": ("http://purl.org/dc/terms/description", SKOS + "definition"),
    "isPartOf": ("http://purl.org/dc/terms/isPartOf",),
}


def structured_data(page: EntityPage) -> Markup:
    """Write the objects of a page, safe inside `<script>`."""
    found = [each for each in (_thing(page), _breadcrumbs(page)) if each]
    text = json.dumps({"@context": "https://schema.org", "@graph": found}, ensure_ascii=False)
    # HTML ends a script at `</`, whatever stands around it (HTML, section 4.12.1.3).
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704  # nothing that HTML would read is left in it


def kind_of(classes: list[str]) -> str:
    """Give schema.org's kind of a thing by its classes, the nearest first; empty for none."""
    for name, known in _KINDS:
        if any(each in known for each in classes):
            return name
    return ""


def _thing(page: EntityPage) -> dict[str, Any]:
    kind = kind_of([each.value for each in page.lineage])
    if not kind:
        return {}
    return {
        "@type": kind,
        "@id": page.iri,
        "name": page.name.text,
        "mainEntityOfPage": page.canonical,
        **dict(_properties(page)),
    }


def _properties(page: EntityPage) -> Iterator[tuple[str, Any]]:
    others = sorted({each for each in _names(page) if each != page.name.text})
    if others:
        yield "alternateName", _one_or_all(others)
    for name in _WORDS:
        words = page.words(SCHEMA + name, *_ALSO[name])
        if words.text:
            yield name, words.text
    yield from _plain(page)
    for name in _THINGS:
        things = [each for each in _values(page, name) if isinstance(each, ox.NamedNode)]
        if things:
            yield name, _one_or_all([_reference(page, each) for each in things])
    where = next(_points(page), None)
    if where:
        yield "geo", {"@type": "GeoCoordinates", "latitude": where[1], "longitude": where[0]}


def _plain(page: EntityPage) -> Iterator[tuple[str, Any]]:
    """Give addresses and days as they are in the graph."""
    for name in _LINKS:
        links = [str(each.value) for each in _values(page, name) if not _is_blank(each)]
        if links:
            yield name, _one_or_all(links)
    for name in _DAYS:
        days = [each.value for each in _values(page, name) if isinstance(each, ox.Literal)]
        if days:
            yield name, days[0]


@cache
def _properties_of(name: str) -> tuple[ox.NamedNode, ...]:
    return tuple(map(ox.NamedNode, (SCHEMA + name, *_ALSO.get(name, ()))))


def _values(page: EntityPage, name: str) -> list[Node | ox.Literal]:
    for each in _properties_of(name):
        found = page.rows.values_of(page.node, each)
        if found:
            return found
    return []


def _names(page: EntityPage) -> Iterator[str]:
    for predicate in _NAMES:
        for each in page.rows.values_of(page.node, predicate):
            if isinstance(each, ox.Literal):
                yield each.value


def _reference(page: EntityPage, node: ox.NamedNode) -> dict[str, str]:
    kind = kind_of(page.classes_of(node))
    named = {"@type": kind} if kind else {}
    return {**named, "@id": node.value, "name": page.labels.of(node).text}


def _points(page: EntityPage) -> Iterator[tuple[float, float]]:
    for geometry in page.rows.values_of(page.node, _GEOMETRY):
        found = page.rows.values_of(geometry, _WKT) if not isinstance(geometry, ox.Literal) else []
        for literal in found:
            where = point(literal)
            if where is not None:
                yield where


def _breadcrumbs(page: EntityPage) -> dict[str, Any]:
    """Say how the page is reached: the start, the class, the thing."""
    steps = [(site_title().text, page.base)]
    for kind in page.lineage[:1]:
        address = page.here.document_of(kind.value, base=page.base)
        if address:
            steps.append((page.labels.term(kind).text, page.here.absolute(address, base=page.base)))
    steps.append((page.name.text, page.canonical))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": item}
            for place, (name, item) in enumerate(steps, 1)
        ],
    }


def _is_blank(term: Node | ox.Literal) -> bool:
    return isinstance(term, ox.BlankNode)


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
