"""The desk: of the processes that serve, the one that runs the queries of all.

So there is one queue, one number of queries at a time and one budget for each client, and equal
queries run once, wherever they are asked. It answers requests of its own, too.
"""

import asyncio
import json
import socket
from concurrent.futures import TimeoutError as TookLong
from contextlib import suppress
from typing import Any

from metropole.web.front.asgi import Front
from metropole.web.front.desk_frames import (
    BODY,
    END,
    FIGURES,
    HEAD,
    MEMBER,
    ROOM_BYTES,
    USED,
    WAIT,
    frame,
    head_as_json,
    read_frame,
    scope_from_json,
)
from metropole.web.serving import Serving
from metropole.web.serving.metrics import Figures

#: Who does not tell its figures within this time has told the last ones already.
_FIGURES_SECONDS = 1.0
_LOST = (ConnectionError, asyncio.IncompleteReadError)


class Desk:
    """Answers the requests that other serving processes hand over."""

    def __init__(self, front: Front, serving: Serving, listener: socket.socket) -> None:
        """Answer with `front` what comes by `listener`, a Unix socket that listens."""
        self._front = front
        self._listener = listener
        self._members = Members(serving)
        self._server: asyncio.Server | None = None

    async def begin(self) -> None:
        """Take requests from now on."""
        self._members.begin()
        self._server = await asyncio.start_unix_server(
            self._follow, sock=self._listener, limit=ROOM_BYTES
        )

    async def end(self) -> None:
        """Take no more requests."""
        if self._server is not None:
            self._server.close()

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_LOST):
                kind, content = await read_frame(reader)
                if kind == MEMBER:
                    await self._members.follow(content, reader, writer)
                else:
                    await self._answer(content, reader, writer)
        finally:
            writer.close()

    async def _answer(
        self, asked: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request; one that fails ends without END."""
        _, body = await read_frame(reader)
        handed = _Handed(body, reader, writer)
        try:
            await self._front(scope_from_json(asked), handed.receive, handed.send)
        except Exception:  # noqa: BLE001  # the front has told it; here the connection ends
            writer.transport.abort()


class _Handed:
    """A request that was handed over, as ASGI has it."""

    def __init__(
        self, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._body: bytes | None = body
        self._reader = reader
        self._writer = writer

    async def receive(self) -> dict[str, Any]:
        """Give the body; then wait until the other process closes the connection."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        with suppress(ConnectionError):
            await self._reader.read()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Send a part of the response."""
        if message["type"] == "http.response.start":
            content = head_as_json(message["status"], message["headers"], message.get("exchange"))
            self._writer.write(frame(HEAD, content))
            return
        self._writer.write(frame(BODY if message.get("more_body") else END, message["body"]))
        await self._writer.drain()


class Members:
    """The other serving processes: what they have counted, and what was used there."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._loop: asyncio.AbstractEventLoop | None = None
        self._here: set[_Member] = set()
        #: What each has told last, by its name; what one has counted stays when it ends.
        self._told: dict[bytes, Figures] = {}
        serving.metrics.add_others(self.figures)

    def begin(self) -> None:
        """Note the loop in which the others are followed."""
        self._loop = asyncio.get_running_loop()

    async def follow(
        self, name: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Follow a process until it ends."""
        member = _Member(writer)
        self._here.add(member)
        try:
            while True:
                kind, content = await read_frame(reader)
                if kind == FIGURES:
                    self._told[name] = Figures.from_json(content)
                    member.told.set()
                elif kind == USED:
                    writer.write(frame(WAIT, json.dumps(self._charge(content)).encode()))
        finally:
            self._here.discard(member)
            member.told.set()
            if name in self._told:
                self._told[name].cache_bytes = 0

    def _charge(self, content: bytes) -> dict[str, int]:
        """Note what clients used; give who has to wait, and for how many seconds."""
        budget, used = self._serving.budget, json.loads(content)
        for client, seconds in used.items():
            budget.spend(client, seconds)
        waits = {client: budget.wait(client) for client in used}
        return {client: wait for client, wait in waits.items() if wait}

    def figures(self) -> list[Figures]:
        """Ask all for their figures; for a thread that is not the loop's."""
        assert self._loop is not None
        asked = asyncio.run_coroutine_threadsafe(self._ask(), self._loop)
        with suppress(TookLong):
            asked.result(_FIGURES_SECONDS)
        return list(self._told.values())

    async def _ask(self) -> None:
        await asyncio.gather(*(member.ask() for member in self._here))


class _Member:
    """One of the other processes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.told = asyncio.Event()
        self._writer = writer

    async def ask(self) -> None:
        """Wait until it has told its figures anew, or has ended."""
        self.told.clear()
        self._writer.write(frame(FIGURES))
        await self.told.wait()
