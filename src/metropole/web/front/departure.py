"""Whether the client of a request has left: known to the front, told to whoever asks."""

import threading
from collections.abc import Callable


class Departure:
    """Happens at most once, when nobody waits for the response any more; safe in all threads.

    A request carries it as `environ["metropole.gone"]`.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._happened = False
        self._callbacks: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Tell whether the client has left."""
        return self._happened

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called once when the client leaves, at once when it has left already.

        It is called in any thread, also in the one that receives for all clients: it must not
        wait. Gives the function that ends the subscription.
        """
        with self._changing:
            if not self._happened:
                self._callbacks.append(callback)
                return lambda: self._unsubscribe(callback)
        callback()
        return _nothing

    def signal(self) -> None:
        """Say that the client has left; saying so again changes nothing."""
        with self._changing:
            self._happened = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _unsubscribe(self, callback: Callable[[], None]) -> None:
        with self._changing:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


def _nothing() -> None:
    """End a subscription that has ended."""
