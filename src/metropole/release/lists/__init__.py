"""Lists of the members of classes, made with a release so that no page counts anything.

What is in a list is measured from the data: whether a property parts the members into a few
groups, says when they are or where. `writing` makes the file, `reading` answers from it.
"""

from metropole.release.lists.reading import Facet, FacetValue, Kind, Lists
from metropole.release.lists.writing import FILE, NEWEST, OLDEST, RESERVED, YEARS, write_lists

__all__ = [
    "FILE",
    "NEWEST",
    "OLDEST",
    "RESERVED",
    "YEARS",
    "Facet",
    "FacetValue",
    "Kind",
    "Lists",
    "write_lists",
]
