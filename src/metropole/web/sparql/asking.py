"""Ask the query pool for a client: within its budget, timed, counted and logged."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast
from wsgiref.types import WSGIEnvironment

from flask import Response, g, request

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.messages import Message
from metropole.store.answer_body import QueryFailed
from metropole.store.brief_answers import BriefAnswer
from metropole.store.query_frames import QueryRequest
from metropole.store.query_pool import Answer, Asker
from metropole.store.reading import ReadingStore
from metropole.web.requests.clients import client_of
from metropole.web.requests.exchange import EXCHANGE, GONE, Exchange
from metropole.web.requests.problems import Problem
from metropole.web.requests.request_id import request_id_of
from metropole.web.serving import Edition, Serving, serving
from metropole.web.serving.query_log import LoggedQuery

FORMATS: tuple[GraphFormat | ResultFormat, ...] = (*RESULT_FORMATS, *GRAPH_FORMATS)
#: Why a query got no answer, as a status and a title.
_PROBLEMS = {
    "syntax": (400, Message("The query has an error")),
    "refused": (400, Message("The query is not allowed here")),
    "format": (406, Message("None of the accepted formats can hold this result")),
    "timeout": (503, Message("The query took too long")),
    "memory": (503, Message("The query needed too much memory")),
    "ended": (503, Message("The query was ended")),
    "room": (503, Message("The answer is too long")),
    "busy": (503, Message("The server is busy")),
    "gone": (503, Message("Nobody waits for the answer")),
    "store": (503, Message("The data cannot be read at the moment")),
}
#: What would happen to anybody else who asks the same.
_SAME_FOR_ALL = frozenset({"syntax", "refused", "format", "timeout", "memory", "room", "store"})
_RETRY_SECONDS = 5
_MS = 1000


@dataclass
class Asking:
    """One query of one client: when it came, when its turn was and when it ended."""

    serving: Serving
    release_id: str
    environ: WSGIEnvironment
    came: float = field(default_factory=time.monotonic)
    started: float = 0.0
    ended: float = 0.0
    client: str = ""

    def __post_init__(self) -> None:
        """Find out who asks, unless that is known."""
        if not self.client:
            self.client = client_of(
                self.environ.get("REMOTE_ADDR", ""),
                self.environ.get("HTTP_X_FORWARDED_FOR", ""),
                self.serving.settings.trusted_proxies,
            )

    def answer(
        self, asked: QueryRequest, *, timeout_seconds: float | None, streams: bool = False
    ) -> Answer:
        """Have a query answered; raises Problem."""

        def on_end(answer: Answer | None, failed: QueryFailed | None) -> None:
            form, length = (answer.form, answer.body.length) if answer else ("", 0)
            self._end(asked, form, length, failed.kind if failed else "ok")

        asker = Asker(self._start, on_end, self.environ.get(GONE), self.client, streams)
        try:
            self._check_budget()
            return self.serving.pool.run(asked, timeout_seconds=timeout_seconds, asker=asker)
        except QueryFailed as failed:
            if self.exchange is not None:
                self.exchange.shareable = failed.kind in _SAME_FOR_ALL
            raise _problem(failed) from failed
        except Problem:
            self._end(asked, "", 0, "budget")
            raise

    def answer_at_once(self, store: ReadingStore, asked: QueryRequest) -> BriefAnswer | None:
        """Answer a query that is over at once, here and now; None for any other, untold.

        None too for a client without budget: who asks the pool next tells it.
        """
        if self.serving.budget.wait(self.client):
            return None
        self.started = time.monotonic()
        found = store.brief_answer(asked)
        if found is None:
            self.serving.budget.spend(self.client, time.monotonic() - self.started)
            return None
        self._end(asked, found.form, len(found.body), "ok")
        return found

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Take the time of what is done inside from the budget of the client; raises Problem."""
        self._start()
        try:
            yield
        finally:
            self.serving.budget.spend(self.client, time.monotonic() - self.started)

    @property
    def exchange(self) -> Exchange | None:
        """Give what the front has sent along; nothing is in front of tests and `metropole get`."""
        return cast(Exchange | None, self.environ.get(EXCHANGE))

    @property
    def server_timing(self) -> str:
        """Say how long the query waited and ran (W3C Server Timing), in milliseconds."""
        return f"queue;dur={self._queue_ms}, run;dur={self._run_ms}"

    def _start(self) -> None:
        # While this query waited, others of the same client may have used up its budget.
        self._check_budget()
        self.started = time.monotonic()

    def _check_budget(self) -> None:
        wait = self.serving.budget.wait(self.client)
        if wait:
            seconds = self.serving.settings.limits.client_seconds_per_minute
            raise Problem(
                429,
                Message("You have used up your query time"),
                Message(
                    "A client may use %(seconds)s seconds of query time in a minute. "
                    "Ask again in %(wait)s seconds, or take a dump.",
                    seconds=seconds,
                    wait=wait,
                ),
                headers={"Retry-After": str(wait)},
            )

    def _end(self, asked: QueryRequest, form: str, length: int, outcome: str) -> None:
        """Tell the budget, the metrics and the log."""
        self.ended = time.monotonic()
        if self.started:
            self.serving.budget.spend(self.client, self.ended - self.started)
        log = self.serving.query_log
        logged = LoggedQuery(
            request=request_id_of(self.environ),
            release=self.release_id,
            query=log.digest(asked.query),
            client=log.client(self.client),
            form=form,
            bytes=length,
            queue_ms=self._queue_ms,
            run_ms=self._run_ms,
            outcome=outcome,
        )
        self.serving.metrics.count_query(logged)
        log.write(logged)
        if self.exchange is not None:
            self.exchange.logged = logged

    @property
    def _queue_ms(self) -> float:
        return round(((self.started or self.ended) - self.came) * _MS, 1)

    @property
    def _run_ms(self) -> float:
        ended = self.ended or time.monotonic()
        return round((ended - self.started) * _MS, 1) if self.started else 0.0


def query_request(
    serving: Serving,
    edition: Edition,
    query: str,
    *,
    media_types: tuple[str, ...],
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
) -> QueryRequest:
    """Add to a query what the worker must know of the edition."""
    manifest = edition.store.release.manifest
    return QueryRequest(
        query=query,
        store=edition.store.path,
        base=manifest.content.base,
        union=not manifest.union_stored,
        media_types=media_types,
        memory_mebibytes=serving.settings.limits.query_memory_mebibytes,
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        prefixes=manifest.content.prefixes,
    )


def answer(release_id: str, asked: QueryRequest, *, timeout_seconds: float | None) -> Answer:
    """Have a query of the current request answered completely; raises Problem."""
    asking = Asking(serving(), release_id, request.environ)
    try:
        return asking.answer(asked, timeout_seconds=timeout_seconds)
    finally:
        g.server_timing = asking.server_timing


def with_times(response: Response) -> Response:
    """Say how long the query waited and ran."""
    if "server_timing" in g:
        response.headers["Server-Timing"] = g.server_timing
    return response


def available() -> Message:
    """List the formats of answers in a sentence."""
    types = ", ".join(entry.media_type for entry in FORMATS)
    return Message("Available are: %(types)s.", types=types)


def _problem(failed: QueryFailed) -> Problem:
    status, title = _PROBLEMS[failed.kind]
    detail = failed.message
    members = {"line": failed.line, "column": failed.column} if failed.line else {}
    if failed.line:
        detail = f"Line {failed.line}, column {failed.column}: {detail}"
    headers = {"Retry-After": str(_RETRY_SECONDS)} if failed.kind == "busy" else {}
    return Problem(status, title, detail, members, headers)


def body_response(found: Answer) -> Response:
    """Send the body of an answer, which is closed when all is sent."""
    response = Response(found.body.pieces(), content_type=found.content_type)
    if found.body.is_complete:
        response.content_length = found.body.length
    response.call_on_close(found.body.close)
    return response


def answer_response(edition: Edition, found: Answer) -> Response:
    """Send an answer with what it says of its release."""
    response = body_response(found)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Metropole-Release"] = edition.id
    return response
