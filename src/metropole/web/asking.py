"""Ask the query pool for a client: within its budget, timed, counted and logged."""

import time
from dataclasses import dataclass, field

from flask import Response, g, request

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.store import FOLDER as STORE_FOLDER
from metropole.store.query_frames import QueryRequest
from metropole.store.query_pool import Answer, QueryFailed
from metropole.web.clients import client_of
from metropole.web.problems import Problem
from metropole.web.query_log import LoggedQuery, digest
from metropole.web.request_id import request_id
from metropole.web.serving import Edition, serving

FORMATS: tuple[GraphFormat | ResultFormat, ...] = (*RESULT_FORMATS, *GRAPH_FORMATS)
#: Why a query got no answer, as a status and a title.
_PROBLEMS = {
    "syntax": (400, "The query has an error"),
    "refused": (400, "The query is not allowed here"),
    "format": (406, "None of the accepted formats can hold this result"),
    "timeout": (503, "The query took too long"),
    "memory": (503, "The query needed too much memory"),
    "room": (503, "The answer is too long"),
    "busy": (503, "The server is busy"),
    "store": (503, "The data cannot be read at the moment"),
}
_RETRY_SECONDS = 5
_MS = 1000


@dataclass
class _Run:
    """Who asked a query, when it came, when its turn was and when it ended."""

    client: str
    came: float = field(default_factory=time.monotonic)
    started: float = 0.0
    ended: float = 0.0

    def end(self) -> None:
        self.ended = time.monotonic()

    @property
    def waited(self) -> float:
        return (self.started or self.ended) - self.came

    @property
    def ran(self) -> float:
        return self.ended - self.started if self.started else 0.0


def query_request(
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
        store=str(edition.store.release.folder / STORE_FOLDER),
        base=manifest.content.base,
        union=not manifest.union_stored,
        media_types=media_types,
        memory_mebibytes=serving().settings.limits.query_memory_mebibytes,
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        prefixes=manifest.content.prefixes,
    )


def answer(release_id: str, asked: QueryRequest, *, timeout_seconds: float | None) -> Answer:
    """Have a query to a release answered; raises Problem."""
    client = client_of(
        request.remote_addr or "",
        request.headers.get("X-Forwarded-For", ""),
        serving().settings.trusted_proxies,
    )
    run = _Run(client)
    found, outcome = None, "bug"
    try:
        found = _within_budget(run, asked, timeout_seconds)
        outcome = "ok"
    except QueryFailed as failed:
        outcome = failed.kind
        raise _problem(failed) from failed
    except Problem:
        outcome = "budget"
        raise
    finally:
        run.end()
        serving().budget.spend(client, run.ran)
        _note(release_id, asked, run, found, outcome)
    return found


def _within_budget(run: _Run, asked: QueryRequest, timeout_seconds: float | None) -> Answer:
    _check_budget(run.client)

    def start() -> None:
        # While this query waited, others of the same client may have used up its budget.
        _check_budget(run.client)
        run.started = time.monotonic()

    return serving().pool.run(asked, timeout_seconds=timeout_seconds, on_start=start)


def _check_budget(client: str) -> None:
    wait = serving().budget.wait(client)
    if wait:
        seconds = serving().settings.limits.client_seconds_per_minute
        raise Problem(
            429,
            "You have used up your query time",
            f"A client may use {seconds} seconds of query time in a minute. "
            f"Ask again in {wait} seconds, or take a dump.",
            headers={"Retry-After": str(wait)},
        )


def _note(
    release_id: str,
    asked: QueryRequest,
    run: _Run,
    found: Answer | None,
    outcome: str,
) -> None:
    """Tell the client, by a header, and the operator how long it took."""
    logged = LoggedQuery(
        request=request_id(),
        release=release_id,
        query=digest(asked.query),
        client=serving().query_log.client(run.client),
        form=found.form if found else "",
        bytes=found.body.length if found else 0,
        queue_ms=round(run.waited * _MS, 1),
        run_ms=round(run.ran * _MS, 1),
        outcome=outcome,
    )
    g.server_timing = f"queue;dur={logged.queue_ms}, run;dur={logged.run_ms}"
    serving().metrics.count_query(logged)
    serving().query_log.write(logged)


def with_times(response: Response) -> Response:
    """Say how long the query waited and ran (W3C Server Timing)."""
    if "server_timing" in g:
        response.headers["Server-Timing"] = g.server_timing
    return response


def available() -> str:
    """List the formats of answers in a sentence."""
    return f"Available are: {', '.join(entry.media_type for entry in FORMATS)}."


def _problem(failed: QueryFailed) -> Problem:
    status, title = _PROBLEMS[failed.kind]
    detail = failed.message
    if failed.kind == "format":
        detail = f"{detail} {available()}"
    members = {"line": failed.line, "column": failed.column} if failed.line else {}
    if failed.line:
        detail = f"Line {failed.line}, column {failed.column}: {detail}"
    headers = {"Retry-After": str(_RETRY_SECONDS)} if failed.kind == "busy" else {}
    return Problem(status, title, detail, members, headers)


def answer_response(edition: Edition, found: Answer) -> Response:
    """Send an answer; its body is closed when all is sent."""
    response = Response(found.body.pieces(), content_type=found.content_type)
    response.content_length = found.body.length
    response.call_on_close(found.body.close)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Metropole-Release"] = edition.id
    return response
