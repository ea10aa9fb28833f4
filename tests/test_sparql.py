"""Tests of the look at a query before it runs: no query reaches the network.

The engine runs here in the test's own process, with the network it has: what keeps a
connection from being made is the refusal alone. A worker has no network besides.
"""

import socket
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from hostile_queries import DISGUISES
from metropole import sparql

#: Queries that only look dangerous.
HARMLESS = {
    "variable": "SELECT ?service { ?s ?p ?service }",
    "prefixed name": "PREFIX ex: <http://a.example/> SELECT * { ?s ex:service ?o }",
    "prefix": "PREFIX service: <http://a.example/> SELECT * { ?s service:x ?o }",
    "literal": 'SELECT * { ?s ?p ?o FILTER(?o != "SERVICE <http://x/> { ?s ?p ?o }") }',
    "long literal": 'SELECT * { ?s ?p ?o FILTER(?o != """SERVICE " <x> {}""") }',
    "comment": "SELECT * { ?s ?p ?o } # SERVICE <http://x/> { ?s ?p ?o }",
    "IRI": "SELECT * { ?s <http://a.example/SERVICE#service> ?o }",
    "language tag": 'SELECT * { ?s ?p "x"@en-service }',
    "blank node": "SELECT * { _:service ?p ?o }",
    "update words": 'SELECT ?insert { ?insert ?delete "DROP ALL" }',
    "escape beside it": r'SELECT * { ?s ?p "service \u0117" }',
    "exists": "SELECT * { ?service ?p ?o FILTER NOT EXISTS { ?service ?q ?r } } ORDER BY ?p",
}


class Listener:
    """Counts the connections to a port of this machine."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.connections = 0
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if connection.recv(64) == b"end":
                    return
                self.connections += 1
                connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        """Stop listening."""
        with socket.create_connection(self._socket.getsockname()) as connection:
            connection.sendall(b"end")
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """A port that must stay alone."""
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """A store with a statement, so that every pattern is looked at."""
    found = ox.Store()
    node = ox.NamedNode("http://a.example/a")
    found.add(ox.Quad(node, node, ox.Literal(0)))
    found.add(ox.Quad(node, node, ox.Literal(0), node))
    return found


def run(store: ox.Store, text: str) -> None:
    """Let the engine run a query as a worker does, to its last row."""
    try:
        result = store.query(sparql.padded(text), base_iri="http://a.example/")
        if not isinstance(result, ox.QueryBoolean):
            list(result)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        pass


def test_the_listener_hears(listener: Listener, store: ox.Store) -> None:
    """Without the refusal the engine does connect, so the tests below can fail."""
    before = listener.connections
    run(store, DISGUISES["plain"].replace("{}", listener.address))

    assert listener.connections == before + 1


@pytest.mark.parametrize("name", DISGUISES)
def test_no_disguise_reaches_the_network(listener: Listener, store: ox.Store, name: str) -> None:
    """Whatever passes the look makes no connection when it runs."""
    text = DISGUISES[name].replace("{}", listener.address)
    before = listener.connections

    if sparql.refusal(text) is None:
        run(store, text)

    assert listener.connections == before


def test_most_disguises_work_without_the_look(listener: Listener, store: ox.Store) -> None:
    """The disguises are real ones: all but a few would connect if they were run."""
    harmless = []
    for name, text in DISGUISES.items():
        before = listener.connections
        run(store, text.replace("{}", listener.address))
        if listener.connections == before:
            harmless.append(name)

    assert len(DISGUISES) - len(harmless) >= 30, harmless


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_look_like_it_are_allowed(store: ox.Store, name: str) -> None:
    """A variable, a name, a literal or a comment may hold the word."""
    assert sparql.refusal(HARMLESS[name]) is None
    store.query(sparql.padded(HARMLESS[name]))


@pytest.mark.parametrize(
    "text",
    [
        DISGUISES["escaped keyword"],
        DISGUISES["escaped line feed and digits"],
        r"""SELECT * { FILTER("\u005Cu0022 != '') } #" != "") \u0053ERVICE <a:b> { ?s ?p ?o } }""",
    ],
)
def test_escapes_as_the_standard_reads_them(text: str) -> None:
    """What an engine would run that follows section 19.2 to the letter is refused too."""
    assert sparql.refusal(text) is not None


@pytest.mark.parametrize(
    "text",
    ["SELECT * FROM <{}> { ?s ?p ?o }", "SELECT * FROM NAMED <{}> { GRAPH ?g { ?s ?p ?o } }",
     "DESCRIBE <{}>", "SELECT * { <{}> ?p ?o }", "LOAD <{}>", "LOAD SILENT <{}> INTO GRAPH <a:b>"],
)  # fmt: skip
def test_naming_an_address_does_not_fetch_it(
    listener: Listener, store: ox.Store, text: str
) -> None:
    """FROM chooses among the graphs there are; LOAD is not run at all."""
    before = listener.connections
    query = text.replace("{}", listener.address)
    refused = sparql.refusal(query)

    run(store, query)

    assert listener.connections == before
    assert (refused is not None) == text.startswith("LOAD")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { " + "(" * 100_000 + " SERVICE",
        "SELECT * { " + "{ " * 3_000 + "SERVICE <a:b> {}" + " }" * 3_000 + " }",
        "SERVICE " * 1000,
    ],
)
def test_what_cannot_be_parsed_is_refused(text: str) -> None:
    """A text with the word that rdflib cannot read does not run."""
    assert sparql.refusal(text) is not None
