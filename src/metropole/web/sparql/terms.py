"""What the editor completes: prefixes, classes and properties of the release, counted at build."""

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, jsonify

from metropole.vocab import LABEL_PROPERTIES, OWL, RDF
from metropole.web import languages
from metropole.web.labels import Labels
from metropole.web.responses import cacheable
from metropole.web.serving import Edition, current_edition

blueprint = Blueprint("terms", __name__)
_PROPERTY_CLASSES = (
    RDF + "Property",
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
)


@blueprint.get("/-/terms.json")
def terms() -> Response:
    """Tell the prefixes, classes and properties of the release, with how often they are used."""
    edition = current_edition()
    manifest = edition.store.release.manifest
    response = jsonify(
        prefixes=manifest.content.prefixes,
        classes=_described(edition, manifest.classes),
        properties=_described(edition, _properties(edition)),
    )
    return cacheable(response, edition.id, "terms", is_in_languages=True)


def _properties(edition: Edition) -> Mapping[str, int]:
    """Give the properties counted at build; a release without counts, those it defines."""
    counted: dict[str, int] | None = getattr(edition.store.release.manifest, "properties", None)
    if counted:
        return counted
    defined = {
        member.value
        for kind in _PROPERTY_CLASSES
        for member in edition.store.members(ox.NamedNode(kind))
    }
    return dict.fromkeys(sorted({*defined, *LABEL_PROPERTIES, RDF + "type"}), 0)


def _described(edition: Edition, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Name some terms, the most used first."""
    nodes = [ox.NamedNode(iri) for iri in counts]
    labels = Labels(edition.store, nodes, languages=languages.liked())
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"iri": iri, "count": count, "label": labels.term(ox.NamedNode(iri)).text}
        for iri, count in ranked
    ]
