"""Releases by their id, for addresses that keep their content."""

from flask import request
from werkzeug.datastructures import MultiDict

from metropole.errors import ReleaseError
from metropole.messages import Message
from metropole.release import Release
from metropole.store.reading import ReadingStore
from metropole.web.addresses import in_release
from metropole.web.requests.problems import Problem, unreadable_release
from metropole.web.serving import Edition, Serving, current_edition, serving

#: A release never changes, so what is made from it may be kept for a year.
YEAR_SECONDS = 31_536_000
#: What obeys `release=` itself, as a module or as one address of it; a saved query may have a
#: parameter with this name, and files of the program are in no release.
_OBEYING = frozenset(
    {
        "browse",
        "calendars.event",
        "documents",
        "queries.query",
        "signposting",
        "sparql",
        "static",
        "stories",
    }
)


def edition_of(served: Serving, release_id: str) -> Edition:
    """Give the edition of a release, the current one for an empty name; raises Problem.

    An older release is opened for the one request, so that nothing keeps it from being pruned.
    """
    current = served.edition()
    if release_id in ("", current.id):
        return current
    return Edition(ReadingStore(pinned_release(served, release_id)))


def pinned_release(served: Serving, release_id: str) -> Release:
    """Find a release; only names of folders that are releases are looked up. Raises Problem."""
    edition = served.edition()
    if release_id == edition.id:
        return edition.store.release
    known = served.releases.ids()
    if release_id not in known:
        raise Problem(
            404,
            Message("There is no such release"),
            Message("Releases: %(names)s.", names=", ".join(known)),
            members={"releases": known},
        )
    try:
        return served.releases.get(release_id)
    except ReleaseError as error:
        raise unreadable_release(error) from error


def refuse_elsewhere() -> None:
    """Refuse `release=` where it, or one of two, would be passed over; raises Problem.

    Who asks for a release is never given another one.
    """
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return
    if endpoint != "queries.query":
        refuse_repeated(request.args)
    if _OBEYING.isdisjoint((endpoint, endpoint.partition(".")[0])):
        refuse_another()


def refuse_repeated(arguments: MultiDict[str, str]) -> None:
    """Refuse more than one `release=`, of which one would be passed over; raises Problem."""
    if len(arguments.getlist("release")) > 1:
        raise Problem(
            400,
            Message("'%(name)s' is there twice", name="release"),
            Message("Send it once."),
            members={"parameter": "release"},
        )


def refuse_another() -> None:
    """Refuse a `release=` that is not the current release; raises Problem."""
    wanted = request.args.get("release", "")
    if wanted and pinned_release(serving(), wanted).id != current_edition().id:
        raise Problem(
            400,
            Message("This is there of the current release only"),
            Message(
                "'release=' is for documents, lists, stories and queries; downloads and quality "
                "of a release have addresses of their own."
            ),
        )


def asked_edition() -> Edition:
    """Give the edition that `release=` of the current request asks for; raises Problem."""
    asked = request.args.get("release", "")
    return edition_of(serving(), asked) if asked else current_edition()


def is_release_asked() -> bool:
    """Tell whether the current request names a release."""
    return "release" in request.args


def in_asked_release(address: str) -> str:
    """Write an address so that it stays in the release that was asked for, where one was."""
    return in_release(address, request.args["release"]) if is_release_asked() else address
