"""Attack a server with every hostile query, five at a time, while point lookups go on.

Then one client asks twenty endless queries at a time, while others ask brief ones.

    python bench/hostile.py [--quick] [--only NAME]

After each query and at the end it looks whether what is promised holds: no process but query
workers ends, nothing is asked of the network, each answer is whole or an error, the lookups are
all answered, 99 % of them within three times what they take without an attack, and memory and
files are given back. None of the brief queries is refused, and none waits for the time limit of
the endless ones. It ends with 1 when one does not.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from attack import Trap, attack
from generate import SETTINGS, TRIPLES_PER_PLACE, write_site
from greedy import BRIEF, OTHERS, beside, greedy
from hostile_queries import DISGUISES, EXHAUSTING, FETCHING
from lookups import Lookup, Lookups, lookups, percentile
from running import Server, free_port, metropole, open_files, resident_mebibytes, running

_TIMES = 5
_TRIPLES = 50_000
_LOOKUPS_A_SECOND = 50
_MOST_SLOWER = 3.0
_SECONDS, _QUICK_SECONDS = 10, 2
_GREEDY_SECONDS = 20.0
#: What a client waits beyond the time limits of all that are before it.
_GRACE_SECONDS = 20
_CALM_SECONDS = 10.0
#: What may stay: caches of the process and of its allocator, which do not grow with the attack.
_MOST_MEBIBYTES_MORE, _MOST_FILES_MORE = 150, 4
_SETTLES_WITHIN = 15.0
_MUST_NOT_BE = ("half", "hung", "failed")


@dataclass
class Siege:
    """A server under attack, what it was before, and which promises it has broken."""

    server: Server
    trap: Trap
    asked: Lookups
    seconds: int
    before: "State"
    calm_ms: float
    under_attack: list[Lookup] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def ask(self, name: str, query: str) -> None:
        """Ask one hostile query some times at once, and print what became of it."""
        query = query.replace("{}", self.trap.address) if name in _NETWORK else query
        longest = self.seconds * _TIMES + _GRACE_SECONDS
        self.asked.take()
        found = attack(self.server.port, query, times=_TIMES, seconds=longest)
        during = self.asked.take()
        self.answers += found
        self.under_attack += during
        self._judge(name, found, during)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
        slow = f"{percentile(during, 99):7.1f} ms" if len(during) > 1 else ""
        print(f"{name:36} {told:36} {slow}", flush=True)

    def _judge(self, name: str, found: Counter[str], during: list[Lookup]) -> None:
        self.broken += [f"{name}: {found[kind]} {kind}" for kind in _MUST_NOT_BE if found[kind]]
        problems = Counter(each.problem for each in during if each.problem)
        self.broken += [f"{name}: {n} lookups: {text}" for text, n in problems.items()]
        if self.trap.calls():
            self.broken.append(f"{name}: the network was asked")
        if not set(self.before.others) <= set(self.server.others()):
            self.broken.append(f"{name}: a process ended that is no query worker")

    def ask_without_end(self) -> None:
        """Let one client have twenty endless queries at a time, and print how long others wait."""
        with greedy(self.server.port):
            time.sleep(self.seconds)
            waits = beside(self.server.port, BRIEF, OTHERS, seconds=_GREEDY_SECONDS)
        self.broken += [f"greedy: {n} brief queries: {told}" for told, n in waits.refused.items()]
        if waits.percentile(99) > self.seconds:
            self.broken.append("greedy: brief queries wait as long as endless ones run")
        print(f"brief queries beside a greedy client: {waits}", flush=True)

    def end(self) -> None:
        """Look whether everything is given back, and print the sum."""
        after = self._settled()
        slower = percentile(self.under_attack, 99) / self.calm_ms
        if slower > _MOST_SLOWER:
            self.broken.append(f"lookups: p99 is {slower:.1f} times its calm value")
        if not after.is_back_to(self.before):
            self.broken.append(f"not given back: {self.before} became {after}")
        print(f"answers: {dict(self.answers)}")
        print(f"before {self.before}\nafter  {after}")
        print(
            f"lookups: p99 calm {self.calm_ms:.1f} ms, under attack "
            f"{percentile(self.under_attack, 99):.1f} ms ({slower:.1f} times), "
            f"p50 {percentile(self.under_attack, 50):.1f} ms, {len(self.under_attack)} asked"
        )

    def _settled(self) -> "State":
        deadline = time.monotonic() + _SETTLES_WITHIN
        while True:
            state = State.of(self.server)
            if state.is_back_to(self.before) or time.monotonic() > deadline:
                return state
            time.sleep(0.2)


@dataclass(frozen=True)
class State:
    """What the processes of a server hold."""

    others: list[int]
    workers: int
    mebibytes: int
    workers_mebibytes: int
    files: int

    @classmethod
    def of(cls, server: Server) -> "State":
        """Look at a server now."""
        others, workers = server.others(), server.query_workers()
        return cls(
            others,
            len(workers),
            round(resident_mebibytes(others)),
            round(resident_mebibytes(workers)),
            open_files(others),
        )

    def is_back_to(self, before: "State") -> bool:
        """Tell whether no more is held than before, but for what does not grow."""
        return (
            set(self.others) >= set(before.others)
            and self.workers == before.workers
            and self.mebibytes <= before.mebibytes + _MOST_MEBIBYTES_MORE
            and self.workers_mebibytes <= before.workers_mebibytes + _MOST_MEBIBYTES_MORE
            and self.files <= before.files + _MOST_FILES_MORE
        )


_NETWORK = {f"network: {name}": text for name, text in {**FETCHING, **DISGUISES}.items()}


def main() -> None:
    """Make a site, serve it, attack it, and end with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seconds for each query")
    parser.add_argument("--only", default="", help="queries that have this in their name")
    options = parser.parse_args()
    seconds = _QUICK_SECONDS if options.quick else _SECONDS
    queries = {**EXHAUSTING, **_NETWORK}
    with ExitStack() as stack:
        site = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        siege = _siege(site, seconds, stack)
        for name, query in queries.items():
            if options.only in name:
                siege.ask(name, query)
        siege.ask_without_end()
        siege.end()
    for each in siege.broken:
        print(f"BROKEN  {each}")
    load = os.getloadavg()
    print(f"{len(siege.broken)} promises broken; load average {load[0]:.1f} {load[2]:.1f}")
    sys.exit(bool(siege.broken))


def _siege(site: Path, seconds: int, stack: ExitStack) -> Siege:
    write_site(site, triples=_TRIPLES)
    shutil.rmtree(site / "shapes")
    limits = (
        f"[limits]\nquery_timeout_seconds = {seconds}\nquery_memory_mebibytes = 256\n"
        "client_seconds_per_minute = 0\nconcurrent_queries = 2\n"
    )
    (site / "metropole.toml").write_text(SETTINGS + limits, encoding="utf-8")
    subprocess.run(metropole("build", site), check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    command = metropole("serve", site, "--port", port)
    server = stack.enter_context(running(command, port, site / "server.log", "/-/health"))
    trap = Trap()
    stack.callback(trap.close)
    places = _TRIPLES // TRIPLES_PER_PLACE
    asked = stack.enter_context(lookups(port, a_second=_LOOKUPS_A_SECOND, places=places))
    calm = _calm(asked)
    return Siege(server, trap, asked, seconds, State.of(server), percentile(calm, 99))


def _calm(asked: Lookups) -> list[Lookup]:
    """Wait until everything has been used once, and see how long lookups take then."""
    time.sleep(_CALM_SECONDS / 3)
    asked.take()
    time.sleep(_CALM_SECONDS)
    return asked.take()


if __name__ == "__main__":
    main()
