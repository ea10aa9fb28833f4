"""Examine a site of linked data from outside, as its clients meet it.

Nothing here knows how the site is made: Metropole's own sites are examined as any other's are. What
is asked changes nothing, but for an update without content that ought to be refused.
"""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from metropole.doctor import documents, endpoint, metadata, pages, siege, things
from metropole.doctor.checks import Check, Examination, Observation, Verdict
from metropole.doctor.site import Site, found_site
from metropole.doctor.visits import NoReply, Visitor
from metropole.errors import ExaminationError

__all__ = ["CHECKS", "Check", "Examination", "Observation", "Verdict", "examine"]
ANSWERED = Check(
    "answers",
    "Each request is answered, in time and to its end",
    "See what the server says of it, and whether a proxy in front gives up before.",
    "RFC 9110, section 3.3",
)
FOUND = Check(
    "things-found",
    "What the site is about can be found",
    "Say `void:exampleResource` in /.well-known/void, or name things with --thing.",
    "VoID, section 4.2",
    Verdict.NOTE,
)
#: All checks, in the order in which a site is looked at.
CHECKS = (
    *(ANSWERED, FOUND),
    *(*things.CHECKS, *documents.CHECKS, *pages.CHECKS),
    *(*endpoint.CHECKS, *metadata.CHECKS, *siege.CHECKS),
)
_Look = Callable[[Site, Visitor], Iterator[Observation]]


def examine(
    address: str,
    *,
    base: str = "",
    things_named: Iterable[str] = (),
    endpoint_named: str = "",
    seconds: float = 10.0,
    is_hostile: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Ask a site what its clients ask, at the address where it is read.

    `base` is what the IRIs of the site begin with, where it does not say so itself and is asked
    elsewhere. `seconds` is the longest time for one answer. `is_hostile` asks queries without an
    end, which one does to one's own site only. `progress` is called with the name of each step
    before it begins. Raises ExaminationError when nothing answers there.
    """
    root = address if address.endswith("/") else f"{address}/"
    if urlsplit(root).scheme not in ("http", "https") or not urlsplit(root).netloc:
        raise ExaminationError(
            f"'{address}' is no address of a site. Name one as https://graph.example.org/."
        )
    visitor = Visitor(seconds)
    progress("what the site says of itself")
    try:
        site = found_site(visitor, root, base=base, things=things_named, endpoint=endpoint_named)
    except NoReply as error:
        raise ExaminationError(f"Nothing answers: {error}.") from error
    seen = [_found(site)]
    for name, look in _looks(is_hostile=is_hostile):
        progress(name)
        seen += _looked(look, site, visitor)
    return Examination(root, site.base, tuple(seen))


def _looks(*, is_hostile: bool) -> Iterator[tuple[str, _Look]]:
    yield "things", things.look_at_things
    yield "documents", documents.look_at_documents
    yield "pages", pages.look_at_pages
    yield "endpoint", endpoint.look_at_endpoint
    yield "metadata", metadata.look_at_metadata
    if is_hostile:
        yield "long queries", siege.look_under_siege


def _found(site: Site) -> Observation:
    if not site.things:
        return FOUND.broken("No thing was found, so no document was looked at.", site.root)
    return FOUND.fine(site.root, f"Looked at: {', '.join(site.things)}.")


def _looked(look: _Look, site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Take what is seen until something has no answer, which ends this part."""
    try:
        yield from look(site, visitor)
    except NoReply as error:
        yield ANSWERED.broken(f"{error}.", site.root)
