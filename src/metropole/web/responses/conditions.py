"""The conditions of a request (RFC 9110, section 13): whether an answer is wanted, and a whole one.

Lists of tags are read in a time that grows with their length only, however they are written.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from werkzeug import Response
from werkzeug.http import parse_date

from metropole.messages import Message
from metropole.web.requests.problems import Problem

_MATCH, _NONE_MATCH = "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"
_MODIFIED, _UNMODIFIED = "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"
#: The headers that are conditions, as WSGI has them; `If-Range` is one of those for parts.
CONDITIONS = frozenset({_MATCH, _NONE_MATCH, _MODIFIED, _UNMODIFIED})
_TAG = re.compile(rb'(W/)?"([^"]*)"')
_OK, _NOT_MODIFIED = 200, 304
#: Dates whose meaning is remembered: mostly they are those that were sent.
_REMEMBERED = 500


def conditional(response: Response, environ: Mapping[str, str]) -> Response:
    """Make a response a 304 where the client has it; raises Problem (412) where it wants none.

    Only what would be a success is asked about (section 13.2.1).
    """
    if CONDITIONS.isdisjoint(environ) or response.status_code != _OK:
        return response
    tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    try:
        refuse(environ, tag, modified)
    except Problem:
        response.close()
        raise
    if is_had(environ, tag, modified):
        response.close()
        response.status_code, response.response = _NOT_MODIFIED, []
    return response


def refuse(environ: Mapping[str, str], tag: str | None, modified: str | None = None) -> None:
    """Raise Problem (412) where a client wants nothing of what there is (13.2.2, steps 1 and 2).

    `tag` is the value of `ETag`, `modified` that of `Last-Modified`; None where there is none.
    """
    if _MATCH in environ:
        is_wanted = _is_match(environ[_MATCH].encode("latin-1"), (tag or "").encode())
    else:
        is_wanted = not _is_later(modified, environ.get(_UNMODIFIED))
    if not is_wanted:
        raise Problem(
            412,
            Message("What is here is not what you have"),
            Message("If-Match or If-Unmodified-Since of the request does not hold."),
        )


def is_had(environ: Mapping[str, str], tag: str | None, modified: str | None = None) -> bool:
    """Tell whether the client has what there is (section 13.2.2, steps 3 and 4).

    Dates count for GET and HEAD only (section 13.1.3).
    """
    if _NONE_MATCH in environ:
        found = _TAG.fullmatch((tag or "").encode())
        header = environ[_NONE_MATCH].encode("latin-1")
        return found is not None and is_among(found[2], header)
    is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return is_read and is_as_new(modified, environ.get(_MODIFIED))


def is_among(tag: bytes, if_none_match: bytes) -> bool:
    """Compare a tag without its weakness weakly with the tags a client has (section 13.1.2)."""
    return if_none_match.strip() == b"*" or any(
        found == tag for _, found in _TAG.findall(if_none_match)
    )


def is_as_new(modified: str | None, since: str | None) -> bool:
    """Tell whether something has not changed since a client got it (section 13.1.3).

    A date that is none, or that is not known, tells nothing.
    """
    return None not in (_seconds(modified), _seconds(since)) and not _is_later(modified, since)


def _is_later(modified: str | None, since: str | None) -> bool:
    last, had = _seconds(modified), _seconds(since)
    return last is not None and had is not None and last > had


def _is_match(if_match: bytes, tag: bytes) -> bool:
    """Compare strongly (section 13.1.1): weak tags are equal to none."""
    if if_match.strip() == b"*":
        return True
    return any(not weak and b'"%b"' % found == tag for weak, found in _TAG.findall(if_match))


@lru_cache(_REMEMBERED)
def _seconds(date: str | None) -> float | None:
    """Read an HTTP date (section 5.6.7) as seconds since 1970; None for what is none."""
    try:
        found = parse_date(date)
        return found.timestamp() if found is not None else None
    except OverflowError:  # a zone that is further away than there are days
        return None
