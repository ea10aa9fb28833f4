"""Write the search index of a release: an SQLite file with FTS5, the same bytes for the same data.

Things stand in it in the order of their weight, so that the first matches are the best and no
query has to look at all of them (decision 0026).
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

from metropole.graph import without_collector
from metropole.graph.statement_lines import subject_of
from metropole.release.search_words import deletions, may_be_misspelt, words
from metropole.vocab import FOAF, LABEL_PROPERTIES, OA, RDF, SCHEMA, SKOS

FILE = "search.sqlite"
#: Properties that hold another name of a thing, beside LABEL_PROPERTIES.
OTHER_NAMES = (
    SKOS + "altLabel",
    SKOS + "hiddenLabel",
    SKOS + "notation",
    SCHEMA + "alternateName",
    SCHEMA + "legalName",
    FOAF + "name",
)
#: Letters of a whole name that are compared with what is asked.
_NAME_LETTERS = 200
#: What is made for the machinery is not searched: selectors are found by what they select.
_SELECTOR, _EXACT = f"<{OA}hasSelector>".encode(), f"<{OA}exact>".encode()
_TYPE = f"<{RDF}type>".encode()
_NAMES = frozenset(f"<{iri}>".encode() for iri in LABEL_PROPERTIES)
_OTHERS = frozenset(f"<{iri}>".encode() for iri in OTHER_NAMES)
_QUOTE = ord('"')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_SCHEMA = """
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA auto_vacuum = NONE;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;
CREATE TABLE kind (id INTEGER PRIMARY KEY, iri TEXT NOT NULL);
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kinds TEXT NOT NULL);
CREATE TABLE name (folded TEXT, thing INTEGER, PRIMARY KEY (folded, thing)) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE near (part TEXT, word TEXT, PRIMARY KEY (part, word)) WITHOUT ROWID;
CREATE VIRTUAL TABLE said USING fts5 (
    name, other, text, kind,
    content = '', detail = column, columnsize = 0, prefix = '1 2 3', tokenize = 'ascii'
);
INSERT INTO said (said, rank) VALUES ('automerge', 0);
INSERT INTO said (said, rank) VALUES ('crisismerge', 1000);
CREATE TEMP TABLE unsorted (folded TEXT, thing INTEGER);
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, said, col);
BEGIN;
"""
_SORTED = (
    "INSERT INTO name SELECT DISTINCT folded, thing FROM unsorted ORDER BY folded, thing",
    """INSERT INTO word SELECT term, sum(CASE WHEN col IN ('name', 'other') THEN doc ELSE 0 END)
    FROM vocabulary WHERE col != 'kind' GROUP BY term ORDER BY term""",
)


@dataclass(frozen=True)
class _Thing:
    """What is found of a thing, in folded words."""

    iri: bytes
    kinds: tuple[bytes, ...]
    names: tuple[str, ...]
    others: tuple[str, ...]
    texts: tuple[str, ...]


def write_search(lines: Iterable[bytes], base: str, path: Path) -> None:
    """Index the things and terms of a site; `lines` are sorted N-Quads.

    What is indexed of each: its names in all languages, other names, and every text that has a
    language or is a plain string, words quoted included; for a thing without a name the end of
    its IRI.
    """
    with without_collector():
        things = _Collected(base).things_of(lines)
    sizes = Counter(kind for thing in things for kind in thing.kinds)
    kinds = {kind: number for number, kind in enumerate(sorted(sizes), 1)}
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(_SCHEMA)
        rows = [(number, _iri(kind)) for kind, number in kinds.items()]
        connection.executemany("INSERT INTO kind VALUES (?, ?)", rows)
        _write_things(connection, things, kinds, sizes)
        connection.execute("INSERT INTO said (said) VALUES ('optimize')")
        _write_names(connection, things)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()


class _Collected:
    """What is said of the things of a site."""

    def __init__(self, base: str) -> None:
        self._own = (f"<{base}id/".encode(), f"<{base}ns#".encode())
        #: How many statements of others point to a thing.
        self._mentions: Counter[bytes] = Counter()
        #: Words that selectors have, and the things that they select for.
        self._exact: dict[bytes, list[str]] = {}
        self._selects: dict[bytes, bytes] = {}

    def things_of(self, lines: Iterable[bytes]) -> list[_Thing]:
        """Collect the things of sorted lines, the weightiest first."""
        found = {
            subject: thing
            for subject, group in groupby(lines, key=subject_of)
            if (thing := self._thing(subject, group)) is not None
        }
        for selector, whose in self._selects.items():
            selected = tuple(self._exact.get(selector, ()))
            if selected and whose in found:
                found[whose] = replace(found[whose], texts=(*found[whose].texts, *selected))
        things = [thing for iri, thing in found.items() if iri not in self._selects]
        mentions = self._mentions
        things.sort(key=lambda thing: (not thing.names, -mentions[thing.iri], thing.iri))
        return things

    def _thing(self, subject: bytes, group: Iterable[bytes]) -> _Thing | None:
        """Read the lines of a subject; None for one that has no document."""
        if not subject.startswith(self._own):
            if subject.startswith(b"_:"):
                self._read_selector(subject, group)
            return None
        kinds: list[bytes] = []
        said: tuple[list[str], list[str], list[str]] = ([], [], [])
        before = b""
        for line in group:
            triple = line[: line.rindex(b" <")]
            if triple == before:
                continue  # another graph says the same
            before = triple
            predicate, _, value = triple[len(subject) + 1 :].partition(b" ")
            if value[0] != _QUOTE:
                self._take_link(subject, predicate, value, kinds)
            elif predicate == _EXACT:
                self._exact.setdefault(subject, []).append(_words(value))
            elif not value.endswith(b">"):  # numbers and dates are no texts
                said[_column(predicate)].append(_words(value))
        names, others, texts = said
        if not names:
            texts.append(" ".join(words(unquote(_last_part(subject)))))
        return _Thing(subject, tuple(kinds), tuple(names), tuple(others), tuple(texts))

    def _take_link(
        self, subject: bytes, predicate: bytes, value: bytes, kinds: list[bytes]
    ) -> None:
        if predicate == _TYPE:
            kinds.append(value)
        elif predicate == _SELECTOR:
            self._selects[value] = subject
        elif value.startswith(self._own):
            self._mentions[value] += 1

    def _read_selector(self, subject: bytes, group: Iterable[bytes]) -> None:
        for line in group:
            _, predicate, rest = line.split(b" ", 2)
            if predicate == _EXACT:
                words_of = _words(rest[: rest.rindex(b" <")])
                self._exact.setdefault(subject, []).append(words_of)


def _write_things(
    connection: sqlite3.Connection,
    things: list[_Thing],
    kinds: dict[bytes, int],
    sizes: Counter[bytes],
) -> None:
    rows, said = [], []
    for number, thing in enumerate(things, 1):
        # The smallest class says most of what a thing is.
        ranked = thing.kinds
        if len(ranked) > 1:
            ranked = tuple(sorted(ranked, key=lambda kind: (sizes[kind], kind)))
        numbers = [kinds[kind] for kind in ranked]
        rows.append((number, _iri(thing.iri), " ".join(map(str, numbers))))
        told = [" ".join(part) for part in (thing.names, thing.others, thing.texts)]
        said.append((number, *told, " ".join([f"k{kind}" for kind in numbers])))
    connection.executemany("INSERT INTO thing VALUES (?, ?, ?)", rows)
    connection.executemany(
        "INSERT INTO said (rowid, name, other, text, kind) VALUES (?, ?, ?, ?, ?)", said
    )


def _write_names(connection: sqlite3.Connection, things: list[_Thing]) -> None:
    """Write the whole names, the words in them, and what is near these words; SQLite sorts."""
    names = (
        (name[:_NAME_LETTERS], number)
        for number, thing in enumerate(things, 1)
        for name in (*thing.names, *thing.others)
    )
    connection.executemany("INSERT INTO unsorted VALUES (?, ?)", names)
    for statement in _SORTED:
        connection.execute(statement)
    named = "SELECT word FROM word WHERE things > 0 ORDER BY word"
    vocabulary = [word for (word,) in connection.execute(named)]
    connection.executemany("INSERT INTO near VALUES (?, ?)", sorted(_near(vocabulary)))


def _near(vocabulary: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in vocabulary:
        if may_be_misspelt(word):
            for part in deletions(word):
                yield part, word


def _column(predicate: bytes) -> int:
    """Tell whether a text is a name, another name or neither."""
    return 0 if predicate in _NAMES else 1 if predicate in _OTHERS else 2


def _last_part(iri: bytes) -> str:
    return _iri(iri).rstrip("/#").replace("#", "/").rpartition("/")[2]


def _iri(term: bytes) -> str:
    return term[1:-1].decode() if term.startswith(b"<") else term.decode()


def _words(value: bytes) -> str:
    """Give the folded words of a literal."""
    text = value[1 : value.rindex(b'"')].decode()
    return " ".join(words(_ESCAPE.sub(_unescaped, text) if "\\" in text else text))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(found[3], found[3])
