"""Run a server for a while, and look at what its processes use."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_MEBIBYTE = 1 << 20
_QUERY_WORKER = b"metropole.store.query_worker"
_PARTS = ("metropole.toml", "ontology", "shapes", "data", "queries", "stories")


@dataclass(frozen=True)
class Server:
    """A server process of this machine and its port."""

    process: "subprocess.Popen[bytes]"
    port: int

    def processes(self) -> list[int]:
        """List the process and all below it."""
        return [self.process.pid, *_below(self.process.pid)]

    def query_workers(self) -> list[int]:
        """List the processes that run queries."""
        return [pid for pid in self.processes() if _QUERY_WORKER in _command(pid)]

    def others(self) -> list[int]:
        """List the processes that must never end."""
        workers = set(self.query_workers())
        return [pid for pid in self.processes() if pid not in workers and _command(pid)]


def free_port() -> int:
    """Find a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def metropole(*arguments: object) -> list[str]:
    """Give the command line of `metropole` with some arguments."""
    return [sys.executable, "-m", "metropole", *map(str, arguments)]


def oxigraph(*arguments: object) -> list[str]:
    """Give the command line of Oxigraph's own program, which is installed beside Python."""
    return [str(Path(sys.executable).parent / "oxigraph"), *map(str, arguments)]


@contextmanager
def running(command: Sequence[str], port: int, log: Path, path: str = "/") -> Iterator[Server]:
    """Run a server until the end of the block; it is there once it answers to a path."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + _STARTS_WITHIN
        while not _answers(port, path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command} does not answer: {log.read_text()}")
            time.sleep(0.05)
        yield Server(process, port)
    finally:
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
            return True
    except OSError:
        return False


def copied_site(source: Path, site: Path, port: int) -> Path:
    """Copy a site so that its base is the address of a local server, and give its settings."""
    for name in _PARTS:
        if (source / name).is_dir():
            shutil.copytree(source / name, site / name)
        elif (source / name).is_file():
            shutil.copy(source / name, site / name)
    settings = site / "metropole.toml"
    base = f'base = "http://127.0.0.1:{port}/"'
    text = re.sub(r"^base\s*=.*$", base, settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    return settings


def processor_seconds(pids: Sequence[int]) -> float:
    """Sum the processor time that processes have used so far; one that has ended counts nothing."""
    ticks = 0
    for pid in pids:
        fields = _read(pid, "stat").rpartition(b")")[2].split()
        ticks += sum(map(int, fields[11:13]))
    return ticks / _TICKS


def resident_mebibytes(pids: Sequence[int]) -> float:
    """Sum the memory that processes hold; what they share is counted for each."""
    pages = [int((_read(pid, "statm").split() or [b"0", b"0"])[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE


def open_files(pids: Sequence[int]) -> int:
    """Count the open file descriptors of processes."""
    count = 0
    for pid in pids:
        try:
            count += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
    return count


def _below(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_below(child)]
    return found


def _command(pid: int) -> bytes:
    return _read(pid, "cmdline").replace(b"\0", b" ")


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
