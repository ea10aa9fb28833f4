"""Hold quotations against the texts they quote, and tell what of a text nothing points to.

A quotation is an `oa:SpecificResource` (Web Annotation Vocabulary, section 4): `oa:hasSource`
names the document, `oa:hasSelector` the words (`oa:TextQuoteSelector`) and the place
(`oa:TextPositionSelector`, counted in Unicode code points). A document is recognised by the
SHA-256 of its text (`spdx:checksum`), so a text may lie under any name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity, SourceCoverage
from metropole.sources import unreadable, unreadable_folder, walk
from metropole.validation.positions import Position
from metropole.vocab import OA, SPDX

_PREDICATES = {
    ox.NamedNode(iri)
    for iri in (
        *(OA + name for name in ("hasSource", "hasSelector", "exact", "start", "end")),
        SPDX + "checksum",
        SPDX + "checksumValue",
    )
}
#: Longest source text that is read, in bytes.
_LONGEST_TEXT = 50_000_000
_Statements = dict[str, dict[str, list[tuple[str, Position]]]]


@dataclass(frozen=True)
class _Selection:
    """A range of a document, or the words that stand there, or both."""

    node: str
    document: str
    where: Position
    exact: str | None
    start: int | None
    end: int | None


def check_quotations(
    graph: SiteGraph, folders: Iterable[Path]
) -> tuple[list[Finding], list[SourceCoverage]]:
    """Verify all quotations whose text is in one of the folders; report those that are not."""
    said = _statements(graph)
    selections = list(_selections(said))
    by_document: dict[str, list[_Selection]] = defaultdict(list)
    for selection in selections:
        by_document[selection.document].append(selection)
    findings: list[Finding] = []
    sums = set(_checksums(said).values())
    texts = _texts(folders, sums, findings) if by_document else {}
    pointed_to = _pointed_to(graph, {selection.node for selection in selections})
    coverage = []
    for document, quoted in by_document.items():
        text = texts.get(_checksums(said).get(document, ""))
        if text is None:
            findings.append(_unchecked(graph, document, quoted))
            continue
        findings += (finding for item in quoted for finding in _verify(item, text))
        used = [item for item in quoted if item.node in pointed_to]
        coverage.append(SourceCoverage(document, len(text), _uncovered(used, text)))
    return findings, coverage


def _statements(graph: SiteGraph) -> _Statements:
    """Collect what is said with the predicates of quotations: node, local name, values."""
    said: _Statements = defaultdict(lambda: defaultdict(list))
    for quad, parsed, line in graph.statements(_PREDICATES):
        name = quad.predicate.value.replace("#", "/").rpartition("/")[2]
        value = quad.object
        text = value.value if isinstance(value, ox.Literal) else str(value)
        said[str(quad.subject)][name].append((text, Position(parsed.source.name, line)))
    return said


def _selections(said: _Statements) -> Iterator[_Selection]:
    for node in list(said):
        for document, stated in said[node].get("hasSource", ()):
            selectors = [said.get(name, {}) for name, _ in said[node].get("hasSelector", ())]
            exact = _first(selectors, "exact")
            start, end = _first(selectors, "start"), _first(selectors, "end")
            where = (exact or start or (document, stated))[1]
            yield _Selection(
                node,
                document,
                where,
                exact[0] if exact else None,
                _whole(start),
                _whole(end),
            )


def _first(
    selectors: list[dict[str, list[tuple[str, Position]]]], name: str
) -> tuple[str, Position] | None:
    return next((said[name][0] for said in selectors if said.get(name)), None)


def _whole(value: tuple[str, Position] | None) -> int | None:
    try:
        return int(value[0]) if value else None
    except ValueError:
        return None


def _checksums(said: _Statements) -> dict[str, str]:
    """Map documents to the SHA-256 of their text, in lower case."""
    return {
        document: value.lower()
        for document in list(said)
        for checksum, _ in said[document].get("checksum", ())
        for value, _ in said.get(checksum, {}).get("checksumValue", ())
    }


def _texts(folders: Iterable[Path], wanted: set[str], findings: list[Finding]) -> dict[str, str]:
    """Read the texts with one of the wanted SHA-256 sums; a text is UTF-8."""
    found = {}
    for folder in folders:
        walked = walk(folder, hidden=True)
        for path, error in walked.unreadable:
            name = path.relative_to(folder.parent).as_posix()
            findings.append(unreadable_folder(name, path, error))
        for path in walked.paths:
            try:
                content = _content(path)
            except OSError as error:
                name = path.relative_to(folder.parent).as_posix()
                findings.append(unreadable(name, error, path))
                continue
            if content is not None and (checksum := sha256(content).hexdigest()) in wanted:
                found[checksum] = content.decode("utf-8", errors="replace")
    return found


def _content(path: Path) -> bytes | None:
    """Read a text; what is no file, or longer than any text, has none. Raises OSError."""
    if not path.is_file() or path.stat().st_size > _LONGEST_TEXT:
        return None
    return path.read_bytes()


def _pointed_to(graph: SiteGraph, nodes: set[str]) -> set[str]:
    """Keep the nodes that some statement has as its object."""
    wanted = {ox.NamedNode(node[1:-1]) for node in nodes if node.startswith("<")}
    quads = graph.quads() if wanted else ()
    found = {str(quad.object) for quad in quads if quad.object in wanted}
    return found | {node for node in nodes if node.startswith("_:")}


def _verify(item: _Selection, text: str) -> Iterator[Finding]:
    if item.start is not None and item.end is not None:
        if not _is_within(item.start, item.end, text):
            yield _wrong(
                item,
                "quote-range",
                f"The range {item.start} to {item.end} is not within the text, which has "
                f"{len(text)} characters.",
                "Count characters (code points) from 0; the end is the first that is left out.",
            )
        elif item.exact is not None and text[item.start : item.end] != item.exact:
            yield _wrong(
                item,
                "quote-differs",
                f"The text does not say '{item.exact}' from {item.start} to {item.end}.",
                _where_it_stands(item.exact, text, item.start),
            )
    elif item.exact is not None and item.exact not in text:
        yield _wrong(
            item,
            "quote-differs",
            f"The text does not say '{item.exact}'.",
            "Quote the text letter by letter.",
        )


def _is_within(start: int, end: int, text: str) -> bool:
    return 0 <= start < end <= len(text)


def _where_it_stands(exact: str, text: str, stated: int) -> str:
    """Name the place of the words that is nearest to the one stated."""
    before, after = text.rfind(exact, 0, stated + len(exact)), text.find(exact, stated)
    found = [place for place in (before, after) if place >= 0]
    if not found:
        return "Quote the text letter by letter."
    at = min(found, key=lambda place: abs(place - stated))
    return f"These words stand from {at} to {at + len(exact)}: correct start and end."


def _wrong(item: _Selection, rule: str, message: str, remedy: str) -> Finding:
    return Finding(
        Severity.VIOLATION,
        rule,
        message,
        file=item.where.file,
        line=item.where.line,
        focus=item.node,
        value=item.exact or "",
        remedy=remedy,
    )


def _unchecked(graph: SiteGraph, document: str, quoted: list[_Selection]) -> Finding:
    return Finding(
        Severity.INFO,
        "quotes-unchecked",
        f"The quotations of {graph.shorten(document)} ({len(quoted)}) were not checked: "
        "its text is not at hand.",
        file=quoted[0].where.file,
        line=quoted[0].where.line,
        focus=document,
        remedy="Put the text into texts/ or name its folder with --texts; it is found by the "
        "SHA-256 that the document states.",
    )


def _uncovered(used: list[_Selection], text: str) -> tuple[tuple[int, int], ...]:
    """Give the ranges that no selection covers, without the white space at their ends."""
    ranges = sorted(
        (item.start, item.end)
        for item in used
        if item.start is not None
        and item.end is not None
        and _is_within(item.start, item.end, text)
    )
    gaps, reached = [], 0
    for start, end in [*ranges, (len(text), len(text))]:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    return tuple(gap for start, end in gaps for gap in _without_space(start, end, text))


def _without_space(start: int, end: int, text: str) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        lead = len(piece) - len(piece.lstrip())
        yield start + lead, start + len(piece.rstrip())
