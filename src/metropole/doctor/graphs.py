"""Read what comes back as RDF, and tell whether two graphs are one."""

from collections.abc import Iterator

import pyoxigraph as ox

from metropole.doctor.visits import Reply
from metropole.formats import GRAPH_FORMATS, GraphFormat

#: What pyoxigraph says when JSON-LD wants a context from the network.
_REMOTE = "LoadDocument"


class NotReadable(Exception):
    """It is no RDF, or not well-formed; the message says what is wrong."""


class NeedsNetwork(NotReadable):
    """It cannot be read without a document of somebody else."""


def format_of(media_type: str) -> GraphFormat | None:
    """Find the RDF syntax of a media type; what is served as plain text is none."""
    return next((each for each in GRAPH_FORMATS if each.media_type == media_type), None)


def quads_of(reply: Reply) -> list[ox.Quad]:
    """Read an answer by its media type; raises NotReadable."""
    syntax = format_of(reply.media_type)
    if syntax is None:
        raise NotReadable(f"it is {reply.media_type or 'of no type'}, which is no RDF")
    if not reply.is_whole:
        raise NotReadable("it was cut before its end")
    try:
        return list(ox.parse(reply.body, format=syntax.syntax, base_iri=reply.address))
    except (SyntaxError, ValueError) as error:
        if _REMOTE in str(error):
            raise NeedsNetwork("its context has to be fetched from somewhere else") from error
        raise NotReadable(str(error)) from error


def canonical(quads: list[ox.Quad]) -> frozenset[str]:
    """Name blank nodes by what is said of them (RDFC-1.0), graphs left out."""
    found = ox.Dataset(ox.Quad(*quad.triple) for quad in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, found))


def values(quads: list[ox.Quad], predicate: str, subject: object = None) -> Iterator[str]:
    """Go through the IRIs and texts that a property leads to, of one subject or of all."""
    wanted = ox.NamedNode(predicate)
    for quad in quads:
        if quad.predicate == wanted and subject in (None, quad.subject):
            value = quad.object
            if isinstance(value, ox.NamedNode | ox.Literal):
                yield value.value


def subjects(quads: list[ox.Quad], predicate: str, value: str) -> list[ox.NamedNode]:
    """List the IRIs that have an IRI as the value of a property, each once."""
    wanted = (ox.NamedNode(predicate), ox.NamedNode(value))
    found = (quad.subject for quad in quads if (quad.predicate, quad.object) == wanted)
    return [node for node in dict.fromkeys(found) if isinstance(node, ox.NamedNode)]
