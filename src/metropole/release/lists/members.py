"""Sets of members of a class as bytes: counted and combined without a loop in Python.

A member is its number in the class. A large set is a bit for each member, a small one four bytes
for each number; the first byte tells which. Both are little-endian.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import compress, islice

_BITS, _NUMBERS = b"B", b"N"
_NUMBER_BYTES = 4
_TYPE = "I"
_TRUTH = bytes.maketrans(b"01", b"\0\1")


def written(numbers: list[int], of: int) -> bytes:
    """Write a set of the numbers below `of`."""
    if len(numbers) * _NUMBER_BYTES * 8 < of:
        return _NUMBERS + numbers_written(sorted(numbers))
    return _BITS + bits_of(numbers, of).to_bytes((of + 7) // 8, "little")


def read(text: bytes) -> int:
    """Read a set as a whole number with a bit for each member."""
    if text[:1] == _BITS:
        return int.from_bytes(text[1:], "little")
    numbers = numbers_read(text[1:])
    return bits_of(numbers, max(numbers, default=0) + 1)


def bits_of(numbers: Iterable[int], of: int) -> int:
    """Give the whole number whose bits are some numbers below `of`."""
    held = bytearray((of + 7) // 8)
    for number in numbers:
        held[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(held, "little")


def numbers_written(numbers: Iterable[int]) -> bytes:
    """Write numbers in the order they come in."""
    return b"".join(number.to_bytes(_NUMBER_BYTES, "little") for number in numbers)


def numbers_read(text: bytes) -> "array[int]":
    """Read numbers in their order."""
    found = array(_TYPE)
    found.frombytes(text)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def chosen(order: "array[int] | range", bits: int | None, *, start: int, wanted: int) -> list[int]:
    """Give `wanted` members of a set from `start` on, in an order; None is the set of all."""
    if bits is None:
        return list(order[start : start + wanted])
    return list(islice(_in_order(order, bits), start, start + wanted))


def _in_order(order: "array[int] | range", bits: int) -> Iterator[int]:
    flags = f"{bits:0{len(order)}b}"[::-1].encode().translate(_TRUTH)
    return compress(order, map(flags.__getitem__, order))
