"""Choose a representation (RFC 9110, section 12.5.1): pure functions, no request needed."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from werkzeug import Response
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header


class Offer(Protocol):
    """Something with a media type that can be served."""

    @property
    def media_type(self) -> str:
        """Give the media type it is served as."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Give other media types that clients send for it."""
        ...


AnyOffer = TypeVar("AnyOffer", bound=Offer)


@dataclass(frozen=True)
class Page:
    """The representation for people."""

    name: str = "HTML"
    media_type: str = "text/html"
    extension: str = "html"
    aliases: tuple[str, ...] = ("application/xhtml+xml",)

    @property
    def content_type(self) -> str:
        """Give the value of the `Content-Type` header."""
        return "text/html; charset=utf-8"


HTML = Page()
#: By range, without its parameters: whether it had any, its place in the header, and its quality.
_Places = dict[str, tuple[bool, int, float]]
#: Behind every place in a header.
_NOWHERE = sys.maxsize


def acceptable(header: str | None, offers: Iterable[AnyOffer]) -> list[AnyOffer]:
    """List the offers a client accepts, its favourite first.

    `header` is the value of `Accept`; None or an empty one accepts everything. Among types of
    equal quality the order of the header decides, and within one wildcard the order of the
    offers. A type excluded by `q=0` is not in the list.
    """
    accept = _places(parse_accept_header(header or "*/*", MIMEAccept))
    ranked = []
    for position, offer in enumerate(offers):
        quality, place = _best(accept, offer)
        if quality > 0:
            ranked.append((-quality, place, position, offer))
    return [offer for *_, offer in sorted(ranked, key=lambda entry: entry[:3])]


def reader_languages(header: str | None) -> tuple[str, ...]:
    """List the languages of a reader, the favourite first, as tags of labels have them.

    `header` is the value of `Accept-Language` (RFC 9110, section 12.5.4). Who reads English as
    in Britain reads it without a country too.
    """
    accept = parse_accept_header(header, LanguageAccept)
    tags = [tag.lower() for tag, quality in accept if quality > 0 and tag != "*"]
    return tuple(dict.fromkeys(each for tag in tags for each in (tag, tag.partition("-")[0])))


def vary(response: Response, name: str) -> None:
    """Say that a response depends on a header of the request (RFC 9110, section 12.5.5)."""
    known = response.headers.get("Vary", "")
    if name.lower() not in known.lower().split(", "):
        response.headers["Vary"] = f"{known}, {name}" if known else name


def _places(accept: MIMEAccept) -> "_Places":
    """Find each range of a header at once: where it stands best, and its quality there.

    Werkzeug has sorted the ranges, the most specific first. Parameters of a range, as
    `charset`, are not held against an offer, but one without parameters is nearer to it.
    """
    found: _Places = {}
    for place, (accepted, quality) in enumerate(accept):
        wanted, semicolon, _ = accepted.partition(";")
        standing = (bool(semicolon), place, quality)
        name = wanted.lower()
        found[name] = min(found.get(name, standing), standing)
    return found


def _best(accept: "_Places", offer: Offer) -> tuple[float, int]:
    """Give the quality of an offer and the place of the range that decides it.

    Another name of the offer counts only where the client writes it out, and not when the
    client refuses the type itself.
    """
    quality, place = _rank(accept, _ranges(offer.media_type))
    if quality <= 0 and place < _NOWHERE:
        return 0.0, place
    ranks = [(quality, place), *(_rank(accept, (alias,)) for alias in offer.aliases)]
    return max(ranks, key=lambda rank: (rank[0], -rank[1]))


def _ranges(media_type: str) -> tuple[str, ...]:
    return media_type, f"{media_type.partition('/')[0]}/*", "*/*", "*"


def _rank(accept: "_Places", ranges: tuple[str, ...]) -> tuple[float, int]:
    """Give quality and place of the most specific range that matches; 0 when none does."""
    matching = next((accept[name] for name in ranges if name in accept), None)
    if matching is None:
        return 0.0, _NOWHERE
    _, place, quality = matching
    return quality, place
