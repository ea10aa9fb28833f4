"""The front of the serving process: an ASGI application that runs the WSGI application in threads.

What needs no thread is done here, in the event loop: waiting for the bodies of requests and
noticing clients that leave.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from metropole.web.front.bridge import Run
from metropole.web.front.departure import Departure
from metropole.web.front.environ import Scope, environ_of
from metropole.web.front.exchange import EXCHANGE, GONE, Exchange
from metropole.web.front.request_body import ClientLeft, Receive, RequestBodies
from metropole.web.front.threads import Threads
from metropole.web.problems import PROBLEM, Problem
from metropole.web.serving import Serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Send = Callable[[dict[str, Any]], Awaitable[Any]]
#: A client that does not take a piece of a response for so long is given up.
_STALLED_SECONDS = 60
_log = logging.getLogger(__name__)


class Front:
    """Answers the requests that a server hands over by ASGI 3.0."""

    def __init__(self, app: "WSGIApplication", serving: Serving, *, threads: int) -> None:
        self._app = app
        self._threads = Threads(threads)
        self._bodies = RequestBodies(serving.settings.limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        kind = ""
        while kind != "lifespan.shutdown":
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown":
                self._threads.end()
            await send({"type": f"{kind}.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = None
        body = b""
        try:
            body = await self._bodies.read(scope, receive)
        except Problem as found:
            problem = found
        except ClientLeft:
            return
        gone = Departure()
        environ = environ_of(scope, body)
        environ |= {EXCHANGE: Exchange(), GONE: gone, PROBLEM: problem}
        run = Run(self._app, environ)
        watch = asyncio.get_running_loop().create_task(_watch(receive, gone))
        self._threads.do(run.work)
        try:
            await _send_all(run, send)
        except Exception as error:
            if gone.is_set():
                return
            _log.warning("The response to %s was cut: %r", scope["path"], error)
            raise  # the server ends the connection, so that the client knows
        finally:
            watch.cancel()
            run.abandon()


async def _watch(receive: Receive, gone: Departure) -> None:
    """Wait for the client to leave."""
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.signal()


async def _send_all(run: Run, send: Send) -> None:
    """Send the pieces of a response as they come."""
    piece = await run.next_piece()
    await send({"type": "http.response.start", "status": piece.status, "headers": piece.headers})
    while piece.more:
        message = {"type": "http.response.body", "body": piece.body, "more_body": True}
        async with asyncio.timeout(_STALLED_SECONDS):
            await send(message)
        piece = await run.next_piece()
    await send({"type": "http.response.body", "body": piece.body, "more_body": False})
