"""Processes that end with the one that started them, however that one ends."""

import ctypes
import os
import signal
import sys
import threading
import time

_LOOK_SECONDS = 0.5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def end_with(parent: int) -> None:
    """End this process, whatever it does, soon after the parent with this id is gone.

    A library that keeps Python from running keeps this from it, too: see `killed_with`.
    """
    threading.Thread(target=_end_without, args=(parent,), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def killed_with(parent: int, *, seconds: int) -> None:
    """Have the system kill this process with its parent, and after some seconds in any case.

    For a process that may spend hours in one call of a library, where no thread of Python runs.
    The thread of the parent that started it has to wait for it: Linux takes the end of that thread
    for the parent's. Elsewhere the process ends after the seconds only.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before that
        os._exit(1)
