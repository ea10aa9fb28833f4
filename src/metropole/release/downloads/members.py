"""The members of each class, and what is said of them: what the files of a class are made from."""

import re
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from itertools import groupby

from metropole.graph.names import Names
from metropole.graph.statement_lines import subject_of
from metropole.release.dataset import Dataset
from metropole.release.query_statements import GRAPH as QUERIES
from metropole.release.void import GRAPH as VOID
from metropole.vocab import RDF

_TYPE = f" <{RDF}type> <".encode()
_NODE = re.compile(rb"> (_:\S+) <")
_STEM = re.compile(r"[A-Za-z0-9_]+-[\w\-]{1,80}", re.ASCII)
_DIGITS = 8
#: Graphs whose members are no data: terms, shapes, and what the graph says of itself.
_APART = ("id/graph/ontology/", "id/graph/shapes/", f"{QUERIES}>", f"{VOID}>")


def members_by_class(dataset: Dataset, base: str) -> dict[str, set[bytes]]:
    """Give the members of each class that sources of data state, as terms of N-Triples.

    Classes of terms, shapes and saved queries are left out, and those whose members have no
    IRI: these belong to the things that mention them.
    """
    apart = tuple(f"<{base}{name}".encode() for name in _APART)
    found: dict[bytes, set[bytes]] = defaultdict(set)
    for line in dataset.lines:
        if _TYPE not in line or not line.startswith(b"<"):
            continue
        subject, predicate, value, graph = line.split(b" ", 3)
        if predicate == _TYPE[1:-2] and not graph.startswith(apart):
            found[value].add(subject)
    return {name[1:-1].decode(): found[name] for name in sorted(found)}


def datasets_by_class(dataset: Dataset, members: dict[str, set[bytes]]) -> dict[str, Dataset]:
    """Give what is said of the members of each class, with the nodes that hang from them."""
    classes: dict[bytes, list[str]] = defaultdict(list)
    for name, subjects in members.items():
        for subject in subjects:
            classes[subject].append(name)
    lines: dict[str, list[bytes]] = {name: [] for name in members}
    nodes: dict[bytes, list[bytes]] = {}
    for subject, group in groupby(dataset.lines, key=subject_of):
        if subject.startswith(b"_:"):
            nodes[subject] = list(group)
        elif subject in classes:
            said = list(group)
            for name in classes[subject]:
                lines[name] += said
    return {name: Dataset(said + _hanging(said, nodes)) for name, said in lines.items()}


def _hanging(said: Iterable[bytes], nodes: dict[bytes, list[bytes]]) -> list[bytes]:
    """List what is said of the blank nodes that statements lead to, in the order of a dataset."""
    waiting = _mentioned(said) if nodes else set[bytes]()
    found = set[bytes]()
    while waiting:
        node = waiting.pop()
        if node not in found and node in nodes:
            found.add(node)
            waiting |= _mentioned(nodes[node])
    return [line for node in sorted(found) for line in nodes[node]]


def _mentioned(lines: Iterable[bytes]) -> set[bytes]:
    found = (_NODE.search(line) for line in lines if b"> _:" in line)
    return {match[1] for match in found if match}


def class_stem(name: str, names: Names) -> str:
    """Name the files of a class by its prefix and name, `schema-City`; else by a digest."""
    stem = names.short(name).replace(":", "-", 1)
    if _STEM.fullmatch(stem):
        return stem
    local = re.sub(
        r"\W", "", name.rstrip("/#").replace("#", "/").rpartition("/")[2], flags=re.ASCII
    )
    return f"{local or 'class'}-{sha256(name.encode()).hexdigest()[:_DIGITS]}"
