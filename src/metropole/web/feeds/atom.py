"""Write the changes as Atom (RFC 4287), paged in archives that stay as they are (RFC 5005)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from metropole.release.feed import written
from metropole.release.ldes import member_iri
from metropole.release.manifest import Content
from metropole.wordings import chosen

ATOM = "application/atom+xml"
#: Activations in an archive; with the things that are named for each, some 250 entries.
PER_ARCHIVE = 5
_NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:fh": "http://purl.org/syndication/history/1.0",
}
_LANGUAGE = "en"
_WORDS = {"created": "New", "changed": "Changed", "deleted": "Gone"}


@dataclass(frozen=True)
class Document:
    """Which document of the feed is written, and which one is before it."""

    content: Content
    base: str
    #: Number of the archive; None for the document that people subscribe to.
    number: int | None
    #: Number of the archive before it.
    previous: int | None

    def address(self, number: int | None) -> str:
        """Give the address of a document of the feed."""
        return f"{self.base}feed.atom" if number is None else f"{self.base}feed/{number}.atom"


def document(told: Document, stories: Iterable[dict[str, Any]]) -> bytes:
    """Write a document; the stories of the batches come newest first."""
    kept = list(stories)
    feed = ET.Element("feed", _NAMESPACES | {"xml:lang": _LANGUAGE})
    _text(feed, "id", f"{told.base}feed.atom")
    # The feed is in English: so is its title, where the site has one in it.
    title = chosen(told.content.titles, (_LANGUAGE,), told.content.languages)
    said = _text(feed, "title", f"{title.text}: changes")
    if title.language != _LANGUAGE:
        said.set("xml:lang", title.language)
    _text(feed, "updated", written(max((story["time"] for story in kept), default=0)))
    author = ET.SubElement(feed, "author")
    _text(author, "name", told.content.publisher or title.text)
    if told.content.licence:
        _link(feed, "license", told.content.licence)
    _link(feed, "self", told.address(told.number), ATOM)
    _link(feed, "alternate", f"{told.base}releases/", "text/html")
    if told.number is not None:
        ET.SubElement(feed, "fh:archive")
        _link(feed, "current", told.address(None), ATOM)
    if told.previous is not None:
        _link(feed, "prev-archive", told.address(told.previous), ATOM)
    for story in kept:
        _release(feed, told, story)
        for shown in story["shown"]:
            _thing(feed, told, story, shown)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _release(feed: ET.Element, told: Document, story: dict[str, Any]) -> None:
    """Write the entry of a release; one that comes back is an event of its own."""
    entry = ET.SubElement(feed, "entry")
    address = f"{told.base}releases/{story['release']}"
    _text(entry, "id", f"{address}#{story['time']}")
    _text(entry, "title", f"Release {story['release']}")
    _text(entry, "updated", written(story["time"]))
    _text(entry, "published", written(story["time"]))
    _link(entry, "alternate", address, "text/html")
    _text(entry, "summary", _sentence(story))


def _sentence(story: dict[str, Any]) -> str:
    counts = story["counts"]
    if story["before"] is None:
        return (
            f"The feed begins with all that this release says: {story['statements']:,} statements."
        )
    said = (
        f"{counts['created']:,} new, {counts['changed']:,} changed and {counts['deleted']:,} gone "
        f"since release {story['before']}."
    )
    rest = sum(counts.values()) - len(story["shown"])
    return (
        f"{said} {rest:,} of them have no entry here; the event stream has all." if rest else said
    )


def _thing(feed: ET.Element, told: Document, story: dict[str, Any], shown: dict[str, str]) -> None:
    entry = ET.SubElement(feed, "entry")
    _text(entry, "id", member_iri(told.base, shown["member"]))
    name = shown.get("name", shown["entity"].removeprefix(told.base))
    title = _text(entry, "title", f"{_WORDS[shown['change']]}: {name}")
    if shown.get("language"):
        title.set("xml:lang", shown["language"])
    _text(entry, "updated", written(story["time"]))
    _link(entry, "alternate", shown["entity"])
    _link(entry, "related", f"{told.base}releases/{story['release']}", "text/html")
    ET.SubElement(entry, "category", {"term": shown["change"]})
    _text(entry, "summary", f"{_WORDS[shown['change']]} in release {story['release']}.")


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    found = ET.SubElement(parent, name)
    found.text = "".join(each for each in text if each >= " " or each in "\t\n\r")
    return found


def _link(parent: ET.Element, relation: str, address: str, media_type: str = "") -> None:
    attributes = {"rel": relation, "href": address}
    if media_type:
        attributes["type"] = media_type
    ET.SubElement(parent, "link", attributes)
