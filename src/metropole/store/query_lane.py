"""A lane: a fixed number of workers, and a bounded number of queries that wait for one."""

import math
import threading

from metropole.store.answer_body import QueryFailed
from metropole.store.departure import Departure
from metropole.store.worker_process import WorkerProcess


class QueryLane:
    """Lends out workers, in the order in which they are asked for."""

    def __init__(
        self,
        size: int,
        queued: int,
        niceness: int = 0,
        *,
        brief_seconds: float = 0.0,
        wait_seconds: float = math.inf,
    ) -> None:
        """Make the lane; its workers are started when they are needed, or by `start`.

        `brief_seconds` is what a query may take where it is to be over in a moment; 0 elsewhere.
        None waits for its turn longer than `wait_seconds`.
        """
        self.brief_seconds = brief_seconds
        self._wait_seconds = wait_seconds
        self._queued = queued
        self._niceness = niceness
        self._free = threading.Condition()
        #: A worker that is not started yet, or could not be, is None.
        self._idle: list[WorkerProcess | None] = [None] * size
        self._waiting = 0
        self._is_closed = False

    def start(self) -> None:
        """Start the workers that are not there yet."""
        with self._free:
            self._idle = [worker or WorkerProcess(self._niceness) for worker in self._idle]

    @property
    def waiting(self) -> int:
        """Count the queries that wait."""
        return self._waiting

    @property
    def is_full(self) -> bool:
        """Tell whether every worker is at work."""
        return not self._idle

    def take(self, seconds: float, client: Departure) -> WorkerProcess:
        """Give a worker, waiting for one so long; raises QueryFailed."""
        leave = client.subscribe(self._look_again)
        try:
            worker = self._next(min(seconds, self._wait_seconds), client)
        finally:
            leave()
        return worker if worker is not None and worker.is_alive else self._started(worker)

    def _next(self, seconds: float, client: Departure) -> WorkerProcess | None:
        with self._free:
            if not self._idle and self._waiting >= self._queued:
                raise _busy()
            self._waiting += 1
            try:
                came = self._free.wait_for(
                    lambda: self._idle or self._is_closed or client.is_set(), seconds
                )
            finally:
                self._waiting -= 1
            if client.is_set():
                self._free.notify()  # the turn was perhaps given to this one
                raise QueryFailed("gone", "The client has left.")
            if not came:
                raise _busy()
            if self._is_closed:
                raise QueryFailed("busy", "The server is stopping.")
            return self._idle.pop()

    def _look_again(self) -> None:
        with self._free:
            self._free.notify_all()

    def _started(self, dead: WorkerProcess | None) -> WorkerProcess:
        """Start a worker in the place of one that is not there any more."""
        if dead is not None:
            dead.end()
        try:
            return WorkerProcess(self._niceness)
        except OSError as error:
            self.give_back(None)
            raise QueryFailed("busy", f"No query can be started: {error}.") from error

    def give_back(self, worker: WorkerProcess | None, *, is_starting: bool = False) -> None:
        """Take a worker back that can answer a query, now or when it has started."""
        with self._free:
            if self._is_closed:
                if worker is not None:
                    worker.end()
                return
            # The last one is taken first: one that is ready before one that is still starting.
            self._idle.insert(0 if is_starting else len(self._idle), worker)
            self._free.notify()

    def replace(self, worker: WorkerProcess) -> None:
        """End a worker that is in the middle of something, and start another in its place."""
        worker.end()
        try:
            successor = None if self._is_closed else WorkerProcess(self._niceness)
        except OSError:
            successor = None
        self.give_back(successor, is_starting=True)

    def close(self) -> None:
        """End all idle workers; those at work end when their query does."""
        with self._free:
            self._is_closed = True
            for worker in self._idle:
                if worker is not None:
                    worker.end()
            self._idle.clear()
            self._free.notify_all()


def _busy() -> QueryFailed:
    return QueryFailed("busy", "Too many queries are running or waiting.")
