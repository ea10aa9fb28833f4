"""Parse the sources of a site into a graph in which every statement knows its file and line."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import pyoxigraph as ox

from metropole.graph.parsing import parse
from metropole.report import Finding
from metropole.settings import Settings
from metropole.sources import Query, Source, Sources


@dataclass(frozen=True)
class SourceGraph:
    """The statements of one file; `lines[i]` is the line on which `quads[i]` stands."""

    source: Source
    quads: list[ox.Quad]
    lines: "array[int]"

    def __iter__(self) -> Iterator[tuple[ox.Quad, int]]:
        """Go through the statements with their lines, in the order of the file."""
        return zip(self.quads, self.lines, strict=True)


@dataclass(frozen=True)
class SiteGraph:
    """The statements of a whole site, and what was found while reading them."""

    settings: Settings
    sources: tuple[SourceGraph, ...]
    queries: tuple[Query, ...]
    findings: tuple[Finding, ...]

    def quads(self, *folders: str) -> Iterator[ox.Quad]:
        """Go through the statements of the named folders, or of all of them."""
        return chain.from_iterable(
            parsed.quads for parsed in self.sources if not folders or parsed.source.folder in folders
        )

    def statement_count(self) -> int:
        """Count the statements, those that are said twice counted twice."""
        return sum(len(parsed.quads) for parsed in self.sources)


def load(sources: Sources, *, progress: Callable[[str], None] = lambda _: None) -> SiteGraph:
    """Parse every file of a site; what cannot be parsed becomes findings.

    `progress` is called with the name of each file before it is read.
    """
    parsed = []
    findings = list(sources.findings)
    for source in sources.files:
        progress(source.name)
        outcome = parse(source, base=sources.settings.base)
        findings += outcome.findings
        parsed.append(SourceGraph(source, outcome.quads, outcome.lines))
    return SiteGraph(sources.settings, tuple(parsed), sources.queries, tuple(findings))
