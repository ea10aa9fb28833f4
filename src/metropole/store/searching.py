"""Ask the search index of a release; many threads may at once, and no question takes long."""

import queue
import sqlite3
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from metropole.errors import SearchTooLong, StoreError
from metropole.near import distance
from metropole.release import Release
from metropole.release.search_index import FILE
from metropole.release.search_words import deletions, may_be_misspelt

#: Hits that are ranked and can be paged through; a search that has more should be narrowed.
HITS_RANKED = 200
#: Matches that are counted one by one; beyond, a number is "at least".
COUNTED = 10_000
_SECONDS = 1.0
#: Steps of SQLite's machine between two looks at the clock.
_STEPS = 2_000
#: Connections that are kept open for the next question.
_KEPT = 8
#: Names that begin with what was asked: so many are looked at to choose the shortest.
_BEGINNINGS = 60
#: Words that are compared letter by letter for one that is misspelt.
_COMPARED = 80
_LONG_WORD = 8
#: Words with the same beginning that are searched for one by one.
_WRITTEN_OUT = 8
#: Letters that may follow on the beginning of a word.
_LONGEST_ENDING = 20
_AFTER_ALL = "\U0010ffff"
_WHOLE = "SELECT thing FROM name WHERE folded = ? LIMIT ?"
_IN_NAME, _IN_NAMES = "{name} : ", "{name other} : "


@dataclass(frozen=True)
class Hit:
    """A thing that is found, and the class that says most of it; empty without one."""

    iri: str
    kind: str


@dataclass(frozen=True)
class Count:
    """A number of things; where `is_exact` is false there are at least so many."""

    number: int
    is_exact: bool


@dataclass(frozen=True)
class Matches:
    """How many things match, in all and by class."""

    count: Count
    #: Class to number of matches, the most frequent first.
    kinds: dict[str, int]


class SearchIndex:
    """The index of one release, read only; its methods take folded words.

    Raises StoreError when the index cannot be read, and SearchTooLong when a question takes
    longer than it may.
    """

    def __init__(self, release: Release) -> None:
        self._path = release.folder / FILE
        self._release_id = release.id
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_KEPT)
        weakref.finalize(self, _close_all, self._idle)

    @property
    def is_there(self) -> bool:
        """Tell whether the release has an index; those made by older versions have none."""
        return self._path.is_file()

    def best(
        self,
        asked: list[str],
        *,
        most: int = HITS_RANKED,
        kind: str = "",
        only_names: bool = False,
    ) -> list[Hit]:
        """List the things that match all words, the best first.

        A whole name goes before the beginning of one, words in names before those in texts,
        and whole words before beginnings of words; among equals the weightier thing goes first.
        With a class, only its members are found; on demand, texts that are no names are left out.
        """
        if not asked:
            return []
        with self._connection() as connection:
            found: dict[int, None] = {}
            number = _number_of(connection, kind)
            for numbers in _tiers(connection, asked, most, number, only_names=only_names):
                found.update(dict.fromkeys(numbers))
                if len(found) >= most:
                    break
            return _hits(connection, list(found)[:most])

    def namesakes(self, asked: list[str], *, most: int, kind: str = "") -> list[Hit]:
        """List the things that have these words as a whole name, the weightier first."""
        if not asked:
            return []
        with self._connection() as connection:
            numbers = _numbers(connection, _WHOLE, " ".join(asked), HITS_RANKED)
            wanted = _of_kind(connection, numbers, _number_of(connection, kind))
            return _hits(connection, wanted[:most])

    def frequencies(self, asked: list[str]) -> list[int]:
        """Tell of each of some words how many things have it in a name."""
        with self._connection() as connection:
            sql = "SELECT things FROM word WHERE word = ?"
            rows = [connection.execute(sql, (word,)).fetchone() for word in asked]
            return [row[0] if row else 0 for row in rows]

    def matches(self, asked: list[str], *, kind: str = "") -> Matches:
        """Count the things that match all words, in all and by class."""
        if not asked:
            return Matches(Count(0, is_exact=True), {})
        with self._connection() as connection:
            sql = (
                "SELECT thing.kinds FROM said JOIN thing ON thing.id = said.rowid "
                "WHERE said MATCH ? LIMIT ?"
            )
            wanted = _only(_number_of(connection, kind)) + _all(_begun(connection, asked))
            rows = [row for (row,) in connection.execute(sql, (wanted, COUNTED + 1))]
            numbers = Counter(int(each) for row in rows[:COUNTED] for each in row.split())
            names: dict[int, str] = dict(connection.execute("SELECT id, iri FROM kind"))
            ranked = sorted(numbers.items(), key=lambda pair: (-pair[1], names[pair[0]]))
            count = Count(min(len(rows), COUNTED), is_exact=len(rows) <= COUNTED)
            return Matches(count, {names[each]: number for each, number in ranked})

    def has_kind(self, iri: str) -> bool:
        """Tell whether a class has members in the index."""
        with self._connection() as connection:
            sql = "SELECT 1 FROM kind WHERE iri = ?"
            return connection.execute(sql, (iri,)).fetchone() is not None

    def mended(self, asked: list[str], *, begun: bool = False) -> list[str] | None:
        """Put known words in place of those that no name has; None when there is nothing to mend.

        A known word differs by one letter, from eight letters on by two. `begun` says that the
        last word may be the beginning of one.
        """
        with self._connection() as connection:
            mended = [
                word
                if _is_known(connection, word)
                else _nearest(connection, word, begun=begun and place == len(asked))
                for place, word in enumerate(asked, 1)
            ]
        return None if mended == asked else mended

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection, and stop what takes too long."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._opened()
        deadline = time.monotonic() + _SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            yield connection
        except sqlite3.OperationalError as error:
            connection.close()
            if time.monotonic() > deadline:
                raise SearchTooLong(f"The search was stopped after {_SECONDS:g} seconds.") from None
            raise self._unreadable(error) from error
        except sqlite3.Error as error:
            connection.close()
            raise self._unreadable(error) from error
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()

    def _opened(self) -> sqlite3.Connection:
        address = self._path.as_uri() + "?mode=ro&immutable=1"
        try:
            return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"The search index of release {self._release_id} cannot be read: {error}. "
            "Run 'metropole build' to make a new release."
        )


def _tiers(
    connection: sqlite3.Connection,
    asked: list[str],
    most: int,
    kind: int | None,
    *,
    only_names: bool,
) -> Iterator[list[int]]:
    """Give the things that match better before those that match less well."""
    name = " ".join(asked)
    exact = _numbers(connection, _WHOLE, name, most)
    yield _of_kind(connection, exact, kind)
    yield _of_kind(connection, _beginning_with(connection, name), kind)
    whole, begun = _all([f'"{word}"' for word in asked]), _all(_begun(connection, asked))
    for columns, words_of in (
        (_IN_NAME, whole),
        (_IN_NAMES, whole),
        (_IN_NAME, begun),
        (_IN_NAMES, begun),
        ("", whole),
        ("", begun),
    ):
        if (words_of is begun and begun == whole) or (only_names and not columns):
            continue
        wanted = f"{_only(kind)}{columns}{words_of}"
        yield _numbers(
            connection, "SELECT rowid FROM said WHERE said MATCH ? LIMIT ?", wanted, most
        )


def _beginning_with(connection: sqlite3.Connection, name: str) -> list[int]:
    """List things whose name begins with what is asked, the shortest name first."""
    sql = "SELECT folded, thing FROM name WHERE folded > ? AND folded < ? LIMIT ?"
    rows = connection.execute(sql, (name, name + _AFTER_ALL, _BEGINNINGS)).fetchall()
    return [thing for _, thing in sorted(rows, key=lambda row: (len(row[0]), row[1]))]


def _numbers(connection: sqlite3.Connection, sql: str, wanted: str, most: int) -> list[int]:
    return [number for (number,) in connection.execute(sql, (wanted, most))]


def _all(terms: list[str]) -> str:
    return "(" + " AND ".join(terms) + ")"


def _begun(connection: sqlite3.Connection, asked: list[str]) -> list[str]:
    """Write words for FTS5 as beginnings, each in quotes, so that nothing in them is syntax.

    A beginning of few words is written as these words: FTS5 reads only as much of their lists as
    it must, but makes a list of all things that have a beginning.
    """
    sql = "SELECT word FROM word WHERE word >= ? AND word < ? LIMIT ?"
    terms = []
    for word in asked:
        rows = connection.execute(sql, (word, word + _AFTER_ALL, _WRITTEN_OUT + 1)).fetchall()
        if len(rows) > _WRITTEN_OUT:
            terms.append(f'"{word}" *')
        elif len(rows) <= 1:
            terms.append(f'"{rows[0][0] if rows else word}"')
        else:
            terms.append("(" + " OR ".join([f'"{each}"' for (each,) in rows]) + ")")
    return terms


def _number_of(connection: sqlite3.Connection, kind: str) -> int | None:
    """Give the number of a class, 0 for one without members; None when none is asked for."""
    if not kind:
        return None
    row = connection.execute("SELECT id FROM kind WHERE iri = ?", (kind,)).fetchone()
    return row[0] if row else 0


def _only(kind: int | None) -> str:
    return "" if kind is None else f"{{kind}} : k{kind} AND "


def _of_kind(connection: sqlite3.Connection, numbers: list[int], kind: int | None) -> list[int]:
    if kind is None:
        return numbers
    sql = "SELECT kinds FROM thing WHERE id = ?"
    return [
        number
        for number in numbers
        if str(kind) in connection.execute(sql, (number,)).fetchone()[0].split()
    ]


def _hits(connection: sqlite3.Connection, numbers: list[int]) -> list[Hit]:
    sql = (
        "SELECT thing.iri, kind.iri FROM thing LEFT JOIN kind ON kind.id = CAST(kinds AS INTEGER) "
    )
    rows = [connection.execute(sql + "WHERE thing.id = ?", (each,)).fetchone() for each in numbers]
    return [Hit(iri, kind or "") for iri, kind in rows]


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    """Tell whether a name has a word, or one that begins with it."""
    sql = "SELECT 1 FROM word WHERE word >= ? AND word < ? LIMIT 1"
    return connection.execute(sql, (word, word + _AFTER_ALL)).fetchone() is not None


def _nearest(connection: sqlite3.Connection, word: str, *, begun: bool) -> str:
    """Give the known word that differs least, the most frequent among equals; else the word."""
    if not may_be_misspelt(word):
        return word
    parts = sorted(deletions(word))
    places = ", ".join("?" * len(parts))
    sql = (
        "SELECT DISTINCT word.word, word.things FROM near JOIN word ON word.word = near.word "  # noqa: S608  # only question marks are put in
        f"WHERE part IN ({places}) AND length(word.word) BETWEEN ? AND ? "
        "ORDER BY word.things DESC, word.word LIMIT ?"
    )
    most = 2 if len(word) >= _LONG_WORD else 1
    longest = len(word) + (_LONGEST_ENDING if begun else most)
    values = (*parts, len(word) - most, longest, _COMPARED)
    rows = connection.execute(sql, values).fetchall()
    near = [(_away(word, known, begun=begun), -things, known) for known, things in rows]
    near = [each for each in near if each[0] <= most]
    return min(near)[2] if near else word


def _away(word: str, known: str, *, begun: bool) -> int:
    if not begun:
        return distance(word, known)
    beginnings = {known[: len(word) + more] for more in (-1, 0, 1)}
    return min(distance(word, beginning) for beginning in beginnings)


def _close_all(connections: "queue.LifoQueue[sqlite3.Connection]") -> None:
    while not connections.empty():
        connections.get_nowait().close()
