"""For operators: is the process alive, is it ready, what are its limits; and the home page."""

from flask import Blueprint, Response, jsonify, make_response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from metropole.web.home import home
from metropole.web.serving import current_edition, serving
from metropole.web.sparql.limits import named_limits

blueprint = Blueprint("system", __name__)
blueprint.add_url_rule("/", "home", home, methods=["GET"])


@blueprint.get("/-/health")
def health() -> Response:
    """Say that the process answers; nothing else is looked at."""
    return jsonify(status="alive")


@blueprint.get("/-/ready")
def ready() -> Response:
    """Say whether a release is open, and which.

    When the pointer leads to a release that cannot be opened, the one before is still served:
    the status is `degraded` and the answer 200, for the server can take requests. When files
    that answers are read from are lost, some requests fail: `damaged`, and 503.
    """
    found = serving()
    edition = found.edition()
    problem, lost = found.problem, edition.store.lost()
    response = jsonify(
        status="damaged" if lost else "degraded" if problem else "ready",
        release=edition.id,
        triples=edition.store.release.manifest.triples,
        problem=problem or _told(edition.id, lost) or None,
    )
    response.status_code = 503 if lost else 200
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(release_id: str, lost: str) -> str:
    if not lost:
        return ""
    return (
        f"{lost} of release {release_id} is gone or damaged. Run 'metropole build' to make it anew."
    )


@blueprint.get("/-/limits")
def limits() -> Response:
    """Tell the limits of the query service, by the names they have in the settings."""
    return jsonify(named_limits(serving().settings.limits))


@blueprint.get("/-/metrics")
def metrics() -> Response:
    """Give counters and times in the text format of Prometheus."""
    found, manifest = serving(), current_edition().store.release.manifest
    response = make_response(found.metrics.text(manifest, found.pool.figures()))
    response.headers["Content-Type"] = CONTENT_TYPE_PLAIN_0_0_4
    response.headers["Cache-Control"] = "no-store"
    return response
