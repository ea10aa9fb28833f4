"""Parts of files: one or several byte ranges (RFC 9110, section 14).

A server may ignore ranges, and does so where they would be more work than the whole: when there
are many, or when they overlap so much that they are longer than the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from werkzeug.http import parse_range_header

_PIECE = 1 << 18
_MOST = 32
#: Longer than any piece of a text: a boundary that depends on the parts and on nothing else.
_BOUNDARY_DIGITS = 32


@dataclass(frozen=True)
class Span:
    """Bytes of a file, from `start` up to but not with `stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """Count the bytes."""
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """Write the span as `Content-Range` has it."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


class NotSatisfiable(ValueError):
    """No part that was asked for is in the file."""


def spans(header: str | None, size: int) -> list[Span]:
    """Give the parts that a `Range` asks for; none when the whole is to be sent.

    Raises NotSatisfiable when there are parts, but none that the file has.
    """
    asked = parse_range_header(header)
    if asked is None or asked.units != "bytes" or len(asked.ranges) > _MOST:
        return []
    found = [span for start, stop in asked.ranges if (span := _span(start, stop, size))]
    if not found:
        raise NotSatisfiable
    return found if sum(span.length for span in found) <= size else []


def _span(start: int, stop: int | None, size: int) -> Span | None:
    if start < 0:  # the last bytes, as many as there are
        start = max(0, size + start)
    stop = size if stop is None else min(stop, size)
    return Span(start, stop) if start < stop else None


def pieces(path: Path, span: Span) -> Iterator[bytes]:
    """Read a part of a file piece by piece; raises OSError when the file has become shorter."""
    with path.open("rb") as file:
        file.seek(span.start)
        left = span.length
        while left:
            piece = file.read(min(_PIECE, left))
            if not piece:
                raise OSError(f"{path} is shorter than when it was released")
            left -= len(piece)
            yield piece


@dataclass(frozen=True)
class Parts:
    """Several parts of one file as a `multipart/byteranges` body (section 14.6)."""

    path: Path
    size: int
    content_type: str
    spans: tuple[Span, ...]

    @property
    def boundary(self) -> str:
        """Give what stands between the parts."""
        return sha256(repr((self.path.name, self.spans)).encode()).hexdigest()[:_BOUNDARY_DIGITS]

    @property
    def media_type(self) -> str:
        """Give the value of `Content-Type`."""
        return f"multipart/byteranges; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """Count the bytes of the body."""
        return sum(len(self._head(span)) + span.length for span in self.spans) + len(self._end)

    def body(self) -> Iterator[bytes]:
        """Go through the body piece by piece."""
        for span in self.spans:
            yield self._head(span)
            yield from pieces(self.path, span)
        yield self._end

    def _head(self, span: Span) -> bytes:
        return (
            f"\r\n--{self.boundary}\r\nContent-Type: {self.content_type}\r\n"
            f"Content-Range: {span.content_range(self.size)}\r\n\r\n"
        ).encode()

    @property
    def _end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
