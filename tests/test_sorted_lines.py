import random
import subprocess
import sys
from pathlib import Path

import pytest

from metropole.release import sorted_lines
from metropole.release.sorted_lines import SortedLines
from processes import environment


def _written(folder: Path, lines: list[bytes]) -> SortedLines:
    path = folder / "lines"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return SortedLines(path)


def test_all_lines_with_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies between two remembered places, all lines with a prefix are found, no other."""
    monkeypatch.setattr(sorted_lines, "_STEP", 64)
    chance = random.Random(1)
    subjects = ["a", "ab", "a b", "å", "ł" * 120, "x" * 199, "x" * 200, "x" * 201, "x" * 300, "z"]
    lines = sorted(
        f"<{subject}> <p{chance.randrange(9)}> {number} .".encode()
        for subject in subjects
        for number in range(chance.randrange(1, 80))
    )
    found = _written(tmp_path, lines)
    prefixes = [f"<{subject}> ".encode() for subject in [*subjects, "", "aa", "zz", "x" * 250]]
    prefixes += [f"<{subject}> <p{each}> ".encode() for subject in subjects for each in range(9)]

    for prefix in prefixes:
        wanted = [line for line in lines if line.startswith(prefix)]
        assert found.beginning_with(prefix) == wanted, prefix


def test_empty_file(tmp_path: Path) -> None:
    """A graph without a statement says nothing."""
    assert _written(tmp_path, []).beginning_with(b"<a> ") == []


def test_file_that_is_missing(tmp_path: Path) -> None:
    """A file that is not there is told."""
    with pytest.raises(FileNotFoundError):
        SortedLines(tmp_path / "none")


def test_file_that_is_shortened_is_told(tmp_path: Path) -> None:
    """A file that is emptied while it is served is an error until it is back, and kills nobody.

    The next build makes the same release anew, in another file of the same name.
    """
    code = (
        "import sys; from pathlib import Path\n"
        "from metropole.errors import ReleaseError\n"
        "from metropole.release.sorted_lines import SortedLines\n"
        "lines = SortedLines(Path(sys.argv[1]))\n"
        "lines.beginning_with(b'<a>')\n"
        "Path(sys.argv[1]).write_bytes(b'junk')\n"
        "try:\n"
        "    lines.beginning_with(b'<a9> ')\n"
        "except ReleaseError as error:\n"
        "    print(error)\n"
        "Path(sys.argv[2]).rename(sys.argv[1])\n"
        "print(lines.beginning_with(b'<a9> '))\n"
    )
    path, again = tmp_path / "lines", tmp_path / "again"
    for each in (path, again):
        each.write_bytes(b"".join(sorted(b"<a%d> <p> <o> .\n" % n for n in range(10_000))))

    told = subprocess.run(
        [sys.executable, "-c", code, path, again],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told  # and not killed by SIGBUS
    shortened, found = told.stdout.splitlines()
    assert shortened.startswith("A file of the release has been shortened")
    assert found == "[b'<a9> <p> <o> .']"
