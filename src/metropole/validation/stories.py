"""Check that stories and the home page can be told: what they take from queries is there."""

from collections.abc import Iterator

from metropole import saved_queries, stories
from metropole.graph import SiteGraph
from metropole.near import nearest
from metropole.report import Finding, Severity
from metropole.saved_queries import SavedQuery, WrongValue
from metropole.settings import FILE_NAME as SETTINGS_FILE
from metropole.sources import QUERIES, Text
from metropole.stories import Insert, Kind
from metropole.validation.queries import odd_language, query_findings

_Problem = tuple[str, str]


def untellable_stories(graph: SiteGraph) -> list[Finding]:
    """Find what stories ask for in vain, and what in them cannot be understood."""
    checker = _Checker(graph)
    found = [finding for story in graph.stories for finding in checker.check(story)]
    return [*found, *_odd_languages(graph)]


def _odd_languages(graph: SiteGraph) -> Iterator[Finding]:
    """Find stories in languages that are not the site's, or told twice in its first."""
    known = [tag.lower() for tag in graph.settings.languages]
    read = [(source, stories.read(source.name, source.text)[0]) for source in graph.stories]
    told = {(story.name, story.language) for _, story in read}
    for source, story in read:
        if story.language == known[0] and (story.name, "") in told:
            message = f"'{story.name}.md' tells the story in '{known[0]}' too, the site's first."
            yield _story_finding("story-text", source, 0, message, "Keep one of the two files.")
        elif story.language and story.language not in known:
            yield odd_language(source.name, 0, f"The story '{story.name}'", story.language)


def unanswered_sections(graph: SiteGraph) -> list[Finding]:
    """Find sections of the home page whose query is not there or cannot be shown as they say."""
    checker = _Checker(graph)
    return [
        Finding(Severity.VIOLATION, "home-query", message, file=SETTINGS_FILE, remedy=remedy)
        for section in graph.settings.home.sections
        for message, remedy in checker.problems(
            Insert(Kind.CHART if section.kind == "chart" else Kind.TABLE, section.query, 0)
        )
    ]


class _Checker:
    """Holds stories against the saved queries of a site."""

    def __init__(self, graph: SiteGraph) -> None:
        """Read the saved queries of a site, where something takes from them."""
        self._graph = graph
        self._base = graph.settings.base
        self._queries: dict[str, SavedQuery] = {}
        self._texts: dict[str, Text] = {}
        for query in graph.queries if graph.stories or graph.settings.home.sections else ():
            saved, _ = saved_queries.read(query.name, query.text)
            self._queries[saved.name], self._texts[saved.name] = saved, query
        self._columns: dict[str, tuple[str, ...]] = {}
        self._told: dict[str, bool] = {}

    def check(self, source: Text) -> Iterator[Finding]:
        story, problems = stories.read(source.name, source.text)
        for problem in problems:
            yield _story_finding(
                "story-text", source, problem.line, problem.message, problem.remedy
            )
        for insert in story.inserts:
            for message, remedy in self.problems(insert):
                yield _story_finding("story-query", source, insert.line, message, remedy)

    def problems(self, insert: Insert) -> Iterator[_Problem]:
        """Tell what an insert asks for in vain, and what to do.

        A query that has a finding of its own gives nothing, and that is told already.
        """
        if self._is_told(insert.query):
            return
        query = self._queries.get(insert.query)
        if query is None:
            near = nearest(insert.query, self._queries, alike=0.6)
            meant = f"Did you mean {near}?" if near else "Write it into queries/ first."
            yield f"There is no saved query '{insert.query}'.", meant
            return
        if insert.kind is Kind.QUERY:
            return
        yield from self._parameter_problems(query, insert)
        columns = self._columns_of(query)
        if not columns:
            told = f"A {insert.kind.value} shows rows, and {insert.query} gives none."
            yield told, "Take a query with SELECT that can be run."
            return
        if insert.kind is Kind.CHART and query.chart is None:
            yield (
                f"{insert.query} has no chart.",
                "Write 'chart: bar' into the header of the query.",
            )
        for column in (*insert.columns, *(name for name, _ in insert.conditions)):
            if column not in columns:
                names = ", ".join(columns)
                yield f"{insert.query} gives no column '{column}'.", f"It gives {names}."

    def _is_told(self, name: str) -> bool:
        text = self._texts.get(name)
        if text is None:
            return self._graph.is_half_read(f"{QUERIES}/{name}.rq")
        if name not in self._told:
            self._told[name] = any(query_findings(text, self._base))
        return self._told[name]

    def _parameter_problems(self, query: SavedQuery, insert: Insert) -> Iterator[_Problem]:
        given = dict(insert.parameters)
        try:
            saved_queries.terms_of(query, given, base=self._base)
        except WrongValue as error:
            yield f"{query.name}: {error}.", "Write the value as '?name=value'."
        for parameter in query.parameters:
            if parameter.is_required and parameter.name not in given:
                told = f"{query.name} takes a value for '{parameter.name}'."
                yield told, f"Write '?{parameter.name}=' and the value."
        for name in given.keys() - {parameter.name for parameter in query.parameters}:
            known = ", ".join(parameter.name for parameter in query.parameters) or "none"
            yield f"{query.name} has no parameter '{name}'.", f"Its parameters: {known}."

    def _columns_of(self, query: SavedQuery) -> tuple[str, ...]:
        if query.name not in self._columns:
            found = saved_queries.columns_of(query.text, base=self._base)
            self._columns[query.name] = found
        return self._columns[query.name]


def _story_finding(rule: str, source: Text, line: int, message: str, remedy: str) -> Finding:
    return Finding(Severity.VIOLATION, rule, message, file=source.name, line=line, remedy=remedy)
