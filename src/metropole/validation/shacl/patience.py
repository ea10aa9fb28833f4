"""Stop a pattern that does not come to an end.

Python's `re` goes back and tries again, so that `^(a+)+$` takes years for forty letters. It looks
for signals meanwhile, and the alarm below is one; only the main thread of a process gets signals.
"""

import re
import signal
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from pyshacl.constraints.core.string_based_constraints import PatternConstraintComponent

#: Processor time for one value; others take millionths of it.
_SECONDS = 4.0


class PatternTakesForever(Exception):
    """A pattern has not come to an end for a value."""


@contextmanager
def impatient_patterns() -> Iterator[None]:
    """Have sh:pattern raise PatternTakesForever where a value takes seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    begin = PatternConstraintComponent.__init__

    def begin_impatient(constraint: PatternConstraintComponent, shape: Any) -> None:
        begin(constraint, shape)
        known = constraint.compiled_cache
        made: dict[Any, Any] = {each: _Impatient(known[each]) for each in known}
        constraint.compiled_cache = made

    before = signal.signal(signal.SIGVTALRM, _give_up)
    PatternConstraintComponent.__init__ = begin_impatient  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        PatternConstraintComponent.__init__ = begin  # type: ignore[method-assign]
        signal.signal(signal.SIGVTALRM, before)


class _GivesUp(Exception):
    """The time is over."""


def _give_up(*_: object) -> NoReturn:
    raise _GivesUp


class _Impatient:
    """A compiled pattern as pySHACL asks it."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def match(self, text: str) -> re.Match[str] | None:
        """Leave it to `search`, which finds the same, and more."""
        return self.search(text)

    def search(self, text: str) -> re.Match[str] | None:
        """Search a text; raises PatternTakesForever."""
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
            try:
                return self._pattern.search(text)
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _GivesUp:
            pattern, value = (
                textwrap.shorten(each, 120, placeholder=" …")
                for each in (repr(self._pattern.pattern), repr(text))
            )
            raise PatternTakesForever(
                f"the pattern {pattern} has not come to an end after {_SECONDS:.0f} seconds for "
                f"the value {value}"
            ) from None
