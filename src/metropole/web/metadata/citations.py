"""How to cite a release, or a source graph of it: `/releases/<id>/citation.bib .json .txt`."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, request, url_for

from metropole.messages import Message
from metropole.release.catalogue import datasets
from metropole.release.citation import Citation
from metropole.release.dcat import Described
from metropole.release.history import history
from metropole.web.pinned import edition_of
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import serving

blueprint = Blueprint("citations", __name__)
#: Extensions to media types.
MEDIA_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
    "txt": "text/plain; charset=utf-8",
}


_NAMES = {"bib": "BibTeX", "json": "CSL-JSON", "txt": Message("Text")}


@dataclass(frozen=True)
class Cited:
    """The reference to a dataset as pages show it, with the addresses of its downloads by name."""

    citation: Citation
    addresses: dict[str, str]


def cited(dataset: Described) -> Cited:
    """Make the reference to a dataset for a page."""
    release = dataset.release
    is_graph = not dataset.is_whole and not dataset.version
    return Cited(
        Citation.of(dataset, release.manifest.content),
        {
            name: url_for(
                "citations.citation",
                release_id=release.id,
                extension=extension,
                graph=dataset.iri if is_graph else None,
                lang=None,
            )
            for extension, name in _NAMES.items()
        },
    )


@blueprint.get("/releases/<release_id>/citation.<extension>")
def citation(release_id: str, extension: str) -> Response:
    """Give the reference to a release: BibTeX, CSL-JSON or text; `graph=` to a source graph."""
    if extension not in MEDIA_TYPES:
        known = ", ".join(MEDIA_TYPES)
        raise Problem(
            404,
            Message("There is no such format"),
            Message("Formats: %(names)s.", names=known),
        )
    found = citation_of(release_id, request.args.get("graph", ""))
    body = {"bib": found.bibtex(), "json": found.csl(), "txt": found.text() + "\n"}[extension]
    response = make_response(body)
    response.headers["Content-Type"] = MEDIA_TYPES[extension]
    response.headers["Content-Disposition"] = f'inline; filename="{found.key}.{extension}"'
    return cacheable(response, release_id, f"citation-{found.key}-{extension}")


def citation_of(release_id: str, graph: str = "") -> Citation:
    """Make the reference to a release that is kept, or to a source graph of it; raises Problem."""
    served = serving()
    store = edition_of(served, release_id).store
    listed = datasets(served.settings, store.release, history(served.releases), store.about)
    for dataset in listed:
        if dataset.iri == graph or (dataset.version == release_id and not graph):
            return Citation.of(dataset, store.release.manifest.content)
    known = [each.iri for each in listed if not each.is_whole and not each.version]
    raise Problem(
        404,
        Message("There is no such graph"),
        Message("Release %(release)s has: %(names)s.", release=release_id, names=", ".join(known)),
        members={"graphs": known},
    )
