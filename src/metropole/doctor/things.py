"""See whether things lead to documents about them, and absent ones are told as absent."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from metropole.doctor.checks import Check, Observation, Verdict
from metropole.doctor.site import Site
from metropole.doctor.visits import Reply, Visitor

LEADS = Check(
    "thing-leads",
    "The IRI of a thing leads to a document about it",
    "Answer with 303 See Other and the address of the document, or give the document at once.",
    "RFC 9110, section 15.4.4; Cool URIs for the Semantic Web, section 4.2",
)
HERE = Check(
    "location-here",
    "Redirects stay at the address that the site is read at",
    "A proxy in front is not told of, or the address of the site is set wrong: redirects have to "
    "begin with the address that clients ask, or with a slash.",
    "RFC 9110, section 10.2.2",
)
ASCII = Check(
    "location-ascii",
    "Redirects are written in ASCII",
    "Write letters beyond ASCII in percent-encoding in every `Location`.",
    "RFC 3986, section 2.1",
)
ABSENT = Check(
    "absent-is-404",
    "What does not exist is answered with 404, to people and programs",
    "Answer 404 (410 for what is gone) in every format; a store that fails is 500 or 503.",
    "RFC 9110, section 15.5.5",
)
CHECKS = (LEADS, HERE, ASCII, ABSENT)
_TURTLE, _HTML = "text/turtle", "text/html"
_OK, _NOT_FOUND, _GONE = 200, 404, 410
_ABSENT_NAME = "-there-is-no-such-thing"
_SEE_OTHER = 303


def look_at_things(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Ask for each thing and for one that is not there."""
    for thing in site.things:
        first = visitor.ask(site.here(thing), headers={"Accept": _TURTLE})
        if first.is_redirect:
            yield _stays(site, first)
            yield _is_ascii(first)
        yield _leads(thing, visitor.follow(thing, _TURTLE, site.here))
    for accept in (_TURTLE, _HTML) if site.things else ():
        address = site.things[0].partition("#")[0] + _ABSENT_NAME
        last = visitor.follow(address, accept, site.here)[-1]
        is_told = last.status in (_NOT_FOUND, _GONE)
        fault = f"Asked for {accept}, it is answered with {last.told}."
        yield ABSENT.judged(site.here(address), "" if is_told else fault)


def _leads(thing: str, trail: tuple[Reply, ...]) -> Observation:
    first, last = trail[0], trail[-1]
    if last.is_redirect:
        return LEADS.broken(f"There is no end of redirects: the last is to {last.location}.", thing)
    if last.status != _OK:
        return LEADS.broken(f"It ends with {last.told}.", thing)
    is_document = len(trail) == 1 or first.status == _SEE_OTHER or "#" in thing
    if not is_document:
        told = f"It is answered with {first.status}, as if thing and document were one."
        return Observation(LEADS, Verdict.WARNING, told, thing)
    return LEADS.fine(thing, f"It is answered with {first.status}.")


def _stays(site: Site, reply: Reply) -> Observation:
    if urlsplit(reply.location)[:2] == urlsplit(reply.address)[:2]:
        return HERE.fine(reply.address)
    if site.is_own(reply.location):
        told = f"It leads to {site.base}, which is where the site is meant to be read."
        return HERE.noted(told, reply.address)
    return HERE.broken(f"It leads to {reply.location}.", reply.address)


def _is_ascii(reply: Reply) -> Observation:
    location = reply.header("Location")
    return ASCII.judged(reply.address, "" if location.isascii() else f"It is {location!a}.")
