"""Equal requests that come while one is under way share its run."""

import asyncio
from collections.abc import Hashable

from metropole.store.departure import Departure
from metropole.web.front.answers import Answer

_MOST_AVOIDED = 10_000


class Flight:
    """One run of the application, and the clients that wait for it."""

    def __init__(self) -> None:
        self.gone = Departure()
        self.landed: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._clients = 0

    def join(self) -> None:
        """Count a client."""
        self._clients += 1

    def leave(self) -> None:
        """Count a client that has left; with the last one nobody wants the answer any more."""
        self._clients -= 1
        if self._clients == 0:
            self.gone.signal()

    def land(self, answer: Answer | None) -> None:
        """Give the answer to all who wait; None when each has to ask by itself."""
        if not self.landed.done():
            self.landed.set_result(answer)


class Flights:
    """The flights that may be joined."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Flight] = {}
        #: Digests of targets whose responses turned out to be nobody else's.
        self._avoided: set[int] = set()

    def avoid(self, target: Hashable) -> None:
        """Let requests for a target no longer wait for each other: it would be in vain."""
        if len(self._avoided) >= _MOST_AVOIDED:
            self._avoided.clear()
        self._avoided.add(hash(target))

    def is_avoided(self, target: Hashable) -> bool:
        """Tell whether waiting for the response to a target was in vain before."""
        return hash(target) in self._avoided

    def under_way(self, key: Hashable | None) -> Flight | None:
        """Find the flight for equal requests, if its answer is still to come and wanted."""
        flight = self._under_way.get(key)
        if flight is None or flight.landed.done() or flight.gone.is_set():
            return None
        return flight

    def begin(self, key: Hashable | None) -> Flight:
        """Begin a flight that equal requests can join; none can without a key."""
        flight = Flight()
        if key is None:
            return flight
        self._under_way[key] = flight
        flight.landed.add_done_callback(lambda _: self._end(key, flight))
        return flight

    def _end(self, key: Hashable, flight: Flight) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
