"""What search engines for datasets read in pages: schema.org as JSON-LD, by Google's rules.

Google wants of a Dataset a name and a description of 50 to 5,000 characters, and recommends
creator, licence, distributions, coverage, version and the rest. The context is written out, so that
no reader fetches one, and terms are those of https://schema.org/.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
from flask import Flask, current_app, request, url_for

from metropole.errors import ReleaseError
from metropole.release.catalogue import version_dataset, whole_dataset
from metropole.release.dcat import PARTS, Described
from metropole.release.dumps import FOLDER
from metropole.release.file_kinds import file_kind
from metropole.release.journal import date, in_order
from metropole.release.manifest import PublishedFile
from metropole.release.ways import ways_of
from metropole.settings import Settings
from metropole.vocab import SCHEMA
from metropole.web.labels.worded import site_title, worded
from metropole.web.metadata.catalogue import described
from metropole.web.serving import current_edition, serving

Node = dict[str, Any]
_CONTEXT = {"@vocab": SCHEMA}
#: Lengths of a description that Google takes.
LEAST, MOST = 50, 5000
#: Datasets, and files of one, that a page tells; the catalogue has all.
_SHOWN = 100
_SEARCH = "/search"


def register(app: Flask) -> None:
    """Let templates write the markup of their page: `{% include "dataset_markup.html" %}`."""
    app.context_processor(lambda: {"dataset_markup": _markup})


def _markup() -> Node | None:
    """Give the markup of the page that is made; None when it has none."""
    made: dict[str, Callable[[], list[Node] | None]] = {
        "system.home": _home,
        "dumps.index": lambda: [_dataset(_whole())],
        "catalogue.catalogue": lambda: [_catalogue(described())],
        "releases.release": _release,
    }
    nodes = made.get(request.endpoint or "", lambda: None)()
    return {"@context": _CONTEXT, "@graph": nodes} if nodes else None


def _home() -> list[Node]:
    settings = serving().settings
    site: Node = {
        "@type": "WebSite",
        "@id": settings.base + "#site",
        "url": settings.base,
        "name": site_title().text,
        "inLanguage": list(settings.languages),
        **_publisher(settings, "publisher"),
    }
    if any(rule.rule == _SEARCH for rule in current_app.url_map.iter_rules()):
        site["potentialAction"] = {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": settings.base + _SEARCH[1:] + "?q={search_term_string}",
            },
            "query-input": "required name=search_term_string",
        }
    return [site, _dataset(_whole())]


def _whole() -> Described:
    served = serving()
    times = in_order(served.releases.journal.activations())
    return whole_dataset(served.settings, current_edition().store.release, times)


def _release() -> list[Node] | None:
    """Describe the release of the page; None when its data are gone."""
    served = serving()
    release_id = (request.view_args or {}).get("name", "").partition(".")[0]
    try:
        release = served.releases.get(release_id)
    except ReleaseError:
        return None
    times = in_order(served.releases.journal.activations())
    made = _dataset(version_dataset(served.settings, release, times.get(release_id)))
    return [made | {"isBasedOn": {"@type": "Dataset", "@id": _whole().iri}}]


def _catalogue(datasets: Sequence[Described]) -> Node:
    settings = serving().settings
    brief = ("@type", "@id", "name", "description", "url", "license", "version", "creator")
    members = [_dataset(each) for each in datasets[:_SHOWN]]
    return {
        **_catalogue_node(settings),
        "description": _text(_said(datasets[0].descriptions), datasets[0]),
        "license": settings.licence,
        **_publisher(settings, "publisher"),
        "dataset": [{name: member[name] for name in brief if name in member} for member in members],
    }


def _catalogue_node(settings: Settings) -> Node:
    return {
        "@type": "DataCatalog",
        "@id": f"{settings.base}{PARTS}catalog",
        "name": site_title().text,
        "url": settings.base + "catalog",
    }


def _dataset(each: Described) -> Node:
    """Describe a dataset with all that Google reads and the site knows."""
    settings = serving().settings
    catalogue = settings.catalogue
    node: Node = {
        "@type": "Dataset",
        "@id": each.iri,
        "name": _said(each.titles),
        "description": _text(_said(each.descriptions), each),
        "url": each.page or settings.base + "catalog",
        "identifier": each.iri,
        "version": each.release.id,
        "license": each.licence,
        **_publisher(settings, "creator"),
        **_publisher(settings, "publisher"),
        "keywords": list(catalogue.keywords),
        "inLanguage": list(settings.languages),
        "isAccessibleForFree": catalogue.access_rights == "PUBLIC",
        "datePublished": date(each.issued),
        "dateModified": date(each.modified),
        "temporalCoverage": "/".join(catalogue.temporal),
        "spatialCoverage": _places(catalogue.spatial),
        "includedInDataCatalog": _catalogue_node(settings),
        "distribution": [_file(each, file) for file in each.files[:_SHOWN]],
    }
    if each.is_whole:
        feeds = [way for way in ways_of(each.release) if not way.is_service]
        node["distribution"] += [
            {
                "@type": "DataDownload",
                "name": way.title,
                "contentUrl": settings.base + way.path,
                "encodingFormat": file_kind(f"{way.name}.{way.extension}").media_type,
            }
            for way in feeds
        ]
    return {name: value for name, value in node.items() if value not in ("", [], None)}


def _file(each: Described, file: PublishedFile) -> Node:
    name = file.path.removeprefix(f"{FOLDER}/")
    kind = file_kind(name)
    address = url_for("dumps.dump", release_id=each.release.id, name=name, lang=None)
    base = serving().settings.base
    return {
        "@type": "DataDownload",
        "name": name,
        "contentUrl": base + address.removeprefix(request.script_root).lstrip("/"),
        "encodingFormat": kind.compression or kind.media_type,
        "contentSize": f"{file.bytes} B",
        "sha256": file.sha256,
    }


def _publisher(settings: Settings, role: str) -> Node:
    agent = {
        "@type": "Organization",
        "@id": settings.catalogue.publisher or f"{settings.base}{PARTS}publisher",
        "name": settings.publisher or site_title().text,
        "url": settings.base,
    }
    return {role: agent}


def _places(iris: Iterable[str]) -> list[Node]:
    """Name the places, by what the graph calls them, else by the end of their IRIs."""
    return [{"@type": "Place", "@id": iri, "name": _place_name(iri), "sameAs": iri} for iri in iris]


def _place_name(iri: str) -> str:
    quads = current_edition().store.labels([ox.NamedNode(iri)])
    names = [quad.object.value for quad in quads if isinstance(quad.object, ox.Literal)]
    return min(names, default=unquote(iri.rstrip("/#").replace("#", "/").rpartition("/")[2]))


def _said(literals: Iterable[ox.Literal]) -> str:
    """Give what the reader of the page likes best among texts."""
    return worded({each.language or "": each.value for each in literals}).text


def _text(text: str, each: Described) -> str:
    """Bring a description to a length that Google takes."""
    if len(text) < LEAST:
        number = f"{each.statements:,} statements"
        text = f"{text.rstrip('.')}. {number} of {site_title().text}, as linked data (RDF)."
    return text if len(text) <= MOST else text[: MOST - 1] + "…"
