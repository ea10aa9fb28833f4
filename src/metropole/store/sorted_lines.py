"""Find what is said of a subject in the sorted N-Quads of a release, which is mapped into memory.

The statements about a subject stand together, so reading them is finding one place and going on
to its end: a few microseconds, where a store has to look up every term. The system shares the
memory between processes and takes it back when it needs it.
"""

import mmap
from bisect import bisect_left, bisect_right
from pathlib import Path

#: One line in so many bytes is remembered, as a place to begin from.
_STEP = 16 << 10
#: Files for which that would be more lines are remembered in larger steps.
_MOST_KEYS = 50_000
_KEY_BYTES = 200


class SortedLines:
    """A file of lines in the order of their bytes; it is never written to."""

    def __init__(self, path: Path) -> None:
        """Map the file; raises OSError when it cannot be read."""
        with path.open("rb") as file:
            size = path.stat().st_size
            # An empty file cannot be mapped.
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        step = max(_STEP, size // _MOST_KEYS)
        self._starts = [0, *self._line_starts(range(step, size, step))]
        self._keys = [self._text[start : start + _KEY_BYTES] for start in self._starts]

    def _line_starts(self, places: range) -> list[int]:
        """Give the starts of the first lines behind some places, each once."""
        ends = (self._text.find(b"\n", place) for place in places)
        starts = dict.fromkeys(end + 1 for end in ends if 0 <= end < len(self._text) - 1)
        return list(starts)

    def beginning_with(self, prefix: bytes, *, most: int | None = None) -> list[bytes]:
        """Give the lines that begin with a prefix, without their ends, in their order.

        At most so many of them, where a number is given.
        """
        text, start, length = self._text, self._first(prefix), len(prefix)
        found: list[bytes] = []
        while text[start : start + length] == prefix and len(found) != most:
            end = text.find(b"\n", start)
            found.append(text[start:end])
            start = end + 1
        return found

    def _first(self, prefix: bytes) -> int:
        """Give the start of the first line that is not smaller than a prefix."""
        text, length = self._text, len(prefix)
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
