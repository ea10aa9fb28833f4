"""A server process with a small WSGI application behind the front, whose answers tell what it saw.

python front_app.py SITE PORT
"""

import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from granian.constants import Interfaces, Loops
from granian.server import Server

from metropole.settings import load
from metropole.store.departure import Departure
from metropole.web.front import asgi
from metropole.web.front.asgi import Front
from metropole.web.serving import Serving

Environ = dict[str, Any]
_MOST_SECONDS = 10.0


class _App:
    """Routes by the first part of the path; `/count` tells what has happened so far."""

    def __init__(self, release_id: str) -> None:
        self._release_id = release_id
        self._counts: dict[str, int] = {}
        self._ends = threading.Event()

    def __call__(
        self, environ: Environ, start_response: Callable[[str, list[tuple[str, str]]], Any]
    ) -> Iterable[bytes]:
        name = environ["PATH_INFO"].split("/")[1]
        self._add(f"{name} began")
        headers = [("Content-Type", "text/plain")]
        if name in ("slow", "shared"):
            status = self._wait(environ, name, headers)
            start_response(status, headers)
            return [b"done"]
        if name == "sparql":
            environ["metropole.exchange"].keep = environ["QUERY_STRING"] == "keep"
            headers.append(("Metropole-Release", self._release_id))
        start_response("200 OK", headers)
        if name == "fails":
            return self._failing()
        if name == "pieces":
            return self._pieces()
        return [self._told(environ, name)]

    def _told(self, environ: Environ, name: str) -> bytes:
        if name == "count":
            return json.dumps(self._counts).encode()
        if name == "end":
            self._ends.set()
        seen = {key: value for key, value in environ.items() if isinstance(value, str)}
        body = environ["wsgi.input"].read().decode("latin-1")
        return json.dumps({"environ": seen, "body": body}).encode()

    def _wait(self, environ: Environ, name: str, headers: list[tuple[str, str]]) -> str:
        """Wait until `/end` is asked for or the client leaves; an answer that may be kept."""
        gone: Departure = environ["metropole.gone"]
        left = threading.Event()
        gone.subscribe(left.set)
        deadline = time.monotonic() + _MOST_SECONDS
        while not self._ends.wait(0.01) and not left.is_set() and time.monotonic() < deadline:
            pass
        self._ends.clear()
        self._add(f"{name} left" if gone.is_set() else f"{name} done")
        if gone.is_set():
            return "503 Service Unavailable"
        if name == "shared":
            environ["metropole.exchange"].shareable = True
            return "503 Service Unavailable"
        headers.append(("ETag", f'"{self._release_id}-{environ["QUERY_STRING"]}"'))
        return "200 OK"

    def _failing(self) -> Iterator[bytes]:
        try:
            yield b"x" * 1000
            raise RuntimeError("in the middle")
        finally:
            self._add("fails closed")

    def _pieces(self) -> Iterator[bytes]:
        """Give far more than a connection holds by itself."""
        try:
            for _ in range(2000):
                self._add("pieces given")
                yield b"x" * 65_536
        finally:
            self._add("pieces closed")

    def _add(self, name: str) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1


def _load() -> Front:
    asgi._STALLED_SECONDS = 2
    serving = Serving(load(Path(sys.argv[1])))
    return Front(_App(serving.edition().id), serving, threads=20)


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    Server(
        "front_app",
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers_kill_timeout=1,
        log_enabled=False,
        websockets=False,
    ).serve(target_loader=_load, wrap_loader=False)
