"""The command line: parse, call, print, and end with an exit code people can rely on."""

import errno
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from metropole import settings
from metropole.cli.arguments import FOLDER, format_option, site_and, site_argument
from metropole.cli.doctor import doctor
from metropole.cli.progress import shown_progress
from metropole.cli.releases import activate, diff, prune, releases
from metropole.cli.report_output import FORMATS, write_report
from metropole.encoding import NotUtf8, decoded
from metropole.errors import DataNotValid, MetropoleError
from metropole.graph import SiteGraph
from metropole.release import Release, Releases
from metropole.release.query_statements import GRAPH as QUERIES
from metropole.release.void import GRAPH as VOID
from metropole.report import Report, Severity

if TYPE_CHECKING:
    from metropole import publish

#: Exit codes: fine; the data have findings that block; wrong use; then, as shells tell them,
#: Ctrl-C, and that whoever reads the output has closed it.
FINE, NOT_VALID, WRONG_USE, INTERRUPTED, CLOSED = 0, 1, 2, 130, 141

_strict = click.option("--strict", is_flag=True, help="Let warnings block as violations do.")
_texts = click.option(
    "--texts",
    multiple=True,
    type=FOLDER,
    help="Folder with source texts, to verify quotations; may be given several times.",
)


class _Group(click.Group):
    """Turns every error a user can mend into one message and an exit code."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments; `--help` and `--version` are told here."""
        with _output_that_ends():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        with _output_that_ends():
            try:
                return super().invoke(ctx)
            except DataNotValid as error:
                click.echo(str(error), err=True)
                ctx.exit(NOT_VALID)
            except MetropoleError as error:
                click.echo(f"Error: {error}", err=True)
                ctx.exit(WRONG_USE)
            except KeyboardInterrupt:
                click.echo("Interrupted.", err=True)
                ctx.exit(INTERRUPTED)


@contextmanager
def _output_that_ends() -> Iterator[None]:
    """End, with the exit code for it, when what is told cannot be written any more."""
    try:
        try:
            yield
        except click.ClickException as error:
            error.show()  # click would end with another code when that is not to be written
            sys.exit(error.exit_code)
    except BrokenPipeError:
        # What is not written yet must not be tried again at the end of the process.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        sys.exit(CLOSED)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        click.echo(f"Error: cannot write all there is to say: {error.strerror}.", err=True)
        sys.exit(WRONG_USE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="metropole")
def main() -> None:
    """Turn a folder of RDF into a checked, released and served knowledge graph.

    Every command works on the site in the current folder, or in the one that is named.
    """


@main.command()
@site_argument
@format_option(FORMATS, "How to write the findings.")
@_strict
@_texts
def check(*, site: Path, output_format: str, strict: bool, texts: tuple[Path, ...]) -> None:
    """Tell everything that is wrong with a site; nothing is written.

    Exit code 1 when there are violations (with --strict: or warnings), else 0.
    """
    from metropole import publish  # pySHACL and rdflib are slow to import

    with shown_progress("Checking") as progress:
        graph, report = publish.check(settings.load(site), text_folders=texts, progress=progress)
        progress("things that vanished")
        report = report.with_findings(publish.vanished_things(graph))
        if not report.blocks(strict=False):  # a query that cannot be run is no map
            progress("maps of the home page")
            report = report.with_findings(publish.empty_maps(graph))
    write_report(report, output_format, graph.shorten, root=site)
    sys.exit(NOT_VALID if report.blocks(strict=strict) else FINE)


@main.command()
@site_argument
@_strict
@_texts
@click.option("--force", is_flag=True, help="Build even when no file has changed.")
def build(*, site: Path, strict: bool, texts: tuple[Path, ...], force: bool) -> None:
    """Check a site, build its release and make it the current one.

    What is served stays as it is until the new release is complete, and for good when the
    data have violations (exit code 1).
    """
    from metropole import publish  # pySHACL and rdflib are slow to import

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
    for note in outcome.notes:
        click.echo(note, err=True)
    if outcome.report is None:
        click.echo(f"Release {release.id} is up to date: no file has changed.")
        return
    if outcome.damage:
        click.echo(outcome.told_damage(), err=True)
    made = "is new" if outcome.is_new else "was there already: the content is the same"
    click.echo(f"Release {release.id} {made}. It has {release.manifest.triples:,} statements.")
    click.echo(_told_additions(release))
    for change in outcome.row_changes:
        click.echo(_told_change(change))
    for finding in outcome.findings:
        click.echo(finding.told(), err=True)


def _told_additions(release: Release) -> str:
    """Tell how many statements are in no file of the site."""
    base, graphs = release.manifest.content.base, release.manifest.graphs
    number = sum(graphs.get(base + name, 0) for name in (VOID, QUERIES))
    return (
        f"{number:,} of them are in no file of the site: they describe the graph and its queries."
    )


def _told_change(change: "publish.RowChange") -> str:
    if change.rows is None:
        return f"{change.name}: removed (had {_rows(change.before)})"
    before = "new" if change.before is None else f"was {change.before:,}"
    return f"{change.name}: {_rows(change.rows)} ({before})"


def _rows(number: int | None) -> str:
    return "1 row" if number == 1 else f"{number or 0:,} rows"


def _tell_what_blocks(*, strict: bool) -> "publish.OnReport":
    def tell(report: Report, graph: SiteGraph) -> None:
        if report.blocks(strict=strict):
            write_report(report, "text", graph.shorten, root=graph.settings.root)
        elif report.findings:
            numbers = (report.number_of(severity) for severity in (Severity.WARNING, Severity.INFO))
            click.echo(f"{', '.join(numbers)}: 'metropole check' tells them.", err=True)

    return tell


@main.command()
@site_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option("--watch", is_flag=True, help="Build again whenever a file of the site changes.")
def serve(*, site: Path, host: str, port: int, watch: bool) -> None:
    """Serve the current release; build it first when there is none."""
    from metropole.cli.serving import serve_site  # Flask and granian are slow to import

    read = settings.load(site)
    if Releases(read).current_id() is None:
        from metropole import publish  # pySHACL and rdflib are slow to import

        with shown_progress("Building") as progress:
            publish.build(read, on_report=_tell_what_blocks(strict=False), progress=progress)
    serve_site(read, host=host, port=port, watch=watch)


@main.command()
@site_and("QUERY_FILE")
@click.option(
    "--accept",
    default="text/csv, text/turtle, application/sparql-results+json",
    show_default=True,
    help="Media types.",
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for a parameter of a saved query; may be given several times.",
)
def query(target: tuple[Path, str], accept: str, parameters: tuple[str, ...]) -> None:
    """Ask the current release a query.

    QUERY_FILE holds the query; '-' is standard input. In a file of the folder queries/ the
    parameters of the header have their default values, unless --parameter gives others.
    """
    from metropole.cli import query_file as files  # Flask is slow to import
    from metropole.cli.serving import fetch

    site, query_file = target
    text, read, given = _text_of(query_file), settings.load(site), files.values_of(parameters)
    saved = files.saved_query(read, query_file, text)
    if saved is not None:
        _print_response(files.answered(read, saved, given, accept=accept))
    elif given:
        raise click.UsageError(
            f"'{query_file}' is no file of the folder queries/ of the site, so it has no "
            "parameters. Write the values into the query, or move the file there."
        )
    else:
        _print_response(fetch(read, "/sparql", accept=accept, form={"query": text}))


def _text_of(name: str) -> str:
    try:
        with click.open_file(name, "rb") as file:
            return decoded(file.read())
    except (OSError, NotUtf8) as error:
        raise click.UsageError(f"The query cannot be read from '{name}': {error}.") from error


@main.command()
@site_and("PATH")
@click.option("--accept", default="*/*", show_default=True, help="Media types.")
def get(target: tuple[Path, str], accept: str) -> None:
    """Print what the server would answer for a path.

    A path is an address without the host, as /doc/city/vilnius.ttl; an IRI of the site, which
    begins with its base, may stand in its place.
    """
    from metropole.cli.serving import fetch

    site, path = target
    if "://" not in path and not path.startswith("/"):
        raise click.UsageError(f"A path begins with a slash: '/{path}'.")
    read = settings.load(site)
    _print_response(fetch(read, _path_of(path, read.base), accept=accept))


def _path_of(address: str, base: str) -> str:
    """Give the path of an address of the site, without what a client keeps to itself."""
    if address.startswith("/"):
        return address
    if not address.startswith(base):
        raise click.UsageError(
            f"'{address}' is no address of this site: those begin with its base, '{base}'. "
            "Name one of them, or a path, which begins with a slash."
        )
    return urlsplit(base).path + address.removeprefix(base).partition("#")[0]


def _print_response(response: tuple[int, bytes]) -> None:
    status, body = response
    sys.stdout.buffer.write(body)
    sys.stdout.flush()
    if status >= HTTPStatus.BAD_REQUEST:
        sys.exit(NOT_VALID)


for command in (releases, diff, activate, prune, doctor):
    main.add_command(command)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Start a site: a small one, to be replaced by your own."""
    from metropole.cli.new_site import write_new_site

    write_new_site(folder)
    click.echo(f"{folder} is a site now. Try: metropole serve {shlex.quote(str(folder))}")


@main.command()
@site_and("TABLE")
def describe(target: tuple[Path, str]) -> None:
    """Write a first description of a table, to be read and mended.

    TABLE is a file of the site, as data/towns.csv. The description stands beside it.
    """
    from metropole.cli.describing import write_description  # its libraries are slow to import

    site, table = target
    written = write_description(settings.load(site), table)
    click.echo(f"{written} is a first description. Read it, mend it, and run 'metropole check'.")
