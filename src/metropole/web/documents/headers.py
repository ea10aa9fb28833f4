"""The headers of the document about a thing, the same whoever answers: Flask or the event loop.

Most of them are links (RFC 8288) that differ from thing to thing only in its name, so all that
a release decides is written once.
"""

from collections.abc import Sequence

from metropole.formats import GRAPH_FORMATS, TURTLE, GraphFormat, graph_format
from metropole.release import Release
from metropole.release.documents import DOCUMENT as DOCUMENTS
from metropole.release.documents import name_in_address
from metropole.release.void import DATASET
from metropole.release.void import DOCUMENT as DESCRIPTION
from metropole.vocab import RDFS, VOID
from metropole.web.addresses import Here, ascii_only, in_release, is_thing
from metropole.web.metadata.signposting import LINKSET, Signpost, in_header, of_metadata
from metropole.web.requests.negotiation import HTML, Page
from metropole.web.responses import link_to
from metropole.web.serving import Edition

Variant = GraphFormat | Page
#: RDF comes first: a client that accepts anything is a program.
VARIANTS: tuple[Variant, ...] = (*GRAPH_FORMATS, HTML)
#: Names of the headers that are written here.
DOCUMENT_HEADERS = ("Content-Type", "Vary", "Cache-Control", "Content-Location", "Link")
LINK_FORMAT = "application/link-format"
CALENDAR, CALENDAR_TYPE = "ics", "text/calendar"


def variant_of(extension: str) -> Variant | None:
    """Find the format of a document by the extension of its address."""
    return HTML if extension == HTML.extension else graph_format(extension)


def name_and_variant(path: str) -> tuple[str, Variant | None]:
    """Split the path of a document below `/doc/` into the name of its thing and the format."""
    name, dot, extension = path.rpartition(".")
    variant = variant_of(extension) if dot else None
    return (name, variant) if variant else (path, None)


class DocumentHeaders:
    """Writes the headers of documents of a release, as they are asked for from one place."""

    def __init__(self, release: Release, here: Here, asked_release: str | None = None) -> None:
        """Take the release, and its name where the address of the document has it."""
        base = release.manifest.content.base
        self._base, self._here, self._release = base, here, asked_release
        self._root = ascii_only(here.root)
        self._endings = {each: self._ending(each.extension) for each in VARIANTS}
        self._calendar = self._ending(CALENDAR)
        self._of_whole = [
            link_to(f"{here.root}/{DESCRIPTION}", "describedby", TURTLE.media_type),
            link_to(base + DATASET, VOID + "inDataset"),
        ]
        self._metadata = in_header(of_metadata(release))

    def _ending(self, extension: str) -> str:
        """Write what comes behind the name of a document in the address of one of its formats."""
        ending = self._here.with_language(f".{extension}")
        return ascii_only(in_release(ending, self._release) if self._release else ending)

    def of(
        self,
        iri: str,
        variant: Variant,
        *,
        is_event: bool,
        more: str = "",
        signposts: Sequence[Signpost] = (),
    ) -> list[tuple[str, str]]:
        """Write the headers of a document in a format.

        `more` is the address of statements that it leaves out; `signposts` are those of a page.
        """
        canonical = self._here.document_of(iri, base=self._base)
        assert canonical is not None
        is_of_thing = is_thing(iri, base=self._base)
        name = name_in_address(iri, self._base) if is_of_thing else iri.removeprefix(self._base)
        path = DOCUMENTS + name if is_of_thing else name
        links = self._formats(f"{self._root}/{path}", variant, is_event=is_event and is_of_thing)
        links += [
            link_to(iri, "describes"),
            link_to(self._here.absolute(canonical, base=self._base), "canonical"),
            *self._of_whole,
        ]
        if more:
            links.append(link_to(more, RDFS + "seeAlso"))
        links += in_header(signposts) if signposts else self._metadata
        if is_of_thing:
            links += self._ways(path)
        return [
            ("Content-Type", variant.content_type),
            ("Vary", "Accept"),
            ("Cache-Control", "no-cache"),
            ("Content-Location", f"{self._root}/{path}{self._endings[variant]}"),
            ("Link", ", ".join(links)),
        ]

    def _formats(self, stem: str, variant: Variant, *, is_event: bool) -> list[str]:
        """Link to the same document in other formats."""
        links = [
            f'<{stem}{ending}>; rel="alternate"; type="{each.media_type}"'
            for each, ending in self._endings.items()
            if each is not variant
        ]
        if is_event:
            links.append(f'<{stem}{self._calendar}>; rel="alternate"; type="{CALENDAR_TYPE}"')
        return links

    def _ways(self, path: str) -> list[str]:
        """Link to all links of a document, and to its states in time (RFC 7089, section 4.2)."""
        root = self._root
        linkset = self._here.with_language(f"{root}/linkset/{path}")
        links = [
            f'<{linkset}>; rel="linkset"; type="{LINKSET}"',
            f'<{root}/timegate/{path}>; rel="timegate"',
            f'<{root}/timemap/{path}>; rel="timemap"; type="{LINK_FORMAT}"',
        ]
        if self._release:
            links.append(f'<{root}/{path}>; rel="original"')
        return links


def headers_of(edition: Edition, here: Here) -> DocumentHeaders:
    """Give what writes the headers of the documents of an edition, made once for each place."""
    known = edition.once(_known)
    found = known.get(here)
    if found is None:
        found = known[here] = DocumentHeaders(edition.store.release, here)
    return found


def _known(_: Edition) -> dict[Here, DocumentHeaders]:
    """Keep what writes headers by where links begin: a few places."""
    return {}
