"""Plain queries are answered here, before Flask is entered; what is not plain goes on to it.

Not plain are a request without a query, one of a browser that wants a page, and one that is to
be answered with an error: the errors of all addresses are written in one place.
"""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException

from metropole.messages import Message
from metropole.web.pinned import edition_of
from metropole.web.requests.exchange import EXCHANGE
from metropole.web.requests.problems import PROBLEM, Problem
from metropole.web.requests.request_id import request_id_of
from metropole.web.responses.compression import compressed, encoding_suffix
from metropole.web.responses.conditions import is_had, refuse
from metropole.web.serving import Serving
from metropole.web.sparql import query_protocol
from metropole.web.sparql.asking import Asking, available, body_response, query_request

PATH = "/sparql"
ENDPOINT = "sparql.sparql"
#: Values of `Accept` whose meaning is remembered.
_PREFERENCES = 500


class Express:
    """A WSGI application in front of another that answers plain queries itself."""

    def __init__(self, app: WSGIApplication, serving: Serving) -> None:
        """Stand in front of `app`."""
        self._app = app
        self._serving = serving
        # Clients send the same few values of `Accept` again and again.
        self._preference = lru_cache(_PREFERENCES)(query_protocol.preference)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a plain query, or pass the request on."""
        is_plain = environ.get("PATH_INFO") == PATH and environ.get(PROBLEM) is None
        if not is_plain or environ["REQUEST_METHOD"] not in query_protocol.METHODS:
            return self._app(environ, start_response)
        request = Request(environ)
        request.max_content_length = self._serving.settings.limits.request_body_bytes
        request.max_form_memory_size = request.max_content_length
        try:
            response = self._answer(request)
        except (Problem, HTTPException) as problem:
            environ[PROBLEM] = problem  # whoever writes it does not read the body
            return self._app(environ, start_response)
        if response is None:
            _rewind(request)
            return self._app(environ, start_response)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response | None:
        """Answer a plain query; None for a request that is none. Raises Problem."""
        parameters = query_protocol.parameters_of(request)
        query = query_protocol.the_query(parameters)
        if query is None:
            return None
        wanted = self._preference(
            request.headers.get("Accept"), query_protocol.named_format(parameters)
        )
        if wanted.is_page:
            return None
        if not wanted.media_types:
            raise Problem(406, Message("None of the accepted formats is available"), available())
        edition = edition_of(self._serving, parameters.get("release", ""))
        asked = query_request(
            self._serving,
            edition,
            query,
            media_types=wanted.media_types,
            default_graphs=query_protocol.graphs(parameters, "default-graph-uri"),
            named_graphs=query_protocol.graphs(parameters, "named-graph-uri"),
        )
        timeout = query_protocol.timeout(parameters)
        coding = encoding_suffix(request.accept_encodings)
        tag = query_protocol.tag(edition.id, asked, coding)
        if request.method != "POST":
            known = f'W/"{tag}"' if tag else None
            refuse(request.environ, known)
            if is_had(request.environ, known):
                return self._finished(request, Response(status=304), edition.id, tag)
        asking = Asking(self._serving, edition.id, request.environ)
        streams = request.method != "HEAD" and _can_be_cut(request.environ)
        response = body_response(asking.answer(asked, timeout_seconds=timeout, streams=streams))
        response.headers["Server-Timing"] = asking.server_timing
        if asking.exchange is not None:
            asking.exchange.keep = bool(tag)
            asking.exchange.address = ENDPOINT
        return self._finished(request, response, edition.id, tag)

    def _finished(
        self, request: Request, response: Response, release_id: str, tag: str
    ) -> Response:
        """Add what every answer says."""
        response.headers["Vary"] = "Accept"
        for name, value in query_protocol.answer_headers(release_id).items():
            response.headers[name] = value
        response.headers["Request-Id"] = request_id_of(request.environ)
        if tag and request.method != "POST":
            response.set_etag(tag, weak=True)
        self._serving.metrics.count_status(ENDPOINT, response.status_code)
        return compressed(response, request.accept_encodings)


def _can_be_cut(environ: WSGIEnvironment) -> bool:
    """Tell whether the client notices a body that was cut.

    The front ends the connection then; an HTTP/1.0 client would take that for the end.
    """
    return EXCHANGE in environ and environ["SERVER_PROTOCOL"] not in ("HTTP/1.0", "HTTP/0.9")


def _rewind(request: Request) -> None:
    """Let the body be read again by whom the request is passed on to."""
    if request.method in ("POST", "QUERY"):
        body = request.get_data()
        request.environ["wsgi.input"] = BytesIO(body)
        request.environ["CONTENT_LENGTH"] = str(len(body))
