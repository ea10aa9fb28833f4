"""The page about a thing that is gone: its last data, and what took its place."""

import pyoxigraph as ox
from flask import render_template

from metropole.store.reading import ReadingStore
from metropole.web import addresses, languages
from metropole.web.entity.rows import Rows
from metropole.web.entity.said import named_nodes
from metropole.web.labels import Labels
from metropole.web.responses.document_formats import variants
from metropole.web.serving.tombstones import Tombstone
from metropole.web.values.shown_values import Value


def gone_page(store: ReadingStore, found: Tombstone) -> str:
    """Render what is left of a thing: its last data, and what took its place."""
    node = ox.NamedNode(found.iri)
    last = found.last or store
    about = last.about(node)
    labels = Labels(last, [*named_nodes(about), node], languages=languages.liked())
    rows = Rows(last, labels, about)
    successors = Labels(store, found.replaced_by, languages=languages.liked())
    return render_template(
        "gone.html",
        iri=found.iri,
        name=labels.of(node),
        when=found.when.value if found.when else "",
        replaced_by=[
            Value(successors.of(each), rows.address(each), rows.is_local(each))
            for each in found.replaced_by
        ],
        last=found.last.release if found.last else None,
        is_lost=found.is_lost,
        document=addresses.document_of(found.iri, base=store.release.manifest.content.base),
        rows=rows.rows(node),
        variants=variants(found.iri, store.release.manifest.content.base, addresses.here()),
    )
