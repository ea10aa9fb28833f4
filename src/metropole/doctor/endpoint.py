"""See whether the endpoint speaks SPARQL 1.1 Protocol as its clients do, and nothing more."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from metropole.doctor.checks import Check, Observation, Verdict
from metropole.doctor.documents import CORS, VARY
from metropole.doctor.graphs import NotReadable, quads_of, values
from metropole.doctor.site import JSON_ROWS, RDF, Site, asked
from metropole.doctor.visits import NoReply, Reply, Visitor
from metropole.formats import RESULT_FORMATS, ResultFormat
from metropole.vocab import SD

FOUND = Check(
    "endpoint-found",
    "There is an endpoint, and VoID tells where",
    "Say `void:sparqlEndpoint` in /.well-known/void, or name the endpoint with --endpoint.",
    "VoID, section 3.2",
    Verdict.NOTE,
)
FORMATS = Check(
    "result-formats",
    "Rows come in the format that was asked for",
    "Choose among JSON, XML, CSV and TSV by `Accept`; what cannot be had is 406.",
    "SPARQL 1.1 Protocol, section 2.1.6",
)
POSTED = Check(
    "query-by-post",
    "Queries may be posted, in a form and as they are",
    "Take `application/x-www-form-urlencoded`, and `application/sparql-query` with or without "
    "a charset; do not redirect a POST.",
    "SPARQL 1.1 Protocol, sections 2.1.2 and 2.1.3",
)
BY_FORM = Check(
    "applicable-format",
    "Of several accepted formats, one that the answer can have is chosen",
    "Choose by what the query asks for: rows cannot be RDF/XML, a graph cannot be rows. rdflib "
    "always sends both.",
    "SPARQL 1.1 Protocol, section 2.1.6; rdflib SPARQLStore",
)
UNKNOWN = Check(
    "unknown-parameters",
    "Parameters that the protocol does not know do no harm",
    "Ignore them: SPARQLWrapper sends format, output and results with every query.",
    "SPARQLWrapper",
)
REFUSED = Check(
    "syntax-is-400",
    "A query that cannot be parsed is answered with 400",
    "Answer 400 and say where the mistake is; never 200, and 500 is for faults of the server.",
    "SPARQL 1.1 Protocol, section 2.1.4",
)
DESCRIBED = Check(
    "service-description",
    "Without a query, the endpoint describes itself",
    "Answer with `sd:endpoint` and what the service can do; Comunica asks for that first.",
    "SPARQL 1.1 Service Description, section 2",
    Verdict.WARNING,
)
READ_ONLY = Check(
    "no-update",
    "Nobody can write",
    "Refuse `update=` and `application/sparql-update` with 4xx for whom is not known.",
    "SPARQL 1.1 Protocol, section 4",
)
CLOSED = Check(
    "no-fetching",
    "Queries make the server ask nobody else",
    "Refuse SERVICE, and FROM with an address of the network, on the parsed query: by them "
    "strangers reach what only the server can reach.",
    "SPARQL 1.1 Protocol, section 4; SPARQL 1.1 Federated Query, section 6",
)
PREFLIGHT = Check(
    "preflight",
    "Scripts of other sites may post queries",
    "Answer OPTIONS with 2xx, `Access-Control-Allow-Origin: *` and what is allowed.",
    "Fetch, section 3.3",
    Verdict.WARNING,
)
CHECKS = (
    *(FOUND, FORMATS, POSTED, BY_FORM, UNKNOWN, REFUSED),
    *(DESCRIBED, READ_ONLY, CLOSED, PREFLIGHT),
)
_OK, _REDIRECTED, _NOT_ACCEPTABLE, _BAD_REQUEST, _SERVER_ERROR = 200, 300, 406, 400, 500
_SELECT = "SELECT (1 AS ?one) {}"
_CONSTRUCT = "CONSTRUCT { <urn:a> <urn:b> 1 } {}"
_FORM = "application/x-www-form-urlencoded"
_QUERY, _UPDATE = "application/sparql-query", "application/sparql-update"
_XML_ROWS, _XML_GRAPH = "application/sparql-results+xml", "application/rdf+xml"
#: An update that changes nothing where it is taken.
_NOTHING = "INSERT DATA {}"


def look_at_endpoint(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Ask the endpoint in every way that clients do."""
    if not site.endpoint:
        yield FOUND.broken("No endpoint was found.", site.root)
        return
    yield FOUND.fine(site.endpoint)
    found = _Endpoint(site, visitor)
    yield from found.formats()
    yield from found.posted()
    yield from found.chosen()
    yield from found.refused()
    yield from found.described()
    yield from found.fetches()
    yield from found.open_to_scripts()


class _Endpoint:
    def __init__(self, site: Site, visitor: Visitor) -> None:
        self._site, self._visitor, self._address = site, visitor, site.endpoint

    def _get(self, query: str, accept: str = JSON_ROWS) -> Reply:
        return self._visitor.ask(asked(self._address, query), headers={"Accept": accept})

    def _post(self, kind: str, body: str, accept: str = JSON_ROWS) -> Reply:
        headers = {"Accept": accept, "Content-Type": kind}
        return self._visitor.ask(self._address, method="POST", headers=headers, body=body.encode())

    def formats(self) -> Iterator[Observation]:
        """Ask for rows in each format."""
        varies = True
        for syntax in RESULT_FORMATS:
            reply = self._get(_SELECT, syntax.media_type)
            varies = varies and bool({"accept", "*"} & reply.names_in("Vary"))
            if reply.status == _NOT_ACCEPTABLE:
                told = f"{syntax.name} is not offered, which is told (406)."
                yield FORMATS.noted(told, self._address)
            else:
                yield FORMATS.judged(self._address, _unlike(reply, syntax))
        yield VARY.judged(self._address, "" if varies else "Answers in several formats lack it.")

    def posted(self) -> Iterator[Observation]:
        """Post a query in both ways, with a charset too."""
        form = urlencode({"query": _SELECT})
        for kind, body in (
            (_FORM, form),
            (_QUERY, _SELECT),
            (f"{_QUERY}; charset=utf-8", _SELECT),
        ):
            reply = self._post(kind, body)
            fault = f"Posted as {kind}, it is answered with {reply.told}."
            is_right = (reply.status, reply.media_type) == (_OK, JSON_ROWS)
            yield POSTED.judged(self._address, "" if is_right else fault)

    def chosen(self) -> Iterator[Observation]:
        """Ask as rdflib and SPARQLWrapper do."""
        for query, right in ((_SELECT, _XML_ROWS), (_CONSTRUCT, _XML_GRAPH)):
            reply = self._get(query, f"{_XML_ROWS}, {_XML_GRAPH}")
            fault = f"{query} is answered with {reply.told}."
            is_right = (reply.status, reply.media_type) == (_OK, right)
            yield BY_FORM.judged(self._address, "" if is_right else fault)
        more = urlencode([(name, "json") for name in ("format", "output", "results")])
        address = f"{asked(self._address, _SELECT)}&{more}"
        reply = self._visitor.ask(address, headers={"Accept": JSON_ROWS})
        fault = f"With them it is answered with {reply.told}."
        yield UNKNOWN.judged(address, "" if reply.status == _OK else fault)

    def refused(self) -> Iterator[Observation]:
        """Ask what is no query, and try to write nothing."""
        reply = self._get("SELECT nothing")
        fault = f"It is answered with {reply.told}."
        yield REFUSED.judged(self._address, "" if reply.status == _BAD_REQUEST else fault)
        for kind, body in ((_FORM, urlencode({"update": _NOTHING})), (_UPDATE, _NOTHING)):
            reply = self._post(kind, body, "*/*")
            fault = f"An update posted as {kind} is answered with {reply.told}."
            is_refused = _BAD_REQUEST <= reply.status < _SERVER_ERROR
            yield READ_ONLY.judged(self._address, "" if is_refused else fault)

    def described(self) -> Iterator[Observation]:
        """Ask without a query."""
        reply = self._visitor.ask(self._address, headers={"Accept": RDF})
        try:
            told = [self._site.here(iri) for iri in values(quads_of(reply), SD + "endpoint")]
        except NotReadable as error:
            yield DESCRIBED.broken(f"Without a query {error}.", self._address)
            return
        fault = f"It says `sd:endpoint` {', '.join(told) or 'nowhere'}."
        yield DESCRIBED.judged(self._address, "" if self._address in told else fault)

    def fetches(self) -> Iterator[Observation]:
        """Ask for what would make the server ask this machine, and see whether it does."""
        with _listening() as trap:
            for told, query in (
                ("SERVICE", f"ASK {{ SERVICE <{trap.address}> {{ ?s ?p ?o }} }}"),
                ("FROM", f"ASK FROM <{trap.address}data.ttl> {{ ?s ?p ?o }}"),
            ):
                trap.calls, status = 0, 0
                with suppress(NoReply):  # it may wait for what is asked here
                    status = self._get(query).status
                is_unseen = told == "SERVICE" and not self._is_on_this_machine()
                if trap.calls:
                    fault = f"A query with {told} made the server ask {trap.address}."
                    yield CLOSED.broken(fault, self._address)
                elif status < _BAD_REQUEST and is_unseen:
                    fault = "A query with SERVICE is not refused; whom it asked was not seen."
                    yield Observation(CLOSED, Verdict.WARNING, fault, self._address)
                else:
                    answer = f"with {status}" if status else "not at all"
                    yield CLOSED.fine(self._address, f"{told} is answered {answer}.")

    def _is_on_this_machine(self) -> bool:
        with suppress(OSError):
            name = socket.gethostbyname(urlsplit(self._address).hostname or "")
            return ipaddress.ip_address(name).is_loopback
        return False

    def open_to_scripts(self) -> Iterator[Observation]:
        """Ask as the script of another site."""
        origin = {"Origin": "https://elsewhere.example"}
        reply = self._visitor.ask(
            asked(self._address, _SELECT), headers={"Accept": JSON_ROWS, **origin}
        )
        is_open = reply.header("Access-Control-Allow-Origin") in ("*", origin["Origin"])
        yield CORS.judged(self._address, "" if is_open else "The header is missing.")
        asks = {
            **origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }
        reply = self._visitor.ask(self._address, method="OPTIONS", headers=asks)
        is_open = reply.header("Access-Control-Allow-Origin") in ("*", origin["Origin"])
        allowed = reply.names_in("Access-Control-Allow-Headers") & {"content-type", "*"}
        yield PREFLIGHT.judged(
            self._address,
            "" if _OK <= reply.status < _REDIRECTED else f"OPTIONS is answered with {reply.told}.",
            "" if is_open and allowed else "The answer to OPTIONS does not allow it.",
        )


def _unlike(reply: Reply, syntax: ResultFormat) -> str:
    """Say what is wrong with one row in a format; empty when nothing is."""
    if (reply.status, reply.media_type) != (_OK, syntax.media_type):
        return f"Asked for {syntax.name}, it is answered with {reply.told}."
    if syntax.syntax == ox.QueryResultsFormat.CSV:
        return "" if reply.body.split() == [b"one", b"1"] else "The CSV does not hold the row."
    try:
        found = ox.parse_query_results(reply.body, format=syntax.syntax)
        rows = list(found) if isinstance(found, ox.QuerySolutions) else []
    except (SyntaxError, ValueError) as error:
        return f"The {syntax.name} cannot be read: {error}."
    return "" if len(rows) == 1 else f"The {syntax.name} does not hold the row."


class _Trap:
    """Listens on this machine, and counts who comes."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.calls = 0
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    def listen(self) -> None:
        """Take connections, and close them, until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.calls += 1
                connection.close()


@contextmanager
def _listening() -> Iterator[_Trap]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = _Trap(listener)
        threading.Thread(target=trap.listen, daemon=True).start()
        try:
            yield trap
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
