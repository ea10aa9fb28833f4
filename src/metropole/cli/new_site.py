"""Write the site that `metropole new` starts with."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from metropole.errors import SettingsError


def write_new_site(folder: Path) -> None:
    """Copy the starting site.

    Raises SettingsError when the folder holds something already or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SettingsError(f"{folder} is not an empty folder. Name a new one.")
        with as_file(files("metropole") / "starting_site") as starting:
            _copy(starting, folder)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be written: {error.strerror}. Make it writable, or name another one."
        ) from error


def _copy(starting: Path, folder: Path) -> None:
    """Copy a folder, and stop at the first thing that cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(starting.iterdir()):
        if path.is_dir():
            _copy(path, folder / path.name)
        else:
            shutil.copyfile(path, folder / path.name)
