"""One page of each kind that the site of this repository has, by a name that files can have.

Who adds a page adds it here: accessibility, markup, size and the pictures of
docs/screenshots.md go by this table.
"""

from urllib.parse import quote

_COUNTS = (
    "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) LIMIT 5"
)
_LINES = (
    "SELECT ?year ?n ?s { VALUES (?year ?n ?s) { (2000 1 'a') (2001 3 'a') (2001 2 'b')"
    " (2000 2 'b') } }"
)


def page_kinds(release: str) -> dict[str, str]:
    """Give the path of a page of each kind by the name of the kind, for the id of the release."""
    return {
        "home": "/",
        "classes": "/browse/",
        "class": "/browse/City",
        "class-filtered": "/browse/City?containedInPlace=country/germany",
        "search": "/search?q=vilnius",
        "search-nothing": "/search?q=qqqqq",
        "city": "/doc/city/vilnius",
        "park": "/doc/park/adlershof",
        "university": "/doc/university/ku.dk",
        "concept": "/doc/centre-kind/economic",
        "scheme": "/doc/scheme/city-type",
        "dataset": "/doc/source/geonames",
        "event": "/doc/event/open-days-seminar",
        "news": "/doc/news/open-days-notice",
        "cube": "/doc/dataset/population",
        "organisation": "/doc/organisation/baltic-sea-group",
        "project": "/doc/project/baltmet-inno",
        "web-page": "/doc/source/adlershof-report-2005",
        "web-site": "/doc/source/baltmet",
        "work-package": "/doc/work-package/baltmet-inno-1",
        "figure": "/doc/figure/vilnius-earnings",
        "statement": "/doc/statement/adlershof-since-1991",
        "quotation": "/doc/quote/wp3-number",
        "document-of-release": f"/doc/city/vilnius?release={release}",
        "ontology": "/ns",
        "shapes": "/shapes",
        "queries": "/queries/",
        "query-bars": "/queries/activity-by-city.html",
        "query-map": "/queries/cities-on-the-map.html",
        "query-parameters": "/queries/figures-of-place.html",
        "query-graph": "/queries/place-as-graph.html",
        "stories": "/stories/",
        "story": "/stories/said-and-counted",
        "sparql": "/sparql",
        "sparql-example": "/sparql?example=population-of-vilnius",
        "sparql-bars": f"/sparql?query={quote(_COUNTS, safe='')}&chart=bar",
        "sparql-lines": f"/sparql?query={quote(_LINES, safe='')}&chart=line",
        "sparql-error": f"/sparql?query={quote('SELECT * {?s ?p }', safe='')}",
        "reconcile": "/reconcile/about",
        "preview": "/reconcile/preview?id=city/vilnius",
        "catalogue": "/catalog",
        "void": "/.well-known/void",
        "downloads": f"/dumps/{release}/",
        "dictionary": f"/dumps/{release}/tables/schema-City.html",
        "releases": "/releases/",
        "release": f"/releases/{release}",
        "report": f"/releases/{release}/report",
        "quality": f"/releases/{release}/quality",
        "not-found": "/doc/city/atlantis",
        "no-page": "/no/such/page",
        "gone": "/doc/organisation/st-petersburg-state-university",
    }
