"""The only module that knows csvw: its verdict on a description, and its reading of cells.

csvw would fetch schemas and dialects that are named by an address: `description.py` refuses
these before anything comes here.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import csvw  # type: ignore[import-untyped]
from csvw.datatypes import DATATYPES  # type: ignore[import-untyped]
from csvw.metadata_utils import NAMESPACES  # type: ignore[import-untyped]

#: The prefixes that may be used in a description (csvw context, from the initial RDFa context).
PREFIXES: dict[str, str] = {**NAMESPACES, "dcterms": NAMESPACES["dc"]}
#: What csvw raises about a value; it was written for programs that read well-formed tables.
_RAISED = (
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    KeyError,
    ArithmeticError,
    Warning,
)


def complaints(table: Mapping[str, Any]) -> list[str]:
    """List what csvw has to say against the description of a table."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            csvw.Table.fromvalue(deepcopy(dict(table)))
        except _RAISED as error:
            return [str(error) or "a value is not one that the standard allows"]
    return list(dict.fromkeys(str(warning.message) for warning in warned))


def is_datatype(name: str) -> bool:
    """Tell whether a name is that of a built-in datatype."""
    return name in DATATYPES


class FormattedDatatype:
    """A datatype with a format, or with limits on its values."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        """Raise ValueError when the datatype contradicts itself or its format is none."""
        with _warnings_raised():
            try:
                self._datatype = csvw.Datatype.fromvalue(dict(description))
            except _RAISED as error:
                raise ValueError(
                    str(error) or "the format is not one that the standard knows"
                ) from error

    def read(self, text: str) -> object:
        """Give the value of a cell as Python has it; raises ValueError with the reason."""
        with _warnings_raised():
            try:
                value: object = self._datatype.read(text)
            except _RAISED as error:
                raise ValueError(str(error)) from error
        return value


@contextmanager
def _warnings_raised() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
