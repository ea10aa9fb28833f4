"""Saved queries: the list, a page for each with a form, and an address for each format."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from metropole.errors import ReleaseError
from metropole.formats import GRAPH_FORMATS, N_TRIPLES, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.messages import Message
from metropole.release import Release
from metropole.release.query_runs import QueryRun, read_runs, saved_query
from metropole.saved_queries import TYPES, Form, SavedQuery
from metropole.store.query_pool import Answer
from metropole.store.reading import ReadingStore
from metropole.store.saved_runs import AskedStore
from metropole.web import languages
from metropole.web.addresses import ascii_only
from metropole.web.pictures import Picture, choices, picture
from metropole.web.pictures.captions import of_query
from metropole.web.pinned import YEAR_SECONDS, pinned_release
from metropole.web.queries.openapi import openapi
from metropole.web.queries.parameter_choices import choices_of
from metropole.web.queries.parameters import given_values, missing, terms
from metropole.web.requests.negotiation import HTML, Page, acceptable
from metropole.web.requests.problems import Problem, unreadable_release
from metropole.web.responses import cacheable, entity_tag, link, static_folder
from metropole.web.responses.conditions import is_had
from metropole.web.serving import current_edition, serving
from metropole.web.sparql import asking
from metropole.web.values.query_rows import Rows, rows_of

blueprint = Blueprint("queries", __name__)
#: A name, a release it is pinned to, and an extension.
_ADDRESS = re.compile(r"([^.@]+)(?:@([^.@/]*))?(?:\.([^./@]+))?")
_OTHER, _RELEASE = "other", "release"
#: Rows that a page shows, and that its picture is drawn from; the formats have them all.
ROWS_SHOWN, ROWS_DRAWN = 200, 2000
Variant = GraphFormat | ResultFormat | Page


@dataclass(frozen=True)
class _Asked:
    """A saved query of a release, as an address names it."""

    release: Release
    query: SavedQuery
    run: QueryRun
    #: Whether the address names the release.
    is_pinned: bool

    @property
    def formats(self) -> tuple[GraphFormat | ResultFormat, ...]:
        """List the formats that can hold the result."""
        return _formats(self.run.form)

    @property
    def arguments(self) -> MultiDict[str, str]:
        """Give what is asked of the query; `release=` with the release it is asked of adds nothing.

        A query may have a parameter of that name.
        """
        known = {each.name for each in self.query.parameters}
        if _RELEASE in known or request.args.getlist(_RELEASE) != [self.release.id]:
            return request.args
        return MultiDict(each for each in request.args.items(multi=True) if each[0] != _RELEASE)

    def address(self, extension: str = "", *, pinned: bool | None = None) -> str:
        """Give the address of a variant, with the parameters of this request."""
        is_pinned = self.is_pinned if pinned is None else pinned
        name = self.query.name + (f"@{self.release.id}" if is_pinned else "")
        # A parameter of the query may be called like one of `url_for`, so they are added here.
        full = f"{name}.{extension}" if extension else name
        path = url_for("queries.query", name=full, lang=None)
        given = {name: value for name, value in self.arguments.items() if value}
        if extension not in ("", HTML.extension):
            given.pop(languages.PARAMETER, None)
        return f"{path}?{urlencode(given)}" if given else path


@blueprint.get("/queries/")
def index() -> Response:
    """List the saved queries by tag."""
    edition = current_edition()
    release = edition.store.release
    entries = sorted(
        ((tag, query.name, query, run) for query, run in _all(release) for tag in _tags(query)),
        key=lambda entry: (entry[0] == _OTHER, *entry[:2]),
    )
    groups = [(tag, list(found)) for tag, found in groupby(entries, key=lambda entry: entry[0])]
    page = render_template("queries.html", groups=groups)
    return cacheable(make_response(page), edition.id, "queries")


def _tags(query: SavedQuery) -> tuple[str, ...]:
    return tuple(dict.fromkeys(query.tags)) or (_OTHER,)


@blueprint.get("/queries/openapi.json")
def description() -> Response:
    """Describe the saved queries as OpenAPI 3.1."""
    edition = current_edition()
    release = edition.store.release
    described = [(query, _formats(run.form)) for query, run in _all(release)]
    table = openapi(release.manifest.content, release.id, described)
    response = make_response(json.dumps(table, ensure_ascii=False, indent=2) + "\n")
    response.headers["Content-Type"] = "application/json"
    return cacheable(response, edition.id, "openapi")


@blueprint.get("/queries/<path:name>")
def query(name: str) -> Response:
    """Answer a saved query: as a page, or in the format of the extension or of `Accept`."""
    asked, extension = _asked(name)
    variant = _variant(asked, extension) if extension else _negotiated(asked)
    given = given_values(asked.query, asked.arguments)
    base = asked.release.manifest.content.base
    is_page = isinstance(variant, Page)
    is_form_only = is_page and bool(missing(asked.query, given))
    bound = {} if is_form_only else terms(asked.query, given, base=base)
    tag = _tag(variant, bound)
    full_tag = entity_tag(asked.release.id, tag, is_in_languages=is_page)
    if is_had(request.environ, f'"{full_tag}"'):
        return _finished(asked, variant, Response(), tag)
    if isinstance(variant, Page):
        response = make_response(_page(asked, given, None if is_form_only else bound))
    else:
        response = _data(asked, bound, variant)
    return _finished(asked, variant, response, tag)


def _all(release: Release) -> list[tuple[SavedQuery, QueryRun]]:
    try:
        return [(saved_query(release, run), run) for run in read_runs(release).values()]
    except ReleaseError as error:
        raise unreadable_release(error) from error


def _asked(path: str) -> tuple[_Asked, str]:
    """Find the query, the release and the extension that a path names."""
    parts = _ADDRESS.fullmatch(path)
    name, release_id, extension = parts.groups() if parts else (path, None, None)
    pinned = release_id is not None
    release = (
        pinned_release(serving(), str(release_id)) if pinned else current_edition().store.release
    )
    try:
        runs = read_runs(release)
        if name in runs:
            run = runs[name]
            return _Asked(release, saved_query(release, run), run, pinned), extension or ""
    except ReleaseError as error:
        raise unreadable_release(error) from error
    raise Problem(
        404,
        Message("There is no such saved query"),
        Message(
            "Release %(release)s has: %(names)s.",
            release=release.id,
            names=", ".join(runs) or Message("none"),
        ),
        members={"queries": list(runs)},
    )


def _formats(form: Form) -> tuple[GraphFormat | ResultFormat, ...]:
    if form.is_graph:
        return GRAPH_FORMATS
    return tuple(entry for entry in RESULT_FORMATS if entry.holds_boolean or form is Form.SELECT)


def _variant(asked: _Asked, extension: str) -> Variant:
    variants: tuple[Variant, ...] = (*asked.formats, HTML)
    for variant in variants:
        if variant.extension == extension:
            return variant
    names = ", ".join(variant.extension for variant in variants)
    raise Problem(
        404, Message("There is no such format"), Message("Formats: %(names)s.", names=names)
    )


def _negotiated(asked: _Asked) -> Variant:
    variants: tuple[Variant, ...] = (*asked.formats, HTML)
    offers = acceptable(request.headers.get("Accept"), variants)
    if offers:
        return offers[0]
    raise Problem(
        406,
        Message("None of the accepted formats is available"),
        Message(
            "Available are: %(types)s.",
            types=", ".join(variant.media_type for variant in variants),
        ),
        members={
            "variants": [
                {"type": variant.media_type, "address": asked.address(variant.extension)}
                for variant in variants
            ]
        },
    )


def _answer(asked: _Asked, bound: dict[str, str], media_type: str) -> Answer:
    manifest = asked.release.manifest
    content = manifest.content
    store = AskedStore(asked.release.folder, content.base, content.prefixes, manifest.union_stored)
    query = store.request(asked.query, bound, (media_type,), serving().settings.limits)
    return asking.answer(asked.release.id, query, timeout_seconds=None)


def _data(asked: _Asked, bound: dict[str, str], variant: GraphFormat | ResultFormat) -> Response:
    answer = _answer(asked, bound, variant.media_type)
    response = Response(answer.body.pieces(), content_type=answer.content_type)
    response.content_length = answer.body.length
    response.call_on_close(answer.body.close)
    return response


def _page(asked: _Asked, given: dict[str, str], bound: dict[str, str] | None) -> str:
    """Render the page; without terms for the parameters, only the form."""
    result = None if bound is None else _result(asked, bound)
    return render_template(
        "query.html",
        query=asked.query,
        form=asked.run.form,
        types=TYPES,
        given=given,
        choices=choices_of(asked.query.parameters, _store(asked.release), given, languages.liked()),
        result=result,
        picture=_picture(asked, result) if isinstance(result, Rows) and result.rows else None,
        shown=ROWS_SHOWN,
        formats=[(entry.name, asked.address(entry.extension)) for entry in asked.formats],
        here=url_for("queries.query", name=asked.query.name),
        permanent=asked.address(pinned=True),
        latest=asked.address(pinned=False),
        release=asked.release,
        is_pinned=asked.is_pinned,
    )


def _picture(asked: _Asked, rows: Rows) -> Picture | None:
    """Draw the rows as the header of the query has it, where their values allow it."""
    chart = choices(rows, asked.query.chart).chart
    if chart is None:
        return None
    return picture(rows, chart, static_folder(), of_query(asked.query.titles, chart))


def _result(asked: _Asked, bound: dict[str, str]) -> Rows | bool:
    """Give what a page shows of the result: rows, or the answer of ASK."""
    form = asked.run.form
    by_form = {Form.ASK: "json", Form.SELECT: "tsv"}
    kind = by_form.get(form)
    media_type = next((entry.media_type for entry in RESULT_FORMATS if entry.extension == kind), "")
    answer = _answer(asked, bound, media_type or N_TRIPLES.media_type)
    try:
        if form is Form.ASK:
            return bool(json.loads(b"".join(answer.body.pieces()))["boolean"])
        return rows_of(
            answer.body.pieces(),
            form,
            _store(asked.release),
            wanted=ROWS_DRAWN if asked.query.chart else ROWS_SHOWN,
            languages=languages.liked(),
        )
    finally:
        answer.body.close()


def _store(release: Release) -> ReadingStore:
    current = current_edition().store
    return current if current.release.id == release.id else ReadingStore(release)


def _tag(variant: Variant, bound: dict[str, str]) -> str:
    """Name what the answer depends on beside the release; a page also shows the current one."""
    shown = current_edition().id if isinstance(variant, Page) else ""
    text = repr((request.full_path, sorted(bound.items()), shown))
    return f"{variant.extension}-{sha256(text.encode()).hexdigest()[:16]}"


def _finished(asked: _Asked, variant: Variant, response: Response, tag: str) -> Response:
    response.headers["Content-Type"] = variant.content_type
    is_page = isinstance(variant, Page)
    response.headers["Vary"] = "Accept"
    response.headers["Metropole-Release"] = asked.release.id
    response.headers["Content-Location"] = ascii_only(asked.address(variant.extension))
    for other in (*asked.formats, HTML):
        if other is not variant:
            link(response, asked.address(other.extension), "alternate", other.media_type)
    response = cacheable(response, asked.release.id, tag)
    if asked.is_pinned and not is_page:
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response
