"""Answer requests: with JSON, with a script that holds it, or with a problem."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from metropole.messages import Message
from metropole.web import languages
from metropole.web.reconcile import manifests
from metropole.web.reconcile.parameters import query_problem
from metropole.web.reconcile.questions import TooMany, Wrong
from metropole.web.reconcile.service import Service
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.serving import serving
from metropole.web.sparql.asking import Asking

#: The path of the draft of 1.0 below that of version 0.2.
DRAFT_PATH = f"/{manifests.DRAFT}"
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
_MOST_CALLBACK = 100
_JSON, _SCRIPT = "application/json", "application/javascript; charset=utf-8"


def done(asked: Service, work: Callable[[], dict[str, Any]]) -> Response:
    """Do what costs time on the client's budget, and say what came of it; raises Problem."""
    with Asking(serving(), asked.edition.id, request.environ).at_work():
        try:
            found = work()
        except TooMany as error:
            raise Problem(413, Message("There is too much in one request"), str(error)) from None
        except Wrong as error:
            raise query_problem(str(error)) from None
    return said(asked, found)


def said(asked: Service, body: dict[str, Any]) -> Response:
    """Write a body as JSON, or as a script that hands it to a function (JSONP, version 0.2)."""
    text = json.dumps(body, ensure_ascii=False)
    callback = request.args.get("callback") if request.method == "GET" else None
    response = make_response(text + "\n")
    response.headers["Content-Type"] = _JSON
    if callback is not None and not request.path.startswith(f"/reconcile{DRAFT_PATH}"):
        if len(callback) > _MOST_CALLBACK or not _CALLBACK.fullmatch(callback):
            raise query_problem("'callback' is not the name of a function")
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
