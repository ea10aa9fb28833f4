"""How the values of the datatypes of XML Schema are written (XSD 1.1 Part 2, section 3)."""

import re

from metropole.vocab import XSD

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_DOUBLE = rf"{_NUMBER}(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_TIME_PARTS = r"T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?"
_DIGIT = r"[A-Za-z0-9+/]\s?"
#: Local names of datatypes to what a value looks like, as far as a pattern can tell; they are
#: meant to be compiled with `re.ASCII`.
PATTERNS = {
    "decimal": _NUMBER,
    "double": _DOUBLE,
    "float": _DOUBLE,
    "boolean": "true|false|1|0",
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE[:-1]}",
    "time": f"{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
    "duration": rf"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:{_TIME_PARTS})?",
    "dayTimeDuration": rf"-?P(?=.)(?:\d+D)?(?:{_TIME_PARTS})?",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": "(?:[0-9a-fA-F]{2})*",
    "base64Binary": rf"(?:(?:{_DIGIT}){{4}})*(?:(?:{_DIGIT}){{2}}=\s?=|(?:{_DIGIT}){{3}}=)?",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
}
_ANY = (float("-inf"), float("inf"))
#: Local names of the datatypes for whole numbers to their least and greatest value.
RANGES: dict[str, tuple[float, float]] = {
    "integer": _ANY,
    "nonPositiveInteger": (_ANY[0], 0),
    "negativeInteger": (_ANY[0], -1),
    "nonNegativeInteger": (0, _ANY[1]),
    "positiveInteger": (1, _ANY[1]),
    **{
        name: (-(1 << bits - 1), (1 << bits - 1) - 1)
        for name, bits in (("long", 64), ("int", 32), ("short", 16), ("byte", 8))
    },
    **{
        f"unsigned{name}": (0, (1 << bits) - 1)
        for name, bits in (("Long", 64), ("Int", 32), ("Short", 16), ("Byte", 8))
    },
}
#: Datatypes in words, for people who have never seen one.
WORDS = {
    "decimal": "a number such as 1234.5",
    "double": "a number such as 1234.5",
    "float": "a number such as 1234.5",
    "boolean": "true or false",
    "date": "a date such as 2007-11-13",
    "dateTime": "a date with a time such as 2007-11-13T09:30:00",
    "time": "a time such as 09:30:00",
    "gYear": "a year with four digits",
    "gYearMonth": "a year and month such as 2007-11",
    "gMonthDay": "a month and day such as --11-13",
    "duration": "a duration such as P1Y6M or PT30M",
    **{name: f"a whole number ({name})" for name in RANGES},
}
#: Local names of all datatypes (XSD 1.1 Part 2, section 3; RDF 1.1 Concepts advises against some).
DATATYPES = frozenset(
    {
        *PATTERNS,
        *RANGES,
        *("string", "normalizedString", "token", "Name", "NCName", "NMTOKEN", "NMTOKENS", "anyURI"),
        *("ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "QName", "NOTATION"),
        *("anyType", "anySimpleType", "anyAtomicType", "untypedAtomic", "numeric", "error"),
    }
)
_YEAR_TOO_SHORT = re.compile(r"\d{1,3}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_COMPILED = {name: re.compile(pattern, re.ASCII) for name, pattern in PATTERNS.items()}
_MONTH_DAY = re.compile(r"(?:(-?\d+)-|--)(\d\d)-(\d\d)", re.ASCII)
_DATES = ("date", "dateTime", "dateTimeStamp", "gMonthDay")
_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_written_right(text: str, datatype: str) -> bool:
    """Tell whether a text is in the lexical space of a datatype, which is named by its IRI.

    Of datatypes that are not known here it is believed.
    """
    name = datatype.removeprefix(XSD)
    if name in RANGES:
        least, most = RANGES[name]
        return bool(_WHOLE.fullmatch(text)) and least <= _whole(text) <= most
    pattern = _COMPILED.get(name)
    if pattern is None:
        return True
    return bool(pattern.fullmatch(text)) and (name not in _DATES or _is_in_calendar(text))


def wanted(text: str, datatype: str) -> str:
    """Say what should stand in place of a text that is none of a datatype, an IRI."""
    name = datatype.removeprefix(XSD)
    words = WORDS.get(name, f"a valid xsd:{name}")
    is_short = name == "gYear" and _YEAR_TOO_SHORT.fullmatch(text)
    return f"{words}, as {text.zfill(4)}" if is_short else words


def _whole(text: str) -> float:
    """Read digits; Python refuses to read thousands of them, which are out of all bounds here."""
    sign, digits = text[0] == "-", text.lstrip("+-0")
    number = float("inf") if len(digits) > len(str(1 << 64)) else int(digits or "0")
    return -number if sign else number


def _is_in_calendar(text: str) -> bool:
    """Tell whether a month has the day that stands at the beginning of a text."""
    found = _MONTH_DAY.match(text)
    assert found is not None
    year, month, day = found[1], int(found[2]), int(found[3])
    if month == 2 and day == _LONGEST[2] and year is not None:  # noqa: PLR2004  # February
        last = int(year[-4:])  # 10,000 years are a whole number of cycles of the calendar
        return last % 4 == 0 and (last % 100 != 0 or last % 400 == 0)
    return day <= _LONGEST[month]
