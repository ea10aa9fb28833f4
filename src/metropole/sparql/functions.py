"""The functions that Oxigraph has beside those of SPARQL 1.1, for the service description."""

_GEOF = "http://www.opengis.net/def/function/geosparql/"
#: GeoSPARQL 1.1, sections 8 and 9: those that Oxigraph 0.5 really has; a test asks it.
GEO_FUNCTIONS = tuple(
    _GEOF + name
    for name in (
        *("area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference"),
        *("dimension", "distance", "envelope", "getSRID", "intersection", "isEmpty", "isSimple"),
        *("length", "perimeter", "relate", "spatialDimension", "symDifference", "union"),
        *("sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps"),
        *("sfTouches", "sfWithin", "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint"),
        *("ehEquals", "ehInside", "ehMeet", "ehOverlap", "rcc8dc", "rcc8ec", "rcc8eq"),
        *("rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi"),
    )
)
