"""Addresses of the documents about things: `id/…` has its document at `doc/…`."""

import re
from urllib.parse import quote, unquote

from metropole.formats import graph_format

THING, DOCUMENT = "id/", "doc/"
#: Characters that stand for themselves in a path (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@"
#: Names that are their own address: nothing to encode, and no dot before an extension.
_PLAIN = re.compile(r"[A-Za-z0-9/_~!$&'()*+,;=:@-]*")
#: A slash within a key, as it stands in an IRI.
IN_KEY = re.compile(r"(%2[Ff])")


def document_path(iri: str, base: str) -> str:
    """Give the path below the base of the document about a thing, as it stands in an address.

    A thing whose own name ends like a file has none without an extension: `doc/a.ttl` is the
    Turtle about `id/a`.
    """
    name = iri.removeprefix(base + THING)
    if _PLAIN.fullmatch(name):  # most are, and there may be a million
        return DOCUMENT + name
    path = decoded(name)
    return DOCUMENT + quote(f"{path}.html" if names_a_format(path) else path, safe=_SAFE)


def decoded(name: str) -> str:
    """Decode a name but for `%2F`: a slash within a key does not part the path."""
    return "".join(part if IN_KEY.fullmatch(part) else unquote(part) for part in IN_KEY.split(name))


def names_a_format(path: str) -> bool:
    """Tell whether a path ends in the extension of a format."""
    _, dot, extension = path.rpartition(".")
    return bool(dot) and (extension == "html" or graph_format(extension) is not None)
