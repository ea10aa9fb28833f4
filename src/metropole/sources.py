"""Find the files of a site, in an order that is the same on every machine."""

from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

from metropole.encoding import NotUtf8, decoded
from metropole.errors import SettingsError
from metropole.formats import GraphFormat, TableFormat, graph_format, table_format
from metropole.report import Finding, Severity
from metropole.settings import FILE_NAME, Settings

#: The folders of a site, in the order in which they are read.
ONTOLOGY, SHAPES, DATA, QUERIES = FOLDERS = ("ontology", "shapes", "data", "queries")
#: The folder of the texts that are told with answers to the queries.
STORIES = "stories"
#: The folder of templates for the pages of classes, as `City.html`.
TEMPLATES = "templates"
#: Folders whose files are texts: queries, stories and templates.
TEXTS = (QUERIES, STORIES, TEMPLATES)
_TEXT_EXTENSIONS = {QUERIES: ".rq", STORIES: ".md", TEMPLATES: ".html"}
#: Control characters, and bytes of a file name that are not UTF-8.
_NOT_TEXT = ("Cc", "Cs")
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
        for path in _walk(settings.root / folder):
            found = _source(settings, folder, path)
            if isinstance(found, Source):
                files.append(found)
            elif isinstance(found, Text):
                texts[folder].append(found)
            elif found is not None:
                findings.append(found)
    if not any(source.folder == DATA for source in files):
        findings.append(no_data("holds no RDF file and no described table"))
    return Sources(
        settings,
        tuple(files),
        tuple(texts[QUERIES]),
        tuple(findings + _same_graph(files)),
        tuple(texts[STORIES]),
        tuple(texts[TEMPLATES]),
    )


def _keep_releases_apart(settings: Settings) -> None:
    releases = settings.releases_folder.resolve()
    named = (settings.root / folder for folder in (*FOLDERS, STORIES, TEMPLATES))
    for folder in (*named, *settings.text_folders):
        if releases.is_relative_to(folder.resolve()):
            raise SettingsError(
                f"{settings.root / FILE_NAME}: 'releases' is '{settings.releases}', below "
                f"{folder.name}/, whose files releases are made from. Name another folder."
            )


def no_data(reason: str) -> Finding:
    """Tell that there is nothing to publish."""
    return Finding(
        Severity.VIOLATION,
        "no-data",
        f"The folder data/ {reason}, so there is nothing to publish.",
        remedy="Put a Turtle file, or a table with its description, into data/; was one emptied?",
    )


def _walk(folder: Path) -> list[Path]:
    """List files, and folders that are named like a file, below a folder; hidden ones left out."""
    if not folder.is_dir():
        return []
    found = [
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (not path.is_dir() or path.is_symlink() or _looks_like_source(path))
    ]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _looks_like_source(path: Path) -> bool:
    extension = path.suffix.removeprefix(".")
    return graph_format(extension) is not None or table_format(extension) is not None


def _source(settings: Settings, folder: str, path: Path) -> Source | Text | Finding | None:
    name = path.relative_to(settings.root).as_posix()
    trouble = _trouble(path, name)
    if trouble is not None:
        return trouble
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
                else _undescribed(name)
            )
        if path.name.endswith(_OF_ONE_TABLE):
            return None if _describes_a_table(path) else _describes_nothing(name)
    return None if path.suffix in _DESCRIPTIONS else _ignored(path, name)


def _description_of(table: Path) -> Path | None:
    """Find the file that describes a table: one of its own, or else one of its folder."""
    candidates = (table.with_name(table.name + _OF_ONE_TABLE), table.with_name(_OF_A_FOLDER))
    return next((path for path in candidates if path.is_file()), None)


def _describes_a_table(path: Path) -> bool:
    """Tell whether there is a table that a description can be about."""
    if path.name == _OF_A_FOLDER:
        return any(table_format(other.suffix.removeprefix(".")) for other in path.parent.iterdir())
    return path.with_name(path.name.removesuffix(_OF_ONE_TABLE)).is_file()


def _trouble(path: Path, name: str) -> Finding | None:
    """Tell why a path is not a file that can be read."""
    if any(category(character) in _NOT_TEXT for character in name):
        return _unreadable(ascii(name), "its name holds characters that cannot be shown")
    if path.is_dir():
        return _linked_folder(name) if path.is_symlink() else _folder_named_like_file(name)
    if not path.is_file():
        return _unreadable(name, "it is neither a file nor a folder (a broken link?)")
    return None


def _folder_named_like_file(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "folder-named-like-file",
        f"'{name}' is a folder, though its name is that of a file.",
        file=name,
        remedy="Rename the folder; the files inside it are read all the same.",
    )


def _linked_folder(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "linked-folder",
        f"'{name}' is a link to a folder; what is in it was not read.",
        file=name,
        remedy="Put the folder itself here, or link to its files one by one.",
    )


def _undescribed(name: str) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "table-undescribed",
        f"'{name}' is a table, but nothing says what its columns mean, so it was not read.",
        file=name,
        remedy=f"Run 'metropole describe {name}' for a first description, and mend that; "
        "or move the table out of the folder.",
    )


def _describes_nothing(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "description-without-table",
        f"'{name}' describes a table that is not there.",
        file=name,
        remedy="Put the table beside it, or correct its name: 'towns.csv-metadata.json' "
        "describes 'towns.csv'.",
    )


def _ignored(path: Path, name: str) -> Finding:
    return Finding(
        Severity.INFO,
        "file-ignored",
        f"'{name}' was passed over: the extension '{path.suffix}' is not one that is read here.",
        file=name,
        remedy="Rename it if it is RDF (.ttl, .trig, .nt, .nq, .jsonld, .rdf) or a table "
        "(.csv, .tsv, .xlsx), or move it away.",
    )


def _text(path: Path, name: str) -> Text | Finding:
    try:
        return Text(path, name, decoded(path.read_bytes()))
    except (OSError, NotUtf8) as error:
        return _unreadable(name, str(error))


def _unreadable(name: str, reason: str) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "unreadable",
        f"'{name}' cannot be read: {reason}.",
        file=name,
        remedy="Make the file readable UTF-8 text, or remove it.",
    )


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
