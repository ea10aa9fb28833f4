"""Write the site that `metropole new` starts with."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from metropole.errors import SettingsError


def write_new_site(folder: Path) -> None:
    """Copy the starting site; raises SettingsError when the folder holds something already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} is not an empty folder. Name a new one.")
    try:
        with as_file(files("metropole") / "starting_site") as starting:
            shutil.copytree(starting, folder, dirs_exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written: {error}. Name another folder.") from error
