"""What is in the catalogue of a site: the whole graph, its source graphs, and the kept releases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyoxigraph as ox

from metropole.release.dcat import Catalogue, Described
from metropole.release.documents import document_path
from metropole.release.dumps import FOLDER, SUMS, graph_file
from metropole.release.file_kinds import FileKind, file_kind
from metropole.release.folder import Release
from metropole.release.history import Entry
from metropole.release.manifest import PublishedFile
from metropole.release.query_statements import GRAPH as QUERIES
from metropole.release.void import DATASET
from metropole.release.void import GRAPH as VOID_GRAPH
from metropole.settings import Settings
from metropole.vocab import DCT

#: Gives what a release says of a thing.
Said = Callable[[ox.NamedNode], Iterable[ox.Quad]]
_LICENCE = ox.NamedNode(DCT + "license")
#: Files about the downloads, which are none themselves.
_ABOUT = (SUMS, "dumps.json")


def datasets(
    settings: Settings, release: Release, entries: Sequence[Entry], said: Said
) -> list[Described]:
    """List the datasets: the whole, its source graphs, then each release that is kept.

    `release` is the one that is described as current, `entries` are all, the oldest first, and
    `said` gives what the current one says of a source graph.
    """
    writer = Catalogue(settings)
    times = {entry.id: entry.activated for entry in entries}
    whole = whole_dataset(settings, release, times)
    made = {settings.base + name for name in (QUERIES, VOID_GRAPH)}
    graphs = [
        _source_graph(release, graph, said, writer, whole.modified)
        for graph in release.manifest.graphs
        if graph not in made
    ]
    return [whole, *graphs, *_versions(entries, settings)]


def whole_dataset(
    settings: Settings, release: Release, times: Mapping[str, int | None]
) -> Described:
    """Describe the whole graph; `times` is when each release first was current, in order."""
    writer = Catalogue(settings)
    return Described(
        iri=settings.base + DATASET,
        titles=writer.titles(),
        descriptions=writer.texts(),
        release=release,
        files=whole_files(release),
        licence=settings.licence,
        issued=next((time for time in times.values() if time is not None), None),
        modified=release.manifest.content.created or times.get(release.id),
        page=settings.base,
        is_whole=True,
        statements=release.manifest.triples,
    )


def version_dataset(
    settings: Settings,
    release: Release,
    activated: int | None,
    *,
    previous: str = "",
    is_last: bool = False,
) -> Described:
    """Describe a release, `previous` being the IRI of the one before that is kept."""
    writer, content = Catalogue(settings), release.manifest.content
    iri = f"{settings.base}releases/{release.id}"
    return Described(
        iri=iri,
        titles=writer.titles(f": {release.id}"),
        descriptions=writer.texts(),
        release=release,
        files=whole_files(release),
        licence=content.licence,
        issued=activated,
        modified=content.created or activated,
        version=release.id,
        previous=previous,
        is_last=is_last,
        page=iri,
        statements=release.manifest.triples,
    )


def with_sample_files(listed: Iterable[Described]) -> list[Described]:
    """Keep of the files of each dataset the first, and those of a kind that was not there yet."""
    seen: set[FileKind] = set()
    made = []
    for each in listed:
        kept: list[PublishedFile] = []
        for file in each.files:
            kind = file_kind(file.path)
            if not kept or kind not in seen:
                kept.append(file)
            seen.add(kind)
        made.append(replace(each, files=kept))
    return made


def whole_files(release: Release) -> list[PublishedFile]:
    """List the downloads of a release that hold all of it."""
    return [file for name, file in _downloads(release) if "/" not in name]


def graph_files(release: Release, graph: str) -> list[PublishedFile]:
    """List the downloads of a source graph, whatever their formats."""
    base = release.manifest.content.base
    stem = graph_file(graph, base).removesuffix("nt")
    return [
        file
        for name, file in _downloads(release)
        if name.startswith(stem) and "/" not in name.removeprefix(stem)
    ]


def _downloads(release: Release) -> Iterator[tuple[str, PublishedFile]]:
    for file in release.manifest.files:
        name = file.path.removeprefix(f"{FOLDER}/")
        if name != file.path and name not in _ABOUT:
            yield name, file


def _versions(entries: Sequence[Entry], settings: Settings) -> Iterator[Described]:
    """List the releases that are kept, each with the one before it."""
    previous = ""
    kept = [(entry.release, entry.activated) for entry in entries if entry.release]
    for place, (release, activated) in enumerate(kept, 1):
        is_last = place == len(kept)
        made = version_dataset(settings, release, activated, previous=previous, is_last=is_last)
        yield made
        previous = made.iri


def _source_graph(
    release: Release, graph: str, said: Said, writer: Catalogue, modified: int | None
) -> Described:
    """Describe a source graph with what the graph says of it, as title and description."""
    settings, node = writer.settings, ox.NamedNode(graph)
    texts = {DCT + "title": list[ox.Literal](), DCT + "description": list[ox.Literal]()}
    licence = settings.licence
    statements = list(said(node))
    for quad in statements:
        if quad.subject == node and isinstance(quad.object, ox.Literal):
            texts.get(quad.predicate.value, []).append(quad.object)
        if quad.predicate == _LICENCE and isinstance(quad.object, ox.NamedNode):
            licence = quad.object.value
    name = graph.removeprefix(settings.base + "id/graph/")
    page = settings.base + document_path(graph, settings.base) if statements else ""
    number = release.manifest.graphs[graph]
    return Described(
        iri=graph,
        titles=texts[DCT + "title"] or [writer.text(name)],
        descriptions=texts[DCT + "description"]
        or [writer.text(f"The {number:,} statements of {name}.", "en")],
        release=release,
        files=graph_files(release, graph),
        licence=licence,
        modified=modified,
        page=page,
        statements=number,
    )
