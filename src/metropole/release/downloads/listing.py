"""The list of downloads of a release, `dumps/dumps.json`: what each file is, and what is missing.

The file is for programs: members are named as in DCAT where DCAT has a name.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from metropole.formats import graph_format
from metropole.release.dumps import FOLDER
from metropole.release.folder import Release
from metropole.release.manifest import Content

FILE = "dumps.json"
#: Kinds of downloads: the whole, a source graph, the members of a class; as statements or a table.
WHOLE, GRAPH, CLASS, TABLE, DICTIONARY = "whole", "graph", "class", "table", "dictionary"
_NAMES = {
    "media_type": "mediaType",
    "compression": "compressFormat",
    "bytes": "byteSize",
}


@dataclass(frozen=True)
class Download:
    """A file that people download; `path` is relative to the folder of dumps."""

    path: str
    kind: str
    #: IRI of the source graph or class; empty for the whole.
    about: str
    title: str
    #: Name of the format, and its media type before compression.
    format: str
    media_type: str
    #: `gzip`, `zstd` or nothing.
    compression: str
    #: Statements, or rows of a table.
    number: int
    bytes: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Give the members that `dumps.json` has."""
        return {_NAMES.get(name, name): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> "Download":
        """Read what `as_json` gave."""
        names = {outer: inner for inner, outer in _NAMES.items()}
        return cls(**{names.get(name, name): value for name, value in members.items()})


@dataclass(frozen=True)
class Missing:
    """A file that could not be made, with the reason."""

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """The downloads of one release."""

    files: tuple[Download, ...]
    missing: tuple[Missing, ...] = ()
    #: SHA-256 of the dataset in the form of RDFC-1.0; empty when it was not computed.
    rdfc_sha256: str = ""

    @cached_property
    def by_path(self) -> dict[str, Download]:
        """Give the downloads by their paths."""
        return {file.path: file for file in self.files}

    def of_kind(self, *kinds: str) -> tuple[Download, ...]:
        """List the downloads of some kinds."""
        return tuple(file for file in self.files if file.kind in kinds)

    def write(self, folder: Path, content: Content) -> None:
        """Write `dumps.json` into the folder of dumps."""
        told = {
            "release": content.release_id(),
            "datasetSha256": content.dataset_sha256,
            "rdfc10Sha256": self.rdfc_sha256,
            "files": [file.as_json() for file in self.files],
            "missing": [asdict(each) for each in self.missing],
        }
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (folder / FILE).write_text(text, encoding="utf-8")


def read_listing(release: Release) -> Listing:
    """Read the downloads of a release; one that was made before there was a list has its dumps."""
    path = release.folder / FOLDER / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Listing(tuple(_unlisted(release)))
    return Listing(
        tuple(Download.from_json(members) for members in told["files"]),
        tuple(Missing(**members) for members in told["missing"]),
        told["rdfc10Sha256"],
    )


def _unlisted(release: Release) -> Iterable[Download]:
    for file in release.manifest.files:
        name = file.path.removeprefix(f"{FOLDER}/")
        syntax = graph_format(name.rpartition(".")[2])
        if name != file.path and syntax is not None:
            kind = GRAPH if "/" in name else WHOLE
            yield Download(
                path=name,
                kind=kind,
                about="",
                title=name,
                format=syntax.name,
                media_type=syntax.media_type,
                compression="",
                number=release.manifest.triples if kind == WHOLE else 0,
                bytes=file.bytes,
                sha256=file.sha256,
            )
