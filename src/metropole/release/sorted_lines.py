"""Find what is said of a subject in the sorted N-Quads of a release, which is mapped into memory.

The statements about a subject stand together, so reading them is finding one place and going on
to its end: a few microseconds, where a store has to look up every term. The system shares the
memory between processes and takes it back when it needs it.
"""

import mmap
from bisect import bisect_left, bisect_right
from functools import cached_property
from pathlib import Path

from metropole.errors import ReleaseError

#: One line in so many bytes is remembered, as a place to begin from.
_STEP = 16 << 10
#: Files for which that would be more lines are remembered in larger steps.
_MOST_KEYS = 50_000
_KEY_BYTES = 200


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        size = path.stat().st_size
        # An empty file cannot be mapped.
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""


class SortedLines:
    """A file of lines in the order of their bytes; it is never written to."""

    def __init__(self, path: Path) -> None:
        """Map the file; raises OSError when it cannot be read."""
        self._path = path
        self._text = _mapped(path)

    @property
    def text(self) -> mmap.mmap | bytes:
        """Give the mapped file; raises ReleaseError when it has been shortened.

        To read where a file does not reach any more would end the process without a word.
        """
        text = self._text
        if isinstance(text, mmap.mmap) and text.size() < len(text):
            text = self._text = self._made_anew(len(text))
        return text

    def _made_anew(self, size: int) -> mmap.mmap | bytes:
        """Map the file that took the place of one that was shortened: the same release again."""
        try:
            text = _mapped(self._path)
        except OSError:
            text = b""
        if len(text) != size:
            raise ReleaseError(
                "A file of the release has been shortened since it was opened. "
                "Run 'metropole build' to make the release anew."
            )
        return text

    @cached_property
    def _starts(self) -> list[int]:
        size = len(self._text)
        step = max(_STEP, size // _MOST_KEYS)
        return [0, *self._line_starts(range(step, size, step))]

    @cached_property
    def _keys(self) -> list[bytes]:
        return [self._text[start : start + _KEY_BYTES] for start in self._starts]

    def _line_starts(self, places: range) -> list[int]:
        """Give the starts of the first lines behind some places, each once."""
        ends = (self._text.find(b"\n", place) for place in places)
        starts = dict.fromkeys(end + 1 for end in ends if 0 <= end < len(self._text) - 1)
        return list(starts)

    def beginning_with(self, prefix: bytes, *, most: int | None = None) -> list[bytes]:
        """Give the lines that begin with a prefix, without their ends, in their order.

        At most so many of them, where a number is given.
        """
        text, length = self.text, len(prefix)
        start = self._first(prefix, text)
        found: list[bytes] = []
        while text[start : start + length] == prefix and len(found) != most:
            end = text.find(b"\n", start)
            found.append(text[start:end])
            start = end + 1
        return found

    def first(self, prefix: bytes) -> int:
        """Give the start of the first line that is not smaller than a prefix."""
        return self._first(prefix, self.text)

    def _first(self, prefix: bytes, text: mmap.mmap | bytes) -> int:
        length = len(prefix)
        key = prefix[:_KEY_BYTES]
        before, after = bisect_left(self._keys, key), bisect_right(self._keys, key)
        low = self._starts[before - 1] if before else 0
        high = self._starts[after] if after < len(self._starts) else len(text)
        while low < high:  # both are starts of lines, or the end
            middle = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if text[middle : middle + length] < prefix:
                low = text.find(b"\n", middle) + 1
            else:
                high = middle
        return low
