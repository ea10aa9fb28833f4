"""Tests of conditional requests (RFC 9110, section 13), alike wherever an answer comes from."""

import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug import Response
from werkzeug.test import TestResponse

from metropole.web.responses.conditions import conditional, is_among, is_had
from web_site import client_of, query_path, write_site

OLD, FAR = "Thu, 01 Jan 2004 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"
#: A document, a page, a download, a file of the program, a page of a query, rows.
DUMP = "/dumps/RELEASE/dataset.ttl"
DATED = ("/doc/1.ttl", "/doc/1.html", "/static/style.css")
TAGGED = (*DATED, DUMP, "/ns", "/", "/sitemap.xml", "/robots.txt", query_path("ASK {}"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a site with one thing."""
    files = {"data/a.ttl": "<id/1> <ns#says> 1 .\n"}
    with client_of(write_site(tmp_path_factory.mktemp("conditions"), files)) as found:
        yield found


def _asked(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """Ask, read everything, and let the file be closed."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=sent, buffered=True)


def _path(client: FlaskClient, path: str) -> str:
    ready = client.get("/-/ready").get_json()
    return path.replace("RELEASE", ready["release"])


@pytest.mark.parametrize("path", TAGGED)
def test_if_match(client: FlaskClient, path: str) -> None:
    """`*` holds wherever something is; another tag gets a problem and nothing of the answer."""
    path = _path(client, path)
    whole = _asked(client, path)
    tag = whole.headers["ETag"]
    is_strong = not tag.startswith("W/")

    assert _asked(client, path, **{"If-Match": "*"}).data == whole.data
    assert _asked(client, path, **{"If-Match": f'"x", {tag}'}).status_code == (
        200 if is_strong else 412
    )
    for refused in ('"x"', f"W/{tag.removeprefix('W/')}", "x"):
        answer = _asked(client, path, **{"If-Match": refused})
        assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
        assert answer.get_json()["status"] == 412
    # What does not hold is told before what is had (section 13.2.2).
    both = {"If-Match": '"x"', "If-None-Match": tag}
    assert _asked(client, path, **both).status_code == 412
    both = {"If-Match": "*", "If-None-Match": tag}
    assert _asked(client, path, **both).status_code == 304


@pytest.mark.parametrize("path", DATED)
def test_if_unmodified_since(client: FlaskClient, path: str) -> None:
    """An answer that has changed since is refused; a tag and a date that is none count more."""
    modified = _asked(client, path).headers["Last-Modified"]
    for date, status in ((OLD, 412), (modified, 200), (FAR, 200), ("yesterday", 200)):
        assert _asked(client, path, **{"If-Unmodified-Since": date}).status_code == status
    far = {"If-Unmodified-Since": "Thu, 01 Jan 2099 00:00:00 +99999999999999"}
    assert _asked(client, path, **far).status_code == 200
    with_tag = {"If-Unmodified-Since": OLD, "If-Match": "*"}
    assert _asked(client, path, **with_tag).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", DATED)
def test_if_modified_since(client: FlaskClient, path: str, method: str) -> None:
    """What has not changed since is 304; a tag counts more, and what is no date nothing."""
    modified = _asked(client, path).headers["Last-Modified"]
    for date, status in ((OLD, 200), (modified, 304), (FAR, 304), ("yesterday", 200)):
        answer = client.open(path, method=method, headers={"If-Modified-Since": date})
        assert (answer.status_code, "Content-Length" in answer.headers) == (status, status == 200)
        answer.close()
    with_tag = {"If-Modified-Since": FAR, "If-None-Match": '"x"'}
    assert _asked(client, path, **with_tag).status_code == 200


def test_dates_say_nothing_of_what_has_none(client: FlaskClient) -> None:
    """A download has no date, so no date makes it known or refuses it."""
    path = _path(client, DUMP)
    assert "Last-Modified" not in _asked(client, path).headers
    for name, date in (("If-Modified-Since", FAR), ("If-Unmodified-Since", OLD)):
        assert _asked(client, path, **{name: date}).status_code == 200


@pytest.mark.parametrize("path", TAGGED)
def test_if_none_match(client: FlaskClient, path: str) -> None:
    """Tags are compared weakly, `*` is any, and nothing of the answer comes with 304."""
    path = _path(client, path)
    tag = _asked(client, path).headers["ETag"]
    weak = f"W/{tag.removeprefix('W/')}"
    for known in (tag, weak, f'"x", {tag}', f'{tag},W/"x"', "*", " * "):
        answer = _asked(client, path, **{"If-None-Match": known})
        assert (answer.status_code, answer.data) == (304, b""), known
        assert answer.headers["ETag"] == tag
    for other in ('"x"', tag.replace('"', ""), "", '"*"'):
        assert _asked(client, path, **{"If-None-Match": other}).status_code == 200, other
    assert _asked(client, path, **{"If-Match": " * "}).status_code == 200


def test_answers_without_a_tag(client: FlaskClient) -> None:
    """An answer that is another one each time is there, but nobody has it already."""
    path = query_path("SELECT (NOW() AS ?now) {}")
    assert "ETag" not in _asked(client, path).headers
    for name, value, status in (
        ("If-Match", "*", 200),
        ("If-Match", '"x"', 412),
        ("If-Match", '""', 412),
        ("If-None-Match", "*", 200),
        ("If-None-Match", '""', 200),
    ):
        assert _asked(client, path, **{name: value}).status_code == status, (name, value)


def test_conditions_are_about_success() -> None:
    """What would be no success stays what it is, and dates count for reading only."""
    for status in (303, 404, 410):
        for name, value in (("HTTP_IF_MATCH", '"x"'), ("HTTP_IF_NONE_MATCH", "*")):
            answer = Response("gone", status=status, headers={"ETag": '"a"'})
            environ = {name: value, "REQUEST_METHOD": "GET"}
            assert conditional(answer, environ).status_code == status
            assert answer.data == b"gone"
    for method, is_known in (("GET", True), ("HEAD", True), ("QUERY", False), ("POST", False)):
        asked = {"REQUEST_METHOD": method, "HTTP_IF_MODIFIED_SINCE": FAR}
        assert is_had(asked, None, OLD) is is_known


def test_no_condition_holds_for_what_is_not_there(client: FlaskClient) -> None:
    """Without a condition it would be 404, and so it is with one (section 13.2.1)."""
    for headers in ({"If-Match": "*"}, {"If-Match": '"x"'}, {"If-Unmodified-Since": OLD}):
        assert _asked(client, "/doc/none.ttl", **headers).status_code == 404
        assert _asked(client, "/static/none.css", **headers).status_code == 404


def test_parts_of_a_file_of_the_program(client: FlaskClient) -> None:
    """Conditions go before `Range`, and `If-Range` decides about it."""
    path = "/static/style.css"
    first = _asked(client, path)
    part = {"Range": "bytes=0-9"}
    for headers, status in (
        ({}, 206),
        ({"If-Match": "*"}, 206),
        ({"If-Match": '"x"'}, 412),
        ({"If-None-Match": first.headers["ETag"]}, 304),
        ({"If-Range": '"x"'}, 200),
        ({"If-Range": first.headers["ETag"]}, 206),
        ({"Range": "bytes=9999999-"}, 416),
    ):
        answer = _asked(client, path, **part | headers)
        assert answer.status_code == status, headers
        assert status != 206 or answer.data == first.data[:10]


@pytest.mark.parametrize("path", TAGGED)
def test_304_varies_like_200(client: FlaskClient, path: str) -> None:
    """A cache learns the same from both (RFC 9110, section 15.4.5)."""
    path = _path(client, path)
    whole = _asked(client, path)
    had = _asked(client, path, **{"If-None-Match": whole.headers["ETag"]})
    assert had.status_code == 304
    assert had.headers.get("Vary") == whole.headers.get("Vary")


def test_lists_of_tags_are_read_at_once() -> None:
    """However a list is written, its length alone decides how long it takes."""
    began = time.perf_counter()
    for piece in (b'"x,', b'"', b"W/", b'"x" ', b"x,", b'W/"'):
        assert not is_among(b"a", piece * (400_000 // len(piece)))
    assert time.perf_counter() - began < 2


def test_a_long_list_of_tags_holds_nobody_up(client: FlaskClient) -> None:
    """A request with one is answered like any other."""
    began = time.perf_counter()
    for name in ("If-Match", "If-None-Match"):
        answer = _asked(client, "/doc/1.ttl", **{name: '"x,' * 20_000})
        assert answer.status_code == (412 if name == "If-Match" else 200)
    assert time.perf_counter() - began < 1
