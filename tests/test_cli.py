import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metropole.cli.heard import tell
from metropole.cli.progress import shown_progress
from metropole.cli.report_output import FORMATS
from metropole.cli.serving import _tell_when_open
from metropole.report import Finding, Report, Severity
from processes import (
    SETTINGS,
    THING,
    command,
    descendants,
    environment,
    is_alive,
    metropole,
    run,
    turtle,
    wait_until,
    write,
    write_site,
)

COMMANDS = (
    "check",
    "build",
    "serve",
    "query",
    "get",
    "new",
    "releases",
    "diff",
    "activate",
    "prune",
    "describe",
)
VIOLATION = f"{THING} a :Thing .\n{THING} a :Thimg .\n"
WARNING = "# holds no statement\n"
QUERY = "SELECT ?l { ?s a <ns#Thing> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }\n"
#: A finding with everything that has to be escaped somewhere.
ODD = Finding(
    Severity.WARNING,
    "odd:rule,50%3A",
    'first, 50%0A:\nsecond "quoted"',
    file="data/odd, 50%2C: ž.ttl",
    line=3,
    column=7,
    remedy="Mend\r\nit.",
)


def shorten(text: str) -> str:
    """Leave terms as they are."""
    return text


def written(name: str, root: Path, *findings: Finding) -> str:
    """Write a report in one of the formats of `check`."""
    return FORMATS[name](Report.of(findings), shorten, root)


def two_releases(site: Path) -> list[str]:
    """Build a site twice, with other data, and give both ids; the second is current."""
    ids = []
    for label in ("first", "second"):
        write(site / "data/things.ttl", turtle(f'{THING} a :Thing ; rdfs:label "{label}" .\n'))
        told = run("build", site)
        assert told.exit_code == 0, told.stderr
        ids.append(told.stdout.split()[1])
    return ids


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command(name: str) -> None:
    """`--help` and `-h` tell what a command does and what it takes, and end with 0."""
    told = run(name, "--help")

    assert told.exit_code == 0
    assert told.stdout.startswith(f"Usage: metropole {name} ")
    assert told.stderr == ""
    assert told.stdout == run(name, "-h").stdout


def test_help_lists_the_commands() -> None:
    """`metropole --help` lists every command with a line that is not cut."""
    told = metropole("--help")

    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w.*[^.]\.$", told.stdout, re.MULTILINE), name


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("publish",),
        ("check", "--format", "xml"),
        ("check", "nowhere"),
        ("check", "--strictly"),
        ("build", "--texts", "nowhere"),
        ("get",),
        ("get", "a", "b", "c"),
        ("get", ".", "doc/x"),
        ("serve", "--port", "many"),
        ("query", "nowhere.rq"),
        ("new",),
    ],
)
def test_wrong_use_ends_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A wrong command, option, folder or argument ends with 2, and says so on standard error."""
    told = run(*words, cwd=tmp_path)

    assert told.exit_code == 2
    assert "Usage: " in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("name", ["check", "build", "serve", "releases"])
def test_folder_that_is_no_site(tmp_path: Path, name: str) -> None:
    """In a folder without settings every command ends with 2 and says how to start a site."""
    told = run(name, cwd=tmp_path)

    assert told.exit_code == 2
    assert "metropole new" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("name", ["check", "build", "serve", "releases"])
def test_broken_settings_are_told_all_at_once(tmp_path: Path, name: str) -> None:
    """Every problem of the settings is told in one run, each on a line with the file."""
    write(tmp_path / "metropole.toml", 'titel = "T"\nbase = "x"\nlanguages = "en"\n')

    told = run(name, tmp_path)

    assert told.exit_code == 2
    lines = [line for line in told.stderr.splitlines() if "metropole.toml: " in line]
    assert len(lines) == 4
    for words in ("'titel'", "'title'", "'base'", "'languages'"):
        assert any(words in line for line in lines), words


def test_settings_that_are_not_toml(tmp_path: Path) -> None:
    """Settings that cannot be read name file and line as findings do, and no number of an error."""
    path = write(tmp_path / "metropole.toml", 'title = "T"\nbase = \n')
    syntax = run("check", tmp_path)
    path.write_bytes(b'title = "T"\nbase = "\xe9"\n')
    encoding = run("check", tmp_path)
    path.unlink()
    path.mkdir()
    folder = run("check", tmp_path)

    assert {told.exit_code for told in (syntax, encoding, folder)} == {2}
    assert "metropole.toml:2:8: cannot be read as TOML: Invalid value." in syntax.stderr
    assert "metropole.toml:2: cannot be read: " in encoding.stderr
    assert "Save the file as UTF-8." in encoding.stderr
    assert "metropole.toml: cannot be read: Is a directory." in folder.stderr


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (None, (), 0),
        (WARNING, (), 0),
        (WARNING, ("--strict",), 1),
        (VIOLATION, (), 1),
        (VIOLATION, ("--strict",), 1),
    ],
)
@pytest.mark.parametrize("name", ["check", "build"])
def test_exit_code_of_what_is_found(
    tmp_path: Path, name: str, data: str | None, options: tuple[str, ...], code: int
) -> None:
    """1 when violations are found, or with --strict warnings; else 0."""
    site = write_site(tmp_path)
    if data is not None:
        write(site / "data/more.ttl", turtle(data) if data is VIOLATION else data)

    told = run(name, site, *options)

    assert told.exit_code == code, told
    if code:
        assert "more.ttl" in told.stdout
    assert (site / "current").exists() is (name == "build" and not code)


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("data", [WARNING, VIOLATION])
def test_every_format_has_the_same_exit_code(tmp_path: Path, output: str, data: str) -> None:
    """The format of the report does not change the exit code, and each names file and line."""
    site = write_site(tmp_path)
    write(site / "data/more.ttl", turtle(data) if data is VIOLATION else data)

    told = run("check", site, "--format", output)

    assert told.exit_code == (1 if data is VIOLATION else 0)
    assert "data/more.ttl" in told.stdout
    assert told.stderr == ""


def test_text_names_line_reason_and_remedy(tmp_path: Path) -> None:
    """A finding reads: file and line, how bad, what, the rule; then focus and remedy."""
    site = write_site(tmp_path, more=VIOLATION)

    lines = metropole("check", "--format", "text", cwd=site).stdout.splitlines()

    assert lines[0].startswith("data/more.ttl:5: violation: ")
    assert lines[0].endswith(" [undeclared-term]")
    assert "Did you mean" in lines[2]
    assert lines[2].startswith("    remedy: ")
    assert lines[-1].startswith("1 violation, 0 warnings (")


def test_one_of_a_kind_is_told_in_the_singular(tmp_path: Path) -> None:
    """What was looked at is counted as people count: 1 statement, 2 statements."""
    site = write_site(tmp_path, one=f"{THING} a :Thing .\n")

    told = run("check", site).stdout

    assert "2 files, 3 statements in ontology/, 1 statement in data/)" in told


def test_json_is_whole_and_alone(tmp_path: Path) -> None:
    """Standard output of --format json is one JSON object that says what is found and counted."""
    site = write_site(tmp_path, more=VIOLATION)

    told = json.loads(metropole("check", site, "--format", "json").stdout)

    assert told["summary"] == {"violation": 1, "warning": 0, "info": 0}
    (finding,) = told["findings"]
    assert (finding["file"], finding["line"], finding["rule"]) == (
        "data/more.ttl",
        5,
        "undeclared-term",
    )
    assert finding["severity"] == "violation"


ANNOTATION = re.compile(
    r"::(?P<level>error|warning|notice) (?P<properties>[^\n]*?)::(?P<message>[^\n]*)\Z"
)


def unescaped(text: str, codes: dict[str, str]) -> str:
    """Read an escaped text as GitHub's runner does: `%25` last."""
    for code, character in codes.items():
        text = text.replace(code, character)
    return text.replace("%25", "%")


def test_github_escapes_what_ends_a_command(tmp_path: Path) -> None:
    """Line ends, %, colons and commas come through a workflow command as they were."""
    ends = {"%0D": "\r", "%0A": "\n"}

    found = ANNOTATION.match(written("github", Path(os.path.relpath(tmp_path)), ODD))

    assert found is not None
    pairs = (pair.split("=", 1) for pair in found["properties"].split(","))
    properties = {name: unescaped(value, {**ends, "%3A": ":", "%2C": ","}) for name, value in pairs}
    assert properties == {
        "title": ODD.rule,
        "file": os.path.relpath(tmp_path / ODD.file),
        "line": "3",
        "col": "7",
    }
    assert found["level"] == "warning"
    assert unescaped(found["message"], ends) == f"{ODD.message} {ODD.remedy}"


def test_github_says_nothing_of_a_sound_site(tmp_path: Path) -> None:
    """Without findings there is no workflow command."""
    told = run("check", write_site(tmp_path), "--format", "github")

    assert (told.exit_code, told.stdout.strip()) == (0, "")


def check_sarif(log: dict[str, Any]) -> list[dict[str, Any]]:
    """Check a log against SARIF 2.1.0 (sections 3.13, 3.14, 3.27 to 3.30) and give its results."""
    assert set(log) <= {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] == "metropole"
    assert re.fullmatch(r"\d+\.\d+.*", driver["version"])
    rules = [rule["id"] for rule in driver["rules"]]
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in driver["rules"])
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        check_sarif_result(result, rules)
    return list(run["results"])


def check_sarif_result(result: dict[str, Any], rules: list[str]) -> None:
    """Check one result: a rule that is declared, a level, a text, and places with relative URIs."""
    assert set(result) <= {"ruleId", "level", "message", "locations", "properties"}
    assert result["ruleId"] in rules
    assert result["level"] in ("none", "note", "warning", "error")
    assert result["message"]["text"]
    for location in result.get("locations", []):
        physical = location["physicalLocation"]
        uri = physical["artifactLocation"]["uri"]
        # RFC 3986: what is no URI character has to be escaped, a colon in the first segment too.
        assert re.fullmatch(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+", uri), uri
        region = physical.get("region", {"startLine": 1})
        assert set(region) <= {"startLine", "startColumn"}
        assert all(isinstance(number, int) and number >= 1 for number in region.values())


def test_sarif_of_a_site(tmp_path: Path) -> None:
    """--format sarif is SARIF 2.1.0 that names rule, level, file and line of each finding."""
    site = write_site(tmp_path, more=VIOLATION)
    write(site / "data/empty.ttl", WARNING)
    write(site / "data/notes.odt", "passed over")

    told = run("check", "--format", "sarif", cwd=site)

    results = check_sarif(json.loads(told.stdout))
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert [result["level"] for result in results] == ["error", "warning", "note"]
    assert places[0] == {
        "artifactLocation": {"uri": "data/more.ttl"},
        "region": {"startLine": 5},
    }
    assert told.exit_code == 1


@pytest.mark.parametrize("output", ["github", "sarif"])
def test_what_a_finding_is_about_is_told_to_programs(tmp_path: Path, output: str) -> None:
    """Focus, path and value stand below the message as people write them; SARIF has them whole too.

    A result of SHACL that is shown beside a line says nothing without them.
    """
    site = write_site(tmp_path)
    write(
        site / "shapes/thing.ttl",
        turtle(
            "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
            "<shapes#Thing> a sh:NodeShape ; sh:targetClass :Thing ;\n"
            "  sh:property [ sh:path rdfs:label ; sh:maxLength 0 ] .\n"
        ),
    )

    told = run("check", site, "--format", output).stdout

    terms = ("focus: <https://t.example/id/thing/a>", "path: rdfs:label", 'value: "a"')
    if output == "github":
        found = ANNOTATION.match(told.strip())
        assert found is not None
        message = unescaped(found["message"], {"%0D": "\r", "%0A": "\n"})
    else:
        (result,) = check_sarif(json.loads(told))
        message = result["message"]["text"]
        assert result["properties"] == {
            "focus": "<https://t.example/id/thing/a>",
            "path": "<http://www.w3.org/2000/01/rdf-schema#label>",
            "value": '"a"',
        }
    assert tuple(message.splitlines()[-3:]) == terms


def test_sarif_addresses_are_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file name with spaces, %, colons and letters of any script becomes a URI (RFC 3986)."""
    monkeypatch.chdir(tmp_path)

    (result,) = check_sarif(json.loads(written("sarif", Path(), ODD)))

    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "data/odd%2C%2050%252C%3A%20%C5%BE.ttl"
    assert physical["region"] == {"startLine": 3, "startColumn": 7}


def test_sarif_without_findings(tmp_path: Path) -> None:
    """A sound site gives a log with no result, which tells a scanner that all is mended."""
    told = run("check", write_site(tmp_path), "--format", "sarif")

    assert check_sarif(json.loads(told.stdout)) == []


def test_paths_are_relative_to_where_one_is(tmp_path: Path) -> None:
    """From another folder, paths lead from there to the file, in text and for GitHub."""
    site = write_site(tmp_path / "site", more=VIOLATION)
    (tmp_path / "other").mkdir()

    for words in ((site,), ("../site",)):
        for output in ("text", "github"):
            told = run("check", *words, "--format", output, cwd=tmp_path / "other")
            assert "../site/data/more.ttl" in told.stdout
            assert str(tmp_path) not in told.stdout


def test_build_tells_what_blocks(tmp_path: Path) -> None:
    """A build that is blocked tells the findings and that nothing was released."""
    site = write_site(tmp_path, more=VIOLATION)

    told = metropole("build", ".", cwd=site)

    assert told.stdout.startswith("data/more.ttl:5: violation: ")
    assert "nothing was released" in told.stderr


def test_what_only_a_release_tells_is_told_like_any_finding(tmp_path: Path) -> None:
    """A query without a row is a warning with its place, strict or not; what is current is told."""
    site = write_site(tmp_path)
    write(site / "queries/none.rq", "SELECT ?s { ?s a 7 }")
    warned = "queries/none.rq: warning: The query has no row on the new graph. [query-empty]\n"

    first = run("build", site, "--strict")
    let_through = run("build", site)
    again = run("build", site, "--strict")

    for told in (first, let_through, again):
        assert f"{warned}    remedy: " in told.stderr
    assert (first.exit_code, let_through.exit_code, again.exit_code) == (1, 0, 1)
    assert first.stderr.endswith("This blocks: nothing was activated.\n")
    made = let_through.stdout.split()[1]
    assert f"Release {made} has it too: it was current before and stays so." in again.stderr
    assert Path(os.readlink(site / "current")).name == made


def test_build_tells_its_release_on_standard_output_only(tmp_path: Path) -> None:
    """Standard output of a build is its one line; a hint at warnings is on standard error."""
    site = write_site(tmp_path)
    write(site / "data/empty.ttl", WARNING)

    first, second = metropole("build", site), run("build", site)
    forced = run("build", site, "--force")

    assert re.fullmatch(
        r"Release [0-9a-f]{16} is new\. It has \d+ statements\.\n\d+ of them .+\n", first.stdout
    )
    assert "metropole check" in first.stderr
    assert second.stdout.endswith("is up to date: no file has changed.\n")
    assert "was there already" in forced.stdout


def test_texts_are_looked_into(tmp_path: Path) -> None:
    """--texts must be a folder; it may be given several times and counts as input of a build."""
    site = write_site(tmp_path / "site")
    for name in ("one", "two"):
        write(tmp_path / name / "text.txt", name)
    words = ("--texts", tmp_path / "one", "--texts", tmp_path / "two")

    assert run("check", site, *words).exit_code == 0
    assert run("build", site, *words).exit_code == 0
    assert "up to date" in run("build", site, *words).stdout
    write(tmp_path / "two/text.txt", "changed")
    assert "was there already" in run("build", site, *words).stdout
    assert run("check", site, "--texts", tmp_path / "one/text.txt").exit_code == 2


@pytest.mark.parametrize("is_there", [True, False])
def test_new_site_builds(tmp_path: Path, *, is_there: bool) -> None:
    """`new` fills a new or empty folder with a site that has no findings and builds."""
    site = tmp_path / "deep" / "demo"
    if is_there:
        site.mkdir(parents=True)

    told = run("new", site)

    assert told.exit_code == 0
    assert f"metropole serve {site}" in told.stdout
    assert "0 violations, 0 warnings" in run("check", site, "--strict").stdout
    assert run("build", site).exit_code == 0
    assert "/releases/" in (site / ".gitignore").read_text()


@pytest.mark.parametrize("name", ["file", "hidden", "itself"])
def test_new_site_takes_nothing_over(tmp_path: Path, name: str) -> None:
    """`new` refuses a folder that holds anything, a hidden file too, or a path that is a file."""
    site = tmp_path / "demo"
    write({"file": site / "a.txt", "hidden": site / ".a", "itself": site}[name], "precious")
    before = sorted(tmp_path.rglob("*"))

    told = run("new", site)

    assert told.exit_code == 2
    assert "Name a new one" in told.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_new_site_with_a_space_in_its_name(tmp_path: Path) -> None:
    """The command that is named next can be copied as it stands."""
    told = metropole("new", "mano vieta", cwd=tmp_path)

    assert told.stdout.endswith("Try: metropole serve 'mano vieta'\n")


def test_get_and_query(tmp_path: Path) -> None:
    """`get` prints a document, `query` rows; from a file or standard input, here or elsewhere."""
    site = write_site(tmp_path)
    run("build", site)
    asked = write(site / "asked.rq", QUERY)

    for words, folder in (((site,), None), ((), site)):
        got = run("get", *words, "/doc/thing/a.nt", cwd=folder)
        assert got.exit_code == 0
        assert (
            '<https://t.example/id/thing/a> <http://www.w3.org/2000/01/rdf-schema#label> "a"'
            in (got.stdout)
        )
        rows = run("query", *words, asked, cwd=folder)
        assert (rows.exit_code, rows.stdout) == (0, "l\na\n")
    piped = metropole("query", site, "-", "--accept", "application/json", stdin=QUERY)
    assert json.loads(piped.stdout)["results"]["bindings"] == [
        {"l": {"type": "literal", "value": "a"}}
    ]
    turned = metropole("get", site, "/id/thing/a", "--accept", "text/turtle")
    assert "@prefix" in turned.stdout


def test_query_of_a_saved_query(tmp_path: Path) -> None:
    """A file of queries/ is asked with its defaults, or with `--parameter`, as over HTTP."""
    site = write_site(tmp_path)
    write(site / "data/b.ttl", turtle('<id/thing/b> a :Thing ; rdfs:label "b" .\n'))
    header = "#+ parameters:\n#+   s:\n#+     type: iri\n#+     default: id/thing/a\n"
    text = "SELECT ?s ?l { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l }\n"
    write(site / "queries/label.rq", header + text)
    run("build", site)
    other = ("--parameter", "s=id/thing/b")

    def rows(*words: object) -> list[str]:
        return run("query", site, *words).stdout.split()[1:]

    assert run("query", site, site / "queries/label.rq").stdout == (
        run("get", site, "/queries/label.csv").stdout
    )
    assert rows(site / "queries/label.rq") == ["https://t.example/id/thing/a,a"]
    assert rows(site / "queries/label.rq", *other) == ["https://t.example/id/thing/b,b"]
    assert len(rows(write(tmp_path / "label.rq", header + text))) > 1

    for given, words in (("x=1", "It takes: s."), ("s=<", "The value of 's' is wrong")):
        told = run("query", site, site / "queries/label.rq", "--parameter", given)
        assert (told.exit_code, words in told.stdout) == (1, True), told.stdout
    for asked, given, words in (
        ("queries/label.rq", "s", "NAME=VALUE"),
        (tmp_path / "label.rq", "s=1", "no file of the folder queries/"),
    ):
        told = run("query", asked, "--parameter", given, cwd=site)
        assert told.exit_code == 2
        assert words in told.stderr
    write(site / "queries/label.rq", "#+ parameter:\n" + text)
    told = run("query", site, site / "queries/label.rq")
    assert (told.exit_code, "queries/label.rq:1:" in told.stderr) == (2, True)


def test_get_of_an_iri(tmp_path: Path) -> None:
    """`get` takes the IRI of a thing or a term of the site; another one is told with the base."""
    site = write_site(tmp_path)
    base = "https://t.example/kb/"
    write(site / "metropole.toml", f'title = "T"\nbase = "{base}"\n')
    run("build", site)

    thing = run("get", site, f"{base}id/thing/a", "--accept", "application/n-triples")
    term = run("get", site, f"{base}ns#Thing", "--accept", "application/n-triples")
    foreign = run("get", site, "https://t.example/id/thing/a")

    assert thing.stdout.startswith(f"<{base}id/thing/a> ")
    assert f"<{base}ns#Thing> " in term.stdout
    assert (foreign.exit_code, foreign.stdout) == (2, "")
    assert f"'{base}'" in foreign.stderr


def test_get_and_query_of_what_is_not_there(tmp_path: Path) -> None:
    """An answer that is an error is printed and ends with 1; no release at all is wrong use."""
    site = write_site(tmp_path)

    before = run("get", site, "/")
    assert (before.exit_code, before.stdout) == (2, "")
    assert "metropole build" in before.stderr
    run("build", site)

    assert run("get", site, "/doc/thing/zzz.ttl").exit_code == 1
    broken = run("query", site, "-", stdin="SELECT {")
    assert broken.exit_code == 1
    assert "line" in broken.stdout.lower()


def test_releases_and_activate(tmp_path: Path) -> None:
    """`releases` marks the current one, `activate` makes another one current, in both forms."""
    site = write_site(tmp_path)
    first, second = two_releases(site)

    def stars() -> dict[str, bool]:
        lines = run("releases", site).stdout.splitlines()
        return {line[2:18]: line.startswith("*") for line in lines}

    assert stars() == {first: False, second: True}
    assert run("activate", site, first).stdout == f"Release {first} is current.\n"
    assert stars() == {first: True, second: False}
    assert '"first"' in run("get", site, "/doc/thing/a.nt").stdout
    assert run("activate", second, cwd=site).exit_code == 0
    assert stars() == {first: False, second: True}
    run("activate", site, first)
    assert run("build", site).stdout.startswith(f"Release {second} was there already")
    assert stars() == {first: False, second: True}


@pytest.mark.parametrize("wanted", ["0123456789abcdef", "../releases", ".", "/"])
def test_activate_only_what_is_a_release(tmp_path: Path, wanted: str) -> None:
    """What is no release cannot be made current; the message says where the ids are told."""
    site = write_site(tmp_path)
    run("build", site)
    before = os.readlink(site / "current")

    told = run("activate", site, wanted)

    assert told.exit_code == 2
    assert "metropole releases" in told.stderr
    assert os.readlink(site / "current") == before


def test_damaged_release_is_listed_and_not_activated(tmp_path: Path) -> None:
    """One damaged release does not hide the others, and cannot be made current."""
    site = write_site(tmp_path)
    first, second = two_releases(site)
    (site / "releases" / first / "manifest.json").write_text("{")

    told, tried = run("releases", site), run("activate", site, first)

    assert told.exit_code == 0
    assert re.search(rf"  {first}  .*  damaged", told.stdout)
    assert f"* {second} " in told.stdout
    assert tried.exit_code == 2
    assert Path(os.readlink(site / "current")).name == second


def test_no_release_is_an_empty_list(tmp_path: Path) -> None:
    """A site that was never built has no releases, and that is no error."""
    told = run("releases", write_site(tmp_path))

    assert (told.exit_code, told.stdout) == (0, "")


def start(*words: object, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a shell does."""
    return subprocess.Popen(
        command(*words),
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def interrupted(process: subprocess.Popen[str], when: Callable[[], object]) -> tuple[int, str]:
    """Press Ctrl-C, which goes to the whole process group, once something holds."""
    wait_until(lambda: when() or process.poll() is not None, seconds=20)
    assert process.poll() is None, "it was done before it could be interrupted"
    below = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    # The file that is being written is finished first, which takes its time when coverage is told.
    _, err = process.communicate(timeout=30)
    wait_until(lambda: not any(map(is_alive, below)), seconds=5)
    return process.returncode, err


def test_interrupted_build(tmp_path: Path) -> None:
    """Ctrl-C ends a build with 130, no traceback, nothing half, and the release before stays."""
    site = write_site(tmp_path)
    run("build", site)
    before = os.readlink(site / "current")
    values = (f"<id/thing/{n}> rdfs:label '{n}' .\n" for n in range(40_000))
    write(site / "data/many.ttl", turtle("".join(values)))

    process = start("build", site)
    code, err = interrupted(process, lambda: list((site / "releases").glob(".building-*")))

    *steps, last = err.strip().splitlines()
    assert (code, last) == (130, "Interrupted.")
    assert all(step.startswith("Building: ") for step in steps)  # named where they take long
    assert os.readlink(site / "current") == before
    assert sorted(path.name for path in (site / "releases").glob("[!.]*")) == [Path(before).name]
    assert list((site / "releases").glob(".building-*")) == []


@pytest.mark.parametrize(
    "words", [("check",), ("releases",), ("get", "/dumps/latest/dataset.nq"), ("query", "q.rq")]
)
def test_output_into_a_closed_pipe(tmp_path: Path, words: tuple[str, ...]) -> None:
    """`metropole … | head -0` ends without a traceback, and not as if the data had findings."""
    site = write_site(tmp_path)
    write(site / "q.rq", QUERY)
    run("build", site)

    with start(*words, cwd=site) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()

    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("check", "--help"), (), ("nonsense",), ("check", "/nowhere")],
)
def test_what_click_tells_into_a_closed_pipe(words: tuple[str, ...]) -> None:
    """Help and wrong use end as quietly, also where errors go into the same pipe."""
    receiver, sender = os.pipe()
    os.close(receiver)
    with contextlib.closing(os.fdopen(sender, "wb")) as pipe:
        told = subprocess.run(
            command(*words), env=environment(), stdout=pipe, stderr=pipe, check=False
        )

    assert told.returncode == 141


@contextlib.contextmanager
def unread(patch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Let nobody read what is written to `stdout` or `stderr` of this process."""
    receiver, sender = os.pipe()
    os.close(receiver)
    stream = os.fdopen(sender, "w")
    with patch.context() as patched:
        patched.setattr(sys, name, stream)
        yield
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def test_progress_into_a_closed_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build whose steps nobody reads any more ends like any other command."""
    monkeypatch.setattr("metropole.cli.progress._QUIET_SECONDS", 0)

    with (
        unread(monkeypatch, "stderr"),
        pytest.raises(BrokenPipeError),
        shown_progress("Building") as progress,
    ):
        progress("a step")


def test_server_that_nobody_reads_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """`metropole serve | head -1` serves on: what it would tell is left out, and not an error."""
    with socket.create_server(("127.0.0.1", 0)) as server, unread(monkeypatch, "stdout"):
        _tell_when_open("Serving", *server.getsockname())

    with unread(monkeypatch, "stderr"):
        tell("A line.", err=True)


@pytest.mark.parametrize("words", [("check",), ("build", "--force"), ("releases",)])
def test_output_that_does_not_fit(tmp_path: Path, words: tuple[str, ...]) -> None:
    """On a full disk a command says so, and its exit code is not that of findings in the data."""
    site = write_site(tmp_path)
    run("build", site)

    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            command(*words, site),
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert told.returncode == 2
    assert told.stderr.splitlines()[-1].startswith("Error: cannot write all there is to say: No sp")
    assert "Traceback" not in told.stderr


def test_interrupted_while_it_starts(tmp_path: Path) -> None:
    """Ctrl-C in the first moment is heard like any other, without a traceback."""
    process = start("check", write_site(tmp_path))
    loaded = Path(f"/proc/{process.pid}/maps")
    code, err = interrupted(process, lambda: "pyoxigraph" in loaded.read_text())

    assert (code, err) == (130, "Interrupted.\n")


def test_shape_that_takes_long_is_named(tmp_path: Path) -> None:
    """Whoever waits is told for which shape, even while that does not come to an end."""
    site = write_site(tmp_path)
    write(site / "data/things.ttl", turtle(f'{THING} a :Thing ; rdfs:label "{"a" * 60}!" .\n'))
    shape = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<shapes#Slow> a sh:NodeShape ; sh:targetClass :Thing ;\n"
        ' sh:property [ sh:path rdfs:label ; sh:pattern "^(a+)+$" ] .\n'
    )
    write(site / "shapes/slow.ttl", turtle(shape))
    process = start("check", site)
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    told: list[bytes] = []

    def is_named() -> bool:
        assert process.stderr is not None
        with contextlib.suppress(BlockingIOError):
            told.append(os.read(process.stderr.fileno(), 1000))
        return b"shapes#Slow" in b"".join(told)

    try:
        code, _ = interrupted(process, is_named)
    finally:
        process.kill()  # by itself it would not end

    assert code == 130


def test_progress_is_no_part_of_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work tells its steps on standard error; what a program reads stays clean."""
    site = write_site(tmp_path)
    monkeypatch.setattr("metropole.cli.progress._QUIET_SECONDS", 0.0)

    told = run("build", site)

    assert re.fullmatch(
        r"Release [0-9a-f]{16} is new\. It has [\d,]+ statements\.\n\d+ of .+\n", told.stdout
    )
    steps = re.findall("^Building: (.*)$", told.stderr, re.MULTILINE)
    assert steps[0] == "looking for changes"
    assert "data/things.ttl" in steps
    assert "\x1b" not in told.stdout + told.stderr


def test_version() -> None:
    """`--version` names the program and its version."""
    assert re.fullmatch(r".*metropole, version \d+\.\d+.*\n", metropole("--version").stdout)


def test_check_writes_nothing(tmp_path: Path) -> None:
    """`check` leaves the folder of a site as it was."""
    site = write_site(tmp_path, more=VIOLATION)
    before = sorted(site.rglob("*"))

    run("check", site)

    assert sorted(site.rglob("*")) == before
    assert (site / "metropole.toml").read_text() == SETTINGS
