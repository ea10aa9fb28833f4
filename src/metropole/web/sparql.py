"""The SPARQL endpoint (SPARQL 1.1 Protocol, section 2.1): by GET, both ways of POST, and QUERY."""

import hashlib

from flask import Blueprint, Response, make_response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.sparql import is_repeatable
from metropole.store.query_frames import QueryRequest
from metropole.store.reading import ReadingStore
from metropole.web import asking, query_page
from metropole.web.compression import encoding_suffix
from metropole.web.negotiation import HTML, Page, acceptable
from metropole.web.pinned import pinned_release
from metropole.web.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.service_description import service_description
from metropole.web.serving import Edition, serving

blueprint = Blueprint("sparql", __name__)
blueprint.after_request(asking.with_times)
_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"


@blueprint.after_request
def _offer_query(response: Response) -> Response:
    """Say what the method QUERY takes (RFC 10008, section 3)."""
    response.headers["Accept-Query"] = f"{_QUERY}, {_FORM}"
    return response


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def sparql() -> Response:
    """Answer a query; without one, show the form or describe the service."""
    parameters = _parameters()
    queries = parameters.getlist("query")
    if len(queries) > 1:
        raise Problem(400, "There is more than one query", "Send one 'query' parameter.")
    if parameters.getlist("update"):
        raise Problem(
            403, "This endpoint only reads", "SPARQL Update is not supported: send a query."
        )
    try:
        edition = _edition(parameters)
    except Problem as problem:
        if queries and _wants_page(parameters):
            return query_page.problem_page(serving().edition(), queries[0], problem)
        raise
    if not queries:
        return _without_query(edition)
    if _wants_page(parameters):
        return _page(edition, queries[0], parameters)
    return _query_response(edition, queries[0], parameters)


def _edition(parameters: MultiDict[str, str]) -> Edition:
    """Give the release that the address names, else the current one; raises Problem."""
    release_id = parameters.get("release", "")
    current = serving().edition()
    if release_id in ("", current.id):
        return current
    return Edition(ReadingStore(pinned_release(release_id)))


def _parameters() -> MultiDict[str, str]:
    """Collect the parameters of all ways to send a query."""
    if request.method in ("GET", "HEAD"):
        return request.args
    body = _body()
    if request.mimetype == _FORM:
        return MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
    if request.mimetype != _QUERY:
        raise UnsupportedMediaType(f"{request.method} takes {_FORM} or {_QUERY}.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("A query is UTF-8 (SPARQL 1.1 Protocol, section 2.1.3).")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "The query is not UTF-8", str(error)) from error
    return MultiDict([*request.args.items(multi=True), ("query", text)])


def _body() -> bytes:
    """Read the body; raises RequestEntityTooLarge.

    Werkzeug cuts a body without Content-Length at the limit and says nothing.
    """
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body


def _without_query(edition: Edition) -> Response:
    if request.method in ("POST", "QUERY"):
        raise Problem(400, "There is no query", "Send a 'query' parameter.")
    variants: tuple[Page | GraphFormat, ...] = (*GRAPH_FORMATS, HTML)
    offers = acceptable(request.headers.get("Accept"), variants)
    if not offers:
        raise Problem(406, "None of the accepted formats is available", "Accept HTML or Turtle.")
    if isinstance(offers[0], GraphFormat):
        body: str | bytes = service_description(edition, serving().settings.limits, offers[0])
    else:
        example = request.args.get("example", "")
        body = query_page.form_page(edition, example)
    response = make_response(body)
    response.headers["Content-Type"] = offers[0].content_type
    response.headers["Vary"] = "Accept"
    if isinstance(offers[0], Page):
        # The page also depends on whether the editor was built, which the release does not know.
        response.headers["Cache-Control"] = "no-cache"
        return response
    return cacheable(response, edition.id, f"service-{offers[0].extension}")


def _wants_page(parameters: MultiDict[str, str]) -> bool:
    """Tell whether a person asks: HTML is what the client likes best, and names no format."""
    if _named(parameters):
        return False
    offers = acceptable(request.headers.get("Accept"), (*asking.FORMATS, HTML))
    return bool(offers) and offers[0] is HTML


def _page(edition: Edition, query: str, parameters: MultiDict[str, str]) -> Response:
    """Answer with a page that keeps the query, also when it fails."""
    asked = _request(edition, query, parameters, query_page.MEDIA_TYPES)
    try:
        view = query_page.asked_view(parameters)
        found = asking.answer(edition.id, asked, timeout_seconds=_timeout(parameters))
    except Problem as problem:
        return query_page.problem_page(edition, query, problem)
    return query_page.answer_page(edition, query, found, view)


def _request(
    edition: Edition, query: str, parameters: MultiDict[str, str], media_types: tuple[str, ...]
) -> QueryRequest:
    return asking.query_request(
        edition,
        query,
        media_types=media_types,
        default_graphs=tuple(parameters.getlist("default-graph-uri")),
        named_graphs=tuple(parameters.getlist("named-graph-uri")),
    )


def _query_response(edition: Edition, query: str, parameters: MultiDict[str, str]) -> Response:
    asked = _request(edition, query, parameters, _media_types(parameters))
    timeout = _timeout(parameters)
    tag = _tag(edition, asked)
    if tag and request.if_none_match.contains_weak(tag):
        response = Response(status=304)
        response.headers["Vary"] = "Accept"
        response.headers["Cache-Control"] = "no-cache"
    else:
        found = asking.answer(edition.id, asked, timeout_seconds=timeout)
        response = asking.answer_response(edition, found)
    if tag:
        response.set_etag(tag, weak=True)
    return response


def _tag(edition: Edition, asked: QueryRequest) -> str:
    """Give the validator of an answer; none where the same query may give another one.

    It is weak, for the labels of new blank nodes differ from run to run. What the client
    accepts is part of it, so that it can be compared before the query is run.
    """
    if request.method == "POST" or not is_repeatable(asked.query):
        return ""
    parts = (asked.query, asked.default_graphs, asked.named_graphs, asked.media_types)
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return f"{edition.id}-{digest}{encoding_suffix()}"


def _media_types(parameters: MultiDict[str, str]) -> tuple[str, ...]:
    """List the media types asked for, by `format=` (as forms do) or by `Accept`."""
    by_name = _named(parameters)
    offers = acceptable(request.headers.get("Accept"), asking.FORMATS)
    if by_name:
        # One format cannot hold every result, so what the client accepts besides comes next.
        return (*(entry.media_type for entry in (*by_name, *offers)), *_defaults())
    if offers:
        return tuple(offer.media_type for offer in offers)
    if acceptable(request.headers.get("Accept"), (HTML,)):
        return _defaults()
    raise Problem(406, "None of the accepted formats is available", asking.available())


def _named(parameters: MultiDict[str, str]) -> list[GraphFormat | ResultFormat]:
    named = parameters.get("format", "").lower()
    return [entry for entry in asking.FORMATS if named in (entry.extension, entry.media_type)]


def _defaults() -> tuple[str, ...]:
    """Give the formats for a client that cannot say what it wants, as a browser's form."""
    return (RESULT_FORMATS[0].media_type, GRAPH_FORMATS[0].media_type)


def _timeout(parameters: MultiDict[str, str]) -> float | None:
    text = parameters.get("timeout")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise Problem(400, "The timeout is not a number of seconds", "Write it as timeout=2.5.")
    return seconds
