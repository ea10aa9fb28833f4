"""Find namespaces that are nearly one that is known, so that what is said with them is lost."""

import os
import re
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from urllib.parse import urlsplit

from metropole import vocabularies
from metropole.formats import TableFormat
from metropole.graph import SiteGraph, SourceGraph
from metropole.near import distance
from metropole.report import Finding, Severity
from metropole.settings import Settings
from metropole.vocab import SCHEMA

_NAMESPACE = re.compile(r".*[/#]")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
#: Letters of a part of an address from which on one, and two, of them may be wrong. In a shorter
#: one two may only be exchanged: /ns/dqv# and /ns/duv# are both well known.
_SHORT, _LONG = 4, 8


def near_namespaces(graph: SiteGraph) -> list[Finding]:
    """Find namespaces a letter or two away from the site's own or a well-known one.

    So is one that differs in `http:` and `https:`, in `www.` or in its last sign. Each is told
    once for a file.
    """
    findings = []
    for parsed in graph.sources:
        own = dict(_other_spellings(graph.settings.base, parsed))
        wrong = {
            namespace: meant
            for namespace in _namespaces(parsed)
            if not namespace.startswith(tuple(own)) and (meant := _meant(namespace, graph.settings))
        }
        for namespace, meant in sorted({**own, **wrong}.items()):
            line = parsed.first_with(f"<{namespace}".encode())
            if line:
                findings.append(_finding(parsed, line, namespace, meant))
    return findings


def _namespaces(parsed: SourceGraph) -> set[str]:
    """Collect the namespaces of terms, and those that have a prefix."""
    found = (_NAMESPACE.match(iri) for iri in parsed.terms)
    return {match[0] for match in found if match} | set(parsed.prefixes.values())


def _other_spellings(base: str, parsed: SourceGraph) -> Iterator[tuple[str, str]]:
    """Go through what the base is not, but for its scheme and `www.`, and may be in the file."""
    _, rest = _taken_apart(base)
    host = urlsplit(base).netloc
    for scheme in ("http://", "https://"):
        for www in ("", "www."):
            spelling = f"{scheme}{www}{rest}"
            is_other = not base.startswith(spelling)
            if is_other and host and _may_hold(parsed, spelling.encode()):
                yield spelling, base


def _may_hold(parsed: SourceGraph, text: bytes) -> bool:
    """Tell, without a look at statements, whether a file may say something; tables make more."""
    if isinstance(parsed.source.format, TableFormat):
        return True
    with parsed.source.path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return content.find(text) >= 0


def _meant(namespace: str, settings: Settings) -> str:
    """Give the namespace that was probably meant by one; empty when it is fine."""
    if namespace in vocabularies.WELL_KNOWN or namespace == settings.namespace:
        return ""
    if namespace.startswith(settings.base):
        rest, own = (each.removeprefix(settings.base) for each in (namespace, settings.namespace))
        return settings.namespace if rest and distance(rest, own) <= 1 else ""
    begin = "/".join(namespace.split("/")[: settings.base.count("/")]) + "/"
    if _is_near(begin, settings.base) and not _differs_in_number(begin, settings.base):
        return settings.base
    return next((each for each in sorted(vocabularies.WELL_KNOWN) if _is_near(namespace, each)), "")


def _taken_apart(address: str) -> tuple[str, str]:
    """Give how an address begins, `https://www.` at most, and the rest of it."""
    found = _SCHEME.match(address)
    begin = found[0] if found else ""
    return begin, address[len(begin) :]


def _is_near(one: str, other: str) -> bool:
    first, second = (_taken_apart(each)[1].rstrip("/#").lower() for each in (one, other))
    if first == second or abs(len(first) - len(second)) > 2:  # noqa: PLR2004  # letters
        return first == second
    pairs = list(zip(*(re.split(r"[/#.]", each) for each in (first, second)), strict=False))
    differing = [pair for pair in pairs if pair[0] != pair[1]]
    is_as_long = first.count("/") == second.count("/") and first.count(".") == second.count(".")
    return is_as_long and len(differing) == 1 and _is_slip(*differing[0])


def _is_slip(one: str, other: str) -> bool:
    """Tell whether a part of an address may be another one that was mistyped."""
    if len(other) < _SHORT:
        return sorted(one) == sorted(other) and distance(one, other) == 1
    return distance(one, other) <= (1 if len(other) < _LONG else 2)


def _differs_in_number(one: str, other: str) -> bool:
    """Tell whether two addresses differ in digits only, as two of several servers do."""
    return _DIGITS.sub("", one) == _DIGITS.sub("", other)


def _finding(parsed: SourceGraph, line: int, namespace: str, meant: str) -> Finding:
    reason = "what is said with it belongs to other names than those that are meant"
    if meant == SCHEMA and namespace == SCHEMA.replace("https", "http"):
        reason = "names and descriptions are read in the latter spelling only"
    return Finding(
        Severity.WARNING,
        "near-namespace",
        f"<{namespace}> is nearly <{meant}>: {reason}.",
        file=parsed.source.name,
        line=_line(parsed, line, namespace),
        focus=f"<{namespace}>",
        remedy=f"Write <{meant}>, unless the other one is meant.",
    )


def _line(parsed: SourceGraph, line: int, namespace: str) -> int:
    """Find where the namespace is written in the file, else the first statement with it."""
    text = parsed.source.path.read_bytes()
    written = (text.find(mark + namespace.encode()) for mark in (b"<", b'"', b"'"))
    found = min((place for place in written if place >= 0), default=-1)
    if found >= 0:
        return text.count(b"\n", 0, found) + 1
    return line
