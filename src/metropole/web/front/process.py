"""Settings of the process that serves: how its threads take turns, and how it gives memory back."""

import ctypes
import sys

#: The interpreter lets a thread work for so long while others wait; 0.005 without this. Requests
#: that take much work, as one of a megabyte, would hold up small ones again and again; but
#: changing threads costs, and with 0.0005 a fifth fewer lookups are answered.
_TURN_SECONDS = 0.002
# Parameters of mallopt(3), and what is set.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_BYTES, _ARENAS = 1 << 17, 2


def make_responsive() -> None:
    """Let small requests get their turn soon beside large ones."""
    sys.setswitchinterval(_TURN_SECONDS)


def give_memory_back() -> None:
    """Return the memory of large requests to the system; only glibc has to be told to.

    It would else keep an arena for each thread, and keep more the larger the pieces are.
    """
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        allocator.mallopt(_M_ARENA_MAX, _ARENAS)
