"""Write the events of a release as iCalendar (RFC 5545).

An event is a member of schema:Event, or of a class below it, with a schema:startDate. Only an
event whose day is known is in a calendar: for one of a month or a year there is no day that
would not be invented.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from mmap import ACCESS_READ, mmap
from pathlib import Path

from metropole.release.geometry import centre, geometry
from metropole.release.icalendar import calendar, line, text
from metropole.release.manifest import Content
from metropole.release.things import Things, Words, best, literal
from metropole.vocab import RDF, SCHEMA, XSD
from metropole.wordings import chosen

FILE = "events.ics"
#: Both spellings of schema.org.
_SPELLINGS = (SCHEMA, "http://schema.org/")
_GEO = "http://www.opengis.net/ont/geosparql#"
_HAS, _WKT = (_GEO + "hasDefaultGeometry", _GEO + "hasGeometry"), _GEO + "asWKT"
#: Properties that say when an event begins.
STARTS = tuple(each + "startDate" for each in _SPELLINGS)
_BEGIN, _END = b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n"
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[-+]\d{2}:\d{2})?\Z")


@dataclass(frozen=True)
class Moment:
    """A day, or a time: in UTC, or by the clock of the place when no zone is stated."""

    day: date
    time: datetime | None = None

    @classmethod
    def of(cls, words: Words | None) -> "Moment | None":
        """Read a literal; None for anything but a day or a time of a day."""
        if words is None:
            return None
        try:
            if words.datatype == XSD + "dateTime":
                moment = datetime.fromisoformat(words.text)
                if moment.tzinfo is not None:
                    moment = moment.astimezone(UTC)
                return cls(moment.date(), moment)
            found = _DAY.match(words.text)
            return cls(date.fromisoformat(found[1])) if found else None
        except (ValueError, OverflowError):
            return None

    def line(self, name: str) -> bytes:
        """Write the moment as a property."""
        if self.time is None:
            return line(name, f"{self.day:%Y%m%d}", VALUE="DATE")
        return line(name, _stamp(self.time) if self.time.tzinfo else f"{self.time:%Y%m%dT%H%M%S}")

    def is_after(self, other: "Moment") -> bool:
        """Tell whether it is of the same kind and later."""
        if self.time is None or other.time is None:
            return self.time is None and other.time is None and self.day >= other.day
        is_alike = (self.time.tzinfo is None) == (other.time.tzinfo is None)
        return is_alike and self.time > other.time


def write_calendar(folder: Path, content: Content, things: Things) -> list[str]:
    """Write the calendar into the folder of a release, if there is an event of a known day."""
    found, vague = _events(things)
    if not found:
        return []
    writer = _Writer(things, content, found)
    with (folder / FILE).open("wb") as file:
        file.writelines(calendar(_head(content, vague), writer.events()))
    return [FILE]


def _events(things: Things) -> tuple[dict[str, Moment], int]:
    """Find the events with their beginnings; count those whose day is not known."""
    starts: dict[str, list[Moment]] = {}
    for thing, value in things.stated(*STARTS):
        moment = Moment.of(literal(value))
        if moment is not None and thing.startswith("<"):
            starts.setdefault(thing, []).append(moment)
    kinds = frozenset(things.classes_below(*(each + "Event" for each in _SPELLINGS)))
    found = {
        thing: min(moments, key=_order)
        for thing, moments in starts.items()
        if not kinds.isdisjoint(things.values(thing, RDF + "type"))
    }
    if not found:
        return {}, 0
    events = {thing for thing, kind in things.stated(RDF + "type") if kind in kinds}
    return found, len(events - found.keys())


def _order(moment: Moment) -> tuple[date, str]:
    return moment.day, str(moment.time or "")


def _head(content: Content, vague: int = 0) -> Iterator[bytes]:
    yield line("VERSION", "2.0")
    yield line("PRODID", "-//Metropole//Linked data publisher//EN")
    # What else the calendar says is English, and it has one name only.
    title = chosen(content.titles, ("en",), content.languages).text
    for name in ("NAME", "X-WR-CALNAME"):  # RFC 7986, and what was used before it
        yield line(name, text(f"{title}: events"))
    if vague:
        told = f"Events of which the graph states no day, and that are not in here: {vague}."
        yield line("DESCRIPTION", text(told))


@dataclass(frozen=True)
class _Writer:
    things: Things
    content: Content
    #: The events with their beginnings.
    starts: dict[str, Moment]

    def events(self) -> Iterator[bytes]:
        """Write the events in the order of their beginnings."""
        for event in sorted(self.starts, key=lambda each: (_order(self.starts[each]), each)):
            yield b"".join((_BEGIN, *self._event(event), _END))

    def _event(self, event: str) -> Iterator[bytes]:
        start, iri = self.starts[event], event[1:-1]
        yield line("UID", text(iri))
        yield line("DTSTAMP", _stamp(datetime.fromtimestamp(self.content.created or 0, UTC)))
        yield start.line("DTSTART")
        yield from self._end(event, start)
        name = self.things.name(event, self.content.languages)
        yield _text("SUMMARY", name or Words(iri.removeprefix(self.content.base), ""))
        about = best(self.things.words(event, *_spelled("description")), self.content.languages)
        if about:
            yield _text("DESCRIPTION", about)
        yield from self._location(event)
        if any("EventCancelled" in each for each in self._values(event, "eventStatus")):
            yield line("STATUS", "CANCELLED")
        yield line("URL", iri)

    def _end(self, event: str, start: Moment) -> Iterator[bytes]:
        """Write the end, which for days is the day after the last (section 3.6.1)."""
        ends = map(Moment.of, self.things.words(event, *_spelled("endDate")))
        end = max((end for end in ends if end and end.is_after(start)), key=_order, default=None)
        if end is not None:
            if end.time is None and end.day < date.max:
                end = Moment(end.day + timedelta(days=1))
            yield end.line("DTEND")

    def _location(self, event: str) -> Iterator[bytes]:
        """Write the first place: its name or the text, and where it is."""
        for place in self._values(event, "location")[:1]:
            name = literal(place) or self.things.name(place, self.content.languages)
            if name is not None:
                yield _text("LOCATION", name)
            yield from self._position(place)

    def _position(self, place: str) -> Iterator[bytes]:
        for node in (place, *self.things.values(place, *_HAS)):
            for words in self.things.words(node, _WKT):
                shape = geometry(words)
                point = centre(shape) if shape else None
                if point:
                    yield line("GEO", f"{point[1]:.6f};{point[0]:.6f}")  # latitude first
                    return

    def _values(self, event: str, name: str) -> list[str]:
        return self.things.values(event, *_spelled(name))


def _spelled(name: str) -> tuple[str, ...]:
    return tuple(each + name for each in _SPELLINGS)


def _text(name: str, words: Words) -> bytes:
    return line(name, text(words.text), LANGUAGE=words.language)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def one_event(path: Path, iri: str, content: Content) -> bytes | None:
    """Cut one event out of a calendar; None when it is not in it. Raises OSError."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as whole:
        start = whole.find(_BEGIN + line("UID", text(iri)))
        if start < 0:
            return None
        event = whole[start : whole.find(_END, start) + len(_END)]
    return b"".join(calendar(_head(content), [event]))
