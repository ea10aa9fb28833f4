"""The SPARQL endpoint (SPARQL 1.1 Protocol, section 2.1): queries by GET and both ways of POST."""

from flask import Blueprint, Response, make_response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.store import FOLDER as STORE_FOLDER
from metropole.store.query_frames import QueryRequest
from metropole.store.query_pool import Answer, QueryFailed
from metropole.web import query_page
from metropole.web.negotiation import HTML, Page, acceptable
from metropole.web.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.service_description import service_description
from metropole.web.serving import Edition, serving

blueprint = Blueprint("sparql", __name__)
_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"
_FORMATS: tuple[GraphFormat | ResultFormat, ...] = (*RESULT_FORMATS, *GRAPH_FORMATS)
#: Why a query got no answer, as a status and a title.
_PROBLEMS = {
    "syntax": (400, "The query has an error"),
    "refused": (400, "The query is not allowed here"),
    "format": (406, "None of the accepted formats can hold this result"),
    "timeout": (503, "The query took too long"),
    "memory": (503, "The query needed too much memory"),
    "room": (503, "The answer is too long"),
    "busy": (503, "The server is busy"),
    "store": (503, "The data cannot be read at the moment"),
}
_RETRY_SECONDS = 5


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, show the form or describe the service."""
    edition = serving().edition()
    parameters = _parameters()
    queries = parameters.getlist("query")
    if len(queries) > 1:
        raise Problem(400, "There is more than one query", "Send one 'query' parameter.")
    if parameters.getlist("update"):
        raise Problem(
            403, "This endpoint only reads", "SPARQL Update is not supported: send a query."
        )
    if not queries:
        return _without_query(edition)
    if _wants_page(parameters):
        return _page(edition, queries[0], parameters)
    answer = _answer(edition, queries[0], parameters, _media_types(parameters))
    return _response(edition, answer)


def _parameters() -> MultiDict[str, str]:
    """Collect the parameters of all three ways to send a query."""
    if request.method in ("GET", "HEAD"):
        return request.args
    if request.mimetype == _FORM:
        return MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
    if request.mimetype != _QUERY:
        raise UnsupportedMediaType(f"POST takes {_FORM} or {_QUERY}.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("A query is UTF-8 (SPARQL 1.1 Protocol, section 2.1.3).")
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "The query is not UTF-8", str(error)) from error
    return MultiDict([*request.args.items(multi=True), ("query", text)])


def _without_query(edition: Edition) -> Response:
    if request.method == "POST":
        raise Problem(400, "There is no query", "Send a 'query' parameter.")
    variants: tuple[Page | GraphFormat, ...] = (*GRAPH_FORMATS, HTML)
    offers = acceptable(request.headers.get("Accept"), variants)
    if not offers:
        raise Problem(406, "None of the accepted formats is available", "Accept HTML or Turtle.")
    if isinstance(offers[0], GraphFormat):
        body: str | bytes = service_description(edition, offers[0])
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
    offers = acceptable(request.headers.get("Accept"), (*_FORMATS, HTML))
    return bool(offers) and offers[0] is HTML


def _page(edition: Edition, query: str, parameters: MultiDict[str, str]) -> Response:
    """Answer with a page that keeps the query, also when it fails."""
    try:
        answer = _answer(edition, query, parameters, query_page.MEDIA_TYPES)
    except Problem as problem:
        return query_page.problem_page(edition, query, problem)
    return query_page.answer_page(edition, query, answer)


def _answer(
    edition: Edition,
    query: str,
    parameters: MultiDict[str, str],
    media_types: tuple[str, ...],
) -> Answer:
    manifest = edition.store.release.manifest
    asked = QueryRequest(
        query=query,
        store=str(edition.store.release.folder / STORE_FOLDER),
        base=manifest.content.base,
        union=not manifest.union_stored,
        media_types=media_types,
        memory_mebibytes=serving().settings.limits.query_memory_mebibytes,
        default_graphs=tuple(parameters.getlist("default-graph-uri")),
        named_graphs=tuple(parameters.getlist("named-graph-uri")),
        prefixes=manifest.content.prefixes,
    )
    try:
        return serving().pool.run(asked, timeout_seconds=_timeout(parameters))
    except QueryFailed as failed:
        raise _problem(failed) from failed


def _media_types(parameters: MultiDict[str, str]) -> tuple[str, ...]:
    """List the media types asked for, by `format=` (as forms do) or by `Accept`."""
    by_name = _named(parameters)
    offers = acceptable(request.headers.get("Accept"), _FORMATS)
    if by_name:
        # One format cannot hold every result, so what the client accepts besides comes next.
        return (*(entry.media_type for entry in (*by_name, *offers)), *_defaults())
    if offers:
        return tuple(offer.media_type for offer in offers)
    if acceptable(request.headers.get("Accept"), (HTML,)):
        return _defaults()
    raise Problem(406, "None of the accepted formats is available", _available())


def _named(parameters: MultiDict[str, str]) -> list[GraphFormat | ResultFormat]:
    named = parameters.get("format", "").lower()
    return [entry for entry in _FORMATS if named in (entry.extension, entry.media_type)]


def _defaults() -> tuple[str, ...]:
    """Give the formats for a client that cannot say what it wants, as a browser's form."""
    return (RESULT_FORMATS[0].media_type, GRAPH_FORMATS[0].media_type)


def _available() -> str:
    return f"Available are: {', '.join(entry.media_type for entry in _FORMATS)}."


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


def _problem(failed: QueryFailed) -> Problem:
    status, title = _PROBLEMS[failed.kind]
    detail = failed.message
    if failed.kind == "format":
        detail = f"{detail} {_available()}"
    members = {"line": failed.line, "column": failed.column} if failed.line else {}
    if failed.line:
        detail = f"Line {failed.line}, column {failed.column}: {detail}"
    headers = {"Retry-After": str(_RETRY_SECONDS)} if failed.kind == "busy" else {}
    return Problem(status, title, detail, members, headers)


def _response(edition: Edition, answer: Answer) -> Response:
    response = Response(answer.body.pieces(), content_type=answer.content_type)
    response.content_length = answer.body.length
    response.call_on_close(answer.body.close)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Metropole-Release"] = edition.id
    return response
