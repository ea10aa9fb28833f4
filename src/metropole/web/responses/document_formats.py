"""The formats of a document, each with its address."""

from typing import NamedTuple

from metropole.formats import GRAPH_FORMATS
from metropole.web import addresses


class Format(NamedTuple):
    """A format of a document, and the address of that."""

    name: str
    media_type: str
    address: str


def variants(iri: str, base: str, here: addresses.Here) -> list[Format]:
    """List the formats of a document with their addresses."""
    return [
        Format(
            syntax.name,
            syntax.media_type,
            here.document_of(iri, base=base, extension=syntax.extension) or "",
        )
        for syntax in GRAPH_FORMATS
    ]
