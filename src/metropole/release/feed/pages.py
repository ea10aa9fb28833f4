"""What a feed is made of: pages of ranges of bytes, batches, and versions of things."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256


@dataclass(frozen=True)
class Batch:
    """What was told with one activation."""

    number: int
    release: str
    #: Milliseconds since 1970; later than that of the batch before.
    time: int


@dataclass(frozen=True)
class Slice:
    """A range of bytes of the snapshot's dump, or of a file of the feed."""

    batch: int
    #: Name of the file; empty for the dump.
    file: str
    start: int
    end: int
    #: How many members it has; 0 when nobody counted.
    members: int = 0


@dataclass(frozen=True)
class Page:
    """A page of the feed; once closed it never changes."""

    name: int
    #: Times of the first and of the last member, in milliseconds.
    first: int
    last: int
    slices: tuple[Slice, ...]
    is_closed: bool

    @property
    def bytes(self) -> int:
        """Add up the bytes it is made of."""
        return sum(each.end - each.start for each in self.slices)

    @property
    def members(self) -> int:
        """Add up the members of batches that were counted."""
        return sum(each.members for each in self.slices)

    def digest(self) -> str:
        """Tell this page from any other, and from itself before it grew."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Feed:
    """The index of the feed."""

    base: str
    #: The release that was active when the feed was last written.
    release: str
    #: The batch whose release the first pages are read from.
    snapshot: int
    batches: tuple[Batch, ...]
    pages: tuple[Page, ...]
    #: Name of the next page; all smaller ones are or were there.
    next_page: int

    def page(self, name: int) -> Page | None:
        """Find a page by its name."""
        return next((page for page in self.pages if page.name == name), None)

    def batch(self, number: int) -> Batch:
        """Give a batch by its number."""
        return self.batches[number - self.batches[0].number]

    def digest(self) -> str:
        """Tell this state of the feed from any other."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Member:
    """A version of a thing, or the word that it is gone."""

    entity: str
    #: `created`, `changed` or `deleted`.
    change: str
    release: str
    time: int
    #: Statements about it without their full stops; empty when it is gone.
    triples: tuple[bytes, ...] = ()

    def name(self) -> str:
        """Give what no other member is called by."""
        return sha256(f"{self.time} {self.release} {self.entity}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Snapshot:
    """What has to be known to read members from the dump of a release."""

    #: Labels of blank nodes that belong to no single thing.
    shared: tuple[str, ...] = ()
    #: Things whose last version is younger than the first batch: time, release, change.
    origins: dict[str, tuple[int, str, str]] = field(default_factory=dict)


def written(time: int) -> str:
    """Write a time as `xsd:dateTime`, always in the same length so that texts sort as times."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03d}Z"
