"""Stories: a page for each, its Markdown with everything filled in, and its charts as pictures.

A story that is there in several languages is told in the one that the reader likes best. All that
it says is in its language, whatever that of the page around it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import pyoxigraph as ox
from flask import (
    Blueprint,
    Response,
    get_template_attribute,
    make_response,
    render_template,
    request,
)
from markupsafe import Markup

from metropole import stories
from metropole.messages import Message
from metropole.release import Release
from metropole.stories import Insert, Kind, Story, Term, answer_name, is_number, said
from metropole.web import languages
from metropole.web.kept_answers import KeptAnswers
from metropole.web.labels import NAMELESS, Name
from metropole.web.labels.worded import column_name, worded
from metropole.web.pictures import Picture
from metropole.web.pinned import asked_edition
from metropole.web.requests.negotiation import HTML, Page, acceptable
from metropole.web.requests.problems import Problem
from metropole.web.responses import cacheable, static_folder
from metropole.web.serving import Edition
from metropole.web.stories.markdown import as_html, escaped
from metropole.web.values.query_rows import Cell, Rows

blueprint = Blueprint("stories", __name__)
_MARKDOWN = Page("Markdown", "text/markdown", "md", ())
_OFFERS = {page.extension: page for page in (HTML, _MARKDOWN)}
#: What stands around a value in another language until the text is HTML: no letters of any script.
_BEGIN, _HERE, _END = "\ue000", "\ue001", "\ue002"
_VALUE = re.compile(f"{_BEGIN}([A-Za-z0-9-]+){_HERE}(.*?){_END}", re.DOTALL)
_MARKS = re.compile(f"{_BEGIN}[A-Za-z0-9-]+{_HERE}|[{_BEGIN}{_HERE}{_END}]")
_EMPTY_LINES = re.compile(r"\n{3,}")
#: Rows of a table that a story shows.
ROWS_SHOWN = 100


@dataclass(frozen=True)
class _Block:
    """A part of a story as its page shows it."""

    kind: str
    #: Markdown of a text, or the text of a query.
    text: str = ""
    insert: Insert | None = None
    #: What the query asks, in the language of the story where it can be.
    question: Name = NAMELESS
    rows: Rows | None = None
    picture: Picture | None = None
    #: The chart or table as HTML.
    figure: str = ""

    @property
    def html(self) -> Markup:
        """Give a text as HTML, which the renderer has made safe."""
        return _marked(self.text)

    @property
    def heads(self) -> tuple[str, ...]:
        """Give the heads of the columns as words."""
        return tuple(column_name(column).text for column in self.rows.columns) if self.rows else ()


@blueprint.get("/stories/")
def index() -> Response:
    """List the stories, each with its first paragraph."""
    edition = asked_edition()
    told = [(story, _lead(story, edition)) for story in _all(edition.store.release).values()]
    page = render_template("stories.html", stories=told)
    return _finished(make_response(page), edition.id, HTML, "stories")


@blueprint.get("/stories/<name>")
def story(name: str) -> Response:
    """Tell a story: as a page, or as Markdown with its figures and tables filled in."""
    edition = asked_edition()
    plain, _, extension = name.partition(".")
    found = _found(edition.store.release, plain)
    if extension and extension not in _OFFERS:
        raise Problem(
            404,
            Message("There is no such format"),
            Message("Formats: %(names)s.", names=", ".join(_OFFERS)),
        )
    accepted = acceptable(request.headers.get("Accept"), (HTML, _MARKDOWN))
    if not extension and not accepted:
        detail = Message("Available are: %(types)s.", types="text/html, text/markdown")
        raise Problem(406, Message("None of the accepted formats is available"), detail)
    variant = _OFFERS[extension] if extension else accepted[0]
    text = ""
    with languages.written_in(found.language):
        blocks = list(_blocks(found, KeptAnswers(edition, languages.liked())))
        if variant is _MARKDOWN:
            plain_blocks = [replace(each, text=_unmarked(each.text)) for each in blocks]
            text = render_template("story.md", story=found, blocks=plain_blocks, shown=ROWS_SHOWN)
    if variant is _MARKDOWN:
        tidy = _EMPTY_LINES.sub("\n\n", text).strip() + "\n"
        return _finished(make_response(tidy), edition.id, variant, name)
    page = render_template(
        "story.html", story=found, blocks=blocks, shown=ROWS_SHOWN, release=edition.store.release
    )
    return _finished(make_response(page), edition.id, variant, name)


@blueprint.get("/stories/<name>/<picture>")
def chart(name: str, picture: str) -> Response:
    """Give a chart of a story as a picture of its own (SVG)."""
    edition = asked_edition()
    found = _found(edition.store.release, name)
    for insert in found.inserts:
        if insert.kind is Kind.CHART and picture_name(insert) == picture:
            with languages.written_in(found.language):
                text = _own_picture(insert, KeptAnswers(edition, languages.liked()))
            if text:
                variant = Page("SVG", "image/svg+xml", "svg", ())
                return _finished(make_response(text), edition.id, variant, name)
    told = Message("%(title)s has no chart '%(name)s'.", title=found.title, name=picture)
    raise Problem(404, Message("There is no such picture"), told)


def _own_picture(insert: Insert, kept: KeptAnswers) -> str:
    drawn = kept.picture(insert)
    if not drawn:
        return ""
    style = (static_folder() / "pictures.css").read_text(encoding="utf-8")
    title = worded(kept.query(insert.query).titles).text
    return render_template("picture.svg", picture=drawn, title=title, style=style).strip() + "\n"


def picture_name(insert: Insert) -> str:
    """Name the picture of a chart after its query."""
    return answer_name(insert.query, insert.parameters).removesuffix(".tsv") + ".svg"


def _all(release: Release) -> dict[str, Story]:
    """Read the stories by name, each in the language that the reader likes best, and told so."""
    found: dict[str, dict[str, Story]] = {}
    for file in release.manifest.content.stories_sha256:
        try:
            text = (release.folder / file).read_text(encoding="utf-8")
        except OSError as error:
            raise Problem(
                503, Message("The release cannot be read"), f"{file}: {error}."
            ) from error
        story = stories.read(file, text)[0]
        found.setdefault(story.name, {})[story.language] = story
    return {name: _liked(told) for name, told in found.items()}


def _liked(told: dict[str, Story]) -> Story:
    file, language = worded({tag: story.file for tag, story in told.items()})
    found = next(story for story in told.values() if story.file == file)
    return replace(found, language=language)


def _found(release: Release, name: str) -> Story:
    known = _all(release)
    if name not in known:
        detail = Message("Stories: %(names)s.", names=", ".join(known) or Message("none"))
        raise Problem(
            404, Message("There is no such story"), detail, members={"stories": list(known)}
        )
    return known[name]


def _blocks(told: Story, kept: KeptAnswers) -> Iterator[_Block]:
    """Fill in values and counts, and part the text where blocks stand."""
    text, place = "", 1
    for part in told.parts:
        if isinstance(part, str):
            text += part
        elif part.kind is Kind.VALUE:
            text += _in_text(kept.answer(part).value(part))
        elif part.kind is Kind.COUNT:
            found = len(kept.answer(part).chosen(part.conditions))
            text += languages.localised(f"{found:,}")
        else:
            yield _Block("text", text)
            yield _with_figure(_block(part, kept), place)
            text, place = "", place + 1
    yield _Block("text", text)


def _in_text(term: Term) -> str:
    """Write a value inside a text, with its language where that is another one."""
    if is_number(term):
        return escaped(languages.localised(said(term)))
    tag = (term.language or "") if isinstance(term, ox.Literal) else ""
    text = _unmarked(escaped(said(term)))
    return text if tag in ("", languages.language()) else f"{_BEGIN}{tag}{_HERE}{text}{_END}"


def _marked(text: str) -> Markup:
    """Render a text, and mark the values in it that are in another language."""
    html = _VALUE.sub(r'<span lang="\1">\2</span>', as_html(text))
    return Markup(html)  # noqa: S704  # the renderer has made it safe


def _unmarked(text: str) -> str:
    """Leave the marks of languages out, for those who read Markdown."""
    return _MARKS.sub("", text)


def _with_figure(block: _Block, place: int) -> _Block:
    """Write a chart or a table as HTML; `place` tells the pictures of a page apart."""
    made = ""
    if block.picture:
        drawn = get_template_attribute("pictures.html", "drawn")
        made = drawn(block.picture, block.question.text, below=False, number=place)
    elif block.rows:
        table = get_template_attribute("answer_table.html", "table")
        made = table(block.rows, ROWS_SHOWN, block.question.text, plain=True)
    return replace(block, figure=Markup(made))  # noqa: S704  # from a template


def _block(insert: Insert, kept: KeptAnswers) -> _Block:
    query = kept.query(insert.query)
    kind, question = insert.kind.value, worded(query.titles)
    if insert.kind is Kind.QUERY:
        return _Block(kind, query.body, insert, question)
    if insert.kind is Kind.TABLE:
        return _Block(kind, "", insert, question, rows=kept.rows(insert))
    return _Block(kind, "", insert, question, picture=kept.picture(insert))


def _lead(told: Story, edition: Edition) -> Markup:
    with languages.written_in(told.language):
        first = next(_blocks(told, KeptAnswers(edition, languages.liked()))).text.strip()
    return _marked(first.partition("\n\n")[0])


@blueprint.app_template_filter("said")
def said_cell(cell: Cell) -> str:
    """Write the value of a cell: a number with its thousands apart, else as it is shown."""
    if cell.is_number and cell.term is not None:
        return languages.localised(said(cell.term))
    return cell.value.name.text


blueprint.add_app_template_filter(escaped, "escaped")
blueprint.add_app_template_filter(picture_name, "picture_name")


def _finished(response: Response, release_id: str, variant: Page, name: str) -> Response:
    is_text = variant.media_type.startswith("text/")
    response.headers["Content-Type"] = variant.media_type + "; charset=utf-8" * is_text
    response.headers["Vary"] = "Accept"
    response.headers["Metropole-Release"] = release_id
    shown = repr((request.full_path, name))
    tag = f"{variant.extension}-{sha256(shown.encode()).hexdigest()[:16]}"
    return cacheable(response, release_id, tag, is_in_languages=True)
