"""Tests of findings and reports."""

import pytest

from metropole.report import Finding, Report, Severity, SourceCoverage


def finding(
    severity: Severity, file: str = "", line: int = 0, column: int = 0, rule: str = "r"
) -> Finding:
    """Make a finding of which only the place and the severity matter."""
    return Finding(severity, rule, "m", file=file, line=line, column=column)


def test_worst_comes_first_then_the_order_of_the_files() -> None:
    """A report reads from the worst to the least, along files and lines, whatever came in."""
    wanted = [
        finding(Severity.VIOLATION, "a.ttl", 2, 1),
        finding(Severity.VIOLATION, "a.ttl", 2, 9),
        finding(Severity.VIOLATION, "a.ttl", 10),
        finding(Severity.VIOLATION, "b.ttl", 1),
        finding(Severity.WARNING, "a.ttl", 1),
        finding(Severity.INFO),
    ]

    assert list(Report.of(reversed(wanted)).findings) == wanted


def test_what_defines_comes_before_what_follows_from_it() -> None:
    """A typing error in a shape is told before the thousand things that lack the property."""
    wanted = [
        finding(Severity.VIOLATION, "queries/a.rq", rule="syntax"),
        finding(Severity.VIOLATION, "ontology/a.ttl"),
        finding(Severity.VIOLATION, "shapes/a.ttl"),
        finding(Severity.VIOLATION, "data/a.ttl"),
        finding(Severity.WARNING, "shapes/a.ttl"),
    ]

    assert list(Report.of(reversed(wanted)).findings) == wanted


def test_equal_findings_are_told_once() -> None:
    """Two checks that see the same thing do not tell it twice."""
    assert len(Report.of([finding(Severity.INFO), finding(Severity.INFO)]).findings) == 1


@pytest.mark.parametrize(
    ("severity", "blocks", "blocks_when_strict"),
    [
        (Severity.VIOLATION, True, True),
        (Severity.WARNING, False, True),
        (Severity.INFO, False, False),
    ],
)
def test_what_blocks_a_release(severity: Severity, blocks: bool, blocks_when_strict: bool) -> None:
    """Violations block always, warnings when strict, notes never."""
    report = Report.of([finding(severity)])

    assert (report.blocks(), report.blocks(strict=True)) == (blocks, blocks_when_strict)


@pytest.mark.parametrize(
    ("where", "position"),
    [
        (("a.ttl", 3, 7), "a.ttl:3:7"),
        (("a.ttl", 3, 0), "a.ttl:3"),
        (("a.ttl", 0, 0), "a.ttl"),
        (("", 3, 7), ""),
    ],
)
def test_position_says_what_is_known(where: tuple[str, int, int], position: str) -> None:
    """A position is `file:line:column`, cut where it is unknown, so that editors can jump."""
    assert finding(Severity.INFO, *where).position == position


def test_json_leaves_out_what_is_empty() -> None:
    """The JSON of a finding has the severity as a word and no empty member."""
    assert finding(Severity.WARNING, "a.ttl", 3).as_json() == {
        "severity": "warning",
        "rule": "r",
        "message": "m",
        "file": "a.ttl",
        "line": 3,
    }


def test_json_of_a_report_counts_and_sorts() -> None:
    """The summary counts every severity, also those that do not occur; counts are sorted."""
    report = Report.of(
        [finding(Severity.INFO)],
        [SourceCoverage("<b>", 10, ((0, 4),)), SourceCoverage("<a>", 0, ())],
        {"z": 1, "a": 2},
    )

    told = report.as_json()
    assert told["summary"] == {"violation": 0, "warning": 0, "info": 1}
    assert list(report.as_json()["counts"]) == ["a", "z"]  # type: ignore[call-overload]
    assert told["coverage"] == [
        {"document": "<a>", "length": 0, "covered_share": 1.0, "uncovered": []},
        {"document": "<b>", "length": 10, "covered_share": 0.6, "uncovered": [[0, 4]]},
    ]


def test_a_syntax_error_comes_before_what_follows_from_it() -> None:
    """What could not be read is told first; statements behind it only seem to be missing."""
    follows = Finding(Severity.VIOLATION, "sh:MinCountConstraintComponent", "m", file="data/a.ttl")
    cause = Finding(Severity.VIOLATION, "syntax", "m", file="data/z.ttl", line=9)

    assert Report.of([follows, cause]).findings == (cause, follows)
