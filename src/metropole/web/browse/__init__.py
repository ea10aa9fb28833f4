"""Lists: the classes of a release, and for each its members with facets, a timeline or a map."""

from collections.abc import Iterable
from hashlib import sha256

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for

from metropole.errors import ReleaseError
from metropole.messages import Message
from metropole.near import nearest
from metropole.release.lists import Kind, Lists
from metropole.web import languages
from metropole.web.browse.page import Browsed, browsed
from metropole.web.browse.pictures import figures_picture, located_picture, timeline
from metropole.web.labels.class_names import NamedKind, named_kinds
from metropole.web.pinned import asked_edition
from metropole.web.requests.negotiation import HTML, Page
from metropole.web.requests.problems import Problem, negotiated
from metropole.web.responses import cacheable, link
from metropole.web.serving import Edition

blueprint = Blueprint("browse", __name__)
_JSON = Page("JSON", "application/json", "json", ())
_OFFERS = (HTML, _JSON)


def lists_of(edition: Edition) -> Lists:
    """Open the lists of a release; raises Problem for one that has none."""
    try:
        return Lists(edition.store.release)
    except ReleaseError as error:
        raise _unreadable(error) from error


@blueprint.get("/browse/")
def index() -> Response:
    """List the classes: those whose members have names, and those that hold the rest together."""
    return _index(asked_edition(), negotiated(_OFFERS))


def _index(edition: Edition, variant: Page) -> Response:
    with lists_of(edition) as lists:
        found = named_kinds(edition, _kinds(lists))
    if variant is _JSON:
        told = [_kind_json(each) for each in found]
        return _finished(jsonify(classes=told), edition, variant)
    return _finished(make_response(render_template("kinds.html", kinds=found)), edition, variant)


@blueprint.get("/browse/<path:name>")
def kind(name: str) -> Response:
    """List the members of a class, a page at a time, with what parts them into groups.

    The class is named by the last part of its IRI, with its prefix, or by the whole IRI.
    """
    edition = asked_edition()
    if name == "index.json":
        return _index(edition, _JSON)
    plain = name.removesuffix(".json")
    variant = _JSON if plain != name else negotiated(_OFFERS)
    with lists_of(edition) as lists:
        try:
            return _kind(edition, lists, plain, variant)
        except ReleaseError as error:
            raise _unreadable(error) from error


def _kind(edition: Edition, lists: Lists, name: str, variant: Page) -> Response:
    kinds = lists.kinds()
    matching = _matching(edition, kinds, name)
    if len(matching) > 1:
        found = named_kinds(edition, matching)
        page = render_template("kinds.html", kinds=found, asked=name)
        return _finished(make_response(page, 300), edition, HTML)
    if not matching:
        raise _no_class(edition, kinds, name)
    shown = browsed(edition, lists, matching[0], request.args)
    response = _json(shown) if variant is _JSON else _page(edition, lists, shown)
    for relation, address in shown.ways(".json" if variant is _JSON else ""):
        link(response, address, relation)
    link(response, shown.json_address, "alternate", _JSON.media_type)
    return _finished(response, edition, variant)


def _no_class(edition: Edition, kinds: list[Kind], name: str) -> Problem:
    """Offer the class that may be meant, whatever its capitals; else tell which there are."""
    named = named_kinds(edition, [each for each in kinds if each.is_named])
    known = {
        text.lower(): each
        for each in reversed(named)
        for text in (each.kind.name, each.kind.name.rpartition(":")[2], each.name.text)
    }
    meant = known.get(name.lower()) or known.get(nearest(name.lower(), known))
    if meant is None:
        names = ", ".join(each.kind.name for each in named)
        told = Message("Classes with members: %(names)s.", names=names)
        return Problem(404, Message("There is no such class"), told)
    near = {
        "iri": meant.kind.iri,
        "name": meant.name.text,
        "language": meant.name.language or None,
        "document": url_for("browse.kind", name=meant.kind.name),
    }
    told = Message("Did you mean %(name)s?", name=meant.kind.name)
    return Problem(404, Message("There is no such class"), told, members={"near": [near]})


def _kinds(lists: Lists) -> list[Kind]:
    try:
        return lists.kinds()
    except ReleaseError as error:
        raise _unreadable(error) from error


def _matching(edition: Edition, kinds: Iterable[Kind], name: str) -> list[Kind]:
    """Find the classes that a name stands for: one, or several with the same last part."""
    named = [each for each in kinds if name in (each.name, each.iri)]
    if named:
        return named
    expanded = _expanded(edition, name)
    return [
        each
        for each in kinds
        if each.iri == expanded or each.iri.replace("#", "/").rpartition("/")[2] == name
    ]


def _expanded(edition: Edition, name: str) -> str:
    prefix, _, local = name.partition(":")
    prefixes = edition.store.release.manifest.content.prefixes
    return prefixes.get(prefix, prefix + ":") + local


def _page(edition: Edition, lists: Lists, shown: Browsed) -> Response:
    return make_response(
        render_template(
            "browse.html",
            shown=shown,
            timeline=timeline(shown),
            map=located_picture(edition, lists, shown),
            figures=figures_picture(edition, lists, shown),
            release=edition.store.release,
        )
    )


def _json(shown: Browsed) -> Response:
    return jsonify(
        {
            "class": shown.kind.iri,
            "label": shown.name._asdict(),
            "members": shown.kind.members,
            "found": shown.total,
            "page": shown.page,
            "pages": shown.pages,
            "sort": shown.sort.name,
            "unknown": list(shown.unknown),
            **dict(shown.ways(".json")),
            "facets": [facet.as_json() for facet in shown.facets],
            "items": [
                {
                    "iri": member.iri,
                    "label": member.name._asdict(),
                    "document": member.address,
                    "when": member.when or None,
                }
                for member in shown.members
            ],
        }
    )


def _kind_json(found: NamedKind) -> dict[str, object]:
    return {
        "class": found.kind.iri,
        "name": found.kind.name,
        "label": found.name._asdict(),
        "members": found.kind.members,
        "is_named": found.kind.is_named,
        "address": url_for("browse.kind", name=found.kind.name),
    }


def _finished(response: Response, edition: Edition, variant: Page) -> Response:
    response.headers["Content-Type"] = HTML.content_type if variant is HTML else variant.media_type
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Metropole-Release"] = edition.id
    told = repr((request.full_path, languages.liked()))
    tag = f"browse-{variant.extension}-{sha256(told.encode()).hexdigest()[:16]}"
    return cacheable(response, edition.id, tag)


def _unreadable(error: ReleaseError) -> Problem:
    return Problem(503, Message("The lists cannot be read"), str(error))
