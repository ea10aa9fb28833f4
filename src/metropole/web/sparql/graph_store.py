"""The Graph Store Protocol for reading (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2).

A graph is read by a query worker: so it has the limits of a query, and however large it is,
the server never has more of it in memory than of any other answer.
"""

import hashlib

from flask import Blueprint, Response, request

from metropole.formats import GRAPH_FORMATS, GraphFormat
from metropole.messages import Message
from metropole.web.requests.problems import Problem, negotiated
from metropole.web.responses import cacheable
from metropole.web.serving import Edition, current_edition, serving
from metropole.web.sparql import asking
from metropole.web.sparql.query_protocol import graphs

blueprint = Blueprint("graph_store", __name__)
blueprint.after_request(asking.with_times)
_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@blueprint.get("/data")
def graph() -> Response:
    """Give the default graph or a named one, in any RDF format."""
    edition = current_edition()
    name = _graph_name(edition)
    syntax = negotiated(GRAPH_FORMATS)
    known = cacheable(Response(content_type=syntax.content_type), edition.id, _tag(name, syntax))
    known.headers["Vary"] = "Accept"
    if known.status_code == 304:  # noqa: PLR2004  # Not Modified
        return known
    graphs = () if name is None else (name,)
    asked = asking.query_request(
        serving(), edition, _ALL, media_types=(syntax.media_type,), default_graphs=graphs
    )
    found = asking.answer(edition.id, asked, timeout_seconds=None)
    response = asking.answer_response(edition, found)
    response.headers["ETag"] = known.headers["ETag"]
    return response


def _graph_name(edition: Edition) -> str | None:
    """Give the graph that is asked for; None is the default graph."""
    names = request.args.getlist("graph")
    wants_default = "default" in request.args
    if len(names) + wants_default != 1:
        raise Problem(
            400,
            Message("It is not clear which graph is meant"),
            Message("Ask for ?default or for ?graph=<iri>, for one of them and once."),
        )
    if wants_default:
        return None
    (name,) = graphs(request.args, "graph")
    if name not in edition.store.release.manifest.graphs:
        raise Problem(
            404,
            Message("There is no such graph"),
            Message(
                "Release %(release)s has no graph <%(graph)s>. The service description at /sparql "
                "lists the graphs.",
                release=edition.id,
                graph=name,
            ),
        )
    return name


def _tag(name: str | None, syntax: GraphFormat) -> str:
    digest = hashlib.sha256((name or "").encode()).hexdigest()[:16]
    return f"data-{digest}-{syntax.extension}"
