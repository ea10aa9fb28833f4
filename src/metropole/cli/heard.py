"""Tell what a server has to say, also when nobody hears it any more."""

from contextlib import suppress

import click


def tell(text: str, *, err: bool = False) -> None:
    """Write a line; where the reader of the output has left, the server goes on without a word."""
    with suppress(BrokenPipeError):
        click.echo(text, err=err)
