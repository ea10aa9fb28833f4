"""Tests of the stored union: what it answers, what still looks into graphs, and how it is made."""

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import graph, publish, sources, sparql
from metropole.errors import ReleaseError, StoreError
from metropole.graph import parsing, statement_lines
from metropole.release import Dataset, Release, Releases
from metropole.settings import load
from metropole.store import FOLDER, UNION, is_readable, loading, union_count
from metropole.store.answers import Stores, run
from metropole.store.equality import prove_union
from metropole.store.query_frames import QueryRequest
from sites import BASE, write_site

#: Two files share a triple and a blank node is mentioned in both stores.
FILES = {
    "data/a.ttl": "<id/1> <x:p> 1 , 2 .\n<id/2> <x:q> [ <x:p> 3 ] .\n",
    "data/b.trig": "<id/1> <x:p> 2 . <x:g> { <id/1> <x:p> 2 . <id/3> <x:p> 4 }\n",
}
GRAPH_A = f"<{BASE}id/graph/data/a>"
#: Queries that need the named graphs.
OF_GRAPHS = (
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s <x:p> ?o } } GROUP BY ?g ORDER BY ?g",
    f"SELECT ?o {{ GRAPH{GRAPH_A}{{ <id/1> <x:p> ?o }} }} ORDER BY ?o",
    "PREFIX : <x:> SELECT ?s { graph:g{ ?s :p ?o } } ORDER BY ?s",
    "SELECT ?s { ?s <x:p> ?o FILTER EXISTS { Graph <x:g> { ?s ?p ?o } } } ORDER BY ?s",
    f"SELECT ?o FROM {GRAPH_A} {{ <id/1> <x:p> ?o }} ORDER BY ?o",
    "SELECT ?o FROM NAMED <x:g> { GRAPH ?g { ?s <x:p> ?o } } ORDER BY ?o",
)
OF_THE_UNION = (
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?o { <id/1> <x:p> ?o } ORDER BY ?o",
    "SELECT ?n { ?s <x:q> [ <x:p> ?n ] }",
    "SELECT ?s { ?s <x:p> ?o } ORDER BY ?s ?o # <id/graph/data/a>",
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Build the site."""
    settings = write_site(tmp_path_factory.mktemp("union"), FILES)
    return publish.build(settings).release


def rows(stores: Stores, query: str, *, named_graphs: tuple[str, ...] = ()) -> list[str]:
    """Ask a query, as a worker does."""
    asked = QueryRequest(query, "", BASE, False, (), 0, named_graphs=named_graphs)
    found = run(stores, asked)
    assert isinstance(found, ox.QuerySolutions)
    return [" ".join(map(str, row)) for row in found]


@pytest.mark.parametrize("query", [*OF_GRAPHS, *OF_THE_UNION])
def test_answers_are_the_same_with_and_without_the_union(release: Release, query: str) -> None:
    """A release of an older version, which has no store of the union, answers all the same."""
    stores = Stores.read_only(str(release.folder / FOLDER))
    assert release.manifest.union_stored  # a triple is in two graphs
    assert stores.union is not None

    assert rows(stores, query) == rows(Stores(stores.graphs, None), query)


def test_only_queries_of_the_union_are_asked_there(release: Release) -> None:
    """What looks into graphs or names a dataset never sees the store of the union, others do."""
    stores = Stores.read_only(str(release.folder / FOLDER))
    empty = Stores(stores.graphs, ox.Store())
    named = ("x:g",)

    for query in OF_GRAPHS:
        assert rows(empty, query) == rows(stores, query)
    assert rows(empty, OF_THE_UNION[1], named_graphs=named) == rows(
        stores, OF_THE_UNION[1], named_graphs=named
    )
    for query in OF_THE_UNION[1:]:
        assert rows(stores, query)
        assert not rows(empty, query)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * { GRAPH ?g {} }", True),
        ("SELECT * { ?s ?p 5GRAPH?g{} }", True),
        ("SELECT * { ?s :p'x'graph:g{} }", True),
        ("SELECT * FROM <a> {}", True),
        ("SELECT * { ?s ?p <https://a.example/id/graph/data> , :graph , ?graph }", False),
        ("SELECT * { ?s ?p ?o }", False),
    ],
)
def test_words_that_may_name_graphs(query: str, *, told: bool) -> None:
    """No spelling of the keywords is missed; the usual names of graphs are not taken for one."""
    assert sparql.may_name_graphs(query) is told


def test_union_is_proven(release: Release) -> None:
    """A triple less, one more or another one, and nothing is released."""
    dataset = Dataset((release.folder / "dumps/dataset.nq").read_bytes().split(b"\n")[:-1])
    triples = list(dataset.triples())
    other = triples[0].replace(b"> .", b"x> .")

    def held(lines: list[bytes]) -> ox.Store:
        store = ox.Store()
        store.extend(ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS))
        return store

    for whole in (True, False):
        prove_union(held(triples), dataset, whole=whole)
        for lines in (triples[1:], [*triples, other], [other, *triples[1:]]):
            with pytest.raises(StoreError, match="does not hold what the dumps hold"):
                prove_union(held(lines), dataset, whole=whole)


def test_damaged_union_is_refused(tmp_path: Path) -> None:
    """A release whose union is damaged or incomplete is neither readable nor activated."""
    settings = write_site(tmp_path, FILES)
    made = publish.build(settings).release
    union = made.folder / UNION
    assert union_count(made.folder) == made.manifest.triples

    shutil.rmtree(union)
    ox.Store(union).flush()
    assert is_readable(made.folder)
    with pytest.raises(ReleaseError, match="its union holds 0 triples"):
        publish.activate(settings, made.id)

    (union / "CURRENT").write_text("half")
    assert not is_readable(made.folder)
    assert publish.build(settings).release.id == made.id
    assert is_readable(Releases(load(tmp_path)).get(made.id).folder)


@pytest.mark.parametrize("at_once", [1, 2, 50])
def test_statements_are_the_same_however_many_are_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Spelling, lines and the labels of blank nodes do not depend on where a file is cut."""
    plain = [f"<id/{n}> <x:p> {n} , {n}.50 .\n" for n in range(6)]
    turtle = "".join(plain[:5]) + "<id/8> <x:p> [ <x:p> 9 ; <x:q> [ <x:p> 'x' ] ] .\n" + plain[5]
    settings = write_site(tmp_path, {"data/a.ttl": turtle, "data/b.ttl": "<id/9> <x:p> 9 . no"})
    whole = graph.load(sources.discover(settings))
    monkeypatch.setattr(parsing, "_PIECE", at_once)

    cut = graph.load(sources.discover(settings))

    assert [(each.statements, each.lines) for each in cut.sources] == [
        (each.statements, each.lines) for each in whole.sources
    ]
    assert [len(each.statements) for each in cut.sources] == [16, 1]
    assert sum(b"_:" in statement for statement in cut.sources[0].statements) == 4
    assert len([f for f in cut.findings if f.rule == "spelling"]) == 6
    assert cut.findings == whole.findings


def test_what_is_loaded_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that takes several loads has all statements, in one piece, and no part is left."""
    monkeypatch.setattr(loading, "_PART_BYTES", 1)
    monkeypatch.setattr(statement_lines, "_BATCH", 2)
    made = publish.build(write_site(tmp_path, FILES)).release

    assert union_count(made.folder) == made.manifest.triples
    assert not list(made.folder.glob("*.part"))
