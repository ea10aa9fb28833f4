"""Find the files of a site, in an order that is the same on every machine."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from metropole.encoding import NotUtf8, decoded
from metropole.errors import SettingsError
from metropole.formats import GraphFormat, TableFormat, graph_format, table_format
from metropole.report import Finding, Severity
from metropole.settings import FILE_NAME, Settings
from metropole.sources.findings import (
    describes_nothing,
    ignored,
    no_data,
    trouble,
    undescribed,
    unreadable,
    unreadable_folder,
)
from metropole.sources.walking import walk

__all__ = [
    "DATA",
    "FOLDERS",
    "ONTOLOGY",
    "QUERIES",
    "SHAPES",
    "STORIES",
    "TEMPLATES",
    "TEXTS",
    "Source",
    "Sources",
    "Text",
    "discover",
    "iri_path",
    "no_data",
    "unreadable",
    "unreadable_folder",
    "walk",
]

#: The folders of a site, in the order in which they are read.
ONTOLOGY, SHAPES, DATA, QUERIES = FOLDERS = ("ontology", "shapes", "data", "queries")
#: The folder of the texts that are told with answers to the queries.
STORIES = "stories"
#: The folder of templates for the pages of classes, as `City.html`.
TEMPLATES = "templates"
#: Folders whose files are texts: queries, stories and templates.
TEXTS = (QUERIES, STORIES, TEMPLATES)
_TEXT_EXTENSIONS = {QUERIES: ".rq", STORIES: ".md", TEMPLATES: ".html"}
#: Files that describe a folder to people; nothing to read, nothing to report.
_DESCRIPTIONS = frozenset({".md", ".txt"})
#: The description of one table, and that of all tables of a folder that have none of their own
#: (Model for Tabular Data and Metadata on the Web, section 5.3).
_OF_ONE_TABLE, _OF_A_FOLDER = "-metadata.json", "csv-metadata.json"


@dataclass(frozen=True)
class Source:
    """One RDF file of a site, or one table that becomes RDF by its description."""

    path: Path
    #: Path relative to the site with `/` as separator: what people see.
    name: str
    folder: str
    format: GraphFormat | TableFormat
    #: IRI of the named graph for the triples that the file puts into its default graph.
    graph: str
    #: The file that describes a table.
    description: Path | None = None


@dataclass(frozen=True)
class Text:
    """One text of a site: a saved query (`.rq`), a story (`.md`) or a template (`.html`)."""

    path: Path
    name: str
    text: str


@dataclass(frozen=True)
class Sources:
    """Everything a site holds, with what was passed over and why."""

    settings: Settings
    files: tuple[Source, ...]
    queries: tuple[Text, ...]
    findings: tuple[Finding, ...]
    stories: tuple[Text, ...] = ()
    templates: tuple[Text, ...] = ()


def discover(settings: Settings) -> Sources:
    """List the files below the folders of a site, from `ontology/` to `templates/`, by name.

    Raises SettingsError when releases would be written into one of them.
    """
    _keep_releases_apart(settings)
    files: list[Source] = []
    texts: dict[str, list[Text]] = {folder: [] for folder in TEXTS}
    findings: list[Finding] = []
    for folder in (*FOLDERS, STORIES, TEMPLATES):
        walked = walk(settings.root / folder)
        findings += (
            unreadable_folder(path.relative_to(settings.root).as_posix(), path, error)
            for path, error in walked.unreadable
        )
        for path in filter(_is_looked_at, walked.paths):
            found = _source(settings, folder, path)
            if isinstance(found, Source):
                files.append(found)
            elif isinstance(found, Text):
                texts[folder].append(found)
            elif found is not None:
                findings.append(found)
    findings += _no_data(settings, files, findings)
    return Sources(
        settings,
        tuple(files),
        tuple(texts[QUERIES]),
        tuple(findings + _same_graph(files)),
        tuple(texts[STORIES]),
        tuple(texts[TEMPLATES]),
    )


def _keep_releases_apart(settings: Settings) -> None:
    releases = _real(settings.releases_folder)
    named = (settings.root / folder for folder in (*FOLDERS, STORIES, TEMPLATES))
    for folder in (*named, *settings.text_folders):
        if releases.is_relative_to(_real(folder)):
            raise SettingsError(
                f"{settings.root / FILE_NAME}: 'releases' is '{settings.releases}', below "
                f"{folder.name}/, whose files releases are made from. Name another folder."
            )


def _real(folder: Path) -> Path:
    """Follow links, also where they lead in a ring."""
    return Path(os.path.realpath(folder))


def _no_data(settings: Settings, files: list[Source], findings: list[Finding]) -> Iterator[Finding]:
    """Tell that there is nothing to publish, unless it may be in what cannot be read."""
    unread = (each.file for each in findings if each.rule == "unreadable")
    if any(source.folder == DATA for source in files) or any(
        PurePosixPath(name).parts[0] == DATA for name in unread
    ):
        return
    is_there = (settings.root / DATA).is_dir()
    yield no_data("holds no RDF file and no described table" if is_there else "is not there")


def _is_looked_at(path: Path) -> bool:
    """Leave folders out, but for those that are named like a file."""
    return _looks_like_source(path) or path.is_symlink() or not path.is_dir()


def _looks_like_source(path: Path) -> bool:
    extension = path.suffix.removeprefix(".")
    return graph_format(extension) is not None or table_format(extension) is not None


def _source(settings: Settings, folder: str, path: Path) -> Source | Text | Finding | None:
    name = path.relative_to(settings.root).as_posix()
    found = trouble(path, name)
    if found is not None:
        return found
    if path.suffix == _TEXT_EXTENSIONS.get(folder):
        return _text(path, name)
    if folder not in TEXTS:
        extension = path.suffix.removeprefix(".")
        graph = settings.base + "id/graph/" + iri_path(name.removesuffix(path.suffix))
        syntax, table = graph_format(extension), table_format(extension)
        if syntax is not None:
            return Source(path, name, folder, syntax, graph)
        if table is not None:
            described = _description_of(path)
            return (
                Source(path, name, folder, table, graph, described)
                if described
                else undescribed(name)
            )
        if path.name.endswith(_OF_ONE_TABLE):
            return None if _describes_a_table(path) else describes_nothing(name)
    return None if path.suffix in _DESCRIPTIONS else ignored(path, name)


def _description_of(table: Path) -> Path | None:
    """Find the file that describes a table: one of its own, or else one of its folder."""
    candidates = (table.with_name(table.name + _OF_ONE_TABLE), table.with_name(_OF_A_FOLDER))
    return next((path for path in candidates if path.is_file()), None)


def _describes_a_table(path: Path) -> bool:
    """Tell whether there is a table that a description can be about."""
    if path.name == _OF_A_FOLDER:
        return any(table_format(other.suffix.removeprefix(".")) for other in path.parent.iterdir())
    return path.with_name(path.name.removesuffix(_OF_ONE_TABLE)).is_file()


def _text(path: Path, name: str) -> Text | Finding:
    try:
        return Text(path, name, decoded(path.read_bytes()))
    except (OSError, NotUtf8) as error:
        return unreadable(name, error)


def iri_path(text: str) -> str:
    """Percent-encode what an IRI path cannot hold (RFC 3987, section 2.2); letters stay."""
    kept = "/-._~!$&'()*+,;=:@"
    return "".join(
        character
        if character.isalnum() or character in kept
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _same_graph(files: list[Source]) -> list[Finding]:
    """Report files that differ in their extension only: they would share one graph."""
    first: dict[str, Source] = {}
    findings = []
    for source in files:
        other = first.setdefault(source.graph, source)
        if other is not source:
            findings.append(
                Finding(
                    Severity.VIOLATION,
                    "same-graph",
                    f"'{source.name}' and '{other.name}' would both become the graph "
                    f"<{source.graph}>.",
                    file=source.name,
                    remedy="Rename one of the two files.",
                )
            )
    return findings
