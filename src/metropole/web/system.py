"""For operators: is the process alive, is it ready, what are its limits; and the home page."""

from dataclasses import asdict

import pyoxigraph as ox
from flask import Blueprint, Response, jsonify, make_response, render_template

from metropole.web import addresses
from metropole.web.labels import Labels
from metropole.web.responses import cacheable
from metropole.web.serving import Edition, serving

blueprint = Blueprint("system", __name__)
_EXAMPLES_SHOWN = 5


@blueprint.get("/")
def home() -> Response:
    """Show what the graph holds and the ways to it."""
    edition = serving().edition()
    manifest = edition.store.release.manifest
    page = render_template("home.html", manifest=manifest, classes=_classes(edition))
    return cacheable(make_response(page), edition.id, "home")


def _classes(edition: Edition) -> list[dict[str, object]]:
    """List the classes of the site's things, the largest first, each with some members."""
    content = edition.store.release.manifest.content
    shown = []
    for iri, count in edition.store.release.manifest.classes.items():
        kind = ox.NamedNode(iri)
        members = [
            member
            for member, _ in zip(edition.store.members(kind), range(_EXAMPLES_SHOWN), strict=False)
            if member.value.startswith(content.base + addresses.THING)
        ]
        if members:
            labels = Labels(edition.store, [kind, *members])
            shown.append(
                {
                    "name": labels.of(kind),
                    "count": count,
                    "members": [
                        (labels.of(member), addresses.document_of(member.value, base=content.base))
                        for member in members
                    ],
                }
            )
    return sorted(shown, key=lambda entry: -int(str(entry["count"])))


@blueprint.get("/-/health")
def health() -> Response:
    """Say that the process answers; nothing else is looked at."""
    return jsonify(status="alive")


@blueprint.get("/-/ready")
def ready() -> Response:
    """Say whether a release is open, and which; 503 when the pointer leads to one that is not."""
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
    pool = serving().pool
    return jsonify(asdict(pool.limits) | {"concurrent_queries": pool.size})
