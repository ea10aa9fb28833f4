"""Addresses of the documents about things: `id/…` has its document at `doc/…`."""

import re
from collections.abc import Callable, Iterator
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
#: Characters that an IRI cannot hold unescaped (RFC 3987, section 2.2).
_NEVER = frozenset(' <>"{}|\\^`%')
#: A path with more slashes is not tried as a key with slashes beyond these.
_KEYS_TRIED = 8
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


def names_meant(path: str) -> Iterator[str]:
    """Give the names, all that comes after `id/`, that a decoded path may stand for.

    The likeliest come first, each once. An IRI may hold a letter as itself or percent-encoded, and
    so may it a sign as `,` or `:`, which a table makes an address of percent-encoded (RFC 6570). A
    slash may be part of a key, and then is `%2F` in the IRI.
    """
    spellings = (_plain, _encoded, _as_in_tables)
    names = [_but_slashes_in_keys(path, spell) for spell in spellings]
    names += [spell(path) for spell in spellings]
    names += [
        _but_slashes_in_keys(each, spell) for each in _with_a_key(path) for spell in spellings
    ]
    yield from dict.fromkeys(names)


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
    return quote(path, safe=_SAFE)


def _as_in_tables(path: str) -> str:
    return "".join(
        character if character.isalnum() or character in "-._~/" else _percent(character)
        for character in path
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
