"""The feeds: a client that replays the event stream has the graph; Atom, calendar, places."""

import gzip
import json
import re
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import icalendar
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from browsers import TOOLS
from metropole import publish
from metropole.release.feed import FOLDER, read_feed
from metropole.release.feed import writing as feed_module
from metropole.release.file_kinds import file_kind
from metropole.release.geometry import WKT, geometry
from metropole.release.things import Words
from metropole.release.ways import ways_of
from metropole.settings import load
from metropole.web import create_app
from metropole.web.responses import compression
from metropole.web.serving import Serving
from processes import free_port
from web_site import BASE, links_of, server_of, write_site

LDES, TREE = "https://w3id.org/ldes#", "https://w3id.org/tree#"
INTEGER = b"http://www.w3.org/2001/XMLSchema#integer"
DCT, AS = "http://purl.org/dc/terms/", "https://www.w3.org/ns/activitystreams#"
#: Blank nodes in all positions: owned, nested, in a list, shared by two things, without an owner,
#: in a ring; and a triple that two graphs state.
FIXED = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/a> a <ns#Thing> ; rdfs:label "A"@en ;
  <ns#near> [ <ns#says> "in" ; <ns#near> ( 1 "two" [ <ns#says> "deep" ] ) ] .
<id/c> a <ns#Thing> ; <ns#near> _:s . <id/d> <ns#near> _:s .
_:s <ns#says> "shared" ; <ns#near> [ <ns#says> "below" ] .
[] <ns#says> "nobody's" .
_:x <ns#near> _:y . _:y <ns#near> _:x .
<id/Šiauliai-ėžys> a <ns#Thing> ; rdfs:label "Šiauliai 👋"@lt .
"""
AGAIN = "<id/a> a <ns#Thing> . GRAPH <id/graph/own> { <id/a> a <ns#Thing> . }\n"
FIRST = '<id/b> a <ns#Thing> ; rdfs:label "B"@en . <id/old> a <ns#Thing> ; rdfs:label "Old"@en .\n'
SECOND = '<id/b> a <ns#Thing> ; rdfs:label "B2"@en . <id/new> a <ns#Thing> .\n'
THIRD = SECOND + "<id/e> <ns#near> _:s .\n"


def write(root: Path, text: str, base: str = BASE) -> Path:
    """Write the site with some statements of its own."""
    return write_site(root, {"data/a.ttl": FIXED + text, "data/g.trig": AGAIN}, base=base)


@dataclass(frozen=True)
class Told:
    """A member as a client reads it."""

    iri: str
    entity: str
    kind: str
    time: str
    triples: frozenset[ox.Triple]


@dataclass(frozen=True)
class Copy:
    """What a client has that reads the whole stream: its pages, its members and the context."""

    pages: dict[str, tuple[dict[str, str], bytes]]
    members: list[Told]
    context: frozenset[ox.Triple]

    def replayed(self) -> str:
        """Keep the last version of each thing, and give the RDFC-1.0 form of what is left."""
        state: dict[str, frozenset[ox.Triple]] = {}
        for member in self.members:
            state[member.entity] = member.triples
        return canonical([*self.context, *(each for some in state.values() for each in some)])

    def names(self) -> set[str]:
        """Give the IRIs of the members."""
        return {member.iri for member in self.members}


def canonical(triples: list[ox.Triple]) -> str:
    """Give the canonical form of a graph (RDF Dataset Canonicalization 1.0)."""
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, dataset)))


def dump(client: FlaskClient) -> str:
    """Give the canonical form of the dump of the whole graph."""
    with client.get("/dumps/latest/dataset.ttl", follow_redirects=True) as answer:
        body = answer.data
    return canonical([quad.triple for quad in ox.parse(body, format=ox.RdfFormat.TURTLE)])


def read(body: bytes, address: str) -> ox.Dataset:
    """Parse a document of the stream; blank nodes of two documents are never the same."""
    return ox.Dataset(
        ox.parse(body, format=ox.RdfFormat.TRIG, base_iri=address, rename_blank_nodes=True)
    )


def copied(client: FlaskClient, base: str = BASE) -> Copy:
    """Read the root and each page it names."""
    root = client.get("/ldes", headers={"Accept": "application/trig"})
    assert root.status_code == 200, root.data
    data = read(root.data, f"{base}ldes")
    node = ox.NamedNode(TREE + "node")
    addresses = {text(quad.object) for quad in data.quads_for_predicate(node)}
    pages, members = {}, list[Told]()
    for address in sorted(addresses, key=lambda each: int(each.rpartition("/")[2])):
        answer = client.get(address.removeprefix(base.rstrip("/")))
        assert answer.status_code == 200, answer.data
        pages[address] = (dict(answer.headers), answer.data)
        members += told(read(answer.data, address))
    members.sort(key=lambda member: member.time)
    void = ox.NamedNode(f"{base}id/graph/void")
    context = frozenset(quad.triple for quad in data.quads_for_graph_name(void))
    return Copy(pages, members, context)


def text(term: object) -> str:
    """Give the IRI of a node, or the text of a literal."""
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value


def told(data: ox.Dataset) -> Iterator[Told]:
    """Find the members of a page, each with the statements in its graph."""
    for quad in data.quads_for_predicate(ox.NamedNode(TREE + "member")):
        member = ox.NamedNode(text(quad.object))
        said = {each.predicate.value: text(each.object) for each in data.quads_for_subject(member)}
        yield Told(
            member.value,
            said[DCT + "isVersionOf"],
            said["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"].removeprefix(AS),
            said[DCT + "created"],
            frozenset(each.triple for each in data.quads_for_graph_name(member)),
        )


@dataclass(frozen=True)
class History:
    """A site that went forth and back, with what a client had after each step."""

    root: Path
    client: FlaskClient
    copies: list[Copy]
    dumps: list[str]

    def arrived(self, step: int) -> dict[str, str]:
        """Give what a step told: thing to kind of change."""
        before = self.copies[step - 1].names()
        return {
            member.entity.removeprefix(BASE): member.kind
            for member in self.copies[step].members
            if member.iri not in before
        }


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """First, second, back to the first, forth to the second, third, back to the second."""
    root = write(tmp_path_factory.mktemp("site"), FIRST)
    settings = load(root)
    first = publish.build(settings).release
    serving = Serving(settings)
    client = create_app(serving).test_client()
    copies, dumps = [copied(client)], [dump(client)]

    def step() -> None:
        copies.append(copied(client))
        dumps.append(dump(client))

    write(root, SECOND)
    second = publish.build(settings).release
    step()
    publish.activate(settings, first.id)
    step()
    publish.activate(settings, second.id)
    step()
    write(root, THIRD)
    publish.build(settings)
    step()
    publish.activate(settings, second.id)
    step()
    yield History(root, client, copies, dumps)
    serving.pool.close()


def test_replayed_members_are_the_graph(history: History) -> None:
    """After each step, the last versions and the context of the root are the dump, to the node."""
    for copy, whole in zip(history.copies, history.dumps, strict=True):
        assert copy.replayed() == whole


def test_a_release_tells_what_changed_and_nothing_else(history: History) -> None:
    """One creation, one change and one deletion are three members."""
    assert history.arrived(1) == {"id/b": "Update", "id/new": "Create", "id/old": "Delete"}


def test_going_back_is_told_in_the_other_direction(history: History) -> None:
    """A release that comes back is new members; what was told is not taken back."""
    assert history.arrived(2) == {"id/b": "Update", "id/new": "Delete", "id/old": "Create"}
    assert history.arrived(3) == history.arrived(1)
    for earlier, later in zip(history.copies, history.copies[1:], strict=False):
        assert earlier.names() <= later.names()


def test_shared_blank_nodes_are_members_of_their_own(history: History) -> None:
    """When a third thing points to a blank node, its part goes and another one comes."""
    arrived = sorted(history.arrived(4).items())
    assert sorted(kind for _, kind in arrived) == ["Create", "Delete"]
    assert all(entity.startswith(".well-known/genid/") for entity, _ in arrived)


def test_times_never_go_back(history: History) -> None:
    """Members of a later step are younger than all before, also within one second."""
    for step in range(1, len(history.copies)):
        before = history.copies[step - 1]
        new = [each for each in history.copies[step].members if each.iri not in before.names()]
        assert min(each.time for each in new) > max(each.time for each in before.members)
    assert all(each.time.endswith("Z") for each in history.copies[-1].members)


def test_root_says_what_the_specification_wants(history: History) -> None:
    """One view, the paths, the kinds of change, one retention policy called by an IRI."""
    answer = history.client.get("/ldes")
    data = read(answer.data, f"{BASE}ldes")
    stream, here = ox.NamedNode(f"{BASE}ldes#stream"), ox.NamedNode(f"{BASE}ldes")

    def values(subject: ox.NamedNode, name: str) -> list[str]:
        predicate = ox.NamedNode(name)
        found = data.quads_for_subject(subject)
        return [text(quad.object) for quad in found if quad.predicate == predicate]

    assert values(stream, TREE + "view") == [f"{BASE}ldes"]
    assert values(stream, LDES + "timestampPath") == [DCT + "created"]
    assert values(stream, LDES + "versionOfPath") == [DCT + "isVersionOf"]
    for name in ("Create", "Update", "Delete"):
        assert values(stream, f"{LDES}version{name}Object") == [AS + name]
    (policy,) = values(here, LDES + "retentionPolicy")
    assert values(ox.NamedNode(policy), LDES + "versionAmount") == ["1"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Accept" in answer.headers["Vary"]


def test_members_are_within_the_bounds_of_their_pages(history: History) -> None:
    """A client that leaves pages out by their times misses nothing."""
    data = read(history.client.get("/ldes").data, f"{BASE}ldes")
    for address, (_, body) in history.copies[-1].pages.items():
        times = [member.time for member in told(read(body, address))]
        for relation in data.quads_for_object(ox.NamedNode(address)):
            said = {
                each.predicate.value.removeprefix(TREE): text(each.object)
                for each in data.quads_for_subject(relation.subject)
            }
            assert said["path"] == DCT + "created"
            kind = said["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
            value = said["value"]
            if kind == TREE + "GreaterThanOrEqualToRelation":
                assert min(times) >= value
            else:
                assert kind == TREE + "LessThanOrEqualToRelation"
                assert max(times) <= value


def test_a_closed_page_never_changes(history: History) -> None:
    """Its bytes stay, caches may keep it for good, and a client that has it gets 304."""
    closed = 0
    for earlier, later in zip(history.copies, history.copies[1:], strict=False):
        for address, (headers, body) in earlier.pages.items():
            if b"ldes:immutable true" in body:
                closed += 1
                assert later.pages[address][1] == body
                assert later.pages[address][0]["ETag"] == headers["ETag"]
                assert "immutable" in headers["Cache-Control"]
            else:
                assert headers["Cache-Control"] == "no-cache"
    assert closed
    address, (headers, _) = next(iter(history.copies[-1].pages.items()))
    again = history.client.get(
        address.removeprefix(BASE.rstrip("/")), headers={"If-None-Match": headers["ETag"]}
    )
    assert again.status_code == 304


def test_other_formats_and_pages(history: History) -> None:
    """What holds no named graphs is refused; a page that never was is 404."""
    assert history.client.get("/ldes", headers={"Accept": "text/turtle"}).status_code == 406
    assert history.client.get("/ldes/999").status_code == 404
    assert history.client.get("/ldes/0").status_code == 404


def test_pages_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the first release nor a later one makes a page longer than a page may be."""
    monkeypatch.setattr(feed_module, "PAGE_BYTES", 2000)
    monkeypatch.setattr(feed_module, "PAGE_MEMBERS", 3)
    settings = load(write(tmp_path, FIRST))
    publish.build(settings)
    serving = Serving(settings)
    try:
        client = create_app(serving).test_client()
        first = copied(client)
        write(tmp_path, "".join(f"<id/n{n}> a <ns#Thing> .\n" for n in range(8)))
        publish.build(settings)
        second = copied(client)
        assert len(first.pages) > 2
        new = [page for page in second.pages if page not in first.pages]
        counts = [second.pages[page][1].count(b"tree:member") for page in new]
        assert counts == [3, 3, 3, 1]
        open_pages = [page for page in second.pages if b"immutable" not in second.pages[page][1]]
        assert open_pages == new[-1:]
        assert second.replayed() == dump(client)
    finally:
        serving.pool.close()


def test_prune_leaves_the_last_versions(tmp_path: Path) -> None:
    """Pages of removed releases are 410; nobody sees a member twice, and the graph is whole."""
    settings = load(write(tmp_path, FIRST))
    first = publish.build(settings).release
    serving = Serving(settings)
    try:
        client = create_app(serving).test_client()
        begun = copied(client)
        for text in (SECOND, THIRD, THIRD + "<id/f> a <ns#Thing> .\n"):
            write(tmp_path, text)
            publish.build(settings)
            client.get("/")  # the server lets go of the release before
        before = copied(client)
        assert publish.prune(settings, keep=2, dry_run=True).removed
        assert copied(client).pages.keys() == before.pages.keys()
        assert first.id in publish.prune(settings, keep=2, dry_run=False).removed
        after = copied(client)
        assert after.replayed() == before.replayed() == dump(client)
        assert after.names() <= before.names()
        kinds = {member.entity: member.kind for member in after.members}
        assert kinds[f"{BASE}id/old"] == "Delete"
        assert kinds[f"{BASE}id/b"] == "Update"
        for address in begun.pages:
            assert client.get(address.removeprefix(BASE.rstrip("/"))).status_code == 410
        write(tmp_path, FIRST)
        publish.build(settings)
        assert copied(client).replayed() == dump(client)
    finally:
        serving.pool.close()


def test_feed_catches_up(tmp_path: Path) -> None:
    """What a build that was killed before it wrote the feed made is told by the next one."""
    settings = load(write(tmp_path, FIRST))
    publish.build(settings)
    index = settings.releases_folder / FOLDER / "index.json"
    kept = index.read_bytes()
    write(tmp_path, SECOND)
    made = publish.build(settings).release
    index.write_bytes(kept)
    for leftover in index.parent.glob("2.*"):
        leftover.unlink()
    assert not publish.build(settings).is_new
    found = read_feed(settings.releases_folder)
    assert found is not None
    assert found.release == made.id
    assert [batch.number for batch in found.batches] == [1, 2]


def test_ldes_client_replicates_and_follows(tmp_path: Path) -> None:
    """An independent client gets all, then nothing, then three members, and has the graph."""
    program = TOOLS / "node_modules/ldes-client/dist/bin/cli.js"
    if not program.exists():
        pytest.skip("needs Node and ldes-client, which 'scripts/install-test-tools' installs")
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    settings = load(write(tmp_path, FIRST, base))
    publish.build(settings)
    command = ["node", str(program), f"{base}ldes", "--ordered", "ascending", "--save", "state"]

    def sync() -> list[ox.Quad]:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=True)
        # It writes numbers as Turtle does, which N-Quads does not know.
        lines = re.sub(rb"(?m)^(\S+ \S+) (\d+) <", rb'\1 "\2"^^<' + INTEGER + b"> <", done.stdout)
        return list(ox.parse(lines, format=ox.RdfFormat.N_QUADS, rename_blank_nodes=True))

    version, graphs = ox.NamedNode(DCT + "isVersionOf"), dict[str, str]()
    payloads: dict[str, list[ox.Triple]] = {}

    def replay(quads: list[ox.Quad]) -> int:
        members = [quad for quad in quads if quad.predicate == version]
        for quad in members:
            graphs[text(quad.object)] = str(quad.subject)
        for quad in quads:
            payloads.setdefault(str(quad.graph_name), []).append(quad.triple)
        return len(members)

    with server_of(tmp_path, port):
        assert replay(sync()) > 10
        assert sync() == []
        write(tmp_path, SECOND, base)
        publish.build(settings)
        assert replay(sync()) == 3
    serving = Serving(settings)
    try:
        client = create_app(serving).test_client()
        context = copied(client, base).context
        state = [triple for graph in graphs.values() for triple in payloads.get(graph, ())]
        assert canonical([*context, *state]) == dump(client)
    finally:
        serving.pool.close()


# Atom


def test_atom_is_valid_and_complete(history: History) -> None:
    """A reader of feeds finds ids, times and links; the archives have what the feed has not."""
    found, ids, address = 0, set[str](), "/feed.atom"
    while address:
        answer = history.client.get(address)
        assert answer.headers["Content-Type"] == "application/atom+xml"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = feedparser.parse(answer.data)
        assert not parsed.bozo
        assert parsed.version == "atom10"
        assert parsed.feed.id == f"{BASE}feed.atom"
        assert parsed.feed.updated == max(entry.updated for entry in parsed.entries)
        assert parsed.feed.author
        for entry in parsed.entries:
            assert entry.id not in ids
            ids.add(entry.id)
            assert entry.title
            assert entry.link
            assert datetime.fromisoformat(entry.updated).tzinfo
            assert entry.summary
        links = {link.rel: link.href for link in parsed.feed.links}
        assert links["self"] == BASE.rstrip("/") + address
        address = links.get("prev-archive", "").removeprefix(BASE.rstrip("/"))
        found += 1
    assert found == 2
    archive = feedparser.parse(history.client.get("/feed/1.atom").data)
    titles = [entry.title for entry in archive.entries]
    assert "Changed: B2" in titles
    assert "Gone: Old" in titles
    assert history.client.get("/feed/2.atom").status_code == 404


def test_pages_lead_to_atom(history: History) -> None:
    """A reader that is given any page finds the feed."""
    page = history.client.get("/", headers={"Accept": "text/html"}).text
    assert 'type="application/atom+xml"' in page
    assert 'href="/feed.atom"' in page


# Calendar and places

TERMS = """\
@prefix schema: <https://schema.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<ns#Fair> a owl:Class ; rdfs:subClassOf schema:Event ; rdfs:label "fair"@en .
<ns#Hall> a owl:Class ; rdfs:label "hall"@en . <ns#City> a owl:Class ; rdfs:label "city"@en .
"""
EVENTS = """\
@prefix schema: <https://schema.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<id/fair> a <ns#Fair> ;
  schema:startDate "2026-05-30"^^xsd:date ; schema:endDate "2026-05-31"^^xsd:date ;
  rdfs:label "Šiaulių mugė, ĄČĘĖĮŠŲŪŽ; 👋👋👋👋👋👋👋👋👋👋 \\\\ su labai ilgu pavadinimu"@lt ;
  schema:description "One.\\nTwo." ; schema:location <id/hall> .
<id/day> a schema:Event ; schema:startDate "2026-01-01"^^xsd:date .
<id/call> a schema:Event ; schema:startDate "2026-03-01T10:00:00+02:00"^^xsd:dateTime ;
  schema:endDate "2026-03-01T11:00:00+02:00"^^xsd:dateTime ;
  schema:eventStatus schema:EventCancelled .
<id/year> a schema:Event ; schema:startDate "2026"^^xsd:gYear .
<id/month> a schema:Event ; schema:startDate "2026-07"^^xsd:gYearMonth .
<id/hall> a <ns#Hall> ; rdfs:label "Hall" ;
  geo:hasGeometry [ geo:asWKT "POINT(25.28 54.69)"^^geo:wktLiteral ] .
<id/yard> a <ns#Hall> ; geo:hasGeometry
  [ geo:asWKT "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(54.7 25.3)"^^geo:wktLiteral ] .
<id/field> a <ns#City> ; geo:hasGeometry
  [ geo:asWKT "POLYGON((0 0, 0 2, 2 2, 2 0, 0 0))"^^geo:wktLiteral ] .
<id/lost> a <ns#Hall> ; geo:hasGeometry [ geo:asWKT "POINT(1)"^^geo:wktLiteral ] .
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site with events and places."""
    root = write_site(
        tmp_path_factory.mktemp("town"), {"data/town.ttl": EVENTS, "ontology/town.ttl": TERMS}
    )
    settings = load(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        publish.build(settings)
    serving = Serving(settings)
    yield create_app(serving).test_client()
    serving.pool.close()


def test_calendar_is_read_by_another_parser(town: FlaskClient) -> None:
    """Days end on the day after, times are in UTC, texts come back as they were."""
    answer = town.get("/events.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.data.split(b"\r\n")
    assert answer.data.endswith(b"\r\n")
    assert b"\n" not in answer.data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)  # no character is split
    calendar: Any = icalendar.Calendar.from_ical(answer.data)
    events = {str(event["UID"]).removeprefix(BASE): event for event in calendar.walk("VEVENT")}
    assert list(events) == ["id/day", "id/call", "id/fair"]
    fair = events["id/fair"]
    assert (fair["DTSTART"].dt, fair["DTEND"].dt) == (date(2026, 5, 30), date(2026, 6, 1))
    assert fair["SUMMARY"].startswith("Šiaulių mugė, ĄČĘĖĮŠŲŪŽ; 👋👋👋👋👋👋👋👋👋👋 \\ su")
    assert fair["SUMMARY"].params["LANGUAGE"] == "lt"
    assert fair["DESCRIPTION"] == "One.\nTwo."
    assert fair["LOCATION"] == "Hall"
    assert fair["GEO"].to_ical() == "54.69;25.28"
    assert fair["DTSTAMP"].dt == datetime(2026, 1, 1, tzinfo=UTC)
    assert "DTEND" not in events["id/day"]
    assert events["id/call"]["DTSTART"].dt == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert events["id/call"]["STATUS"] == "CANCELLED"
    assert "not in here: 2" in calendar["DESCRIPTION"]


def test_one_event_is_a_calendar(town: FlaskClient) -> None:
    """The document about an event leads to it; other things have none."""
    links = links_of(town.get("/doc/fair.ttl"))
    assert '</doc/fair.ics>; rel="alternate"; type="text/calendar"' in links
    calendar: Any = icalendar.Calendar.from_ical(town.get("/doc/fair.ics").data)
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == f"{BASE}id/fair"
    assert "ics" not in "".join(links_of(town.get("/doc/hall.ttl")))
    assert town.get("/doc/hall.ics").status_code == 404


def test_places_are_geojson(town: FlaskClient) -> None:
    """Longitude comes first whatever the system of the source, and outer rings run left."""
    listed = {entry["name"]: entry for entry in json.loads(town.get("/geo/").data)}
    assert {name: entry["features"] for name, entry in listed.items()} == {"City": 1, "Hall": 2}
    with town.get("/geo/Hall.geojson") as answer:
        assert answer.headers["Content-Type"] == "application/geo+json"
        places = {each["id"]: each for each in json.loads(answer.data)["features"]}
    assert places[f"{BASE}id/hall"]["geometry"] == {"type": "Point", "coordinates": [25.28, 54.69]}
    assert places[f"{BASE}id/yard"]["geometry"]["coordinates"] == [25.3, 54.7]
    assert places[f"{BASE}id/hall"]["properties"] == {"name": "Hall", "iri": f"{BASE}id/hall"}
    assert f"{BASE}id/lost" not in places
    with town.get("/cities.geojson") as answer:
        (city,) = json.loads(answer.data)["features"]
    assert city["geometry"]["coordinates"] == [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]
    assert town.get("/geo/Nothing.geojson").status_code == 404


@pytest.mark.parametrize("whole_bytes", [1 << 20, 0])
def test_places_are_compressed(
    town: FlaskClient, monkeypatch: pytest.MonkeyPatch, whole_bytes: int
) -> None:
    """A browser gets the places compressed, short ones whole and long ones as they are sent."""
    monkeypatch.setattr(compression, "SMALLEST_BYTES", 1)
    monkeypatch.setattr(compression, "_WHOLE_BYTES", whole_bytes)
    with town.get("/geo/Hall.geojson") as plain:
        expected = plain.data
    accepting = {"Accept-Encoding": "gzip"}
    with town.get("/geo/Hall.geojson", headers=accepting) as answer:
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert gzip.decompress(answer.data) == expected
    with town.head("/geo/Hall.geojson", headers=accepting) as head:
        assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize(
    ("text", "coordinates"),
    [
        ("POINT Z (1 2 3)", [1, 2]),
        ("LINESTRING(1 2, 3 4)", [[1, 2], [3, 4]]),
        ("MULTIPOINT((1 2), (3 4))", [[1, 2], [3, 4]]),
        ("MULTIPOINT(1 2, 3 4)", [[1, 2], [3, 4]]),
        ("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))", [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]),
        ("POINT EMPTY", None),
        ("POINT(181 0)", None),
        ("POINT(1 2", None),
        ("POLYGON((0 0, 1 1))", None),
        ("<http://www.opengis.net/def/crs/EPSG/0/3857> POINT(1 2)", None),
    ],
)
def test_geometries(text: str, coordinates: object) -> None:
    """Well-known text becomes GeoJSON; what is none, or of an unknown system, becomes nothing."""
    found = geometry(Words(text, WKT))
    assert (found and found["coordinates"]) == coordinates


def test_ways_of_a_release_are_there(town: FlaskClient) -> None:
    """Each feed that catalogues are told of answers with its type."""
    release = town.application.extensions["metropole"].edition().store.release
    feeds = [way for way in ways_of(release) if not way.is_service]
    assert [way.path for way in feeds] == ["ldes", "feed.atom", "events.ics"]
    for way in feeds:
        answer = town.get(f"/{way.path}")
        kind = file_kind(f"{way.name}.{way.extension}")
        assert (answer.status_code, answer.mimetype) == (200, kind.media_type)


def test_a_site_without_events_and_places(history: History) -> None:
    """There is no empty calendar and no empty map."""
    assert history.client.get("/events.ics").status_code == 404
    assert history.client.get("/cities.geojson").status_code == 404
    assert history.client.get("/geo/").json == []
