"""The description of the graph: `/.well-known/void` (VoID, section 7.2)."""

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, request

from metropole.formats import GRAPH_FORMATS
from metropole.messages import Message
from metropole.release.void import DOCUMENT, GRAPH
from metropole.web.graph_bodies import default_graph_body
from metropole.web.negotiation import acceptable
from metropole.web.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import serving
from metropole.xml_bodies import NotXml

blueprint = Blueprint("void", __name__)


@blueprint.get(f"/{DOCUMENT}")
def description() -> Response:
    """Give what the graph says of itself, in the RDF format that is accepted, else Turtle."""
    edition = serving().edition()
    content = edition.store.release.manifest.content
    offers = acceptable(request.headers.get("Accept"), GRAPH_FORMATS)
    quads = list(edition.store.in_graph(ox.NamedNode(content.base + GRAPH)))
    for syntax in offers:
        try:
            body = default_graph_body(
                quads, syntax, content.prefixes, first=content.base + DOCUMENT
            )
        except NotXml:
            continue  # as for an Accept that names other formats too
        response = make_response(body)
        response.headers["Content-Type"] = syntax.content_type
        response.headers["Vary"] = "Accept"
        return cacheable(response, edition.id, f"void-{syntax.extension}")
    told = ", ".join(syntax.media_type for syntax in GRAPH_FORMATS)
    raise Problem(
        406,
        Message("None of the accepted formats is available"),
        Message("Available are: %(types)s.", types=told),
    )
