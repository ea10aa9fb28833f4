"""Tests of the documentation: it names everything there is, and what it shows is what happens.

`python tests/test_docs.py` writes the generated parts of docs/cli.md and docs/settings.md, and the
stories in docs/stories/, anew.
"""

import argparse
import ast
import contextlib
import difflib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import click
import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from metropole import doctor, graph, publish, settings, sources
from metropole.cli import main, rule_texts
from metropole.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from metropole.graph import SiteGraph
from metropole.release.dumps import DUMPS
from metropole.release.folder import CURRENT
from metropole.validation import remedies
from metropole.web import create_app
from metropole.web.serving import Serving
from own_site import copy_site, own_site

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "metropole"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
STORY = "<!-- Told by the graph: write stories/, then run python tests/test_docs.py -->\n"
GENERATED = "<!-- What follows is generated: python tests/test_docs.py -->\n"
#: Languages of code blocks that a test here runs or parses; `text` is for what is neither.
CHECKED = ("console", "sh", "sparql", "toml", "turtle")
#: The id of a release, and the sum of a file; both change with the data.
_ID = re.compile(r"\b[0-9a-f]{16}\b")
_SUM = re.compile(r"\b[0-9a-f]{64}\b")
#: How long a server may take to start and to end.
_PATIENCE_SECONDS = 20


# Reading the pages


@dataclass(frozen=True)
class Block:
    """A fenced code block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Name the block the way people look for it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Go through the code blocks of a page."""
    language, start, kept = None, 0, list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("```") and language is None:
            language, start, kept = line.removeprefix("```").strip(), number, []
        elif line.startswith("```") and language is not None:
            yield Block(page, start, language, "\n".join(kept) + "\n")
            language = None
        elif language is not None:
            kept.append(line)
    assert language is None, f"{page}:{start}: the block does not end"


def blocks_of(*languages: str) -> list[Block]:
    """List the blocks of all pages in some languages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def read(name: str) -> str:
    """Read a page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def each_block(language: str) -> pytest.MarkDecorator:
    """Run a test for each block in a language."""
    found = blocks_of(language)
    return pytest.mark.parametrize("block", found, ids=[block.name for block in found])


# The generated parts


def cli_reference() -> str:
    """Describe every command, argument and option from what click knows of them."""
    return "\n".join(_command_reference(name, command) for name, command in main.commands.items())


def _command_reference(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"metropole {name}", **_help_names())
    usage = " ".join([f"metropole {name}", *command.collect_usage_pieces(context)])
    paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
    rows = [
        f"| `{'`, `'.join(option.opts)}` | {_value(option)} | {_default(option)} | {option.help} |"
        for option in command.params
        if isinstance(option, click.Option)
    ]
    table = ["| option | value | default | |", "|---|---|---|---|", *rows, ""] if rows else []
    usage_block = f"```text\n{usage}\n```\n"
    text = "\n\n".join(paragraphs) + "\n"
    return "\n".join([f"## metropole {name}\n", usage_block, text, *table])


def _help_names() -> dict[str, Any]:
    """Give the names that the program gives: a command keeps the help option it first made."""
    return {"help_option_names": main.context_settings["help_option_names"]}


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return ", ".join(f"`{choice}`" for choice in option.type.choices)
    return {"path": "folder", "directory": "folder", "integer": "number"}.get(
        option.type.name, option.type.name
    )


def _default(option: click.Option) -> str:
    if option.required:
        return "required"
    shown = not option.is_flag and not option.multiple
    return f"`{option.default}`" if shown else ""


def settings_reference() -> str:
    """Describe every setting from the fields of the settings tables."""
    return "\n".join(
        [
            *_table("The file", settings.Settings),
            *_table("The table `[limits]`", settings.Limits),
            *_table("The table `[catalogue]`", settings.Catalogue),
            *_table("The table `[home]`", settings.Home),
            *_table("The tables `[[home.sections]]`", settings.Section),
            *_table("The table `[dumps]`", settings.Dumps),
        ]
    )


def _table(title: str, table: type) -> list[str]:
    rows = [
        f"| `{entry.name}` | {_type(entry)} | {_default_value(entry)} | {entry.metadata['doc']} |"
        for entry in settings.settings_fields(table)
    ]
    return [f"## {title}\n", "| setting | type | default | |", "|---|---|---|---|", *rows, ""]


def _type(entry: Field[Any]) -> str:
    kinds: dict[Any, str] = {
        str: "text",
        int: "whole number",
        Mapping[str, str]: "table of texts",
        Mapping[str, Mapping[str, str]]: "table of tables",
        tuple[settings.Section, ...]: "list of tables",
        **dict.fromkeys(settings.TABLES, "table"),
    }
    return kinds.get(entry.type, "list of texts")


def _default_value(entry: Field[Any]) -> str:
    if entry.default is not MISSING:
        return f"`{json.dumps(entry.default)}`"
    if entry.type in (Mapping[str, str], Mapping[str, Mapping[str, str]]):
        return "none"
    return "required" if entry.default_factory is MISSING else "see below"


def doctor_reference() -> str:
    """Describe every check of an examination from what it is made of."""
    heads = ["| check | what a healthy site does | when it does not | who says so |"]
    rows = [
        f"| `{check.name}` | {check.promise} | {check.verdict.value} | {check.source} |"
        for check in doctor.CHECKS
    ]
    return "\n".join(["## The checks\n", *heads, "|---|---|---|---|", *rows, ""])


REFERENCES = {
    "cli.md": cli_reference,
    "settings.md": settings_reference,
    "doctor.md": doctor_reference,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_is_current(name: str) -> None:
    """Every command, option and setting is described as the program itself describes it."""
    shown = read(name).partition(GENERATED)[2]
    wanted = REFERENCES[name]()

    changes = "\n".join(difflib.unified_diff(shown.split("\n"), wanted.split("\n"), lineterm=""))
    assert not changes, f"docs/{name} is old: run 'python tests/test_docs.py'\n{changes}"


def told_stories(client: FlaskClient) -> dict[str, str]:
    """Tell the stories of the site: each as Markdown, and its charts beside it."""
    told = {}
    for source in sorted((ROOT / "stories").glob("*.md")):
        if "." in source.stem:  # a translation
            continue
        text = client.get(f"/stories/{source.stem}.md").text
        title, _, rest = text.partition("\n")
        told[source.name] = f"{title}\n\n{STORY}{rest}"
        for picture in re.findall(r"^!\[.*\]\((.+)\)$", text, re.MULTILINE):
            told[picture] = client.get(f"/stories/{picture}").text
    return told


def test_stories_are_current(app: Flask) -> None:
    """docs/stories/ has what the stories say of the graph as it is, with their charts."""
    folder = DOCS / "stories"
    kept = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.*")
    }
    told = told_stories(app.test_client())

    assert sorted(kept) == sorted(told)
    old = [name for name in told if kept[name] != told[name]]
    assert old == [], "run 'python tests/test_docs.py'"


# What the pages must name


@pytest.fixture(scope="session")
def released_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site of this repository and its release; tests only read it."""
    return own_site(tmp_path_factory)


@pytest.fixture(scope="session")
def app(released_site: Path) -> Iterator[Flask]:
    """Give the application that serves the site of this repository."""
    serving = Serving(settings.load(released_site))
    yield create_app(serving)
    serving.pool.close()


def test_every_route_is_described(app: Flask) -> None:
    """docs/http.md has every route, spelled with the names of its parts."""
    text = read("http.md")
    routes = {re.sub(r"<\w+:(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}

    assert sorted(route for route in routes if f"`{route}`" not in text) == []


def test_every_format_and_limit_is_described() -> None:
    """docs/http.md has every format by media type and extension, every limit and every dump."""
    text = read("http.md")
    formats: list[GraphFormat | ResultFormat] = [*GRAPH_FORMATS, *RESULT_FORMATS]
    names = [entry.media_type for entry in formats] + [entry.extension for entry in formats]
    names += [entry.name for entry in settings.settings_fields(settings.Limits)] + list(DUMPS)

    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_status_is_described() -> None:
    """docs/http.md has every status that the web layer names for an error."""
    text = read("http.md")
    told = {
        node.value
        for path in sorted((SOURCE / "web").rglob("*.py"))
        if path.parent.name != "pictures"  # what draws answers nobody; its numbers are lengths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) is int and 400 <= node.value < 600
    }

    assert {400, 404, 406, 503} <= told, "the statuses are no longer found in the source"
    assert sorted(status for status in told if f"| {status} " not in text) == []


@cache
def rules_of_findings() -> tuple[frozenset[str], list[str]]:
    """Collect the rule names in the source, and the calls from which none can be read."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))
    }
    places = {"Finding": 1}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
                if "rule" in names:
                    places[node.name] = names.index("rule")
    rules, unread = set[str](), list[str]()
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in places:
                found = _texts(_argument(node, places[_called(node)]))
                if found is None:
                    unread.append(f"{path.relative_to(ROOT)}:{node.lineno}")
                else:
                    rules |= found
    return frozenset(rules), unread


def _called(call: ast.Call) -> str:
    name = call.func
    return name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")


def _argument(call: ast.Call, place: int) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    if named:
        return named[0]
    return call.args[place] if len(call.args) > place else None


def _texts(value: ast.expr | None) -> set[str] | None:
    """Read the texts an expression can be: `sh:` of `"sh:" + …`; None for what is not a text."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return {value.value}
    if isinstance(value, ast.BinOp):
        return _texts(value.left)
    if isinstance(value, ast.IfExp):
        return (_texts(value.body) or set()) | (_texts(value.orelse) or set()) or None
    if isinstance(value, ast.Name) and value.id == "rule":
        return set()  # a helper hands on the rule that its callers name
    return None


def test_every_rule_is_described() -> None:
    """docs/checks.md has every rule that a finding can have, SHACL's constraints included."""
    text = read("checks.md")
    rules, unread = rules_of_findings()
    rules |= {f"sh:{name}ConstraintComponent" for name in remedies._WORDS}
    rules -= {"sh:"}

    assert unread == [], "name the rule of a finding as a text where the finding is made"
    assert {"syntax", "undeclared-term", "quote-differs"} <= rules
    assert sorted(rule for rule in rules if f"`{rule}`" not in text) == []


def test_every_rule_has_a_sentence() -> None:
    """Code scanners are told what each rule finds: `cli/rule_texts.py` has every one."""
    rules, _ = rules_of_findings()

    assert sorted(rules - {"sh:"} - set(rule_texts._RULES)) == []


def test_no_rule_is_invented() -> None:
    """docs/checks.md describes no rule that the source does not have."""
    described = set(re.findall(r"^### `([^`]+)`$", read("checks.md"), re.MULTILINE))
    rules, _ = rules_of_findings()

    assert described - rules == set()


def test_every_dependency_has_its_reason() -> None:
    """Decision 0012 has a paragraph for every dependency, those of the tests included."""
    (page,) = (DOCS / "decisions").glob("0012-*.md")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    for group in project["dependency-groups"].values():
        wanted += [entry for entry in group if isinstance(entry, str)]
    names = {re.split(r"[^\w.-]", entry, maxsplit=1)[0] for entry in wanted}
    text = page.read_text(encoding="utf-8")

    assert sorted(name for name in names if f"**{name}**" not in text) == []


def test_every_decision_is_listed() -> None:
    """docs/architecture.md leads to every decision, and each has the four parts of one."""
    text = read("architecture.md")
    for page in sorted((DOCS / "decisions").glob("*.md")):
        assert f"(decisions/{page.name})" in text, page.name
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Revisit when"], page.name


def test_every_task_is_one_of_the_makefile() -> None:
    """Every `make` that a page speaks of is a task, and CONTRIBUTING.md lists the main ones."""
    tasks = set(
        re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    told = {
        (page.name, task)
        for page in PAGES
        for task in re.findall(r"[`$] ?make ([a-z]+)", page.read_text(encoding="utf-8"))
    }

    assert {name for _, name in told} >= {"serve", "test", "check", "bench", "soak"}
    assert {(page, task) for page, task in told if task not in tasks | {"help"}} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link leads to a file of the repository, and its fragment to a heading there."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|src(?:set)?=\"([^\"]+)\"", text):
        address = urlsplit("".join(target))
        if address.scheme:
            continue
        path = (page.parent / address.path).resolve() if address.path else page
        assert path.exists(), f"{page.name} leads to {address.path}, which is not there"
        if address.fragment:
            assert address.fragment in anchors(path), f"{page.name} leads to {''.join(target)}"


def anchors(page: Path) -> set[str]:
    """List the fragments of a page's headings, as repository browsers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pictures_are_well_formed() -> None:
    """Every picture is XML with a title for those who cannot see it."""
    pictures = sorted(DOCS.rglob("*.svg"))
    assert pictures
    for picture in pictures:
        root = ET.fromstring(picture.read_text(encoding="utf-8"))
        assert root.find("{http://www.w3.org/2000/svg}title") is not None, picture.name


# What the pages show


@pytest.fixture(scope="session")
def site_graph() -> SiteGraph:
    """Parse the site of this repository."""
    return graph.load(sources.discover(settings.load(ROOT)))


def test_every_block_is_checked() -> None:
    """A code block names a language that is run or parsed here; plain text says `text`."""
    unknown = [
        block.name
        for page in PAGES
        for block in blocks(page)
        if block.language not in (*CHECKED, "text")
    ]

    assert unknown == []


@each_block("turtle")
def test_turtle_parses(block: Block, site_graph: SiteGraph) -> None:
    """Turtle can be copied into a site whose prefixes are those of this repository."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes_of(site_graph))

    assert list(ox.parse(prefixes + block.text, format=ox.RdfFormat.TURTLE, base_iri="https://a/"))


def prefixes_of(site: SiteGraph) -> list[tuple[str, str]]:
    """List the prefixes that may be used without being declared."""
    return [*site.prefixes().items(), ("", site.settings.namespace)]


@each_block("sparql")
def test_queries_have_answers(block: Block, site_graph: SiteGraph) -> None:
    """A query that is shown finds something in the graph of this repository."""
    store = ox.Store()
    store.extend(site_graph.quads())
    answer = store.query(
        block.text, base_iri=site_graph.settings.base, use_default_graph_as_union=True
    )

    assert not isinstance(answer, ox.QueryBoolean)
    assert list(answer)


@each_block("toml")
def test_settings_are_accepted(block: Block, tmp_path: Path) -> None:
    """Settings that are shown are read without complaint."""
    (tmp_path / settings.FILE_NAME).write_text(block.text, encoding="utf-8")

    assert settings.load(tmp_path).title


@each_block("sh")
def test_scripts_parse(block: Block) -> None:
    """A shell script that is shown has no syntax error."""
    told = subprocess.run(
        ["bash", "-n"], check=False, input=block.text, capture_output=True, text=True
    )

    assert told.stderr == ""


PAGES_WITH_CONSOLE = list(dict.fromkeys(block.page for block in blocks_of("console")))


@pytest.mark.parametrize("page", PAGES_WITH_CONSOLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_console_shows_what_happens(
    page: Path,
    app: Flask,
    released_site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every command on a page runs, in the order of the page, and prints the lines shown.

    `…` stands for what is left out; sums and ids may be others than those shown.
    """
    folder = tmp_path / "site"
    shutil.copytree(released_site, folder, symlinks=True)
    console = Console(folder, app.test_client(), monkeypatch)
    try:
        for block in blocks(page):
            if block.language == "console":
                for command, shown in commands(block):
                    output = console.run(command)
                    missing = first_missing(shown, output)
                    told = f"{block.name}: '{command}' does not print\n{missing}\nbut\n{output}"
                    assert not missing, told
    finally:
        console.close()


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Go through the commands of a console block, each with the lines shown below it.

    A text that a command is given stands below it as it is typed, down to `END`.
    """
    command, shown, is_text = "", list[str](), False
    for line in block.text.splitlines():
        if is_text:
            command += "\n" + line
            is_text = line != "END"
        elif line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line.removeprefix("$ "), []
            is_text = line.endswith("<<'END'")
        else:
            shown.append(line)
    assert command, f"{block.name} shows no command"
    yield command, shown


def first_missing(shown: list[str], output: str) -> str:
    """Give the first line that is shown and not printed, or printed in another order."""
    printed = iter([_comparable(line) for line in output.splitlines()])
    for line in shown:
        parts = [re.escape(part.strip()) for part in _comparable(line).split("…")]
        wanted = re.compile(r".*".join(parts))
        if line.strip() != "…" and not any(wanted.fullmatch(found) for found in printed):
            return line
    return ""


def _comparable(line: str) -> str:
    line = _ID.sub("ID", _SUM.sub("SUM", line))
    return " ".join(line.split())


def _wait_for(address: str) -> None:
    """Ask a server that is starting until it answers."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with urlopen(address, timeout=1) as answer:
                answer.read()
                return
        except OSError:
            assert time.monotonic() < until, f"{address} does not answer"
            time.sleep(0.05)


class Console:
    """Runs what a page shows: curl against the application, metropole in this process."""

    def __init__(self, folder: Path, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._clients = {"127.0.0.1:8000": client}
        self._monkeypatch = monkeypatch
        self._served: list[Serving] = []

    def run(self, command: str) -> str:
        """Run one command and give what it prints."""
        self._monkeypatch.chdir(self._folder)
        pointer = self._folder / CURRENT
        if pointer.is_symlink():
            command = _ID.sub(pointer.readlink().name, command)
        first, *rest = re.split(r" \| (?=(?:grep|head|tail|wc)\b)", command, maxsplit=1)
        words = shlex.split(first.replace("\\\n", " "), comments=True)
        if words[0] == "make":
            return ""
        if words[0] == "cd":
            self._folder = self._folder / words[1]
            return ""
        if words[:2] == ["metropole", "serve"]:
            output = self._serve(words[2:])
        elif words[:2] == ["metropole", "doctor"]:
            output = self._doctor(words[2], *words[3:])
        elif words[0] == "metropole":
            output = CliRunner().invoke(main, words[1:]).output
        elif words[0] == "curl":
            output = self._curl(words[1:])
        elif words[0] == "source":
            output = ""
        else:
            output = self._shell(first, "")
        return self._shell(rest[0], output) if rest else output

    def _shell(self, command: str, text: str) -> str:
        told = subprocess.run(
            ["bash", "-c", command],
            check=False,
            cwd=self._folder,
            input=text,
            capture_output=True,
            text=True,
        )
        return told.stdout + told.stderr

    def _serve(self, words: list[str]) -> str:
        """Start a real server on a free port, see it answer, and end it."""
        serve = main.commands["serve"]
        asked = serve.make_context("serve", list(words), **_help_names()).params
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = [sys.executable, "-m", "metropole", "serve", str(asked["site"]), "--port", port]
        with subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            try:
                assert process.stdout is not None
                said = process.stdout.readline()
                _wait_for(f"http://127.0.0.1:{port}/-/health")
                process.terminate()
                process.wait(_PATIENCE_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        served = Serving(settings.load(self._folder / asked["site"]))
        self._served.append(served)
        self._clients[f"127.0.0.1:{asked['port']}"] = create_app(served).test_client()
        return said.replace(f":{port}", f":{asked['port']}")

    def _doctor(self, address: str, *options: str) -> str:
        """Examine the application, which is served for real that long."""
        asked = urlsplit(address).netloc
        app = self._clients[asked].application
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            here = f"127.0.0.1:{server.port}"
            words = ["doctor", address.replace(asked, here), *options]
            return CliRunner().invoke(main, words).output.replace(here, asked)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _curl(self, words: list[str]) -> str:
        asked = _CURL.parse_args(words)
        address = urlsplit(asked.url)
        client = self._clients[address.netloc]
        headers = [tuple(re.split(r":\s*", header, maxsplit=1)) for header in asked.header]
        form = "&".join(self._form_field(text) for text in asked.data_urlencode)
        path = f"{address.path}?{address.query}" if address.query else address.path
        method = "HEAD" if asked.head else "GET"
        if form and not asked.get:
            method = "POST"
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        elif form:
            path += ("&" if address.query else "?") + form
            form = ""
        printed, answer = "", self._open(client, method, path, headers, form)
        printed += self._head(answer) if asked.head or asked.include else ""
        while asked.location and answer.location:
            answer = self._open(client, method, answer.location, headers, "")
            printed += self._head(answer) if asked.head or asked.include else ""
        if asked.remote_name:
            (self._folder / Path(address.path).name).write_bytes(answer.get_data())
        else:
            printed += answer.get_data(as_text=True)
        answer.close()
        return printed

    def _form_field(self, text: str) -> str:
        name, sign, value = re.split(r"([=@])", text, maxsplit=1)
        if sign == "@":
            value = (self._folder / value).read_text(encoding="utf-8")
        return f"{name}={quote(value, safe='')}"

    @staticmethod
    def _open(
        client: FlaskClient, method: str, path: str, headers: list[tuple[str, ...]], form: str
    ) -> TestResponse:
        return client.open(path, method=method, headers=headers, data=form or None)

    @staticmethod
    def _head(answer: TestResponse) -> str:
        """Write status and headers as curl does for the server of Metropole."""
        status = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"
        lines = [f"{name.lower()}: {value}" for name, value in answer.headers.items()]
        return "\n".join([status, *sorted(lines), "", ""])

    def close(self) -> None:
        """End the query workers of the sites that were served."""
        for served in self._served:
            served.pool.close()


def _curl_options() -> argparse.ArgumentParser:
    """List the options of curl that the pages use."""
    parser = argparse.ArgumentParser("curl", add_help=False)
    parser.add_argument("-s", "--silent", action="store_true")
    for short, name in (("-L", "location"), ("-I", "head"), ("-i", "include"), ("-G", "get")):
        parser.add_argument(short, f"--{name}", action="store_true")
    parser.add_argument("-O", "--remote-name", action="store_true")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("--data-urlencode", action="append", default=[])
    parser.add_argument("url")
    return parser


_CURL = _curl_options()


def write_stories() -> None:
    """Build the site, and write its stories into docs/stories/."""
    folder = DOCS / "stories"
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as place:
        site = Path(place) / "site"
        copy_site(site)
        publish.build(settings.load(site))
        serving = Serving(settings.load(site))
        for name, text in told_stories(create_app(serving).test_client()).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        serving.pool.close()


def write_references() -> None:
    """Write the generated parts of the pages anew."""
    for name, reference in REFERENCES.items():
        path = DOCS / name
        kept = path.read_text(encoding="utf-8").partition(GENERATED)[0]
        path.write_text(kept + GENERATED + reference(), encoding="utf-8")


if __name__ == "__main__":
    write_references()
    write_stories()
