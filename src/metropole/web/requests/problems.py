"""Errors as clients see them: RFC 9457 problem details, a page for browsers, text for others."""

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from metropole.errors import MetropoleError, ReleaseError, SearchTooLong, StoreError
from metropole.messages import Message
from metropole.web.requests.negotiation import HTML, AnyOffer, Page, acceptable
from metropole.web.requests.request_id import request_id
from metropole.web.serving import serving

_log = logging.getLogger(__name__)
#: Where who stands in front of the app leaves an error for it to write.
PROBLEM = "metropole.problem"
_PROBLEM = Page("problem details", "application/problem+json", "json", ("application/json",))
_TEXT = Page("text", "text/plain", "txt")
#: What pages say of errors that Werkzeug finds; without a detail that of Werkzeug is given.
_WORDS = {
    404: (Message("There is no such page"), Message("Nothing is at this address.")),
    405: (Message("This method is not allowed here"), ""),
    413: (Message("The request is too long"), ""),
    414: (Message("The address is too long"), ""),
    415: (Message("This media type is not understood"), ""),
}


@dataclass
class Problem(Exception):
    """An error for the client: status, what is wrong, what to do, and what else it may use."""

    status: int
    title: str
    detail: str = ""
    #: Further members of the problem object, as `line` and `column`.
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def negotiated(offers: Collection[AnyOffer]) -> AnyOffer:
    """Choose the offer that the client of the current request likes best.

    Raises Problem (406), which lists what there is, when it accepts none.
    """
    accepted = acceptable(request.headers.get("Accept"), offers)
    if not accepted:
        types = ", ".join(offer.media_type for offer in offers)
        raise Problem(
            406,
            Message("None of the accepted formats is available"),
            Message("Available are: %(types)s.", types=types),
        )
    return accepted[0]


def unreadable_release(error: Exception) -> Problem:
    """Say that something of a release cannot be read, and what (503)."""
    return Problem(503, Message("The release cannot be read"), str(error))


def register(app: Flask) -> None:
    """Map every error of the app, or from in front of it, to a problem response."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(StoreError, _from_files)
    app.register_error_handler(ReleaseError, _from_files)
    app.register_error_handler(SearchTooLong, _from_search)
    app.register_error_handler(500, _from_bug)
    app.before_request(_refuse)


def _refuse() -> None:
    """Raise what was found before the application was asked, as a body that is too long."""
    problem = request.environ.get(PROBLEM)
    if problem is not None:
        raise problem


def respond(problem: Problem) -> Response:
    """Write a problem in the form the client prefers; where the site lies is nobody's business."""
    root = f"{serving().settings.root.absolute()}/"
    if root in problem.detail:
        problem.detail = problem.detail.replace(root, "")
    offers = _offers() or [_PROBLEM]
    if offers[0] is HTML:
        response = make_response(
            render_template("problem.html", problem=problem, request_id=request_id())
        )
    elif offers[0] is _TEXT:
        response = make_response(f"{problem.title}\n{problem.detail}\nRequest {request_id()}\n")
    else:
        members = {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            **problem.members,
            "request_id": request_id(),
        }
        response = make_response(json.dumps(members, ensure_ascii=False) + "\n")
    response.status_code = problem.status
    response.headers["Content-Type"] = {
        HTML: HTML.content_type,
        _TEXT: "text/plain; charset=utf-8",
        _PROBLEM: "application/problem+json",
    }[offers[0]]
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    response.headers.update(problem.headers)
    return response


def accepts_problems() -> bool:
    """Tell whether the client accepts a form in which problems are written."""
    return bool(_offers())


def _offers() -> list[Page]:
    return acceptable(request.headers.get("Accept"), (_PROBLEM, HTML, _TEXT))


def _from_http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    headers = {
        name: value
        for name, value in error.get_headers()
        if name not in ("Content-Type", "Content-Length")
    }
    title, detail = _WORDS.get(error.code or 500, (error.name, ""))
    return respond(
        Problem(error.code or 500, title, detail or error.description or "", headers=headers)
    )


def _from_files(error: MetropoleError) -> Response:
    _log.warning("%s %s: %s", request_id(), request.path, error)
    return respond(Problem(503, Message("The data cannot be read at the moment"), str(error)))


def _from_search(error: SearchTooLong) -> Response:
    return respond(Problem(503, Message("The search took too long"), str(error)))


def _from_bug(_: Exception) -> Response:
    return respond(
        Problem(
            500,
            Message("This is a fault of the server"),
            Message("It has been logged; the request is fine."),
        )
    )
