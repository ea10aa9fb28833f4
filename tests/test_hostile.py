"""A server under attack keeps its promises; `make soak` attacks with every query and for longer."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from attack import Trap, attack
from generate import SETTINGS, write_site
from hostile_queries import DISGUISES, EXHAUSTING, FETCHING
from lookups import CONNECTIONS, Lookups, lookups
from metropole import publish
from metropole.settings import load
from processes import wait_until
from running import Server, free_port, metropole, open_files, running

LIMITS = """\
[limits]
query_timeout_seconds = 1
query_memory_mebibytes = 128
concurrent_queries = 2
client_seconds_per_minute = 0
"""
TRIPLES, PLACES = 5_000, 500
#: One of each kind: rows, sorting, a wrong guess, a path, growing texts, the stack, the network.
SAMPLE = (
    "product of everything",
    "product, sorted",
    "looks like a lookup",
    "REPLACE bomb",
    "nested brackets",
)
#: Far more than a lookup takes on a slow machine, and less than any hostile query has.
MOST_SECONDS = 5


@dataclass
class Besieged:
    """A server, lookups that go on, and a port on which nobody must call."""

    server: Server
    asked: Lookups
    trap: Trap


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """A server of generated places."""
    site = tmp_path_factory.mktemp("hostile")
    write_site(site, triples=TRIPLES)
    (site / "shapes/places.ttl").unlink()
    (site / "metropole.toml").write_text(SETTINGS + LIMITS, encoding="utf-8")
    publish.build(load(site))
    port = free_port()
    trap = Trap()
    with (
        running(metropole("serve", site, "--port", port), port, site / "log", "/-/health") as found,
        lookups(port, a_second=20, places=PLACES) as asked,
    ):
        # Until all connections of the lookups are there.
        wait_until(lambda: asked.poll() >= 2 * CONNECTIONS)
        yield Besieged(found, asked, trap)
    trap.close()


def test_enough_hostile_queries() -> None:
    """The attack has at least forty queries, those that reach for the network not counted."""
    assert len(set(EXHAUSTING.values())) >= 40


def test_attack_harms_nobody(besieged: Besieged) -> None:
    """Each answer is whole or an error, lookups are answered, and everything is given back."""
    others, workers = besieged.server.others(), len(besieged.server.query_workers())
    files = open_files(others)
    found: Counter[str] = Counter()
    for name in SAMPLE:
        found += attack(besieged.server.port, EXHAUSTING[name], times=5, seconds=30)

    assert found.keys() <= {"whole", "refused", "stopped", "cut"}
    assert found["stopped"]
    assert found["refused"]
    during = besieged.asked.take()
    assert not [each.problem for each in during if each.problem]
    assert max(each.seconds for each in during) < MOST_SECONDS
    assert set(besieged.server.others()) >= set(others)  # one that is starting looks the same
    wait_until(lambda: len(besieged.server.query_workers()) == workers)
    wait_until(lambda: open_files(others) <= files + 4)


def test_nothing_is_fetched(besieged: Besieged) -> None:
    """No query of any disguise makes the server call a port of its own machine."""
    for text in (*FETCHING.values(), *list(DISGUISES.values())[::6]):
        query = text.replace("{}", besieged.trap.address)
        wait_until(partial(is_answered, besieged.server.port, query), tell=partial(str, query))
    assert besieged.trap.calls() == 0


def is_answered(port: int, query: str) -> bool:
    """Ask a query; False when it was stopped.

    The limit of one second is for the attack: a busy machine may need longer for a harmless
    query, while one that waited for the network would be stopped each time.
    """
    found = attack(port, query, times=1, seconds=30)
    assert found.keys() <= {"whole", "refused", "stopped"}, query
    return not found["stopped"]
