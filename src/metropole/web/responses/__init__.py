"""Headers that many responses share, and the folder of what was built for them."""

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flask import Response, current_app, redirect, request
from werkzeug import Response as AnyResponse
from werkzeug.datastructures import Headers
from werkzeug.http import http_date
from werkzeug.routing import RequestRedirect

from metropole.web import languages
from metropole.web.addresses import ascii_only
from metropole.web.requests.negotiation import vary
from metropole.web.responses.compression import encoding_suffix
from metropole.web.responses.conditions import conditional
from metropole.web.serving import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: What lets scripts of any site read a response and its headers (CORS).
OPEN_TO_SCRIPTS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Digest, Content-Location, Content-Range, ETag, Last-Modified, Link, Location, "
        "Metropole-Release, Repr-Digest, Request-Id, Retry-After, Server-Timing, Vary"
    ),
}


#: Releases whose times are remembered as they are written.
_TIMES_KEPT = 100


class Plain(Response):
    """A response whose headers are sent as they stand: all addresses in them are ASCII already."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """Give the headers; those of redirects and the like are looked through as ever."""
        if self.status_code != HTTPStatus.OK:
            return super().get_wsgi_headers(environ)
        if self.is_sequence and "Content-Length" not in self.headers:
            self.headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return self.headers


def entity_tag(release_id: str, variant: str, *, is_in_languages: bool) -> str:
    """Name the bytes of a response: the release, the variant, and for a page the languages."""
    liked = languages.liked() if is_in_languages else ()
    return tag_of(release_id, variant, encoding_suffix(request.accept_encodings), liked)


def tag_of(release_id: str, variant: str, coding: str, liked: Iterable[str] = ()) -> str:
    """Name the bytes of a response, `coding` being the suffix of its content coding."""
    return "-".join((release_id, variant, *liked)) + coding


def cacheable(
    response: Response, release_id: str, variant: str, *, is_in_languages: bool = False
) -> Response:
    """Let caches keep a response as long as the release lasts; answer 304 when it is known.

    Raises Problem (412) where the client wants nothing of it.

    The release and the variant determine every byte, so they are a strong validator. Pages, and
    other responses of which it is said, are made in the languages of the reader too.
    """
    is_in_languages = is_in_languages or response.mimetype == "text/html"
    if is_in_languages:
        vary(response, "Accept-Language")
    response.set_etag(entity_tag(release_id, variant, is_in_languages=is_in_languages))
    response.headers["Cache-Control"] = "no-cache"
    conditional(response, request.environ)
    return response


def dated(response: Response, release_id: str) -> Response:
    """Say when what is served last changed (RFC 9110, section 8.8.2): as its release came out."""
    time = serving().published(release_id)
    if time is not None:
        response.headers["Last-Modified"] = last_modified(time)
    return response


@lru_cache(_TIMES_KEPT)
def last_modified(seconds: int) -> str:
    """Write a time in seconds since 1970 as the header says it."""
    return http_date(seconds)


def link(response: Response, address: str, relation: str, media_type: str = "") -> None:
    """Add a `Link` header (RFC 8288)."""
    response.headers.add("Link", link_to(address, relation, media_type))


def link_to(address: str, relation: str, media_type: str = "") -> str:
    """Write the value of a `Link` header."""
    kind = f'; type="{media_type}"' if media_type else ""
    return f'<{ascii_only(address)}>; rel="{relation}"{kind}'


def open_to_scripts(response: AnyResponse) -> AnyResponse:
    """Let scripts of any site read the response (CORS); all data here are public."""
    for name, value in OPEN_TO_SCRIPTS.items():
        response.headers[name] = value
    return response


def within_this_server(response: AnyResponse) -> AnyResponse:
    """Lead on by path alone where Flask adds a slash: it writes the host that a request claims."""
    exception = request.routing_exception
    if isinstance(exception, RequestRedirect):
        wanted = urlunsplit(urlsplit(exception.new_url)._replace(scheme="", netloc=""))
        local = redirect(wanted, exception.code)
        response.headers["Location"] = local.headers["Location"]
        response.set_data(local.get_data())
    return response


def static_folder() -> Path:
    """Give the folder of styles, scripts and maps."""
    return Path(current_app.static_folder or "")
