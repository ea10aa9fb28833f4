"""Processes that help to write a release: Python uses one processor for each process only.

What they are to do comes to them as JSON on standard input (`process.py`), which stays open: its
end tells them that nobody waits any more. What they made they tell as JSON on standard output.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from select import select
from typing import Any

from metropole.errors import ReleaseError
from metropole.release.ended import go_on

MODULE = "metropole.release.process"
#: A graph with more statements is worth processes of its own, which take a second to begin.
ALONE_STATEMENTS = 50_000
_LOOK_SECONDS = 0.1
_PIECE = 1 << 16


class Helper:
    """A process that does one job."""

    def __init__(self, job: str, process: "subprocess.Popen[bytes]") -> None:
        self._job = job
        self._process = process

    def answer(self, ended: threading.Event) -> Any:
        """Wait for what it made.

        Raises Ended once `ended` is set, and ReleaseError when the process ended before its time.
        """
        pipe = self._process.stdout
        assert pipe is not None
        pieces = list[bytes]()
        while not pieces or pieces[-1]:
            go_on(ended)
            if select([pipe], [], [], _LOOK_SECONDS)[0]:
                pieces.append(os.read(pipe.fileno(), _PIECE))
        if self._process.wait() != 0:
            raise ReleaseError(
                f"A process that writes {self._job} ended with {self._process.returncode}. "
                "Nothing was released; what was served before is untouched."
            )
        return json.loads(b"".join(pieces))


@contextmanager
def helper(job: str, order: Mapping[str, Any]) -> Iterator[Helper]:
    """Have a process do a job of `process.py`; it ends when it is left, done or not.

    It is in a group of its own, so that Ctrl-C is for the build, which then lets it end.
    """
    command = [sys.executable, "-P", "-m", MODULE, job]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already, which its answer tells
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
        yield Helper(job, process)
