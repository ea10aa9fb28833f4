"""One run of the WSGI application in a thread, its response received piece by piece in the loop."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Piece:
    """A piece of a body, and whether more come; with the first come status and headers."""

    body: bytes
    more: bool
    status: int = 0
    headers: Headers | None = None


class Response(Protocol):
    """A response as the front receives it."""

    async def next_piece(self) -> Piece:
        """Wait for the next piece; raises what kept it from coming."""

    def abandon(self) -> None:
        """Say that no more pieces are wanted."""


async def rest(response: Response, piece: Piece) -> Piece:
    """Wait for all that comes after a piece, and give it with that as one."""
    bodies = [piece.body]
    while piece.more:
        piece = await response.next_piece()
        bodies.append(piece.body)
    return Piece(b"".join(bodies), more=False)


class _Abandoned(Exception):
    """Nobody wants the rest of the response."""


class Run:
    """Runs the application for one request.

    `work` is the part in the thread. The loop asks for one piece after the other with
    `next_piece`; the thread is one piece ahead at most, so that a slow reader costs no memory.
    """

    def __init__(self, app: "WSGIApplication", environ: "WSGIEnvironment") -> None:
        self._app = app
        self._environ = environ
        self._loop = asyncio.get_running_loop()
        self._next: asyncio.Future[Piece] = self._loop.create_future()
        self._head: tuple[int, Headers] | None = None
        #: Holds something while the thread may hand over a piece.
        self._taken: SimpleQueue[None] = SimpleQueue()
        self._abandoned = False
        self._is_first = True

    # In the loop

    async def next_piece(self) -> Piece:
        """Wait for the next piece; raises what the application raised."""
        piece = await self._next
        if piece.more:
            self._next = self._loop.create_future()
            self._taken.put(None)
        return piece

    def abandon(self) -> None:
        """Let the thread stop after the piece it is at."""
        self._abandoned = True
        self._taken.put(None)

    def _deliver(self, piece: Piece) -> None:
        self._next.set_result(piece)

    def _fail(self, error: BaseException) -> None:
        self._next.set_exception(error)

    # In the thread

    def work(self) -> None:
        """Run the application to its end and hand over all it gives."""
        try:
            self._hand_over_all()
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001  # it is raised in the loop
            if not self._is_first:
                self._taken.get()
            if not self._abandoned:
                self._call(self._fail, error)

    def _hand_over_all(self) -> None:
        body = self._app(self._environ, self._start_response)
        try:
            # What is a list is whole already.
            last = b"".join(body) if isinstance(body, list) else self._hand_over(iter(body))
        finally:
            # PEP 3333: whatever happened, and in the thread where it was opened.
            getattr(body, "close", _nothing)()
        self._hand(last, more=False)

    def _hand_over(self, pieces: Iterator[bytes]) -> bytes:
        """Hand over all pieces but the last one, if it is known to be that."""
        whole = self._whole(pieces)
        if whole is not None:
            return whole
        for piece in pieces:
            if piece:
                self._hand(piece, more=True)
        return b""

    def _whole(self, pieces: Iterator[bytes]) -> bytes | None:
        """Give the body when its first piece is all of it; else hand that over."""
        first = next(filter(None, pieces), b"")
        assert self._head is not None, "the application must call start_response"
        if not first or len(first) == length_of(self._head[1]):
            # It goes on to its end all the same, for what the application does there.
            for more in pieces:
                first += more
            return first
        self._hand(first, more=True)
        return None

    def _hand(self, body: bytes, *, more: bool) -> None:
        if self._is_first:
            assert self._head is not None, "the application must call start_response"
            self._is_first = False
            self._call(self._deliver, Piece(body, more, *self._head))
            return
        self._taken.get()
        if self._abandoned:
            raise _Abandoned
        self._call(self._deliver, Piece(body, more))

    def _call(self, function: Any, argument: object) -> None:
        # The loop is closed when the server ends before the application has.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, argument)

    def _start_response(
        self,
        status: str,
        headers: Iterable[tuple[str, str]],
        exc_info: object = None,
    ) -> Any:
        """Note status and headers (PEP 3333); its deprecated `write` is not offered."""
        if exc_info and not self._is_first:
            raise exc_info[1]  # type: ignore[index]
        self._head = (
            int(status[:3]),
            [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        )
        return _no_write


def length_of(headers: Headers) -> int:
    """Give the length of a body as `Content-Length` tells it; -1 when nothing does."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return -1


def _nothing() -> None:
    """Close what has no `close`."""


def _no_write(_: bytes) -> None:
    raise NotImplementedError("The callable 'write' of PEP 3333 is not offered.")
