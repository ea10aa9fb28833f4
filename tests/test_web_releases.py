"""The pages about releases, documents of older ones, and things that are gone."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date

from metropole import publish
from metropole.errors import DataNotValid
from metropole.release import Release, Releases
from metropole.release.difference import difference
from metropole.release.difference_rdf import AS
from metropole.settings import load
from metropole.web import create_app
from metropole.web.serving import Serving
from processes import run, turtle, write, write_site
from web_site import links_of

FIRST = """\
<id/hall> a :Thing ; rdfs:label "Old hall"@en ; rdfs:seeAlso [ rdfs:label "inside" ] .
<id/shed> a :Thing ; rdfs:label "Old shed"@en .
<id/tower> a :Thing ; rdfs:label "Tower"@en ; rdfs:seeAlso <id/shed> .
"""
#: The hall is said to be gone; the shed vanishes without a word; the tower has another name.
SECOND = """\
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<id/hall> prov:invalidatedAtTime "2026-01-31"^^xsd:date ; dct:isReplacedBy <id/tower> , "tower" .
<id/tower> a :Thing ; rdfs:label "High tower"@en .
"""
THIRD = SECOND.replace("2026-01-31", "2026-02-01")
RDF = {"Accept": "text/turtle"}
HTML = {"Accept": "text/html"}
BASE = "https://t.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True)
class Site:
    """A site with three releases, the last one served."""

    root: Path
    releases: list[Release]
    client: FlaskClient

    @property
    def ids(self) -> list[str]:
        """List the ids, the oldest first."""
        return [release.id for release in self.releases]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, built three times."""
    root, made = write_site(tmp_path_factory.mktemp("site")), []
    for text in (FIRST, SECOND, THIRD):
        write(root / "data/things.ttl", turtle(text))
        made.append(publish.build(load(root)).release)
    serving = Serving(load(root))
    yield Site(root, made, create_app(serving).test_client())
    serving.pool.close()


def graph(body: bytes) -> set[str]:
    """Parse Turtle strictly into a set of triples."""
    return {str(quad.triple) for quad in ox.parse(body, format=ox.RdfFormat.TURTLE, base_iri=BASE)}


@contextmanager
def copied(site: Site, root: Path, days: Mapping[int, int]) -> Iterator[FlaskClient]:
    """Serve a copy of the site whose releases came out on given days since 1970, or nobody knows.

    What `days` names by the place of a release is in the journal; the rest is not.
    """
    shutil.copytree(site.root, root, symlinks=True)
    told = [{"release": site.ids[place], "time": day * 86_400} for place, day in days.items()]
    write(root / "releases/.journal.jsonl", "".join(json.dumps(each) + "\n" for each in told))
    serving = Serving(load(root))
    try:
        yield create_app(serving).test_client()
    finally:
        serving.pool.close()


PAGES = [
    "/",
    "/ns",
    "/shapes",
    "/browse/",
    "/browse/Thing",
    "/doc/tower",
    "/search?q=tower",
]


@pytest.mark.parametrize("path", [*PAGES, "/.well-known/void", "/dumps/", "/queries/"])
def test_page_made_while_the_release_changes_is_of_one_release(
    site: Site, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the pointer moves meanwhile, tag and foot of a page name the same release."""
    serving = Serving(load(site.root))
    client = create_app(serving).test_client()
    turns = itertools.cycle(site.ids[1:])
    monkeypatch.setattr(serving.releases, "current_id", lambda: next(turns))
    opened = {name: Releases(load(site.root)).get(name) for name in site.ids}
    monkeypatch.setattr(serving.releases, "current", lambda: opened[next(turns)])
    try:
        for _ in range(3):
            response = client.get(path, headers=HTML, follow_redirects=True)
            page = response.get_data(as_text=True)
            foot = re.search(r'<footer.*?/releases/([0-9a-f]{16})"', page, re.DOTALL)
            assert foot is not None
            assert (response.status_code, str(response.get_etag()[0])[:16]) == (
                200,
                foot[1],
            )
    finally:
        serving.pool.close()


@pytest.mark.parametrize("store", ["store", "union"])
def test_release_whose_store_is_damaged_is_passed_over(tmp_path: Path, store: str) -> None:
    """When the pointer leads to it the one before stays; who asks for it is told that, with 503."""
    root = write_site(tmp_path / "site")
    damaged = publish.build(load(root)).release
    write(root / "data/things.ttl", turtle(SECOND))
    publish.build(load(root))
    serving = Serving(load(root))
    for path in (damaged.folder / store).glob("*.sst"):
        path.unlink()
    aside = root / "aside"
    aside.symlink_to(f"releases/{damaged.id}")
    aside.replace(root / "current")
    client = create_app(serving).test_client()
    try:
        told = client.get("/-/ready")
        assert (told.status_code, told.get_json()["status"]) == (200, "degraded")
        assert client.get("/doc/tower", headers=RDF).status_code == 200
        assert client.get(f"/doc/tower?release={damaged.id}", headers=RDF).status_code == 503
    finally:
        serving.pool.close()


def test_list_has_every_release_newest_first(site: Site) -> None:
    """The list is there as a page and as JSON, with order, state and numbers."""
    told = site.client.get("/releases/", headers={"Accept": "application/json"}).get_json()
    page = site.client.get("/releases/", headers=HTML).get_data(as_text=True)

    assert [entry["id"] for entry in told] == site.ids[::-1]
    assert [entry["state"] for entry in told] == ["current", "kept", "kept"]
    assert told[0]["triples"] == site.releases[-1].manifest.triples
    assert told == site.client.get("/releases/index.json").get_json()
    assert [page.index(release_id) for release_id in site.ids[:2]] == sorted(
        (page.index(release_id) for release_id in site.ids[:2]), reverse=True
    )


def test_release_tells_what_changed(site: Site) -> None:
    """Page, JSON and Turtle of a release say what `metropole diff` says."""
    found = difference(site.releases[0], site.releases[1])
    address = f"/releases/{site.ids[1]}"
    told = site.client.get(f"{address}.json").get_json()
    page = site.client.get(address, headers=HTML).get_data(as_text=True)
    activities = graph(site.client.get(f"{address}.ttl").data)

    assert told["changes"] == {"before": site.ids[0], "counts": found.counts()}
    assert {each["entity"]: each["change"] for each in told["entities"]} == {
        entity.entity: entity.change.value for entity in found.entities
    }
    assert f'href="/doc/tower?release={site.ids[0]}"' in page
    assert "data/things.ttl:" in page
    assert any(f"<{AS}Delete>" in triple for triple in activities)


def test_report_in_three_forms(site: Site) -> None:
    """The report a release was made with is a page, JSON, and a sh:ValidationReport."""
    address = f"/releases/{site.ids[0]}/report"

    told = site.client.get(f"{address}.json").get_json()
    page = site.client.get(address, headers=HTML).get_data(as_text=True)

    assert told["summary"]["violation"] == 0
    assert "The data conform." in page
    assert any(
        "ValidationReport" in triple for triple in graph(site.client.get(f"{address}.ttl").data)
    )


@pytest.mark.parametrize(
    "path", ["/releases/0123456789abcdef", "/releases/0123456789abcdef/report", "/doc/tower"]
)
def test_unknown_release_is_404_with_the_list(site: Site, path: str) -> None:
    """Whoever asks for a release that is none gets the ids of those there are."""
    query = "?release=0123456789abcdef" if path.startswith("/doc") else ""

    answer = site.client.get(path + query, headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert sorted(answer.get_json()["releases"]) == sorted(site.ids)


@pytest.mark.parametrize(
    "path", ["/doc/tower.ttl", "/ns.ttl", "/", "/browse/", "/sparql", "/dumps/latest/dataset.nt"]
)
def test_release_is_named_once(site: Site, path: str) -> None:
    """Of two releases neither is passed over: 400, whichever they are."""
    for first, second in ((site.ids[-1], site.ids[0]), (site.ids[-1], site.ids[-1])):
        pairs = [("query", "ASK {}")] if path == "/sparql" else []
        named = [*pairs, ("release", first), ("release", second)]
        answer = site.client.get(path, query_string=urlencode(named))
        assert answer.status_code == 400
        assert answer.get_json()["parameter"] == "release"


def test_unknown_part_is_404(site: Site) -> None:
    """A format or part that is none is told with those there are."""
    for path in (f"/releases/{site.ids[0]}.xyz", f"/releases/{site.ids[0]}/store"):
        assert site.client.get(path).status_code == 404
    refused = site.client.get(f"/releases/{site.ids[0]}", headers={"Accept": "image/png"})
    assert refused.status_code == 406


def test_document_of_an_older_release(site: Site) -> None:
    """`release=` gives a document as it was; links and redirects stay in that release."""
    first = f"?release={site.ids[0]}"
    old = site.client.get(f"/doc/tower.ttl{first}")
    led = site.client.get(f"/id/tower{first}")
    page = site.client.get(f"/doc/tower{first}", headers=HTML)

    assert '"Tower"@en' in old.text
    assert '"High tower"@en' in site.client.get("/doc/tower.ttl").text
    assert led.location == f"/doc/tower{first}"
    assert f"/doc/tower.nt{first}>" in ", ".join(links_of(old))
    assert "This is how it was" in page.text
    assert old.headers["ETag"] != site.client.get("/doc/tower.ttl").headers["ETag"]


def test_release_is_never_passed_over(site: Site) -> None:
    """Wherever `release=` is written, it is obeyed or refused, and an unknown one is 404."""
    rules = site.client.application.url_map.iter_rules()
    paths = {
        each.rule: "GET" if "GET" in (each.methods or ()) else "POST"
        for each in rules
        if each.arguments <= set(each.defaults or ())
    }
    assert {"/", "/ns", "/shapes", "/search", "/queries/", "/dumps/", "/catalog"} <= paths.keys()
    for path, method in sorted(paths.items()):
        answer = site.client.open(f"{path}?release=zzz", method=method, headers=HTML)
        assert answer.status_code == 404, path
        assert "There is no such release" in answer.text
    for path in ("/", "/search", "/queries/", "/dumps/", "/catalog", "/geo/"):
        assert site.client.get(f"{path}?release={site.ids[0]}", headers=HTML).status_code == 400
        assert site.client.get(f"{path}?release={site.ids[-1]}", headers=HTML).status_code == 200
    for path in ("/ns.ttl", "/shapes.ttl"):
        old = site.client.get(f"{path}?release={site.ids[0]}")
        assert old.headers["Content-Location"] == f"{path}?release={site.ids[0]}"
        assert site.ids[0] in old.headers["ETag"]


def test_entity_has_its_versions(site: Site) -> None:
    """The page of a thing lists the releases that changed it."""
    page = site.client.get("/doc/tower", headers=HTML).text

    versions = page.partition("<h2>Versions</h2>")[2].partition("</ul>")[0]
    assert f"/releases/{site.ids[1]}" in versions
    assert ": changed" in " ".join(versions.split()).replace("</a>", "")


def test_thing_said_to_be_gone_is_410(site: Site) -> None:
    """410 comes with the end of the thing, its last data and what replaced it."""
    answer = site.client.get("/doc/hall", headers=RDF)
    text = "\n".join(graph(answer.data))
    page = site.client.get("/id/hall", headers=HTML)

    assert (answer.status_code, page.status_code) == (410, 410)
    for part in (
        "isReplacedBy> <https://t.example/id/tower>",
        '"2026-02-01"',
        "Old hall",
        "inside",
    ):
        assert part in text
    links = links_of(answer)
    assert f'</doc/hall?release={site.ids[0]}>; rel="predecessor-version"' in links
    assert [each for each in links if "successor-version" in each] == [
        '<https://t.example/id/tower>; rel="successor-version"'
    ]
    assert "since" in page.text
    assert "Old hall" in page.text
    assert "High tower" in page.text


@pytest.mark.parametrize("extension", ["ttl", "nt", "jsonld", "rdf", "trig", "nq", "html"])
def test_gone_in_every_format(site: Site, extension: str) -> None:
    """What vanished without a word is 410 too, in every format, with its last data."""
    answer = site.client.get(f"/doc/shed.{extension}")

    assert answer.status_code == 410
    assert "Old shed" in answer.text
    assert "invalidatedAtTime" in answer.text or extension == "html"


def test_gone_is_there_in_the_release_that_has_it(site: Site) -> None:
    """The older release still gives the document, with 200; what never was is 404."""
    assert site.client.get(f"/doc/hall.ttl?release={site.ids[0]}").status_code == 200
    assert site.client.get(f"/doc/shed?release={site.ids[0]}").status_code == 200
    assert site.client.get("/doc/nothing").status_code == 404
    assert site.client.get(f"/doc/nothing?release={site.ids[0]}").status_code == 404


def test_pruned_release_leaves_its_story(site: Site, tmp_path: Path) -> None:
    """Without the last data a thing that is gone is 410 still, and the release's page is there."""
    root = tmp_path / "site"
    shutil.copytree(site.root, root, symlinks=True)
    publish.prune(load(root), keep=1, dry_run=False)
    serving = Serving(load(root))
    client = create_app(serving).test_client()

    answer, page = client.get("/doc/shed", headers=HTML), client.get(f"/releases/{site.ids[1]}")
    serving.pool.close()

    assert answer.status_code == 410
    assert "not kept any more" in answer.text
    assert page.status_code == 200


@pytest.mark.parametrize("how", ["removed", "damaged"])
def test_gone_without_its_last_data(site: Site, tmp_path: Path, how: str) -> None:
    """Where the release that had a thing is gone or cannot be read, its end is told still."""
    root = tmp_path / "site"
    with copied(site, root, {0: 1000, 1: 2000, 2: 3000}) as client:
        first = root / "releases" / site.ids[0]
        if how == "removed":
            shutil.rmtree(first)
        else:
            for path in (*first.glob("store/*.sst"), *first.glob("union/*.sst")):
                path.unlink()
        for name in ("shed", "hall"):
            answer = client.get(f"/doc/{name}", headers=RDF)
            assert answer.status_code == 410
            assert "Old" not in answer.text
            assert not any("predecessor" in each for each in links_of(answer))
        ended = f'"1975-06-24T00:00:00Z"^^<{XSD}dateTime>'
        assert [each for each in graph(client.get("/doc/shed.ttl").data) if ended in each]


def test_gone_at_an_unknown_time(site: Site, tmp_path: Path) -> None:
    """A thing that vanished with a release of which the journal knows nothing has no time."""
    with copied(site, tmp_path / "site", {0: 1000, 2: 3000}) as client:
        answer = client.get("/doc/shed", headers=RDF)
        assert (answer.status_code, "Old shed" in answer.text) == (410, True)
        assert "invalidatedAtTime" not in answer.text


def test_vanished_thing_is_a_warning(tmp_path: Path) -> None:
    """`check` tells what the current release has and the files do not, with where it stood."""
    root = write_site(tmp_path)
    write(root / "data/things.ttl", turtle(FIRST))
    assert "[vanished]" not in run("check", root).stdout
    publish.build(load(root))
    write(root / "data/things.ttl", turtle(SECOND))

    told = run("check", root)
    strict = run("build", root, "--strict")
    outcome = publish.build(load(root))

    line = turtle("").count("\n") + 2
    assert told.exit_code == 0
    assert f"data/things.ttl:{line}: warning: <{BASE}id/shed> was in release" in told.stdout
    assert told.stdout.count("[vanished]") == 1  # the hall has its tombstone
    assert strict.exit_code == 1
    assert [finding.rule for finding in outcome.findings] == ["vanished"]
    assert Releases(load(root)).current() == outcome.release


def test_vanished_thing_has_no_line_in_a_file_that_is_shorter_now(tmp_path: Path) -> None:
    """Nobody is sent to line 40 of a file with three lines."""
    root = write_site(tmp_path)
    more = turtle('<id/mill> a :Thing ;\n rdfs:label "Mill"@en .\n')
    write(root / "data/more.ttl", more + "<id/shed> a :Thing .\n")
    publish.build(load(root))
    write(root / "data/more.ttl", more)

    told = run("check", root).stdout

    assert f"data/more.ttl: warning: <{BASE}id/shed> was in release" in told


def test_thing_that_was_gone_from_the_beginning(tmp_path: Path) -> None:
    """Of a thing that no release has described it is not said that the release is not kept."""
    root = write_site(tmp_path)
    ended = "<http://www.w3.org/ns/prov#invalidatedAtTime> '2020-01-31'"
    write(root / "data/things.ttl", turtle(f"{FIRST}<id/mill> {ended} .\n"))
    publish.build(load(root))
    serving = Serving(load(root))

    answer = create_app(serving).test_client().get("/doc/mill", headers=HTML)
    serving.pool.close()

    assert answer.status_code == 410
    assert "No release has described it." in answer.text


def test_what_cannot_be_read_has_not_vanished(tmp_path: Path) -> None:
    """One mistake in a file does not make everything in it seem to be gone, nor hide what is."""
    root = write_site(tmp_path, other="<id/other> a :Thing .\n")
    many = "".join(f"<id/m/{n}> a :Thing .\n" for n in range(150))
    table = "key,name\n1,One\n2,Two\n"
    write(root / "data/many.ttl", turtle(many))
    write(root / "data/towns.csv", table)
    run("describe", root, "data/towns.csv")
    described = root / "data/towns.csv-metadata.json"
    write(described, re.sub(r"ns#\w+", "ns#Thing", described.read_text()))
    write(root / "ontology/more.ttl", turtle(":Thing a owl:DatatypeProperty .\n"))
    publish.build(load(root))
    write(root / "data/many.ttl", turtle("<id/m/0> a .\n" + many))
    write(root / "data/towns.csv", table.replace(",", ";"))
    (root / "data/other.ttl").unlink()

    told = run("check", root).stdout

    assert re.findall(r"<\S+/(id/\S+)> was in", told) == ["id/other"]
    assert told.count("violation: ") == 2
    assert 'Write "dialect": {"delimiter": ";"}' in told


def test_vanished_shapes_block_a_release(tmp_path: Path) -> None:
    """A release that was held to shapes is followed by no unvalidated one by accident."""
    root = write_site(tmp_path)
    write(
        root / "shapes/things.ttl", turtle("<shapes#S> a <http://www.w3.org/ns/shacl#NodeShape> .")
    )
    publish.build(load(root))
    (root / "shapes/things.ttl").unlink()

    told = run("check", root)
    assert (told.exit_code, told.stdout.count("[vanished-shapes]")) == (1, 1)
    with pytest.raises(DataNotValid):
        publish.build(load(root))

    write(root / "shapes/none.ttl", "# Nothing is demanded of these data any more.\n")
    assert "[vanished-shapes]" not in run("check", root).stdout
    assert publish.build(load(root)).is_new


def test_many_vanished_things_are_counted(tmp_path: Path) -> None:
    """When all things vanish at once, the first hundred are told, and how many more there are."""
    root = write_site(tmp_path, many="".join(f"<id/m/{n}> a :Thing .\n" for n in range(150)))
    publish.build(load(root))
    write(root / "data/many.ttl", turtle("<id/one> a :Thing .\n"))

    findings = publish.build(load(root)).findings

    assert len(findings) == 101
    assert findings[-1].message.startswith("50 more things")


@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_things_of_an_emptied_file_are_told_together(tmp_path: Path, how: str) -> None:
    """A file that says nothing any more is one finding with its things counted; others are told."""
    root = write_site(
        tmp_path,
        many="".join(f"<id/m/{n}> a :Thing .\n" for n in range(150)),
        two="<id/x> a :Thing .\n<id/y> a :Thing .\n",
        one="<id/z> a :Thing .\n",
        mixed="<id/gone> a :Thing .\n<id/stays> a :Thing .\n",
    )
    current = publish.build(load(root)).release.id
    for name in ("many", "two", "one"):
        file = root / f"data/{name}.ttl"
        write(file, "# nothing\n") if how == "emptied" else file.unlink()
    write(root / "data/mixed.ttl", turtle("<id/stays> a :Thing .\n"))

    findings = publish.build(load(root)).findings

    assert [(each.file, bool(each.line)) for each in findings] == [
        ("data/many.ttl", False),
        ("data/two.ttl", False),
        ("data/mixed.ttl", True),
        ("data/one.ttl", False),
    ]
    assert "'data/many.ttl' says nothing any more: 150 things stood in it" in findings[0].message
    assert f", as <{BASE}id/m/0> and <{BASE}id/m/100>, and nothing" in findings[0].message
    assert f"2 things stood in it in release {current}, as <{BASE}id/x> and" in findings[1].message
    assert "Restore" in findings[0].remedy


def test_timegate_leads_to_the_document_of_that_time(site: Site) -> None:
    """Accept-Datetime chooses the last release not after it, the first for any time before."""
    first = "Mon, 01 Jan 2001 00:00:00 GMT"
    late = "Fri, 01 Jan 2100 00:00:00 GMT"
    gate = "/timegate/doc/tower"

    def led(**headers: str) -> str | None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = site.client.get(gate, headers=named)
        assert answer.status_code == 302
        assert "Accept-Datetime" in answer.headers["Vary"]
        return answer.location

    assert led(Accept_Datetime=first) == f"/doc/tower?release={site.ids[0]}"
    assert led(Accept_Datetime=late) == f"/doc/tower?release={site.ids[2]}"
    assert led() == led(Accept_Datetime=late)
    assert site.client.get(gate, headers={"Accept-Datetime": "soon"}).status_code == 400
    assert site.client.get("/timegate/doc/nothing").status_code == 404


def test_timemap_lists_the_releases_that_have_the_thing(site: Site) -> None:
    """A thing that went has mementos until then; each is found and says its time."""
    tower, shed = (site.client.get(f"/timemap/doc/{name}") for name in ("tower", "shed"))

    assert tower.content_type == "application/link-format"
    assert [release_id for release_id in site.ids if release_id in tower.text] == site.ids
    assert [release_id for release_id in site.ids if release_id in shed.text] == site.ids[:1]
    memento = site.client.get(f"/doc/shed?release={site.ids[0]}")
    assert memento.headers["Memento-Datetime"] in shed.text
    assert '</doc/shed>; rel="original"' in links_of(memento)
    links = links_of(site.client.get("/doc/tower.ttl"))
    assert '</timegate/doc/tower>; rel="timegate"' in links
    assert '</timemap/doc/tower>; rel="timemap"; type="application/link-format"' in links


def test_timegate_counts_to_the_second(site: Site, tmp_path: Path) -> None:
    """A document is from the second on in which its release came out, and none is made up."""
    with copied(site, tmp_path / "site", {0: 1000, 1: 2000, 2: 3000}) as client:

        def led(seconds: int) -> str | None:
            headers = {"Accept-Datetime": http_date(seconds)}
            return client.get("/timegate/doc/tower", headers=headers).location

        for place, day in ((0, 1000), (1, 2000), (2, 3000)):
            assert led(day * 86_400) == f"/doc/tower?release={site.ids[place]}"
            assert led(day * 86_400 + 86_399) == f"/doc/tower?release={site.ids[place]}"
            assert led(day * 86_400 - 1) == f"/doc/tower?release={site.ids[max(0, place - 1)]}"
        links = links_of(client.get("/timegate/doc/tower"))
        assert '</doc/tower>; rel="original"' in links
        assert '</timemap/doc/tower>; rel="timemap"; type="application/link-format"' in links
        whole = client.get("/timemap/doc/tower").text
        ends = [http_date(day * 86_400) for day in (1000, 3000)]
        assert f'from="{ends[0]}"; until="{ends[1]}"' in whole
        old = client.get(f"/doc/tower.ttl?release={site.ids[1]}")
        assert old.headers["Memento-Datetime"] == http_date(2000 * 86_400)
        assert "Memento-Datetime" not in client.get("/doc/tower.ttl").headers


def test_release_of_an_unknown_time_is_no_memento(site: Site, tmp_path: Path) -> None:
    """Of a release from before there was a journal nobody knows when it came out."""
    with copied(site, tmp_path / "site", {1: 2000, 2: 3000}) as client:
        found = client.get("/timemap/doc/tower").text
        assert [each for each in site.ids if each in found] == site.ids[1:]
        old = client.get(f"/doc/tower.ttl?release={site.ids[0]}")
        assert (old.status_code, "Memento-Datetime" in old.headers) == (200, False)


def test_mementos_are_kept_and_not_of_the_future(site: Site, tmp_path: Path) -> None:
    """A release that was removed, or is later than the one that is served, is not led to."""
    root = tmp_path / "site"
    with copied(site, root, {0: 1000, 1: 2000, 2: 3000}) as client:
        Releases(load(root)).activate(Releases(load(root)).get(site.ids[1]))
        shutil.rmtree(root / "releases" / site.ids[0])
        found = client.get("/timemap/doc/tower").text
        assert [each for each in site.ids if each in found] == [site.ids[1]]


def test_broken_record_is_told(site: Site, tmp_path: Path) -> None:
    """A record of changes that somebody broke is 503 with the name of the file, not a bug."""
    root = tmp_path / "site"
    shutil.copytree(site.root, root, symlinks=True)
    write(root / "releases/.changes" / f"{site.ids[2]}.jsonl", "{")
    serving = Serving(load(root))
    answer = create_app(serving).test_client().get(f"/releases/{site.ids[2]}.json")
    serving.pool.close()

    assert answer.status_code == 503
    assert ".changes" in answer.get_json()["detail"]
