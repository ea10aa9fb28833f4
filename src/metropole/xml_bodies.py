"""Make sure that what is sent as XML is XML: Oxigraph's writers do not look at characters.

They write U+0001 and others as they are, which no XML parser takes, a carriage return too,
which a parser reads as a line feed, and a property without a local name.
"""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

#: Characters that cannot stand in XML in any form (XML 1.0, section 2.2), as UTF-8.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0B\x0C\x0E-\x1F]|\xEF\xBF[\xBE\xBF]")
#: The same in N-Triples and N-Quads, which escape them; a backslash before it may be escaped.
ESCAPED = re.compile(rb"\\u00(?:0[0-8BCEF]|1[0-9A-F])|\\uFFF[EF]")
#: Bytes of a character that may be cut by the end of a piece.
_TAIL = 2
#: NameStartChar without the colon (XML 1.0, section 2.3).
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
#: The end of an IRI that can be the name of an element.
_LOCAL_NAME = re.compile(rf"[{_START}][{_START}\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*\Z")


class NotXml(ValueError):
    """Some text cannot be written as XML; the message says which."""


class XmlText:
    """Checks a body piece by piece and escapes what a parser would change."""

    def __init__(self) -> None:
        self._tail = b""

    def checked(self, piece: bytes) -> bytes:
        """Give the piece as it can be sent; raises NotXml."""
        found = _FORBIDDEN.search(self._tail + piece)
        if found is not None:
            name = unwritable(found[0].decode())
            raise NotXml(f"The result holds the character {name}, which XML cannot.")
        self._tail = piece[-_TAIL:]
        return piece.replace(b"\r", b"&#xD;")


def unwritable(text: str) -> str:
    """Name the first character of a text that XML cannot hold, as `U+0001`; empty for none."""
    found = _FORBIDDEN.search(text.encode())
    return f"U+{ord(found[0].decode()):04X}" if found else ""


def with_named_properties(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Pass triples on whose property can be an element of RDF/XML; raises NotXml."""
    known: set[str] = set()
    for triple in triples:
        iri = triple.predicate.value
        if iri not in known and not _LOCAL_NAME.search(iri):
            raise NotXml(f"The property <{iri}> has no local name, which RDF/XML asks for.")
        known.add(iri)
        yield triple
