"""The commands about releases: list them, compare two, go back to one, remove old ones."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from metropole.cli.arguments import format_option, site_and, site_argument
from metropole.cli.difference_output import FORMATS
from metropole.cli.progress import shown_progress
from metropole.errors import ReleaseError
from metropole.release import Release, Releases
from metropole.release.difference import difference
from metropole.release.dumps import SORTED
from metropole.release.history import Entry, history
from metropole.settings import load


@click.command()
@site_argument
@format_option(["text", "json"], "How to write the list.")
def releases(site: Path, output_format: str) -> None:
    """List the releases of a site in their order.

    The oldest comes first, and the current one has a star. The time is that of the first
    activation. Releases that were removed are listed too.
    """
    entries = history(Releases(load(site)))
    if output_format == "json":
        told = [entry.as_json() | {"current": entry.is_current} for entry in entries]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(_told(entry))


def _told(entry: Entry) -> str:
    star = "*" if entry.is_current else " "
    when = "unknown time     "
    if entry.activated is not None:
        when = f"{datetime.fromtimestamp(entry.activated, UTC):%Y-%m-%d %H:%MZ}"
    if entry.problem:
        what = "damaged: it cannot be activated"
    elif entry.release is None:
        what = "removed"
    else:
        warnings = entry.release.warnings()
        conforms = f"conforms, {warnings} warning{'' if warnings == 1 else 's'}"
        number = f"{entry.release.manifest.triples:,} statements"
        what = f"{number}, {entry.size / 1e6:,.1f} MB, {conforms}"
    return f"{star} {entry.id}  {when:<17}  {what}"


@click.command()
@site_and("BEFORE", "AFTER")
@format_option(FORMATS, "How to write the difference.")
def diff(target: tuple[Path, str, str], output_format: str) -> None:
    """Tell what changed from one release to another.

    Each entity that was created, changed or deleted, with its statements and where they stand;
    then those whose own statements are the same, but something that their documents show is not.
    BEFORE and AFTER are ids.
    """
    site, before, after = target
    found = Releases(load(site))
    for release_id in (before, after):
        if release_id not in found.ids():
            known = ", ".join(found.ids()) or "none"
            raise ReleaseError(f"There is no release '{release_id}'. There are: {known}.")
    older, newer = found.get(before), found.get(after)
    with shown_progress("Comparing"):
        for each in (older, newer):
            _refuse_damaged(each)
        changed = difference(older, newer)
    FORMATS[output_format](changed, newer.manifest.content)


def _refuse_damaged(release: Release) -> None:
    problem = release.problem_of(SORTED)
    if problem:
        raise ReleaseError(
            f"Release {release.id} is damaged and cannot be compared: {problem}. Compare others, "
            "or run 'metropole build': it makes this one anew when the files of the site still "
            "give it."
        )


def _warn(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@site_and("RELEASE_ID")
def activate(target: tuple[Path, str]) -> None:
    """Make a release the current one; a running server follows.

    Its files and its store are verified first; a damaged release is refused.
    """
    from metropole import publish  # pySHACL and rdflib are slow to import

    site, release_id = target
    publish.activate(load(site), release_id, tell=_warn)
    click.echo(f"Release {release_id} is current.")


@click.command()
@site_argument
@click.option(
    "--keep",
    required=True,
    type=click.IntRange(min=1),
    help="How many releases to keep, the newest ones.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
def prune(*, site: Path, keep: int, dry_run: bool) -> None:
    """Remove old releases.

    The current one is always kept, and so is one that a running server has open.
    """
    from metropole import publish  # pySHACL and rdflib are slow to import

    pruned = publish.prune(load(site), keep=keep, dry_run=dry_run, tell=_warn)
    for release_id in pruned.in_use:
        click.echo(f"Release {release_id} is kept: a running process has it open.")
    for release_id in pruned.removed:
        click.echo(f"Release {release_id} {'would be' if dry_run else 'is'} removed.")
    if not pruned.removed:
        click.echo("There is nothing to remove.")
