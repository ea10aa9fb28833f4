"""Tell a folder of a release from another one that took its place under the same name.

A release has one id for ever, so a damaged one that is made anew is at the same path. The file
that a release gets last is another file then.
"""

import os

#: Manifest of a release, the last file that is written into its folder.
MANIFEST = "manifest.json"
#: Number of a file and when it was written.
Stamp = tuple[int, int]


def stamp_of(folder: str) -> Stamp | None:
    """Give the stamp of what is in a folder now; None where no finished release is.

    Every request asks, so it is one call of the system.
    """
    try:
        found = os.stat(f"{folder}/{MANIFEST}")
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
