"""Write a site of any size, the same bytes for the same size: material for the benches.

python bench/generate.py FOLDER --triples 1000000
"""

import argparse
import random
from pathlib import Path

TRIPLES_PER_PLACE = 10
SETTINGS = """\
title = "Generated places"
base = "https://places.example/"
"""
ONTOLOGY = """\
@prefix : <ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

:Place a owl:Class ; rdfs:label "place"@en .
:Town a owl:Class ; rdfs:subClassOf :Place ; rdfs:label "town"@en .
:Park a owl:Class ; rdfs:subClassOf :Place ; rdfs:label "park"@en .
:population a owl:DatatypeProperty ; rdfs:label "population"@en .
:area a owl:DatatypeProperty ; rdfs:label "area"@en .
:founded a owl:DatatypeProperty ; rdfs:label "founded"@en .
:near a owl:ObjectProperty ; rdfs:label "near"@en .
:within a owl:ObjectProperty ; rdfs:label "within"@en .
"""
SHAPES = """\
@prefix : <ns#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<shapes#PlaceShape> a sh:NodeShape ; sh:targetClass :Place ;
  sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:uniqueLang true ;
      sh:datatype rdf:langString ; sh:message "A place has one label for each language."@en ] ,
    [ sh:path :population ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ;
      sh:minInclusive 0 ; sh:message "A place has one population, a whole number."@en ] ,
    [ sh:path :area ; sh:maxCount 1 ; sh:datatype xsd:decimal ;
      sh:message "An area is a decimal number."@en ] ,
    [ sh:path :founded ; sh:maxCount 1 ; sh:datatype xsd:date ;
      sh:message "The founding is a date."@en ] ,
    [ sh:path :near ; sh:class :Place ; sh:message "A place is near another place."@en ] .
"""
PREFIXES = """\
@prefix : <ns#> .
@prefix p: <id/place/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def place(number: int, of: int, chance: random.Random) -> str:
    """Give the ten statements of one place as Turtle."""
    kind = "Park" if number % 4 == 0 else "Town"
    near = sorted({chance.randrange(of - 1), of - 1})
    return (
        f"p:{number} a :{kind} ;\n"
        f'  rdfs:label "Place {number}"@en , "Vietovė {number}"@lt , "Ort {number}"@de ;\n'
        f"  :population {chance.randrange(1, 4_000_000)} ;\n"
        f"  :area {chance.randrange(1, 900)}.{chance.randrange(1, 10)} ;\n"
        f'  :founded "{1100 + number % 900}-0{1 + number % 9}-{10 + number % 18}"^^xsd:date ;\n'
        f"  :within p:{number // 100} ;\n"
        f"  :near p:{near[0]} , p:{near[1]} .\n"
    )


def write_site(folder: Path, *, triples: int, wrong: int = 0) -> None:
    """Write a site of about `triples` statements, the last `wrong` places without population."""
    places = max(2, triples // TRIPLES_PER_PLACE)
    chance = random.Random(0)
    for name, text in (
        ("metropole.toml", SETTINGS),
        ("ontology/places.ttl", ONTOLOGY),
        ("shapes/places.ttl", SHAPES),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    data = folder / "data" / "places.ttl"
    data.parent.mkdir(exist_ok=True)
    with data.open("w", encoding="utf-8") as file:
        file.write(PREFIXES)
        for number in range(places):
            text = place(number, places, chance)
            if number >= places - wrong:
                text = text.replace(":population", ":inhabitants")
            file.write(text)


def main() -> None:
    """Read the command line and write the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--wrong", type=int, default=0, help="places that break a shape")
    options = parser.parse_args()
    write_site(options.folder, triples=options.triples, wrong=options.wrong)


if __name__ == "__main__":
    main()
