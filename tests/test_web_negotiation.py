"""Tests of content negotiation: RFC 9110, section 12.5.1, and the headers clients really send."""

import pytest
from werkzeug import Response

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS
from metropole.web.documents.headers import VARIANTS
from metropole.web.requests.negotiation import acceptable, reader_languages, vary

ALL = "ttl nt jsonld rdf trig nq html"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
    "text/html;q=0.2"
)
RDFLIB = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, "
    "application/n-quads, application/trig"
)
RDFLIB_WITH_JELLY = "application/x-jelly-rdf, text/turtle, application/rdf+xml"
RAPPER = (
    "application/rdf+xml, text/rdf;q=0.6, text/plain;q=0.1, application/n-triples;q=0.1, "
    "application/x-turtle, application/turtle, application/n3, text/n3, text/turtle, "
    "application/json;q=0.1, text/html;q=0.1, */*;q=0.1"
)
SPARQLWRAPPER = (
    "application/sparql-results+json,application/json,text/javascript,application/javascript"
)
COMUNICA_SPARQL = "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        # RFC 9110: a missing or empty header accepts everything.
        (None, ALL),
        ("", ALL),
        ("*/*", ALL),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("text/html", "html"),
        ("application/ld+json, text/turtle", "jsonld ttl"),
        ("text/turtle, application/ld+json", "ttl jsonld"),
        # Quality goes before order, and within one wildcard the server's order holds.
        ("text/turtle;q=0.5, application/ld+json", "jsonld ttl"),
        ("text/turtle;q=0.5 , application/ld+json ;q=0.50", "ttl jsonld"),
        ("text/turtle;q=0.001, text/html;q=0.002", "html ttl"),
        ("text/*", "ttl html"),
        ("application/*", "nt jsonld rdf trig nq"),
        ("text/html, */*;q=0.1", "html ttl nt jsonld rdf trig nq"),
        # The most specific range decides, whatever its quality and place.
        ("*/*, text/turtle;q=0.1", "nt jsonld rdf trig nq html ttl"),
        ("text/*;q=0.9, text/turtle;q=0.1, */*;q=0.5", "html nt jsonld rdf trig nq ttl"),
        # q=0 excludes, by name and by wildcard; another name of the type does not bring it back.
        ("text/turtle;q=0, */*", "nt jsonld rdf trig nq html"),
        ("text/html;q=0, */*", "ttl nt jsonld rdf trig nq"),
        ("text/html;q=0, application/xhtml+xml", ""),
        ("application/rdf+xml;q=0.0, application/xml", ""),
        ("text/*;q=0, */*", "nt jsonld rdf trig nq"),
        ("*/*;q=0", ""),
        ("*/*;q=0, text/turtle", "ttl"),
        # Parameters of the type are not held against us; one without them is nearer.
        ("text/turtle;charset=utf-8", "ttl"),
        ('text/turtle; charset="UTF-8"; q=0.3, text/html;q=0.2', "ttl html"),
        ("text/turtle;version=1.2", "ttl"),
        ("text/turtle;version=1.2, text/turtle;q=0.1, text/html;q=0.5", "html ttl"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
        # Other names of a type count only where they are written out.
        ("application/xml", "rdf"),
        ("text/plain", "nt"),
        ("application/json", "jsonld"),
        ("application/xhtml+xml", "html"),
        # The name that stands first tells the place of the type.
        ("application/xml, text/turtle, application/rdf+xml", "rdf ttl"),
        ("application/xml;q=0.5, text/turtle;q=0.7, application/rdf+xml", "rdf ttl"),
        # Nothing that is served.
        ("image/png", ""),
        ("application/pdf, image/*", ""),
    ],
)
def test_ranges_of_the_rfc(header: str | None, chosen: str) -> None:
    """Every rule of RFC 9110, section 12.5.1, gives the order it says."""
    assert [offer.extension for offer in acceptable(header, VARIANTS)] == chosen.split()


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (CHROME, "html"),
        (FIREFOX, "html"),
        (COMUNICA, "nq"),
        (RDFLIB, "rdf"),
        (RDFLIB_WITH_JELLY, "ttl"),
        (RAPPER, "rdf"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"),  # Java's own
    ],
)
def test_documents_for_real_clients(header: str, chosen: str) -> None:
    """Each client gets the document in the format it can read best."""
    assert acceptable(header, VARIANTS)[0].extension == chosen


@pytest.mark.parametrize(
    ("header", "rows", "graph"),
    [
        (SPARQLWRAPPER, "json", "jsonld"),
        (COMUNICA_SPARQL, "json", None),
        # rdflib's SPARQLStore sends this for every query.
        ("application/sparql-results+xml, application/rdf+xml", "xml", "rdf"),
        ("*/*", "json", "ttl"),
        ("text/csv", "csv", None),
        ("text/turtle, application/sparql-results+json;q=0.2", "json", "ttl"),
    ],
)
def test_results_for_real_clients(header: str, rows: str, graph: str | None) -> None:
    """One header gives a format for rows and another one for graphs."""
    first_rows = [offer.extension for offer in acceptable(header, RESULT_FORMATS)][:1]
    first_graph = [offer.extension for offer in acceptable(header, GRAPH_FORMATS)][:1]

    assert (first_rows, first_graph) == ([rows], [graph] if graph else [])


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        (None, ""),
        ("", ""),
        ("lt", "lt"),
        ("de;q=0.5, lt", "lt de"),
        ("en-GB", "en-gb en"),
        ("zh-Hant-TW, EN", "zh-hant-tw zh en"),
        ("en-GB, de;q=0.9, en;q=0.1", "en-gb en de"),
        # What is not wanted, or is anything, is no language of the reader.
        ("pl;q=0, lt", "lt"),
        ("*, lt;q=0.5", "lt"),
        ("pl;q=0.001", "pl"),
    ],
)
def test_languages_of_a_reader(header: str | None, tags: str) -> None:
    """The favourite comes first; who reads a language as in one country reads it as in any."""
    assert reader_languages(header) == tuple(tags.split())


@pytest.mark.parametrize(
    ("known", "name", "told"),
    [
        ("", "Accept", "Accept"),
        ("Accept", "Accept", "Accept"),
        ("ACCEPT, Cookie", "accept", "ACCEPT, Cookie"),
        ("Accept-Language", "Accept", "Accept-Language, Accept"),
        ("Accept", "Accept-Language", "Accept, Accept-Language"),
    ],
)
def test_a_header_is_named_once_in_vary(known: str, name: str, told: str) -> None:
    """However often it is said that an answer depends on a header, it is told once."""
    response = Response(headers={"Vary": known} if known else {})
    vary(response, name)
    assert response.headers["Vary"] == told


@pytest.mark.parametrize(
    "header",
    [
        ";;;,,,",
        "q=1",
        "text",
        "text/turtle;q=abc",
        "text/turtle;q=2",
        "text/turtle;q=-1",
        "text/turtle;q=nan",
        "\x00\xff",
        '"',
        'text/turtle;q="',
        "/",
        "*/turtle",
        "text/turtle" * 5000,
        ", ".join(f"a/{n}" for n in range(3000)),
    ],
)
def test_malformed_header_is_not_an_error(header: str) -> None:
    """A header that is not one accepts nothing; it never raises."""
    assert acceptable(header, VARIANTS) == []
