"""Run the server, or ask the application one thing without a server."""

import socket
import threading
import time

import click
from granian.constants import Interfaces
from granian.server import Server

from metropole import publish, release, sources
from metropole.errors import MetropoleError, ServeError
from metropole.settings import Settings
from metropole.web import create_app
from metropole.web.serving import Serving

#: Requests handled at the same time beside those that wait for a query.
_THREADS_BESIDE_QUERIES = 8
_WATCH_SECONDS = 1.0


def serve_site(settings: Settings, *, host: str, port: int, watch: bool) -> None:
    """Serve until the process is told to end; raises ServeError when the port is taken."""
    _check_port(host, port)
    if watch:
        threading.Thread(target=_watch, args=(settings,), daemon=True).start()
    limits = settings.limits
    server = Server(
        "metropole",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=limits.queued_queries + 2 * _THREADS_BESIDE_QUERIES,
        log_enabled=False,
        websockets=False,
    )
    server.on_startup(lambda: click.echo(f"Serving {settings.title} on http://{host}:{port}/"))
    server.serve(target_loader=lambda *_: create_app(Serving(settings)), wrap_loader=False)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "End what listens there, or choose another port with --port."
            ) from error


def _watch(settings: Settings) -> None:
    """Build again whenever a file changes; a build that fails leaves what is served alone."""
    last = ""
    while True:
        found = sources.discover(settings)
        digest = release.input_digest(found)
        if digest != last:
            last = digest
            try:
                outcome = publish.build(settings)
                if outcome.report is not None:
                    click.echo(f"Release {outcome.release.id} is served.")
            except MetropoleError as error:
                click.echo(f"{error} Run 'metropole check' to see why.", err=True)
        time.sleep(_WATCH_SECONDS)


def fetch(
    settings: Settings, path: str, *, accept: str, form: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Give status and body of what the server would answer, redirects followed."""
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
