"""A client that leaves before its answer is there: who works for it is told."""

import threading
from collections.abc import Callable


class Departure:
    """An event that calls those who have subscribed, from the thread that sets it."""

    def __init__(self) -> None:
        self._is_set = False
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Tell whether the client has left."""
        return self._is_set

    def signal(self) -> None:
        """Say that the client has left; a second time changes nothing."""
        with self._lock:
            self._is_set = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when the client leaves, at once when it has; what is returned ends that."""
        with self._lock:
            if not self._is_set:
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback()
        return _nothing

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


def _nothing() -> None:
    """Do nothing: there is no subscription left to end."""
