"""Tests of the questions the graph answers.

Expected rows were read from the sources, or are counted here in another way: from the tables, or
by walking from statement to statement.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import graph, saved_queries, sources
from metropole.settings import Settings, load

ROOT = Path(__file__).parent.parent
#: A row with the site's IRIs relative to its base; None where a variable is unbound.
Row = tuple[str | None, ...]
Ask = Callable[..., list[Row]]


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Give the settings of the site in this repository."""
    return load(ROOT)


@pytest.fixture(scope="session")
def site(settings: Settings) -> graph.SiteGraph:
    """Give the parsed site of this repository."""
    return graph.load(sources.discover(settings))


@pytest.fixture(scope="session")
def store(site: graph.SiteGraph) -> ox.Store:
    """Give a store with the statements of each file in the graph of that file."""
    filled = ox.Store()
    for parsed in site.sources:
        name = ox.NamedNode(parsed.source.graph)
        filled.extend(ox.Quad(q.subject, q.predicate, q.object, name) for q in parsed.quads())
    return filled


@pytest.fixture(scope="session")
def ask(site: graph.SiteGraph, store: ox.Store) -> Ask:
    """Give a function that runs a saved query and returns the named columns."""
    texts = {Path(query.name).stem: query.text for query in site.queries}

    def run(name: str, *columns: str, **bound: str) -> list[Row]:
        base = site.settings.base
        answer = store.query(
            texts[name],
            base_iri=base,
            use_default_graph_as_union=True,
            substitutions={ox.Variable(key): ox.Literal(value) for key, value in bound.items()},
        )
        assert isinstance(answer, ox.QuerySolutions)
        return [tuple(_shown(solution[column], base) for column in columns) for solution in answer]

    return run


Walk = Callable[..., set[str]]


@pytest.fixture(scope="session")
def walk(site: graph.SiteGraph) -> Walk:
    """Give a function that goes from things along properties, `^` before one that is gone back."""
    base, names = site.settings.base, site.prefixes()
    ahead: dict[tuple[str, str], set[str]] = {}
    for quad in site.quads():
        subject, value = _shown(quad.subject, base), _shown(quad.object, base)
        if subject and value:
            ahead.setdefault((subject, quad.predicate.value), set()).add(value)
            ahead.setdefault((value, f"^{quad.predicate.value}"), set()).add(subject)

    def go(start: str, *steps: str) -> set[str]:
        reached = {start}
        for step in steps:
            prefix, _, name = step.removeprefix("^").partition(":")
            place = "^" * step.startswith("^") + names[prefix] + name
            reached = set().union(*(ahead.get((thing, place), set()) for thing in reached))
        return reached

    return go


def _table(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _shown(term: object, base: str) -> str | None:
    if term is None or isinstance(term, ox.BlankNode):
        return None
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value.removeprefix(base)


def test_lower_bounds_come_with_their_sentence(ask: Ask) -> None:
    """Four figures about Vilnius are lower bounds; three of them share one long sentence."""
    rows = ask("lower-bounds", "bound", "phrase", "sentenceStart", "sentenceEnd")

    assert rows == [
        ("40", "Over 40 percent", "1133", "1209"),
        ("1000", "more than a thousand of students", "2361", "2618"),
        ("16000", "more than 16 000 students", "2361", "2618"),
        ("67000", "more than 67 000 students", "2361", "2618"),
    ]


def test_sources_disagree_on_the_population_of_vilnius(ask: Ask) -> None:
    """The page gives an undated round number; for 2007 two other sources are at odds."""
    rows = ask("population-of-vilnius", "value", "exactness", "period", "address")

    assert rows == [
        ("542366", "as stated", "present of the source", "https://www.geonames.org/"),
        ("543494", "as stated", "2007", "https://github.com/datasets/population-city"),
        (
            "550000",
            "about",
            "present of the source",
            "http://inno.baltmet.org/pub/index.php?id=243",
        ),
        ("554400", "about", "2007", "http://etymologie.info/~e/l_/lt-__vl__.html"),
    ]


def test_disagreements_are_found_for_any_thing(ask: Ask) -> None:
    """Partners, members, the territory of Vilnius and most populations are disputed."""
    rows = ask("disagreements", "thing", "variable", "value", "otherValue")

    assert {row[:2] for row in rows if row[1] != "resident population"} == {
        ("Baltic Metropoles Network", "member cities"),
        ("BaltMet Inno", "project partners"),
        ("Vilnius", "territory"),
    }
    assert {row[0] for row in rows if row[1] == "resident population"} >= {"Vilnius", "Malmö"}
    assert ("BaltMet Inno", "project partners", "13", "14") in rows
    assert ("Vilnius", "territory", "394", "401") in rows


def test_event_without_year_has_an_inferred_one_with_reasons(ask: Ask) -> None:
    """Two events lack a year: it follows from what came before or after them."""
    rows = ask("events-without-year", "event", "statedDay", "inferredDate", "rationale")

    assert [row[:3] for row in rows] == [
        ("id/event/stockholm-mayors-meeting", "--10-18", "2005-10-18"),
        ("id/event/wp3-conference", "--11-13", "2007-11-13"),
    ]
    assert "in 2006 and 2007" in (rows[0][3] or "")
    assert "31 December 2007" in (rows[1][3] or "")


def test_two_news_items_describe_one_seminar(ask: Ask) -> None:
    """Of four news items the second and the third are about the same event."""
    rows = ask("news-of-one-event", "event", "newsItem", "otherNewsItem")

    assert rows == [
        ("id/event/open-days-seminar", "id/news/open-days-notice", "id/news/open-days-seminar")
    ]


def test_vilnius_is_an_observer_and_no_partner(ask: Ask) -> None:
    """Fourteen partners come from eight cities, Helsinki leads them, three cities observe."""
    rows = ask("cities-by-role", "cityName", "role", "organisations")

    assert rows == [
        ("Helsinki", "coordinator", "1"),
        ("Helsinki", "lead partner", "1"),
        ("Oslo", "observer", "1"),
        ("Vilnius", "observer", "1"),
        ("Warsaw", "observer", "1"),
        ("Berlin", "partner", "3"),
        ("Copenhagen", "partner", "2"),
        ("Helsinki", "partner", "1"),
        ("Malmö", "partner", "1"),
        ("Riga", "partner", "1"),
        ("Saint Petersburg", "partner", "2"),
        ("Stockholm", "partner", "2"),
        ("Tallinn", "partner", "1"),
    ]


def test_no_list_differs_from_its_count(ask: Ask) -> None:
    """The list of parks states six and names six, though its text is damaged in two places."""
    assert ask("lists-by-count", "list") == []
    rows = ask("lists", "list", "stated", "listed", "truncations")
    assert ("id/list/vilnius-parks", "6", "6", "2") in rows
    assert ("id/list/baltmet-inno-partners", "14", "14", "0") in rows
    assert ("id/list/network-members-2005", "11", "11", "0") in rows
    assert ("id/list/network-members", "10", "10", "0") in rows
    assert ("id/list/network-members-malmo", None, "10", "0") in rows


def test_derived_figures_show_every_input(ask: Ask) -> None:
    """Seven figures are computed, and each names all it is computed from."""
    rows = ask("derived-figures", "figure", "value", "lowerBound", "upperBound", "input")

    inputs: dict[str, set[str]] = {}
    for row in rows:
        key, value = (str(row[i]).removeprefix("id/figure/") for i in (0, 4))
        inputs.setdefault(key, set()).add(value)
    assert inputs == {
        "lithuania-foreign-direct-investment": {
            "vilnius-foreign-direct-investment",
            "vilnius-foreign-direct-investment-share",
        },
        "vilnius-earnings-ratio": {"vilnius-earnings"},
        "vilnius-earnings-excess": {"vilnius-earnings"},
        "vilnius-higher-education-institutions": {
            "vilnius-universities",
            "vilnius-private-colleges",
            "vilnius-other-schools",
        },
        "vilnius-higher-education-students": {
            "vilnius-university-students",
            "vilnius-private-college-students",
            "vilnius-other-school-students",
        },
        "vilnius-population-density": {"vilnius-population", "vilnius-area"},
        "vilnius-trade-and-service-enterprises-of-lithuania": {
            "vilnius-enterprises",
            "vilnius-trade-and-service-enterprises",
        },
    }
    bounds = {row[1:4] for row in rows if row[0] == "id/figure/lithuania-foreign-direct-investment"}
    assert bounds == {("4468253968", "4432283465", "4504800000")}


def test_county_figures_are_told_apart_from_the_city(ask: Ask) -> None:
    """A third of the country's product is made in the county, not in the city."""
    rows = ask("county-not-city", "claim", "region", "city")

    assert [row for row in rows if row[2] == "id/city/vilnius"] == [
        (f"id/figure/vilnius-county-{name}", "id/region/vilnius-county", "id/city/vilnius")
        for name in ("area", "gross-domestic-product")
    ]
    region = ("id/figure/helsinki-region-population", "id/region/helsinki-region")
    assert (*region, "id/city/helsinki") in rows


def test_things_without_identifier_are_listed(ask: Ask) -> None:
    """No park has an identifier elsewhere yet; every city and country has one."""
    things = {str(row[0]) for row in ask("without-identifier", "thing")}

    assert "id/park/unnamed-1993" in things
    assert "id/park/tehnopol" in things
    assert "id/project/baltmet-inno" in things
    assert not {thing for thing in things if thing.startswith(("id/city/", "id/country/"))}


def test_sectors_of_the_country_are_not_the_citys(ask: Ask) -> None:
    """Specialists of world class are said of Lithuania; services dominate in Vilnius."""
    rows = ask("sectors-by-place", "place", "sector", "emphasis")

    assert ("Vilnius", "services", "dominant") in rows
    assert ("Vilnius", "laser technology", "characteristic") in rows
    assert ("Vilnius", "telecommunications", "notable") in rows
    assert {row[0] for row in rows if row[2] == "world class"} == {"Lithuania"}
    assert {row[0] for row in rows if row[2] == "chosen for joint work"} == {"Cluster development"}


def test_city_profile_keeps_bounds_apart_from_values(ask: Ask) -> None:
    """In the profile of Vilnius a bound is no value, and computed figures come last."""
    rows = ask("city-profile", "wording", "value", "lowerBound", "computed")

    assert ("Over 40 percent", None, "40", "false") in rows
    assert ("2.815 billion €", "2815000000", None, "false") in rows
    assert ("two thirds of them", None, None, "false") in rows
    assert [row[3] for row in rows] == sorted(str(row[3]) for row in rows)


def test_each_place_of_the_page_leads_to_what_was_made_of_it(ask: Ask) -> None:
    """The sentence on enterprises gave two figures, the one on specialists three things."""
    made: dict[tuple[str | None, ...], set[str | None]] = {}
    for row in ask("sentences", "start", "end", "thing"):
        made.setdefault(row[:2], set()).add(row[2])

    assert made["1021", "1132"] == {
        "id/figure/vilnius-enterprises",
        "id/figure/vilnius-trade-and-service-enterprises",
    }
    assert made["1917", "2138"] == {
        "id/statement/lithuania-nickname",
        "id/statement/lithuania-specialists",
        "id/statement/lithuania-global-markets",
    }


def test_every_statement_reaches_a_source(ask: Ask) -> None:
    """From each figure, statement, event, membership and so on a path leads to a document."""
    assert ask("without-source", "thing") == []


def test_statement_without_source_would_be_told(site: graph.SiteGraph) -> None:
    """The question on sources bites: a membership whose source is lost is in the answer."""
    membership = ox.NamedNode(site.settings.base + "id/membership/city-of-riga")
    source = ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
    lacking = ox.Store()
    lacking.extend(q for q in site.quads() if (q.subject, q.predicate) != (membership, source))
    (query,) = (q.text for q in site.queries if Path(q.name).stem == "without-source")

    rows = lacking.query(query, base_iri=site.settings.base, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    assert {row["thing"] for row in rows} == {membership}


def test_eleven_metropoles_took_part(ask: Ask) -> None:
    """From each of the eleven some organisation took part in BaltMet Inno."""
    cities = {row[0] for row in ask("cities-by-role", "cityName")}
    assert len(cities) == 11


def test_coverage_counts_what_is_there(ask: Ask, site: graph.SiteGraph) -> None:
    """The counts by class are those of the files, and each language of the site leads."""
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    stated: dict[str, set[object]] = {}
    for quad in site.quads():
        if quad.predicate == kind and isinstance(quad.object, ox.NamedNode):
            name = quad.object.value.removeprefix(site.settings.base)
            stated.setdefault(name, set()).add(quad.subject)

    counted = {row[0]: row[1] for row in ask("counts-by-class", "class", "things")}
    assert counted.items() >= {"https://schema.org/City": "12", "ns#DerivedFigure": "7"}.items()
    assert {name: str(len(things)) for name, things in stated.items()} == counted
    languages = [row[0] for row in ask("counts-by-language", "language", "things")]
    assert set(languages[:5]) == set(site.settings.languages)


def test_no_city_country_or_concept_lacks_a_name(ask: Ask) -> None:
    """What is short of names in a language of the site is neither a place nor a concept."""
    rows = ask("labels-missing-by-language", "class", "language", "missing")

    assert {row[1] for row in rows} >= {"lt", "de", "pl", "ru"}
    # Some universities of Berlin are in their source under their German name only.
    english = {str(row[0]) for row in rows if row[1] == "en"}
    assert english == {"https://schema.org/CollegeOrUniversity"}
    complete = ("#Concept", "/City", "/Country", "/Event", "NamedArea", "WorkPackage")
    assert not [row for row in rows if str(row[0]).endswith(complete)]


def test_pages_say_how_far_they_were_read(ask: Ask) -> None:
    """Every page on which something rests was read, whole or from its beginning."""
    rows = ask("counts-by-source", "source", "read", "consulted", "things")

    data_sets = ("id/source/unsd-city-population", "id/source/university-domains-list")
    pages = [row for row in rows if row[0] not in data_sets]
    assert {row[1] for row in pages} == {"whole text", "beginning of the text"}
    assert all(row[2] for row in pages)


def test_linksets_count_their_links(ask: Ask, store: ox.Store, site: graph.SiteGraph) -> None:
    """The number a set of links states is the number of links in its graph."""
    base, space = site.settings.base, ox.NamedNode("http://rdfs.org/ns/void#uriSpace")
    rows = ask("links-elsewhere", "linkset", "graph", "property", "dataSet", "links")

    assert len(rows) > 3
    for linkset, name, link, target, links in rows:
        (quad,) = store.quads_for_pattern(ox.NamedNode(f"{base}{target}"), space, None)
        assert isinstance(quad.object, ox.Literal)
        places = store.quads_for_pattern(
            None, ox.NamedNode(str(link)), None, ox.NamedNode(f"{base}{name}")
        )
        addresses = [q.object.value for q in places if isinstance(q.object, ox.NamedNode)]
        there = [address for address in addresses if address.startswith(quad.object.value)]
        assert str(len(there)) == links, linkset


def test_presidencies_rotate(ask: Ask) -> None:
    """Riga presided in the last years of BaltMet Inno, Berlin later, Warsaw at no stated time."""
    assert {row[:2] for row in ask("presidencies", "city", "period", "address")} == {
        ("Riga", "2006 to 2007"),
        ("Berlin", "2015 to 2016"),
        ("Warsaw", "present of the source"),
    }


def test_saved_queries_say_what_they_answer(site: graph.SiteGraph) -> None:
    """Each query has a question, a description and labels in four languages, and tags."""
    for query in site.queries:
        saved, problems = saved_queries.read(query.name, query.text)
        texts = (saved.summaries, saved.descriptions, *(each.labels for each in saved.parameters))
        assert not problems, query.name
        for wordings in texts:
            assert set(wordings) == {"", "lt", "de", "pl"}, query.name
        assert all(text.endswith("?") for text in saved.summaries.values()), query.name
        assert saved.tags, query.name
        assert set(saved.tags) <= set(site.settings.topics), query.name
        assert "BASE" not in query.text, query.name
        assert site.settings.base not in query.text, query.name


def test_numbers_of_students_are_lower_bounds(ask: Ask) -> None:
    """No source gives an exact number of students: the chart has bounds and no value."""
    rows = ask("students-by-institution", "kind", "students", "atLeast")

    assert rows == [
        ("students in higher education", None, "84000"),
        ("students at universities", None, "67000"),
        ("students at private colleges", None, "16000"),
        ("students at other schools of higher education", None, "1000"),
    ]


def test_every_city_on_the_map_has_a_point_and_a_country(ask: Ask) -> None:
    """A city stands on the map once, with its point and its country."""
    rows = ask("cities-on-the-map", "city", "country", "point")

    assert ("id/city/vilnius", "id/country/lithuania", "POINT(25.2798 54.68916)") in rows
    assert all(country and point for _, country, point in rows)
    assert len({city for city, *_ in rows}) == len(rows)


# Population


def test_official_population_stands_beside_the_wording(ask: Ask) -> None:
    """Each row of the table for a city proper is there, beside the words of the pages."""
    rows = ask("population-by-city-and-year", "city", "year", "population", "wording")

    wanted = {
        (f"id/city/{row['city']}", row["year"], row["population"])
        for row in _table("statistics/population.csv")
        if row["city_type"] == "city-proper"
    }
    assert {row[:3] for row in rows} == wanted
    assert ("id/city/vilnius", "2007", "543494", "about 550 000 inhabitants") in rows
    assert {row[3] for row in rows if row[0] == "id/city/stockholm"} == {None}


def test_population_has_every_row_of_the_table(ask: Ask) -> None:
    """The cube answers with each row of the table, agglomerations told apart."""
    rows = ask("population-of-cities", "city", "year", "population", "reported")

    wanted = Counter(
        (f"id/city/{row['city']}", row["year"], row["population"], row["source_year"])
        for row in _table("statistics/population.csv")
    )
    assert Counter(rows) == wanted


def test_said_is_held_against_the_count(ask: Ask) -> None:
    """Numbers differ by some percent from the count of 2007; bounds hold or not."""
    rows = ask(
        "said-and-counted",
        "cityName",
        "year",
        "said",
        "atLeast",
        "counted",
        "percent",
        "boundHolds",
    )

    by_city = {row[0]: row[2:] for row in rows if row[1] in ("2007", None)}
    assert by_city["Copenhagen"] == (None, "500000", "505141", None, "yes")
    assert by_city["Oslo"] == (None, "500000", "554550.5", None, "yes")
    assert ("Copenhagen", "2001", None, "500000", "499148", None, "no") in rows
    for _, _, said, _, counted, percent, _ in rows:
        if said and counted:
            wanted = round(100 * (float(said) - float(counted)) / float(counted), 1)
            assert percent is not None
            assert abs(float(percent) - wanted) <= 0.1001


def test_years_with_several_populations_are_those_of_the_table(ask: Ask) -> None:
    """Lowest and highest figure of a city and year are found in the table itself."""
    found: dict[tuple[str, str], set[float]] = {}
    for row in _table("statistics/population.csv"):
        if row["city_type"] == "city-proper":
            key = (f"id/city/{row['city']}", row["year"])
            found.setdefault(key, set()).add(float(row["population"]))

    rows = ask("revised-populations", "city", "year", "lowest", "highest")
    assert {row[:2]: (float(row[2] or 0), float(row[3] or 0)) for row in rows} == {
        key: (min(values), max(values)) for key, values in found.items() if len(values) > 1
    }
    assert ("id/city/vilnius", "2011", "524406", "535091") in rows


def test_conflicts_are_of_one_period(ask: Ask) -> None:
    """Two conflicts are stated: the partners, and Vilnius in 2007; other pairs are of no period."""
    rows = ask("conflicts", "thing", "variable", "value", "otherValue")

    assert rows == [
        ("BaltMet Inno", "project partners", "13", "14"),
        ("Vilnius", "resident population", "543494", "554400"),
    ]


def test_territory_differs_by_source(ask: Ask) -> None:
    """Three sources give three areas of Vilnius."""
    areas = [row[0] for row in ask("territory-by-source", "squareKilometres")]

    assert areas == ["394", "400", "401"]


# Universities and students


def test_universities_are_those_of_the_table(ask: Ask) -> None:
    """Each university of the table is there once, with its city and website."""
    rows = ask("universities-by-city", "university", "city", "website", "name")

    assert sorted(row[:3] for row in rows) == sorted(
        (f"id/university/{row['domain']}", f"id/city/{row['city']}", row["website"])
        for row in _table("universities.csv")
    )
    assert all(row[3] for row in rows)


def test_universities_are_counted_beside_what_is_stated(ask: Ask) -> None:
    """The list and the pages count differently, and both numbers are shown."""
    rows = ask("universities-listed-and-stated", "city", "listed", "stated", "exactness")

    listed = Counter(f"id/city/{row['city']}" for row in _table("universities.csv"))
    assert {str(row[0]): int(row[1] or 0) for row in rows} == dict(listed)
    stated = {row[0]: row[2:] for row in rows if row[2]}
    assert stated == {
        "id/city/vilnius": ("10", "as stated"),
        "id/city/warsaw": ("60", "about"),
        "id/city/berlin": ("4", "as stated"),
    }


def test_students_keep_their_bounds(ask: Ask) -> None:
    """More than 130 000 in Berlin is a lower bound, almost 300 000 in Warsaw an upper one."""
    rows = ask("students-of-network", "place", "students", "atLeast", "lessThan")

    assert ("Berlin", None, "130000", None) in rows
    assert ("Warsaw", None, None, "300000") in rows
    assert ("Helsinki Region", "100000", None, None) in rows
    assert ("University of Oslo", "30000", None, None) in rows
    assert ("Malmö University College", "15000", None, None) in rows
    assert all(sum(value is not None for value in row[1:]) == 1 for row in rows)


def test_figures_of_network_and_project_stay_apart(ask: Ask) -> None:
    """The network's 92 universities and the project's over 200 institutions have other bases."""
    rows = ask("network-and-project", "thing", "variable", "value", "atLeast")

    assert ("Baltic Metropoles Network", "universities", "92", None) in rows
    assert ("BaltMet Inno", "institutions of higher education", None, "200") in rows
    assert ("Baltic Metropoles Network", "students and academic staff", "1250000", None) in rows
    assert ("BaltMet Inno", "students in higher education", "1000000", None) in rows
    assert ("Baltic Metropoles Network", "polytechnics and colleges", "145", None) in rows


# The project


def test_partners_are_fourteen_with_the_lead(ask: Ask) -> None:
    """Thirteen partners and the lead partner, a coordinator and three observers."""
    rows = ask("partners", "project", "role", "cityName")

    roles = Counter(row[1] for row in rows if row[0] == "id/project/baltmet-inno")
    assert roles == {"partner": 13, "lead partner": 1, "coordinator": 1, "observer": 3}
    cities = {row[2] for row in rows if row[0] == "id/project/baltmet-inno"}
    assert len(cities) == 11


def test_work_packages_are_five(ask: Ask) -> None:
    """The five work packages come by number, with what they were to do."""
    rows = ask("work-packages", "number", "name", "kind")

    assert list(dict.fromkeys(row[:2] for row in rows)) == [
        ("1", "Innovation strategies"),
        ("2", "City marketing"),
        ("3", "Cluster development"),
        ("4", "Innovation competences and entrepreneurial skills"),
        ("5", "General innovation policy framework"),
    ]
    assert ("4", "Innovation competences and entrepreneurial skills", "result") in rows


def test_timeline_is_in_the_order_of_time(ask: Ask) -> None:
    """The project, its kick-off, presidencies and the sister projects have their place."""
    rows = ask("timeline", "begin", "end", "kind", "thing")

    assert [row[0] for row in rows] == sorted(str(row[0]) for row in rows)
    assert ("2005-01-01", "2007-12-31", "project", "id/project/baltmet-inno") in rows
    assert ("2005-02-11", None, "event", "id/event/kick-off-2005") in rows
    assert ("2006-03-01", "2006-03-31", "event", "id/event/wp5-meeting-2006") in rows
    assert ("2006-05-01", "2007-05-31", "project", "id/project/baltmet-exchange") in rows
    assert [row[2] for row in rows].count("presidency") == 2


def test_events_are_all_there(ask: Ask, walk: Walk) -> None:
    """Every event is listed once, and those with a day are counted by month and by year."""
    events = walk("https://schema.org/Event", "^rdf:type")
    rows = ask("events", "event", "begin", "place")
    assert {row[0] for row in rows} == events
    assert ("id/event/wp3-conference", "2007-11-13", "id/city/berlin") in rows

    days = [day for event in events for day in walk(event, "schema:startDate")]
    months = {row[0]: int(row[1] or 0) for row in ask("events-by-month", "month", "events")}
    assert months == Counter(day[:7] for day in days)
    years: Counter[str] = Counter()
    for year, number in ask("events-by-year", "year", "events"):
        years[str(year)] += int(number or 0)
    assert years == Counter(day[:4] for day in days)


def test_latest_news_comes_first(ask: Ask, walk: Walk) -> None:
    """News items come in the order of their page, each with the day of the event it tells of."""
    rows = ask("latest-news", "news", "begin")

    assert [row[0] for row in rows[:1]] == ["id/news/wp3-conference"]
    assert {row[0] for row in rows} == walk("https://schema.org/NewsArticle", "^rdf:type")
    assert ("id/news/st-petersburg", "2007-06-13") in rows


def test_portal_counts_its_classes(ask: Ask, walk: Walk) -> None:
    """The numbers of the home page are those of the members of each class, cities first."""
    rows = ask("portal-in-numbers", "class", "number")

    assert rows[0][0] == "https://schema.org/City"
    assert {row[0]: int(row[1] or 0) for row in rows} == {
        row[0]: len(walk(str(row[0]), "^rdf:type")) for row in rows
    }


def test_activity_counts_what_lies_in_a_city(ask: Ask, walk: Walk) -> None:
    """Of each city the things that name it as their place are counted."""
    rows = ask("activity-by-city", "city", "things")

    assert {row[0]: int(row[1] or 0) for row in rows} == {
        city: len(walk(city, "^schema:location"))
        for city in walk("https://schema.org/City", "^rdf:type")
        if walk(city, "^schema:location") and walk(city, "geo:hasGeometry")
    }


def test_parks_have_their_city_and_their_changes(ask: Ask, walk: Walk) -> None:
    """All parks are listed, and Northtown's change of name is among the changes."""
    rows = ask("parks", "park", "city", "when")

    assert {row[0] for row in rows} == walk("ns#SciencePark", "^rdf:type")
    northtown = [row for row in rows if row[0] == "id/park/northtown-technology-park"]
    assert any(str(row[2]).startswith("2021-01") for row in northtown)


# Figures, statements and names


@pytest.mark.parametrize(
    ("name", "columns", "property_"),
    [
        ("figures-by-exactness", ("exactness", "figures"), "bsr:qualifier"),
        ("figures-by-variable", ("variable", "figures"), "schema:variableMeasured"),
        ("sectors-by-statements", ("sector", "statements"), "bsr:sector"),
    ],
)
def test_counts_are_those_of_a_walk(
    ask: Ask, walk: Walk, name: str, columns: tuple[str, str], property_: str
) -> None:
    """A count by some property is the number of things that have it."""
    rows = ask(name, *columns)

    assert len(rows) > 3
    for value, counted in rows:
        assert int(counted or 0) == len(walk(str(value), f"^{property_}")), value


def test_statements_are_counted_by_kind(ask: Ask, walk: Walk) -> None:
    """Statements and profiles of sectors are counted by kind, and nothing else is."""
    told = walk("ns#Statement", "^rdf:type") | walk("ns#SectorProfile", "^rdf:type")
    kinds = Counter(kind for each in told for kind in walk(each, "dct:type"))

    assert {
        row[0]: int(row[1] or 0) for row in ask("statements-by-kind", "kind", "statements")
    } == (kinds)


def test_figures_of_a_place_are_about_it(ask: Ask, walk: Walk) -> None:
    """All figures with exactness and unit are listed for the place they are about."""
    rows = ask("figures-of-place", "place", "figure")

    for place in ("id/city/vilnius", "id/city/riga"):
        about = walk(place, "^schema:observationAbout") & walk("ns#Figure", "^rdf:type")
        assert {row[1] for row in rows if row[0] == place} >= about


def test_foreign_investment_of_the_country_has_bounds(ask: Ask) -> None:
    """The city's investment is stated; the country's follows from it with bounds."""
    rows = ask("foreign-investment", "place", "euros", "atLeast", "atMost")

    assert ("id/city/vilnius", "2815000000", None, None) in rows
    assert ("id/country/lithuania", "4468253968", "4432283465", "4504800000") in rows


def test_names_are_found_by_a_part(ask: Ask) -> None:
    """A park is found by a part of its name, when the words are bound or matched afterwards."""
    rows = ask("things-by-name", "thing", "name", words="sunrise")

    assert "id/park/sunrise-valley" in {row[0] for row in rows}
    assert all("sunrise" in str(row[1]).lower() for row in rows)


def test_place_can_be_taken_along(site: graph.SiteGraph, store: ox.Store) -> None:
    """The graph about a place has what is said of it, and the names of what lies in it."""
    base = site.settings.base
    (query,) = (q.text for q in site.queries if Path(q.name).stem == "place-as-graph")
    place = ox.NamedNode(f"{base}id/city/malmo")

    triples = store.query(
        query,
        base_iri=base,
        use_default_graph_as_union=True,
        substitutions={ox.Variable("place"): place},
    )
    assert isinstance(triples, ox.QueryTriples)
    taken = list(triples)
    said = {q.object for q in store.quads_for_pattern(place, None, None)}
    assert {triple.object for triple in taken if triple.subject == place} == said
    names = {triple.object.value for triple in taken if isinstance(triple.object, ox.Literal)}
    assert "World Maritime University" in names


# Quality


def test_conclusions_come_with_reasons(ask: Ask, walk: Walk) -> None:
    """Every conclusion is listed with what it is about and why."""
    rows = ask("inferences", "inference", "about", "rationale")

    assert {row[0] for row in rows} == walk("ns#Inference", "^rdf:type")
    assert ("id/inference/wp3-conference-year", "id/event/wp3-conference") in {r[:2] for r in rows}
    assert all(len(str(row[2])) > 40 for row in rows)


def test_age_of_figures_is_measured_by_the_data(ask: Ask) -> None:
    """The newest figure of all is of the table's last year; the product of 2002 is behind it."""
    rows = ask("stale-figures", "variable", "newest", "yearsBehind")

    newest = max(row["year"] for row in _table("statistics/population.csv"))
    assert ("id/variable/resident-population", newest, "0") in rows
    behind = str(int(newest) - 2002)
    assert ("id/variable/gross-domestic-product", "2002", behind) in rows
    assert all(int(row[2] or 0) >= 0 for row in rows)


def test_every_document_is_used(ask: Ask, site: graph.SiteGraph) -> None:
    """Something rests on every document that was read; one on which nothing rests is told."""
    assert ask("sources-without-use", "source") == []

    source = ox.NamedNode(f"{site.settings.base}id/source/invest-baltmet")
    lacking = ox.Store()
    lacking.extend(q for q in site.quads() if q.object != source)
    (query,) = (q.text for q in site.queries if Path(q.name).stem == "sources-without-use")
    rows = lacking.query(query, base_iri=site.settings.base, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    assert {row["source"] for row in rows} == {source}


def test_missing_names_are_those_that_are_not_there(ask: Ask, site: graph.SiteGraph) -> None:
    """Of the named things those without a name in a language are counted."""
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    named: dict[object, set[str]] = {}
    for quad in site.quads():
        if quad.predicate == label and isinstance(quad.object, ox.Literal):
            named.setdefault(quad.subject, set()).add(quad.object.language or "")

    assert {row[0]: int(row[1] or 0) for row in ask("names-missing", "language", "missing")} == {
        language: sum(language not in languages for languages in named.values())
        for language in site.settings.languages
    }


def test_every_question_has_an_expected_answer(site: graph.SiteGraph) -> None:
    """No saved query is without a test here that says what it answers."""
    text = Path(__file__).read_text(encoding="utf-8")
    asked = set(
        re.findall(
            r'ask\(\s*"([\w-]+)"|stem == "([\w-]+)"|^        \("([\w-]+)",', text, re.MULTILINE
        )
    )
    names = {name for found in asked for name in found if name}

    assert len(site.queries) >= 30
    assert {Path(query.name).stem for query in site.queries} - names == set()
