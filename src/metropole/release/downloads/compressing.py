"""Compress finished files; the same file gives the same bytes, for no clock is in them."""

import gzip
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

_PIECE = 1 << 20
#: Level of gzip for most files, and for large ones, which then take a third of the time.
_GZIP_LEVEL, _GZIP_FAST_LEVEL, _LARGE_BYTES = 6, 2, 16 << 20
_ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Compression:
    """A way to compress a file: its name as a content coding, and the extension of the file."""

    name: str
    extension: str
    media_type: str
    pack: Callable[[BinaryIO, BinaryIO, int], None]


def _gzip(source: BinaryIO, target: BinaryIO, size: int) -> None:
    level = _GZIP_LEVEL if size < _LARGE_BYTES else _GZIP_FAST_LEVEL
    with gzip.GzipFile("", "wb", level, target, mtime=0) as packed:
        shutil.copyfileobj(source, packed, _PIECE)


def _zstd(source: BinaryIO, target: BinaryIO, size: int) -> None:
    packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    packer.copy_stream(source, target, size=size)


COMPRESSIONS = (
    Compression("gzip", "gz", "application/gzip", _gzip),
    Compression("zstd", "zst", "application/zstd", _zstd),
)


def compression(extension: str) -> Compression | None:
    """Find the compression of a file extension, or None."""
    return next((known for known in COMPRESSIONS if known.extension == extension), None)


def compressed(path: Path, how: Compression) -> Path:
    """Write a file once more, compressed, beside itself."""
    target = path.with_name(f"{path.name}.{how.extension}")
    with path.open("rb") as source, target.open("wb") as file:
        how.pack(source, file, path.stat().st_size)
    return target
