"""Read the `#+` lines at the top of a `.rq` file: the part of YAML that grlc's header needs.

Keys with a text, lists of texts, and for parameters a table of tables; nothing else of YAML, so
that a typing error is told with its line and never becomes a value. A key for people may name a
language as Turtle does, `summary@lt`, which is a key of its own to other readers of YAML.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from metropole.saved_queries.charts import PARTS, Chart, ChartKind, chart_kind
from metropole.saved_queries.values import TYPES
from metropole.wordings import Wordings

_MARK = "#+"
_NAME = re.compile(r"[\w~-]+(/[\w~-]+)*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KEY = re.compile(r"([\w-]+)(?:@([^\s:]*))?:(?:\s+(.*))?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_KEYS = ("summary", "description", "tags", "parameters", "may-be-empty", "chart", *PARTS)
#: What is for people, and may therefore be there in several languages.
_WORDED, _PARAMETER_WORDED = ("summary", "description"), ("label",)
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
    #: What forms call it, by language.
    labels: Wordings = field(default_factory=dict)
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
    def titles(self) -> Wordings:
        """Give the labels, or the name where there is none."""
        return self.labels or {"": self.name}


@dataclass(frozen=True)
class SavedQuery:
    """A saved query as its file describes it."""

    #: Path below `queries/` without the extension.
    name: str
    #: Path relative to the site.
    file: str
    #: The whole text, header included.
    text: str
    #: The question, and more about it, by language.
    summaries: Wordings = field(default_factory=dict)
    descriptions: Wordings = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    #: Whether no row is an answer like any other, as for a query that looks for errors.
    may_be_empty: bool = False
    #: How the answer is drawn above its rows; None when it is not.
    chart: Chart | None = None

    @property
    def titles(self) -> Wordings:
        """Give the summaries, or the name where there is none."""
        return self.summaries or {"": self.name}

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
        elif self._block.partition("@")[0] in _WORDED:
            if self._block in self._texts:
                longer = f"{self._texts[self._block]} {_plain(content)}"
                self._texts[self._block] = longer.strip()
        else:
            self.tell(number, f"'{content}' belongs to no key.", "Write it below its key.")

    def _key(self, number: int, content: str) -> None:
        found = _KEY.fullmatch(content)
        self._block = ""
        if found is None or found[1] not in _KEYS:
            self.tell(
                number,
                f"'{content}' is no line of a header.",
                f"The keys are {', '.join(_KEYS)}, each with a colon and a space behind it.",
            )
            return
        key, value = _with_language(found[1], found[2]), _plain(found[3] or "")
        wrong = _trouble_with_language(found[1], found[2], _WORDED)
        wrong = wrong or _trouble_with_key(key, value)
        if key in self._lines:
            self.tell(number, f"'{key}' is there twice.", "Keep one of the two.")
        elif wrong:
            self.tell(number, *wrong)
        else:
            self._texts[key] = value
        self._block = key if found[1] in _WORDED else found[1]
        self._lines.setdefault(key, number)

    def end(self) -> None:
        """Note what is wrong with the header as a whole."""
        for key, text in self._texts.items():
            if "@" in key and not text:
                told = f"'{key}' is empty."
                self.tell(self._lines[key], told, "Write the text, or remove the line.")
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
            name = _with_language(found[1], found[2])
            self._begin_parameter(number, name, found[3] or "", indent)
        elif self._parameter:
            self._set(number, found[1], found[2], _plain(found[3] or ""))

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

    def _set(self, number: int, key: str, tag: str | None, value: str) -> None:
        parameter = self._parameters[self._parameter]
        wrong = _trouble_with(key, value)
        wrong = wrong or _trouble_with_language(key, tag, _PARAMETER_WORDED)
        if key == "label" and (tag or "").lower() in parameter.labels:
            wrong = f"'{_with_language(key, tag)}' is there twice.", "Keep one of the two."
        if wrong:
            self.tell(number, *wrong)
        elif key == "type":
            parameter = replace(parameter, kind=value)
        elif key == "optional":
            parameter = replace(parameter, is_optional=_YES_NO[value])
        elif key == "label":
            labels = {**parameter.labels, (tag or "").lower(): value}
            parameter = replace(parameter, labels=labels)
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
            summaries=self._worded("summary"),
            descriptions=self._worded("description"),
            tags=tuple(self._tags),
            parameters=tuple(self._parameters.values()),
            may_be_empty=_YES_NO.get(self._texts.get("may-be-empty", ""), False),
            chart=self._chart(),
        )

    def _worded(self, wanted: str) -> Wordings:
        """Give the texts of a key by language, that without one first."""
        told = ((key.partition("@"), text) for key, text in self._texts.items() if text)
        found = {tag: text for (key, _, tag), text in told if key == wanted}
        return dict(sorted(found.items(), key=lambda pair: bool(pair[0])))

    def _chart(self) -> Chart | None:
        kind = chart_kind(self._texts.get("chart", ""))
        columns = {part: self._texts.get(part, "") for part in PARTS}
        return Chart(kind, **columns) if kind else None


def _with_language(key: str, tag: str | None) -> str:
    return key if tag is None else f"{key}@{tag.lower()}"


def _trouble_with_language(
    key: str, tag: str | None, worded: tuple[str, ...]
) -> tuple[str, str] | None:
    """Tell what is wrong with the language of a key, and what to do."""
    if tag is None:
        return None
    if key not in worded:
        several = " and ".join(worded)
        return f"'{key}' has no language.", f"Write '{key}:'; a language takes {several}."
    if not _LANGUAGE.fullmatch(tag):
        return f"'{tag}' is no language tag.", f"Write the key as '{key}@lt:'."
    return None


def _trouble_with_key(key: str, value: str) -> tuple[str, str] | None:
    """Tell what is wrong with a line that is about no parameter, and what to do."""
    if key in ("tags", "parameters") and value:
        return f"'{key}' takes lines below it.", f"See {_example(key)}."
    if key == "may-be-empty" and value not in _YES_NO:
        return "'may-be-empty' is neither yes nor no.", "Write 'may-be-empty: yes'."
    if key == "chart" and chart_kind(value) is None:
        kinds = ", ".join(kind.value for kind in ChartKind)
        return f"'{key}: {value}' is no kind of chart.", f"The kinds are {kinds}."
    if key in PARTS and not _VARIABLE.fullmatch(value):
        return f"'{key}' takes a column.", f"Write it as '{key}: name'."
    return None


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
