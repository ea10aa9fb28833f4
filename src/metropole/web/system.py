"""For operators: is the process alive, is it ready, what are its limits; and the home page."""

from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox
from flask import Blueprint, Response, jsonify, make_response, render_template, url_for
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from metropole.formats import TURTLE
from metropole.release.query_statements import GRAPH as QUERIES_GRAPH
from metropole.release.void import GRAPH as VOID_GRAPH
from metropole.vocab import SH
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.limits import named_limits
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition, serving

blueprint = Blueprint("system", __name__)
_EXAMPLES_SHOWN = 5


@blueprint.get("/")
def home() -> Response:
    """Show what the graph holds and the ways to it."""
    edition = serving().edition()
    manifest = edition.store.release.manifest
    made = {manifest.content.base + name for name in (QUERIES_GRAPH, VOID_GRAPH)}
    page = render_template(
        "home.html",
        manifest=manifest,
        kinds=_kinds(edition),
        source_files=len(manifest.graphs.keys() - made),
    )
    response = make_response(page)
    described = url_for("void.description")
    link(response, described, "describedby", TURTLE.media_type)
    return cacheable(response, edition.id, "home")


@dataclass(frozen=True)
class _Kind:
    """A class of the site's things, with some of its members."""

    name: Name
    count: int
    members: list[tuple[Name, str | None]]
    #: Whether its members have names; those of the scaffolding, as selectors, have none.
    is_named: bool


def _kinds(edition: Edition) -> list[_Kind]:
    """List the classes of the site's things, the largest first."""
    base = edition.store.release.manifest.content.base
    kinds = []
    for iri, count in edition.store.release.manifest.classes.items():
        if iri.startswith(SH):  # the saved queries have a page of their own
            continue
        kind = ox.NamedNode(iri)
        some = islice(edition.store.members(kind), _EXAMPLES_SHOWN)
        members = [member for member in some if member.value.startswith(base + addresses.THING)]
        if members:
            labels = Labels(edition.store, [kind, *members], languages=languages.liked())
            shown = [
                (labels.of(member), addresses.document_of(member.value, base=base))
                for member in members
            ]
            kinds.append(_Kind(labels.term(kind), count, shown, labels.has(members[0])))
    return sorted(kinds, key=lambda kind: (-kind.count, kind.name.text))


@blueprint.get("/-/health")
def health() -> Response:
    """Say that the process answers; nothing else is looked at."""
    return jsonify(status="alive")


@blueprint.get("/-/ready")
def ready() -> Response:
    """Say whether a release is open, and which.

    When the pointer leads to a release that cannot be opened, the one before is still served:
    the status is `degraded` and the answer 200, for the server can take requests.
    """
    found = serving()
    edition = found.edition()
    response = jsonify(
        status="degraded" if found.problem else "ready",
        release=edition.id,
        triples=edition.store.release.manifest.triples,
        problem=found.problem or None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/-/limits")
def limits() -> Response:
    """Tell the limits of the query service, by the names they have in the settings."""
    return jsonify(named_limits(serving().settings.limits))


@blueprint.get("/-/metrics")
def metrics() -> Response:
    """Give counters and times in the text format of Prometheus."""
    edition = serving().edition()
    response = make_response(serving().metrics.text(edition.store.release.manifest))
    response.headers["Content-Type"] = CONTENT_TYPE_PLAIN_0_0_4
    response.headers["Cache-Control"] = "no-store"
    return response
