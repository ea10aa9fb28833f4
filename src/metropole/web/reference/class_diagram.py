"""Lay classes out as a tree from left to right: what is more special stands further right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metropole.web.labels import Name

#: Sizes in pixels.
BOX_WIDTH, BOX_HEIGHT = 190, 46
_ACROSS, _DOWN, _EDGE = 64, 14, 3
#: Letters of a name that fit into a box.
_LETTERS = 22


@dataclass(frozen=True)
class DrawnClass:
    """What is drawn of a class."""

    iri: str
    name: Name
    address: str
    is_own: bool
    members: int


@dataclass(frozen=True)
class Box:
    """A class with its place."""

    drawn: DrawnClass
    x: float
    y: float
    parents: tuple[str, ...]

    @property
    def short(self) -> str:
        """Give the name as it fits into the box."""
        text = self.drawn.name.text
        return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"


@dataclass(frozen=True)
class Diagram:
    """Boxes and the lines between them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    #: Paths of SVG, each from a class to a more special one.
    lines: tuple[str, ...]
    #: The same as nested lists: class and what is more special.
    tree: tuple["Branch", ...]


@dataclass(frozen=True)
class Branch:
    """A class with its subclasses."""

    drawn: DrawnClass
    below: tuple["Branch", ...]


def diagram(classes: Sequence[DrawnClass], parents: Mapping[str, Sequence[str]]) -> Diagram | None:
    """Draw classes; `parents` names for each its superclasses that are drawn too.

    A class with several stands below the first of them; a circle is cut where it closes.
    """
    if not classes:
        return None
    tree = _tree(classes, parents)
    places: dict[str, tuple[float, float]] = {}
    bottom: float = _EDGE
    for branch in tree:
        bottom = _place(branch, 0, bottom, places)
    boxes = tuple(
        Box(each, *places[each.iri], tuple(parents.get(each.iri, ()))) for each in classes
    )
    return Diagram(
        width=max(box.x for box in boxes) + BOX_WIDTH + _EDGE,
        height=bottom - _DOWN + _EDGE,
        boxes=boxes,
        lines=tuple(
            _line(places[parent], (box.x, box.y)) for box in boxes for parent in box.parents
        ),
        tree=tree,
    )


def _tree(
    classes: Sequence[DrawnClass], parents: Mapping[str, Sequence[str]]
) -> tuple[Branch, ...]:
    below: dict[str, list[DrawnClass]] = {}
    for each in classes:
        for parent in parents.get(each.iri, ())[:1]:
            below.setdefault(parent, []).append(each)
    placed = set[str]()

    def grown(each: DrawnClass) -> Branch:
        placed.add(each.iri)
        # One after the other: a class that was placed below an earlier one is not placed again.
        children = (grown(child) for child in below.get(each.iri, ()) if child.iri not in placed)
        return Branch(each, tuple(children))

    roots = [grown(each) for each in classes if not parents.get(each.iri)]
    # What is left stands in a circle: it begins anywhere.
    roots += [grown(each) for each in classes if each.iri not in placed]
    return tuple(sorted(roots, key=lambda branch: not branch.below))


def _place(branch: Branch, depth: int, top: float, places: dict[str, tuple[float, float]]) -> float:
    """Place a class and what is below it; give the bottom of the room it takes."""
    x = _EDGE + depth * (BOX_WIDTH + _ACROSS)
    bottom = top
    for child in branch.below:
        bottom = _place(child, depth + 1, bottom, places)
    if branch.below:
        first, last = places[branch.below[0].drawn.iri], places[branch.below[-1].drawn.iri]
        y = (first[1] + last[1]) / 2
    else:
        y, bottom = top, top + BOX_HEIGHT + _DOWN
    places[branch.drawn.iri] = (x, y)
    return bottom


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Draw a line from the right of one box to the left of another."""
    x, y = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT / 2
    to_x, to_y = end[0], end[1] + BOX_HEIGHT / 2
    middle = (x + to_x) / 2
    return f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
