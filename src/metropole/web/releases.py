"""The releases: `/releases/`, what changed with each, and the report each was made with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, render_template

from metropole.formats import JSON_LD, TURTLE
from metropole.graph.names import Names
from metropole.messages import Message
from metropole.release import Release
from metropole.release.catalogue import version_dataset
from metropole.release.changes import ChangesRecord, read_changes
from metropole.release.dcat import Described
from metropole.release.difference import Change
from metropole.release.difference_rdf import PREFIXES, difference_triples
from metropole.release.folder import REPORT
from metropole.release.history import Entry, history
from metropole.release.journal import date
from metropole.web import addresses, languages
from metropole.web.labels import Labels, Name
from metropole.web.languages import gettext, ngettext
from metropole.web.metadata.citations import cited
from metropole.web.metadata.signposting import of_release, signposts
from metropole.web.pinned import pinned_release
from metropole.web.requests.negotiation import HTML, Page
from metropole.web.requests.problems import Problem, negotiated
from metropole.web.responses import cacheable
from metropole.web.serving import current_edition, serving

blueprint = Blueprint("releases", __name__)
JSON = Page("JSON", "application/json", "json", JSON_LD.aliases)
_TURTLE = Page("Turtle", TURTLE.media_type, TURTLE.extension, TURTLE.aliases)
#: Entities of each kind that the page shows; the JSON has all.
SHOWN = 100
_WORDS = {
    Change.CREATED: Message("New"),
    Change.CHANGED: Message("Changed"),
    Change.DELETED: Message("Gone"),
    Change.TOUCHED: Message("Changed by a neighbour only"),
    Change.METADATA: Message("Figures of the description"),
}


@blueprint.get("/releases/")
def index() -> Response:
    """List the releases, the newest first, as a page or as JSON."""
    return _index(negotiated((HTML, JSON)))


def _index(variant: Page) -> Response:
    entries = history(serving().releases)[::-1]
    if variant is JSON:
        return _sent(_as_json([_told(entry) for entry in entries]), JSON)
    listed = [(entry, date(entry.activated), _sentence(_record(entry.id))) for entry in entries]
    return _sent(render_template("releases.html", entries=listed), HTML)


@blueprint.get("/releases/<name>")
def release(name: str) -> Response:
    """Tell what changed with a release: as a page, JSON or RDF."""
    release_id, _, extension = name.partition(".")
    offers = {page.extension: page for page in (HTML, JSON, _TURTLE)}
    if extension and extension not in offers:
        raise Problem(
            404,
            Message("There is no such format"),
            Message("Formats: %(names)s.", names=", ".join(offers)),
        )
    if release_id == "index":
        return _index(offers[extension] if extension else HTML)
    entry = _entry(release_id)
    record = _record(entry.id)
    variant = offers[extension] if extension else negotiated((HTML, JSON, _TURTLE))
    if variant is JSON:
        changes = {"before": record.before, "counts": record.counts} if record else None
        entities = list(record.entities()) if record else []
        return _sent(_as_json(_told(entry) | {"changes": changes, "entities": entities}), JSON)
    if variant is _TURTLE:
        return _sent(_turtle(entry, record), _TURTLE)
    response = _sent(_page(entry, record), HTML)
    if entry.release:
        signposts(response, of_release(entry.release))
    return response


def _turtle(entry: Entry, record: ChangesRecord | None) -> bytes:
    if record is None:
        raise Problem(
            404,
            Message("Nothing to tell"),
            Message("No change is on record for release %(release)s.", release=entry.id),
        )
    content = current_edition().store.release.manifest.content
    prefixes = {**content.prefixes, **PREFIXES}
    return TURTLE.serialized(difference_triples(record.difference(), content.base), prefixes)


@blueprint.get("/releases/<release_id>/<name>")
def part(release_id: str, name: str) -> Response:
    """Give the report a release was made with: as a page, JSON, or a `sh:ValidationReport`."""
    found = pinned_release(serving(), release_id)
    offers = {f"report.{page.extension}": page for page in (HTML, JSON, _TURTLE)}
    if name == "report":
        variant = negotiated((HTML, JSON, _TURTLE))
    elif name in offers:
        variant = offers[name]
    else:
        raise Problem(
            404,
            Message("There is no such part of a release"),
            Message("There is: %(names)s.", names=", ".join(offers)),
        )
    try:
        if variant is HTML:
            return _sent(_report_page(found), HTML)
        source = REPORT if variant is JSON else "report.ttl"
        return _sent((found.folder / source).read_bytes(), variant)
    except OSError as error:
        raise Problem(
            503, Message("The report cannot be read"), f"{name} of {found.id}: {error}."
        ) from error


def _report_page(found: Release) -> str:
    report = json.loads((found.folder / REPORT).read_text(encoding="utf-8"))
    return render_template(
        "report.html",
        release=found,
        summary=report["summary"],
        counts=report["counts"],
        findings=report["findings"],
        coverage=report["coverage"],
    )


def _entry(release_id: str) -> Entry:
    entries = history(serving().releases)
    for entry in entries:
        if entry.id == release_id:
            return entry
    known = [entry.id for entry in entries]
    detail = Message("Releases: %(names)s.", names=", ".join(known))
    raise Problem(404, Message("There is no such release"), detail, members={"releases": known})


def _record(release_id: str) -> ChangesRecord | None:
    return read_changes(serving().releases.folder, release_id)


def _told(entry: Entry) -> dict[str, object]:
    base = current_edition().store.release.manifest.content.base
    return {**entry.as_json(), "address": f"{base}releases/{entry.id}"}


def _sentence(record: ChangesRecord | None) -> str:
    """Say in words what changed."""
    if record is None:
        return gettext("No earlier release is on record to compare it with.")
    counts = record.counts
    came, changed, went = (
        counts[change.value] for change in (Change.CREATED, Change.CHANGED, Change.DELETED)
    )
    said = [
        came and ngettext("%(num)s thing came", "%(num)s things came", came),
        changed and ngettext("%(num)s thing changed", "%(num)s things changed", changed),
        went and ngettext("%(num)s thing went", "%(num)s things went", went),
    ]
    numbers = gettext(
        "%(added)s statements were added and %(removed)s removed.",
        added=languages.written(counts["statements_added"]),
        removed=languages.written(counts["statements_removed"]),
    )
    told = ", ".join(each for each in said if each) or gettext("No thing changed")
    return f"{told}: {numbers}"


@dataclass(frozen=True)
class _Changed:
    """An entity as the page of a release shows it."""

    name: Name
    #: Its document in this release, and in the one before; empty where there is none.
    address: str
    before: str
    statements: list[dict[str, str]]


def _page(entry: Entry, record: ChangesRecord | None) -> str:
    counts = record.counts if record else {}
    numbers = [(word, counts.get(change.value, 0)) for change, word in _WORDS.items()]
    return render_template(
        "release.html",
        entry=entry,
        date=date(entry.activated),
        warnings=entry.release.warnings() if entry.release else 0,
        cited=cited(_dataset(entry.release, entry)) if entry.release else None,
        record=record,
        sentence=_sentence(record),
        numbers=[
            *numbers,
            (Message("Statements added"), counts.get("statements_added", 0)),
            (Message("Statements removed"), counts.get("statements_removed", 0)),
        ],
        groups=list(_groups(entry, record)) if record else [],
        formats=[("json", JSON.media_type), ("ttl", _TURTLE.media_type)],
    )


def _dataset(release: Release, entry: Entry) -> Described:
    return version_dataset(serving().settings, release, entry.activated)


def _groups(entry: Entry, record: ChangesRecord) -> Iterator[tuple[str, list[_Changed], int]]:
    kept: dict[str, list[dict[str, Any]]] = {change.value: [] for change in Change}
    for entity in record.entities():
        if len(kept[entity["change"]]) < SHOWN:
            kept[entity["change"]].append(entity)
    store = current_edition().store
    iris = [entity["entity"] for some in kept.values() for entity in some]
    nodes = [ox.NamedNode(iri) for iri in iris if not iri.startswith("_:")]
    labels = Labels(store, nodes, languages=languages.liked())
    shown = _Shown(labels, Names(store.release.manifest.content.prefixes), entry, record)
    for change, word in _WORDS.items():
        if kept[change.value] and change is not Change.METADATA:
            changed = [shown.entity(entity) for entity in kept[change.value]]
            yield word, changed, record.counts[change.value] - len(changed)


class _Shown:
    """Writes the entities of a record for the page."""

    def __init__(self, labels: Labels, names: Names, entry: Entry, record: ChangesRecord) -> None:
        self._labels = labels
        self._names = names
        self._entry = entry
        known = serving().releases.ids()
        self._before = record.before if record.before in known else ""
        self._base = current_edition().store.release.manifest.content.base

    def entity(self, told: dict[str, Any]) -> _Changed:
        iri, change = told["entity"], Change(told["change"])
        is_blank = iri.startswith("_:")
        address = "" if is_blank else addresses.document_of(iri, base=self._base) or ""
        is_thing = addresses.is_thing(iri, base=self._base)
        was_there = is_thing and self._before and change is not Change.CREATED
        is_earlier = is_thing and self._entry.release and not self._entry.is_current
        at = addresses.in_release(address, self._entry.id) if is_earlier else address
        return _Changed(
            name=Name(iri) if is_blank else self._labels.of(ox.NamedNode(iri)),
            address=at,
            before=addresses.in_release(address, self._before) if was_there else "",
            statements=[self._statement(said) for said in told["statements"]],
        )

    def _statement(self, said: dict[str, Any]) -> dict[str, str]:
        line = said["statement"]
        return {
            "change": said["change"],
            "text": self._names.shorten(line[: line.rindex(" <")]),
            "position": f"{said['file']}:{said['line']}" if "file" in said else "",
        }


def _as_json(told: object) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _sent(body: str | bytes, variant: Page) -> Response:
    """Send a body with a validator of its own: the journal decides it, not the release alone."""
    data = body.encode() if isinstance(body, str) else body
    response = make_response(data)
    response.headers["Content-Type"] = {
        HTML: HTML.content_type,
        JSON: "application/json",
        _TURTLE: "text/turtle; charset=utf-8",
    }[variant]
    response.headers["Vary"] = "Accept"
    return cacheable(response, sha256(data).hexdigest()[:16], variant.extension)
