"""Find where a file sets a base of its own, which takes its relative addresses out of the site."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from mmap import ACCESS_READ, mmap
from urllib.parse import urljoin

from metropole.report import Finding, Severity
from metropole.sources import Source

# Each begins with plain letters, which are found ten times as fast as a choice of letters.
_TURTLE = (re.compile(rb"base\s*<([^<>\s]*)>"), re.compile(rb"BASE\s*<([^<>\s]*)>"))
_XML = (re.compile(rb"xml:base\s*=\s*[\"']([^\"'<]*)"),)
_JSON = (re.compile(rb'"@base"\s*:\s*("(?:[^"\\]|\\.)*")'),)
#: Where each syntax sets a base (Turtle, section 2.4; XML Base, section 3; JSON-LD, section 4.1.3).
_DIRECTIVES = {"ttl": _TURTLE, "trig": _TURTLE, "rdf": _XML, "jsonld": _JSON}
#: An address without a scheme, or what may be one; JSON-LD hides them among its texts.
_RELATIVE = {
    "ttl": re.compile(rb"<(?![a-z][a-z0-9+.-]*:)[^<>\"{}|^`\s]*>", re.IGNORECASE),
    "rdf": re.compile(
        rb"\b(?:about|resource|datatype)\s*=\s*[\"'](?![a-z][a-z0-9+.-]*:|&)|\bID\s*=",
        re.IGNORECASE,
    ),
}
_RELATIVE["trig"] = _RELATIVE["ttl"]


def foreign_bases(
    source: Source, base: str, in_force: Callable[[], Iterable[str]]
) -> Iterator[Finding]:
    """Warn of each base that a file sets outside of the site, where something depends on it.

    `in_force` parses the file again and gives the base of each statement. It is only called when
    the text seems to set such a base, which may be a comment.
    """
    places = dict[str, int]()
    with source.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        directives = _DIRECTIVES.get(source.format.extension, ())
        for found in chain.from_iterable(each.finditer(content) for each in directives):
            told = _without_fragment(urljoin(base, _text(found[1])))
            if not told.startswith(base) and _depends(source, content, found.end()):
                places.setdefault(told, content[: found.start()].count(b"\n") + 1)
    if places:
        told_bases = set(map(_without_fragment, in_force()))
        yield from (_foreign(source, places[each], each) for each in places if each in told_bases)


def _text(written: bytes) -> str:
    text = written.decode(errors="replace")
    try:
        return str(json.loads(text)) if text.startswith('"') else text
    except ValueError:
        return text


def _without_fragment(iri: str) -> str:
    return iri.partition("#")[0]


def _depends(source: Source, content: mmap, start: int) -> bool:
    """Tell whether there may be a relative address behind a place."""
    relative = _RELATIVE.get(source.format.extension)
    return relative is None or relative.search(content, start) is not None


def _foreign(source: Source, line: int, iri: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "foreign-base",
        f"From here on relative addresses belong to <{iri}>, not to the site: the file sets a "
        "base of its own.",
        file=source.name,
        line=line,
        value=f"<{iri}>",
        remedy="Remove this base, so that <ns#…> and <id/…> are the site's; if the other base is "
        "meant, write the addresses in full.",
    )
