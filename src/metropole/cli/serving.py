"""Run the server, or ask the application one thing without a server.

The first serving process is the desk, which runs the queries of all; when it dies, the one that
comes in its place is.
"""

import errno
import fcntl
import multiprocessing
import os
import signal
import socket
import stat
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

import click
from granian.constants import Interfaces, Loops
from granian.server import Server

from metropole import release, sources
from metropole.errors import DataNotValid, MetropoleError, ReleaseError, ServeError
from metropole.release import Releases
from metropole.settings import Settings
from metropole.settings import load as load_settings
from metropole.store.query_pool import query_slots
from metropole.store.reading import ReadingStore
from metropole.web import create_app
from metropole.web.budget import Tab
from metropole.web.front.asgi import Front
from metropole.web.front.desk import Desk
from metropole.web.front.member import Member
from metropole.web.front.process import give_memory_back, make_responsive
from metropole.web.query_log import new_key
from metropole.web.serving import Serving

#: Processes that serve when nothing else is set, on however many processor cores.
_MOST_PROCESSES = 4
#: Requests to the desk that may wait for it to take them.
_BACKLOG = 1024
#: Requests handled at the same time beside those that wait for a query.
_THREADS_BESIDE_QUERIES = 8
_WATCH_SECONDS = 1.0
_RESTART = "The limits, the query log or the proxies have changed: start the server again for them."
#: Pause before a serving process that died, as by want of memory, is followed by another.
_RESPAWN_SECONDS = 0.5
_PARENT_SECONDS = 0.5
#: How often a server that starts is tried.
_OPEN_SECONDS = 0.1
#: What requests get to come to their end when the server is told to; then they are cut.
_GRACE_SECONDS = 2


def serve_site(settings: Settings, *, host: str, port: int, watch: bool) -> None:
    """Serve until the process is told to end.

    Raises ServeError when the port is taken, ReleaseError or StoreError when the current
    release cannot be opened.
    """
    _check_port(host, port)
    _check_release(settings)
    # A fork would copy the locks that threads of this process, as those of Oxigraph, hold.
    multiprocessing.set_start_method("spawn", force=True)
    if watch:
        threading.Thread(target=_watch, args=(settings,), daemon=True).start()
    processes = settings.limits.serving_processes or min(os.cpu_count() or 1, _MOST_PROCESSES)
    server = Server(
        "metropole",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=processes,
        workers_kill_timeout=_GRACE_SECONDS,
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_SECONDS,
        log_enabled=False,
        websockets=False,
    )
    told = (f"Serving {settings.title} on http://{host}:{port}/", host, port)
    server.on_startup(threading.Thread(target=_tell_when_open, args=told, daemon=True).start)
    with _place(processes) as place:
        application = _Application(settings, os.getpid(), new_key(), place)
        server.serve(target_loader=application, wrap_loader=False)


@dataclass(frozen=True)
class _Place:
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
def _place(processes: int) -> Iterator[_Place]:
    """Make a place for so many processes, which nobody but the own user can enter."""
    with (
        tempfile.TemporaryDirectory(prefix="metropole-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        place = _Place(processes, Path(folder), listener)
        listener.bind(str(place.socket))
        listener.listen(_BACKLOG)
        yield place


def _tell_when_open(text: str, host: str, port: int) -> None:
    """Print a line once the server accepts connections, which takes it some seconds."""
    while True:
        with suppress(OSError), socket.create_connection((host, port), _OPEN_SECONDS):
            click.echo(text)
            return
        time.sleep(_OPEN_SECONDS)


@dataclass(frozen=True)
class _Application:
    """Makes the application in the process that serves it, and ends that with its parent."""

    settings: Settings
    parent: int
    log_key: bytes
    place: _Place

    def __call__(self) -> Front:
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        # A terminal sends Ctrl-C to its whole process group, and granian's worker hangs when
        # it gets that and then the parent's signal as well.
        os.setpgrp()
        make_responsive()
        give_memory_back()
        limits = self.settings.limits
        threads = query_slots(limits) + limits.queued_queries + _THREADS_BESIDE_QUERIES
        return self._desk(threads) if self.place.is_desk() else self._member(threads)

    def _desk(self, threads: int) -> Front:
        found = Serving(self.settings, log_key=self.log_key)
        found.pool.start()
        # What `atexit` is elsewhere; processes of multiprocessing do not run that.
        Finalize(None, found.pool.close, exitpriority=0)
        processes = self.place.processes
        front = Front(create_app(found), found, threads=threads, processes=processes)
        if processes > 1:
            front.accompany(Desk(front, found, self.place.listener))
        return front

    def _member(self, threads: int) -> Front:
        tab = Tab()
        found = Serving(self.settings, budget=tab, log_key=self.log_key)
        return Front(
            create_app(found),
            found,
            threads=threads,
            processes=self.place.processes,
            member=Member(found, self.place.socket, tab),
        )

    def _end_with_parent(self) -> None:
        """End when the parent is gone: else the port would be taken, and nobody to free it."""
        while os.getppid() == self.parent:
            time.sleep(_PARENT_SECONDS)
        os._exit(1)


@contextmanager
def _interrupts_for_this_process_only() -> Iterator[None]:
    """Let processes started here ignore Ctrl-C, which a terminal sends to all: they end with us."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _check_release(settings: Settings) -> None:
    current = Releases(settings).current()
    if current is not None:
        ReadingStore(current)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise ServeError(
                    f"Cannot listen on '{host}': it is no address of this machine. "
                    "Name one with --host, as 127.0.0.1, or 0.0.0.0 for all of them."
                ) from error
            raise ServeError(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "End what listens there, or choose another port with --port."
            ) from error


def _watch(settings: Settings) -> None:
    """Build again whenever a file changes; a build that fails leaves what is served alone."""
    watcher = _Watcher(settings)
    while True:
        watcher.look()
        time.sleep(_WATCH_SECONDS)


class _Watcher:
    """Looks at the files of a site again and again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = self._told = ""

    def look(self) -> None:
        """Build when a file has changed since the last look; whatever happens is told."""
        try:
            self._seen, found = _build_changes(self._settings, self._seen)
            if _of_server(found) != _of_server(self._settings):
                click.echo(_RESTART)
            self._settings = found
        except (MetropoleError, OSError) as error:
            self._tell_once(str(error))
        except Exception as error:  # noqa: BLE001  # it would end the watching, and nobody would know
            self._tell_once(_fault(error))

    def _tell_once(self, text: str) -> None:
        """Tell what keeps it from building; it is tried again until it works."""
        if text != self._told:
            self._told = text
            click.echo(text, err=True)


def _build_changes(before: Settings, seen: str) -> tuple[str, Settings]:
    """Build when the digest of the files is not the one seen last; give digest and settings."""
    from metropole import publish  # pySHACL and rdflib are slow to import

    settings = load_settings(before.root)
    digest = release.input_digest(sources.discover(settings))
    if digest == seen:
        return seen, settings
    try:
        outcome = publish.build(settings)
    except DataNotValid as error:
        click.echo(f"{error} Run 'metropole check' to see why.", err=True)
    except ReleaseError as error:
        click.echo(str(error), err=True)
    except (MetropoleError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  # the next change may be built
        click.echo(_fault(error), err=True)
    else:
        if outcome.report is not None:
            click.echo(f"Release {outcome.release.id} is served.")
    return digest, settings


def _fault(error: Exception) -> str:
    """Tell an error that nobody foresaw, so that it can be reported and worked around."""
    lines = "".join(traceback.format_exception(error))
    return (
        f"{lines}This is a fault of Metropole: please report it with the lines above. "
        "What was served before is untouched, and the next change is built again."
    )


def _of_server(settings: Settings) -> tuple[object, ...]:
    """Give the settings that a running server does not read again."""
    return settings.limits, settings.query_log, settings.trusted_proxies


def fetch(
    settings: Settings, path: str, *, accept: str, form: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Give status and body of what the server would answer, redirects followed."""
    with _interrupts_for_this_process_only():
        found = Serving(settings)
    try:
        client = create_app(found).test_client()
        headers = {"Accept": accept}
        if form is None:
            response = client.get(path, headers=headers, follow_redirects=True)
        else:
            response = client.post(path, data=form, headers=headers)
        return response.status_code, response.get_data()
    finally:
        found.pool.close()
