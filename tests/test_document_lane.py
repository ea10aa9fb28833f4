"""Documents answered in the event loop: what Flask says, byte for byte, and nothing unusual."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from flask.testing import FlaskClient

from metropole import publish
from metropole.formats import GRAPH_FORMATS
from metropole.settings import load
from metropole.web import create_app
from metropole.web.front.answers import Answer
from metropole.web.front.asked import Asked
from metropole.web.front.document_lane import MOST_BYTES, MOST_STATEMENTS, DocumentLane
from metropole.web.serving import Serving
from processes import wait_until
from web_site import NAMES, fetch, hard_files, server_of, write_site

LONG_NAME = "n" * 600
EVENTS = (
    "<id/event> a <https://schema.org/Event> ; <https://schema.org/name> 'Fair'@en ; "
    "<https://schema.org/startDate> "
    "'2026-05-01'^^<http://www.w3.org/2001/XMLSchema#date> .\n"
    "<id/gone> a <ns#Thing> ; <http://www.w3.org/ns/prov#invalidatedAtTime> "
    "'2026-01-01T00:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
    f"<id/long> <ns#says> '{'x' * MOST_BYTES}' .\n"
    # So many statements that the one about its end is none of the first.
    "<id/many-gone> "
    + "".join(f"<http://a.example/p> {number} ; " for number in range(2 * MOST_STATEMENTS))
    + "<http://www.w3.org/ns/prov#invalidatedAtTime> '2026-01-01' .\n"
    # Names that stand for something else in an address, or make a long answer.
    f"<id/{LONG_NAME}> a <ns#Thing> .\n"
    "<id//event> a <ns#Thing> .\n<id/event.ics> a <ns#Thing> .\n<id/sparql> a <ns#Thing> .\n"
)
#: Things that are shown with what is said of them.
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dash: <http://datashapes.org/dash#> .
<shapes#T> a sh:NodeShape ; sh:targetClass <ns#Thing> ;
  sh:property [ sh:path <ns#near> ; sh:name "near"@en ; dash:viewer dash:DetailsViewer ] .
"""
ENCODED = "x/%C4%85"  # its address may stand for another name, too
SMALL = [
    *sorted(NAMES.keys() - {ENCODED}),
    "markup",
    "langs",
    "nested",
    "evil",
    "return",
    "x/both",
    "twice",
    "event",
]
#: Headers that differ between two answers to the same question.
OF_ONE = ("date", "request-id", "server-timing")
Told = tuple[int, list[tuple[str, str]], bytes]


@pytest.fixture(scope="module", params=["https://t.example/", "https://t.example/graph/"])
def serving(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """A hard site, at the root of its host or below a path."""
    files = {**hard_files(), "data/events.ttl": EVENTS, "shapes/things.ttl": SHAPES}
    root = write_site(tmp_path_factory.mktemp("lane"), files, base=request.param)
    publish.build(load(root))
    found = Serving(load(root))
    yield found
    found.pool.close()


@pytest.fixture(scope="module")
def client(serving: Serving) -> FlaskClient:
    """A client of the application that stands behind the lane."""
    found = create_app(serving).test_client()
    found.get("/doc/event.ttl")  # now the time of the release is known
    return found


def path_of(kind: str, name: str, ending: str = "") -> str:
    """Write the path of a thing or its document as clients send it."""
    return f"/{kind}/" + quote(unquote(name), safe="/-._~!$&'()*+,;=:@") + ending


def by_lane(serving: Serving, path: str, method: str = "GET", **headers: str) -> Answer | None:
    """Ask in the lane; None for what it leaves to Flask."""
    lane = DocumentLane(serving)
    raw, _, query = path.partition("?")
    sent = [(n.lower().replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    sent = sent if "Host" in headers else [(b"host", b"t.example"), *sent]
    asked = Asked.of(
        {
            "http_version": "1.1",
            "method": method,
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": sent,
        }
    )
    if not asked.may_share or not lane.may_answer(asked):
        return None
    found = lane.answer(asked, b"", serving.edition())
    return found[0] if found else None


def told_by_lane(serving: Serving, path: str, method: str = "GET", **headers: str) -> Told:
    """Ask in the lane, which must answer."""
    found = by_lane(serving, path, method, **headers)
    assert found is not None, path
    told = [(name.decode(), value.decode("latin-1")) for name, value in found.headers]
    return found.status, sorted(told), b"" if method == "HEAD" else found.body


def told_by_flask(client: FlaskClient, path: str, method: str = "GET", **headers: str) -> Told:
    """Ask the application."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    found = client.open(path, method=method, headers=sent)
    told = [(name.lower(), value) for name, value in found.headers if name.lower() not in OF_ONE]
    return found.status_code, sorted(told), found.data


@pytest.mark.parametrize("name", SMALL)
def test_same_documents_as_from_flask(serving: Serving, client: FlaskClient, name: str) -> None:
    """Every format of every name: status, headers and bytes are the same, and so is the 303."""
    for syntax in GRAPH_FORMATS:
        path = path_of("doc", name, f".{syntax.extension}")
        assert told_by_lane(serving, path) == told_by_flask(client, path), path
    if name not in ("x/file.ttl", "x/page.html"):
        for kind in ("doc", "id"):
            path = path_of(kind, name)
            assert told_by_lane(serving, path) == told_by_flask(client, path), path


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["", "zstd, br;q=0.5", "identity;q=0.5, *;q=0"])
@pytest.mark.parametrize(
    "accept", ["", "text/turtle", "application/json", "text/html;q=0.1, application/n-quads", "*/*"]
)
def test_same_answers_to_all_wishes(
    serving: Serving, client: FlaskClient, accept: str, coding: str, method: str
) -> None:
    """Formats, codings and methods are chosen alike; who has the document gets 304 alike."""
    sent = {"accept": accept, "accept_encoding": coding}
    for path in ("/doc/event", "/doc/langs", "/doc/x/%C5%81%C3%B3d%C5%BA", "/id/event"):
        lane = told_by_lane(serving, path, method, **sent)
        assert lane == told_by_flask(client, path, method, **sent)
        tag = dict(lane[1]).get("etag")
        for known in (tag, f'W/{tag}, "x"', "*", '"other"') if tag else ():
            again = {**sent, "if_none_match": known}
            lane = told_by_lane(serving, path, method, **again)
            assert lane == told_by_flask(client, path, method, **again), known
            assert lane[0] == (200 if known == '"other"' else 304)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/doc/event.html", {}),
        ("/doc/event", {"accept": "text/html"}),
        ("/doc/event", {"accept": "image/png"}),
        ("/doc/event?lang=lt", {}),
        ("/doc/event?release=x", {}),
        ("/doc/event", {"range": "bytes=0-9"}),
        ("/doc/event", {"if_modified_since": "Thu, 01 Jan 2032 00:00:00 GMT"}),
        ("/doc/event", {"cache_control": "no-store"}),
        ("/doc/event.ics", {}),
        ("/doc/event.xyz", {}),
        ("/doc/hub.ttl", {}),  # nothing is said of it itself
        ("/doc/none", {}),
        ("/id/none", {}),
        ("/doc/only-an-object", {}),
        ("/doc/gone", {}),
        ("/id/gone", {}),
        ("/doc/popular.ttl", {}),
        ("/doc/list.ttl", {}),
        ("/doc/control.rdf", {}),
        ("/doc/odd-property.rdf", {}),
        ("/doc/control.rdf", {"if_none_match": "*"}),
        ("/doc/long.ttl", {}),
        ("/id/x/file.ttl", {}),
        ("/doc/x/Malmö.ttl", {}),  # clients send it encoded
        ("/id/many-gone", {}),
        (f"/id/{LONG_NAME}", {}),  # so long that it would be compressed
        ("/doc/x/%C4%85", {}),
        ("/id/x%2Fboth", {}),  # a slash within a key is another name than one in the path
        ("/doc/x%2fboth.ttl", {}),
        ("/doc/%FF", {}),
        ("/doc/a%0Ab", {}),
        ("/doc//event", {}),
        ("/doc/", {}),
        ("/docs/hub", {}),
        ("/ns.ttl", {}),
    ],
)
def test_what_is_unusual_is_left_to_flask(
    serving: Serving, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    """What is large, gone, unknown or asked in another way has no answer here."""
    assert client is not None
    assert by_lane(serving, path, **headers) is None


def test_methods_that_ask_for_no_document(serving: Serving, client: FlaskClient) -> None:
    """Only GET and HEAD are answered."""
    assert client is not None
    for method in ("POST", "OPTIONS", "DELETE", "QUERY"):
        for path in ("/doc/event.ttl", "/doc/sparql"):  # queries may go to the end of a path
            assert by_lane(serving, path, method) is None
    assert by_lane(serving, "/doc/sparql") is not None


def test_a_request_may_begin_with_the_path_of_the_base(
    serving: Serving, client: FlaskClient
) -> None:
    """Whether or not a proxy takes the path of the base off, the answer is the same."""
    below = urlsplit(serving.settings.base).path.rstrip("/")
    for path in ("/doc/event.ttl", "/id/event"):
        assert told_by_lane(serving, below + path) == told_by_lane(serving, path)
        assert told_by_lane(serving, below + path) == told_by_flask(client, below + path)
    assert by_lane(serving, "/elsewhere/doc/event.ttl") is None


def test_answers_are_counted_and_documents_kept(serving: Serving, client: FlaskClient) -> None:
    """The figures are those of the routes; what leads to a document is made anew each time."""

    def counted() -> list[float]:
        text = client.get("/-/metrics").text
        name = r'metropole_responses_total\{address="documents.%s",status="%s"\} (\S+)'
        kinds = (("document", 200), ("document", 304), ("thing", 303))
        found = (re.search(name % kind, text) for kind in kinds)
        return [float(each[1]) if each else 0.0 for each in found]

    before = counted()
    document = by_lane(serving, "/doc/event.ttl")
    known = by_lane(serving, "/doc/event.ttl", if_none_match="*")
    thing = by_lane(serving, "/id/event")

    assert counted() == [number + 1 for number in before]
    assert document is not None
    assert known is not None
    assert thing is not None
    assert [each.exchange.keep for each in (document, known, thing)] == [True, False, False]


def test_a_release_of_an_unknown_time_is_left_to_flask(
    serving: Serving, client: FlaskClient
) -> None:
    """Reading when a release came out is not for the loop; then it is known."""
    assert client is not None
    other = Serving(serving.settings)
    try:
        assert by_lane(other, "/doc/event.ttl") is None
        create_app(other).test_client().get("/doc/event.ttl")
        assert by_lane(other, "/doc/event.ttl") is not None
    finally:
        other.pool.close()


def test_a_document_holds_up_the_loop_for_a_moment_only(
    tmp_path: Path,
) -> None:
    """The largest document that is answered here takes a few milliseconds, in every format."""
    count = MOST_STATEMENTS - 2
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    data = "".join(
        f'<id/wide> <ns#near> <id/n/{n}> . <id/n/{n}> {label} "Name {n}"@en .\n'
        + "".join(f"<id/n/{n}> <ns#says> {each} .\n" for each in range(300))
        for n in range(count)
    )
    root = write_site(tmp_path, {"data/a.ttl": data})
    publish.build(load(root))
    serving = Serving(load(root))
    try:
        create_app(serving).test_client().get("/doc/n/1.ttl")
        for syntax in GRAPH_FORMATS:
            path = f"/doc/wide.{syntax.extension}"
            assert by_lane(serving, path) is not None
            begun = time.thread_time()
            assert by_lane(serving, path) is not None
            assert time.thread_time() - begun < 0.03
    finally:
        serving.pool.close()


def test_a_new_release_is_answered_at_once(tmp_path: Path) -> None:
    """Documents and pages are kept; with another release nothing of the one before is given."""
    root = write_site(tmp_path, {"data/a.ttl": '<id/a> <ns#says> "before" .\n'})
    publish.build(load(root))
    paths = ("/doc/a.ttl", "/doc/a.html", "/doc/a.html?lang=lt")
    with server_of(root) as server:
        wait_until(lambda: fetch(server.port, "/doc/a.ttl").status == 200)
        for text in ("now", "then"):
            for path in paths:
                # By each process from Flask, from the lane, from the cache.
                hits = (
                    fetch(server.port, path).headers.get("server-timing") == "cache;desc=hit"
                    for _ in range(50)
                )
                assert sum(hits) > 10, path
            (root / "data/a.ttl").write_text(f'<id/a> <ns#says> "{text}" .\n', encoding="utf-8")
            release = publish.build(load(root)).release.manifest.id
            for path in paths:
                for headers in ({}, {"Cache-Control": "no-store"}):
                    found = fetch(server.port, path, headers=headers)
                    assert text.encode() in found.body
                    assert found.headers["etag"].startswith(f'"{release}-')
                    assert ".html" not in path or f"<code>{release}</code>".encode() in found.body


def test_a_file_that_is_emptied_is_told_until_it_is_made_anew(tmp_path: Path) -> None:
    """Whoever empties the statements of what is served gets 503, and the next build mends it."""
    things = "".join(f'<id/{n}> a <ns#Thing> ; <ns#says> "{n}" .\n' for n in range(500))
    root = write_site(tmp_path, {"data/a.ttl": things})
    dataset = publish.build(load(root)).release.folder / "dumps/dataset.nq"
    paths = ("/doc/1.ttl", "/id/2", "/doc/3.html")
    with server_of(root) as server:
        wait_until(lambda: fetch(server.port, "/doc/0.ttl").status == 200)
        dataset.write_bytes(b"")

        assert [fetch(server.port, path).status for path in paths] == [503] * 3
        publish.build(load(root))

        assert [fetch(server.port, path).status for path in paths] == [200, 303, 200]
