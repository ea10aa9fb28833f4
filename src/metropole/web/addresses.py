"""How IRIs and addresses on this server belong together; every link is made here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import g, request

from metropole.release.documents import THING, decoded, document_path, names_meant
from metropole.web import languages

#: Characters of an IRI path that are written as they are (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@%"
#: Addresses and paths in which there is nothing to encode, as most are.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9/_.~!$&'()*+,;=:@%?#-]*")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.~-]*")
#: Where the terms of a site are: names below the base.
_TERMS = ("ns", "shapes")


@dataclass(frozen=True)
class Here:
    """Where the links of a response begin, and what they keep of its address."""

    #: The path that the site lies below, without a slash at its end.
    root: str = ""
    #: The language that was asked for; links to pages keep it.
    language: str = ""

    def document_of(self, iri: str, *, base: str, extension: str = "") -> str | None:
        """Give the local address of the document about an IRI, or None when it is not ours.

        A thing whose own name ends like a file has no address without an extension:
        `/doc/a.ttl` is the Turtle about `/id/a`.
        """
        if is_thing(iri, base=base):
            path = document_path(iri, base, extension)
            return self.with_language(f"{self.root}/{path}")
        for name in _TERMS:
            if iri == base + name or iri.startswith(f"{base}{name}#"):
                fragment = iri.partition("#")[2]
                path = f"{name}.{extension}" if extension else name
                address = self.with_language(f"{self.root}/{path}")
                return f"{address}#{fragment}" if fragment else address
        return None

    def with_language(self, address: str) -> str:
        """Add to the address of a page the language that was asked for."""
        if self.language and not languages.names_data(address):
            return f"{address}?{languages.PARAMETER}={self.language}"
        return address

    def absolute(self, address: str, *, base: str) -> str:
        """Write a path on this server as the address that the base gives it."""
        return base + address.removeprefix(self.root).removeprefix("/")


def here() -> Here:
    """Give where the links of the response to the current request begin."""
    found: Here | None = g.get("here")
    if found is None:
        found = g.here = Here(request.script_root, languages.asked())
    return found


def candidate_iris(path: str, *, base: str) -> Iterator[str]:
    """Give the IRIs that a decoded path below `/id/` may stand for, the likeliest first.

    All of them lead to the same address (`names_meant`). A slash of a key stands as `%2F` in
    addresses of documents, and in requests for the IRI, where a proxy may have made a slash of it.
    """
    if _PLAIN_PATH.fullmatch(path):
        yield base + THING + path  # the others are needed for few
    for name in names_meant(path):
        yield base + THING + name


def document_of(iri: str, *, base: str, extension: str = "") -> str | None:
    """Give the address of the document about an IRI, as `Here.document_of` does."""
    return here().document_of(iri, base=base, extension=extension)


def absolute(address: str, *, base: str) -> str:
    """Write a path on this server as the address that the base gives it."""
    return here().absolute(address, base=base)


def document_name(iri: str, *, base: str) -> str:
    """Give the path below `/doc/`, decoded, of the document about a thing.

    A slash within a key stays `%2F` there, and so it is `%252F` in an address.
    """
    return decoded(iri.removeprefix(base + THING))


def in_release(address: str, release_id: str) -> str:
    """Write an address, which may have a query already, so that it stays in a release."""
    page, hash_sign, fragment = address.partition("#")
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}{urlencode({'release': release_id})}{hash_sign}{fragment}"


def is_thing(iri: str, *, base: str) -> bool:
    """Tell whether an IRI is that of a thing, which has a document of its own."""
    return iri.startswith(base + THING)


def ascii_only(address: str) -> str:
    """Write an address for a header: only ASCII (RFC 9110, section 10.2.2)."""
    return address if _PLAIN_ADDRESS.fullmatch(address) else quote(address, safe=_SAFE + "?#")
