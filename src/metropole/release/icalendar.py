"""Write iCalendar (RFC 5545): lines that are folded, values that are escaped."""

import re
from collections.abc import Iterable

#: Octets of a line without its end (section 3.1).
_LINE = 75
_ESCAPED = re.compile(r"[\\;,]")


def text(value: str) -> str:
    """Escape a text (section 3.3.11); control characters have no form and are left out."""
    escaped = _ESCAPED.sub(r"\\\g<0>", value)
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return r"\n".join("".join(c for c in line if c >= " " or c == "\t") for line in lines)


def line(name: str, value: str, **parameters: str) -> bytes:
    """Write a content line with its end, folded between characters."""
    told = "".join(f";{key}={given}" for key, given in parameters.items() if given)
    return _folded(f"{name}{told}:{value}")


def _folded(whole: str) -> bytes:
    lines, current = [], b""
    for character in whole:
        octets = character.encode()
        if len(current) + len(octets) > _LINE:
            lines.append(current)
            current = b" "
        current += octets
    return b"\r\n".join([*lines, current]) + b"\r\n"


def calendar(head: Iterable[bytes], events: Iterable[bytes]) -> Iterable[bytes]:
    """Put events into a calendar whose first lines are given."""
    yield line("BEGIN", "VCALENDAR")
    yield from head
    yield from events
    yield line("END", "VCALENDAR")
