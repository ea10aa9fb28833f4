"""Search: a page, the same for programs, suggestions, and what browsers need (OpenSearch 1.1)."""

import contextlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from metropole.errors import ReleaseError
from metropole.messages import Message
from metropole.near import distance
from metropole.release.documents import DOCUMENT, THING
from metropole.release.lists import Lists
from metropole.release.search_words import stem, words
from metropole.store.searching import HITS_RANKED, Count, Hit, Matches, SearchIndex
from metropole.web import addresses
from metropole.web.labels import Name
from metropole.web.labels.worded import site_title
from metropole.web.languages import gettext as _
from metropole.web.languages import liked
from metropole.web.requests.negotiation import vary
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable
from metropole.web.search.hits import Found, Hits
from metropole.web.serving import Edition, current_edition

blueprint = Blueprint("search", __name__)
#: Letters and words of a question; nobody who looks for a thing writes more.
MOST_LETTERS, MOST_WORDS = 200, 12
#: Hits on a page of one kind, hits of each kind on the page of all, and suggestions.
PAGE, IN_GROUP, SUGGESTED = 20, 5, 10
#: Near matches that the page of an unknown thing shows.
NEAR = 5
_DESCRIPTION = "application/opensearchdescription+xml"
_SUGGESTIONS = "application/x-suggestions+json"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT_NAME, _LONG_NAME = 16, 48
_TOO_LONG = 400
_UNAVAILABLE = 503
#: Letters that another ending of a word may have, and of what is left at least.
_ENDING, _STEM = 3, 3
#: Digits that stand together in a long number.
_GROUP = 3


@dataclass(frozen=True)
class _Asked:
    """What the request asks for, as far as it makes sense; the rest is told in `notes`."""

    text: str
    words: list[str]
    kind: str
    page: int
    notes: list[str]


@dataclass(frozen=True)
class _Group:
    """Hits of one kind on the page of all."""

    iri: str
    name: Name
    count: int
    found: list[Found]


class _Search:
    """A search that was carried out: with the words asked for, or with mended ones."""

    def __init__(self, edition: Edition, asked: _Asked) -> None:
        self.asked = asked
        self._store = edition.store
        self._index = index_of(edition)
        self.words = asked.words
        self.matches: Matches = self._index.matches(asked.words, kind=asked.kind)
        #: Whether words were found that only begin as those asked for.
        self.is_by_stems = False
        if asked.words and not self.matches.count.number:
            self._look_for_others()
        self.hits: list[Hit] = self._index.best(self.words, kind=asked.kind)

    def _look_for_others(self) -> None:
        """Search with other words, as near to those asked for as there are."""
        asked = self.asked.words
        stems = [stem(word) for word in asked]
        for words_instead in (_in_thousands(asked), self._index.mended(asked), stems):
            matches = self._index.matches(words_instead or [], kind=self.asked.kind)
            if words_instead and matches.count.number:
                self.words, self.matches = words_instead, matches
                self.is_by_stems = words_instead is stems
                return

    @property
    def begun_words(self) -> str:
        """Write the words that were searched for, those that are only begun with an ellipsis."""
        pairs = zip(self.words, self.asked.words, strict=False)
        return ", ".join(word if word == whole else f"{word}…" for word, whole in pairs)

    @cached_property
    def is_mended(self) -> bool:
        """Tell whether what is shown was found with other words than those asked for."""
        return self.words != self.asked.words

    @property
    def page(self) -> list[Hit]:
        """Give the hits of the page that is asked for."""
        return self.hits[(self.asked.page - 1) * PAGE : self.asked.page * PAGE]

    @property
    def has_next(self) -> bool:
        """Tell whether there is a further page."""
        return len(self.hits) > self.asked.page * PAGE

    def found(self) -> list[Found]:
        """Describe the hits of the page."""
        return self._described(self.page)

    def kinds(self) -> list[tuple[str, Name, int]]:
        """Name the classes of all matches, the most frequent first."""
        told = Hits(self._store, [Hit(iri, iri) for iri in self.matches.kinds], self.words)
        return [(iri, told.kind(iri), number) for iri, number in self.matches.kinds.items()]

    def groups(self) -> list[_Group]:
        """Put the hits together by kind, the kind of the best hit first."""
        of_kind: dict[str, list[Hit]] = {}
        for hit in self.hits:
            of_kind.setdefault(hit.kind, []).append(hit)
        shown = {kind: hits[:IN_GROUP] for kind, hits in of_kind.items()}
        told = Hits(self._store, [hit for hits in shown.values() for hit in hits], self.words)
        return [
            _Group(
                kind,
                told.kind(kind),
                self.matches.kinds.get(kind, len(of_kind[kind])),
                [told.found(hit) for hit in hits],
            )
            for kind, hits in shown.items()
        ]

    def alone(self) -> list[tuple[str, Count]]:
        """Tell of each of several words how many things have it, when none has all."""
        if self.matches.count.number or len(self.asked.words) == 1:
            return []
        return [(word, self._index.matches([word]).count) for word in self.asked.words]

    def _described(self, hits: list[Hit]) -> list[Found]:
        told = Hits(self._store, hits, self.words)
        return [told.found(hit) for hit in hits]


@blueprint.get("/search")
def search() -> Response:
    """Show what was found as a page: a few hits of each kind, or with `kind=` all of one."""
    edition = current_edition()
    asked = _asked(edition)
    document = _document_named(edition, asked.text)
    if document:
        response = make_response(redirect(document, 303))
        response.headers["Cache-Control"] = "no-cache"
        return response
    found = _Search(edition, asked)
    response = make_response(
        render_template("search.html", found=found, asked=found.asked, ranked=HITS_RANKED)
    )
    return cacheable(response, edition.id, "search")


@blueprint.get("/search.json")
def search_json() -> Response:
    """Tell what was found, the best first, in pages of PAGE hits."""
    edition = current_edition()
    found = _Search(edition, _asked(edition))
    body: dict[str, Any] = {
        "query": found.asked.text,
        "words": found.words,
        "mended": found.is_mended,
        "count": found.matches.count.number,
        "count_is_exact": found.matches.count.is_exact,
        "kinds": [
            {"iri": iri, "name": name.text, "count": number} for iri, name, number in found.kinds()
        ],
        "results": [each.as_json() for each in found.found()],
        "next": _next(found.asked) if found.has_next else None,
        "notes": found.asked.notes,
    }
    response = _json(body)
    vary(response, "Accept-Language")
    return _cacheable_by_language(response, edition.id, "search-json")


@blueprint.get("/suggest.json")
def suggest() -> Response:
    """Suggest names for what was begun: OpenSearch Suggestions 1.1, an array of four."""
    edition = current_edition()
    asked = _asked(edition)
    index = index_of(edition)
    wanted = asked.words
    hits = index.best(wanted, most=SUGGESTED)
    if wanted and not hits:
        wanted = index.mended(wanted, begun=True) or []
        hits = index.best(wanted, most=SUGGESTED)
    told = Hits(edition.store, hits, wanted)
    found: dict[str, Found] = {}
    for hit in hits:
        each = told.found(hit)
        name = each.name if each.snippet is None else each.snippet
        found.setdefault(name.text, each)
    base = edition.store.release.manifest.content.base
    body = [
        asked.text,
        list(found),
        [each.kind.text for each in found.values()],
        [urljoin(base, each.address) for each in found.values()],
    ]
    response = _json(body)
    response.headers["Content-Type"] = _SUGGESTIONS
    vary(response, "Accept-Language")
    return _cacheable_by_language(response, edition.id, "suggest")


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Tell browsers how to search here (OpenSearch 1.1, section 4)."""
    edition = current_edition()
    content = edition.store.release.manifest.content
    root = ET.Element("OpenSearchDescription", xmlns=_OPENSEARCH)
    title = site_title().text
    ET.SubElement(root, "ShortName").text = title[:_SHORT_NAME].strip()
    ET.SubElement(root, "LongName").text = title[:_LONG_NAME].strip()
    ET.SubElement(root, "Description").text = title
    for kind, address, relation in (
        ("text/html", "search?q={searchTerms}&page={startPage?}", "results"),
        ("application/json", "search.json?q={searchTerms}&page={startPage?}", "results"),
        (_SUGGESTIONS, "suggest.json?q={searchTerms}", "suggestions"),
        (_DESCRIPTION, "opensearch.xml", "self"),
    ):
        template = content.base + address
        ET.SubElement(root, "Url", type=kind, template=template, rel=relation)
    icon = urljoin(content.base, url_for("static", filename="icon.svg"))
    ET.SubElement(root, "Image", type="image/svg+xml", height="64", width="64").text = icon
    for language in content.languages:
        ET.SubElement(root, "Language").text = language
    ET.SubElement(root, "InputEncoding").text = "UTF-8"
    ET.SubElement(root, "OutputEncoding").text = "UTF-8"
    response = make_response(ET.tostring(root, encoding="unicode", xml_declaration=False))
    response.headers["Content-Type"] = _DESCRIPTION
    vary(response, "Accept-Language")
    return _cacheable_by_language(response, edition.id, "opensearch")


def index_of(edition: Edition) -> SearchIndex:
    """Give the search index of an edition; raises Problem when its release has none."""
    if edition.search.is_there:
        return edition.search
    raise Problem(
        _UNAVAILABLE,
        Message("This release cannot be searched"),
        Message(
            "Release %(release)s was made before there was a search index. Run 'metropole build'.",
            release=edition.id,
        ),
    )


def near(edition: Edition, path: str) -> list[Found]:
    """List things that an address with no thing may mean, at most NEAR."""
    if not edition.search.is_there:
        return []
    folder, _, last = path.rstrip("/").rpartition("/")
    asked = words(last[:MOST_LETTERS])[:MOST_WORDS]
    hits = edition.search.best(asked, most=NEAR)
    if not hits:
        asked = edition.search.mended(asked) or []
        hits = edition.search.best(asked, most=NEAR)
    if folder:
        hits = _beside(edition, folder, last[:MOST_LETTERS]) + hits
        hits = list({hit.iri: hit for hit in hits}.values())[:NEAR]
    told = Hits(edition.store, hits, asked)
    return [told.found(hit, with_snippet=False) for hit in hits]


def _beside(edition: Edition, folder: str, last: str) -> list[Hit]:
    """Find what has the same path but for some letters at its end, the most alike first."""
    asked = words(last)
    if len(asked) != 1:
        return []
    start = f"{edition.store.release.manifest.content.base}{THING}{folder}/".lower()
    stem = asked[0][: max(_STEM, len(asked[0]) - _ENDING)]
    found = {
        hit: distance(hit.iri[len(start) :].lower(), last.lower())
        for hit in edition.search.best([stem])
        if hit.iri.lower().startswith(start)
    }
    return sorted((hit for hit in found if found[hit] <= _ENDING), key=lambda hit: found[hit])


def _document_named(edition: Edition, text: str) -> str:
    """Give the document about what an address stands for, as `city/vilnius`; else nothing."""
    base = edition.store.release.manifest.content.base
    path = text.removeprefix(base).removeprefix("/")
    if "/" not in path or " " in path:
        return ""
    for folder in (THING, DOCUMENT):
        path = path.removeprefix(folder)
    for iri in addresses.candidate_iris(addresses.document_name(path, base=base), base=base):
        with contextlib.suppress(ValueError):
            if edition.store.knows(ox.NamedNode(iri)):
                return addresses.document_of(iri, base=base) or ""
    return ""


def _kind_named(edition: Edition, name: str) -> str:
    """Give the class that lists call so, as an IRI; the name itself when there is none."""
    try:
        with Lists(edition.store.release) as lists:
            return next((each.iri for each in lists.kinds() if each.name == name), name)
    except ReleaseError:
        return name


def _asked(edition: Edition) -> _Asked:
    """Read the parameters; what makes no sense is left out and said. Raises Problem."""
    given = request.args.get("q", "")
    if len(given) > MOST_LETTERS:
        raise Problem(
            _TOO_LONG,
            Message("What is searched for is too long"),
            Message("At most %(number)s characters are searched for.", number=MOST_LETTERS),
        )
    # Signs that cannot be seen, as those that turn the direction of writing, are not shown again.
    text = "".join(character for character in given if character.isprintable()).strip()
    asked, notes = words(given), list[str]()
    if text and not asked:
        notes.append(_("There is no word in it: words are of letters or digits."))
    if len(asked) > MOST_WORDS:
        notes.append(_("Only the first %(number)s words were searched for.", number=MOST_WORDS))
    kind = request.args.get("kind", "")
    if kind and not index_of(edition).has_kind(kind):
        kind = _kind_named(edition, kind)
    if kind and not index_of(edition).has_kind(kind):
        notes.append(_("There is no such kind, so all kinds were searched."))
        kind = ""
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) <= len("999") else 0
    if not 1 <= number <= HITS_RANKED // PAGE:
        if page:
            notes.append(_("There is no such page, so the first is shown."))
        number = 1
    return _Asked(text, asked[:MOST_WORDS], kind, number, notes)


def _in_thousands(asked: list[str]) -> list[str]:
    """Part long numbers as texts write them: `550000` is 550 000."""
    parted: list[str] = []
    for word in asked:
        if word.isascii() and word.isdigit() and len(word) > _GROUP:
            parted += f"{int(word):,}".split(",")
        else:
            parted.append(word)
    return parted if parted != asked else []


def _next(asked: _Asked) -> str:
    kind = asked.kind or None
    return url_for("search.search_json", q=asked.text, kind=kind, page=asked.page + 1)


def _json(body: object) -> Response:
    response = make_response(json.dumps(body, ensure_ascii=False) + "\n")
    response.headers["Content-Type"] = "application/json"
    return response


def _cacheable_by_language(response: Response, release_id: str, variant: str) -> Response:
    return cacheable(response, release_id, "-".join((variant, *liked())))
