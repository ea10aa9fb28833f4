"""Run the server, or ask the application one thing without a server."""

import errno
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import resource_tracker
from typing import Any

from flask import Flask
from granian.constants import Interfaces, Loops
from granian.server import Server
from granian.server.common import AbstractServer

from metropole.cli.heard import tell
from metropole.cli.serving_processes import Application, number_of_processes, place_for
from metropole.cli.watching import watched
from metropole.errors import ServeError
from metropole.release import Releases
from metropole.settings import Settings
from metropole.store.reading import ReadingStore
from metropole.web import create_app
from metropole.web.serving import Serving
from metropole.web.serving.query_log import QueryLog, new_key

#: Pause before a serving process that died, as by want of memory, is followed by another.
_RESPAWN_SECONDS = 0.5
_DIED_AGAIN = (
    "A serving process died within seconds after it had been started in the place of another one, "
    "so the server ends. If the system killed it, it needs more memory, or fewer processes "
    "(serving_processes in [limits]); let what started the server start it again."
)
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
    log_key = new_key()
    QueryLog.opened(settings, log_key)  # here, so that what is wrong with it ends the command
    # A fork would copy the locks that threads of this process, as those of Oxigraph, hold.
    multiprocessing.set_start_method("spawn", force=True)
    processes = number_of_processes(settings.limits)
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
    _hold_interrupts(server)
    with place_for(processes) as place, watched(settings) if watch else nullcontext():
        application = Application(settings, os.getpid(), log_key, place)
        try:
            server.serve(target_loader=application, wrap_loader=False)
        except SystemExit:
            if not server.interrupt_signal:
                tell(_DIED_AGAIN, err=True)
            raise


def _hold_interrupts(server: "AbstractServer[Any]") -> None:
    """Keep Ctrl-C, which a terminal sends to all processes, from those that are started from here.

    One that starts would die of it with a traceback, and one that gets it and then the signal of
    its parent hangs. They inherit what this thread lets through. Another one gets the signal, and
    ends them in order: a handler in Python would wait for this one to go on.
    """
    receiver, sender = socket.socketpair()
    sender.settimeout(0)
    signal.set_wakeup_fd(sender.fileno())
    arguments = (server, receiver, sender)
    threading.Thread(target=_end_when_interrupted, args=arguments, daemon=True).start()
    resource_tracker.ensure_running()  # to start it would let the signal through again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _end_when_interrupted(
    server: "AbstractServer[Any]", receiver: socket.socket, _: socket.socket
) -> None:
    """End the server when a signal has come; what it is written to stays open as long."""
    while receiver.recv(1)[0] != signal.SIGINT:
        pass
    server.signal_handler_interrupt()  # type: ignore[no-untyped-call]


def _tell_when_open(text: str, host: str, port: int) -> None:
    """Print a line once the server accepts connections, which takes it some seconds."""
    while True:
        with suppress(OSError), socket.create_connection((host, port), _OPEN_SECONDS):
            break
        time.sleep(_OPEN_SECONDS)
    tell(text)


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


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """Give the application that a server would run, to be asked in this process."""
    with _interrupts_for_this_process_only():
        found = Serving(settings)
    try:
        yield create_app(found)
    finally:
        found.pool.close()


def fetch(
    settings: Settings, path: str, *, accept: str, form: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Give status and body of what the server would answer, redirects followed."""
    headers = {"Accept": accept}
    with application(settings) as app:
        client = app.test_client()
        if form is None:
            response = client.get(path, headers=headers, follow_redirects=True)
        else:
            response = client.post(path, data=form, headers=headers)
        return response.status_code, response.get_data()
