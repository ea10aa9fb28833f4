"""Guess in which form people write dates, as a format of CSV on the Web (section 6.4.4)."""

import re
from collections.abc import Sequence

_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2\d{4}", re.ASCII)
_WITHOUT_SIGN = re.compile(r"(?:1[6-9]|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_MONTHS, _DAYS = 12, 31


def date_forms(text: str) -> list[str]:
    """List the formats that a date may have, as `dd.MM.yyyy`, the likeliest first.

    Only with slashes the month may stand first although the day could.
    """
    if _WITHOUT_SIGN.fullmatch(text):
        return ["yyyyMMdd"]
    found = _DATE.fullmatch(text)
    if found is None:
        return []
    first, sign, second = int(found[1]), found[2], int(found[3])
    orders = []
    if 0 < first <= _DAYS and 0 < second <= _MONTHS:
        orders.append(("dd", "MM"))
    if 0 < first <= _MONTHS and 0 < second <= _DAYS and (sign == "/" or not orders):
        orders.append(("MM", "dd"))
    has_zeros = len(found[1]) == len(found[3]) == 2  # noqa: PLR2004
    long = [sign.join((*order, "yyyy")) for order in orders] if has_zeros else []
    return long + [sign.join((order[0][0], order[1][0], "yyyy")) for order in orders]


def common_form(texts: Sequence[str]) -> str:
    """Give the one format that all dates have; empty where there is none, or day and month vary."""
    forms = date_forms(texts[0]) if texts else []
    for text in texts[1:] if forms else ():
        forms = [form for form in forms if form in date_forms(text)]
    is_plain = len({form[0].lower() for form in forms}) == 1
    return forms[0] if is_plain else ""
