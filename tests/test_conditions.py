"""Tests of conditional requests (RFC 9110, section 13), alike wherever an answer comes from."""

import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from metropole.web.conditions import is_among
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
