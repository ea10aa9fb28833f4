"""How near words are to each other, to find the one that was meant."""

from collections.abc import Iterable
from difflib import get_close_matches

#: How much alike two words are at least, of 1.
_ALIKE = 0.7
#: Letters that two words have in common at least when one is the beginning of the other.
_BEGIN = 4


def nearest(name: str, known: Iterable[str], *, alike: float = _ALIKE) -> str:
    """Give the known word that is most like one, or the empty string when none is alike enough."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=alike)), "")


def begun(name: str, known: Iterable[str]) -> str:
    """Give the shortest known word that begins as one does, or that one begins with, else none.

    `Light` is near to `Lighthouse` in this way.
    """
    low = name.lower()
    found = [
        each
        for each in known
        if min(len(each), len(name)) >= _BEGIN
        and (each.lower().startswith(low) or low.startswith(each.lower()))
    ]
    return min(found, key=lambda each: (len(each), each), default="")


def distance(one: str, other: str) -> int:
    """Count the letters to insert, leave out, put in place of another or exchange with the next.

    The optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        older, before, row = before, row, [place]
        for column, wanted in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != wanted))
            is_exchange = column > 1 < place and letter == other[column - 2]
            if is_exchange and one[place - 2] == wanted:
                cost = min(cost, older[column - 2] + 1)
            row.append(cost)
    return row[-1]
