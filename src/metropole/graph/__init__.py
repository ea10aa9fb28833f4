"""Parse the sources of a site into a graph in which every statement knows its file and line."""

import gc
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import PurePosixPath

import pyoxigraph as ox

from metropole.formats import N_QUADS, TableFormat
from metropole.graph.names import Names
from metropole.graph.parsing import Parsed, parse
from metropole.graph.statement_lines import iri_of, named, predicate_of, texts, value_of
from metropole.graph.syntax_remedies import with_declarations
from metropole.graph.written import Taker, graph_ending
from metropole.report import Finding, Severity
from metropole.settings import Settings
from metropole.sources import DATA, Source, Sources, Text
from metropole.vocab import RDF, WELL_KNOWN_PREFIXES

_TYPE = f"<{RDF}type>".encode()


@dataclass(frozen=True)
class SourceGraph:
    """The statements of one file; `lines[i]` is the line on which `statements[i]` stands."""

    source: Source
    #: Lines of N-Quads without their ends; what is in no graph is in the graph of the file.
    statements: list[bytes]
    lines: "array[int]"
    #: Prefixes the file declares: name to IRI.
    prefixes: dict[str, str]

    def __iter__(self) -> Iterator[tuple[ox.Quad, int]]:
        """Go through the statements with their lines, in the order of the file."""
        return zip(self.quads(), self.lines, strict=True)

    def quads(self) -> Iterator[ox.Quad]:
        """Read all statements, those of the graph of the file in no graph."""
        return chain.from_iterable(map(self._read, texts(self.statements)))

    def of(self, places: Iterable[int]) -> Iterator[ox.Quad]:
        """Read the statements at some places."""
        statements = (self.statements[place] for place in places)
        return chain.from_iterable(map(self._read, texts(statements)))

    def _read(self, text: bytes) -> Iterator[ox.Quad]:
        text = text.replace(graph_ending(self.source), b" .\n")
        return ox.parse(text, format=N_QUADS.syntax, lenient=True)

    @cached_property
    def places(self) -> "dict[bytes, array[int]]":
        """The places of the statements with each predicate, which is written as in N-Quads."""
        found: defaultdict[bytes, array[int]] = defaultdict(lambda: array("L"))
        for place, predicate in enumerate(map(predicate_of, self.statements)):
            found[predicate].append(place)
        return dict(found)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Collect what may be a term: in data properties and classes, elsewhere each IRI."""
        if self.source.folder != DATA:
            terms = chain.from_iterable(quad.triple for quad in self.quads())
            return frozenset(term.value for term in terms if isinstance(term, ox.NamedNode))
        classes = {value_of(self.statements[place]) for place in self.places_of([_TYPE])}
        return frozenset(iri_of(term) for term in (*self.places, *classes) if named(term))

    def first_with(self, text: bytes) -> int:
        """Find the line of the first statement that holds a text; 0 for none."""
        found = zip(self.statements, self.lines, strict=True)
        return next((line for statement, line in found if text in statement), 0)

    def places_of(self, predicates: Iterable[bytes]) -> list[int]:
        """Give the places of the statements with one of the predicates, in their order."""
        return sorted(chain.from_iterable(self.places.get(each, ()) for each in predicates))


@dataclass(frozen=True)
class SiteGraph:
    """The statements of a whole site, and what was found while reading them."""

    settings: Settings
    sources: tuple[SourceGraph, ...]
    queries: tuple[Text, ...]
    findings: tuple[Finding, ...]
    stories: tuple[Text, ...] = ()
    templates: tuple[Text, ...] = ()
    #: Names of the files, and of the folders, that say more than could be read of them.
    half_read: frozenset[str] = frozenset()

    def is_half_read(self, file: str) -> bool:
        """Tell whether a mistake kept something in a file, or in a sheet of it, from being read.

        So it is with everything in a folder that cannot be read.
        """
        name = PurePosixPath(file.partition("#")[0])
        return any(each in self.half_read for each in (file, *map(str, (name, *name.parents))))

    def half_read_in(self, folder: str) -> list[str]:
        """List the files below a folder, or itself, of which not all could be read."""
        return sorted(name for name in self.half_read if PurePosixPath(name).is_relative_to(folder))

    def quads(self, *folders: str) -> Iterator[ox.Quad]:
        """Go through the statements of the named folders, or of all of them."""
        return chain.from_iterable(parsed.quads() for parsed in self._within(folders))

    def statement_count(self, *folders: str) -> int:
        """Count the statements of the named folders or of all; one said twice counts twice."""
        return sum(len(parsed.lines) for parsed in self._within(folders))

    def _within(self, folders: Collection[str]) -> Iterator[SourceGraph]:
        return (each for each in self.sources if not folders or each.source.folder in folders)

    def statements(
        self, predicates: Iterable[ox.NamedNode]
    ) -> Iterator[tuple[ox.Quad, SourceGraph, int]]:
        """Go through the statements with one of the predicates: statement, source and line."""
        wanted = [str(each).encode() for each in predicates]
        for parsed in self.sources:
            places = parsed.places_of(wanted)
            for place, quad in zip(places, parsed.of(places), strict=True):
                yield quad, parsed, parsed.lines[place]

    def prefixes(self) -> dict[str, str]:
        """Give the prefixes of all files; where two files disagree, the first one is followed.

        A namespace that has only the empty prefix is called `ns`: RDF/XML has no empty one.
        """
        merged = _declared(self.sources)
        unnamed = merged.pop("", None)
        if unnamed is not None and unnamed not in merged.values():
            merged.setdefault("ns", unnamed)
        return merged

    @cached_property
    def names(self) -> Names:
        """Give the means to write IRIs with the prefixes of the site."""
        return Names({**WELL_KNOWN_PREFIXES, **self.prefixes()})

    def shorten(self, text: str) -> str:
        """Shorten the IRIs in a term or path written as N-Triples."""
        return self.names.shorten(text)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the collector of cycles from going through a million statements again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def aside_from_collector() -> Iterator[None]:
    """Keep the collector of cycles from what is there already, a million statements perhaps."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def load(
    sources: Sources,
    *,
    progress: Callable[[str], None] = lambda _: None,
    taker: Taker | None = None,
) -> SiteGraph:
    """Parse every file of a site; what cannot be parsed becomes findings.

    `progress` is called with the name of each file before it is read, and `taker` gets the
    statements as lines of N-Quads, a piece at a time and in any order.
    """
    parsed = []
    findings = list(sources.findings)
    half_read = {finding.file for finding in findings if _is_violation(finding)}
    for source in sources.files:
        progress(source.name)
        with without_collector():
            outcomes = _read(source, sources.settings.base, taker)
        for part, outcome in outcomes:
            findings += outcome.findings
            if any(map(_is_violation, outcome.findings)):
                half_read.add(source.name)
            parsed.append(SourceGraph(part, outcome.statements, outcome.lines, outcome.prefixes))
    return SiteGraph(
        sources.settings,
        tuple(parsed),
        sources.queries,
        tuple(with_declarations(findings, _declared(parsed))),
        sources.stories,
        sources.templates,
        frozenset(half_read),
    )


def _declared(sources: Iterable[SourceGraph]) -> dict[str, str]:
    """Merge the prefixes of files; where two disagree, the first one is followed."""
    merged: dict[str, str] = {}
    for parsed in sources:
        for prefix, iri in parsed.prefixes.items():
            merged.setdefault(prefix, iri)
    return merged


def _is_violation(finding: Finding) -> bool:
    return finding.severity is Severity.VIOLATION


def _read(source: Source, base: str, taker: Taker | None) -> list[tuple[Source, Parsed]]:
    """Read one file: an RDF file is one source of statements, a workbook one for each sheet."""
    if not isinstance(source.format, TableFormat):
        return [(source, parse(source, base=base, taker=taker))]
    from metropole.graph.tables import read_table  # its libraries are slow to import

    return read_table(source, base=base, taker=taker)
