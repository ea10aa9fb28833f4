"""A site that is hard to serve, and the means to ask it: plain functions, no fixtures.

Three files in data/: `names.ttl` (a thing for each hard name), `shapes-of-data.ttl` (blank
nodes, lists, markup in literals) and `again.trig` (named graphs, a triple said twice).
"""

import os
import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import pyoxigraph as ox
import rdflib
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from werkzeug import Response

from metropole import publish
from metropole.settings import Limits, load
from metropole.web import create_app
from metropole.web.serving import Serving
from processes import free_port, wait_until

BASE = "https://t.example/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
MARKUP = "<script>alert('x')</script> & \"quotes\""
ONTOLOGY = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<ns> a owl:Ontology ; rdfs:label "Test terms"@en .
<ns#Thing> a owl:Class ; rdfs:label "thing"@en ; rdfs:comment "Any thing."@en .
<ns#near> a owl:ObjectProperty ; rdfs:label "near"@en ; rdfs:comment "Is near."@en .
<ns#says> a owl:DatatypeProperty ; rdfs:label "says"@en ; rdfs:comment "Says."@en .
"""
#: Names of things as they stand in the IRI, and as a label.
NAMES = {
    "x/Västerås": "å",
    "x/Jyväskylä": "ä",
    "x/Tromsø": "ø",
    "x/Malmö": "ö",
    "x/Võru": "õ",
    "x/Zürich": "ü",
    "x/Łódź": "ł",
    "x/Šiauliai-ėžys-ā-ś": "ś ė ž ā",
    "x/Вильнюс": "Cyrillic",
    "x/O'Higgins": "apostrophe",
    "x/100%25": "percent sign",
    "x/New%20York": "space",
    "x/Frankfurt_(Oder)": "parentheses",
    "x/Washington,_D.C.": "comma and a dot at the end",
    "x/C++": "plus",
    "x/urn:lex:lt": "colon",
    "x/v1.2": "dot",
    "x/file.ttl": "ends like a file",
    "x/page.html": "ends like a page",
    "x/a=b;c&d!e$f*g@h~i": "the other signs a path may hold",
    "x/%C4%85": "encoded letter",
    "x/folder/": "slash at the end",
    "x/北京": "Han",
}
STATEMENTS = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/markup> a <ns#Thing> ; rdfs:label "<script>alert('x')</script> & \\"quotes\\"" .
<id/langs> a <ns#Thing> ;
  rdfs:label "Wilno"@pl, "Vilnius"@lt, "Vilnius city"@en, "Вильнюс"@ru, "no language" .
<id/nested> a <ns#Thing> ; rdfs:label "nested" ; <ns#near> [ <ns#says> "inside" ;
  <ns#near> [ <ns#says> "deeper" ] ] .
<id/list> a <ns#Thing> ; rdfs:label "list" ; <ns#near> ( MEMBERS ) .
<id/popular> a <ns#Thing> ; rdfs:label "popular" .
<id/evil> a <ns#Thing> ; rdfs:label "evil" ;
  <ns#near> <javascript:alert(1)>, <data:text/html,x>, <id/only-an-object>,
    <https://elsewhere.example/x>, <mailto:a@b.example> .
<id/control> a <ns#Thing> ; rdfs:label "control" ; <ns#says> "a\\u0001b" .
<id/return> a <ns#Thing> ; rdfs:label "return" ; <ns#says> "a\\rb\\r\\nc\\n" .
<id/odd-property> a <ns#Thing> ; rdfs:label "odd" ; <https://elsewhere.example/123> "v" .
<id/x/both> a <ns#Thing> ; rdfs:label "both" .
<id/x/both.ttl> a <ns#Thing> ; rdfs:label "both.ttl" .
"""
GRAPHS = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/markup> a <ns#Thing> .
GRAPH <id/graph/own> { <id/twice> a <ns#Thing> ; rdfs:label "twice" . }
GRAPH <id/graph/other> { <id/twice> a <ns#Thing> ; rdfs:label "twice" . }
"""
LIST_MEMBERS = 60
MENTIONS = 1000


def write_site(
    root: Path, files: dict[str, str], *, base: str = BASE, limits: str = "", more: str = ""
) -> Path:
    """Write a site: its settings, its ontology and the files given by name."""
    settings = f'title = "Test"\nbase = "{base}"\nlanguages = ["en", "lt"]\n{more}\n'
    texts = {"metropole.toml": f"{settings}[limits]\n{limits}", "ontology/terms.ttl": ONTOLOGY}
    for name, text in {**texts, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def hard_files() -> dict[str, str]:
    """Give the data files of the hard site."""
    names = "".join(
        f'<id/{name}> a <ns#Thing> ; <{LABEL}> "{label}" ; <ns#near> <id/hub> .\n'
        for name, label in NAMES.items()
    )
    mentions = "".join(f"<id/m/{n}> <ns#near> <id/popular> .\n" for n in range(MENTIONS))
    members = " ".join(str(n) for n in range(LIST_MEMBERS))
    return {
        "data/names.ttl": names,
        "data/statements.ttl": STATEMENTS.replace("MEMBERS", members) + mentions,
        "data/again.trig": GRAPHS,
    }


def built(root: Path) -> Serving:
    """Build a site and open it for serving; the caller closes the pool."""
    settings = load(root)
    publish.build(settings)
    return Serving(settings)


def links_of(response: Response) -> list[str]:
    """List the links of a response, however many `Link` headers they are in (RFC 8288)."""
    return re.split(r",\s*(?=<)", ", ".join(response.headers.getlist("Link")))


@contextmanager
def client_of(root: Path) -> Iterator[FlaskClient]:
    """Build a site and give a client of its application."""
    serving = built(root)
    try:
        yield create_app(serving).test_client()
    finally:
        serving.pool.close()


# Graphs, read by two parsers that have nothing in common.


def graph_by_rdflib(body: bytes, name: str) -> rdflib.Graph:
    """Parse a body with rdflib into its default graph, the union of all graphs for datasets."""
    dataset = rdflib.Dataset(default_union=True)
    with warnings.catch_warnings():
        # rdflib's own parsers use what rdflib 7 has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        dataset.parse(data=body, format=name, publicID=BASE)
    merged = rdflib.Graph()
    for subject, predicate, value, _ in dataset.quads((None, None, None, None)):
        merged.add((subject, predicate, value))
    return merged


def graph_by_oxigraph(body: bytes, syntax: ox.RdfFormat) -> rdflib.Graph:
    """Parse a body with pyoxigraph, strictly, and give its triples to rdflib for comparison."""
    triples = [quad.triple for quad in ox.parse(body, format=syntax, base_iri=BASE)]
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=text, format="nt")


def is_same_graph(one: rdflib.Graph, other: rdflib.Graph) -> bool:
    """Tell whether two graphs say the same, blank nodes renamed."""
    return len(one) == len(other) and isomorphic(one, other)


# A real server, and HTTP on a bare socket.


@dataclass(frozen=True)
class Server:
    """A server process and where it listens."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def descendants(self) -> list[int]:
        """List the processes it started, and those these started."""
        return _descendants(self.process.pid)

    def query_workers(self) -> list[int]:
        """List its query workers."""
        return [pid for pid in self.descendants() if b"query_worker" in _command(pid)]


def children(pid: int) -> list[tuple[int, bytes]]:
    """List the processes that a process has started, with their commands."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            pids = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        found += [(child, _command(child)) for child in pids]
    return found


def _descendants(pid: int) -> list[int]:
    below = [child for child, _ in children(pid)]
    return below + [each for child in below for each in _descendants(child)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def server_of(root: Path, port: int = 0) -> Iterator[Server]:
    """Run `metropole serve` on a site until the end of the block."""
    port = port or free_port()
    log = root / "server.log"
    command = [sys.executable, "-m", "metropole", "serve", str(root), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    server = Server(process, port, log)
    try:
        wait_until(lambda: _answers(port), tell=log.read_text)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        return fetch(port, "/-/health").status == 200
    except OSError:
        return False


@dataclass(frozen=True)
class Reply:
    """What came over a socket: `is_whole` is whether it ended as its framing says it must."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool


def fetch(
    port: int,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    seconds: float = 60,
) -> Reply:
    """Send a request on a connection of its own and read the answer, framing checked."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request_bytes(path, method=method, headers=headers, body=body))
        with connection.makefile("rb") as file:
            return read_reply(file, has_body=method != "HEAD")


def request_bytes(
    path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Write a request as it goes over the wire."""
    fields = {"Host": "any.example", "Content-Length": str(len(body)), **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def read_reply(file: BinaryIO, *, has_body: bool = True) -> Reply:
    """Read an answer: chunked, with a length, or until the connection ends."""
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline().decode("latin-1").strip()) != "":
        name, _, text = line.partition(":")
        headers[name.lower()] = text.strip()
    if not has_body:
        return Reply(status, headers, b"", True)
    if headers.get("transfer-encoding") == "chunked":
        return Reply(status, headers, *_chunks(file))
    length = int(headers.get("content-length", "0"))
    body = file.read(length)
    return Reply(status, headers, body, len(body) == length)


def _chunks(file: BinaryIO) -> tuple[bytes, bool]:
    body = b""
    while True:
        size = re.fullmatch(rb"([0-9A-Fa-f]+)\r\n", file.readline())
        if size is None:
            return body, False
        chunk = file.read(int(size[1], 16) + 2)
        if not int(size[1], 16):
            return body, chunk == b"\r\n"
        body += chunk[:-2]


def query_path(query: str, **parameters: str) -> str:
    """Write the address that asks a query."""
    pairs = {"query": query, **parameters}
    return "/sparql?" + "&".join(f"{name}={quote(text, safe='')}" for name, text in pairs.items())


def digits(places: int) -> str:
    """Write a pattern with ten solutions to the power of `places`."""
    values = " ".join(str(digit) for digit in range(10))
    return " ".join(f"VALUES ?d{place} {{ {values} }}" for place in range(places))


def limits(**changed: int) -> Limits:
    """Give limits that suit tests: two workers, a short queue, little time."""
    usual = {
        "query_timeout_seconds": 10,
        "query_memory_mebibytes": 300,
        "concurrent_queries": 2,
        "queued_queries": 2,
    }
    return Limits(**{**usual, **changed})


def can_leave_network() -> bool:
    """Tell whether this system lets an ordinary process have a network of its own."""
    command = ["unshare", "--user", "--map-root-user", "--net", "true"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return os.geteuid() == 0
