"""The process that runs queries: it can be stopped at any moment, and nothing else with it.

Oxigraph cannot cancel a query, so a query that must end is ended with its process. A worker
has a limit on its memory and, where the system allows, no network. It reads one request a
line on standard input and answers with frames on standard output (see `query_frames`).
"""

import codecs
import contextlib
import csv
import ctypes
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO, BinaryIO

import pyoxigraph as ox

from metropole import sparql
from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.saved_queries.forms import bound
from metropole.store.query_frames import BODY, END, FAILURE, HEAD, QueryRequest, write_frame
from metropole.xml_bodies import NotXml, XmlText, with_named_properties

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_BUFFER_BYTES = 1 << 16


class _FramedBody:
    """A file for the serializer that turns what is written into body frames.

    It is not an io.BufferedWriter: that would write what it still has after a failure.
    """

    def __init__(self, out: BinaryIO, text: XmlText | None) -> None:
        self._out = out
        self._text = text
        self._pieces = bytearray()

    def write(self, data: bytes) -> int:
        self._pieces += data
        if len(self._pieces) >= _BUFFER_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        piece = bytes(self._pieces)
        self._pieces.clear()
        if piece:
            write_frame(self._out, BODY, self._text.checked(piece) if self._text else piece)


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
    # What a query has filled the memory with is not worth a file of that size.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    network = "none" if _leave_network() else "reachable"
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    stores = _Stores()
    memory_limited = False
    write_frame(out, HEAD, json.dumps({"network": network}).encode())
    out.flush()
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
        place = sparql.explain(error, request.query)
        yield FAILURE, _failure("syntax", place.message, place.line, place.column)
        return
    except (ValueError, RuntimeError) as error:
        # An evaluation the engine cannot do, as an unknown custom function.
        yield FAILURE, _failure("syntax", str(error))
        return
    chosen = _format(result, request)
    if chosen is None:
        told = f"The result is of the form '{_form(result)}'."
        yield FAILURE, _failure("format", told)
        return
    yield HEAD, json.dumps({"content_type": chosen.content_type, "form": _form(result)}).encode()
    try:
        _write(result, chosen, request, out)
    except NotXml as error:
        yield FAILURE, _failure("format", f"{error} Ask for another format.")
    except (ValueError, RuntimeError) as error:
        yield FAILURE, _failure("syntax", str(error))
    else:
        yield END, b""


def _write(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    chosen: GraphFormat | ResultFormat,
    request: QueryRequest,
    out: BinaryIO,
) -> None:
    text = XmlText() if chosen.media_type.endswith("+xml") else None
    body: IO[bytes] = _FramedBody(out, text)  # type: ignore[assignment]
    if isinstance(result, ox.QueryTriples):
        assert isinstance(chosen, GraphFormat)
        triples = with_named_properties(result) if text else result
        ox.serialize(triples, body, format=chosen.syntax, prefixes=request.prefixes)
    else:
        assert isinstance(chosen, ResultFormat)
        if isinstance(result, ox.QuerySolutions) and chosen.syntax == ox.QueryResultsFormat.CSV:
            _write_csv(result, body)
        else:
            result.serialize(body, format=chosen.syntax)
    body.flush()


def _write_csv(solutions: ox.QuerySolutions, body: IO[bytes]) -> None:
    """Write CSV (SPARQL 1.1 CSV and TSV, section 3); Oxigraph does not quote commas in IRIs."""
    lines = codecs.getwriter("utf-8")(body)
    rows = csv.writer(lines, lineterminator="\r\n")
    rows.writerow([variable.value for variable in solutions.variables])
    rows.writerows([_csv_value(term) for term in solution] for solution in solutions)


def _csv_value(term: object) -> str:
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return "" if term is None else str(term)


def _run(
    store: ox.Store, request: QueryRequest
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    text = sparql.padded(request.query)
    substitutions = bound(request.substitutions)
    if not request.default_graphs and not request.named_graphs:
        # Oxigraph would read all graphs as one although the query names others with FROM.
        union = request.union and not sparql.names_dataset(request.query)
        return store.query(
            text,
            base_iri=request.base,
            use_default_graph_as_union=union,
            substitutions=substitutions,
        )
    # With named graphs only, the default graph is empty (SPARQL 1.1 Protocol, section 2.1.4).
    return store.query(
        text,
        base_iri=request.base,
        default_graph=[ox.NamedNode(iri) for iri in request.default_graphs],
        named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs],
        substitutions=substitutions,
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
    # The server is gone: there is nobody to answer.
    with contextlib.suppress(BrokenPipeError):
        main()
