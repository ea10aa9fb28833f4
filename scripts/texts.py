"""Collect the texts of pages for translators, or tell which of them lack a translation.

`make texts` brings `translations/<language>/messages.po` up to date: new texts are added without a
translation, and what no page says any more goes. `scripts/texts.py --check` changes nothing; it
names each text that lacks a translation, or whose translation cannot be right, and fails.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/metropole"
TRANSLATIONS = SOURCES / "web/translations"
#: In this language the texts are written.
ORIGINAL = "en"
_METHODS = [("web/templates/**", "jinja2"), ("**.py", "python")]
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "Message": None}
_PLACE = re.compile(r"%\((\w+)\)(.)|(%)(?!%)")
#: Lines of the head of a file that say something; the others are dates and names of tools.
_KEPT = ("#", "msgid", "msgstr", '"Language:', '"Plural', '"Content')
#: Each Babel writes it in its own way.
_PLURALS = re.compile(r'^"Plural-Forms: .*"$', re.MULTILINE)
_TAG = re.compile(r"</?\w+|href=")


def texts() -> Catalog:
    """Collect all texts, each with the files that say it."""
    found = Catalog(charset="utf-8")
    options = {"web/templates/**": {"silent": "false"}}
    for file, _, text, _, _ in extract_from_dir(
        SOURCES, _METHODS, options_map=options, keywords=_KEYWORDS
    ):
        found.add(text, locations=[(f"src/metropole/{file}", 0)])
    return found


def translations(language: str) -> Catalog:
    """Read what there is in a language."""
    with _file(language).open("rb") as file:
        return read_po(file, locale=language)


def _file(language: str) -> Path:
    return TRANSLATIONS / language / "messages.po"


def languages() -> list[str]:
    """List the languages that pages can be in beside the original."""
    return sorted(each.name for each in TRANSLATIONS.iterdir() if each.name != ORIGINAL)


def collect() -> None:
    """Bring the files of all languages up to date."""
    wanted = texts()
    for language in languages():
        known = translations(language)
        fresh = Catalog(locale=language, charset="utf-8", fuzzy=False)
        for message in sorted(wanted, key=lambda each: _singular(each).lower()):
            if message.id:
                before = known.get(message.id)
                has_form = before is not None and before.pluralizable == message.pluralizable
                files = sorted({(file, 0) for file, _ in message.locations})
                said = before.string if before is not None and has_form else None
                fresh.add(message.id, said, locations=files)
        name = str(known.locale.english_name) if known.locale else language
        fresh.header_comment = f"# Texts of pages in {name}, collected by `make texts`."
        plurals = _PLURALS.search(_file(language).read_text(encoding="utf-8"))
        text = _as_file(fresh)
        if plurals:
            text = _PLURALS.sub(lambda _: plurals[0], text, count=1)  # noqa: B023
        _file(language).write_text(text, encoding="utf-8")


def _as_file(catalog: Catalog) -> str:
    """Write a catalogue without anything that changes by itself, as dates."""
    written = io.BytesIO()
    write_po(written, catalog, include_lineno=False, width=0)
    head, _, rest = written.getvalue().decode().partition("\n\n")
    kept = [line for line in head.splitlines() if line.startswith(_KEPT)]
    return "\n".join([*kept, "", rest.rstrip("\n"), ""])


def wrong() -> Iterator[str]:
    """Tell what is wrong with the translations, a line for each text."""
    wanted = [message for message in texts() if message.id]
    ids = {message.id for message in wanted}
    for message in wanted:
        yield from _wrong_original(message)
    for language in languages():
        known = translations(language)
        for message in wanted:
            said = known.get(message.id)
            trouble = _trouble(message, said)
            if trouble:
                yield f"{language}: {trouble}: {_singular(message)!r}"
        for message in known:
            if message.id and message.id not in ids:
                yield f"{language}: no page says this any more: {_singular(message)!r}"


def _wrong_original(message: Message) -> Iterator[str]:
    for text in _forms(message.id):
        for found in _PLACE.finditer(text):
            if found[2] != "s":
                yield f"{ORIGINAL}: a value is written as %(name)s: {text!r}"


def _trouble(message: Message, said: Message | None) -> str:
    if said is None or said.fuzzy:
        return "no translation"
    forms = _forms(said.string)
    if not all(forms) or (message.pluralizable and not isinstance(said.string, tuple)):
        return "no translation"
    originals = _forms(message.id)
    allowed = {tuple(_marks(text)) for text in originals}
    if any(tuple(_marks(form)) not in allowed for form in forms):
        return "values or tags differ"
    return ""


def _marks(text: str) -> list[str]:
    """List the values and tags of a text, which a translation has too."""
    return sorted([*(found[0] for found in _PLACE.finditer(text)), *_TAG.findall(text)])


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text or ""),)


def _singular(message: Message) -> str:
    return _forms(message.id)[0]


def main() -> int:
    """Collect, or check, as the arguments have it."""
    if sys.argv[1:] != ["--check"]:
        collect()
        return 0
    found = list(wrong())
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
