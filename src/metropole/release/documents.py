"""Addresses of the documents about things: `id/…` has its document at `doc/…`."""

from urllib.parse import quote, unquote

from metropole.formats import graph_format

THING, DOCUMENT = "id/", "doc/"
#: Characters that stand for themselves in a path (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@"


def document_path(iri: str, base: str) -> str:
    """Give the path below the base of the document about a thing, as it stands in an address.

    A thing whose own name ends like a file has none without an extension: `doc/a.ttl` is the
    Turtle about `id/a`.
    """
    path = unquote(iri.removeprefix(base + THING))
    return DOCUMENT + quote(f"{path}.html" if names_a_format(path) else path, safe=_SAFE)


def names_a_format(path: str) -> bool:
    """Tell whether a path ends in the extension of a format."""
    _, dot, extension = path.rpartition(".")
    return bool(dot) and (extension == "html" or graph_format(extension) is not None)
