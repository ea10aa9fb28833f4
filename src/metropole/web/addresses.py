"""How IRIs and addresses on this server belong together; every link is made here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import g, request

from metropole.release.documents import IN_KEY, THING, decoded, document_path
from metropole.web import languages

#: Characters of an IRI path that are written as they are (RFC 3986, section 3.3).
_SAFE = "/-._~!$&'()*+,;=:@%"
#: Characters that an IRI cannot hold unescaped (RFC 3987, section 2.2).
_NEVER = frozenset(' <>"{}|\\^`%')
#: Addresses and paths in which there is nothing to encode, as most are.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9/_.~!$&'()*+,;=:@%?#-]*")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.~-]*")
#: A path with more slashes is not tried as a key with slashes beyond these.
_KEYS_TRIED = 8
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

    An IRI may hold a letter as itself or percent-encoded, and so may it a sign as `,` or `:`, which
    a table makes an address of percent-encoded (RFC 6570); all lead to the same address. A slash
    may be part of a key, and then is `%2F` in the IRI: so it stands in addresses of documents, and
    in requests for the IRI, where a proxy may have made a slash of it.
    """
    if _PLAIN_PATH.fullmatch(path):
        yield base + THING + path  # the others are needed for few
    spellings = (_plain, _encoded, _as_in_tables)
    names = [_but_slashes_in_keys(path, spell) for spell in spellings]
    names += [spell(path) for spell in spellings]
    names += [
        _but_slashes_in_keys(each, spell) for each in _with_a_key(path) for spell in spellings
    ]
    for name in dict.fromkeys(names):
        yield base + THING + name


def _with_a_key(path: str) -> Iterator[str]:
    """Give the paths of which a last part is a key with slashes, the shortest key last."""
    ends = [0, *(place + 1 for place, sign in enumerate(path) if sign == "/")]
    for end in ends[:_KEYS_TRIED]:
        if "/" in path[end:]:
            yield path[:end] + path[end:].replace("/", "%2F")


def _but_slashes_in_keys(path: str, spell: Callable[[str], str]) -> str:
    parts = IN_KEY.split(path)
    return "".join(part if IN_KEY.fullmatch(part) else spell(part) for part in parts)


def _plain(path: str) -> str:
    return "".join(
        _percent(character) if character in _NEVER or character <= " " else character
        for character in path
    )


def _encoded(path: str) -> str:
    return quote(path, safe=_SAFE.replace("%", ""))


def _as_in_tables(path: str) -> str:
    return "".join(
        character if character.isalnum() or character in "-._~/" else _percent(character)
        for character in path
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


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
