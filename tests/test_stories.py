"""Tests of stories: what is in braces is filled in from the answers of the release."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from metropole import publish, stories
from metropole.errors import DataNotValid
from metropole.stories import Insert, Kind
from sites import check_site, of_rule, write_site
from web_site import client_of

ROOT = Path(__file__).parent.parent
ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
<ns#size> a owl:DatatypeProperty . <ns#name> a owl:DatatypeProperty .
"""
DATA = """\
<id/a> <ns#size> 1234567 ; <ns#name> "A *b* | <c>" .
<id/b> <ns#size> 20 ; <ns#name> "B" .
<id/c> <ns#size> 20 ; <ns#name> "C" .
"""
SIZES = """\
#+ summary: How large is what?
#+ parameters:
#+   least:
#+     type: integer
#+     default: 0
#+ chart: bar
#+ x: name
#+ y: size
SELECT ?thing ?name ?size ?least
{ ?thing <ns#size> ?size ; <ns#name> ?name FILTER (?size >= ?least) } ORDER BY DESC(?size) ?name
"""
STORY = """\
# Of sizes

{{ count sizes }} things; A is {{ value sizes size thing=id/a }}, called
{{ value sizes name thing=id/a }}.
<script>alert(1)</script> {{ count sizes ?least=21 }} is larger than twenty-one.

{{ table sizes name size size=20 }}

{{ chart sizes }}

{{ query sizes }}

The end.
"""
FILES = {
    "data/a.ttl": DATA,
    "ontology/o.ttl": ONTOLOGY,
    "queries/sizes.rq": SIZES,
    "queries/any.rq": "ASK { ?s <ns#size> ?o }",
    "stories/of-sizes.md": STORY,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with one story."""
    root = tmp_path_factory.mktemp("stories")
    write_site(root, FILES)
    with client_of(root) as found:
        yield found


def test_figures_come_from_the_answers(client: FlaskClient) -> None:
    """Values and counts stand in the text, with conditions on rows and bound parameters."""
    text = client.get("/stories/of-sizes.md").text

    assert text.startswith("# Of sizes\n\n3 things; A is 1,234,567, called\nA \\*b\\* \\| \\<c\\>.")
    assert "1 is larger than twenty-one" in text
    assert "| name | size |\n|---|---:|\n| B | 20 |\n| C | 20 |\n" in text
    assert "![Size by name](of-sizes/sizes.svg)" in text
    assert "```sparql\nSELECT ?thing" in text


def test_page_shows_text_table_chart_and_query(client: FlaskClient) -> None:
    """The page has everything, and neither a story nor a value can put HTML into it."""
    page = client.get("/stories/of-sizes").text

    assert "A *b* | &lt;c&gt;" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<tr>") == 3
    assert '<figure class="picture bars">' in page
    assert "The query: <span>How large is what?</span>" in page
    assert '<a href="/stories/of-sizes">Of sizes</a>' in client.get("/stories/").text
    assert client.get("/").text.count('href="/stories/"') == 2


def test_chart_is_a_picture_of_its_own(client: FlaskClient) -> None:
    """A chart is an SVG that needs nothing else and has a title."""
    response = client.get("/stories/of-sizes/sizes.svg")

    root = ET.fromstring(response.text)
    assert response.mimetype == "image/svg+xml"
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "How large is what?"
    assert "1,234,567" in response.text
    assert "href" not in response.text


def test_what_is_not_there_is_told(client: FlaskClient) -> None:
    """No story, format or picture of that name: 404 with what there is; not acceptable: 406."""
    assert client.get("/stories/none").get_json()["stories"] == ["of-sizes"]
    assert client.get("/stories/of-sizes.pdf").status_code == 404
    assert client.get("/stories/of-sizes/none.svg").status_code == 404
    refused = client.get("/stories/of-sizes", headers={"Accept": "text/turtle"})
    assert refused.status_code == 406


def test_story_of_a_release_stays(client: FlaskClient) -> None:
    """A story can be asked of a release by its id, and a known one is 304."""
    response = client.get("/stories/of-sizes.md")
    release, tag = response.headers["Metropole-Release"], response.headers["ETag"]

    assert client.get(f"/stories/of-sizes.md?release={release}").text == response.text
    assert client.get("/stories/of-sizes.md?release=none").status_code == 404
    again = client.get("/stories/of-sizes.md", headers={"If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("rule", "line", "told"),
    [
        ("story-query", "{{ count size }}", "Did you mean sizes?"),
        ("story-query", "{{ value sizes height name=B }}", "It gives thing, name, size, least."),
        ("story-query", "{{ table sizes colour=red }}", "It gives thing, name, size, least."),
        ("story-query", "{{ count sizes ?most=1 }}", "Its parameters: least."),
        ("story-query", "{{ count sizes ?least=few }}", "Write the value as '?name=value'."),
        ("story-query", "{{ table any }}", "Take a query with SELECT that can be run."),
        ("story-text", "{{ figure sizes }}", "{{ value"),
        ("story-text", "{{ value sizes }}", "{{ value"),
        ("story-text", "{{ chart sizes name=B }}", "{{ value"),
        ("story-text", '{{ count sizes name="B }}', "{{ value"),
        ("story-text", "See {{ table sizes }}", "Give it a line of its own."),
    ],
)
def test_wrong_insert_is_found(tmp_path: Path, rule: str, line: str, told: str) -> None:
    """What a story asks for in vain is a finding with file, line and remedy."""
    report = check_site(tmp_path, {**FILES, "stories/wrong.md": f"# Wrong\n\n{line}\n"})

    (finding,) = of_rule(report.findings, rule)
    assert (finding.file, finding.line) == ("stories/wrong.md", 3)
    assert told in finding.remedy


def test_story_without_title_or_with_odd_name_is_found(tmp_path: Path) -> None:
    """A story begins with its title, and its name can stand in an address."""
    report = check_site(tmp_path, {**FILES, "stories/a b.md": "No title.\n"})

    assert [finding.line for finding in of_rule(report.findings, "story-text")] == [0, 1]


def test_title_with_braces_is_found(tmp_path: Path) -> None:
    """Nothing fills in the braces of a title, so they are told."""
    report = check_site(tmp_path, {**FILES, "stories/wrong.md": "# All {{ count sizes }}\n\nA.\n"})

    (finding,) = of_rule(report.findings, "story-text")
    assert (finding.file, finding.line) == ("stories/wrong.md", 1)
    assert "out of the title" in finding.remedy


def test_right_story_has_no_finding(tmp_path: Path) -> None:
    """The story of these tests is told without a finding, and is counted."""
    report = check_site(tmp_path, FILES)

    assert not [each for each in report.findings if each.rule.startswith("story")]
    assert report.counts["stories"] == 1


@pytest.mark.parametrize("conditions", ["", " name=X"])
def test_value_that_is_not_one_ends_the_build(tmp_path: Path, conditions: str) -> None:
    """No value, or several, cannot stand in a sentence: nothing is released."""
    text = f"# Wrong\n{{{{ value sizes size{conditions} }}}}\n"
    site = write_site(tmp_path, {**FILES, "stories/wrong.md": text})

    with pytest.raises(DataNotValid, match=r"stories/wrong\.md:2: .* one is wanted"):
        publish.build(site)


def test_insert_is_read_as_a_shell_reads_words() -> None:
    """Quotation marks hold words together; parameters begin with a question mark."""
    text = "# T\n{{ table q a b c='x y' ?p=1 }}\n"

    (insert,) = stories.read("stories/t.md", text)[0].inserts
    wanted = Insert(Kind.TABLE, "q", 2, ("a", "b"), (("c", "x y"),), (("p", "1"),))
    assert insert == wanted


def test_no_figure_of_a_story_is_typed() -> None:
    """The texts of the site's stories have digits in braces only: the graph gives the figures."""
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "stories").glob("*.md")}

    assert len(texts) >= 3
    for name, text in texts.items():
        assert re.findall(r".*\d.*", re.sub(r"\{\{.*?\}\}", "", text)) == [], name


def test_all_of_a_story_is_in_its_language(tmp_path: Path) -> None:
    """Prose, tables, charts and Markdown write numbers as the site does; captions are not mixed."""
    settings = 'title = "T"\nbase = "https://t.example/"\nlanguages = ["lt", "en"]\n'
    write_site(tmp_path, {**FILES, "metropole.toml": settings})
    with client_of(tmp_path) as client:
        page = client.get("/stories/of-sizes?lang=de", headers={"Accept": "text/html"}).text
        text = client.get("/stories/of-sizes.md?lang=de").text
        picture = client.get("/stories/of-sizes/sizes.svg?lang=de").text
        query = client.get("/queries/sizes.html?lang=de", headers={"Accept": "text/html"}).text

    for told in (page, text, picture):
        assert "1\xa0234\xa0567" in told
        assert "1.234.567" not in told
    assert re.search(r'<div class="told" lang="lt">\s*<div class="wide"', page)
    assert "<figcaption>How large is what?" in page
    assert "![How large is what?](of-sizes/sizes.svg)" in text
    # A page that is no story is in the reader's language, and says which the caption is in.
    assert "1.234.567" in query
    assert '<figcaption><span lang="lt">How large is what?</span>' in query
    for each in (page, text, picture, query):
        assert "Size nach name" not in each


def test_a_story_is_told_in_the_language_of_its_reader(tmp_path: Path) -> None:
    """A file for each language is one story; what is in another one than the page is marked."""
    files = {
        **FILES,
        "data/a.ttl": DATA.replace('"B"', '"Bė"@lt'),
        "metropole.toml": 'title = "T"\nbase = "https://t.example/"\nlanguages = ["en", "lt"]\n',
        "stories/of-sizes.lt.md": STORY.replace("# Of sizes", "# Apie dydžius"),
        "stories/quoted.md": "# Quoted\n\nIt is *{{ value sizes name thing=id/b }}*.",
        "queries/sizes.rq": SIZES.replace("#+ param", "#+ summary@lt: Kokio dydžio?\n#+ param"),
    }
    html = {"Accept": "text/html"}
    write_site(tmp_path, files)
    with client_of(tmp_path) as client:
        page = {
            lang: client.get(f"/stories/of-sizes?lang={lang}", headers=html).text
            for lang in ("en", "lt", "de")
        }
        quoted = client.get("/stories/quoted?lang=en", headers=html).text
        quoted_text = client.get("/stories/quoted.md").text
        listed = client.get("/stories/?lang=lt", headers=html).text
        text = client.get("/stories/of-sizes.md", headers={"Accept-Language": "lt"})
        picture = client.get("/stories/of-sizes/sizes.svg?lang=lt").text
        sitemap = client.get("/sitemap.xml", follow_redirects=True).text
        pages = client.get("/sitemap/pages.xml").text

    assert "<h1>Apie dydžius</h1>" in page["lt"]
    assert "1\xa0234\xa0567" in page["lt"]
    assert "<figcaption>Kokio dydžio?" in page["lt"]
    assert "<h1>Of sizes</h1>" in page["en"]
    assert '<h1 lang="en">Of sizes</h1>' in page["de"]
    assert "1,234,567" in page["de"]
    assert '<p>It is <em><span lang="lt">Bė</span></em>.</p>' in quoted
    assert "It is *Bė*." in quoted_text
    assert listed.count('class="story-link"') == 2
    assert "Apie dydžius" in listed
    assert text.text.startswith("# Apie dydžius")
    assert "Accept-Language" in text.headers["Vary"]
    assert "Kokio dydžio?" in picture
    assert "of-sizes.lt" not in sitemap + pages


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("of-sizes.en.md", "story-text"),
        ("of-sizes.sv.md", "text-language"),
        ("a.b c.md", "story-text"),
    ],
)
def test_a_story_in_an_odd_language_is_found(tmp_path: Path, file: str, rule: str) -> None:
    """The first language of the site twice, one that is not the site's, and none are told."""
    report = check_site(tmp_path, {**FILES, f"stories/{file}": STORY})

    assert [found.file for found in of_rule(report.findings, rule)] == [f"stories/{file}"]
