"""Figures as a page shows them: what is counted, how exactly, for when, in whose words.

A figure is a `schema:Observation` (record 0006 of the decisions): a value or bounds, a unit, a
variable and the thing it is about. What schema.org has no term for are terms of the site's own
namespace: `qualifier`, `statedText`, `formula` and others. Where they are missing, so is what they
say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from metropole.store.reading import Node
from metropole.vocab import DCT, PROV, SCHEMA, SKOS
from metropole.web.entity.layouts import LAST, Layouts
from metropole.web.entity.rows import Rows
from metropole.web.labels import NAMELESS, Labels, Name
from metropole.web.values.literals import number
from metropole.web.values.shown_values import Quotation, Value

ABOUT = ox.NamedNode(SCHEMA + "observationAbout")
_VARIABLE, _VALUE, _LEAST, _MOST, _UNIT, _UNIT_TEXT = (
    ox.NamedNode(SCHEMA + name)
    for name in ("variableMeasured", "value", "minValue", "maxValue", "unitCode", "unitText")
)
_SOURCE, _DERIVED = ox.NamedNode(PROV + "hadPrimarySource"), ox.NamedNode(PROV + "wasDerivedFrom")
_PERIOD = ox.NamedNode(DCT + "temporal")
_NOTES = tuple(ox.NamedNode(SKOS + name) for name in ("note", "editorialNote"))
#: Qualifiers that need no word, by the last part of their names.
_EXACT = ("exact", "exact-fraction")


@dataclass(frozen=True)
class Quantity:
    """A number with its exactness and unit, each as words."""

    qualifier: Name
    number: str
    unit: Name
    #: A range around the number, or what is known instead of one.
    bounds: str = ""

    @property
    def is_told(self) -> bool:
        """Tell whether there is a number at all."""
        return bool(self.number or self.bounds)


@dataclass(frozen=True)
class Claim:
    """One figure."""

    value: Value
    variable: Value
    #: The area or figure of which it is a share, and the one it is compared with.
    part_of: tuple[Value, ...]
    compared_with: tuple[Value, ...]
    quantity: Quantity
    period: tuple[Value, ...]
    wording: Name
    quotations: tuple[Quotation, ...]
    sources: tuple[Value, ...]
    formula: Name
    derived_from: tuple[Value, ...]
    #: Whether it is a reading that the editors do not prefer.
    is_other_reading: bool
    #: What is remarked on it, as that nobody knows which area is meant.
    notes: tuple[Name, ...] = ()
    #: Where its variable stands among the others.
    order: float = LAST

    @property
    def is_derived(self) -> bool:
        """Tell whether it is computed and stated by no source."""
        return bool(self.formula.text or self.derived_from)


@dataclass(frozen=True)
class Claims:
    """All figures of one variable and one whole, stated ones first."""

    variable: Value
    part_of: tuple[Value, ...]
    claims: tuple[Claim, ...]

    @property
    def differ(self) -> bool:
        """Tell whether sources give different numbers."""
        stated = {
            (claim.quantity.number, claim.quantity.bounds)
            for claim in self.claims
            if not claim.is_derived and claim.quantity.is_told
        }
        return len(stated) > 1


def claims_about(figures: Iterable[Node], reader: "ClaimReader") -> tuple[Claims, ...]:
    """Read figures, and put side by side what is said of the same."""
    found = [reader.claim(each) for each in figures if isinstance(each, ox.NamedNode)]
    ordered = sorted(found, key=_alike)
    return tuple(
        Claims(same[0].variable, same[0].part_of, tuple(same))
        for _, group in groupby(ordered, key=lambda claim: _alike(claim)[0])
        if (same := list(group))
    )


def _alike(claim: Claim) -> tuple[tuple[float, str, str], bool, str]:
    """Order figures as their variables are ordered, then by name; shares follow the whole."""
    whole = " ".join(each.name.text for each in (*claim.part_of, *claim.compared_with))
    same = (claim.order, claim.variable.name.text, whole)
    return same, claim.is_derived, claim.value.name.text


class ClaimReader:
    """Reads figures from the statements of a page."""

    def __init__(self, rows: Rows, labels: Labels, layouts: Layouts, base: str) -> None:
        self._rows = rows
        self._labels = labels
        self._layouts = layouts
        self._own = base + "ns#"

    def claim(self, node: ox.NamedNode) -> Claim:
        """Read one figure."""
        sources = [
            each for each in self._rows.values_of(node, _SOURCE) if isinstance(each, ox.NamedNode)
        ]
        quotations = [(each, self._rows.quotation(each)) for each in sources]
        quoted = [found for _, found in quotations if found and found.words.text]
        # A passage around the words adds nothing where the words are quoted.
        shown = quoted or [found for _, found in quotations if found]
        variable = self._values(node, _VARIABLE)
        period = self._values(node, _PERIOD) or self._values(node, self._term("periodStatus"))
        return Claim(
            self._rows.value(node),
            variable[0] if variable else self._rows.value(node),
            self._values(node, self._term("denominatorArea"))
            or self._values(node, self._term("shareOf")),
            self._values(node, self._term("comparedWithArea")),
            self._quantity(node),
            period,
            self._labels.best(self._literals(node, self._term("statedText"))),
            tuple(shown),
            tuple(self._rows.value(each) for each, found in quotations if not found),
            self._labels.best(self._literals(node, self._term("formula"))),
            self._values(node, _DERIVED),
            any(
                each.value == "false"
                for each in self._literals(node, self._term("preferredReading"))
            ),
            self._notes(node),
            self._order(node),
        )

    def _notes(self, node: ox.NamedNode) -> tuple[Name, ...]:
        """Give the notes on a figure, those of each property in the reader's language."""
        found = (self._labels.best(self._literals(node, each)) for each in _NOTES)
        return tuple(each for each in found if each.text)

    def _order(self, node: ox.NamedNode) -> float:
        """Give the place that the variable of a figure has; the last where nobody says."""
        variables = self._rows.values_of(node, _VARIABLE)
        orders = (self._layouts.order(each) for each in variables if isinstance(each, ox.NamedNode))
        return min(orders, default=LAST)

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(self._own + name)

    def _values(self, node: Node, predicate: ox.NamedNode) -> tuple[Value, ...]:
        return tuple(self._rows.value(each) for each in self._rows.values_of(node, predicate))

    def _literals(self, node: Node, predicate: ox.NamedNode) -> list[ox.Literal]:
        found = self._rows.values_of(node, predicate)
        return [each for each in found if isinstance(each, ox.Literal)]

    def _quantity(self, node: ox.NamedNode) -> Quantity:
        qualifiers = [
            each
            for each in self._rows.values_of(node, self._term("qualifier"))
            if isinstance(each, ox.NamedNode)
        ]
        exact = qualifiers and qualifiers[0].value.rpartition("/")[2] in _EXACT
        word = self._labels.of(qualifiers[0]) if qualifiers and not exact else NAMELESS
        value, least, most = (self._number(node, each) for each in (_VALUE, _LEAST, _MOST))
        fraction = [self._number(node, self._term(name)) for name in ("numerator", "denominator")]
        if all(fraction):
            value = "/".join(fraction)
        ends = [end for end in (least, most) if end and end != value]
        bounds = "\u2013".join(ends) if value or len(ends) > 1 else ""
        return Quantity(
            word, value or (ends[0] if len(ends) == 1 else ""), self._unit(node), bounds
        )

    def _number(self, node: Node, predicate: ox.NamedNode) -> str:
        for literal in self._literals(node, predicate):
            return number(literal.value) or literal.value
        return ""

    def _unit(self, node: Node) -> Name:
        found: Sequence[Node | ox.Literal] = [
            *self._rows.values_of(node, _UNIT_TEXT),
            *self._rows.values_of(node, _UNIT),
        ]
        return self._rows.unit(found)
