"""The processes that serve: one of them is the desk, which runs the queries of all.

The first one is, and when it dies, the one that comes in its place.
"""

import fcntl
import os
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

from metropole.cli.heard import tell
from metropole.errors import MetropoleError, ServeError
from metropole.orphans import end_with
from metropole.settings import Limits, Settings
from metropole.store.query_pool import query_threads
from metropole.web import create_app
from metropole.web.front.asgi import Front
from metropole.web.front.desk import Desk
from metropole.web.front.member import Member
from metropole.web.front.process import give_memory_back, make_responsive
from metropole.web.serving import Serving
from metropole.web.serving.budget import Tab

#: Processes that serve when nothing else is set, on however many processor cores.
_MOST_PROCESSES = 4
#: Requests to the desk that may wait for it to take them.
_BACKLOG = 1024
#: Requests handled at the same time beside those that wait for a query.
_THREADS_BESIDE_QUERIES = 8
#: Pause before a release that could not be opened is tried again.
_LOOKS_AGAIN_AFTER = 0.5


def number_of_processes(limits: Limits) -> int:
    """Give how many processes serve: each keeps another core busy with what is not Python."""
    return limits.serving_processes or min(max((os.cpu_count() or 1) // 2, 1), _MOST_PROCESSES)


@dataclass(frozen=True)
class Place:
    """Where serving processes meet."""

    processes: int
    folder: Path
    #: Where the desk listens, whichever process it is: what is asked while there is none waits.
    listener: socket.socket

    @property
    def socket(self) -> Path:
        """Give the path by which the desk is reached."""
        return self.folder / "desk"

    def is_desk(self) -> bool:
        """Become the desk, unless another process is it; as long as this one lives."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, stat.S_IRUSR | stat.S_IWUSR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        return True


@contextmanager
def place_for(processes: int) -> Iterator[Place | None]:
    """Make a place for so many processes, which nobody but the own user can enter; one needs none.

    Raises ServeError when there is no room for it in the folder for temporary files.
    """
    if processes == 1:
        yield None
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="metropole-"))
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            place = Place(processes, Path(folder), listener)
            listener.bind(str(place.socket))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise ServeError(
                f"The processes that serve cannot meet in a folder for temporary files: {error}. "
                "Set TMPDIR to a folder with a short path that you can write to."
            ) from error
        yield place


@dataclass(frozen=True)
class Application:
    """Makes the application in the process that serves it, and ends that with its parent."""

    settings: Settings
    parent: int
    log_key: bytes
    place: Place | None

    def __call__(self) -> Front:
        """Make what answers requests in this process."""
        end_with(self.parent)  # else the port would be taken, and nobody to free it
        make_responsive()
        give_memory_back()
        threads = query_threads(self.settings.limits) + _THREADS_BESIDE_QUERIES
        if self.place is None or self.place.is_desk():
            return self._desk(threads, self.place)
        return self._member(threads, self.place)

    def _desk(self, threads: int, place: Place | None) -> Front:
        found = self._serving(None)
        found.pool.start()
        # What `atexit` is elsewhere; processes of multiprocessing do not run that.
        Finalize(None, found.pool.close, exitpriority=0)
        processes = place.processes if place is not None else 1
        front = Front(create_app(found), found, threads=threads, processes=processes)
        if place is not None:
            front.accompany(Desk(front, found, place.listener))
        return front

    def _member(self, threads: int, place: Place) -> Front:
        tab = Tab()
        found = self._serving(tab)
        return Front(
            create_app(found),
            found,
            threads=threads,
            processes=place.processes,
            member=Member(found, place.socket, tab),
        )

    def _serving(self, budget: Tab | None) -> Serving:
        """Open the current release, as soon as it can be read.

        It could when the server began. A process that is started again later waits, while the
        others go on with what they have open: one that ended at once would end the server.
        """
        told = ""
        while True:
            try:
                return Serving(self.settings, budget=budget, log_key=self.log_key)
            except MetropoleError as error:
                if str(error) != told:
                    told = str(error)
                    tell(f"{told} A serving process waits until that is mended.", err=True)
            time.sleep(_LOOKS_AGAIN_AFTER)
