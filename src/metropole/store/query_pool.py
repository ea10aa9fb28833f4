"""Runs queries in processes that can be stopped: in lanes, each query with a deadline.

Queries that look like lookups have a lane of their own, so that they do not wait behind long
ones. Any other that would have to wait is tried first: most queries are over in a moment. In both
lanes a query is there for a moment only: one that takes longer begins again in the lane of long
ones, whose processes also give way to all others on the machine.

Clients have their turn one after the other. One that has long queries here gets all but one of the
workers for brief ones; and of the workers for long ones only those that nobody waits for: for a
client that has none, the latest query of one that has several is called back, and begins again
later. That happens to a query once.

A short answer is complete before its first byte is sent on. A long one is read while it is being
made, into a file, so that a client that reads slowly does not hold a worker.
"""

import json
import os
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metropole.settings import Limits
from metropole.sparql.lookups import looks_like_lookup
from metropole.store.answer_body import Body, QueryFailed, Room
from metropole.store.departure import Departure
from metropole.store.query_frames import BODY, END, FAILURE, QueryRequest
from metropole.store.query_lane import LaneFigures, Loan, QueryLane
from metropole.store.worker_process import WorkerGone, WorkerProcess, was_killed

#: Workers for lookups, beside those for other queries.
_LOOKUP_WORKERS = 2
#: What a lookup may take before it is one no more.
_LOOKUP_SECONDS = 0.25
#: Workers that try queries for which no other is free, what those may take there, and how many
#: wait for that, how long: who does not come to it waits with the others.
_TRIAL_WORKERS = 2
_TRIAL_SECONDS = 0.5
_TRIALS_QUEUED, _TRIAL_WAIT_SECONDS = 4, 3.0
#: Texts that are remembered not to be over in a moment.
_REMEMBERED = 1000
#: How far workers for long queries step back behind other processes. At 19 they starve on a
#: machine that others share: answers of a second miss deadlines of twelve.
_NICENESS = 10
_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Answer:
    """The answer to a query; its body may still be growing when the caller asked for that."""

    content_type: str
    #: `rows`, `boolean` or `graph`.
    form: str
    body: Body


def _nothing() -> None:
    """Do nothing when a query starts."""


def _no_end(_answer: Answer | None, _failure: QueryFailed | None) -> None:
    """Do nothing when a query ends."""


@dataclass(frozen=True)
class Asker:
    """Who asks a query: what is called as it goes on, and whether its answer is still wanted."""

    #: Called when the turn of the query has come; may refuse it by an exception.
    on_start: Callable[[], None] = _nothing
    #: Called once when the query has ended, with its answer or with its failure.
    on_end: Callable[[Answer | None, QueryFailed | None], None] = _no_end
    departure: Departure | None = None
    #: The client, which shares with others; all without a name are one.
    client: str = ""
    #: Whether the answer may be given when it has outgrown the memory, before it is complete.
    streams: bool = False


def query_slots(limits: Limits) -> int:
    """Give the number of queries that run at the same time, lookups aside."""
    return limits.concurrent_queries or os.cpu_count() or 1


def query_threads(limits: Limits) -> int:
    """Give the number of queries that run or wait at the same time, at most."""
    brief = _LOOKUP_WORKERS + limits.queued_queries + _TRIAL_WORKERS + _TRIALS_QUEUED
    return brief + query_slots(limits) + limits.queued_queries


class _NotBrief(Exception):
    """A query took longer than its lane allows."""


class _CalledBack(Exception):
    """The worker of a query was needed for another client."""


class QueryPool:
    """Runs queries in worker processes, never more than the limits allow."""

    def __init__(self, limits: Limits, *, is_shared: bool = True) -> None:
        """Make the lanes; workers are started when they are needed.

        Where one caller asks one query after the other, the pool is not shared, and has one lane.
        """
        self.limits = limits
        self.size = query_slots(limits)
        queued = limits.queued_queries
        lookups, trials = (_LOOKUP_WORKERS, _TRIAL_WORKERS) if is_shared else (0, 0)
        self._long = QueryLane(self.size, queued, _NICENESS if is_shared else 0)
        self._lookups = QueryLane(
            lookups, queued, brief_seconds=_LOOKUP_SECONDS, is_held_back=self._long.has
        )
        self._trials = QueryLane(
            trials,
            _TRIALS_QUEUED,
            _NICENESS,
            brief_seconds=_TRIAL_SECONDS,
            wait_seconds=_TRIAL_WAIT_SECONDS,
            is_held_back=self._long.has,
        )
        self._lanes = {"lookups": self._lookups, "trials": self._trials, "long": self._long}
        self._is_shared = is_shared
        self._known_long: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._room = Room(limits.answers_mebibytes * _MEBIBYTE)

    def start(self) -> None:
        """Start the workers now, so that the first queries find them there."""
        for lane in self._lanes.values():
            lane.start()

    def figures(self) -> dict[str, LaneFigures]:
        """Give what the lanes have at work and waiting now, by their names."""
        return {name: lane.figures() for name, lane in self._lanes.items()}

    def run(
        self,
        request: QueryRequest,
        *,
        timeout_seconds: float | None = None,
        asker: Asker | None = None,
    ) -> Answer:
        """Answer a query; raises QueryFailed.

        A client may ask for less time than the limit, never for more. The caller closes the
        body of the answer.
        """
        asker = asker or Asker()
        seconds = float(self.limits.query_timeout_seconds)
        if timeout_seconds is not None:
            seconds = min(seconds, timeout_seconds)
        key = (request.store, request.query)
        try:
            answer = self._run_briefly(key, request, seconds, asker)
            return answer or self._run_long(request, seconds, asker)
        except QueryFailed as failed:
            asker.on_end(None, failed)
            raise

    def _run_briefly(
        self, key: tuple[str, str], request: QueryRequest, seconds: float, asker: Asker
    ) -> Answer | None:
        """Run a query where it may take a moment only; None when it takes longer, or cannot."""
        lane = self._lane_for(key)
        if lane is self._long:
            return None
        try:
            return self._run(lane, request, seconds, asker)
        except _NotBrief:
            self._remember(key)
        except QueryFailed as failed:
            if lane is not self._trials or failed.kind != "busy":
                raise  # it did not come to a trial, and waits with the others
        return None

    def _run_long(self, request: QueryRequest, seconds: float, asker: Asker) -> Answer:
        """Run a query to its end; once more from the beginning when it was called back."""
        try:
            return self._run(self._long, request, seconds, asker)
        except _CalledBack:
            return self._run(self._long, request, seconds, asker, is_again=True)

    def _lane_for(self, key: tuple[str, str]) -> QueryLane:
        """Choose where a query begins."""
        if not self._is_shared or key in self._known_long:
            return self._long
        if looks_like_lookup(key[1]):
            return self._lookups
        return self._trials if self._long.is_full else self._long

    def _remember(self, key: tuple[str, str]) -> None:
        self._known_long[key] = None
        if len(self._known_long) > _REMEMBERED:
            self._known_long.popitem(last=False)

    def _run(
        self,
        lane: QueryLane,
        request: QueryRequest,
        seconds: float,
        asker: Asker,
        *,
        is_again: bool = False,
    ) -> Answer:
        departure = asker.departure or Departure()
        is_brief = 0 < lane.brief_seconds < seconds
        loan = lane.take(asker.client, seconds, departure, is_again=is_again)
        try:
            asker.on_start()
        except BaseException:
            lane.give_back(loan)
            raise
        run = _Run(lane, loan, Body(self._room), departure, self.limits)
        if lane is self._long:
            loan.call_back = run.kill
        try:
            run.begin(request, seconds, lane.brief_seconds if is_brief else seconds)
            run.read(until_long=asker.streams or is_brief)
        except QueryFailed as failed:
            run.end(failed)
            if is_brief and failed.kind == "timeout":
                raise _NotBrief from failed
            raise
        except BaseException:
            run.abandon()
            raise
        return self._answered(run, asker, is_brief=is_brief)

    def _answered(self, run: "_Run", asker: Asker, *, is_brief: bool) -> Answer:
        if not run.is_done and is_brief:
            run.abandon()
            raise _NotBrief
        if not run.is_done and not run.stays():
            run.abandon()
            raise _CalledBack
        answer = Answer(run.head["content_type"], run.head["form"], run.body)
        if run.is_done:
            run.end()
            asker.on_end(answer, None)
        else:
            threading.Thread(target=_read_rest, args=(run, answer, asker), daemon=True).start()
        return answer

    def close(self) -> None:
        """End all idle workers; those at work end when their query does."""
        for lane in self._lanes.values():
            lane.close()


def _read_rest(run: "_Run", answer: Answer, asker: Asker) -> None:
    """Read the rest of a long answer while the client already gets its beginning."""
    failed: QueryFailed | None = None
    try:
        run.read()
    except QueryFailed as error:
        failed = error
    finally:
        run.end(failed)
        asker.on_end(None if failed else answer, failed)


class _Run:
    """One query on one worker, which goes back to its lane when the query has ended."""

    def __init__(
        self,
        lane: QueryLane,
        loan: Loan,
        body: Body,
        departure: Departure,
        limits: Limits,
    ) -> None:
        self.body = body
        #: What the worker has said of the answer.
        self.head: dict[str, Any] = {}
        #: Whether the answer is complete.
        self.is_done = False
        self._lane = lane
        self._loan = loan
        self._worker: WorkerProcess | None = loan.worker
        #: Whether the worker is ready for the next query.
        self._is_ready = False
        self._departure = departure
        self._limits = limits
        self._seconds = self._deadline = 0.0
        self._holding = threading.Lock()
        self._stay = departure.subscribe(self.kill)

    def begin(self, request: QueryRequest, seconds: float, here: float) -> None:
        """Send the query; it has so many seconds, and here so many of them.

        That a worker starts makes no query long.
        """
        assert self._worker is not None
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        try:
            self._worker.greet(self._deadline)
            self._worker.send(request)
        except (WorkerGone, TimeoutError):
            return  # reading finds out
        self._deadline = min(self._deadline, time.monotonic() + here)

    def read(self, *, until_long: bool = False) -> None:
        """Read the answer to its end, or until it is long; raises QueryFailed."""
        assert self._worker is not None
        try:
            while not self.is_done and not (until_long and self.body.is_long):
                self._take(*self._worker.frame(self._deadline))
        except TimeoutError:
            unit = "second" if self._seconds == 1 else "seconds"
            told = f"The query was stopped after {self._seconds:g} {unit}."
            raise QueryFailed("timeout", told) from None
        except WorkerGone:
            if self._loan.is_called_back and not self._departure.is_set():
                raise _CalledBack from None
            raise self._gone(self._worker.exit_status()) from None

    def _take(self, kind: bytes, content: memoryview) -> None:
        if kind == BODY:
            self.body.add(content)
        elif kind == END:
            self.is_done = self._is_ready = True
        elif kind == FAILURE:
            self._is_ready = True
            raise QueryFailed(**json.loads(bytes(content)))
        else:
            self.head = json.loads(bytes(content))

    def _gone(self, status: int) -> QueryFailed:
        """Say why the worker is not there any more."""
        if self._departure.is_set():
            return QueryFailed("gone", "The client has left.")
        if status == -signal.SIGSEGV:
            return QueryFailed("refused", "The query is nested too deeply.")
        if was_killed(status):
            return QueryFailed("ended", "The query was ended from outside. Ask again.")
        return QueryFailed(
            "memory",
            f"The query needed more than {self._limits.query_memory_mebibytes} MiB of memory.",
        )

    def end(self, failure: QueryFailed | None = None) -> None:
        """Give the worker back, or another one in its place, and finish the body."""
        self._stay()
        with self._holding:
            self._worker = None
        lane, loan = self._lane, self._loan
        if self._is_ready and not self._departure.is_set() and lane.keep(loan):
            lane.give_back(loan)
        else:
            lane.replace(loan)
        self.body.finish(failure)
        if failure is not None:
            self.body.close()

    def abandon(self) -> None:
        """Stop in the middle, and throw away what was read."""
        self.end(QueryFailed("gone", "The query was given up."))

    def stays(self) -> bool:
        """Keep the worker to the end; False when it is wanted back already."""
        return self._lane.keep(self._loan)

    def kill(self) -> None:
        """Stop the worker, for nobody waits for the answer; by then it may be somebody else's."""
        with self._holding:
            if self._worker is not None:
                self._worker.kill()
