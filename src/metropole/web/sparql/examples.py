"""The saved queries of a release as examples by topic."""

from collections.abc import Iterable
from dataclasses import dataclass

from metropole.release import Release
from metropole.release.query_runs import read_runs, saved_query
from metropole.saved_queries import Chart, SavedQuery
from metropole.web.labels import Name
from metropole.web.labels.worded import worded
from metropole.web.sparql.chart_parameters import chart_parameters

_NO_TOPIC = "other"


@dataclass(frozen=True)
class Example:
    """A saved query as the form offers it."""

    name: str
    #: What it asks, in the language that the reader likes best.
    summary: Name
    topic: str
    #: The query, with its summary as a comment instead of the header.
    text: str
    #: How its answer is drawn; None when it is not.
    chart: Chart | None = None

    @property
    def kept(self) -> dict[str, str]:
        """Write the picture as parameters of an address."""
        return chart_parameters(self.chart)


def examples(release: Release) -> list[Example]:
    """Read the saved queries of a release."""
    return [_example(saved_query(release, run)) for run in read_runs(release).values()]


def _example(query: SavedQuery) -> Example:
    summary = worded(query.titles)
    comment = f"# {summary.text}\n" if query.summaries else ""
    topic = query.tags[0] if query.tags else _NO_TOPIC
    return Example(query.name, summary, topic, comment + query.body, query.chart)


def by_topic(found: Iterable[Example]) -> dict[str, list[Example]]:
    """Group examples by topic, both in the order of the alphabet."""
    topics: dict[str, list[Example]] = {}
    for each in sorted(found, key=lambda each: (each.topic, each.summary.text)):
        topics.setdefault(each.topic, []).append(each)
    return topics
