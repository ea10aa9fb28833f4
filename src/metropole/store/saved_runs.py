"""Run saved queries: one with its parameters bound, or all of them on a new store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from metropole import saved_queries
from metropole.errors import DataNotValid
from metropole.formats import N_TRIPLES, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.release import Content
from metropole.release.query_runs import QueryRun
from metropole.report import Finding, Severity
from metropole.saved_queries import Form, SavedQuery
from metropole.settings import Limits
from metropole.store import FOLDER
from metropole.store.answer_body import QueryFailed
from metropole.store.query_frames import QueryRequest
from metropole.store.query_pool import Answer, QueryPool

#: Every row is one line in each of these.
_BY_LINES: dict[Form, GraphFormat | ResultFormat] = {
    Form.SELECT: next(entry for entry in RESULT_FORMATS if entry.extension == "tsv"),
    Form.ASK: RESULT_FORMATS[0],
    Form.CONSTRUCT: N_TRIPLES,
    Form.DESCRIBE: N_TRIPLES,
}


@dataclass(frozen=True)
class AskedStore:
    """The store of a release, and what belongs to a question about it."""

    #: The folder of the release.
    folder: Path
    content: Content
    #: Whether the union of the named graphs is stored.
    union_stored: bool

    def request(
        self,
        query: SavedQuery,
        terms: Mapping[str, str],
        media_types: tuple[str, ...],
        limits: Limits,
    ) -> QueryRequest:
        """Ask a query with terms (N-Triples) in the place of its parameters."""
        return QueryRequest(
            query=query.text,
            store=str((self.folder / FOLDER).absolute()),
            base=self.content.base,
            union=not self.union_stored,
            media_types=media_types,
            memory_mebibytes=limits.query_memory_mebibytes,
            prefixes=self.content.prefixes,
            substitutions=dict(terms),
        )


def run_all(
    asked: AskedStore, queries: Iterable[SavedQuery], limits: Limits
) -> dict[str, QueryRun]:
    """Run each query once, with defaults and examples for its parameters.

    Raises DataNotValid, which tells every query that fails with its file and line.
    """
    waiting = list(queries)
    if not waiting:
        return {}
    runs, failures = dict[str, QueryRun](), list[str]()
    pool = QueryPool(replace(limits, concurrent_queries=1), has_lookups=False)
    try:
        for query in waiting:
            try:
                runs[query.name] = _run(asked, query, pool)
            except QueryFailed as failed:
                failures.append(_told(_failure(query, failed)))
    finally:
        pool.close()
    if failures:
        raise DataNotValid("\n".join([*failures, "A saved query fails: nothing was released."]))
    return runs


def _run(asked: AskedStore, query: SavedQuery, pool: QueryPool) -> QueryRun:
    base = asked.content.base
    terms = {
        parameter.name: saved_queries.term(
            parameter.kind, value, base=base, language=parameter.language
        )
        for parameter in query.parameters
        if (value := parameter.default or (parameter.is_required and parameter.example))
    }
    form = saved_queries.form_of(query.text, base=base)
    request = asked.request(query, terms, (_BY_LINES[form].media_type,), pool.limits)
    rows = _count(form, pool.run(request))
    is_whole = all(entry.name in terms for entry in query.parameters if entry.is_required)
    return QueryRun(query.file, form, rows, is_whole and not rows and not query.may_be_empty)


def _count(form: Form, answer: Answer) -> int:
    try:
        if form is Form.ASK:
            return 1
        lines = sum(piece.count(b"\n") for piece in answer.body.pieces())
    finally:
        answer.body.close()
    return lines - (form is Form.SELECT)


def _failure(query: SavedQuery, failed: QueryFailed) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "query-fails",
        f"The query fails on the new graph: {failed.message}",
        file=query.file,
        line=failed.line or query.header_lines + 1,
    )


def _told(finding: Finding) -> str:
    return f"{finding.position}: {finding.severity.value}: {finding.message} [{finding.rule}]"
