"""The saved queries of a release as examples by topic, with the header lines they begin with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from metropole.release import Release

#: A header line: `#+ summary: text`, or `#+   - tag` below `#+ tags:`.
_LINE = re.compile(r"#\+\s*(?:(?P<key>\w+):\s*(?P<value>.*?)|-\s*(?P<item>.*?))\s*\Z")
_NO_TOPIC = "other"


@dataclass(frozen=True)
class Example:
    """A saved query as the form offers it."""

    name: str
    summary: str
    topic: str
    #: The query, with its summary as a comment instead of the header.
    text: str


def examples(release: Release) -> list[Example]:
    """Read the saved queries of a release."""
    names = sorted(release.manifest.content.queries_sha256)
    return [
        example(PurePosixPath(name).stem, (release.folder / name).read_text(encoding="utf-8"))
        for name in names
    ]


def example(name: str, text: str) -> Example:
    """Read the header of a saved query; one without a summary is called by its name."""
    summary, tags = "", []
    lines = text.splitlines()
    for line in lines:
        found = _LINE.match(line)
        if found and found["key"] == "summary":
            summary = found["value"]
        elif found and found["item"]:
            tags.append(found["item"])
    body = "\n".join(line for line in lines if not line.startswith("#+")).strip()
    comment = f"# {summary}\n" if summary else ""
    return Example(name, summary or name, tags[0] if tags else _NO_TOPIC, f"{comment}{body}\n")


def by_topic(found: Iterable[Example]) -> dict[str, list[Example]]:
    """Group examples by topic, both in the order of the alphabet."""
    topics: dict[str, list[Example]] = {}
    for each in sorted(found, key=lambda each: (each.topic, each.summary)):
        topics.setdefault(each.topic, []).append(each)
    return topics
