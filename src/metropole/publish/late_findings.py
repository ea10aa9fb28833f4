"""Findings that only a finished release can tell: of its saved queries and its catalogue."""

from metropole import validation
from metropole.errors import DataNotValid
from metropole.release import Release, Releases
from metropole.release.catalogue import datasets, with_sample_files
from metropole.release.dcat import Catalogue
from metropole.release.history import history
from metropole.release.query_runs import QueryRun
from metropole.report import Finding, Severity
from metropole.settings import Settings
from metropole.store.reading import ReadingStore


def empty_queries(runs: dict[str, QueryRun]) -> tuple[Finding, ...]:
    """Warn of saved queries without a row that should have one."""
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


def catalogue_findings(
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


def block(findings: tuple[Finding, ...], made: str, *, current: str | None, strict: bool) -> None:
    """Raise DataNotValid for violations, and for warnings where these block too.

    `made` and `current` are the ids of the release they are about and of the active one.
    """
    blocking = {Severity.VIOLATION, Severity.WARNING} if strict else {Severity.VIOLATION}
    told = [finding.told() for finding in findings if finding.severity in blocking]
    if told:
        end = "This blocks: nothing was activated."
        if made == current:
            end = f"This blocks. Release {made} has it too: it was current before and stays so."
        raise DataNotValid("\n".join([*told, end]))
