"""Read what a request says: its body, and the numbers in its address."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request

from metropole.messages import Message
from metropole.web.reconcile.questions import Wrong
from metropole.web.requests.client_json import client_json
from metropole.web.requests.problems import Problem

#: Suggestions of one answer: where no number is asked for, and at most.
_SUGGESTED, _MOST_SUGGESTED = 10, 100
#: Digits of a number in an address: nobody pages further.
_DIGITS = 4
_Asked = TypeVar("_Asked")


def body() -> object:
    """Read the body as JSON; raises Problem or Wrong."""
    if request.mimetype != "application/json":
        raise Problem(
            415, Message("This media type is not understood"), Message("Send application/json.")
        )
    try:
        return client_json(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Wrong(f"it cannot be read as JSON: {error}", "the body") from None


def number(name: str, usual: int) -> int:
    """Read a whole number from the address; raises Problem."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise query_problem(f"'{name}' is a whole number of at most {_DIGITS} digits")
    return int(text)


def page() -> tuple[int, int]:
    """Read how many suggestions are passed over and how many are wanted.

    Version 0.2 calls the first of them `cursor`, the draft of 1.0 `offset`.
    """
    skipped = number("offset", 0) or number("cursor", 0)
    return skipped, min(number("limit", _SUGGESTED) or _SUGGESTED, _MOST_SUGGESTED)


def paged(found: Sequence[_Asked]) -> Sequence[_Asked]:
    """Give those of the suggestions that are wanted; raises Problem."""
    skipped, wanted = page()
    return found[skipped : skipped + wanted]


def query_problem(what: str) -> Problem:
    """Say what is wrong with what was asked (400)."""
    return Problem(400, Message("The query is wrong"), what)
