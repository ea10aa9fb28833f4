"""Send what is worth it compressed (RFC 9110, section 8.4.1.3)."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

from werkzeug import Response
from werkzeug.datastructures import Accept

#: A shorter body hardly shrinks.
SMALLEST_BYTES = 1024
#: A longer body is compressed as it is sent.
_WHOLE_BYTES = 1 << 20
_LEVEL = 5
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
_TYPES = frozenset(
    {
        "application/json",
        "application/javascript",
        "application/n-quads",
        "application/n-triples",
        "application/trig",
        "image/svg+xml",
    }
)


def prefers_gzip(accepted: Accept) -> bool:
    """Tell whether a client would have gzip rather than nothing."""
    qualities = {name.lower(): quality for name, quality in accepted}
    gzipped = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0)))
    return gzipped > 0 and gzipped >= qualities.get("identity", 0)


def encoding_suffix(accepted: Accept) -> str:
    """Give what distinguishes the `ETag` of a compressed body (RFC 9110, section 8.8.3.3)."""
    return "-gzip" if prefers_gzip(accepted) else ""


def compressed(response: Response, accepted: Accept) -> Response:
    """Compress a response where the client and its own type allow it.

    Files that can be asked for in parts are left alone: a part is one of the plain file.
    """
    if response.status_code == 304:  # noqa: PLR2004  # Not Modified, whatever its type was
        response.vary.add("Accept-Encoding")
        return response
    if not _is_compressible(response):
        return response
    response.vary.add("Accept-Encoding")
    length = response.content_length
    if length is None and response.is_sequence:
        length = len(response.get_data())
    if not prefers_gzip(accepted) or (length or 0) < SMALLEST_BYTES:
        return response
    response.headers["Content-Encoding"] = "gzip"
    if length is not None and length <= _WHOLE_BYTES:
        response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    else:
        response.response = _pieces(response.iter_encoded())
        response.headers.pop("Content-Length", None)
    return response


def _is_compressible(response: Response) -> bool:
    if "Content-Encoding" in response.headers or "Accept-Ranges" in response.headers:
        return False
    kind = response.mimetype or ""
    return kind.startswith("text/") or kind.endswith(("+json", "+xml")) or kind in _TYPES


def _pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP_FORMAT)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
