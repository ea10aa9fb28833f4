"""The command line: parse, call, print, and end with an exit code people can rely on."""

import sys
from http import HTTPStatus
from pathlib import Path
from typing import IO

import click

from metropole import publish, settings
from metropole.cli.progress import shown_progress
from metropole.cli.report_output import FORMATS, write_report
from metropole.errors import DataNotValid, MetropoleError
from metropole.graph import SiteGraph
from metropole.release import Releases
from metropole.report import Report, Severity

#: Exit codes: fine; the data have findings that block; wrong use.
FINE, NOT_VALID, WRONG_USE = 0, 1, 2

_site = click.argument(
    "site", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_strict = click.option("--strict", is_flag=True, help="Let warnings block as violations do.")
_texts = click.option(
    "--texts",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with source texts, to verify quotations; may be given several times.",
)


class _Group(click.Group):
    """Turns every error a user can mend into one message and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except DataNotValid as error:
            click.echo(str(error), err=True)
            ctx.exit(NOT_VALID)
        except MetropoleError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(WRONG_USE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="metropole")
def main() -> None:
    """Turn a folder of RDF into a checked, released and served knowledge graph.

    Every command works on the site in the current folder, or in the one that is named.
    """


@main.command()
@_site
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to write the findings.",
)
@_strict
@_texts
def check(*, site: Path, output_format: str, strict: bool, texts: tuple[Path, ...]) -> None:
    """Tell everything that is wrong with a site; nothing is written.

    Exit code 1 when there are violations (with --strict: or warnings), else 0.
    """
    with shown_progress("Checking") as progress:
        graph, report = publish.check(settings.load(site), text_folders=texts, progress=progress)
    write_report(report, output_format, graph.shorten, root=site)
    sys.exit(NOT_VALID if report.blocks(strict=strict) else FINE)


@main.command()
@_site
@_strict
@_texts
@click.option("--force", is_flag=True, help="Build even when no file has changed.")
def build(*, site: Path, strict: bool, texts: tuple[Path, ...], force: bool) -> None:
    """Check a site, build its release and make it the current one.

    What is served stays as it is until the new release is complete, and for good when the
    data have violations (exit code 1).
    """
    with shown_progress("Building") as progress:
        outcome = publish.build(
            settings.load(site),
            strict=strict,
            force=force,
            text_folders=texts,
            on_report=_tell_what_blocks(strict=strict),
            progress=progress,
        )
    release = outcome.release
    if outcome.report is None:
        click.echo(f"Release {release.id} is up to date: no file has changed.")
        return
    made = "is new" if outcome.is_new else "was there already: the content is the same"
    click.echo(f"Release {release.id} {made}. It has {release.manifest.triples:,} statements.")


def _tell_what_blocks(*, strict: bool) -> publish.OnReport:
    def tell(report: Report, graph: SiteGraph) -> None:
        if report.blocks(strict=strict):
            write_report(report, "text", graph.shorten, root=graph.settings.root)
        elif report.findings:
            numbers = (
                f"{report.count(severity)} {severity.value}s"
                for severity in (Severity.WARNING, Severity.INFO)
            )
            click.echo(f"{', '.join(numbers)}: 'metropole check' tells them.", err=True)

    return tell


@main.command()
@_site
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--watch", is_flag=True, help="Build again whenever a file of the site changes.")
def serve(*, site: Path, host: str, port: int, watch: bool) -> None:
    """Serve the current release; build it first when there is none."""
    from metropole.cli.serving import serve_site  # Flask and granian are slow to import

    read = settings.load(site)
    if Releases(read).current_id() is None:
        with shown_progress("Building") as progress:
            publish.build(read, on_report=_tell_what_blocks(strict=False), progress=progress)
    serve_site(read, host=host, port=port, watch=watch)


@main.command()
@_site
@click.argument("query_file", type=click.File("r", encoding="utf-8"))
@click.option("--accept", default="text/csv, text/turtle", show_default=True, help="Media types.")
def query(site: Path, query_file: IO[str], accept: str) -> None:
    """Ask the current release a query from a file ('-' for standard input)."""
    from metropole.cli.serving import fetch

    body = {"query": query_file.read()}
    _print_response(fetch(settings.load(site), "/sparql", accept=accept, form=body))


@main.command()
@_site
@click.argument("path")
@click.option("--accept", default="*/*", show_default=True, help="Media types.")
def get(site: Path, path: str, accept: str) -> None:
    """Print what the server would answer for a path, as /doc/city/vilnius.ttl."""
    from metropole.cli.serving import fetch

    _print_response(fetch(settings.load(site), path, accept=accept))


def _print_response(response: tuple[int, bytes]) -> None:
    status, body = response
    sys.stdout.buffer.write(body)
    sys.stdout.flush()
    if status >= HTTPStatus.BAD_REQUEST:
        sys.exit(NOT_VALID)


@main.command()
@_site
def releases(site: Path) -> None:
    """List the releases of a site; the current one has a star."""
    found = Releases(settings.load(site))
    current = found.current_id()
    for release_id in found.ids():
        manifest = found.get(release_id).manifest
        star = "*" if release_id == current else " "
        click.echo(f"{star} {release_id}  {manifest.triples:>10,} statements")


@main.command()
@_site
@click.argument("release_id")
def activate(site: Path, release_id: str) -> None:
    """Make a release the current one; a running server follows at once."""
    found = Releases(settings.load(site))
    with found.locked():
        found.activate(found.get(release_id))
    click.echo(f"Release {release_id} is current.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Start a site: a small one that builds, to be replaced by your own data."""
    from metropole.cli.new_site import write_new_site

    write_new_site(folder)
    click.echo(f"{folder} is a site now. Try: metropole serve {folder}")
