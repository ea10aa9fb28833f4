"""The time that a release states: from the environment or the last commit, never from a clock."""

import os
import subprocess

from metropole.errors import SettingsError
from metropole.settings import FILE_NAME as SETTINGS_FILE
from metropole.settings import Settings
from metropole.sources import FOLDERS, STORIES, TEMPLATES

VARIABLE = "SOURCE_DATE_EPOCH"
#: The last second of the year 9999, in seconds since 1970: later ones cannot be written as dates.
_LAST = 253_402_300_799


def created(settings: Settings) -> int | None:
    """Give SOURCE_DATE_EPOCH, else the time of the last commit that touched the site's files.

    It is in seconds since 1970, and None when neither is known. Raises SettingsError.
    """
    told = stated_time()
    return _last_commit(settings) if told is None else told


def stated_time() -> int | None:
    """Read SOURCE_DATE_EPOCH; None when it is not set or empty.

    Raises SettingsError for what is no number of seconds that a date can be made of.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is None:
        raise SettingsError(
            f"{VARIABLE} is {text[:40]!r}, but it should be a time as whole seconds since 1970, in "
            f"digits only, as 1767225600, and at most {_LAST}. Set it so, or unset it."
        )
    return seconds


def _seconds(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(_LAST))):
        return None
    seconds = int(text)
    return seconds if seconds <= _LAST else None


def _last_commit(settings: Settings) -> int | None:
    files = (SETTINGS_FILE, *FOLDERS, STORIES, TEMPLATES)
    command = ["git", "log", "-1", "--format=%ct", "--", *files]
    try:
        told = subprocess.run(
            command, cwd=settings.root, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _seconds(told.stdout.strip())
