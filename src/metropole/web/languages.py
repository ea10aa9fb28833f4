"""The language of pages: the one asked for with `lang=`, one the reader reads, or the site's first.

The texts of pages are English in templates; `translations/<language>/messages.po` has them in the
other languages (GNU gettext). A language that was asked for travels on in the addresses of links,
so that no cookie is needed and every page can be kept by its address.
"""

import io
from importlib.resources import files
from typing import Any

import flask_babel
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale
from werkzeug import Response

from metropole.web.negotiation import reader_languages
from metropole.web.serving import serving

PARAMETER = "lang"
#: What templates are written in.
ORIGINAL = "en"
_TRANSLATIONS = "translations"


class _Catalogues(Domain):  # type: ignore[misc]  # the library has no types
    """The translations of the texts, compiled when a language is first asked for."""

    def get_translations(self) -> Translations:
        language = str(get_locale() or ORIGINAL)
        if language not in self.cache:
            self.cache[language] = _compiled(language)
        found: Translations = self.cache[language]
        return found


def _compiled(language: str) -> Translations:
    file = files("metropole.web") / _TRANSLATIONS / language / "messages.po"
    compiled = io.BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def register(app: Flask) -> None:
    """Give pages their language, and what templates need to write in it."""
    babel = Babel(app, locale_selector=_chosen)
    babel.domain_instance = _Catalogues()
    app.context_processor(lambda: {"language": language(), "languages": _named()})
    app.url_defaults(_carried)
    app.after_request(_told)


def translated() -> tuple[str, ...]:
    """List the languages that pages can be in, as `en`, by alphabet."""
    there = files("metropole.web") / _TRANSLATIONS
    return tuple(sorted(folder.name for folder in there.iterdir() if folder.is_dir()))


def language() -> str:
    """Give the language of the page that is made."""
    return str(get_locale())


def liked() -> tuple[str, ...]:
    """List the languages for content: the page's, then those of the site that the reader reads."""
    of_site = serving().settings.languages
    reads = reader_languages(request.headers.get("Accept-Language"))
    return tuple(dict.fromkeys((language(), *(each for each in reads if each in of_site))))


def asked() -> str:
    """Give the language asked for with `lang=`; empty when that is none of ours."""
    wanted = request.args.get(PARAMETER, "").lower()
    return wanted if wanted in translated() else ""


def gettext(text: str, /, **values: object) -> str:
    """Give a text of the pages in their language; `%(name)s` stands for a value."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Give the text for a number, which is `%(num)s` in it."""
    return str(flask_babel.ngettext(one, many, count, **values))


def _chosen() -> str:
    there = translated()
    reads = reader_languages(request.headers.get("Accept-Language"))
    of_site = serving().settings.languages
    wanted = (asked(), *reads, *of_site)
    return next((each for each in wanted if each in there), ORIGINAL)


def _named() -> list[tuple[str, str]]:
    """List the languages of pages with the names they have in themselves."""
    return [(each, str(Locale.parse(each).get_language_name(each))) for each in translated()]


def _carried(endpoint: str, values: dict[str, Any]) -> None:
    """Let links to other pages keep the language that was asked for."""
    if endpoint != "static" and asked() and not values.get("extension"):
        values.setdefault(PARAMETER, asked())


def _told(response: Response) -> Response:
    if response.mimetype == "text/html" and "Location" not in response.headers:
        response.content_language.add(language())
        response.vary.add("Accept-Language")
    return response
