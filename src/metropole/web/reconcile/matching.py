"""Find the things that a query may mean, and say how likely each is and why.

A score is between 0 and 100: how alike the name is, weighed with how well each condition agrees,
and less for a thing that is not of the type asked for. What is surely meant is a match.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from metropole.store.searching import Hit, SearchIndex
from metropole.web.languages import gettext as _
from metropole.web.reconcile.conditions import HOLDS, Judge
from metropole.web.reconcile.likeness import EXACT, FOLDED, Asked
from metropole.web.reconcile.questions import Question, Strictness
from metropole.web.reconcile.schema import Schema
from metropole.web.reconcile.things import Things, Told

#: What a condition weighs where the name weighs 1.
CONDITION_WEIGHT = 0.4
#: What is left of the score of a thing that is not of the type asked for.
OTHER_TYPE = 0.6
#: Agreement of a thing of which nobody says whether it meets a condition.
UNSAID = 0.75
#: What an exact name that is only another name of the thing loses.
_OTHER_NAME = 2.0
#: Likeness of names below which a thing is no candidate, unless it meets a condition.
_LEAST_ALIKE = 30.0
#: By how much the best must be better than the next to be a match.
CLEAR = 5.0
#: Things that are compared: namesakes, those with the same words, and those with some of them.
_NAMESAKES, _COMPARED, _ENOUGH = 100, 25, 10
#: Classes that are searched one by one; the members of more are found among all things.
_CLASSES = 8
#: Rare words of a name that are looked for alone.
_RARE = 2
#: Things that have what a condition wants where it finds them though their names are others: what
#: holds for more is no identifier.
_IDENTIFIED = 1


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant."""

    told: Told
    score: float
    is_match: bool
    #: What the score is made of: id, what it is called, value.
    features: tuple[tuple[str, str, float | bool], ...]


@dataclass
class _Judged:
    """A thing with what was found out about it."""

    node: ox.NamedNode
    name: float
    has_type: bool
    #: Agreement with each condition; None where nothing is said.
    agreements: list[float | None] = field(default_factory=list)
    is_named_by_id: bool = False
    is_asked_by_name: bool = True

    @property
    def score(self) -> float:
        """Weigh name, conditions and type."""
        if self.is_named_by_id:
            return EXACT
        weight = 1.0 if self.is_asked_by_name else 0.0
        total = weight * self.name
        for each in self.agreements:
            total += CONDITION_WEIGHT * EXACT * (UNSAID if each is None else each)
        weight += CONDITION_WEIGHT * len(self.agreements)
        return total / weight * (1.0 if self.has_type else OTHER_TYPE)

    @property
    def is_sure(self) -> bool:
        """Tell whether it is what is meant, if nothing else is as likely."""
        if self.is_named_by_id:
            return True
        told = [each for each in self.agreements if each is not None]
        agrees = all(each >= HOLDS for each in told)
        if not self.is_asked_by_name:
            agrees = len(told) == len(self.agreements) and min(told, default=0.0) == 1.0
        return agrees and self.has_type and self.name >= FOLDED - _OTHER_NAME


class Matcher:
    """Answers the queries of one request."""

    def __init__(self, things: Things, index: SearchIndex, schema: Schema) -> None:
        self._things = things
        self._index = index
        self._schema = schema

    def candidates(self, question: Question) -> list[Candidate]:
        """List the candidates for a query, the likeliest first."""
        judged = list(self._judged(question))
        judged.sort(key=lambda each: (-each.score, not each.is_named_by_id))
        match = _match(judged)
        shown = judged[: question.limit]
        told = self._things.told([each.node for each in shown])
        return [
            Candidate(thing, round(each.score, 1), each is match, self._features(each, question))
            for each, thing in zip(shown, told, strict=True)
        ]

    def _judged(self, question: Question) -> Iterator[_Judged]:
        """Go through the things that may be meant, and judge each."""
        asked = [Asked(name) for name in question.names]
        judges = [Judge(self._things, each) for each in question.conditions]
        types = _Types(self._things, self._schema, question)
        by_id = dict.fromkeys(self._by_id(question))
        for node in dict.fromkeys([*by_id, *self._found(asked, judges, types)]):
            one = _Judged(
                node,
                self._likeness(node, asked) if asked else EXACT,
                types.has(node),
                [judge.agreement(node) for judge in judges],
                is_named_by_id=node in by_id,
                is_asked_by_name=bool(asked),
            )
            if node in by_id or self._may_be(one, question):
                yield one

    def _by_id(self, question: Question) -> Iterator[ox.NamedNode]:
        """Find what is named by its id or IRI, which a name may be too."""
        names = (name.strip() for name in question.names if "/" in name and len(name.split()) == 1)
        for text in (*question.ids, *names):
            node = self._things.named(text)
            if node is not None and self._things.is_one(node):
                yield node

    def _found(
        self, asked: list[Asked], judges: list[Judge], types: "_Types"
    ) -> Iterator[ox.NamedNode]:
        for name in asked:
            for hit in self._by_name(name.words, types):
                yield ox.NamedNode(hit.iri)
        for judge in judges:
            found = judge.found()
            if not asked or len(found) <= _IDENTIFIED:
                yield from found

    def _by_name(self, words: list[str], types: "_Types") -> Iterable[Hit]:
        """List things whose names have the words asked for, or some of them."""
        if not types.asked or len(types.classes) > _CLASSES:
            return self._hits(words, "")[0]
        found: list[Hit] = []
        has_namesake = False
        for kind in types.classes:
            hits, is_whole = self._hits(words, kind)
            found += hits
            has_namesake = has_namesake or is_whole
        if types.is_strict or has_namesake:
            return found
        return [*found, *self._hits(words, "")[0][:_ENOUGH]]

    def _hits(self, words: list[str], kind: str) -> tuple[list[Hit], bool]:
        """List the members of a class by name; tell whether one has the whole name."""
        own = self._own(self._index.namesakes(words, most=_NAMESAKES, kind=kind))
        if own:
            others = self._index.best(words, most=_COMPARED, kind=kind, only_names=True)
            return own + self._own(others), True
        found: dict[Hit, None] = {}
        for attempt in self._attempts(words):
            hits = self._index.best(attempt, most=_COMPARED, kind=kind, only_names=True)
            found.update(dict.fromkeys(self._own(hits)))
            if len(found) >= _ENOUGH:
                break
        return list(found), False

    def _own(self, hits: Iterable[Hit]) -> list[Hit]:
        """Leave out terms of the ontology, which are found too but are no things."""
        return [hit for hit in hits if self._things.is_one(ox.NamedNode(hit.iri))]

    def _attempts(self, words: list[str]) -> Iterator[list[str]]:
        """Give what to look for: all words, mended ones, some of them, rare ones."""
        yield words
        mended = self._index.mended(words)
        if mended:
            yield mended
        wanted = mended or words
        counts = dict(zip(wanted, self._index.frequencies(wanted), strict=True))
        rare_first = sorted(
            (word for word in counts if counts[word]), key=lambda word: counts[word]
        )
        for number in range(min(len(rare_first), len(wanted) - 1), 1, -1):
            yield rare_first[:number]
        if len(wanted) > 1:
            for word in islice(rare_first, _RARE):
                yield [word]

    def _likeness(self, node: ox.NamedNode, asked: list[Asked]) -> float:
        names, others = self._things.names(node)
        likeness = max(each.likeness(names) for each in asked)
        if likeness == EXACT or not others:
            return likeness
        other = max(each.likeness(others) for each in asked)
        return max(likeness, other - _OTHER_NAME if other >= FOLDED else other)

    def _may_be(self, one: _Judged, question: Question) -> bool:
        """Tell whether a thing meets what is required."""
        if not one.has_type and question.strictness is not Strictness.SHOULD:
            return False
        if question.is_name_required and one.name < HOLDS * EXACT:
            return False
        if not question.names and not any(one.agreements):
            return False
        if question.names and one.name < _LEAST_ALIKE and not any(one.agreements):
            return False
        return one.score > 0 and all(
            (agreement or 0.0) >= HOLDS
            for agreement, condition in zip(one.agreements, question.conditions, strict=True)
            if condition.is_required
        )

    def _features(
        self, one: _Judged, question: Question
    ) -> tuple[tuple[str, str, float | bool], ...]:
        found: list[tuple[str, str, float | bool]] = []
        if question.names:
            found.append(("name", _("likeness of the name, 0 to 100"), round(one.name, 1)))
        if one.is_named_by_id:
            found.append(("id", _("named by its id"), True))
        if question.types:
            found.append(("type", _("is of the type asked for"), one.has_type))
        for number, (agreement, condition) in enumerate(
            zip(one.agreements, question.conditions, strict=True), 1
        ):
            if agreement is not None:
                name = _("agreement with %(property)s, 0 to 100", property=condition.path.id)
                found.append((f"property_{number}", name, round(agreement * EXACT, 1)))
        return tuple(found)


class _Types:
    """The types that a query asks for, as classes of the release."""

    def __init__(self, things: Things, schema: Schema, question: Question) -> None:
        self._things = things
        self._each = [frozenset(schema.classes_of(name)) for name in question.types]
        self._all = question.strictness is Strictness.ALL
        self.asked = bool(question.types)
        self.is_strict = question.strictness is not Strictness.SHOULD
        #: Classes whose members are of one of the types.
        self.classes = tuple(sorted({iri for each in self._each for iri in each}))

    def has(self, node: ox.NamedNode) -> bool:
        """Tell whether a thing is of the types asked for."""
        if not self.asked:
            return True
        own = {kind.value for kind in self._things.classes(node)}
        is_of = [bool(own & each) for each in self._each]
        return all(is_of) if self._all else any(is_of)


def _match(judged: list[_Judged]) -> _Judged | None:
    """Give the one that is surely meant: the best, if it is sure and nothing else is near it."""
    if not judged or not judged[0].is_sure:
        return None
    if len(judged) > 1 and not judged[0].is_named_by_id:
        next_best = judged[1].score
        if judged[0].score - next_best < CLEAR:
            return None
    by_id = sum(each.is_named_by_id for each in judged)
    return judged[0] if by_id <= 1 else None
