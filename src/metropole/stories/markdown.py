"""Read a story: Markdown in which `{{ … }}` stands for something out of the answer to a query.

What is in the braces is words as a shell has them: the kind, the name of a saved query, columns,
`column=value` to choose rows, and `?parameter=value` to bind parameters. Values and counts stand in
a line of text; a table, a chart and the text of a query have a line of their own.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

_INSERT = re.compile(r"\{\{(.*?)\}\}")
_TITLE = re.compile(r"# +(\S.*)")
_NAME = re.compile(r"([\w-]+)(?:\.([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*))?")
_CONDITION = re.compile(r"(\??[A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_LEAST_WORDS = 2


class Kind(Enum):
    """What stands in the place of an insert."""

    #: The one value of a column in the rows that are chosen.
    VALUE = "value"
    #: How many rows are chosen.
    COUNT = "count"
    TABLE = "table"
    CHART = "chart"
    #: The text of the query.
    QUERY = "query"

    @property
    def is_block(self) -> bool:
        """Tell whether it has a line of its own."""
        return self not in (Kind.VALUE, Kind.COUNT)

    @property
    def chooses_rows(self) -> bool:
        """Tell whether it takes conditions on rows."""
        return self in (Kind.VALUE, Kind.COUNT, Kind.TABLE)


@dataclass(frozen=True)
class Insert:
    """A place of a story that an answer fills."""

    kind: Kind
    #: Name of the saved query.
    query: str
    line: int
    columns: tuple[str, ...] = ()
    #: Columns with the text that a row has there.
    conditions: tuple[tuple[str, str], ...] = ()
    #: Parameters of the query with their values.
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Story:
    """A story as its file has it."""

    #: File name without language and extension: part of the address.
    name: str
    #: Path relative to the site.
    file: str
    title: str
    #: Markdown and inserts in their order, the title left out.
    parts: tuple[str | Insert, ...]
    #: Language that the file name tells, as `lt` of `name.lt.md`; empty when it tells none.
    language: str = ""

    @property
    def inserts(self) -> tuple[Insert, ...]:
        """List the inserts."""
        return tuple(part for part in self.parts if isinstance(part, Insert))


@dataclass(frozen=True)
class StoryProblem:
    """Something in a story that cannot be understood, with its line and what to do."""

    line: int
    message: str
    remedy: str


def read(file: str, text: str) -> tuple[Story, tuple[StoryProblem, ...]]:
    """Read a story; what cannot be understood is left out and told."""
    stem = PurePosixPath(file).stem
    named = _NAME.fullmatch(stem)
    name, language = named.groups("") if named else (stem, "")
    problems: list[StoryProblem] = []
    if named is None or len(PurePosixPath(file).parts) > _LEAST_WORDS:
        problems.append(
            StoryProblem(
                0,
                f"A story cannot be '{file}': its name is part of an address.",
                "Put it into stories/ itself, with letters, digits, hyphens and underscores; "
                "a language goes behind the name, as in 'name.lt.md'.",
            )
        )
    lines = text.splitlines()
    title = _TITLE.fullmatch(lines[0].rstrip()) if lines else None
    if title is None:
        told = "The story has no title."
        problems.append(StoryProblem(1, told, "Begin with a line as '# The title'."))
    elif _INSERT.search(title[1]):
        problems.append(
            StoryProblem(
                1,
                "The title is published as it stands, with what is in its braces.",
                "Leave the braces out of the title: the first line below it can tell the figure.",
            )
        )
    parts = list[str | Insert]()
    for number, line in enumerate(lines[title is not None :], 1 + (title is not None)):
        parts += _parts(number, line, problems)
    told = title[1] if title else name
    return Story(name, file, told, tuple(parts), language.lower()), tuple(problems)


def _parts(number: int, line: str, problems: list[StoryProblem]) -> Iterator[str | Insert]:
    place = 0
    for found in _INSERT.finditer(line):
        insert = _insert(number, found[1])
        if isinstance(insert, Insert) and insert.kind.is_block and line.strip() != found[0]:
            told = f"A {insert.kind.value} stands within other text."
            insert = StoryProblem(number, told, "Give it a line of its own.")
        if isinstance(insert, StoryProblem):
            problems.append(insert)
            continue
        yield line[place : found.start()]
        yield insert
        place = found.end()
    yield line[place:] + "\n"


def _insert(number: int, text: str) -> Insert | StoryProblem:
    remedy = "Write it as '{{ value cities population name=Riga }}'; docs/stories.md has all kinds."
    try:
        words = shlex.split(text)
    except ValueError:
        return StoryProblem(number, f"A quotation mark is missing in '{text.strip()}'.", remedy)
    kind = next((kind for kind in Kind if words and kind.value == words[0]), None)
    if kind is None or len(words) < _LEAST_WORDS:
        return StoryProblem(number, f"'{text.strip()}' is nothing a story can hold.", remedy)
    given = [_CONDITION.fullmatch(word) for word in words[2:]]
    columns = tuple(word for word, pair in zip(words[2:], given, strict=True) if pair is None)
    pairs = [(pair[1], pair[2]) for pair in given if pair is not None]
    insert = Insert(
        kind,
        words[1],
        number,
        columns,
        tuple((name, value) for name, value in pairs if not name.startswith("?")),
        tuple(sorted((name[1:], value) for name, value in pairs if name.startswith("?"))),
    )
    wrong = _trouble(insert)
    return StoryProblem(number, wrong, remedy) if wrong else insert


def _trouble(insert: Insert) -> str:
    """Tell what an insert has too much or too little of; empty when all is well."""
    kind = insert.kind
    if kind is Kind.VALUE and len(insert.columns) != 1:
        return "A value is that of one column."
    if kind not in (Kind.VALUE, Kind.TABLE) and insert.columns:
        return f"A {kind.value} takes no columns."
    if not kind.chooses_rows and insert.conditions:
        return f"A {kind.value} chooses no rows."
    return ""
