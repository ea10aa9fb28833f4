"""Tests of what the front keeps and reads by itself: answers, their variants, and bodies."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from metropole.settings import Limits
from metropole.web.front import request_body
from metropole.web.front.answer_cache import AnswerCache, Target
from metropole.web.front.answers import Answer, is_keepable, vary_of
from metropole.web.front.bridge import Headers
from metropole.web.front.request_body import ClientLeft, RequestBodies
from metropole.web.requests.exchange import Exchange
from metropole.web.requests.problems import Problem

ACCEPT, LANGUAGE, CODING = b"accept", b"accept-language", b"accept-encoding"
#: Bodies that are so long that four of them, with all that is around them, do not fit in MOST.
LENGTH, MOST = 30_000, 100_000


def target(name: str) -> Target:
    """Name what is asked for."""
    return ("GET", f"/{name}".encode(), b"", b"")


def answer(text: str, *, vary: bytes = b"Accept", length: int = LENGTH) -> Answer:
    """Give an answer that can be told from others by how its body begins."""
    return Answer(200, [(b"vary", vary)], text.encode().ljust(length), Exchange())


def kept(cache: AnswerCache, *names: str, release: str = "r") -> list[str]:
    """List those of some targets whose answer is kept; to look counts as asking."""
    return [name for name in names if cache.find(release, target(name), {}) is not None]


def test_what_was_not_asked_for_longest_goes_first() -> None:
    """A full cache forgets what nobody has wanted for longest, not what was kept first."""
    cache = AnswerCache(MOST)
    for name in "abc":
        cache.keep("r", target(name), {}, answer(name))
    assert kept(cache, "a") == ["a"]
    before = cache.bytes
    cache.keep("r", target("d"), {}, answer("d"))

    assert cache.bytes == before <= MOST
    assert kept(cache, *"abcd") == ["a", "c", "d"]
    # One that takes the room of two drives out two.
    cache.keep("r", target("e"), {}, answer("e", length=2 * LENGTH))
    assert kept(cache, *"abcde") == ["d", "e"]


def test_answer_that_never_fits_displaces_nothing() -> None:
    """What is longer than the whole cache is not kept, and all else stays."""
    cache = AnswerCache(MOST)
    cache.keep("r", target("a"), {}, answer("a"))
    before = cache.bytes
    cache.keep("r", target("b"), {}, answer("b", length=MOST))
    assert kept(cache, "a", "b") == ["a"]
    assert cache.bytes == before
    # What fits exactly is kept.
    exact = AnswerCache(before)
    exact.keep("r", target("a"), {}, answer("a"))
    assert kept(exact, "a") == ["a"]
    assert exact.bytes == before
    assert AnswerCache(1).is_on
    assert not AnswerCache(0).is_on


def test_size_counts_all_that_is_held() -> None:
    """Long addresses, queries and headers take room like bodies do."""
    sizes = []
    for path, query, headers in (
        (b"/", b"", []),
        (b"/" + b"x" * 1000, b"", []),
        (b"/", b"x" * 1000, []),
        (b"/", b"", [(b"link", b"x" * 1000)]),
        (b"/", b"", [(b"x" * 1000, b"link")]),
    ):
        cache = AnswerCache(MOST)
        cache.keep("r", ("GET", path, query, b""), {}, Answer(200, headers, b"", Exchange()))
        sizes.append(cache.bytes)
    assert sizes[0] > 1000  # the objects that hold it
    assert [size - sizes[0] for size in sizes[1:]] == [1000, 1000, 1004, 1004]


def test_variants_are_found_by_what_they_vary_by() -> None:
    """An answer is for requests whose headers are equal where it varies (RFC 9111, 4.1)."""
    cache = AnswerCache(MOST)
    turtle, page = {ACCEPT: b"text/turtle", CODING: b"gzip"}, {ACCEPT: b"text/html"}
    cache.keep("r", target("a"), turtle, first := answer("1"))
    cache.keep("r", target("a"), page, second := answer("2"))

    assert cache.find("r", target("a"), {**turtle, CODING: b"br"}) is first
    assert cache.find("r", target("a"), page) is second
    assert cache.find("r", target("a"), {ACCEPT: b"image/png"}) is None
    assert cache.find("r", target("a"), {}) is None
    assert cache.find("r", target("b"), page) is None


def test_answers_that_vary_by_more_are_told_apart() -> None:
    """When one answer of an address turns out to vary by language, none is given in another."""
    cache = AnswerCache(MOST)
    turtle = {ACCEPT: b"text/turtle", LANGUAGE: b"lt"}
    page = {ACCEPT: b"text/html", LANGUAGE: b"lt"}
    cache.keep("r", target("a"), turtle, answer("1"))
    cache.keep("r", target("b"), turtle, other := answer("other"))
    cache.keep("r", target("a"), page, lithuanian := answer("2", vary=b"accept, Accept-Language"))
    assert cache.find("r", target("a"), page) is lithuanian
    assert cache.find("r", target("a"), {**page, LANGUAGE: b"pl"}) is None
    # It was kept without its language, so nobody knows for whom it is.
    assert cache.find("r", target("a"), turtle) is None
    assert cache.find("r", target("b"), turtle) is other

    # One that varies by less is kept by all that the others vary by, and they stay.
    cache.keep("r", target("a"), turtle, again := answer("3"))
    assert cache.find("r", target("a"), turtle) is again
    assert cache.find("r", target("a"), {**turtle, LANGUAGE: b"pl"}) is None
    assert cache.find("r", target("a"), page) is lithuanian


def test_answer_that_is_kept_again_takes_its_room_once() -> None:
    """The later answer to one request takes the place of the earlier one."""
    cache = AnswerCache(MOST)
    cache.keep("r", target("a"), {}, answer("1"))
    before = cache.bytes
    for _ in range(5):
        cache.keep("r", target("a"), {}, latest := answer("2"))
    cache.keep("r", target("b"), {}, answer("b"))

    assert cache.bytes == 2 * before
    assert cache.find("r", target("a"), {}) is latest
    assert kept(cache, "a", "b") == ["a", "b"]


def test_another_release_begins_empty() -> None:
    """With the first request or answer of another release all that was kept is forgotten."""
    cache = AnswerCache(MOST)
    cache.keep("r", target("a"), {}, answer("a"))
    assert kept(cache, "a", release="s") == []
    assert (cache.bytes, cache._vary) == (0, {})
    assert kept(cache, "a", release="r") == []

    cache.keep("r", target("a"), {}, answer("a"))
    cache.keep("s", target("b"), {}, answer("b"))
    assert cache.bytes == answer("b").size + len(b"/b")
    assert kept(cache, "a", "b", release="s") == ["b"]


def test_nothing_is_left_of_what_is_forgotten() -> None:
    """However many addresses are asked for, what is noted of them is bounded like the answers."""
    cache = AnswerCache(MOST)
    for number in range(50):
        for accept in (b"text/turtle", b"text/html"):
            cache.keep("r", target(str(number)), {ACCEPT: accept}, answer("x"))

    assert len(cache._vary) == 2
    assert sum(count for _, count in cache._vary.values()) == len(cache._answers) == 3


KEPT = [(b"etag", b'"r-1"'), (b"vary", b"Accept")]


@pytest.mark.parametrize(
    ("method", "status", "headers", "keep", "is_kept"),
    [
        ("GET", 200, KEPT, False, True),
        ("HEAD", 200, KEPT, False, True),
        ("POST", 200, KEPT, False, False),
        ("POST", 200, KEPT, True, True),
        ("GET", 200, [], False, False),
        ("GET", 200, [], True, True),
        *(("GET", status, KEPT, True, False) for status in (203, 206, 303, 404, 500)),
        ("GET", 200, [*KEPT, (b"cache-control", b"private, no-store")], True, False),
        ("GET", 200, [*KEPT, (b"cache-control", b"no-cache")], True, True),
        ("GET", 200, [*KEPT, (b"accept-ranges", b"bytes")], True, False),
        ("GET", 200, [*KEPT, (b"content-range", b"bytes 0-1/2")], True, False),
        ("GET", 200, [*KEPT, (b"set-cookie", b"a=b")], True, False),
        ("GET", 200, [*KEPT, (b"vary", b"Origin , *")], True, False),
    ],
)
def test_what_may_be_kept(
    method: str, status: int, headers: Headers, *, keep: bool, is_kept: bool
) -> None:
    """Only whole answers that the release alone decides are given to anybody else."""
    assert is_keepable(method, status, headers, Exchange(keep=keep)) is is_kept


@pytest.mark.parametrize(
    ("header", "is_of"),
    [
        ((b"etag", b'"abc-ttl"'), True),
        ((b"etag", b'W/"abc-ttl"'), True),
        ((b"metropole-release", b"abc"), True),
        ((b"etag", b'"abcd-ttl"'), False),
        ((b"etag", b"abc-ttl"), False),
        ((b"metropole-release", b"abcd"), False),
        ((b"link", b"abc"), False),
        ((b"link", b'"abc-ttl"'), False),
    ],
)
def test_answers_say_of_which_release_they_are(header: tuple[bytes, bytes], *, is_of: bool) -> None:
    """What was made while the pointer moved is not taken for the new release."""
    told: Headers = [(b"vary", b"Accept"), header]
    assert Answer(200, told, b"", Exchange()).is_of("abc") is is_of


def test_answer_is_given_on_without_what_was_of_one_client() -> None:
    """Ids, times and waits belong to one response; a date is that of each (RFC 9110, 6.6.1)."""
    common: Headers = [(b"etag", b'"r-1"'), (b"vary", b"Accept")]
    own = [(name, b"1") for name in (b"request-id", b"server-timing", b"date", b"retry-after")]

    assert Answer.of(200, [*own, *common], b"", Exchange()).headers == common


def test_headers_of_304() -> None:
    """Those of RFC 9110, section 15.4.5, and what lets scripts read them; no more."""
    said = (
        "cache-control content-location etag expires vary "
        "access-control-allow-origin access-control-expose-headers"
    )
    wanted = said.split()
    others = ("content-type", "content-encoding", "content-length", "last-modified", "link")
    told: Headers = [(name.encode(), b"1") for name in (*others, *wanted)]

    found = Answer(200, told, b"x", Exchange()).short_headers

    assert found == [(name.encode(), b"1") for name in wanted]


def test_headers_that_an_answer_varies_by() -> None:
    """They may be in several lines, in any letters and with gaps between them."""
    told = [(b"etag", b'"r"'), (b"vary", b" Accept , , accept-LANGUAGE,,"), (b"vary", b"Accept")]
    assert vary_of(told) == (ACCEPT, LANGUAGE)


@pytest.mark.parametrize(
    ("status", "tag", "is_known"),
    [(200, b'"r-1"', True), (200, b'W/"r-1"', True), (404, b'"r-1"', False), (200, b"r-1", False)],
)
def test_tags_of_answers(status: int, tag: bytes, *, is_known: bool) -> None:
    """Only what would be a success is told to be known (RFC 9110, section 13.2.1)."""
    found = Answer(status, [(b"vary", b'"x"'), (b"etag", tag)], b"", Exchange())
    assert found.is_known(b'"x", "r-1"') is is_known
    assert found.is_known(b"*") is is_known
    assert not found.is_known(b'"x"')
    assert not Answer(200, [], b"", Exchange()).is_known(b"*")


@pytest.mark.parametrize(
    ("status", "name", "is_new"),
    [(200, b"last-modified", True), (404, b"last-modified", False), (200, b"expires", False)],
)
def test_dates_of_answers(status: int, name: bytes, *, is_new: bool) -> None:
    """A date tells that an answer is as it was, when it is that of its last change."""
    date = b"Thu, 01 Jan 2004 00:00:00 GMT"
    found = Answer(status, [(name, date)], b"", Exchange())
    assert found.is_as_new(date) is is_new
    assert not found.is_as_new(date.replace(b"2004", b"2003"))


# Bodies of requests

Message = dict[str, Any]
CHUNKED = [(b"transfer-encoding", b"chunked")]


def pieces(*bodies: bytes, ends: bool = True) -> Callable[[], Awaitable[Message]]:
    """Give a body in pieces; without its end the client leaves."""
    waiting: list[Message] = [
        {"type": "http.request", "body": body, "more_body": True} for body in bodies
    ]
    if bodies and ends:
        del waiting[-1]["more_body"]  # which is how ASGI may say that nothing follows
    waiting.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return waiting.pop(0)

    return receive


def read(
    bodies: RequestBodies,
    receive: Callable[[], Awaitable[Message]],
    headers: Headers,
    *,
    method: str = "POST",
    version: str = "1.1",
) -> bytes:
    """Read a body."""
    scope = {"http_version": version, "method": method, "headers": headers}
    return asyncio.run(bodies.read(scope, receive))


@pytest.mark.parametrize(
    ("method", "version", "headers", "is_read"),
    [
        ("POST", "1.1", [], False),
        ("POST", "1.1", [(b"content-length", b"0")], False),
        ("POST", "1.1", [(b"content-length", b"2")], True),
        ("POST", "1.1", CHUNKED, True),
        ("POST", "1.1", [(b"content-length", b"0"), *CHUNKED], True),
        ("GET", "1.1", [(b"content-length", b"2")], True),
        ("GET", "1.1", CHUNKED, True),
        ("POST", "2", [], True),
        ("QUERY", "2", [], True),
        ("GET", "2", [], False),
        ("HEAD", "2", [], False),
        ("GET", "2", [(b"content-length", b"2"), (b"host", b"t.example")], True),
    ],
)
def test_where_there_is_a_body(
    method: str, version: str, headers: Headers, *, is_read: bool
) -> None:
    """The headers tell whether a body comes (RFC 9112, section 6.3; RFC 9113, section 8.1.1)."""
    bodies = RequestBodies(Limits())
    found = read(bodies, pieces(b"a", b"b"), headers, method=method, version=version)
    assert found == (b"ab" if is_read else b"")


def test_bodies_are_as_long_as_the_limit_at_most() -> None:
    """A body of the length that is allowed is read, one byte more is 413, whatever announced it."""
    bodies = RequestBodies(Limits(request_body_bytes=1000))
    for length, headers in ((b"1000", None), (b"1001", None), (b"", CHUNKED)):
        told = headers or [(b"content-length", length)]
        if length != b"1001":
            assert read(bodies, pieces(b"x" * 999, b"x"), told) == b"x" * 1000
        if length != b"1000":
            # What is announced as too long is not waited for.
            body = pieces() if length else pieces(b"x" * 999, b"xx")
            with pytest.raises(Problem) as refused:
                read(bodies, body, told)
            assert (refused.value.status, refused.value.headers) == (413, {"Connection": "close"})
            assert refused.value.detail == "A request body may have 1000 bytes."


@pytest.mark.parametrize("how", ["long", "left", "late", "whole"])
def test_room_of_a_body_is_given_back(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever came of a body, what it held is free for others afterwards."""
    monkeypatch.setattr(request_body, "_ROOM_BYTES", 1000)
    bodies = RequestBodies(Limits(request_body_bytes=1000, request_body_seconds=1))
    begun, whole = pieces(b"x" * 1000, ends=False), pieces(b"x" * 1000)
    ends: dict[str, Callable[[], Awaitable[Message]]] = {
        "long": pieces(b"x" * 1000, b"x"),
        "left": begun,
        "late": _after(begun, asyncio.Event),
        "whole": whole,
    }
    if how == "left":
        with pytest.raises(ClientLeft):
            read(bodies, ends[how], CHUNKED)
    elif how != "whole":
        with pytest.raises(Problem) as refused:
            read(bodies, ends[how], CHUNKED)
        assert refused.value.status == {"long": 413, "late": 408}[how]
        assert refused.value.headers == {"Connection": "close"}
        assert how == "long" or refused.value.detail == "Its body must be here within 1 seconds."
    else:
        assert read(bodies, ends[how], CHUNKED) == b"x" * 1000

    assert read(bodies, pieces(b"x" * 1000), CHUNKED) == b"x" * 1000


def test_room_of_all_bodies_is_used_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that fill the room exactly are read; one byte more is 503, and when to come again."""
    monkeypatch.setattr(request_body, "_ROOM_BYTES", 1000)
    for length in (600, 601):
        bodies = RequestBodies(Limits())

        async def meanwhile(length: int = length, bodies: RequestBodies = bodies) -> bytes:
            scope = {"http_version": "1.1", "method": "POST", "headers": CHUNKED}
            event = asyncio.Event()
            other = asyncio.create_task(
                bodies.read(scope, _after(pieces(b"x" * 400, ends=False), lambda: event))
            )
            await asyncio.sleep(0)
            try:
                return await bodies.read(scope, pieces(b"y" * length))
            finally:
                other.cancel()

        if length == 600:
            assert asyncio.run(meanwhile()) == b"y" * length
        else:
            with pytest.raises(Problem) as refused:
                asyncio.run(meanwhile())
            assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})


def _after(
    first: Callable[[], Awaitable[Message]], event: Callable[[], asyncio.Event]
) -> Callable[[], Awaitable[Message]]:
    """Give one piece of a body; the next comes when something has happened."""
    given: list[Message] = []

    async def receive() -> Message:
        if given:
            await event().wait()
        given.append(await first())
        return given[-1]

    return receive
