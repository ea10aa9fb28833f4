"""Answers that are sent more than once: which they are, and how each client gets them."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from metropole.web.front.bridge import Headers
from metropole.web.requests.exchange import Exchange
from metropole.web.responses.conditions import is_among, is_as_new

#: A longer body is neither kept nor shared.
LONGEST_BYTES = 1 << 20
#: What belongs to one response only.
_OF_ONE = frozenset({b"request-id", b"server-timing", b"date", b"retry-after"})
#: What a 304 says again (RFC 9110, section 15.4.5), and what lets scripts read it.
_OF_304 = frozenset(
    {
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"cache-control",
        b"content-location",
        b"etag",
        b"expires",
        b"vary",
    }
)
_TAG = re.compile(rb'(?:W/)?"([^"]*)"')
_OK = 200
#: Rough size of the objects that hold an answer.
_OVERHEAD_BYTES = 2048
#: Values of `Vary` whose meaning is remembered.
_REMEMBERED = 100


#: What is said to the server by ASGI 3.0.
Message = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A complete response as it is sent again."""

    status: int
    headers: Headers
    body: bytes
    exchange: Exchange

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes, exchange: Exchange) -> "Answer":
        """Take what is common to all who get a response."""
        common = [header for header in headers if header[0] not in _OF_ONE]
        return cls(status, common, body, exchange)

    @cached_property
    def tag(self) -> bytes | None:
        """Give the entity tag without its weakness, which is all a weak comparison looks at."""
        for name, value in self.headers:
            if name == b"etag":
                found = _TAG.fullmatch(value)
                return found[1] if found else None
        return None

    @cached_property
    def modified(self) -> str | None:
        """Give when it last changed, as it says."""
        found = (value for name, value in self.headers if name == b"last-modified")
        return next((value.decode("latin-1") for value in found), None)

    @cached_property
    def short_headers(self) -> Headers:
        """Give the headers of the answer to a client that has the body already."""
        return [header for header in self.headers if header[0] in _OF_304]

    @cached_property
    def size(self) -> int:
        """Estimate the bytes of memory it takes."""
        headers = sum([len(name) + len(value) for name, value in self.headers])
        return len(self.body) + headers + _OVERHEAD_BYTES

    def is_of(self, release_id: str) -> bool:
        """Tell whether it says that it was made from a release.

        The pointer may have moved while it was made.
        """
        release = release_id.encode()
        return any(
            (name == b"etag" and value.removeprefix(b"W/").startswith(b'"' + release + b"-"))
            or (name == b"metropole-release" and value == release)
            for name, value in self.headers
        )

    def is_known(self, if_none_match: bytes) -> bool:
        """Compare weakly with the tags a client has (RFC 9110, section 13.1.2)."""
        return self.tag is not None and self.status == _OK and is_among(self.tag, if_none_match)

    def is_as_new(self, since: bytes) -> bool:
        """Tell whether it has not changed since a client got it (RFC 9110, section 13.1.3)."""
        return self.status == _OK and is_as_new(self.modified, since.decode("latin-1"))


def start_of(status: int, headers: Headers, exchange: Exchange) -> Message:
    """Begin a response by ASGI; the exchange in it is for another process, not for the server."""
    return {
        "type": "http.response.start",
        "status": status,
        "headers": headers,
        "exchange": exchange,
    }


def end_of(body: bytes) -> Message:
    """Give the body of a response by ASGI, or the last piece of it."""
    return {"type": "http.response.body", "body": body, "more_body": False}


def vary_of(headers: Headers) -> tuple[bytes, ...]:
    """List the request headers, in small letters, by which a response was chosen."""
    return _names_in(b",".join([value for name, value in headers if name == b"vary"]))


@lru_cache(_REMEMBERED)
def _names_in(text: bytes) -> tuple[bytes, ...]:
    return tuple(sorted({name.strip().lower() for name in text.split(b",") if name.strip()}))


def is_keepable(method: str, status: int, headers: Headers, exchange: Exchange) -> bool:
    """Tell whether a response may be sent again as long as its release is served."""
    named = dict(headers)
    return (
        status == _OK
        and (exchange.keep or (method in ("GET", "HEAD") and b"etag" in named))
        and b"no-store" not in named.get(b"cache-control", b"")
        and named.keys().isdisjoint((b"accept-ranges", b"content-range", b"set-cookie"))
        and b"*" not in vary_of(headers)
    )
