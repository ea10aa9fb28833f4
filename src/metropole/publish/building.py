"""Build a site: the whole order, from its files to the release that everybody is told of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from metropole import graph, release, sources, validation
from metropole.errors import DataNotValid
from metropole.publish.announcing import announce, note_changes
from metropole.publish.checking import Progress, validated, vanished_things
from metropole.publish.home_maps import empty_maps_of
from metropole.publish.late_findings import block, catalogue_findings, empty_queries
from metropole.publish.row_changes import RowChange, row_changes, runs_before
from metropole.publish.whole_releases import Comparable, damage, opened
from metropole.publish.writing import write
from metropole.release import Release, Releases
from metropole.release.positions import Positions
from metropole.release.query_runs import QueryRun, read_runs
from metropole.report import Finding, Report
from metropole.settings import Settings
from metropole.sources import Sources
from metropole.store.loading import Loading, load

#: Is called with the report and the graph that it is about.
OnReport = Callable[[Report, graph.SiteGraph], None]


@dataclass(frozen=True)
class Outcome:
    """What came of a build: the active release, the report, and whether anything was new."""

    release: Release
    report: Report | None
    is_new: bool
    #: What was wrong with the release of this id, in whose place it was made; empty for nothing.
    damage: str = ""
    #: Saved queries whose number of rows is another than in the release that was active before.
    row_changes: tuple[RowChange, ...] = ()
    #: Things that are not described any more, and saved queries without a row on the new graph.
    findings: tuple[Finding, ...] = ()
    #: What is wrong with earlier releases that it should be compared with.
    notes: tuple[str, ...] = ()

    def told_damage(self) -> str:
        """Tell that a release of this id was damaged, and who may still have what it was."""
        return (
            f"Release {self.release.id} was damaged ({self.damage}) and is made anew. "
            "Servers open it by themselves; caches may hold answers from the damaged files."
        )


def build(
    settings: Settings,
    *,
    strict: bool = False,
    force: bool = False,
    text_folders: tuple[Path, ...] = (),
    on_report: OnReport = lambda _report, _graph: None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Check a site, build its release aside and activate it.

    `on_report` is called with the report before anything is released; only the stores are loaded
    meanwhile, for that takes as long as to read and check. Without `force`, a site whose files are
    those of the active release is left as it is.

    Raises BuildLocked, DataNotValid, ReleaseError or SettingsError; what was active stays active.
    A damaged active release is no reason not to build: the next one takes its place.
    """
    release.stated_time()  # a time that is none is told before anything is written
    releases = Releases(settings)
    notes: list[str] = []
    comparable = Comparable(releases, notes.append)
    making = _Making(settings, strict, text_folders, on_report, progress)
    with releases.locked():
        progress("looking for changes")
        releases.current_id()  # a pointer that cannot be moved is told before the work
        digest = release.input_digest(sources.discover(settings), text_folders)
        current = None if force else _up_to_date(releases, digest, strict=strict)
        if current is not None:
            announce(releases, current, comparable, progress=progress)
            return Outcome(current, None, is_new=False, notes=tuple(notes))
        made = making.made(releases)
        findings = _late_findings(releases, made, settings)
        block(findings, made.release.id, current=releases.current_id(), strict=strict)
        _make_current(releases, made, digest)
        progress("comparing with the release before")
        changed = note_changes(releases, made.release, comparable)
        announce(releases, made.release, comparable, changed, progress=progress)
        return made.outcome(findings, tuple(notes))


@dataclass(frozen=True)
class _Made:
    """A release that was made, or was there already, with what belongs to this build only."""

    release: Release
    report: Report
    is_new: bool
    #: What was wrong with the release that was there already, in whose place it was made.
    damage: str
    #: How the saved queries of the active release went; None when that cannot be read.
    before: dict[str, QueryRun] | None
    #: The things that the active release describes and this one does not.
    gone: tuple[Finding, ...]
    #: Where in the files the statements stand.
    lines: bytes

    def outcome(self, findings: tuple[Finding, ...], notes: tuple[str, ...]) -> Outcome:
        """Say what came of the build that made it current."""
        rows = row_changes(self.before, read_runs(self.release))
        return Outcome(self.release, self.report, self.is_new, self.damage, rows, findings, notes)


@dataclass(frozen=True)
class _Making:
    """The steps from the files of a site to a release that is not active yet."""

    settings: Settings
    strict: bool
    text_folders: tuple[Path, ...]
    on_report: OnReport
    progress: Progress

    def made(self, releases: Releases) -> _Made:
        """Make the release; raises DataNotValid before anything but the stores is written."""
        found = sources.discover(self.settings)
        with releases.staging() as staged, load(staged.folder) as loading:
            loaded, report = self._checked(found, loading)
            self.progress("sorting the statements")
            gone = vanished_things(loaded)
            draft, lines = _drafted(loaded, report)
            del loaded  # its memory is wanted for writing
            before = runs_before(releases)
            there = opened(releases, draft.id)
            wrong = damage(there) if there else ""
            is_new = there is None or bool(wrong)
            if is_new:
                write(staged.folder, draft, loading, self.settings, self.progress)
                staged.finished_as = draft.id
        return _Made(releases.get(draft.id), report, is_new, wrong, before, gone, lines)

    def _checked(self, found: Sources, loading: Loading) -> tuple[graph.SiteGraph, Report]:
        """Read and validate the site while its statements are loaded."""
        loaded = graph.load(found, progress=self.progress, taker=loading)
        loading.all_taken()
        report = validated(loaded, self.text_folders, self.progress)
        self.on_report(report, loaded)
        if report.blocks(strict=self.strict):
            raise DataNotValid("The data have findings that block a release: nothing was released.")
        return loaded, report


def _drafted(loaded: graph.SiteGraph, report: Report) -> tuple[release.Draft, bytes]:
    """Put the statements in order."""
    shapes = validation.shapes_digest(loaded)
    draft = release.draft(loaded, report, shapes_sha256=shapes)
    return draft, Positions.of(draft.dataset, loaded.sources).written()


def _up_to_date(releases: Releases, digest: str, *, strict: bool) -> Release | None:
    """Give the active release when it was made from these files and is as it was made."""
    if not releases.made_from(digest):
        return None
    current = opened(releases, releases.current_id())
    if current is None or damage(current) or (strict and _has_warnings(current)):
        return None
    return current


def _has_warnings(current: Release) -> bool:
    told = (*empty_queries(read_runs(current)), *empty_maps_of(current))
    return current.warnings() > 0 or bool(told)


def _late_findings(releases: Releases, made: _Made, settings: Settings) -> tuple[Finding, ...]:
    """Find what only a finished release shows."""
    return (
        *made.gone,
        *empty_queries(read_runs(made.release)),
        *empty_maps_of(made.release),
        *catalogue_findings(releases, made.release, settings),
    )


def _make_current(releases: Releases, made: _Made, digest: str) -> None:
    """Activate the release, and know from then on which files it was made from."""
    releases.note_lines(made.release, made.lines)
    releases.activate(made.release)
    releases.remember(digest, made.release)
