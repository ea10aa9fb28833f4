"""Arguments that several commands take."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
site_argument = click.argument("site", default=".", type=FOLDER)
_Command = Callable[..., None]


def format_option(formats: Iterable[str], told: str) -> Callable[[_Command], _Command]:
    """Take `--format`, one of some, `text` by default."""
    choice = click.Choice(list(formats))
    return click.option(
        "--format", "output_format", type=choice, default="text", show_default=True, help=told
    )


def site_and(*names: str) -> Callable[[_Command], _Command]:
    """Take the arguments `[SITE] NAME…`; click would take the first name for the site."""
    metavar = f"[SITE] {' '.join(names)}"

    def split(
        ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
    ) -> tuple[Path | str, ...]:
        if len(values) - len(names) not in (0, 1):
            raise click.UsageError(f"Expected {metavar}, got {len(values)} arguments.", ctx)
        has_site = len(values) > len(names)
        site = Path(FOLDER.convert(values[0] if has_site else ".", param, ctx))
        return (site, *values[has_site:])

    return click.argument("target", nargs=-1, metavar=metavar, callback=split)
