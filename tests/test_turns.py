"""Tests of the turns of clients: each has its own, however much another one asks."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from metropole.store.answer_body import QueryFailed
from metropole.store.departure import Departure
from metropole.store.query_lane import Loan, QueryLane
from metropole.store.turns import Ticket, Turns
from processes import wait_until

NOBODY: Counter[str] = Counter()


def anybody(_client: str) -> bool:
    """Let every client have its turn."""
    return True


def waiting(clients: str, *, room: int = 100) -> Turns[None]:
    """Let tickets of these clients wait, each of one letter."""
    turns = Turns[None](room)
    for client in clients:
        assert turns.add(Ticket(client)) is None
    return turns


def served(turns: Turns[None], at_work: Counter[str] = NOBODY) -> str:
    """Serve all that wait and may be served, and give the clients in that order."""
    found = ""
    while (ticket := turns.next(at_work, anybody)) is not None:
        found += ticket.client
    return found


@pytest.mark.parametrize(
    ("came", "turns"), [("aaaabbc", "abcabaa"), ("abab", "abab"), ("aaa", "aaa"), ("bba", "bab")]
)
def test_clients_have_their_turn_one_after_the_other(came: str, turns: str) -> None:
    """Who asks much waits between its queries until all others had a turn."""
    assert served(waiting(came)) == turns


def test_queries_of_one_client_come_in_their_order() -> None:
    """What a client asked first is run first; what was called back comes before it."""
    turns = Turns[None](3)
    tickets = [Ticket[None]("a") for _ in range(4)]
    for ticket in tickets[1:]:
        assert turns.add(ticket) is None
    turns.add_first(tickets[0])  # though there is no room

    assert [turns.next(NOBODY, anybody) for _ in range(5)] == [*tickets, None]


def test_who_has_least_at_work_is_next() -> None:
    """A client with nothing at work comes before one with a query, and that before one with two."""
    turns = waiting("abcab")

    assert served(turns, Counter(a=2, b=1)) == "cbbaa"


def test_new_clients_overtake_nobody() -> None:
    """However many new clients come, each that waits has its turn once the ring is through."""
    turns = waiting("aab")
    order = ""
    for new in "cdefgh":
        ticket = turns.next(NOBODY, anybody)
        assert ticket is not None
        order += ticket.client
        turns.add(Ticket(new))

    assert order == "abacde"


def test_client_that_fills_the_queue_is_refused() -> None:
    """Without room the client with most waiting gives up its last one, for one with fewer."""
    turns = waiting("aaab", room=4)
    last = turns._by_client["a"][-1]

    own = Ticket[None]("a")
    assert turns.add(own) is own
    assert turns.add(Ticket("c")) is last
    other = Ticket[None]("c")
    assert turns.add(other) is other  # it would have as many as the one that gave up for it
    assert served(turns) == "abca"


def test_clients_with_one_each_are_not_refused_for_others() -> None:
    """Where each client that waits has one, the one that finds no room is who came last."""
    turns = waiting("abc", room=3)
    late = Ticket[None]("d")

    assert turns.add(late) is late
    assert served(turns) == "abc"
    assert Turns[None](0).add(late) is late


def test_who_may_not_have_it_keeps_its_turn() -> None:
    """What is free goes to the first client that may have it; the others stay where they are."""
    turns = waiting("abab")
    ticket = turns.next(NOBODY, lambda client: client == "b")

    assert ticket is not None
    assert ticket.client == "b"
    assert turns.next(NOBODY, lambda client: client == "c") is None
    assert served(turns) == "aba"


def test_nothing_is_lost() -> None:
    """Whatever comes, goes and is served in any order, each ticket leaves exactly once."""
    chance = random.Random(38)
    turns, came, left = Turns[None](6), [], []
    for _ in range(3000):
        ticket = Ticket[None](chance.choice("aaabcd"))
        kind = chance.random()
        if kind < 0.5:
            came.append(ticket)
            displaced = turns.add(ticket)
            left += [displaced] if displaced else []
        elif kind < 0.55:
            came.append(ticket)
            turns.add_first(ticket)
        elif kind < 0.9:
            found = turns.next(NOBODY, anybody)
            left += [found] if found else []
        elif came and turns.remove(known := chance.choice(came[-8:])):
            left.append(known)
        assert len(turns) == len(came) - len(left)
    left += turns.take_all()

    assert len(turns) == turns.clients == 0
    assert len(left) == len(set(left)) == len(came)
    assert set(left) == set(came)


class Asks:
    """Takes workers of a lane in threads."""

    def __init__(self, lane: QueryLane) -> None:
        self.lane = lane
        self._threads = ThreadPoolExecutor(20)

    def ask(
        self, client: str, *, departure: Departure | None = None, is_again: bool = False
    ) -> "Future[Loan]":
        """Ask for a worker, and go on as soon as it is lent or waited for."""
        before = self._seen()
        asked = self._threads.submit(
            self.lane.take, client, 60, departure or Departure(), is_again=is_again
        )
        wait_until(lambda: self._seen() > before or asked.done())
        return asked

    def _seen(self) -> int:
        figures = self.lane.figures()
        return figures.queries_at_work + figures.queries_waiting + figures.queries_displaced

    def end(self) -> None:
        """End what is there."""
        self.lane.close()
        self._threads.shutdown()
        for loan in self.lane._lent:
            loan.worker.end()


MakeAsks = Callable[..., Asks]


@pytest.fixture
def make_asks() -> Iterator[MakeAsks]:
    """Make lanes whose workers are asked for in threads."""
    made: list[Asks] = []

    def make(size: int, queued: int = 10, **options: Callable[[str], bool]) -> Asks:
        made.append(Asks(QueryLane(size, queued, **options)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_worker_goes_to_the_next_client(make_asks: MakeAsks) -> None:
    """One worker that comes back again and again serves one client after the other."""
    asks = make_asks(1)
    loan = asks.ask("a").result()
    waiting = [asks.ask(client) for client in "aaabbc"]
    order = ""
    while waiting:
        asks.lane.give_back(loan)
        wait_until(lambda: any(each.done() for each in waiting))
        (done,) = [each for each in waiting if each.done()]
        waiting.remove(done)
        loan = done.result()
        order += loan.client

    assert order == "abcaba"


def test_last_free_worker_is_not_for_who_is_held_back(make_asks: MakeAsks) -> None:
    """A client that is held back waits with one worker free, which another gets at once."""
    held = {"a"}
    asks = make_asks(2, is_held_back=held.__contains__)
    first = asks.ask("a").result()
    second = asks.ask("a")
    assert not second.done()
    other = asks.ask("b").result()
    assert not second.done()

    asks.lane.give_back(other)  # it is the last one again
    assert asks.lane.figures().queries_waiting == 1
    asks.lane.give_back(first)
    assert second.result().client == "a"


def test_who_is_held_back_gets_the_worker_that_is_starting(make_asks: MakeAsks) -> None:
    """The worker that is ready stays for those that are not held back."""
    asks = make_asks(2, is_held_back={"a"}.__contains__)
    asks.lane.start()
    loans = [asks.ask("b").result() for _ in range(2)]
    asks.lane.replace(loans[0])
    asks.lane.give_back(loans[1])

    assert asks.ask("a").result().worker is not loans[1].worker
    assert asks.ask("b").result().worker is loans[1].worker


def lent(asks: Asks, client: str, called: list[str], name: str) -> Loan:
    """Lend a worker that may be called back; its name is noted then."""
    loan = asks.ask(client).result()
    loan.call_back = lambda: called.append(name)
    return loan


def test_worker_is_called_back_for_who_has_none(make_asks: MakeAsks) -> None:
    """Of a client that has several the latest is called back; then it comes first of its own."""
    asks = make_asks(2)
    called: list[str] = []
    lent(asks, "a", called, "first")
    latest = lent(asks, "a", called, "latest")
    own = asks.ask("a")
    assert called == []  # it has some at work itself

    other = asks.ask("b")
    assert called == ["latest"]
    asks.lane.give_back(latest)
    assert other.result().client == "b"

    again = asks.ask("a", is_again=True)
    asks.lane.give_back(other.result())
    assert again.result().client == "a"
    assert not own.done()
    assert asks.lane.figures().queries_called_back == 1


def test_worker_is_called_back_only_once_and_only_from_who_has_more(make_asks: MakeAsks) -> None:
    """For several that wait as many are called back, but each client keeps its last one."""
    asks = make_asks(3)
    called: list[str] = []
    for name in ("one", "two", "three"):
        lent(asks, "a", called, name)
    asks.ask("b")
    asks.ask("b")
    assert called == ["three"]
    asks.ask("c")
    asks.ask("d")

    assert called == ["three", "two"]


def test_query_is_called_back_once(make_asks: MakeAsks) -> None:
    """A query that began again goes on to its end, though it is the latest of its client."""
    asks = make_asks(2)
    called: list[str] = []
    lent(asks, "a", called, "first")
    again = asks.ask("a", is_again=True).result()
    again.call_back = lambda: called.append("again")
    asks.ask("b")

    assert called == ["first"]


def test_worker_that_is_kept_is_not_called_back(make_asks: MakeAsks) -> None:
    """A query whose answer is being sent goes on; what was called back before is told so."""
    asks = make_asks(2)
    called: list[str] = []
    first = lent(asks, "a", called, "first")
    latest = lent(asks, "a", called, "latest")
    assert asks.lane.keep(latest)
    asks.ask("b")

    assert called == ["first"]
    assert not asks.lane.keep(first)


def test_full_queue_of_one_client_does_not_refuse_others(make_asks: MakeAsks) -> None:
    """With a queue that one client has filled, another waits, and the last of the first is busy."""
    asks = make_asks(1, queued=2)
    loan = asks.ask("a").result()
    first, last = asks.ask("a"), asks.ask("a")
    with pytest.raises(QueryFailed, match="Too many queries"):
        asks.ask("a").result()
    other = asks.ask("b")
    with pytest.raises(QueryFailed, match="Too many queries"):
        last.result(timeout=10)

    asks.lane.give_back(loan)
    asks.lane.give_back(first.result(timeout=10))
    assert other.result(timeout=10).client == "b"
    assert asks.lane.figures().queries_displaced == 2


def test_client_that_left_while_it_waited_takes_no_worker(make_asks: MakeAsks) -> None:
    """Who leaves the queue is told so, and the worker goes to the next."""
    asks = make_asks(1)
    loan, departure = asks.ask("a").result(), Departure()
    leaving, next_one = asks.ask("b", departure=departure), asks.ask("c")
    departure.signal()
    with pytest.raises(QueryFailed, match="has left"):
        leaving.result(timeout=10)
    asks.lane.give_back(loan)

    assert next_one.result(timeout=10).client == "c"
    assert asks.lane.figures().queries_at_work == 1


def test_turn_that_came_as_the_client_left_is_the_next_ones(make_asks: MakeAsks) -> None:
    """A worker that was lent to a client that has left just then goes on to the next."""
    asks = make_asks(1)
    departure = Departure()
    departure.signal()
    with pytest.raises(QueryFailed, match="has left"):
        asks.lane.take("a", 60, departure)

    assert asks.ask("b").result(timeout=10).client == "b"
    assert not asks.lane.has("a")


def test_who_waits_when_the_lane_is_closed_is_told(make_asks: MakeAsks) -> None:
    """Closing ends all waiting, and nobody waits afterwards."""
    asks = make_asks(1)
    asks.ask("a").result()
    waits = [asks.ask(client) for client in "ab"]
    asks.lane.close()
    for each in (*waits, asks._threads.submit(asks.lane.take, "c", 60, Departure())):
        with pytest.raises(QueryFailed, match="stopping"):
            each.result(timeout=10)


def test_many_threads_of_many_clients_all_come_to_their_turn(make_asks: MakeAsks) -> None:
    """Sixteen threads that take and give back as fast as they can lose no worker and no turn."""
    asks = make_asks(2, queued=100)
    asks.lane.start()
    most, at_work, lock = 0, 0, threading.Lock()

    def take_some(number: int) -> None:
        nonlocal most, at_work
        for _ in range(100):
            loan = asks.lane.take("abcd"[number % 4], 60, Departure())
            with lock:
                at_work += 1
                most = max(most, at_work)
            with lock:
                at_work -= 1
            asks.lane.give_back(loan)

    list(asks._threads.map(take_some, range(16)))

    figures = asks.lane.figures()
    assert most <= 2
    assert (figures.queries_at_work, figures.queries_waiting, figures.clients_waiting) == (0, 0, 0)
    assert not any(asks.lane.has(client) for client in "abcd")
