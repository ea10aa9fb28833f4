"""Numbers, dates and sizes as a language writes them (CLDR, by Babel)."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import (
    format_compact_decimal,
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
)
from babel.units import format_unit

#: A day as XML Schema writes it, with or without its time, or a month.
_DAY = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:[TZ+ ].*)?)?")
_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_STEP = 1000
#: How most languages write numbers: in groups of three digits (UAX 35, part 3).
_USUAL = "#,##0.###"


def number(value: float | Decimal, locale: Locale) -> str:
    """Write a number: 1,234.5 or 1 234,5."""
    return format_decimal(value, locale=locale)


def compact_number(value: float, locale: Locale) -> str:
    """Write a number shortly: 1.2M or 1,2 Mio."""
    return format_compact_decimal(value, locale=locale, fraction_digits=2)


def percent(part: float, locale: Locale) -> str:
    """Write a part of one in percent, with one digit behind the point."""
    return format_percent(part, format=_tenths(locale), locale=locale, decimal_quantization=True)


def _tenths(locale: Locale) -> str:
    return str(locale.percent_formats[None].pattern).replace("0", "0.0", 1)


def with_separators(text: str, locale: Locale) -> str:
    """Write a number that stands as `-1,234.5` with the separators of a language."""
    return text.translate(_signs(locale))


@cache
def _signs(locale: Locale) -> dict[int, str | int | None]:
    signs: dict[str, str | int | None] = {
        ",": get_group_symbol(locale),
        ".": get_decimal_symbol(locale),
        "-": get_minus_sign_symbol(locale),
    }
    return str.maketrans(signs)


def exact_number(value: Decimal, locale: Locale) -> str:
    """Write a number with all its digits, as `number` would, where that has the usual pattern."""
    if locale.decimal_formats[None].pattern != _USUAL:
        return format_decimal(value, locale=locale, decimal_quantization=False)
    text = f"{value:,f}"
    return with_separators(text.rstrip("0").rstrip(".") if "." in text else text, locale)


def day(text: str, locale: Locale) -> str:
    """Write a day or a month given as in XML Schema; anything else stays as it is."""
    found = _DAY.fullmatch(text)
    try:
        if found and found[3]:
            return format_date(date(int(found[1]), int(found[2]), int(found[3])), "long", locale)
        return month(int(found[1]), int(found[2]), locale, is_long=True) if found else text
    except ValueError:
        return text  # as the 30th of February


def days(begin: str, end: str, locale: Locale) -> str:
    """Write the days from one to another given as in XML Schema, or the one that both are."""
    found = [_DAY.fullmatch(text) for text in (begin, end)]
    if not end or end[: len(begin)] == begin or not all(each and each[3] for each in found):
        told = [day(text, locale) for text in dict.fromkeys((begin, end or begin))]
        return " \u2013 ".join(told)
    try:
        first, last = (date.fromisoformat(text[: len("2011-11-24")]) for text in (begin, end))
    except ValueError:
        return f"{begin} \u2013 {end}"  # as the 30th of February
    return str(format_interval(first, last, "yMMMMd", locale=locale))


def month(year: int, of_year: int, locale: Locale, *, is_long: bool = False) -> str:
    """Write a month of a year; `of_year` counts from 1."""
    skeleton = "yMMMM" if is_long else "yMMM"
    return format_skeleton(skeleton, date(year, of_year, 1), locale=locale)


def bytes_written(size: int, locale: Locale) -> str:
    """Write a size in bytes, kilobytes and so on, each of 1000."""
    value, place = float(size), 0
    while value >= _STEP and place < len(_SIZES) - 1:
        value, place = value / _STEP, place + 1
    rounded = round(value, 1) if value < _STEP / 10 and place else round(value)
    # The short form of a byte has no plural in English.
    length: Literal["short", "long"] = "short" if place else "long"
    found = format_unit(rounded, f"digital-{_SIZES[place]}", length=length, locale=locale)
    return str(found)
