"""Scales: from numbers to parts of a picture in percent, with round numbers to read them by."""

import math
from dataclasses import dataclass

from metropole.web import languages
from metropole.web.languages.written import month

#: Differences below are none; whole numbers below are exact (IEEE 754, 53 bits).
_FINE, _WHOLE = 1e-9, 1e15
#: From here on numbers are long; what is a multiple of the second has two digits behind a million.
_MILLION, _TEN_THOUSAND = 1e6, 1e4


@dataclass(frozen=True)
class Scale:
    """A range of numbers that fills a part of the width or height."""

    least: float
    most: float
    #: Where the range begins and ends, in percent.
    begin: float = 0.0
    end: float = 100.0

    def at(self, value: float) -> float:
        """Give the place of a number in percent."""
        part = (value - self.least) / ((self.most - self.least) or 1)
        return round(self.begin + part * (self.end - self.begin), 2)

    def length(self, value: float) -> float:
        """Give how far a number is from zero, in percent."""
        return round(abs(self.at(value) - self.at(0)), 2)


@dataclass(frozen=True)
class LogarithmicScale(Scale):
    """A range of numbers above zero on which equal steps multiply."""

    def at(self, value: float) -> float:
        """Give the place of a number in percent; what is not above zero is at the beginning."""
        if value <= 0:
            return self.begin
        part = math.log(value / self.least) / (math.log(self.most / self.least) or 1)
        return round(self.begin + part * (self.end - self.begin), 2)


def multiplied_steps(least: float, most: float) -> list[float]:
    """Give 1, 2 or 5 of powers of ten from below the least to above the most; both above zero."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    steps = [round(10.0**power * factor, 9) for power in powers for factor in (1, 2, 5)]
    first = max(step for step in steps if step <= least)
    last = min(step for step in steps if step >= most)
    return [step for step in steps if first <= step <= last]


def round_steps(least: float, most: float, *, wanted: int = 5) -> list[float]:
    """Give round numbers at equal steps over a range, its ends included where they are round."""
    step = _step(most - least or abs(most) or 1, wanted)
    first, last = math.floor(least / step + _FINE), math.ceil(most / step - _FINE)
    return [round(number * step, 9) for number in range(first, last + 1)]


def whole_steps(least: float, most: float, *, wanted: int = 6) -> list[float]:
    """Give whole numbers at equal steps inside a range."""
    step = max(1, math.ceil(_step(most - least or 1, wanted)))
    first, last = math.ceil(least / step - _FINE), math.floor(most / step + _FINE)
    return [float(number * step) for number in range(first, last + 1)]


def _step(span: float, wanted: int) -> float:
    rough = span / wanted
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - _FINE))


def month_steps(least: float, most: float, *, wanted: int = 6) -> list[float]:
    """Give beginnings of months, as numbers of years, inside a range."""
    months = (most - least) * 12
    step = next((each for each in (1, 2, 3, 6) if months / each <= wanted), 12)
    first, last = math.ceil(least * 12 / step - _FINE), math.floor(most * 12 / step + _FINE)
    return [number * step / 12 for number in range(first, last + 1)]


def said_month(years: float) -> str:
    """Write a number of years as its month: 2007.5 is Jul 2007."""
    passed = round(years * 12)
    return month(passed // 12, passed % 12 + 1, languages.locale())


def said_shortly(values: list[float]) -> list[str]:
    """Write numbers for an axis: millions in words, where those are exact and shorter."""
    plain = [said(value) for value in values]
    if max(map(abs, values), default=0) < _MILLION or any(
        value % _TEN_THOUSAND for value in values
    ):
        return plain
    # In German and others a thousand has no short word, and would lose what sets thousands apart.
    short = [languages.compact(value) for value in values]
    short = [each if not each.isdigit() else long for each, long in zip(short, plain, strict=True)]
    return short if max(map(len, short)) < max(map(len, plain)) else plain


def said(value: float) -> str:
    """Write a number for people: thousands apart, no more digits than it needs."""
    if value % 1 == 0 and abs(value) < _WHOLE:
        return languages.localised(f"{int(value):,}")
    short = f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return languages.localised(short)
