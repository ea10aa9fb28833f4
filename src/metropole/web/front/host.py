"""The Host of a request, without which HTTP/1.1 has no address (RFC 9112, section 3.2)."""

import re
from functools import lru_cache

from metropole.messages import Message
from metropole.web.front.environ import Scope
from metropole.web.requests.problems import Problem

_NAME = b"host"
#: `uri-host [ ":" port ]` (RFC 9110, section 7.2; RFC 3986, section 3.2.2). No address of the web
#: has an empty host (RFC 9110, section 4.2.1).
_HOST = re.compile(
    rb"(?:\[[0-9A-Za-z:.~_-]+\]|(?:[0-9A-Za-z!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?"
)


@lru_cache(maxsize=1024)
def is_host(value: bytes | None, version: str) -> bool:
    """Tell whether a request of a version of HTTP may have this Host; None is none at all.

    Granian writes an empty one where there is none, or what an address in its whole form says.
    """
    return _HOST.fullmatch(value) is not None if value else version != "1.1"


def has_at_most_one_host(scope: Scope) -> bool:
    """Tell whether there is at most one field Host."""
    return [name for name, _ in scope["headers"]].count(_NAME) <= 1


def host_problem(scope: Scope) -> Problem | None:
    """Refuse a request that says no host, more than one, or what is none; None for any other."""
    given = next((value for name, value in scope["headers"] if name == _NAME), None)
    if has_at_most_one_host(scope) and is_host(given, scope["http_version"]):
        return None
    return Problem(
        400,
        Message("The host is not clear"),
        Message("Send one header Host, with the host of the address and its port if it has one."),
    )
