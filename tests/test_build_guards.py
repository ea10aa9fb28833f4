"""What a build refuses beside wrong data: a base that moves, a catalogue that is not DCAT-AP."""

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import publish
from metropole.errors import DataNotValid
from metropole.release import Releases
from metropole.release.catalogue import datasets
from metropole.release.dcat import Catalogue
from metropole.release.history import history
from metropole.report import Finding, Severity
from metropole.settings import Settings, load
from metropole.store.reading import ReadingStore
from metropole.validation import catalogue_findings
from metropole.vocab import DCAT, DCT, FOAF, RDF, SKOS, SPDX
from web_site import BASE, LABEL, write_site

DATA = f'<id/a> a <ns#Thing> ; <{LABEL}> "a" .\n'
SETTINGS = """
licence = "https://l.example/"
[catalogue]
keywords = ["towns"]
themes = ["TECH"]
spatial = ["http://publications.europa.eu/resource/authority/country/LTU"]
temporal = ["2001-01-01", "2020-12-31"]
"""


def site(root: Path, more: str = SETTINGS) -> Settings:
    """Write a site without a table of limits, so that `more` may end in a table."""
    write_site(root, {"data/a.ttl": DATA}, more=more)
    path = root / "metropole.toml"
    path.write_text(path.read_text().replace("[limits]\n", ""))
    return load(root)


def moved(settings: Settings, **changes: str) -> Settings:
    """Change the base of a site, and more settings before it."""
    path = settings.root / "metropole.toml"
    more = "".join(f'{name} = "{value}"\n' for name, value in changes.items())
    path.write_text(more + path.read_text().replace(BASE, "https://elsewhere.example/"))
    return load(settings.root)


def test_base_that_moves_is_refused(tmp_path: Path) -> None:
    """`check` says from where to where, `build` keeps what is served."""
    settings = site(tmp_path)
    before = publish.build(settings).release
    settings = moved(settings)

    _, report = publish.check(settings)
    (finding,) = [each for each in report.findings if each.rule == "moved-base"]
    assert finding.severity is Severity.VIOLATION
    assert before.id in finding.message
    assert BASE in finding.message
    assert "https://elsewhere.example/" in finding.message
    with pytest.raises(DataNotValid):
        publish.build(settings)
    assert Releases(settings).current_id() == before.id


def test_graph_may_move_to_a_new_history(tmp_path: Path) -> None:
    """What the remedy says works: another folder of releases, where a history begins."""
    settings = site(tmp_path)
    publish.build(settings)
    settings = moved(settings, releases="moved")

    assert publish.build(settings).release.manifest.content.base == "https://elsewhere.example/"


def test_first_base_may_be_taken_back(tmp_path: Path) -> None:
    """The other remedy works too: without the releases nobody was given an address."""
    settings = site(tmp_path)
    publish.build(settings)
    settings = moved(settings)
    _, report = publish.check(settings)
    (finding,) = [each for each in report.findings if each.rule == "moved-base"]
    assert "remove releases/ and current" in finding.remedy

    shutil.rmtree(tmp_path / "releases")
    (tmp_path / "current").unlink()
    _, report = publish.check(settings)
    assert not [each for each in report.findings if each.rule == "moved-base"]


# The catalogue


def findings(settings: Settings, *, without: tuple[str, str] = ("", "")) -> tuple[Finding, ...]:
    """Hold the catalogue to DCAT-AP, without a property of the members of a class."""
    releases = Releases(settings)
    current = releases.current()
    assert current is not None
    listed = datasets(settings, current, history(releases), ReadingStore(current).about)
    triples = list(Catalogue(settings).page(listed, None, None))
    kind, left_out = without
    members = {
        triple.subject
        for triple in triples
        if triple.predicate.value == RDF + "type" and triple.object == ox.NamedNode(kind or "x:")
    }
    return catalogue_findings(
        triple
        for triple in triples
        if not (triple.subject in members and triple.predicate.value == left_out)
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A site with all settings of a catalogue, and its release."""
    settings = site(tmp_path_factory.mktemp("guards"))
    publish.build(settings)
    return settings


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (DCAT + "Catalog", DCT + "title"),
        (DCAT + "Catalog", DCT + "description"),
        (DCAT + "Catalog", DCT + "publisher"),
        (DCAT + "Catalog", DCT + "creator"),
        (DCAT + "Dataset", DCT + "title"),
        (DCAT + "Dataset", DCT + "description"),
        (DCAT + "Dataset", DCT + "identifier"),
        (DCAT + "Dataset", DCAT + "distribution"),
        (DCAT + "DatasetSeries", DCT + "title"),
        (DCAT + "Distribution", DCAT + "accessURL"),
        (DCAT + "DataService", DCAT + "endpointURL"),
        (DCAT + "DataService", DCT + "identifier"),
        (FOAF + "Agent", FOAF + "name"),
        (SPDX + "Checksum", SPDX + "checksumValue"),
        (SKOS + "Concept", SKOS + "prefLabel"),
    ],
)
def test_what_dcat_ap_demands_is_missed(built: Settings, kind: str, name: str) -> None:
    """A catalogue without a mandatory property is no DCAT-AP, and the finding names it."""
    found = findings(built, without=(kind, name))

    assert found
    assert {(each.rule, each.severity, each.path) for each in found} == {
        ("catalogue", Severity.VIOLATION, f"<{name}>")
    }


def test_complete_catalogue_has_no_finding(built: Settings) -> None:
    """With all settings given there is nothing to say."""
    assert findings(built) == ()
    assert publish.build(built, force=True).findings == ()


def test_missing_settings_are_named_and_do_not_block(tmp_path: Path) -> None:
    """A site that begins to describe itself is told what portals want, also with --strict."""
    settings = site(tmp_path, '[catalogue]\nkeywords = ["towns"]\n')
    told = publish.build(settings, strict=True).findings

    assert {each.rule for each in told} == {"catalogue-setting"}
    remedies = " ".join(each.remedy for each in told)
    for name in ("themes", "spatial", "temporal", "licence"):
        assert f"setting {name}" in remedies
    assert "keywords" not in remedies


def test_site_without_a_catalogue_is_not_advised(tmp_path: Path) -> None:
    """Who sets nothing of the catalogue does not read of it at every build."""
    assert publish.build(site(tmp_path, "")).findings == ()


def test_release_with_a_broken_catalogue_is_not_activated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build ends with the reason, and what was served is served on."""
    settings = site(tmp_path)
    before = publish.build(settings).release
    (tmp_path / "data/a.ttl").write_text(DATA.replace('"a"', '"b"'))
    monkeypatch.setattr(Catalogue, "_responsible", lambda *_: None)

    with pytest.raises(DataNotValid, match="would not be DCAT-AP"):
        publish.build(settings)
    assert Releases(settings).current_id() == before.id
