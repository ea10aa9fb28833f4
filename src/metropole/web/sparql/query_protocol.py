"""What a request to the SPARQL endpoint asks (SPARQL 1.1 Protocol, section 2.1)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from werkzeug import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS
from metropole.messages import Message
from metropole.sparql import is_repeatable
from metropole.store.query_frames import QueryRequest
from metropole.web.pinned import refuse_repeated
from metropole.web.requests.negotiation import HTML, acceptable
from metropole.web.requests.problems import Problem
from metropole.web.responses import OPEN_TO_SCRIPTS
from metropole.web.sparql.asking import FORMATS

QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
_UPDATE = "application/sparql-update"
#: The formats for a client that cannot say what it wants, as a browser's form.
_DEFAULTS = (RESULT_FORMATS[0].media_type, GRAPH_FORMATS[0].media_type)
_QUERY_BYTES, _FORM_BYTES = QUERY.encode(), FORM.encode()
#: A longer request is not looked at as a brief one: to read it would take as long as to answer.
_BRIEF_BYTES = 8 << 10
#: A percent sign that begins no escape.
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
METHODS = ("GET", "HEAD", "POST", "QUERY")


def parameters_of(request: Request) -> MultiDict[str, str]:
    """Collect the parameters of all ways to send a query; raises Problem or HTTPException."""
    pairs = _form(request.query_string)
    if request.method not in ("GET", "HEAD"):
        pairs += _sent(request)
    return MultiDict(pairs)


def _sent(request: Request) -> list[tuple[str, str]]:
    """Collect the parameters that the body of a request holds."""
    body = _body(request)
    if request.mimetype == FORM:
        return _form(body)
    if request.mimetype == _UPDATE:
        return [("update", "")]  # whatever it says
    if request.mimetype != QUERY:
        raise UnsupportedMediaType(f"{request.method} takes {FORM} or {QUERY}.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("A query is UTF-8 (SPARQL 1.1 Protocol, section 2.1.3).")
    try:
        return [("query", body.decode("utf-8"))]
    except UnicodeDecodeError as error:
        raise Problem(400, Message("The query is not UTF-8"), str(error)) from error


def _form(text: bytes) -> list[tuple[str, str]]:
    """Read a form; what is not UTF-8 is refused, for it would become another query."""
    try:
        return _pairs(text)
    except UnicodeDecodeError as error:
        raise Problem(400, Message("The parameters are not UTF-8"), str(error)) from error


def _body(request: Request) -> bytes:
    """Read the body; raises RequestEntityTooLarge.

    Werkzeug cuts a body without Content-Length at the limit and says nothing.
    """
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body


def the_query(parameters: MultiDict[str, str]) -> str | None:
    """Give the one query; None when there is none. Raises Problem."""
    queries = parameters.getlist("query")
    if len(queries) > 1:
        raise Problem(
            400, Message("There is more than one query"), Message("Send one 'query' parameter.")
        )
    if parameters.getlist("update"):
        raise Problem(
            403,
            Message("This endpoint only reads"),
            Message("SPARQL Update is not supported: send a query."),
        )
    refuse_repeated(parameters)
    return queries[0] if queries else None


@dataclass(frozen=True)
class Preference:
    """In what form a client wants its answer."""

    #: Whether a person asks: HTML is what the client likes best, and it names no format.
    is_page: bool
    #: The media types it takes, its favourite first; none when it takes none that there is.
    media_types: tuple[str, ...] = ()


def preference(accept: str | None, named: str) -> Preference:
    """Read what a client wants from `Accept`, and from `format=` or `output=` (as forms do)."""
    by_name = [entry for entry in FORMATS if named.lower() in (entry.extension, entry.media_type)]
    offers = acceptable(accept, (*FORMATS, HTML))
    data = tuple(offer.media_type for offer in offers if offer is not HTML)
    if by_name:
        # One format cannot hold every result, so what the client accepts besides comes next.
        named_types = (entry.media_type for entry in by_name)
        return Preference(is_page=False, media_types=(*named_types, *data, *_DEFAULTS))
    is_page = bool(offers) and offers[0] is HTML
    return Preference(is_page=is_page, media_types=data or (_DEFAULTS if offers else ()))


def named_format(parameters: Mapping[str, str]) -> str:
    """Give the format that is asked for by name, in either of the two usual ways; or nothing."""
    return parameters.get("format", "") or parameters.get("output", "")


def graphs(parameters: MultiDict[str, str], name: str) -> tuple[str, ...]:
    """Give the graphs that a parameter names; raises Problem."""
    found = tuple(parameters.getlist(name))
    for graph in found:
        if not is_iri(graph):
            raise Problem(
                400,
                Message("A graph is named by an absolute IRI"),
                Message("%(name)s=%(graph)s is none.", name=name, graph=graph),
            )
    return found


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI, as graphs are named by."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def timeout(parameters: MultiDict[str, str]) -> float | None:
    """Give the seconds a client asks for; raises Problem."""
    text = parameters.get("timeout")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise Problem(
            400,
            Message("The timeout is not a number of seconds"),
            Message("Write it as timeout=2.5."),
        )
    return seconds


def tag(release_id: str, asked: QueryRequest, coding: str) -> str:
    """Give the validator of an answer; none where the same query may give another one.

    `coding` is what distinguishes a compressed body (see `encoding_suffix`).

    It is weak, for the labels of new blank nodes differ from run to run. What the client
    accepts is part of it, so that it can be compared before the query is run.
    """
    if not is_repeatable(asked.query):
        return ""
    parts = (asked.query, asked.default_graphs, asked.named_graphs, asked.media_types)
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return f"{release_id}-{digest}{coding}"


def brief_parameters(
    method: str, query_string: bytes, content_type: bytes, body: bytes
) -> dict[str, str] | None:
    """Collect the parameters of a short request in the usual spelling; None for any other.

    They are those that `parameters_of` finds, each of them once.
    """
    if len(query_string) + len(body) > _BRIEF_BYTES:
        return None
    try:
        pairs = _pairs(query_string)
        if method not in ("GET", "HEAD"):
            if content_type == _FORM_BYTES:
                pairs += _pairs(body)
            elif content_type == _QUERY_BYTES:
                pairs.append(("query", body.decode("utf-8")))
            else:
                return None
    except UnicodeDecodeError:
        return None
    parameters = dict(pairs)
    return parameters if len(parameters) == len(pairs) else None


def _pairs(text: bytes) -> list[tuple[str, str]]:
    """Read a form as `parse_qsl` does; raises UnicodeDecodeError.

    `parse_qsl` goes from one percent sign to the next, which takes 0.2 s for a query of 200 KB in
    brackets, and a third of the time of a lookup.
    """
    return [
        (_unquoted(name), _unquoted(value))
        for name, _, value in (pair.partition(b"=") for pair in text.split(b"&"))
        if name or value
    ]


def _unquoted(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    try:
        return _unescaped(text)
    except UnicodeDecodeError:  # perhaps for a percent sign that stands for itself
        return _unescaped(_NO_ESCAPE.sub(b"%25", text))


def _unescaped(text: bytes) -> str:
    if b"%" in text:
        # Python's own escapes are read in C, and are the same but for their sign.
        escaped = text.replace(b"\\", rb"\x5c").replace(b"%", rb"\x")
        text = escaped.decode("unicode_escape").encode("latin-1")
    return text.decode("utf-8")


def answer_headers(release_id: str) -> dict[str, str]:
    """Give what every answer to a query from a release says."""
    return {
        "Cache-Control": "no-cache",
        "Metropole-Release": release_id,
        "Accept-Query": f"{QUERY}, {FORM}",
        **OPEN_TO_SCRIPTS,
    }
