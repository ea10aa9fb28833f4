"""What a published file is, told from the endings of its name: format, media type, compression."""

from dataclasses import dataclass

from metropole import authorities
from metropole.formats import graph_format

#: Endings of compressed files to their media types (IANA).
COMPRESSIONS = {
    "gz": "application/gzip",
    "zst": "application/zstd",
    "zip": "application/zip",
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
}
#: Endings of files that are no RDF: what they are called, and their media types.
_OTHERS = {
    "csv": ("CSV", "text/csv"),
    "tsv": ("TSV", "text/tab-separated-values"),
    "json": ("JSON", "application/json"),
    "geojson": ("GeoJSON", "application/geo+json"),
    "ics": ("iCalendar", "text/calendar"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "jelly": ("Jelly", "application/x-jelly-rdf"),
    "hdt": ("HDT", "application/vnd.hdt"),
    "txt": ("Text", "text/plain"),
    "html": ("HTML", "text/html"),
    "atom": ("Atom", "application/atom+xml"),
}
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class FileKind:
    """The kind of a file: `Turtle`, `text/turtle`, the extension that decides, its compression."""

    name: str
    media_type: str
    extension: str
    #: Media type of the compression; empty for a plain file.
    compression: str = ""

    @property
    def file_type(self) -> tuple[str, str] | None:
        """Give code and label in the EU vocabulary file-type; None where it has none."""
        return authorities.FILE_TYPES.get(self.extension)


def file_kind(name: str) -> FileKind:
    """Tell the kind of a file by its name, as `towns.csv.gz`; unknown endings are bytes."""
    stem, _, last = name.rpartition(".")
    compression = COMPRESSIONS.get(last, "")
    extension = stem.rpartition(".")[2] if compression else last
    syntax = graph_format(extension)
    if syntax:
        return FileKind(syntax.name, syntax.media_type, syntax.extension, compression)
    if compression and extension not in _OTHERS:
        return FileKind(last, compression, last)
    called, media_type = _OTHERS.get(extension, (extension.upper(), _UNKNOWN))
    return FileKind(called, media_type, extension, compression)
