"""Start the real command, or run it here; wait with a deadline, and see that nothing stays."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from click.testing import CliRunner, Result

from metropole.cli import main

SOURCE = Path(__file__).parent.parent / "src"
_ENDS_WITHIN = 5.0
_STARTS_WITHIN = 40.0
Text = subprocess.CompletedProcess[str]

SETTINGS = 'title = "T"\nbase = "https://t.example/"\n'
_PREFIXES = (
    "@prefix : <ns#> .\n"
    "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)
THING = "<id/thing/a>"


def turtle(body: str) -> str:
    """Put the prefixes of the tiny site before some Turtle."""
    return _PREFIXES + body


def write_site(folder: Path, **data: str) -> Path:
    """Write a tiny site without shapes; each keyword is a file in data/ (without extension)."""
    for name, text in (data or {"things": f'{THING} a :Thing ; rdfs:label "a" .\n'}).items():
        write(folder / "data" / f"{name}.ttl", turtle(text))
    thing = ':Thing a owl:Class ; rdfs:label "thing"@en ; rdfs:comment "Any."@en .\n'
    write(folder / "ontology" / "ns.ttl", turtle(thing))
    write(folder / "metropole.toml", SETTINGS)
    return folder


def write(path: Path, text: str) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment of the commands: this source tree, and no date from outside."""
    kept = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    return {**kept, "PYTHONPATH": str(SOURCE), "COLUMNS": "100", **(extra or {})}


def command(*arguments: object) -> list[str]:
    """Give the command line of `metropole` with some arguments."""
    return [sys.executable, "-m", "metropole", *map(str, arguments)]


def metropole(
    *arguments: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Text:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(env),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run(*words: object, cwd: Path | None = None, stdin: str = "") -> Result:
    """Run a command in this process, which is ten times as fast and the same code.

    What a process of its own has to do with it is proved where `metropole` is called.
    """
    with contextlib.chdir(cwd or Path()):
        arguments = [str(word) for word in words]
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="metropole")


def wait_until(
    holds: Callable[[], object], *, seconds: float = 60.0, tell: Callable[[], str] = str
) -> None:
    """Wait until something holds; fails at the deadline, and tells what else is known then."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds} seconds {tell()}"
        time.sleep(0.02)


def free_port() -> int:
    """Find a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children_of() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            found.setdefault(int(parent), []).append(int(stat.parent.name))
    return found


def descendants(pid: int) -> set[int]:
    """List the processes below a process."""
    children, found, waiting = _children_of(), set[int](), [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and is not yet waited for does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@dataclass
class Server:
    """A running `metropole serve`."""

    process: subprocess.Popen[str]
    port: int

    def ask(self, path: str) -> tuple[int, str]:
        """Ask for a path: status and body."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def ready(self) -> dict[str, object]:
        """Give what /-/ready says."""
        told = json.loads(self.ask("/-/ready")[1])
        assert isinstance(told, dict)
        return told

    def is_ready(self) -> bool:
        """Tell whether the server answers; fails when it has ended."""
        assert self.process.poll() is None, self.process.communicate()
        try:
            return self.ask("/-/ready")[0] == 200
        except OSError:
            return False

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> Text:
        """End the server by its process id; fails when a process of it stays."""
        below = descendants(self.process.pid)
        deadline = time.monotonic() + _ENDS_WITHIN
        self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=_ENDS_WITHIN)
        left = deadline - time.monotonic()
        wait_until(lambda: not any(map(is_alive, below)), seconds=left)
        return subprocess.CompletedProcess([], self.process.returncode, out, err)


def start(
    site: Path, *options: str, cwd: Path | None = None, stderr: IO[str] | None = None
) -> Server:
    """Start a server on a free port, in a process group of its own, and wait until it is ready."""
    port = free_port()
    process = subprocess.Popen(
        command("serve", site, "--port", port, *options),
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr or subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    server = Server(process, port)
    try:
        wait_until(server.is_ready, seconds=_STARTS_WITHIN)
    except BaseException:
        _end(process)
        raise
    return server


@contextmanager
def serving(
    site: Path, *options: str, cwd: Path | None = None, stderr: IO[str] | None = None
) -> Iterator[Server]:
    """Serve a site for a while; fails when a process stays behind or something was told as wrong.

    A test that ends the server itself is believed.
    """
    server = start(site, *options, cwd=cwd, stderr=stderr)
    try:
        yield server
        if server.process.returncode is None:
            told = server.stop()
            assert told.returncode == 0, told
            assert "Traceback" not in (told.stderr or ""), told.stderr
    finally:
        _end(server.process)
        if stderr is not None:
            stderr.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Kill what is left of a process and those below it."""
    for pid in (*descendants(process.pid), process.pid):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
