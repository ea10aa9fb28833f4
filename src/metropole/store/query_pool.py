"""A fixed number of query workers, a bounded queue before them, and a deadline for each query.

An answer is complete before its first byte is sent on, a long one in a file: the server cannot
take back a body it has begun (granian ends it cleanly when the application fails), and a client
that reads slowly must not hold a worker or run into the deadline of the query.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from metropole.settings import Limits
from metropole.store.query_frames import BODY, END, FAILURE, PREFIX, QueryRequest

#: A body up to this size is kept in memory, a longer one in a file.
WHOLE_BYTES = 1 << 20
#: Room for all the long bodies that are being made or sent at the same time.
ROOM_BYTES = 4 << 30
_CHUNK = 1 << 16
#: What a worker may see of the environment; arenas would count against its memory limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "PYTHONHASHSEED": "0"}


class QueryFailed(Exception):
    """A query got no answer; `kind` says why.

    Kinds: `syntax`, `refused`, `format` (the client accepts no format of the result),
    `timeout`, `memory`, `room` (the answer is too long), `busy` (the queue is full), `store`.
    """

    def __init__(self, kind: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line
        self.column = column


class _Room:
    """The room for long bodies, shared by all queries."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True


class Body:
    """The bytes of an answer: written once, then read once, piece by piece."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self._taken = 0
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    @property
    def length(self) -> int:
        """Count the bytes."""
        return len(self._memory) + self._taken

    def add(self, piece: bytes) -> None:
        """Write on; raises QueryFailed when there is no room."""
        if self._file is None and len(self._memory) + len(piece) <= WHOLE_BYTES:
            self._memory += piece
            return
        size = len(self._memory) + len(piece)
        if not self._room.take(size):
            raise self._too_long()
        self._taken += size
        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115  # close() closes it
                self._file.write(self._memory)
                self._memory.clear()
            self._file.write(piece)
        except OSError as error:
            raise self._too_long() from error

    def pieces(self) -> Iterator[bytes]:
        """Read the body from its beginning; one in memory is one piece."""
        if self._file is None:
            yield bytes(self._memory)
            return
        self._file.seek(0)
        while piece := self._file.read(_CHUNK):
            yield piece

    def close(self) -> None:
        """Give the room back; closing twice does no harm."""
        if self._file is not None:
            self._file.close()
            self._room.take(-self._taken)
            self._taken = 0

    def _too_long(self) -> QueryFailed:
        return QueryFailed(
            "room",
            f"The answer was stopped after {self.length >> 20} MiB: there is no room for more. "
            "Ask for a part of it with LIMIT, or take a dump.",
        )


@dataclass(frozen=True)
class Answer:
    """The whole answer to a query."""

    content_type: str
    #: `rows`, `boolean` or `graph`.
    form: str
    body: Body


class _WorkerGone(Exception):
    """The worker ended in the middle of an answer."""


class _Worker:
    """One worker process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "metropole.store.query_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
            bufsize=0,
        )
        self._greeted = False
        self.network = "unknown"

    def send(self, request: QueryRequest) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request.as_json())
        except BrokenPipeError:
            raise _WorkerGone from None

    def frame(self, deadline: float) -> tuple[bytes, bytes]:
        """Read a frame; raises TimeoutError at the deadline, _WorkerGone at the end."""
        if not self._greeted:
            self._greeted = True
            self.network = json.loads(self.frame(deadline)[1])["network"]
        kind, length = PREFIX.unpack(self._read(PREFIX.size, deadline))
        return kind, self._read(length, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        readable = select.poll()  # select() fails in a process with 1024 open files
        readable.register(output, select.POLLIN)
        pieces = []
        while size:
            wait = deadline - time.monotonic()
            if wait <= 0 or not readable.poll(wait * 1000):
                raise TimeoutError
            piece = os.read(output, min(size, _CHUNK))
            if not piece:
                raise _WorkerGone
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    @property
    def is_alive(self) -> bool:
        """Tell whether the process is there to take a request."""
        return self._process.poll() is None

    def exit_status(self) -> int:
        """Wait for a process whose output has ended; a signal gives a negative number."""
        return self._process.wait()

    def end(self) -> None:
        """Kill the process and wait for it, so that its memory is free again."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def query_slots(limits: Limits) -> int:
    """Give the number of queries that run at the same time."""
    return limits.concurrent_queries or os.cpu_count() or 1


class QueryPool:
    """Runs queries in worker processes, never more than the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.size = query_slots(limits)
        self._free = threading.Condition()
        #: A worker that could not be started is None; it is started when it is needed.
        self._idle: list[_Worker | None] = [_Worker() for _ in range(self.size)]
        self._room = _Room(ROOM_BYTES)
        self._waiting = 0
        self._closed = False

    def run(
        self,
        request: QueryRequest,
        *,
        timeout_seconds: float | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Answer a query; raises QueryFailed.

        A client may ask for less time than the limit, never for more. `on_start` is called when
        the query's turn has come, and may still refuse it by an exception. The caller closes
        the body of the answer.
        """
        seconds = float(self.limits.query_timeout_seconds)
        if timeout_seconds is not None:
            seconds = min(seconds, timeout_seconds)
        body = Body(self._room)
        try:
            head = self._ask(request, seconds, body, on_start)
        except BaseException:
            body.close()
            raise
        return Answer(head["content_type"], head["form"], body)

    def _ask(
        self, request: QueryRequest, seconds: float, body: Body, on_start: Callable[[], None]
    ) -> dict[str, Any]:
        """Have a worker fill the body and give the head of its answer."""
        worker = self._take(seconds)
        is_done = True
        try:
            on_start()
            is_done = False
            deadline = time.monotonic() + seconds
            head = _exchange(worker, request, deadline, body)
            is_done = True
        except TimeoutError:
            raise self._timeout(seconds) from None
        except _WorkerGone:
            raise self._gone(worker.exit_status()) from None
        finally:
            if is_done:
                self._give_back(worker)
            else:
                self._replace(worker)
        if "kind" in head:
            raise QueryFailed(**head)
        return head

    def _timeout(self, seconds: float) -> QueryFailed:
        return QueryFailed("timeout", f"The query was stopped after {seconds:g} seconds.")

    def _gone(self, status: int) -> QueryFailed:
        if status == -signal.SIGSEGV:
            return QueryFailed("refused", "The query is nested too deeply.")
        return QueryFailed(
            "memory",
            f"The query needed more than {self.limits.query_memory_mebibytes} MiB of memory.",
        )

    def _take(self, seconds: float) -> _Worker:
        with self._free:
            if not self._idle and self._waiting >= self.limits.queued_queries:
                raise self._busy()
            self._waiting += 1
            try:
                if not self._free.wait_for(lambda: self._idle or self._closed, seconds):
                    raise self._busy()
            finally:
                self._waiting -= 1
            if self._closed:
                raise QueryFailed("busy", "The server is stopping.")
            worker = self._idle.pop()
        return worker if worker is not None and worker.is_alive else self._started(worker)

    def _started(self, dead: _Worker | None) -> _Worker:
        """Start a worker in the place of one that is not there any more."""
        if dead is not None:
            dead.end()
        try:
            return _Worker()
        except OSError as error:
            self._give_back(None)
            raise QueryFailed("busy", f"No query can be started: {error}.") from error

    def _busy(self) -> QueryFailed:
        return QueryFailed("busy", "Too many queries are running or waiting.")

    def _give_back(self, worker: _Worker | None) -> None:
        with self._free:
            if not self._closed:
                self._idle.append(worker)
                self._free.notify()
            elif worker is not None:
                worker.end()

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        try:
            successor = None if self._closed else _Worker()
        except OSError:
            successor = None
        self._give_back(successor)

    def close(self) -> None:
        """End all idle workers; those at work end when their query does."""
        with self._free:
            self._closed = True
            for worker in self._idle:
                if worker is not None:
                    worker.end()
            self._idle.clear()
            self._free.notify_all()


def _exchange(
    worker: _Worker, request: QueryRequest, deadline: float, body: Body
) -> dict[str, Any]:
    """Send a request and read the answer: what its head says, or its failure, which has a kind."""
    worker.send(request)
    head: dict[str, Any] = {}
    while True:
        kind, content = worker.frame(deadline)
        if kind == BODY:
            body.add(content)
        elif kind == END:
            return head
        else:
            head = json.loads(content)
            if kind == FAILURE:
                return head
