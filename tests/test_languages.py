"""Languages: how that of a page is chosen and travels, and that no text lacks a translation."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from babel import Locale
from babel.numbers import format_decimal
from flask.testing import FlaskClient

from metropole.messages import Message
from metropole.saved_queries import read
from metropole.web import languages
from metropole.web.labels.common_names import common_names
from metropole.web.languages.written import exact_number
from metropole.web.requests import problems
from web_site import client_of, fetch, links_of, query_path, server_of, write_site

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "scripts/texts.py"
HTML = {"Accept": "text/html"}
FILES = {
    "data/a.ttl": """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/oak> a <ns#Thing> ; rdfs:label "oak"@en, "ąžuolas"@lt, "Eiche"@de ; <ns#says> 1234567 .
<id/fir> a <ns#Thing> ; rdfs:label "eglė"@lt, "Tanne"@de, "fir, untagged" ; <ns#near> <id/oak> .
<id/elm> a <ns#Thing> ; rdfs:label "guoba"@lt ; <ns#near> <id/oak> .
<id/yew> a <ns#Thing> ; rdfs:label "tisas"@xx ; <http://purl.org/dc/terms/publisher> "P" .
""",
    "queries/says.rq": "#+ summary: Who says what?\n#+ chart: bar\n#+ x: thing\n#+ y: said\n"
    "SELECT ?thing ?said { ?thing <ns#says> ?said }",
    "queries/of.rq": "#+ summary: What is near?\n#+ parameters:\n#+   name:\n#+     type: iri\n"
    "#+     example: id/oak\n"
    "SELECT ?thing ?name { ?thing <ns#near> ?name }",
}
STYLES = 100_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose languages are English, Lithuanian and German, in this order."""
    found = write_site(tmp_path_factory.mktemp("languages"), FILES)
    settings = found / "metropole.toml"
    text = settings.read_text(encoding="utf-8").replace('["en", "lt"]', '["en", "lt", "de"]')
    settings.write_text(text, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of the site."""
    with client_of(root) as found:
        yield found


def page(client: FlaskClient, path: str, reads: str = "") -> str:
    """Read a page as somebody who reads some languages."""
    response = client.get(path, headers={**HTML, **({"Accept-Language": reads} if reads else {})})
    assert response.mimetype == "text/html", response.text
    return response.text


def language_of(text: str) -> str:
    """Give the language a page says it is in."""
    found = re.search(r'<html lang="([a-z]+)">', text)
    assert found
    return found[1]


# The texts


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that collects texts, at work on a copy of the translations."""
    spec = importlib.util.spec_from_file_location("texts", TEXTS)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copytree(module.TRANSLATIONS, tmp_path / "translations")
    monkeypatch.setattr(module, "TRANSLATIONS", tmp_path / "translations")
    return module


def test_every_text_is_translated_into_every_language() -> None:
    """No page has a text without a translation, and no translation is wrong or of no use."""
    done = subprocess.run(
        [sys.executable, str(TEXTS), "--check"], capture_output=True, text=True, check=False
    )

    assert done.stdout == ""
    assert (done.returncode, done.stderr) == (0, "")


def test_text_that_lacks_a_translation_is_named(texts: ModuleType) -> None:
    """A text without a translation, with other values in it, or out of use is told by name."""
    file = texts.TRANSLATIONS / "lt/messages.po"
    text = file.read_text(encoding="utf-8")
    text = text.replace('msgstr "Klausimai"', 'msgstr ""')
    text = text.replace('"Formatai: %(names)s."', '"Formatai: %(name)s."')
    text = re.sub(r'(msgid "Lines"\nmsgstr )"[^"]*"', r'\1"" ', text)
    file.write_text(text + '\nmsgid "Nobody says this"\nmsgstr "Taip"\n', encoding="utf-8")

    assert sorted(texts.wrong()) == [
        "lt: no page says this any more: 'Nobody says this'",
        "lt: no translation: 'Lines'",
        "lt: no translation: 'Questions'",
        "lt: values or tags differ: 'Formats: %(names)s.'",
    ]


def test_texts_are_collected(texts: ModuleType) -> None:
    """Collecting keeps every translation, and files that are collected already as they are."""
    before = {file: file.read_bytes() for file in texts.TRANSLATIONS.rglob("*.po")}
    texts.collect()
    assert {file: file.read_bytes() for file in texts.TRANSLATIONS.rglob("*.po")} == before

    (texts.TRANSLATIONS / "pl/messages.po").write_text('msgid ""\nmsgstr ""\n"Language: pl\\n"\n')
    texts.collect()
    assert sum("pl: no translation" in line for line in texts.wrong()) > 200


# Which language a page is in


@pytest.mark.parametrize(
    ("path", "reads", "language"),
    [
        ("/", "", "en"),
        ("/", "lt", "lt"),
        ("/", "pl-PL, pl;q=0.9, en;q=0.5", "pl"),
        ("/", "fi, de;q=0.4, lt;q=0.8", "lt"),
        ("/", "fi", "en"),
        ("/?lang=de", "lt", "de"),
        ("/?lang=DE-at", "lt", "de"),
        ("/?lang=fi", "lt", "lt"),
    ],
)
def test_language_is_asked_for_negotiated_or_the_first_of_the_site(
    client: FlaskClient, path: str, reads: str, language: str
) -> None:
    """`lang=` decides, else `Accept-Language`, else the site; the response says which it is."""
    response = client.get(path, headers={**HTML, "Accept-Language": reads})

    assert language_of(response.text) == language
    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]


def test_language_that_there_is_not_is_told(client: FlaskClient) -> None:
    """The page is shown in another language, says so, and does not carry the word on."""
    text = page(client, "/releases/?lang=fi", "pl")

    assert "W języku „fi” ten serwis nie ma stron" in text
    assert 'href="/queries/"' in text
    assert "nie ma stron" not in page(client, "/releases/?lang=pl")


PATHS = ["/", "/id/oak", "/doc/oak", "/ns", "/queries/", "/queries/says", "/queries/of"]
PATHS += ["/releases/", "/quality", "/dumps/", "/stories/", "/sparql", "/nowhere"]
PATHS += ["/browse/", "/browse/Thing", "/search?q=oak", "/shapes", "/catalog"]
PATHS += ["/dumps/latest/tables/thing.html", "/.well-known/void"]
PATHS += [query_path("SELECT * { ?s ?p ?o } LIMIT 3"), query_path("SELEC")]


#: Addresses of data, which have no language; names in lists and in what was found have one.
DATA = re.compile(r"\.(ttl|nt|nq|trig|jsonld|rdf|json|csv|tsv|xml|bib|txt)(\?|$)|format=")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["lt", "de", "pl"])
def test_pages_are_in_the_language_and_lead_on_in_it(
    client: FlaskClient, path: str, language: str
) -> None:
    """Each link to a page keeps the language, and no link to data or a file has one."""
    asked = f"{path}{'&' if '?' in path else '?'}lang={language}"
    text = client.get(asked, headers=HTML, follow_redirects=True).text
    links = set(re.findall(r'<(?:a|form)[^>]* (?:href|action)="(/[^"#]*)', text))

    assert language_of(text) == language
    assert "Skip to the content" not in text
    for link in links:
        is_data = DATA.search(link) and not re.match(r"/(browse/\w+|search)\.json", link)
        is_form = link == "/sparql" or re.fullmatch(r"/queries/[^?]*", link)
        has = re.findall(r"(?<=[?;&])lang=(\w+)", link)
        assert not re.search(r"\?.*\?(lang|release)=", link), link
        is_file = link.startswith("/dumps/") and not re.search(r"(/|\.html)(\?|$)", link)
        if is_data or is_file or link.startswith(("/static", "/-/")):
            assert not has, link
        elif not is_form:
            assert len(has) == 1, link
    for form in re.findall(r'<form[^>]*method="get".*?</form>', text, re.DOTALL):
        assert f'<input type="hidden" name="lang" value="{language}">' in form


def test_language_and_release_travel_together(client: FlaskClient) -> None:
    """An address has both parameters, joined as they should be; Memento speaks of no language."""
    release = client.get("/-/ready").get_json()["release"]
    led = client.get(f"/id/oak?lang=lt&release={release}", headers=HTML)
    assert led.headers["Location"] == f"/doc/oak?lang=lt&release={release}"

    response = client.get(led.headers["Location"], headers=HTML)
    links = links_of(response)
    assert response.headers["Content-Location"] == f"/doc/oak.html?lang=lt&release={release}"
    assert f'</doc/oak.ttl?release={release}>; rel="alternate"; type="text/turtle"' in links
    assert '</timegate/doc/oak>; rel="timegate"' in links
    assert '</doc/oak>; rel="original"' in links
    pinned = client.get("/queries/says.html?lang=lt", headers=HTML)
    assert pinned.headers["Content-Location"] == "/queries/says.html?lang=lt"
    assert f'href="/queries/says@{release}?lang=lt"' in pinned.text
    assert 'href="/queries/says.csv"' in pinned.text


def test_languages_of_a_page_are_offered(client: FlaskClient) -> None:
    """The foot of a page leads to it in each language; search engines are told of the same."""
    text = page(client, "/queries/?lang=lt")

    offered = re.findall(r'href="([^"]*)" hreflang="(\w+)" lang="\2"', text)
    assert offered == [(f"/queries/?lang={each}", each) for each in ("de", "en", "lt", "pl")]
    assert re.search(r'hreflang="lt" lang="lt"[^>]* aria-current="true">Lietuvių<', text)
    assert re.findall(r'rel="alternate" hreflang="([\w-]+)" href="([^"]*)"', text) == [
        *((each, f"https://t.example/queries/?lang={each}") for each in ("de", "en", "lt", "pl")),
        ("x-default", "https://t.example/queries/"),
    ]
    answer = page(client, query_path("ASK {}", lang="lt"))
    assert 'href="/sparql?query=ASK%20%7B%7D&amp;lang=de"' in answer
    for path in (query_path("ASK {}"), "/nowhere"):
        assert 'rel="alternate" hreflang' not in page(client, path)


def test_parameter_of_a_query_cannot_be_called_lang() -> None:
    """It would ask for the language of the page instead; the check says so."""
    _, found = read("queries/a.rq", "#+ parameters:\n#+   lang:\n#+     type: iri\nASK {}")
    assert [each.line for each in found][:1] == [2]
    assert "language of the page" in found[0].message


# What is told in which language


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/doc/oak?lang=lt", '<span lang="lt">ąžuolas</span>'),
        ("/doc/oak?lang=pl", '<span lang="en">oak</span>'),  # the order of the site
        ("/doc/fir?lang=de", '<span lang="de">Tanne</span>'),
        ("/doc/fir?lang=pl", '<span lang="lt">eglė</span>'),
        ("/doc/elm?lang=de", '<span lang="lt">guoba</span>'),
        ("/doc/yew", '<span lang="xx">tisas</span>'),
        ("/queries/says?lang=lt", '<span lang="lt">ąžuolas</span>'),
        ("/quality?lang=lt", ""),
        (query_path("SELECT ?s { ?s <ns#says> ?o }", lang="de"), '<span lang="de">Eiche</span>'),
    ],
)
def test_things_are_named_by_one_policy(client: FlaskClient, path: str, name: str) -> None:
    """The page's language, those the reader reads, the order of the site, untagged, any."""
    assert name in client.get(path, headers=HTML, follow_redirects=True).text


def test_reader_decides_before_the_site(client: FlaskClient) -> None:
    """Where the page's language has no name, another that the reader reads goes first."""
    assert '<span lang="de">Tanne</span>' in page(client, "/doc/fir?lang=pl", "pl, de;q=0.5")
    assert '<span lang="lt">eglė</span>' in page(client, "/doc/fir?lang=pl", "pl, sv")


def test_numbers_and_dates_are_written_as_the_language_does(client: FlaskClient) -> None:
    """Thousands are parted, and days are named, as readers of the language expect."""
    written = {
        "en": ("1,234,567", r">\d+ [A-Z]\w+ 20\d\d</time>"),
        "lt": ("1\xa0234\xa0567", r">20\d\d m. \w+ \d+ d.</time>"),
        "de": ("1.234.567", r">\d+\. \w+ 20\d\d</time>"),
        "pl": ("1\xa0234\xa0567", r">\d+ [a-zń]\w+ 20\d\d</time>"),
    }
    for language, (number, day) in written.items():
        assert f'<span class="said">{number}</span>' in page(
            client, f"/queries/says?lang={language}"
        )
        assert re.search(day, page(client, f"/releases/?lang={language}")), language


@pytest.mark.parametrize("tag", ["en_150", "de", "pl", "lt", "es", "hi"])
@pytest.mark.parametrize("text", ["0", "12.50", "9999", "10000", "1234567.125", "1E+5", "1e-7"])
def test_exact_numbers_are_those_of_the_library(tag: str, text: str) -> None:
    """The short way to write a number gives what Babel gives, in every digit."""
    value, locale = Decimal(text), Locale.parse(tag)
    expected = format_decimal(value, locale=locale, decimal_quantization=False)
    assert exact_number(value, locale) == expected


def test_counts_have_the_form_of_the_language(client: FlaskClient) -> None:
    """Nouns are declined as the number in front of them wants it."""
    with client.application.test_request_context("/?lang=lt"):
        told = [languages.ngettext("%(num)s row", "%(num)s rows", n) for n in (1, 2, 11, 21, 1010)]
    assert told == ["1 eilutė", "2 eilutės", "11 eilučių", "21 eilutė", "1\xa0010 eilučių"]
    with client.application.test_request_context("/?lang=pl"):
        told = [languages.ngettext("%(num)s row", "%(num)s rows", n) for n in (1, 2, 5, 22)]
    assert told == ["1 wiersz", "2 wiersze", "5 wierszy", "22 wiersze"]


def test_errors_are_told_in_the_language_to_people_and_in_english_to_programs(
    client: FlaskClient,
) -> None:
    """A problem is English in JSON, whatever is asked; a page says it in the reader's language."""
    data = client.get("/doc/none?lang=lt", headers={"Accept": "application/json"})
    text = page(client, "/doc/none?lang=lt")
    broken = page(client, query_path("SELEC", lang="de"))

    assert json.loads(data.text)["title"] == "There is no such thing in this graph"
    assert "<h1>Šiame grafe tokio objekto nėra</h1>" in text
    assert "nieko nesakoma" in text
    assert "Die Abfrage hat einen Fehler" in broken
    assert re.search(r'class="detail"><span lang="en">', broken)  # what a parser said


def test_message_is_english_and_can_be_said_otherwise(client: FlaskClient) -> None:
    """Values of a message that are messages are said in the language too."""
    told = Message("Stories: %(names)s.", names=Message("none"))
    problem = problems.Problem(404, told)

    assert (told, problem.title) == ("Stories: none.", "Stories: none.")
    with client.application.test_request_context("/?lang=pl"):
        assert languages.translated(told) == "Opowieści: brak."
        assert languages.marked("100 <") == '<span lang="en">100 &lt;</span>'


# Caches


def test_validator_names_the_languages(client: FlaskClient) -> None:
    """Readers with the same languages share a page; 304 is only for who has it in theirs."""
    for path in ("/", "/doc/oak", "/queries/says.html", "/queries/", "/releases/"):
        tags = {
            reads: client.get(path, headers={**HTML, "Accept-Language": reads}).headers["ETag"]
            for reads in ("lt", "lt-LT, lt;q=0.9, fi;q=0.5", "de", "de, lt;q=0.5")
        }
        assert tags["lt"] == tags["lt-LT, lt;q=0.9, fi;q=0.5"], path
        assert len(set(tags.values())) == 3, path
        for reads, status in (("lt", 304), ("de", 200)):
            headers = {**HTML, "Accept-Language": reads, "If-None-Match": tags["lt"]}
            assert client.get(path, headers=headers).status_code == status, path


def test_front_keeps_a_page_for_each_language(root: Path) -> None:
    """A real server gives each reader the page in their language, also from its cache."""
    with server_of(root) as server:
        for _ in range(2):
            for path in ("/queries/", "/doc/oak"):
                for reads in ("lt", "de", "en"):
                    headers = {**HTML, "Accept-Language": reads}
                    reply = fetch(server.port, path, headers=headers)
                    assert language_of(reply.body.decode()) == reads
                asked = fetch(server.port, f"{path}?lang=pl", headers=HTML)
                assert language_of(asked.body.decode()) == "pl"
        assert asked.headers["server-timing"] == "cache;desc=hit"


# The look


def test_pages_are_light(client: FlaskClient) -> None:
    """All styles and pictures that pages load, the editor's left out, are below 100 kB."""
    loaded: dict[str, int] = {}
    for path in ("/", "/doc/oak", "/queries/says", "/quality", "/sparql"):
        text = client.get(path, headers=HTML, follow_redirects=True).text
        for address in re.findall(r'(?:href|src)="(/static/[^"]*\.(?:css|svg|js|png))"', text):
            if "/editor/" not in address:
                with client.get(address) as found:
                    loaded[address] = len(found.data)

    assert {"/static/style.css", "/static/icon.svg"} <= loaded.keys()
    assert sum(loaded.values()) < STYLES, loaded


@pytest.mark.parametrize(
    ("language", "word"), [("lt", "leidėjas"), ("de", "Herausgeber"), ("en", "publisher")]
)
def test_common_properties_have_names_in_each_language(
    client: FlaskClient, language: str, word: str
) -> None:
    """A site that says nothing of the vocabularies it uses shows no English to Lithuanians."""
    page = client.get(f"/doc/yew?lang={language}", headers=HTML).text

    assert re.search(rf">{word}<", page, re.IGNORECASE)
    assert f'<span lang="{language}">{word}</span>' in page or language == "en"


def test_every_common_name_is_there_in_all_languages_of_pages() -> None:
    """Nobody gets half of a page in another language."""
    found = {frozenset(names) for names in common_names().values()}

    assert found == {frozenset({"en", "lt", "de", "pl"})}


def test_the_title_of_the_site_is_in_the_language_of_its_reader(tmp_path: Path) -> None:
    """Pages, search descriptions and markup say one title; RDF says all, each with its language."""
    site = write_site(tmp_path, FILES)
    settings = site / "metropole.toml"
    text = settings.read_text(encoding="utf-8")
    title = 'title = {en = "Trees", lt = "Medžiai"}'
    settings.write_text(text.replace('title = "Test"', title), encoding="utf-8")
    with client_of(site) as client:
        lt, de = page(client, "/?lang=lt"), page(client, "/?lang=de")
        liked = page(client, "/?lang=pl", "lt")
        search = client.get("/opensearch.xml?lang=lt").text
        feed, catalogue = client.get("/feed.atom").text, client.get("/catalog.ttl").text
        void = client.get("/.well-known/void", headers={"Accept": "text/turtle"}).text

    assert "<title>Medžiai</title>" in lt
    assert "<span>Medžiai</span>" in lt
    (markup,) = re.findall(r'<script type="application/ld.json">(.*?)</script>', lt)
    assert json.loads(markup)["@graph"][0]["name"] == "Medžiai"
    assert '<span lang="en">Trees</span>' in de
    assert '<span lang="lt">Medžiai</span>' in liked
    assert "<Description>Medžiai</Description>" in search
    assert "<title>Trees: changes</title>" in feed
    for said in ('"Trees"@en', '"Medžiai"@lt'):
        assert said in catalogue
        assert said in void
