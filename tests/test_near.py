"""Tests of how near words are to each other."""

from functools import cache
from itertools import product

import pytest

from metropole.near import distance, nearest


@cache
def defined(one: str, other: str) -> int:
    """Give the optimal string alignment distance as it is defined, from the last letters on."""
    if not one or not other:
        return len(one) + len(other)
    steps = [
        defined(one[:-1], other) + 1,
        defined(one, other[:-1]) + 1,
        defined(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 < len(other) and one[-2:] == other[-1] + other[-2]:
        steps.append(defined(one[:-2], other[:-2]) + 1)
    return min(steps)


def test_distance_is_as_it_is_defined() -> None:
    """All short words of two letters, and of three, are as far from each other as they should."""
    words = [
        "".join(letters)
        for alphabet, longest in (("ab", 5), ("abc", 3))
        for length in range(longest + 1)
        for letters in product(alphabet, repeat=length)
    ]
    wrong = [
        (one, other)
        for one, other in product(words, repeat=2)
        if distance(one, other) != defined(one, other)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("Citty", ["Country", "City", "Cities"], "City"),
        ("Citty", ["Planet"], ""),
        ("Citty", [], ""),
        ("abcdefghij", ["abcdefgxyz"], "abcdefgxyz"),
        ("abcdefghij", ["abcdefwxyz"], ""),
    ],
)
def test_the_word_that_was_meant(name: str, known: list[str], found: str) -> None:
    """The most like one is given, in whatever order they come, and none that is not alike."""
    assert nearest(name, known) == nearest(name, iter(known[::-1])) == found


def test_likeness_can_be_asked_for() -> None:
    """Where a wrong guess costs more, words have to be more alike."""
    assert nearest("Citty", ["City"], alike=0.95) == ""
