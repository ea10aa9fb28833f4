"""Documents in time (Memento, RFC 7089): a TimeGate and a TimeMap for each document.

The mementos of a document are its states in the releases that are kept, at the address of the
document with `release=`; their time is that of the first activation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.http import http_date, parse_date

from metropole.messages import Message
from metropole.release.changes import read_changes
from metropole.release.difference import Change
from metropole.release.history import ordered_ids
from metropole.release.journal import in_order
from metropole.web import addresses
from metropole.web.documents.headers import LINK_FORMAT
from metropole.web.pinned import is_release_asked
from metropole.web.requests.problems import Problem
from metropole.web.responses import link
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("memento", __name__)


@dataclass(frozen=True)
class Memento:
    """A kept release that has a document, and when it came out."""

    release: str
    time: datetime

    def address(self, path: str) -> str:
        """Give the address of the document in this release."""
        return addresses.in_release(_document(path), self.release)


@blueprint.get("/timegate/doc/<path:path>")
def timegate(path: str) -> Response:
    """Lead to the document as it was at the time of `Accept-Datetime` (302; section 4.1)."""
    found = _mementos(path)
    wanted = request.headers.get("Accept-Datetime")
    chosen = found[-1]
    if wanted is not None:
        time = parse_date(wanted)
        if time is None:
            raise Problem(
                400,
                Message("Accept-Datetime is no time"),
                Message(
                    "Write it as in 'Thu, 31 May 2007 20:35:00 GMT' (RFC 7089, section 2.1.1)."
                ),
            )
        chosen = next((each for each in reversed(found) if each.time <= time), found[0])
    response = make_response(redirect(chosen.address(path), 302))
    response.headers["Vary"] = "Accept-Datetime"
    response.headers["Cache-Control"] = "no-cache"
    link(response, _document(path), "original")
    link(response, url_for("memento.timemap", path=path, lang=None), "timemap", LINK_FORMAT)
    return response


@blueprint.get("/timemap/doc/<path:path>")
def timemap(path: str) -> Response:
    """List the mementos of a document (section 5)."""
    found = _mementos(path)
    base = serving().settings.base
    original = addresses.absolute(_document(path), base=base)
    gate = addresses.absolute(url_for("memento.timegate", path=path, lang=None), base=base)
    here = addresses.absolute(url_for("memento.timemap", path=path, lang=None), base=base)
    lines = [
        f'<{original}>; rel="original"',
        f'<{gate}>; rel="timegate"',
        (
            f'<{here}>; rel="self"; '
            f'type="{LINK_FORMAT}"; from="{http_date(found[0].time)}"; '
            f'until="{http_date(found[-1].time)}"'
        ),
        *(
            f'<{addresses.absolute(each.address(path), base=base)}>; rel="memento"; '
            f'datetime="{http_date(each.time)}"'
            for each in found
        ),
    ]
    response = make_response(",\n".join(lines) + "\n")
    response.headers["Content-Type"] = LINK_FORMAT
    response.headers["Cache-Control"] = "no-cache"
    return response


def timed(response: Response, release_id: str) -> Response:
    """Say of which time a document is, where a release was asked for (section 2.1.1)."""
    if is_release_asked():
        time = in_order(serving().releases.journal.activations()).get(release_id)
        if time is not None:
            response.headers["Memento-Datetime"] = http_date(time)
    return response


def _document(path: str) -> str:
    """Give the original of a document, which is in no language: its mementos are of it."""
    return addresses.ascii_only(url_for("documents.document", path=path, lang=None))


def _mementos(path: str) -> list[Memento]:
    """List the kept releases that have a document, the oldest first; none is a problem (404)."""
    base = serving().settings.base
    for iri in addresses.candidate_iris(path, base=base):
        found = list(_of(iri))
        if found:
            return found
    told = Message("No release that is kept has /doc/%(path)s.", path=path)
    raise Problem(404, Message("There is no such document"), told)


def _of(iri: str) -> Iterator[Memento]:
    """Tell from what changed with each release in which of them a thing was there."""
    releases, edition = serving().releases, current_edition()
    times, kept = in_order(releases.journal.activations()), set(releases.ids())
    try:
        is_there = edition.store.knows(ox.NamedNode(iri))
    except ValueError:
        return
    found: list[Memento] = []
    ids = ordered_ids(releases)
    for release_id in reversed(ids[: ids.index(edition.id) + 1]):
        if is_there and release_id in kept and release_id in times:
            found.append(Memento(release_id, datetime.fromtimestamp(times[release_id], UTC)))
        record = read_changes(releases.folder, release_id)
        change = record.of(iri) if record else None
        if change is not None:
            is_there = change is not Change.CREATED
    yield from reversed(found)
