"""Publish a site: the only place that knows the whole order of the steps.

`building.py` has the order; the other modules are its steps, and what is done with releases that
are there.
"""

from metropole.publish.activation import activate
from metropole.publish.building import OnReport, Outcome, build
from metropole.publish.checking import Progress, check, vanished_things
from metropole.publish.home_maps import empty_maps
from metropole.publish.pruning import Pruned, prune
from metropole.publish.row_changes import RowChange

__all__ = [
    "OnReport",
    "Outcome",
    "Progress",
    "Pruned",
    "RowChange",
    "activate",
    "build",
    "check",
    "empty_maps",
    "prune",
    "vanished_things",
]
