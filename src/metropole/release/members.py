"""A release cut into members for its feed: what is said of each thing, as lines of N-Triples.

To a thing belong the blank nodes that only it leads to. One that several things lead to, or none,
cannot be told with a thing, for in two documents it would be two blank nodes: such nodes, with all
that points to them, are parts of their own, called by a digest of what they say (RDF 1.1
Concepts, section 3.5). What the graph says of itself (VoID) is no member, as it changes with
everything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import groupby

from metropole.errors import ReleaseError
from metropole.graph.statement_lines import subject_of
from metropole.release.dumps import SORTED
from metropole.release.folder import Release
from metropole.release.sorted_lines import SortedLines
from metropole.release.void import GRAPH

PARTS = ".well-known/genid/"
#: What stands before a value that is a blank node, in half the time that a pattern takes.
_POINTER = b"> _:"
_SHARED = b""


@dataclass(frozen=True)
class Blanks:
    """The blank nodes of a release that do not belong to one thing, and what hangs on them."""

    shared: frozenset[bytes] = frozenset()
    #: IRI of a part to its triples, sorted.
    parts: dict[str, list[bytes]] = field(default_factory=dict)
    #: Things of which a statement is told with a part.
    owners: frozenset[str] = frozenset()


class Members:
    """The statements of one release by what they are about."""

    def __init__(self, release: Release, shared: Iterable[bytes] = ()) -> None:
        """Open the dump; `shared` are the blank nodes of no single thing, as `blanks` finds them.

        Raises ReleaseError when the dump cannot be read.
        """
        self.base = release.manifest.content.base
        self.shared = frozenset(shared)
        self._own = f" <{self.base}{GRAPH}> .".encode()
        try:
            self._lines = SortedLines(release.folder / SORTED)
        except OSError as error:
            raise ReleaseError(
                f"{SORTED} of release {release.id} cannot be read: {error}."
            ) from error

    @cached_property
    def things_end(self) -> int:
        """Tell where the statements about things end and those about blank nodes begin."""
        return self._lines.first(b"_:")

    def cuts(self, size: int) -> Iterator[tuple[int, int]]:
        """Cut the statements about things into ranges of bytes of about a size.

        A range ends with the last statement about a thing.
        """
        start = 0
        while start < self.things_end:
            end = self._end_of_thing(min(start + size, self.things_end))
            yield start, end
            start = end

    def _end_of_thing(self, place: int) -> int:
        if place >= self.things_end:
            return self.things_end
        line = self._lines.text.rfind(b"\n", 0, place) + 1
        subject = self._lines.text[line : self._lines.text.find(b" ", line)]
        return self._lines.first(subject + b"!")  # what sorts behind the space after a subject

    def between(self, start: int, end: int) -> Iterator[tuple[str, list[bytes]]]:
        """Give the things of a range, each with its triples; none about which nothing is left."""
        lines = self._lines.text[start:end].split(b"\n")[:-1]
        for subject, group in groupby(lines, key=subject_of):
            triples = self._with_blanks(self._triples(group))
            if triples:
                yield subject[1:-1].decode(), triples

    def about(self, iri: str) -> list[bytes]:
        """Give the triples of one thing, sorted; none for one the release says nothing of."""
        return self._with_blanks(self._triples(self._of(f"<{iri}>".encode())))

    def blanks(self) -> Blanks:
        """Find the blank nodes that do not belong to one thing."""
        pointers = list(self._pointers())
        subjects = self._lines.text[self.things_end :].split(b"\n")[:-1]
        nodes = {subject_of(line) for line in subjects} | {value for _, value in pointers}
        shared = frozenset(nodes - _owned(nodes, pointers))
        return self._parts(shared, pointers) if shared else Blanks()

    def _pointers(self) -> Iterator[tuple[bytes, bytes]]:
        """Find the statements whose value is a blank node: its subject and that."""
        place = self._lines.text.find(_POINTER)
        while place >= 0:
            line = self._lines.text.rfind(b"\n", 0, place) + 1
            place = self._lines.text.find(b"\n", place)
            subject, _, value, _ = self._lines.text[line:place].split(b" ", 3)
            if value.startswith(b"_:"):  # and not a literal in which this stands
                yield subject, value
            place = self._lines.text.find(_POINTER, place)

    def _parts(self, shared: frozenset[bytes], pointers: list[tuple[bytes, bytes]]) -> Blanks:
        """Collect what is said of shared blank nodes, and the statements that point to them."""
        links: dict[bytes, set[bytes]] = {node: set() for node in shared}
        pointing: dict[bytes, set[bytes]] = {}
        for subject, value in pointers:
            if value in shared:
                pointing.setdefault(value, set()).add(subject)
                if subject in shared:
                    links[subject].add(value)
                    links[value].add(subject)
        things = {each for some in pointing.values() for each in some if each.startswith(b"<")}
        reaching: dict[bytes, list[bytes]] = {}
        for thing in things:
            for triple in self._triples(self._of(thing)):
                reaching.setdefault(_value(triple), []).append(triple)
        parts = {}
        for nodes in _components(links):
            triples = sorted(
                triple
                for node in nodes
                for triple in (*self._triples(self._of(node)), *reaching.get(node, ()))
            )
            name = sha256(b"\n".join(triples)).hexdigest()[:32]
            parts[f"{self.base}{PARTS}{name}"] = triples
        return Blanks(shared, parts, frozenset(each[1:-1].decode() for each in things))

    def _with_blanks(self, triples: list[bytes]) -> list[bytes]:
        """Add what is said of the blank nodes that belong to a thing; leave out what points on."""
        found, waiting, seen = list[bytes](), triples, set[bytes]()
        while waiting:
            reached = list[bytes]()
            for triple in waiting:
                value = _value(triple)
                if value in self.shared:
                    continue
                found.append(triple)
                if value.startswith(b"_:") and value not in seen:
                    seen.add(value)
                    reached += self._triples(self._of(value))
            waiting = reached
        return sorted(found)

    def _triples(self, lines: Iterable[bytes]) -> list[bytes]:
        """Take the names of the graphs off, and what the graph says of itself away."""
        kept = (line[: line.rindex(b" <")] for line in lines if not line.endswith(self._own))
        return list(dict.fromkeys(kept))

    def _of(self, subject: bytes) -> list[bytes]:
        return self._lines.beginning_with(subject + b" ")


def _owned(nodes: set[bytes], pointers: list[tuple[bytes, bytes]]) -> set[bytes]:
    """Find the blank nodes that exactly one thing leads to, and no blank node from outside."""
    children: dict[bytes, list[bytes]] = {}
    waiting = []
    for subject, value in pointers:
        if subject.startswith(b"<"):
            waiting.append((value, subject))
        else:
            children.setdefault(subject, []).append(value)
    pointed = {value for _, value in pointers}
    waiting += [(node, _SHARED) for node in nodes - pointed]
    owner: dict[bytes, bytes] = {}
    while waiting:
        node, root = waiting.pop()
        known = owner.get(node)
        if known in (root, _SHARED):
            continue
        owner[node] = root if known is None else _SHARED
        waiting += [(child, owner[node]) for child in children.get(node, ())]
    return {node for node, root in owner.items() if root != _SHARED}


def _components(links: dict[bytes, set[bytes]]) -> Iterator[list[bytes]]:
    """Give the nodes that hang together."""
    seen = set[bytes]()
    for first in links:
        if first in seen:
            continue
        nodes, waiting = [], [first]
        seen.add(first)
        while waiting:
            node = waiting.pop()
            nodes.append(node)
            waiting += links[node] - seen
            seen |= links[node]
        yield nodes


def _value(triple: bytes) -> bytes:
    return triple.split(b" ", 2)[2]
