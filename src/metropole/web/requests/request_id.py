"""A name for each request, so that a client and the operator can speak of the same one."""

import secrets
from collections.abc import Iterator
from wsgiref.types import WSGIEnvironment

from flask import Response, request

#: The name under which a request carries its id, in its WSGI environment.
REQUEST_ID = "metropole.request_id"
_BYTES = 8
_SUPPLY = 1000


def request_id_of(environ: WSGIEnvironment) -> str:
    """Give the id of a request. It is made here: one from outside could be anything."""
    found = environ.get(REQUEST_ID)
    if found is None:
        found = environ[REQUEST_ID] = secrets.token_hex(_BYTES)
    return str(found)


def request_id() -> str:
    """Give the id of the current request."""
    return request_id_of(request.environ)


def new_ids() -> Iterator[str]:
    """Give one new id after the other, for one thread: a supply of them costs what one does."""
    while True:
        supply = secrets.token_hex(_BYTES * _SUPPLY)
        for start in range(0, len(supply), 2 * _BYTES):
            yield supply[start : start + 2 * _BYTES]


def with_request_id(response: Response) -> Response:
    """Say the id in the response."""
    response.headers["Request-Id"] = request_id()
    return response
