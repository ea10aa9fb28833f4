"""The things of the current release that have a place, as GeoJSON: `/geo/<name>.geojson`."""

import json

from flask import Blueprint, Response, make_response, send_file

from metropole.messages import Message
from metropole.release import Release
from metropole.release.places import FOLDER, INDEX
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import current_edition

blueprint = Blueprint("places", __name__)
_TYPE = "application/geo+json"
#: Classes that `/cities.geojson` may mean, the likeliest first.
_CITIES = ("City", "schema-City")


@blueprint.get("/geo/")
def index() -> Response:
    """List the classes of which something has a place, as JSON."""
    edition = current_edition()
    base = edition.store.release.manifest.content.base
    listed = [
        entry | {"address": f"{base}geo/{entry['name']}.geojson"}
        for entry in _layers(edition.store.release)
    ]
    response = make_response(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    response.headers["Content-Type"] = "application/json"
    return cacheable(response, edition.id, "geo")


@blueprint.get("/geo/<name>.geojson")
def layer(name: str) -> Response:
    """Give the things of a class that have a place."""
    edition = current_edition()
    release = edition.store.release
    known = [entry["name"] for entry in _layers(release)]
    if name not in known:
        raise Problem(
            404,
            Message("There are no such places"),
            Message("There is: %(names)s.", names=", ".join(known) or Message("none")),
            members={"names": known},
        )
    path = release.folder / FOLDER / f"{name}.geojson"
    if not path.is_file():
        raise Problem(
            503,
            Message("The places cannot be read"),
            Message("%(name)s of %(release)s is not there.", name=path.name, release=release.id),
        )
    # Not in parts, so that it may be compressed.
    response = send_file(path, mimetype=_TYPE, conditional=False, etag=False)
    return cacheable(response, edition.id, f"geo-{name}")


@blueprint.get("/cities.geojson")
def cities() -> Response:
    """Give the cities that have a place."""
    release = current_edition().store.release
    known = [entry["name"] for entry in _layers(release)]
    return layer(next((name for name in _CITIES if name in known), _CITIES[0]))


def _layers(release: Release) -> list[dict[str, str]]:
    """Read which classes there are; none in a release that was made before there were any."""
    if not any(file.path == INDEX for file in release.manifest.files):
        return []
    try:
        found: list[dict[str, str]] = json.loads((release.folder / INDEX).read_bytes())
    except (OSError, ValueError) as error:
        raise Problem(503, Message("The places cannot be read"), f"{INDEX}: {error}.") from error
    return found
