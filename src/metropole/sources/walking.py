"""Go through folders, and tell of those that cannot be gone into instead of passing them over."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Walk:
    """What lies below a folder, at any depth."""

    #: Files, links and folders, by name; links to folders are not followed.
    paths: tuple[Path, ...]
    #: The folders whose content stays unknown, with the reason.
    unreadable: tuple[tuple[Path, OSError], ...]


def walk(folder: Path, *, hidden: bool = False) -> Walk:
    """List what lies below a folder, which may be absent; names with a dot in front if wanted."""
    paths: list[Path] = []
    errors: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=errors.append):
        # A folder may be listed without the right to enter it: then nothing in it can be read.
        if not os.access(where, os.X_OK):
            errors.append(PermissionError(errno.EACCES, os.strerror(errno.EACCES), where))
            folders.clear()
            continue
        folders[:] = [name for name in folders if hidden or not name.startswith(".")]
        shown = (name for name in files if hidden or not name.startswith("."))
        paths += (Path(where, name) for name in (*folders, *shown))
    return Walk(
        tuple(sorted(paths, key=lambda path: path.relative_to(folder).as_posix())),
        tuple(
            (path, error)
            for error in errors
            if (path := Path(os.fsdecode(error.filename))) != folder or _is_there(folder)
        ),
    )


def _is_there(folder: Path) -> bool:
    return os.path.lexists(folder)
