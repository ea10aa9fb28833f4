"""The routes of the reconciliation service: `/reconcile` for version 0.2, and the draft of 1.0."""

import json
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound

from metropole.messages import Message
from metropole.web.reconcile import bodies, manifests
from metropole.web.reconcile.parameters import body, number, page, paged, query_problem
from metropole.web.reconcile.previews import Preview
from metropole.web.reconcile.questions import batch_of_02, batch_of_draft
from metropole.web.reconcile.replies import DRAFT_PATH, done, said
from metropole.web.reconcile.service import Service
from metropole.web.reconcile.suggesting import things_named
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.search import index_of

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")
SPECIFICATION = "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/"
_FORM = "application/x-www-form-urlencoded"
_View = Callable[..., Response]


def _below_both(path: str) -> Callable[[_View], _View]:
    """Route a path below the endpoint of each version."""

    def routed(view: _View) -> _View:
        for start in ("", DRAFT_PATH):
            blueprint.add_url_rule(start + path, view_func=view, methods=["GET"])
        return view

    return routed


@blueprint.route("", methods=["GET", "POST"])
def service() -> Response:
    """Describe the service, or answer `queries=` or `extend=` (version 0.2)."""
    if request.method == "POST" and request.mimetype != _FORM:
        raise Problem(
            415,
            Message("This media type is not understood"),
            Message(
                "Send a form with 'queries' or 'extend'; JSON is for /reconcile/match and "
                "/reconcile/extend."
            ),
        )
    asked, given = Service(), request.values
    if "queries" in given:
        return done(asked, lambda: _results_of_02(asked, given["queries"]))
    if "extend" in given:
        return done(asked, lambda: bodies.extended_of_02(asked.extended(given["extend"])))
    if request.method == "POST":
        raise query_problem("the form has neither 'queries' nor 'extend'")
    return said(asked, asked.manifest(manifests.manifest_of_02))


def _results_of_02(asked: Service, text: str) -> dict[str, Any]:
    questions = batch_of_02(text, asked.batch, asked.schema.path)
    found = asked.answered(questions.values())
    return bodies.results_of_02(dict(zip(questions, found, strict=True)))


@blueprint.get(DRAFT_PATH)
def draft() -> Response:
    """Describe the service as the draft of 1.0 has it."""
    asked = Service()
    return said(asked, asked.manifest(manifests.manifest_of_draft))


@blueprint.post("/match")
@blueprint.post(f"{DRAFT_PATH}/match")
def match() -> Response:
    """Find candidates for a batch of queries (draft of 1.0)."""
    asked = Service()

    def results() -> dict[str, Any]:
        questions = batch_of_draft(body(), asked.batch, asked.schema.path)
        return bodies.results_of_draft(asked.answered(questions))

    return done(asked, results)


@blueprint.post("/extend")
@blueprint.post(f"{DRAFT_PATH}/extend")
def extend() -> Response:
    """Fetch values of properties (draft of 1.0)."""
    asked = Service()
    return done(asked, lambda: bodies.extended_of_draft(asked.extended(body())))


@_below_both("/extend/propose")
def propose() -> Response:
    """Propose properties of the things of a type."""
    asked, name = Service(), request.args.get("type", "")
    limit = number("limit", 0)
    found = asked.schema.properties_of(name)
    return said(asked, bodies.proposed(found[:limit] if limit else found, name, limit))


@_below_both("/suggest/entity")
def suggest_entity() -> Response:
    """Complete the name or id of a thing."""
    asked = Service()
    skipped, wanted = page()
    found = things_named(
        asked.things,
        index_of(asked.edition),
        asked.schema,
        request.args.get("prefix", ""),
        type_name=request.args.get("type", ""),
        skipped=skipped,
        wanted=wanted,
    )
    return said(asked, bodies.suggested_things(found))


@_below_both("/suggest/property")
def suggest_property() -> Response:
    """Complete the name of a property; those of a type go first."""
    asked, given = Service(), request.args
    kind = given.get("type") or given.get("schema", "")
    found = asked.schema.properties_named(given.get("prefix", ""), kind)
    return said(asked, bodies.suggested_terms(paged(found)))


@_below_both("/suggest/type")
def suggest_type() -> Response:
    """Complete the name of a type."""
    asked = Service()
    found = asked.schema.types_named(request.args.get("prefix", ""))
    return said(asked, bodies.suggested_terms(paged(found)))


@blueprint.get("/flyout/<kind>")
def flyout(kind: str) -> Response:
    """Show in brief what was suggested: JSON with a piece of HTML (version 0.2)."""
    asked, name = Service(), request.args.get("id", "")
    if kind == "entity":
        shown = Preview(asked.edition, asked.things, asked.node(name))
        html = render_template("reconcile/flyout.html", shown=shown)
    elif kind in ("type", "property"):
        html = render_template("reconcile/flyout.html", term=asked.term(kind, name))
    else:
        raise NotFound
    return said(asked, {"id": name, "html": html.strip()})


@_below_both("/preview")
def preview() -> Response:
    """Show a thing on a small page, as clients show it beside a cell."""
    asked = Service()
    shown = Preview(asked.edition, asked.things, asked.node(request.args.get("id", "")))
    response = make_response(render_template("reconcile/preview.html", shown=shown))
    return cacheable(response, asked.edition.id, "preview")


@blueprint.get("/view")
def view() -> Response:
    """Lead to the document about a thing: 303."""
    asked = Service()
    shown = Preview(asked.edition, asked.things, asked.node(request.args.get("id", "")))
    response = make_response(redirect(shown.address, 303))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/about")
def about() -> Response:
    """Tell people how to use the service."""
    asked = Service()
    example = _example(asked)
    html = render_template(
        "reconcile/about.html",
        endpoint=f"{asked.edition.store.release.manifest.content.base}reconcile",
        specification=SPECIFICATION,
        types=asked.schema.default_types(manifests.DEFAULT_TYPES),
        kinds={kind.iri: kind for kind in asked.schema.kinds},
        example=example,
        example_query=json.dumps({"q0": {"query": example}}, ensure_ascii=False),
    )
    return cacheable(make_response(html), asked.edition.id, "reconcile-about")


def _example(asked: Service) -> str:
    """Give the name of a thing, to try the service with."""
    places_first = sorted(asked.schema.kinds, key=lambda kind: not kind.located)
    for kind in places_first[:1]:
        for node in asked.edition.store.members(ox.NamedNode(kind.iri)):
            return asked.things.told([node])[0].name.text
    return ""
