"""A lane: a fixed number of workers, and a bounded number of queries that wait for one in turn."""

import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from metropole.store.answer_body import QueryFailed
from metropole.store.departure import Departure
from metropole.store.turns import Ticket, Turns
from metropole.store.worker_process import WorkerProcess


@dataclass(eq=False)
class Loan:
    """A worker that is lent to a query of a client."""

    client: str
    #: None when it is not started yet.
    started: WorkerProcess | None
    #: Whether it is lent again to a query that was called back.
    is_again: bool = False
    #: Ends the query so that it can begin again later; None while that may not be.
    call_back: Callable[[], None] | None = None
    #: Whether the worker is wanted back.
    is_called_back: bool = False

    @property
    def worker(self) -> WorkerProcess:
        """Give the worker, which is there once `take` has given the loan."""
        assert self.started is not None
        return self.started


@dataclass(frozen=True)
class LaneFigures:
    """What a lane has at work and waiting now, and what it has done to be fair."""

    queries_at_work: int
    queries_waiting: int
    clients_waiting: int
    #: Queries that found no room to wait, or had to make room, and those that were called back.
    queries_displaced: int
    queries_called_back: int


def _nobody(_client: str) -> bool:
    """Hold no client back."""
    return False


class QueryLane:
    """Lends out workers, to one client after the other."""

    def __init__(
        self,
        size: int,
        queued: int,
        niceness: int = 0,
        *,
        brief_seconds: float = 0.0,
        wait_seconds: float = math.inf,
        is_held_back: Callable[[str], bool] = _nobody,
    ) -> None:
        """Make the lane; its workers are started when they are needed, or by `start`.

        `brief_seconds` is what a query may take where it is to be over in a moment; 0 elsewhere.
        None waits for its turn longer than `wait_seconds`. A client that `is_held_back` does not
        get the last free worker.
        """
        self.brief_seconds = brief_seconds
        self._wait_seconds = wait_seconds
        self._niceness = niceness
        self._is_held_back = is_held_back
        self._lock = threading.Lock()
        #: A worker that is not started yet, or could not be, is None.
        self._idle: list[WorkerProcess | None] = [None] * size
        self._turns = Turns[Loan](queued)
        #: In the order in which they were lent.
        self._lent: list[Loan] = []
        self._at_work: Counter[str] = Counter()
        self._displaced = self._called_back = 0
        self._is_closed = False

    def start(self) -> None:
        """Start the workers that are not there yet."""
        with self._lock:
            self._idle = [worker or WorkerProcess(self._niceness) for worker in self._idle]

    @property
    def waiting(self) -> int:
        """Count the queries that wait."""
        return len(self._turns)

    @property
    def is_full(self) -> bool:
        """Tell whether every worker is at work."""
        return not self._idle

    def has(self, client: str) -> bool:
        """Tell whether a query of a client is at work or waits."""
        return self._at_work[client] > 0 or self._turns.of(client) > 0

    def figures(self) -> LaneFigures:
        """Give the figures of now."""
        with self._lock:
            return LaneFigures(
                queries_at_work=len(self._lent),
                queries_waiting=len(self._turns),
                clients_waiting=self._turns.clients,
                queries_displaced=self._displaced,
                queries_called_back=self._called_back,
            )

    def take(
        self, client: str, seconds: float, departure: Departure, *, is_again: bool = False
    ) -> Loan:
        """Lend a worker, waiting for one so long; raises QueryFailed.

        A query that was called back comes again, and is the first of its client.
        """
        ticket = Ticket[Loan](client, is_again=is_again)
        self._queue(ticket)
        stay = departure.subscribe(partial(self._leave, ticket))
        try:
            ticket.is_over.wait(min(seconds, self._wait_seconds, threading.TIMEOUT_MAX))
        finally:
            stay()
        if ticket.given is None:
            self._leave(ticket)  # it may have its turn at this very moment
        loan = ticket.given
        if departure.is_set():
            if loan is not None:
                self._take_back(loan, loan.started)
            raise QueryFailed("gone", "The client has left.")
        if loan is None:
            raise self._refusal()
        return self._started(loan)

    def _queue(self, ticket: Ticket[Loan]) -> None:
        with self._lock:
            if self._is_closed:
                ticket.end()
                return
            if ticket.is_again:
                self._turns.add_first(ticket)
                self._serve()
                return
            if self._lend_at_once(ticket):
                return
            displaced = self._turns.add(ticket)
            if displaced is not None:
                self._displaced += 1
                displaced.end()
            if displaced is not ticket:
                self._call_back_for(ticket.client)

    def _lend_at_once(self, ticket: Ticket[Loan]) -> bool:
        """Lend a worker for which nobody waits that may have it."""
        self._serve()
        if not self._may_have(ticket.client):
            return False
        self._lend(ticket)
        return True

    def _serve(self) -> None:
        """Lend what is free to those whose turn it is."""
        while self._idle and self._turns:
            ticket = self._turns.next(self._at_work, self._may_have)
            if ticket is None:
                return
            self._lend(ticket)

    def _may_have(self, client: str) -> bool:
        """Tell whether a client may have a free worker; the last one is not for everybody."""
        free = len(self._idle)
        return free > 1 or (free == 1 and not self._is_held_back(client))

    def _lend(self, ticket: Ticket[Loan]) -> None:
        # The last one is one that is ready, before one that is still starting: who is held back
        # waits for that.
        worker = self._idle.pop(0 if self._is_held_back(ticket.client) else -1)
        loan = Loan(ticket.client, worker, is_again=ticket.is_again)
        self._lent.append(loan)
        self._at_work[loan.client] += 1
        ticket.end(loan)

    def _leave(self, ticket: Ticket[Loan]) -> None:
        with self._lock:
            if self._turns.remove(ticket):
                ticket.end()

    def _refusal(self) -> QueryFailed:
        if self._is_closed:
            return QueryFailed("busy", "The server is stopping.")
        return QueryFailed("busy", "Too many queries are running or waiting.")

    def _call_back_for(self, client: str) -> None:
        """Call a worker back from a client that has several, for one that has nothing else."""
        if self._at_work[client] or self._turns.of(client) > 1:
            return
        stay = [loan for loan in self._lent if not loan.is_called_back]
        held = Counter(loan.client for loan in stay)
        for loan in reversed(stay):
            call_back = None if loan.is_again else loan.call_back
            if call_back is not None and held[loan.client] > 1:
                loan.is_called_back = True
                self._called_back += 1
                call_back()
                return

    def keep(self, loan: Loan) -> bool:
        """Have a worker called back no more; tell whether it is not called back already."""
        with self._lock:
            loan.call_back = None
            return not loan.is_called_back

    def _started(self, loan: Loan) -> Loan:
        """Start a worker where there is none, or none any more."""
        worker = loan.started
        if worker is not None and worker.is_alive:
            return loan
        if worker is not None:
            worker.end()
        try:
            loan.started = WorkerProcess(self._niceness)
        except OSError as error:
            self._take_back(loan, None)
            raise QueryFailed("busy", f"No query can be started: {error}.") from error
        return loan

    def give_back(self, loan: Loan) -> None:
        """Take a worker back that can answer the next query."""
        self._take_back(loan, loan.worker)

    def _take_back(
        self, loan: Loan, worker: WorkerProcess | None, *, is_starting: bool = False
    ) -> None:
        with self._lock:
            self._lent.remove(loan)
            self._at_work[loan.client] -= 1
            if not self._at_work[loan.client]:
                del self._at_work[loan.client]
            if self._is_closed:
                if worker is not None:
                    worker.end()
                return
            # The last one is taken first: one that is ready before one that is still starting.
            self._idle.insert(0 if is_starting else len(self._idle), worker)
            self._serve()

    def replace(self, loan: Loan) -> None:
        """End a worker that is in the middle of something, and start another in its place."""
        loan.worker.end()
        try:
            successor = None if self._is_closed else WorkerProcess(self._niceness)
        except OSError:
            successor = None
        self._take_back(loan, successor, is_starting=True)

    def close(self) -> None:
        """End all idle workers; those at work end when their query does."""
        with self._lock:
            self._is_closed = True
            for worker in self._idle:
                if worker is not None:
                    worker.end()
            self._idle.clear()
            for ticket in self._turns.take_all():
                ticket.end()
