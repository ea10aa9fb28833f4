"""The content codings that responses can be sent in (RFC 9110, section 8.4.1)."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import brotli
import zstandard
from werkzeug.datastructures import Accept

_GZIP_LEVEL, _GZIP_FORMAT = 5, 16 + zlib.MAX_WBITS
_ZSTD_LEVEL = 3
_BROTLI_QUALITY = 4


class Packer(Protocol):
    """Packs a body piece by piece; a piece may give nothing yet."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece."""
        ...

    def flush(self) -> bytes:
        """Give what is left."""
        ...


class _Brotli:
    """Brotli under the names that the others have."""

    def __init__(self) -> None:
        self._packer = brotli.Compressor(quality=_BROTLI_QUALITY)

    def compress(self, data: bytes) -> bytes:
        return bytes(self._packer.process(data))

    def flush(self) -> bytes:
        return bytes(self._packer.finish())


@dataclass(frozen=True)
class Coding:
    """A content coding: its name, other names clients use, and what packs with it."""

    name: str
    packer: Callable[[], Packer]
    aliases: tuple[str, ...] = ()

    def packed(self, body: bytes) -> bytes:
        """Pack a whole body; the same body gives the same bytes."""
        packer = self.packer()
        return packer.compress(body) + packer.flush()


#: The best for answers made on request first: zstd packs
#: like br in less than half the time, both tighter than gzip in less time.
CODINGS = (
    Coding("zstd", lambda: zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()),
    Coding("br", _Brotli),
    Coding("gzip", lambda: zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT), ("x-gzip",)),
)


def preferred(accepted: Accept) -> Coding | None:
    """Choose the coding a client likes best, of equals our own favourite; None for no coding."""
    qualities = {name.lower(): quality for name, quality in accepted}
    other = qualities.get("*", 0)
    plain = qualities.get("identity", 0)

    def quality(coding: Coding) -> float:
        named = [qualities[name] for name in (coding.name, *coding.aliases) if name in qualities]
        return float(max(named, default=other))

    best = max(CODINGS, key=quality)
    return best if 0 < quality(best) >= plain else None
