"""The tables of `metropole.toml`: frozen dataclasses, each setting with its documentation."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from metropole.authorities import ACCESS_RIGHTS, FREQUENCIES, THEMES
from metropole.formats import GRAPH_FORMATS
from metropole.wordings import Wordings


def _doc(
    text: str,
    least: int = 0,
    most: int = 0,
    *,
    may_be_empty: bool = False,
    in_languages: bool = False,
) -> dict[str, Any]:
    """Describe a setting.

    `least` and `most` bound a whole number, a list may be empty or not, and a text `in_languages`
    may be a table with a text for each language.
    """
    return {
        "doc": text,
        "least": least,
        "most": most,
        "may_be_empty": may_be_empty,
        "in_languages": in_languages,
    }


@dataclass(frozen=True)
class Limits:
    """The `[limits]` table: what one client may ask of the server."""

    query_timeout_seconds: int = field(
        default=30,
        metadata=_doc("A query that runs longer is stopped and answered with 503.", 1, 86_400),
    )
    query_memory_mebibytes: int = field(
        default=1024,
        metadata=_doc("A query that needs more memory is stopped (503).", 16, 1_048_576),
    )
    concurrent_queries: int = field(
        default=0,
        metadata=_doc(
            "Queries that run at the same time; 0 means one for each processor core. A client has "
            "more than one of them only while no other waits for its first.",
            0,
            256,
        ),
    )
    queued_queries: int = field(
        default=32,
        metadata=_doc(
            "Queries that may wait for their turn, which clients have one after the other; when "
            "there are more, one of the client with most of them gets 503 and Retry-After.",
            0,
            1000,
        ),
    )
    answers_mebibytes: int = field(
        default=4096,
        metadata=_doc(
            "Room on disk for all long answers that are being made or sent; when it is used up, "
            "a long answer is stopped.",
            2,
            1_048_576,
        ),
    )
    client_seconds_per_minute: int = field(
        default=60,
        metadata=_doc(
            "Seconds of query time one client may use in a minute; then it gets 429 and "
            "Retry-After. 0 means any number.",
            0,
            86_400,
        ),
    )
    request_body_bytes: int = field(
        default=1_048_576, metadata=_doc("Longest request body; a longer one gets 413.", 1, 1 << 30)
    )
    reconcile_batch: int = field(
        default=50,
        metadata=_doc(
            "Queries, or things to extend, in one request to the reconciliation service; more "
            "get 413.",
            1,
            1000,
        ),
    )
    cache_mebibytes: int = field(
        default=64,
        metadata=_doc(
            "Memory for answers that were given before and are the same as long as the release "
            "lasts; 0 keeps none.",
            0,
            1_048_576,
        ),
    )
    request_body_seconds: int = field(
        default=10,
        metadata=_doc("A request body that takes longer to arrive gets 408.", 1, 3600),
    )
    serving_processes: int = field(
        default=0,
        metadata=_doc(
            "Processes that answer requests; 0 means one for each two processor cores, "
            "four at most.",
            0,
            64,
        ),
    )


@dataclass(frozen=True)
class Catalogue:
    """The `[catalogue]` table: what harvesters are told of the data (DCAT-AP 3.0.1)."""

    description: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc("What the data are, a table with a text for each language."),
    )
    keywords: tuple[str, ...] = field(
        default=(), metadata=_doc("Keywords, in the first of the languages.")
    )
    themes: tuple[str, ...] = field(
        default=(),
        metadata=_doc(f"Themes of the EU vocabulary data-theme: {', '.join(THEMES)}."),
    )
    publisher: str = field(
        default="", metadata=_doc("IRI of the publisher, when there is one that others use.")
    )
    access_rights: str = field(
        default="PUBLIC", metadata=_doc(f"Who may have the data: {', '.join(ACCESS_RIGHTS)}.")
    )
    frequency: str = field(
        default="IRREG",
        metadata=_doc(f"How often the data change: {', '.join(FREQUENCIES)}."),
    )
    spatial: tuple[str, ...] = field(
        default=(), metadata=_doc("IRIs of the places that the data are about.")
    )
    temporal: tuple[str, ...] = field(
        default=(),
        metadata=_doc("First and last day that the data are about, as two texts YYYY-MM-DD."),
    )
    page_size: int = field(
        default=100, metadata=_doc("Datasets on one page of the catalogue.", 1, 1000)
    )


#: How a section of the home page can show an answer.
HOME_KINDS = ("list", "events", "map", "chart", "numbers")


@dataclass(frozen=True)
class Section:
    """One of the tables `[[home.sections]]`: a saved query whose answer the home page shows."""

    query: str = field(metadata=_doc("Name of the saved query, below `queries/`."))
    kind: str = field(
        default="list", metadata=_doc(f"How its answer is shown: {', '.join(HOME_KINDS)}.")
    )
    title: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc(
            "Title, a table with a text for each language; without one, the summary of the query."
        ),
    )
    rows: int = field(default=6, metadata=_doc("Rows of a list that are shown.", 1, 100))


@dataclass(frozen=True)
class Home:
    """The `[home]` table: what the home page shows above the classes."""

    sections: tuple[Section, ...] = field(
        default=(),
        metadata=_doc("Sections in their order, each a table `[[home.sections]]`."),
    )


#: What `[dumps]` may name: RDF formats, compressions, kinds of tables, parts of the graph.
CHOICES = {
    "formats": tuple(syntax.extension for syntax in GRAPH_FORMATS),
    "compressions": ("gz", "zst"),
    "tables": ("csv", "parquet"),
    "parts": ("graphs", "classes"),
}


@dataclass(frozen=True)
class Dumps:
    """The `[dumps]` table: which files people can download."""

    formats: tuple[str, ...] = field(
        default=CHOICES["formats"],
        metadata=_doc(
            f"Formats of the whole graph and of its parts: {', '.join(CHOICES['formats'])}. "
            "The whole as nq, trig and ttl and each source graph as nt are there always.",
            may_be_empty=True,
        ),
    )
    parts: tuple[str, ...] = field(
        default=CHOICES["parts"],
        metadata=_doc(
            "What there are files of, in all the formats, beside the whole: graphs for each "
            "source graph, classes for the members of each class.",
            may_be_empty=True,
        ),
    )
    tables: tuple[str, ...] = field(
        default=CHOICES["tables"],
        metadata=_doc(
            "Tables of the members of each class: csv, parquet, each with a data dictionary.",
            may_be_empty=True,
        ),
    )
    compressions: tuple[str, ...] = field(
        default=CHOICES["compressions"],
        metadata=_doc(
            "Compressed copies of all files but short ones: gz for gzip, zst for Zstandard.",
            may_be_empty=True,
        ),
    )
    most_statements: int = field(
        default=250_000,
        metadata=_doc(
            "A graph with more statements has only what is there always, so that its build "
            "stays short.",
            0,
            1 << 40,
        ),
    )


#: The tables of the settings.
TABLES = (Limits, Catalogue, Home, Dumps)


@dataclass(frozen=True)
class Settings:
    """The settings of one site; `root` is the folder that holds `metropole.toml`."""

    root: Path
    #: In the language that the site prefers.
    title: str = field(metadata=_doc("Name of the site, shown on every page.", in_languages=True))
    base: str = field(
        metadata=_doc(
            "Address all IRIs of the site are relative to: http or https, ending in a slash."
        )
    )
    languages: tuple[str, ...] = field(
        default=("en",), metadata=_doc("Languages of labels, the preferred one first.")
    )
    licence: str = field(
        default="", metadata=_doc("IRI of the licence of the data: http or https.")
    )
    publisher: str = field(default="", metadata=_doc("Name of the publisher."))
    contact: str = field(default="", metadata=_doc("Where to write: a mailto: or https: address."))
    texts: tuple[str, ...] = field(
        default=("texts",),
        metadata=_doc("Folders with source texts, to verify quotations; they may be absent."),
    )
    releases: str = field(
        default="releases", metadata=_doc("Folder for releases, relative to the site.")
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Addresses or networks of proxies whose X-Forwarded-For is believed; no other is."
        ),
    )
    query_log: str = field(
        default="",
        metadata=_doc(
            "File for a line of JSON about each query, relative to the site; - is standard error."
        ),
    )
    limits: Limits = field(
        default_factory=Limits, metadata=_doc("Limits of the query service, a table.")
    )

    catalogue: Catalogue = field(
        default_factory=Catalogue,
        metadata=_doc("What harvesters of catalogues are told, a table."),
    )
    topics: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata=_doc(
            "What tags of saved queries are called, for each a table with a text for each language."
        ),
    )
    columns: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata=_doc(
            "What columns of answers are called, by variable a table with a text for each language."
        ),
    )
    home: Home = field(default_factory=Home, metadata=_doc("What the home page shows, a table."))

    dumps: Dumps = field(
        default_factory=Dumps, metadata=_doc("Which files people can download, a table.")
    )

    #: The title where the file gives it in several languages.
    title_by_language: Mapping[str, str] = field(default_factory=dict)

    @property
    def titles(self) -> Wordings:
        """Give the title by language."""
        return self.title_by_language or {"": self.title}

    @property
    def namespace(self) -> str:
        """Give the namespace of the site's own terms."""
        return self.base + "ns#"

    @property
    def releases_folder(self) -> Path:
        """Give the folder that holds the releases."""
        return self.root / self.releases

    @property
    def text_folders(self) -> tuple[Path, ...]:
        """Give the folders in which source texts may lie."""
        return tuple(self.root / name for name in self.texts)


def settings_fields(table: type) -> list[Field[Any]]:
    """List the fields of a settings table that a file may set."""
    return [entry for entry in fields(table) if "doc" in entry.metadata]
