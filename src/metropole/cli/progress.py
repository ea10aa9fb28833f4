"""Show how far long work has come: one moving line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

#: Elsewhere than on a terminal, a step is only named when it comes this long after the last.
_QUIET_SECONDS = 2.0


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[str], None]]:
    """Give a function that is called with the name of each step."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what) as status:
            yield lambda step: status.update(f"{what}: {step}")
        return
    told = time.monotonic()

    def tell(step: str) -> None:
        nonlocal told
        if time.monotonic() - told >= _QUIET_SECONDS:
            told = time.monotonic()
            console.print(f"{what}: {step}", markup=False, highlight=False)

    yield tell
