"""Tests of the statistics: the integrity constraints of the RDF Data Cube hold on the real graph.

The constraints are those of the recommendation (sections 10 and 11): the graph is normalised
first, by updates, and then each constraint is a query that must find nothing.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import graph, sources
from metropole.settings import load
from sites import BASE, load_site

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "data/statistics/population.csv"
PREFIXES = """
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
#: What the short forms of a cube leave out (section 10): types, component properties,
#: observations of slices, and values attached above the observation.
NORMALISATION = (
    "INSERT { ?o a qb:Observation } WHERE { ?x qb:observation ?o }",
    "INSERT { ?o a qb:Observation } WHERE { ?o qb:dataSet ?x }",
    "INSERT { ?s a qb:Slice } WHERE { ?x qb:slice ?s }",
    *(
        f"INSERT {{ ?c qb:componentProperty ?p . ?p a qb:{kind.title()}Property }} "
        f"WHERE {{ ?c qb:{kind} ?p }}"
        for kind in ("dimension", "measure", "attribute")
    ),
    *(
        f"INSERT {{ ?p a qb:ComponentProperty }} WHERE {{ ?p a qb:{kind}Property }}"
        for kind in ("Dimension", "Measure", "Attribute")
    ),
    "INSERT { ?o qb:dataSet ?d } WHERE { ?d qb:slice/qb:observation ?o }",
    """INSERT { ?o ?p ?v } WHERE {
        ?c qb:componentProperty ?p ; qb:componentAttachment qb:DataSet .
        ?d qb:structure/qb:component ?c ; ?p ?v . ?o qb:dataSet ?d }""",
    """INSERT { ?o ?p ?v } WHERE {
        ?c qb:componentProperty ?p ; qb:componentAttachment qb:Slice .
        ?d qb:structure/qb:component ?c ; qb:slice ?s . ?s ?p ?v ; qb:observation ?o }""",
    """INSERT { ?o ?p ?v } WHERE {
        ?d qb:structure/qb:sliceKey/qb:componentProperty ?p ; qb:slice ?s .
        ?s ?p ?v ; qb:observation ?o }""",
)
#: The constraints by number: what is asked must be false. IC-0 is about datatypes, see below.
CONSTRAINTS = {
    "IC-1 one data set for an observation": """
        { ?o a qb:Observation . FILTER NOT EXISTS { ?o qb:dataSet ?d } }
        UNION { ?o a qb:Observation ; qb:dataSet ?d, ?e . FILTER (?d != ?e) }""",
    "IC-2 one structure for a data set": """
        { ?d a qb:DataSet . FILTER NOT EXISTS { ?d qb:structure ?s } }
        UNION { ?d a qb:DataSet ; qb:structure ?s, ?t . FILTER (?s != ?t) }""",
    "IC-3 a structure has a measure": """
        ?s a qb:DataStructureDefinition .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty/a qb:MeasureProperty }""",
    "IC-4 a dimension has a range": """
        ?p a qb:DimensionProperty . FILTER NOT EXISTS { ?p rdfs:range ?r }""",
    "IC-5 a dimension of concepts has a code list": """
        ?p a qb:DimensionProperty ; rdfs:range skos:Concept .
        FILTER NOT EXISTS { ?p qb:codeList ?l }""",
    "IC-6 only attributes are optional": """
        ?s qb:component ?c . ?c qb:componentRequired false ; qb:componentProperty ?p .
        FILTER NOT EXISTS { ?p a qb:AttributeProperty }""",
    "IC-7 a slice key belongs to a structure": """
        ?k a qb:SliceKey .
        FILTER NOT EXISTS { ?s a qb:DataStructureDefinition ; qb:sliceKey ?k }""",
    "IC-8 a slice key has properties of its structure": """
        ?k a qb:SliceKey ; qb:componentProperty ?p . ?s qb:sliceKey ?k .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty ?p }""",
    "IC-9 one key for a slice": """
        { ?x a qb:Slice . FILTER NOT EXISTS { ?x qb:sliceStructure ?k } }
        UNION { ?x a qb:Slice ; qb:sliceStructure ?k, ?l . FILTER (?k != ?l) }""",
    "IC-10 a slice has all values of its key": """
        ?x qb:sliceStructure/qb:componentProperty ?p .
        FILTER NOT EXISTS { ?x ?p ?v }""",
    "IC-11 an observation has all dimensions": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p .
        ?p a qb:DimensionProperty . FILTER NOT EXISTS { ?o ?p ?v }""",
    "IC-12 no two observations have the same dimensions": """
        { SELECT ?d ?key (COUNT(?o) AS ?n) WHERE {
            { SELECT ?d ?o (GROUP_CONCAT(?part; separator="|") AS ?key) WHERE {
                { SELECT ?d ?o ?part WHERE {
                    ?o qb:dataSet ?d . ?d qb:structure/qb:component/qb:componentProperty ?p .
                    ?p a qb:DimensionProperty . ?o ?p ?v .
                    BIND (CONCAT(STR(?p), "=", STR(?v)) AS ?part) } ORDER BY ?o ?part } }
              GROUP BY ?d ?o } }
          GROUP BY ?d ?key HAVING (COUNT(?o) > 1) }""",
    "IC-13 an observation has all required attributes": """
        ?o qb:dataSet/qb:structure/qb:component ?c .
        ?c qb:componentRequired true ; qb:componentProperty ?p .
        FILTER NOT EXISTS { ?o ?p ?v }""",
    "IC-14 an observation has all measures": """
        ?o qb:dataSet/qb:structure ?s . ?s qb:component/qb:componentProperty ?p .
        ?p a qb:MeasureProperty .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty qb:measureType }
        FILTER NOT EXISTS { ?o ?p ?v }""",
    "IC-15 the measure that is named is there": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty qb:measureType ;
            qb:measureType ?m . FILTER NOT EXISTS { ?o ?m ?v }""",
    "IC-16 no measure but the one that is named": """
        ?o qb:dataSet/qb:structure ?s ; qb:measureType ?m ; ?n ?v .
        ?s qb:component/qb:componentProperty qb:measureType, ?n .
        ?n a qb:MeasureProperty . FILTER (?n != ?m)""",
    "IC-17 all measures where they are named": """
        { SELECT ?s ?n (COUNT(DISTINCT ?m) AS ?all) WHERE {
            ?s qb:component/qb:componentProperty qb:measureType, ?m . ?m a qb:MeasureProperty .
            ?o qb:dataSet/qb:structure ?s ; qb:measureType ?n } GROUP BY ?s ?n }
        { SELECT ?s (COUNT(DISTINCT ?m) AS ?used) WHERE {
            ?o qb:dataSet/qb:structure ?s ; qb:measureType ?m } GROUP BY ?s }
        FILTER (?all != ?used)""",
    "IC-18 observations of a slice are of its data set": """
        ?d qb:slice ?x . ?x qb:observation ?o . FILTER NOT EXISTS { ?o qb:dataSet ?d }""",
    "IC-19 values are in the code list (scheme)": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p ; ?p ?v .
        ?p a qb:DimensionProperty ; qb:codeList ?l . ?l a skos:ConceptScheme .
        FILTER NOT EXISTS { ?v a skos:Concept ; skos:inScheme ?l }""",
    "IC-19 values are in the code list (collection)": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p ; ?p ?v .
        ?p a qb:DimensionProperty ; qb:codeList ?l . ?l a skos:Collection .
        FILTER NOT EXISTS { ?v a skos:Concept . ?l skos:member+ ?v }""",
    "IC-20 values are reached from the roots of a hierarchy": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p ; ?p ?v .
        ?p a qb:DimensionProperty ; qb:codeList ?l .
        ?l a qb:HierarchicalCodeList ; qb:parentChildProperty ?down . FILTER ISIRI(?down)
        FILTER NOT EXISTS { ?l qb:hierarchyRoot ?v }
        FILTER NOT EXISTS { ?above ?down ?v }""",
    "IC-21 values are reached from the roots, upwards": """
        ?o qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p ; ?p ?v .
        ?p a qb:DimensionProperty ; qb:codeList ?l .
        ?l a qb:HierarchicalCodeList ; qb:parentChildProperty ?b .
        ?b <http://www.w3.org/2002/07/owl#inverseOf> ?up . FILTER ISBLANK(?b)
        FILTER NOT EXISTS { ?l qb:hierarchyRoot ?v }
        FILTER NOT EXISTS { ?v ?up ?above }""",
}


def normalised(quads: Iterator[ox.Quad]) -> ox.Store:
    """Load statements into one graph and write out what their short forms mean."""
    store = ox.Store()
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    for update in NORMALISATION:
        store.update(PREFIXES + update)
    return store


@cache
def site_store() -> ox.Store:
    """Give the graph of this repository, normalised."""
    return normalised(graph.load(sources.discover(load(ROOT))).quads("ontology", "data"))


def violates(store: ox.Store, constraint: str) -> bool:
    """Ask one constraint."""
    return bool(store.query(f"{PREFIXES} ASK {{ {CONSTRAINTS[constraint]} }}"))


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_constraint_holds(constraint: str) -> None:
    """No figure, table or structure of the site breaks the constraint."""
    assert not violates(site_store(), constraint)


def test_values_have_their_datatypes() -> None:
    """IC-0: every value is a valid one of its datatype; the parser of tables and SHACL see to it.

    What is left to see here: each figure is a decimal and each year has four digits.
    """
    rows = site_store().query(
        PREFIXES + f"SELECT ?n ?y WHERE {{ ?o a qb:Observation ; <{base()}ns#population> ?n ; "
        f"<{base()}ns#refPeriod> ?y . FILTER (DATATYPE(?n) = xsd:decimal && "
        'DATATYPE(?y) = xsd:gYear && REGEX(STR(?y), "^[0-9]{4}$")) }'
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert len(list(rows)) == number_of_rows()


def base() -> str:
    """Give the base of the site."""
    return load(ROOT).base


def number_of_rows() -> int:
    """Count the rows of the table below its header."""
    return len(TABLE.read_text(encoding="utf-8").splitlines()) - 1


#: A cube without fault, with a slice, two measures by name and two hierarchies.
CUBE = """
@prefix qb: <http://purl.org/linked-data/cube#> . @prefix : <https://a.example/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:d a qb:DataSet ; qb:structure :s ; qb:slice :x ; :unit :people .
:s a qb:DataStructureDefinition ; qb:sliceKey :k ; qb:component :c1, :c2, :c3, :c4, :c5, :c6 .
:c1 qb:dimension :area . :c2 qb:dimension :year . :c3 qb:measure :population .
:c4 qb:attribute :unit ; qb:componentRequired true ; qb:componentAttachment qb:DataSet .
:c5 qb:attribute :note ; qb:componentRequired false . :c6 qb:dimension :part .
:area rdfs:range skos:Concept ; qb:codeList :areas . :areas a skos:ConceptScheme .
:part rdfs:range skos:Concept ; qb:codeList :parts . :parts a qb:HierarchicalCodeList ;
  qb:hierarchyRoot :all ; qb:parentChildProperty :has . :all :has :south .
:year rdfs:range rdfs:Literal .
:riga a skos:Concept ; skos:inScheme :areas .
:k a qb:SliceKey ; qb:componentProperty :area .
:x qb:sliceStructure :k ; :area :riga ; qb:observation :o1, :o2 .
:o1 :year "2006" ; :part :all ; :population 727578 .
:o2 :year "2007" ; :part :south ; :population 719928 .
"""
TYPED = """
:d2 a qb:DataSet ; qb:structure :s2 .
:s2 a qb:DataStructureDefinition ; qb:component :e1, :e2, :e3, :e4 .
:e1 qb:dimension :year . :e2 qb:dimension qb:measureType .
:e3 qb:measure :men . :e4 qb:measure :women .
qb:measureType rdfs:range rdfs:Resource .
:t1 qb:dataSet :d2 ; :year "2007" ; qb:measureType :men ; :men 1 .
:t2 qb:dataSet :d2 ; :year "2007" ; qb:measureType :women ; :women 2 .
"""
UPWARDS = ":parts qb:parentChildProperty [ owl:inverseOf :within ] . :south :within :all ."


def cube(*, remove: str = "", put: str = "", add: str = "") -> ox.Store:
    """Make the faultless cube with one change."""
    text = CUBE + TYPED
    assert remove in text
    quads = ox.parse(text.replace(remove, put) + add, format=ox.RdfFormat.TURTLE)
    return normalised(iter(quads))


def test_faultless_cube_breaks_nothing() -> None:
    """The cube in which the faults below are made has none."""
    assert [name for name in CONSTRAINTS if violates(cube(), name)] == []


BROKEN = {
    "IC-1 one data set for an observation": {"add": ":o9 a qb:Observation ."},
    "IC-2 one structure for a data set": {"add": ":d qb:structure :other ."},
    "IC-3 a structure has a measure": {"remove": ":c3 qb:measure :population ."},
    "IC-4 a dimension has a range": {"remove": ":year rdfs:range rdfs:Literal ."},
    "IC-5 a dimension of concepts has a code list": {"remove": " ; qb:codeList :areas"},
    "IC-6 only attributes are optional": {"add": ":c1 qb:componentRequired false ."},
    "IC-7 a slice key belongs to a structure": {"remove": "qb:sliceKey :k ; "},
    "IC-8 a slice key has properties of its structure": {"add": ":k qb:componentProperty :z ."},
    "IC-9 one key for a slice": {"remove": "qb:sliceStructure :k ; "},
    "IC-10 a slice has all values of its key": {"remove": ":area :riga ; "},
    "IC-11 an observation has all dimensions": {"remove": ':year "2006" ; '},
    "IC-12 no two observations have the same dimensions": {
        "add": ':o9 qb:dataSet :d ; :area :riga ; :year "2006" ; :part :all ; :population 1 .'
    },
    "IC-13 an observation has all required attributes": {"remove": " ; :unit :people"},
    "IC-14 an observation has all measures": {"remove": " ; :population 727578"},
    "IC-15 the measure that is named is there": {"remove": " ; :men 1"},
    "IC-16 no measure but the one that is named": {"add": ":t1 :women 3 ."},
    "IC-17 all measures where they are named": {
        "remove": ':t2 qb:dataSet :d2 ; :year "2007" ; qb:measureType :women ; :women 2 .'
    },
    "IC-19 values are in the code list (scheme)": {
        "remove": ":riga a skos:Concept ;",
        "put": ":riga",
    },
    "IC-19 values are in the code list (collection)": {
        "remove": ":areas a skos:ConceptScheme",
        "put": ":areas a skos:Collection",
    },
    "IC-20 values are reached from the roots of a hierarchy": {"remove": ":all :has :south ."},
    "IC-21 values are reached from the roots, upwards": {
        "add": UPWARDS.replace(" :south :within :all .", "")
    },
}


@pytest.mark.parametrize("constraint", BROKEN)
def test_constraint_bites(constraint: str) -> None:
    """A cube that breaks a constraint is found out by its query."""
    assert violates(cube(**BROKEN[constraint]), constraint)


def test_every_constraint_has_bitten() -> None:
    """Each query has been seen to find something, but IC-18, which normalising makes hold."""
    assert {name for name in CONSTRAINTS if not name.startswith("IC-18")} == set(BROKEN)
    unnormalised = ox.Store()
    unnormalised.extend(ox.parse(CUBE + TYPED, format=ox.RdfFormat.TURTLE))
    assert violates(unnormalised, "IC-18 observations of a slice are of its data set")


# What the table says, against its source


def shared(name: str) -> Path:
    """Give a file of the data sets that are not part of the repository, or skip."""
    folder = Path(os.environ.get("METROPOLE_SHARED", ROOT.parent / "shared")) / "data"
    if not (folder / name).is_file():
        pytest.skip(f"{name} is not published here; METROPOLE_SHARED may name its folder")
    return folder / name


UNSD = "unsd-citypopulation-year-both.csv"
#: The words of the source for the concepts of the site.
TYPES = {"City proper": "city-proper", "Urban agglomeration": "urban-agglomeration"}
RECORDS = {
    "Census - de jure - complete tabulation": "census-de-jure",
    "Census - de jure - sample tabulation": "census-de-jure-sample",
    "Census - de facto - complete tabulation": "census-de-facto",
    "Estimate - de jure": "estimate-de-jure",
    "Estimate - de facto": "estimate-de-facto",
    "Sample survey - de jure": "survey-de-jure",
    "Sample survey - de facto": "survey-de-facto",
    "Record type not defined/applicable": "not-stated",
}
RELIABILITY = {
    "Final figure, complete": "final",
    "Provisional figure": "provisional",
    "Other estimate": "other-estimate",
}


def source_rows() -> list[dict[str, str]]:
    """Read the rows of the source; the footnotes that follow them have no year."""
    with shared(UNSD).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if (row["Year"] or "").isdigit()]


def test_table_has_the_figures_of_its_source() -> None:
    """Each row is a row of the source, and the source has no other of these cities and years."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        ours = list(csv.DictReader(file))
    names = {row["name_in_source"] for row in ours}
    assert len({row["city"] for row in ours}) == len(names) == 11
    theirs = [
        (
            row["City"],
            row["Year"],
            TYPES[row["City type"]],
            row["Source Year"],
            RECORDS[row["Record Type"]],
            RELIABILITY[row["Reliability"]],
            row["Value"],
        )
        for row in source_rows()
        if row["City"] in names and 2000 <= int(row["Year"]) <= 2014
    ]
    fields = ("name_in_source", "year", "city_type", "source_year", "record_type", "reliability")
    assert sorted(theirs) == sorted((*(row[f] for f in fields), row["population"]) for row in ours)


def test_whole_source_is_read_by_the_same_description(tmp_path: Path) -> None:
    """The 17,059 figures of the source go through our description; one city has no people."""
    rows = source_rows()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = TABLE.read_text(encoding="utf-8").splitlines()[0].split(",")
    writer.writerow(header)
    for row in rows:
        city = f"{row['Country or Area']}-{row['City']}".lower().replace(" ", "-")
        writer.writerow([
            city, row["Year"], TYPES[row["City type"]], row["Source Year"],
            RECORDS[row["Record Type"]], RELIABILITY[row["Reliability"]], row["Value"], "", "",
            row["City"],
        ])  # fmt: skip
    described = TABLE.with_name("population.csv-metadata.json").read_bytes()
    site = load_site(
        tmp_path,
        {"data/population.csv": text.getvalue(), "data/population.csv-metadata.json": described},
    )

    assert len(rows) == 17_059
    (empty,) = [finding for finding in site.findings if finding.rule != "spelling"]
    assert (empty.rule, rows[empty.line - 2]["Value"]) == ("table-cell", "0")
    population = ox.NamedNode(BASE + "ns#population")
    values = [Decimal(q.object.value) for q in site.quads() if q.predicate == population]  # type: ignore[union-attr]
    assert sum(values) == sum(Decimal(row["Value"]) for row in rows)
    whole = normalised(site.quads())
    for part in graph.load(sources.discover(load(ROOT))).sources:
        if not part.source.description and part.source.folder in ("data", "ontology"):
            whole.extend(moved(list(part.quads())))
    for update in NORMALISATION:
        whole.update(PREFIXES + update)
    broken = [name for name in CONSTRAINTS if violates(whole, name)]
    assert broken == []


def moved(quads: list[ox.Quad]) -> Iterator[ox.Quad]:
    """Put statements under the base of the test."""
    text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    assert text is not None
    for quad in ox.parse(text.replace(base().encode(), BASE.encode()), format=ox.RdfFormat.N_QUADS):
        yield ox.Quad(quad.subject, quad.predicate, quad.object)


def test_universities_are_those_of_their_source() -> None:
    """Name and website are those of the list for the domain, and the city is one of the site."""
    listed = json.loads(shared("world_universities_and_domains.json").read_text(encoding="utf-8"))
    known = {
        (domain, entry["name"], page)
        for entry in listed
        for domain in entry["domains"]
        for page in entry["web_pages"]
    }
    with (ROOT / "data/universities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert (row["domain"], row["name_en"] or row["name_de"], row["website"]) in known
    cities = {line.split(",")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]}
    assert {row["city"] for row in rows} == cities


def test_all_universities_of_the_world_are_read_by_the_same_description(tmp_path: Path) -> None:
    """The list of ten thousand goes through our description; what is wrong in it is told."""
    listed = json.loads(shared("world_universities_and_domains.json").read_text(encoding="utf-8"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["domain", "name_en", "name_de", "city", "website"])
    for entry in listed:
        writer.writerow(
            [entry["domains"][0], entry["name"], "", entry["alpha_two_code"], entry["web_pages"][0]]
        )
    shutil.copy(ROOT / "data/universities.csv-metadata.json", tmp_path)
    described = (tmp_path / "universities.csv-metadata.json").read_bytes()
    site = load_site(
        tmp_path,
        {
            "data/universities.csv": text.getvalue(),
            "data/universities.csv-metadata.json": described,
        },
    )

    told = {finding.rule for finding in site.findings}
    assert told <= {"table-key", "table-address"}
    assert len({quad.subject for quad in site.quads()}) > 10_000
