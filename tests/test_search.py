"""Tests of the search: what is found, in which order, what is told, and what cannot hurt."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.errors import SearchTooLong, StoreError
from metropole.near import distance
from metropole.release import Releases
from metropole.release.search_index import FILE
from metropole.release.search_words import words
from metropole.settings import load
from metropole.store import searching
from metropole.store.searching import SearchIndex
from metropole.web import create_app
from metropole.web.serving import Serving
from web_site import BASE, MARKUP, built, write_site

PARKS = 45
DATA = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
<id/vilnius> a <ns#City> ; skos:prefLabel "Vilnius"@en, "Vilnius"@lt, "Wilno"@pl, "Вильнюс"@ru ;
  skos:altLabel "Vilna"@en ; rdfs:comment "A city on the river Neris."@en .
<id/county> a <ns#Area> ; skos:prefLabel "Vilnius County"@en .
<id/university> a <ns#School> ; skos:prefLabel "University of Vilnius"@en .
<id/old> a <ns#School> ; skos:prefLabel "Old school"@en ; skos:altLabel "Vilnius school"@en .
<id/told> a <ns#Thing> ; skos:prefLabel "Told"@en ; rdfs:comment "Upė teka per Vilnius miestą."@lt .
<id/quote> a oa:SpecificResource ; oa:hasSelector [ a oa:TextQuoteSelector ;
  oa:exact "amber exchange" ] .
<id/lodz> a <ns#City> ; skos:prefLabel "Łódź" .
<id/tromso> a <ns#City> ; skos:prefLabel "Tromsø" .
<id/street> a <ns#Thing> ; skos:prefLabel "Große Straße" .
<id/dakovo> a <ns#City> ; skos:prefLabel "Đakovo" .
<id/peking> a <ns#City> ; skos:prefLabel "北京市" .
<id/nameless-lighthouse> a <ns#Thing> ; <ns#says> 5 .
<id/markup> a <ns#Thing> ; skos:prefLabel "MARKUP" .
<id/hub> a <ns#City> ; skos:prefLabel "Namesake" ; <ns#near> <id/vilnius> .
<id/inflected> a <ns#Thing> ;
  skos:prefLabel "Vilniaus gyventojų ir miestų skaičiai"@lt .
<id/crowd> skos:prefLabel "550 000 people"@en .
<id/other> a <ns#City> ; skos:prefLabel "Namesake" ; <ns#near> <id/hub>, <id/vilnius> .
"""
TERMS = "".join(
    f"<ns#{name}> a <http://www.w3.org/2002/07/owl#Class> .\n"
    for name in ("City", "Area", "School", "Park")
)
JSON = {"Accept": "application/json"}


def data() -> str:
    """Give the data of the site: single things, and many parks."""
    parks = "".join(
        f'<id/park/{n}> a <ns#Park> ; skos:prefLabel "Park {n}" .\n' for n in range(PARKS)
    )
    return DATA.replace("MARKUP", MARKUP.replace('"', '\\"')) + parks


def files() -> dict[str, str]:
    """Give the files of the site."""
    return {"data/things.ttl": data(), "ontology/more.ttl": TERMS}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with names that are hard to find."""
    return write_site(tmp_path_factory.mktemp("search"), files())


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[FlaskClient]:
    """A client of the site."""
    serving = built(root)
    try:
        yield create_app(serving).test_client()
    finally:
        serving.pool.close()


@pytest.fixture(scope="module")
def index(client: FlaskClient, root: Path) -> SearchIndex:
    """The index of the site."""
    assert client
    release = Releases(load(root)).current()
    assert release
    return SearchIndex(release)


def asked(client: FlaskClient, q: str, **more: str) -> dict[str, Any]:
    """Search for something as a program does."""
    response = client.get("/search.json", query_string={"q": q, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.text)
    return found


def names(client: FlaskClient, q: str, **more: str) -> list[str]:
    """Give the ends of the IRIs that are found, the best first."""
    return [each["iri"].removeprefix(BASE + "id/") for each in asked(client, q, **more)["results"]]


# What is found


@pytest.mark.parametrize(
    ("q", "thing"),
    [
        ("Vilnius", "vilnius"), ("VILNIUS", "vilnius"), ("wilno", "vilnius"), ("vilna", "vilnius"),
        ("Вильнюс", "vilnius"), ("вильнюс", "vilnius"), ("neris river", "vilnius"),
        ("lodz", "lodz"), ("ŁÓDŹ", "lodz"), ("łódź", "lodz"), ("lódz", "lodz"),
        ("tromso", "tromso"), ("Tromsø", "tromso"), ("strasse", "street"), ("STRASSE", "street"),
        ("grosse str", "street"), ("dakovo", "dakovo"), ("Đakovo", "dakovo"),
        ("北京", "peking"), ("京市", "peking"), ("lighthouse", "nameless-lighthouse"),
        ("amber", "quote"), ("exch amb", "quote"), ("upė", "told"), ("upe", "told"),
    ],
)  # fmt: skip
def test_a_thing_is_found_by_each_of_its_names(client: FlaskClient, q: str, thing: str) -> None:
    """A thing is found by any of its names and texts, in any spelling and by beginnings."""
    assert names(client, q)[0] == thing


def test_better_matches_come_first(client: FlaskClient) -> None:
    """The whole name goes before its beginning, a name before another name and before a text."""
    found = names(client, "vilnius")
    assert found == ["vilnius", "county", "old", "university", "told"]


def test_whole_words_before_beginnings(client: FlaskClient) -> None:
    """`Park 1` is what was asked for; `Park 10` only begins with it."""
    assert names(client, "park 1")[:2] == ["park/1", "park/10"]
    assert names(client, "1")[0] == "park/1"


def test_among_equals_what_is_linked_more_comes_first(client: FlaskClient) -> None:
    """Of two things with one name the one that others point to goes first."""
    assert names(client, "namesake") == ["hub", "other"]


def test_all_words_must_match(client: FlaskClient) -> None:
    """A word that no thing has beside the others finds nothing, and the page says what each has."""
    found = asked(client, "vilnius lighthouse")
    assert (found["count"], found["results"]) == (0, [])
    page = client.get("/search?q=vilnius+lighthouse").text
    assert "No thing has all these words" in page
    assert '<a href="/search?q=lighthouse">lighthouse</a> <span class="quiet">1</span>' in page


@pytest.mark.parametrize(
    ("q", "mended", "thing"),
    [
        ("vilnus", "vilnius", "vilnius"), ("vilnuis", "vilnius", "vilnius"),
        ("wilmo", "wilno", "vilnius"), ("vvilnius", "vilnius", "vilnius"),
        ("univresity", "university", "university"), ("unversty", "university", "university"),
        ("countty vilnius", "county vilnius", "county"),
    ],
)  # fmt: skip
def test_misspelt_words_are_mended(client: FlaskClient, q: str, mended: str, thing: str) -> None:
    """A letter more, less, another or two exchanged still finds the thing, and the page says so."""
    found = asked(client, q)
    assert (found["mended"], " ".join(found["words"])) == (True, mended)
    assert names(client, q)[0] == thing
    page = client.get("/search", query_string={"q": q}).text
    assert "Did you mean" in page
    assert f"<strong>{mended}</strong>" in page


@pytest.mark.parametrize(
    ("q", "begun"),
    [
        ("vilniaus gyventojams", "vilnia…, gyventoj…"),
        ("miestas ir skaicius", "miest…, ir, skaici…"),
    ],
)
def test_words_are_found_in_another_form(client: FlaskClient, q: str, begun: str) -> None:
    """A case or number that no thing has finds words that begin alike, and the page says so."""
    found = asked(client, q)
    assert found["mended"] is True
    assert names(client, q)[0] == "inflected"
    page = client.get("/search", query_string={"q": q}).text
    assert f"words that begin alike: {begun}." in page
    assert "Did you mean" not in page


@pytest.mark.parametrize("q", ["xyzzy", "vln", "12345", "vi1nius2"])
def test_what_is_far_from_all_words_is_not_mended(client: FlaskClient, q: str) -> None:
    """Short words and numbers are what they are."""
    found = asked(client, q)
    assert (found["mended"], found["count"]) == (False, 0)


@pytest.mark.parametrize(
    ("one", "other", "away"),
    [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("vilnius", "vilnius", 0),
        ("vilnus", "vilnius", 1), ("vilnuis", "vilnius", 1), ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ],
)  # fmt: skip
def test_distance(one: str, other: str, away: int) -> None:
    """Insertions, deletions, other letters and exchanges cost one each."""
    assert distance(one, other) == distance(other, one) == away


# Kinds, pages and snippets


def test_kinds_are_counted_and_filter(client: FlaskClient) -> None:
    """Classes are told with their counts, and `kind` keeps the things of one, in their order."""
    found = asked(client, "vilnius")
    assert {each["iri"].removeprefix(BASE): each["count"] for each in found["kinds"]} == {
        "ns#School": 2, "ns#City": 1, "ns#Area": 1, "ns#Thing": 1,
    }  # fmt: skip
    assert names(client, "vilnius", kind=BASE + "ns#School") == ["old", "university"]
    assert names(client, "vilnius", kind=BASE + "ns#City") == ["vilnius"]
    assert names(client, "wilno", kind=BASE + "ns#City") == ["vilnius"]


@pytest.mark.parametrize("kind", ["nonsense", "k1", "https://t.example/ns#None", '" OR k1', "\0"])
def test_an_unknown_kind_is_ignored_and_said(client: FlaskClient, kind: str) -> None:
    """A kind that there is not filters nothing, and the answer says so."""
    found = asked(client, "vilnius", kind=kind)
    assert found["count"] == 5
    assert found["notes"] == ["There is no such kind, so all kinds were searched."]
    page = client.get("/search", query_string={"q": "vilnius", "kind": kind}).text
    assert "There is no such kind" in page


def test_a_kind_may_be_called_as_in_lists(client: FlaskClient) -> None:
    """`kind=` takes the name that `/browse/` has for a class beside its IRI."""
    by_name = client.get("/search.json?q=vilnius&kind=City").get_json()
    by_iri = client.get("/search.json?q=vilnius&kind=" + quote(f"{BASE}ns#City")).get_json()

    assert by_name["results"] == by_iri["results"]
    assert (by_name["notes"], len(by_name["results"])) == ([], 1)


@pytest.mark.parametrize("asked", [f"{BASE}id/park/7", "park/7", "/doc/park/7", "id/park/7"])
def test_an_address_leads_to_its_thing(client: FlaskClient, asked: str) -> None:
    """Who pastes an address of a thing is led to its document; other signs are searched for."""
    found = client.get("/search?q=" + quote(asked, safe=""))
    assert (found.status_code, found.headers["Location"]) == (303, "/doc/park/7")
    assert client.get("/search?q=" + quote(f"{asked} tree", safe="")).status_code == 200
    assert client.get("/search?q=" + quote(f"{asked}00", safe="")).status_code == 200


def test_a_number_is_found_as_texts_write_it(client: FlaskClient) -> None:
    """Thousands stand apart in texts; whoever leaves no space is told what was found."""
    found = client.get("/search.json?q=550000").get_json()
    assert (found["words"], found["mended"]) == (["550", "000"], True)
    assert [each["iri"] for each in found["results"]] == [f"{BASE}id/crowd"]


def test_pages_have_every_hit_once_and_end(client: FlaskClient) -> None:
    """Going on from page to page gives all parks, each once."""
    address: str | None = "/search.json?q=park&kind=" + quote(BASE + "ns#Park", safe="")
    found = []
    while address:
        body = json.loads(client.get(address).text)
        found += [each["iri"] for each in body["results"]]
        address = body["next"]
    assert len(found) == len(set(found)) == PARKS
    page = client.get("/search?q=park&kind=" + quote(BASE + "ns#Park", safe="")).text
    assert 'rel="next"' in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "1e9", "٣"])
def test_a_page_that_there_is_not_is_the_first(client: FlaskClient, page: str) -> None:
    """A page number that makes no sense is told and not followed."""
    found = asked(client, "park", page=page)
    assert found["notes"] == ["There is no such page, so the first is shown."]
    assert len(found["results"]) == 20


def test_the_page_groups_hits_and_marks_words(client: FlaskClient) -> None:
    """Hits stand below their class; the words that match are marked, each text in its language."""
    page = client.get("/search?q=vilnius", headers={"Accept-Language": "en"}).text
    headings = re.findall(r"<h2>(.*?) <span class=\"number-of\">(\d+)</span></h2>", page)
    kinds = [(re.sub("<[^>]*>", "", name), int(number)) for name, number in headings]
    assert kinds == [("City", 1), ("Area", 1), ("School", 2), ("thing", 1)]
    assert '<span lang="en"><mark>Vilnius</mark> County</span>' in page
    assert '<span lang="lt">Upė teka per <mark>Vilnius</mark> miestą.</span>' in page
    by_accent = client.get("/search?q=lodz").text
    assert "<mark>Łódź</mark>" in by_accent


def test_the_name_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """What was found by its Polish name is shown with the reader's, and with what matched."""
    [found] = asked(client, "wilno")["results"]
    assert (found["name"], found["language"]) == ("Vilnius", "en")
    assert found["matched"] == {"text": "Wilno", "language": "pl"}
    page = client.get("/search?q=wilno").text
    assert '<span lang="pl"><mark>Wilno</mark></span>' in page


def test_markup_in_names_and_questions_is_text(client: FlaskClient) -> None:
    """Neither a label nor what was asked for becomes markup."""
    page = client.get("/search", query_string={"q": "alert " + MARKUP}).text
    assert "<script>alert" not in page
    assert "&lt;" in page


# Hostile questions


# fmt: off
HOSTILE = [
    "*", '"', '""', "'", "NEAR", "NEAR(a b, 2)", "a AND", "AND OR NOT", "NOT vilnius",
    "name:vilnius", "{name} : x", "-vilnius", "^vilnius", "vilnius*", "(", ")", "vil nius)",
    "a:b:c", "\\", "%", "_", "\0", "vilnius\0", "\0vilnius", "\x1b[31m", "\u202evilnius",
    "\u200f", "🦊", "👩‍🚀 vilnius", "\ufeff", "e\u0301", "\u0301" * 50, "ﬁ", "İstanbul", "ΑΒΓ",
    "שלום", "مرحبا", "; DROP TABLE thing", "' OR 1=1 --", "a" * 200, "a " * 100, "ß" * 200,
    "\ud7ff", "\U0010ffff", "½", "٣", "x" * 199 + "*",
]
# fmt: on


@pytest.mark.parametrize("path", ["/search", "/search.json", "/suggest.json"])
def test_no_question_is_syntax(client: FlaskClient, path: str) -> None:
    """Whatever is asked for is words or nothing: an answer, never an error."""
    for q in HOSTILE:
        response = client.get(path, query_string={"q": q})
        assert response.status_code == 200, (q, response.text)
        if path != "/search":
            json.loads(response.text)


def test_operators_are_words(client: FlaskClient) -> None:
    """`vilnius*`, `name:vilnius` and `"vilnius"` find what the words find."""
    assert names(client, "vilnius*") == names(client, '"vilnius"') == names(client, "vilnius")
    assert asked(client, "name:vilnius")["count"] == 0  # no thing has the word "name" as well
    assert asked(client, "NOT vilnius")["count"] == 0


@pytest.mark.parametrize("path", ["/search", "/search.json", "/suggest.json"])
def test_a_question_that_is_too_long_is_refused(client: FlaskClient, path: str) -> None:
    """More than 200 characters are no search: 400, which says how many there may be."""
    response = client.get(path, query_string={"q": "a" * 201}, headers=JSON)
    assert response.status_code == 400
    assert "At most 200" in json.loads(response.text)["detail"]


def test_more_words_than_are_searched_is_said(client: FlaskClient) -> None:
    """Of many words the first are searched for, and the answer says so."""
    assert asked(client, "vilnius " * 13)["notes"] == ["Only the first 12 words were searched for."]


def test_nothing_asked_is_a_form(client: FlaskClient) -> None:
    """Without a question the page is the form alone; for programs there is nothing."""
    for path in ("/search", "/search?q=", "/search?q=%20"):
        assert 'name="q"' in client.get(path).text
    assert asked(client, "")["results"] == []
    assert "letters or digits" in client.get("/search?q=%2A").text


# Suggestions and OpenSearch


def test_suggestions(client: FlaskClient) -> None:
    """Suggestions are an array of four, with names that have what was typed."""
    response = client.get("/suggest.json?q=vil")
    assert response.headers["Content-Type"] == "application/x-suggestions+json"
    begun, found, kinds, links = json.loads(response.text)
    assert begun == "vil"
    assert found[:2] == ["Vilnius", "Vilnius County"]
    assert kinds[:2] == ["City", "Area"]
    assert links[0] == BASE + "doc/vilnius"
    assert len(found) == len(kinds) == len(links) == len(set(found))
    assert json.loads(client.get("/suggest.json?q=univrsi").text)[1] == ["University of Vilnius"]
    assert json.loads(client.get("/suggest.json").text) == ["", [], [], []]


def test_the_description_leads_to_the_search(client: FlaskClient) -> None:
    """A page names the OpenSearch description, and its templates are addresses that answer."""
    assert 'rel="search" href="/opensearch.xml"' in client.get("/").text
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"].startswith("application/opensearchdescription+xml")
    root = ET.fromstring(response.data)
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    short = root.findtext("o:ShortName", namespaces=space)
    assert short
    assert len(short) <= 16
    urls = root.findall("o:Url", space)
    assert {each.get("type") for each in urls} >= {"text/html", "application/x-suggestions+json"}
    for each in urls:
        template = each.get("template") or ""
        address = template.replace("{searchTerms}", "vilnius").replace("{startPage?}", "1")
        answer = client.get(address.replace(BASE, "/"))
        assert answer.status_code == 200
        assert answer.mimetype == (each.get("type") or "").partition(";")[0]


# Unknown things


def test_an_unknown_thing_names_what_is_near(client: FlaskClient) -> None:
    """The page of a thing that there is not has a search field and links to what is near."""
    page = client.get("/doc/city/vilnus", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert 'action="/search"' in page.text
    assert '<a href="/doc/vilnius" lang="en">Vilnius</a>' in page.text
    problem = json.loads(client.get("/id/city/vilnus", headers=JSON).text)
    assert problem["near"][0] == {
        "iri": BASE + "id/vilnius", "name": "Vilnius", "language": "en", "document": "/doc/vilnius",
    }  # fmt: skip
    assert "near" not in json.loads(client.get("/id/city/xyzzy", headers=JSON).text)


@pytest.mark.parametrize(
    ("path", "accept"), [("/doc/vilnus", "text/turtle"), ("/doc/vilnus.ttl", "*/*")]
)
def test_who_asks_for_rdf_gets_no_guesses(client: FlaskClient, path: str, accept: str) -> None:
    """What is near is for people and their programs, not for harvesters of RDF."""
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 404
    assert "near" not in json.loads(response.text)


# The index


def test_the_same_data_give_the_same_bytes(client: FlaskClient, root: Path, tmp_path: Path) -> None:
    """Two builds of the same site have the same index, and the manifest vouches for it."""
    assert client
    first = Releases(load(root)).current()
    again = write_site(tmp_path / "again", files())
    second = publish.build(load(again)).release
    assert first
    assert (first.folder / FILE).read_bytes() == (second.folder / FILE).read_bytes()
    assert FILE in [file.path for file in second.manifest.files]
    assert "sqlite" in second.manifest.content.software


def test_the_index_cannot_be_written(index: SearchIndex) -> None:
    """The index of a release is opened for reading only."""
    with pytest.raises(StoreError, match="readonly"), index._connection() as connection:
        connection.execute("DELETE FROM thing")


def test_many_threads_get_what_one_gets(index: SearchIndex) -> None:
    """Searches at the same time do not disturb each other."""
    questions = ["vilnius", "park", "park 1", "lodz", "xyzzy"]
    wanted = {q: index.best(words(q)) for q in questions}
    wrong = []

    def ask() -> None:
        for number in range(100):
            q = questions[number % len(questions)]
            if index.best(words(q)) != wanted[q]:
                wrong.append(q)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_search_that_takes_too_long_is_stopped(
    client: FlaskClient, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that takes longer than it may ends with 503, and the next one is answered."""
    with monkeypatch.context() as changed:
        changed.setattr(searching, "_SECONDS", -1.0)
        changed.setattr(searching, "_STEPS", 1)
        with pytest.raises(SearchTooLong):
            index.matches(["park"])
        response = client.get("/search?q=lodz+tromso", headers=JSON)
        assert response.status_code == 503
        assert json.loads(response.text)["title"] == "The search took too long"
    assert index.matches(["park"]).kinds[BASE + "ns#Park"] == PARKS


def test_a_release_without_index_says_so(tmp_path: Path) -> None:
    """A release of an older version is served; only the search says that it cannot be had."""
    root = write_site(tmp_path, files())
    publish.build(load(root))
    release = Releases(load(root)).current()
    assert release
    shutil.move(release.folder / FILE, tmp_path / "kept")
    serving = Serving(load(root))
    try:
        client = create_app(serving).test_client()
        response = client.get("/search?q=vilnius", headers=JSON)
        assert response.status_code == 503
        assert "metropole build" in json.loads(response.text)["detail"]
        assert client.get("/doc/vilnus", headers=JSON).status_code == 404
        assert client.get("/doc/vilnius").status_code == 200
    finally:
        serving.pool.close()
