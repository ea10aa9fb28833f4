"""Tests of the settings of a site."""

import re
from pathlib import Path

import pytest

from metropole.errors import SettingsError
from metropole.settings import load

MINIMAL = 'title = "T"\nbase = "https://a.example/"\n'


def write(folder: Path, text: str) -> Path:
    """Write settings into a folder."""
    (folder / "metropole.toml").write_text(text, encoding="utf-8")
    return folder


def test_title_and_base_are_enough(tmp_path: Path) -> None:
    """A site needs a title and a base; all else has a default."""
    settings = load(write(tmp_path, MINIMAL))

    assert (settings.title, settings.namespace) == ("T", "https://a.example/ns#")
    assert settings.limits.query_timeout_seconds == 30


def test_a_title_may_be_in_several_languages(tmp_path: Path) -> None:
    """A table is taken for the title; the one that the site prefers comes first."""
    text = 'base = "https://a.example/"\nlanguages = ["pl", "lt"]\n'
    settings = load(write(tmp_path, f'{text}[title]\nen = "T"\nLT = "Ž"\n'))

    assert settings.title == "Ž"
    assert settings.titles == {"en": "T", "lt": "Ž"}


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ('{en = "T", "l t" = "T"}', "'title' has 'l t', which is no language tag"),
        ('{en = "T", lt = ""}', "'title.lt' is empty"),
        ("{en = 1}", "'title' must be a table of texts, each named by its language"),
        ("{}", "'title' is empty"),
        ("3", "'title' must be a text in quotes, or a table of texts"),
    ],
)
def test_a_title_in_no_language_is_told(tmp_path: Path, title: str, told: str) -> None:
    """What is no title in any language stops the command, and says what to write."""
    with pytest.raises(SettingsError, match=re.escape(told)):
        load(write(tmp_path, MINIMAL.replace('"T"', title)))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """One run names every unknown, missing, ill-typed and impossible setting."""
    text = 'base = "ftp://x"\ntitel = "T"\nlanguages = "en"\n[limits]\nquery_timeout = 3\n'

    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))

    message = str(caught.value)
    assert "unknown setting 'titel'. Did you mean 'title'?" in message
    assert "missing setting 'title'" in message
    assert "'languages' must be a list of texts" in message
    assert "unknown setting 'limits.query_timeout'" in message
    assert "'base' is 'ftp://x'" in message


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('licence = "CC0"', "'licence' is 'CC0': it must be an http or https address"),
        ('licence = "CC BY 4.0"', "'licence' is 'CC BY 4.0'"),
        ('licence = "https://l.example/%zz"', "'licence' is"),
        ('contact = "info@town.example"', "as mailto:info@town.example"),
        ('contact = "www.town.example/contact"', "must be a mailto:, http or https address"),
        ('contact = "mailto:"', "'contact' is"),
        ('publisher = "A\\u0000"', "'publisher' holds the control character U+0000"),
        ('languages = ["en", "english"]', "'languages' has 'english', which is no language tag"),
        (
            'languages = ["lt", "en", "lt"]',
            "'languages' has 'lt' again: write each language once, the preferred one first",
        ),
        ('languages = ["lt", "LT"]', "'languages' has 'LT' again: write each language once"),
        ('languages = ["en", "l\\u0007t"]', "'languages' holds the control character U+0007"),
        ('[catalogue]\npublisher = "https://p.example/["', "'catalogue.publisher' has"),
        ("[topics]\ntrees = 'x'", "'topics.trees' must be a table of texts"),
        ("[columns]\nsize = {lt = 1}", "'columns.size' must be a table of texts"),
        ('[catalogue]\nspatial = ["https://p.example/%z"]', "'catalogue.spatial' has"),
        ('[catalogue.description]\nen = "\\u0001"', "'catalogue.description.en' holds"),
    ],
)
def test_values_that_cannot_be_published_are_told(tmp_path: Path, setting: str, told: str) -> None:
    """What would have to be an address, a language or a text that can be seen, and is none."""
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, f"{MINIMAL}{setting}\n"))

    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize(
    "setting",
    [
        'licence = "https://creativecommons.org/licenses/by/4.0/"',
        'contact = "mailto:info@town.example"',
        'contact = "https://žalia.example/kontaktai"',
        'languages = ["en", "pt-BR", "sr-Latn", "nds"]',
        '[catalogue.description]\nen = """\nTwo\tlines\n"""',
    ],
)
def test_values_that_can_be_published_are_taken(tmp_path: Path, setting: str) -> None:
    """Addresses with letters of any script, languages with their region, texts of many lines."""
    assert load(write(tmp_path, f"{MINIMAL}{setting}\n"))


@pytest.mark.parametrize("base", ["https://a.example/%zz/", "https://a.example/\ue000/"])
def test_base_is_an_iri(tmp_path: Path, base: str) -> None:
    """A base that no IRI may begin with is refused."""
    with pytest.raises(SettingsError, match="'base' is"):
        load(write(tmp_path, f'title = "T"\nbase = "{base}"\n'))


def test_missing_file_names_the_remedy(tmp_path: Path) -> None:
    """A folder without settings gets told how to start a site."""
    with pytest.raises(SettingsError, match="metropole new"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("concurrent_queries", 100_000),
        ("query_timeout_seconds", 0),
        ("query_timeout_seconds", 10**20),
        ("query_memory_mebibytes", 1),
        ("request_body_bytes", 0),
        ("queued_queries", -1),
    ],
)
def test_limits_are_bounded(tmp_path: Path, setting: str, value: int) -> None:
    """A limit that would stop the server, or the machine, is told with the bounds it has."""
    with pytest.raises(SettingsError, match=rf"'limits\.{setting}' must be a whole number from"):
        load(write(tmp_path, f"{MINIMAL}[limits]\n{setting} = {value}\n"))
