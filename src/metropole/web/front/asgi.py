"""The ASGI application: it runs the WSGI application in threads, and only when it must.

What needs no thread is done in the event loop: waiting for the bodies of requests, noticing
clients that leave, and giving an answer once more that was given before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import TYPE_CHECKING, Any

from metropole.web.front.answer_cache import AnswerCache
from metropole.web.front.answers import LONGEST_BYTES, Answer, is_keepable
from metropole.web.front.asked import Asked
from metropole.web.front.bridge import Piece, Run, length_of
from metropole.web.front.brief_lane import BriefLane
from metropole.web.front.client import Client
from metropole.web.front.document_lane import DocumentLane
from metropole.web.front.environ import Scope, environ_of
from metropole.web.front.exchange import EXCHANGE, GONE, Exchange
from metropole.web.front.repeating import Repeating
from metropole.web.front.request_body import ClientLeft, Receive, RequestBodies
from metropole.web.front.single_flight import Flight, Flights
from metropole.web.front.threads import Threads
from metropole.web.problems import PROBLEM, Problem
from metropole.web.serving import Edition, Serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Send = Callable[[dict[str, Any]], Awaitable[Any]]
#: A client that does not take a piece of a response for so long is given up.
_STALLED_SECONDS = 60
_MEBIBYTE = 1 << 20
_SERVER_ERROR = 500
_log = logging.getLogger(__name__)


class Front:
    """Answers the requests that a server hands over by ASGI 3.0."""

    def __init__(self, app: "WSGIApplication", serving: Serving, *, threads: int) -> None:
        self._app = app
        self._serving = serving
        self._threads = Threads(threads)
        self._bodies = RequestBodies(serving.settings.limits)
        self._cache = AnswerCache(serving.settings.limits.cache_mebibytes * _MEBIBYTE)
        self._flights = Flights()
        #: What is served, and when that was found out, by the clock of the loop.
        self._edition: Edition | None = None
        self._looked = -1.0
        self._repeating = Repeating(serving)
        self._lanes = (BriefLane(serving), DocumentLane(serving))
        serving.metrics.watch_cache(lambda: self._cache.bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = Asked.of(scope)
        if not asked.has_body and asked.may_share:
            answer = self._kept(asked)
            if answer is not None:
                await self._repeating.send(answer, asked, send, how="hit")
                return
            if await self._answer_briefly(asked, b"", send):
                return
        await self._receive(asked, scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        kind = ""
        while kind != "lifespan.shutdown":
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown":
                self._threads.end()
            await send({"type": f"{kind}.complete"})

    def _kept(self, asked: Asked) -> Answer | None:
        """Find the answer in the cache; HEAD is answered by what GET got, too."""
        release_id = self._settled_id()
        if release_id is None:
            return None
        found = self._cache.find(release_id, asked.target, asked.headers)
        if found is None and asked.method == "HEAD":
            found = self._cache.find(release_id, ("GET", *asked.target[1:]), asked.headers)
        return found

    async def _answer_briefly(self, asked: Asked, body: bytes, send: Send) -> bool:
        """Answer what is over at once, here in the loop; tell whether it was that."""
        lane = next((each for each in self._lanes if each.may_answer(asked)), None)
        edition = self._settled() if lane is not None else None
        if lane is None or edition is None:
            return False
        found = lane.answer(asked, body, edition)
        if found is None:
            return False
        self._serving.metrics.count_cache("miss")
        answer, own = found
        if answer.exchange.keep and self._cache.is_on:
            self._cache.keep(edition.id, asked.target, asked.headers, answer)
        headers = answer.headers + own
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        sent = b"" if asked.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": sent, "more_body": False})
        return True

    def _settled_id(self) -> str | None:
        """Give the id of the release that answers are kept of; None when none are kept now."""
        edition = self._settled() if self._cache.is_on else None
        return edition.id if edition is not None else None

    def _settled(self) -> Edition | None:
        """Give what is served; None while the pointer leads elsewhere.

        The pointer is read once for all requests of the same turn of the loop: within that
        millisecond nobody can tell which came first.
        """
        now = asyncio.get_running_loop().time()
        if now != self._looked:
            self._looked = now
            self._edition = self._serving.settled()
        return self._edition

    async def _receive(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the body, which can tell what is asked for, and answer."""
        problem, body = None, b""
        try:
            body = await self._bodies.read(scope, receive)
        except ClientLeft:
            return
        except Problem as found:
            problem = found
            asked = asked.alone()
        if asked.has_body and asked.may_share:
            asked = asked.with_body(body)
            if self._kept(asked) is None and await self._answer_briefly(asked, body, send):
                return
        client = Client(receive)
        try:
            environ = environ_of(scope, body) | {PROBLEM: problem}
            await self._answer(asked, environ, client, send)
        finally:
            client.end()

    async def _answer(
        self, asked: Asked, environ: "WSGIEnvironment", client: Client, send: Send
    ) -> None:
        """Answer from what is kept, with a run that is under way, or else with one of its own."""
        while not client.has_left:
            answer = self._kept(asked) if asked.may_share else None
            if answer is not None:
                await self._repeating.send(answer, asked, send, how="hit")
                return
            key = self._flight_key(asked)
            flight = self._flights.under_way(key)
            if flight is None:
                flight = self._flights.begin(key)
                client.board(flight)
                await self._lead(flight, asked, environ, send)
                return
            client.board(flight)
            answer = await flight.landed
            if answer is not None:
                await self._repeating.send(answer, asked, send, how="shared")
                return

    def _flight_key(self, asked: Asked) -> Hashable | None:
        """Name the flight for equal requests to the same release; None for one that flies alone."""
        release_id = self._settled_id()
        key = asked.flight_key
        if release_id is None or key is None or self._flights.is_avoided(asked.target):
            return None
        return (release_id, key)

    async def _lead(
        self, flight: Flight, asked: Asked, environ: "WSGIEnvironment", send: Send
    ) -> None:
        """Run the application for a flight, and send the response to its first client."""
        exchange = Exchange()
        environ |= {EXCHANGE: exchange, GONE: flight.gone}
        if asked.may_share:
            self._serving.metrics.count_cache("miss")
        run = Run(self._app, environ)
        self._threads.do(run.work)
        try:
            await self._deliver(run, flight, asked, exchange, send)
        except Exception as error:
            if not flight.gone.is_set():
                _log.warning("The response to %s was cut: %r", environ["PATH_INFO"], error)
            raise  # the server ends the connection, so that the client knows
        finally:
            run.abandon()
            flight.land(None)

    async def _deliver(
        self, run: Run, flight: Flight, asked: Asked, exchange: Exchange, send: Send
    ) -> None:
        """Send a response as its pieces come; one that is short and of use to others at once."""
        piece = await run.next_piece()
        assert piece.headers is not None
        status, headers = piece.status, piece.headers
        length = len(piece.body) if not piece.more else length_of(headers)
        keepable = self._is_keepable(asked, piece, exchange)
        if piece.more and (keepable or exchange.shareable) and 0 <= length <= LONGEST_BYTES:
            piece = await run.rest(piece)
        if not piece.more and len(piece.body) <= LONGEST_BYTES and (keepable or exchange.shareable):
            answer = Answer.of(status, headers, piece.body, exchange)
            if keepable:
                self._keep(asked, answer)
            flight.land(answer)
        else:
            flight.land(None)
            if status < _SERVER_ERROR and not (keepable and length < 0):
                self._flights.avoid(asked.target)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = await _send_pieces(run, piece, send, collect=keepable and piece.more and length < 0)
        if body is not None:
            self._keep(asked, Answer.of(status, headers, body, exchange))

    def _is_keepable(self, asked: Asked, piece: Piece, exchange: Exchange) -> bool:
        assert piece.headers is not None
        return (
            self._cache.is_on
            and asked.may_share
            and is_keepable(asked.method, piece.status, piece.headers, exchange)
        )

    def _keep(self, asked: Asked, answer: Answer) -> None:
        edition = self._serving.settled()
        if edition is not None and answer.is_of(edition.id):
            self._cache.keep(edition.id, asked.target, asked.headers, answer)


async def _send_pieces(run: Run, piece: Piece, send: Send, *, collect: bool) -> bytes | None:
    """Send a body; give it when it was to be collected and is short enough to be kept."""
    pieces = [piece.body] if collect else None
    while piece.more:
        message = {"type": "http.response.body", "body": piece.body, "more_body": True}
        async with asyncio.timeout(_STALLED_SECONDS):
            await send(message)
        piece = await run.next_piece()
        if pieces is not None:
            pieces.append(piece.body)
            if sum(map(len, pieces)) > LONGEST_BYTES:
                pieces = None
    await send({"type": "http.response.body", "body": piece.body, "more_body": False})
    return None if pieces is None else b"".join(pieces)
