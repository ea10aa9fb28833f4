"""The settings of a site: `metropole.toml`, read into one frozen dataclass.

Each setting carries its line of documentation; a test holds `docs/settings.md` to it.
All problems of a file are reported together.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

import pyoxigraph as ox

from metropole.authorities import ACCESS_RIGHTS, FREQUENCIES, THEMES
from metropole.encoding import NotUtf8, decoded
from metropole.errors import SettingsError
from metropole.formats import GRAPH_FORMATS

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
FILE_NAME = "metropole.toml"


def _doc(text: str, least: int = 0, most: int = 0, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Describe a setting; `least` and `most` bound a whole number, a list may be empty or not."""
    return {"doc": text, "least": least, "most": most, "may_be_empty": may_be_empty}


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
            "Queries that run at the same time; 0 means one for each processor core.", 0, 256
        ),
    )
    queued_queries: int = field(
        default=32,
        metadata=_doc(
            "Queries that may wait for their turn; one more gets 503 and Retry-After.", 0, 1000
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
_CHOICES = {
    "formats": tuple(syntax.extension for syntax in GRAPH_FORMATS),
    "compressions": ("gz", "zst"),
    "tables": ("csv", "parquet"),
    "parts": ("graphs", "classes"),
}


@dataclass(frozen=True)
class Dumps:
    """The `[dumps]` table: which files people can download."""

    formats: tuple[str, ...] = field(
        default=_CHOICES["formats"],
        metadata=_doc(
            f"Formats of the whole graph and of its parts: {', '.join(_CHOICES['formats'])}. "
            "The whole as nq, trig and ttl and each source graph as nt are there always.",
            may_be_empty=True,
        ),
    )
    parts: tuple[str, ...] = field(
        default=_CHOICES["parts"],
        metadata=_doc(
            "What there are files of, in all the formats, beside the whole: graphs for each "
            "source graph, classes for the members of each class.",
            may_be_empty=True,
        ),
    )
    tables: tuple[str, ...] = field(
        default=_CHOICES["tables"],
        metadata=_doc(
            "Tables of the members of each class: csv, parquet, each with a data dictionary.",
            may_be_empty=True,
        ),
    )
    compressions: tuple[str, ...] = field(
        default=_CHOICES["compressions"],
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
    title: str = field(metadata=_doc("Name of the site, shown on every page."))
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
    home: Home = field(default_factory=Home, metadata=_doc("What the home page shows, a table."))

    dumps: Dumps = field(
        default_factory=Dumps, metadata=_doc("Which files people can download, a table.")
    )

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


def load(root: Path) -> Settings:
    """Read the settings of the site in folder `root`.

    Raises SettingsError with every problem of the file when it is missing, is not TOML
    or has unknown, missing or ill-typed settings.
    """
    path = root / FILE_NAME
    try:
        table = tomllib.loads(decoded(path.read_bytes()))
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such file. Run 'metropole new {root}' to start a site, "
            "or name the folder of one."
        ) from None
    except (OSError, NotUtf8, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from error
    problems = _problems(Settings, table, "") + _wrong_values(table)
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    limits = Limits(**_values(table.pop("limits", {})))
    catalogue = Catalogue(**_values(table.pop("catalogue", {})))
    sections = table.pop("home", {}).get("sections", [])
    home = Home(tuple(Section(**_values(section)) for section in sections))
    dumps = Dumps(**_values(table.pop("dumps", {})))
    return Settings(
        root=root, limits=limits, catalogue=catalogue, home=home, dumps=dumps, **_values(table)
    )


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }


def settings_fields(table: type) -> list[Field[Any]]:
    """List the fields of a settings table that a file may set."""
    return [entry for entry in fields(table) if "doc" in entry.metadata]


def _problems(table: type, values: Mapping[str, object], where: str) -> list[str]:
    """List unknown, missing and ill-typed settings of one table."""
    known = {entry.name: entry for entry in settings_fields(table)}
    problems = [
        f"unknown setting '{where}{name}'.{_near(name, known)}"
        for name in values
        if name not in known
    ]
    for name, entry in known.items():
        required = entry.default is MISSING and entry.default_factory is MISSING
        if name in values:
            problems += _type_problems(entry, values[name], where)
        elif required:
            problems.append(f"missing setting '{where}{name}': {entry.metadata['doc']}")
    return problems


def _near(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else f" Known are: {', '.join(known)}."


def _type_problems(entry: Field[Any], value: object, where: str) -> list[str]:
    name = where + entry.name
    if entry.type in TABLES:
        assert isinstance(entry.type, type)
        if isinstance(value, dict):
            return _problems(entry.type, value, f"{name}.")
        return [f"'{name}' must be a table"]
    if entry.type in (tuple[Section, ...], Mapping[str, str]):
        is_texts = entry.type == Mapping[str, str]
        return (_texts_problems if is_texts else _sections_problems)(value, name)
    if entry.type is int:
        least, most = entry.metadata["least"], entry.metadata["most"]
        whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return [] if whole else [f"'{name}' must be a whole number from {least} to {most}"]
    if entry.type is str:
        return _text_problems(name, value)
    return _list_problems(name, value, may_be_empty=entry.metadata["may_be_empty"])


def _text_problems(name: str, value: object) -> list[str]:
    if not isinstance(value, str):
        return [f"'{name}' must be a text in quotes"]
    return [
        f"'{name}' holds the control character U+{ord(character):04X}: remove it"
        for character in dict.fromkeys(value)
        if category(character) == "Cc" and character not in "\t\n\r"
    ]


def _list_problems(name: str, value: object, *, may_be_empty: bool) -> list[str]:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if texts and (value or may_be_empty):
        return [problem for item in _listed(value) for problem in _text_problems(name, item)]
    return [f"'{name}' must be a list of texts{', with at least one' * (not may_be_empty)}"]


def _texts_problems(value: object, name: str) -> list[str]:
    if not (isinstance(value, dict) and all(isinstance(text, str) for text in value.values())):
        return [f"'{name}' must be a table of texts, each named by its language"]
    return [
        problem
        for language, text in value.items()
        for problem in _text_problems(f"{name}.{language}", text)
    ]


def _sections_problems(value: object, name: str) -> list[str]:
    if not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        return [f"'{name}' must be tables, each begun with [[{name}]]"]
    problems = []
    for place, section in enumerate(value, 1):
        where = f"{name} {place}: "
        problems += [where + problem for problem in _problems(Section, section, "")]
        kind = section.get("kind", HOME_KINDS[0])
        if isinstance(kind, str) and kind not in HOME_KINDS:
            known = ", ".join(HOME_KINDS)
            problems.append(f"{where}'kind' is '{kind}', which is none of {known}")
    return problems


def _wrong_values(table: Mapping[str, object]) -> list[str]:
    """List values of the right type that cannot work."""
    problems = []
    base = table.get("base")
    if isinstance(base, str):
        problems += _base_problems(base)
    problems += _address_problems(table)
    problems += [
        f"'languages' has '{tag}', which is no language tag: write one as en, lt or pt-BR"
        for tag in _listed(table.get("languages"))
        if isinstance(tag, str) and not _LANGUAGE.fullmatch(tag)
    ]
    if table.get("title") == "":
        problems.append("'title' is empty: give the site a name")
    releases = table.get("releases")
    if releases == "":
        problems.append("'releases' is empty: name a folder, as \"releases\"")
    catalogue = table.get("catalogue")
    if isinstance(catalogue, dict):
        problems += _catalogue_problems(catalogue)
    dumps = table.get("dumps")
    if isinstance(dumps, dict):
        problems += _dumps_problems(dumps)
    proxies = table.get("trusted_proxies")
    if isinstance(proxies, list):
        problems += [problem for proxy in proxies for problem in _proxy_problems(proxy)]
    return problems


def _address_problems(table: Mapping[str, object]) -> list[str]:
    """List what would have to be an address and is none."""
    problems = []
    licence, contact = table.get("licence", ""), table.get("contact", "")
    if licence and isinstance(licence, str) and not _is_address(licence):
        problems.append(
            f"'licence' is '{licence}': it must be an http or https address, as "
            "https://creativecommons.org/licenses/by/4.0/"
        )
    if contact and isinstance(contact, str) and not _is_address(contact, "mailto:"):
        advice = f", as mailto:{contact}" if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", contact) else ""
        problems.append(
            f"'contact' is '{contact}': it must be a mailto:, http or https address{advice}"
        )
    return problems


def _is_address(text: str, *others: str) -> bool:
    """Tell whether a text is an IRI with a scheme of the web, or with one of some others."""
    try:
        ox.NamedNode(text)
        fine = bool(urlsplit(text).hostname)
    except ValueError:
        return False
    is_web = text.startswith(("http://", "https://")) and fine
    return is_web or any(text.startswith(other) and text != other for other in others)


def _catalogue_problems(catalogue: Mapping[str, object]) -> list[str]:
    """List codes that are in no vocabulary, and what is no IRI or date."""
    given: list[tuple[str, object, Mapping[str, str]]] = [
        ("access_rights", catalogue.get("access_rights", "PUBLIC"), ACCESS_RIGHTS),
        ("frequency", catalogue.get("frequency", "IRREG"), FREQUENCIES),
    ]
    themes, spatial = catalogue.get("themes"), catalogue.get("spatial")
    given += [("themes", theme, THEMES) for theme in (themes if isinstance(themes, list) else ())]
    problems = [
        f"'catalogue.{name}' has '{code}', which is none of {', '.join(known)}"
        for name, code, known in given
        if code not in known
    ]
    addresses = [("spatial", each) for each in (spatial if isinstance(spatial, list) else ())]
    addresses.append(("publisher", catalogue.get("publisher", "")))
    problems += [
        f"'catalogue.{name}' has '{address}': it must be an http or https address"
        for name, address in addresses
        if isinstance(address, str) and address and not _is_address(address)
    ]
    days = catalogue.get("temporal")
    if isinstance(days, list) and not (len(days) == len("ab") and all(map(_is_day, days))):
        problems.append("'catalogue.temporal' must be two days, each as YYYY-MM-DD")
    return problems


def _dumps_problems(dumps: Mapping[str, object]) -> list[str]:
    """List names of files that cannot be made."""
    return [
        f"'dumps.{name}' has '{each}', which is none of {', '.join(known)}"
        for name, known in _CHOICES.items()
        for each in _listed(dumps.get(name))
        if each not in known
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_day(text: object) -> bool:
    try:
        return bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def _proxy_problems(proxy: object) -> list[str]:
    try:
        ip_network(str(proxy))
    except ValueError as error:
        return [f"'trusted_proxies' has '{proxy}', which is no address or network: {error}"]
    return []


def _base_problems(base: str) -> list[str]:
    try:
        parts = urlsplit(base)
        port_fine = parts.port is None or parts.port > 0
    except ValueError as error:
        return [f"'base' is not an address: {error}"]
    fine = (
        parts.scheme in ("http", "https")
        and parts.hostname
        and port_fine
        and parts.path.endswith("/")
        and not parts.query
        and not parts.fragment
        and _is_address(base)
    )
    if fine:
        return []
    return [f"'base' is '{base}': it must be an http or https address that ends in a slash"]
