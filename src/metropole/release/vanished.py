"""Find the things that the current release describes and a new graph does not.

An IRI that others may use is not taken away without a word: the graph says that the thing is
gone and what took its place (PROV-O `prov:invalidatedAtTime`, DCMI `dct:isReplacedBy`).
"""

from pathlib import Path

from metropole.graph import SiteGraph
from metropole.graph.statement_lines import subject_of
from metropole.release.described_things import things
from metropole.release.folder import Release
from metropole.release.positions import Position, Positions
from metropole.report import Finding, Severity
from metropole.sources import SHAPES

#: The rest is told by its number.
_TOLD = 100
#: Things that are named of a file that says nothing any more.
_NAMED = 2
_Gone = tuple[str, Position | None]


def vanished_shapes(graph: SiteGraph, current: Release) -> tuple[Finding, ...]:
    """Tell when the current release was held to shapes and the folder of shapes is gone.

    A folder that cannot be read has a finding of its own.
    """
    had_shapes = current.count(f"statements in {SHAPES}/") > 0
    has_shapes = any(each.source.folder == SHAPES for each in graph.sources)
    if not had_shapes or has_shapes or graph.is_half_read(SHAPES):
        return ()
    return (
        Finding(
            Severity.VIOLATION,
            "vanished-shapes",
            f"Release {current.id} was held to shapes, and the folder shapes/ holds no file any "
            "more: nothing would be validated.",
            remedy="Restore shapes/. If no shapes are wanted any more, keep a file in it that "
            "says so in a comment.",
        ),
    )


def vanished(graph: SiteGraph, current: Release) -> tuple[Finding, ...]:
    """Tell each thing of the current release that is not described any more, as a warning.

    Those of a file that says nothing any more, or is not there, are told together.

    Nothing is told when the base is another one, for then every IRI is, and nothing of what stood
    in a file that cannot be read now. Raises ReleaseError or OSError when the release is damaged.
    """
    if current.manifest.content.base != graph.settings.base:
        return ()
    described = {subject for each in graph.sources for subject in map(subject_of, each.statements)}
    lines = Positions.read(current)
    gone = [
        (thing.iri.decode(errors="replace"), position)
        for thing in things(current)
        if b"<%b>" % thing.iri not in described
        and not _may_be_there(graph, position := lines.of_line(thing.place))
    ]
    emptied, single = _by_emptied_file(graph, gone)
    findings = [_emptied(file, iris, current) for file, iris in emptied.items()]
    lengths = _Lengths(graph.settings.root)
    findings += [_gone(iri, position, current, lengths) for iri, position in single[:_TOLD]]
    if len(single) > _TOLD:
        findings.append(_more_gone(len(single) - _TOLD, current))
    return tuple(findings)


def _by_emptied_file(
    graph: SiteGraph, gone: list[_Gone]
) -> tuple[dict[str, list[str]], list[_Gone]]:
    """Part things by files that say nothing any more; one that is alone there is with the rest."""
    speaking = {parsed.source.name for parsed in graph.sources if parsed.statements}
    by_file: dict[str, list[str]] = {}
    for iri, position in gone:
        if position and position.file not in speaking:
            by_file.setdefault(position.file, []).append(iri)
    emptied = {file: iris for file, iris in by_file.items() if len(iris) > 1}
    return emptied, [each for each in gone if each[1] is None or each[1].file not in emptied]


def _may_be_there(graph: SiteGraph, position: Position | None) -> bool:
    """Tell whether a thing may stand in a file that says more than could be read of it."""
    return graph.is_half_read(position.file) if position else bool(graph.half_read)


class _Lengths(dict[str, int]):
    """The numbers of lines that files have now, each counted when it is asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __missing__(self, file: str) -> int:
        try:
            content = (self._root / file.partition("#")[0]).read_bytes()
        except OSError:
            content = b""
        self[file] = content.count(b"\n") + (not content.endswith(b"\n"))
        return self[file]


def _gone(iri: str, position: Position | None, current: Release, lengths: _Lengths) -> Finding:
    return Finding(
        Severity.WARNING,
        "vanished",
        f"<{iri}> was in release {current.id}, and nothing is said of it any more.",
        file=position.file if position else "",
        # Where the file has become shorter, no line is left to point at.
        line=position.line if position and position.line <= lengths[position.file] else 0,
        focus=f"<{iri}>",
        remedy="Say in data/ when it went and what took its place, with "
        "prov:invalidatedAtTime and dct:isReplacedBy; or restore it.",
    )


def _emptied(file: str, iris: list[str], current: Release) -> Finding:
    named = " and ".join(f"<{iri}>" for iri in iris[:_NAMED])
    return Finding(
        Severity.WARNING,
        "vanished",
        f"'{file}' says nothing any more: {len(iris):,} things stood in it in release "
        f"{current.id}, as {named}, and nothing is said of them.",
        file=file,
        remedy="Restore what was in the file. If it is all gone for good, say so in data/ of each "
        "thing, with prov:invalidatedAtTime and dct:isReplacedBy.",
    )


def _more_gone(number: int, current: Release) -> Finding:
    return Finding(
        Severity.WARNING,
        "vanished",
        f"{number:,} more things of release {current.id} are not described any more.",
        remedy="Was a file moved away, or the way IRIs are made changed? Restore it.",
    )
