"""The namespaces of the published vocabularies that Metropole itself understands."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
SCHEMA = "https://schema.org/"
SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
DCATAP = "http://data.europa.eu/r5r/"
FOAF = "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
SPDX = "http://spdx.org/rdf/terms#"
DQV = "http://www.w3.org/ns/dqv#"
DASH = "http://datashapes.org/dash#"
CSVW = "http://www.w3.org/ns/csvw#"
GEO = "http://www.opengis.net/ont/geosparql#"
ORG = "http://www.w3.org/ns/org#"
QB = "http://purl.org/linked-data/cube#"
WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
QUDT = "http://qudt.org/schema/qudt/"
SDMX_ATTRIBUTE = "http://purl.org/linked-data/sdmx/2009/attribute#"

#: Local names of WGS84, the vocabulary of points that others call `geo:` as well.
WGS84_NAMES = ("lat", "long", "alt", "lat_long", "location", "Point", "SpatialThing")
#: Datatypes of numbers (XML Schema 1.1, Part 2).
NUMBERS = tuple(
    XSD + name
    for name in (
        *("integer", "decimal", "double", "float", "int", "long", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)

#: Prefixes written into every Turtle, TriG and RDF/XML file Metropole makes, in this order.
WELL_KNOWN_PREFIXES = {
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "sh": SH,
    "skos": SKOS,
    "dct": DCT,
    "dcat": DCAT,
    "prov": PROV,
    "oa": OA,
    "org": ORG,
    "schema": SCHEMA,
    "spdx": SPDX,
    "geo": GEO,
    "unit": "http://qudt.org/vocab/unit/",
    "void": VOID,
    "foaf": FOAF,
    "time": "http://www.w3.org/2006/time#",
}

#: Properties that hold the name of a thing, best first (SKOS, RDFS, schema.org, DCMI).
LABEL_PROPERTIES = (
    SKOS + "prefLabel",
    RDFS + "label",
    SCHEMA + "name",
    SCHEMA + "headline",
    DCT + "title",
    SH + "name",
)
