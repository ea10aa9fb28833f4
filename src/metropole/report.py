"""Findings and reports: what `check` has to say, as plain values."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import Enum


class Severity(Enum):
    """How bad a finding is, in the words of SHACL (section 2.1.4)."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Order severities, the worst first."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One problem in the data of a site, told so that a curator can mend it."""

    severity: Severity
    #: Short, stable name of the check, as `syntax` or `sh:MinCountConstraintComponent`.
    rule: str
    message: str
    #: Path of the file relative to the site, `/` as separator; empty when no file is to blame.
    file: str = ""
    #: Line in the file, counted from 1; 0 when unknown.
    line: int = 0
    #: Column, counted from 1; 0 when unknown.
    column: int = 0
    #: Focus node, path, value and shape as N-Triples terms or SHACL paths; empty when not apt.
    focus: str = ""
    path: str = ""
    value: str = ""
    shape: str = ""
    remedy: str = ""

    @property
    def position(self) -> str:
        """Give `file:line:column` as far as it is known."""
        parts = [self.file] + [str(n) for n in (self.line, self.column) if n]
        return ":".join(parts) if self.file else ""

    def told(self) -> str:
        """Tell it in words: place, how bad, what and the rule; the remedy below."""
        words = (self.position, self.severity.value, f"{self.message} [{self.rule}]")
        text = ": ".join(word for word in words if word)
        return f"{text}\n    remedy: {self.remedy}" if self.remedy else text

    def as_json(self) -> dict[str, str | int]:
        """Give the finding as a JSON object without its empty members."""
        members = asdict(self) | {"severity": self.severity.value}
        return {name: value for name, value in members.items() if value not in ("", 0)}


@dataclass(frozen=True)
class SourceCoverage:
    """How much of one source text the statements of the site point to."""

    #: IRI of the source document.
    document: str
    #: Length of the text in Unicode code points.
    length: int
    #: Half-open ranges of code points that no statement points to, white space left out.
    uncovered: tuple[tuple[int, int], ...]

    @property
    def covered_share(self) -> float:
        """Give the covered share of the text, from 0 to 1."""
        missing = sum(end - start for start, end in self.uncovered)
        return 1.0 if not self.length else 1 - missing / self.length

    def as_json(self) -> dict[str, object]:
        """Give the coverage as a JSON object."""
        return {
            "document": self.document,
            "length": self.length,
            "covered_share": round(self.covered_share, 4),
            "uncovered": [list(span) for span in self.uncovered],
        }


#: Rules whose findings keep others from being right: what could not be read seems to be absent.
_CAUSES = (
    "syntax",
    "unreadable",
    "value-too-long",
    "table-undescribed",
    "table-description",
    "table-header",
    "shapes-ill-formed",
    "shapes-not-usable",
)


def _order(finding: Finding) -> tuple[int, bool, str, int, int, str, str, str, str]:
    return (
        finding.severity.rank,
        finding.rule not in _CAUSES,
        finding.file,
        finding.line,
        finding.column,
        finding.rule,
        finding.focus,
        finding.message,
        finding.value,
    )


@dataclass(frozen=True)
class Report:
    """All findings about a site, worst first, with what was counted on the way."""

    findings: tuple[Finding, ...] = ()
    coverage: tuple[SourceCoverage, ...] = ()
    #: What was looked at: numbers of sources, statements, shapes.
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        coverage: Iterable[SourceCoverage] = (),
        counts: dict[str, int] | None = None,
    ) -> "Report":
        """Make a report of findings in any order; equal findings are told once."""
        return cls(
            tuple(sorted(set(findings), key=_order)),
            tuple(sorted(coverage, key=lambda item: item.document)),
            dict(counts or {}),
        )

    def with_findings(self, findings: Iterable[Finding]) -> "Report":
        """Give a report that has some findings more."""
        return Report.of([*self.findings, *findings], self.coverage, self.counts)

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return Counter(finding.severity for finding in self.findings)[severity]

    def number_of(self, severity: Severity) -> str:
        """Say how many findings of one severity there are, as `1 warning`."""
        number = self.count(severity)
        return f"{number} {severity.value}{'' if number == 1 else 's'}"

    def blocks(self, *, strict: bool = False) -> bool:
        """Tell whether a release must not be made: violations, or warnings when strict."""
        return self.count(Severity.VIOLATION) > 0 or (strict and self.count(Severity.WARNING) > 0)

    def as_json(self) -> dict[str, object]:
        """Give the report as a JSON object with members in a fixed order."""
        return {
            "summary": {severity.value: self.count(severity) for severity in Severity},
            "counts": dict(sorted(self.counts.items())),
            "coverage": [item.as_json() for item in self.coverage],
            "findings": [finding.as_json() for finding in self.findings],
        }
