"""What crawlers read: `/sitemap.xml`, its parts, and `/robots.txt`."""

from collections.abc import Iterable
from hashlib import sha256

from flask import Blueprint, Response, make_response, request, send_file, url_for

from metropole.messages import Message
from metropole.release.history import history
from metropole.release.journal import in_order
from metropole.release.sitemap import FOOT, HEAD, entry, index, sitemap_parts
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("sitemap", __name__)
_PAGES = "pages"
#: Addresses without an end: every query is a page, every release has each document again.
_ENDLESS = (
    "sparql?",
    "data?",
    "search?",
    "browse/*?",
    "reconcile?",
    "reconcile/*?",
    "timegate/",
    "timemap/",
    "-/",
    "*?release=",
    "*&release=",
    "*?lang=",
    "*&lang=",
    "queries/*@",
    "queries/*?",
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers which addresses have no end, and where the sitemap is (RFC 9309)."""
    below = request.script_root + "/"
    refused = [f"Disallow: {below}{path}" for path in _ENDLESS]
    sitemap = f"Sitemap: {serving().settings.base}sitemap.xml"
    response = make_response("\n".join(["User-agent: *", *refused, "", sitemap, ""]))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return cacheable(response, current_edition().id, "robots")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the parts of the sitemap (sitemaps.org, index of protocol 0.9)."""
    served = serving()
    base, edition = served.settings.base, current_edition()
    activated = in_order(served.releases.journal.activations()).get(edition.id)
    names = [_PAGES, *(path.stem for path in sitemap_parts(served.releases, edition.id))]
    return _xml(index({f"{base}sitemap/{name}.xml": activated for name in names}))


@blueprint.get("/sitemap/<name>.xml")
def part(name: str) -> Response:
    """Give a part of the sitemap: `pages`, or documents about things by number."""
    if name == _PAGES:
        return _xml(HEAD + "".join(_pages()) + FOOT)
    served = serving()
    edition = current_edition()
    found = {path.stem: path for path in sitemap_parts(served.releases, edition.id)}
    if name not in found:
        known = [_PAGES, *found]
        raise Problem(
            404,
            Message("There is no such part of the sitemap"),
            Message("Parts: %(names)s.", names=", ".join(known)),
            members={"parts": known},
        )
    response = send_file(found[name], mimetype="application/xml", conditional=False)
    # What changed when is beside the releases, so the release alone does not decide it.
    return cacheable(response, edition.id, f"sitemap-{name}-{int(found[name].stat().st_mtime)}")


def _pages() -> list[str]:
    """Write the pages that are about no thing; those that change with every release say when."""
    served = serving()
    edition = current_edition()
    entries = history(served.releases)
    times = {each.id: each.activated for each in entries}
    content = edition.store.release.manifest.content
    current = [url_for(name) for name in ("system.home", "dumps.index", "catalogue.catalogue")]
    lasting = [
        url_for("documents.ontology"),
        url_for("sparql.sparql"),
        url_for("queries.index"),
        url_for("reconcile.about"),
        *(url_for("queries.query", name=_stem(name)) for name in sorted(content.queries_sha256)),
        *([url_for("stories.index")] if content.stories_sha256 else []),
        *(url_for("stories.story", name=name) for name in _stories(content.stories_sha256)),
    ]
    releases = {url_for("releases.release", name=each.id): each.activated for each in entries}
    changed = {
        **dict.fromkeys(current, times.get(edition.id)),
        url_for("releases.index"): max((t for t in times.values() if t is not None), default=None),
        **dict.fromkeys(lasting),
        **releases,
    }
    base = served.settings.base.rstrip("/")
    return [
        entry(base + address.partition("?")[0].removeprefix(request.script_root), time)
        for address, time in changed.items()
    ]


def _stories(files: Iterable[str]) -> list[str]:
    """Name the stories as their addresses do: one name for all languages of a story."""
    return sorted({_stem(name).partition(".")[0] for name in files})


def _stem(path: str) -> str:
    """Name a query as its address does: without folder and ending."""
    return path.partition("/")[2].rpartition(".")[0]


def _xml(text: str) -> Response:
    body = text.encode()
    response = make_response(body)
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    return cacheable(response, sha256(body).hexdigest()[:16], "sitemap")
