"""Refuse the RDF/XML that grows beyond all bounds when its entities are written out.

Entities may name others (XML 1.0, section 4.4), so ten short lines can stand for gigabytes, and a
long text may be named a million times. The parser writes all of it out, so it is counted before.
"""

import re
from collections import Counter
from mmap import ACCESS_READ, mmap

from metropole.report import Finding, Severity
from metropole.sources import Source

_BEGIN = b"<!ENTITY"
_DECLARED = re.compile(
    _BEGIN + rb"""\s*(?:%\s*)?([^\s"'<>]+)\s+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')"""
)
_NAMED = re.compile(rb"&([^\s;&<>\"']{1,200});")
#: Entities in use stand for namespaces: they make of a file a few times its size.
_LARGEST, _TIMES = 1 << 24, 10


def overgrown_entities(source: Source) -> Finding | None:
    """Tell of the entity that makes a file too large; raises OSError."""
    with source.path.open("rb") as file:
        if not file.read(1):
            return None
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if content.find(_BEGIN) < 0:
                return None
            sizes = _written_out(content)
            if sum(sizes.values()) <= _LARGEST + _TIMES * len(content):
                return None
            worst = max(sizes, key=lambda name: sizes[name])
            place = re.search(_BEGIN + rb"\s*(?:%\s*)?" + re.escape(worst) + rb"\s", content)
            assert place is not None
            return _overgrown(source, content[: place.start()].count(b"\n") + 1, worst)


def _written_out(content: mmap) -> Counter[bytes]:
    """Count, for each entity, the bytes that all mentions of it and its declaration become."""
    lengths: dict[bytes, int] = {}
    for found in _DECLARED.finditer(content):
        value = found["double"] if found["double"] is not None else found["single"]
        named = (lengths.get(name, 0) for name in _NAMED.findall(value))
        lengths[found[1]] = len(value) + sum(named)
    mentions = Counter(lengths.keys())  # the parser keeps each, mentioned or not
    mentions.update(found[1] for found in _NAMED.finditer(content) if found[1] in lengths)
    return Counter({name: lengths[name] * count for name, count in mentions.items()})


def _overgrown(source: Source, line: int, name: bytes) -> Finding:
    shown = name.decode(errors="replace")
    return Finding(
        Severity.VIOLATION,
        "xml-entities",
        f"The entity '{shown}', written out wherever it is named, makes more of this file than can "
        "be read.",
        file=source.name,
        line=line,
        value=shown,
        remedy="Write the text itself where the entity is named, or declare the entity without "
        "others in it.",
    )
