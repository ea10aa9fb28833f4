"""Run commands in turn and compare what they take: seconds and peak memory, medians of runs."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.05
_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Run:
    """What a command took: wall seconds, and the most MiB it and its processes had at a time."""

    seconds: float
    mebibytes: float


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; raises CalledProcessError when it fails."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        with _watched(process.pid) as peak:
            told = process.stderr.read()
            process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=told)
    return Run(time.monotonic() - begun, peak.mebibytes)


@dataclass
class _Peak:
    """The most memory that a process and all it started had at one time."""

    mebibytes: float = 0.0


@contextmanager
def _watched(pid: int) -> Iterator[_Peak]:
    """Look at the memory of a process and its descendants as long as the block runs."""
    peak, over = _Peak(), threading.Event()

    def look() -> None:
        known = {pid}
        while not over.wait(_LOOK_SECONDS):
            found = set(_descendants(pid))
            # A process that was just begun still has the memory of the one that began it.
            peak.mebibytes = max(peak.mebibytes, sum(map(_mebibytes, found & known)))
            known = found

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _descendants(pid: int) -> Iterator[int]:
    """Give a process and all below it; those that have ended meanwhile are left out."""
    yield pid
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _descendants(int(child))


def _mebibytes(pid: int) -> float:
    """Give what a process has in memory, what it shares with others included."""
    with suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE
    return 0.0


def compare(
    ours: Callable[[], Run], theirs: Callable[[], Run], *, rounds: int, names: tuple[str, str]
) -> float:
    """Run two things in turn, print each round, and give the median ratio of their seconds."""
    ratios, own = [], []
    for number in range(1, rounds + 1):
        first, second = ours(), theirs()
        own.append(first)
        ratios.append(first.seconds / second.seconds)
        print(
            f"round {number}: {names[0]} {first.seconds:.2f} s, {first.mebibytes:.0f} MiB; "
            f"{names[1]} {second.seconds:.2f} s, {second.mebibytes:.0f} MiB; "
            f"ratio {ratios[-1]:.2f}",
            flush=True,
        )
    ratio = statistics.median(ratios)
    print(
        f"median: ratio {ratio:.2f}, {names[0]} {statistics.median(r.seconds for r in own):.2f} s, "
        f"peak {max(r.mebibytes for r in own):.0f} MiB"
    )
    return ratio
