"""Read the `#+` lines at the top of a `.rq` file: the part of YAML that grlc's header needs.

Keys with a text, lists of texts, and for parameters a table of tables; nothing else of YAML, so
that a typing error is told with its line and never becomes a value.
"""

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from metropole.saved_queries.charts import PARTS, Chart, ChartKind, chart_kind
from metropole.saved_queries.values import TYPES

_MARK = "#+"
_NAME = re.compile(r"[\w~-]+(/[\w~-]+)*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KEY = re.compile(r"([\w-]+):(?:\s+(.*))?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_KEYS = ("summary", "description", "tags", "parameters", "may-be-empty", "chart", *PARTS)
_PARAMETER_KEYS = ("label", "type", "class", "default", "example", "language", "optional")
#: `/queries/openapi.json` describes them all.
_RESERVED = "openapi"
#: Every page takes it.
RESERVED_PARAMETER = "lang"


@dataclass(frozen=True)
class Parameter:
    """A variable of a query that a client may bind."""

    name: str
    #: One of TYPES.
    kind: str = "string"
    label: str = ""
    #: The value when none is given; None when there is none.
    default: str | None = None
    #: A value to try the query with; None when there is none.
    example: str | None = None
    #: Language tag of the values of a `string`.
    language: str = ""
    #: Classes of the things that an `iri` may be, by the names that addresses below `/browse/` use.
    classes: tuple[str, ...] = ()
    is_optional: bool = False

    @property
    def is_required(self) -> bool:
        """Tell whether a client must give a value."""
        return self.default is None and not self.is_optional

    @property
    def title(self) -> str:
        """Give the label, or the name where there is none."""
        return self.label or self.name


@dataclass(frozen=True)
class SavedQuery:
    """A saved query as its file describes it."""

    #: Path below `queries/` without the extension.
    name: str
    #: Path relative to the site.
    file: str
    #: The whole text, header included.
    text: str
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    #: Whether no row is an answer like any other, as for a query that looks for errors.
    may_be_empty: bool = False
    #: How the answer is drawn above its rows; None when it is not.
    chart: Chart | None = None

    @property
    def title(self) -> str:
        """Give the summary, or the name where there is none."""
        return self.summary or self.name

    @property
    def body(self) -> str:
        """Give the query without its header."""
        return "\n".join(self.text.splitlines()[self.header_lines :]).strip() + "\n"

    @property
    def header_lines(self) -> int:
        """Count the lines of the header."""
        return len(_header(self.text))


@dataclass(frozen=True)
class HeaderProblem:
    """Something in a header that cannot be understood, with its line and what to do."""

    line: int
    message: str
    remedy: str


def read(file: str, text: str) -> tuple[SavedQuery, tuple[HeaderProblem, ...]]:
    """Read the header of a query; what cannot be understood is left out and told."""
    name = str(PurePosixPath(*PurePosixPath(file).parts[1:]).with_suffix(""))
    reader = _Reader(SavedQuery(name, file, text))
    if not _NAME.fullmatch(name) or name == _RESERVED:
        reader.tell(
            0,
            f"A saved query cannot be called '{name}': it is part of an address.",
            "Use letters, digits, hyphens and underscores, and not the name 'openapi'.",
        )
    for number, line in enumerate(_header(text), 1):
        reader.take(number, line)
    reader.end()
    return reader.query(), tuple(reader.problems)


def _header(text: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        if not line.startswith(_MARK):
            break
        lines.append(line)
    return lines


class _Reader:
    """Takes the lines of a header one by one."""

    def __init__(self, query: SavedQuery) -> None:
        self._query = query
        self._block = ""
        self._texts: dict[str, str] = {}
        self._tags: list[str] = []
        self._parameters: dict[str, Parameter] = {}
        self._lines: dict[str, int] = {}
        self._parameter = ""
        self._parameter_indent = 0
        self.problems: list[HeaderProblem] = []

    def tell(self, line: int, message: str, remedy: str) -> None:
        """Note a problem."""
        self.problems.append(HeaderProblem(line, message, remedy))

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        text = line.removeprefix(_MARK).rstrip()
        content = text.lstrip(" ")
        indent = len(text) - len(content)
        if not content:
            return
        if indent <= 1:
            self._key(number, content)
        elif self._block == "tags":
            self._tag(number, content)
        elif self._block == "parameters":
            self._parameter_line(number, content, indent)
        elif self._block in ("summary", "description"):
            self._texts[self._block] = f"{self._texts[self._block]} {_plain(content)}".strip()
        else:
            self.tell(number, f"'{content}' belongs to no key.", "Write it below its key.")

    def _key(self, number: int, content: str) -> None:
        found = _KEY.fullmatch(content)
        self._block = found[1] if found else ""
        if found is None or found[1] not in _KEYS:
            self.tell(
                number,
                f"'{content}' is no line of a header.",
                f"The keys are {', '.join(_KEYS)}, each with a colon and a space behind it.",
            )
        elif found[1] in self._lines:
            self.tell(number, f"'{found[1]}' is there twice.", "Keep one of the two.")
        elif found[1] in ("tags", "parameters") and found[2]:
            self.tell(number, f"'{found[1]}' takes lines below it.", f"See {_example(found[1])}.")
        elif found[1] == "may-be-empty" and _plain(found[2] or "") not in _YES_NO:
            self.tell(number, "'may-be-empty' is neither yes nor no.", "Write 'may-be-empty: yes'.")
        elif found[1] == "chart" and chart_kind(_plain(found[2] or "")) is None:
            kinds = ", ".join(kind.value for kind in ChartKind)
            self.tell(number, f"'{content}' is no kind of chart.", f"The kinds are {kinds}.")
        elif found[1] in PARTS and not _VARIABLE.fullmatch(_plain(found[2] or "")):
            self.tell(number, f"'{found[1]}' takes a column.", f"Write it as '{found[1]}: name'.")
        else:
            self._texts[found[1]] = _plain(found[2] or "")
        if found:
            self._lines.setdefault(found[1], number)

    def end(self) -> None:
        """Note what is wrong with the header as a whole."""
        alone = [key for key in PARTS if key in self._lines]
        if alone and "chart" not in self._lines:
            told = f"'{alone[0]}' is a column of a chart, and there is no chart."
            self.tell(self._lines[alone[0]], told, "Write 'chart: bar', or remove the line.")

    def _tag(self, number: int, content: str) -> None:
        tag = _plain(content.removeprefix("- "))
        if not content.startswith("- ") or not tag:
            self.tell(number, f"'{content}' is no entry of a list.", f"See {_example('tags')}.")
        else:
            self._tags.append(tag)

    def _parameter_line(self, number: int, content: str, indent: int) -> None:
        found = _KEY.fullmatch(content)
        if found is None:
            self.tell(number, f"'{content}' has no key.", f"See {_example('parameters')}.")
        elif not self._parameters or indent <= self._parameter_indent:
            self._begin_parameter(number, found[1], found[2] or "", indent)
        elif self._parameter:
            self._set(number, found[1], _plain(found[2] or ""))

    def _begin_parameter(self, number: int, name: str, value: str, indent: int) -> None:
        self._parameter_indent = indent
        self._parameter = ""
        if value or not _VARIABLE.fullmatch(name):
            self.tell(number, f"'{name}' does not begin a parameter.", _example("parameters"))
        elif name == RESERVED_PARAMETER:
            told = f"A parameter cannot be called '{name}': it asks for the language of the page."
            self.tell(number, told, "Give it another name, in the query too.")
        elif name in self._parameters:
            self.tell(number, f"The parameter '{name}' is there twice.", "Keep one of the two.")
        else:
            self._parameter = name
            self._parameters[name] = Parameter(name)

    def _set(self, number: int, key: str, value: str) -> None:
        parameter = self._parameters[self._parameter]
        wrong = _trouble_with(key, value)
        if wrong:
            self.tell(number, *wrong)
        elif key == "type":
            parameter = replace(parameter, kind=value)
        elif key == "optional":
            parameter = replace(parameter, is_optional=_YES_NO[value])
        elif key == "label":
            parameter = replace(parameter, label=value)
        elif key == "class":
            names = (name.strip() for name in value.split(","))
            parameter = replace(parameter, classes=tuple(filter(None, names)))
        elif key == "language":
            parameter = replace(parameter, language=value.lower())
        elif key == "default":
            parameter = replace(parameter, default=value)
        else:
            parameter = replace(parameter, example=value)
        self._parameters[self._parameter] = parameter

    def query(self) -> SavedQuery:
        """Give what was read."""
        return replace(
            self._query,
            summary=self._texts.get("summary", ""),
            description=self._texts.get("description", ""),
            tags=tuple(self._tags),
            parameters=tuple(self._parameters.values()),
            may_be_empty=_YES_NO.get(self._texts.get("may-be-empty", ""), False),
            chart=self._chart(),
        )

    def _chart(self) -> Chart | None:
        kind = chart_kind(self._texts.get("chart", ""))
        columns = {part: self._texts.get(part, "") for part in PARTS}
        return Chart(kind, **columns) if kind else None


def _trouble_with(key: str, value: str) -> tuple[str, str] | None:
    """Tell what is wrong with a line about a parameter, and what to do."""
    if key not in _PARAMETER_KEYS:
        return f"A parameter has no '{key}'.", f"It may have {', '.join(_PARAMETER_KEYS)}."
    if key == "type" and value not in TYPES:
        return f"There is no type '{value}'.", f"The types are {', '.join(TYPES)}."
    if key == "optional" and value not in _YES_NO:
        return f"'{value}' is neither yes nor no.", "Write 'optional: yes'."
    if key == "language" and not _LANGUAGE.fullmatch(value):
        return f"'{value}' is no language tag.", "Write one as 'en'."
    return (f"'{key}' is empty.", "Give a value, or remove the line.") if not value else None


def _plain(text: str) -> str:
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text


def _example(key: str) -> str:
    lines = {
        "tags": "'#+ tags:' with '#+   - cities' below",
        "parameters": "'#+ parameters:', '#+   city:' below, and '#+     type: iri' below that",
    }
    return lines[key]
