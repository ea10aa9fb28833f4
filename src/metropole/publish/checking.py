"""Read and validate a site, also beside the release that is active."""

from collections.abc import Callable
from pathlib import Path

from metropole import graph, sources, validation
from metropole.errors import ReleaseError
from metropole.release import Release, Releases
from metropole.release.moved_base import moved_base
from metropole.release.unreachable import unreachable
from metropole.release.vanished import vanished, vanished_shapes
from metropole.report import Finding, Report
from metropole.settings import Settings

#: Is called with the name of each step before it begins.
Progress = Callable[[str], None]


def check(
    settings: Settings,
    *,
    text_folders: tuple[Path, ...] = (),
    progress: Progress = lambda _: None,
) -> tuple[graph.SiteGraph, Report]:
    """Read and validate a site; nothing is written."""
    loaded = graph.load(sources.discover(settings), progress=progress)
    return loaded, validated(loaded, text_folders, progress)


def validated(
    loaded: graph.SiteGraph, text_folders: tuple[Path, ...], progress: Progress
) -> Report:
    """Validate a graph that was read; what a release that is active proves is not proved again."""
    with graph.aside_from_collector():
        report = validation.validate(
            loaded,
            text_folders=text_folders,
            sound_shapes=_sound_shapes(loaded.settings),
            progress=progress,
        )
        compared = (*_compared(loaded, vanished_shapes), *_compared(loaded, moved_base))
        progress("addresses")
        compared += unreachable(loaded)
    return report.with_findings(compared)


def vanished_things(loaded: graph.SiteGraph) -> tuple[Finding, ...]:
    """Tell the things of the active release that a checked graph does not describe any more.

    It is no part of the report, which belongs to a release and so cannot depend on another one.
    """
    return _compared(loaded, vanished)


def _compared(
    loaded: graph.SiteGraph,
    compare: Callable[[graph.SiteGraph, Release], tuple[Finding, ...]],
) -> tuple[Finding, ...]:
    releases = Releases(loaded.settings)
    try:
        current = releases.current()
        return compare(loaded, current) if current else ()
    except (ReleaseError, OSError):
        return ()  # a damaged release is replaced by the next build, whatever was in it


def _sound_shapes(settings: Settings) -> str:
    """Give the digest of the shapes that the active release was checked with."""
    try:
        current = Releases(settings).current()
    except ReleaseError:
        return ""
    return current.manifest.shapes_sha256 if current else ""
