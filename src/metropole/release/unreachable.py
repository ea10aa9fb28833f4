"""Tell things whose address answers with another thing, or with none: nobody could look them up.

A client sends neither what stands behind `#` nor a dot segment (RFC 3986, sections 3.5 and 5.2.4),
a query is no part of a path, and of several spellings of one path the server means one.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from metropole.graph import SiteGraph, SourceGraph
from metropole.graph.statement_lines import texts
from metropole.release.documents import DOCUMENT, THING, decoded, names_meant
from metropole.report import Finding, Severity
from metropole.sources import DATA

#: Told one by one for a file.
_TOLD = 20
#: Addresses below the base that the server has a page or data for: the base itself, what is in
#: one of its folders, and its files.
_SERVED = re.compile(
    r"(?:(?:ns|shapes|catalog)(?:\.\w+)?(?:[?#].*)?"
    r"|(?:browse|data|dumps|feed|geo|ldes|linkset|queries|quality|reconcile|releases|search|sitemap"
    r"|sparql|static|stories|timegate|timemap|-)(?:[/?#].*)?"
    r"|\.well-known/void(?:[?#].*)?"
    r"|(?:cities\.geojson|events\.ics|feed\.atom|opensearch\.xml|robots\.txt|search\.json"
    r"|sitemap\.xml|suggest\.json)(?:[?#].*)?)?"
)
_IRI = re.compile(rb"<([^<>\s]*)>")
_Reason = tuple[str, str]


def unreachable(graph: SiteGraph) -> tuple[Finding, ...]:
    """Warn of each thing below the base in data whose address does not lead to its document.

    The subjects are looked for many lines at a time; those below `id/` without an odd sign, which
    nearly all are, cost nothing more.
    """
    doubtful = [(source, dict(_doubtful(source, graph))) for source in _data(graph)]
    known = (
        _known(graph) if any("%" in iri for _, iris in doubtful for iri in iris) else frozenset()
    )
    findings = list[Finding]()
    for source, iris in doubtful:
        reasons = ((iri, line, _reason(iri, graph, known)) for iri, line in iris.items())
        told = [_finding(source, iri, line, why) for iri, line, why in reasons if why]
        findings += told[:_TOLD]
        if len(told) > _TOLD:
            findings.append(_more(source, len(told) - _TOLD, told[_TOLD].line))
    return tuple(findings)


def _data(graph: SiteGraph) -> Iterator[SourceGraph]:
    return (each for each in graph.sources if each.source.folder == DATA)


def _doubtful(parsed: SourceGraph, graph: SiteGraph) -> Iterator[tuple[str, int]]:
    """Give each subject that has an odd sign or is not below `id/`, with its first line."""
    # What begins with plain signs is found six times as fast as the beginning of any line.
    base = re.escape(graph.settings.base.encode())
    odd = re.compile(rb"\n<(%b(?!id/[^%%?#>]+>)[^>\n]*)> " % base)
    place, seen = 0, set[str]()
    for text in texts(parsed.statements):
        text, end = b"\n" + text, 0  # noqa: PLW2901
        for found in odd.finditer(text):
            place += text.count(b"\n", end, found.start())
            end = found.start()
            iri = found[1].decode()
            if iri not in seen:
                seen.add(iri)
                yield iri, parsed.lines[place]
        place += text.count(b"\n", end) - 1


def _known(graph: SiteGraph) -> frozenset[bytes]:
    """Collect the IRIs that anything is said of, or by which something is said."""
    return frozenset(
        iri
        for parsed in graph.sources
        for text in texts(parsed.statements)
        for iri in _IRI.findall(text)
    )


def _reason(iri: str, graph: SiteGraph, known: frozenset[bytes]) -> _Reason | None:
    """Say why an address does not lead to the thing, and what to do."""
    base = graph.settings.base
    local = iri.removeprefix(base)
    if not local.startswith(THING):
        return None if _is_served(iri, local, graph) else _of_no_folder(local)
    name = local.removeprefix(THING)
    return _of_signs(name, base) or _of_spelling(name, base, known)


def _of_signs(name: str, base: str) -> _Reason | None:
    """Say what in a name clients do not send, or send as something else."""
    sign = next((each for each in name if each in "?#"), "")
    if sign:
        what = "the part behind '#' is not sent" if sign == "#" else "what follows '?' is a query"
        return (
            f"{what}, so the address leads to <{base}{THING}{name.partition(sign)[0]}>",
            f"Write '/' or '-' in place of the '{sign}'.",
        )
    if any(part in (".", "..") for part in unquote(name).split("/")):
        return "clients take '.' and '..' out of it", "Name the thing without these parts."
    return None if name else ("it has no name", "Write one behind 'id/'.")


def _of_spelling(name: str, base: str, known: frozenset[bytes]) -> _Reason | None:
    """Say which other spelling of a name the server takes its address for."""
    if "%" not in name:
        return None
    meant = list(names_meant(decoded(name)))
    before = meant[: meant.index(name)] if name in meant else meant
    other = next((each for each in before if f"{base}{THING}{each}".encode() in known), "")
    if not other and name in meant:
        return None
    taken = f"{base}{THING}{other or meant[0]}"
    return f"the server takes it for <{taken}>", f"Write it as <{taken}> everywhere."


def _is_served(iri: str, local: str, graph: SiteGraph) -> bool:
    return iri.startswith(graph.settings.namespace) or bool(_SERVED.fullmatch(local))


def _of_no_folder(local: str) -> _Reason:
    if local.startswith(DOCUMENT):
        thing = local.removeprefix(DOCUMENT)
        return (
            "it is that of a document, which is about another thing",
            f"Speak of the thing, <{THING}{thing}>.",
        )
    name = local.removeprefix("#") or "name"
    return "there is nothing there", f"Name it below id/, as <{THING}{name}>."


def _finding(parsed: SourceGraph, iri: str, line: int, reason: _Reason) -> Finding:
    why, remedy = reason
    return Finding(
        Severity.WARNING,
        "address-unreachable",
        f"Nobody can look <{iri}> up: {why}.",
        file=parsed.source.name,
        line=line,
        focus=f"<{iri}>",
        remedy=remedy,
    )


def _more(parsed: SourceGraph, number: int, line: int) -> Finding:
    return Finding(
        Severity.WARNING,
        "address-unreachable",
        f"{number:,} more things of '{parsed.source.name}' have an address that does not lead to "
        "them.",
        file=parsed.source.name,
        line=line,
        remedy="Mend those that are told first: the cause may be the same.",
    )
