"""Send an answer to another client: conditional requests, counting, and the query log."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from metropole.web.clients import client_of
from metropole.web.front.answers import Answer, start_of
from metropole.web.front.asked import Asked
from metropole.web.query_log import LoggedQuery
from metropole.web.request_id import new_ids
from metropole.web.serving import Serving

_OK, _NOT_MODIFIED = 200, 304


class Repeating:
    """Sends answers that were made for somebody else."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._ids = new_ids()

    async def send(
        self,
        answer: Answer,
        asked: Asked,
        send: Callable[[dict[str, Any]], Awaitable[Any]],
        *,
        how: str,
    ) -> None:
        """Send an answer, `how` being `hit` or `shared`; 304 to who has it already."""
        request_id = next(self._ids)
        status, headers, body = answer.status, answer.headers, answer.body
        if asked.if_none_match is not None and answer.is_known(asked.if_none_match):
            status, headers, body = _NOT_MODIFIED, answer.short_headers, b""
        elif asked.method == "HEAD":
            body = b""
        own = [
            (b"request-id", request_id.encode()),
            (b"server-timing", b"cache;desc=" + how.encode()),
        ]
        self._note(answer, status, how, asked, request_id)
        await send(start_of(status, headers + own, answer.exchange))
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _note(self, answer: Answer, status: int, how: str, asked: Asked, request_id: str) -> None:
        exchange, metrics = answer.exchange, self._serving.metrics
        logged = exchange.logged
        if logged is None:
            metrics.count_repeated(how, exchange.address, status)
            return
        outcome = "cached" if answer.status == _OK else logged.outcome
        metrics.count_repeated(how, exchange.address, status, outcome, logged.bytes)
        if self._serving.query_log.is_kept:
            self._log(replace(logged, outcome=outcome), asked, request_id)

    def _log(self, logged: LoggedQuery, asked: Asked, request_id: str) -> None:
        log = self._serving.query_log
        client = client_of(
            asked.remote,
            asked.headers.get(b"x-forwarded-for", b"").decode("latin-1"),
            self._serving.settings.trusted_proxies,
        )
        log.write(
            replace(logged, request=request_id, client=log.client(client), queue_ms=0, run_ms=0)
        )
