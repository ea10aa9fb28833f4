"""Refuse to move a graph to another address by accident: every IRI of the site would break."""

from metropole.graph import SiteGraph
from metropole.release.folder import Release
from metropole.report import Finding, Severity
from metropole.settings import FILE_NAME


def moved_base(graph: SiteGraph, current: Release) -> tuple[Finding, ...]:
    """Tell when the setting `base` is not that of the current release."""
    before, now = current.manifest.content.base, graph.settings.base
    if before == now:
        return ()
    return (
        Finding(
            Severity.VIOLATION,
            "moved-base",
            f"Release {current.id} has the base {before}, and the settings say {now}: every IRI "
            "that others use would become another, without a word about the old ones.",
            file=FILE_NAME,
            remedy=f"Set base to {before} again. If nobody was given these addresses yet, remove "
            f"{graph.settings.releases}/ and current. If the graph is meant to move, name a new "
            "folder with the setting releases: a new history begins there.",
        ),
    )
