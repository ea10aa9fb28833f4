"""A fixed number of query workers, a bounded queue before them, and a deadline for each query."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from metropole.settings import Limits
from metropole.store.query_frames import BODY, END, FAILURE, PREFIX, QueryRequest

#: A body up to this size is complete before its first byte is sent on.
WHOLE_BYTES = 1 << 20
_CHUNK = 1 << 16
#: What a worker may see of the environment; arenas would count against its memory limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "PYTHONHASHSEED": "0"}


class QueryFailed(Exception):
    """A query got no answer; `kind` says why.

    Kinds: `syntax`, `refused`, `format` (the client accepts no format of the result),
    `timeout`, `memory`, `busy` (the queue is full), `store`.
    """

    def __init__(self, kind: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Answer:
    """The answer to a query: its media type and its body, whole or as it comes."""

    content_type: str
    #: `rows`, `boolean` or `graph`.
    form: str
    #: The whole body, or None when it is longer than WHOLE_BYTES: then `stream` gives it.
    body: bytes | None
    stream: Generator[bytes, None, None]

    def close(self) -> None:
        """Give up the rest of a long answer; the query that makes it is ended."""
        self.stream.close()


class _WorkerGone(Exception):
    """The worker's output ended in the middle of an answer."""


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
        pieces = []
        while size:
            wait = deadline - time.monotonic()
            if wait <= 0 or not select.select([self._process.stdout], [], [], wait)[0]:
                raise TimeoutError
            piece = os.read(self._process.stdout.fileno(), min(size, _CHUNK))
            if not piece:
                raise _WorkerGone
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def end(self) -> None:
        """Kill the process and wait for it, so that its memory is free again."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


class QueryPool:
    """Runs queries in worker processes, never more than the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.size = limits.concurrent_queries or os.cpu_count() or 1
        self._free = threading.Condition()
        self._idle: list[_Worker] = [_Worker() for _ in range(self.size)]
        self._waiting = 0
        self._closed = False

    def run(self, request: QueryRequest, *, timeout_seconds: float | None = None) -> Answer:
        """Answer a query; raises QueryFailed.

        A client may ask for less time than the limit, never for more. A long answer holds its
        worker until its stream is closed; QueryFailed from the stream means it is cut.
        """
        seconds = float(self.limits.query_timeout_seconds)
        if timeout_seconds is not None:
            seconds = min(seconds, timeout_seconds)
        worker = self._take(seconds)
        deadline = time.monotonic() + seconds
        try:
            head, body, whole = self._begin(worker, request, deadline, seconds)
        except BaseException:
            self._replace(worker)
            raise
        if head.get("kind"):
            self._give_back(worker)
            raise QueryFailed(**head)
        if whole:
            self._give_back(worker)
            return Answer(head["content_type"], head["form"], body, _once(body))
        stream = self._stream(worker, body, deadline, seconds)
        next(stream)
        return Answer(head["content_type"], head["form"], None, stream)

    def _begin(
        self, worker: _Worker, request: QueryRequest, deadline: float, seconds: float
    ) -> tuple[dict[str, Any], bytes, bool]:
        """Send the query and read its answer up to WHOLE_BYTES: head, body, whether whole."""
        try:
            worker.send(request)
            kind, content = worker.frame(deadline)
            head = json.loads(content)
            body = bytearray()
            while kind not in (END, FAILURE) and len(body) <= WHOLE_BYTES:
                kind, content = worker.frame(deadline)
                if kind == BODY:
                    body += content
        except TimeoutError:
            raise self._timeout(seconds) from None
        except _WorkerGone:
            raise self._memory() from None
        if kind == FAILURE:
            return json.loads(content), b"", True
        return head, bytes(body), kind == END

    def _stream(
        self, worker: _Worker, begun: bytes, deadline: float, seconds: float
    ) -> Generator[bytes, None, None]:
        """Give the rest of a long answer; whoever stops early ends the query."""
        finished = False
        try:
            yield b""  # run() comes this far, so that the worker is given back whatever happens
            yield begun
            while True:
                kind, content = worker.frame(deadline)
                if kind == END:
                    finished = True
                    return
                if kind == FAILURE:
                    raise QueryFailed(**json.loads(content))
                yield content
        except TimeoutError:
            raise self._timeout(seconds) from None
        except _WorkerGone:
            raise self._memory() from None
        finally:
            if finished:
                self._give_back(worker)
            else:
                self._replace(worker)

    def _timeout(self, seconds: float) -> QueryFailed:
        return QueryFailed("timeout", f"The query was stopped after {seconds:g} seconds.")

    def _memory(self) -> QueryFailed:
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
            return self._idle.pop()

    def _busy(self) -> QueryFailed:
        return QueryFailed("busy", "Too many queries are running or waiting.")

    def _give_back(self, worker: _Worker) -> None:
        with self._free:
            if self._closed:
                worker.end()
                return
            self._idle.append(worker)
            self._free.notify()

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        self._give_back(_Worker())

    def close(self) -> None:
        """End all idle workers; those at work end when their query does."""
        with self._free:
            self._closed = True
            for worker in self._idle:
                worker.end()
            self._idle.clear()
            self._free.notify_all()


def _once(body: bytes) -> Generator[bytes, None, None]:
    yield body
