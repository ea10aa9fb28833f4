"""Find the keys that a JSON-LD file writes twice in one object.

JSON-LD 1.1 wants unique keys (section 9); programs that read JSON keep the last value, and
Oxigraph makes statements of both.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from metropole.report import Finding, Severity
from metropole.sources import Source

#: Texts and the ends of objects; the colon tells the texts that are keys.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[{}]', re.DOTALL)
#: Keys told one by one for a file; the rest is told as a number.
_TOLD = 20


def repeated_keys(source: Source) -> list[Finding]:
    """Tell each key of a valid file that its object has already, at the second place."""
    try:
        text = source.path.read_bytes().decode("utf-8-sig")
        places = list(_places(text)) if _has_any(text) else []
    except (ValueError, RecursionError):
        return []  # deeper than Python can follow
    findings = [_repeated(source, key, line) for key, line in places[:_TOLD]]
    if len(places) > _TOLD:
        findings.append(_more(source, len(places) - _TOLD, places[_TOLD][1]))
    return findings


def _has_any(text: str) -> bool:
    """Look for a repeated key without its place, which takes a tenth of the time."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    json.loads(text, object_pairs_hook=look, parse_int=str)
    return found


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Go through the keys that their object has already, with their lines."""
    line, end, open_objects = 1, 0, list[set[str]]()
    for found in _TOKEN.finditer(text):
        if found[0] == "{":
            open_objects.append(set())
        elif found[0] == "}":
            open_objects.pop()
        elif found[1]:
            key = json.loads(found[0].removesuffix(found[1]))
            if key in open_objects[-1]:
                line += text.count("\n", end, found.start())
                end = found.start()
                yield key, line
            open_objects[-1].add(key)


def _repeated(source: Source, key: str, line: int) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "key-repeated",
        f"The object has the key '{key}' already, and programs differ in which of the two they "
        "take.",
        file=source.name,
        line=line,
        value=key,
        remedy=f'Write all values as an array, "{key}": […], or remove one of the two keys.',
    )


def _more(source: Source, number: int, line: int) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "key-repeated",
        f"{number} more keys of '{source.name}' are there twice in their object.",
        file=source.name,
        line=line,
        remedy="Mend those that are told first: the cause may be the same.",
    )
