"""The folder of releases: one build at a time, built aside, activated by moving one pointer."""

import errno
import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metropole.errors import BuildLocked, ReleaseError
from metropole.release.aside import write_aside
from metropole.release.dumps import FOLDER as DUMPS
from metropole.release.dumps import SUMS, sums
from metropole.release.journal import Journal
from metropole.release.manifest import FILE_NAME, Manifest, PublishedFile, content_id
from metropole.report import Severity
from metropole.settings import Settings

CURRENT = "current"
_LOCK = ".lock"
_INPUT = ".input"
_STAGING = ".building-"
_SYNCED_AT_ONCE = 16
_FULL = os.strerror(errno.ENOSPC)
REPORT = "report.json"
#: Folder of what is kept beside a release as long as it is there: the lines of its statements.
LINES = ".lines"
#: Folder of the sitemaps of releases.
SITEMAPS = ".sitemap"
BESIDE = (LINES, SITEMAPS)


@dataclass(frozen=True)
class Release:
    """A finished release; nothing in its folder changes any more."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Give the id of the release."""
        return self.manifest.id

    def has_all_files(self) -> bool:
        """Tell whether every file of the manifest is there in the length it says."""
        return next(self.lost(), None) is None

    def lost(self) -> Iterator[str]:
        """Go through the files of the manifest that are not there in the length it says."""
        folder = f"{self.folder}/"
        for file in self.manifest.files:
            try:
                is_there = os.stat(folder + file.path).st_size == file.bytes
            except OSError:
                is_there = False
            if not is_there:
                yield file.path

    def problems(self) -> Iterator[str]:
        """Tell, one after the other, in what the files differ from what was released.

        The id is compared with the content it comes from, each file with its SHA-256, and the
        file of sums with these.
        """
        if not content_id(self.folder) == self.id == self.folder.name:
            yield f"{FILE_NAME} is not the one of this id"
        yield from filter(None, map(self._problem_of, self.manifest.files))
        if not self._has_its_sums():
            yield f"{DUMPS}/{SUMS} is not what was released"

    def problem_of(self, path: str) -> str:
        """Tell in what one of the files differs from what was released; empty for in nothing."""
        file = next((each for each in self.manifest.files if each.path == path), None)
        return self._problem_of(file) if file else f"{FILE_NAME} does not have {path}"

    def _problem_of(self, file: PublishedFile) -> str:
        try:
            is_it = PublishedFile.of(self.folder / file.path, self.folder) == file
        except OSError as error:
            return f"{file.path} cannot be read: {error.strerror}"
        return "" if is_it else f"{file.path} is not what was released"

    def _has_its_sums(self) -> bool:
        """Tell whether the file of sums, which the manifest cannot list, says what that says."""
        try:
            told = (self.folder / DUMPS / SUMS).read_bytes()
        except OSError:
            return False
        return told == sums(self.manifest.files).encode()

    def hold(self) -> int:
        """Keep the release from being pruned until the descriptor that is given is closed."""
        descriptor = os.open(self.folder / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def warnings(self) -> int:
        """Count the warnings of the report the release was made with."""
        return int(self._report()["summary"][Severity.WARNING.value])

    def count(self, name: str) -> int:
        """Give one of the counts of the report the release was made with; 0 for a missing one."""
        return int(self._report()["counts"].get(name, 0))

    def _report(self) -> dict[str, Any]:
        """Read the report; raises ReleaseError when it is damaged."""
        try:
            text = (self.folder / REPORT).read_text(encoding="utf-8")
            found: dict[str, Any] = json.loads(text)
        except (OSError, ValueError) as error:
            raise ReleaseError(
                f"The report of release {self.id} cannot be read: {error}"
            ) from error
        return found


@dataclass
class Staged:
    """A folder in which a release is being built."""

    folder: Path
    #: The id of the release, once all of it is there.
    finished_as: str = ""


class Releases:
    """The releases of one site."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.releases_folder
        self.pointer = settings.root / CURRENT
        self.journal = Journal(self.folder)

    def current_id(self) -> str | None:
        """Read the pointer: the id of the active release, or None when there is none."""
        try:
            # Every request asks: to make a Path of it takes longer than to read it.
            return os.readlink(self.pointer).rpartition("/")[2]
        except FileNotFoundError:
            return None
        except OSError as error:
            # What is there and is no link gives EINVAL, which says nothing to anybody.
            what = "it is no link" if error.errno == errno.EINVAL else error.strerror
            raise ReleaseError(
                f"{self.pointer} is not the link to a release that it should be: {what}. "
                "Move it away and run 'metropole build'."
            ) from error

    def current(self) -> Release | None:
        """Open the active release, or give None when nothing has been released yet."""
        release_id = self.current_id()
        return None if release_id is None else self.get(release_id)

    def get(self, release_id: str) -> Release:
        """Open a release by its id; raises ReleaseError when it is absent or incomplete."""
        folder = self.folder / release_id
        # Absolute, because a web application is at home in another folder than its process.
        return Release(folder.absolute(), Manifest.read(folder))

    def ids(self) -> list[str]:
        """List the ids of all releases, by alphabet; a damaged one is among them."""
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{FILE_NAME}"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other builds of the site out, and clear away what killed ones left behind.

        Raises BuildLocked, which says who holds the lock. The lock ends with the process.
        """
        with explained(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / _LOCK).open("a+", encoding="utf-8")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise BuildLocked(
                    f"Another build of this site is running ({file.read().strip()}). "
                    "Wait for it, or end it."
                ) from None
            with explained(self.folder):
                file.truncate(0)
                since = time.strftime("%Y-%m-%d %H:%M:%S")
                file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}\n")
                file.flush()
                self._clear_leftovers()
            yield

    def _clear_leftovers(self) -> None:
        for leftover in self.folder.glob(f"{_STAGING}*"):
            shutil.rmtree(leftover)
        for leftover in self.pointer.parent.glob(f".{CURRENT}-*"):
            leftover.unlink()

    @contextmanager
    def staging(self) -> Iterator["Staged"]:
        """Give a folder to build a release in; finished, it becomes the release.

        Otherwise nothing is left. It takes the place of a damaged release of the same id.
        """
        with explained(self.folder):
            staged = Staged(self.folder / f"{_STAGING}{os.getpid()}")
            staged.folder.mkdir()
            try:
                yield staged
                if staged.finished_as:
                    sync(staged.folder)
                    with self._put_away(staged.finished_as):
                        staged.folder.rename(self.folder / staged.finished_as)
                    _sync_folder(self.folder)
            finally:
                shutil.rmtree(staged.folder, ignore_errors=True)

    @contextmanager
    def _put_away(self, release_id: str) -> Iterator[None]:
        """Make room for a release whose id a damaged one has; removed once that is replaced."""
        damaged = self.folder / release_id
        if damaged.exists():
            damaged = damaged.rename(self.folder / f"{_STAGING}{release_id}-damaged")
            yield
            shutil.rmtree(damaged)
        else:
            yield

    def made_from(self, input_sha256: str) -> bool:
        """Tell whether the active release was made from the files with this digest."""
        try:
            digest, release_id = (self.folder / _INPUT).read_text(encoding="utf-8").split()
        except (OSError, ValueError):
            return False
        return digest == input_sha256 and release_id == self.current_id()

    def remember(self, input_sha256: str, release: Release) -> None:
        """Note which files a release was made from; files that differ may give the same one."""
        with explained(self.folder):
            told = f"{input_sha256} {release.id}\n"
            write_aside(self.folder / _INPUT, [told.encode()])

    def activate(self, release: Release) -> None:
        """Make a release the current one, by one atomic rename, and write it down."""
        self.current_id()
        target = os.path.relpath(release.folder, self.pointer.parent.absolute())
        if not self.pointer.is_symlink() or os.readlink(self.pointer) != target:
            self._move_pointer(target)
        with explained(self.folder):
            self.journal.record(release.id)

    def note_lines(self, release: Release, lines: bytes) -> None:
        """Keep where the statements of a release stand; the last build that gives it counts."""
        with explained(self.folder):
            path = self.folder / LINES / release.id
            path.parent.mkdir(exist_ok=True)
            write_aside(path, [lines])

    @contextmanager
    def in_use_by_nobody(self, release_id: str) -> Iterator[bool]:
        """Tell whether no process has a release open, and keep it so until the end."""
        try:
            file = (self.folder / release_id / FILE_NAME).open("rb")
        except OSError:
            yield True  # damaged so badly that nobody can have opened it
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def remove(self, release_id: str) -> None:
        """Remove the folder of a release, and what is kept beside it; the journal stays."""
        with explained(self.folder):
            # Renamed first, so that a release is there as a whole or not at all.
            leftover = (self.folder / release_id).rename(
                self.folder / f"{_STAGING}{release_id}-removed"
            )
            shutil.rmtree(leftover)
            for note in BESIDE:
                path = self.folder / note / release_id
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)

    def _move_pointer(self, target: str) -> None:
        aside = self.pointer.parent / f".{CURRENT}-{os.getpid()}"
        with explained(self.pointer.parent):
            aside.unlink(missing_ok=True)
            aside.symlink_to(target)
            aside.replace(self.pointer)
            _sync_folder(self.pointer.parent)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into an error that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        # Oxigraph gives no number with its errors, only the words for it, several times over.
        if _FULL in reason:
            reason = _FULL
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or reason == _FULL:
            advice = "Free some space and build again."
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            advice = (
                "A file stands where a folder is needed: move it away, or name another folder "
                "with 'releases' in the settings."
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = (
                "Make the folder writable, or name another one with 'releases' in the settings."
            )
        else:
            advice = "Nothing was released."
        raise ReleaseError(
            f"Cannot write below {folder}: {reason}. {advice} What was served before is untouched."
        ) from error


def sync(folder: Path) -> None:
    """Bring all files of a folder to the disk, so that a power cut cannot empty a release.

    What is there already takes no time.
    """
    found = list(folder.rglob("*"))
    # A disk brings several files to rest at once, but waits for each that comes by itself.
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as beside:
        list(beside.map(_sync_file, [path for path in found if not path.is_dir()]))
    for path in found:
        if path.is_dir():
            _sync_folder(path)
    _sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
