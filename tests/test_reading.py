"""What readers see of pages, measured in a real browser: on paper and on a phone."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from flask.testing import FlaskClient

from browsers import find_browser
from metropole.settings import load
from metropole.web import create_app
from metropole.web.languages.written import days
from metropole.web.serving import Serving
from own_site import own_site
from web_site import client_of, query_path, server_of, write_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository, built."""
    return own_site(tmp_path_factory)


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[FlaskClient]:
    """A client of the site of this repository."""
    serving = Serving(load(site))
    try:
        yield create_app(serving).test_client()
    finally:
        serving.pool.close()


def _page(client: FlaskClient, path: str) -> str:
    return client.get(path, headers={"Accept": "text/html"}).text


def _links(page: str) -> list[str]:
    """Give what links say to those who only hear them, with where they lead."""
    found = re.findall(r'<a [^>]*href="([^"#]+)[^"]*"[^>]*>(.*?)</a>', page, re.DOTALL)
    told = {(address, " ".join(re.sub("<[^>]*>", "", text).split())) for address, text in found}
    return [text for _, text in told]


@pytest.fixture(scope="module")
def seen(site: Path) -> Iterator[dict[str, Any]]:
    """What the browser has measured on the site of this repository."""
    browser = find_browser()
    with server_of(site) as server:
        release = (site / "current").readlink().name
        yield browser.run("reading.mjs", f"http://127.0.0.1:{server.port}", release)


def test_numbers_of_charts_are_whole_on_paper(seen: dict[str, Any]) -> None:
    """No letter of a picture is outside of what A4 shows: 560,000 is not read as 60,000."""
    assert seen["outsideOfPaper"] <= 0


def test_rows_of_tables_are_cards_on_a_phone(seen: dict[str, Any]) -> None:
    """At 360 pixels every value is in sight, what a row is about first, and nothing is empty."""
    for path, found in seen["phone"].items():
        assert found["cells"] > 10, path
        assert found["beyond"] <= 0, path
        assert found["empty"] == found["brokenDays"] == 0, path
    assert seen["phone"]["/queries/timeline.html"]["top"] == "BaltMet Inno"


def test_tables_are_whole_on_paper(seen: dict[str, Any]) -> None:
    """No cell is cut at the edge of the paper, and no day is broken."""
    for path, found in seen["paper"].items():
        assert found["beyond"] <= 0, path
        assert found["brokenDays"] == 0, path


@pytest.mark.parametrize("page", ["shapes", "dumps"])
@pytest.mark.parametrize("way", ["script", "noScript"])
def test_address_opens_the_part_that_it_leads_into(
    seen: dict[str, Any], page: str, way: str
) -> None:
    """What is linked inside a closed part is in sight, and only that part is open."""
    found = seen["folds"][page]

    assert found[way]["open"] == 1
    assert 0 <= found[way]["top"] < 900


@pytest.mark.parametrize("page", ["shapes", "dumps"])
def test_closed_parts_are_open_on_paper(seen: dict[str, Any], page: str) -> None:
    """What a reader has not opened is printed all the same."""
    found = seen["folds"][page]

    assert found["onPaper"] == found["parts"] > 2


def test_footnotes_can_be_hit(seen: dict[str, Any]) -> None:
    """A footnote is a target of at least 24 by 24 pixels that no other lies over (WCAG 2.5.8)."""
    assert seen["footnotes"]["smallest"] >= 24
    assert seen["footnotes"]["overlapping"] == 0


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "24\u201325 Nov 2011"),
        ("de", "24.\u201325. Nov. 2011"),
        ("lt", "2011 lapkričio 24\u201325"),
        ("pl", "24\u201325 listopada 2011"),
    ],
)
def test_events_of_several_days_have_them_all(
    client: FlaskClient, language: str, told: str
) -> None:
    """Home, list and page write an interval as the language does, with one footnote for it."""
    told = f'<time datetime="2011-11-24">{told}</time>'
    assert told in _page(client, f"/?lang={language}")
    events = _page(client, f"/browse/Event?lang={language}")
    assert told in events
    address = re.search(re.escape(told) + r'\s*<a class="thing" href="([^"]*)"', events)
    assert address
    page = _page(client, address[1].replace("&amp;", "&"))
    assert re.search(
        re.escape(told) + r"</strong>(<a class=.from.[^>]*>1</a>)</p>", page.replace("\n", "")
    )


def test_days_that_are_no_interval_stay_as_they_are() -> None:
    """Months, the same day twice and what is no day are written, not refused."""
    english = Locale.parse("en_150")
    assert days("2011-11-24", "", english) == days("2011-11-24", "2011-11-24", english)
    assert days("2011-11", "2011-12", english) == "November 2011 – December 2011"  # noqa: RUF001
    assert days("2011-02-30", "2011-03-01", english) == "2011-02-30 – 2011-03-01"  # noqa: RUF001


def test_home_is_short_and_has_one_total(client: FlaskClient) -> None:
    """Eight classes and the way to all of them; the statements are counted once."""
    page = _page(client, "/")
    cards = page.partition('<ul class="cards">')[2].partition("</ul>")[0]

    assert cards.count("<li>") == 8
    assert 'href="/browse/">All classes' in page
    assert len(re.findall(r"\d statements", page)) == 1


def test_page_leads_back_to_its_list(client: FlaskClient) -> None:
    """A thing's page says in which list it is; what is in none has no such way."""
    path = re.search(r'<nav class="path".*?</nav>', _page(client, "/doc/city/vilnius?lang=lt"))
    assert path
    assert 'href="/browse/?lang=lt"' in path[0]
    assert 'href="/browse/City?lang=lt"' in path[0]
    assert '<span aria-current="page">' in path[0]
    assert 'class="path"' not in _page(client, "/doc/scheme/none")


def test_quoted_words_and_the_name_of_the_site_say_their_language(client: FlaskClient) -> None:
    """Quotations are in the language of their document, the site in one that it has a title in."""
    page = _page(client, "/doc/city/vilnius?lang=de")

    assert len(re.findall(r'<q lang="en">', page)) > 5
    assert "<span>Innovationsgraph der Ostseemetropolen</span>" in page


@pytest.mark.parametrize("path", ["/", "/dumps/", "/doc/city/vilnius"])
def test_links_to_different_places_sound_different(client: FlaskClient, path: str) -> None:
    """No Turtle, .gz or list sounds like another: those who hear links one by one know which."""
    times = Counter(_links(_page(client, path).partition("<main")[2].partition("<footer")[0]))

    repeated = {text for text, number in times.items() if number > 1}
    assert not repeated & {"Turtle", "JSON-LD", ".gz", ".zst", "what they are", "its statements"}
    assert not [text for text in repeated if text.startswith("Show as a list")]


def test_headings_of_downloads_are_there_once(client: FlaskClient) -> None:
    """No two headings say the same, and each table has a caption."""
    page = _page(client, "/dumps/")
    headings = re.findall(r"<h[1-6][^>]*>(.*?)</h", page)

    assert len(headings) == len(set(headings))
    assert page.count("<table") == page.count("<caption")


def test_quotation_leads_to_its_document(client: FlaskClient) -> None:
    """The page of a quotation has the document and its address on the web beside the words."""
    page = _page(client, "/doc/quote/population")

    assert "<blockquote" not in page
    assert 'href="http://inno.baltmet.org/pub/index.php?id=243"' in page


def test_passage_around_a_quotation_is_shown(tmp_path: Path) -> None:
    """Where the graph states what stands around the words, they are shown in it."""
    data = """@prefix oa: <http://www.w3.org/ns/oa#> .
<id/q> a oa:SpecificResource ; oa:hasSource <id/s> ; oa:hasSelector
  [ oa:exact "550 000" ; oa:prefix "It has about " ; oa:suffix " people <now>." ] .
<id/s> <http://purl.org/dc/terms/source> <https://elsewhere.example/s> ;
  <https://schema.org/inLanguage> "en" .
"""
    with client_of(write_site(tmp_path, {"data/a.ttl": data})) as small:
        page = _page(small, "/doc/q?lang=lt")

    words = "It has about <mark>550 000</mark> people &lt;now&gt;."
    assert f'<blockquote class="passage" lang="en"><p>{words}</p>' in page
    assert 'href="https://elsewhere.example/s"' in page


def test_what_is_near_has_the_same_path(client: FlaskClient) -> None:
    """Another ending or other capitals of a name lead to the thing or class that was meant."""
    hits = r'<ul class="hits"><li><a href="([^"]*)"'
    assert re.findall(hits, _page(client, "/doc/city/vilniaus")) == ["/doc/city/vilnius"]
    for name in ("city", "CITY", "Citty"):
        page = _page(client, f"/browse/{name}")
        assert re.findall(hits, page) == ["/browse/City"]
        assert "Classes with members" not in page


def test_another_query_is_not_drawn_like_the_one_before(client: FlaskClient) -> None:
    """The plain form sends of which query its picture was; explicit pictures are still told."""
    page = _page(client, "/sparql?example=population-of-vilnius")
    sign = re.search(r'name="drawn-for" value="(\w+)"', page)
    assert sign
    own = query_path(
        "SELECT ?s { ?s a ?c } LIMIT 1", chart="bar", x="address", **{"drawn-for": sign[1]}
    )
    assert "has no column" not in _page(client, own)
    assert "has no column" in _page(client, own.replace("drawn-for", "other"))
    body = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert body
    same = query_path(
        unescape(body[1]).replace("\n", "\r\n"), chart="bar", **{"drawn-for": sign[1]}
    )
    assert '<figure class="picture bars">' in _page(client, same)


def test_values_of_facets_are_in_the_order_of_the_reader(client: FlaskClient) -> None:
    """Values that as many members have are in alphabetical order of the page's language."""
    page = _page(client, "/browse/City?lang=de")
    names = re.findall(r'class="said"><span lang="de">(\w+)</span>', page)

    assert names.index("Deutschland") < names.index("Finnland") < names.index("Lettland")
