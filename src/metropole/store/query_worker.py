"""The process that runs queries: it can be stopped at any moment, and nothing else with it.

Oxigraph cannot cancel a query, so a query that must end is ended with its process. A worker
has a limit on its memory and, where the system allows, no network. It reads one request a
line on standard input and answers with frames on standard output (see `query_frames`).
"""

import ctypes
import io
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

import pyoxigraph as ox

from metropole import sparql
from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.store.query_frames import BODY, END, FAILURE, HEAD, QueryRequest, write_frame

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_BUFFER_BYTES = 1 << 16


class _FramedBody(io.RawIOBase):
    """Turns what the serializer writes into body frames."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        write_frame(self._out, BODY, bytes(data))
        return len(data)


class _Stores:
    """The store that was asked last; another release means another store."""

    def __init__(self) -> None:
        self._path = ""
        self._store: ox.Store | None = None

    def open(self, path: str) -> ox.Store:
        if self._store is None or path != self._path:
            self._store = None
            self._store = ox.Store.read_only(path)
            self._path = path
        return self._store


def main() -> None:
    """Answer requests until standard input ends."""
    out = sys.stdout.buffer
    network = "none" if _leave_network() else "reachable"
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    stores = _Stores()
    memory_limited = False
    write_frame(out, HEAD, json.dumps({"network": network}).encode())
    for line in sys.stdin.buffer:
        request = QueryRequest.from_json(line)
        try:
            store = stores.open(request.store)
            if not memory_limited:
                _limit_memory(request.memory_mebibytes)
                memory_limited = True
            for kind, content in _answer(store, request, out):
                write_frame(out, kind, content)
        except MemoryError:
            os.abort()
        except OSError as error:
            write_frame(out, FAILURE, _failure("store", str(error)))


def _answer(store: ox.Store, request: QueryRequest, out: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    problem = sparql.refusal(request.query)
    if problem is not None:
        yield FAILURE, _failure("refused", problem.message)
        return
    try:
        result = _run(store, request)
    except SyntaxError as error:
        told = sparql.explain(error, request.query)
        yield FAILURE, _failure("syntax", told.message, told.line, told.column)
        return
    except ValueError as error:
        # An evaluation the engine cannot do, as an unknown custom function.
        yield FAILURE, _failure("syntax", str(error))
        return
    chosen = _format(result, request)
    if chosen is None:
        yield FAILURE, _failure("format", _form(result))
        return
    yield HEAD, json.dumps({"content_type": chosen.content_type, "form": _form(result)}).encode()
    body = io.BufferedWriter(_FramedBody(out), _BUFFER_BYTES)  # type: ignore[type-var]
    if isinstance(result, ox.QueryTriples):
        assert isinstance(chosen, GraphFormat)
        ox.serialize(result, body, format=chosen.syntax, prefixes=request.prefixes)
    else:
        assert isinstance(chosen, ResultFormat)
        result.serialize(body, format=chosen.syntax)
    body.flush()
    yield END, b""


def _run(
    store: ox.Store, request: QueryRequest
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    if not request.default_graphs and not request.named_graphs:
        return store.query(
            request.query, base_iri=request.base, use_default_graph_as_union=request.union
        )
    # With named graphs only, the default graph is empty (SPARQL 1.1 Protocol, section 2.1.4).
    return store.query(
        request.query,
        base_iri=request.base,
        default_graph=[ox.NamedNode(iri) for iri in request.default_graphs],
        named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs],
    )


def _form(result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> str:
    if isinstance(result, ox.QueryTriples):
        return "graph"
    return "boolean" if isinstance(result, ox.QueryBoolean) else "rows"


def _format(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, request: QueryRequest
) -> GraphFormat | ResultFormat | None:
    """Choose the first format asked for that can hold the result."""
    table: tuple[GraphFormat | ResultFormat, ...]
    if isinstance(result, ox.QueryTriples):
        table = GRAPH_FORMATS
    elif isinstance(result, ox.QueryBoolean):
        table = tuple(entry for entry in RESULT_FORMATS if entry.holds_boolean)
    else:
        table = RESULT_FORMATS
    by_media_type = {entry.media_type: entry for entry in table}
    return next(
        (by_media_type[name] for name in request.media_types if name in by_media_type), None
    )


def _failure(kind: str, message: str, line: int = 0, column: int = 0) -> bytes:
    return json.dumps({"kind": kind, "message": message, "line": line, "column": column}).encode()


def _leave_network() -> bool:
    """Move into a network of its own that has no interface; False where that is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(
        libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    )


def _end_with_parent(parent: int) -> None:
    """End the process, query and all, when the server is gone."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _limit_memory(mebibytes: int) -> None:
    """Allow so much address space beyond what the open store takes now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + mebibytes * (1 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
