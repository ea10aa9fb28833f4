"""Say which files people can download of a release, and write each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from metropole.formats import N_QUADS, N_TRIPLES, GraphFormat, graph_format
from metropole.graph.names import Names, words
from metropole.release.dataset import Dataset
from metropole.release.downloads.compressing import compressed, compression
from metropole.release.downloads.dump_files import Part, write_dump
from metropole.release.downloads.listing import (
    CLASS,
    DICTIONARY,
    GRAPH,
    TABLE,
    WHOLE,
    Download,
    Missing,
)
from metropole.release.downloads.members import class_stem, datasets_by_class, members_by_class
from metropole.release.downloads.table_files import DICTIONARY as DICTIONARY_FILE
from metropole.release.downloads.table_files import write_csv, write_dictionary, write_parquet
from metropole.release.downloads.tables import UNITS, Table, Vocabulary
from metropole.release.downloads.terms import labels_of, value_of
from metropole.release.dumps import DUMPS, graph_file, graph_stem
from metropole.release.manifest import Content, PublishedFile
from metropole.vocab import DCT, RDFS, SKOS

#: Parts of a graph up to this number of bytes are not worth a compressed copy.
SMALL_BYTES = 1 << 16
_TABLES = {
    "csv": ("CSV", "text/csv", write_csv),
    "parquet": ("Parquet", "application/vnd.apache.parquet", write_parquet),
}
_DICTIONARY_TYPE = "application/csvm+json"
#: What a file costs beside others of as many statements.
_COSTS = {"ttl": 4, "trig": 4, "csv": 3, "parquet": 3, "rdf": 2, "jsonld": 2}
_MEANINGS = (SKOS + "definition", RDFS + "comment", DCT + "description")


@dataclass(frozen=True)
class Task:
    """A file that is to be made, compressed copies with it."""

    path: str
    kind: str
    about: str
    title: str
    format: str
    media_type: str
    number: int
    #: Writes the file; gives the reason when it cannot be.
    write: Callable[[Path], str]
    #: How long it takes beside others.
    cost: int
    #: SHA-256 of the file, where it is known beforehand.
    sha256: str = ""

    def run(self, folder: Path, compressions: tuple[str, ...]) -> Iterator[Download | Missing]:
        """Make the file in the folder of dumps, and tell of it and its copies.

        There are compressed copies of all but short parts, and of Parquet, which is compressed.
        """
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        reason = self.write(path)
        if reason:
            yield Missing(self.path, reason)
            return
        yield self._done(path, folder, "", self.sha256)
        if self.media_type == _TABLES["parquet"][1] or (
            self.kind != WHOLE and path.stat().st_size < SMALL_BYTES
        ):
            return
        for extension in compressions:
            how = compression(extension)
            assert how is not None
            yield self._done(compressed(path, how), folder, how.name)

    def _done(self, path: Path, folder: Path, packed: str, known: str = "") -> Download:
        return Download(
            path=path.relative_to(folder).as_posix(),
            kind=self.kind,
            about=self.about,
            title=self.title,
            format=self.format,
            media_type=self.media_type,
            compression=packed,
            number=self.number,
            bytes=path.stat().st_size,
            sha256=known or PublishedFile.of(path, folder).sha256,
        )


class Plan:
    """The downloads of a dataset, by the settings that are part of a release's content."""

    def __init__(self, dataset: Dataset, content: Content) -> None:
        self._dataset = dataset
        self._content = content
        self._settings: dict[str, Any] = content.dumps
        self.is_full = len(dataset.lines) <= self._settings["most_statements"]
        self._names = Names(content.prefixes)

    def compressions(self, task: Task) -> tuple[str, ...]:
        """Give the extensions of the compressed copies of a file."""
        is_wanted = self.is_full or bool(task.sha256)
        return tuple(self._settings["compressions"]) if is_wanted else ()

    def tasks(self) -> list[Task]:
        """List the files, in the order in which they are told."""
        found = [*self._whole(), *self._graphs()]
        if self.is_full:
            found += self._classes()
        return found

    def _part(self, dataset: Dataset) -> Part:
        return Part(dataset, self._content.prefixes)

    def _formats(self) -> list[str]:
        return list(self._settings["formats"]) if self.is_full else []

    def _whole(self) -> Iterator[Task]:
        part = self._part(self._dataset)
        always = [name.rpartition(".")[2] for name in DUMPS]
        for extension in dict.fromkeys((*always, *self._formats())):
            task = self._dump(part, f"dataset.{extension}", WHOLE, "", self._content.title)
            if extension == N_QUADS.extension:
                task = replace(task, sha256=self._content.dataset_sha256, write=_nothing)
            yield task

    def _graphs(self) -> Iterator[Task]:
        base = self._content.base
        wanted = self._formats() if "graphs" in self._settings["parts"] else []
        for graph, lines in self._dataset.by_graph.items():
            stem, part = graph_stem(graph, base), self._part(Dataset(lines, has_one_graph=True))
            assert graph_file(graph, base) == f"{stem}.{N_TRIPLES.extension}"
            title = graph.removeprefix(f"{base}id/graph/")
            for extension in dict.fromkeys((N_TRIPLES.extension, *wanted)):
                yield self._dump(part, f"{stem}.{extension}", GRAPH, graph, title)

    def _classes(self) -> Iterator[Task]:
        with_dumps = "classes" in self._settings["parts"]
        tables = self._settings["tables"]
        if not with_dumps and not tables:
            return
        members = members_by_class(self._dataset, self._content.base)
        taken: set[str] = set()
        for name, dataset in datasets_by_class(self._dataset, members).items():
            title = self._vocabulary.labels.get(name) or words(name)
            stem = class_stem(name, self._names)
            if stem.casefold() in taken:  # where `City` and `city` are the same file
                stem = class_stem(name, Names({}))
            taken.add(stem.casefold())
            part = self._part(dataset)
            for extension in self._formats() if with_dumps else ():
                yield self._dump(part, f"classes/{stem}.{extension}", CLASS, name, title)
            if tables:
                yield from self._tables(name, stem, title, dataset, members[name])

    def _dump(self, part: Part, path: str, kind: str, about: str, title: str) -> Task:
        extension = path.rpartition(".")[2]
        dataset = part.dataset
        syntax = graph_format(extension)
        assert syntax is not None
        return Task(
            path=path,
            kind=kind,
            about=about,
            title=title,
            format=syntax.name,
            media_type=syntax.media_type,
            number=dataset.number(in_graphs=syntax.holds_named_graphs),
            write=_Dump(part, syntax),
            cost=len(dataset.lines) * _COSTS.get(extension, 1),
        )

    def _tables(
        self, name: str, stem: str, title: str, dataset: Dataset, members: set[bytes]
    ) -> Iterator[Task]:
        table = _Lazy(lambda: Table.of(name, dataset, members, self._vocabulary))
        for extension in self._settings["tables"]:
            kind, media_type, write = _TABLES[extension]
            yield Task(
                path=f"tables/{stem}.{extension}",
                kind=TABLE,
                about=name,
                title=title,
                format=kind,
                media_type=media_type,
                number=len(members),
                write=_TableFile(table, write),
                cost=len(dataset.lines) * _COSTS[extension],
            )
        licence = self._content.licence
        yield Task(
            path=f"tables/{stem}.{DICTIONARY_FILE}",
            kind=DICTIONARY,
            about=name,
            title=title,
            format="CSVW",
            media_type=_DICTIONARY_TYPE,
            number=len(members),
            write=_TableFile(table, lambda made, path: write_dictionary(made, path, licence)),
            cost=len(dataset.lines),
        )

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        lines, languages = self._dataset.lines, self._content.languages
        labels = labels_of(lines, languages)
        own = _objects(lines, f"{RDFS}subPropertyOf")
        units = {*UNITS, *(iri for iri, above in own.items() if above in UNITS)}
        told = {
            iri: value for unit in sorted(units) for iri, value in _objects(lines, unit).items()
        }
        meant = {
            iri: text for kind in reversed(_MEANINGS) for iri, text in _objects(lines, kind).items()
        }
        return Vocabulary(
            names=self._names,
            labels=labels,
            descriptions=meant,
            units={iri: labels.get(unit, unit) for iri, unit in told.items()},
            languages=languages,
            unit_properties=frozenset(units),
        )


def _nothing(_: Path) -> str:
    """Leave the N-Quads as they are, which are there before all files that are made from them."""
    return ""


@dataclass(frozen=True)
class _Dump:
    """Writes statements in a syntax."""

    part: Part
    syntax: GraphFormat

    def __call__(self, path: Path) -> str:
        return write_dump(self.part, path, self.syntax)


class _Lazy:
    """A table that is made when the first of its files is written."""

    def __init__(self, make: Callable[[], Table]) -> None:
        self._make = make

    @cached_property
    def table(self) -> Table:
        return self._make()


@dataclass(frozen=True)
class _TableFile:
    """Writes a table in one of the kinds of files."""

    lazy: _Lazy
    kind: Callable[[Table, Path], None]

    def __call__(self, path: Path) -> str:
        self.kind(self.lazy.table, path)
        return ""


def _objects(lines: list[bytes], predicate: str) -> dict[str, str]:
    """Give of each IRI the first value of a property, in English where there is one."""
    needle = f"> <{predicate}> ".encode()
    found: dict[str, str] = {}
    english = set[str]()
    for line in lines:
        if needle in line:
            subject, _, rest = line.partition(b" ")
            value = value_of(rest[len(needle) - 2 : rest.rindex(b" <")])
            iri = subject[1:-1].decode()
            if subject.startswith(b"<") and (
                iri not in found or (value.language == "en" and iri not in english)
            ):
                found[iri] = value.text
                english |= {iri} if value.language == "en" else set()
    return found
