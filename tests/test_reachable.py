"""Tests of the warning for things whose address does not lead to them."""

from pathlib import Path
from urllib.parse import quote

from metropole import publish
from metropole.cli.new_site import write_new_site
from metropole.report import Finding, Severity
from metropole.settings import load
from sites import BASE, of_rule, write_site
from web_site import client_of

RULE = "address-unreachable"
#: Subjects that nobody could look up, with a part of the reason.
LOST = {
    "id/x?y": "is a query",
    "id/x#y": "is not sent",
    "id/%C3%A9": f"the server takes it for <{BASE}id/é>",
    "id/%c3%bc": f"the server takes it for <{BASE}id/%C3%BC>",
    "id/%61": f"the server takes it for <{BASE}id/a>",
    "id/%2e%2e/x": "take '.' and '..' out",
    "id": "nothing there",
    "id/": "has no name",
    "doc/x": "that of a document",
    "city/x": "nothing there",
    "#x": "nothing there",
}
#: Subjects that the server leads to their document, or that it serves itself.
FOUND = (
    *("id/é", "id/x", "id/%C3%BC", "id/a%2Cb", "id/a,c", "id/a%2Fb", "id/a%20b", "id/a.b./c.ttl"),
    *("id/%E2%82%AC", "ns#p", "ns", "shapes#s", "", ".well-known/void#dataset", "sparql", "ldes"),
    *("dumps/latest/dataset.nt.gz", "queries/a", "data?graph=x", "events.ics", "catalog"),
)


def found(root: Path, *names: str) -> list[Finding]:
    """Check a site that says something of each of some things, one on a line."""
    lines = "".join(f"<{BASE}{name}> <urn:p> 1 .\n" for name in names)
    _, report = publish.check(write_site(root, {"data/a.nt": lines.replace(" 1 ", ' "1" ')}))
    return of_rule(report.findings, RULE)


def test_thing_that_cannot_be_looked_up_is_told(tmp_path: Path) -> None:
    """Each has a warning with its line and a remedy; what can be looked up has none."""
    told = found(tmp_path, *FOUND, *LOST)

    assert [each.focus for each in told] == [f"<{BASE}{name}>" for name in LOST]
    assert [each.line for each in told] == list(range(len(FOUND) + 1, len(FOUND) + len(LOST) + 1))
    assert all(each.severity is Severity.WARNING and each.remedy for each in told)
    assert [
        words for each, words in zip(told, LOST.values(), strict=True) if words not in each.message
    ] == []


def test_server_answers_as_check_says(tmp_path: Path) -> None:
    """Of what is told nobody gets a document that speaks of it; of the others everybody does."""
    names = [name for name in (*FOUND, *LOST) if name.startswith("id/")]
    lines = "".join(f'<{BASE}{name}> <urn:p> "1" .\n' for name in names)
    write_site(tmp_path, {"data/a.nt": lines})
    with client_of(tmp_path) as client:
        for name in names:
            address = quote(f"/{name}", safe="/%,?#")
            sent = address.partition("#")[0].replace("%2e%2e/", "../")
            got = client.get(
                sent, headers={"Accept": "application/n-triples"}, follow_redirects=True
            )
            assert (f"<{BASE}{name}> <urn:p> " in got.text) == (name not in LOST), name


def test_many_things_that_cannot_be_looked_up_end_in_a_number(tmp_path: Path) -> None:
    """After twenty in one file the rest is told as a number."""
    told = found(tmp_path, *(f"thing/{number}" for number in range(30)))

    assert len(told) == 21
    assert told[-1].message.startswith("10 more things")


def test_starting_site_has_only_things_that_can_be_looked_up(tmp_path: Path) -> None:
    """The first site of a newcomer has no such warning."""
    write_new_site(tmp_path / "site")
    _, report = publish.check(load(tmp_path / "site"))

    assert not of_rule(report.findings, RULE)
