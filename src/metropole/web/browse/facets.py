"""The facets of a list: which of their values are shown, and how many members have each."""

from dataclasses import dataclass

from metropole.release.lists import YEARS, Facet, FacetValue, Kind, Lists
from metropole.web.browse.address import Asked, Chosen
from metropole.web.labels import Name

#: Values of a facet that are shown at first.
VALUES_SHOWN = 8


@dataclass(frozen=True)
class ShownValue:
    """A value of a facet: how many members have it, and where a click leads."""

    name: Name
    spelled: str
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True)
class ShownFacet:
    """A facet with its values, those first that most members have."""

    facet: Facet
    name: Name
    values: tuple[ShownValue, ...]
    #: Leads to the list with all values shown; empty when they are.
    all_values: str

    @property
    def is_years(self) -> bool:
        """Tell whether its values are groups of years."""
        return self.facet.shape == YEARS

    @property
    def chosen(self) -> list[ShownValue]:
        """Give the values that the list is held to."""
        return [value for value in self.values if value.is_chosen]

    def as_json(self) -> dict[str, object]:
        """Tell it to programs."""
        return {
            "property": self.facet.iri,
            "name": self.facet.name,
            "label": self.name.text,
            "values": [
                {
                    "value": value.spelled,
                    "label": value.name.text,
                    "count": value.count,
                    "chosen": value.is_chosen,
                }
                for value in self.values
            ],
        }


def members_with(
    lists: Lists, kind: Kind, facet: Facet, values: list[FacetValue], chosen: Chosen
) -> list[int]:
    """Count the members for each value, as the other facets part them."""
    bits = lists.set_of(kind, chosen, but=facet)
    if bits is None:
        return [value.members for value in values]
    return lists.counted(kind, facet, bits)


def values_to_show(
    facet: Facet, values: list[FacetValue], counts: list[int], asked: Asked
) -> list[FacetValue]:
    """Choose the values to show: those chosen, and of the others those most members have.

    What all members of the class have parts nothing.
    """
    chosen = asked.chosen.get(facet, [])
    there = [value for value, count in zip(values, counts, strict=True) if count or value in chosen]
    if facet.shape == YEARS:
        return there
    everybody = asked.kind.members
    there = [value for value in there if value.members < everybody or value in chosen]
    count = dict(zip((value.number for value in values), counts, strict=True))
    ranked = sorted(there, key=lambda value: (value not in chosen, -count[value.number]))
    return ranked if asked.all_values == facet.name else ranked[:VALUES_SHOWN]
