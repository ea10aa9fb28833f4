"""The bodies of requests, read before a thread is spent on them: bounded in size, time and sum."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from metropole.settings import Limits
from metropole.web.front.environ import Scope
from metropole.web.requests.problems import Problem

Receive = Callable[[], Awaitable[Any]]
#: What all bodies that have begun and are not whole yet may take together.
_ROOM_BYTES = 64 << 20
_RETRY_SECONDS = 5


class ClientLeft(Exception):
    """The client has left before its request was whole."""


class RequestBodies:
    """Reads bodies; what all of them hold is counted until each is whole."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.request_body_bytes
        self._seconds = limits.request_body_seconds
        self._held = 0

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """Read the body of a request; raises Problem (408, 413, 503) and ClientLeft."""
        length = _announced(scope)
        if length == 0:
            return b""
        if length is not None and length > self._most:
            raise self._too_long()
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(self._seconds):
                await self._collect(receive, pieces)
        except TimeoutError:
            raise Problem(
                408,
                "The request did not arrive in time",
                f"Its body must be here within {self._seconds} seconds.",
                headers={"Connection": "close"},
            ) from None
        finally:
            self._held -= sum(map(len, pieces))
        return b"".join(pieces)

    async def _collect(self, receive: Receive, pieces: list[bytes]) -> None:
        length = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            piece = message.get("body", b"")
            more = message.get("more_body", False)
            length += len(piece)
            if length > self._most:
                raise self._too_long()
            if self._held + len(piece) > _ROOM_BYTES:
                raise Problem(
                    503,
                    "The server is busy",
                    "Too many requests are being received. Try again later.",
                    headers={"Retry-After": str(_RETRY_SECONDS)},
                )
            pieces.append(piece)
            self._held += len(piece)

    def _too_long(self) -> Problem:
        return Problem(
            413,
            "Request Entity Too Large",
            f"A request body may have {self._most} bytes.",
            headers={"Connection": "close"},
        )


def _announced(scope: Scope) -> int | None:
    """Give the length of the body as the headers tell it; None when only its end will show it.

    Without either header there is no body (RFC 9112, section 6.3); HTTP/2 needs neither.
    """
    length = None if scope["http_version"].startswith("2") else 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value)
    if length is None and scope["method"] in ("GET", "HEAD"):
        return 0
    return length
