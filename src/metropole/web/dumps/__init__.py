"""The downloads of every release: `/dumps/`, `/dumps/<release>/…` and `/dumps/latest/…`."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from pathlib import Path

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, render_template, request

from metropole.formats import with_charset
from metropole.messages import Message
from metropole.release import Release
from metropole.release.catalogue import whole_dataset
from metropole.release.downloads.compressing import COMPRESSIONS
from metropole.release.downloads.listing import (
    CLASS,
    DICTIONARY,
    FILE,
    GRAPH,
    TABLE,
    WHOLE,
    Download,
    Listing,
    read_listing,
)
from metropole.release.downloads.table_files import DICTIONARY as DICTIONARY_FILE
from metropole.release.downloads.table_files import read_columns
from metropole.release.dumps import FOLDER, SUMS
from metropole.web.dumps.digests import digest_field, is_wanted
from metropole.web.dumps.file_parts import NotSatisfiable, Parts, Span, pieces, spans
from metropole.web.labels import Labels, Name
from metropole.web.languages import PARAMETER, asked, liked
from metropole.web.metadata.citations import cited
from metropole.web.metadata.signposting import of_file, of_whole, signposts
from metropole.web.pinned import YEAR_SECONDS, pinned_release
from metropole.web.requests.negotiation import vary
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable, link
from metropole.web.responses.conditions import conditional
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("dumps", __name__)
_LATEST = "latest"
#: Parts of more bytes have no digest of their own: that would be work for every request.
_DIGESTED_BYTES = 1 << 20


@dataclass
class Group:
    """The downloads of one thing: the whole, a source graph, a class or its table."""

    name: Name
    about: str
    number: int
    #: Format to the plain file, with its compressed copies.
    formats: dict[str, list[Download]] = field(default_factory=dict)


@blueprint.get("/dumps/")
def index() -> Response:
    """List the downloads of the current release."""
    return _page(current_edition().store.release)


@blueprint.get("/dumps/<release_id>/")
def of_release(release_id: str) -> Response:
    """List the downloads of one release; `latest` leads to the current one."""
    if release_id == _LATEST:
        return _led_to(f"{current_edition().id}/")
    return _page(pinned_release(serving(), release_id))


@blueprint.get("/dumps/latest/<path:name>")
def latest(name: str) -> Response:
    """Lead to a download of the current release (307), which keeps its address."""
    release = current_edition().store.release
    if not name.endswith(".html"):
        _found(name, release)
    return _led_to(f"{release.id}/{name}")


@blueprint.get("/dumps/<release_id>/tables/<stem>.html")
def dictionary(release_id: str, stem: str) -> Response:
    """Say what the columns of a table are, with its first rows, as a page."""
    release = pinned_release(serving(), release_id)
    table = f"tables/{stem}.{DICTIONARY_FILE}"
    described = _listing(release).by_path.get(table)
    if described is None:
        raise Problem(
            404,
            Message("There is no such table"),
            Message("Release %(release)s has no %(name)s.", release=release.id, name=stem),
        )
    told = json.loads(_path(release, table).read_text(encoding="utf-8"))
    files = [each for each in _listing(release).of_kind(TABLE) if each.about == described.about]
    page = render_template(
        "dictionary.html",
        table=told,
        name=_names([described])[described.about],
        columns=read_columns(told),
        files=files,
        described=described,
        folder=_folder(release),
        release=release,
    )
    return cacheable(make_response(page), current_edition().id, f"dictionary-{release.id}-{stem}")


@blueprint.get("/dumps/<release_id>/<path:name>")
def dump(release_id: str, name: str) -> Response:
    """Send a download, or the parts of it that are asked for (RFC 9110, section 14).

    A client that takes a content coding gets the copy that was compressed when the release was
    made; parts are always those of the file itself.
    """
    release = pinned_release(serving(), release_id)
    file = _found(name, release)
    coded = None if "Range" in request.headers else _coded(file, release)
    sent = coded or file
    path = _path(release, sent.path)
    etag = f"{release.id}-{file.path}{f'-{coded.compression}' if coded else ''}"
    response = _whole_or_parts(path, sent, _content_type(file), etag)
    if coded:
        response.headers["Content-Encoding"] = coded.compression
    if not file.compression:
        vary(response, "Accept-Encoding")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    signposts(response, of_file(release))
    return response


def _whole_or_parts(path: Path, file: Download, content_type: str, etag: str) -> Response:
    response = Response()
    response.set_etag(etag)
    response.headers["Content-Type"] = content_type
    if is_wanted(request.headers.get("Want-Repr-Digest"), otherwise=True):
        response.headers["Repr-Digest"] = digest_field(file.sha256)
    response.headers["Accept-Ranges"] = "bytes"
    conditional(response, request.environ)
    if response.status_code != 200:  # noqa: PLR2004  # 304, by the conditions
        return response
    try:
        wanted = _wanted(file, etag)
    except NotSatisfiable:
        raise Problem(
            416,
            Message("The file has no such part"),
            Message("%(name)s has %(number)s bytes.", name=file.path, number=str(file.bytes)),
            headers={"Content-Range": f"bytes */{file.bytes}"},
        ) from None
    if len(wanted) > 1:
        parts = Parts(path, file.bytes, content_type, tuple(wanted))
        response.headers["Content-Type"] = parts.media_type
        response.status_code, response.response = 206, parts.body()
        response.content_length = parts.length
        return response
    span = wanted[0] if wanted else Span(0, file.bytes)
    if wanted:
        response.status_code = 206
        response.headers["Content-Range"] = span.content_range(file.bytes)
    if is_wanted(request.headers.get("Want-Content-Digest"), otherwise=False):
        _tell_content_digest(response, path, file, span)
    response.content_length = span.length
    response.response = pieces(path, span)
    return response


def _wanted(file: Download, etag: str) -> list[Span]:
    """Give the parts that are asked for; none when the file is not the one they are of.

    `If-Range` needs a strong validator that is equal (section 13.1.5); a date is none of ours.
    """
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition is not None and condition != f'"{etag}"'):
        return []
    return spans(request.headers.get("Range"), file.bytes)


def _tell_content_digest(response: Response, path: Path, file: Download, span: Span) -> None:
    if span.length == file.bytes:
        response.headers["Content-Digest"] = digest_field(file.sha256)
    elif span.length <= _DIGESTED_BYTES:
        part = b"".join(pieces(path, span))
        response.headers["Content-Digest"] = digest_field(sha256(part).hexdigest())


def _coded(file: Download, release: Release) -> Download | None:
    """Find the compressed copy of a file in the coding that the client likes best."""
    if file.compression:
        return None
    accepted = {name.lower(): quality for name, quality in request.accept_encodings}
    copies = [
        (accepted.get(how.name, 0), copy)
        for how in reversed(COMPRESSIONS)  # of equals Zstandard, which is shorter
        if (copy := _listing(release).by_path.get(f"{file.path}.{how.extension}"))
    ]
    quality, copy = max(copies, key=itemgetter(0), default=(0, None))
    return copy if 0 < quality >= accepted.get("identity", 0) else None


def _content_type(file: Download) -> str:
    for how in COMPRESSIONS:
        if file.compression == how.name:
            return how.media_type
    return with_charset(file.media_type)


def _path(release: Release, name: str) -> Path:
    path = release.folder / FOLDER / name
    if not path.is_file():
        raise Problem(
            503,
            Message("The download cannot be read"),
            Message("%(name)s of %(release)s is not there.", name=name, release=release.id),
        )
    return path


def _found(name: str, release: Release) -> Download:
    """Find a download by its name; raises Problem with the names of some when there is none."""
    listing = _listing(release)
    if name in listing.by_path:
        return listing.by_path[name]
    if name in (SUMS, FILE) and (release.folder / FOLDER / name).is_file():
        return _unlisted(name, release)
    names = [*(file.path for file in listing.of_kind(WHOLE)), SUMS, FILE]
    raise Problem(
        404,
        Message("There is no such dump"),
        Message("Release %(release)s has: %(names)s.", release=release.id, names=", ".join(names)),
        members={"files": names},
    )


def _unlisted(name: str, release: Release) -> Download:
    """Describe the list of downloads, and the sums, which are in no list themselves."""
    body = (release.folder / FOLDER / name).read_bytes()
    kind = "application/json" if name == FILE else "text/plain"
    digest = sha256(body).hexdigest()
    return Download(name, "", "", name, name, kind, "", 0, len(body), digest)


def _listing(release: Release) -> Listing:
    edition = current_edition()
    return edition.downloads if release.id == edition.id else read_listing(release)


def _led_to(rest: str) -> Response:
    wanted = asked() if rest.endswith(("/", ".html")) else ""
    query = f"?{PARAMETER}={wanted}" if wanted else ""
    response = make_response(redirect(f"{request.script_root}/dumps/{rest}{query}", 307))
    response.headers["Cache-Control"] = "no-cache"
    return response


def _folder(release: Release) -> str:
    return f"{request.script_root}/dumps/{release.id}/"


def _page(release: Release) -> Response:
    listing = _listing(release)
    groups = {
        kind: _groups(listing.of_kind(*kinds))
        for kind, kinds in (
            (WHOLE, [WHOLE]),
            (TABLE, [TABLE, DICTIONARY]),
            (CLASS, [CLASS]),
            (GRAPH, [GRAPH]),
        )
    }
    page = render_template(
        "dumps.html",
        groups=groups,
        listing=listing,
        folder=_folder(release),
        address=f"{serving().settings.base}dumps/{release.id}/",
        sums=SUMS,
        list_file=FILE,
        release=release,
        cited=cited(whole_dataset(serving().settings, release, {})),
    )
    edition = current_edition()
    response = cacheable(make_response(page), edition.id, f"dumps-{release.id}")
    signposts(response, of_whole(release))
    link(response, f"{_folder(release)}{FILE}", "alternate", "application/json")
    return response


def _groups(files: tuple[Download, ...]) -> list[Group]:
    """Put together what is of the same thing, in the order of names."""
    names = _names(files)
    found: dict[str, Group] = {}
    for file in files:
        group = found.setdefault(file.about, Group(names[file.about], file.about, file.number))
        group.number = max(group.number, file.number)
        group.formats.setdefault(file.format, []).append(file)
    return sorted(found.values(), key=lambda group: (group.name.text.casefold(), group.about))


def _names(files: tuple[Download, ...] | list[Download]) -> dict[str, Name]:
    """Name classes in the language of the reader; the rest is called as its list says."""
    classes = {file.about for file in files if file.kind in (CLASS, TABLE, DICTIONARY)}
    nodes = {about: ox.NamedNode(about) for about in sorted(classes)}
    labels = Labels(current_edition().store, nodes.values(), languages=liked())
    return {
        file.about: labels.term(nodes[file.about]) if file.about in nodes else Name(file.title)
        for file in files
    }
