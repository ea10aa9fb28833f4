"""Codes of the vocabularies of the EU Publications Office that catalogues use, with labels.

Harvesters do not look the codes up, so each is written with its type and its English label.
"""

BASE = "http://publications.europa.eu/resource/authority/"

#: Themes of data (data-theme).
THEMES = {
    "AGRI": "Agriculture, fisheries, forestry and food",
    "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport",
    "ENER": "Energy",
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "HEAL": "Health",
    "INTR": "International issues",
    "JUST": "Justice, legal system and public safety",
    "REGI": "Regions and cities",
    "SOCI": "Population and society",
    "TECH": "Science and technology",
    "TRAN": "Transport",
}
#: Who may have the data (access-right).
ACCESS_RIGHTS = {"PUBLIC": "public", "RESTRICTED": "restricted", "NON_PUBLIC": "non-public"}
#: How often data change (frequency).
FREQUENCIES = {
    "CONT": "continuous",
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL": "annual",
    "IRREG": "irregular",
    "NEVER": "never",
    "UNKNOWN": "unknown",
}
#: File types by extension (file-type).
FILE_TYPES = {
    "ttl": ("RDF_TURTLE", "RDF Turtle"),
    "nt": ("RDF_N_TRIPLES", "RDF N-Triples"),
    "nq": ("RDF_N_QUADS", "RDF N-Quads"),
    "trig": ("RDF_TRIG", "RDF TriG"),
    "jsonld": ("JSON_LD", "JSON-LD"),
    "rdf": ("RDF_XML", "RDF XML"),
    "csv": ("CSV", "CSV"),
    "tsv": ("TSV", "TSV"),
    "json": ("JSON", "JSON"),
    "geojson": ("GEOJSON", "GeoJSON"),
    "ics": ("ICS", "iCalendar"),
    "xlsx": ("XLSX", "XLSX"),
    "parquet": ("PARQUET", "Parquet"),
    "hdt": ("HDT", "HDT"),
    "txt": ("TXT", "TXT"),
    "html": ("HTML", "HTML"),
    "atom": ("ATOM", "Atom Feed"),
    "zip": ("ZIP", "ZIP"),
    "gz": ("GZIP", "GZIP"),
}
#: Languages by their tags (language).
LANGUAGES = {
    "be": "BEL",
    "bg": "BUL",
    "cs": "CES",
    "da": "DAN",
    "de": "DEU",
    "el": "ELL",
    "en": "ENG",
    "es": "SPA",
    "et": "EST",
    "fi": "FIN",
    "fr": "FRA",
    "ga": "GLE",
    "hr": "HRV",
    "hu": "HUN",
    "is": "ISL",
    "it": "ITA",
    "lt": "LIT",
    "lv": "LAV",
    "mt": "MLT",
    "nb": "NOB",
    "nl": "NLD",
    "pl": "POL",
    "pt": "POR",
    "ro": "RON",
    "ru": "RUS",
    "sk": "SLK",
    "sl": "SLV",
    "sv": "SWE",
    "uk": "UKR",
}
