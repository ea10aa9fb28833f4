"""Show how far long work has come: one moving line on a terminal, plain lines elsewhere."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

#: Elsewhere than on a terminal, a step is only named when it comes this long after the last, or
#: lasts so long.
_QUIET_SECONDS = 2.0
_TICK_SECONDS = 0.5


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[str], None]]:
    """Give a function that is called with the name of each step."""
    console = _Console(stderr=True)
    if console.is_terminal:
        spinner = Spinner("dots", Text(what), style="status.spinner")
        with Live(spinner, console=console, refresh_per_second=12.5, transient=True) as live:

            def show(step: str) -> None:
                spinner.update(text=Text(f"{what}: {step}"))
                live.refresh()  # a step that keeps Python busy lets nobody else do it

            yield show
        return
    steps = _Steps(console, what)
    with _every(_TICK_SECONDS, steps.tell_if_due):
        yield steps.begin


class _Console(Console):
    """A console that ends a command as any other output does when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, where rich would end with an exit code of its own."""
        raise  # noqa: PLE0704  # rich calls this while it handles that error


class _Steps:
    """Names the step that is under way, in a line, when there was none for a while."""

    def __init__(self, console: Console, what: str) -> None:
        self._console = console
        self._what = what
        self._step = ""
        self._told = time.monotonic()

    def begin(self, step: str) -> None:
        self._step = step
        self.tell_if_due()

    def tell_if_due(self) -> None:
        step, now = self._step, time.monotonic()
        if step and now - self._told >= _QUIET_SECONDS:
            self._step, self._told = "", now
            self._console.print(f"{self._what}: {step}", markup=False, highlight=False)


@contextmanager
def _every(seconds: float, call: Callable[[], None]) -> Iterator[None]:
    """Call a function again and again in the midst of other work.

    A signal can do that: a thread would have to wait for the end of, say, a regular expression.
    Only the main thread gets signals; in another one nothing is called.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(*_: object) -> None:
        try:
            call()
        except RuntimeError:  # a line was just being written; the next time will do
            return

    before = signal.signal(signal.SIGALRM, heard)
    signal.siginterrupt(signal.SIGALRM, False)  # noqa: FBT003  # it has no name
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
