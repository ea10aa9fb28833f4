"""The manifest of a release: what it is, what it was made from, and the sums of its files."""

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from metropole.errors import ReleaseError
from metropole.settings import Section
from metropole.stamps import MANIFEST
from metropole.wordings import Wordings

FILE_NAME = MANIFEST
#: Raised when the layout of a release folder changes; other layouts are not read.
FORMAT = 2
ID_LENGTH = 16


@dataclass(frozen=True)
class PublishedFile:
    """A file of a release: path inside the release folder, size and digest."""

    path: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path, within: Path) -> "PublishedFile":
        """Measure a file."""
        with path.open("rb") as file:
            digest = sha256()
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return cls(path.relative_to(within).as_posix(), path.stat().st_size, digest.hexdigest())


@dataclass(frozen=True)
class Content:
    """All that makes a release what it is: equal content, equal id, equal bytes."""

    title: str
    base: str
    languages: tuple[str, ...]
    licence: str
    publisher: str
    contact: str
    #: Seconds since 1970 from SOURCE_DATE_EPOCH or the last commit; None when neither is known.
    created: int | None
    #: SHA-256 of the canonical N-Quads, of the report and of each saved query.
    dataset_sha256: str
    report_sha256: str
    queries_sha256: dict[str, str]
    prefixes: dict[str, str]
    #: Versions of the software that determines the bytes: name to version.
    software: dict[str, str]
    #: SHA-256 of each story; a release made before there were any has none.
    stories_sha256: dict[str, str] = field(default_factory=dict)
    #: SHA-256 of each template for the pages of a class.
    templates_sha256: dict[str, str] = field(default_factory=dict)
    #: What the home page shows; in a release made before there were sections, none.
    home: tuple[Section, ...] = ()
    #: Which downloads are made, as the settings say; nothing before there was a choice.
    dumps: dict[str, Any] = field(default_factory=dict)
    #: The title where the settings give it in several languages.
    title_by_language: dict[str, str] = field(default_factory=dict)
    #: What tags of queries and columns of answers are called, by language.
    topics: dict[str, dict[str, str]] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def titles(self) -> Wordings:
        """Give the title by language."""
        return self.title_by_language or {"": self.title}

    def release_id(self) -> str:
        """Derive the id of the release."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()[:ID_LENGTH]


def content_id(folder: Path) -> str:
    """Derive the id anew from what the manifest of a folder says, whatever version wrote it."""
    content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))["content"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says."""

    id: str
    content: Content
    #: Named graphs: IRI to number of statements.
    graphs: dict[str, int]
    #: Classes of the union: IRI to number of members.
    classes: dict[str, int]
    #: Properties of the union: IRI to number of triples.
    properties: dict[str, int]
    #: Number of triples in the union of the graphs.
    triples: int
    #: Whether the union is stored too: it is when a triple is in more than one graph.
    union_stored: bool
    #: Digest of the shapes, which are known to be well-formed.
    shapes_sha256: str
    files: tuple[PublishedFile, ...]
    #: SHA-256 of the dataset in the canonical form of RDFC-1.0; empty when it is not known.
    rdfc_sha256: str = ""

    def write(self, folder: Path) -> None:
        """Write the manifest into a release folder."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        (folder / FILE_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a release folder.

        Raises ReleaseError when it is missing, damaged or of another format.
        """
        path = folder / FILE_NAME
        try:
            table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            written = table["content"]["format"]
            if written != FORMAT:
                raise ReleaseError(
                    f"{folder} is a release of format {written}, and this version reads "
                    f"format {FORMAT}. Run 'metropole build' to make a new one."
                )
            content = table.pop("content")
            content["languages"] = tuple(content["languages"])
            content["home"] = tuple(Section(**section) for section in content.get("home", ()))
            files = tuple(PublishedFile(**entry) for entry in table.pop("files"))
            return cls(content=Content(**content), files=files, **table)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(
                f"{folder} is not a complete release: {FILE_NAME} cannot be read ({error}). "
                "Run 'metropole build' to make a new one."
            ) from error
