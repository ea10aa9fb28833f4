"""The service as one request asks it: the things, types and properties of an edition."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import pyoxigraph as ox
from flask import Flask, current_app

from metropole.errors import SearchTooLong
from metropole.messages import Message
from metropole.web.reconcile import manifests
from metropole.web.reconcile.extending import Extended, extended
from metropole.web.reconcile.matching import Candidate, Matcher
from metropole.web.reconcile.questions import Question, extension_of
from metropole.web.reconcile.schema import Schema, Term
from metropole.web.reconcile.things import Things
from metropole.web.requests.problems import Problem
from metropole.web.search import index_of
from metropole.web.serving import Edition, current_edition, serving

#: Where the app keeps what is read of a release once.
_SCHEMAS = "metropole.reconcile"
#: Seconds that all queries of a request may take together.
_SECONDS = 10.0


def register(app: Flask) -> None:
    """Give the app a place for what is read of a release once."""
    app.extensions[_SCHEMAS] = _Schemas()


class Service:
    """The service as one request asks it."""

    def __init__(self) -> None:
        self.edition = current_edition()
        self.things = Things(self.edition.store)
        schemas: _Schemas = current_app.extensions[_SCHEMAS]
        self.schema = schemas.of(self.edition)
        self.batch = serving().settings.limits.reconcile_batch

    def manifest(self, write: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """Describe the service."""
        return write(
            self.edition.store.release.manifest.content,
            self.schema.default_types(manifests.DEFAULT_TYPES),
            self.batch,
            version=f"Metropole {version('metropole')}, release {self.edition.id}",
        )

    def answered(self, questions: Iterable[Question]) -> list[list[Candidate]]:
        """Find the candidates for each of some queries; raises SearchTooLong."""
        matcher = Matcher(self.things, index_of(self.edition), self.schema)
        deadline = time.monotonic() + _SECONDS
        found = []
        for question in questions:
            if time.monotonic() > deadline:
                raise SearchTooLong(
                    f"The batch was stopped after {_SECONDS:g} seconds. Ask fewer queries at once."
                )
            found.append(matcher.candidates(question))
        return found

    def extended(self, value: object) -> Extended:
        """Fetch values; raises Wrong."""
        asked = extension_of(value, self.batch, self.schema.path)
        return extended(self.things, self.schema, asked)

    def node(self, name: str) -> ox.NamedNode:
        """Find a thing by its id; raises Problem."""
        found = self.things.named(name)
        if found is None or not self.things.is_one(found):
            raise Problem(
                404,
                Message("There is no such thing in this graph"),
                Message(
                    "No thing of release %(release)s has the id “%(id)s”.", **self._named(name)
                ),
            )
        return found

    def _named(self, name: str) -> dict[str, str]:
        return {"release": self.edition.id, "id": name}

    def term(self, kind: str, name: str) -> Term:
        """Describe a type or property; raises Problem."""
        if kind == "type":
            found = self.schema.types(self.schema.classes_of(name)[:1])
        else:
            try:
                found = self.schema.properties([self.schema.path(name)])
            except ValueError as error:
                raise Problem(400, Message("The query is wrong"), str(error)) from None
        if not found:
            raise Problem(
                404,
                Message("There is no such type"),
                Message(
                    "Nothing in release %(release)s is of the type “%(id)s”.", **self._named(name)
                ),
            )
        return found[0]


@dataclass
class _Schemas:
    """The schema of the release that is current, made once for it."""

    release_id: str = ""
    schema: Schema | None = None
    making: threading.Lock = field(default_factory=threading.Lock)

    def of(self, edition: Edition) -> Schema:
        """Give the schema of an edition."""
        with self.making:
            if self.schema is None or self.release_id != edition.id:
                self.schema, self.release_id = Schema(edition), edition.id
            return self.schema
