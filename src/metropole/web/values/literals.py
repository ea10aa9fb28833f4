"""Write literals for people: numbers, dates and points as the language of the page has them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal

from metropole.points import point
from metropole.vocab import NUMBERS, RDF, XSD
from metropole.web.languages import gettext, locale, localised
from metropole.web.languages.written import exact_number

_PLAIN = (XSD + "string", RDF + "langString", XSD + "gYear", XSD + "anyURI")
#: Longer numbers are written as they are: nobody reads their digits in groups.
_MOST_DIGITS = 40
#: Parts of the value of a day without a year: `--11-13` (XML Schema 1.1, Part 2, section 3.3.12).
_MONTH_DAY = slice(2, 7)


@dataclass(frozen=True)
class Written:
    """A literal as people read it."""

    text: str
    #: The value for machines, where the text is another one.
    machine: str = ""
    is_time: bool = False
    #: Short name of a datatype that the text does not show by itself.
    datatype: str = ""


def written(literal: ox.Literal, pattern: str = "") -> Written:
    """Write a literal; a number by a pattern of UAX 35 where there is one."""
    text = literal.value
    kind = "" if literal.language else literal.datatype.value
    if not kind or kind in _PLAIN:
        return Written(text)
    found = number(text, pattern) if kind in NUMBERS else ""
    if found:
        return Written(found, text)
    if kind == XSD + "boolean" and text in ("true", "false"):
        return Written(gettext("yes") if text == "true" else gettext("no"), text)
    where = point(literal)
    if where is not None:
        return Written(_said_point(*where), text)
    time = _time(text, kind.removeprefix(XSD))
    if time:
        return Written(time, text, is_time=True)
    return Written(text, datatype=kind.removeprefix(XSD))


def number(text: str, pattern: str = "") -> str:
    """Write a number with its digits in groups; empty for what is none."""
    try:
        value = Decimal(text)
        if not value.is_finite() or len(text) > _MOST_DIGITS or value.adjusted() > _MOST_DIGITS:
            return ""
        if not pattern:
            return exact_number(value, locale())
        return format_decimal(value, pattern, locale(), decimal_quantization=True)
    except (InvalidOperation, ValueError):
        return ""


def _said_point(longitude: float, latitude: float) -> str:
    north = _said_degrees(latitude) + (gettext("N") if latitude >= 0 else gettext("S"))
    east = _said_degrees(longitude) + (gettext("E") if longitude >= 0 else gettext("W"))
    return f"{north}; {east}" if "," in north + east else f"{north}, {east}"


def _said_degrees(value: float) -> str:
    return localised(f"{abs(value):g}") + "° "


def _time(text: str, kind: str) -> str:
    """Write a day, a month or a moment; empty for what is none."""
    try:
        if kind == "date":
            return format_date(date.fromisoformat(text), "long", locale())
        if kind == "dateTime":
            return format_datetime(datetime.fromisoformat(text), "long", locale=locale())
        if kind == "gYearMonth":
            return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=locale())
        if kind == "gMonthDay":
            day = date.fromisoformat(f"2000-{text[_MONTH_DAY]}")
            return format_skeleton("MMMMd", day, locale=locale())
    except ValueError:
        return ""
    return ""
