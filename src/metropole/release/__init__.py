"""Turn a checked graph into the files of a release."""

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from metropole.graph import SiteGraph
from metropole.release.calendar import write_calendar
from metropole.release.dataset import Dataset
from metropole.release.downloads.listing import FILE as LISTING
from metropole.release.downloads.work import write_downloads
from metropole.release.dumps import FOLDER, SORTED, write_sums
from metropole.release.folder import REPORT, Release, Releases, sync
from metropole.release.indexes import INDEX_FILES, indexes_beside
from metropole.release.manifest import Content, Manifest, PublishedFile
from metropole.release.places import write_places
from metropole.release.quality import FILES as QUALITY_FILES
from metropole.release.quality import write_quality
from metropole.release.query_runs import FILE as RUNS
from metropole.release.query_runs import FOLDER as ANSWERS
from metropole.release.query_runs import Runs, write_runs
from metropole.release.query_statements import GRAPH as QUERIES
from metropole.release.query_statements import query_lines
from metropole.release.report_turtle import as_turtle
from metropole.release.sorted_lines import SortedLines
from metropole.release.source_date import created, stated_time
from metropole.release.things import Things
from metropole.release.void import GRAPH as VOID
from metropole.release.void import described
from metropole.report import Report
from metropole.saved_queries import SavedQuery, read
from metropole.settings import FILE_NAME as SETTINGS_FILE
from metropole.sources import FOLDERS, STORIES, TEMPLATES, Sources, Text, walk
from metropole.stories import Story
from metropole.stories import read as read_story
from metropole.vocab import WELL_KNOWN_PREFIXES

__all__ = [
    "Content",
    "Dataset",
    "Draft",
    "Manifest",
    "Release",
    "Releases",
    "draft",
    "input_digest",
    "prefixes_of",
    "stated_time",
    "write_files",
    "write_manifest",
]
#: Software whose version can change the bytes of a release.
_SOFTWARE = (
    *("metropole", "csvw", "openpyxl", "pyoxigraph"),
    *("arro3-core", "arro3-io", "zstandard"),
)
_REPORT_FILES = (REPORT, "report.ttl")


@dataclass(frozen=True)
class Draft:
    """A release before anything of it is written; the parsed graph is no longer needed."""

    content: Content
    dataset: Dataset
    report: Report
    queries: tuple[Text, ...]
    story_texts: tuple[Text, ...]
    templates: tuple[Text, ...]
    #: Digest of the shapes, which are known to be well-formed.
    shapes_sha256: str

    @property
    def saved_queries(self) -> tuple[SavedQuery, ...]:
        """Give the queries with what their headers say."""
        return _saved(self.queries)

    @property
    def stories(self) -> tuple[Story, ...]:
        """Give the stories as they were read."""
        return tuple(read_story(text.name, text.text)[0] for text in self.story_texts)

    @property
    def own_lines(self) -> list[bytes]:
        """List the statements that are in no file of the site: what the graph says of itself."""
        graphs, base = self.dataset.by_graph, self.content.base
        return [line for name in (QUERIES, VOID) for line in graphs.get(base + name, ())]

    @property
    def id(self) -> str:
        """Give the id that the release will have."""
        return self.content.release_id()


def draft(graph: SiteGraph, report: Report, *, shapes_sha256: str) -> Draft:
    """Say what a release of a checked graph will be."""
    settings = graph.settings
    saved = _saved(graph.queries)
    queries = query_lines(saved, base=settings.base, languages=settings.languages)
    prefixes = prefixes_of(graph)
    dataset = described(Dataset.of(graph, queries), settings, prefixes)
    content = Content(
        title=settings.title,
        base=settings.base,
        languages=settings.languages,
        licence=settings.licence,
        publisher=settings.publisher,
        contact=settings.contact,
        created=created(settings),
        dataset_sha256=dataset.sha256(),
        report_sha256=sha256(_report_json(report)).hexdigest(),
        queries_sha256=_digests(graph.queries),
        stories_sha256=_digests(graph.stories),
        templates_sha256=_digests(graph.templates),
        home=settings.home.sections,
        prefixes=prefixes,
        software=_versions(),
        dumps={name: _plain(value) for name, value in asdict(settings.dumps).items()},
        title_by_language=dict(settings.title_by_language),
        topics={tag: dict(texts) for tag, texts in settings.topics.items()},
        columns={name: dict(texts) for name, texts in settings.columns.items()},
    )
    return Draft(
        content, dataset, report, graph.queries, graph.stories, graph.templates, shapes_sha256
    )


def _digests(texts: Iterable[Text]) -> dict[str, str]:
    return {text.name: sha256(text.text.encode()).hexdigest() for text in texts}


def _versions() -> dict[str, str]:
    """Give the versions of what determines the bytes; SQLite and zlib come with the system."""
    system = {"sqlite": sqlite3.sqlite_version, "zlib": zlib.ZLIB_RUNTIME_VERSION}
    return {name: version(name) for name in _SOFTWARE} | system


def _plain(value: object) -> object:
    """Give a value as JSON has it, so that a manifest that is read is the one that was written."""
    return list(value) if isinstance(value, tuple) else value


def _saved(queries: Iterable[Text]) -> tuple[SavedQuery, ...]:
    return tuple(read(query.name, query.text)[0] for query in queries)


@dataclass(frozen=True)
class Measures:
    """What was counted and summed while the files of a release were written."""

    graphs: dict[str, int]
    classes: dict[str, int]
    properties: dict[str, int]
    triples: int
    files: tuple[PublishedFile, ...]
    rdfc_sha256: str


def write_files(folder: Path, made: Draft, ended: threading.Event) -> Measures:
    """Write what people and programs read, all but the store and the answers to queries.

    Raises Ended between two files once `ended` is set.
    """
    (folder / REPORT).write_bytes(_report_json(made.report))
    (folder / "report.ttl").write_bytes(as_turtle(made.report, made.content.prefixes))
    for text in (*made.queries, *made.story_texts, *made.templates):
        path = folder / text.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.text, encoding="utf-8")
    texts = [text.name for text in (*made.queries, *made.story_texts, *made.templates)]
    (folder / FOLDER).mkdir()
    made.dataset.write(folder / SORTED)
    with indexes_beside(folder, made.dataset, made.content, ended):
        listing = write_downloads(made.dataset, made.content, folder / FOLDER, ended=ended)
    things = Things(SortedLines(folder / SORTED), made.dataset.properties())
    kept = (
        *write_calendar(folder, made.content, things),
        *write_places(folder, made.content, things),
    )
    names = [*_REPORT_FILES, *texts, *INDEX_FILES, *kept]
    files = tuple(PublishedFile.of(folder / name, folder) for name in names)
    dumps = (
        *(
            PublishedFile(f"{FOLDER}/{file.path}", file.bytes, file.sha256)
            for file in listing.files
        ),
        PublishedFile.of(folder / FOLDER / LISTING, folder),
    )
    write_sums(dumps, folder / FOLDER)
    sync(folder / FOLDER)  # while the stores are loaded, for it would take longer at the end
    return Measures(
        graphs=made.dataset.graphs(),
        classes=made.dataset.classes(),
        properties=made.dataset.properties(),
        triples=made.dataset.triple_count,
        files=(*files, *dumps),
        rdfc_sha256=listing.rdfc_sha256,
    )


def write_manifest(
    folder: Path,
    made: Draft,
    measures: Measures,
    runs: Runs,
    *,
    union_stored: bool,
) -> Manifest:
    """Write what became of the saved queries, the quality, and the manifest, which is the last."""
    write_runs(folder, runs)
    write_quality(
        folder,
        made.content,
        made.report,
        made.saved_queries,
        runs,
        statements=measures.triples,
    )
    names = [RUNS, *QUALITY_FILES, *(f"{ANSWERS}/{name}" for name in sorted(runs.answers))]
    manifest = Manifest(
        id=made.id,
        content=made.content,
        graphs=measures.graphs,
        classes=measures.classes,
        properties=measures.properties,
        triples=measures.triples,
        union_stored=union_stored,
        shapes_sha256=made.shapes_sha256,
        files=(*measures.files, *(PublishedFile.of(folder / name, folder) for name in names)),
        rdfc_sha256=measures.rdfc_sha256,
    )
    manifest.write(folder)
    return manifest


def input_digest(sources: Sources, text_folders: Iterable[Path] = ()) -> str:
    """Digest everything a release is made from, without parsing it.

    Source texts belong to it, for they decide what the report says.
    """
    settings = sources.settings
    paths, unread = [settings.root / SETTINGS_FILE], list[str]()
    for folder in (
        *(settings.root / name for name in (*FOLDERS, STORIES, TEMPLATES)),
        *settings.text_folders,
        *text_folders,
    ):
        walked = walk(folder, hidden=True)
        paths += sorted(filter(os.path.isfile, walked.paths))
        unread += [str(error) for _, error in walked.unreadable]
    digest = sha256(repr((created(settings), _versions(), *unread)).encode())
    for path in paths:
        name = os.path.relpath(path, settings.root)
        told = f"{name}\n{_file_digest(path)}\n"
        digest.update(told.encode(errors="surrogateescape"))  # names may be no UTF-8
    return digest.hexdigest()


def _file_digest(path: Path) -> str:
    """Digest a file; editors take files away at any moment, and some nobody may read."""
    try:
        return PublishedFile.of(path, path.parent).sha256
    except OSError as error:
        return repr(error)


def prefixes_of(graph: SiteGraph) -> dict[str, str]:
    """Give the prefixes that the release of a graph has, those that everybody knows among them."""
    merged = {**graph.prefixes(), **WELL_KNOWN_PREFIXES}
    return {prefix: merged[prefix] for prefix in sorted(merged)}


def _report_json(report: Report) -> bytes:
    text = json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
    return text.encode()
