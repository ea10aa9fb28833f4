"""Give blank nodes labels that depend on what is said of them, not on the run or the machine.

A parser invents labels anew at each run, and RDFC-1.0 numbers all of them again when one is
added. Here a label is a digest of the statements that hang from the blank node, so the same
file gives the same labels and a change in one place leaves the other labels alone. Blank
nodes that say the same, or hang from each other in a ring, are told apart by their order in
the file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256

import pyoxigraph as ox

_DIGITS = 24
_Edges = dict[ox.BlankNode, list[tuple[ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]]]


def relabelled(quads: list[ox.Quad], *, scope: str) -> list[ox.Quad]:
    """Rewrite the blank nodes of one file; `scope` keeps labels of two files apart.

    Returns the same list when there is no blank node in it.
    """
    blanks = list(dict.fromkeys(_blanks(quads)))
    if not blanks:
        return quads
    labels = _labels(blanks, _edges(quads), scope)
    return [_rewritten(quad, labels) for quad in quads]


def _blanks(quads: Iterable[ox.Quad]) -> Iterator[ox.BlankNode]:
    for quad in quads:
        if type(quad.subject) is ox.BlankNode:
            yield quad.subject
        if type(quad.object) is ox.BlankNode:
            yield quad.object


def _edges(quads: Iterable[ox.Quad]) -> _Edges:
    edges: _Edges = defaultdict(list)
    for quad in quads:
        if type(quad.subject) is ox.BlankNode:
            assert not isinstance(quad.object, ox.Triple)
            edges[quad.subject].append((quad.predicate, quad.object))
    return edges


def _labels(
    blanks: list[ox.BlankNode], edges: _Edges, scope: str
) -> dict[ox.BlankNode, ox.BlankNode]:
    digests = _digests(blanks, edges)
    taken: Counter[str] = Counter()
    labels = {}
    for blank in blanks:
        content = digests[blank]
        label = sha256(f"{scope}\n{content}\n{taken[content]}".encode()).hexdigest()
        labels[blank] = ox.BlankNode("b" + label[:_DIGITS])
        taken[content] += 1
    return labels


def _digests(blanks: list[ox.BlankNode], edges: _Edges) -> dict[ox.BlankNode, str]:
    """Digest what hangs from each blank node; depth first and without recursion.

    A list of 100,000 members is 100,000 blank nodes deep.
    """
    digests: dict[ox.BlankNode, str] = {}
    for root in blanks:
        stack, entered = [root], set()
        while stack:
            blank = stack[-1]
            below = [value for _, value in edges[blank] if isinstance(value, ox.BlankNode)]
            waiting = [b for b in below if b not in digests and b not in entered]
            if blank in digests or not waiting or blank in entered:
                stack.pop()
                digests.setdefault(blank, _digest(edges[blank], digests))
            else:
                stack += waiting
            entered.add(blank)
    return digests


def _digest(
    statements: list[tuple[ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]],
    digests: dict[ox.BlankNode, str],
) -> str:
    lines = sorted(
        f"{predicate} {digests.get(value, '') if isinstance(value, ox.BlankNode) else value}"
        for predicate, value in statements
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def _rewritten(quad: ox.Quad, labels: dict[ox.BlankNode, ox.BlankNode]) -> ox.Quad:
    subject, predicate, value, graph = quad
    if isinstance(subject, ox.BlankNode):
        subject = labels[subject]
    elif not isinstance(value, ox.BlankNode):
        return quad
    if isinstance(value, ox.BlankNode):
        value = labels[value]
    return ox.Quad(subject, predicate, value, graph)
