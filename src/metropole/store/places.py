"""Write the things that have a place as GeoJSON (RFC 7946), a file for each class."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from metropole.graph.names import Names
from metropole.release import Content
from metropole.store import FOLDER as STORE
from metropole.store import things
from metropole.store.geometry import Geometry, geometry
from metropole.store.things import Thing
from metropole.vocab import RDF

FOLDER = "geo"
INDEX = f"{FOLDER}/index.json"
_GEO = "http://www.opengis.net/ont/geosparql#"
_POSITION = "http://www.w3.org/2003/01/geo/wgs84_pos#"
_HAS = (_GEO + "hasDefaultGeometry", _GEO + "hasGeometry")
_IS = (_GEO + "asGeoJSON", _GEO + "asWKT")


@dataclass(frozen=True)
class Layer:
    """A class with the things of it that have a place."""

    name: str
    kind: str
    features: list[bytes]


def write_places(folder: Path, content: Content) -> list[str]:
    """Write the files below the folder of a release and give their names; none without a place."""
    store = ox.Store.read_only(str(folder / STORE))
    layers = _layers(store, content)
    if not layers:
        return []
    (folder / FOLDER).mkdir()
    names = [INDEX]
    for layer in layers:
        names.append(f"{FOLDER}/{layer.name}.geojson")
        _write(folder / names[-1], layer.features)
    listed = [
        {"name": layer.name, "class": layer.kind, "features": len(layer.features)}
        for layer in layers
    ]
    (folder / INDEX).write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    return names


def _layers(store: ox.Store, content: Content) -> list[Layer]:
    placed = _placed(store)
    if not placed:
        return []
    labels = things.names(store, placed, content.languages)
    kinds: dict[str, list[bytes]] = {}
    for thing in sorted(placed, key=lambda thing: thing.value):
        feature = _feature(thing, placed[thing], labels.get(thing))
        for kind in things.values(store, thing, RDF + "type"):
            if isinstance(kind, ox.NamedNode):
                kinds.setdefault(kind.value, []).append(feature)
    names = Names(content.prefixes)
    layers = [
        Layer(layer_name(kind, names, content.base), kind, found) for kind, found in kinds.items()
    ]
    return sorted(layers, key=lambda layer: layer.name)


def layer_name(kind: str, names: Names, base: str) -> str:
    """Name the file of a class: a term of the site by itself, others with their prefix."""
    own = kind.removeprefix(f"{base}ns#")
    if own != kind and own.isidentifier():
        return own
    short = names.short(kind)
    return short.replace(":", "-") or sha256(kind.encode()).hexdigest()[:16]


def _placed(store: ox.Store) -> dict[ox.NamedNode, Geometry]:
    """Find the things that have a geometry, are one, or have a latitude and a longitude."""
    geometries: dict[Thing, Geometry] = {}
    for node, value in things.stated(store, *_IS):
        if node not in geometries and isinstance(value, ox.Literal):
            found = geometry(value)
            if found is not None:
                geometries[node] = found
    _add_positions(store, geometries)
    placed: dict[ox.NamedNode, Geometry] = {}
    parts = set[Thing]()
    for thing, value in things.stated(store, *_HAS):
        if isinstance(thing, ox.NamedNode) and isinstance(value, Thing) and value in geometries:
            placed.setdefault(thing, geometries[value])
            parts.add(value)
    for node, shape in geometries.items():
        if isinstance(node, ox.NamedNode) and node not in parts:
            placed.setdefault(node, shape)
    return placed


def _add_positions(store: ox.Store, geometries: dict[Thing, Geometry]) -> None:
    """Add what has a latitude and a longitude in the words of W3C's Basic Geo."""
    latitudes = dict(things.stated(store, _POSITION + "lat"))
    for node, value in things.stated(store, _POSITION + "long"):
        other = latitudes.get(node)
        if isinstance(value, ox.Literal) and isinstance(other, ox.Literal):
            text = f"POINT({value.value} {other.value})"
            found = geometry(ox.Literal(text, datatype=ox.NamedNode(_GEO + "wktLiteral")))
            if found is not None:
                geometries.setdefault(node, found)


def _feature(thing: ox.NamedNode, place: Geometry, name: ox.Literal | None) -> bytes:
    properties = {"name": name.value if name else None, "iri": thing.value}
    if name is not None and name.language:
        properties["language"] = name.language
    told = {"type": "Feature", "id": thing.value, "geometry": place, "properties": properties}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _write(path: Path, features: Iterable[bytes]) -> None:
    """Write a collection, a feature on each line."""
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[')
        between = b"\n"
        for feature in features:
            file.write(between + feature)
            between = b",\n"
        file.write(b"\n]}\n")
