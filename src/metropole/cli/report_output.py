"""Write a report for people, programs, GitHub and code scanners."""

import json
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import click

from metropole.cli.rule_texts import rule_text
from metropole.report import Finding, Report, Severity

Shorten = Callable[[str], str]
_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_GITHUB = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SARIF = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
#: What is counted, when there is one of it.
_ONE = {"files": "file", "queries": "query", "stories": "story", "statements": "statement"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write_report(report: Report, name: str, shorten: Shorten, *, root: Path) -> None:
    """Write a report to standard output in one of FORMATS; `root` is the folder of the site."""
    click.echo(FORMATS[name](report, shorten, root))


def _text(report: Report, shorten: Shorten, root: Path) -> str:
    lines = [line for finding in report.findings for line in _told(finding, shorten, root)]
    lines += [
        f"{shorten(item.document)}: statements point to {item.covered_share:.1%} of the text"
        + (f"; not to {_ranges(item.uncovered)}" if item.uncovered else "")
        for item in report.coverage
    ]
    numbers = ", ".join(
        report.number_of(severity)
        for severity in Severity
        if severity is not Severity.INFO or report.count(severity)
    )
    counts = (_counted(number, what) for what, number in report.counts.items() if number)
    looked_at = ", ".join(counts)
    return "\n".join([*lines, f"{numbers} ({looked_at})"])


def _counted(number: int, what: str) -> str:
    noun, _, where = what.partition(" ")
    return f"{number:,} {_ONE.get(noun, noun) if number == 1 else noun} {where}".rstrip()


def _told(finding: Finding, shorten: Shorten, root: Path) -> list[str]:
    severity = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    where = os.path.join(root, finding.position) if finding.position else str(root)
    lines = [f"{os.path.relpath(where)}: {severity}: {finding.message} [{finding.rule}]"]
    said = [f"{label} {shorten(text)}" for label, text in _terms_of(finding).items()]
    if said:
        lines.append("    " + "  ".join(said))
    if finding.remedy:
        lines.append(f"    remedy: {finding.remedy}")
    return lines


def _terms_of(finding: Finding) -> dict[str, str]:
    """Give what the finding is about, by what it is; in full, as N-Triples has it."""
    terms = {"focus": finding.focus, "path": finding.path, "value": finding.value}
    return {label: text for label, text in terms.items() if text}


def _message(finding: Finding, shorten: Shorten) -> str:
    """Give message and remedy, and below them a line for each term, for programs that show text."""
    terms = [f"{label}: {shorten(text)}" for label, text in _terms_of(finding).items()]
    return "\n".join([f"{finding.message} {finding.remedy}".strip(), *terms])


def _ranges(spans: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{start}-{end}" for start, end in spans)


def _json(report: Report, _shorten: Shorten, _root: Path) -> str:
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False)


def _github(report: Report, shorten: Shorten, root: Path) -> str:
    """Write workflow commands, which GitHub shows beside the lines of a change."""
    return "\n".join(_annotation(finding, shorten, root) for finding in report.findings)


def _annotation(finding: Finding, shorten: Shorten, root: Path) -> str:
    properties = {"title": finding.rule}
    if finding.file:
        properties["file"] = os.path.relpath(root / finding.file)
    if finding.line:
        properties["line"] = str(finding.line)
    if finding.column:
        properties["col"] = str(finding.column)
    message = _message(finding, shorten)
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_GITHUB[finding.severity]} {listed}::{escaped}"


def _property(value: str) -> str:
    for character, code in (("%", "%25"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        value = value.replace(character, code)
    return value


def _sarif(report: Report, shorten: Shorten, root: Path) -> str:
    """Write SARIF 2.1.0, which code scanners read."""
    rules = sorted({finding.rule for finding in report.findings})
    driver = {
        "name": "metropole",
        "version": version("metropole"),
        "rules": [{"id": rule, "shortDescription": {"text": rule_text(rule)}} for rule in rules],
    }
    results = [_sarif_result(finding, shorten, root) for finding in report.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _sarif_result(finding: Finding, shorten: Shorten, root: Path) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "level": _SARIF[finding.severity],
        "message": {"text": _message(finding, shorten)},
    }
    if terms := _terms_of(finding):
        result["properties"] = terms
    if finding.file:
        # A URI, not a path: RFC 3986 knows no space and no letter beyond ASCII.
        uri = quote(Path(os.path.relpath(root / finding.file)).as_posix())
        physical: dict[str, object] = {"artifactLocation": {"uri": uri}}
        if finding.line:
            region = {"startLine": finding.line}
            if finding.column:
                region["startColumn"] = finding.column
            physical["region"] = region
        result["locations"] = [{"physicalLocation": physical}]
    return result


#: The formats of `metropole check --format`.
FORMATS: dict[str, Callable[[Report, Shorten, Path], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
