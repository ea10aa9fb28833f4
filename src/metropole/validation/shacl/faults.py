"""What an error of the engine says about the shapes that it was given."""

import re
import textwrap
from traceback import walk_tb

from pyshacl import Shape
from pyshacl.errors import ReportableRuntimeError
from rdflib import BNode

from metropole.validation.shacl.patience import PatternTakesForever
from metropole.validation.shacl.unchanging_store import term


class ShapesNotUsable(Exception):
    """The shapes cannot be run; the message is the engine's reason."""

    def __init__(self, reason: str, nodes: tuple[str, ...] = ()) -> None:
        """Keep the reason and the nodes of the shapes graph that may be to blame, likeliest first.

        The nodes are N-Triples terms.
        """
        super().__init__(reason)
        self.nodes = nodes


def reason(error: Exception) -> str:
    """Say in a line what the engine found wrong."""
    if isinstance(error, ReportableRuntimeError):
        return str(error.args[0]) if error.args else str(error)
    if isinstance(error, SyntaxError):
        return textwrap.shorten(f"the SPARQL of a constraint is broken: {error}", 200)
    if isinstance(error, PatternTakesForever):
        return str(error)
    if isinstance(error, re.error):
        return textwrap.shorten(f"the pattern {error.pattern!r} cannot be understood: {error}", 200)
    return textwrap.shorten(str(error) or type(error).__name__, 200)


def blamed(error: Exception) -> tuple[str, ...]:
    """Find the shape that was being worked on, innermost first, then blank nodes of any kind."""
    places = [frame.f_locals.values() for frame, _ in walk_tb(error.__traceback__)][::-1]
    values = [value for place in places for value in place]
    shapes = [value.node for value in values if isinstance(value, Shape)]
    blanks = [value for value in values if isinstance(value, BNode)]
    return tuple(dict.fromkeys(term(node) for node in shapes + blanks))
