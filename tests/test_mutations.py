"""Tests that mistakes seeded into the real files are found, at their file and line.

One copy of the site takes all mistakes at once, each in a node of its own, so that one check tells
of all of them; mistakes of syntax, which stop a file from being read, are checked one by one. The
copy lies under another base than the site: so the shapes bite wherever the site moves.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from metropole import graph, sources
from metropole.report import Finding, Severity
from metropole.settings import load
from metropole.validation import shapes_digest, validate

ROOT = Path(__file__).parent.parent
#: Folder with the text of the page on Vilnius, which is not published.
TEXTS = Path(os.environ.get("METROPOLE_SHARED", ROOT.parent / "shared")) / "seed"

PLACES, PERIODS, PROJECT = "places", "periods", "project"
ORGANISATIONS, PARKS, DERIVED = "organisations", "parks", "derived"
CITIES, NETWORK, PAGE = "claims/cities", "claims/network", "claims/inno-baltmet-243"
PARK_CLAIMS, ELSEWHERE, QUOTES = "claims/parks", "claims/elsewhere", "sources/inno-baltmet-243"
DOCUMENTS, NETWORK_DOCUMENTS, PARK_DOCUMENTS = (
    "sources/elsewhere",
    "sources/network",
    "sources/parks",
)


@dataclass(frozen=True)
class Mutation:
    """One mistake: in which file and node, what text becomes what, and what must be said."""

    name: str
    file: str
    node: str
    old: str
    new: str
    rule: str
    says: str
    #: The text whose line the finding names, if not what is new; empty: the first of the node.
    mark: str | None = None
    #: Only the text of the page can tell.
    needs_text: bool = False

    def apply(self, content: str) -> str:
        """Seed the mistake; the node must be there, and the text in it, exactly once."""
        start, end = self.block(content)
        block = content[start:end]
        assert block.count(self.old) == 1, f"{self.name}: {self.old!r} is not there once"
        return content[:start] + block.replace(self.old, self.new) + content[end:]

    def line(self, content: str) -> int:
        """Find the line of the mistake in the file that has it."""
        start, end = self.block(content)
        mark = self.new.strip() if self.mark is None else self.mark
        return content.count("\n", 0, start + content[start:end].index(mark)) + 1

    def block(self, content: str) -> tuple[int, int]:
        """Find the statements about the node, which end at an empty line."""
        found = list(re.finditer(rf"^{re.escape(self.node)} ", content, flags=re.MULTILINE))
        assert len(found) == 1, f"{self.name}: {self.node} is not there once"
        start = found[0].start()
        end = content.find("\n\n", start)
        return start, len(content) if end < 0 else end


OR, MIN, MAX = "sh:OrConstraintComponent", "sh:MinCountConstraintComponent", "sh:MaxCount"
PATTERN, DATATYPE = "sh:PatternConstraintComponent", "sh:DatatypeConstraintComponent"
NODE, CLASS, LESS = "sh:NodeConstraintComponent", "sh:ClassConstraintComponent", "sh:LessThan"
COMPONENT = "-component"
LANGUAGES = "sh:LanguageInConstraintComponent"

MUTATIONS = [
    # Numbers
    Mutation(
        "value as a text",
        CITIES,
        "figure:riga-area",
        "schema:value 307",
        'schema:value "307"',
        OR,
        "A value is one integer or decimal",
    ),
    Mutation(
        "value as a float",
        CITIES,
        "figure:berlin-area",
        "schema:value 889",
        "schema:value 889e0",
        OR,
        "never a float",
    ),
    Mutation(
        "bound stored as value",
        CITIES,
        "figure:copenhagen-population",
        "schema:minValue 500000",
        "schema:value 500000",
        OR,
        "the bound goes to schema:minValue",
        mark="",
    ),
    Mutation(
        "bound left out",
        CITIES,
        "figure:oslo-population",
        "    schema:minValue 500000 ;\n",
        "",
        OR,
        "'more than' or 'at least' has a schema:minValue",
        mark="",
    ),
    Mutation(
        "upper bound as a lower one",
        CITIES,
        "figure:warsaw-students",
        "schema:maxValue",
        "schema:minValue",
        OR,
        "'less than' or 'at most' has a schema:maxValue",
        mark="",
    ),
    Mutation(
        "number of another wording",
        CITIES,
        "figure:helsinki-population",
        "bsr:statedNumber 560000",
        "bsr:statedNumber 650000",
        COMPONENT,
        "has another number than bsr:statedNumber",
    ),
    Mutation(
        "zero too many",
        CITIES,
        "figure:berlin-population",
        "schema:value 3500000",
        "schema:value 35000000",
        COMPONENT,
        "nor so many thousands",
    ),
    Mutation(
        "percentage above the whole",
        CITIES,
        "figure:riga-higher-education-institutions-share",
        "schema:value 80",
        "schema:value 180",
        OR,
        "between 0 and 100",
        mark="",
    ),
    Mutation(
        "percentage of nothing",
        CITIES,
        "figure:warsaw-students-share",
        "    bsr:denominatorArea country:poland ;\n",
        "",
        OR,
        "63 percent of what?",
        mark="",
    ),
    Mutation(
        "fraction without denominator",
        NETWORK,
        "figure:network-population-share",
        "    bsr:denominator 4 ;\n",
        "",
        OR,
        "A figure stated as a fraction has a bsr:denominator",
        mark="",
    ),
    Mutation(
        "value of another fraction",
        PAGE,
        "figure:vilnius-enterprises",
        "schema:value 0.25",
        "schema:value 0.2",
        COMPONENT,
        "not the numerator divided by",
        mark="",
    ),
    Mutation(
        "upper bound below the value",
        DERIVED,
        "figure:lithuania-foreign-direct-investment",
        "schema:maxValue 4504800000",
        "schema:maxValue 4404800000",
        "sh:LessThanOrEqualsConstraintComponent",
        "A value is not above the upper bound",
        mark="schema:value",
    ),
    Mutation(
        "number made of a few",
        PAGE,
        "figure:vilnius-additional-parks",
        "bsr:qualifier qualifier:vague-number ;",
        "bsr:qualifier qualifier:vague-number ;\n    schema:value 3 ;",
        OR,
        "do not make a number of it",
        mark="",
    ),
    Mutation(
        "ambiguous figure with a value",
        PAGE,
        "figure:vilnius-earnings",
        "bsr:statedNumber 1.2 ;",
        "bsr:statedNumber 1.2 ;\n    schema:value 1.2 ;",
        OR,
        "can be read in two ways",
        mark="",
    ),
    # What figures are about, how exact they are, when they hold, and by whom
    Mutation(
        "qualifier missing",
        CITIES,
        "figure:malmo-population",
        "    bsr:qualifier qualifier:exact ;\n",
        "",
        MIN,
        "A figure has exactly one qualifier",
        mark="",
    ),
    Mutation(
        "qualifier of another scheme",
        CITIES,
        "figure:oslo-area",
        "qualifier:exact",
        "period-status:unstated-present",
        NODE,
        "a concept of the scheme of qualifiers",
    ),
    Mutation(
        "unit that is none",
        CITIES,
        "figure:helsinki-region-area",
        "unit:KiloM2",
        "<https://example.org/km2>",
        PATTERN,
        "an IRI of QUDT",
    ),
    Mutation(
        "unit missing",
        CITIES,
        "figure:warsaw-universities",
        "    schema:unitCode unit:NUM ;\n",
        "",
        MIN,
        "A figure has exactly one unit",
        mark="",
    ),
    Mutation(
        "county figure on the city",
        ELSEWHERE,
        "figure:vilnius-county-area",
        "schema:observationAbout region:vilnius-county",
        "schema:observationAbout city:vilnius",
        COMPONENT,
        "The figure speaks of a county",
    ),
    Mutation(
        "region figure on the city",
        CITIES,
        "figure:oslo-region-population",
        "schema:observationAbout region:oslo-region",
        "schema:observationAbout city:oslo",
        COMPONENT,
        "what holds for the one does not hold for the other",
    ),
    Mutation(
        "area of a county on a city",
        CITIES,
        "figure:st-petersburg-area",
        "schema:value 606",
        "schema:value 60600",
        OR,
        "No city of the site is larger",
        mark="",
    ),
    Mutation(
        "product of the county as the city's",
        PAGE,
        "figure:vilnius-county-gross-domestic-product",
        "schema:observationAbout region:vilnius-county",
        "schema:observationAbout city:vilnius",
        OR,
        "Gross domestic product is a figure of a county",
        mark="",
    ),
    Mutation(
        "period missing",
        PARK_CLAIMS,
        "figure:tehnopol-companies",
        "    bsr:periodStatus period-status:unstated-present ;\n",
        "",
        OR,
        "A figure has a period",
        mark="",
    ),
    Mutation(
        "dated and undated",
        NETWORK,
        "figure:open-days-2007-attendance",
        "dct:temporal period:2007 ;",
        "dct:temporal period:2007 ;\n    bsr:periodStatus period-status:unstated-present ;",
        OR,
        "it is dated",
        mark="",
    ),
    Mutation(
        "source missing",
        CITIES,
        "figure:malmo-nationalities",
        " ;\n    prov:hadPrimarySource source:inno-baltmet-66",
        "",
        OR,
        "A figure names its source",
        mark="",
    ),
    Mutation(
        "source that is none",
        CITIES,
        "figure:helsinki-region-students",
        "source:inno-baltmet-232",
        "city:helsinki",
        NODE,
        "names as source a place in a document",
    ),
    Mutation(
        "wording as long as a sentence",
        CITIES,
        "figure:berlin-polytechnics",
        '"11 colleges or universities of applied sciences"',
        '"11 colleges or universities of applied sciences are in Berlin"',
        PATTERN,
        "at most eight words",
    ),
    Mutation(
        "wording without language",
        CITIES,
        "figure:berlin-universities",
        '"four universities"@en',
        '"four universities"',
        DATATYPE,
        "with a language tag",
    ),
    Mutation(
        "formula missing",
        DERIVED,
        "figure:vilnius-higher-education-institutions",
        '    bsr:formula "10 + 7 + 1" ;\n',
        "",
        MIN,
        "has a formula",
        mark="",
    ),
    # places
    Mutation(
        "swapped coordinates",
        PLACES,
        "geometry:oslo",
        "POINT(10.74609 59.91273)",
        "POINT(59.91273 10.74609)",
        PATTERN,
        "Are the two swapped?",
    ),
    Mutation(
        "wrong digit in a latitude",
        PLACES,
        "geometry:riga",
        "56.946",
        "46.946",
        PATTERN,
        "is a digit or a sign wrong?",
    ),
    Mutation(
        "coordinates without datatype",
        PLACES,
        "geometry:tallinn",
        '59.43696)"^^geo:wktLiteral',
        '59.43696)"',
        DATATYPE,
        "one geo:wktLiteral",
    ),
    Mutation(
        "duplicate label",
        PLACES,
        "city:stockholm",
        '"Stockholm"@en,',
        '"Stockholm"@en,\n        "Stockholm City"@en,',
        "sh:UniqueLangConstraintComponent",
        "two names in one language",
        mark="skos:prefLabel",
    ),
    Mutation(
        "name in Lithuanian missing",
        PLACES,
        "city:warsaw",
        '        "Varšuva"@lt,\n',
        "",
        "sh:QualifiedMinCount",
        "no name in Lithuanian",
        mark="skos:prefLabel",
    ),
    Mutation(
        "unknown language tag",
        PLACES,
        "city:malmo",
        '"Malme"@lv',
        '"Malme"@lav',
        LANGUAGES,
        "The language tag of a name is one of",
    ),
    Mutation(
        "name without language",
        PLACES,
        "city:copenhagen",
        '"København"@da',
        '"København"',
        DATATYPE,
        "A name has a language tag",
    ),
    Mutation(
        "GeoNames without its slash",
        PLACES,
        "city:riga",
        "geonames.org/456172/",
        "geonames.org/456172",
        PATTERN,
        "with the slash",
    ),
    Mutation(
        "address of another city",
        PLACES,
        "city:vilnius",
        "geonames.org/593116/",
        "geonames.org/2950159/",
        MAX,
        "Two things of the site",
    ),
    Mutation(
        "code of no region",
        PLACES,
        "city:oslo",
        "nuts/code/NO081",
        "nuts/code/oslo",
        PATTERN,
        "a region of NUTS by itself",
    ),
    Mutation(
        "two letters for a country",
        PLACES,
        "country:poland",
        "country/POL",
        "country/PL",
        PATTERN,
        "authority table of the European Union",
    ),
    Mutation(
        "city in a city",
        PLACES,
        "city:helsinki",
        "schema:containedInPlace country:finland",
        "schema:containedInPlace city:vilnius",
        OR,
        "A city lies in exactly one region or country",
    ),
    Mutation(
        "merged with another data set",
        PLACES,
        "city:tallinn",
        "schema:sameAs",
        "<http://www.w3.org/2002/07/owl#sameAs>",
        MAX,
        "would merge two things",
    ),
    # periods
    Mutation(
        "year out of range",
        PERIODS,
        "period:since-1986",
        '"1986"',
        '"1886"',
        PATTERN,
        "from 1980 to 2030",
    ),
    Mutation(
        "year that is none",
        PERIODS,
        "period:since-1993",
        '"1993"',
        '"199x"',
        PATTERN,
        "in one year (xsd:gYear)",
    ),
    Mutation(
        "end before the beginning",
        PERIODS,
        "period:2006-to-2007",
        '"2006-01-01"',
        '"2008-01-01"',
        LESS,
        "does not end before it begins",
    ),
    # events and lists
    Mutation(
        "thirteenth month",
        NETWORK,
        "event:stockholm-mayors-meeting",
        '"--10-18"',
        '"--13-18"',
        PATTERN,
        'as "--11-13"',
    ),
    Mutation(
        "event of the next century but one",
        NETWORK,
        "event:kick-off-2005",
        '"2005-02-11"',
        '"2205-02-11"',
        PATTERN,
        "from 1990 to 2030",
    ),
    Mutation(
        "event in a country",
        NETWORK,
        "event:helsinki-workshop-2006",
        "city:helsinki",
        "<id/country/finland>",
        CLASS,
        "takes place in a city of the site",
    ),
    Mutation(
        "last day before the first",
        NETWORK,
        "event:place-marketing-2007",
        '"2007-04-04"',
        '"2007-04-06"',
        LESS,
        "does not end before it begins",
    ),
    Mutation(
        "stated day of another date",
        PAGE,
        "event:wp3-conference",
        '"--11-13"',
        '"--11-14"',
        COMPONENT,
        "another day than the one the source states",
        mark="",
    ),
    Mutation(
        "name of an event in Polish missing",
        NETWORK,
        "event:officials-meeting-2011",
        '        "Spotkanie urzędników sieci, Warszawa"@pl,\n',
        "",
        "sh:QualifiedMinCount",
        "no name in Polish",
        mark="skos:prefLabel",
    ),
    Mutation(
        "wrong count of a list",
        NETWORK,
        "list:baltmet-inno-partners",
        "        organisation:evu,\n",
        "",
        COMPONENT,
        "more or fewer items than the count it states",
        mark="",
    ),
    # organisations, projects, memberships
    Mutation(
        "observer as partner too",
        PROJECT,
        "membership:city-of-oslo",
        "role:observer",
        "role:observer, role:partner",
        MAX,
        "an observer is no partner",
        mark="org:role",
    ),
    Mutation(
        "city as a member",
        PROJECT,
        "membership:city-of-warsaw",
        "organisation:city-of-warsaw",
        "<id/city/warsaw>",
        OR,
        "exactly one member",
    ),
    Mutation(
        "membership of no time",
        PROJECT,
        "membership:city-of-malmo",
        "    org:memberDuring period:2005-to-2007 ;\n",
        "",
        OR,
        "A membership has a period",
        mark="",
    ),
    Mutation(
        "work package zero",
        PROJECT,
        "work-package:baltmet-inno-2",
        "bsr:number 2",
        "bsr:number 0",
        "sh:MinInclusive",
        "from 1 to 99",
    ),
    Mutation(
        "organisation without source",
        ORGANISATIONS,
        "organisation:minc",
        " ;\n    prov:hadPrimarySource source:inno-baltmet-66",
        "",
        MIN,
        "An organisation names its source",
        mark="",
    ),
    Mutation(
        "authority of nowhere",
        ORGANISATIONS,
        "organisation:city-of-riga",
        "    dct:spatial city:riga ;\n",
        "",
        MIN,
        "responsible for at least one place",
        mark="",
    ),
    Mutation(
        "park as a place",
        PARKS,
        "park:medeon",
        "a bsr:SciencePark",
        "a bsr:SciencePark, schema:Place",
        "sh:NotConstraintComponent",
        "not a place",
        mark="",
    ),
    Mutation(
        "month of no year",
        PARKS,
        "change:northtown-renamed",
        '"2021-01"',
        '"2021-13"',
        PATTERN,
        "A change has one date",
    ),
    # documents
    Mutation(
        "document without address",
        DOCUMENTS,
        "source:emta-vilnius",
        "    dct:source <https://www.emta.com/network/vilnius/"
        "identification-of-metropolitan-area-24/> ;\n",
        "",
        MIN,
        "exactly one address",
        mark="",
    ),
    Mutation(
        "page nobody says to have read",
        NETWORK_DOCUMENTS,
        "source:malmo-baltmet",
        "    bsr:reading reading:whole ;\n",
        "",
        MIN,
        "how far the editors have read it",
        mark="",
    ),
    Mutation(
        "page read on no day",
        NETWORK_DOCUMENTS,
        "source:berlin-baltmet",
        ' ;\n    bsr:consulted "2026-11-24"^^xsd:date',
        "",
        OR,
        "says on which day",
        mark="",
    ),
    Mutation(
        "two documents of one address",
        PARK_DOCUMENTS,
        "source:adlershof-report-2005",
        "<https://deploy.doczz.net/doc/6162837/in-2005---berlin-adlershof>",
        "<https://doczz.net/doc/5975764/2007-bericht-%C3%BCber-adlershof>",
        MAX,
        "they are one document",
    ),
    Mutation(
        "quotation longer than its range",
        QUOTES,
        "quote:area",
        "oa:end 1018",
        "oa:end 1017",
        "sh:SPARQL",
        "longer or shorter than the range",
        mark="",
    ),
    # terms and concepts
    Mutation(
        "misspelt term",
        PARK_CLAIMS,
        "figure:tehnopol-employees",
        "bsr:periodStatus",
        "bsr:periodStaus",
        "undeclared-term",
        "bsr:periodStaus is not declared",
    ),
    Mutation(
        "concept without definition",
        "concepts/topic",
        "topic:clusters",
        '    skos:definition "Firms and research institutions of one field that work near each '
        'other and together."@en ;\n',
        "",
        MIN,
        "A concept has a definition",
        mark="",
    ),
    Mutation(
        "linkset that counts in words",
        "linksets",
        "linkset:places-nuts",
        "void:triples 5",
        'void:triples "four"',
        DATATYPE,
        "how many links it has",
    ),
    # what only the text of the page can tell
    Mutation(
        "quotation the page does not have",
        QUOTES,
        "quote:population",
        '"about 550 000 inhabitants"',
        '"about 650 000 inhabitants"',
        "quote-differs",
        "The text does not say",
        needs_text=True,
    ),
    Mutation(
        "quotation at another place",
        QUOTES,
        "quote:universities",
        "oa:start 2429 ;\n    oa:end 2444",
        "oa:start 2439 ;\n    oa:end 2454",
        "quote-differs",
        "The text does not say",
        '"10 universities"',
        needs_text=True,
    ),
]


def seeded(root: Path, mutations: list[Mutation]) -> graph.SiteGraph:
    """Copy the site, seed the mistakes and read it."""
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, root / name)
    settings = (ROOT / "metropole.toml").read_text("utf-8")
    moved = settings.replace(load(ROOT).base, "https://elsewhere.example/graph/")
    (root / "metropole.toml").write_text(moved, "utf-8")
    for mutation in mutations:
        path = root / "data" / f"{mutation.file}.ttl"
        path.write_text(mutation.apply(path.read_text("utf-8")), "utf-8")
    return graph.load(sources.discover(load(root)))


@pytest.fixture(scope="module")
def mutant(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Finding, ...]]:
    """Give the site with all mistakes, and what a check says of it."""
    root = tmp_path_factory.mktemp("mutant")
    site = seeded(root, MUTATIONS)
    report = validate(site, text_folders=(TEXTS,), sound_shapes=shapes_digest(site))
    return root, report.findings


def test_mistakes_are_many_and_apart() -> None:
    """At least fifty mistakes, no two in one node: none can hide another."""
    nodes = [(mutation.file, mutation.node) for mutation in MUTATIONS]

    assert len(set(nodes)) == len(nodes) >= 50


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mistake_is_found_at_its_line(
    mutation: Mutation, mutant: tuple[Path, tuple[Finding, ...]]
) -> None:
    """A finding of the right kind names file and line, and says what is wrong."""
    root, findings = mutant
    if mutation.needs_text and not TEXTS.is_dir():
        pytest.skip("the text of the page is not published; METROPOLE_SHARED may name its folder")
    file = f"data/{mutation.file}.ttl"
    line = mutation.line((root / file).read_text("utf-8"))
    here = [f for f in findings if (f.file, f.line) == (file, line)]

    told = [f for f in here if mutation.rule in f.rule and mutation.says in f.message]
    assert told, [(f.position, f.rule, f.message) for f in findings if f.file == file]


def test_site_without_mistakes_has_no_such_finding() -> None:
    """The files as they are bring about none of these findings, nor any other."""
    site = graph.load(sources.discover(load(ROOT)))
    report = validate(site, sound_shapes=shapes_digest(site))

    assert [f for f in report.findings if f.severity != Severity.INFO] == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("bsr:statedNumber 307 ;", "bsr:statedNumber 307", "expected"),
        ("schema:value 307 ;", "schma:value 307 ;", "prefix"),
        ('"307 sq kilometers"@en', '"307 sq kilometers@en', "Line jumps"),
        ("unit:KiloM2", "<unit KiloM2>", "IRI"),
    ],
    ids=["semicolon missing", "prefix misspelt", "quotation mark missing", "space in an address"],
)
def test_mistake_of_syntax_is_found_at_its_line(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    """A file that cannot be read says in which line it stops."""
    mutation = Mutation("syntax", CITIES, "figure:riga-area", old, new, "syntax", says)
    (tmp_path / "data/claims").mkdir(parents=True)
    path = tmp_path / f"data/{CITIES}.ttl"
    path.write_text(mutation.apply((ROOT / f"data/{CITIES}.ttl").read_text("utf-8")), "utf-8")
    shutil.copy(ROOT / "metropole.toml", tmp_path)
    line = mutation.line(path.read_text("utf-8"))

    (finding,) = graph.load(sources.discover(load(tmp_path))).findings
    assert (finding.file, finding.rule) == (f"data/{CITIES}.ttl", mutation.rule)
    assert finding.line in (line, line + 1)
    assert says in finding.message
