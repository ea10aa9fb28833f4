"""The threads in which the WSGI application runs."""

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Threads:
    """A fixed number of threads that do jobs in the order in which they come.

    `concurrent.futures` does the same with a lock, a future and a condition for each job, which
    cost more than a small response does.
    """

    def __init__(self, number: int) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._number = number
        for index in range(number):
            # They do not hold up the end of the process.
            threading.Thread(target=self._work, name=f"request-{index}", daemon=True).start()

    def do(self, job: Callable[[], None]) -> None:
        """Have a job done; it must not raise."""
        self._jobs.put(job)

    def end(self) -> None:
        """Let every thread end when it has done what waits before this."""
        for _ in range(self._number):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # an idle thread holds nothing of its last request
