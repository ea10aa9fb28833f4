"""The query log: a line of JSON for each query, without the text and the address of anybody."""

import hashlib
import json
import os
import secrets
import stat
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from metropole.errors import ServeError
from metropole.settings import Settings

STANDARD_ERROR = "-"
_KEY_BYTES = 16
#: What is asked is nobody else's business.
_MODE = stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP


@dataclass(frozen=True)
class LoggedQuery:
    """What is said of a query."""

    request: str
    release: str
    #: Digest of the text: equal queries have the same.
    query: str
    #: Digest of the client's address with a key that ends with the server.
    client: str
    #: `rows`, `boolean` or `graph`; empty when there was no answer.
    form: str
    bytes: int
    queue_ms: float
    run_ms: float
    #: `ok`, `cached`, `budget`, or the kind of failure.
    outcome: str


class QueryLog:
    """Writes whole lines to the end of a file; None as file keeps no log."""

    def __init__(self, file: int | None, key: bytes) -> None:
        self._file = file
        self._key = key

    @classmethod
    def opened(cls, settings: Settings, key: bytes) -> "QueryLog":
        """Open the log that the settings name; raises ServeError.

        Processes with the same key write the same digest for a client.
        """
        if not settings.query_log:
            return cls(None, key)
        if settings.query_log == STANDARD_ERROR:
            return cls(sys.stderr.fileno(), key)
        path = settings.root / settings.query_log
        try:
            return cls(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE), key)
        except OSError as error:
            raise ServeError(
                f"The query log {path} cannot be written: {error.strerror}. "
                "Change the setting 'query_log'."
            ) from error

    @property
    def is_kept(self) -> bool:
        """Tell whether what is written goes anywhere."""
        return self._file is not None

    def client(self, address: str) -> str:
        """Give the digest that stands for a client as long as the server lives.

        It is empty when no log is kept.
        """
        if self._file is None:
            return ""
        return hashlib.blake2b(address.encode(), key=self._key, digest_size=8).hexdigest()

    def digest(self, query: str) -> str:
        """Give the digest of the text of a query; empty when no log is kept."""
        return "" if self._file is None else hashlib.sha256(query.encode()).hexdigest()[:16]

    def write(self, logged: LoggedQuery) -> None:
        """Write a line; an answer does not fail because its log does."""
        if self._file is None:
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, **asdict(logged)}) + "\n"
        try:
            os.write(self._file, line.encode())
        except OSError:
            return


def new_key() -> bytes:
    """Give a key for the digests of clients."""
    return secrets.token_bytes(_KEY_BYTES)
