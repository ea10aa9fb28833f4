"""Stop work that nobody waits for any more."""

import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")


class Ended(Exception):
    """Nobody waits any more for what is written."""


def go_on(ended: threading.Event) -> None:
    """Do nothing as long as somebody waits for what is written; then raise Ended."""
    if ended.is_set():
        raise Ended


def as_long_as(wanted: Iterable[_T], ended: threading.Event) -> Iterator[_T]:
    """Go through something as long as somebody waits; then raise Ended."""
    for each in wanted:
        go_on(ended)
        yield each
