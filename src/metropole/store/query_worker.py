"""The process that runs queries: it can be stopped at any moment, and nothing else with it.

Oxigraph cannot cancel a query, so a query that must end is ended with its process. A worker
has a limit on its memory and, where the system allows, no network. It reads one request a
line on standard input and answers with frames on standard output (see `query_frames`).
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

from metropole import sparql
from metropole.orphans import end_with
from metropole.stamps import Stamp, stamp_of
from metropole.store.answers import (
    Stores,
    form_of,
    format_for,
    formats_told,
    run,
    write,
    xml_text,
)
from metropole.store.graph_answers import NotJsonLd
from metropole.store.query_frames import BODY, END, FAILURE, HEAD, QueryRequest, write_frame
from metropole.xml_bodies import NotXml, XmlText

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
#: Frames of this size: each takes the server some turns of its threads.
_FRAME_BYTES = 1 << 18


class _FramedBody:
    """A file for the serializer that turns what is written into body frames.

    It is not an io.BufferedWriter: that would write what it still has after a failure.
    """

    def __init__(self, out: BinaryIO, text: XmlText | None) -> None:
        self._out = out
        self._text = text
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= _FRAME_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        piece = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        if piece:
            write_frame(self._out, BODY, self._text.checked(piece) if self._text else piece)


class _Opened:
    """The stores of the release that was asked last; another release means others."""

    def __init__(self) -> None:
        self._key: tuple[str, Stamp | None] = ("", None)
        self._stores: Stores | None = None

    def open(self, path: str) -> Stores:
        key = (path, stamp_of(os.path.dirname(path)))
        if self._stores is None or key != self._key:
            self._stores = None
            self._stores = Stores.read_only(path)
            self._key = key
        return self._stores


def main() -> None:
    """Answer requests until standard input ends."""
    out = sys.stdout.buffer
    # What a query has filled the memory with is not worth a file of that size.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    network = "none" if _leave_network() else "reachable"
    end_with(os.getppid())
    opened = _Opened()
    memory_limited = False
    write_frame(out, HEAD, json.dumps({"network": network}).encode())
    out.flush()
    for line in sys.stdin.buffer:
        request = QueryRequest.from_json(line)
        try:
            stores = opened.open(request.store)
            if not memory_limited:
                _limit_memory(request.memory_mebibytes)
                memory_limited = True
            for kind, content in _answer(stores, request, out):
                write_frame(out, kind, content)
        except MemoryError:
            os.abort()
        except OSError as error:
            write_frame(out, FAILURE, _failure("store", str(error)))


def _answer(stores: Stores, request: QueryRequest, out: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    problem = sparql.refusal(request.query)
    if problem is not None:
        yield FAILURE, _failure("refused", problem.message)
        return
    try:
        result = run(stores, request)
    except SyntaxError as error:
        place = sparql.explain(error, request.query)
        yield FAILURE, _failure("syntax", place.message, place.line, place.column)
        return
    except (ValueError, RuntimeError) as error:
        # An evaluation the engine cannot do, as an unknown custom function.
        yield FAILURE, _failure("syntax", str(error))
        return
    chosen = format_for(result, request.media_types)
    if chosen is None:
        told = f"The result is of the form '{form_of(result)}'. {formats_told(result)}"
        yield FAILURE, _failure("format", told)
        return
    yield HEAD, json.dumps({"content_type": chosen.content_type, "form": form_of(result)}).encode()
    try:
        body = _FramedBody(out, xml_text(chosen))
        write(result, chosen, body, prefixes=request.prefixes)
        body.flush()
    except (NotJsonLd, NotXml) as error:
        yield FAILURE, _failure("format", f"{error} {formats_told(result, chosen)}")
    except (ValueError, RuntimeError) as error:
        yield FAILURE, _failure("syntax", str(error))
    else:
        yield END, b""


def _failure(kind: str, message: str, line: int = 0, column: int = 0) -> bytes:
    return json.dumps({"kind": kind, "message": message, "line": line, "column": column}).encode()


def _leave_network() -> bool:
    """Move into a network of its own that has no interface; False where that is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(
        libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    )


def _limit_memory(mebibytes: int) -> None:
    """Allow so much address space beyond what the open store takes now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + mebibytes * (1 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    # The server is gone: there is nobody to answer.
    with contextlib.suppress(BrokenPipeError):
        main()
