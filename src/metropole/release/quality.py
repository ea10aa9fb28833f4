"""Say how good a release is: `quality.json`, and `quality.ttl` in W3C's vocabulary (DQV).

What can be measured in any graph comes from the check: findings, and how far the texts of
sources are used. What only a site can know it asks itself: each saved query with the tag
`quality` is a metric, and its number of rows a measurement (Data Quality Vocabulary,
section 4.5). One that may be empty looks for errors: it is fulfilled when it has no row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyoxigraph as ox

from metropole.errors import ReleaseError
from metropole.formats import TURTLE
from metropole.graph.terms import whole_number
from metropole.release.folder import Release
from metropole.release.manifest import Content
from metropole.release.query_runs import Runs
from metropole.release.query_statements import QUERY
from metropole.release.void import DATASET
from metropole.report import Report, Severity
from metropole.saved_queries import SavedQuery
from metropole.vocab import DQV, PROV, RDF, RDFS, SKOS, WELL_KNOWN_PREFIXES, XSD
from metropole.wordings import Worded, chosen, in_languages

#: The tag of the saved queries that measure quality.
TAG = "quality"
FILE, _TURTLE_FILE = FILES = ("quality.json", "quality.ttl")
_Value = ox.NamedNode | ox.Literal
#: What each metric asks, in its languages.
_Definitions = Mapping[str, Sequence[Worded]]


@dataclass(frozen=True)
class Metric:
    """A saved query as a measure of quality, with what it gave."""

    name: str
    #: In the language that the site prefers.
    title: str
    description: str
    #: Whether each row is an error.
    finds_errors: bool
    rows: int

    @property
    def is_fulfilled(self) -> bool:
        """Tell whether nothing was found that should not be there."""
        return not (self.finds_errors and self.rows)


@dataclass(frozen=True)
class Quality:
    """What is to be said of the quality of a release."""

    release: str
    statements: int
    #: Findings of the check by severity.
    findings: dict[str, int]
    #: How far the text of each source is used.
    coverage: list[dict[str, object]]
    #: Those that look for errors first.
    metrics: tuple[Metric, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether the check found nothing wrong and no metric an error."""
        wrong = sum(self.findings.get(each.value, 0) for each in Severity if each.rank <= 1)
        return not wrong and all(metric.is_fulfilled for metric in self.metrics)


def write_quality(
    folder: Path,
    content: Content,
    report: Report,
    queries: Iterable[SavedQuery],
    runs: Runs,
    *,
    statements: int,
) -> None:
    """Write both files into the folder of a release."""
    asked = {query.name: query for query in queries if TAG in query.tags}
    metrics = [
        Metric(
            query.name,
            chosen(query.titles, (), content.languages).text,
            chosen(query.descriptions, (), content.languages).text,
            query.may_be_empty,
            runs.runs[query.name].rows,
        )
        for query in asked.values()
    ]
    definitions = {
        name: in_languages(query.titles, content.languages) for name, query in asked.items()
    }
    quality = Quality(
        content.release_id(),
        statements,
        {severity.value: report.count(severity) for severity in Severity},
        [item.as_json() for item in report.coverage],
        tuple(sorted(metrics, key=lambda metric: (not metric.finds_errors, metric.name))),
    )
    text = json.dumps(_as_json(quality, content.base), indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    prefixes = {**WELL_KNOWN_PREFIXES, **content.prefixes, "dqv": DQV}
    turtle = TURTLE.serialized(_triples(quality, content, definitions), prefixes)
    (folder / _TURTLE_FILE).write_bytes(turtle)


def _as_json(quality: Quality, base: str) -> dict[str, object]:
    metrics = [
        {
            **asdict(metric),
            "is_fulfilled": metric.is_fulfilled,
            "answer": f"{base}queries/{metric.name}@{quality.release}.json",
        }
        for metric in quality.metrics
    ]
    return asdict(quality) | {"is_clean": quality.is_clean, "metrics": metrics}


def read_quality(release: Release) -> Quality | None:
    """Read what is said of a release; None for one made before that was said."""
    path = release.folder / FILE
    names = [field.name for field in fields(Metric)]
    try:
        if not path.exists():
            return None
        table = json.loads(path.read_text(encoding="utf-8"))
        metrics = tuple(
            Metric(**{name: entry[name] for name in names}) for entry in table["metrics"]
        )
        said = {name: table[name] for name in ("release", "statements", "findings", "coverage")}
        return Quality(**said, metrics=metrics)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"{path} cannot be read ({error}). Run 'metropole build' to make a new release."
        ) from error


def _triples(quality: Quality, content: Content, definitions: _Definitions) -> Iterator[ox.Triple]:
    for subject, predicate, value in _statements(quality, content, definitions):
        yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)


def _statements(
    quality: Quality, content: Content, definitions: _Definitions
) -> Iterator[tuple[str, str, _Value]]:
    here = f"{content.base}releases/{quality.release}/quality"
    dataset = ox.NamedNode(content.base + DATASET)
    measured = [
        (
            f"{content.base}{QUERY}{metric.name}",
            definitions[metric.name],
            whole_number(metric.rows),
            metric.name,
        )
        for metric in quality.metrics
    ] + [
        (
            f"{here}#metric-{name}",
            [Worded(f"{name}s of the check", "en")],
            whole_number(number),
            f"check-{name}",
        )
        for name, number in quality.findings.items()
    ]
    for metric, titles, value, name in measured:
        yield metric, RDF + "type", ox.NamedNode(DQV + "Metric")
        for title in titles:
            yield metric, SKOS + "definition", ox.Literal(title.text, language=title.language)
        yield metric, DQV + "expectedDataType", value.datatype
        yield from _measurement(f"{here}#{name}", metric, dataset, value)
    yield from _coverage(quality, here)
    yield here, RDF + "type", ox.NamedNode(DQV + "QualityMetadata")
    yield here, RDFS + "label", ox.Literal(f"Quality of release {quality.release}", language="en")
    yield here, PROV + "wasDerivedFrom", ox.NamedNode(f"{content.base}releases/{quality.release}")


def _coverage(quality: Quality, here: str) -> Iterator[tuple[str, str, _Value]]:
    """Say how much of each source statements point to."""
    metric = f"{here}#metric-coverage"
    if quality.coverage:
        told = ox.Literal("Share of the text of a source that statements point to", language="en")
        yield metric, RDF + "type", ox.NamedNode(DQV + "Metric")
        yield metric, SKOS + "definition", told
        yield metric, DQV + "expectedDataType", ox.NamedNode(XSD + "decimal")
    for number, item in enumerate(quality.coverage, 1):
        share = ox.Literal(str(item["covered_share"]), datatype=ox.NamedNode(XSD + "decimal"))
        source = ox.NamedNode(str(item["document"]).strip("<>"))
        yield from _measurement(f"{here}#coverage-{number}", metric, source, share)


def _measurement(
    node: str, metric: str, about: ox.NamedNode, value: ox.Literal
) -> Iterator[tuple[str, str, _Value]]:
    yield node, RDF + "type", ox.NamedNode(DQV + "QualityMeasurement")
    yield node, DQV + "isMeasurementOf", ox.NamedNode(metric)
    yield node, DQV + "computedOn", about
    yield node, DQV + "value", value
