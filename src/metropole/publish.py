"""Publish a site: the only place that knows the whole order of the steps."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from metropole import graph, release, sources, store, validation
from metropole.errors import DataNotValid, ReleaseError
from metropole.release import Release, Releases
from metropole.release.catalogue import datasets, with_sample_files
from metropole.release.changes import read_changes, write_changes
from metropole.release.dcat import Catalogue
from metropole.release.difference import Difference, difference
from metropole.release.feed import Feed, FeedWriter, read_feed
from metropole.release.history import before as before_of
from metropole.release.history import history
from metropole.release.moved_base import moved_base
from metropole.release.positions import Positions
from metropole.release.query_runs import QueryRun, read_runs
from metropole.release.sitemap import write_sitemap
from metropole.release.vanished import vanished, vanished_shapes
from metropole.release.versions import changed_members, story
from metropole.report import Finding, Report, Severity
from metropole.settings import Settings
from metropole.store.loading import Loading, load
from metropole.store.reading import ReadingStore
from metropole.store.saved_runs import AskedStore, run_all

Progress = Callable[[str], None]
OnReport = Callable[[Report, graph.SiteGraph], None]


@dataclass(frozen=True)
class RowChange:
    """How the answer to a saved query grew or shrank; None where there was or is no such query."""

    name: str
    rows: int | None
    before: int | None


@dataclass(frozen=True)
class Outcome:
    """What came of a build: the active release, the report, and whether anything was new."""

    release: Release
    report: Report | None
    is_new: bool
    #: Saved queries whose number of rows is another than in the release that was active before.
    row_changes: tuple[RowChange, ...] = ()
    #: Things that are not described any more, and saved queries without a row on the new graph.
    findings: tuple[Finding, ...] = ()


def check(
    settings: Settings,
    *,
    text_folders: tuple[Path, ...] = (),
    progress: Progress = lambda _: None,
) -> tuple[graph.SiteGraph, Report]:
    """Read and validate a site; nothing is written."""
    loaded = graph.load(sources.discover(settings), progress=progress)
    return loaded, _validated(loaded, text_folders, progress)


def _validated(
    loaded: graph.SiteGraph, text_folders: tuple[Path, ...], progress: Progress
) -> Report:
    with graph.aside_from_collector():
        report = validation.validate(
            loaded,
            text_folders=text_folders,
            sound_shapes=_sound_shapes(loaded.settings),
            progress=progress,
        )
        compared = (*_compared(loaded, vanished_shapes), *_compared(loaded, moved_base))
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

    Raises BuildLocked, DataNotValid or ReleaseError; what was active stays active. A damaged
    active release is no reason not to build: the next one takes its place.
    """
    releases = Releases(settings)
    with releases.locked():
        progress("looking for changes")
        releases.current_id()  # a pointer that cannot be moved is told before the work
        digest = release.input_digest(sources.discover(settings), text_folders)
        current = None if force else _up_to_date(releases, digest, strict=strict)
        if current is not None:
            write_sitemap(releases, current)
            _follow(releases, progress=progress)
            return Outcome(current, None, is_new=False)
        found = sources.discover(settings)
        with releases.staging() as staged, load(staged.folder) as loading:
            loaded = graph.load(found, progress=progress, taker=loading)
            loading.all_taken()
            report = _validated(loaded, text_folders, progress)
            on_report(report, loaded)
            if report.blocks(strict=strict):
                raise DataNotValid(
                    "The data have findings that block a release: nothing was released."
                )
            progress("sorting the statements")
            gone = vanished_things(loaded)
            shapes = validation.shapes_digest(loaded)
            loaded.forget_statements()
            before = _runs_before(releases)
            draft = release.draft(loaded, report, shapes_sha256=shapes)
            lines = Positions.of(draft.dataset, loaded.sources).written()
            del loaded
            is_new = _whole(releases, draft.id) is None
            if is_new:
                _write(staged.folder, draft, loading, settings, progress)
                staged.finished_as = draft.id
        made = releases.get(draft.id)
        runs = read_runs(made)
        findings = (*gone, *_empty_queries(runs), *_catalogue_findings(releases, made, settings))
        _block(findings, strict=strict)
        releases.note_lines(made, lines)
        releases.activate(made)
        releases.remember(digest, made)
        progress("comparing with the release before")
        changed = _note_changes(releases, made)
        write_sitemap(releases, made)
        _follow(releases, changed, progress=progress)
        return Outcome(made, report, is_new, _row_changes(before, runs), findings)


def _note_changes(releases: Releases, made: Release) -> Difference | None:
    """Keep what changed from the release before, once: a release that comes back is not new.

    Nothing is kept when that release is gone, damaged or had another base.
    """
    if read_changes(releases.folder, made.id) is not None:
        return None
    earlier = before_of(history(releases), made.id)
    older = _whole(releases, earlier.id) if earlier else None
    if older is None or older.manifest.content.base != made.manifest.content.base:
        return None
    found = difference(older, made)
    write_changes(releases.folder, found)
    return found


def _follow(
    releases: Releases,
    found: Difference | None = None,
    *,
    progress: Progress = lambda _: None,
) -> None:
    """Tell in the feed how the active release differs from what it told last.

    `found` is a difference that is known already. Where the release that the feed ended with is
    lost or had another base, it begins anew.
    """
    current, feed = releases.current(), read_feed(releases.folder)
    if current is None or (feed and feed.release == current.id):
        return
    progress("writing the feed")
    writer = FeedWriter(releases)
    activated = releases.journal.activations()
    time = activated[-1].time * 1000 if activated else 0
    if feed:
        time = max(time, feed.batches[-1].time + 1)
    before = _feeding(releases, feed, current)
    if feed is None or before is None:
        feed = writer.start(current, time, feed)
        writer.commit(feed, story(current, None, (), time))
        return
    if found is None or (found.before, found.after) != (before.id, current.id):
        found = difference(before, current)
    members = changed_members(before, current, found, time)
    feed = writer.append(feed, current, time, members)
    writer.commit(feed, story(current, before, members, time))


def _feeding(releases: Releases, feed: Feed | None, current: Release) -> Release | None:
    """Give the release that the feed ended with, if it can be compared with the active one."""
    if feed is None or feed.base != current.manifest.content.base:
        return None
    ended = _whole(releases, feed.release)
    snapshot = _whole(releases, feed.batch(feed.snapshot).release)
    return ended if snapshot is not None else None


def activate(settings: Settings, release_id: str) -> Release:
    """Make a release the current one, if it is what it was when it was made.

    Raises ReleaseError when there is no such release or its files or its store are damaged.
    """
    releases = Releases(settings)
    if release_id not in releases.ids():
        raise ReleaseError(
            f"There is no release '{release_id}'. "
            f"Run 'metropole releases {settings.root}' to see those there are."
        )
    with releases.locked():
        found = releases.get(release_id)
        problem = next(found.problems(), "") or _store_problem(found)
        if problem:
            raise ReleaseError(
                f"Release {release_id} is damaged and was not activated: {problem}. "
                "Activate another one, or run 'metropole build'."
            )
        releases.activate(found)
        write_sitemap(releases, found)
        _follow(releases)
    return found


def _store_problem(found: Release) -> str:
    manifest = found.manifest
    wanted = sum(manifest.graphs.values()) + manifest.union_stored * manifest.triples
    try:
        held, union = store.statement_count(found.folder), store.union_count(found.folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: the files contradict each other
        return f"its store cannot be opened ({error})"
    if held != wanted:
        return f"its store holds {held:,} statements instead of {wanted:,}"
    if union not in (None, manifest.triples):
        return f"the store of its union holds {union:,} triples instead of {manifest.triples:,}"
    return ""


@dataclass(frozen=True)
class Pruned:
    """What `prune` did with the releases that it was not told to keep."""

    removed: tuple[str, ...]
    #: Kept although it was their turn, because a process has them open.
    in_use: tuple[str, ...]


def prune(settings: Settings, *, keep: int, dry_run: bool) -> Pruned:
    """Remove all releases but the newest ones, the current one and those that are open.

    Damaged ones are removed as well; the journal and what changed with each release stay, and so
    does the last version of each thing in the feed.
    """
    releases = Releases(settings)
    with releases.locked():
        there = [entry for entry in history(releases) if entry.state != "removed"]
        kept = {entry.id for entry in there[len(there) - keep :]}
        removed, in_use = list[str](), list[str]()
        for entry in there:
            if entry.id in kept or entry.is_current:
                continue
            with releases.in_use_by_nobody(entry.id) as is_free:
                if is_free and not dry_run:
                    _let_go(releases, entry.id, kept)
                    releases.remove(entry.id)
            (removed if is_free else in_use).append(entry.id)
    return Pruned(tuple(removed), tuple(in_use))


def _let_go(releases: Releases, going: str, kept: set[str]) -> None:
    """Have the feed begin with a release that is kept, when the one that goes is its first."""
    _follow(releases)
    feed = read_feed(releases.folder)
    if feed is None or feed.batch(feed.snapshot).release != going:
        return
    later = (batch for batch in feed.batches if batch.number > feed.snapshot)
    for batch in later:
        stays = batch.release in (*kept, feed.release) and batch.release != going
        if stays and _whole(releases, batch.release):
            writer = FeedWriter(releases)
            writer.commit(writer.compact(feed, batch.number))
            return


def _up_to_date(releases: Releases, digest: str, *, strict: bool) -> Release | None:
    """Give the active release when it was made from these files and is whole."""
    if not releases.made_from(digest):
        return None
    current = _whole(releases, releases.current_id())
    return None if current is None or (strict and _has_warnings(current)) else current


def _block(findings: tuple[Finding, ...], *, strict: bool) -> None:
    """Raise DataNotValid for violations, and for warnings where these block too."""
    blocking = {Severity.VIOLATION, Severity.WARNING} if strict else {Severity.VIOLATION}
    told = [
        f"{finding.position}: {finding.message} [{finding.rule}]"
        + (f"\n    remedy: {finding.remedy}" if finding.remedy else "")
        for finding in findings
        if finding.severity in blocking
    ]
    if told:
        raise DataNotValid("\n".join([*told, "This blocks: nothing was activated."]))


def _catalogue_findings(
    releases: Releases, made: Release, settings: Settings
) -> tuple[Finding, ...]:
    """Hold the catalogue as it will be to DCAT-AP; a site that sets nothing of it is not advised.

    Earlier releases are left out: they were held to it when they were made. Of the files, which are
    all described alike, one of each kind is enough.
    """
    said = ReadingStore(made).about
    entries = [entry for entry in history(releases) if entry.id == made.id]
    listed = with_sample_files(datasets(settings, made, entries, said))
    findings = validation.catalogue_findings(Catalogue(settings).page(listed, None, None))
    if settings.catalogue == type(settings.catalogue)():
        return tuple(each for each in findings if each.severity is Severity.VIOLATION)
    return findings


def _has_warnings(current: Release) -> bool:
    return current.warnings() > 0 or bool(_empty_queries(read_runs(current)))


def _runs_before(releases: Releases) -> dict[str, QueryRun] | None:
    """Read how the queries of the active release went; None when none can be read."""
    current = _whole(releases, releases.current_id())
    try:
        return read_runs(current) if current else None
    except ReleaseError:
        return None


def _row_changes(
    before: dict[str, QueryRun] | None, runs: dict[str, QueryRun]
) -> tuple[RowChange, ...]:
    if before is None:
        return ()
    changes = [
        RowChange(name, _rows(runs.get(name)), _rows(before.get(name)))
        for name in sorted({*before, *runs})
    ]
    return tuple(change for change in changes if change.rows != change.before)


def _rows(run: QueryRun | None) -> int | None:
    return run.rows if run else None


def _empty_queries(runs: dict[str, QueryRun]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            Severity.WARNING,
            "query-empty",
            "The query has no row on the new graph.",
            file=run.file,
            remedy="Mend the query or the data, or write '#+ may-be-empty: yes' into its header.",
        )
        for run in runs.values()
        if run.is_unduly_empty
    )


def _whole(releases: Releases, release_id: str | None) -> Release | None:
    """Open a release; None when it is absent or damaged, so that a build makes it anew."""
    try:
        found = releases.get(release_id) if release_id else None
    except ReleaseError:
        return None
    if found is None or not found.has_all_files() or not store.is_readable(found.folder):
        return None
    return found


def _write(
    folder: Path,
    draft: release.Draft,
    loading: Loading,
    settings: Settings,
    progress: Progress,
) -> None:
    """Write everything into the folder; the store is loaded while the dumps are written."""
    progress("writing the dumps and the store")
    ended = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as beside:
        files = beside.submit(release.write_files, folder, draft, ended)
        proven = len(draft.dataset.lines) <= settings.dumps.most_statements
        try:
            union_stored = loading.finish(draft.dataset, draft.own_lines, proven=proven)
            measures = files.result()
        except BaseException:
            ended.set()  # or Ctrl-C would wait until all files are written
            raise
    progress("running the saved queries")
    asked = AskedStore(folder, draft.content, union_stored)
    runs = run_all(asked, draft.saved_queries, draft.stories, settings.limits)
    release.write_manifest(folder, draft, measures, runs, union_stored=union_stored)
