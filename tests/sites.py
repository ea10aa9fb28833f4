"""Write small sites from the texts of their files, and read them as `check` does."""

from collections.abc import Mapping
from pathlib import Path

from metropole import graph, sources
from metropole.graph import SiteGraph
from metropole.report import Finding, Report
from metropole.settings import Settings, load
from metropole.validation import validate

BASE = "https://a.example/"
NS = BASE + "ns#"
SETTINGS = f'title = "T"\nbase = "{BASE}"\n'
#: One line, so that the line numbers in tests are easy to count.
PREFIXES = (
    "@prefix : <ns#> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
    "@prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    "@prefix oa: <http://www.w3.org/ns/oa#> . "
    "@prefix spdx: <http://spdx.org/rdf/terms#> .\n"
)


def write_site(root: Path, files: Mapping[str, str | bytes]) -> Settings:
    """Write a site: path in the site to content; `metropole.toml` is there unless given."""
    for name, content in {"metropole.toml": SETTINGS, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(root)


def load_site(root: Path, files: Mapping[str, str | bytes]) -> SiteGraph:
    """Write a site and parse its files."""
    return graph.load(sources.discover(write_site(root, files)))


def check_site(root: Path, files: Mapping[str, str | bytes]) -> Report:
    """Write a site and say all there is to say about it."""
    return validate(load_site(root, files))


def of_rule(findings: tuple[Finding, ...], rule: str) -> list[Finding]:
    """Keep the findings of one check."""
    return [finding for finding in findings if finding.rule == rule]
