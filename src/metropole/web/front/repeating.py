"""Give an answer to another client: conditional requests, counting, and the query log."""

from dataclasses import replace

from metropole.web.front.answers import Answer, Message, end_of, start_of
from metropole.web.front.asked import Asked
from metropole.web.requests.clients import client_of
from metropole.web.requests.request_id import new_ids
from metropole.web.serving import Serving
from metropole.web.serving.query_log import LoggedQuery

_OK, _NOT_MODIFIED = 200, 304
_TIMING = {how: (b"server-timing", b"cache;desc=" + how.encode()) for how in ("hit", "shared")}


class Repeating:
    """Gives answers that were made for somebody else."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._ids = new_ids()

    def messages(self, answer: Answer, asked: Asked, how: str) -> tuple[Message, Message]:
        """Give a response by ASGI, `how` being `hit` or `shared`; 304 to who has it already."""
        request_id = next(self._ids)
        status, headers, body = answer.status, answer.headers, answer.body
        if _is_had(answer, asked):
            status, headers, body = _NOT_MODIFIED, answer.short_headers, b""
        elif asked.method == "HEAD":
            body = b""
        self._note(answer, status, how, asked, request_id)
        told = [*headers, (b"request-id", request_id.encode()), _TIMING[how]]
        return start_of(status, told, answer.exchange), end_of(body)

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


def _is_had(answer: Answer, asked: Asked) -> bool:
    """Tell whether a client has the answer: by its tag, or by its date where it sent no tag."""
    known = asked.if_none_match
    if known is not None:
        return answer.is_known(known)
    since = asked.if_modified_since
    return since is not None and answer.is_as_new(since)
