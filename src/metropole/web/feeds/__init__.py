"""The feeds of changes: the event stream at `/ldes`, and `/feed.atom` with its archives."""

from hashlib import sha256

from flask import Blueprint, Response, make_response, request

from metropole.errors import ReleaseError
from metropole.formats import TRIG
from metropole.messages import Message
from metropole.release import ldes
from metropole.release.dumps import FOLDER, graph_file
from metropole.release.feed import Feed, read_feed, read_members, read_story
from metropole.release.void import GRAPH
from metropole.web.feeds.atom import ATOM, PER_ARCHIVE, Document, document
from metropole.web.pinned import YEAR_SECONDS
from metropole.web.requests.negotiation import acceptable
from metropole.web.requests.problems import Problem
from metropole.web.responses.compression import encoding_suffix
from metropole.web.responses.conditions import conditional
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/ldes")
def stream() -> Response:
    """Give the root of the event stream, which names its pages."""
    _acceptable()
    feed = _feed()
    release = serving().releases.get(feed.release)
    path = release.folder / FOLDER / graph_file(feed.base + GRAPH, feed.base)
    try:
        void = path.read_bytes()
    except OSError as error:
        detail = f"{path.name}: {error.strerror}."
        raise Problem(503, Message("The feed cannot be read"), detail) from error
    body = b"".join(ldes.root(feed, [void]))
    return _sent(body, TRIG.content_type, f"ldes-{feed.digest()}-{feed.release}")


@blueprint.get("/ldes/<int:name>")
def page(name: int) -> Response:
    """Give a page of the event stream; one that is closed never changes."""
    _acceptable()
    feed = _feed()
    found = feed.page(name)
    if found is None:
        raise _no_page(feed, name)
    try:
        members = read_members(serving().releases, feed, found)
    except ReleaseError as error:
        raise Problem(503, Message("The page cannot be read"), str(error)) from error
    body = b"".join(ldes.page(feed, found, members))
    return _sent(body, TRIG.content_type, f"ldes-{found.digest()}", is_final=found.is_closed)


def _no_page(feed: Feed, name: int) -> Problem:
    if 0 < name < feed.next_page:
        return Problem(
            410,
            Message("This page of the feed is gone"),
            Message(
                "Releases were removed, and of what they told the last version of each thing is "
                "kept on other pages. Begin at /ldes: nothing that you have seen comes again."
            ),
        )
    return Problem(
        404,
        Message("There is no such page of the feed"),
        Message("Begin at %(path)s.", path="/ldes"),
    )


@blueprint.get("/feed.atom")
def atom() -> Response:
    """Give the latest releases as Atom."""
    feed = _feed()
    return _atom(feed, None)


@blueprint.get("/feed/<int:number>.atom")
def archive(number: int) -> Response:
    """Give an archive of the Atom feed, which never changes (RFC 5005, section 4)."""
    feed = _feed()
    full = _archives(feed)
    if not feed.batches[0].number <= number * PER_ARCHIVE or number > full or number < 1:
        raise Problem(
            404,
            Message("There is no such archive of the feed"),
            Message("Begin at %(path)s.", path="/feed.atom"),
        )
    return _atom(feed, number)


def _atom(feed: Feed, number: int | None) -> Response:
    served = serving()
    last, full = feed.batches[-1].number, _archives(feed)
    first_archive = (feed.batches[0].number - 1) // PER_ARCHIVE + 1
    if number is None:
        numbers = range(full * PER_ARCHIVE + 1, last + 1)
        previous = full if full >= first_archive else None
    else:
        numbers = range((number - 1) * PER_ARCHIVE + 1, number * PER_ARCHIVE + 1)
        previous = number - 1 if number > first_archive else None
    stories = [
        story
        for each in reversed(numbers)
        if each >= feed.batches[0].number and (story := read_story(served.releases.folder, each))
    ]
    content = current_edition().store.release.manifest.content
    body = document(Document(content, feed.base, number, previous), stories)
    digest = sha256(body).hexdigest()[:16]
    return _sent(body, ATOM, f"atom-{digest}")


def _archives(feed: Feed) -> int:
    """Count the archives; what came last is in none, so that the feed is never empty."""
    return (feed.batches[-1].number - 1) // PER_ARCHIVE


def _feed() -> Feed:
    feed = read_feed(serving().releases.folder)
    if feed is None:
        raise Problem(
            503,
            Message("The feed cannot be read"),
            Message("The next 'metropole build' writes it; nothing is lost."),
        )
    return feed


def _acceptable() -> None:
    if not acceptable(request.headers.get("Accept"), (TRIG,)):
        raise Problem(
            406,
            Message("None of the accepted formats is available"),
            Message(
                "The event stream comes as %(type)s, for each member is a named graph.",
                type=TRIG.media_type,
            ),
        )


def _sent(body: bytes, content_type: str, tag: str, *, is_final: bool = False) -> Response:
    """Send a body with a validator of its own: the feed decides it, not the release alone."""
    response = make_response(body)
    response.headers["Content-Type"] = content_type
    response.headers["Vary"] = "Accept"
    response.set_etag(tag + encoding_suffix(request.accept_encodings))
    lasting = f"public, max-age={YEAR_SECONDS}, immutable"
    response.headers["Cache-Control"] = lasting if is_final else "no-cache"
    conditional(response, request.environ)
    return response
