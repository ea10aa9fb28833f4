"""Ask the current release a saved query as its file has it now, which may be newer."""

from dataclasses import replace
from pathlib import Path

import click
from flask import Response, request
from werkzeug.datastructures import MultiDict

from metropole import saved_queries
from metropole.cli.serving import application
from metropole.messages import Message
from metropole.saved_queries import SavedQuery
from metropole.settings import Settings
from metropole.sources import QUERIES
from metropole.web.queries.parameters import given_values, terms
from metropole.web.requests.problems import Problem
from metropole.web.serving import current_edition, serving
from metropole.web.sparql import asking
from metropole.web.sparql.query_protocol import preference

#: Where the application that is asked answers the query; no server has this address.
_ADDRESS = "/-/query-file"


def saved_query(settings: Settings, name: str, text: str) -> SavedQuery | None:
    """Read the header of a file of the folder `queries/`; None for any other file.

    Raises UsageError for a header that cannot be understood.
    """
    folder = (settings.root / QUERIES).resolve()
    path = Path(name).resolve()
    if path.suffix != ".rq" or not path.is_relative_to(folder):
        return None
    query, problems = saved_queries.read(f"{QUERIES}/{path.relative_to(folder).as_posix()}", text)
    if problems:
        first = problems[0]
        raise click.UsageError(f"{query.file}:{first.line}: {first.message} {first.remedy}")
    return query


def values_of(parameters: tuple[str, ...]) -> MultiDict[str, str]:
    """Read `NAME=VALUE` as often as it is given; raises UsageError."""
    pairs = [each.partition("=") for each in parameters]
    wrong = next((name for name, sign, _ in pairs if not sign or not name), None)
    if wrong is not None:
        raise click.UsageError(f"'{wrong}' is no parameter with a value: write it as NAME=VALUE.")
    return MultiDict((name, value) for name, _, value in pairs)


def answered(
    settings: Settings, query: SavedQuery, given: MultiDict[str, str], *, accept: str
) -> tuple[int, bytes]:
    """Give status and body of the answer; wrong parameters are told as the server tells them."""
    with application(settings) as app:
        app.add_url_rule(_ADDRESS, view_func=lambda: _answer(query, given), endpoint="query-file")
        response = app.test_client().get(_ADDRESS, headers={"Accept": accept})
        return response.status_code, response.get_data()


def _answer(query: SavedQuery, given: MultiDict[str, str]) -> Response:
    edition = current_edition()
    base = edition.store.release.manifest.content.base
    bound = terms(query, given_values(query, given), base=base)
    media_types = preference(request.headers.get("Accept"), "").media_types
    if not media_types:
        told = Message("None of the accepted formats is available")
        raise Problem(406, told, asking.available())
    asked = asking.query_request(serving(), edition, query.text, media_types=media_types)
    found = asking.answer(edition.id, replace(asked, substitutions=bound), timeout_seconds=None)
    return asking.answer_response(edition, found)
