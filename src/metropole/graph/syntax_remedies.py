"""Say what to do about a syntax error, where more can be said than to mend the line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from metropole.near import nearest
from metropole.report import Finding
from metropole.vocab import WELL_KNOWN_PREFIXES

_GENERAL = "Mend the line; the error may begin a little before the place named."
_UNDECLARED = re.compile(r"The prefix ([^\s:]*): has not been declared")
_NO_IRI = "Invalid IRI code point"
_PERCENT = re.compile(r"Invalid IRI percent encoding '(%[^']*)'")
_OF_NUL = (
    "Remove the sign U+0000 (NUL), which editors do not show; was the file cut off or made "
    "by a program that fills up with it?"
)
#: What begins as an IRI does, up to its end or that of the line.
_IRI = re.compile(r"<([^<>]*)(>?)")


def syntax_remedy(message: str, path: Path, line: int, column: int) -> str:
    """Say what to do about an error that a parser tells of a place in a file."""
    if _UNDECLARED.search(message):
        return declaration(message, {})
    if "\\x00" in message:
        return _OF_NUL
    if found := _PERCENT.search(message):
        escaped = found[1].replace("%", "%25", 1)
        return (
            "A percent sign begins a code such as %20: "
            f"write % itself as %25, '{found[1]}' as '{escaped}'."
        )
    if _NO_IRI in message:
        return _of_address(path, line, column) or _GENERAL
    return _GENERAL


def with_declarations(findings: Iterable[Finding], prefixes: Mapping[str, str]) -> list[Finding]:
    """Name the namespaces of undeclared prefixes that other files of the site declare."""
    return [
        replace(each, remedy=declaration(each.message, prefixes))
        if each.rule == "syntax" and _UNDECLARED.search(each.message)
        else each
        for each in findings
    ]


def declaration(message: str, prefixes: Mapping[str, str]) -> str:
    """Write the line that declares a prefix, with its namespace where it is known."""
    found = _UNDECLARED.search(message)
    assert found is not None
    known = {**WELL_KNOWN_PREFIXES, **prefixes}
    name = found[1]
    if name in known:
        return f"Add `@prefix {name}: <{known[name]}> .` at the top of the file."
    near = nearest(name, known) if name else ""
    hint = f"Did you mean {near}:? Or add" if near else "Add"
    return f"{hint} `@prefix {name}: <…> .` at the top of the file, with its namespace."


def _of_address(path: Path, line: int, column: int) -> str:
    """Say what is wrong with the address that begins at a place, with a space most often."""
    lines = path.read_bytes().split(b"\n", line)
    text = lines[line - 1].decode(errors="replace") if line <= len(lines) else ""
    found = _IRI.search(text, max(column - 1, 0))
    if found is None:
        return ""
    written = found[1]
    if not found[2]:
        return f"The address <{written.strip()} has no end: write '>' behind it."
    if written.strip() == written:
        return "An address cannot hold this sign: write a space as %20, or correct the address."
    place = "before the '>'" if written.rstrip() != written else "after the '<'"
    return f"There is a space {place}: write <{written.strip()}>."
