"""A process that serves beside the desk: it hands queries over, and tells what it counts."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from metropole.messages import Message
from metropole.store.departure import Departure
from metropole.web.front.bridge import Piece, Response
from metropole.web.front.desk_frames import (
    BODY,
    END,
    FIGURES,
    MEMBER,
    REQUEST,
    ROOM_BYTES,
    USED,
    WAIT,
    frame,
    head_from_json,
    read_frame,
    scope_as_json,
)
from metropole.web.front.environ import Scope, decoded_path
from metropole.web.requests.exchange import Exchange
from metropole.web.requests.problems import Problem
from metropole.web.serving import Serving
from metropole.web.serving.budget import Tab

#: Paths below which queries run, or that tell of all processes.
_AT_THE_DESK = ("/sparql", "/queries", "/data", "/-/metrics", "/-/ready")
#: What clients used is told so soon after it began.
_SETTLES_AFTER = 0.05
#: Pause before a desk that has ended is looked for again.
_LOOKS_AGAIN_AFTER = 0.2
_RETRY_SECONDS = 5
_log = logging.getLogger(__name__)
_LOST = (OSError, asyncio.IncompleteReadError)


class Member:
    """Hands over what the desk has to answer, and stays in touch with it."""

    def __init__(self, serving: Serving, desk: Path, tab: Tab) -> None:
        """Find the desk by the path of its Unix socket; `tab` is where clients' use is noted."""
        self._serving = serving
        self._desk = desk
        self._tab = tab
        self._name = str(os.getpid()).encode()
        self._begun = asyncio.Event()
        self._touch: asyncio.Task[None] | None = None
        root = urlsplit(serving.settings.base).path.rstrip("/").encode()
        self._starts = tuple(
            below + path.encode() for path in _AT_THE_DESK for below in {root, b""}
        )

    async def begin(self) -> None:
        """Get in touch with the desk."""
        loop = asyncio.get_running_loop()

        def note_use() -> None:
            loop.call_soon_threadsafe(self._begun.set)

        self._tab.on_use = note_use
        self._touch = loop.create_task(self._stay_in_touch())

    async def end(self) -> None:
        """Lose touch."""
        if self._touch is not None:
            self._touch.cancel()

    def is_for_desk(self, raw_path: bytes) -> bool:
        """Tell whether a request has to be handed over."""
        return decoded_path(raw_path).startswith(self._starts)

    def hand_over(
        self,
        scope: Scope,
        body: bytes,
        exchange: Exchange,
        gone: Departure,
        otherwise: Callable[[Problem], Response],
    ) -> "HandedOver":
        """Hand a request over; `otherwise` answers when there is no desk."""
        asked = frame(REQUEST, scope_as_json(scope)) + frame(BODY, body)
        return HandedOver(self._desk, asked, exchange, gone, otherwise)

    async def _stay_in_touch(self) -> None:
        while True:
            try:
                await self._follow()
            except _LOST:
                pass  # there is none now
            except Exception:  # noqa: BLE001  # it would end the touch, and nobody would know
                _log.exception("The desk cannot be told what is counted here")
            await asyncio.sleep(_LOOKS_AGAIN_AFTER)

    async def _follow(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self._desk)
        writer.write(frame(MEMBER, self._name))
        settling = asyncio.get_running_loop().create_task(self._settle(writer))
        try:
            while True:
                kind, content = await read_frame(reader)
                if kind == FIGURES:
                    writer.write(frame(FIGURES, self._serving.metrics.figures().as_json()))
                elif kind == WAIT:
                    self._tab.let_wait(json.loads(content))
        except _LOST:
            # What others had counted is lost with the desk. A sum that became less, but not zero,
            # would be taken for a restart in which all of it was counted.
            self._serving.metrics.begin_anew()
            raise
        finally:
            settling.cancel()
            writer.close()

    async def _settle(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._begun.wait()
            await asyncio.sleep(_SETTLES_AFTER)
            self._begun.clear()
            writer.write(frame(USED, json.dumps(self._tab.settle()).encode()))
            await writer.drain()


class HandedOver:
    """The response to a request that the desk answers, piece by piece."""

    def __init__(
        self,
        desk: Path,
        asked: bytes,
        exchange: Exchange,
        gone: Departure,
        otherwise: Callable[[Problem], Response],
    ) -> None:
        self._desk = desk
        self._asked = asked
        self._exchange = exchange
        self._gone = gone
        self._otherwise = otherwise
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._instead: Response | None = None
        self._stay = gone.subscribe(self._close)

    async def next_piece(self) -> Piece:
        """Wait for the next piece; raises what broke the connection in the middle."""
        if self._instead is not None:
            return await self._instead.next_piece()
        if self._reader is None:
            return await self._first()
        kind, body = await read_frame(self._reader)
        return Piece(body, more=kind != END)

    async def _first(self) -> Piece:
        try:
            return await self._begin()
        except _LOST:
            if self._gone.is_set():
                raise  # nobody waits for an answer
        self._instead = self._otherwise(_no_desk())
        return await self._instead.next_piece()

    async def _begin(self) -> Piece:
        """Ask, and wait for the head and for what comes with it."""
        self._reader, self._writer = await asyncio.open_unix_connection(
            self._desk, limit=ROOM_BYTES
        )
        if self._gone.is_set():
            raise ConnectionAbortedError
        self._writer.write(self._asked)
        _, content = await read_frame(self._reader)
        kind, body = await read_frame(self._reader)
        status, headers, noted = head_from_json(content)
        if noted is not None:
            vars(self._exchange).update(vars(noted))
        return Piece(body, kind != END, status, headers)

    def abandon(self) -> None:
        """Close the connection, by which the desk knows that nothing more is wanted."""
        self._stay()
        self._close()
        if self._instead is not None:
            self._instead.abandon()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _no_desk() -> Problem:
    return Problem(
        503,
        Message("The server is busy"),
        Message("The process that runs queries is being started again. Ask again in a moment."),
        headers={"Retry-After": str(_RETRY_SECONDS)},
    )
