"""How IRIs and addresses on this server belong together; every link is made here."""

from collections.abc import Iterator
from urllib.parse import quote, unquote, urlencode

from flask import url_for

from metropole.formats import graph_format

#: Characters of an IRI path that are written as they are (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@%"
#: Characters that an IRI cannot hold unescaped (RFC 3987, section 2.2).
_NEVER = frozenset(' <>"{}|\\^`%')
THING, DOCUMENT = "id/", "doc/"


def candidate_iris(path: str, *, base: str) -> Iterator[str]:
    """Give the IRIs that a decoded path below `/id/` may stand for, the likeliest first.

    An IRI may hold a letter as itself or percent-encoded, and so may it a sign as `,` or `:`, which
    a table makes an address of percent-encoded (RFC 6570); all lead to the same address.
    """
    plain = "".join(
        _percent(character) if character in _NEVER or character <= " " else character
        for character in path
    )
    from_table = "".join(
        character if character.isalnum() or character in "-._~/" else _percent(character)
        for character in path
    )
    encoded = quote(path, safe=_SAFE.replace("%", ""))
    for candidate in dict.fromkeys((plain, encoded, from_table)):
        yield base + THING + candidate


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def document_of(iri: str, *, base: str, extension: str = "") -> str | None:
    """Give the local address of the document about an IRI, or None when it is not ours.

    A thing whose own name ends like a file has no address without an extension: `/doc/a.ttl`
    is the Turtle about `/id/a`.
    """
    if is_thing(iri, base=base):
        path = document_path(iri, base=base)
        suffix = f".{extension}" if extension else ""
        if not extension and names_a_format(path):
            suffix = ".html"
        return url_for("documents.document", path=path + suffix)
    if iri in (base + "ns", base + "ns#") or iri.startswith(base + "ns#"):
        fragment = iri.partition("#")[2]
        address = url_for("documents.ontology", extension=extension or None)
        return f"{address}#{fragment}" if fragment else address
    return None


def document_path(iri: str, *, base: str) -> str:
    """Give the path below `/doc/`, decoded, of the document about a thing."""
    return unquote(iri.removeprefix(base + THING))


def in_release(address: str, release_id: str) -> str:
    """Write an address, which may have a query already, so that it stays in a release."""
    page, hash_sign, fragment = address.partition("#")
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}{urlencode({'release': release_id})}{hash_sign}{fragment}"


def is_thing(iri: str, *, base: str) -> bool:
    """Tell whether an IRI is that of a thing, which has a document of its own."""
    return iri.startswith(base + THING)


def names_a_format(path: str) -> bool:
    """Tell whether a path ends in the extension of a format."""
    _, dot, extension = path.rpartition(".")
    return bool(dot) and (extension == "html" or graph_format(extension) is not None)


def ascii_only(address: str) -> str:
    """Write an address for a header: only ASCII (RFC 9110, section 10.2.2)."""
    return quote(address, safe=_SAFE + "?#")
