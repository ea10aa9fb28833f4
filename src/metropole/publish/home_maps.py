"""Find maps of the home page that show nothing, for the query behind them gives no place."""

from collections.abc import Callable, Iterable

from metropole.errors import ReleaseError
from metropole.graph import SiteGraph
from metropole.graph.statement_lines import texts
from metropole.points import point
from metropole.release import Release, prefixes_of
from metropole.release.query_runs import read_answer, read_runs, saved_query
from metropole.report import Finding, Severity
from metropole.saved_queries import ChartKind, SavedQuery, read
from metropole.settings import FILE_NAME as SETTINGS_FILE
from metropole.settings import Section
from metropole.store.saved_runs import answers_before_release
from metropole.stories import Answer, answer_name


def empty_maps(loaded: SiteGraph) -> tuple[Finding, ...]:
    """Ask a graph that was checked what maps of the home page show; a query that fails is let be.

    That takes a store of all statements, so a site without such a map is asked nothing.
    """
    queries = [read(text.name, text.text)[0] for text in loaded.queries]
    maps = _maps(loaded.settings.home.sections, queries)
    if not maps:
        return ()
    answers = answers_before_release(
        (b"".join(texts(parsed.statements)) for parsed in loaded.sources),
        [query for query in queries if query.name in maps],
        base=loaded.settings.base,
        prefixes=prefixes_of(loaded),
        limits=loaded.settings.limits,
    )
    return _without_places(maps, answers.get)


def empty_maps_of(made: Release) -> tuple[Finding, ...]:
    """Find the maps that show nothing of a release, which has kept what they are drawn from.

    Raises ReleaseError when a query of it cannot be read.
    """
    sections, runs = made.manifest.content.home, read_runs(made)
    queries = [saved_query(made, runs[each.query]) for each in sections if each.query in runs]
    return _without_places(_maps(sections, queries), lambda name: _kept(made, name))


def _maps(sections: Iterable[Section], queries: Iterable[SavedQuery]) -> list[str]:
    """Name the queries behind maps, each once."""
    drawn = {query.name: query.chart.kind if query.chart else None for query in queries}
    named = (
        section.query
        for section in sections
        if section.query in drawn
        and (
            section.kind == ChartKind.MAP.value
            or (section.kind == "chart" and drawn[section.query] is ChartKind.MAP)
        )
    )
    return list(dict.fromkeys(named))


def _kept(made: Release, name: str) -> bytes | None:
    try:
        return read_answer(made, name)
    except ReleaseError:
        return None  # the query gives no rows, which is told elsewhere


def _without_places(
    maps: Iterable[str], answer: Callable[[str], bytes | None]
) -> tuple[Finding, ...]:
    found = ((name, answer(answer_name(name))) for name in maps)
    return tuple(
        Finding(
            Severity.WARNING,
            "home-map-empty",
            f"The map of the home page over '{name}' shows no place: "
            "no column of the answer holds points.",
            file=SETTINGS_FILE,
            remedy="Give the query a column of points, as POINT(25.28 54.69) of type "
            "geo:wktLiteral, and of nothing else; or write another kind into the section.",
        )
        for name, rows in found
        if rows is not None and not _has_places(rows)
    )


def _has_places(rows: bytes) -> bool:
    """Tell whether a column holds points and, where it has a value at all, nothing else."""
    answer = Answer.read(rows)
    columns = (
        [term for term in column if term is not None] for column in zip(*answer.rows, strict=True)
    )
    return any(terms and all(point(term) is not None for term in terms) for terms in columns)
