"""The web application: everything it needs is passed in, and nothing is built while serving."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable

from metropole.web import (
    browse,
    documents,
    dumps,
    feeds,
    frames,
    languages,
    navigation,
    pinned,
    places,
    quality,
    queries,
    reconcile,
    releases,
    search,
    sparql,
    stories,
    system,
)
from metropole.web.documents import calendars, memento
from metropole.web.labels import worded
from metropole.web.metadata import catalogue, citations, dataset_markup, signposting, sitemap, void
from metropole.web.requests import problems
from metropole.web.requests.exchange import EXCHANGE
from metropole.web.requests.request_id import with_request_id
from metropole.web.responses import (
    Plain,
    compression,
    open_to_scripts,
    static_folder,
    within_this_server,
)
from metropole.web.responses.conditions import CONDITIONS, conditional
from metropole.web.serving import EXTENSION, Serving, current_edition, serving
from metropole.web.sparql import graph_store, terms
from metropole.web.sparql.express import Express
from metropole.web.values import value_html

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(served: Serving) -> Flask:
    """Make the WSGI application that serves the editions of one site."""
    app = _Application(__name__)
    app.extensions[EXTENSION] = served
    app.config["MAX_CONTENT_LENGTH"] = served.settings.limits.request_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = served.settings.limits.request_body_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    _add_routes(app)
    _add_to_templates(app)
    _add_hooks(app)
    app.wsgi_app = Express(app.wsgi_app, served)  # type: ignore[method-assign]
    prefix = urlsplit(served.settings.base).path.rstrip("/")
    if prefix:
        app.wsgi_app = _Below(app.wsgi_app, prefix)  # type: ignore[method-assign]
    return app


def _add_routes(app: Flask) -> None:
    for module in (
        browse,
        calendars,
        catalogue,
        citations,
        documents,
        sparql,
        stories,
        quality,
        graph_store,
        memento,
        places,
        queries,
        reconcile,
        dumps,
        feeds,
        releases,
        search,
        signposting,
        sitemap,
        system,
        terms,
        void,
    ):
        app.register_blueprint(module.blueprint)
    problems.register(app)
    reconcile.register(app)


def _add_to_templates(app: Flask) -> None:
    """Give templates their languages, filters and functions."""
    languages.register(app)
    worded.register(app)
    dataset_markup.register(app)
    navigation.register(app)
    frames.register(app)
    value_html.register(app.jinja_env)
    app.context_processor(lambda: {"edition": current_edition()})


def _add_hooks(app: Flask) -> None:
    """Have done what is done at every request; what is registered last runs first after it."""
    app.after_request(within_this_server)
    app.after_request(open_to_scripts)
    app.after_request(with_request_id)
    app.after_request(_compressed)
    app.after_request(_counted)
    app.before_request(_preflight)
    app.before_request(_found_as_written)
    app.before_request(pinned.refuse_elsewhere)


class _Application(Flask):
    """Flask for functions that are no coroutines, which it would ask each for at every call."""

    response_class = Plain

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Take a function as it is."""
        return func

    def send_static_file(self, filename: str) -> Response:
        """Send a file of the program, or the part of it that is asked for."""
        age = self.get_send_file_max_age(filename)
        response = send_from_directory(static_folder(), filename, max_age=age, conditional=False)
        response.headers["Accept-Ranges"] = "bytes"
        conditional(response, request.environ)
        if response.status_code == HTTPStatus.OK:
            # What is left are the conditions for parts.
            asked = {n: v for n, v in request.environ.items() if n not in CONDITIONS}
            try:
                response.make_conditional(
                    asked, accept_ranges=True, complete_length=response.content_length
                )
            except RequestedRangeNotSatisfiable:
                response.close()
                raise
        return response


class _Below:
    """Serves below the path of a base such as `https://a.example/graph/`.

    Links begin with that path; a request may, so that it does not matter whether a proxy in
    front takes it off.
    """

    def __init__(self, app: "WSGIApplication", prefix: str) -> None:
        self._app = app
        # Paths are bytes, each of which is written as a letter (PEP 3333, "Unicode Issues").
        self._prefix = unquote(prefix).encode().decode("latin-1")

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        inner = path.removeprefix(self._prefix)
        below = inner if inner.startswith("/") else path
        environ = {**environ, "SCRIPT_NAME": self._prefix, "PATH_INFO": below}
        return self._app(environ, start_response)


def _compressed(response: Response) -> Response:
    compression.compressed(response, request.accept_encodings)
    return response


def _counted(response: Response) -> Response:
    """Count a response; addresses that are not ours are one kind."""
    address = request.endpoint or "none"
    exchange = request.environ.get(EXCHANGE)
    if exchange is not None:
        exchange.address = address
    serving().metrics.count_status(address, response.status_code)
    return response


def _found_as_written() -> None:
    """Find nothing at an address that begins with two slashes: Werkzeug merges these."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def _preflight() -> Response | None:
    """Answer the question of browsers whether a script may ask (CORS preflight)."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, QUERY, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response
