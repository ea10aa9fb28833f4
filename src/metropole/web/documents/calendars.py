"""The events of the current release as iCalendar: `/events.ics`, and one event by itself."""

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, make_response

from metropole.messages import Message
from metropole.release.calendar import FILE, STARTS, one_event
from metropole.web import addresses
from metropole.web.documents.headers import CALENDAR, CALENDAR_TYPE
from metropole.web.pinned import asked_edition
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition, current_edition

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/events.ics")
def events() -> Response:
    """Give the calendar of all events whose day is known."""
    edition = current_edition()
    if not edition.has_calendar:
        raise Problem(
            404,
            Message("There is no calendar"),
            Message("The graph states no schema:Event with a schema:startDate that is a day."),
        )
    try:
        body = (edition.store.release.folder / FILE).read_bytes()
    except OSError as error:
        raise _unreadable(error) from error
    return _sent(body, edition)


@blueprint.get("/doc/<path:path>.ics")
def event(path: str) -> Response:
    """Give one event as a calendar; a thing whose own name ends so has its document here."""
    edition = asked_edition()
    release = edition.store.release
    if edition.has_calendar:
        content = release.manifest.content
        for iri in addresses.candidate_iris(path, base=content.base):
            try:
                found = one_event(release.folder / FILE, iri, content)
            except OSError as error:
                raise _unreadable(error) from error
            if found is not None:
                response = _sent(found, edition)
                link(response, iri, "describes")
                return response
    document = current_app.view_functions["documents.document"]
    return make_response(document(f"{path}.{CALENDAR}"))


def is_event(edition: Edition, iri: str) -> bool:
    """Tell whether a thing is an event of the calendar."""
    return edition.has_calendar and edition.store.states(
        ox.NamedNode(iri), map(ox.NamedNode, STARTS)
    )


def _sent(body: bytes, edition: Edition) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = f"{CALENDAR_TYPE}; charset=utf-8"
    return cacheable(response, edition.id, CALENDAR)


def _unreadable(error: OSError) -> Problem:
    return Problem(503, Message("The calendar cannot be read"), f"{FILE}: {error.strerror}.")
