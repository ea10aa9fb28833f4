"""Tests of what is sent compressed (RFC 9110, section 8.4), and that all of it is closed."""

import gzip
from collections.abc import Iterator

import pytest
from werkzeug import Response
from werkzeug.datastructures import Accept

from metropole.web.responses.compression import SMALLEST_BYTES, coding_of, compressed

GZIP = Accept([("gzip", 1)])
MEBIBYTE = 1 << 20


def sent(response: Response, accepted: Accept = GZIP) -> tuple[bool, bytes]:
    """Compress a response; tell whether it was, and what a client reads."""
    found = compressed(response, accepted)
    body = b"".join(found.iter_encoded())
    is_packed = found.headers.get("Content-Encoding") == "gzip"
    assert is_packed or "Content-Encoding" not in found.headers
    if "Content-Length" in found.headers:
        assert int(found.headers["Content-Length"]) == len(body)
    return is_packed, gzip.decompress(body) if is_packed else body


@pytest.mark.parametrize(
    ("media_type", "is_packed"),
    [
        ("text/html", True),
        ("text/turtle; charset=utf-8", True),
        ("application/json", True),
        ("application/ld+json", True),
        ("application/rdf+xml", True),
        ("application/javascript", True),
        ("application/n-quads", True),
        ("application/n-triples", True),
        ("application/trig", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("application/zip", False),
        ("application/vnd.apache.parquet", False),
        ("font/woff2", False),
    ],
)
def test_texts_are_packed(media_type: str, *, is_packed: bool) -> None:
    """What is text under any name shrinks; what is packed in itself does not."""
    body = b"x" * SMALLEST_BYTES
    response = Response(body, content_type=media_type)
    assert sent(response) == (is_packed, body)
    assert response.headers.get("Vary") == ("Accept-Encoding" if is_packed else None)


def test_body_of_no_kind_is_left_alone() -> None:
    """What has no media type at all, as 204, is sent as it is."""
    response = Response(b"x" * MEBIBYTE)
    del response.headers["Content-Type"]
    assert sent(response) == (False, b"x" * MEBIBYTE)


@pytest.mark.parametrize(
    ("length", "is_packed"), [(SMALLEST_BYTES - 1, False), (SMALLEST_BYTES, True)]
)
@pytest.mark.parametrize("is_told", [True, False])
def test_short_bodies_are_left_alone(length: int, *, is_packed: bool, is_told: bool) -> None:
    """From a kilobyte on it is worth it, whether or not the length was told before."""
    response = Response([b"x" * (length - 1), b"x"], mimetype="text/plain")
    if is_told:
        response.content_length = length
    assert sent(response) == (is_packed, b"x" * length)
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["Content-Encoding", "Accept-Ranges"])
def test_files_in_parts_and_packed_ones_are_left_alone(name: str) -> None:
    """A part is one of the plain file, and nothing is packed twice."""
    response = Response(b"x" * 5000, mimetype="text/plain", headers={name: "bytes"})
    assert compressed(response, GZIP).data == b"x" * 5000
    assert "Vary" not in response.headers
    assert response.headers[name] == "bytes"


def test_nobody_gets_a_coding_that_was_not_asked_for() -> None:
    """Without `Accept-Encoding`, or with others only, the body is plain; 304 has none."""
    for accepted in (Accept([]), Accept([("deflate", 1)]), Accept([("gzip", 0)])):
        response = Response(b"x" * 5000, mimetype="text/plain")
        assert sent(response, accepted) == (False, b"x" * 5000)
        assert response.headers["Vary"] == "Accept-Encoding"
    known = Response(b"x" * 5000, mimetype="text/plain", status=304)
    assert "Content-Encoding" not in compressed(known, GZIP).headers
    assert known.headers["Vary"] == "Accept-Encoding"
    assert coding_of(b"br;q=0.5")[1] == "-br"
    assert coding_of(b"identity") == (None, "")


class Pieces:
    """A body that comes piece by piece and has to be closed."""

    def __init__(self, size: int) -> None:
        self.is_closed = False
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(0, self._size, 1000):
            yield b"x" * 1000

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True


@pytest.mark.parametrize("length", [5000, 2_000_000])
@pytest.mark.parametrize("is_told", [True, False])
def test_bodies_are_closed_though_something_else_is_sent(length: int, *, is_told: bool) -> None:
    """Whoever gives a body is told when it is over, as a file of it would stay open else."""
    pieces = Pieces(length)
    response = Response(pieces, mimetype="text/plain")
    if is_told:
        response.content_length = length
    is_packed, body = sent(response)
    assert (is_packed, len(body)) == (True, length)
    assert ("Content-Length" in response.headers) == (is_told and length < MEBIBYTE)
    response.close()
    assert pieces.is_closed


def test_no_empty_piece_is_sent() -> None:
    """A piece that packs to nothing yet is none: it would end a body in chunks."""
    response = Response((b"x" * 1000 for _ in range(50)), mimetype="text/plain")
    found = list(compressed(response, GZIP).iter_encoded())
    assert all(found)
    assert gzip.decompress(b"".join(found)) == b"x" * 50_000


def test_a_mebibyte_is_packed_whole() -> None:
    """Up to a mebibyte the packed body has a length; a longer one is packed as it is sent."""
    for length, is_whole in ((MEBIBYTE, True), (MEBIBYTE + 1, False)):
        response = compressed(Response(b"x" * length, mimetype="text/plain"), GZIP)
        assert ("Content-Length" in response.headers) is is_whole
        assert gzip.decompress(response.get_data()) == b"x" * length
        response.close()
