"""Tests of the questions the graph answers: the expected rows were read from the sources."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from metropole import graph, sources
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
        filled.extend(ox.Quad(q.subject, q.predicate, q.object, name) for q in parsed.quads)
    return filled


@pytest.fixture(scope="session")
def ask(site: graph.SiteGraph, store: ox.Store) -> Ask:
    """Give a function that runs a saved query and returns the named columns."""
    texts = {Path(query.name).stem: query.text for query in site.queries}

    def run(name: str, *columns: str) -> list[Row]:
        base = site.settings.base
        answer = store.query(texts[name], base_iri=base, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QuerySolutions)
        return [tuple(_shown(solution[column], base) for column in columns) for solution in answer]

    return run


def _shown(term: object, base: str) -> str | None:
    if term is None:
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
        ("542366", "exact", "present of the source", "https://www.geonames.org/"),
        ("543494", "exact", "2007", "https://github.com/datasets/population-city"),
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


def test_official_population_stands_beside_the_wording(ask: Ask) -> None:
    """The official figure of 2007 is exact where the page says 'about'."""
    rows = ask("population-by-city-and-year", "cityName", "year", "population", "portalWording")

    assert rows == [("Vilnius", "2007", "543494", "about 550 000 inhabitants")]


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

    pages = [row for row in rows if row[0] != "id/source/unsd-city-population"]
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
    """Each query begins with a summary that ends in a question mark, a description and tags."""
    for query in site.queries:
        summary, description, tags = query.text.splitlines()[:3]
        assert summary.startswith("#+ summary: "), query.name
        assert summary.endswith("?"), query.name
        assert description.startswith("#+ description: "), query.name
        assert tags == "#+ tags:", query.name
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
