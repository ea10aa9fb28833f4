"""Tests of the folder of releases by itself: what is told, what is left, and what is put aside."""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metropole import publish
from metropole.errors import BuildLocked, ReleaseError
from metropole.release import Release, Releases
from metropole.release.aside import write_aside
from metropole.release.folder import Staged, explained
from metropole.release.manifest import Manifest, PublishedFile
from metropole.settings import load
from processes import write_site


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a release; tests take copies of it."""
    root = write_site(
        tmp_path_factory.mktemp("folder"), things="<id/a> a :Thing .\n", empty="# -\n"
    )
    edit(root / "metropole.toml", '"T"', '"Tė"')
    publish.build(load(root))
    return root


@pytest.fixture
def releases(built: Path, tmp_path: Path) -> Releases:
    """The releases of a copy of the site."""
    shutil.copytree(built, tmp_path / "site", symlinks=True)
    return Releases(load(tmp_path / "site"))


@pytest.fixture
def release(releases: Releases) -> Release:
    """The only release of the copy."""
    found = releases.current()
    assert found is not None
    return found


def other(releases: Releases, release: Release) -> Release:
    """Make a second release of another id, as if its content were another one."""
    folder = releases.folder / "0123456789abcdef"
    shutil.copytree(release.folder, folder)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace(f'"id": "{release.id}"', f'"id": "{folder.name}"'))
    return releases.get(folder.name)


FULL = "No space left on device"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "Free some space"),
        (OSError(f"IO error: {FULL}: Opening: {FULL}: x.sst"), "Free some space"),
        (FileExistsError(errno.EEXIST, "File exists"), "A file stands where a folder is needed"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory"), "A file stands where a folder"),
        (PermissionError(errno.EACCES, "Permission denied"), "Make the folder writable"),
        (PermissionError(errno.EPERM, "Operation not permitted"), "Make the folder writable"),
        (OSError(errno.EROFS, "Read-only file system"), "Make the folder writable"),
        (OSError(errno.EIO, "Input/output error"), "Nothing was released."),
        (OSError("odd"), "Nothing was released."),
    ],
)
def test_what_the_file_system_refuses_is_explained(error: OSError, words: str) -> None:
    """Each kind of refusal is told with the folder, its reason and what to do."""
    with pytest.raises(ReleaseError) as told, explained(Path("there")):
        raise error
    reason = FULL if FULL in str(error) else error.strerror or str(error)
    assert str(told.value).startswith(f"Cannot write below there: {reason}. {words}")
    assert str(told.value).endswith("What was served before is untouched.")


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda _: None, ""),
    "content": (
        lambda folder: edit(folder / "manifest.json", '"title": "Tė"', '"title": "U"'),
        "manifest.json is not the one of this id",
    ),
    "id": (
        lambda folder: edit(folder / "manifest.json", f'"id": "{folder.name}"', '"id": "0123"'),
        "manifest.json is not the one of this id",
    ),
    "longer": (
        lambda folder: (folder / "report.ttl").write_bytes(
            (folder / "report.ttl").read_bytes() + b"#"
        ),
        "report.ttl is not what was released",
    ),
    "absent": (
        lambda folder: (folder / "report.ttl").unlink(),
        "report.ttl cannot be read: No such file or directory",
    ),
    "sums": (
        lambda folder: edit(folder / "dumps/SHA256SUMS", "a", "b"),
        "dumps/SHA256SUMS is not what was released",
    ),
    "no sums": (
        lambda folder: (folder / "dumps/SHA256SUMS").unlink(),
        "dumps/SHA256SUMS is not what was released",
    ),
}


def edit(path: Path, old: str, new: str) -> None:
    """Put one text in place of another in a file that has it."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("how", TAMPERED)
def test_each_difference_is_a_problem(releases: Releases, release: Release, how: str) -> None:
    """What differs from what was released is told by its name, and nothing else is."""
    tamper, problem = TAMPERED[how]
    tamper(release.folder)
    found = Release(release.folder, Manifest.read(release.folder))

    assert list(found.problems()) == ([problem] if problem else [])
    lost = ["report.ttl"] if how in ("longer", "absent") else []
    assert (list(found.lost()), found.has_all_files()) == (lost, not lost)
    assert releases.ids() == [release.folder.name]


def test_release_in_another_folder_is_none(releases: Releases, release: Release) -> None:
    """A folder that somebody renamed is not the release of its name."""
    moved = release.folder.rename(releases.folder / "renamed")
    (problem,) = Release(moved, Manifest.read(moved)).problems()
    assert problem == "manifest.json is not the one of this id"


def test_report_is_counted(release: Release) -> None:
    """Warnings and counts are those of the report; one that is damaged is told."""
    assert release.warnings() == 1
    assert release.count("no such count") == 0
    for text in ("{", "\udcff"):
        (release.folder / "report.json").write_bytes(text.encode(errors="surrogateescape"))
        for ask in (release.warnings, lambda: release.count("x")):
            with pytest.raises(ReleaseError, match=f"report of release {release.id} cannot"):
                ask()


def test_release_that_is_held_is_used(releases: Releases, release: Release) -> None:
    """As long as a process has a release open nobody may prune it; one without a manifest may."""

    def is_free() -> bool:
        with releases.in_use_by_nobody(release.id) as found:
            return found

    assert is_free()
    held = [release.hold(), release.hold()]
    for descriptor in held:
        assert not is_free()
        os.close(descriptor)
    assert is_free()
    with releases.in_use_by_nobody("none") as found:
        assert found


def test_files_are_remembered_for_the_current_release(releases: Releases, release: Release) -> None:
    """What was made from the same files is known only while it is current."""
    releases.remember("a" * 64, release)
    assert releases.made_from("a" * 64)
    assert not releases.made_from("b" * 64)
    releases.activate(other(releases, release))
    assert not releases.made_from("a" * 64)
    releases.activate(release)
    assert releases.made_from("a" * 64)
    for content in (b"", b"one", b"a b c\n", b"\xff\xff\n"):
        (releases.folder / ".input").write_bytes(content)
        assert not releases.made_from("a" * 64)


def test_pointer_moves_once_and_is_written_down(releases: Releases, release: Release) -> None:
    """Who activates what is current changes nothing; the journal has each change once."""
    second = other(releases, release)
    before = os.lstat(releases.pointer).st_ino
    releases.activate(release)
    assert os.lstat(releases.pointer).st_ino == before
    for each in (second, second, release):
        releases.activate(each)
    assert [each.release for each in releases.journal.activations()] == [
        release.id,
        second.id,
        release.id,
    ]
    assert releases.current_id() == release.id
    assert os.readlink(releases.pointer) == f"releases/{release.id}"
    releases.pointer.unlink()
    assert (releases.current_id(), releases.current()) == (None, None)
    # What a build that was killed has left is in nobody's way.
    releases.pointer.with_name(f".current-{os.getpid()}").symlink_to("nowhere")
    releases.activate(release)
    assert releases.current() == release
    releases.pointer.unlink()
    releases.pointer.mkdir()
    with pytest.raises(ReleaseError, match="it is no link"):
        releases.activate(release)


def test_what_is_staged_is_a_release_or_nothing(releases: Releases, release: Release) -> None:
    """A folder that is not finished, or whose build fails, is gone; one that is takes its place."""

    def names() -> set[str]:
        return {path.name for path in releases.folder.iterdir()}

    before = names()
    with releases.staging() as staged:
        (staged.folder / "half").write_text("half")
    assert names() == before
    with pytest.raises(ZeroDivisionError), releases.staging() as staged:
        fail(staged)
    assert names() == before

    with releases.staging() as staged:
        staged.finished_as = "0123456789abcdef"
    assert names() == before | {"0123456789abcdef"}
    (releases.folder / "0123456789abcdef").rmdir()

    (release.folder / "report.json").write_text("damaged")
    with releases.staging() as staged:
        (staged.folder / "deep").mkdir()
        (staged.folder / "deep/new").write_text("new")
        staged.finished_as = release.id
    assert names() == before
    assert [path.name for path in release.folder.iterdir()] == ["deep"]
    assert (release.folder / "deep/new").read_text() == "new"


def fail(staged: Staged) -> None:
    """Fail at the last moment."""
    staged.finished_as = "finished"
    raise ZeroDivisionError


def test_what_is_removed_takes_its_notes_along(releases: Releases, release: Release) -> None:
    """Lines and sitemap of a release go with it, file or folder, and those of others stay."""
    second = other(releases, release)
    shutil.rmtree(releases.folder / ".lines")
    for each in (release, second):
        releases.note_lines(each, b"lines")
    assert (releases.folder / ".lines" / second.id).read_bytes() == b"lines"
    sitemap = releases.folder / ".sitemap" / second.id
    sitemap.mkdir(parents=True)
    (sitemap / "1.xml").write_text("x")
    assert releases.ids() == sorted([release.id, second.id])

    releases.remove(second.id)

    assert releases.ids() == [release.id]
    assert sorted(path.name for path in (releases.folder / ".lines").iterdir()) == [release.id]
    assert second.id not in {path.name for path in releases.folder.rglob("*")}
    assert not [path for path in releases.folder.iterdir() if ".building" in path.name]
    shutil.rmtree(releases.folder / ".lines")
    releases.remove(release.id)
    assert releases.ids() == []


def test_lock_names_its_holder(releases: Releases) -> None:
    """A second build is told who builds and since when, and nothing of the builds before."""
    holder = f"process {os.getpid()} on {os.uname().nodename} since 20"
    for _ in range(2):
        with releases.locked():
            with pytest.raises(BuildLocked) as told, releases.locked():
                pass
            told_of = re.fullmatch(r".* \((.*)\)\. Wait for it, or end it\.", str(told.value))
            assert told_of is not None
            assert told_of[1].startswith(holder)
            assert (releases.folder / ".lock").read_text() == f"{told_of[1]}\n"


def test_lock_clears_what_killed_builds_left(releases: Releases) -> None:
    """Half a release and a half-made pointer are gone when the next build begins; no more."""
    before = {path.name for path in releases.folder.iterdir()}
    (releases.folder / ".building-1/store").mkdir(parents=True)
    aside = releases.pointer.with_name(".current-1")
    aside.symlink_to("nowhere")
    with releases.locked():
        assert {path.name for path in releases.folder.iterdir()} == before | {".lock"}
        assert not aside.is_symlink()
        assert releases.current() is not None


def test_releases_come_in_one_order(releases: Releases, release: Release) -> None:
    """They are listed by alphabet, however the file system lists them; what is hidden is none."""
    names = [f"{number * 7 % 31:016x}" for number in range(31)]
    for name in (*names, ".hidden"):
        (releases.folder / name).mkdir()
        (releases.folder / name / "manifest.json").touch()
    (releases.folder / "empty").mkdir()
    assert releases.ids() == sorted([*names, release.id])


def test_pointer_that_cannot_be_read_is_told(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system says of the pointer is told with what to do."""

    def refuse(_: Path) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "readlink", refuse)
    with pytest.raises(ReleaseError, match="should be: Permission denied"):
        releases.current_id()


def test_release_is_on_the_disk_before_it_is_there(
    releases: Releases, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a release, and each rename, is brought to the disk; a power cut empties nothing."""
    synced: list[str] = []
    real = os.fsync

    def record(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "fsync", record)
    open_before = len(os.listdir("/proc/self/fd"))
    with releases.staging() as staged:
        for name in ("a", "deep/b", "deep/er/c"):
            path = staged.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(name)
        staged.finished_as = "0123456789abcdef"
        folder = str(staged.folder)
    of_release = [f"{folder}{name}" for name in ("", "/a", "/deep", "/deep/b", "/deep/er")]

    assert sorted(synced[:-1]) == [*of_release, f"{folder}/deep/er/c"]
    assert synced[-1] == str(releases.folder)
    synced.clear()
    shutil.copy(release.folder / "manifest.json", releases.folder / "0123456789abcdef")
    releases.activate(Release(releases.folder / "0123456789abcdef", release.manifest))
    assert str(releases.pointer.parent) in synced
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_file_is_put_aside_whole(tmp_path: Path) -> None:
    """Until all of a file is written the one before stands in its place."""
    path = tmp_path / "file"
    path.write_text("before")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        assert path.read_text() == "before"
        if path.with_name("fail").exists():
            raise ZeroDivisionError
        yield b" whole"

    path.with_name("fail").touch()
    with pytest.raises(ZeroDivisionError):
        write_aside(path, pieces())
    assert path.read_text() == "before"
    path.with_name("fail").unlink()
    write_aside(path, pieces())
    assert path.read_text() == "half whole"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]


def test_manifest_of_an_older_version_is_read(release: Release) -> None:
    """What there was not when a release was made is empty."""
    path = release.folder / "manifest.json"
    table = json.loads(path.read_text())
    for name in ("stories_sha256", "templates_sha256", "home", "dumps"):
        del table["content"][name]
    del table["rdfc_sha256"]
    path.write_text(json.dumps(table))

    found = Manifest.read(release.folder)

    content = found.content
    assert release.manifest.content.release_id() == release.id
    assert (content.stories_sha256, content.templates_sha256, content.home) == ({}, {}, ())
    assert (content.dumps, found.rdfc_sha256) == ({}, "")
    assert content.languages == release.manifest.content.languages
    assert found.files == release.manifest.files


def test_manifest_that_is_written_is_read(release: Release, tmp_path: Path) -> None:
    """What is written is what is read again; nothing is read where nothing is."""
    release.manifest.write(tmp_path)
    assert Manifest.read(tmp_path) == release.manifest
    assert (tmp_path / "manifest.json").read_bytes() == (
        release.folder / "manifest.json"
    ).read_bytes()
    with pytest.raises(ReleaseError, match="none is not a complete release"):
        Manifest.read(tmp_path / "none")


def test_manifest_says_what_is_not_read(release: Release) -> None:
    """A release of another layout is told with both numbers."""
    edit(release.folder / "manifest.json", '"format": 2', '"format": 3')
    with pytest.raises(ReleaseError, match="is a release of format 3, and this version reads form"):
        Manifest.read(release.folder)


def test_long_file_is_measured_whole(tmp_path: Path) -> None:
    """A file of several mebibytes has the sum of all of it."""
    path = tmp_path / "deep/file"
    path.parent.mkdir()
    path.write_bytes(b"x" * 2_500_000)
    found = PublishedFile.of(path, tmp_path)
    assert (found.path, found.bytes) == ("deep/file", 2_500_000)
    assert found.sha256 == "b28d028158597a0e9d58d8ece40e918253ad02ea5de85af96eccd4a00a848f93"
