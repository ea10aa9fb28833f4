"""The examination of a site from outside: what is healthy is fine, each broken promise is told."""

import json
from pathlib import Path

import pytest

from doctor_site import BASE, THING, healthy_site
from metropole import doctor, publish
from metropole.doctor import Verdict
from metropole.settings import load
from processes import run, serving
from web_site import hard_files, write_site

V, W, N = Verdict.VIOLATION, Verdict.WARNING, Verdict.NOTE
#: What is broken, the check that tells it, how bad it is, and what is said of it.
BROKEN = [
    ("302", "thing-leads", W, "302"),
    ("loop", "thing-leads", V, "no end of redirects"),
    ("location", "location-here", V, "http://localhost:1/doc/"),
    ("letters", "location-ascii", V, "\\xc5"),
    ("absent is found", "absent-is-404", V, "Asked for text/html"),
    ("accept", "accept-obeyed", V, "text/html;q=0.3"),
    ("500", "accept-obeyed", V, "500"),
    ("no N-Quads", "accept-obeyed", N, "application/n-quads is not offered"),
    ("*/*", "any-is-rdf", N, "text/html"),
    ("syntax", "well-formed", V, "text/turtle: "),
    ("not about it", "well-formed", V, "does not hold the thing"),
    ("another graph", "same-graph", W, "text/turtle says something else"),
    ("vary", "vary-accept", V, "without `Vary: Accept`"),
    ("no vary of rows", "vary-accept", V, "Answers in several formats"),
    ("no tags", "etag", W, "no `ETag`"),
    ("304", "etag", W, "If-None-Match"),
    ("tags", "etag-per-format", V, "the same"),
    ("head", "head", V, "405"),
    ("cors", "cors", W, "missing"),
    ("gzip", "compressed", V, "twice"),
    ("vary by coding", "compressed", V, "Vary: Accept-Encoding"),
    ("alternates", "alternates", W, "none"),
    ("page fails", "pages-answer", V, "/fails is answered with 500"),
    ("dead link", "pages-answer", W, "/nowhere is answered with 404"),
    ("foreign", "pages-load-here", N, "https://elsewhere.example/look.css"),
    ("always JSON", "result-formats", V, "Asked for XML"),
    ("no XML", "result-formats", N, "XML is not offered"),
    ("empty", "result-formats", V, "does not hold the row"),
    ("charset", "query-by-post", V, "charset=utf-8"),
    ("first type", "applicable-format", V, "CONSTRUCT"),
    ("unknown", "unknown-parameters", V, "400"),
    ("mistakes", "syntax-is-400", V, "200"),
    ("undescribed", "service-description", W, "http://localhost/sparql"),
    ("update", "no-update", V, "204"),
    ("fetches", "no-fetching", V, "made the server ask http://127.0.0.1"),
    ("options", "preflight", W, "405"),
    ("no void", "void", W, "none"),
    ("no things", "things-found", N, "No thing was found"),
    ("dump gone", "links-answer", V, "404"),
    ("robots", "robots", W, "keeps crawlers from"),
    ("sitemap", "sitemap", W, "https://elsewhere.example/"),
    ("doctype", "sitemap", W, "document type"),
    ("no licence", "catalogue", W, "dct:license"),
    ("no catalogue", "catalogue", N, "No catalogue"),
    ("endless", "catalogue-ends", V, "leads to this one"),
    ("sum", "download-as-described", V, "Its sha256 is"),
    ("size", "download-as-described", V, "not 7"),
]


def _told(found: doctor.Examination) -> list[tuple[str, Verdict, str]]:
    return [(seen.check.name, seen.verdict, seen.message) for seen in found.observations]


def _not_fine(found: doctor.Examination) -> list[tuple[str, Verdict, str]]:
    return [told for told in _told(found) if told[1] is not Verdict.FINE]


def test_a_healthy_site_is_fine_whoever_made_it() -> None:
    """Nothing is told of a site that keeps all promises, and every check was made."""
    with healthy_site() as site:
        found = doctor.examine(site.address)
    assert _not_fine(found) == []
    assert found.base == BASE
    made = {seen.check.name for seen in found.observations}
    under_siege = {"long-query-is-told", "others-are-answered"}
    assert made == {check.name for check in doctor.CHECKS} - {"answers"} - under_siege
    assert THING in found.observations[0].message


@pytest.mark.parametrize(("broken", "check", "verdict", "said"), BROKEN, ids=str)
def test_each_broken_promise_is_told(broken: str, check: str, verdict: Verdict, said: str) -> None:
    """One fault is told by the check that is about it, and as nothing worse by others."""
    with healthy_site(broken) as site:
        found = doctor.examine(site.address, base=BASE if broken == "no void" else "")
    bad = [told for told in _not_fine(found) if told[0] == check]
    assert bad, _not_fine(found)
    assert all(told[1] is verdict for told in bad), bad
    assert any(said in told[2] for told in bad), bad


@pytest.mark.parametrize(
    ("broken", "wanted"),
    [
        ("", []),
        ("cut", [("long-query-is-told", "200 application/sparql-results+json")]),
        ("stalls", [("others-are-answered", "no whole answer within 1 seconds")]),
    ],
)
def test_queries_without_an_end_are_asked_when_that_is_wanted(
    broken: str, wanted: list[tuple[str, str]]
) -> None:
    """An answer to them is no answer, and others must not wait for them."""
    with healthy_site(broken) as site:
        found = doctor.examine(site.address, seconds=1, is_hostile=True)
    bad = _not_fine(found)
    assert [(name, verdict) for name, verdict, _ in bad] == [(name, V) for name, _ in wanted]
    assert all(said in told[2] for told, (_, said) in zip(bad, wanted, strict=True)), bad
    made = {seen.check.name for seen in found.observations}
    assert {"long-query-is-told", "others-are-answered"} <= made


def test_what_does_not_answer_in_time_is_told_and_the_rest_is_looked_at() -> None:
    """One address that hangs is a violation; it keeps nothing else from being examined."""
    with healthy_site("silent") as site:
        found = doctor.examine(site.address, seconds=1)
    (told,) = _not_fine(found)
    assert told[:2] == ("answers", V)
    assert "/robots.txt: no whole answer within 1 seconds" in told[2]
    assert any(name == "links-answer" for name, _, _ in _told(found))


def test_a_site_of_metropole_is_healthy(tmp_path: Path) -> None:
    """What Metropole serves keeps every promise, for things with any name; even under siege."""
    more = 'licence = "https://creativecommons.org/licenses/by/4.0/"\npublisher = "We"'
    limits = "query_timeout_seconds = 1\nclient_seconds_per_minute = 1000"
    site = write_site(tmp_path, hard_files(), limits=limits, more=more)
    publish.build(load(site))
    named = [
        f"--thing={name}" for name in ("id/x/Šiauliai-ėžys-ā-ś", "id/x/O'Higgins", "id/nested")
    ]
    with serving(site) as server:
        address = f"http://127.0.0.1:{server.port}"
        told = run("doctor", address, "--format", "json", "--strict", "--hostile", *named)
    found = json.loads(told.stdout)
    bad = [each for each in found["observations"] if each["verdict"] in ("violation", "warning")]
    assert [f"{each['address']}: {each['message']}" for each in bad] == []
    assert told.exit_code == 0
    assert found["base"] == "https://t.example/"
    assert found["summary"]["fine"] > 100


def test_the_text_has_a_line_for_each_check_with_what_to_do() -> None:
    """A fault is told with its address, a remedy and who demands it; the exit code is 1."""
    with healthy_site("gzip") as site:
        told = run("doctor", site.address)
        assert told.exit_code == 1
        lines = told.stdout.splitlines()
        assert lines[0] == f"{BASE} (asked at {site.address})"
        bad = [place for place, line in enumerate(lines) if line.startswith("violation")]
        assert len(bad) == 1
        assert "[compressed]" in lines[bad[0]]
        assert site.address in lines[bad[0] + 1]
        assert "remedy: " in lines[bad[0] + 2]
        assert "see: RFC 9110" in "".join(lines[bad[0] + 3 : bad[0] + 6])
        assert lines[-1].startswith("1 violation, 0 warnings, 0 notes, ")


def test_warnings_count_when_strict() -> None:
    """With --strict a warning is enough for exit code 1."""
    with healthy_site("cors") as site:
        assert run("doctor", site.address).exit_code == 0
        assert run("doctor", site.address, "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9/", "Nothing answers"),
        ("graph.example.org", "is no address of a site"),
        ("http:///", "is no address of a site"),
    ],
)
def test_where_nothing_can_be_examined_is_wrong_use(address: str, said: str) -> None:
    """An address where nothing is, or that is none, ends with 2 and says so."""
    told = run("doctor", address)
    assert told.exit_code == 2
    assert said in told.output
