"""Headers that are read on every request and are too long to be (RFC 6585, section 5)."""

from collections.abc import Mapping

from metropole.messages import Message
from metropole.web.front.asked import CHOOSING
from metropole.web.front.environ import Scope
from metropole.web.requests.problems import Problem

#: Clients send some hundred bytes; to read 4 KiB takes a few milliseconds.
MOST_BYTES = 4096


def too_long(headers: Mapping[bytes, bytes]) -> Problem | None:
    """Refuse a request whose wishes are too long to be read (431); None for any other."""
    for name in CHOOSING:
        if len(headers.get(name, b"")) > MOST_BYTES:
            title = name.decode().title()
            return Problem(
                431,
                Message("A header of the request is too long"),
                Message("%(name)s may have %(number)s bytes.", name=title, number=MOST_BYTES),
            )
    return None


def without_wishes(scope: Scope) -> Scope:
    """Give a request without the headers by which an answer is chosen."""
    headers = [(name, value) for name, value in scope["headers"] if name not in CHOOSING]
    return {**scope, "headers": headers}
