"""The home page: what a site chose to show, what is in the graph, what is new, and how to use it.

Sections are answers kept in the release. A site that chose none gets its newest things and a map,
where its classes have days and places.
"""

from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox
from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.datastructures import MultiDict

from metropole.errors import ReleaseError
from metropole.formats import GRAPH_FORMATS, TURTLE
from metropole.release.changes import ChangesRecord, read_changes
from metropole.release.difference import Change
from metropole.release.history import before, history
from metropole.release.journal import date
from metropole.release.lists import Kind, Lists
from metropole.release.query_statements import GRAPH as QUERIES_GRAPH
from metropole.release.void import GRAPH as VOID_GRAPH
from metropole.web import addresses, languages
from metropole.web.browse.page import Browsed, browsed
from metropole.web.browse.pictures import located_picture
from metropole.web.home.sections import shown_sections
from metropole.web.labels import Labels
from metropole.web.labels.class_names import NamedKind, named_kinds
from metropole.web.labels.worded import worded
from metropole.web.metadata.signposting import of_whole, signposts
from metropole.web.pictures import Picture
from metropole.web.requests.negotiation import HTML
from metropole.web.requests.problems import negotiated
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition, current_edition, serving
from metropole.web.values.shown_values import Value

#: Members named beside a class, and things named as new.
_EXAMPLES_SHOWN, _NEW_SHOWN = 3, 6
#: Members of a class with days that a home without sections shows.
_NEWEST_SHOWN = 6


@dataclass(frozen=True)
class _Class:
    """A class with some of its members."""

    named: NamedKind
    examples: list[Value]


@dataclass(frozen=True)
class _Changed:
    """What a release brought."""

    record: ChangesRecord
    came: int
    changed: int
    went: int
    #: Some of the things that came or changed.
    things: list[Value]


@dataclass(frozen=True)
class _Lists:
    """What the home shows of the lists of a release."""

    classes: list[_Class]
    newest: Browsed | None = None
    map_of: NamedKind | None = None
    map: Picture | None = None


def home() -> Response:
    """Show the portal to people; who asks for RDF is led to the description of the graph (303)."""
    if negotiated((HTML, *GRAPH_FORMATS)) is HTML:
        response = _page()
    else:
        response = make_response(redirect(url_for("void.description"), 303))
        response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept, Accept-Language"
    link(response, url_for("void.description"), "describedby", TURTLE.media_type)
    link(response, url_for("catalogue.catalogue"), "describedby", TURTLE.media_type)
    return response


def _page() -> Response:
    edition = current_edition()
    release = edition.store.release
    content = release.manifest.content
    made = {content.base + name for name in (QUERIES_GRAPH, VOID_GRAPH)}
    sources = {name: number for name, number in release.manifest.graphs.items() if name not in made}
    new = _new(edition)
    page = render_template(
        "home.html",
        manifest=release.manifest,
        description=worded(serving().settings.catalogue.description),
        source_files=len(sources),
        statements=sum(sources.values()),
        sections=shown_sections(edition),
        lists=_lists(edition),
        new=new,
        day=date(content.created),
        queries=len(content.queries_sha256),
    )
    tag = sha256(page.encode()).hexdigest()[:16]
    response = make_response(page)
    # What changed is written down just after a release is made current: until then the page is
    # not bound to the release, so that nothing keeps it.
    is_settled = new is not None or before(history(serving().releases), edition.id) is None
    signposts(response, of_whole(release))
    return cacheable(response, edition.id if is_settled else tag, f"home-{tag}")


def _lists(edition: Edition) -> _Lists:
    """Read the classes; a release made before there were lists has none."""
    try:
        with Lists(edition.store.release) as lists:
            return _read(edition, lists)
    except ReleaseError:
        return _Lists([])


def _read(edition: Edition, lists: Lists) -> _Lists:
    kinds = [kind for kind in lists.kinds() if kind.is_named]
    order = languages.liked()[0]
    members = {
        kind.iri: lists.page(kind, order, None, start=0, wanted=_EXAMPLES_SHOWN) for kind in kinds
    }
    labels = Labels(
        edition.store,
        [ox.NamedNode(iri) for iris in members.values() for iri in iris],
        languages=languages.liked(),
    )
    base = edition.store.release.manifest.content.base
    classes = [
        _Class(
            named,
            [_thing(labels, ox.NamedNode(iri), base) for iri in members[named.kind.iri]],
        )
        for named in named_kinds(edition, kinds)
    ]
    if edition.store.release.manifest.content.home:
        return _Lists(classes)
    return _by_itself(edition, lists, classes)


def _by_itself(edition: Edition, lists: Lists, classes: list[_Class]) -> _Lists:
    """Choose for a site without sections: its largest class with days, and that with places."""
    dated = next((each.named for each in classes if each.named.kind.begins), None)
    placed = next((each.named for each in classes if _is_placed(each.named.kind)), None)
    newest = browsed(edition, lists, dated.kind, MultiDict()) if dated else None
    drawn = None
    if placed:
        shown = browsed(edition, lists, placed.kind, MultiDict())
        drawn = located_picture(edition, lists, shown)
    return _Lists(classes, newest, placed, drawn)


def _is_placed(kind: Kind) -> bool:
    return kind.located * 2 >= kind.members


def _new(edition: Edition) -> _Changed | None:
    """Tell what changed with the release; None when it was compared with none."""
    try:
        record = read_changes(serving().releases.folder, edition.id)
    except ReleaseError:
        return None
    if record is None:
        return None
    base = edition.store.release.manifest.content.base
    told = [
        ox.NamedNode(entity["entity"])
        for entity in record.entities(limit=1000)
        if entity["change"] in (Change.CREATED.value, Change.CHANGED.value)
        and addresses.is_thing(entity["entity"], base=base)
    ]
    labels = Labels(edition.store, told, languages=languages.liked())
    named = [node for node in told if labels.has(node)][:_NEW_SHOWN]
    return _Changed(
        record,
        came=record.counts[Change.CREATED.value],
        changed=record.counts[Change.CHANGED.value],
        went=record.counts[Change.DELETED.value],
        things=[_thing(labels, node, base) for node in named],
    )


def _thing(labels: Labels, node: ox.NamedNode, base: str) -> Value:
    address = addresses.document_of(node.value, base=base) or node.value
    return Value(labels.of(node), address, is_local=True)
