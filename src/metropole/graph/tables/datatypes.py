"""Read the text of a cell as a value of its datatype (Model for Tabular Data, section 6.4)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from metropole.graph.lexical import PATTERNS, RANGES, WORDS
from metropole.graph.tables.csvw_library import FormattedDatatype, is_datatype
from metropole.vocab import RDF, XSD

#: Datatypes whose name is not that of their IRI (Metadata Vocabulary, section 5.11.1).
_IRIS = {
    "any": XSD + "anyAtomicType",
    "binary": XSD + "base64Binary",
    "datetime": XSD + "dateTime",
    "number": XSD + "double",
    "html": RDF + "HTML",
    "xml": RDF + "XMLLiteral",
    "json": "http://www.w3.org/ns/csvw#JSON",
}
#: Datatypes in which line ends count, and those in which all white space does.
_LINES_KEPT = frozenset({"string", "json", "xml", "html", "any"})
_SPACES_KEPT = _LINES_KEPT | {"normalizedString"}
#: How values are written, as far as a pattern can tell: as XML Schema has it, and what CSV on the
#: Web names otherwise or is stricter about.
_PATTERNS = {
    **PATTERNS,
    "number": PATTERNS["double"],
    "datetime": PATTERNS["dateTime"],
    "binary": PATTERNS["base64Binary"],
    "anyURI": r"[^\s<>\"{}|\\^`]*",
    "NMTOKEN": r"[\w.:-]+",
    "QName": r"(?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*",
}
_WORDS = {
    **WORDS,
    "number": WORDS["double"],
    "datetime": WORDS["dateTime"],
    "anyURI": "an address",
    "json": "JSON",
}


@dataclass(frozen=True)
class Datatype:
    """A datatype of cells: how to read them, and what to call a value."""

    iri: str
    #: Reads the text of a cell as the literal's; raises ValueError with the reason.
    read: Callable[[str], str]
    #: What a value is, as `a whole number`.
    words: str
    keeps_lines: bool = False
    keeps_spaces: bool = False

    @property
    def is_text(self) -> bool:
        """Tell whether values are plain text, which may be in a language."""
        return self.iri == XSD + "string"

    def normalized(self, text: str) -> str:
        """Settle white space (Model for Tabular Data, section 6.4, steps 1 and 2)."""
        if self.keeps_lines:
            return text
        if self.keeps_spaces:
            return re.sub(r"[\r\n\t]", " ", text)
        return " ".join(text.split())


def datatype(description: str | Mapping[str, Any]) -> Datatype:
    """Make a datatype of its description; raises ValueError when it is none."""
    described = {"base": description} if isinstance(description, str) else dict(description)
    base = str(described.setdefault("base", "string"))
    if not is_datatype(base):
        raise ValueError(
            f"'{base}' is no datatype of CSV on the Web (as string, integer, decimal, date, gYear)"
        )
    # Any other property, as `format` or `minimum`, says more than the base does.
    is_plain = not any(name for name in described if name != "base" and not name.startswith("@"))
    return Datatype(
        iri=str(described.get("@id") or _IRIS.get(base, XSD + base)),
        read=_plain(base) if is_plain else _formatted(base, described),
        words=_words(base, described),
        keeps_lines=base in _LINES_KEPT,
        keeps_spaces=base in _SPACES_KEPT,
    )


def _words(base: str, described: Mapping[str, Any]) -> str:
    shown = described.get("format")
    pattern = shown.get("pattern") if isinstance(shown, dict) else shown
    form = f" in the form {pattern}" if pattern and base != "boolean" else ""
    return f"{_WORDS.get(base, f'a valid {base}')}{form}"


def _plain(base: str) -> Callable[[str], str]:
    """Read values without a format: they are written as XML Schema has it."""
    limits = RANGES.get(base)
    pattern = re.compile(r"[+-]?\d+" if limits else _PATTERNS.get(base, "(?s:.*)"), re.ASCII)
    if base in ("NMTOKEN", "QName"):
        pattern = re.compile(pattern.pattern)

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        if limits and not limits[0] <= int(text) <= limits[1]:
            raise ValueError(f"it is not from {limits[0]} to {limits[1]}")
        if base == "json":
            _read_json(text)
        elif base.startswith("date") and not text.startswith("-"):
            date.fromisoformat(text[:10])  # the 30th of February has the form of a date
        return text

    return read


def _read_json(text: str) -> None:
    try:
        json.loads(text)
    except RecursionError as error:
        raise ValueError("its brackets lie too deep within each other") from error


def _formatted(base: str, described: Mapping[str, Any]) -> Callable[[str], str]:
    library, plain = FormattedDatatype(described), _plain(base)
    has_format = described.get("format") is not None
    is_text = base in _SPACES_KEPT or base in ("anyURI", "NMTOKEN", "QName") or base[0] == "g"

    def read(text: str) -> str:
        if not has_format or is_text:
            plain(text)
            library.read(text)
            return text
        return plain(_written(library.read(text), base))

    return read


def _written(value: object, base: str) -> str:
    """Write a Python value as XML Schema does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        text = value.isoformat()
        if base == "date":
            return text[:10] + text[19:].removeprefix(".")
        return text[11:] if base == "time" else text
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
