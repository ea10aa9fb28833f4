"""Queries that are over at once, answered in the event loop: no thread, no worker, no werkzeug.

What is said and counted is what `Express` says and counts; a test compares them. Whatever is
unusual about a request is left to it.
"""

from functools import lru_cache
from urllib.parse import urlsplit

from metropole.web.front.answers import Answer
from metropole.web.front.asked import Asked
from metropole.web.front.bridge import Headers
from metropole.web.requests.clients import client_of
from metropole.web.requests.exchange import EXCHANGE, Exchange
from metropole.web.requests.request_id import REQUEST_ID, new_ids
from metropole.web.responses.compression import coding_of, is_worth_it
from metropole.web.serving import Edition, Serving
from metropole.web.sparql import query_protocol
from metropole.web.sparql.asking import Asking, query_request
from metropole.web.sparql.express import ENDPOINT, PATH

_OK = 200
#: Values of request headers whose meaning is remembered.
_REMEMBERED = 500
#: Parameters that make a query more than its text.
_UNUSUAL = frozenset({"release", "timeout", "default-graph-uri", "named-graph-uri", "update"})


class BriefLane:
    """Answers brief queries to the endpoint."""

    def __init__(self, serving: Serving) -> None:
        """Answer from what is served."""
        self._serving = serving
        base = urlsplit(serving.settings.base).path.rstrip("/")
        self._paths = frozenset({PATH.encode(), (base + PATH).encode()})
        self._preference = lru_cache(_REMEMBERED)(query_protocol.preference)
        self._coding = lru_cache(_REMEMBERED)(coding_of)
        self._client = lru_cache(_REMEMBERED)(self._client_of)
        self._headers = lru_cache(_REMEMBERED)(_headers)
        self._ids = new_ids()

    def may_answer(self, asked: Asked) -> bool:
        """Tell whether a request may be one for this lane, at a glance."""
        return asked.target[1] in self._paths and asked.if_none_match is None

    def answer(self, asked: Asked, body: bytes, edition: Edition) -> tuple[Answer, Headers] | None:
        """Answer a brief query; give the answer and the headers of this client, None for others."""
        parameters = query_protocol.brief_parameters(
            asked.method, asked.target[2], asked.headers.get(b"content-type", b""), body
        )
        if parameters is None or not _UNUSUAL.isdisjoint(parameters):
            return None
        query = parameters.get("query")
        accept = asked.headers.get(b"accept", b"").decode("latin-1")
        wanted = self._preference(accept, query_protocol.named_format(parameters))
        if query is None or wanted.is_page or not wanted.media_types:
            return None
        return self._run(asked, query, wanted.media_types, edition)

    def _run(
        self, asked: Asked, query: str, media_types: tuple[str, ...], edition: Edition
    ) -> tuple[Answer, Headers] | None:
        exchange = Exchange(address=ENDPOINT)
        request_id = next(self._ids)
        forwarded = asked.headers.get(b"x-forwarded-for", b"").decode("latin-1")
        environ = {EXCHANGE: exchange, REQUEST_ID: request_id}
        client = self._client(asked.remote, forwarded)
        asking = Asking(self._serving, edition.id, environ, client=client)
        request = query_request(self._serving, edition, query, media_types=media_types)
        found = asking.answer_at_once(edition.store, request)
        if found is None:
            return None
        coding, suffix = self._coding(asked.headers.get(b"accept-encoding", b""))
        tag = query_protocol.tag(edition.id, request, suffix)
        exchange.keep = bool(tag)
        self._serving.metrics.count_status(ENDPOINT, _OK)
        body, headers = found.body, list(self._headers(edition.id, found.content_type))
        if tag and asked.method != "POST":
            headers.append((b"etag", f'W/"{tag}"'.encode()))
        if coding is not None and is_worth_it(len(body)):
            body = coding.packed(body)
            headers.append((b"content-encoding", coding.name.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        own = [
            (b"request-id", request_id.encode()),
            (b"server-timing", asking.server_timing.encode()),
        ]
        return Answer(_OK, headers, body, exchange), own

    def _client_of(self, remote: str, forwarded: str) -> str:
        return client_of(remote, forwarded, self._serving.settings.trusted_proxies)


def _headers(release_id: str, content_type: str) -> Headers:
    """Give what all answers of a release in one format say."""
    told = {
        "Content-Type": content_type,
        "Vary": "Accept, Accept-Encoding",
        **query_protocol.answer_headers(release_id),
    }
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]
