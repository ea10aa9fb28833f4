"""The command that examines a site from outside, and how it tells what it saw."""

import json
import sys
import textwrap
from itertools import groupby

import click

from metropole.cli.arguments import format_option
from metropole.cli.progress import shown_progress
from metropole.doctor import Check, Examination, Observation, Verdict, examine

HEALTHY, NOT_HEALTHY = 0, 1
_COLOURS = {
    Verdict.FINE: "green",
    Verdict.NOTE: "blue",
    Verdict.WARNING: "yellow",
    Verdict.VIOLATION: "red",
}
_WIDTH = 100


@click.command()
@click.argument("address")
@click.option(
    "--thing",
    "things",
    multiple=True,
    help="IRI of a thing to look at; may be given several times.",
)
@click.option(
    "--base",
    default="",
    help="What the IRIs of the site begin with, when it does not say so and is asked elsewhere.",
)
@click.option("--endpoint", default="", help="Where queries are asked, when it is not found.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Longest time for one answer.",
)
@click.option(
    "--hostile",
    is_flag=True,
    help="Ask queries without an end, too; do that to your own site only.",
)
@click.option("--strict", is_flag=True, help="Let warnings count as violations do.")
@format_option(("text", "json"), "How to write what was seen.")
def doctor(
    *,
    address: str,
    base: str,
    things: tuple[str, ...],
    endpoint: str,
    seconds: float,
    hostile: bool,
    strict: bool,
    output_format: str,
) -> None:
    """Examine a site of linked data from outside, as its clients meet it.

    ADDRESS is where it is read, as https://graph.example.org/; it may be any site, whoever made
    it. Exit code 1 when something is violated that clients rely on, else 0.
    """
    with shown_progress("Examining") as progress:
        found = examine(
            address,
            base=base,
            things_named=things,
            endpoint_named=endpoint,
            seconds=seconds,
            is_hostile=hostile,
            progress=progress,
        )
    if output_format == "json":
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(_text(found))
    sys.exit(HEALTHY if found.is_healthy(strict=strict) else NOT_HEALTHY)


def _text(found: Examination) -> str:
    """Write a line for each check, the worst of what was seen of it, and all that is not fine."""
    where = f" (asked at {found.root})" if found.root != found.base else ""
    blocks = [f"{found.base}{where}"]
    ordered = sorted(found.observations, key=lambda seen: _place(found, seen.check))
    for check, seen in groupby(ordered, key=lambda seen: seen.check):
        blocks.append("\n".join(_lines(check, list(seen))))
    return "\n".join([*blocks, ", ".join(map(found.number_of, reversed(Verdict)))])


def _place(found: Examination, check: Check) -> int:
    return next(place for place, seen in enumerate(found.observations) if seen.check is check)


def _lines(check: Check, seen: list[Observation]) -> list[str]:
    order = list(Verdict)
    worst = max((each.verdict for each in seen), key=order.index)
    word = click.style(f"{worst.value:9}", fg=_COLOURS[worst], bold=worst is not Verdict.FINE)
    lines = [f"{word} {check.promise} [{check.name}]"]
    told = dict.fromkeys(
        f"{each.address}: {each.message}" if each.address else each.message
        for each in seen
        if each.verdict is not Verdict.FINE
    )
    lines += [f"          {line}" for line in told]
    if order.index(worst) > order.index(Verdict.NOTE):
        lines += _wrapped(f"remedy: {check.remedy}") + _wrapped(f"see: {check.source}")
    return lines


def _wrapped(text: str) -> list[str]:
    indent = " " * 10
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
