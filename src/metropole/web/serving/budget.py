"""How much query time each client has used lately."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Protocol

#: The time over which the use of a client is summed up.
WINDOW_SECONDS = 60
#: Clients that are remembered; beyond, the one that has been quiet longest is forgotten.
CLIENTS = 10_000


class Budgets(Protocol):
    """What a serving process asks before a query, and tells after it."""

    def wait(self, client: str) -> int:
        """Give the seconds until a client may ask again; 0 is now."""

    def spend(self, client: str, seconds: float) -> None:
        """Note that a query of a client has run so long."""


class Budget:
    """Query time by client over a sliding minute, in bounded memory."""

    def __init__(
        self,
        seconds: int,
        *,
        clients: int = CLIENTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow each client so many seconds a minute; 0 allows any number."""
        self._seconds = seconds
        self._clients = clients
        self._clock = clock
        #: For each client what it used in which second, the oldest first.
        self._used: OrderedDict[str, deque[tuple[int, float]]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, client: str) -> int:
        """Give the seconds until a client may ask again; 0 is now."""
        now = self._clock()
        with self._lock:
            used = self._recent(client, now)
            over = sum(seconds for _, seconds in used) - self._seconds
            if not used or over < 0:
                return 0
            freed = accumulate(seconds for _, seconds in used)
            moment = next(when for (when, _), free in zip(used, freed, strict=True) if free > over)
            return math.ceil(moment + WINDOW_SECONDS + 1 - now)

    def spend(self, client: str, seconds: float) -> None:
        """Note that a query of a client has run so long."""
        if not self._seconds:
            return
        now = self._clock()
        second = math.floor(now)
        with self._lock:
            used = self._recent(client, now)
            if used and used[-1][0] == second:
                seconds += used.pop()[1]
            used.append((second, seconds))
            self._used[client] = used
            self._used.move_to_end(client)
            if len(self._used) > self._clients:
                self._used.popitem(last=False)

    def _recent(self, client: str, now: float) -> deque[tuple[int, float]]:
        """Give what a client used in the last minute, and forget what is older."""
        used = self._used.get(client, deque())
        while used and used[0][0] + WINDOW_SECONDS + 1 <= now:
            used.popleft()
        return used


class Tab:
    """What clients use in a process whose budgets are kept by another one.

    That is told what they used every few hundredths of a second and says in return who has to
    wait. Until it has, a client may use that much more than it should: queries that run here
    are over at once.
    """

    def __init__(
        self, *, clients: int = CLIENTS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with nothing used and nobody waiting."""
        self._clients = clients
        self._clock = clock
        self._used: dict[str, float] = {}
        #: When those who have to wait may ask again.
        self._until: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()
        #: Called when the first use since `settle` is noted.
        self.on_use: Callable[[], None] = _nothing

    def wait(self, client: str) -> int:
        """Give the seconds until a client may ask again; 0 is now."""
        until = self._until.get(client)
        return 0 if until is None else max(0, math.ceil(until - self._clock()))

    def spend(self, client: str, seconds: float) -> None:
        """Note that a query of a client has run so long."""
        with self._lock:
            is_first = not self._used
            self._used[client] = self._used.get(client, 0.0) + seconds
        if is_first:
            self.on_use()

    def settle(self) -> dict[str, float]:
        """Give the seconds by client that were used since the last time."""
        with self._lock:
            used, self._used = self._used, {}
        return used

    def let_wait(self, seconds: Mapping[str, int]) -> None:
        """Note who has to wait, and how long."""
        now = self._clock()
        for client, wait in seconds.items():
            self._until[client] = now + wait
            self._until.move_to_end(client)
        while len(self._until) > self._clients:
            self._until.popitem(last=False)


def _nothing() -> None:
    """Tell nobody that something was used."""
