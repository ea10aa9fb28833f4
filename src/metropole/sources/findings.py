"""What there is to say about files that were not read, or are not what they seem."""

import errno
import os
import stat
from pathlib import Path
from unicodedata import category

from metropole.encoding import NotUtf8
from metropole.report import Finding, Severity

#: Control characters, and bytes of a file name that are not UTF-8.
_NOT_TEXT = ("Cc", "Cs")
#: What may stand in a folder, can be opened and never ends, or cannot be opened at all.
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_RIGHTS = "Give the account that runs metropole the right to read it, as with 'chmod -R u+rX {}'."


def no_data(reason: str) -> Finding:
    """Tell that there is nothing to publish."""
    return Finding(
        Severity.VIOLATION,
        "no-data",
        f"The folder data/ {reason}, so there is nothing to publish.",
        file="data",
        remedy="Put a Turtle file, or a table with its description, into data/; was one emptied?",
    )


def shown(name: str) -> str:
    """Write a name so that a terminal can show it, with escapes for what is no text."""
    return ascii(name)[1:-1] if _is_odd(name) else name


def _is_odd(name: str) -> bool:
    return any(category(character) in _NOT_TEXT for character in name)


def trouble(path: Path, name: str) -> Finding | None:
    """Tell why a path is not a file that can be read."""
    if _is_odd(name):
        return _odd_name(name)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return unreadable(name, error, path)
    if stat.S_ISDIR(mode):
        return _linked_folder(name) if path.is_symlink() else _folder_named_like_file(name)
    kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "")
    return _no_file(name, kind) if kind else None


def unreadable(name: str, error: OSError | NotUtf8, path: Path | None = None) -> Finding:
    """Tell that a file cannot be read and, with its path, what is wrong with a link."""
    if isinstance(error, NotUtf8):
        reason, remedy, line = str(error), "Save the file as UTF-8.", error.line
    else:
        (reason, remedy), line = _reason(name, error, path), 0
    return _unreadable(name, reason, remedy, line)


def unreadable_folder(name: str, path: Path, error: OSError) -> Finding:
    """Tell that a folder cannot be gone into, so that nobody knows what is in it."""
    if isinstance(error, NotADirectoryError):
        reason, remedy = "it is a file, not a folder", "Put a folder of this name in its place."
    else:
        reason, remedy = _reason(shown(name), error, path)
    return _unreadable(shown(name), f"{reason}. Nothing in this folder was read", remedy)


def _reason(name: str, error: OSError, path: Path | None) -> tuple[str, str]:
    """Say in words what the system says in numbers, and what to do."""
    if error.errno == errno.ELOOP:
        return "it is a link that leads back to itself", "Link to the file that is meant."
    if isinstance(error, FileNotFoundError) and path is not None and path.is_symlink():
        target = shown(os.readlink(path))
        return (
            f"it is a link to '{target}', which is not there",
            "Put that file back, correct the link, or remove it.",
        )
    if isinstance(error, PermissionError):
        return "the right to read it is missing", _RIGHTS.format(name)
    if isinstance(error, IsADirectoryError):
        return "it is a folder, not a file", "Put a file of this name in its place."
    return error.strerror or str(error), "Make it readable, or remove it."


def _unreadable(name: str, reason: str, remedy: str, line: int = 0) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "unreadable",
        f"'{name}' cannot be read: {reason}.",
        file=name,
        line=line,
        remedy=remedy,
    )


def _odd_name(name: str) -> Finding:
    remedy = "Rename the file: letters, digits, hyphens and underscores are safe everywhere."
    reason = "its name holds a control character, or bytes that are not UTF-8"
    return _unreadable(shown(name), reason, remedy)


def _no_file(name: str, kind: str) -> Finding:
    return _unreadable(name, f"it is {kind}, not a file", "Move it out of the folder.")


def _folder_named_like_file(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "folder-named-like-file",
        f"'{name}' is a folder, though its name is that of a file.",
        file=name,
        remedy="Rename the folder; the files inside it are read all the same.",
    )


def _linked_folder(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "linked-folder",
        f"'{name}' is a link to a folder; what is in it was not read.",
        file=name,
        remedy="Put the folder itself here, or link to its files one by one.",
    )


def undescribed(name: str) -> Finding:
    """Tell that nothing says what the columns of a table mean."""
    return Finding(
        Severity.VIOLATION,
        "table-undescribed",
        f"'{name}' is a table, but nothing says what its columns mean, so it was not read.",
        file=name,
        remedy=f"Run 'metropole describe {name}' for a first description, and mend that; "
        "or move the table out of the folder.",
    )


def describes_nothing(name: str) -> Finding:
    """Tell that a description is about a table that is gone."""
    return Finding(
        Severity.WARNING,
        "description-without-table",
        f"'{name}' describes a table that is not there.",
        file=name,
        remedy="Put the table beside it, or correct its name: 'towns.csv-metadata.json' "
        "describes 'towns.csv'.",
    )


def ignored(path: Path, name: str) -> Finding:
    """Tell that a file is of no kind that is read."""
    return Finding(
        Severity.INFO,
        "file-ignored",
        f"'{name}' was passed over: the extension '{path.suffix}' is not one that is read here.",
        file=name,
        remedy="Rename it if it is RDF (.ttl, .trig, .nt, .nq, .jsonld, .rdf) or a table "
        "(.csv, .tsv, .xlsx), or move it away.",
    )
