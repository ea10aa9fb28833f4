"""The quality of a release: a page, and the report that was written when it was made."""

from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from werkzeug import Response as AnyResponse

from metropole.errors import ReleaseError
from metropole.formats import JSON_LD, TURTLE
from metropole.messages import Message
from metropole.release.quality import Metric, Quality, read_quality
from metropole.stories import Insert, Kind
from metropole.web import languages
from metropole.web.kept_answers import KeptAnswers
from metropole.web.labels import Name
from metropole.web.labels.worded import worded
from metropole.web.pictures import Picture
from metropole.web.pinned import edition_of
from metropole.web.requests.negotiation import HTML, Page
from metropole.web.requests.problems import Problem, negotiated, unreadable_release
from metropole.web.responses import cacheable
from metropole.web.serving import Edition, current_edition, serving
from metropole.web.values.query_rows import Rows

blueprint = Blueprint("quality", __name__)
_JSON = Page("JSON", "application/json", "json", JSON_LD.aliases)
_TURTLE = Page("Turtle", TURTLE.media_type, TURTLE.extension, TURTLE.aliases)
_OFFERS = {page.extension: page for page in (HTML, _JSON, _TURTLE)}
#: Rows and bars of a measurement that the page shows; its own page has more.
ROWS_SHOWN, BARS_SHOWN = 8, 12


@dataclass(frozen=True)
class _Measured:
    """A metric as the page shows it."""

    metric: Metric
    title: Name
    description: Name
    picture: Picture | None
    rows: Rows | None


@blueprint.get("/quality")
def current() -> AnyResponse:
    """Lead to the quality of the current release."""
    response = redirect(url_for("quality.quality", release_id=current_edition().id), 307)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/releases/<release_id>/quality")
@blueprint.get("/releases/<release_id>/quality.<extension>")
def quality(release_id: str, extension: str = "") -> Response:
    """Tell the quality of a release: as a page, JSON, or in W3C's vocabulary (DQV)."""
    edition = edition_of(serving(), release_id)
    release = edition.store.release
    try:
        measured = read_quality(release)
    except ReleaseError as error:
        raise unreadable_release(error) from error
    if measured is None:
        detail = Message(
            "Release %(release)s was made before quality was measured.", release=release.id
        )
        raise Problem(404, Message("Nothing was measured"), detail)
    variant = _variant(extension)
    if variant is HTML:
        return _finished(make_response(_page(edition, measured)), edition, variant)
    body = (release.folder / f"quality.{variant.extension}").read_bytes()
    return _finished(make_response(body), edition, variant)


def _variant(extension: str) -> Page:
    if extension:
        if extension not in _OFFERS:
            raise Problem(
                404,
                Message("There is no such format"),
                Message("Formats: %(names)s.", names=", ".join(_OFFERS)),
            )
        return _OFFERS[extension]
    return negotiated(_OFFERS.values())


def _page(edition: Edition, said: Quality) -> str:
    kept = KeptAnswers(edition, languages.liked())
    measured = [_measured(metric, kept) for metric in said.metrics]
    return render_template(
        "quality.html",
        quality=said,
        checks=[each for each in measured if each.metric.finds_errors],
        others=[each for each in measured if not each.metric.finds_errors],
        shown=ROWS_SHOWN,
    )


def _measured(metric: Metric, kept: KeptAnswers) -> _Measured:
    query = kept.query(metric.name)
    title, description = worded(query.titles), worded(query.descriptions)
    if not metric.rows or not kept.has_rows(metric.name):
        return _Measured(metric, title, description, None, None)
    insert = Insert(Kind.TABLE, metric.name, 0)
    drawn = kept.picture(insert, bars=BARS_SHOWN)
    return _Measured(metric, title, description, drawn, kept.rows(insert))


def _finished(response: Response, edition: Edition, variant: Page) -> Response:
    is_page = variant is HTML
    response.headers["Content-Type"] = HTML.content_type if is_page else variant.media_type
    response.headers["Vary"] = "Accept"
    response.headers["Metropole-Release"] = edition.id
    shown = current_edition().id if is_page else ""
    tag = f"quality-{variant.extension}-{sha256(shown.encode()).hexdigest()[:16]}"
    return cacheable(response, edition.id, tag)
