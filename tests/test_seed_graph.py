"""Tests of the seed graph: it says what the scraped page says, all of it, and nothing more."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from pyshacl import Shape
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCAT, DCTERMS, OWL, PROV, QB, RDF, RDFS, SDO, SH, SKOS, VOID, XSD
from rdflib.namespace import GEO as GEOSPARQL
from rdflib.namespace import ORG as W3C_ORG
from rdflib.term import BNode, Node

from metropole import graph, sources
from metropole.formats import N_TRIPLES
from metropole.settings import load
from test_mutations import MUTATIONS

ROOT = Path(__file__).parent.parent
BASE = load(ROOT).base
BSR = Namespace(BASE + "ns#")
OA = Namespace("http://www.w3.org/ns/oa#")
SCHEMA = Namespace("https://schema.org/")
PAGE = URIRef(BASE + "id/source/inno-baltmet-243")
PAGE_SHA256 = "a22a27777d22c56a89ecbee66199e5ca78cbee49f835756ebe0c3d4f593da47c"
#: What of the page carries no fact.
FURNITURE = re.compile(r"latest news|Read more|\s+")


def turtle_files(*folders: str) -> list[Path]:
    """List the Turtle files of some folders of the site."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.ttl"))]


def parsed(*paths: Path) -> Graph:
    """Parse files of the site into one graph."""
    merged = Graph()
    for path in paths:
        merged.parse(path, format="turtle", publicID=BASE)
    return merged


@cache
def shapes_graph() -> Graph:
    """Give the shapes."""
    return parsed(*turtle_files("shapes"))


@cache
def data_graph() -> Graph:
    """Give data and ontology together, tables included, as they are validated."""
    site = parsed(*turtle_files("data", "ontology"))
    for text in table_statements().values():
        site.parse(data=text, format="nt")
    return site


@cache
def table_statements() -> dict[str, bytes]:
    """Give the statements that come from each table, by the name of its file."""
    found = graph.load(sources.discover(load(ROOT))).sources
    return {
        table.source.name: N_TRIPLES.serialized(table.quads())
        for table in found
        if table.source.description
    }


@cache
def page_text() -> str | None:
    """Give the text of the page, found by its checksum; it is not part of the repository."""
    folder = Path(os.environ.get("METROPOLE_SHARED", ROOT.parent / "shared")) / "seed"
    for path in sorted(folder.glob("*.txt")) if folder.is_dir() else []:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == PAGE_SHA256:
            return content.decode()
    return None


@pytest.fixture
def text() -> str:
    """Give the text of the page, or skip where it is not at hand."""
    found = page_text()
    if found is None:
        pytest.skip("the text of the page is not published; METROPOLE_SHARED may name its folder")
    return found


# What the files are like


def test_site_is_read_without_findings() -> None:
    """Strict parsing has nothing to say: no warning, no changed spelling."""
    site = graph.load(sources.discover(load(ROOT)))

    assert not site.findings


@pytest.mark.parametrize("path", turtle_files("ontology", "shapes", "data"), ids=lambda p: p.stem)
def test_files_move_with_the_base(path: Path) -> None:
    """No file names the base, a directive for it, or an address that leaves it."""
    content = path.read_text(encoding="utf-8")

    assert BASE not in content
    assert "@base" not in content
    assert not re.search(r"<(/|\.\.)", content)


def test_unused_prefixes_are_left_out() -> None:
    """Each prefix a file declares is used in it, and they are in alphabetical order."""
    for path in turtle_files("ontology", "shapes", "data"):
        content = path.read_text(encoding="utf-8")
        declared = re.findall(r"^@prefix ([\w-]+):", content, flags=re.MULTILINE)
        body = re.sub(r"^(@prefix|#).*", "", content, flags=re.MULTILINE)
        unused = [name for name in declared if not re.search(rf"(?<![\w-]){name}:\w", body)]
        assert unused == [], path.name
        assert declared == sorted(declared), path.name


def test_every_node_of_the_data_has_an_address() -> None:
    """There are no blank nodes in data and ontology."""
    assert not [term for triple in data_graph() for term in triple if isinstance(term, BNode)]


def test_no_statement_stands_in_two_files() -> None:
    """Each statement has one place where it is edited."""
    files = [parsed(path) for path in turtle_files("data", "ontology")]
    files += [Graph().parse(data=text, format="nt") for text in table_statements().values()]
    counts = Counter(triple for file in files for triple in file)

    assert [triple for triple, count in counts.items() if count > 1] == []


def test_every_graph_is_described() -> None:
    """Each data file has an entry in graphs.ttl, and each entry has its file."""
    described = {str(node) for node in data_graph().subjects(RDF.type, VOID.Dataset)}

    found = sources.discover(load(ROOT)).files
    assert described == {source.graph for source in found if source.folder == "data"}


def test_references_lead_somewhere() -> None:
    """Every address of the site that a statement points to is described in the site."""
    subjects = set(data_graph().subjects())

    assert {
        str(term)
        for term in data_graph().objects()
        if isinstance(term, URIRef) and term.startswith(BASE) and term not in subjects
    } == set()


# Vocabularies


def test_own_terms_are_declared_and_used() -> None:
    """The ontology declares all own terms that data and shapes use, and no others."""
    used = set(own_terms(data_graph())) | set(own_terms(shapes_graph()))
    ontology = parsed(*turtle_files("ontology"))
    named = {term for term in ontology.subjects(RDFS.isDefinedBy) if isinstance(term, URIRef)}
    declared = {term for term in named if term in BSR}

    assert used - declared == set()
    uses = parsed(*turtle_files("data"))
    in_data = {term for triple in uses for term in triple}
    assert declared - in_data == {BSR.Figure} - in_data


def own_terms(site: Graph) -> Iterator[URIRef]:
    """Go through the own terms that a graph mentions."""
    for triple in site:
        for term in triple:
            if isinstance(term, URIRef) and term.startswith(BSR):
                yield term


#: Terms that rdflib's copies of the vocabularies lack, looked up in the vocabularies themselves.
LOOKED_UP = {
    *(SCHEMA[name] for name in ("observationAbout", "StatisticalVariable", "Claim")),
    *(
        OA[name]
        for name in (
            "SpecificResource",
            "TextPositionSelector",
            "TextQuoteSelector",
            "end",
            "exact",
            "hasSelector",
            "hasSource",
            "prefix",
            "start",
            "suffix",
        )
    ),
    *(
        URIRef("http://spdx.org/rdf/terms#" + name)
        for name in (
            "Checksum",
            "algorithm",
            "checksum",
            "checksumAlgorithm_sha256",
            "checksumValue",
        )
    ),
    URIRef("http://data.europa.eu/m8g/PublicOrganisation"),
    URIRef("http://www.w3.org/2006/time#Interval"),
    URIRef("http://purl.org/vocab/vann/preferredNamespacePrefix"),
}
VOCABULARIES = (
    DCAT,
    DCTERMS,
    GEOSPARQL,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    VOID,
    W3C_ORG,
    XSD,
)


def test_published_terms_exist() -> None:
    """Each class and property of a published vocabulary is one that this vocabulary has."""
    terms = {term for term in data_graph().predicates() if isinstance(term, URIRef)}
    terms |= {term for term in data_graph().objects(None, RDF.type) if isinstance(term, URIRef)}
    foreign = {term for term in terms if not term.startswith(BASE)} - LOOKED_UP

    assert {str(term) for term in foreign if not any(term in known for known in VOCABULARIES)} == (
        set()
    )


def test_schema_org_is_written_with_https() -> None:
    """schema.org has two namespaces; the site uses one."""
    assert not [
        path.name
        for path in turtle_files("ontology", "shapes", "data")
        if "http://schema.org/" in path.read_text(encoding="utf-8")
    ]


# What the page says


def positions() -> list[tuple[URIRef, int, int, str | None]]:
    """List the places in the page: node, start, end and quotation, if there is one."""
    rows = []
    data = data_graph()
    for place in data.subjects(OA.hasSource, PAGE):
        selectors = list(data.objects(place, OA.hasSelector))
        start, end = (
            int(str(next(number for s in selectors for number in data.objects(s, edge))))
            for edge in (OA.start, OA.end)
        )
        exact = next((str(t) for s in selectors for t in data.objects(s, OA.exact)), None)
        assert isinstance(place, URIRef)
        rows.append((place, start, end, exact))
    return rows


def test_document_has_the_checksum_of_the_text() -> None:
    """The positions hold for one text only, named by its SHA-256."""
    (checksum,) = data_graph().objects(PAGE, URIRef("http://spdx.org/rdf/terms#checksum"))
    value = data_graph().value(checksum, URIRef("http://spdx.org/rdf/terms#checksumValue"))

    assert str(value).lower() == PAGE_SHA256


def test_quotations_stand_where_they_are_said_to(text: str) -> None:
    """At each position of the text stands the quotation, code point for code point."""
    wrong = [
        (place, exact, text[start:end])
        for place, start, end, exact in positions()
        if exact is not None and text[start:end] != exact
    ]

    assert wrong == []


def test_context_of_a_quotation_stands_around_it(text: str) -> None:
    """Prefix and suffix are what stands before and behind, and make the quotation unique."""
    data = data_graph()
    for place, start, end, exact in positions():
        if exact is None:
            continue
        selector = next(
            s for s in data.objects(place, OA.hasSelector) if (s, OA.exact, None) in data
        )
        prefix = str(data.value(selector, OA.prefix) or "")
        suffix = str(data.value(selector, OA.suffix) or "")
        assert text[start - len(prefix) : end + len(suffix)] == prefix + exact + suffix, place
        assert text.count(prefix + exact + suffix) == 1, place


def test_every_sentence_is_accounted_for(text: str) -> None:
    """Each character of the page lies in a place that something rests on, or carries no fact."""
    sourced = set(data_graph().objects(None, PROV.hadPrimarySource))
    sourced |= set(data_graph().objects(None, BSR.truncation))
    left = list(text)
    for place, start, end, _ in positions():
        if place in sourced:
            left[start:end] = " " * (end - start)

    assert FURNITURE.sub("", "".join(left)) == ""


def test_every_place_is_used() -> None:
    """Nothing is quoted that no statement rests on."""
    used = set(data_graph().objects(None, PROV.hadPrimarySource))
    used |= set(data_graph().objects(None, BSR.truncation))

    assert {place for place, *_ in positions()} - used == set()


def test_no_sentence_of_the_page_is_copied(text: str) -> None:
    """Nine words in a row of the page stand in no file, but for the name of an event."""
    name = next(n for n in data_graph().objects(None, SCHEMA.name) if "Alliances" in str(n))
    words = text.replace(str(name), "").split()
    phrases = {" ".join(words[i : i + 9]) for i in range(len(words) - 8)}
    for path in turtle_files("ontology", "shapes", "data"):
        content = " ".join(path.read_text(encoding="utf-8").replace('\\"', '"').split())
        assert [phrase for phrase in phrases if phrase in content] == [], path.name


def test_stated_wording_is_the_quotation() -> None:
    """The wording of a figure from the page is, letter for letter, one of its quotations."""
    quoted: dict[Node, str | None] = {place: exact for place, _, _, exact in positions()}
    data = data_graph()
    for figure, wording in data.subject_objects(BSR.statedText):
        exacts = [quoted[p] for p in data.objects(figure, PROV.hadPrimarySource) if p in quoted]
        assert not exacts or str(wording) in exacts, figure


@pytest.mark.parametrize(
    ("figure", "wording", "number"),
    [
        ("vilnius-population", "about 550 000 inhabitants", "550000"),
        ("vilnius-area", "394 sq. km", "394"),
        ("vilnius-enterprises", "One fourth", "1/4"),
        ("vilnius-trade-and-service-enterprises", "two thirds of them", "2/3"),
        ("vilnius-foreign-enterprises", "Over 40 percent", ">40"),
        ("vilnius-foreign-direct-investment", "2.815 billion €", "2815000000"),
        ("vilnius-foreign-direct-investment-share", "63 percent", "63"),
        ("vilnius-service-employment", "About 70 percent", "70"),
        ("vilnius-county-gross-domestic-product", "one-third of the country's GDP", "1/3"),
        ("vilnius-earnings", "exceed the country average by 1.2 times", ""),
        ("vilnius-research-institutions", "27 scientific research institutions", "27"),
        ("vilnius-universities", "10 universities", "10"),
        ("vilnius-university-students", "more than 67 000 students", ">67000"),
        ("vilnius-private-colleges", "7 private colleges", "7"),
        ("vilnius-private-college-students", "more than 16 000 students", ">16000"),
        ("vilnius-other-schools", "one school of higher education", "1"),
        ("vilnius-other-school-students", "more than a thousand of students", ">1000"),
        ("first-park-institutions", "three scientific institutions", "3"),
        ("first-park-businesses", "dozens of businesses", ""),
        ("vilnius-additional-parks", "a few additional Science and Technology parks", ""),
        ("vilnius-parks", "6 Science and Technology Parks", "6"),
        ("workshops-st-petersburg", "a number of BaltMet Inno workshops", ""),
    ],
)
def test_figure_says_what_the_page_says(figure: str, wording: str, number: str) -> None:
    """A number becomes a value, a bound or a fraction, as the page words it, or none at all."""
    node = URIRef(f"{BASE}id/figure/{figure}")

    assert str(data_graph().value(node, BSR.statedText)) == wording
    assert shown_number(node) == number


def shown_number(figure: URIRef) -> str:
    """Give the number of a figure, as `394`, `>40` or `2/3`, or nothing."""
    data = data_graph()
    numerator = data.value(figure, BSR.numerator)
    value = data.value(figure, SCHEMA.value)
    bound = data.value(figure, SCHEMA.minValue)
    if numerator is not None:
        return f"{numerator}/{data.value(figure, BSR.denominator)}"
    if value is not None:
        return str(value)
    return f">{bound}" if bound is not None else ""


def test_all_figures_of_the_page_are_tested() -> None:
    """The page states twenty-two figures."""
    from_page = {
        figure
        for figure in data_graph().subjects(RDF.type, BSR.Figure)
        for place in data_graph().objects(figure, PROV.hadPrimarySource)
        if (place, OA.hasSource, PAGE) in data_graph()
    }

    assert len(from_page) == 22


def test_page_has_four_news_items_about_three_events() -> None:
    """Two items are about one seminar; OPEN DAYS and the parts of a gathering are not news."""
    data = data_graph()
    items = set(data.subjects(RDF.type, SCHEMA.NewsArticle))

    assert len(items) == 4
    assert {str(e).rpartition("/")[2] for i in items for e in data.objects(i, SCHEMA.about)} == {
        "wp3-conference",
        "open-days-seminar",
        "st-petersburg-2007",
    }


# What is inferred


def test_inferred_statements_stand_apart() -> None:
    """Computed figures and conclusions are in derived.ttl, and only there."""
    derived = ROOT / "data" / "derived.ttl"
    others = parsed(*(path for path in turtle_files("data") if path != derived))

    for kind in (BSR.DerivedFigure, BSR.Inference):
        assert not list(others.subjects(RDF.type, kind))
        assert list(parsed(derived).subjects(RDF.type, kind))
    conference = URIRef(BASE + "id/event/wp3-conference")
    assert others.value(conference, SCHEMA.startDate) is None
    assert others.value(conference, BSR.statedDate) is not None


def test_each_conclusion_has_its_statement() -> None:
    """The property an inference concludes is stated of each thing it concerns, in derived.ttl."""
    derived = parsed(ROOT / "data" / "derived.ttl")
    for inference, thing in derived.subject_objects(BSR.concerns):
        concluded = derived.value(inference, BSR.concludedProperty)
        assert (thing, concluded, None) in derived, inference


def test_ambiguous_earnings_have_two_readings_one_preferred() -> None:
    """'1.2 times' may mean a ratio of 1.2 or of 2.2; the first is preferred."""
    data = data_graph()
    readings = {
        str(data.value(figure, SCHEMA.value)): str(preferred)
        for figure, preferred in data.subject_objects(BSR.preferredReading)
    }

    assert readings == {"1.2": "true", "2.2": "false"}


def number(figure: str, edge: URIRef = SCHEMA.value) -> Fraction:
    """Give a number of a figure exactly."""
    value = data_graph().value(URIRef(f"{BASE}id/figure/{figure}"), edge)
    return Fraction(str(value))


def test_computed_figures_are_right() -> None:
    """Each formula gives the value and the bounds that stand beside it."""
    total = "lithuania-foreign-direct-investment"
    amount = number("vilnius-foreign-direct-investment")
    share = number("vilnius-foreign-direct-investment-share")
    half_step, half_percent = Fraction(500_000), Fraction(1, 2)
    assert number(total) == round(amount * 100 / share)
    assert number(total, SCHEMA.minValue) == round(
        (amount - half_step) * 100 / (share + half_percent)
    )
    assert number(total, SCHEMA.maxValue) == round(
        (amount + half_step) * 100 / (share - half_percent)
    )
    assert number("vilnius-population-density") == round(
        number("vilnius-population") / number("vilnius-area")
    )
    assert number("vilnius-higher-education-institutions") == sum(
        number(f"vilnius-{name}") for name in ("universities", "private-colleges", "other-schools")
    )
    assert number("vilnius-higher-education-students", SCHEMA.minValue) == sum(
        number(f"vilnius-{name}-students", SCHEMA.minValue)
        for name in ("university", "private-college", "other-school")
    )


# Shapes


@dataclass(frozen=True)
class Result:
    """One result of a validation."""

    message: str
    severity: str


def results(data: Graph, focus: frozenset[Node]) -> set[Result]:
    """Validate some nodes of a graph against the shapes of the site.

    Other nodes, cut off at the rim of the graph, are seen from these and are no targets.
    `focus_nodes` of pySHACL would leave nested shapes out too.
    """
    find = Shape.focus_nodes

    def wanted(shape: Shape, *graph: Any, **more: Any) -> set[Node]:  # pySHACL has no types
        return set(find(shape, *graph, **more)) & focus  # type: ignore[no-untyped-call]

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(Shape, "focus_nodes", wanted)
        _, report, _ = pyshacl.validate(
            data, shacl_graph=shapes_graph(), advanced=False, inference="none"
        )
    assert isinstance(report, Graph)
    return {
        Result(
            str(report.value(result, SH.resultMessage)),
            str(report.value(result, SH.resultSeverity)).rpartition("#")[2],
        )
        for result in report.objects(None, SH.result)
        if report.value(result, SH.focusNode) in focus
    }


#: What a property shape may say to pages without holding data to anything.
FOR_PAGES = {
    RDF.type,
    *(SH[name] for name in ("path", "name", "description", "group", "order")),
    URIRef("http://datashapes.org/dash#viewer"),
    URIRef("http://www.w3.org/ns/csvw#format"),
}


def is_for_pages_only(shapes: Graph, rule: Node) -> bool:
    """Tell whether a property shape constrains nothing."""
    return set(shapes.predicates(rule)) <= FOR_PAGES


def test_shapes_speak_to_curators() -> None:
    """Every shape with a target is described, every property shape has a message in English."""
    shapes = shapes_graph()
    for shape in shapes.subjects(RDF.type, SH.NodeShape):
        assert (shape, SH.description, None) in shapes, shape
    for shape in {*shapes.objects(None, SH.property), *shapes.objects(None, SH.sparql)}:
        if is_for_pages_only(shapes, shape):
            continue
        message = shapes.value(shape, SH.message)
        assert isinstance(message, Literal), shape
        assert message.language == "en", shape
    for rule in (SH["or"], SH["not"]):
        for shape in shapes.subjects(rule, None):
            if isinstance(shape, URIRef):
                assert (shape, SH.message, None) in shapes, shape


def test_sections_of_pages_are_named_in_every_language() -> None:
    """A property shape with a group has a name in the languages of the site, and an order."""
    shapes = shapes_graph()
    for shape in shapes.subjects(SH.group):
        names = {
            name.language for name in shapes.objects(shape, SH.name) if isinstance(name, Literal)
        }
        assert names == set(load(ROOT).languages), shape
        assert shapes.value(shape, SH.order) is not None


#: Classes whose nodes have no page of their own, or one that is made otherwise.
WITHOUT_SECTIONS = {
    OWL.Ontology,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    URIRef("http://spdx.org/rdf/terms#Checksum"),
}


def test_every_property_has_its_place_on_a_page() -> None:
    """What is said of a thing falls under a named property shape of one of its classes."""
    data, shapes = data_graph(), shapes_graph()
    named = {
        (target, shapes.value(rule, SH.path))
        for shape, target in shapes.subject_objects(SH.targetClass)
        for rule in shapes.objects(shape, SH.property)
        if (rule, SH.name, None) in shapes
    }
    for thing in set(data.subjects()):
        classes: set[Node | None] = set(data.objects(thing, RDF.type))
        is_elsewhere = isinstance(thing, URIRef) and not thing.startswith(BASE)
        if is_elsewhere or classes & WITHOUT_SECTIONS:
            continue
        if (thing, PROV.invalidatedAtTime, None) in data:  # gone, so its page is another one
            assert set(data.predicates(thing)) <= {PROV.invalidatedAtTime, DCTERMS.isReplacedBy}
            continue
        for kind in list(classes):
            classes |= set(data.transitive_objects(kind, RDFS.subClassOf))
        for edge in set(data.predicates(thing)) - {RDF.type}:
            assert [kind for kind in classes if (kind, edge) in named], (thing, edge)


PREFIXES = """
@prefix bsr: <ns#> .
@prefix city: <id/city/> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix figure: <id/figure/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix id: <id/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix park: <id/park/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix q: <id/qualifier/> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix quote: <id/quote/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


#: One figure of a table.
OBSERVATION = "<id/population/vilnius-2007-city-proper-2008-estimate-de-jure>"


@dataclass(frozen=True)
class Mistake:
    """One mistake a curator may make: what is taken out, what is put in, what must be said."""

    name: str
    message: str
    add: str = ""
    remove: str = ""
    severity: str = "Violation"
    #: What else follows from the same mistake.
    also: frozenset[str] = field(default_factory=frozenset)


MISTAKES = [
    # statistics
    Mistake(
        "figure of a table for no city",
        "A figure of a table counts the people of one city of the site.",
        remove=f"{OBSERVATION} bsr:refArea city:vilnius .",
        add=f"{OBSERVATION} bsr:refArea <id/country/lithuania> .",
    ),
    Mistake(
        "figure of a table without its year",
        "A figure of a table holds for one year, written with four digits.",
        remove=f'{OBSERVATION} bsr:refPeriod "2007"^^xsd:gYear .',
    ),
    Mistake(
        "population as a text",
        "A figure of a table is one number of people greater than 0, an xsd:decimal.",
        remove=f'{OBSERVATION} bsr:population "543494"^^xsd:decimal .',
        add=f'{OBSERVATION} bsr:population "543 494" .',
    ),
    Mistake(
        "table without a structure",
        "A table has exactly one structure (qb:structure).",
        remove="<id/dataset/population> qb:structure <id/structure/population> .",
    ),
    Mistake(
        "structure without parts",
        "A structure has at least a dimension and a measure (qb:component).",
        add="<id/structure/x> a qb:DataStructureDefinition ; "
        'skos:prefLabel "x"@en, "x"@lt, "x"@de, "x"@pl, "x"@ru .',
    ),
    Mistake(
        "dimension that is none",
        "The dimension of a structure is a qb:DimensionProperty.",
        remove="<id/component/population-area> qb:dimension bsr:refArea .",
        add="<id/component/population-area> qb:dimension bsr:population .",
    ),
    Mistake(
        "university in no city",
        "A university lies in one city of the site.",
        remove="<id/university/vu.lt> schema:location city:vilnius .",
    ),
    # places
    Mistake(
        "city without English name",
        "There is no name in English (skos:prefLabel with @en).",
        remove='city:brussels skos:prefLabel "Brussels"@en .',
    ),
    Mistake(
        "city without Lithuanian name",
        "There is no name in Lithuanian (skos:prefLabel with @lt).",
        remove='city:brussels skos:prefLabel "Briuselis"@lt .',
        severity="Warning",
    ),
    Mistake(
        "two names in one language",
        "There are two names in one language: keep the better one as skos:prefLabel and make "
        "the other a skos:altLabel.",
        add='city:brussels skos:prefLabel "Brussel"@de .',
    ),
    Mistake(
        "name without language",
        'A name has a language tag, as in "Vilnius"@lt.',
        add='city:brussels skos:prefLabel "Brussels" .',
        also=frozenset(
            {
                (
                    "The language tag of a name is one of en, lt, de, pl, ru, lv, et, fi, sv, da, "
                    "nb, fr and nl."
                )
            }
        ),
    ),
    Mistake(
        "name with a space at its end",
        "A name is not empty and has no space at its ends.",
        remove='city:brussels skos:prefLabel "Briuselis"@lt .',
        add='city:brussels skos:prefLabel "Briuselis "@lt .',
        severity="Warning",
    ),
    Mistake(
        "city in two regions",
        "A city lies in exactly one region or country (schema:containedInPlace).",
        add="city:brussels schema:containedInPlace <id/country/lithuania> .",
    ),
    Mistake(
        "city as an authority",
        "A city is a place; the authority that governs it is an organisation with an IRI of "
        "its own.",
        add="city:brussels a org:Organization ; prov:hadPrimarySource quote:capital .",
    ),
    Mistake(
        "city merged with GeoNames",
        "owl:sameAs would merge two things for every reasoner: use schema:sameAs, or "
        "skos:exactMatch between concepts.",
        add="city:brussels owl:sameAs <https://sws.geonames.org/2800866/> .",
    ),
    Mistake(
        "address of GeoNames without its slash",
        "This is not the address of a thing in GeoNames (https://sws.geonames.org/593116/, with "
        "the slash), Wikidata (http://www.wikidata.org/entity/Q216) or ROR.",
        add="city:brussels schema:sameAs <https://sws.geonames.org/2800866> .",
        also=frozenset(
            {
                (
                    "A city has one address in GeoNames: of two, one is that of another place or "
                    "of an administrative unit."
                )
            }
        ),
    ),
    Mistake(
        "page of Wikidata instead of the thing",
        "This is not the address of a thing in GeoNames (https://sws.geonames.org/593116/, with "
        "the slash), Wikidata (http://www.wikidata.org/entity/Q216) or ROR.",
        add="city:brussels schema:sameAs <https://www.wikidata.org/wiki/Q239> .",
    ),
    Mistake(
        "swapped coordinates",
        "The point is outside of Europe: in WKT the longitude (-30 to 70) comes first, then the "
        "latitude (34 to 72). Are the two swapped?",
        remove='<id/geometry/brussels> geo:asWKT "POINT(4.34878 50.85045)"^^geo:wktLiteral .',
        add='<id/geometry/brussels> geo:asWKT "POINT(50.85045 4.34878)"^^geo:wktLiteral .',
        also=frozenset(
            {
                (
                    "The point lies far from the Baltic Sea (longitude 4 to 32, latitude 49 to "
                    "66): is a digit or a sign wrong?"
                )
            }
        ),
    ),
    Mistake(
        "year that is no year",
        "A period begins on one day (xsd:date) or in one year (xsd:gYear) from 1980 to 2030.",
        remove='<id/period/since-1993> dcat:startDate "1993"^^xsd:gYear .',
        add='<id/period/since-1993> dcat:startDate "abcd"^^xsd:gYear .',
    ),
    Mistake(
        "year out of range",
        "A period begins on one day (xsd:date) or in one year (xsd:gYear) from 1980 to 2030.",
        remove='<id/period/since-1993> dcat:startDate "1993"^^xsd:gYear .',
        add='<id/period/since-1993> dcat:startDate "1893"^^xsd:gYear .',
    ),
    Mistake(
        "period that ends before it begins",
        "A period does not end before it begins.",
        remove='<id/period/2005> dcat:endDate "2005-12-31"^^xsd:date .',
        add='<id/period/2005> dcat:endDate "2004-12-31"^^xsd:date .',
    ),
    Mistake(
        "region in no country",
        "A region lies in exactly one region or country (schema:containedInPlace).",
        remove="<id/region/vilnius-county> schema:containedInPlace <id/country/lithuania> .",
    ),
    Mistake(
        "named area that could be anything",
        "A named area is described in English: what does the source count in?",
        remove="<id/region/oslo-region> schema:description "
        '"The area around Oslo; the source draws no boundary."@en .',
    ),
    Mistake(
        "country without an address in the European Union's table",
        "A country has the address of the same country in the authority table of the European "
        "Union.",
        remove="<id/country/belgium> skos:exactMatch "
        "<http://publications.europa.eu/resource/authority/country/BEL> .",
    ),
    Mistake(
        "site in no city",
        "A site lies in exactly one city.",
        remove="<id/site/visoriai> schema:containedInPlace city:vilnius .",
    ),
    # organisations
    Mistake(
        "park as a place",
        "A science park is an organisation, not a place: its ground is a site of its own "
        "(org:hasSite).",
        add="park:sunrise-valley a schema:Place .",
    ),
    Mistake(
        "organisation without source",
        "An organisation names its source: a place in a document (oa:SpecificResource) or a "
        "document.",
        remove="<id/organisation/baltic-sea-group> prov:hadPrimarySource quote:baltic-sea-group .",
    ),
    Mistake(
        "authority of nowhere",
        "An authority is responsible for at least one place (dct:spatial).",
        remove="<id/organisation/city-of-vilnius> dct:spatial city:vilnius .",
    ),
    Mistake(
        "membership without role",
        "A membership has exactly one role, a concept of the scheme of roles: an observer is no "
        "partner.",
        remove="<id/membership/city-of-vilnius> org:role <id/role/observer> .",
    ),
    Mistake(
        "membership of no time",
        "A membership has a period (org:memberDuring) or says that there is none "
        "(bsr:periodStatus).",
        remove="<id/membership/city-of-vilnius> org:memberDuring <id/period/2005-to-2007> .",
    ),
    Mistake(
        "observer as partner too",
        "A membership has exactly one role, a concept of the scheme of roles: an observer is no "
        "partner.",
        add="<id/membership/city-of-vilnius> org:role <id/role/partner> .",
    ),
    Mistake(
        "city as a member",
        "A membership has exactly one member, an organisation.",
        remove="<id/membership/city-of-vilnius> org:member <id/organisation/city-of-vilnius> .",
        add="<id/membership/city-of-vilnius> org:member city:vilnius .",
    ),
    Mistake(
        "work package in no project",
        "A work package is part of exactly one project.",
        remove="<id/work-package/baltmet-inno-3> dct:isPartOf <id/project/baltmet-inno> .",
    ),
    Mistake(
        "project of two periods",
        "A project has at most one period (dct:temporal).",
        add="<id/project/baltmet-inno> dct:temporal <id/period/2005-to-2008> .",
    ),
    Mistake(
        "project without period",
        "A project has a period (dct:temporal) or says that there is none (bsr:periodStatus).",
        remove="<id/project/baltmet-inno> dct:temporal <id/period/2005-to-2007> .",
    ),
    Mistake(
        "change without date",
        "A change has one date, a day, a month or a year from 1900 to 2030.",
        remove='<id/change/northtown-renamed> dct:date "2021-01"^^xsd:gYearMonth .',
    ),
    # events
    Mistake(
        "event in a country",
        "An event takes place in a city of the site (schema:location).",
        remove="<id/event/wp3-conference> schema:location city:berlin .",
        add="<id/event/wp3-conference> schema:location <id/country/germany> .",
    ),
    Mistake(
        "city as host",
        "The host of an event is an organisation: not the city as a place, but the authority "
        "that governs it.",
        remove="<id/event/st-petersburg-2007> bsr:host <id/organisation/city-of-st-petersburg> .",
        add="<id/event/st-petersburg-2007> bsr:host city:st-petersburg .",
    ),
    Mistake(
        "event without any time",
        "An event has a first day (schema:startDate), a stated day without a year "
        "(bsr:statedDate) or at least a period (dct:temporal).",
        remove="<id/event/wp5-meeting-2006> dct:temporal <id/period/march-2006> .",
    ),
    Mistake(
        "day of a thirteenth month",
        'A stated day without a year is one xsd:gMonthDay, as "--11-13".',
        remove='<id/event/wp3-conference> bsr:statedDate "--11-13"^^xsd:gMonthDay .',
        add='<id/event/wp3-conference> bsr:statedDate "--13-11"^^xsd:gMonthDay .',
        also=frozenset(
            ["The first day (schema:startDate) is another day than the one the source states."]
        ),
    ),
    Mistake(
        "inferred date of another day",
        "The first day (schema:startDate) is another day than the one the source states.",
        remove='<id/event/wp3-conference> schema:startDate "2007-11-13"^^xsd:date .',
        add='<id/event/wp3-conference> schema:startDate "2007-11-14"^^xsd:date .',
    ),
    Mistake(
        "year without a reason",
        "The source states no year for this event: a schema:startDate needs a bsr:Inference that "
        "concerns the event and gives the rationale.",
        remove="<id/inference/wp3-conference-year> bsr:concerns <id/event/wp3-conference> .",
        add="<id/inference/wp3-conference-year> bsr:concerns <id/event/open-days-seminar> .",
    ),
    Mistake(
        "event that ends before it begins",
        "An event does not end before it begins.",
        remove='<id/event/st-petersburg-2007> schema:endDate "2007-06-15"^^xsd:date .',
        add='<id/event/st-petersburg-2007> schema:endDate "2007-06-12"^^xsd:date .',
    ),
    Mistake(
        "news about nothing",
        "A news item is about at least one event.",
        remove="<id/news/open-days-notice> schema:about <id/event/open-days-seminar> .",
    ),
    # figures
    Mistake(
        "bound as a value",
        "A figure with a bound ('more than', 'at least', 'less than', 'at most') has no "
        "schema:value: the bound goes to schema:minValue or schema:maxValue.",
        add="figure:vilnius-foreign-enterprises schema:value 40 .",
    ),
    Mistake(
        "lower bound left out",
        "A figure with 'more than' or 'at least' has a schema:minValue.",
        remove="figure:vilnius-university-students schema:minValue 67000 .",
    ),
    Mistake(
        "exact figure without value",
        "A figure that the source states exactly or with 'about' has a schema:value.",
        remove="figure:vilnius-universities schema:value 10 .",
    ),
    Mistake(
        "floating-point value",
        "A value is one integer or decimal number, never a float or a text.",
        remove="figure:vilnius-area schema:value 394 .",
        add="figure:vilnius-area schema:value 394.0e0 .",
    ),
    Mistake(
        "two values of one figure",
        "A value is one integer or decimal number, never a float or a text.",
        add="figure:vilnius-area schema:value 401 .",
        also=frozenset(
            {
                (
                    "This is not the stated number, nor so many thousands, millions or billions "
                    "(bsr:statedNumber)."
                )
            }
        ),
    ),
    Mistake(
        "fraction without denominator",
        "A figure stated as a fraction has a bsr:denominator.",
        remove="figure:vilnius-trade-and-service-enterprises bsr:denominator 3 .",
    ),
    Mistake(
        "fraction without numerator",
        "A figure stated as a fraction has a bsr:numerator.",
        remove="figure:vilnius-trade-and-service-enterprises bsr:numerator 2 .",
    ),
    Mistake(
        "fraction of nothing",
        "A fraction names the area of its whole (bsr:denominatorArea): one third of what?",
        remove="figure:vilnius-enterprises bsr:denominatorArea <id/country/lithuania> .",
    ),
    Mistake(
        "upper bound as a lower one",
        "A figure with 'less than' or 'at most' has a schema:maxValue.",
        remove="figure:vilnius-foreign-enterprises bsr:qualifier q:more-than .",
        add="figure:vilnius-foreign-enterprises bsr:qualifier q:less-than .",
    ),
    Mistake(
        "comparison with nothing",
        "A figure that compares names the area it compares with (bsr:comparedWithArea).",
        remove="figure:vilnius-earnings bsr:comparedWithArea <id/country/lithuania> .",
    ),
    Mistake(
        "vague number without its words",
        "A vague number has its wording in bsr:statedText.",
        remove='figure:first-park-businesses bsr:statedText "dozens of businesses"@en .',
    ),
    Mistake(
        "value of another fraction",
        "The value is not the numerator divided by the denominator.",
        remove="figure:vilnius-enterprises schema:value 0.25 .",
        add="figure:vilnius-enterprises schema:value 0.4 .",
    ),
    Mistake(
        "ambiguous figure with a value",
        "'exceeds by … times' can be read in two ways: the figure has no schema:value; make a "
        "derived figure of each reading.",
        add="figure:vilnius-earnings schema:value 1.2 .",
    ),
    Mistake(
        "number made of dozens",
        "A vague number ('dozens', 'a few') has no schema:value, no schema:minValue and no "
        "bsr:statedNumber: do not make a number of it.",
        add="figure:first-park-businesses schema:minValue 24 .",
    ),
    Mistake(
        "more than all",
        "A percentage lies between 0 and 100.",
        remove="figure:vilnius-service-employment schema:value 70 .",
        add="figure:vilnius-service-employment schema:value 170 .",
        also=frozenset(
            {
                (
                    "This is not the stated number, nor so many thousands, millions or billions "
                    "(bsr:statedNumber)."
                )
            }
        ),
    ),
    Mistake(
        "percentage of nothing",
        "A percentage names the area of its whole (bsr:denominatorArea): 63 percent of what?",
        remove="figure:vilnius-foreign-direct-investment-share "
        "bsr:denominatorArea <id/country/lithuania> .",
    ),
    Mistake(
        "county's product as the city's",
        "Gross domestic product is a figure of a county or country: it must not be shown as one "
        "of a city.",
        remove="figure:vilnius-county-gross-domestic-product "
        "schema:observationAbout <id/region/vilnius-county> .",
        add="figure:vilnius-county-gross-domestic-product schema:observationAbout city:vilnius .",
    ),
    Mistake(
        "figure of no time",
        "A figure has a period (dct:temporal) or says that there is none (bsr:periodStatus).",
        remove="figure:vilnius-foreign-direct-investment dct:temporal <id/period/2005> .",
    ),
    Mistake(
        "dated figure without a date",
        "A figure with a period (dct:temporal) has no bsr:periodStatus: it is dated.",
        add="figure:vilnius-foreign-direct-investment "
        "bsr:periodStatus <id/period-status/unstated-present> .",
    ),
    Mistake(
        "figure without source",
        "A figure names its source (prov:hadPrimarySource) or the figures it is computed from "
        "(prov:wasDerivedFrom).",
        remove="figure:vilnius-area prov:hadPrimarySource quote:area, quote:passage-area .",
    ),
    Mistake(
        "source that is none",
        "A figure names as source a place in a document (oa:SpecificResource) or a document.",
        add="figure:vilnius-area prov:hadPrimarySource city:vilnius .",
    ),
    Mistake(
        "qualifier of another scheme",
        "A figure has exactly one qualifier, a concept of the scheme of qualifiers: how exactly "
        "does the source state the number?",
        remove="figure:vilnius-additional-parks bsr:qualifier q:vague-number .",
        add="figure:vilnius-additional-parks bsr:qualifier <id/topic/innovation> .",
    ),
    Mistake(
        "unit that is no unit",
        "A figure has exactly one unit, an IRI of QUDT such as unit:PERCENT, unit:NUM, "
        "unit:KiloM2 or unit:CCY_EUR.",
        remove="figure:vilnius-area schema:unitCode unit:KiloM2 .",
        add='figure:vilnius-area schema:unitCode "km2" .',
    ),
    Mistake(
        "wording as long as a sentence",
        "The wording of a figure is one phrase of at most eight words with a language tag.",
        remove='figure:vilnius-area bsr:statedText "394 sq. km"@en .',
        add='figure:vilnius-area bsr:statedText "a b c d e f g h i"@en .',
    ),
    Mistake(
        "derived figure without formula",
        "A derived figure has a formula: of signs and numbers alone as a plain text, "
        "else one for each language.",
        remove='figure:vilnius-higher-education-institutions bsr:formula "10 + 7 + 1" .',
    ),
    Mistake(
        "derived figure with a wording",
        "A derived figure has no wording of a source.",
        add='figure:vilnius-population-density bsr:statedText "1 396 per sq. km"@en .',
    ),
    Mistake(
        "upper bound below the value",
        "A value is not above the upper bound.",
        remove="figure:lithuania-foreign-direct-investment schema:maxValue 4504800000 .",
        add="figure:lithuania-foreign-direct-investment schema:maxValue 4450480000 .",
    ),
    # statements, lists, inferences
    Mistake(
        "profile without sector",
        "A sector profile names at least one sector, a concept of the scheme of sectors.",
        remove="<id/statement/vilnius-services> bsr:sector <id/sector/services> .",
    ),
    Mistake(
        "statement of no time",
        "A statement has a period (dct:temporal) or says that there is none (bsr:periodStatus).",
        remove="<id/statement/vilnius-capital> "
        "bsr:periodStatus <id/period-status/unstated-present> .",
    ),
    Mistake(
        "list with one item too few",
        "The list names more or fewer items than the count it states.",
        remove="<id/list/vilnius-parks> schema:itemListElement park:sunrise-valley .",
        severity="Warning",
    ),
    Mistake(
        "inference without reason",
        "An inference gives its rationale in English, in at least one full sentence.",
        add="<id/inference/new> a bsr:Inference ; bsr:concerns city:vilnius ; "
        'skos:prefLabel "New"@en ; bsr:concludedProperty schema:about ; prov:used quote:area .',
    ),
    # sources
    Mistake(
        "document without address",
        "A document has exactly one address (dct:source), an http or https IRI.",
        remove="<id/source/geonames> dct:source <https://www.geonames.org/> .",
    ),
    Mistake(
        "page that nobody says to have read",
        "A page says how far the editors have read it (bsr:reading).",
        remove="<id/source/emta-vilnius> bsr:reading <id/reading/whole> .",
        severity="Warning",
    ),
    Mistake(
        "page read on no day",
        "A page that was read says on which day (bsr:consulted).",
        remove='<id/source/emta-vilnius> bsr:consulted "2026-11-24"^^xsd:date .',
    ),
    Mistake(
        "quoted document without checksum",
        "A document that is quoted by position has a checksum of its text (spdx:checksum): "
        "positions hold for that text only.",
        remove="<id/source/inno-baltmet-243> spdx:checksum <id/source/inno-baltmet-243-checksum> .",
    ),
    Mistake(
        "checksum of another length",
        "A SHA-256 has 64 hexadecimal digits in lower case, typed xsd:hexBinary.",
        remove="<id/source/inno-baltmet-243-checksum> "
        f'spdx:checksumValue "{PAGE_SHA256}"^^xsd:hexBinary .',
        add='<id/source/inno-baltmet-243-checksum> spdx:checksumValue "a22a"^^xsd:hexBinary .',
    ),
    Mistake(
        "quotation of nine words",
        "A quotation is one text of at most eight words: quote the phrase that carries the fact, "
        "not the sentence.",
        remove='quote:area-text oa:exact "394 sq. km" . quote:area-position oa:end 1018 .',
        add='quote:area-text oa:exact "a b c d e f g h i" . quote:area-position oa:end 1025 .',
    ),
    Mistake(
        "quotation longer than its range",
        "The quotation is longer or shorter than the range of its position.",
        remove="quote:area-position oa:end 1018 .",
        add="quote:area-position oa:end 1019 .",
    ),
    Mistake(
        "range that ends before it begins",
        "The start of a position lies before its end.",
        remove="quote:passage-area-position oa:start 980 .",
        add="quote:passage-area-position oa:start 1980 .",
    ),
    Mistake(
        "place without position",
        "A place in a text has exactly one position (oa:TextPositionSelector).",
        remove="quote:area oa:hasSelector quote:area-position .",
    ),
    Mistake(
        "truncation of nothing",
        "A truncation names the one thing whose description is damaged.",
        remove="quote:gap-visoriai schema:about park:visoriai-information-technology-park .",
    ),
    Mistake(
        "graph without licence",
        "A graph has exactly one licence, an IRI.",
        remove="<id/graph/data/derived> "
        "dct:license <https://creativecommons.org/licenses/by/4.0/> .",
    ),
    # concepts and ontology
    Mistake(
        "concept without definition",
        "A concept has a definition in English, in a sentence.",
        remove='<id/sector/trade> skos:definition "Wholesale and retail trade."@en .',
    ),
    Mistake(
        "concept broader than itself",
        "A concept is not broader than itself, not even in several steps.",
        add="<id/sector/trade-and-services> skos:broader <id/sector/trade> .",
    ),
    Mistake(
        "scheme of one concept",
        "A scheme has at least two concepts.",
        add='<id/scheme/new> a skos:ConceptScheme ; skos:definition "A scheme of one."@en ; '
        'skos:prefLabel "New"@en, "Nauja"@lt, "Neu"@de, "Nowy"@pl, "Новая"@ru . '
        "<id/new/one> a skos:Concept ; skos:inScheme <id/scheme/new> ; "
        'skos:definition "The one concept of it."@en ; '
        'skos:prefLabel "one"@en, "vienas"@lt, "eins"@de, "jeden"@pl, "один"@ru .',
        severity="Warning",
    ),
    Mistake(
        "ontology without licence",
        "The ontology has exactly one licence, an IRI.",
        remove="<ns> dct:license <https://creativecommons.org/licenses/by/4.0/> .",
    ),
    Mistake(
        "own term without ontology",
        "A term of our own names its ontology (rdfs:isDefinedBy <ns>).",
        remove="bsr:formula rdfs:isDefinedBy <ns> .",
    ),
    Mistake(
        "own term without Polish label",
        "The term has no label in Polish (rdfs:label with @pl).",
        remove='bsr:formula rdfs:label "wzór"@pl .',
        severity="Warning",
    ),
]


def statements(turtle: str) -> Graph:
    """Parse statements written with the prefixes of this file."""
    return Graph().parse(data=PREFIXES + turtle, format="turtle", publicID=BASE)


def neighbours(data: Graph, changed: Graph) -> frozenset[Node]:
    """List the nodes a change may concern: what it names, and what points to its subjects."""
    subjects = set(changed.subjects())
    pointing = {node for subject in subjects for node in data.subjects(None, subject)}
    return frozenset(subjects | pointing | set(changed.objects()))


def surroundings(data: Graph, nodes: frozenset[Node]) -> Graph:
    """Give what shapes can see from some nodes: two steps ahead, and the classes.

    Copying the whole site for each mistake would take minutes.
    """
    seen = Graph()
    seen += data.triples((None, RDFS.subClassOf, None))
    seen += data.triples((None, BSR.concerns, None))
    reached = set(nodes)
    for _ in range(2):
        for node in reached:
            seen += data.triples((node, None, None))
        reached = set(seen.objects())
    for node in set(seen.subjects()) | set(seen.objects()):
        seen += data.triples((node, RDF.type, None))
    return seen


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake_is_told_in_plain_words(mistake: Mistake) -> None:
    """One mistake in the real data gives exactly the message that is meant for it."""
    removed, added = statements(mistake.remove), statements(mistake.add)
    assert all(triple in data_graph() for triple in removed), "the data have changed"
    focus = neighbours(data_graph(), removed + added)
    mistaken = surroundings(data_graph(), focus) - removed + added

    found = results(mistaken, focus)

    assert {result.message for result in found} == {mistake.message, *mistake.also}
    assert Result(mistake.message, mistake.severity) in found


def test_every_shape_is_proved_by_a_mistake() -> None:
    """Each shape with a target has a message that a mistake here or in the files brings about."""
    shapes = shapes_graph()
    seeded = [mutation.says for mutation in MUTATIONS]
    told = {mistake.message for mistake in MISTAKES}
    told |= {
        str(message)
        for message in shapes.objects(None, SH.message)
        if any(words in str(message) for words in seeded)
    }
    unproved = []
    for shape in targeted_shapes(shapes):
        rules = {shape, *shapes.objects(shape, SH.property), *shapes.objects(shape, SH.sparql)}
        rules |= {
            validator
            for component in shapes.subjects(RDF.type, SH.ConstraintComponent)
            for parameter in shapes.objects(component, SH.parameter)
            if (shape, shapes.value(parameter, SH.path), None) in shapes
            for validator in shapes.objects(component, SH.nodeValidator)
        }
        if all(is_for_pages_only(shapes, rule) for rule in rules - {shape}) and rules != {shape}:
            continue
        if not told & {str(m) for rule in rules for m in shapes.objects(rule, SH.message)}:
            unproved.append(str(shape).rpartition("#")[2])

    assert sorted(unproved) == []


def targeted_shapes(shapes: Graph) -> set[Node]:
    """List the shapes that apply to something by themselves."""
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    return {shape for target in targets for shape in shapes.subjects(target, None)}


def test_every_message_can_be_read() -> None:
    """A message is a sentence, and no longer than a curator reads in one go."""
    for message in shapes_graph().objects(None, SH.message):
        assert str(message).endswith((".", "?")), message
        assert len(str(message)) <= 200, message


def test_lists_in_shapes_hold_known_qualifiers() -> None:
    """Each qualifier a shape names is a concept of the scheme."""
    known = set(data_graph().subjects(SKOS.inScheme, URIRef(BASE + "id/scheme/qualifier")))
    shapes = shapes_graph()
    listed = {
        term for items in shapes.objects(None, SH["in"]) for term in Collection(shapes, items)
    }
    named = {term for term in listed if str(term).startswith(BASE + "id/qualifier/")}

    assert named - known == set()
    assert known - named == set()
