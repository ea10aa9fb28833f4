"""Run saved queries: one with its parameters bound, or all of them on a new store."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from metropole import saved_queries
from metropole.errors import DataNotValid
from metropole.formats import N_TRIPLES, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.release.quality import TAG as QUALITY
from metropole.release.query_runs import QueryRun, Runs
from metropole.report import Finding, Severity
from metropole.saved_queries import Form, SavedQuery
from metropole.settings import Limits, Section
from metropole.store import FOLDER
from metropole.store.answer_body import QueryFailed
from metropole.store.query_frames import QueryRequest
from metropole.store.query_pool import Answer, QueryPool
from metropole.stories import Answer as Rows
from metropole.stories import Insert, Kind, Story, Unanswered, answer_name

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
    #: What relative IRIs in queries stand below, and the prefixes that they may use.
    base: str
    prefixes: Mapping[str, str]
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
            base=self.base,
            union=not self.union_stored,
            media_types=media_types,
            memory_mebibytes=limits.query_memory_mebibytes,
            prefixes=dict(self.prefixes),
            substitutions=dict(terms),
        )


def run_all(
    asked: AskedStore,
    queries: Iterable[SavedQuery],
    stories: Iterable[Story],
    home: Iterable[Section],
    limits: Limits,
) -> Runs:
    """Run each query once, with defaults and examples for its parameters, and all of stories.

    Kept are the answers that stories, the home page and the report on quality show. Raises
    DataNotValid, which tells every query that fails and every story that finds no value, with
    file and line.
    """
    known = {query.name: query for query in queries}
    if not known:
        return Runs()
    with _runner(asked, limits) as runner:
        runner.run_queries(known.values(), _kept(known.values(), stories, home))
        if not runner.failures:
            for story in stories:
                runner.tell(story, known)
    if runner.failures:
        raise DataNotValid(
            "\n".join([*(each.told() for each in runner.failures), "Nothing was released."])
        )
    return Runs(runner.runs, runner.answers)


def answers_before_release(
    texts: Iterable[bytes],
    queries: Iterable[SavedQuery],
    *,
    base: str,
    prefixes: Mapping[str, str],
    limits: Limits,
) -> Mapping[str, bytes]:
    """Ask statements of which there is no release yet, as N-Quads; a query that fails is left out.

    Gives the answers by the names that a release gives them.
    """
    asked = list(queries)
    with tempfile.TemporaryDirectory(prefix="metropole-") as folder:
        store = ox.Store(Path(folder) / FOLDER)
        for text in texts:
            store.bulk_load(input=text, format=ox.RdfFormat.N_QUADS, lenient=True)
        store.flush()
        del store  # which closes it
        with _runner(
            AskedStore(Path(folder), base, prefixes, union_stored=False), limits
        ) as runner:
            runner.run_queries(asked, {query.name for query in asked})
        return runner.answers


def _kept(
    queries: Iterable[SavedQuery], stories: Iterable[Story], home: Iterable[Section]
) -> set[str]:
    """Name the queries whose answers are kept when they run."""
    told = (insert for story in stories for insert in story.inserts)
    plain = {each.query for each in told if not each.parameters and each.kind is not Kind.QUERY}
    plain |= {section.query for section in home}
    return plain | {query.name for query in queries if QUALITY in query.tags}


@contextmanager
def _runner(asked: AskedStore, limits: Limits) -> "Iterator[_Runner]":
    """Run queries one after the other in a process that can be killed."""
    pool = QueryPool(replace(limits, concurrent_queries=1), is_shared=False)
    try:
        yield _Runner(asked, pool)
    finally:
        pool.close()


class _Runner:
    """Asks a new store, and collects what comes of it."""

    def __init__(self, asked: AskedStore, pool: QueryPool) -> None:
        self._asked = asked
        self._pool = pool
        self.runs: dict[str, QueryRun] = {}
        self.answers: dict[str, bytes] = {}
        self.failures: list[Finding] = []

    def run_queries(self, queries: Iterable[SavedQuery], kept: set[str]) -> None:
        """Run queries with defaults and examples; keep some answers."""
        for query in queries:
            given = {
                entry.name: entry.example
                for entry in query.parameters
                if entry.is_required and entry.example
            }
            try:
                self._run(query, given, is_kept=query.name in kept)
            except QueryFailed as failed:
                self.failures.append(_failure(query, failed))

    def _run(self, query: SavedQuery, given: dict[str, str], *, is_kept: bool) -> None:
        is_whole = all(entry.name in given for entry in query.parameters if entry.is_required)
        form = saved_queries.form_of(query.text, base=self._asked.base)
        answer = self._answer(query, given, form)
        try:
            if is_kept and form is Form.SELECT:
                body = b"".join(answer.body.pieces())
                self.answers[answer_name(query.name)] = body
                rows = body.count(b"\n") - 1
            else:
                rows = _count(form, answer)
        finally:
            answer.body.close()
        is_unduly_empty = is_whole and not rows and not query.may_be_empty
        self.runs[query.name] = QueryRun(query.file, form, rows, is_unduly_empty)

    def _answer(self, query: SavedQuery, given: dict[str, str], form: Form) -> Answer:
        terms = saved_queries.terms_of(query, given, base=self._asked.base)
        media_types = (_BY_LINES[form].media_type,)
        return self._pool.run(self._asked.request(query, terms, media_types, self._pool.limits))

    def tell(self, story: Story, queries: Mapping[str, SavedQuery]) -> None:
        """Get the answers of a story, and see that each of its values is there."""
        for insert in story.inserts:
            if insert.kind is Kind.QUERY:
                continue
            name = answer_name(insert.query, insert.parameters)
            try:
                if name not in self.answers:
                    answer = self._answer(
                        queries[insert.query], dict(insert.parameters), Form.SELECT
                    )
                    self.answers[name] = b"".join(answer.body.pieces())
                    answer.body.close()
                if insert.kind is Kind.VALUE:
                    Rows.read(self.answers[name]).value(insert)
            except (QueryFailed, Unanswered) as problem:
                self.failures.append(_untold(story, insert, str(problem)))


def _count(form: Form, answer: Answer) -> int:
    if form is Form.ASK:
        return 1
    lines = sum(piece.count(b"\n") for piece in answer.body.pieces())
    return lines - (form is Form.SELECT)


def _failure(query: SavedQuery, failed: QueryFailed) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "query-fails",
        f"The query fails on the new graph: {failed.message}",
        file=query.file,
        line=failed.line or query.header_lines + 1,
        remedy="Mend the query, or move it out of queries/.",
    )


def _untold(story: Story, insert: Insert, message: str) -> Finding:
    remedy = "Correct the conditions behind the column, or the sentence."
    return Finding(
        Severity.VIOLATION,
        "story-value",
        message,
        file=story.file,
        line=insert.line,
        remedy=remedy,
    )
