import importlib.util
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.parse
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from metropole import publish
from metropole.cli.watching import Watcher
from metropole.release import Releases
from metropole.settings import Settings, load
from processes import (
    SETTINGS,
    SOURCE,
    THING,
    Server,
    descendants,
    environment,
    free_port,
    is_alive,
    metropole,
    serving,
    turtle,
    wait_until,
    write,
    write_site,
)

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
#: A query that is not done for hours: a product of all statements, many times over.
ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }"
)


def relabel(site: Path, label: str) -> None:
    """Give the thing of a site another label."""
    write(site / "data/things.ttl", turtle(f'{THING} a :Thing ; rdfs:label "{label}" .\n'))


def build(site: Path, label: str) -> str:
    """Build a site whose thing has a label, and give the id of the release."""
    relabel(site, label)
    return publish.build(load(site)).release.id


def small_site(folder: Path) -> Path:
    """Write a site whose server has two query workers."""
    site = write_site(folder)
    write(site / "metropole.toml", f"{SETTINGS}[limits]\nconcurrent_queries = 2\n")
    return site


def large_site(folder: Path) -> Path:
    """Write a site with enough statements for a query without an end."""
    things = "".join(f'<id/thing/{n}> rdfs:label "{n}" .\n' for n in range(500))
    write(folder / "data" / "many.ttl", turtle(things))
    return small_site(folder)


def label_of(server: Server) -> str:
    """Ask the document about the thing for its label."""
    status, body = server.ask("/doc/thing/a.nt")
    assert status == 200, body
    found = re.search(f'<{LABEL}> "(.*?)"', body)
    assert found is not None, body
    return found[1]


def queried_label(server: Server) -> str:
    """Ask the SPARQL endpoint for the label."""
    query = f"SELECT ?l {{ <https://t.example/id/thing/a> <{LABEL}> ?l }}"
    status, body = server.ask("/sparql?" + urllib.parse.urlencode({"query": query}))
    assert status == 200, body
    found = re.search(r'"value": ?"(.*?)"', body)
    assert found is not None, body
    return found[1]


@contextmanager
def endless_query(server: Server) -> Iterator[None]:
    """Keep a query worker at work meanwhile."""
    address = "/sparql?" + urllib.parse.urlencode({"query": ENDLESS})
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"GET {address} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        wait_until(lambda: any(map(_is_busy, descendants(server.process.pid))))
        yield


def _is_busy(pid: int) -> bool:
    """Tell whether a process is a query worker that has used processor time of its own."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_text()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return "query_worker" in line and int(fields[11]) > os.sysconf("SC_CLK_TCK")


def test_server_answers(tmp_path: Path) -> None:
    """`serve` builds when there is no release, then serves documents, queries and dumps."""
    site = small_site(tmp_path / "site")
    relabel(site, "first")

    # The site is named by a relative path: the application is at home elsewhere.
    with serving(Path("site"), cwd=tmp_path) as server:
        assert server.ready()["status"] == "ready"
        assert label_of(server) == "first"
        assert queried_label(server) == "first"
        assert server.ask("/")[0] == 200
        status, dump = server.ask("/dumps/latest/dataset.nq")
        assert status == 200
        assert f'<{LABEL}> "first"' in dump
        told = server.stop()

    assert f"Serving T on http://127.0.0.1:{server.port}/" in told.stdout
    assert (site / "current").is_symlink()


def damaged_unheard(site: Path, folder: Path, label: str) -> None:
    """Put another label into the statements of a release, at the same length, and into its stores.

    The stores are those of another site, with a statement more.
    """
    other = write_site(folder, things=f'{THING} a :Thing ; rdfs:label "{label}" , "more" .\n')
    made = publish.build(load(other)).release.folder
    for store in ("store", "union"):
        shutil.rmtree(site / "current" / store)
        shutil.copytree(made / store, site / "current" / store)
    statements = site / "current/dumps/dataset.nq"
    statements.write_bytes(statements.read_bytes().replace(b'"whole"', f'"{label}"'.encode()))


def test_release_that_was_made_anew_is_opened(tmp_path: Path) -> None:
    """A build that mends the release that is served is seen, though its id is the same."""
    site = small_site(tmp_path / "site")
    release = build(site, "whole")
    damaged_unheard(site, tmp_path / "other", "wrong")
    with serving(site) as server:
        for _ in range(3):  # it keeps what it has said
            assert label_of(server) == "wrong"
            assert queried_label(server) in ("wrong", "more")

        told = metropole("build", site)

        assert f"Release {release} was damaged" in told.stderr
        for _ in range(3):
            assert label_of(server) == "whole"
            assert queried_label(server) == "whole"
        assert server.ready() == {**server.ready(), "status": "ready", "release": release}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_server_ends_whole(tmp_path: Path, sign: signal.Signals) -> None:
    """SIGTERM ends the server and all its workers within 5 seconds, one at work included."""
    with serving(large_site(tmp_path)) as server, endless_query(server):
        below = descendants(server.process.pid)
        told = server.stop(sign)

    assert len(below) >= 3, "the server and two query workers"
    assert told.returncode == 0
    assert "Traceback" not in told.stderr


def test_interrupt_from_a_terminal(tmp_path: Path) -> None:
    """Ctrl-C, which a terminal sends to the whole process group, ends the server without noise."""
    with serving(small_site(tmp_path)) as server:
        below = descendants(server.process.pid)
        assert server.process.stdout is not None
        assert server.process.stdout.readline().startswith("Serving T on ")

        os.killpg(server.process.pid, signal.SIGINT)

        out, err = server.process.communicate(timeout=5)
        wait_until(lambda: not any(map(is_alive, below)), seconds=5)
    assert server.process.returncode == 0
    assert (out, err) == ("", "")


def test_killed_server_leaves_nothing(tmp_path: Path) -> None:
    """After SIGKILL of the server no worker is left, one at work included, and the port is free."""
    with serving(large_site(tmp_path)) as server, endless_query(server):
        below = descendants(server.process.pid)
        server.process.kill()
        server.process.communicate(timeout=10)
        wait_until(lambda: not any(map(is_alive, below)), seconds=5)

    assert len(below) >= 3
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))


def test_port_in_use(tmp_path: Path) -> None:
    """When something listens on the port, `serve` ends with 2 and names the other option."""
    site = write_site(tmp_path)
    publish.build(load(site))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        told = metropole("serve", site, "--port", taken.getsockname()[1])

    assert told.returncode == 2
    assert "choose another port with --port" in told.stderr
    assert "Serving" not in told.stdout


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1"])
def test_host_that_is_no_address(tmp_path: Path, host: str) -> None:
    """`serve` on an address that this machine has not says so, and what to write."""
    site = write_site(tmp_path)
    publish.build(load(site))

    told = metropole("serve", site, "--host", host)

    assert told.returncode == 2
    assert f"Cannot listen on '{host}': it is no address of this machine." in told.stderr
    assert "End what listens" not in told.stderr


def test_first_release_that_is_blocked(tmp_path: Path) -> None:
    """Without a release, `serve` of data with violations ends with 1 and tells them."""
    site = write_site(tmp_path, more=f"{THING} a :Thimg .\n")

    told = metropole("serve", site, "--port", free_port())

    assert told.returncode == 1
    assert "data/more.ttl:4: violation: " in told.stdout


@pytest.mark.parametrize("name", ["manifest.json", "store", "store/*.sst", "union/*.sst"])
def test_broken_current_release(tmp_path: Path, name: str) -> None:
    """`serve` of a current release that cannot be opened ends with 2 and says to build."""
    site = write_site(tmp_path)
    publish.build(load(site))
    for path in list((site / "current").glob(name)):
        path.rename(tmp_path / path.name)

    told = metropole("serve", site, "--port", free_port())

    assert told.returncode == 2
    assert "Run 'metropole build'" in told.stderr
    assert "Traceback" not in told.stderr
    assert "Serving" not in told.stdout


def test_server_follows_while_it_is_asked(tmp_path: Path) -> None:
    """The server moves to a new release without a restart, and no request fails meanwhile."""
    site = small_site(tmp_path)
    ids = [build(site, "1"), build(site, "2")]
    seen: list[tuple[str, str]] = []
    failures: list[Exception] = []
    ends = threading.Event()

    def ask() -> None:
        try:
            while not ends.is_set():
                seen.append((label_of(server), queried_label(server)))
        except (AssertionError, OSError) as error:
            failures.append(error)

    with serving(site) as server:
        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        for release_id, label in zip(ids * 3, itertools.cycle("12"), strict=False):
            publish.activate(load(site), release_id)
            wait_until(lambda: server.ready()["release"] == release_id)  # noqa: B023
            mark = len(seen)
            wait_until(lambda: failures or (label, label) in seen[mark:])  # noqa: B023
        ends.set()
        for asker in askers:
            asker.join(timeout=15)

    assert failures == []
    assert {label for pair in seen for label in pair} == {"1", "2"}


def test_broken_data_leave_the_old_release_served(tmp_path: Path) -> None:
    """A build of broken data ends with 1 and names the line; the server answers as before."""
    site = small_site(tmp_path)
    before = build(site, "old")
    with serving(site) as server:
        write(site / "data/more.ttl", turtle(f"{THING} rdfs:label .\n"))

        told = metropole("build", site)

        assert told.returncode == 1
        assert "data/more.ttl:4" in told.stdout
        assert server.ready()["release"] == before
        assert label_of(server) == queried_label(server) == "old"


def test_watching_server_picks_up_changes(tmp_path: Path) -> None:
    """`serve --watch` releases a change, says when one is not valid, and goes on with the next."""
    site = small_site(tmp_path)
    relabel(site, "first")
    with serving(site, "--watch") as server:
        assert label_of(server) == "first"
        relabel(site, "second")
        wait_until(lambda: label_of(server) == "second", seconds=60)
        write(site / "data/more.ttl", "broken")
        write(site / "metropole.toml", "broken")
        before = server.ready()["release"]
        (site / "data/more.ttl").unlink()
        write(site / "metropole.toml", SETTINGS.replace('"T"', '"New title"'))
        wait_until(lambda: server.ready()["release"] != before, seconds=60)
        wait_until(lambda: "New title" in server.ask("/")[1], seconds=60)
        limited = "\n[limits]\nqueued_queries = 3\n"
        write(site / "metropole.toml", SETTINGS.replace('"T"', '"Limited"') + limited)
        wait_until(lambda: "Limited" in server.ask("/")[1], seconds=60)
        told = server.stop()

    assert "is served." in told.stdout
    assert told.stdout.count("start the server again") == 2  # limits went, and others came
    assert "Traceback" not in told.stderr


def test_watching_server_tells_what_is_wrong(tmp_path: Path) -> None:
    """What a watching server cannot build it tells once, and the old release stays."""
    site = small_site(tmp_path)
    before = build(site, "first")
    with serving(site, "--watch", stderr=(tmp_path / "errors").open("w")) as server:
        write(site / "data/more.ttl", "broken")
        wait_until(lambda: "metropole check" in (tmp_path / "errors").read_text(), seconds=60)
        write(site / "metropole.toml", "broken")
        wait_until(lambda: "metropole.toml" in (tmp_path / "errors").read_text(), seconds=60)
        told = time.monotonic()
        wait_until(lambda: time.monotonic() > told + 2.5)  # it has looked twice again
        assert server.ready()["release"] == before
    errors = (tmp_path / "errors").read_text().splitlines()

    assert len(errors) == 2, errors


def test_watching_server_does_not_wait_for_a_build(tmp_path: Path) -> None:
    """A server that is told to end in the midst of a long build ends soon, and nothing is left."""
    site = small_site(tmp_path)
    before = build(site, "first")
    with serving(site, "--watch") as server:
        things = "".join(f'<id/thing/{n}> rdfs:label "{n}" .\n' for n in range(100_000))
        write(site / "data/many.ttl", turtle(things))
        wait_until(lambda: any(site.glob("releases/.building-*/*/dataset.nq")), seconds=60)
        told = server.stop()

    assert told.returncode == 0
    assert told.stderr == ""
    assert Releases(load(site)).current_id() == before


def test_watching_ends_with_a_killed_server(tmp_path: Path) -> None:
    """After SIGKILL of the server nothing goes on to build."""
    site = small_site(tmp_path)
    build(site, "first")
    with serving(site, "--watch") as server:
        below = descendants(server.process.pid)
        server.process.kill()
        server.process.communicate(timeout=10)
        wait_until(lambda: not any(map(is_alive, below)), seconds=5)

    assert len(below) >= 4, "serving, watching and two query workers"


def test_end_of_watching_is_told(tmp_path: Path) -> None:
    """A server whose watching process is killed says so, and goes on to serve."""
    site = small_site(tmp_path)
    build(site, "first")
    with serving(site, "--watch") as server:
        (watching,) = (pid for pid in descendants(server.process.pid) if _watches(pid))
        os.kill(watching, signal.SIGKILL)
        assert server.process.stderr is not None
        assert "start the server again" in server.process.stderr.readline()
        assert label_of(server) == "first"


def _watches(pid: int) -> bool:
    """Tell whether a process is one like those that serve, but has no query workers below it."""
    line = Path(f"/proc/{pid}/cmdline").read_text()
    return "spawn_main" in line and not descendants(pid)


def test_watching_goes_on_after_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that nobody foresaw is told once as a fault, and the next change is built."""
    site = small_site(tmp_path)
    build(site, "first")
    watcher, real, faults = Watcher(load(site)), publish.build, iter([ValueError("odd")])

    def build_or_fail(settings: Settings) -> publish.Outcome:
        for fault in faults:
            raise fault
        return real(settings)

    monkeypatch.setattr(publish, "build", build_or_fail)
    watcher.look()
    watcher.look()
    told = capsys.readouterr().err
    relabel(site, "second")
    watcher.look()

    assert told.count("ValueError: odd") == told.count("fault of Metropole") == 1
    assert "is served." in capsys.readouterr().out


def test_watching_mends_a_damaged_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first look makes a damaged release anew, and tells who may still have what it was."""
    site = small_site(tmp_path)
    build(site, "first")
    statements = site / "current/dumps/dataset.nq"
    released = statements.read_bytes()
    statements.write_bytes(released.replace(b"first", b"fir5t"))

    Watcher(load(site)).look()

    assert "Servers open it by themselves" in capsys.readouterr().err
    assert statements.read_bytes() == released


@pytest.mark.parametrize("how", ["empty", "missing", "folder"])
def test_broken_pointer_keeps_the_edition(tmp_path: Path, how: str) -> None:
    """When `current` leads to what is no release, the edition stays, and /-/ready says degraded."""
    site = small_site(tmp_path)
    before = build(site, "first")
    with serving(site) as server:
        target = site / "releases" / "0123456789abcdef"
        if how == "empty":
            target.mkdir()
        aside = site / "aside"
        aside.mkdir() if how == "folder" else aside.symlink_to(target)
        if how == "folder":
            (site / "current").unlink()
        aside.replace(site / "current")

        ready = server.ready()

        assert (ready["status"], ready["release"]) == ("degraded", before)
        assert ready["problem"]
        assert label_of(server) == queried_label(server) == "first"
        if how == "folder":
            (site / "current").rmdir()
        after = build(site, "second")
        wait_until(lambda: server.ready()["status"] == "ready")
        assert server.ready()["release"] == after
        assert label_of(server) == queried_label(server) == "second"


def test_two_servers_of_one_site(tmp_path: Path) -> None:
    """Two servers may serve one site; both follow, and one goes on when the other ends."""
    site = small_site(tmp_path)
    build(site, "first")
    with serving(site) as one, serving(site) as other:
        assert label_of(one) == label_of(other) == "first"
        build(site, "second")
        wait_until(lambda: label_of(one) == label_of(other) == "second")
        assert one.stop().returncode == 0
        assert queried_label(other) == "second"


def pip(*words: object, python: object = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run pip for a Python on what is given, without dependencies."""
    line = [sys.executable, "-m", "pip", "--python", str(python), *map(str, words)]
    line += ("--quiet", "--disable-pip-version-check", "--no-deps")
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this source tree, from a copy of what belongs to it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(SOURCE.parent / name, folder)
    shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    is_there = importlib.util.find_spec("hatchling") is not None
    isolation = ("--no-build-isolation",) if is_there else ()
    told = pip("wheel", *isolation, "--wheel-dir", folder, folder)
    if "No matching distribution found for hatchling" in told.stderr:
        pytest.skip("hatchling, which builds the wheel, is neither installed nor to be fetched")
    assert told.returncode == 0, told.stderr
    (made,) = folder.glob("metropole-*.whl")
    return made


def test_wheel_holds_every_file(wheel: Path) -> None:
    """The wheel holds every file of the package, hidden ones too."""
    files = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "metropole").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }

    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())

    for name in ("web/templates/base.html", "web/static/style.css", "starting_site/.gitignore"):
        assert f"metropole/{name}" in files
    assert {name for name in held if ".dist-info/" not in name} == files


def test_installed_command_starts_and_serves_a_site(wheel: Path, tmp_path: Path) -> None:
    """Installed from the wheel, `metropole new demo` and `metropole serve demo` are enough."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin/python"
    # Into the new environment and before it sees the libraries of this one: pip would take the
    # metropole it finds there for an older version, and remove it.
    told = pip("install", "--no-index", wheel, python=python)
    assert told.returncode == 0, told.stderr
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = venv / "lib" / version / "site-packages"
    write(libraries / "libraries.pth", sysconfig.get_path("purelib") + "\n")
    installed = {**environment(), "PYTHONPATH": "", "PATH": f"{venv / 'bin'}:/usr/bin:/bin"}

    def ask(*words: str) -> str:
        return subprocess.run(
            words, cwd=tmp_path, env=installed, capture_output=True, text=True, check=True
        ).stdout

    where = ask(str(python), "-c", "import metropole; print(metropole.__file__)")
    assert where.strip() == str(libraries / "metropole/__init__.py")
    assert "is a site now" in ask("metropole", "new", "demo")
    port = free_port()
    process = subprocess.Popen(
        [venv / "bin/metropole", "serve", "demo", "--port", str(port)],
        cwd=tmp_path,
        env=installed,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process, port)
    try:
        wait_until(server.is_ready, seconds=60)
        status, page = server.ask("/")
        assert status == 200
        assert "Bridges of our town" in page
        assert server.ask("/doc/bridge/old.ttl")[0] == 200
        assert server.stop().returncode == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_serving_process_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    """When the process that serves is killed, as for want of memory, the server answers again.

    One that is killed again and again ends the server, which says why.
    """
    site = small_site(tmp_path)
    build(site, "first")
    with serving(site) as server:
        before = descendants(server.process.pid)
        for child in before:
            os.kill(child, signal.SIGKILL)

        wait_until(lambda: server.is_ready() and queried_label(server) == "first")
        assert not before & descendants(server.process.pid)

        def has_ended() -> bool:
            for pid in serving_processes(server):
                os.kill(pid, signal.SIGKILL)
            return server.process.poll() is not None

        wait_until(has_ended)
        told = server.process.communicate()[1]
        assert server.process.returncode == 1
        assert "died within seconds" in told
        assert "Traceback" not in told


def test_each_of_several_serving_processes_may_die(tmp_path: Path) -> None:
    """Whichever is killed, the one that runs the queries or another, all is answered again."""
    site = small_site(tmp_path)
    write(site / "metropole.toml", f"{SETTINGS}\n[limits]\nserving_processes = 2\n")
    build(site, "first")
    with serving(site) as server:
        wait_until(lambda: len(serving_processes(server)) == 2)
        for _ in range(2):
            killed = serving_processes(server)[0]
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: killed not in (now := serving_processes(server)) and len(now) == 2)  # noqa: B023
            wait_until(lambda: all(server.is_ready() for _ in range(10)))
            assert {queried_label(server) for _ in range(10)} == {"first"}


def test_place_for_temporary_files_that_does_not_do_is_told(tmp_path: Path) -> None:
    """A folder for temporary files with too long a path ends the command with what to do."""
    site = small_site(tmp_path)
    write(site / "metropole.toml", f"{SETTINGS}\n[limits]\nserving_processes = 2\n")
    build(site, "first")
    long = tmp_path / ("x" * 120)
    long.mkdir()
    told = metropole("serve", site, "--port", free_port(), env={"TMPDIR": str(long)})

    assert told.returncode == 2
    assert "Set TMPDIR" in told.stderr
    assert "Traceback" not in told.stderr


def serving_processes(server: Server) -> list[int]:
    """List the processes that answer requests, the oldest first."""
    below = descendants(server.process.pid)
    return sorted((pid for pid in below if b"spawn_main" in command_of(pid)), key=started)


def started(pid: int) -> int:
    """Tell when a process was started; numbers of processes begin anew some time."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def command_of(pid: int) -> bytes:
    """Give the command of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_release_that_vanishes_is_told(tmp_path: Path) -> None:
    """When somebody removes what is served, /-/ready says so and a download is no plain 500."""
    site = small_site(tmp_path)
    release = build(site, "first")
    with serving(site) as server:
        shutil.rmtree(site / "releases" / release)

        assert server.ready()["status"] == "damaged"
        assert "is gone" in str(server.ready()["problem"])
        assert server.ask(f"/dumps/{release}/dataset.ttl")[0] == 503
