"""A request as the cache sees it."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace

from metropole.web.front.answer_cache import Target
from metropole.web.front.environ import Scope
from metropole.web.front.host import has_at_most_one_host, is_host

#: Requests with one of these want something else than the whole answer, or not from a cache.
_ALONE = (b"range", b"if-match", b"if-unmodified-since", b"if-range")
#: What responses may vary by; before the first one nobody knows which do.
CHOOSING = (b"accept", b"accept-encoding", b"accept-language")
#: Requests with one of these may be answered with less than others get.
_WITH_304 = frozenset({b"if-none-match", b"if-modified-since"})
_QUERY_PATH = b"/sparql"


@dataclass(slots=True)
class Asked:
    """What is asked for, and by which headers."""

    method: str
    target: Target
    headers: dict[bytes, bytes]
    #: Whether it may be answered with what another request got.
    may_share: bool
    #: The address it comes from.
    remote: str

    @classmethod
    def of(cls, scope: Scope) -> "Asked":
        """Look at a request whose body is still to come."""
        method, told = scope["method"], scope["headers"]
        headers, has_one_host = dict(told), True
        if len(headers) != len(told):
            headers, has_one_host = _joined(scope), has_at_most_one_host(scope)
        may_share = (
            # A request without a clear host is refused, also when its answer is at hand.
            is_host(headers.get(b"host"), scope["http_version"])
            and has_one_host
            and (method in ("GET", "HEAD") or _is_query(method, scope["raw_path"]))
            and headers.keys().isdisjoint(_ALONE)
            # A client that says `no-cache` is served from here all the same: what is kept is
            # never older than the release, so to validate it would change nothing.
            and b"no-store" not in headers.get(b"cache-control", b"")
        )
        target = (method, scope["raw_path"], scope["query_string"], b"")
        return cls(method, target, headers, may_share, (scope.get("client") or ("",))[0])

    @property
    def has_body(self) -> bool:
        """Tell whether the body says what is asked for."""
        return self.method not in ("GET", "HEAD")

    def with_body(self, body: bytes) -> "Asked":
        """Add the body and how to read it, of which the length and a digest are enough."""
        kind = self.headers.get(b"content-type", b"")
        digest = hashlib.sha256(len(kind).to_bytes(4) + kind + body).digest()
        return replace(self, target=(*self.target[:3], digest))

    def alone(self) -> "Asked":
        """Give the request as one whose response is nobody else's."""
        return replace(self, may_share=False)

    @property
    def if_none_match(self) -> bytes | None:
        """Give the tags of what the client has, where that can be answered with 304."""
        return None if self.method == "POST" else self.headers.get(b"if-none-match")

    @property
    def if_modified_since(self) -> bytes | None:
        """Give the date of what the client has, where that can be answered with 304."""
        return None if self.has_body else self.headers.get(b"if-modified-since")

    @property
    def flight_key(self) -> Hashable | None:
        """Give what is equal in requests that get the same response; None for one of its own."""
        if not self.may_share or not _WITH_304.isdisjoint(self.headers):
            return None
        return (self.target, tuple(map(self.headers.get, CHOOSING)))


def _is_query(method: str, path: bytes) -> bool:
    return method in ("POST", "QUERY") and path.endswith(_QUERY_PATH)


def _joined(scope: Scope) -> dict[bytes, bytes]:
    """Give the headers with those that come repeatedly in one (RFC 9110, section 5.3)."""
    joined: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        joined[name] = joined[name] + b"," + value if name in joined else value
    return joined
