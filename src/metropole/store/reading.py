"""Read what a release says of a thing; many threads and processes may read at once.

What is said of it is read from the sorted N-Quads, what points to it from the store: both are
the same graph, which every build proves.
"""

import os
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from metropole.errors import StoreError
from metropole.graph.statement_lines import named, value_of
from metropole.release import Release
from metropole.release.dumps import FOLDER as DOWNLOADS
from metropole.release.dumps import SORTED
from metropole.release.search_index import OTHER_NAMES
from metropole.release.sorted_lines import SortedLines
from metropole.stamps import Stamp, stamp_of
from metropole.store import FOLDER, UNION, is_readable
from metropole.store.answers import Stores
from metropole.store.brief_answers import BriefAnswer, brief_answer
from metropole.store.query_frames import QueryRequest
from metropole.vocab import LABEL_PROPERTIES, OA, RDF

#: Statements that point to a thing and are shown with it; the rest is a query away.
MENTIONS_SHOWN = 200
#: A thing with more statements than this is asked for each label property by itself.
_FEW = 40
_TYPE = ox.NamedNode(RDF + "type")
_SELECTOR, _EXACT = ox.NamedNode(OA + "hasSelector"), ox.NamedNode(OA + "exact")
Node = ox.NamedNode | ox.BlankNode
#: Label properties as they stand behind a subject.
_LABELS = tuple(f" <{iri}> ".encode() for iri in LABEL_PROPERTIES)
_OTHERS = tuple(f" <{iri}> ".encode() for iri in OTHER_NAMES)
#: Things whose names are remembered; documents mention a few of them again and again.
_NAMES_KEPT = 20_000


@dataclass(frozen=True)
class Called:
    """What a thing is called: its names, else the words that it selects."""

    names: tuple[ox.Literal, ...] = ()
    quoted: tuple[ox.Literal, ...] = ()


#: Stands for what has not been read.
_NAMELESS = Called()


class ReadingStore:
    """The store of one release, opened read-only; nothing is ever written to it."""

    def __init__(self, release: Release) -> None:
        """Open the store; raises StoreError when that is not possible."""
        self.release = release
        #: Tells it from a release that takes its place; read first, so that one is not missed.
        self.stamp: Stamp | None = stamp_of(str(release.folder))
        try:
            # A release that is open is not pruned; it may be until this store is forgotten.
            weakref.finalize(self, os.close, release.hold())
            self.path = str(release.folder / FOLDER)
            self._stores = Stores.read_only(self.path)
            self._store = self._stores.graphs
            self._lines = SortedLines(release.folder / SORTED)
            self._names: dict[bytes, tuple[bytes, ...]] = {}
            self._called: dict[ox.NamedNode, Called] = {}
            self._files = _tables(self.path)
        except OSError as error:
            raise StoreError(
                f"The store of release {release.id} cannot be opened: {error}. "
                "Run 'metropole build' to make a new release."
            ) from error

    def lost(self) -> str:
        """Name a file that answers are read from and that is gone or shortened; empty for none.

        Downloads are not looked at, but for the one that documents are read from. It looks at
        each file and reads none, so a probe may ask every second.
        """
        for path in self.release.lost():
            if path == SORTED or not path.startswith(f"{DOWNLOADS}/"):
                return path
        try:
            there = _tables(self.path)
        except OSError:
            return FOLDER
        if not self._files <= there:
            if not is_readable(self.release.folder):
                return FOLDER
            self._files = there  # the same release was made anew
        return ""

    def brief_answer(self, request: QueryRequest) -> BriefAnswer | None:
        """Answer a query about this release if that is over at once; None when it is not."""
        return brief_answer(self._stores, request)

    def about(self, node: Node) -> list[ox.Quad]:
        """Give the statements about a thing, those of the blank nodes it consists of included."""
        return quads_of(self.lines_about(str(node).encode()))

    def lines_about(self, node: bytes, *, most: int | None = None) -> list[bytes]:
        """Give the same as lines of N-Quads; the thing as it is written there.

        Where a number is given it stops soon after so many lines.
        """
        found = last = self._lines.beginning_with(node + b" ", most=most)
        seen = {node}
        while most is None or len(found) < most:
            blank = dict.fromkeys(value_of(line) for line in last if b" _:" in line)
            waiting = [each for each in blank if each.startswith(b"_:") and each not in seen]
            if not waiting:
                break
            seen.update(waiting)
            last = [
                line
                for each in waiting
                for line in self._lines.beginning_with(each + b" ", most=most)
            ]
            found = found + last
        return found

    def knows(self, node: ox.NamedNode) -> bool:
        """Tell whether anything is said of a thing or points to it."""
        said = self._lines.beginning_with(f"{node} ".encode(), most=1)
        return bool(said) or next(self._quads(None, None, node), None) is not None

    def states(self, node: ox.NamedNode, predicates: Iterable[ox.NamedNode]) -> bool:
        """Tell whether a thing has a value for one of some properties."""
        prefixes = (f"{node} {each} ".encode() for each in predicates)
        return any(self._lines.beginning_with(prefix, most=1) for prefix in prefixes)

    def mentions(self, node: bytes, *, most: int = MENTIONS_SHOWN) -> list[bytes]:
        """Give statements that point to a thing as lines, at most so many and one more."""
        term = ox.NamedNode(node[1:-1].decode())
        found = islice(self._quads(None, None, term), most + 1)
        return [f"{quad} .".encode() for quad in found]

    def has_more_mentions(self, node: ox.NamedNode) -> bool:
        """Tell whether more statements point to a thing than are shown with it."""
        found = islice(self._quads(None, None, node), MENTIONS_SHOWN, None)
        return next(found, None) is not None

    def in_graph(self, name: ox.NamedNode) -> Iterator[ox.Quad]:
        """Go through the statements of a named graph."""
        return self._store.quads_for_pattern(None, None, None, name)

    def called(self, nodes: Iterable[ox.NamedNode]) -> dict[ox.NamedNode, Called]:
        """Give what things are called, each once; what was read is remembered."""
        known, found, new = self._called, {}, []
        for node in nodes:
            if node not in found:
                called = found[node] = known.get(node, _NAMELESS)
                if called is _NAMELESS:
                    new.append(node)
        if new:
            if len(known) + len(new) > _NAMES_KEPT:
                known.clear()
            read = self._read_names(new)
            known.update(read)
            found.update(read)
        return found

    def _read_names(self, nodes: list[ox.NamedNode]) -> dict[ox.NamedNode, Called]:
        names: dict[ox.NamedNode, list[ox.Literal]] = {}
        for quad in self.labels(nodes):
            if isinstance(quad.object, ox.Literal) and isinstance(quad.subject, ox.NamedNode):
                names.setdefault(quad.subject, []).append(quad.object)
        return {
            node: Called(tuple(names[node]))
            if node in names
            else Called(quoted=tuple(self.quoted(node)))
            for node in nodes
        }

    def labels(self, nodes: Iterable[ox.NamedNode]) -> list[ox.Quad]:
        """Give the names of things: for each thing those of the first label property it has."""
        terms = dict.fromkeys(str(node).encode() for node in nodes)
        return quads_of([line for each in terms for line in self.naming(each)])

    def naming(self, node: bytes) -> tuple[bytes, ...]:
        """Give the lines with the names of a thing, which is written as they begin."""
        found = self._names.get(node)
        if found is None:
            if len(self._names) >= _NAMES_KEPT:
                self._names.clear()
            found = self._names[node] = tuple(self._named(node))
        return found

    def _named(self, node: bytes) -> list[bytes]:
        said = self._lines.beginning_with(node + b" ", most=_FEW)
        for label in _LABELS:
            prefix = node + label
            found = (
                [line for line in said if line.startswith(prefix)]
                if len(said) < _FEW
                else self._lines.beginning_with(prefix)
            )
            if found:
                return found
        return []

    def all_names(self, node: ox.NamedNode) -> tuple[list[ox.Literal], list[ox.Literal]]:
        """Give all names of a thing in all languages, and all its other names, each once."""
        start = str(node).encode()
        prefixes = tuple(start + each for each in (*_LABELS, *_OTHERS))
        said = self._lines.beginning_with(start + b" ", most=_FEW)
        if len(said) < _FEW:
            said = [line for line in said if line.startswith(prefixes)]
        else:
            said = [line for each in prefixes for line in self._lines.beginning_with(each)]
        names: dict[ox.Literal, None] = {}
        others: dict[ox.Literal, None] = {}
        for quad in quads_of(said):
            if isinstance(quad.object, ox.Literal):
                is_name = quad.predicate.value in LABEL_PROPERTIES
                (names if is_name else others)[quad.object] = None
        return list(names), list(others)

    def having(
        self, predicate: ox.NamedNode, value: Node | ox.Literal, *, most: int
    ) -> list[ox.NamedNode]:
        """List things that have a value for a property, each once, at most so many."""
        subjects = (
            quad.subject
            for quad in islice(self._quads(None, predicate, value), 2 * most)
            if isinstance(quad.subject, ox.NamedNode)
        )
        return list(dict.fromkeys(subjects))[:most]

    def values(self, node: Node, predicate: ox.NamedNode) -> list[Node | ox.Literal]:
        """Give the values of a property of a thing, each once."""
        found = dict.fromkeys(quad.object for quad in self._said(node, predicate))
        return [value for value in found if isinstance(value, Node | ox.Literal)]

    def pointing(
        self, node: Node, predicate: ox.NamedNode, *, most: int | None = None
    ) -> list[ox.Quad]:
        """Give statements that point to a thing with one property, at most so many of them."""
        return list(islice(self._quads(None, predicate, node), most))

    def quoted(self, node: ox.NamedNode) -> list[ox.Literal]:
        """Give the words that a quotation selects (Web Annotation Vocabulary, section 4.2)."""
        return self.quoted_by(self._said(node, _SELECTOR))

    def quoted_by(self, said: Iterable[ox.Quad]) -> list[ox.Literal]:
        """Give the same by statements about a quotation."""
        return [
            quad.object
            for selector in said
            if selector.predicate == _SELECTOR
            if isinstance(selector.object, ox.NamedNode | ox.BlankNode)
            for quad in self._said(selector.object, _EXACT)
            if isinstance(quad.object, ox.Literal)
        ]

    def types(self, node: ox.NamedNode) -> list[ox.NamedNode]:
        """Give the classes of a thing, each once."""
        lines = self._lines.beginning_with(f"{node} {_TYPE} ".encode())
        found = dict.fromkeys(value_of(line) for line in lines)
        return [ox.NamedNode(term[1:-1].decode()) for term in found if named(term)]

    def members(self, kind: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """Go through the members of a class."""
        seen = set()
        for quad in self._quads(None, _TYPE, kind):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                seen.add(quad.subject)
                yield quad.subject

    def uses(self, predicate: ox.NamedNode) -> Iterator[ox.Quad]:
        """Go through the statements with a property."""
        return self._quads(None, predicate)

    def _said(self, subject: Node, predicate: ox.NamedNode | None = None) -> list[ox.Quad]:
        """Read what is said of a subject, of one property where one is given."""
        wanted = f"{subject} {predicate} " if predicate else f"{subject} "
        return quads_of(self._lines.beginning_with(wanted.encode()))

    def _quads(
        self,
        subject: Node | None,
        predicate: ox.NamedNode | None = None,
        value: Node | ox.Literal | None = None,
    ) -> Iterator[ox.Quad]:
        """Match a pattern in the named graphs; the stored union would say it all again."""
        try:
            for quad in self._store.quads_for_pattern(subject, predicate, value):
                if isinstance(quad.graph_name, ox.NamedNode):
                    yield quad
        except OSError as error:
            raise StoreError(
                f"The store of release {self.release.id} cannot be read: {error}"
            ) from error


def _tables(path: str) -> frozenset[tuple[str, str]]:
    """List the files of the stores with their data and what belongs to what; raises OSError."""
    union = Path(path).with_name(UNION)
    folders = [FOLDER, UNION] if union.is_dir() else [FOLDER]
    return frozenset(
        (folder, name)
        for folder in folders
        for name in os.listdir(union.with_name(folder))
        if name.endswith(".sst") or name.startswith(("CURRENT", "MANIFEST"))
    )


def quads_of(lines: list[bytes]) -> list[ox.Quad]:
    """Read lines of N-Quads that were checked when they were released."""
    if not lines:
        return []  # asked for so often that it is worth not to parse nothing
    return list(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS, lenient=True))
