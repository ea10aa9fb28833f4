"""A query worker as the server sees it: a process that is asked, read and ended."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time

from metropole.store.query_frames import PREFIX, QueryRequest

#: Room for two frames of a long answer, in the pipe and behind it.
_ROOM_BYTES = 1 << 19
#: What a worker may see of the environment; arenas would count against its memory limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "PYTHONHASHSEED": "0"}


class WorkerGone(Exception):
    """The worker ended in the middle of an answer."""


class WorkerProcess:
    """One worker process; `niceness` is added to that of the server."""

    def __init__(self, niceness: int = 0) -> None:
        """Start the process; raises OSError."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "metropole.store.query_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
            bufsize=0,
        )
        # From here, so that its start already gives way: that takes longer than most queries.
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, self._process.pid, own + niceness)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self._output = self._process.stdout.fileno()
        self._readable = select.poll()  # select() fails in a process with 1024 open files
        self._readable.register(self._output, select.POLLIN)
        # A worker that waits for room loses more time than the bytes need. Who may not have it
        # gets what is usual.
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, _ROOM_BYTES)
        self._buffer = memoryview(bytearray(_ROOM_BYTES))
        #: The bytes of the buffer that were read and are in no frame yet.
        self._unread = slice(0, 0)
        #: Whether the worker has a network: `none` or `reachable`; empty until it has greeted.
        self.network = ""

    def greet(self, deadline: float) -> None:
        """Wait until the worker has started; raises TimeoutError or WorkerGone."""
        if not self.network:
            self.network = json.loads(bytes(self.frame(deadline)[1]))["network"]

    def send(self, request: QueryRequest) -> None:
        """Send a request to a worker that has greeted; raises WorkerGone."""
        try:
            self._input.write(request.as_json())
        except BrokenPipeError:
            raise WorkerGone from None

    def frame(self, deadline: float) -> tuple[bytes, memoryview]:
        """Read a frame; raises TimeoutError at the deadline, WorkerGone at the end.

        The content is there until the next frame is read.
        """
        kind, length = PREFIX.unpack(self._next(PREFIX.size, deadline))
        return kind, self._next(length, deadline)

    def _next(self, size: int, deadline: float) -> memoryview:
        """Wait until so many bytes are there, and take them."""
        start, end = self._unread.start, self._unread.stop
        if start + size > len(self._buffer):
            start, end = self._moved_to_front(size)
        while end - start < size:
            wait = deadline - time.monotonic()
            if wait <= 0 or not self._readable.poll(wait * 1000):
                self._unread = slice(start, end)
                raise TimeoutError
            count = os.readv(self._output, [self._buffer[end:]])
            if not count:
                raise WorkerGone
            end += count
        self._unread = slice(start + size, end)
        return self._buffer[start : start + size]

    def _moved_to_front(self, size: int) -> tuple[int, int]:
        """Make room for so many bytes behind what is unread; give where that is."""
        unread = bytes(self._buffer[self._unread])
        if size > len(self._buffer):
            self._buffer = memoryview(bytearray(size + _ROOM_BYTES))
        self._buffer[: len(unread)] = unread
        return 0, len(unread)

    @property
    def is_alive(self) -> bool:
        """Tell whether the process is there to take a request."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process from another thread than the one that reads; it need not be there."""
        self._process.kill()

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


def was_killed(status: int) -> bool:
    """Tell whether an exit status says that somebody else ended the process."""
    return status in (-signal.SIGKILL, -signal.SIGTERM)
