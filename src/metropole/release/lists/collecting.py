"""Go once through the statements of a release, and keep what lists of its things need."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from metropole.graph.names import Names
from metropole.graph.statement_lines import subject_of
from metropole.vocab import GEO, LABEL_PROPERTIES, NUMBERS, RDF, SCHEMA, SH, WGS84, XSD

#: A property with more values than that is no facet.
MOST_VALUES = 50
_TYPE = f"<{RDF}type>".encode()
_LABELS = {f"<{iri}>".encode(): place for place, iri in enumerate(LABEL_PROPERTIES)}
#: Properties that say where a thing is, or lead to it.
_PLACES = frozenset(
    f"<{iri}>".encode()
    for iri in (
        *(GEO + "asWKT", GEO + "hasGeometry", WGS84 + "lat"),
        *(SCHEMA + "geo", SCHEMA + "latitude"),
    )
)
_DATES = tuple(f"^^<{XSD}{name}>".encode() for name in ("date", "dateTime", "gYear", "gYearMonth"))
_NUMBERS = tuple(f"^^<{iri}>".encode() for iri in NUMBERS)
#: So few values are a facet even where most have only one member.
_FEW = 12
#: What a term of N-Triples that is no literal with a language ends in.
_PLAIN = (b'"', b">")
#: Things of the site are below that.
_BELOW = b"id/"


@dataclass
class Collected:
    """The members of one class, by their place in the order of their IRIs."""

    #: Numbers of the things that are its members.
    things: list[int] = field(default_factory=list)
    #: For each property the members that have each value; None where there are too many values.
    values: dict[bytes, dict[bytes, list[int]] | None] = field(
        default_factory=lambda: dict.fromkeys(_LABELS)
    )
    #: For each property of days and years the earliest one of each member, as it is written.
    dates: dict[bytes, dict[int, str]] = field(default_factory=dict)
    located: list[int] = field(default_factory=list)

    def take(self, thing: int, said: list[list[bytes]]) -> None:
        """Add a member with its properties and values, the graph behind each value."""
        place = len(self.things)
        self.things.append(thing)
        for predicate, ending in said:
            held = self.values.setdefault(predicate, {})
            if held is not None:
                value = ending[: ending.rindex(b" <")]
                if value.endswith(_PLAIN):
                    self._take(predicate, value, place, held)

    def _take(
        self, predicate: bytes, value: bytes, place: int, held: dict[bytes, list[int]]
    ) -> None:
        if value.endswith(_DATES):
            text = value[1 : value.rindex(b'"')].decode()
            dates = self.dates.setdefault(predicate, {})
            dates[place] = min(text, dates.get(place, text))
            return
        places = held.setdefault(value, [])
        # What two graphs say is said twice.
        if not places or places[-1] != place:
            places.append(place)
        if len(held) > MOST_VALUES:
            self.values[predicate] = None


@dataclass
class Things:
    """The things of a release that belong to a class."""

    #: Their IRIs without the base, in order.
    iris: list[str] = field(default_factory=list)
    #: For each of them its name in each language; nothing for one without a name.
    names: list[tuple[str, ...]] = field(default_factory=list)
    kinds: dict[str, Collected] = field(default_factory=dict)


def collected(lines: Iterable[bytes], base: str, languages: tuple[str, ...]) -> Things:
    """Collect from sorted lines of N-Quads; classes of SHACL describe saved queries and shapes."""
    start = f"<{base}".encode()
    found, chooser = Things(), _Chooser(languages)
    for subject, group in groupby(lines, key=subject_of):
        if not subject.startswith(start + _BELOW):
            continue
        behind = len(subject) + 1
        said = [line[behind:].split(b" ", 1) for line in group]
        kinds = dict.fromkeys([ending for predicate, ending in said if predicate == _TYPE])
        if kinds:
            iris = {_iri(ending) for ending in kinds}
            _take(found, subject[len(start) : -1].decode(), sorted(iris), said, chooser)
    return found


def _take(
    found: Things,
    iri: str,
    kinds: Iterable[str],
    said: list[list[bytes]],
    chooser: "_Chooser",
) -> None:
    number = len(found.iris)
    is_located = not _PLACES.isdisjoint([predicate for predicate, _ in said])
    is_member = False
    for each in kinds:
        if each.startswith(SH):
            continue
        is_member = True
        kind = found.kinds.setdefault(each, Collected())
        if is_located:
            kind.located.append(len(kind.things))
        kind.take(number, said)
    if is_member:
        found.iris.append(iri)
        found.names.append(chooser.names(said))


def _iri(ending: bytes) -> str:
    return ending[1 : ending.index(b">")].decode()


class _Chooser:
    """Chooses what a thing is called in each language, as pages do."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._orders = [tuple(dict.fromkeys((each, *languages))) for each in languages]

    def names(self, said: list[list[bytes]]) -> tuple[str, ...]:
        """Give the names for each language; nothing where there is no name."""
        ranked = [
            (_LABELS[predicate], ending)
            for predicate, ending in said
            if predicate in _LABELS and ending.startswith(b'"')
        ]
        if not ranked:
            return ()
        best = min(ranked)[0]
        first: dict[str, str] = {}
        for rank, ending in ranked:
            if rank == best:
                text, language = _literal(ending)
                first[language] = min(text, first.get(language, text))
        if len(first) == 1:
            return (*first.values(),) * len(self._orders)
        other = min(first.values())
        return tuple([self._choose(order, first, other) for order in self._orders])

    @staticmethod
    def _choose(order: Iterable[str], first: dict[str, str], other: str) -> str:
        for language in order:
            if language in first:
                return first[language]
        return first.get("", other)


def _literal(ending: bytes) -> tuple[str, str]:
    """Read a text and its language; what is escaped in it has no part in the order of names."""
    text, _, behind = ending[1 : ending.rindex(b" <")].rpartition(b'"')
    language = behind[1:].decode().lower() if behind.startswith(b"@") else ""
    return text.decode(), language


def address_names(iris: Iterable[str], names: Names, taken: Iterable[str] = ()) -> dict[str, str]:
    """Name terms for addresses: by their last part, else with prefix, else by the whole IRI."""
    all_iris = list(iris)
    ends = [_end(iri) for iri in all_iris]
    used = {*taken, ""}
    return {
        iri: end if end not in used and ends.count(end) == 1 else names.short(iri) or iri
        for iri, end in zip(all_iris, ends, strict=True)
    }


def _end(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]


def narrow(kind: Collected, own: str) -> Iterator[tuple[bytes, dict[bytes, list[int]]]]:
    """Go through the properties that part the members of a class into a few groups."""
    for predicate, held in kind.values.items():
        values = held or {}
        if predicate == _TYPE:
            values = {
                value: places
                for value, places in values.items()
                if value != f"<{own}>".encode() and len(places) < len(kind.things)
            }
            if values:
                yield predicate, values
        elif predicate not in _LABELS and _is_facet(values):
            yield predicate, values


def _is_facet(values: dict[bytes, list[int]]) -> bool:
    """Tell whether there are two values at least, and fewer of them than members."""
    covered = sum(map(len, values.values()))
    if not 1 < len(values) < covered:
        return False
    # Numbers are measures, unless there are few that many have in common.
    if any(value.endswith(_NUMBERS) for value in values):
        return len(values) <= min(_FEW, covered // 2)
    return len(values) <= max(_FEW, covered // 2)
