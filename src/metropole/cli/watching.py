"""Build a site again whenever one of its files changes, while it is served.

A process of its own does: a build takes long, and a server that is told to end does not wait.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from metropole import release, sources
from metropole.cli.heard import tell
from metropole.errors import DataNotValid, MetropoleError, ReleaseError
from metropole.orphans import end_with
from metropole.settings import Settings
from metropole.settings import load as load_settings

_WATCH_SECONDS = 1.0
_RESTART = "The limits, the query log or the proxies have changed: start the server again for them."
#: What a build gets to clear up when the server ends; then it is cut.
_GRACE_SECONDS = 1.0
_NO_LONGER = (
    "The process that watches the files ended with {}, so changes are no longer built: "
    "start the server again. If the system killed it, the build needs more memory."
)


@contextmanager
def watched(settings: Settings) -> Iterator[None]:
    """Build whenever a file changes; a build that fails leaves what is served alone."""
    process = multiprocessing.get_context("spawn").Process(
        target=_watch, args=(settings, os.getpid()), daemon=True
    )
    process.start()
    leaving = threading.Event()
    threading.Thread(target=_tell_end, args=(process, leaving), daemon=True).start()
    try:
        yield
    finally:
        leaving.set()
        process.terminate()
        process.join(_GRACE_SECONDS)
        process.kill()
        process.join()


def _watch(settings: Settings, parent: int) -> None:
    end_with(parent)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what was begun is cleared up
    watcher = Watcher(settings)
    while True:
        watcher.look()
        time.sleep(_WATCH_SECONDS)


def _tell_end(process: BaseProcess, leaving: threading.Event) -> None:
    """Tell when the process has ended by itself, as by want of memory."""
    wait([process.sentinel])
    if not leaving.is_set():
        process.join()
        tell(_NO_LONGER.format(process.exitcode), err=True)


class Watcher:
    """Looks at the files of a site again and again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = self._told = ""

    def look(self) -> None:
        """Build when a file has changed since the last look; whatever happens is told."""
        try:
            self._seen, found = _build_changes(self._settings, self._seen)
            if _of_server(found) != _of_server(self._settings):
                tell(_RESTART)
            self._settings = found
        except (MetropoleError, OSError) as error:
            self._tell_once(str(error))
        except Exception as error:  # noqa: BLE001  # it would end the watching, and nobody would know
            self._tell_once(_fault(error))

    def _tell_once(self, text: str) -> None:
        """Tell what keeps it from building; it is tried again until it works."""
        if text != self._told:
            self._told = text
            tell(text, err=True)


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
        tell(f"{error} Run 'metropole check' to see why.", err=True)
    except ReleaseError as error:
        tell(str(error), err=True)
    except (MetropoleError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  # the next change may be built
        tell(_fault(error), err=True)
    else:
        for note in outcome.notes:
            tell(note, err=True)
        if outcome.damage:
            tell(outcome.told_damage(), err=True)
        if outcome.report is not None:
            tell(f"Release {outcome.release.id} is served.")
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
