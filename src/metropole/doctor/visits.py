"""Ask addresses by HTTP as plain as can be: nothing is followed, unpacked or repeated unseen."""

import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import quote, urldefrag, urljoin, urlsplit

#: A longer body is cut; what checks read is far shorter.
MOST_BYTES = 16 << 20
#: So many redirects lead somewhere; more lead nowhere.
MOST_REDIRECTS = 5
_PIECE_BYTES = 64 << 10
#: What an address may hold as it is (RFC 3986, section 2); `%` is of what is encoded already.
_SAFE = "%/:?#[]@!$&'()*+,;=~"
_REDIRECTS = (301, 302, 303, 307, 308)


class NoReply(Exception):
    """Nothing that is HTTP came back, or not in time; the message says what happened."""


@dataclass(frozen=True)
class Reply:
    """What came back: a status, headers in their order, and a body that may have been cut."""

    method: str
    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    #: Whether the body ended as it was announced.
    is_whole: bool

    def header(self, name: str) -> str:
        """Give the values of a header in one line (RFC 9110, section 5.3); empty for none."""
        wanted = name.lower()
        return ", ".join(value for each, value in self.headers if each.lower() == wanted)

    def names_in(self, name: str) -> frozenset[str]:
        """Give the members of a header that is a list, in small letters."""
        return frozenset(part.strip().lower() for part in self.header(name).split(",")) - {""}

    @property
    def media_type(self) -> str:
        """Give the media type without parameters, in small letters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def is_redirect(self) -> bool:
        """Tell whether it leads to another address."""
        return self.status in _REDIRECTS and bool(self.header("Location"))

    @property
    def location(self) -> str:
        """Give the address that it leads to, with its host."""
        return urljoin(self.address, self.header("Location"))

    @property
    def told(self) -> str:
        """Say in a few words what came."""
        return f"{self.status} {self.media_type}".strip()


class Visitor:
    """Asks one address after the other."""

    def __init__(self, seconds: float) -> None:
        """Wait so long for each answer, from its first byte to its last."""
        self._seconds = seconds
        self._agent = f"metropole-doctor/{version('metropole')}"

    def ask(
        self,
        address: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        most: int = MOST_BYTES,
    ) -> Reply:
        """Ask once; raises NoReply. Only the headers given are sent, and who asks."""
        address = written(address)
        parts = urlsplit(address)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = _connected(parts.scheme, parts.netloc, self._seconds)
            try:
                connection.putrequest(method, path, skip_accept_encoding=True)
                sent = {"User-Agent": self._agent, "Connection": "close", **(headers or {})}
                if body is not None:
                    sent["Content-Length"] = str(len(body))
                for name, value in sent.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                return self._reply(connection.getresponse(), method, address, most)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoReply(f"{method} {address}: {_reason(error, self._seconds)}") from error

    def _reply(
        self, response: http.client.HTTPResponse, method: str, address: str, most: int
    ) -> Reply:
        pieces, length = list[bytes](), 0
        deadline = time.monotonic() + self._seconds
        is_whole = True
        try:
            while length < most and (piece := response.read1(_PIECE_BYTES)):
                pieces.append(piece)
                length += len(piece)
                if time.monotonic() > deadline:
                    raise TimeoutError
        except (http.client.HTTPException, ConnectionError):
            is_whole = False
        is_whole = is_whole and not response.length
        return Reply(
            method,
            address,
            response.status,
            tuple(response.getheaders()),
            b"".join(pieces),
            is_whole,
        )

    def follow(
        self,
        address: str,
        accept: str | None,
        here: Callable[[str], str],
        *,
        method: str = "GET",
        most: int = MOST_BYTES,
    ) -> tuple[Reply, ...]:
        """Follow redirects as clients do; give all answers, the last one last; raises NoReply.

        `here` says where an address is asked. When there are too many, the last one is a redirect.
        """
        headers = {} if accept is None else {"Accept": accept}
        trail = [self.ask(here(address), method=method, headers=headers, most=most)]
        while trail[-1].is_redirect and len(trail) <= MOST_REDIRECTS:
            following = here(urldefrag(trail[-1].location).url)
            trail.append(self.ask(following, method=method, headers=headers, most=most))
        return tuple(trail)


def written(address: str) -> str:
    """Write an address in ASCII and without its fragment, which clients keep to themselves."""
    return quote(urldefrag(address).url, safe=_SAFE)


def _connected(scheme: str, netloc: str, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(netloc, timeout=seconds, context=context)
    return http.client.HTTPConnection(netloc, timeout=seconds)


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no whole answer within {seconds:g} seconds"
    return str(error) or type(error).__name__
