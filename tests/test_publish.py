import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from metropole import publish
from metropole.errors import BuildLocked, DataNotValid, MetropoleError, ReleaseError
from metropole.release import Manifest, Releases
from metropole.settings import load
from metropole.store.reading import ReadingStore
from processes import (
    SETTINGS,
    THING,
    command,
    environment,
    metropole,
    run,
    turtle,
    write,
    write_site,
)

VIOLATION = f"{THING} a :Thimg .\n"
WARNING = "# holds no statement\n"


def build(site: Path, *, strict: bool = False, force: bool = False) -> publish.Outcome:
    """Build a site."""
    return publish.build(load(site), strict=strict, force=force)


def change(site: Path, number: int) -> None:
    """Give the thing of the site another label, so that there is something to build."""
    write(site / "data/things.ttl", turtle(f'{THING} a :Thing ; rdfs:label "{number}" .\n'))


def left_over(site: Path) -> list[str]:
    """List what is in the folder of releases beside finished ones and the notes."""
    names = {path.name for path in (site / "releases").iterdir()}
    return sorted(
        names
        - set(Releases(load(site)).ids())
        - {".lock", ".input", ".journal.jsonl", ".lines", ".changes", ".feed", ".sitemap"}
    )


def test_violations_block_and_what_was_active_stays(tmp_path: Path) -> None:
    """Data with a violation are not released, and the release before stays current."""
    site = write_site(tmp_path)
    before = build(site).release
    write(site / "data/more.ttl", turtle(VIOLATION))

    with pytest.raises(DataNotValid):
        build(site)

    assert Releases(load(site)).current() == before
    assert Releases(load(site)).ids() == [before.id]
    assert left_over(site) == []


def test_warnings_block_only_when_strict(tmp_path: Path) -> None:
    """A warning lets a release through, unless the build is strict."""
    site = write_site(tmp_path)
    write(site / "data/empty.ttl", WARNING)

    with pytest.raises(DataNotValid):
        build(site, strict=True)
    assert Releases(load(site)).current() is None

    assert build(site).is_new


def test_strict_is_not_deaf_to_an_unchanged_site(tmp_path: Path) -> None:
    """What was released with warnings does not pass a strict build because no file changed."""
    site = write_site(tmp_path)
    write(site / "data/empty.ttl", WARNING)
    before = build(site).release

    with pytest.raises(DataNotValid):
        build(site, strict=True)

    assert Releases(load(site)).current() == before


def test_unchanged_input_is_not_built_again(tmp_path: Path) -> None:
    """A second build of the same files looks at nothing but their digest; --force does."""
    site = write_site(tmp_path)
    first = build(site)
    steps: list[str] = []

    second = publish.build(load(site), progress=steps.append)
    forced = build(site, force=True)

    assert (first.is_new, second.is_new, forced.is_new) == (True, False, False)
    assert second.report is None
    assert steps == ["looking for changes"]
    assert forced.report is not None
    assert first.release == second.release == forced.release


def test_comment_is_looked_at_once(tmp_path: Path) -> None:
    """A change that changes no statement is checked once, and leads to the same release."""
    site = write_site(tmp_path)
    first = build(site)
    with (site / "data/things.ttl").open("a") as file:
        file.write("# a comment\n")

    second, third = build(site), build(site)

    assert second.report is not None
    assert third.report is None
    assert not second.is_new
    assert first.release == second.release == third.release


def test_older_release_is_current_again(tmp_path: Path) -> None:
    """Files that were released before are not written again, but made current."""
    site = write_site(tmp_path)
    change(site, 1)
    first = build(site).release
    change(site, 2)
    second = build(site).release
    change(site, 1)

    third = build(site)

    assert third.release == first != second
    assert not third.is_new
    assert Releases(load(site)).current_id() == first.id


def test_activation_is_atomic(tmp_path: Path) -> None:
    """Somebody who opens `current` again and again never finds it missing or half made."""
    site = write_site(tmp_path)
    releases = Releases(load(site))
    made = []
    for number in (1, 2):
        change(site, number)
        made.append(build(site).release)
    failures: list[Exception] = []
    seen: set[str] = set()
    ends, opened = threading.Event(), threading.Event()

    def read() -> None:
        try:
            while not ends.is_set():
                seen.add(Manifest.read((site / "current").resolve(strict=True)).id)
                release = releases.current()
                assert release is not None
                ReadingStore(release)
                opened.set()
        except (MetropoleError, OSError) as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for release in made * 15:
        opened.clear()
        releases.activate(release)
        assert opened.wait(timeout=10), failures
    ends.set()
    reader.join(timeout=10)

    assert failures == []
    assert seen == {release.id for release in made}


def test_leftovers_of_a_killed_build_are_cleared(tmp_path: Path) -> None:
    """What a killed build left behind is gone after the next one."""
    site = write_site(tmp_path)
    write(site / "releases/.building-0123456789abcdef/store/CURRENT", "half")
    (site / ".current-99999").symlink_to("releases/nowhere")

    build(site)

    assert left_over(site) == []
    assert sorted(path.name for path in site.glob(".*")) == []


def test_second_build_names_the_first(tmp_path: Path) -> None:
    """Of two builds at once the second ends with 2, and says which process on which host builds."""
    site = write_site(tmp_path)

    with Releases(load(site)).locked():
        told = metropole("build", site)

    assert told.returncode == 2
    assert f"process {os.getpid()} on {os.uname().nodename}" in told.stderr
    assert "Wait for it" in told.stderr
    assert build(site).is_new


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    """A build that was killed while it held the lock keeps nobody out."""
    site = write_site(tmp_path)
    code = (
        "import sys, time; from metropole.release import Releases;"
        "from metropole.settings import load; from pathlib import Path\n"
        "with Releases(load(Path(sys.argv[1]))).locked(): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(site)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BuildLocked):
            build(site)
        holder.send_signal(signal.SIGKILL)

    assert build(site).is_new


@pytest.mark.parametrize("releases", ["releases", "file/releases"])
def test_file_in_place_of_the_folder(tmp_path: Path, releases: str) -> None:
    """Where releases cannot be written the build ends with 2 and says what to do."""
    site = write_site(tmp_path)
    write(site / "metropole.toml", f'releases = "{releases}"\n{SETTINGS}')
    write(site / releases.partition("/")[0], "a file")

    told = metropole("build", site)

    assert told.returncode == 2
    assert "'releases' in the settings" in told.stderr
    assert "A file stands where a folder is needed" in told.stderr
    assert not (site / "current").is_symlink()


def test_pointer_that_is_no_link(tmp_path: Path) -> None:
    """A folder named `current` is not touched; before any work the build says to move it."""
    site = write_site(tmp_path)
    write(site / "current/precious.txt", "mine")

    told = metropole("build", site)

    assert told.returncode == 2
    assert "it is no link. Move it away and run 'metropole build'" in told.stderr
    assert (site / "current/precious.txt").read_text() == "mine"
    assert Releases(load(site)).ids() == []


def mounted(folder: Path, options: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a command with a small file system on a folder that only the command sees."""
    script = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'
    line = ["unshare", "-m", "sh", "-c", script, "sh", options, str(folder), *map(str, words)]
    return subprocess.run(
        line, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def may_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where a process may not mount a file system of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    told = mounted(tmp_path_factory.mktemp("mount"), "size=1m", "true")
    if told.returncode:
        pytest.skip(f"mounting is not permitted here: {told.stderr.strip()}")


@contextmanager
def untouched(site: Path) -> Iterator[None]:
    """Fail when the pointer of the site is another one afterwards."""
    before = os.readlink(site / "current")
    yield
    assert os.readlink(site / "current") == before


@pytest.mark.usefixtures("may_mount")
@pytest.mark.parametrize("size", ["4k", "400k", "1500k", "3m"])
def test_full_disk(tmp_path: Path, size: str) -> None:
    """On a full disk a build ends with 2, says so, leaves nothing half, and `current` stays."""
    site = write_site(tmp_path / "site")
    build(site)
    values = (f'<id/thing/{n}> rdfs:label "{n} takes up some room" .\n' for n in range(6000))
    write(site / "data/many.ttl", turtle("".join(values)))
    write(site / "metropole.toml", f'releases = "../small/releases"\n{SETTINGS}')
    small = tmp_path / "small"
    small.mkdir()
    script = '"$@"; code=$?; ls -A "$0"/releases; exit $code'

    with untouched(site):
        told = mounted(small, f"size={size}", "sh", "-c", script, small, *command("build", site))

    assert told.returncode == 2, told
    assert "Free some space and build again" in told.stderr
    assert told.stderr.count("No space left on device") == 1
    assert "What was served before is untouched" in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout.split() in ([".lock"], [])


@pytest.mark.usefixtures("may_mount")
def test_read_only_disk(tmp_path: Path) -> None:
    """Where the disk is read-only a build ends with 2 and names the setting for another folder."""
    site = write_site(tmp_path / "site")
    build(site)
    change(site, 2)
    write(site / "metropole.toml", f'releases = "../closed/releases"\n{SETTINGS}')
    closed = tmp_path / "closed"
    closed.mkdir()

    with untouched(site):
        told = mounted(closed, "ro", *command("build", site))

    assert told.returncode == 2
    assert "Make the folder writable, or name another one with 'releases'" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.usefixtures("may_mount")
def test_new_site_on_a_read_only_disk(tmp_path: Path) -> None:
    """Where the folder of a new site cannot be written, that is one line with what to do."""
    told = mounted(tmp_path, "ro", *command("new", tmp_path))

    assert told.returncode == 2
    assert told.stderr == (
        f"Error: {tmp_path} cannot be written: Read-only file system. "
        "Make it writable, or name another one.\n"
    )


def test_disk_is_large_enough_for_a_tiny_site(tmp_path: Path, may_mount: None) -> None:
    """The tests of a small disk fail for want of space, not of a mount: a larger one will do."""
    assert may_mount is None
    site = write_site(tmp_path / "site")
    write(site / "metropole.toml", f'releases = "../small/releases"\n{SETTINGS}')
    (tmp_path / "small").mkdir()

    told = mounted(tmp_path / "small", "size=64m", *command("build", site))

    assert told.returncode == 0, told


DAMAGES = {
    "manifest": "manifest.json",
    "store": "store/CURRENT",
    "union": "union/CURRENT",
    "dump": "dumps/dataset.trig",
    "statements": "dumps/dataset.nq",
    "report": "report.json",
}


@pytest.mark.parametrize("name", [*DAMAGES, "everything"])
@pytest.mark.parametrize("is_changed", [False, True])
def test_damaged_current_release_is_made_anew(
    tmp_path: Path, name: str, *, is_changed: bool
) -> None:
    """A current release that is damaged or gone does not stop the next build; it is replaced."""
    site = write_site(tmp_path)
    before = build(site).release
    shutil.rmtree(before.folder) if name == "everything" else damage(before.folder, name)
    if is_changed:
        change(site, 2)

    after = build(site)

    assert after.is_new
    assert (after.release.id == before.id) is not is_changed
    current = Releases(load(site)).current()
    assert current == after.release
    assert current.has_all_files()
    ReadingStore(current)
    assert left_over(site) == []
    assert build(site).report is None


@pytest.mark.parametrize(
    ("name", "words"),
    [("dumps/dataset.nq", ()), ("lists.sqlite", ("--force",)), ("dumps/SHA256SUMS", ("--force",))],
)
def test_damage_that_keeps_the_size_is_mended(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    """A file with other bytes and the same length is found by its sum, and the release made anew.

    What `activate` says is to be done then does it.
    """
    site = write_site(tmp_path)
    before = build(site).release
    file = before.folder / name
    released = file.read_bytes()
    file.write_bytes(released[:-9] + bytes(byte ^ 1 for byte in released[-9:]))
    refused = run("activate", site, before.id)
    assert (refused.exit_code, "'metropole build'" in refused.stderr) == (2, True)

    told = run("build", site, *words)

    assert file.read_bytes() == released
    assert f"Release {before.id} was damaged ({name} is not what was released)" in told.stderr
    assert told.stdout.startswith(f"Release {before.id} is new.")
    assert run("activate", site, before.id).exit_code == 0
    assert left_over(site) == []
    assert "up to date" in run("build", site).stdout


def test_damaged_older_release_comes_back_whole(tmp_path: Path) -> None:
    """Files that were released before give that release as it was, though it was damaged since."""
    site = write_site(tmp_path)
    change(site, 1)
    first = build(site).release
    statements = first.folder / "dumps/dataset.nq"
    released = statements.read_bytes()
    change(site, 2)
    build(site)
    statements.write_bytes(released.replace(b'"1"', b'"7"'))
    change(site, 1)

    third = build(site)

    assert third.damage
    assert third.release == first
    assert statements.read_bytes() == released


@pytest.mark.parametrize("content", [b"", b"junk\n", b"<\xff <p> <o> .\n"])
def test_statements_of_the_current_release_that_are_none(tmp_path: Path, content: bytes) -> None:
    """Whatever stands where the statements were, `check` and the next build go on without it."""
    site = write_site(tmp_path)
    before = build(site).release
    (before.folder / "dumps/dataset.nq").write_bytes(content)

    loaded, report = publish.check(load(site))

    assert not report.findings
    assert publish.vanished_things(loaded) == ()
    assert build(site, force=True).release.has_all_files()


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """A file whose name is no text blocks by what is told of it, or is left alone elsewhere."""
    site = write_site(tmp_path)
    try:
        write(Path(os.fsdecode(os.fsencode(site) + b"/texts/\xff.txt")), "text")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert build(site).is_new
    write(Path(os.fsdecode(os.fsencode(site) + b"/data/\xff.ttl")), turtle(""))

    with pytest.raises(DataNotValid):
        build(site)


def damage(folder: Path, name: str) -> None:
    """Cut a file of a release in half."""
    path = folder / DAMAGES[name]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_releases_of_another_folder(tmp_path: Path) -> None:
    """When the setting `releases` moves the folder, `current` leads into the new one."""
    site = write_site(tmp_path)
    build(site)
    change_folder = f'releases = "elsewhere"\n{SETTINGS}'
    write(site / "metropole.toml", change_folder)
    shutil.move(site / "releases", site / "elsewhere")

    release = build(site).release

    assert (site / "current").resolve() == release.folder.resolve()


def test_get_of_a_release_that_is_not_there(tmp_path: Path) -> None:
    """A release that is not there is an error that says what to do, not a file error."""
    with pytest.raises(ReleaseError, match="Run 'metropole build'"):
        Releases(load(write_site(tmp_path))).get("0123456789abcdef")


def test_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    """A link to a file that is not there blocks with its name, and is no crash."""
    site = write_site(tmp_path)
    (site / "data/away.ttl").symlink_to("nowhere.ttl")

    told = metropole("build", site)

    assert told.returncode == 1
    assert "data/away.ttl" in told.stdout
    assert "Traceback" not in told.stderr
