"""See whether others are answered while somebody asks what has no end."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from metropole.doctor.checks import Check, Observation
from metropole.doctor.site import JSON_ROWS, Site, asked
from metropole.doctor.visits import NoReply, Visitor

STOPPED = Check(
    "long-query-is-told",
    "A query that takes too long is answered with an error, not with a part of the rows",
    "Stop it after a time that is told, and answer 503 or 408, or break the connection off: a "
    "part of an answer that ends well is taken for the whole.",
    "SPARQL 1.1 Protocol, section 2.1.4",
)
OTHERS = Check(
    "others-are-answered",
    "Others are answered while long queries run",
    "Run queries where they can be stopped, a few at a time, and refuse what cannot wait (503).",
    "WDQS, Trifid, Virtuoso: one query has kept all others waiting",
)
CHECKS = (STOPPED, OTHERS)
#: Counts all pairs of pairs of statements, which nobody can in time; a number makes each another.
_ENDLESS = "SELECT (COUNT(*) AS ?n{}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }}"
_BRIEF = "ASK {{ ?s ?p {} }}"
_TIMES, _BRIEF_TIMES = 4, 20
_PAUSE_SECONDS, _BEGUN_SECONDS = 0.1, 0.5
#: A server that has not stopped a query by then does not stop it; and what a brief one may take.
_LONGEST_SECONDS, _MOST_SECONDS = 150.0, 2.0
_BAD_REQUEST, _TOO_MANY = 400, 429


def look_under_siege(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Ask an endless query some times at once, and meanwhile a brief one."""
    if not site.endpoint:
        return
    with ThreadPoolExecutor(_TIMES) as besiegers:
        waiting = [besiegers.submit(_endless, site.endpoint, each) for each in range(_TIMES)]
        time.sleep(_BEGUN_SECONDS)
        yield _brief(site.endpoint, visitor)
        for fault in dict.fromkeys(each.result() for each in waiting):
            yield STOPPED.judged(site.endpoint, fault)


def _endless(endpoint: str, number: int) -> str:
    """Ask it; say what is wrong with what comes, and nothing when it is an error."""
    address = asked(endpoint, _ENDLESS.format(number))
    began = time.monotonic()
    try:
        reply = Visitor(_LONGEST_SECONDS).ask(address, headers={"Accept": JSON_ROWS})
    except NoReply:
        is_stopped = time.monotonic() - began < _LONGEST_SECONDS
        return "" if is_stopped else f"It was not stopped within {_LONGEST_SECONDS:g} seconds."
    if reply.status < _BAD_REQUEST and reply.is_whole:
        return f"It was answered with {reply.told}, as if that were all."
    return ""


def _brief(endpoint: str, visitor: Visitor) -> Observation:
    took = []
    for number in range(_BRIEF_TIMES):
        began = time.monotonic()
        try:
            address = asked(endpoint, _BRIEF.format(number))
            reply = visitor.ask(address, headers={"Accept": JSON_ROWS})
        except NoReply as error:
            return OTHERS.broken(f"A brief query has no answer: {error}.", endpoint)
        if reply.status == _TOO_MANY and reply.header("Retry-After"):
            told = "This client has asked too much (429), so what others get was not seen."
            return OTHERS.noted(told, endpoint)
        if reply.status >= _BAD_REQUEST:
            return OTHERS.broken(f"A brief query is answered with {reply.told}.", endpoint)
        took.append(time.monotonic() - began)
        time.sleep(_PAUSE_SECONDS)
    middle = statistics.median(took)
    fault = f"A brief query takes {middle:.1f} seconds." if middle > _MOST_SECONDS else ""
    seen = OTHERS.judged(endpoint, fault)
    return seen if fault else OTHERS.fine(endpoint, f"They waited {1000 * middle:.0f} ms.")
