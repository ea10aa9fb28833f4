"""Digest a dataset in the canonical form of RDFC-1.0 (RDF Dataset Canonicalization, section 4).

The algorithm gives labels to blank nodes, and what it looks at are the statements that have one.
So only these are handed to it; the rest is canonical already, as the order and the spelling of
lines are those of canonical N-Quads. A graph can be made for which the algorithm never ends, so
it runs in a process with a limit on its time.
"""

import os
import re
import subprocess
import sys
from functools import partial
from typing import BinaryIO, cast

import pyoxigraph as ox

from metropole.release.dataset import Dataset, LineFile
from metropole.release.processes import MODULE

#: The algorithm takes a second for 100,000 statements; a graph made to stop it takes years.
LONGEST_SECONDS = 60
RDFC = "rdfc"
#: A blank node as subject, or as object before the name of a graph; texts may look like one.
_BLANK = re.compile(rb"(?:^|(?<=> ))_:\S+(?= <)")


def rdfc_sha256(dataset: Dataset, plain_sha256: str, *, seconds: float = LONGEST_SECONDS) -> str:
    """Give the SHA-256 of canonical N-Quads; nothing when the algorithm does not come to an end.

    Without a blank node it is that of the lines as they are, which is known.
    """
    labelled = [line for line in dataset.holding(b"_:") if may_hold_blank(line)]
    if not labelled:
        return plain_sha256
    canonical = _canonical(labelled, seconds)
    if canonical is None:
        return ""
    held = set(labelled)
    lines = sorted([*(line for line in dataset.lines if line not in held), *canonical])
    return Dataset(lines).sha256()


def may_hold_blank(line: bytes) -> bool:
    """Tell whether a blank node may stand in a line; a text that looks like one does no harm."""
    return line.startswith(b"_:") or b"> _:" in line


def _canonical(lines: list[bytes], seconds: float) -> list[bytes] | None:
    """Give lines their canonical labels; None when that takes too long."""
    if _are_told_apart(lines):
        return relabelled(lines)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", MODULE, RDFC, str(os.getpid())],
            input=b"\n".join(lines) + b"\n",
            stdout=subprocess.PIPE,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.split(b"\n")[:-1]


def _are_told_apart(lines: list[bytes]) -> bool:
    """Tell whether each blank node differs from all others in what is said with it directly.

    Then the algorithm needs no more than one look at each (section 4.6).
    """
    said: dict[bytes, list[bytes]] = {}
    for line in lines:
        for node in set(_BLANK.findall(line)):
            own = _BLANK.sub(partial(_seen_from, node), line)
            said.setdefault(node, []).append(own)
    seen = {b"\n".join(sorted(each)) for each in said.values()}
    return len(seen) == len(said)


def _seen_from(node: bytes, found: re.Match[bytes]) -> bytes:
    return b"_:a" if found[0] == node else b"_:z"


def relabelled(lines: list[bytes]) -> list[bytes]:
    """Give blank nodes their canonical labels, however long that takes."""
    file = cast(BinaryIO, LineFile(lines))
    dataset = ox.Dataset(ox.parse(file, format=ox.RdfFormat.N_QUADS, lenient=True))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    text = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS)
    assert text is not None
    return text.split(b"\n")[:-1]
