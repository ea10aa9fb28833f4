"""The client of one request, who may leave."""

import asyncio

from metropole.web.front.request_body import Receive
from metropole.web.front.single_flight import Flight


class Client:
    """Waits for a flight, and leaves it when the connection ends."""

    def __init__(self, receive: Receive) -> None:
        self.has_left = False
        self._flight: Flight | None = None
        self._watch = asyncio.get_running_loop().create_task(self._wait(receive))

    def board(self, flight: Flight) -> None:
        """Wait for a flight, instead of the one before."""
        if self._flight is not None:
            self._flight.leave()
        self._flight = flight
        flight.join()

    def end(self) -> None:
        """Stop looking whether the client leaves."""
        self._watch.cancel()

    async def _wait(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        if self._flight is not None:
            self._flight.leave()
            self._flight = None
