"""Write the catalogue of a site as RDF (DCAT 3, DCAT-AP 3.0.1 and what DCAT-AP-LT adds).

Harvesters look nothing up, so a page says of every licence, theme, media type or format that it
mentions what it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyoxigraph as ox

from metropole import authorities
from metropole.release.dumps import FOLDER
from metropole.release.file_kinds import FileKind, file_kind
from metropole.release.folder import Release
from metropole.release.manifest import PublishedFile
from metropole.release.void import DATASET
from metropole.release.ways import Way, ways_of
from metropole.settings import Settings
from metropole.vocab import DCAT, DCATAP, DCT, FOAF, HYDRA, RDF, RDFS, SKOS, SPDX, VCARD, XSD
from metropole.wordings import chosen, in_languages

Node = ox.NamedNode | ox.BlankNode
Term = Node | ox.Literal
#: Beginning of the IRIs of the catalogue's parts, below the base.
PARTS = "catalog#"
#: Folder of the dumps of source graphs.
GRAPHS = "graphs"
PREFIXES = {"dcat": DCAT, "dcatap": DCATAP, "dct": DCT, "foaf": FOAF, "hydra": HYDRA} | {
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "xsd": XSD,
}
_MEDIA_TYPES = "http://www.iana.org/assignments/media-types/"


@dataclass(frozen=True)
class Described:
    """A dataset of the catalogue: the whole, a source graph, or a version of the whole."""

    iri: str
    titles: Sequence[ox.Literal]
    descriptions: Sequence[ox.Literal]
    #: The release that holds its files, and these.
    release: Release
    files: Sequence[PublishedFile]
    licence: str
    #: When it came out, in seconds since 1970; None when nobody knows.
    issued: int | None = None
    modified: int | None = None
    #: Id of the release, for a version of the whole, and the IRI of the one before.
    version: str = ""
    previous: str = ""
    #: Whether no version is newer.
    is_last: bool = False
    #: Address of what is known of it beside its files.
    page: str = ""
    is_whole: bool = False
    #: Number of statements, for a reader.
    statements: int = 0

    @property
    def name(self) -> str:
        """Give the title in the first language that has one."""
        return self.titles[0].value


@dataclass
class Catalogue:
    """Collects the statements of one page of the catalogue."""

    settings: Settings
    triples: dict[ox.Triple, None] = field(default_factory=dict)

    @property
    def node(self) -> ox.NamedNode:
        """Give the IRI of the catalogue."""
        return self._iri(PARTS + "catalog")

    def page(
        self, datasets: Sequence[Described], issued: int | None, changed: int | None
    ) -> Iterable[ox.Triple]:
        """Write the catalogue with some of its datasets, and when it first and last came out."""
        whole = next((each for each in datasets if each.is_whole), None)
        versions = [each for each in datasets if each.version]
        self._about(issued, changed)
        for each in datasets:
            self._dataset(each)
            self._say(self.node, DCAT + "dataset", ox.NamedNode(each.iri))
        if whole:
            for way in ways_of(whole.release):
                self._way(way, whole)
            for each in versions:
                self._say(ox.NamedNode(whole.iri), DCAT + "hasVersion", ox.NamedNode(each.iri))
            self._current(whole, versions)
        if versions:
            self._series(versions)
        return self.triples

    def paging(self, address: str, total: int, others: dict[str, str]) -> None:
        """Say how many datasets there are, and which pages are beside this one (Hydra)."""
        view = ox.NamedNode(address)
        self._is(self.node, HYDRA + "Collection")
        self._say(self.node, HYDRA + "totalItems", _number(total, "integer"))
        self._say(self.node, HYDRA + "view", view)
        self._is(view, HYDRA + "PartialCollectionView")
        for name, other in others.items():
            self._say(view, HYDRA + name, ox.NamedNode(other))

    def _iri(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(self.settings.base + name)

    def _say(self, node: Node, predicate: str, *values: Term) -> None:
        for value in values:
            self.triples[ox.Triple(node, ox.NamedNode(predicate), value)] = None

    def _is(self, node: Node, *kinds: str) -> None:
        self._say(node, RDF + "type", *map(ox.NamedNode, kinds))

    def texts(self) -> list[ox.Literal]:
        """Give the description of the site in its languages."""
        said = self.settings.catalogue.description or {
            self._language(): f"The graph of {self.settings.title}, checked and published whole."
        }
        return [ox.Literal(text, language=language) for language, text in said.items()]

    def titles(self, ending: str = "") -> list[ox.Literal]:
        """Give the title of the site in its languages, the preferred one first, with an ending."""
        settings = self.settings
        best = chosen(settings.titles, (), settings.languages)
        told = dict.fromkeys((best, *in_languages(settings.titles, settings.languages)))
        return [ox.Literal(each.text + ending, language=each.language) for each in told]

    def _publisher(self) -> list[ox.Literal]:
        """Name who publishes: the one that the settings name, else the site."""
        named = self.settings.publisher
        return [self.text(named)] if named else self.titles()

    def _language(self) -> str:
        return self.settings.languages[0]

    def text(self, text: str, language: str = "") -> ox.Literal:
        """Write a text in a language, or in the first of the site."""
        return ox.Literal(text, language=language or self._language())

    def _about(self, issued: int | None, changed: int | None) -> None:
        node, base = self.node, self.settings.base
        self._is(node, DCAT + "Catalog")
        self._say(node, DCT + "title", *self.titles())
        self._say(node, DCT + "description", *self.texts())
        self._say(node, DCT + "identifier", ox.Literal(node.value))
        self._say(node, FOAF + "homepage", ox.NamedNode(base))
        self._is(ox.NamedNode(base), FOAF + "Document")
        self._say(node, DCT + "issued", *_date(issued))
        self._say(node, DCT + "modified", *_date(changed))
        self._responsible(node)
        self._contents(node)
        self._licence(node, self.settings.licence)
        taxonomy = ox.NamedNode(authorities.BASE + "data-theme")
        if self.settings.catalogue.themes:
            self._say(node, DCAT + "themeTaxonomy", taxonomy)
            self._is(taxonomy, SKOS + "ConceptScheme")
            self._say(taxonomy, DCT + "title", self.text("Data theme", "en"))

    def _responsible(self, node: Node) -> None:
        """Say who publishes, and who made it, which DCAT-AP-LT wants too."""
        given = self.settings.catalogue.publisher
        agent = ox.NamedNode(given) if given else self._iri(PARTS + "publisher")
        self._say(node, DCT + "publisher", agent)
        self._say(node, DCT + "creator", agent)
        self._is(agent, FOAF + "Agent")
        self._say(agent, FOAF + "name", *self._publisher())

    def _contact(self, node: Node) -> None:
        point, address = self._iri(PARTS + "contact"), self.settings.contact or self.settings.base
        self._say(node, DCAT + "contactPoint", point)
        self._is(point, VCARD + "Kind", VCARD + "Organization")
        self._say(point, VCARD + "fn", *self._publisher())
        how = "hasEmail" if address.startswith("mailto:") else "hasURL"
        self._say(point, VCARD + how, ox.NamedNode(address))

    def _contents(self, node: Node) -> None:
        """Say languages and places."""
        for tag in self.settings.languages:
            code = authorities.LANGUAGES.get(tag)
            if code:
                language = ox.NamedNode(f"{authorities.BASE}language/{code}")
                self._say(node, DCT + "language", language)
                self._is(language, DCT + "LinguisticSystem")
        for iri in self.settings.catalogue.spatial:
            place = ox.NamedNode(iri)
            self._say(node, DCT + "spatial", place)
            self._is(place, DCT + "Location")

    def _licence(self, node: Node, licence: str) -> None:
        if licence:
            self._say(node, DCT + "license", ox.NamedNode(licence))
            self._is(ox.NamedNode(licence), DCT + "LicenseDocument")

    def _topics(self, node: Node) -> None:
        """Say themes, keywords and who may have the data."""
        catalogue = self.settings.catalogue
        for code in catalogue.themes:
            theme = self._concept(f"data-theme/{code}", authorities.THEMES[code])
            self._say(node, DCAT + "theme", theme)
            scheme = ox.NamedNode(authorities.BASE + "data-theme")
            self._say(theme, SKOS + "inScheme", scheme)
        for word in catalogue.keywords:
            self._say(node, DCAT + "keyword", self.text(word))
        label = authorities.ACCESS_RIGHTS[catalogue.access_rights]
        rights = self._concept(f"access-right/{catalogue.access_rights}", label)
        self._is(rights, DCT + "RightsStatement")
        self._say(node, DCT + "accessRights", rights)

    def _concept(self, name: str, label: str) -> ox.NamedNode:
        concept = ox.NamedNode(authorities.BASE + name)
        self._is(concept, SKOS + "Concept")
        self._say(concept, SKOS + "prefLabel", self.text(label, "en"))
        return concept

    def _dataset(self, each: Described) -> None:
        node = ox.NamedNode(each.iri)
        self._is(node, DCAT + "Dataset")
        self._say(node, DCT + "title", *each.titles)
        self._say(node, DCT + "description", *each.descriptions)
        self._say(node, DCT + "identifier", ox.Literal(each.iri))
        self._say(node, DCT + "issued", *_date(each.issued))
        self._say(node, DCT + "modified", *_date(each.modified))
        self._say(node, DCAT + "version", ox.Literal(each.version or each.release.id))
        self._responsible(node)
        self._contact(node)
        self._contents(node)
        self._topics(node)
        self._frequency(node, "NEVER" if each.version else self.settings.catalogue.frequency)
        self._temporal(node)
        if each.page:
            self._say(node, DCAT + "landingPage", ox.NamedNode(each.page))
            self._is(ox.NamedNode(each.page), FOAF + "Document")
        if each.version:
            self._say(node, DCAT + "inSeries", self._iri(PARTS + "releases"))
            self._say(node, DCAT + "isVersionOf", self._iri(DATASET))
            if each.previous:
                self._say(node, DCAT + "previousVersion", ox.NamedNode(each.previous))
                self._say(node, DCAT + "prev", ox.NamedNode(each.previous))
        for file in each.files:
            self._distribution(node, each, file)

    def _frequency(self, node: Node, code: str) -> None:
        frequency = self._concept(f"frequency/{code}", authorities.FREQUENCIES[code])
        self._is(frequency, DCT + "Frequency")
        self._say(node, DCT + "accrualPeriodicity", frequency)

    def _temporal(self, node: Node) -> None:
        days = self.settings.catalogue.temporal
        if days:
            period = self._iri(PARTS + "period")
            self._say(node, DCT + "temporal", period)
            self._is(period, DCT + "PeriodOfTime")
            for name, day in zip(("startDate", "endDate"), days, strict=True):
                kind = ox.NamedNode(XSD + "date")
                self._say(period, DCAT + name, ox.Literal(day, datatype=kind))

    def _distribution(self, dataset: Node, each: Described, file: PublishedFile) -> None:
        name = file.path.removeprefix(f"{FOLDER}/")
        address = self._iri(f"dumps/{each.release.id}/{name}")
        node = self._iri(f"{PARTS}{each.release.id}/{name}")
        if not each.version:
            node = self._iri(f"{PARTS}current/{name}")
        self._say(dataset, DCAT + "distribution", node)
        self._is(node, DCAT + "Distribution")
        self._say(node, DCAT + "accessURL", address)
        self._say(node, DCAT + "downloadURL", address)
        self._say(node, DCAT + "byteSize", _number(file.bytes, "nonNegativeInteger"))
        self._say(node, DCT + "issued", *_date(each.issued or each.modified))
        kind = file_kind(name)
        self._say(node, DCT + "title", self.text(f"{kind.name}: {name}", "en"))
        self._say(node, DCT + "description", self.text(_what(name, kind), "en"))
        self._format(node, kind)
        self._terms_of(node, each)
        checksum = ox.NamedNode(node.value + "/sha256")
        algorithm = ox.NamedNode(SPDX + "checksumAlgorithm_sha256")
        self._say(node, SPDX + "checksum", checksum)
        self._is(checksum, SPDX + "Checksum")
        self._say(checksum, SPDX + "algorithm", algorithm)
        self._is(algorithm, SPDX + "ChecksumAlgorithm")
        value = ox.Literal(file.sha256.upper(), datatype=ox.NamedNode(XSD + "hexBinary"))
        self._say(checksum, SPDX + "checksumValue", value)

    def _format(self, node: Node, kind: FileKind) -> None:
        media_type = ox.NamedNode(_MEDIA_TYPES + kind.media_type)
        self._say(node, DCAT + "mediaType", media_type)
        self._is(media_type, DCT + "MediaType")
        if kind.compression:
            compression = ox.NamedNode(_MEDIA_TYPES + kind.compression)
            self._say(node, DCAT + "compressFormat", compression)
            self._is(compression, DCT + "MediaType")
        if kind.file_type:
            code, label = kind.file_type
            file_type = ox.NamedNode(f"{authorities.BASE}file-type/{code}")
            self._say(node, DCT + "format", file_type)
            self._is(file_type, DCT + "MediaTypeOrExtent")
            self._say(file_type, RDFS + "label", self.text(label, "en"))

    def _terms_of(self, node: Node, each: Described) -> None:
        """Say licence and how long a distribution will be there."""
        self._licence(node, each.licence)
        stable = self._concept("planned-availability/STABLE", "stable")
        self._say(node, DCATAP + "availability", stable)

    def _way(self, way: Way, whole: Described) -> None:
        """Describe a way to the whole: as a service where it is one, and as a distribution."""
        if not way.is_distribution:
            self._service(way, whole)
            return
        access = self._iri(f"{PARTS}current/{way.name}")
        address = self._iri(way.path)
        self._say(ox.NamedNode(whole.iri), DCAT + "distribution", access)
        self._is(access, DCAT + "Distribution")
        self._say(access, DCT + "title", self.text(way.title, "en"))
        self._say(access, DCT + "description", self.text(way.description, "en"))
        self._say(access, DCAT + "accessURL", address)
        self._format(access, file_kind(f"{way.name}.{way.extension}"))
        self._terms_of(access, whole)
        self._conforms(access, way)
        if way.kind:
            self._say(access, DCT + "type", ox.NamedNode(way.kind))
        if way.is_service:
            self._say(access, DCAT + "accessService", self._service(way, whole))
        else:
            self._say(access, DCAT + "downloadURL", address)

    def _service(self, way: Way, whole: Described) -> ox.NamedNode:
        node = self._iri(PARTS + way.name)
        self._say(self.node, DCAT + "service", node)
        self._is(node, DCAT + "DataService")
        self._say(node, DCT + "title", self.text(way.title, "en"))
        self._say(node, DCT + "description", self.text(way.description, "en"))
        self._say(node, DCT + "identifier", ox.Literal(node.value))
        self._say(node, DCAT + "endpointURL", self._iri(way.path.partition("?")[0]))
        self._say(node, DCAT + "endpointDescription", self._iri(way.described_at or way.path))
        self._say(node, DCAT + "servesDataset", ox.NamedNode(whole.iri))
        self._conforms(node, way)
        self._responsible(node)
        self._contact(node)
        self._topics(node)
        self._licence(node, whole.licence)
        return node

    def _conforms(self, node: Node, way: Way) -> None:
        if way.conforms_to:
            self._say(node, DCT + "conformsTo", ox.NamedNode(way.conforms_to))
            self._is(ox.NamedNode(way.conforms_to), DCT + "Standard")

    def _current(self, whole: Described, versions: Sequence[Described]) -> None:
        for each in versions:
            if each.version == whole.release.id:
                current = ox.NamedNode(each.iri)
                self._say(ox.NamedNode(whole.iri), DCAT + "hasCurrentVersion", current)

    def _series(self, versions: Sequence[Described]) -> None:
        node = self._iri(PARTS + "releases")
        self._is(node, DCAT + "DatasetSeries")
        self._say(node, DCT + "title", self.text(f"{self.settings.title}: releases"))
        text = "Every release that is kept; none ever changes."
        self._say(node, DCT + "description", self.text(text, "en"))
        self._say(node, DCT + "identifier", ox.Literal(node.value))
        self._responsible(node)
        self._contact(node)
        self._frequency(node, self.settings.catalogue.frequency)
        for each in versions:
            for name, is_end in (("first", not each.previous), ("last", each.is_last)):
                if is_end:
                    self._say(node, DCAT + name, ox.NamedNode(each.iri))


def _what(name: str, kind: FileKind) -> str:
    """Say in words what a file is."""
    packed = f", compressed ({kind.compression.rpartition('/')[2]})" if kind.compression else ""
    folder = name.rpartition("/")[0]
    is_part = folder and not folder.startswith(GRAPHS)
    return f"{name if is_part else 'All of it'} as {kind.name}{packed}."


def _number(number: int, kind: str) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + kind))


def _date(seconds: int | None) -> Iterator[ox.Literal]:
    if seconds is not None:
        text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield ox.Literal(text, datatype=ox.NamedNode(XSD + "dateTime"))
