"""The only module that knows arro3: columns of values as a Parquet file.

Values get the type of Parquet that fits all of a column: whole numbers of 64 bits, floating
point for other numbers, days, truth values; everything else is text. Cells with several values
are lists. A column in which one value does not fit is text.
"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate
from pathlib import Path

from arro3.core import Array, DataType, Table, list_array
from arro3.io import write_parquet

from metropole.vocab import NUMBERS, XSD

_EPOCH = date(1970, 1, 1)
_LONGEST = 1 << 63
_FLOATS = {XSD + name for name in ("decimal", "double", "float")}
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def write_columns(
    columns: Sequence[tuple[str, str, bool, Sequence[Sequence[str]]]], path: Path
) -> None:
    """Write columns: name, datatype, whether cells may have several values, and the cells."""
    arrays = [_array(datatype, cells, many=many) for _, datatype, many, cells in columns]
    table = Table.from_arrays(arrays, names=[name for name, *_ in columns])
    write_parquet(table, path, compression="zstd(3)")


def _array(datatype: str, cells: Sequence[Sequence[str]], *, many: bool) -> Array:
    if not many:
        return _values(datatype, [cell[0] if cell else None for cell in cells])
    ends = [0, *accumulate(len(cell) for cell in cells)]
    values = _values(datatype, [text for cell in cells for text in cell])
    empty = Array([not cell for cell in cells], DataType.bool())
    return list_array(Array(ends, DataType.int32()), values, mask=empty)


def _values(datatype: str, texts: Sequence[str | None]) -> Array:
    read, kind = _reading(datatype)
    if kind is not None:
        try:
            found = [None if text is None else read(text) for text in texts]
        except (ValueError, KeyError, OverflowError):
            return Array(texts, DataType.utf8())
        if datatype == XSD + "date":
            return Array(found, DataType.int32()).cast(DataType.date32())
        return Array(found, kind)
    return Array(texts, DataType.utf8())


def _reading(datatype: str) -> tuple[Callable[[str], object], DataType | None]:
    if datatype in _FLOATS:
        return float, DataType.float64()
    if datatype in NUMBERS:
        return _whole, DataType.int64()
    if datatype == XSD + "boolean":
        return _TRUTH.__getitem__, DataType.bool()
    if datatype == XSD + "date":
        return _day, DataType.int32()
    return str, None


def _whole(text: str) -> int:
    number = int(text)
    if not -_LONGEST <= number < _LONGEST:
        raise OverflowError
    return number


def _day(text: str) -> int:
    return (date.fromisoformat(text) - _EPOCH).days
