"""Write the things that have a place as GeoJSON (RFC 7946), a file for each class."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from metropole.geometry import WKT, Geometry, geometry
from metropole.graph.names import Names
from metropole.release.manifest import Content
from metropole.release.things import Things, Words, literal
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


def write_places(folder: Path, content: Content, things: Things) -> list[str]:
    """Write the files below the folder of a release and give their names; none without a place."""
    layers = _layers(things, content)
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


def _layers(things: Things, content: Content) -> list[Layer]:
    kinds: dict[str, list[bytes]] = {}
    for thing, place in sorted(_placed(things).items()):
        feature = _feature(thing[1:-1], place, things.name(thing, content.languages))
        for kind in things.values(thing, RDF + "type"):
            if kind.startswith("<"):
                kinds.setdefault(kind[1:-1], []).append(feature)
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


def _placed(things: Things) -> dict[str, Geometry]:
    """Find the things that have a geometry, are one, or have a latitude and a longitude."""
    geometries: dict[str, Geometry] = {}
    for node, value in things.stated(*_IS):
        words = literal(value)
        found = geometry(words.text, words.datatype) if words else None
        if found is not None:
            geometries.setdefault(node, found)
    _add_positions(things, geometries)
    placed: dict[str, Geometry] = {}
    parts = set[str]()
    for thing, value in things.stated(*_HAS):
        if thing.startswith("<") and value in geometries:
            placed.setdefault(thing, geometries[value])
            parts.add(value)
    for node, shape in geometries.items():
        if node.startswith("<") and node not in parts:
            placed.setdefault(node, shape)
    return placed


def _add_positions(things: Things, geometries: dict[str, Geometry]) -> None:
    """Add what has a latitude and a longitude in the words of W3C's Basic Geo."""
    latitudes = dict(things.stated(_POSITION + "lat"))
    for node, value in things.stated(_POSITION + "long"):
        longitude, latitude = literal(value), literal(latitudes.get(node, ""))
        if longitude and latitude:
            found = geometry(f"POINT({longitude.text} {latitude.text})", WKT)
            if found is not None:
                geometries.setdefault(node, found)


def _feature(iri: str, place: Geometry, name: Words | None) -> bytes:
    properties = {"name": name.text if name else None, "iri": iri}
    if name is not None and name.language:
        properties["language"] = name.language
    told = {"type": "Feature", "id": iri, "geometry": place, "properties": properties}
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
