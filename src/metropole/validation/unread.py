"""Hold back what SHACL tells of things that stand in files which could not be read in full."""

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity
from metropole.sources import DATA, ONTOLOGY
from metropole.validation.shacl import Result
from metropole.vocab import SH

#: Constraints that ask what is said elsewhere of a value.
_OF_VALUES = {SH + f"{name}ConstraintComponent" for name in ("Class", "Node", "Or", "Xone", "And")}


def without_unread(graph: SiteGraph, found: list[Result]) -> tuple[list[Result], list[Finding]]:
    """Give the results that stand whatever is in unread files, and a finding that counts the rest.

    What is not described may be described there, and with a part of the ontology nobody knows
    which classes are below others.
    """
    unread = [*graph.half_read_in(DATA), *graph.half_read_in(ONTOLOGY)]
    doubtful = [result for result in found if result.component in _OF_VALUES] if unread else []
    if doubtful and not graph.half_read_in(ONTOLOGY):
        described = {str(quad.subject) for quad in graph.quads(DATA, ONTOLOGY)}
        doubtful = [each for each in doubtful if _is_thing(each) and each.value not in described]
    if not doubtful:
        return found, []
    held = set(map(id, doubtful))
    return [each for each in found if id(each) not in held], [_unchecked(unread, len(doubtful))]


def _is_thing(result: Result) -> bool:
    return result.value.startswith("<") and result.value != result.focus


def _unchecked(unread: list[str], number: int) -> Finding:
    values = "One value was" if number == 1 else f"{number} values were"
    return Finding(
        Severity.INFO,
        "values-unchecked",
        f"{values} not held to the shapes: what they are may stand in {', '.join(unread)}, not "
        "all of which could be read.",
        file=unread[0],
        remedy="Mend what is told of it as a violation.",
    )
