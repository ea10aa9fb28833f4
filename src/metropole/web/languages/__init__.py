"""The language of pages: the one asked for with `lang=`, one the reader reads, or the site's first.

The texts of pages are English in templates; `translations/<language>/messages.po` has them in the
other languages (GNU gettext). A language that was asked for travels on in the addresses of links,
so that no cookie is needed and every page can be kept by its address.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain
from jinja2 import pass_context
from markupsafe import Markup, escape
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS
from metropole.messages import Message
from metropole.web.languages.written import (
    bytes_written,
    compact_number,
    days,
    number,
    percent,
    with_separators,
)
from metropole.web.requests.negotiation import reader_languages, vary
from metropole.web.serving import serving

PARAMETER = "lang"
#: What templates are written in.
ORIGINAL = "en"
#: English as it is written in Europe: the day before the month.
_LOCALES = {"en": "en_150"}
_TRANSLATIONS = "translations"
#: What has no language, or none of a page: links to it need none.
_WITHOUT = frozenset(
    {
        "static",
        "dumps.dump",
        "dumps.latest",
        "queries.description",
        "system.limits",
        "void.description",
    }
)
#: Combinations of what clients say of their languages that are remembered.
_READERS_KEPT = 500
_EXTENSIONS = frozenset(
    (*(entry.extension for entry in (*GRAPH_FORMATS, *RESULT_FORMATS)), "json", "txt")
)


class _Catalogues(Domain):  # type: ignore[misc]  # the library has no types
    """The translations of the texts, compiled when a language is first asked for."""

    def get_translations(self) -> "_Texts":
        return _texts()


class _Texts(Translations):
    """The texts in one language, those without values as HTML too."""

    @cached_property
    def _marked(self) -> dict[str, Markup]:
        return {}

    def said_in_html(self, text: str, /, **values: object) -> Markup:
        """Say a text inside a template, where it is HTML and values are not."""
        if values:
            return Markup(self.ugettext(text)) % values  # noqa: S704  # the texts are our own
        found = self._marked.get(text)
        if found is None:
            found = self._marked[text] = Markup(self.ugettext(text)) % {}  # noqa: S704  # our own
        return found


@cache
def _compiled(name: str) -> _Texts:
    file = files("metropole.web") / _TRANSLATIONS / name / "messages.po"
    compiled = io.BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=name))
    compiled.seek(0)
    return _Texts(compiled)


@dataclass(frozen=True)
class Reader:
    """In which languages somebody reads, by what a request says."""

    #: The language that was asked for with `lang=`; empty when that is none of ours.
    asked: str
    locale: Locale
    #: That of the page, and those for content: it, then those of the site that are read.
    language: str
    liked: tuple[str, ...]
    texts: _Texts


@lru_cache(_READERS_KEPT)
def _reader_of(wanted: str, header: str | None, of_site: tuple[str, ...]) -> Reader:
    """Choose the languages by `lang=`, `Accept-Language` and what the site is written in."""
    there, reads = translated_into(), reader_languages(header)
    name = wanted.lower().partition("-")[0]
    is_asked = name if name in there else ""
    found = next((each for each in (is_asked, *reads, *of_site) if each in there), ORIGINAL)
    locale = Locale.parse(_LOCALES.get(found, found))
    language = str(locale.language)
    liked = dict.fromkeys((language, *(each for each in reads if each in of_site)))
    return Reader(is_asked, locale, language, tuple(liked), _compiled(language))


def _reader() -> Reader:
    """Give in which languages the client of the current request reads."""
    found: Reader | None = g.get("reader")
    if found is None:
        wanted = request.args.get(PARAMETER, "")
        header = request.environ.get("HTTP_ACCEPT_LANGUAGE")
        found = g.reader = _reader_of(wanted, header, serving().settings.languages)
    return found


def register(app: Flask) -> None:
    """Give pages their language, and what templates need to write in it."""
    babel = Babel(app, locale_selector=lambda: str(locale()))
    babel.domain_instance = _Catalogues()
    app.context_processor(_context)
    app.jinja_env.globals.update(
        language_links=_language_links, this_page=this_page, alternate_links=_alternate_links
    )
    app.jinja_env.filters.update(
        day=lambda text, until="": days(text, until, locale()),
        numberformat=lambda value: number(value, locale()),
        percentformat=lambda value: percent(value, locale()),
        bytesformat=lambda value: bytes_written(value, locale()),
        translated=translated,
        marked=marked,
    )
    for name in ("ngettext", "npgettext"):
        app.jinja_env.globals[name] = _counting(app.jinja_env.globals[name])
    # Pages say many texts: this does what the library does, and looks for the language once.
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _marked_up
    app.url_defaults(_carried)
    app.after_request(_told)


def _context() -> dict[str, object]:
    """Give templates what the languages of the reader say."""
    reader, of_pages = _reader(), of_site()
    is_known = bool(reader.asked) or PARAMETER not in request.args
    return {
        "_": reader.texts.said_in_html,
        "language": reader.language,
        "asked_language": reader.asked,
        "unknown_language": "" if is_known else request.args[PARAMETER],
        "site_lang": _site_lang(of_pages, reader.language),
    }


def _counting(count: Any) -> Any:
    """Let `%(num)s` in a text be written as the language writes numbers."""

    @pass_context
    def counted(context: Any, *texts: Any, **variables: Any) -> Any:
        return count(context, *texts, **{"num": written(texts[-1]), **variables})

    return counted


def _marked_up(text: str, /, **values: object) -> Markup:
    """Say a text inside a template, where it is HTML and values are not."""
    return _texts().said_in_html(text, **values)


def _texts() -> "_Texts":
    """Give the texts in the language of the page that is made."""
    return _reader().texts if has_request_context() else _compiled(ORIGINAL)


@cache
def translated_into() -> tuple[str, ...]:
    """List the languages that pages can be in, as `en`, by alphabet: what the package brings."""
    there = files("metropole.web") / _TRANSLATIONS
    return tuple(sorted(folder.name for folder in there.iterdir() if folder.is_dir()))


def locale() -> Locale:
    """Give what says how numbers and dates are written on the page that is made."""
    return _reader().locale if has_request_context() else Locale.parse(_LOCALES[ORIGINAL])


def language() -> str:
    """Give the language of the page that is made."""
    return _reader().language if has_request_context() else ORIGINAL


def liked() -> tuple[str, ...]:
    """List the languages for content: the page's, then those of the site that the reader reads.

    Where a thing has a name in none of them, the order of the site decides (`Labels`). A page
    is made from nothing else that a reader brings, so this is also what its `ETag` names.
    """
    return _reader().liked


def asked() -> str:
    """Give the language asked for with `lang=`; empty when that is none of ours."""
    return _reader().asked if has_request_context() else ""


def gettext(text: str, /, **values: object) -> str:
    """Say a text in the language of the page."""
    said = str(_texts().ugettext(text))
    return said % values if values else said


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Say a text that counts; `%(num)s` in it is the count, written as the language writes it."""
    found = str(_texts().ungettext(one, many, count))
    return found % {"num": written(count), **values}


def written(value: float) -> str:
    """Write a number as the language of the page does."""
    return number(value, locale())


def compact(value: float) -> str:
    """Write a number shortly, as 1.2M, as the language of the page does."""
    return compact_number(value, locale())


def localised(text: str) -> str:
    """Write a number that stands as `-1,234.5` with the separators of the page's language."""
    return with_separators(text, locale())


def translated(text: str) -> str:
    """Say a message in the language of the page; what is no Message stays as it is."""
    if not isinstance(text, Message):
        return text
    values = {
        name: translated(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return gettext(text.template, **values)


def marked(text: str) -> Markup:
    """Say a message as `translated` does, and mark what stays English on other pages."""
    if isinstance(text, Message) or language() == ORIGINAL:
        return escape(translated(text))
    return Markup('<span lang="en">{}</span>').format(text)


def this_page(**changed: str | None) -> str:
    """Give the address of the page that is made with some parameters changed, or left out."""
    if not request.args:
        given = [(name, value) for name, value in changed.items() if value is not None]
        return _path() + _query(given)
    values = MultiDict(request.args.items(multi=True))
    for name, value in changed.items():
        values.poplist(name)
        if value is not None:
            values.add(name, value)
    return _path() + _query(values.items(multi=True))


def of_site() -> str:
    """Give the language in which the site itself writes: its first one."""
    return serving().settings.languages[0]


@contextmanager
def written_in(tag: str) -> Iterator[None]:
    """Write what is written meanwhile in a language, whoever reads it.

    Where pages cannot be in that language numbers are written as it does, and texts are English.
    """
    kept = _reader()
    g.reader = _of_language(tag, kept.asked)
    try:
        yield
    finally:
        g.reader = kept


@lru_cache(_READERS_KEPT)
def _of_language(tag: str, asked_for: str) -> Reader:
    language = tag if tag in translated_into() else ORIGINAL
    locale = Locale.parse(_LOCALES.get(tag, tag))
    return Reader(asked_for, locale, language, (tag,), _compiled(language))


@cache
def _site_lang(of_pages: str, current: str) -> Markup:
    """Give the attribute that marks texts of the site on pages in another language."""
    return Markup("") if of_pages == current else Markup(' lang="{}"').format(of_pages)


def _path() -> str:
    """Write the path that was asked for as addresses have it."""
    found: str | None = g.get("path_asked")
    if found is None:
        path = quote(request.path, safe="/-._~!$&'()*+,;=:@")
        found = g.path_asked = request.script_root + path
    return found


def _query(values: Iterable[tuple[str, str]]) -> str:
    pairs = [f"{quote(name)}={quote(value)}" for name, value in values]
    return "?" + "&".join(pairs) if pairs else ""


def _language_links() -> Markup:
    """Link to this page in each language, for people."""
    current = language()
    links = [
        f'<a href="{escape(this_page(lang=tag))}" hreflang="{tag}" lang="{tag}" rel="nofollow"'
        + (' aria-current="true">' if tag == current else ">")
        + f"{escape(_own_name(tag))}</a>\n      "
        for tag in translated_into()
    ]
    return Markup("".join(links))  # noqa: S704  # addresses and names are escaped


def _alternate_links() -> Markup:
    """Link to this page in each language, for programs."""
    links = [
        f'<link rel="alternate" hreflang="{tag}" href="{escape(address)}">\n  '
        for tag, address in _alternates()
    ]
    return Markup("".join(links))  # noqa: S704  # addresses are escaped


def named(tag: str) -> str:
    """Name a language in that of the page, with its tag: `Lithuanian (lt)`."""
    try:
        found = Locale.parse(tag, sep="-").get_language_name(locale())
    except (UnknownLocaleError, ValueError):
        return tag
    return f"{found} ({tag})" if found else tag


@cache
def _own_name(name: str) -> str:
    found = str(Locale.parse(name).get_language_name(name))
    return found[:1].upper() + found[1:]


def _alternates() -> list[tuple[str, str]]:
    """List this page in each language (`hreflang`), where it is one that is found by itself.

    What has other parameters, an answer of the moment or an earlier release, is none.
    """
    if request.method not in ("GET", "HEAD") or set(request.args) - {PARAMETER}:
        return []
    page = serving().settings.base.rstrip("/") + _path().removeprefix(request.script_root)
    each = [(name, f"{page}?{PARAMETER}={name}") for name in translated_into()]
    return [*each, ("x-default", page)]


def _carried(endpoint: str, values: dict[str, Any]) -> None:
    """Let links to other pages keep the language that was asked for."""
    wanted = asked()
    if wanted and not _is_data(endpoint, values):
        values.setdefault(PARAMETER, wanted)


def _is_data(endpoint: str, values: dict[str, Any]) -> bool:
    """Tell whether an address is for programs: data in a format, which have no language."""
    if endpoint in _WITHOUT or values.get("format"):
        return True
    return names_data(
        str(values.get("extension") or values.get("name") or values.get("path") or "")
    )


def names_data(path: str) -> bool:
    """Tell whether a path ends in the extension of a format for programs."""
    return path.rpartition(".")[2] in _EXTENSIONS


def _told(response: Response) -> Response:
    if response.mimetype == "text/html" and "Location" not in response.headers:
        response.headers.setdefault("Content-Language", language())
        vary(response, "Accept-Language")
    return response
