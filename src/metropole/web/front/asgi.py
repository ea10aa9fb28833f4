"""The ASGI application: it runs the WSGI application in threads, and only when it must.

What needs no thread is done in the event loop: waiting for the bodies of requests, noticing
clients that leave, and giving an answer once more that was given before. Where several processes
serve, requests that run queries are handed over to one of them, the desk.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from metropole.messages import Message as Text
from metropole.web.front.answer_cache import AnswerCache
from metropole.web.front.answers import (
    LONGEST_BYTES,
    Answer,
    Message,
    end_of,
    is_keepable,
    start_of,
)
from metropole.web.front.asked import Asked
from metropole.web.front.bridge import Piece, Response, Run, length_of, rest
from metropole.web.front.brief_lane import BriefLane
from metropole.web.front.client import Client
from metropole.web.front.document_lane import DocumentLane
from metropole.web.front.environ import Scope, environ_of
from metropole.web.front.host import host_problem
from metropole.web.front.long_headers import too_long, without_wishes
from metropole.web.front.member import Member
from metropole.web.front.repeating import Repeating
from metropole.web.front.request_body import ClientLeft, Receive, RequestBodies
from metropole.web.front.single_flight import Flight, Flights
from metropole.web.front.threads import Threads
from metropole.web.requests.exchange import EXCHANGE, GONE, Exchange
from metropole.web.requests.problems import PROBLEM, Problem
from metropole.web.serving import Edition, Serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Send = Callable[[dict[str, Any]], Awaitable[Any]]
#: A client that does not take a piece of a response for so long is given up.
_STALLED_SECONDS = 60
_MEBIBYTE = 1 << 20
_SERVER_ERROR = 500
_log = logging.getLogger(__name__)


class Companion(Protocol):
    """What begins and ends with the server, in its loop."""

    async def begin(self) -> None:
        """Begin; the server takes no requests before this is over."""

    async def end(self) -> None:
        """End."""


@dataclass(frozen=True)
class _Request:
    """A request whose body is there, or that has a problem instead."""

    scope: Scope
    body: bytes
    problem: Problem | None


class Front:
    """Answers the requests that a server hands over by ASGI 3.0."""

    def __init__(
        self,
        app: "WSGIApplication",
        serving: Serving,
        *,
        threads: int,
        processes: int = 1,
        member: Member | None = None,
    ) -> None:
        """Answer with `app` in so many threads.

        When several processes serve, the memory for answers is theirs in equal parts, and those
        but the desk are a `member`.
        """
        self._app = app
        self._serving = serving
        self._threads = Threads(threads)
        self._bodies = RequestBodies(serving.settings.limits)
        room = serving.settings.limits.cache_mebibytes * _MEBIBYTE
        self._cache = AnswerCache(room // processes)
        self._member = member
        self._companions: list[Companion] = [] if member is None else [member]
        self._flights = Flights()
        #: What is served, and when that was found out, by the clock of the loop.
        self._edition: Edition | None = None
        self._key = ""
        self._looked = -1.0
        self._repeating = Repeating(serving)
        self._lanes = (BriefLane(serving), DocumentLane(serving))
        serving.metrics.watch_cache(lambda: self._cache.bytes)

    def accompany(self, companion: Companion) -> None:
        """Begin and end something with the server."""
        self._companions.append(companion)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = Asked.of(scope)
        if not asked.has_body and asked.may_share:
            answer = self._kept(asked)
            if answer is not None:
                await _send_both(send, self._repeating.messages(answer, asked, "hit"))
                return
        problem = host_problem(scope) or too_long(asked.headers)
        if problem is not None:
            # Whoever writes it would read them, too.
            await self._refuse(problem, asked, without_wishes(scope), Client(receive), send)
            return
        if not asked.has_body and asked.may_share and await self._answer_briefly(asked, b"", send):
            return
        await self._receive(asked, scope, receive, send)

    async def _refuse(
        self, problem: Problem, asked: Asked, scope: Scope, client: Client, send: Send
    ) -> None:
        """Have a problem written that was found before the body was read."""
        problem.headers["Connection"] = "close"
        try:
            await self._answer(asked.alone(), _Request(scope, b"", problem), client, send)
        finally:
            client.end()

    async def _live(self, receive: Receive, send: Send) -> None:
        kind = ""
        while kind != "lifespan.shutdown":
            kind = (await receive())["type"]
            for each in self._companions:
                await (each.end() if kind == "lifespan.shutdown" else each.begin())
            if kind == "lifespan.shutdown":
                self._threads.end()
            await send({"type": f"{kind}.complete"})

    def _kept(self, asked: Asked) -> Answer | None:
        """Find the answer in the cache; HEAD is answered by what GET got, too."""
        edition = self._settled_key()
        if edition is None:
            return None
        found = self._cache.find(edition, asked.target, asked.headers)
        if found is None and asked.method == "HEAD":
            found = self._cache.find(edition, ("GET", *asked.target[1:]), asked.headers)
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
            self._cache.keep(edition.key, asked.target, asked.headers, answer)
        sent = b"" if asked.method == "HEAD" else answer.body
        start = start_of(answer.status, answer.headers + own, answer.exchange)
        await _send_both(send, (start, end_of(sent)))
        return True

    def _settled_key(self) -> str | None:
        """Name the edition that answers are kept of; None when none are kept now."""
        return self._key if self._cache.is_on and self._settled() is not None else None

    def _settled(self) -> Edition | None:
        """Give what is served; None while the pointer leads elsewhere.

        The pointer is read once for all requests of the same turn of the loop: within that
        millisecond nobody can tell which came first.
        """
        now = asyncio.get_running_loop().time()
        if now != self._looked:
            self._looked = now
            self._edition = self._serving.settled()
            self._key = self._edition.key if self._edition is not None else ""
        return self._edition

    async def _receive(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the body, which can tell what is asked for, and answer."""
        problem, body = None, b""
        try:
            body = await self._bodies.read(scope, receive)
        except ClientLeft:
            # It may have closed its writing side only, or framed the body wrong; a request
            # without an answer would be a fault of the server to it.
            broken = Problem(
                400,
                Text("The request is broken off"),
                Text("Its body ended before it was whole, or is badly framed."),
            )
            await self._refuse(broken, asked, scope, Client(_nothing_more), send)
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
            await self._answer(asked, _Request(scope, body, problem), client, send)
        finally:
            client.end()

    async def _answer(self, asked: Asked, request: _Request, client: Client, send: Send) -> None:
        """Answer from what is kept, with a run that is under way, or else with one of its own."""
        while not client.has_left:
            answer = self._kept(asked) if asked.may_share else None
            if answer is not None:
                await _send_both(send, self._repeating.messages(answer, asked, "hit"))
                return
            key = self._flight_key(asked)
            flight = self._flights.under_way(key)
            if flight is None:
                flight = self._flights.begin(key)
                client.board(flight)
                await self._lead(flight, asked, request, send)
                return
            client.board(flight)
            answer = await flight.landed
            if answer is not None:
                await _send_both(send, self._repeating.messages(answer, asked, "shared"))
                return

    def _flight_key(self, asked: Asked) -> Hashable | None:
        """Name the flight for equal requests to the same release; None for one that flies alone."""
        edition = self._settled_key()
        key = asked.flight_key
        if edition is None or key is None or self._flights.is_avoided(asked.target):
            return None
        return (edition, key)

    async def _lead(self, flight: Flight, asked: Asked, request: _Request, send: Send) -> None:
        """Have a flight answered, and send the response to its first client."""
        exchange, edition = Exchange(), self._settled()
        response = self._begun(flight, asked, request, exchange)
        try:
            await self._deliver(response, flight, asked, exchange, send, edition=edition)
        except Exception as error:
            if not flight.gone.is_set():
                _log.warning("The response to %s was cut: %r", asked.target[1], error)
            raise  # the server ends the connection, so that the client knows
        finally:
            response.abandon()
            flight.land(None)

    def _begun(
        self, flight: Flight, asked: Asked, request: _Request, exchange: Exchange
    ) -> Response:
        """Hand a request over to the desk, or run the application for it."""

        def run(problem: Problem | None) -> Run:
            environ = environ_of(request.scope, request.body)
            environ |= {PROBLEM: problem, EXCHANGE: exchange, GONE: flight.gone}
            begun = Run(self._app, environ)
            self._threads.do(begun.work)
            return begun

        member = self._member
        if member is not None and request.problem is None and member.is_for_desk(asked.target[1]):
            return member.hand_over(request.scope, request.body, exchange, flight.gone, run)
        if asked.may_share:
            self._serving.metrics.count_cache("miss")
        return run(request.problem)

    async def _deliver(
        self,
        response: Response,
        flight: Flight,
        asked: Asked,
        exchange: Exchange,
        send: Send,
        *,
        edition: Edition | None,
    ) -> None:
        """Send a response as its pieces come; one that is short and of use to others at once.

        `edition` is what was served when it was asked for, if that was settled.
        """
        piece = await response.next_piece()
        assert piece.headers is not None
        status, headers = piece.status, piece.headers
        length = len(piece.body) if not piece.more else length_of(headers)
        keepable = self._is_keepable(asked, piece, exchange)
        if piece.more and (keepable or exchange.shareable) and 0 <= length <= LONGEST_BYTES:
            piece = await rest(response, piece)
        if not piece.more and len(piece.body) <= LONGEST_BYTES and (keepable or exchange.shareable):
            answer = Answer.of(status, headers, piece.body, exchange)
            if keepable:
                self._keep(asked, answer, edition)
            flight.land(answer)
        else:
            flight.land(None)
            if status < _SERVER_ERROR and not (keepable and length < 0):
                self._flights.avoid(asked.target)
        await send(start_of(status, headers, exchange))
        collect = keepable and piece.more and length < 0
        body = await _send_pieces(response, piece, send, collect=collect)
        if body is not None:
            self._keep(asked, Answer.of(status, headers, body, exchange), edition)

    def _is_keepable(self, asked: Asked, piece: Piece, exchange: Exchange) -> bool:
        assert piece.headers is not None
        return (
            self._cache.is_on
            and asked.may_share
            and is_keepable(asked.method, piece.status, piece.headers, exchange)
        )

    def _keep(self, asked: Asked, answer: Answer, asked_of: Edition | None) -> None:
        """Keep an answer that is from what is served now.

        Its id tells so, unless the release was made anew at the same one meanwhile.
        """
        edition = self._serving.settled()
        if edition is None or asked_of not in (None, edition):
            return
        if answer.is_of(edition.id):
            self._cache.keep(edition.key, asked.target, asked.headers, answer)


async def _nothing_more() -> dict[str, Any]:
    """Wait for what never comes from a connection that has said its last."""
    return cast(dict[str, Any], await asyncio.get_running_loop().create_future())


async def _send_both(send: Send, messages: tuple[Message, Message]) -> None:
    """Send a response that is there as a whole."""
    start, end = messages
    await send(start)
    await send(end)


async def _send_pieces(
    response: Response, piece: Piece, send: Send, *, collect: bool
) -> bytes | None:
    """Send a body; give it when it was to be collected and is short enough to be kept."""
    pieces = [piece.body] if collect else None
    while piece.more:
        message = {"type": "http.response.body", "body": piece.body, "more_body": True}
        async with asyncio.timeout(_STALLED_SECONDS):
            await send(message)
        piece = await response.next_piece()
        if pieces is not None:
            pieces.append(piece.body)
            if sum(map(len, pieces)) > LONGEST_BYTES:
                pieces = None
    await send(end_of(piece.body))
    return None if pieces is None else b"".join(pieces)
