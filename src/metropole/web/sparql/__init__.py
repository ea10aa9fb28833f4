"""The SPARQL endpoint for people, and its description; plain queries never come so far."""

from flask import Blueprint, Response, make_response, request
from werkzeug.datastructures import MultiDict

from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.messages import Message
from metropole.web.pinned import edition_of
from metropole.web.requests.negotiation import HTML, Page, acceptable
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import Edition, current_edition, serving
from metropole.web.sparql import asking, query_page, query_protocol
from metropole.web.sparql.service_description import service_description

blueprint = Blueprint("sparql", __name__)
blueprint.after_request(asking.with_times)


@blueprint.after_request
def _offer_query(response: Response) -> Response:
    """Say what the method QUERY takes (RFC 10008, section 3)."""
    response.headers["Accept-Query"] = f"{query_protocol.QUERY}, {query_protocol.FORM}"
    return response


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def sparql() -> Response:
    """Answer a query with a page; without one, show the form or describe the service."""
    parameters = query_protocol.parameters_of(request)
    query = query_protocol.the_query(parameters)
    try:
        edition = edition_of(serving(), parameters.get("release", ""))
    except Problem as problem:
        if query is None:
            raise
        return query_page.problem_page(current_edition(), query, problem)
    if query is None:
        return _without_query(edition)
    return _page(edition, query, parameters)


def _without_query(edition: Edition) -> Response:
    if request.method in ("POST", "QUERY"):
        raise Problem(400, Message("There is no query"), Message("Send a 'query' parameter."))
    variants: tuple[Page | GraphFormat, ...] = (*GRAPH_FORMATS, HTML)
    offers = acceptable(request.headers.get("Accept"), variants)
    if not offers:
        told = Message("Accept HTML or Turtle.")
        raise Problem(406, Message("None of the accepted formats is available"), told)
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


def _page(edition: Edition, query: str, parameters: MultiDict[str, str]) -> Response:
    """Answer with a page that keeps the query, also when it fails."""
    try:
        asked = asking.query_request(
            serving(),
            edition,
            query,
            media_types=query_page.MEDIA_TYPES,
            default_graphs=query_protocol.graphs(parameters, "default-graph-uri"),
            named_graphs=query_protocol.graphs(parameters, "named-graph-uri"),
        )
        view = query_page.asked_view(parameters, query)
        timeout = query_protocol.timeout(parameters)
        found = asking.answer(edition.id, asked, timeout_seconds=timeout)
    except Problem as problem:
        return query_page.problem_page(edition, query, problem)
    return query_page.answer_page(edition, query, found, view)
