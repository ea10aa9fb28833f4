"""A name for each request, so that a client and the operator can speak of the same one."""

import secrets

from flask import Response, g


def request_id() -> str:
    """Give the id of this request. It is made here: one from outside could be anything."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def with_request_id(response: Response) -> Response:
    """Say the id in the response."""
    response.headers["Request-Id"] = request_id()
    return response
