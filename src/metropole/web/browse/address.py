"""What the address of a list asks of it, and the addresses that ask for something else."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from werkzeug.datastructures import MultiDict

from metropole.release.lists import NEWEST, OLDEST, RESERVED, Facet, FacetValue, Kind
from metropole.web import languages

BY_NAME = "name"
#: The values that a list is held to.
Chosen = dict[Facet, list[FacetValue]]
#: Parameters that go on from page to page as they are.
_KEPT = ("release", languages.PARAMETER)
#: No list has a page whose number is longer.
_DIGITS = 9


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list."""

    kind: Kind
    chosen: Chosen
    sort: str
    page: int
    #: Name of the facet whose values are all shown.
    all_values: str
    #: Other parameters that go on from page to page.
    kept: tuple[tuple[str, str], ...]
    default_sort: str

    def address(
        self,
        *,
        chosen: Chosen | None = None,
        sort: str = "",
        page: int = 0,
        all_values: str | None = None,
        extension: str = "",
    ) -> str:
        """Give the address of the list with something changed; the rest stays."""
        facets = self.chosen if chosen is None else chosen
        wanted = [
            (facet.name, value.name)
            for facet in sorted(facets, key=lambda facet: facet.number)
            for value in sorted(facets[facet], key=lambda value: value.number)
        ]
        for name, value, default in (
            ("sort", sort or self.sort, self.default_sort),
            ("page", str(page or self.page), "1"),
            ("all", self.all_values if all_values is None else all_values, ""),
        ):
            if value != default:
                wanted.append((name, value))
        parameters: dict[str, list[str]] = {}
        for name, value in (*wanted, *self.kept):
            parameters.setdefault(name, []).append(value)
        return url_for("browse.kind", name=self.kind.name + extension, **parameters)  # type: ignore[arg-type]

    def toggled(self, facet: Facet, value: FacetValue) -> str:
        """Give the address with a value chosen, or not any more; from its first page."""
        chosen = {each: list(values) for each, values in self.chosen.items()}
        values = chosen.setdefault(facet, [])
        if value in values:
            values.remove(value)
        else:
            values.append(value)
        return self.address(chosen={each: held for each, held in chosen.items() if held}, page=1)


def asked_of(
    kind: Kind, values: Mapping[Facet, list[FacetValue]], arguments: "MultiDict[str, str]"
) -> tuple[Asked, tuple[str, ...]]:
    """Read what is asked of a list with these values, and what is asked in vain: `colour=red`."""
    chosen, unknown = _chosen(values, arguments)
    default = NEWEST if kind.begins else BY_NAME
    sort = arguments.get("sort", default)
    if sort not in sorts(kind):
        unknown.append(f"sort={sort}")
        sort = default
    page = arguments.get("page", "1")
    if not (page.isascii() and page.isdecimal() and int(page[:_DIGITS]) > 0):
        unknown.append(f"page={page}")
        page = "1"
    all_values = arguments.get("all", "")
    if all_values and all_values not in {facet.name for facet in values}:
        unknown.append(f"all={all_values}")
        all_values = ""
    kept = tuple((name, arguments[name]) for name in _KEPT if arguments.get(name))
    asked = Asked(kind, chosen, sort, int(page[:_DIGITS]), all_values, kept, default)
    return asked, tuple(unknown)


def sorts(kind: Kind) -> tuple[str, ...]:
    """Give the orders that a list can have."""
    return (NEWEST, OLDEST, BY_NAME) if kind.date else (BY_NAME,)


def _chosen(
    values: Mapping[Facet, list[FacetValue]], arguments: "MultiDict[str, str]"
) -> tuple[Chosen, list[str]]:
    """Find the values that an address names, and tell those that are not there."""
    facets = {facet.name: facet for facet in values}
    chosen: Chosen = {}
    unknown = []
    for name, text in arguments.items(multi=True):
        if name in RESERVED:
            continue
        facet = facets.get(name)
        found = [each for each in values[facet] if each.name == text] if facet else []
        if facet and found:
            held = chosen.setdefault(facet, [])
            held += [each for each in found if each not in held]
        else:
            unknown.append(f"{name}={text}")
    return chosen, unknown
