"""Exceptions for wrong use: each message says what is wrong and what to do.

Problems in the data of a site are not exceptions; they are findings (see `metropole.report`).
"""


class MetropoleError(Exception):
    """Base of every error a user can cause and mend."""


class SettingsError(MetropoleError):
    """`metropole.toml` is missing or wrong; the message lists every problem at once."""


class DataNotValid(MetropoleError):
    """The data of the site have findings that block a release."""


class TableError(MetropoleError):
    """A table cannot be described."""


class BuildLocked(MetropoleError):
    """Another build of the same site is running."""


class ReleaseError(MetropoleError):
    """A release folder cannot be written, read or activated."""


class StoreError(MetropoleError):
    """The store of a release cannot be opened or read."""


class SearchTooLong(StoreError):
    """A search was stopped because it took longer than it may."""


class ServeError(MetropoleError):
    """The server cannot start."""


class ExaminationError(MetropoleError):
    """Nothing can be examined at an address."""
