"""The body of an answer: written as the worker makes it, read as fast as the client takes it.

A short body is kept in memory, a long one in a file, so a client that reads slowly holds
neither memory nor the worker that made it.
"""

import os
import threading
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

#: A body up to this size is kept in memory, a longer one in a file.
WHOLE_BYTES = 1 << 20
#: Each piece takes some turns of threads on its way to the client.
_CHUNK = 1 << 18


class QueryFailed(Exception):
    """A query got no answer; `kind` says why.

    Kinds: `syntax`, `refused`, `format` (the client accepts no format of the result),
    `timeout`, `memory`, `ended` (the process was ended from outside), `room` (the answer is
    too long), `busy` (the queue is full), `gone` (nobody waits for the answer), `store`.
    """

    def __init__(self, kind: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line
        self.column = column


class AnswerCut(Exception):
    """An answer that was already being sent cannot be finished: its connection must be cut."""


class Room:
    """The room for long bodies, in bytes, shared by all queries."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """Take so much of the room, or nothing when there is less; a negative size gives back."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True


class Body:
    """The bytes of an answer: written once by one thread, read once by another or the same."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._taken = 0
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._moved = threading.Condition()
        self._is_complete = False
        self._is_closed = False
        self._failure: QueryFailed | None = None

    @property
    def length(self) -> int:
        """Count the bytes that are there; all of them when the body is complete."""
        return len(self._memory) + self._taken

    @property
    def is_complete(self) -> bool:
        """Tell whether the whole answer is there."""
        return self._is_complete

    @property
    def is_long(self) -> bool:
        """Tell whether the body has outgrown the memory."""
        return self._file is not None

    def add(self, piece: bytes | memoryview) -> None:
        """Write on; raises QueryFailed when there is no room, or nobody to read it."""
        if self._file is None and len(self._memory) + len(piece) <= WHOLE_BYTES:
            self._memory += piece
            return
        with self._moved:
            if self._is_closed:
                raise QueryFailed("gone", "The client has left.")
            size = len(self._memory) + len(piece)
            if not self._room.take(size):
                raise self._too_long()
            self._taken += size
            self._write(piece)
            self._moved.notify_all()

    def _write(self, piece: bytes | memoryview) -> None:
        try:
            if self._file is None:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # close() closes it
                _write_all(self._file, self._memory)
                self._memory.clear()
            _write_all(self._file, piece)
        except OSError as error:
            raise self._too_long() from error

    def finish(self, failure: QueryFailed | None = None) -> None:
        """Say that nothing follows: the body is whole, or the query has failed."""
        with self._moved:
            self._is_complete = failure is None
            self._failure = failure
            self._moved.notify_all()
            if self._is_closed:
                self._release()

    def pieces(self) -> Iterator[bytes]:
        """Read the body from its beginning, while it is being written if need be.

        One in memory is one piece. Raises AnswerCut when the query fails before the end.
        """
        if self._file is None:
            yield bytes(self._memory)
            return
        file, position = self._file.fileno(), 0
        while self._wait_for(position):
            piece = os.pread(file, _CHUNK, position)
            position += len(piece)
            yield piece

    def _wait_for(self, position: int) -> bool:
        """Wait for bytes behind a position; False when the body ends there."""
        with self._moved:
            self._moved.wait_for(
                lambda: self._taken > position or self._is_complete or self._failure
            )
            if self._taken > position:
                return True
            if self._failure is not None:
                raise AnswerCut(self._failure.message) from self._failure
            return False

    def close(self) -> None:
        """Give the room back, as soon as the writer has noticed; closing twice does no harm."""
        with self._moved:
            self._is_closed = True
            if self._is_complete or self._failure is not None or self._file is None:
                self._release()

    def _release(self) -> None:
        if self._file is not None and not self._file.closed:
            self._file.close()
            self._room.take(-self._taken)
            self._taken = 0

    def _too_long(self) -> QueryFailed:
        return QueryFailed(
            "room",
            f"The answer was stopped after {self.length >> 20} MiB: there is no room for more. "
            "Ask for a part of it with LIMIT, or take a dump.",
        )


def _write_all(file: IO[bytes], piece: bytes | bytearray | memoryview) -> None:
    """Write to an unbuffered file, which may take a part only."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
