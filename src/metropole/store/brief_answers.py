"""Answer queries that are over at once in the process that serves, within narrow bounds.

Handing a query over to a worker takes several times as long as a lookup itself. A query that
matches one triple pattern (`sparql/single_pattern.py`) goes forward row by row, so it can be
stopped between two of them, which is what a worker process is otherwise needed for.
"""

import time
from dataclasses import dataclass, replace

import pyoxigraph as ox

from metropole.formats import ResultFormat
from metropole.sparql import with_columns
from metropole.sparql.single_pattern import is_single_pattern
from metropole.store.answers import Stores, form_of, format_for, run, write, xml_text
from metropole.store.query_frames import QueryRequest
from metropole.xml_bodies import NotXml

#: A longer answer is left to a worker. The store hands over pieces of 8 KiB, and a row takes
#: 30 bytes at least, so some 250 rows are between two looks at the bounds and 1,100 in all.
_MOST_BYTES = 32 << 10
#: An answer that takes longer, as from a disk that is slow, is left to a worker.
_MOST_SECONDS = 0.01
#: The formats in which each row takes room.
_SYNTAXES = (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML)


@dataclass(frozen=True)
class BriefAnswer:
    """A complete answer."""

    content_type: str
    #: `rows` or `boolean`.
    form: str
    body: bytes


class _OutOfBounds(Exception):
    """The answer is longer, or takes longer, than is allowed here."""


class _Bounded:
    """Takes the pieces of an answer as long as they are within the bounds."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._left = _MOST_BYTES
        self._deadline = time.monotonic() + _MOST_SECONDS

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        # What is one piece is there already, however long it took.
        if self._left < 0 or (self._pieces and time.monotonic() > self._deadline):
            raise _OutOfBounds
        self._pieces.append(data)
        return len(data)

    def flush(self) -> None:
        """Keep what was taken."""

    def whole(self) -> bytes:
        return b"".join(self._pieces)


def brief_answer(stores: Stores, request: QueryRequest) -> BriefAnswer | None:
    """Answer a query that is provably brief; None for every other, and for one that fails.

    None says nothing about the query: a worker finds out, and tells.
    """
    if request.default_graphs or request.named_graphs or not is_single_pattern(request.query):
        return None
    bounded = _Bounded()
    try:
        if not request.substitutions:
            # To begin again with the columns in order would take as long as the lookup.
            request = replace(request, query=with_columns(request.query))
        result = run(stores, request)
        chosen = format_for(result, request.media_types)
        if not isinstance(chosen, ResultFormat) or chosen.syntax not in _SYNTAXES:
            return None
        write(result, chosen, bounded, prefixes=None)
        text = xml_text(chosen)
        body = text.checked(bounded.whole()) if text else bounded.whole()
    except (_OutOfBounds, NotXml, SyntaxError, ValueError, RuntimeError, OSError):
        return None
    return BriefAnswer(chosen.content_type, form_of(result), body)
