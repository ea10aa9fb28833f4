"""What the server serves: the current release, followed without a restart."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from flask import current_app, g

from metropole.errors import MetropoleError, ReleaseError, ServeError
from metropole.release import Releases
from metropole.release.calendar import FILE as CALENDAR
from metropole.release.downloads.listing import Listing, read_listing
from metropole.release.lists import Lists
from metropole.settings import Settings
from metropole.stamps import Stamp, stamp_of
from metropole.store.query_pool import QueryPool
from metropole.store.reading import ReadingStore
from metropole.store.searching import SearchIndex
from metropole.turtle import Terms
from metropole.web.serving.budget import Budget, Budgets
from metropole.web.serving.metrics import Metrics
from metropole.web.serving.past import Past
from metropole.web.serving.query_log import QueryLog, new_key

EXTENSION = "metropole"
T = TypeVar("T")


@dataclass(frozen=True)
class Edition:
    """A release with its open store, as one request sees it."""

    store: ReadingStore

    @property
    def id(self) -> str:
        """Give the id of the release."""
        return self.store.release.id

    @cached_property
    def key(self) -> str:
        """Name what is open: a release that was made anew has its id, and another key."""
        return f"{self.id} {self.store.stamp}"

    def once(self, make: "Callable[[Edition], T]") -> T:
        """Give what is made of the edition, which is made when it is asked for first."""
        found = self._made.get(make)
        if found is None:
            found = self._made.setdefault(make, make(self))
        return cast(T, found)

    @cached_property
    def _made(self) -> "dict[Callable[[Edition], object], object]":
        return {}

    @cached_property
    def lists_by_class(self) -> dict[str, str]:
        """Give what the lists of classes for people are called, by the IRI of the class."""
        try:
            with Lists(self.store.release) as lists:
                return {kind.iri: kind.name for kind in lists.kinds() if kind.is_named}
        except ReleaseError:
            return {}  # made before there were lists

    @cached_property
    def terms(self) -> Terms:
        """Give what shortens the terms of documents, which remembers them."""
        return Terms(self.store.release.manifest.content.prefixes)

    @cached_property
    def has_calendar(self) -> bool:
        """Tell whether the release has events whose day is known."""
        return any(file.path == CALENDAR for file in self.store.release.manifest.files)

    @cached_property
    def search(self) -> SearchIndex:
        """Give the search index of the release."""
        return SearchIndex(self.store.release)

    @cached_property
    def downloads(self) -> Listing:
        """Give the list of what can be downloaded, read once."""
        return read_listing(self.store.release)


class Serving:
    """The settings, the query pool and the edition that is current now."""

    def __init__(
        self, settings: Settings, *, budget: Budgets | None = None, log_key: bytes = b""
    ) -> None:
        """Open the current release; raises ReleaseError or StoreError when that fails.

        Several processes that serve together pass what they have in common.
        """
        self.settings = settings
        self.releases = Releases(settings)
        self.past = Past(self.releases)
        self._edition = self._open()
        self._failed = ""
        #: Stamp of a release at the place of the current one that could not be opened.
        self._refused: Stamp | None = None
        self._pointer = str(self.releases.pointer)
        self._published: tuple[str, int] | None = None
        self._moving = threading.Lock()
        self.query_log = QueryLog.opened(settings, log_key or new_key())
        self.metrics = Metrics()
        self.budget = budget or Budget(settings.limits.client_seconds_per_minute)
        self.pool = QueryPool(settings.limits)

    def edition(self) -> Edition:
        """Give the current edition; the new one when the pointer has moved, or its end is new.

        A release that cannot be opened is passed over: the one before stays in service, and
        `problem` says why.
        """
        try:
            wanted = self.releases.current_id()
        except ReleaseError as error:
            self._failed = str(error)
            return self._edition
        if self._is_settled(wanted):
            return self._edition
        with self._moving:
            if not self._is_settled(wanted):
                self._move()
            return self._edition

    def settled(self) -> Edition | None:
        """Give the current edition; None while the pointer leads elsewhere, or to what is new.

        It neither waits nor opens anything.
        """
        current = self._edition
        stamp = stamp_of(self._pointer)
        if stamp is not None and stamp == current.store.stamp:
            return current  # there is no more to be asked
        try:
            wanted = self.releases.current_id()
        except ReleaseError:
            return None
        return current if self._is_settled(wanted) else None

    def _is_settled(self, wanted: str | None) -> bool:
        """Tell whether the edition is what the pointer leads to; it names what is `wanted`."""
        current = self._edition
        if wanted != current.id:
            return wanted is None
        stamp = stamp_of(self._pointer)
        return stamp in (None, current.store.stamp, self._refused)

    def known_time(self, release_id: str) -> int | None:
        """Give what `published` has found out about a release; it reads nothing."""
        known = self._published
        return known[1] if known is not None and known[0] == release_id else None

    def published(self, release_id: str) -> int | None:
        """Give when a release was last made current, in seconds since 1970; None if unknown."""
        known = self._published
        if known is not None and known[0] == release_id:
            return known[1]
        try:
            activations = self.releases.journal.activations()
        except ReleaseError:
            return None  # the pages that show the journal say what is wrong with it
        time = {each.release: each.time for each in activations}.get(release_id)
        # The pointer moves before the journal says so; until then nothing is kept.
        if time is not None and activations[-1].release == release_id:
            self._published = (release_id, time)
        return time

    def _move(self) -> None:
        stamp = stamp_of(self._pointer)
        try:
            self._edition = self._open()
            self._failed = ""
        except MetropoleError as error:
            self._failed, self._refused = str(error), stamp

    def _open(self) -> Edition:
        release = self.releases.current()
        if release is None:
            raise ServeError("There is no release to serve yet. Run 'metropole build' first.")
        return Edition(ReadingStore(release))

    @property
    def problem(self) -> str:
        """Say why the current release could not be opened, or is gone; empty when all is well."""
        if not self._failed and self._edition.id not in self.releases.ids():
            return f"The folder of release {self._edition.id} is gone. Run 'metropole build'."
        return self._failed


def serving() -> Serving:
    """Give the Serving of the current app."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Serving)
    return found


def current_edition() -> Edition:
    """Give the current edition: the same one all through a request, whatever becomes current."""
    found: Edition | None = g.get("edition")
    if found is None:
        found = g.edition = serving().edition()
    return found
