"""What an examination looks at, and what it found: plain values."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum


class Verdict(Enum):
    """What became of a check; all but the first are as bad as the severities of findings."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    VIOLATION = "violation"


@dataclass(frozen=True)
class Check:
    """One thing that clients of linked data rely on."""

    #: Short, stable name, as `vary-accept`.
    name: str
    #: What a healthy site does, as a sentence.
    promise: str
    remedy: str
    #: The specification that demands it, with its section, or the clients that fail without it.
    source: str
    #: What it is when the promise does not hold.
    verdict: Verdict = Verdict.VIOLATION

    def fine(self, address: str = "", message: str = "") -> "Observation":
        """Say that the promise holds."""
        return Observation(self, Verdict.FINE, message, address)

    def broken(self, message: str, address: str) -> "Observation":
        """Say that it does not."""
        return Observation(self, self.verdict, message, address)

    def noted(self, message: str, address: str) -> "Observation":
        """Say what is no fault, but worth to know: mostly that there was nothing to look at."""
        return Observation(self, Verdict.NOTE, message, address)

    def judged(self, address: str, *faults: str) -> "Observation":
        """Say that it holds, unless one of some faults is not empty; the first of them counts."""
        fault = next(filter(None, faults), "")
        return self.broken(fault, address) if fault else self.fine(address)


@dataclass(frozen=True)
class Observation:
    """What was seen of one check at one address."""

    check: Check
    verdict: Verdict
    message: str
    address: str

    def as_json(self) -> dict[str, str]:
        """Give it as a JSON object without its empty members; what is fine needs no remedy."""
        told = asdict(self.check) | {
            "verdict": self.verdict.value,
            "message": self.message,
            "address": self.address,
        }
        if self.verdict is Verdict.FINE:
            del told["remedy"]
        return {name: text for name, text in told.items() if text}


@dataclass(frozen=True)
class Examination:
    """All that was seen of a site, in the order in which it was looked at."""

    #: The address that was asked, and what the IRIs of the site begin with.
    root: str
    base: str
    observations: tuple[Observation, ...]

    def count(self, verdict: Verdict) -> int:
        """Count the observations of one kind."""
        return Counter(seen.verdict for seen in self.observations)[verdict]

    def number_of(self, verdict: Verdict) -> str:
        """Say how many observations of one kind there are, as `1 warning`."""
        number = self.count(verdict)
        plural = "" if number == 1 or verdict is Verdict.FINE else "s"
        return f"{number} {verdict.value}{plural}"

    def is_healthy(self, *, strict: bool = False) -> bool:
        """Tell whether there is no violation, and when strict no warning either."""
        bad = [Verdict.VIOLATION, *([Verdict.WARNING] if strict else [])]
        return not any(map(self.count, bad))

    def as_json(self) -> dict[str, object]:
        """Give it as a JSON object with members in a fixed order."""
        return {
            "address": self.root,
            "base": self.base,
            "summary": {verdict.value: self.count(verdict) for verdict in Verdict},
            "observations": [seen.as_json() for seen in self.observations],
        }


def listed(words: Iterable[str]) -> str:
    """Write some words behind each other, each once."""
    return ", ".join(dict.fromkeys(words))
