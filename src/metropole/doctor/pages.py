"""See whether the pages for people are there: what they link to, and what they load."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from metropole.doctor.checks import Check, Observation, Verdict
from metropole.doctor.site import Site
from metropole.doctor.visits import NoReply, Reply, Visitor

ANSWER = Check(
    "pages-answer",
    "What the pages link to is there",
    "Mend the link, or what it leads to; a page that fails (5xx) stands in the server's log.",
    "RFC 9110, section 15.6; HTML, section 4.6",
)
HERE = Check(
    "pages-load-here",
    "Pages load nothing from other hosts",
    "Serve scripts, styles, fonts and pictures yourself: others learn who reads what, and the page "
    "is broken when they are.",
    "GDPR, article 5(1)(c); HTML, section 4.2.4",
    Verdict.NOTE,
)
CHECKS = (ANSWER, HERE)
_HTML = "text/html"
_BAD_REQUEST, _SERVER_ERROR = 400, 500
#: So many addresses are opened, so many below one folder, and so many with a query.
_MOST_OPENED, _MOST_BELOW, _MOST_QUERIES = 120, 12, 3
#: More of a page than this is not read.
_MOST_BYTES = 1 << 20
_LINKED = {"a": "href", "area": "href"}
_LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "embed": "src"}
#: What a `link` has to be that a browser loads.
_LOADED_LINKS = frozenset({"stylesheet", "icon", "preload", "modulepreload"})


@dataclass
class _Page(HTMLParser):
    """What a page leads to and loads, as it is written there."""

    linked: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of an element that has one."""
        given = dict(attrs)
        if tag in _LINKED:
            self.linked.append(given.get(_LINKED[tag]) or "")
        elif tag in _LOADED:
            self.loaded.append(given.get(_LOADED[tag]) or "")
        elif tag == "link" and _LOADED_LINKS & {*(given.get("rel") or "").lower().split()}:
            self.loaded.append(given.get("href") or "")


def look_at_pages(site: Site, visitor: Visitor) -> Iterator[Observation]:
    """Walk from the start as a reader does, who opens some pages of each kind."""
    walk = _Walk(site, visitor)
    yield from walk.steps()
    yield walk.loading()


class _Walk:
    def __init__(self, site: Site, visitor: Visitor) -> None:
        self._site, self._visitor = site, visitor
        self._waiting = deque([site.root])
        #: Where each address was found first.
        self._found_on = {site.root: site.root}
        self._opened: Counter[str] = Counter()
        #: What is loaded from elsewhere, and the page that does.
        self._foreign: dict[str, str] = {}

    def steps(self) -> Iterator[Observation]:
        """Open one address after the other."""
        while self._waiting and self._opened.total() < _MOST_OPENED:
            address = self._waiting.popleft()
            if self._is_enough_of(address):
                continue
            try:
                trail = self._visitor.follow(
                    address, f"{_HTML}, */*;q=0.1", self._site.here, most=_MOST_BYTES
                )
            except NoReply as error:
                yield ANSWER.broken(f"{error}.", self._found_on[address])
                continue
            yield self._judged(address, trail[-1])
            if trail[-1].media_type == _HTML and self._is_here(trail[-1].address):
                self._read(trail[-1])

    def _is_enough_of(self, address: str) -> bool:
        """Count what is opened of each folder, and of each path with a query."""
        parts = urlsplit(address)
        kind = f"{parts.path}?" if parts.query else parts.path.rpartition("/")[0]
        if self._opened[kind] >= (_MOST_QUERIES if parts.query else _MOST_BELOW):
            return True
        self._opened[kind] += 1
        return False

    def _judged(self, address: str, last: Reply) -> Observation:
        if last.status < _BAD_REQUEST:
            return ANSWER.fine(address)
        told = f"{address} is answered with {last.told}."
        where = self._found_on[address]
        is_failure = last.status >= _SERVER_ERROR
        return Observation(
            ANSWER, Verdict.VIOLATION if is_failure else Verdict.WARNING, told, where
        )

    def _read(self, reply: Reply) -> None:
        page = _Page()
        page.feed(reply.body.decode("utf-8", errors="replace"))
        for link in page.linked:
            address = self._absolute(reply, link)
            if self._is_here(address) and address not in self._found_on:
                self._found_on[address] = reply.address
                self._waiting.append(address)
        for link in page.loaded:
            address = self._absolute(reply, link)
            if address.startswith("http") and not self._is_here(address):
                self._foreign.setdefault(address, reply.address)

    def _absolute(self, reply: Reply, link: str) -> str:
        try:
            return self._site.here(urldefrag(urljoin(reply.address, link)).url)
        except ValueError:  # an address that cannot be one leads nowhere
            return ""

    def _is_here(self, address: str) -> bool:
        return address.startswith(self._site.root)

    def loading(self) -> Observation:
        """Say what was loaded from elsewhere."""
        for address, page in self._foreign.items():
            others = len(self._foreign) - 1
            more = f" and {others} more" if others else ""
            return HERE.broken(f"The page loads {address}{more}.", page)
        return HERE.fine(self._site.root)
