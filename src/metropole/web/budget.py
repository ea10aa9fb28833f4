"""How much query time each client has used lately."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: The time over which the use of a client is summed up.
WINDOW_SECONDS = 60
#: Clients that are remembered; beyond, the one that has been quiet longest is forgotten.
CLIENTS = 10_000


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
        with self._lock:
            used = self._recent(client)
            left = self._seconds - sum(seconds for _, seconds in used)
            if not self._seconds or left > 0:
                return 0
            for moment, seconds in used:
                left += seconds
                if left > 0:
                    return max(1, math.ceil(moment + WINDOW_SECONDS + 1 - self._clock()))
            return WINDOW_SECONDS

    def spend(self, client: str, seconds: float) -> None:
        """Note that a query of a client has run so long."""
        if not self._seconds:
            return
        now = math.floor(self._clock())
        with self._lock:
            used = self._recent(client)
            if used and used[-1][0] == now:
                seconds += used.pop()[1]
            used.append((now, seconds))
            self._used[client] = used
            self._used.move_to_end(client)
            if len(self._used) > self._clients:
                self._used.popitem(last=False)

    def _recent(self, client: str) -> deque[tuple[int, float]]:
        """Give what a client used in the last minute, and forget what is older."""
        used = self._used.get(client, deque())
        oldest = self._clock() - WINDOW_SECONDS - 1
        while used and used[0][0] <= oldest:
            used.popleft()
        return used
