"""Run commands in turn and compare what they take: seconds and peak memory, medians of runs."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What one run of a command took: wall seconds and the peak of its memory in MiB."""

    seconds: float
    mebibytes: float


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; raises CalledProcessError when it fails."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        told = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=told)
    return Run(time.monotonic() - begun, _mebibytes(used))


def _mebibytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024


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
