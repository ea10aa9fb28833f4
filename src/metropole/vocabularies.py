"""The names that published vocabularies have, as rdflib lists them, to find those mistyped."""

import re
from functools import cache

from rdflib import namespace as lists

from metropole import vocab
from metropole.near import distance

#: What the lists lack: RDF 1.2 and the syntax of RDF/XML, DCAT 3.
_MORE = {
    vocab.RDF: "dirLangString Description about li datatype resource parseType",
    vocab.DCAT: "DatasetSeries first hasCurrentVersion hasVersion inSeries isVersionOf last next "
    "prev previousVersion resource seriesMember version nextVersion inCatalog",
}
_LISTS = {
    str(names): names
    for names in (
        *(lists.RDF, lists.RDFS, lists.OWL, lists.SKOS, lists.DCTERMS, lists.PROV),
        *(lists.SDO, lists.FOAF, lists.DCAT, lists.VOID, lists.ORG, lists.TIME, lists.QB),
    )
}
#: The namespaces whose names are known; that of schema.org has two spellings.
NAMESPACES = (*_LISTS, "http://schema.org/")
#: The namespaces of vocabularies that are well known, each in the spelling that is followed here.
WELL_KNOWN = frozenset(
    {
        *(name for name in vars(vocab).values() if isinstance(name, str) and "://" in name),
        *(str(names) for names in _LISTS.values()),
        *(str(each) for each in (lists.DC, lists.DCAM, lists.DCMITYPE, lists.DOAP, lists.ODRL2)),
        *(str(each) for each in (lists.PROF, lists.SOSA, lists.SSN, lists.VANN, lists.BRICK)),
        *vocab.WELL_KNOWN_PREFIXES.values(),
    }
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*\Z")
#: From this length on, two letters may be wrong: lists are never quite complete, and a name that
#: is only alike may be one that is younger than they are.
_LONG = 8


@cache
def names(namespace: str) -> frozenset[str]:
    """List the local names of a vocabulary; of one that is not known there are none."""
    listed = _LISTS.get(vocab.SCHEMA if namespace == "http://schema.org/" else namespace)
    if listed is None:
        return frozenset()
    found = {str(term).removeprefix(str(listed)) for term in dir(listed)}
    return frozenset({*found, *_MORE.get(namespace, "").split()})


def split(iri: str) -> tuple[str, str]:
    """Take an IRI apart into the namespace of a known vocabulary and a name, else nothing."""
    name = iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :]
    namespace = iri.removesuffix(name)
    is_name = namespace in NAMESPACES and _NAME.match(name)
    return (namespace, name) if is_name else ("", "")


def nearest(namespace: str, name: str) -> str:
    """Give the name of a vocabulary that one it lacks was meant to be, or the empty string.

    It is one from which a letter or two are left out, added, changed or swapped.
    """
    known = names(namespace)
    if name in known:
        return ""
    most = 1 if len(name) < _LONG else 2
    near = [each for each in known if abs(len(each) - len(name)) <= most]
    found = sorted((distance(name, each), each) for each in near)
    return next((each for edits, each in found if edits <= most), "")
