"""A name for each request, so that a client and the operator can speak of the same one."""

import secrets
from wsgiref.types import WSGIEnvironment

from flask import Response, request

_KEY = "metropole.request_id"


def request_id_of(environ: WSGIEnvironment) -> str:
    """Give the id of a request. It is made here: one from outside could be anything."""
    found = environ.get(_KEY)
    if found is None:
        found = environ[_KEY] = secrets.token_hex(8)
    return str(found)


def request_id() -> str:
    """Give the id of the current request."""
    return request_id_of(request.environ)


def with_request_id(response: Response) -> Response:
    """Say the id in the response."""
    response.headers["Request-Id"] = request_id()
    return response
