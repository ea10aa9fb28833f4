"""Go through the things of a release: what is described below `id/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from metropole.release.dumps import FOLDER
from metropole.release.folder import Release
from metropole.vocab import PROV

_GONE = tuple(f" <{PROV}{name}> ".encode() for name in ("invalidatedAtTime", "wasInvalidatedBy"))


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing: its IRI, the place of its first line in the dataset, whether it is said to be gone.

    The place is counted from 0.
    """

    iri: bytes
    place: int
    is_gone: bool


def things(release: Release) -> Iterator[Thing]:
    """Go through the things, sorted by IRI.

    Graphs and saved queries are files of the site, which come and go with these, and are no
    things.
    """
    base = release.manifest.content.base.encode()
    beginning = b"<" + base + b"id/"
    left_out = tuple(beginning + kind for kind in (b"graph/", b"query/"))
    with (release.folder / FOLDER / "dataset.nq").open("rb") as file:
        for subject, group in groupby(enumerate(file), key=_subject):
            if subject.startswith(beginning) and not subject.startswith(left_out):
                lines = list(group)
                gone = any(word in line for _, line in lines for word in _GONE)
                yield Thing(subject[1:-1], lines[0][0], gone)


def _subject(numbered: tuple[int, bytes]) -> bytes:
    line = numbered[1]
    return line[: line.index(b" ")]
