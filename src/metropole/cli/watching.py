"""Build a site again whenever one of its files changes, while it is served."""

import time
import traceback

from metropole import release, sources
from metropole.cli.heard import tell
from metropole.errors import DataNotValid, MetropoleError, ReleaseError
from metropole.settings import Settings
from metropole.settings import load as load_settings

_WATCH_SECONDS = 1.0
_RESTART = "The limits, the query log or the proxies have changed: start the server again for them."


def watch_site(settings: Settings) -> None:
    """Build again whenever a file changes; a build that fails leaves what is served alone."""
    watcher = Watcher(settings)
    while True:
        watcher.look()
        time.sleep(_WATCH_SECONDS)


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
