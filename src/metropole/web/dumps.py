"""The dumps of every release: `/dumps/`, `/dumps/<release>/…` and `/dumps/latest/…`."""

from flask import Blueprint, Response, make_response, redirect, render_template, send_file, url_for

from metropole.formats import graph_format
from metropole.messages import Message
from metropole.release import Release
from metropole.release.catalogue import whole_dataset
from metropole.release.dumps import DUMPS, FOLDER, SUMS
from metropole.web.citations import cited
from metropole.web.pinned import YEAR_SECONDS, pinned_release
from metropole.web.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import serving
from metropole.web.signposting import of_file, of_whole, signposts

blueprint = Blueprint("dumps", __name__)
_LATEST = "latest"


@blueprint.get("/dumps/")
def index() -> Response:
    """List the dumps of the current release."""
    edition = serving().edition()
    release = edition.store.release
    files = {file.path.removeprefix(f"{FOLDER}/"): file for file in release.manifest.files}
    page = render_template(
        "dumps.html",
        dumps=[(name, text, files[name]) for name, text in DUMPS.items()],
        sums=SUMS,
        release=release,
        cited=cited(whole_dataset(serving().settings, release, {})),
    )
    response = make_response(page)
    signposts(response, of_whole(release))
    return cacheable(response, edition.id, "dumps")


@blueprint.get("/dumps/latest/<path:name>")
def latest(name: str) -> Response:
    """Lead to a dump of the current release (307), which keeps its address."""
    release = serving().edition().store.release
    _check_name(name, release)
    response = make_response(redirect(url_for("dumps.dump", release_id=release.id, name=name), 307))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/dumps/<release_id>/<path:name>")
def dump(release_id: str, name: str) -> Response:
    """Send a dump, or the part of it that is asked for (RFC 9110, section 14)."""
    release = pinned_release(serving(), release_id)
    _check_name(name, release)
    syntax = graph_format(name.rpartition(".")[2])
    path = release.folder / FOLDER / name
    if not path.is_file():
        raise Problem(
            503,
            Message("The download cannot be read"),
            Message("%(name)s of %(release)s is not there.", name=name, release=release.id),
        )
    response = send_file(
        path,
        mimetype=syntax.media_type if syntax else "text/plain",
        conditional=True,
        etag=f"{release.id}-{name}",
        max_age=YEAR_SECONDS,
    )
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    signposts(response, of_file(release))
    return response


def _check_name(name: str, release: Release) -> None:
    names = [file.path for file in release.manifest.files if file.path.startswith(f"{FOLDER}/")]
    names = [*(path.removeprefix(f"{FOLDER}/") for path in names), SUMS]
    if name not in names:
        raise Problem(
            404,
            Message("There is no such dump"),
            Message(
                "Release %(release)s has: %(names)s.", release=release.id, names=", ".join(names)
            ),
            members={"files": names},
        )
