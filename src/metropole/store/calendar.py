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

import pyoxigraph as ox

from metropole.release import Content
from metropole.store import FOLDER as STORE
from metropole.store import things
from metropole.store.geometry import centre, geometry
from metropole.store.icalendar import calendar, line, text
from metropole.store.things import Thing
from metropole.vocab import RDF, SCHEMA, XSD

FILE = "events.ics"
#: Both spellings of schema.org.
_SPELLINGS = (SCHEMA, "http://schema.org/")
_GEO = "http://www.opengis.net/ont/geosparql#"
_HAS, _WKT = (_GEO + "hasDefaultGeometry", _GEO + "hasGeometry"), _GEO + "asWKT"
#: Properties that say when an event begins.
STARTS = tuple(ox.NamedNode(each + "startDate") for each in _SPELLINGS)
_BEGIN, _END = b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n"
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[-+]\d{2}:\d{2})?\Z")


@dataclass(frozen=True)
class Moment:
    """A day, or a time: in UTC, or by the clock of the place when no zone is stated."""

    day: date
    time: datetime | None = None

    @classmethod
    def of(cls, value: object) -> "Moment | None":
        """Read a literal; None for anything but a day or a time of a day."""
        if not isinstance(value, ox.Literal):
            return None
        try:
            if value.datatype.value == XSD + "dateTime":
                moment = datetime.fromisoformat(value.value)
                if moment.tzinfo is not None:
                    moment = moment.astimezone(UTC)
                return cls(moment.date(), moment)
            found = _DAY.match(value.value)
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


def write_calendar(folder: Path, content: Content) -> list[str]:
    """Write the calendar into the folder of a release, if there is an event of a known day."""
    store = ox.Store.read_only(str(folder / STORE))
    found, vague = _events(store)
    if not found:
        return []
    writer = _Writer(store, content, found)
    with (folder / FILE).open("wb") as file:
        file.writelines(calendar(_head(content, vague), writer.events()))
    return [FILE]


def _events(store: ox.Store) -> tuple[dict[ox.NamedNode, Moment], int]:
    """Find the events with their beginnings; count those whose day is not known."""
    starts: dict[Thing, list[Moment | None]] = {}
    for thing, value in things.stated(store, *(each.value for each in STARTS)):
        starts.setdefault(thing, []).append(Moment.of(value))
    kinds = things.classes_below(store, *(each + "Event" for each in _SPELLINGS))
    events = {
        quad.subject
        for kind in kinds
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), kind)
        if isinstance(quad.subject, ox.NamedNode)
    }
    found = {}
    for event in events:
        known = [moment for moment in starts.get(event, ()) if moment is not None]
        if known:
            found[event] = min(known, key=_order)
    return found, len(events) - len(found)


def _order(moment: Moment) -> tuple[date, str]:
    return moment.day, str(moment.time or "")


def _head(content: Content, vague: int = 0) -> Iterator[bytes]:
    yield line("VERSION", "2.0")
    yield line("PRODID", "-//Metropole//Linked data publisher//EN")
    for name in ("NAME", "X-WR-CALNAME"):  # RFC 7986, and what was used before it
        yield line(name, text(f"{content.title}: events"))
    if vague:
        told = f"Events of which the graph states no day, and that are not in here: {vague}."
        yield line("DESCRIPTION", text(told))


@dataclass(frozen=True)
class _Writer:
    store: ox.Store
    content: Content
    starts: dict[ox.NamedNode, Moment]

    def events(self) -> Iterator[bytes]:
        """Write the events in the order of their beginnings."""
        places = {
            place
            for event in self.starts
            for place in self._values(event, "location")
            if isinstance(place, Thing)
        }
        named = {*self.starts, *places}
        names = things.names(self.store, named, self.content.languages)
        for event in sorted(self.starts, key=lambda each: (_order(self.starts[each]), each.value)):
            yield b"".join((_BEGIN, *self._event(event, names), _END))

    def _event(self, event: ox.NamedNode, names: dict[Thing, ox.Literal]) -> Iterator[bytes]:
        start = self.starts[event]
        yield line("UID", text(event.value))
        yield line("DTSTAMP", _stamp(datetime.fromtimestamp(self.content.created or 0, UTC)))
        yield start.line("DTSTART")
        yield from self._end(event, start)
        name = names.get(event)
        yield line(
            "SUMMARY",
            text(name.value if name else event.value.removeprefix(self.content.base)),
            LANGUAGE=(name.language or "") if name else "",
        )
        about = things.best(self._values(event, "description"), self.content.languages)
        if about:
            yield line("DESCRIPTION", text(about.value), LANGUAGE=about.language or "")
        yield from self._location(event, names)
        for status in self._values(event, "eventStatus"):
            if status.value.endswith("EventCancelled"):
                yield line("STATUS", "CANCELLED")
        yield line("URL", event.value)

    def _end(self, event: ox.NamedNode, start: Moment) -> Iterator[bytes]:
        """Write the end, which for days is the day after the last (section 3.6.1)."""
        ends = [moment for each in self._values(event, "endDate") if (moment := Moment.of(each))]
        ends = [end for end in ends if end.is_after(start)]
        if ends:
            end = max(ends, key=_order)
            if end.time is None and end.day < date.max:
                end = Moment(end.day + timedelta(days=1))
            yield end.line("DTEND")

    def _location(self, event: ox.NamedNode, names: dict[Thing, ox.Literal]) -> Iterator[bytes]:
        """Write the first place: its name or the text, and where it is."""
        for place in self._values(event, "location")[:1]:
            name = place if isinstance(place, ox.Literal) else names.get(place)
            if name is not None:
                yield line("LOCATION", text(name.value), LANGUAGE=name.language or "")
            if isinstance(place, Thing):
                yield from self._position(place)

    def _position(self, place: Thing) -> Iterator[bytes]:
        for node in (place, *things.values(self.store, place, *_HAS)):
            found = things.values(self.store, node, _WKT) if isinstance(node, Thing) else []
            for literal in found:
                shape = geometry(literal) if isinstance(literal, ox.Literal) else None
                point = centre(shape) if shape else None
                if point:
                    yield line("GEO", f"{point[1]:.6f};{point[0]:.6f}")  # latitude first
                    return

    def _values(
        self, event: ox.NamedNode, name: str
    ) -> list[ox.NamedNode | ox.Literal | ox.BlankNode]:
        return things.values(self.store, event, *(each + name for each in _SPELLINGS))


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
