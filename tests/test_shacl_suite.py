"""The SHACL test suite of the W3C, run through the module that validates sites."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole.validation.shacl import Result, ShapesNotUsable, results

SHARED = Path(os.environ.get("METROPOLE_SHARED", Path(__file__).parents[2] / "shared"))
SUITE = SHARED / "suites/shacl/tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SH = "http://www.w3.org/ns/shacl#"
SHT = "http://www.w3.org/ns/shacl-test#"
#: How often each kind of test occurs: a suite that was cut would else pass unnoticed.
EXPECTED_TESTS = {"core": 98, "sparql": 22}

KNOWN_FAILURES = {
    "core/property/uniqueLang-002": "the store makes true of '1'^^xsd:boolean, which then counts",
    "sparql/node/prefixes-001": "pySHACL does not follow owl:imports to find sh:declare",
    "sparql/pre-binding/shapesGraph-001": "$shapesGraph is optional; pySHACL refuses it",
}

Node = ox.NamedNode | ox.BlankNode | ox.Literal


@cache
def graph(path: Path) -> ox.Store:
    """Read one file of the suite as the graph step leaves it: with settled spelling."""
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return store


def values(store: ox.Store, node: Node, name: str) -> list[Node]:
    """Give the values of a property."""
    quads = store.quads_for_pattern(node, ox.NamedNode(name), None)  # type: ignore[arg-type]
    return [quad.object for quad in quads if not isinstance(quad.object, ox.Triple)]


def value(store: ox.Store, node: Node, name: str) -> Node | None:
    """Give the value of a property that has one at most."""
    return next(iter(values(store, node, name)), None)


def members(store: ox.Store, node: Node) -> Iterator[Node]:
    """Go through an RDF list."""
    while (first := value(store, node, RDF + "first")) is not None:
        yield first
        node = value(store, node, RDF + "rest") or node


def local(iri: Node) -> Path:
    """Give the file an IRI of the suite stands for."""
    assert isinstance(iri, ox.NamedNode)
    return Path(iri.value.partition("#")[0].removeprefix("file://"))


@dataclass(frozen=True)
class Case:
    """One test of the suite."""

    name: str
    manifest: Path
    node: ox.NamedNode

    def part(self, name: str) -> list[ox.Triple]:
        """Give the data or the shapes of the test."""
        store = graph(self.manifest)
        action = value(store, self.node, MF + "action")
        assert action is not None
        path = value(store, action, SHT + name)
        assert path is not None
        return [quad.triple for quad in graph(local(path))]


def cases(manifest: Path) -> Iterator[Case]:
    """Walk a manifest and all that it includes."""
    if not manifest.is_file():
        return
    store = graph(manifest)
    for node in (quad.object for quad in store.quads_for_pattern(None, _INCLUDE, None)):
        assert isinstance(node, ox.NamedNode)
        yield from cases(local(node))
    for quad in store.quads_for_pattern(None, _ENTRIES, None):
        assert isinstance(quad.object, Node)
        for entry in members(store, quad.object):
            assert isinstance(entry, ox.NamedNode)
            name = entry.value.removeprefix(SUITE.as_uri() + "/")
            yield Case(name, manifest, entry)


_INCLUDE, _ENTRIES = ox.NamedNode(MF + "include"), ox.NamedNode(MF + "entries")


def parameters() -> list[object]:
    """List the tests, those that fail for a known reason marked."""
    return [
        pytest.param(
            case,
            id=case.name,
            marks=pytest.mark.xfail(reason=KNOWN_FAILURES[case.name], strict=True)
            if case.name in KNOWN_FAILURES
            else (),
        )
        for case in cases(SUITE / "manifest.ttl")
    ]


def path_text(store: ox.Store, path: Node) -> str:
    """Write a SHACL path as a SPARQL property path, apart from how Metropole does it."""
    if isinstance(path, ox.NamedNode):
        return str(path)
    steps = [path_text(store, step) for step in members(store, path)]
    if steps:
        return "/".join(steps)
    for name, sign in (("zeroOrMorePath", "*"), ("oneOrMorePath", "+"), ("zeroOrOnePath", "?")):
        for inner in values(store, path, SH + name):
            return f"({path_text(store, inner)}){sign}"
    for inner in values(store, path, SH + "inversePath"):
        return "^" + path_text(store, inner)
    (options,) = values(store, path, SH + "alternativePath")
    return f"({'|'.join(path_text(store, option) for option in members(store, options))})"


def expected(case: Case, report: Node) -> list[tuple[str, ...]]:
    """Give the results the suite wants, sorted, blank nodes without their labels."""
    store = graph(case.manifest)
    found = []
    for result in values(store, report, SH + "result"):
        path = value(store, result, SH + "resultPath")
        terms = [
            str(value(store, result, SH + name) or "")
            for name in (
                "focusNode",
                "value",
                "resultSeverity",
                "sourceConstraintComponent",
                "sourceShape",
            )
        ]
        found.append((path_text(store, path) if path else "", *map(unlabelled, terms)))
    return sorted(found)


def unlabelled(term: str) -> str:
    """Take the label from a blank node: it means nothing outside of its file."""
    return "_:" if term.startswith("_:") else term


def actual(result: Result) -> tuple[str, ...]:
    """Write a result of Metropole like an expected one."""
    severity, component = f"<{result.severity}>", f"<{result.component}>"
    terms = (result.focus, result.value, severity, component, result.shape)
    return (result.path, *map(unlabelled, terms))


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C suite is not at hand (METROPOLE_SHARED)")
@pytest.mark.parametrize("case", parameters())
def test_result_is_the_one_of_the_w3c(case: Case) -> None:
    """Every test of the suite gives the results, or the failure, that the W3C states."""
    report = value(graph(case.manifest), case.node, MF + "result")
    assert report is not None
    data, shapes = case.part("dataGraph"), case.part("shapesGraph")

    if report == ox.NamedNode(SHT + "Failure"):
        with pytest.raises(ShapesNotUsable):
            results(data, shapes)
        return
    found = sorted(map(actual, results(data, shapes)))
    wanted = expected(case, report)
    conforms = value(graph(case.manifest), report, SH + "conforms")
    assert (not found) == (conforms == ox.Literal(value=True))
    if not all(shape for *_, shape in wanted):
        found, wanted = [row[:-1] for row in found], [row[:-1] for row in wanted]
    assert found == wanted


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C suite is not at hand (METROPOLE_SHARED)")
@pytest.mark.parametrize(("kind", "number"), EXPECTED_TESTS.items())
def test_the_suite_is_whole(kind: str, number: int) -> None:
    """All tests of the suite are run: none is lost on the way through the manifests."""
    names = [case.name for case in cases(SUITE / kind / "manifest.ttl")]

    assert len(names) == len(set(names)) == number


def test_known_failures_exist() -> None:
    """No excuse outlives its test."""
    if not SUITE.is_dir():
        pytest.skip("the W3C suite is not at hand (METROPOLE_SHARED)")
    assert set(KNOWN_FAILURES) <= {case.name for case in cases(SUITE / "manifest.ttl")}
