"""Tell the mistakes of shapes, whether SHACL does not allow them or the engine stops at them."""

from collections.abc import Collection, Iterable

import pyoxigraph as ox

from metropole import saved_queries, sparql
from metropole.graph import SiteGraph, SourceGraph
from metropole.report import Finding, Severity
from metropole.sources import SHAPES
from metropole.validation.definitions import meant_shacl_term
from metropole.validation.positions import Position, Positions
from metropole.validation.remedies import own_words
from metropole.validation.shacl import PatternTakesForever, Result, ShapesNotUsable
from metropole.vocab import SH

_MEND = "Mend the shape; until then the data are not validated."
_ONE_WAY = (
    "Write the pattern so that there is one way for a text to match, without a repetition of what "
    "repeats, as 'a+' in place of '(a+)+'. "
)
_PATH = f"<{SH}path>"
#: What the shapes for shapes say only by listing all that was possible.
_ALTERNATIVES = {SH + f"{name}ConstraintComponent" for name in ("Or", "Xone", "And", "Not", "Node")}
_NO_PATH = (
    "its sh:path is no path. A path is an IRI, a list of at least two paths, or a node "
    "with one of sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, sh:oneOrMorePath and "
    "sh:zeroOrOnePath"
)
_NO_SHAPE = "it is neither a node shape nor a property shape as SHACL describes them"
_QUERIES = tuple(ox.NamedNode(SH + name) for name in ("select", "ask"))
_PREFIXES, _DECLARE, _PREFIX, _NAMESPACE = (
    ox.NamedNode(SH + name) for name in ("prefixes", "declare", "prefix", "namespace")
)


def unsound_shapes(graph: SiteGraph, found: Iterable[tuple[Result, Position]]) -> list[Finding]:
    """Tell which shapes SHACL does not allow (SHACL, appendix C), each mistake once."""
    placed = list(found)
    explained = {result.focus for result, _ in placed if not _says_little(result)}
    owners = _owners(graph)
    return [
        _unsound(graph, result, where, owners)
        for result, where in placed
        if not (_says_little(result) and result.focus in explained)
    ]


def _says_little(result: Result) -> bool:
    """Tell whether a result says of a whole shape only that something in it is wrong."""
    return not result.path and result.component in _ALTERNATIVES


def _owners(graph: SiteGraph) -> dict[str, str]:
    """Map each blank node of the shapes to a node that mentions it."""
    return {
        str(quad.object): str(quad.subject)
        for quad in graph.quads(SHAPES)
        if isinstance(quad.object, ox.BlankNode)
    }


def _named(node: str, owners: dict[str, str]) -> str:
    """Follow a blank node to the shape that people have given a name, else to nothing."""
    seen = set[str]()
    while node.startswith("_:") and node not in seen:
        seen.add(node)
        node = owners.get(node, "")
    return "" if node.startswith("_:") else node


def _unsound(graph: SiteGraph, result: Result, where: Position, owners: dict[str, str]) -> Finding:
    if _says_little(result):
        what = _NO_SHAPE
    elif result.path == _PATH:
        what = _NO_PATH
    elif result.component in _ALTERNATIVES:
        what = f"the value of {graph.shorten(result.path)} is none that can stand there"
    else:
        path = graph.shorten(result.path)
        words = own_words(result, graph.shorten)
        what = f"{path}: {words}" if path else words
    return Finding(
        Severity.VIOLATION,
        "shapes-ill-formed",
        f"The shape is not one that SHACL allows: {what.removesuffix('.')}.",
        file=where.file,
        line=where.line,
        focus=_named(result.focus, owners),
        path=result.path,
        value="" if result.value.startswith("_:") else result.value,
        remedy=f"{_hint(graph, {result.focus, result.value})}{_MEND}",
    )


def _hint(graph: SiteGraph, nodes: set[str]) -> str:
    """Name the term of SHACL that was meant by one that it does not have."""
    meant = (
        meant_shacl_term(quad.predicate.value)
        for quad in graph.quads(SHAPES)
        if str(quad.subject) in nodes
    )
    return next((f"Did you mean {term}? " for term in meant if term), "")


def not_usable(graph: SiteGraph, error: ShapesNotUsable) -> Finding:
    """Tell why shapes cannot be run; the engine stops at the first mistake."""
    is_sparql = isinstance(error.__cause__, SyntaxError)
    broken = _broken_query(graph, error.nodes) if is_sparql else None
    if broken is not None:
        return broken
    positions = Positions(graph, error.nodes, folder=SHAPES)
    places = (positions.find(node) for node in error.nodes)
    where = next((place for place in places if place.file), Position())
    is_slow = isinstance(error.__cause__, PatternTakesForever)
    return Finding(
        Severity.VIOLATION,
        "shapes-not-usable",
        f"The shapes cannot be run: {error}",
        file=where.file or _first_file(graph),
        line=where.line,
        shape=_named(error.nodes[0], _owners(graph)) if error.nodes else "",
        remedy=f"{_ONE_WAY if is_slow else ''}{_MEND}",
    )


def _first_file(graph: SiteGraph) -> str:
    return next(item.source.name for item in graph.sources if item.source.folder == SHAPES)


def _broken_query(graph: SiteGraph, blamed: Collection[str]) -> Finding | None:
    """Find the SPARQL in the shapes that has a mistake, and tell it as those of saved queries.

    The engine declares some prefixes by itself, so the nodes that it blames are looked at first.
    """
    queries = sorted(
        graph.statements(_QUERIES), key=lambda found: str(found[0].subject) not in blamed
    )
    for quad, parsed, line in queries:
        text = quad.object.value if isinstance(quad.object, ox.Literal) else ""
        problem = _problem(f"{_prologue(graph, quad.subject)}{text}", graph.settings.base)
        if problem is not None:
            return Finding(
                Severity.VIOLATION,
                "shapes-not-usable",
                f"The shapes cannot be run: the SPARQL of a constraint is broken: "
                f"{problem.message}",
                file=parsed.source.name,
                line=_line_in_file(parsed, line, text, problem.line),
                remedy=f"{_MEND} Prefixes are those that sh:prefixes names, each with sh:declare.",
            )
    return None


def _problem(text: str, base: str) -> sparql.QueryProblem | None:
    if sparql.refusal(text) is not None:
        return None
    try:
        saved_queries.form_of(sparql.padded(text), base=base)
    except SyntaxError as error:
        return sparql.explain(error, text)
    return None


def _prologue(graph: SiteGraph, constraint: object) -> str:
    """Write the prefixes of a constraint (SHACL, section 5.2.1) in one line, to count lines by."""
    said: dict[object, dict[ox.NamedNode, list[object]]] = {}
    for quad in graph.quads(SHAPES):
        if quad.predicate in (_PREFIXES, _DECLARE, _PREFIX, _NAMESPACE):
            said.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
    declared = [
        said.get(entry, {})
        for owner in said.get(constraint, {}).get(_PREFIXES, ())
        for entry in said.get(owner, {}).get(_DECLARE, ())
    ]
    return "".join(
        f"PREFIX {prefix.value}: <{namespace.value}> "
        for each in declared
        for prefix in each.get(_PREFIX, ())
        for namespace in each.get(_NAMESPACE, ())
        if isinstance(prefix, ox.Literal) and isinstance(namespace, ox.Literal)
    )


def _line_in_file(parsed: SourceGraph, end: int, text: str, line: int) -> int:
    """Find a line of a text that ends on a line of its file, or a little before it."""
    wanted = text.split("\n")[line - 1 : line]
    if not wanted or not wanted[0].strip():
        return end
    lines = parsed.source.path.read_text("utf-8", errors="replace").split("\n")[:end]
    places = [number for number, each in enumerate(lines, 1) if wanted[0].strip() in each]
    return places[-1] if places else end
