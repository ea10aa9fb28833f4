"""How the server and a query worker talk: a request is a line, an answer is frames.

A frame is one byte for its kind, four bytes for its length (big endian) and the content. An
answer is HEAD, any number of BODY frames and END, or FAILURE instead of any of them.
"""

import json
import struct
from dataclasses import dataclass
from typing import BinaryIO

HEAD, BODY, END, FAILURE = b"H", b"B", b"E", b"F"
PREFIX = struct.Struct(">cI")


@dataclass(frozen=True)
class QueryRequest:
    """A query with all that the worker needs to answer it."""

    query: str
    #: Path of the store of the release.
    store: str
    #: IRI against which relative IRIs of the query are resolved.
    base: str
    #: Whether the named graphs are read as one because the union is not stored.
    union: bool
    #: Media types in the order of the client's preference.
    media_types: tuple[str, ...]
    memory_mebibytes: int
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    prefixes: dict[str, str] | None = None
    #: Variables and the terms that stand for them, written as N-Triples.
    substitutions: dict[str, str] | None = None

    def as_json(self) -> bytes:
        """Write the request as one line."""
        return json.dumps(vars(self)).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> "QueryRequest":
        """Read a line that `as_json` wrote."""
        return cls(**json.loads(line))


def write_frame(out: BinaryIO, kind: bytes, content: bytes) -> None:
    """Write a frame; what ends an answer is sent off with all that was written before."""
    out.write(PREFIX.pack(kind, len(content)))
    out.write(content)
    if kind in (END, FAILURE):
        out.flush()
