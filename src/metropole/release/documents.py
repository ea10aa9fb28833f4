"""Addresses of the documents about things: `id/…` has its document at `doc/…`."""

import re
from urllib.parse import quote, unquote

from metropole.formats import graph_format

THING, DOCUMENT = "id/", "doc/"
#: Characters that stand for themselves in a path (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@"
#: Names that are their own address: there is nothing to encode.
_PLAIN = re.compile(r"[A-Za-z0-9/_.~!$&'()*+,;=:@-]*")
#: A slash within a key as it stands in an IRI, and one that is escaped more often, which is
#: something else.
IN_KEY = re.compile(r"(%(?:25)*2[Ff])")
#: The first sign of such a slash.
_BEGINS = re.compile(r"%(?=(?:25)*2[Ff])")


def document_path(iri: str, base: str, extension: str = "") -> str:
    """Give the path below the base of the document about a thing, as it stands in an address.

    A thing whose own name ends like a file has none without an extension: `doc/a.ttl` is the
    Turtle about `id/a`.
    """
    name = name_in_address(iri, base)
    if not extension and names_a_format(name):
        extension = "html"
    return f"{DOCUMENT}{name}.{extension}" if extension else DOCUMENT + name


def name_in_address(iri: str, base: str) -> str:
    """Write the name of a thing, all that comes after `id/`, as it stands in addresses."""
    name = iri.removeprefix(base + THING)
    if _PLAIN.fullmatch(name):  # most are, and there may be a million
        return name
    return quote(decoded(name), safe=_SAFE)


def decoded(name: str) -> str:
    """Decode a name but for `%2F` and `%252F`: a slash within a key does not part the path.

    What decodes to the same, as `%25%32F`, is written as `%252F` is: names that are equivalent
    (RFC 3986, section 6.2.2.2) give one result, and others another.
    """
    return "".join(
        part if IN_KEY.fullmatch(part) else _BEGINS.sub("%25", unquote(part))
        for part in IN_KEY.split(name)
    )


def names_a_format(path: str) -> bool:
    """Tell whether a path ends in the extension of a format."""
    _, dot, extension = path.rpartition(".")
    return bool(dot) and (extension == "html" or graph_format(extension) is not None)
