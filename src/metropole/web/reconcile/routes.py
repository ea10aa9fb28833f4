"""The routes of the reconciliation service: `/reconcile` for version 0.2, and the draft of 1.0."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

import pyoxigraph as ox
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.exceptions import NotFound

from metropole.errors import SearchTooLong
from metropole.messages import Message
from metropole.web import languages
from metropole.web.asking import Asking
from metropole.web.problems import Problem
from metropole.web.reconcile import bodies, manifests
from metropole.web.reconcile.extending import Extended, extended
from metropole.web.reconcile.matching import Candidate, Matcher
from metropole.web.reconcile.previews import Preview
from metropole.web.reconcile.questions import (
    Question,
    TooMany,
    Wrong,
    batch_of_02,
    batch_of_draft,
    extension_of,
)
from metropole.web.reconcile.schema import Schema, Term
from metropole.web.reconcile.suggesting import things_named
from metropole.web.reconcile.things import Things
from metropole.web.responses import cacheable
from metropole.web.search import index_of
from metropole.web.serving import Edition, serving

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")
SPECIFICATION = "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/"
#: Where the app keeps what is read of a release once.
_SCHEMAS = "metropole.reconcile"
_DRAFT = f"/{manifests.DRAFT}"
#: Seconds that all queries of a request may take together.
_SECONDS = 10.0
#: Suggestions of one answer: where no number is asked for, and at most.
_SUGGESTED, _MOST_SUGGESTED = 10, 100
#: Digits of a number in an address: nobody pages further.
_DIGITS = 4
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_MOST_CALLBACK = 100
_FORM, _JSON, _SCRIPT = (
    "application/x-www-form-urlencoded",
    "application/json",
    "application/javascript; charset=utf-8",
)
_View = Callable[..., Response]
_Asked = TypeVar("_Asked")


@dataclass
class _Schemas:
    """The schema of the release that is current, made once for it."""

    release_id: str = ""
    schema: Schema | None = None
    making: threading.Lock = field(default_factory=threading.Lock)

    def of(self, edition: Edition) -> Schema:
        """Give the schema of an edition."""
        with self.making:
            if self.schema is None or self.release_id != edition.id:
                self.schema, self.release_id = Schema(edition), edition.id
            return self.schema


def register(app: Flask) -> None:
    """Give the app a place for what is read of a release once."""
    app.extensions[_SCHEMAS] = _Schemas()


class _Service:
    """The service as one request asks it."""

    def __init__(self) -> None:
        self.edition = serving().edition()
        self.things = Things(self.edition.store)
        schemas: _Schemas = current_app.extensions[_SCHEMAS]
        self.schema = schemas.of(self.edition)
        self.batch = serving().settings.limits.reconcile_batch

    def manifest(self, write: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """Describe the service."""
        return write(
            self.edition.store.release.manifest.content,
            self.schema.default_types(manifests.DEFAULT_TYPES),
            self.batch,
            version=f"Metropole {version('metropole')}, release {self.edition.id}",
        )

    def answered(self, questions: Iterable[Question]) -> list[list[Candidate]]:
        """Find the candidates for each of some queries; raises SearchTooLong."""
        matcher = Matcher(self.things, index_of(self.edition), self.schema)
        deadline = time.monotonic() + _SECONDS
        found = []
        for question in questions:
            if time.monotonic() > deadline:
                raise SearchTooLong(
                    f"The batch was stopped after {_SECONDS:g} seconds. Ask fewer queries at once."
                )
            found.append(matcher.candidates(question))
        return found

    def extended(self, value: object) -> Extended:
        """Fetch values; raises Wrong."""
        asked = extension_of(value, self.batch, self.schema.path)
        return extended(self.things, self.schema, asked)

    def node(self, name: str) -> ox.NamedNode:
        """Find a thing by its id; raises Problem."""
        found = self.things.named(name)
        if found is None or not self.things.is_one(found):
            raise Problem(
                404,
                Message("There is no such thing in this graph"),
                Message(
                    "No thing of release %(release)s has the id “%(id)s”.", **self._named(name)
                ),
            )
        return found

    def _named(self, name: str) -> dict[str, str]:
        return {"release": self.edition.id, "id": name}

    def term(self, kind: str, name: str) -> Term:
        """Describe a type or property; raises Problem."""
        if kind == "type":
            found = self.schema.types(self.schema.classes_of(name)[:1])
        else:
            try:
                found = self.schema.properties([self.schema.path(name)])
            except ValueError as error:
                raise Problem(400, Message("The query is wrong"), str(error)) from None
        if not found:
            raise Problem(
                404,
                Message("There is no such type"),
                Message(
                    "Nothing in release %(release)s is of the type “%(id)s”.", **self._named(name)
                ),
            )
        return found[0]


def _below_both(path: str) -> Callable[[_View], _View]:
    """Route a path below the endpoint of each version."""

    def routed(view: _View) -> _View:
        for start in ("", _DRAFT):
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
    asked, given = _Service(), request.values
    if "queries" in given:
        return _done(asked, lambda: _results_of_02(asked, given["queries"]))
    if "extend" in given:
        return _done(asked, lambda: bodies.extended_of_02(asked.extended(given["extend"])))
    if request.method == "POST":
        raise _query_problem("the form has neither 'queries' nor 'extend'")
    return _said(asked, asked.manifest(manifests.manifest_of_02))


def _results_of_02(asked: _Service, text: str) -> dict[str, Any]:
    questions = batch_of_02(text, asked.batch, asked.schema.path)
    found = asked.answered(questions.values())
    return bodies.results_of_02(dict(zip(questions, found, strict=True)))


@blueprint.get(_DRAFT)
def draft() -> Response:
    """Describe the service as the draft of 1.0 has it."""
    asked = _Service()
    return _said(asked, asked.manifest(manifests.manifest_of_draft))


@blueprint.post("/match")
@blueprint.post(f"{_DRAFT}/match")
def match() -> Response:
    """Find candidates for a batch of queries (draft of 1.0)."""
    asked = _Service()

    def results() -> dict[str, Any]:
        questions = batch_of_draft(_body(), asked.batch, asked.schema.path)
        return bodies.results_of_draft(asked.answered(questions))

    return _done(asked, results)


@blueprint.post("/extend")
@blueprint.post(f"{_DRAFT}/extend")
def extend() -> Response:
    """Fetch values of properties (draft of 1.0)."""
    asked = _Service()
    return _done(asked, lambda: bodies.extended_of_draft(asked.extended(_body())))


@_below_both("/extend/propose")
def propose() -> Response:
    """Propose properties of the things of a type."""
    asked, name = _Service(), request.args.get("type", "")
    limit = _number("limit", 0)
    found = asked.schema.properties_of(name)
    return _said(asked, bodies.proposed(found[:limit] if limit else found, name, limit))


@_below_both("/suggest/entity")
def suggest_entity() -> Response:
    """Complete the name or id of a thing."""
    asked = _Service()
    skipped, wanted = _page()
    found = things_named(
        asked.things,
        index_of(asked.edition),
        asked.schema,
        request.args.get("prefix", ""),
        type_name=request.args.get("type", ""),
        skipped=skipped,
        wanted=wanted,
    )
    return _said(asked, bodies.suggested_things(found))


@_below_both("/suggest/property")
def suggest_property() -> Response:
    """Complete the name of a property; those of a type go first."""
    asked, given = _Service(), request.args
    kind = given.get("type") or given.get("schema", "")
    found = asked.schema.properties_named(given.get("prefix", ""), kind)
    return _said(asked, bodies.suggested_terms(_paged(found)))


@_below_both("/suggest/type")
def suggest_type() -> Response:
    """Complete the name of a type."""
    asked = _Service()
    found = asked.schema.types_named(request.args.get("prefix", ""))
    return _said(asked, bodies.suggested_terms(_paged(found)))


@blueprint.get("/flyout/<kind>")
def flyout(kind: str) -> Response:
    """Show in brief what was suggested: JSON with a piece of HTML (version 0.2)."""
    asked, name = _Service(), request.args.get("id", "")
    if kind == "entity":
        shown = Preview(asked.edition, asked.things, asked.node(name))
        html = render_template("reconcile/flyout.html", shown=shown)
    elif kind in ("type", "property"):
        html = render_template("reconcile/flyout.html", term=asked.term(kind, name))
    else:
        raise NotFound
    return _said(asked, {"id": name, "html": html.strip()})


@_below_both("/preview")
def preview() -> Response:
    """Show a thing on a small page, as clients show it beside a cell."""
    asked = _Service()
    shown = Preview(asked.edition, asked.things, asked.node(request.args.get("id", "")))
    response = make_response(render_template("reconcile/preview.html", shown=shown))
    return cacheable(response, asked.edition.id, "preview")


@blueprint.get("/view")
def view() -> Response:
    """Lead to the document about a thing: 303."""
    asked = _Service()
    shown = Preview(asked.edition, asked.things, asked.node(request.args.get("id", "")))
    response = make_response(redirect(shown.address, 303))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/about")
def about() -> Response:
    """Tell people how to use the service."""
    asked = _Service()
    example = _example(asked)
    body = render_template(
        "reconcile/about.html",
        endpoint=f"{asked.edition.store.release.manifest.content.base}reconcile",
        specification=SPECIFICATION,
        types=asked.schema.default_types(manifests.DEFAULT_TYPES),
        kinds={kind.iri: kind for kind in asked.schema.kinds},
        example=example,
        example_query=json.dumps({"q0": {"query": example}}, ensure_ascii=False),
    )
    return cacheable(make_response(body), asked.edition.id, "reconcile-about")


def _example(asked: _Service) -> str:
    """Give the name of a thing, to try the service with."""
    places_first = sorted(asked.schema.kinds, key=lambda kind: not kind.located)
    for kind in places_first[:1]:
        for node in asked.edition.store.members(ox.NamedNode(kind.iri)):
            return asked.things.told([node])[0].name.text
    return ""


# Reading requests and writing responses.


def _done(asked: _Service, work: Callable[[], dict[str, Any]]) -> Response:
    """Do what costs time on the client's budget, and say what came of it; raises Problem."""
    with Asking(serving(), asked.edition.id, request.environ).at_work():
        try:
            found = work()
        except TooMany as error:
            raise Problem(413, Message("There is too much in one request"), str(error)) from None
        except Wrong as error:
            raise _query_problem(str(error)) from None
    return _said(asked, found)


def _query_problem(what: str) -> Problem:
    return Problem(400, Message("The query is wrong"), what)


def _body() -> object:
    """Read the body as JSON; raises Problem or Wrong."""
    if request.mimetype != _JSON:
        raise Problem(
            415, Message("This media type is not understood"), Message("Send application/json.")
        )
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Wrong(f"it cannot be read as JSON: {error}", "the body") from None


def _number(name: str, usual: int) -> int:
    """Read a whole number from the address; raises Problem."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise _query_problem(f"'{name}' is a whole number of at most {_DIGITS} digits")
    return int(text)


def _page() -> tuple[int, int]:
    """Read how many suggestions are passed over and how many are wanted.

    Version 0.2 calls the first of them `cursor`, the draft of 1.0 `offset`.
    """
    skipped = _number("offset", 0) or _number("cursor", 0)
    return skipped, min(_number("limit", _SUGGESTED) or _SUGGESTED, _MOST_SUGGESTED)


def _paged(found: Sequence[_Asked]) -> Sequence[_Asked]:
    skipped, wanted = _page()
    return found[skipped : skipped + wanted]


def _said(asked: _Service, body: dict[str, Any]) -> Response:
    """Write a body as JSON, or as a script that hands it to a function (JSONP, version 0.2)."""
    text = json.dumps(body, ensure_ascii=False)
    callback = request.args.get("callback") if request.method == "GET" else None
    response = make_response(text + "\n")
    response.headers["Content-Type"] = _JSON
    if callback is not None and not request.path.startswith(f"/reconcile{_DRAFT}"):
        if len(callback) > _MOST_CALLBACK or not _CALLBACK.fullmatch(callback):
            raise _query_problem("'callback' is not the name of a function")
        # The comment keeps what stands first from being read as anything but a script.
        response.set_data(f"/**/{callback}({_for_scripts(text)});\n")
        response.headers["Content-Type"] = _SCRIPT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.content_language.add(languages.language())
    if request.method == "POST":
        response.vary.add("Accept-Language")
        response.headers["Cache-Control"] = "no-cache"
        return response
    return cacheable(response, asked.edition.id, "reconcile", is_in_languages=True)


def _for_scripts(text: str) -> str:
    """Write JSON so that it is a script: two signs end a line in older ones."""
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
