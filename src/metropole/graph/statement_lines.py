"""Take lines of N-Quads apart, as they are written of each source and in a release.

Every one of them is in a named graph and ends with ` .`, and between its terms is one space.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

#: What a line ends with, and what the statement of a triple ends with.
_END = b" ."
#: Lines that are put together.
_BATCH = 20_000


def texts(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Put lines and their ends together, many at a time: never is there a second copy of all."""
    rest = iter(lines)
    while batch := list(islice(rest, _BATCH)):
        batch.append(b"")
        yield b"\n".join(batch)


def lines_of(text: bytes) -> list[bytes]:
    """Take a text apart into its lines, without their ends."""
    return text.split(b"\n")[:-1]


def subject_of(line: bytes) -> bytes:
    """Give the subject as it is written."""
    return line[: line.index(b" ")]


def predicate_of(line: bytes) -> bytes:
    """Give the property as it is written."""
    return line.split(b" ", 2)[1]


def value_of(line: bytes) -> bytes:
    """Give the value as it is written."""
    return line.split(b" ", 2)[2][: -len(_END)].rpartition(b" ")[0]


def graph_of(line: bytes) -> bytes:
    """Give the name of the graph as it is written."""
    return line[: -len(_END)].rpartition(b" ")[2]


def triple_of(line: bytes) -> bytes:
    """Give the line of N-Triples that says the same without the graph."""
    return line[: -len(_END)].rpartition(b" ")[0] + _END


def named(term: bytes) -> bool:
    """Tell whether a term is an IRI."""
    return term.startswith(b"<")


def iri_of(term: bytes) -> str:
    """Give the IRI that a term is, as text."""
    return term[1:-1].decode()


def neighbours_in(lines: Iterable[bytes], node: bytes) -> dict[bytes, None]:
    """List the subjects and values of some lines that are IRIs, but for one node."""
    found: dict[bytes, None] = {}
    for line in lines:
        subject, _, rest = line.split(b" ", 2)
        if subject != node and named(subject):
            found[subject] = None
        if named(rest):
            found[rest[: rest.index(b">") + 1]] = None
    found.pop(node, None)
    return found
