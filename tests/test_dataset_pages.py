"""Pages about datasets: markup for search engines, references, and links for programs."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.release.citation import Citation
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from web_site import BASE, LABEL, write_site

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SETTINGS = f"""
licence = "{LICENCE}"
publisher = "Publisher & Sons"
[catalogue]
keywords = ["towns"]
spatial = ["http://publications.europa.eu/resource/authority/country/LTU"]
temporal = ["2001-01-01", "2020-12-31"]
[catalogue.description]
en = "</script><b>Short</b>"
"""
PAGES = ("/", "/dumps/", "/catalog", "/releases/RELEASE")
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with two source graphs, whose description would break out of a script."""
    folder = tmp_path_factory.mktemp("pages")
    thing = '<id/{0}> a <ns#Thing> ; <{1}> "{0}"@en .\n'
    files = {f"data/{name}.ttl": thing.format(name, LABEL) for name in ("one", "two")}
    title = "<id/graph/data/one> <http://purl.org/dc/terms/title> 'The first'@en .\n"
    write_site(folder, {**files, "data/graphs.ttl": title}, more=SETTINGS)
    settings = folder / "metropole.toml"
    settings.write_text(settings.read_text().replace("[limits]\n", ""))
    publish.build(load(folder))
    serving = Serving(load(folder))
    yield create_app(serving).test_client()
    serving.pool.close()


def release_of(client: FlaskClient) -> str:
    """Give the id of the current release."""
    return str(client.get("/-/ready").json["release"])  # type: ignore[index]


class _Scripts(HTMLParser):
    """Collects the JSON-LD of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    # The names of the arguments are those of the library.
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = (tag, dict(attrs).get("type")) == ("script", "application/ld+json")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = False


def nodes(client: FlaskClient, path: str) -> dict[str, dict[str, Any]]:
    """Read the markup of a page: type to node."""
    parser = _Scripts()
    answer = client.get(path.replace("RELEASE", release_of(client)), headers=BROWSER)
    assert answer.status_code == 200, answer.text
    parser.feed(answer.text)
    (text,) = parser.found
    told = json.loads(text)
    assert told["@context"] == {"@vocab": "https://schema.org/"}
    return {node["@type"]: node for node in told["@graph"]}


@pytest.mark.parametrize("path", [page for page in PAGES if page != "/catalog"])
def test_datasets_follow_the_rules_of_google(client: FlaskClient, path: str) -> None:
    """What Google's dataset search requires and recommends is in the markup, in its forms."""
    dataset = nodes(client, path)["Dataset"]

    assert 50 <= len(dataset["description"]) <= 5000
    assert dataset["name"]
    assert dataset["license"] == LICENCE
    assert dataset["creator"]["@type"] == "Organization"
    assert dataset["creator"]["name"] == "Publisher & Sons"
    assert dataset["temporalCoverage"] == "2001-01-01/2020-12-31"
    assert dataset["spatialCoverage"][0]["name"] == "LTU"
    assert dataset["version"] == release_of(client)
    assert dataset["isAccessibleForFree"] is True
    assert dataset["includedInDataCatalog"]["url"] == BASE + "catalog"
    for file in dataset["distribution"]:
        assert file["@type"] == "DataDownload"
        assert "/" in file["encodingFormat"]
        if "contentSize" not in file:  # a feed, which grows
            assert client.get("/" + file["contentUrl"].removeprefix(BASE)).status_code == 200
            continue
        with client.get("/" + file["contentUrl"].removeprefix(BASE)) as answer:
            assert answer.status_code == 200
            assert file["contentSize"] == f"{len(answer.get_data())} B"


def test_catalogue_and_site_have_markup(client: FlaskClient) -> None:
    """The catalogue lists its datasets; the site is a WebSite, with a search where there is one."""
    catalogue = nodes(client, "/catalog")["DataCatalog"]
    site = nodes(client, "/")["WebSite"]
    has_search = any(rule.rule == "/search" for rule in client.application.url_map.iter_rules())

    assert [len(each["description"]) >= 50 for each in catalogue["dataset"]] == [True] * 6
    assert site["url"] == BASE
    assert ("potentialAction" in site) == has_search


def test_markup_stays_inside_its_script(client: FlaskClient) -> None:
    """A description with `</script>` is data in the markup and text on the page."""
    assert "</script><b>" not in client.get("/catalog", headers=BROWSER).text
    assert nodes(client, "/")["Dataset"]["description"].startswith("</script><b>Short</b>")


def test_catalogue_is_a_page_for_browsers(client: FlaskClient) -> None:
    """Every dataset is on it with its downloads, its licence and how to cite it; RDF stays RDF."""
    answer = client.get("/catalog", headers=BROWSER)

    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    assert answer.text.count('class="cite"') == answer.text.count(f'"license" href="{LICENCE}"') - 1
    for address in set(re.findall(r'href="(/(?:dumps|releases|doc)/[^"]*)"', answer.text)):
        with client.get(address.replace("&amp;", "&"), headers=BROWSER) as linked:
            assert linked.status_code == 200, address
    assert client.get("/catalog", headers={"Accept": "*/*"}).status_code == 307
    assert client.get("/catalog.html?page=2").status_code == 404


def test_description_of_the_graph_is_a_page_for_browsers(client: FlaskClient) -> None:
    """`/.well-known/void` shows the numbers that its RDF states."""
    page = client.get("/.well-known/void", headers=BROWSER)
    turtle = client.get("/.well-known/void").text

    assert page.content_type == "text/html; charset=utf-8"
    told = re.search(r"void:triples (\d+)", turtle)
    assert told is not None
    assert f"<strong>{told[1]}</strong> statements" in page.text


# References


def test_references_are_downloads(client: FlaskClient) -> None:
    """BibTeX, CSL-JSON and text of a release and of a source graph, the same for good."""
    release = release_of(client)
    graph = f"{BASE}id/graph/data/one"
    for extra, address in (("", f"{BASE}releases/{release}"), (f"?graph={graph}", graph)):
        start = f"/releases/{release}/citation"
        csl = json.loads(client.get(f"{start}.json{extra}").text)[0]
        assert (csl["type"], csl["URL"], csl["version"]) == ("dataset", address, release)
        bibtex = client.get(f"{start}.bib{extra}")
        assert bibtex.mimetype == "application/x-bibtex"
        assert "author = {{Publisher \\& Sons}}" in bibtex.text
        text = client.get(f"{start}.txt{extra}").text
        assert text.startswith("Publisher & Sons")
        assert address in text
        assert client.get(f"{start}.bib{extra}").data == bibtex.data
    for wrong in (f"/releases/{release}/citation.pdf", f"/releases/{release}/citation.bib?graph=x"):
        assert client.get(wrong).status_code == 404
    missing = client.get("/releases/0000000000000000/citation.bib")
    assert (missing.status_code, missing.json["releases"]) == (404, [release])  # type: ignore[index]


def test_bibtex_holds_any_title() -> None:
    """Signs that TeX understands otherwise are escaped, and braces stay in pairs."""
    citation = Citation("50% {of} A_B \\ C & D#$~^", "en", "P", 0, "abc", "https://x.example/{")
    entry = citation.bibtex()
    bare = re.sub(r"\\[{}]", "", entry)

    assert (
        r"50\% \{of\} A\_B \textbackslash{} C \& D\#\$\textasciitilde{}\textasciicircum{}" in entry
    )
    assert bare.count("{") == bare.count("}")


# Links for programs


def links(client: FlaskClient, path: str) -> list[tuple[str, str]]:
    """Read the header `Link`: relation and target."""
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200, path
    values = ", ".join(answer.headers.getlist("Link"))
    answer.close()
    return [(each[1], each[0]) for each in re.findall(r'<([^>]*)>; rel="([^"]*)"', values)]


@pytest.mark.parametrize(
    ("path", "linkset"),
    [
        ("/", "/linkset/"),
        ("/dumps/", "/linkset/dumps/"),
        ("/releases/RELEASE", "/linkset/releases/RELEASE"),
        ("/doc/one", "/linkset/doc/one"),
        ("/doc/graph/data/one", "/linkset/doc/graph/data/one"),
    ],
)
def test_landing_pages_have_signposts(client: FlaskClient, path: str, linkset: str) -> None:
    """Each has the relations of FAIR Signposting; the linkset has them too, and links back."""
    release = release_of(client)
    path, linkset = path.replace("RELEASE", release), linkset.replace("RELEASE", release)
    header = links(client, path)
    told = client.get(linkset)
    assert told.content_type == "application/linkset+json"
    contexts = json.loads(told.text)["linkset"]
    page = contexts[0]

    assert ("linkset", linkset) in header
    assert page["anchor"] == BASE + path[1:]
    wanted = {"cite-as", "type", "describedby", "license", "author"}
    assert wanted <= {relation for relation, _ in header} & page.keys()
    if path.startswith(("/doc/", "/releases/")):
        assert page["collection"] == [{"href": BASE + ".well-known/void#dataset"}]
    for each in page["describedby"] + page.get("item", []):
        assert each["type"]
        back = [context for context in contexts if context["anchor"] == each["href"]]
        assert ("collection" in back[0]) or ("describes" in back[0])
        with client.get("/" + each["href"].removeprefix(BASE)) as answer:
            assert (answer.status_code, answer.mimetype) == (200, each["type"])


def test_downloads_lead_back(client: FlaskClient) -> None:
    """A download names the release it belongs to, and its licence."""
    release = release_of(client)
    found = links(client, f"/dumps/{release}/dataset.ttl")

    assert ("collection", f"{BASE}releases/{release}") in found
    assert ("license", LICENCE) in found


def test_unknown_landing_page_is_told(client: FlaskClient) -> None:
    """There is no linkset of what is not there."""
    for path in ("/linkset/doc/none", "/linkset/sparql", "/linkset/releases/none"):
        assert client.get(path).status_code == 404
