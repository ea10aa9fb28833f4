"""Tests of things and their documents: every name, every format, every header."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse, run_wsgi_app

from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.release.documents import decoded
from metropole.web import addresses
from metropole.web.documents.headers import VARIANTS, Variant
from metropole.web.front.environ import environ_of
from web_site import (
    BASE,
    LABEL,
    LIST_MEMBERS,
    MARKUP,
    MENTIONS,
    NAMES,
    client_of,
    graph_by_oxigraph,
    graph_by_rdflib,
    hard_files,
    is_same_graph,
    links_of,
    query_path,
    write_site,
)

#: What rdflib calls the formats.
RDFLIB_NAMES = {
    "ttl": "turtle",
    "nt": "nt",
    "jsonld": "json-ld",
    "rdf": "xml",
    "trig": "trig",
    "nq": "nquads",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the hard site."""
    with client_of(write_site(tmp_path_factory.mktemp("hard"), hard_files())) as found:
        yield found


class Page(HTMLParser):
    """The links, the scripts and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.languages: dict[str, str] = {}
        self._language = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep tags, links and languages."""
        self.tags.add(tag)
        self.text += " "
        given = dict(attrs)
        self._language = given.get("lang") or ""
        if tag == "a":
            self.links.append(given.get("href") or "")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data
        if self._language:
            self.languages[data.strip()] = self._language


def page(client: FlaskClient, path: str) -> Page:
    """Get a page and read it."""
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200
    return Page(response.text)


def address(name: str) -> str:
    """Give the path a browser sends for an IRI: what is not ASCII is percent-encoded."""
    return "/id/" + quote(name, safe="/-._~!$&'()*+,;=:@%")


def follow(client: FlaskClient, name: str, accept: str = "*/*") -> tuple[str, TestResponse]:
    """Dereference a thing: the address of the document and its response."""
    found = client.get(address(name), headers={"Accept": accept})
    assert found.status_code == 303, found.text
    location = found.headers["Location"]
    assert location.isascii()
    return location, client.get(location, headers={"Accept": accept})


def described(body: bytes, syntax: GraphFormat) -> rdflib.Graph:
    """Parse a document with both parsers, which must agree."""
    by_rdflib = graph_by_rdflib(body, RDFLIB_NAMES[syntax.extension])
    assert is_same_graph(by_rdflib, graph_by_oxigraph(body, syntax.syntax))
    return by_rdflib


@pytest.mark.parametrize("name", NAMES)
def test_every_name_leads_to_its_document(client: FlaskClient, name: str) -> None:
    """The IRI of a thing, typed into a client, ends at the document that describes it."""
    _, response = follow(client, name)

    assert response.status_code == 200, response.text
    graph = described(response.data, GRAPH_FORMATS[0])
    assert (rdflib.URIRef(f"{BASE}id/{name}"), None, rdflib.Literal(NAMES[name])) in graph


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_page(client: FlaskClient, name: str) -> None:
    """A browser gets the page of the thing, and the page names its IRI."""
    _, response = follow(client, name, "text/html")

    assert response.status_code == 200
    assert f"{BASE}id/{name}" in Page(response.text).text


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_links_that_work(client: FlaskClient, name: str) -> None:
    """All the page's own links lead somewhere, and all variants say the same of the thing."""
    thing = rdflib.URIRef(f"{BASE}id/{name}")
    _, response = follow(client, name, "text/html")
    links = Page(response.text).links
    hrefs = [link for link in links if link.startswith("/doc/")]
    assert len(hrefs) >= len(GRAPH_FORMATS)
    for href in hrefs:
        assert client.get(href).status_code == 200, href
    for syntax in GRAPH_FORMATS:
        (href,) = [link for link in hrefs if link.endswith(f".{syntax.extension}")][:1]
        graph = described(client.get(href).data, syntax)
        assert (thing, rdflib.RDFS.label, rdflib.Literal(NAMES[name])) in graph


def test_the_page_of_the_hub_leads_to_every_name(client: FlaskClient) -> None:
    """A link on a page leads to the thing it stands for, not to one that is named alike."""
    html = client.get("/doc/hub.html").text
    links = dict.fromkeys(link for link in Page(html).links if link.startswith("/doc/x/"))

    labels = set()
    for link in links:
        shown = client.get(link, headers={"Accept": "text/html"}).text
        labels.add(Page(shown).text.split("<h1>")[0].partition(BASE + "id/")[2].split()[0])

    assert labels == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_asked_for(client: FlaskClient, name: str) -> None:
    """SPARQL finds a thing by its IRI as it is written in the data."""
    query = (
        f"SELECT ?label {{ <{BASE}id/{name}> <http://www.w3.org/2000/01/rdf-schema#label> ?label }}"
    )

    rows = client.get(query_path(query), headers={"Accept": "application/json"}).get_json()

    assert [row["label"]["value"] for row in rows["results"]["bindings"]] == [NAMES[name]]


def test_every_name_is_in_every_dump(client: FlaskClient) -> None:
    """The dumps hold the same IRIs as the documents."""
    for dump, syntax in [("ttl", "turtle"), ("nq", "nquads"), ("trig", "trig")]:
        response = client.get(f"/dumps/latest/dataset.{dump}", follow_redirects=True, buffered=True)
        graph = graph_by_rdflib(response.data, syntax)
        for name, label in NAMES.items():
            thing = rdflib.URIRef(f"{BASE}id/{name}")
            assert (thing, rdflib.RDFS.label, rdflib.Literal(label)) in graph


def test_redirect_is_303_with_vary(client: FlaskClient) -> None:
    """A thing is not a document: See Other, decided by Accept, to an address without variant."""
    response = client.get("/id/nested", headers={"Accept": "text/turtle"})

    assert (response.status_code, response.headers["Location"]) == (303, "/doc/nested")
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("syntax", GRAPH_FORMATS, ids=lambda syntax: syntax.extension)
@pytest.mark.parametrize("name", ["nested", "list", "langs", "markup", "popular", "twice"])
def test_extension_and_accept_give_the_same_bytes(
    client: FlaskClient, name: str, syntax: GraphFormat
) -> None:
    """A format is the same by its extension and by its media type, and says what Turtle says."""
    by_extension = client.get(f"/doc/{name}.{syntax.extension}", headers={"Accept": "image/png"})
    by_accept = client.get(f"/doc/{name}", headers={"Accept": syntax.media_type})

    assert by_extension.data == by_accept.data
    assert by_extension.headers["Content-Type"] == syntax.content_type
    assert by_accept.headers["Content-Location"] == f"/doc/{name}.{syntax.extension}"
    turtle = described(client.get(f"/doc/{name}.ttl").data, GRAPH_FORMATS[0])
    assert is_same_graph(described(by_accept.data, syntax), turtle)


@pytest.mark.parametrize("extension", ["trig", "nq"])
def test_datasets_keep_the_names_of_graphs(client: FlaskClient, extension: str) -> None:
    """TriG and N-Quads tell in which graphs a statement stands, once for each."""
    body = client.get(f"/doc/twice.{extension}").data
    syntax = ox.RdfFormat.from_extension(extension)
    assert syntax is not None
    graphs = [
        quad.graph_name.value
        for quad in ox.parse(body, format=syntax)
        if quad.subject == ox.NamedNode(BASE + "id/twice")
        and quad.object == ox.Literal("twice")
        and isinstance(quad.graph_name, ox.NamedNode)
    ]

    assert sorted(graphs) == [f"{BASE}id/graph/other", f"{BASE}id/graph/own"]


def test_document_has_the_names_of_its_neighbours(client: FlaskClient) -> None:
    """A document holds the labels of what it mentions, so a client need not ask for each."""
    graph = described(client.get("/doc/hub.ttl").data, GRAPH_FORMATS[0])

    assert {str(value) for value in graph.objects(None, rdflib.RDFS.label)} >= set(NAMES.values())


def test_blank_nodes_and_lists_are_whole(client: FlaskClient) -> None:
    """What hangs from a thing comes with it: nested nodes and every member of a long list."""
    nested = described(client.get("/doc/nested.ttl").data, GRAPH_FORMATS[0])
    says = rdflib.URIRef(BASE + "ns#says")
    assert {str(value) for value in nested.objects(None, says)} == {"inside", "deeper"}

    listed = described(client.get("/doc/list.ttl").data, GRAPH_FORMATS[0])
    head = listed.value(rdflib.URIRef(BASE + "id/list"), rdflib.URIRef(BASE + "ns#near"))
    assert head is not None
    assert [int(str(member)) for member in listed.items(head)] == list(range(LIST_MEMBERS))


def test_page_shows_every_member_of_a_list(client: FlaskClient) -> None:
    """A list on a page is not cut where the nesting gets deep."""
    html = client.get("/doc/list.html").text

    assert re.findall(r'<data value="(\d+)">', html) == [
        str(number) for number in range(LIST_MEMBERS)
    ]


def test_many_mentions_are_cut_and_it_is_said(client: FlaskClient) -> None:
    """Of 1,000 mentions some are shown, and page and header say where all of them are."""
    shown = page(client, "/doc/popular.html")
    (ask,) = [link for link in shown.links if link.startswith("/sparql?")]
    rows = client.get(ask + "&format=json").get_json()["results"]["bindings"]
    assert len(rows) == MENTIONS

    response = client.get("/doc/popular.ttl")
    graph = described(response.data, GRAPH_FORMATS[0])
    near = rdflib.URIRef(BASE + "ns#near")
    held = len(list(graph.subjects(near, rdflib.URIRef(BASE + "id/popular"))))
    assert 100 <= held < MENTIONS
    (rest,) = re.findall(r'<([^>]+)>; rel="([^"]*seeAlso)"', ", ".join(links_of(response)))
    everything = client.get(rest[0], headers={"Accept": "text/turtle"}).data
    assert len(described(everything, GRAPH_FORMATS[0])) == MENTIONS


def test_few_mentions_have_no_such_link(client: FlaskClient) -> None:
    """A document that holds everything does not send anybody elsewhere."""
    assert "seeAlso" not in str(links_of(client.get("/doc/nested.ttl")))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.extension)
def test_a_thing_only_pointed_to_has_a_document(client: FlaskClient, variant: Variant) -> None:
    """An IRI that is only an object is a thing too; its document says who mentions it."""
    response = client.get(f"/doc/only-an-object.{variant.extension}")

    assert response.status_code == 200
    assert "evil" in response.text


def test_markup_in_literals_is_text(client: FlaskClient) -> None:
    """HTML in a literal is shown, never run."""
    shown = page(client, "/doc/markup.html")
    scripts = re.findall(r"<script[^>]*>", client.get("/doc/markup.html").text)

    assert scripts == ['<script type="application/ld+json">']
    assert MARKUP in shown.text


def test_labels_are_chosen_by_language_and_tagged(client: FlaskClient) -> None:
    """The heading is in the first language of the site; every label tells its language."""
    shown = page(client, "/doc/langs.html")

    assert shown.languages["Vilnius city"] == "en"
    assert (shown.languages["Wilno"], shown.languages["Вильнюс"]) == ("pl", "ru")
    html = client.get("/doc/langs.html").text
    heading = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert heading is not None
    assert "Vilnius city" in heading[1]


def test_only_web_addresses_become_links(client: FlaskClient) -> None:
    """javascript: and data: IRIs are shown as text; links to own things stay on this server."""
    shown = page(client, "/doc/evil.html")

    assert "javascript:alert(1)" in shown.text
    assert "https://elsewhere.example/x" in shown.links
    assert "/doc/only-an-object" in shown.links
    schemes = {link.partition(":")[0] for link in shown.links if not link.startswith(("/", "#"))}
    assert schemes <= {"http", "https"}


@pytest.mark.parametrize("path", ["/", "/doc/hub.html", "/doc/evil.html", "/ns.html", "/dumps/"])
def test_pages_link_own_things_by_local_addresses(client: FlaskClient, path: str) -> None:
    """No link leads to the canonical address, which a laptop or a test server does not have."""
    assert [link for link in page(client, path).links if link.startswith(BASE)] == []


def test_etag_is_strong_and_one_for_each_variant(client: FlaskClient) -> None:
    """Two formats never share a validator."""
    tags = [client.get(f"/doc/nested.{v.extension}").headers["ETag"] for v in VARIANTS]

    assert len(set(tags)) == len(VARIANTS)
    assert not any(tag.startswith("W/") for tag in tags)


def test_known_document_is_304(client: FlaskClient) -> None:
    """If-None-Match gets 304 without a body, with what a cache needs; another tag gets 200."""
    tag = client.get("/doc/nested.ttl").headers["ETag"]

    same = client.get("/doc/nested.ttl", headers={"If-None-Match": f'"other", {tag}'})
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == tag
    assert same.headers["Vary"] == "Accept, Accept-Encoding"
    assert same.headers["Cache-Control"] == "no-cache"
    assert client.get("/doc/nested.nt", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/id/nested", "/doc/nested", "/doc/nested.html", "/ns.ttl", "/", "/sparql", "/doc/none",
     "/dumps/latest/dataset.ttl", query_path("ASK {}")],
)  # fmt: skip
def test_head_has_the_headers_of_get(client: FlaskClient, path: str) -> None:
    """HEAD is GET without the body (RFC 9110, section 9.3.2)."""
    get, head = client.get(path), client.head(path)

    assert (head.status_code, head.data) == (get.status_code, b"")
    for one in (get, head):  # these belong to the one request
        one.headers.pop("Request-Id")
        one.headers.pop("Server-Timing", None)
        one.headers.pop("Date", None)
    assert dict(head.headers) == dict(get.headers)


def test_unacceptable_lists_the_variants(client: FlaskClient) -> None:
    """406 says what there is, with addresses that work."""
    response = client.get("/doc/nested", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    told = {entry["type"]: entry["address"] for entry in response.get_json()["variants"]}
    assert set(told) == {variant.media_type for variant in VARIANTS}
    for media_type, location in told.items():
        assert client.get(location).mimetype == media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("text/plain", "text/plain"),
        ("text/turtle", "application/problem+json"),
        ("*/*", "application/problem+json"),
    ],
)
def test_absent_thing_is_404_in_the_format_asked_for(
    client: FlaskClient, accept: str, media_type: str
) -> None:
    """404 names the IRI that was looked for, is not cached, and is readable by who asked."""
    for path in ("/id/none", "/doc/none", "/doc/none.ttl"):
        response = client.get(path, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (404, media_type)
        assert f"{BASE}id/none" in response.text.replace("&lt;", "<")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/id/%00", "/id/%7F", "/id/%EF%BF%BE", "/id/%ED%A0%80", "/id/%FF", "/doc/%0D%0Ax",
        "/id/[x]", "/doc/..%2f..%2fetc/passwd", "/id/%C2%80", "/id/%F3%B0%80%80", "/doc/.ttl",
        "/id//", "/doc/a.",
        "/id/" + "a" * 20_000, "/doc/%22%3E%3Cscript%3E.html", "/ns.exe", "/ns.", "/dumps/x/y",
    ],
)  # fmt: skip
def test_odd_paths_are_404(client: FlaskClient, path: str) -> None:
    """Whatever is typed, an absent thing is 404 and never a fault of the server."""
    response = client.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert "script" not in Page(response.text).tags


def test_link_headers(client: FlaskClient) -> None:
    """A document links its other variants, and the thing it describes, in ASCII."""
    response = client.get("/doc/x/Łódź.ttl")
    links = links_of(response)

    assert all(link.isascii() for link in links)
    found = {
        rel: target for link in links for target, rel in re.findall(r'<(.*)>; rel="(\w+)"', link)
    }
    assert unquote(found["describes"]) == f"{BASE}id/x/Łódź"
    alternates = [link for link in links if 'rel="alternate"' in link]
    assert len(alternates) == len(VARIANTS) - 1
    for link in alternates:
        target, media_type = re.findall(r'<(.*)>; rel="alternate"; type="(.*)"', link)[0]
        assert client.get(urljoin(BASE, target)).mimetype == media_type


@pytest.mark.parametrize("path", ["/id/nested", "/doc/nested", "/sparql", "/ns"])
def test_preflight_is_allowed(client: FlaskClient, path: str) -> None:
    """A script of any site may ask: the preflight names the methods and headers it needs."""
    response = client.options(
        path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    )

    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST", "HEAD"} <= set(
        response.headers["Access-Control-Allow-Methods"].split(", ")
    )
    assert {"Accept", "Content-Type"} <= set(
        response.headers["Access-Control-Allow-Headers"].split(", ")
    )


@pytest.mark.parametrize("name", ["nested", "evil", "hub", "list"])
def test_prefixes_are_declared_only_if_used(client: FlaskClient, name: str) -> None:
    """A document of ten lines does not begin with twenty prefixes."""
    text = client.get(f"/doc/{name}.ttl").text
    declared = re.findall(r"^@prefix ([\w-]*):", text, re.MULTILINE)

    assert "rdfs" in declared
    for prefix in declared:
        assert len(re.findall(rf"(?<![\w-]){prefix}:", text)) > 1, prefix


def test_control_character_is_no_rdf_xml(client: FlaskClient) -> None:
    """U+0001 cannot be written in XML: 406 with the reason, and no broken document."""
    response = client.get("/doc/control.rdf")

    assert response.status_code == 406
    assert "U+0001" in response.get_json()["detail"]
    assert "rdf+xml" not in response.text
    for variant in response.get_json()["variants"]:
        assert client.get(variant["address"]).status_code == 200
    assert "a\x01b" in {str(v) for v in described(
        client.get("/doc/control.ttl").data, GRAPH_FORMATS[0]).objects()}  # fmt: skip


@pytest.mark.parametrize(
    "path", ["//doc/nested", "//sparql", "//ns.ttl", "//", "//static/style.css"]
)
def test_slashes_are_not_merged_at_the_start(client: FlaskClient, path: str) -> None:
    """An address that begins with two slashes is another one, and nothing is there."""
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "Nothing is at this address."


def test_property_without_a_local_name_is_no_rdf_xml(client: FlaskClient) -> None:
    """A property that ends in digits cannot be an element: 406 with the reason."""
    response = client.get("/doc/odd-property.rdf")

    assert response.status_code == 406
    assert "https://elsewhere.example/123" in response.get_json()["detail"]


def test_client_that_accepts_more_gets_the_next_format(client: FlaskClient) -> None:
    """What RDF/XML cannot hold comes in the client's next choice."""
    accept = "application/rdf+xml, text/turtle;q=0.5"
    response = client.get("/doc/control", headers={"Accept": accept})

    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    assert response.headers["Content-Location"] == "/doc/control.ttl"


def test_carriage_return_survives_xml(client: FlaskClient) -> None:
    """A carriage return is escaped in RDF/XML, for a parser reads a raw one as a line feed."""
    body = client.get("/doc/return.rdf").data

    assert "a\rb\r\nc\n" in [element.text for element in ET.fromstring(body).iter()]


def test_thing_named_like_the_turtle_of_another(client: FlaskClient) -> None:
    """`/doc/x/both.ttl` is the Turtle about `x/both`; the thing of that name is found too."""
    both = client.get("/doc/x/both.ttl").text
    assert '"both"' in both
    location, response = follow(client, "x/both.ttl", "text/turtle")
    assert location == "/doc/x/both.ttl.ttl"
    assert '"both.ttl"' in response.text


def test_ontology_in_every_format(client: FlaskClient) -> None:
    """The ontology is one graph in all formats, and its page describes every term."""
    turtle = described(client.get("/ns.ttl").data, GRAPH_FORMATS[0])
    for syntax in GRAPH_FORMATS:
        response = client.get("/ns", headers={"Accept": syntax.media_type})
        assert response.headers["Content-Location"] == f"/ns.{syntax.extension}"
        assert is_same_graph(described(response.data, syntax), turtle)
    assert {"near", "says", "Thing"} <= set(page(client, "/ns").text.split())


def test_redirect_stays_on_this_server(client: FlaskClient) -> None:
    """A missing slash is added without a word on the host, whatever the request claims it is."""
    rules = client.application.url_map.iter_rules()
    paths = [rule.rule for rule in rules if rule.rule.endswith("/") and not rule.arguments]
    assert {"/browse/", "/queries/", "/releases/", "/dumps/"} <= set(paths)
    for path in set(paths) - {"/"}:
        for host in ("evil.example", 'a"><script>'):
            answer = client.get(f"{path.rstrip('/')}?lang=lt", headers={"Host": host})
            assert answer.status_code == 308
            assert answer.headers["Location"] == f"{path}?lang=lt"


KEYS = "key,name\na/b,Q\n../../x,R\nc/d/e,S\n"


@pytest.fixture(scope="module")
def slashes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with a table whose keys have slashes, and a name with an escape."""
    table = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "trees.csv",
        "tableSchema": {
            "aboutUrl": f"{BASE}id/tree/{{key}}",
            "columns": [
                {"titles": "key", "suppressOutput": True},
                {"titles": "name", "propertyUrl": LABEL},
            ],
        },
    }
    files = {
        "data/trees.csv": KEYS,
        "data/trees.csv-metadata.json": json.dumps(table),
        "data/more.ttl": f'<id/tree/x%252Fy> <{LABEL}> "escaped" . <id/a/b> <{LABEL}> "path" .'
        f'<id/tree/y%2Fz> <{LABEL}> "once" . <id/tree/y%252Fz> <{LABEL}> "twice" .'
        f'<id/tree/y%25252Fz> <{LABEL}> "thrice" .',
    }
    with client_of(write_site(tmp_path_factory.mktemp("slashes"), files)) as found:
        yield found


@pytest.mark.parametrize(
    ("key", "name", "path"),
    [
        ("a%2Fb", "Q", "a%252Fb"),
        ("..%2F..%2Fx", "R", "..%252F..%252Fx"),
        ("c%2Fd%2Fe", "S", "c%252Fd%252Fe"),
        ("x%252Fy", "escaped", "x%25252Fy"),
    ],
)
def test_key_with_a_slash_resolves(slashes: FlaskClient, key: str, name: str, path: str) -> None:
    """The address of the document has the slash escaped twice, so that nobody takes it apart."""
    iri = f"{BASE}id/tree/{key}"
    with slashes.application.test_request_context():
        address = addresses.document_of(iri, base=BASE)
    assert address == f"/doc/tree/{path}"
    asked = {"method": "GET", "raw_path": f"/id/tree/{key}".encode(), "query_string": b""}
    asked |= {"scheme": "http", "http_version": "1.1", "headers": [(b"host", b"t.example")]}
    _, status, headers = run_wsgi_app(slashes.application, environ_of(asked, b""))
    assert (status[:3], headers["Location"]) == ("303", address)
    assert f'"{name}"' in slashes.get(f"{address}.ttl").text
    assert f"{address}.ttl" in page(slashes, f"{address}.html").links


def test_other_names_have_other_documents(slashes: FlaskClient) -> None:
    """A slash that is escaped once, twice or thrice makes three names, each with its document."""
    names = {"y%2Fz": "once", "y%252Fz": "twice", "y%25252Fz": "thrice"}
    with slashes.application.test_request_context():
        found = {
            addresses.document_of(f"{BASE}id/tree/{name}", base=BASE): (name, label)
            for name, label in names.items()
        }
    assert len(found) == len(names)
    for address, (name, label) in found.items():
        text = slashes.get(f"{address}.nt").text
        assert f'<{BASE}id/tree/{name}> <{LABEL}> "{label}"' in text
    assert decoded("y%25%32Fz") == decoded("y%252Fz") != decoded("y%2Fz")


def test_key_with_a_slash_resolves_behind_a_proxy(slashes: FlaskClient) -> None:
    """What a proxy made of the address of a key leads there, unless that is another thing."""
    assert slashes.get("/id/tree/a/b").headers["Location"] == "/doc/tree/a%252Fb"
    assert slashes.get("/id/tree/c/d/e").status_code == 303
    assert slashes.get("/id/a/b").headers["Location"] == "/doc/a/b"
    assert slashes.get("/id/tree/a/c").status_code == 404


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site whose base has a path."""
    root: Path = tmp_path_factory.mktemp("below")
    files = {"data/a.ttl": f'<id/a> a <ns#Thing> ; <{rdflib.RDFS.label}> "a" ; <ns#near> <id/b> .'}
    with client_of(write_site(root, files, base="https://x.example/graph/")) as found:
        yield found


@pytest.mark.parametrize("path", ["miškas", "mi%C5%A1kas"])
def test_base_with_letters(tmp_path: Path, path: str) -> None:
    """The path of a base may have any letters, written as they are or escaped."""
    files = {"data/a.ttl": f'<id/ą> a <ns#Thing> ; <{rdflib.RDFS.label}> "a" ; <ns#near> <id/b> .'}
    root = write_site(tmp_path, files, base=f"https://žalia.example/{path}/")
    with client_of(root) as client:
        assert client.get("/-/ready").status_code == 200
        for prefix in (f"/{path}", ""):
            answer = client.get(f"{prefix}/id/ą")
            assert answer.headers["Location"] == "/mi%C5%A1kas/doc/%C4%85"
            answer = client.get(f"{prefix}/doc/ą.ttl")
            assert f"https://žalia.example/{path}/id/ą" in answer.text
        for link in page(client, "/doc/ą.html").links:
            if link.startswith("/"):
                assert client.get(link).status_code in (200, 307), link


@pytest.mark.parametrize("prefix", ["/graph", ""])
def test_base_with_a_path(below: FlaskClient, prefix: str) -> None:
    """Links work below the path of the base, whether a proxy in front keeps it or takes it off."""
    response = below.get(f"{prefix}/id/a")
    assert (response.status_code, response.headers["Location"]) == (303, "/graph/doc/a")
    graph = described(below.get(f"{prefix}/doc/a.ttl").data, GRAPH_FORMATS[0])
    assert (rdflib.URIRef("https://x.example/graph/id/a"), None, None) in graph
    links = page(below, f"{prefix}/doc/a.html").links
    assert "/graph/doc/b" in links
    assert [link for link in links if link.startswith("/") and not link.startswith("/graph/")] == []
    for link in links:
        if link.startswith("/graph/"):
            assert below.get(link).status_code in (200, 307), link
