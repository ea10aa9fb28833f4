"""Blank nodes and lists within each other: however deep they lie, the same graph is written."""

import pyoxigraph as ox
import pytest
import rdflib

from metropole.graph.blanks import relabelled
from metropole.jsonld import jsonld
from metropole.turtle import Terms, trig, turtle

_BEGIN = "<https://e.example/a> <https://e.example/p> "
_SHAPES = {
    "blank nodes": ("[ <https://e.example/p> ", " ]"),
    "lists": ("( ", " )"),
    "nodes in lists": ("( 1 [ <https://e.example/q> ", " ] )"),
}


def nested(shape: str, depth: int) -> list[ox.Triple]:
    """Make a graph of blank nodes that lie within each other."""
    begin, end = _SHAPES[shape]
    text = f"{_BEGIN}{begin * depth}1{end * depth} ."
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def by_content(quads: list[ox.Triple] | ox.QuadParser) -> list[str]:
    """Give lines of which equal trees have the same; RDFC-1.0 takes minutes for deep ones."""
    plain = [ox.Quad(each.subject, each.predicate, each.object) for each in quads]
    return sorted(map(str, relabelled(plain, scope="")))


def canonical(quads: list[ox.Triple] | ox.QuadParser) -> set[str]:
    """Give the canonical form (RDFC-1.0)."""
    found = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, found))


def written(triples: list[ox.Triple]) -> dict[ox.RdfFormat, str]:
    """Write a graph in the formats that put nodes within each other."""
    lines = sorted(str(each).encode() + b" ." for each in triples)
    in_graph = [line[:-1] + b"<https://e.example/g> ." for line in lines]
    return {
        ox.RdfFormat.TURTLE: "".join(turtle(lines, Terms({}))),
        ox.RdfFormat.TRIG: "".join(trig([("https://e.example/g", in_graph)], Terms({}))),
        ox.RdfFormat.JSON_LD: jsonld(triples, {}).decode(),
    }


@pytest.mark.parametrize(
    ("shape", "depth"),
    [
        *((shape, depth) for shape in _SHAPES for depth in (49, 50, 51, 99, 100, 101, 600)),
        ("blank nodes", 5_000),
    ],
)
def test_graph_is_the_same_however_deep(shape: str, depth: int) -> None:
    """Beyond some depth nodes have labels and stand by themselves; nothing is lost or added."""
    triples = nested(shape, depth)

    for syntax, text in written(triples).items():
        assert by_content(ox.parse(text, format=syntax)) == by_content(triples), syntax


def test_graph_is_the_same_in_canonical_form() -> None:
    """What is written beyond the depth is equal by RDFC-1.0, too."""
    triples = nested("blank nodes", 120)

    for syntax, text in written(triples).items():
        assert canonical(ox.parse(text, format=syntax)) == canonical(triples), syntax


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rdflib_reads_what_lies_deep() -> None:
    """A reader that goes down by recursion reads it as well."""
    triples = nested("nodes in lists", 300)
    texts = written(triples)

    read = rdflib.Graph().parse(data=texts[ox.RdfFormat.TURTLE], format="turtle")
    assert len(read) == len(triples)
    read = rdflib.Graph().parse(data=texts[ox.RdfFormat.JSON_LD], format="json-ld")
    assert len(read) == len(triples)


def test_ring_that_is_deep_is_written() -> None:
    """A ring of 300 blank nodes, each mentioned once, comes back whole."""
    deep = "[ <https://e.example/p> " * 300
    text = f"_:x <https://e.example/p> {deep}_:x{' ]' * 300} ."
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]

    for syntax, told in written(triples).items():
        edges = {quad.subject: quad.object for quad in ox.parse(told, format=syntax)}
        node = start = next(iter(edges))
        for _ in range(len(triples)):
            node = edges[node]
        assert (node, len(edges)) == (start, len(triples)), syntax


def test_long_list_without_an_end_is_written_in_time() -> None:
    """A list of 8,000 cells that ends in no nil is looked through once, not at each cell."""
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    cells = 8_000
    lines = [
        f"_:c{n:06} <{rdf}{name}> {value} ."
        for n in range(cells)
        for name, value in (("first", '"1"'), ("rest", f"_:c{n + 1:06}"))
    ]
    text = "\n".join([f"{_BEGIN}_:c000000 .", *lines])
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]

    for syntax, told in written(triples).items():
        assert sum(1 for _ in ox.parse(told, format=syntax)) == len(triples)


def test_words_beside_a_node_are_written_as_json_ld() -> None:
    """A property with words in languages and a blank node has no map of languages."""
    text = f'{_BEGIN}"x"@en , [ <https://e.example/q> 1 ] .'
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]

    told = jsonld(triples, {})
    assert canonical(ox.parse(told, format=ox.RdfFormat.JSON_LD)) == canonical(triples)
