"""A small site of linked data that is healthy, until one of its promises is broken on purpose.

It is not made by Metropole, so that the examination is proved on what somebody else wrote.
"""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote
from urllib.request import urlopen

import pyoxigraph as ox
from werkzeug import Request, Response
from werkzeug.serving import make_server

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, TURTLE, GraphFormat
from metropole.web.requests.negotiation import HTML, Page, acceptable

JSON = "application/sparql-results+json"
BASE = "https://healthy.example/"
THING = BASE + "id/Šiauliai"
#: How often the server looks whether it is to end, and how long it stalls where it does.
_LOOKS_EVERY, _STALLS_SECONDS = 0.02, 1.5
DUMP = b'<https://healthy.example/id/a> <https://healthy.example/ns#b> "c" .\n'
_GRAPH = f"""
@prefix void: <http://rdfs.org/ns/void#> .
<{THING}> a <{BASE}ns#City> ; <{BASE}ns#near> [ <{BASE}ns#name> "Kaunas"@lt ] .
"""
_VOID = f"""
@prefix void: <http://rdfs.org/ns/void#> .
<{BASE}dataset> a void:Dataset ; void:sparqlEndpoint <{BASE}sparql> ;
  void:dataDump <{BASE}dumps/all.nt> ; void:exampleResource <{THING}> .
"""
_SERVICE = """
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
[] a sd:Service ; sd:endpoint <ENDPOINT> .
"""
_CATALOGUE = f"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
<{BASE}catalog> a dcat:Catalog ; dcat:dataset <{BASE}dataset> .
<{BASE}dataset> a dcat:Dataset ; dct:title "All"@en ; dct:publisher <{BASE}us> ;
  dct:license <{BASE}licence> ; dcat:distribution <{BASE}dumps#all> .
<{BASE}dumps#all> dcat:downloadURL <{BASE}dumps/all.nt> ; dcat:accessURL <{BASE}dumps/> ;
  dcat:byteSize "{len(DUMP)}" ; spdx:checksum [ spdx:checksumValue "SUM" ;
    spdx:algorithm spdx:checksumAlgorithm_sha256 ] .
"""
_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}</loc></url></urlset>'
)


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass
class HealthySite:
    """Answers as it should, but for what is in `broken`."""

    broken: set[str] = field(default_factory=set)
    address: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ)
        response = self._answer(request)
        if "cors" not in self.broken:
            response.headers["Access-Control-Allow-Origin"] = "*"
        if "letters" in self.broken:
            start_response = _with_letters(start_response)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = unquote(request.path)
        if "silent" in self.broken and path == "/robots.txt":
            time.sleep(_STALLS_SECONDS)
        if path.startswith("/id/"):
            return self._thing(path)
        if path.startswith("/doc/"):
            return self._document(request, path.removeprefix("/doc/"))
        routes: dict[str, Callable[[], Response]] = {
            "/": self._home,
            "/look.css": lambda: Response("", mimetype="text/css"),
            "/sparql": lambda: self._query(request),
            "/.well-known/void": self._void,
            "/catalog": self._catalogue,
            "/robots.txt": self._robots,
            "/sitemap.xml": self._sitemap,
            "/dumps/all.nt": lambda: Response(DUMP, mimetype="application/n-triples"),
            "/dumps/": lambda: Response("all.nt", mimetype="text/html"),
        }
        if "dump gone" in self.broken:
            del routes["/dumps/all.nt"]
        if path == "/fails":
            return Response("", 500)
        found = routes.get(path)
        return found() if found else Response("not there", 404)

    def _home(self) -> Response:
        """Give a page with a link, and what it loads."""
        if "page fails" in self.broken:
            link = "/fails"
        else:
            link = "/nowhere" if "dead link" in self.broken else f"{BASE}dumps/"
        host = "https://elsewhere.example" if "foreign" in self.broken else ""
        text = f"<link rel=stylesheet href='{host}/look.css'><a href='{link}#a'>More</a>"
        return Response(f"{text}<a href='http://['>odd</a>", mimetype="text/html")

    def _thing(self, path: str) -> Response:
        name = path.removeprefix("/id/")
        if BASE + "id/" + name != THING:
            return Response("", 200 if "absent is found" in self.broken else 404)
        location = quote(f"/doc/{name}")
        if "location" in self.broken:
            location = f"http://localhost:1{location}"
        response = Response("", 302 if "302" in self.broken else 303)
        response.autocorrect_location_header = False
        response.headers["Location"] = path if "loop" in self.broken else location
        response.headers["Vary"] = "Accept"
        return response

    def _document(self, request: Request, name: str) -> Response:
        if BASE + "id/" + name != THING:
            return Response("", 404)
        chosen = self._chosen(request.headers.get("Accept"))
        if chosen is None:
            return Response("", 500 if "500" in self.broken else 406)
        if request.method == "HEAD" and "head" in self.broken:
            return Response("", 405)
        alternate = "" if "alternates" in self.broken else ' rel="alternate" type="text/turtle"'
        page = f"<link{alternate} href=''>".encode()
        body = page if isinstance(chosen, Page) else self._written(chosen)
        response = Response(body, content_type=chosen.content_type)
        if "no tags" not in self.broken:
            response.set_etag("one" if "tags" in self.broken else chosen.extension)
        if "vary" not in self.broken:
            response.headers["Vary"] = "Accept, Accept-Encoding"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            self._pack(response, body)
        if "304" not in self.broken:
            response.make_conditional(request)
        return response

    def _chosen(self, accept: str | None) -> GraphFormat | Page | None:
        left_out = "nq" if "no N-Quads" in self.broken else ""
        offers = [each for each in (*GRAPH_FORMATS, HTML) if each.extension != left_out]
        chosen = next(iter(acceptable(accept, offers)), None)
        if "accept" in self.broken and (chosen is None or "q=0.3" in (accept or "")):
            return HTML
        return HTML if "*/*" in self.broken and accept == "*/*" else chosen

    def _pack(self, response: Response, body: bytes) -> None:
        packed = gzip.compress(body)
        response.set_data(gzip.compress(packed) if "gzip" in self.broken else packed)
        response.headers["Content-Encoding"] = "gzip"
        if "vary by coding" in self.broken:
            response.headers["Vary"] = "Accept"

    def _written(self, chosen: GraphFormat) -> bytes:
        quads = list(ox.parse(_GRAPH, format=ox.RdfFormat.TURTLE))
        if "another graph" in self.broken and chosen is TURTLE:
            quads.pop()
        if "not about it" in self.broken:
            quads = []
        text = chosen.serialized(quads)
        return text + b"<" if "syntax" in self.broken and chosen is TURTLE else text

    def _void(self) -> Response:
        if "no void" in self.broken:
            return Response("", 404)
        text = _VOID.replace("exampleResource", "x") if "no things" in self.broken else _VOID
        return Response(text, content_type="text/turtle")

    def _catalogue(self) -> Response:
        text = _CATALOGUE.replace("SUM", hashlib.sha256(DUMP).hexdigest())
        if "no catalogue" in self.broken:
            return Response("", 404)
        if "no licence" in self.broken:
            text = text.replace("dct:license", "dct:rights")
        if "sum" in self.broken:
            text = _CATALOGUE.replace("SUM", "0" * 64)
        if "size" in self.broken:
            text = text.replace(f'"{len(DUMP)}"', '"7"')
        if "endless" in self.broken:
            text += f"<{BASE}catalog> hydra:next <{BASE}catalog> ."
        return Response(text, content_type="text/turtle")

    def _robots(self) -> Response:
        closed = "/" if "robots" in self.broken else "/sparql"
        return Response(f"User-agent: *\nDisallow: {closed}\n", mimetype="text/plain")

    def _sitemap(self) -> Response:
        base = "https://elsewhere.example/" if "sitemap" in self.broken else BASE
        text = _SITEMAP.format(f"{base}doc/{quote('Šiauliai')}")
        if "no things" in self.broken:
            return Response("", 404)
        if "doctype" in self.broken:
            text = f"<!DOCTYPE urlset>{text}"
        return Response(text, mimetype="application/xml")

    def _query(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return self._preflight()
        refused = self._refused(request)
        if refused:
            return Response("", refused)
        posted = request.mimetype == "application/sparql-query"
        query = request.get_data(as_text=True) if posted else request.values.get("query")
        if query is None:
            return self._described()
        if "?l" in query:  # no end
            return self._endless()
        if "<http://127.0.0.1" in query:
            if "fetches" in self.broken:
                urlopen(query.partition("<")[2].partition(">")[0], timeout=1)
            return Response("", 400)
        return self._rows(query, request.headers.get("Accept"))

    def _endless(self) -> Response:
        """Stop the query; those that come meanwhile wait when `stalls` is broken."""
        if "cut" in self.broken:
            return self._rows("SELECT (0 AS ?n) {}", JSON)
        if "stalls" in self.broken:
            with self._lock:
                time.sleep(_STALLS_SECONDS)
        return Response("", 503)

    def _refused(self, request: Request) -> int:
        """Give the status for what is no query that is taken; 0 for others."""
        kind = request.headers.get("Content-Type", "")
        if "unknown" in self.broken and "output" in request.args:
            return 400
        if "update" in request.form or kind == "application/sparql-update":
            return 204 if "update" in self.broken else 403
        return 415 if "charset" in self.broken and "charset" in kind else 0

    def _described(self) -> Response:
        own = "http://localhost/" if "undescribed" in self.broken else self.address
        text = _SERVICE.replace("ENDPOINT", f"{own}sparql")
        return Response(text, content_type="text/turtle")

    def _rows(self, query: str, accept: str | None) -> Response:
        with self._lock:
            store = ox.Store()
        if "no things" not in self.broken:
            store.extend(ox.parse(_GRAPH, format=ox.RdfFormat.TURTLE))
        try:
            found = store.query(query)
        except SyntaxError:
            return Response("", 200 if "mistakes" in self.broken else 400)
        if isinstance(found, ox.QueryTriples):
            chosen = next(iter(acceptable(accept, GRAPH_FORMATS)), TURTLE)
            if "first type" in self.broken:
                return Response("", content_type="application/sparql-results+xml")
            return Response(chosen.serialized(found), content_type=chosen.content_type)
        offers = [
            each for each in RESULT_FORMATS if each.name != "XML" or "no XML" not in self.broken
        ]
        rows = next(iter(acceptable(accept, offers)), None)
        if rows is None:
            return Response("", 406)
        if "always JSON" in self.broken:
            rows = RESULT_FORMATS[0]
        if "empty" in self.broken:
            found = store.query("SELECT ?one { FILTER(false) }")
        assert not isinstance(found, ox.QueryTriples)
        body = found.serialize(format=rows.syntax)
        response = Response(body, content_type=rows.content_type)
        if "no vary of rows" not in self.broken:
            response.headers["Vary"] = "Accept"
        return response

    def _preflight(self) -> Response:
        if "options" in self.broken:
            return Response("", 405)
        response = Response("", 204)
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        return response


def _with_letters(start_response: "StartResponse") -> "StartResponse":
    """Write redirects as servers do that decode them; werkzeug would encode them again."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        told = [(name, unquote(value, "latin-1")) for name, value in headers]
        return start_response(status, told, *more)

    return start


@contextmanager
def healthy_site(*broken: str) -> Iterator[HealthySite]:
    """Serve it on a free port for a while."""
    site = HealthySite({*broken})
    server = make_server("127.0.0.1", 0, site, threaded=True)
    site.address = f"http://127.0.0.1:{server.port}/"
    thread = threading.Thread(target=server.serve_forever, args=(_LOOKS_EVERY,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
