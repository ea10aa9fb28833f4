"""How well the values of a property agree with what is wanted, from 0 to 1."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from metropole.store.reading import Node
from metropole.vocab import NUMBERS, XSD
from metropole.web.reconcile.likeness import EXACT, Asked
from metropole.web.reconcile.paths import Step, Term
from metropole.web.reconcile.questions import Condition, Quantifier, Wanted
from metropole.web.reconcile.things import Things

#: Names that are less alike are others; agreement from which a condition holds.
_LEAST_ALIKE, HOLDS = 0.6, 0.5
#: Values of a thing that are compared.
_COMPARED = 200
#: Datatypes whose values begin with the year, as 2012, 2012-05 and 2012-05-03T10:00:00Z.
_TIMES = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_MIDNIGHT = ("T00:00:00Z", "T00:00:00.000Z", "T00:00:00")
_YEAR = len("2012")
#: Things that a value leads to; more would be no way to find one.
_LED_TO = 100


class Judge:
    """Compares the things of one request with one condition."""

    def __init__(self, things: Things, condition: Condition) -> None:
        self._things = things
        self.condition = condition
        self._asked = [(wanted, Asked(wanted.text)) for wanted in condition.values]

    def agreement(self, node: ox.NamedNode) -> float | None:
        """Tell how well a thing agrees; None when nothing is said of it."""
        values = self.condition.path.values(self._things.store, node, most=_COMPARED)
        if not values:
            return None
        # A city in a county is in the country, too.
        values += self.condition.path.values_above(self._things.store, values, most=_COMPARED)
        each = [
            max(self._alike(wanted, asked, value) for value in values)
            for wanted, asked in self._asked
        ]
        if self.condition.quantifier is Quantifier.NONE:
            return 1 - max(each)
        return min(each) if self.condition.quantifier is Quantifier.ALL else max(each)

    def found(self) -> list[ox.NamedNode]:
        """List things of this site that have one of the values, as far as it can be looked up."""
        steps = self.condition.path.steps
        if len(steps) > 1 or self.condition.quantifier is Quantifier.NONE:
            return []
        found: dict[ox.NamedNode, None] = {}
        for wanted in self.condition.values:
            for term in self._terms(wanted):
                nodes = self._holders(steps[0], term) if steps else [term]
                found.update(dict.fromkeys(filter(self._things.is_one, nodes)))
        return list(found)

    def _holders(self, step: Step, term: Node | ox.Literal) -> list[Term]:
        """List what has a term as the value of a property."""
        if not step.is_inverse:
            return [*self._things.store.having(step.predicate, term, most=_LED_TO)]
        if isinstance(term, ox.Literal):
            return []
        return self._things.store.values(term, step.predicate)[:_LED_TO]

    def _terms(self, wanted: Wanted) -> Iterator[ox.NamedNode | ox.Literal]:
        """Write a value as the terms that may stand for it in the graph."""
        named = self._things.named(wanted.id or wanted.text) if wanted.id or wanted.text else None
        if named is not None:
            yield named
        elif "://" in wanted.text:
            try:
                yield ox.NamedNode(wanted.text)
            except ValueError:
                return
        if wanted.text and not wanted.id:
            yield ox.Literal(wanted.text)
            for language in self._things.store.release.manifest.content.languages:
                yield ox.Literal(wanted.text, language=language)
            for kind in _datatypes(wanted.text):
                yield ox.Literal(wanted.text, datatype=ox.NamedNode(kind))

    def _alike(self, wanted: Wanted, asked: Asked, value: Term) -> float:
        if isinstance(value, ox.Literal):
            return 0.0 if wanted.id and not wanted.text else _literal_alike(asked, wanted, value)
        if not isinstance(value, ox.NamedNode):
            return 0.0
        if wanted.id:
            named = self._things.named(wanted.id)
            if named is not None:
                return float(named == value)
        if value.value in (wanted.id, wanted.text) or self._is_end(wanted.text, value):
            return 1.0
        names = self._things.names(value)
        return _if_alike(asked.likeness([*names[0], *names[1]]) / EXACT)

    def _is_end(self, text: str, value: ox.NamedNode) -> bool:
        """Tell whether a text is an id, or the key at the end of an address: `Q216`."""
        text = text.strip()
        if not text:
            return False
        end = value.value.rstrip("/").replace("#", "/").rpartition("/")[2]
        return text in (end, self._things.id_of(value))


def _literal_alike(asked: Asked, wanted: Wanted, value: ox.Literal) -> float:
    kind = value.datatype.value
    if kind in NUMBERS:
        mine, other = _number(wanted.text), _number(value.value)
        return float(mine is not None and mine == other)
    if kind in _TIMES:
        return float(_is_same_time(wanted.text.strip(), value.value))
    if kind == XSD + "boolean":
        return float(_boolean(wanted.text) == _boolean(value.value))
    return _if_alike(asked.likeness([value.value]) / EXACT)


def _if_alike(likeness: float) -> float:
    return likeness if likeness >= _LEAST_ALIKE else 0.0


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false"}.get(text.strip().casefold(), text.strip().casefold())


def _is_same_time(one: str, other: str) -> bool:
    """Tell whether two times are the same as far as both say: a year is all days of it."""
    for end in _MIDNIGHT:
        one, other = one.removesuffix(end), other.removesuffix(end)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _YEAR and (longer + "-").startswith((shorter + "-", shorter + "T"))


def _datatypes(text: str) -> Iterator[str]:
    """Give the datatypes that a text may be a value of."""
    if _number(text) is not None:
        yield from (XSD + "integer", XSD + "decimal")
        if len(text) == _YEAR:
            yield XSD + "gYear"
    yield from (XSD + "date", XSD + "dateTime", XSD + "anyURI")
