"""Send what is worth it compressed (RFC 9110, section 8.4.1.3)."""

from collections.abc import Iterable, Iterator

from werkzeug import Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from metropole.web.requests.negotiation import vary
from metropole.web.responses.content_codings import Coding, preferred

#: A shorter body hardly shrinks.
SMALLEST_BYTES = 1024
#: A longer body is compressed as it is sent.
_WHOLE_BYTES = 1 << 20
_TYPES = frozenset(
    {
        "application/json",
        "application/javascript",
        "application/n-quads",
        "application/n-triples",
        "application/trig",
    }
)


def encoding_suffix(accepted: Accept) -> str:
    """Give what distinguishes the `ETag` of a compressed body (RFC 9110, section 8.8.3.3)."""
    coding = preferred(accepted)
    return f"-{coding.name}" if coding else ""


def coding_of(header: bytes) -> tuple[Coding | None, str]:
    """Read `Accept-Encoding`: how to send a body, and what that adds to its tag."""
    accepted = parse_accept_header(header.decode("latin-1"), Accept)
    return preferred(accepted), encoding_suffix(accepted)


def is_worth_it(length: int | None) -> bool:
    """Tell whether a body of so many bytes shrinks enough; None stands for a long one."""
    return length is None or length >= SMALLEST_BYTES


def compressed(response: Response, accepted: Accept) -> Response:
    """Compress a response where the client and its own type allow it.

    Files that can be asked for in parts are left alone: a part is one of the plain file.
    """
    if not _is_compressible(response):
        return response
    vary(response, "Accept-Encoding")
    if response.status_code == 304:  # noqa: PLR2004  # Not Modified: it says what the whole says
        return response
    coding = preferred(accepted)
    if coding is None:
        return response
    length = response.content_length
    if length is None and response.is_sequence:
        length = len(response.get_data())
    if not is_worth_it(length):
        return response
    response.headers["Content-Encoding"] = coding.name
    # What was to be passed through as it is, as a file, is read here.
    response.direct_passthrough = False
    if length is not None and length <= _WHOLE_BYTES:
        response.set_data(coding.packed(response.get_data()))
    else:
        _close_with(response)
        response.response = _pieces(response.iter_encoded(), coding)
        response.headers.pop("Content-Length", None)
    return response


def _close_with(response: Response) -> None:
    """Close a body when the response is closed, also when something else stands in its place."""
    close = getattr(response.response, "close", None)
    if close is not None:
        response.call_on_close(close)


def _is_compressible(response: Response) -> bool:
    if "Content-Encoding" in response.headers or "Accept-Ranges" in response.headers:
        return False
    kind = response.mimetype or ""
    return kind.startswith("text/") or kind.endswith(("+json", "+xml")) or kind in _TYPES


def _pieces(pieces: Iterable[bytes], coding: Coding) -> Iterator[bytes]:
    packer = coding.packer()
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
