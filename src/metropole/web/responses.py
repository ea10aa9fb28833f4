"""Headers that many responses share, and the folder of what was built for them."""

from pathlib import Path

from flask import Response, current_app, request
from werkzeug import Response as AnyResponse

from metropole.web import languages
from metropole.web.addresses import ascii_only
from metropole.web.compression import encoding_suffix


def cacheable(response: Response, release_id: str, variant: str) -> Response:
    """Let caches keep a response as long as the release lasts; answer 304 when it is known.

    The release and the variant determine every byte, so they are a strong validator; of a page
    the languages are a part of the variant.
    """
    if response.mimetype == "text/html":
        variant = "-".join((variant, *languages.liked()))
    response.set_etag(f"{release_id}-{variant}{encoding_suffix(request.accept_encodings)}")
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def link(response: Response, address: str, relation: str, media_type: str = "") -> None:
    """Add a `Link` header (RFC 8288)."""
    kind = f'; type="{media_type}"' if media_type else ""
    response.headers.add("Link", f'<{ascii_only(address)}>; rel="{relation}"{kind}')


def open_to_scripts(response: AnyResponse) -> AnyResponse:
    """Let scripts of any site read the response (CORS); all data here are public."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = (
        "Content-Digest, Content-Location, Content-Range, ETag, Link, Location, "
        "Metropole-Release, Repr-Digest, Request-Id, Retry-After, Server-Timing, Vary"
    )
    return response


def static_folder() -> Path:
    """Give the folder of styles, scripts and maps."""
    return Path(current_app.static_folder or "")
