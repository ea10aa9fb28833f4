"""Whose turn it is: what waits is served client by client, and what one client asked in order.

The clients that wait stand in a ring. Whoever has least at work is next, and of several of them
the one that stands there longest; after its turn a client goes to the end. So each has its turn
after every other that waits had one, however much one of them asks. When there is no room, the
client that has most waiting gives some up.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class Ticket(Generic[T]):
    """One that waits for its turn."""

    client: str
    #: Whether it had its turn before, and lost it for others: that happens once.
    is_again: bool = False
    #: What it gets when its turn has come.
    given: T | None = None
    #: Set when it waits no longer: with what is given, or with nothing.
    is_over: threading.Event = field(default_factory=threading.Event)

    def end(self, given: T | None = None) -> None:
        """Let it wait no longer."""
        self.given = given
        self.is_over.set()


class Turns(Generic[T]):
    """Those that wait, by client; whoever uses it holds a lock."""

    def __init__(self, room: int) -> None:
        """Let so many wait."""
        self._room = room
        #: The ring: clients in the order in which they will have their turn; each waits.
        self._by_client: dict[str, deque[Ticket[T]]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        """Count those that wait."""
        return self._waiting

    @property
    def clients(self) -> int:
        """Count the clients that wait."""
        return len(self._by_client)

    def of(self, client: str) -> int:
        """Count what waits of a client."""
        return len(self._by_client.get(client, ()))

    def add(self, ticket: Ticket[T]) -> Ticket[T] | None:
        """Let one wait; give the one that has to go for it, which may be the same, if any."""
        displaced = None
        if self._waiting >= self._room:
            displaced = self._displaced_by(ticket.client)
            if displaced is None:
                return ticket
            self.remove(displaced)
        self._by_client.setdefault(ticket.client, deque()).append(ticket)
        self._waiting += 1
        return displaced

    def _displaced_by(self, client: str) -> Ticket[T] | None:
        """Give the last one of the client that has most, if that has more than this one would."""
        most = max(self._by_client.values(), key=len, default=deque[Ticket[T]]())
        return most[-1] if len(most) > self.of(client) + 1 else None

    def add_first(self, ticket: Ticket[T]) -> None:
        """Let one wait that had its turn and lost it: before others of its client, room or not."""
        self._by_client.setdefault(ticket.client, deque()).appendleft(ticket)
        self._waiting += 1

    def remove(self, ticket: Ticket[T]) -> bool:
        """Let one wait no longer; tell whether it did."""
        queue = self._by_client.get(ticket.client, ())
        if ticket not in queue:
            return False
        assert isinstance(queue, deque)
        queue.remove(ticket)
        self._waiting -= 1
        if not queue:
            del self._by_client[ticket.client]
        return True

    def next(self, at_work: Mapping[str, int], may_have: Callable[[str], bool]) -> Ticket[T] | None:
        """Take the one whose turn it is, of the clients that may have one; None without any.

        `at_work` counts what each client has at work.
        """
        those = [client for client in self._by_client if may_have(client)]
        if not those:
            return None
        client = min(those, key=lambda each: at_work.get(each, 0))
        queue = self._by_client.pop(client)
        ticket = queue.popleft()
        self._waiting -= 1
        if queue:
            self._by_client[client] = queue
        return ticket

    def take_all(self) -> list[Ticket[T]]:
        """Take all that wait."""
        found = [ticket for queue in self._by_client.values() for ticket in queue]
        self._by_client.clear()
        self._waiting = 0
        return found
