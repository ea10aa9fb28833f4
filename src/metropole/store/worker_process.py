"""A query worker as the server sees it: a process that is asked, read and ended."""

import json
import os
import select
import signal
import subprocess
import sys
import time

from metropole.store.query_frames import PREFIX, QueryRequest

_READ_BYTES = 1 << 18
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
        self._unread = bytearray()
        #: Whether the worker has a network: `none` or `reachable`; empty until it has greeted.
        self.network = ""

    def greet(self, deadline: float) -> None:
        """Wait until the worker has started; raises TimeoutError or WorkerGone."""
        if not self.network:
            self.network = json.loads(self.frame(deadline)[1])["network"]

    def send(self, request: QueryRequest) -> None:
        """Send a request to a worker that has greeted; raises WorkerGone."""
        try:
            self._input.write(request.as_json())
        except BrokenPipeError:
            raise WorkerGone from None

    def frame(self, deadline: float) -> tuple[bytes, bytes]:
        """Read a frame; raises TimeoutError at the deadline, WorkerGone at the end."""
        self._await(PREFIX.size, deadline)
        kind, length = PREFIX.unpack_from(self._unread)
        end = PREFIX.size + length
        self._await(end, deadline)
        content = bytes(self._unread[PREFIX.size : end])
        del self._unread[:end]
        return kind, content

    def _await(self, size: int, deadline: float) -> None:
        """Read until so many bytes are there."""
        while len(self._unread) < size:
            wait = deadline - time.monotonic()
            if wait <= 0 or not self._readable.poll(wait * 1000):
                raise TimeoutError
            piece = os.read(self._output, _READ_BYTES)
            if not piece:
                raise WorkerGone
            self._unread += piece

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
